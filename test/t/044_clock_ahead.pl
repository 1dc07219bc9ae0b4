# A region whose clock ran ahead: once the clock is right and the region's owner has said so, what is said counts and answers at once; what
# was said while it ran ahead counts from then on; answers of before stay. Needs a server whose clock moves.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../lib";
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Regions;
use Test::More;

my $HOUR = 3600;
my @queries = map { quoted("{0: \"tag:x\", 1: $_}") } '{0: 2, 1: {0: [[{1: "ACME"}]]}, 2: 0}', '{3: [[0, "kept"], [0, "lapses"], [2, "new"]]}';
my %recorded;

my $node = new_region('region');

sub sql { return $node->safe_psql('postgres', $_[0]); }

sub restart
{
	$node->stop('immediate');
	start_region($node, $_[0]);
	return;
}

# The instant that is so many hours from now, in seconds.
sub instant { return sql("SELECT floor(extract(epoch FROM clock_timestamp() + interval '$_[0] h'))::bigint"); }
sub until_instant { return ", 4: {1: 1($_[0])}"; }
sub load { return sql('SELECT rim.load(' . signed('acme', @_) . ')'); }
sub tags { return sql(q{SELECT coalesce(string_agg(tag_id || ' ' || tag_version, ', ' ORDER BY tag_id), '') FROM rim.tags_at(NULL)}); }
sub answer { return sql("SELECT encode(rim.execute($queries[$_[1]], '$_[0]')::bytea, 'hex')"); }

# Answers of now, and their moments.
sub record
{
	my ($when) = @_;

	push @{ $recorded{$when} }, [ $_, split /\|/, sql("SELECT moment, encode(result::bytea, 'hex') FROM rim.execute_now($queries[$_])") ] for 0 .. $#queries;
	return;
}

sub stays
{
	my ($when, $what) = @_;

	is(scalar(grep { answer($_->[1], $_->[0]) ne $_->[2] } @{ $recorded{$when} }), 0, $what);
	is(sql('SET coserv.direct_lookups = off; SELECT count(*) FROM (VALUES '
			  . join(', ', map { "('$_->[1]'::timestamptz, $queries[$_->[0]]::coserv.coserv, '$_->[2]')" } @{ $recorded{$when} })
			  . ") v (at, query, said) WHERE encode(rim.execute(query, at)::bytea, 'hex') <> said"), 0, "$what, by plans too");
	return;
}

sql("INSERT INTO rim.authority (name, key) VALUES ('acme', " . literal('acme.pub') . ')');
my $six = instant(6);
load('kept');
load('lapses', more => until_instant($six));
load('lapses, revoked', more => until_instant($six));
load('replaced');
sql('SELECT rim.seal_audit()');
record('before');
is(tags(), 'kept 0, lapses 0, lapses, revoked 0, replaced 0', 'all counts');

# ---- ahead ----

restart(12 * $HOUR);
is(tags(), 'kept 0, replaced 0', 'where the clock is half a day ahead, what lapses has lapsed');
load('kept again', tag => 'kept', version => 1);
load('ahead');
load('ahead, revoked');
sql(q{SELECT rim.revoke(authority => 'acme', tag_id => 'lapses, revoked', reason => 'test', effective_from => now() - interval '1 day')});
sql(q{SELECT rim.revoke(authority => 'acme', tag_id => 'ahead, revoked', reason => 'test', effective_from => now() - interval '1 day')});
sql(q{SELECT rim.set_policy(refuse_older => true)});
sql('SELECT rim.seal_audit()');
stays('before', 'what was answered before is answered again');
is(tags(), 'ahead 0, kept 1, replaced 0', 'what is said there counts there');

# ---- the clock is right again ----

