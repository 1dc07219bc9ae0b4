# What a session on a standby keeps of a store: forgotten as soon as replay has brought a change, in the order in which a standby comes to
# know of it (visible first, told of afterwards). After each act at the primary a session that answers by what it keeps is asked, and as of
# the moment of its answer, and of all before, a new session gives the same bytes by plans; and sessions that ask all the time while replay goes on never answer
# with less than they have seen.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../lib";
use IPC::Run;
use PostgreSQL::Test::BackgroundPsql;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Session;
use Test::More;

my $VERSIONS = 300;
my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(allows_streaming => 1);
$node->append_conf('postgresql.conf', "client_min_messages = error\nfsync = off\nwal_receiver_status_interval = 100ms\n");
$node->start;
$node->safe_psql('postgres', q{CREATE EXTENSION coserv; SELECT coserv.create_store('rim');
	INSERT INTO rim.authority (name, key, accepts_unsigned) VALUES ('one', '560(h''01'')', true), ('two', '560(h''02'')', true);
	CREATE FUNCTION doc(tag text, version int) RETURNS coserv.document LANGUAGE sql AS $$
		SELECT format('501({0: "%1$s-%2$s", 1: [506(<<{1: {0: "%1$s", 1: %2$s}, 4: {0: [[{0: {1: "V"}}, [{1: {1: %2$s}}]]]}}>>)]})', tag, version)::coserv.corim::bytea::coserv.document $$;
	CREATE FUNCTION query() RETURNS coserv.coserv LANGUAGE sql IMMUTABLE AS $$ SELECT '{0: "tag:example.com,2026:p", 1: {0: 2, 1: {0: [[{1: "V"}]]}, 2: 0}}'::coserv.coserv $$;
	CREATE TABLE asked (moment timestamptz);
	CREATE PROCEDURE write(versions int) LANGUAGE plpgsql AS $$
	BEGIN
		FOR v IN 1..versions LOOP
			PERFORM rim.load(doc('watched', v), 'one');
			COMMIT;
		END LOOP;
	END $$;
	-- until the last version is answered: how often an answer was older than what was seen before it, and how many versions were answered
	CREATE PROCEDURE watch(versions int, INOUT behind int DEFAULT 0, INOUT answered int DEFAULT 0) LANGUAGE plpgsql AS $$
	DECLARE seen numeric; answer numeric; last numeric := 0; manifests uuid[];
	BEGIN
		WHILE last < versions LOOP
			SELECT COALESCE(max(tag_version), 0) INTO seen FROM rim.tag WHERE tag_id = 'watched';
			manifests := ARRAY(SELECT q.manifest FROM rim.quads(query()) q);
			SELECT COALESCE(max(tag_version), 0) INTO answer FROM rim.tag WHERE manifest = ANY (manifests) AND tag_id = 'watched';
			behind := behind + (answer < seen)::int;
			answered := answered + (answer > last)::int;
			last := answer;
			COMMIT; -- what is held for long stands in the way of replay
		END LOOP;
	END $$;});
$node->backup('copy');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'copy', has_streaming => 1);
$standby->start;
my $session = $standby->background_psql('postgres');

my $past = q{SELECT md5(string_agg(md5(rim.execute_bytes(query(), moment)), ',' ORDER BY moment)) FROM asked};

sub count { return $session->query_safe('SELECT count(*) FROM rim.quads(query())'); }

sub act
{
	my ($what, $sql, $count) = @_;

	$node->safe_psql('postgres', $sql);
	$node->wait_for_catchup($standby);
	my ($answer, $moment, $quads) = split /\|/, $session->query_safe(q{SELECT md5(e.result::bytea), e.moment, (SELECT count(*) FROM rim.quads(query())) FROM coserv.execute_now('rim', query()) e});
	my ($again, $of_past) = split /\n/, $standby->safe_psql('postgres', qq{SET coserv.direct_lookups = off; SELECT md5(rim.execute_bytes(query(), '$moment')); $past});
	is($again, $answer, "after $what: the same from scratch");
	is($session->query_safe("$past; $past"), "$of_past\n$of_past", "after $what: the same of all moments of before");
	is($quads, $count, "after $what: $count triples");
	$node->safe_psql('postgres', "INSERT INTO asked VALUES ('$moment')");
	return;
}