restart(0);
my $new = until_instant($six);
load('new', more => $new);
is(tags(), 'ahead 0, kept 1, replaced 0', 'its answers are as of moments that lie ahead: what is new and ends before them does not answer');
is(sql("SELECT rim.moment() > clock_timestamp() + interval '1 h'"), 't', 'which they tell');
sql(q{SELECT rim.end_clock_ahead('its clock ran half a day ahead')});
is(sql('SELECT rim.moment() <= clock_timestamp()'), 't', 'the call ends that');
my $counts = 'ahead 0, kept 1, lapses 0, new 0, replaced 0';
is(tags(), $counts, 'what was said counts from then on, and what was revoked is');
stays('before', 'what was answered before is answered again after the call');
record('right');
my $cursor = sql('SELECT rim.cursor()');
load('newer');
is(tags(), 'ahead 0, kept 1, lapses 0, new 0, newer 0, replaced 0', 'what is loaded answers at once');
record('right');
load('replaced again', tag => 'replaced', version => 5);
sql(q{SELECT rim.revoke(authority => 'acme', tag_id => 'ahead', reason => 'test')});
sql(q{UPDATE rim.authority SET note = 'said now' WHERE name = 'acme'});
is(tags(), 'kept 1, lapses 0, new 0, newer 0, replaced 5', 'what is superseded or revoked does not');
record('right');
sql('SELECT rim.seal_audit()');
stays('right', 'each answer is given again as of its moment');
is(sql("SELECT string_agg(DISTINCT name, ', ' ORDER BY name) FROM rim.changes('$cursor') WHERE known_at <= clock_timestamp()"), 'ahead, newer, replaced, replaced again',
	'changes() tells what has changed, and when by the clock');
is(sql("SELECT count(*) FROM rim.changes('$cursor') WHERE known_at > clock_timestamp()"), 0, 'all of it');
is(sql(q{SELECT rim.end_clock_ahead('once more')}), 0, 'called once more, there is nothing');
stays('right', 'and nothing changes');
is(sql(q{SELECT count(*) FROM rim.settled WHERE known_at < moment}), 0, 'what is known is never known before it was');
like(sql(q{SELECT rim.explore_environment('{0: {0: 560(h''07''), 1: "ACME"}}')}), qr/kept/, 'what an environment had is shown');

# writers at once, and a reader beside them
{
	my @writers = map {
		my $version = $_;
		my $file = PostgreSQL::Test::Utils::tempdir() . "/writer$version.sql";

		append_to_file($file, join '', map { 'SELECT rim.load(' . signed('acme', "many $_ $version", tag => "many-$_", version => $version) . ");\n" } 1 .. 20);
		IPC::Run::start([ $node->installed_command('psql'), '-X', '-q', '-d', $node->connstr('postgres'), '-f', $file ], '<', \undef, '>', \my $o, '2>', \my $e);
	} 0 .. 2;
	record('right') for 1 .. 10;
	$_->finish for @writers;
}
like(tags(), qr/^(?!.*many-\d+ [01]).*many-20 2/, 'of a tag\'s versions one counts');
stays('right', 'each answer beside other writers is given again');

# A store that is given the same truth says the same.
sql(q{SELECT coserv.create_store('other'); SET session_replication_role = replica; INSERT INTO other.truth SELECT * FROM rim.truth});
is(sql(q{SELECT count(*) FROM (SELECT manifest, tag, kind FROM rim.triples_at(NULL) EXCEPT SELECT manifest, tag, kind FROM other.triples_at(NULL)) s}), 0, 'as another store does that has the same truth');
is(sql(q{SELECT count(*) FROM other.triples_at(NULL)}), sql(q{SELECT count(*) FROM rim.triples_at(NULL)}), 'and no more');

# ---- the clock gets to where it was ----

restart(13 * $HOUR);
stays($_, "what was answered $_ is answered again") for qw(before right);
load('later');
like(tags(), qr/^kept 1, later 0, many-1 2/, 'what is said then counts, what lapses has lapsed');
is(sql('SELECT moment FROM rim.settled ORDER BY known_at DESC LIMIT 1'), '', 'and moments are one again');
record('later');
stays($_, "what was answered $_ is answered again") for qw(before right later);
is(sql(q{SELECT (SELECT count(*) FROM rim.check()), (SELECT count(*) FROM rim.verify()), (SELECT count(*) FROM rim.verify_audit())}), '0|0|0', 'nothing is wrong with the store, nor with what was sealed');
done_testing();