act('a document', q{SELECT rim.load(doc('a', 1), 'one')}, 1);
act('a newer version', q{SELECT rim.load(doc('a', 2), 'one')}, 1);
act('another authority', q{SELECT rim.load(doc('b', 1), 'two')}, 2);
act('a revocation', q{SELECT rim.revoke(manifest => id, reason => 'r') FROM rim.manifest WHERE corim_id = 'a-2'}, 2);
act('undoing it', q{SELECT rim.unrevoke(id, 'u') FROM rim.revocation}, 2);
act('a policy', q{SELECT rim.set_policy(require_cotl => true)}, 0);
act('another policy', q{SELECT rim.set_policy(require_cotl => false)}, 2);
act('the end of an authority', q{UPDATE rim.authority SET valid_until = '2020-01-01' WHERE name = 'two'}, 1);
act('a table written anew', 'VACUUM FULL rim.triple', 1);
act('its return', q{UPDATE rim.authority SET valid_until = NULL WHERE name = 'two'}, 2);
act('forgetting', q{SELECT rim.forget(id, 'f') FROM rim.manifest WHERE corim_id = 'a-2'}, 2);
act('a hand at triple', q{DELETE FROM rim.triple WHERE manifest = (SELECT id FROM rim.manifest WHERE corim_id = 'b-1')}, 1);

# that it keeps anything: without these triggers it does not hear of the end of an authority
my @tables = qw(settled policy manifest manifest_life authority_life tag_life);
my $quiet = sub { $node->safe_psql('postgres', $_[0]); $node->wait_for_catchup($standby) };
$quiet->(join ';', map { "ALTER TABLE rim.$_ DISABLE TRIGGER forget" } @tables);
is(count(), 1, 'what is there');
$quiet->(q{UPDATE rim.authority SET valid_until = '2020-01-01' WHERE name = 'one'});
is(count(), 1, 'without triggers a session that keeps something does not hear of it');
$quiet->(join ';', map { "ALTER TABLE rim.$_ ENABLE ALWAYS TRIGGER forget" } @tables);
is(count(), 0, 'with them it does');
$quiet->(q{UPDATE rim.authority SET valid_until = NULL WHERE name = 'one'});

# A commit that is visible and that nobody has been told of: replay stands still between the two. Sessions must be there before, as a new
# one would wait, too.
my $dir = PostgreSQL::Test::Utils::tempdir();
chomp(my $include = `pg_config --includedir-server`);
system_or_bail('cc', '-O1', '-shared', '-fPIC', "-I$include", '-o', "$dir/hold.so", "$FindBin::RealBin/../lib/hold.c");
$node->safe_psql('postgres', "CREATE FUNCTION hold_telling(path text) RETURNS void LANGUAGE c AS '$dir/hold', 'hold_telling'");
$node->wait_for_catchup($standby);
my $visible = Session->new($standby);
for my $round (1 .. 3)
{
	my $holder = Session->new($standby);

	is(count(), $round, "round $round: what is there, kept");
	$visible->run('SELECT count(*) FROM rim.tag');
	$holder->begin("SELECT hold_telling('$dir/release $round')");
	select undef, undef, undef, 0.01 until -e "$dir/release $round held";
	$node->safe_psql('postgres', "SELECT rim.load(doc('held $round', 1), 'one')");
	$visible->run('SELECT pg_sleep(0.05)') until $visible->run("SELECT count(*) FROM rim.tag WHERE tag_id = 'held $round'") eq "1\n";
	is(count(), $round + 1, "round $round: what is visible is answered, though nobody was told of it");
	append_to_file("$dir/release $round", '');
	$holder->end;
	$holder->close;
	$node->wait_for_catchup($standby);
	is(count(), $round + 1, "round $round: and once they were told");
}
$visible->close;
$quiet->(q{SELECT rim.revoke(authority => 'one', tag_id => 'held ' || i, reason => 'test') FROM generate_series(1, 3) i});

# while replay goes on
my @watchers = map {
	my %w = (out => '');
	$w{run} = IPC::Run::start([ $standby->installed_command('psql'), '-X', '-A', '-t', '-d', $standby->connstr('postgres'), '-c', "CALL watch($VERSIONS)" ],
		'<', \undef, '>', \$w{out});
	\%w
} 1 .. 3;
$standby->poll_query_until('postgres', q{SELECT count(*) = 3 FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'CALL watch%'})
  or die 'nobody watches';
$node->safe_psql('postgres', "CALL write($VERSIONS)");
for my $watcher (@watchers)
{
	$watcher->{run}->finish;
	like($watcher->{out}, qr/^\d+\|\d+$/, 'a session watches to the end');
	my ($behind, $answered) = split /\|/, $watcher->{out} =~ s/\s+//gr;
	is($behind, 0, 'no answer is older than what was seen before it');
	note("$answered versions were answered on the way");
}

# a standby that becomes a primary forgets as one
$session->query_safe('SELECT 1');
$standby->promote;
$standby->poll_query_until('postgres', 'SELECT NOT pg_is_in_recovery()') or die 'it is not promoted';
is(count(), 2, 'what was kept on the standby is answered by the primary that it has become');
$standby->safe_psql('postgres', q{SELECT rim.load(doc('c', 1), 'two')});
is(count(), 3, 'and forgotten when that changes');
$session->quit;
done_testing();
