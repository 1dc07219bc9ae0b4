# Moments: what is visible counts though the clock has not reached the moment from which it is known (a restart, a standby); a reader waits
# for a commit that stalls for a second, once a statement, and is told what it was answered instead; a deferred trigger of the user's loses
# nothing. Needs servers with clocks of their own, and sessions at once: psql alone cannot show it.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../lib";
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Regions;
use Test::More;
use Time::HiRes qw(time);

my $MINUTE = 60;
my $query = quoted('{0: "tag:x", 1: {0: 2, 1: {0: [[{1: "ACME"}]]}, 2: 2}}');
my $tags = q{SELECT string_agg(tag_id, ' ' ORDER BY tag_id) FROM rim.tags_at(NULL)};

sub answer
{
	my ($node, $as_of) = @_;
	return $node->safe_psql('postgres', "SELECT encode(rim.execute($query" . ($as_of ? ", '$as_of'" : '') . ")::bytea, 'hex')");
}

sub answer_now { return split /\|/, $_[0]->safe_psql('postgres', "SELECT moment, encode(result::bytea, 'hex') FROM rim.execute_now($query)"); }

# ---- a clock that is behind ----

my $node = new_region('primary', clock => $MINUTE);
$node->safe_psql('postgres', "INSERT INTO rim.authority (name, key) VALUES ('acme', " . literal('acme.pub') . ')');
$node->safe_psql('postgres', 'SELECT ' . join ', ', map { 'rim.load(' . signed('acme', $_) . ')' } qw(kept revoked withdrawn));
$node->safe_psql('postgres', "SELECT rim.revoke(authority => 'acme', tag_id => 'revoked', reason => 'test')");
my ($then, $said) = answer_now($node);
is($node->safe_psql('postgres', $tags), 'kept withdrawn', 'what was revoked does not answer');

$node->backup('copy');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'copy', has_streaming => 1);
start_region($standby, -$MINUTE);
$node->safe_psql('postgres', "UPDATE rim.authority SET tag_ids = '{kept,revoked}'");
$node->wait_for_catchup($standby, 'replay', $node->lsn('flush'));
is($standby->safe_psql('postgres', $tags), 'kept', 'a standby whose clock is two minutes behind counts what it has replayed');
my ($moment, $bytes) = answer_now($standby);
is(answer($standby, $moment), $bytes, 'and as of the moment that it tells it says the same again');
is(answer($node, $moment), $bytes, 'as its primary does');
is(answer($standby, $then), $said, 'and what was said before');
$standby->stop;

$node->stop('immediate');
start_region($node, -$MINUTE);
is($node->safe_psql('postgres', $tags), 'kept', 'a server that starts again with a clock that is behind counts what is there');
($moment, $bytes) = answer_now($node);
is(answer($node, $moment), $bytes, 'and repeats it');
is(answer($node, $then), $said, 'as it does what it said before');
$node->safe_psql('postgres', 'SELECT rim.load(' . signed('acme', 'again', tag => 'kept', version => 2) . ')');
is($node->safe_psql('postgres', 'SELECT tag_version FROM rim.tags_at(NULL)'), '2', 'what is loaded now counts now');
is(answer($node, $moment), $bytes, 'and not before');
($moment, $bytes) = answer_now($node);
$node->safe_psql('postgres', "SELECT rim.revoke(authority => 'acme', tag_id => 'kept', reason => 'test')");
is($node->safe_psql('postgres', $tags), '', 'a revocation of now counts now');
is(answer($node, $moment), $bytes, 'and not before');
$node->stop('immediate');
start_region($node, 0);

# ---- a commit that stalls: the standby that it waits for is not there ----

$node->safe_psql('postgres', "UPDATE rim.authority SET tag_ids = NULL");
$node->safe_psql('postgres', 'SELECT rim.load(' . signed('acme', 'before') . ')');
my $before = answer($node);
$node->safe_psql('postgres', "ALTER SYSTEM SET synchronous_standby_names = 'nobody'; SELECT pg_reload_conf()");
$node->poll_query_until('postgres', "SELECT current_setting('synchronous_standby_names') = 'nobody'");
my ($out, $err) = ('', '');
my $writer = IPC::Run::start([ $node->installed_command('psql'), '-X', '-q', '-d', $node->connstr('postgres'), '-c', 'SELECT rim.load(' . signed('acme', 'stalls') . ')' ],
	'<', \undef, '>', \$out, '2>', \$err);
my $waits = "SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
ok($node->poll_query_until('postgres', $waits), 'a commit stalls');

my $begun = time;
my ($code, $stdout, $stderr) = $node->psql('postgres', "SELECT count(*), count(DISTINCT rim.execute($query, NULL)::bytea) FROM generate_series(1, 20)");
my $took = time - $begun;
is($stdout, '20|1', 'twenty answers of one statement beside it');
cmp_ok($took, '<', 12, sprintf('wait once, and not long: %.1f s', $took));
like($stderr, qr/WARNING:  answered as of (.*), before a transaction that has been committing for more than a second/, 'who asks is told');
my ($told) = $stderr =~ /answered as of (.*), before a transaction/;
my ($at, $now) = ('', '');
(undef, $stdout) = $node->psql('postgres', "SELECT moment, encode(result::bytea, 'hex') FROM rim.execute_now($query)");
($at, $now) = split /\|/, $stdout;
unlike($node->safe_psql('postgres', "SELECT string_agg(tag_id, ' ') FROM rim.tags_at('$at')"), qr/stalls/, 'what stalls is not in it');
# a commit that is waited for is there already, and the standby is all that lacks
$node->safe_psql('postgres', q{SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'});
$writer->finish;
$node->safe_psql('postgres', "ALTER SYSTEM RESET synchronous_standby_names; SELECT pg_reload_conf()");
is(answer($node, $at), $now, 'once it has committed, the moment that was told gives the same bytes');
like($node->safe_psql('postgres', $tags), qr/stalls/, 'and now gives more');
is($node->safe_psql('postgres', "SELECT count(*) FROM rim.manifest_life l JOIN rim.manifest m ON m.id = l.manifest WHERE m.corim_id = 'stalls' AND l.known_at <= '$at'"), 0,
	'as it is known from behind that moment');

# A reader in the midst of many commits never waits for longer than they take.
{
	my @writers;

	for my $w (1 .. 4)
	{
		my $file = PostgreSQL::Test::Utils::tempdir() . "/writer$w.sql";

		append_to_file($file, join '', map { 'SELECT rim.load(' . signed('acme', "much $w $_", tag => "much-$_", version => $w) . ");\n" } 1 .. 40);
		push @writers, IPC::Run::start([ $node->installed_command('psql'), '-X', '-q', '-d', $node->connstr('postgres'), '-f', $file ], '<', \undef, '>', \my $o, '2>', \my $e);
	}
	my @said;

	for (1 .. 20)
	{
		my ($code, $stdout, $stderr) = $node->psql('postgres', "SELECT moment, encode(result::bytea, 'hex') FROM rim.execute_now($query)");
		push @said, [ split /\|/, $stdout ];
	}
	$_->finish for @writers;
	is(scalar(grep { answer($node, $_->[0]) ne $_->[1] } @said), 0, 'each answer beside four writers is given again as of its moment');
	is($node->safe_psql('postgres', 'SELECT count(*) FROM rim.settled WHERE moment IS NOT NULL'), 0, 'and what each of them commits is known from its moment');
}

# ---- triggers of the user's that are deferred ----

$node->safe_psql('postgres', q{
	CREATE TABLE mine (id uuid, at timestamptz);
	CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		INSERT INTO mine VALUES (NEW.id, clock_timestamp());
		IF to_jsonb(NEW) ->> 'corim_id' = 'first' THEN PERFORM rim.revoke(manifest => NEW.id, reason => 'by trigger'); END IF;
		RETURN NULL; END $$;
	CREATE CONSTRAINT TRIGGER note AFTER INSERT ON rim.manifest DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note();
	CREATE CONSTRAINT TRIGGER note AFTER INSERT ON rim.revocation DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note();});
$node->safe_psql('postgres', 'BEGIN; SELECT rim.load(' . signed('acme', 'first') . '), rim.load(' . signed('acme', 'second') . '); COMMIT');
is($node->safe_psql('postgres', 'SELECT count(*) FROM mine'), 3, 'a deferred trigger runs for each row, and for those that it writes itself');
is($node->safe_psql('postgres', "$tags WHERE tag_id IN ('first', 'second')"), 'second', 'what it revoked is revoked, what it left counts');
is($node->safe_psql('postgres', 'SELECT count(*) FROM rim.revocation r WHERE NOT EXISTS (SELECT FROM rim.settled s WHERE s.known_at = r.known_at)'), 0,
	'and each is known from a moment that is settled');
is($node->safe_psql('postgres', 'BEGIN; SET CONSTRAINTS ALL IMMEDIATE; SELECT rim.load(' . signed('acme', 'third') . ') IS NOT NULL; COMMIT; ' . "$tags WHERE tag_id = 'third'"),
	"t\nthird", 'or fires at once');
(undef, undef, $stderr) = $node->psql('postgres', 'BEGIN; SELECT rim.load(' . signed('acme', 'prepared') . "); PREPARE TRANSACTION 'p'");
like($stderr, qr/cannot PREPARE|prepared transactions are disabled/, 'PREPARE TRANSACTION is refused');

# ---- what an authority may say changes while somebody loads ----

{
	my $loader = $node->background_psql('postgres');
	my $meanwhile = sub
	{
		my ($id, $sql) = @_;

		$loader->query_safe('BEGIN; SELECT rim.load(' . signed('acme', $id) . ')');
		$node->safe_psql('postgres', $sql);
		$loader->query_safe('COMMIT');
		return $node->safe_psql('postgres', "SELECT authority, withdrawn IS NOT NULL, (SELECT count(*) FROM rim.tags_at(NULL) WHERE tag_id = '$id') FROM rim.manifest WHERE corim_id = '$id'");
	};

	is($meanwhile->('narrowed', "UPDATE rim.authority SET tag_ids = '{none}' WHERE name = 'acme'"), 'acme|t|0', 'what it may not say any more at the commit is withdrawn');
	$node->safe_psql('postgres', "UPDATE rim.authority SET tag_ids = NULL WHERE name = 'acme'");
	is($node->safe_psql('postgres', "SELECT withdrawn FROM rim.manifest WHERE corim_id = 'narrowed'"), '', 'until it may');
	my $other = "('acme, in another form', (SELECT format('{1: 1, -1: 6, -2: h''%s''}', encode(substr(decode(regexp_replace(" . literal('acme.pub')
	  . ", '-----[^-]+-----|\\s', '', 'g'), 'base64'), 13), 'hex')))::coserv.crypto_key)";
	is($meanwhile->('removed', "INSERT INTO rim.authority (name, key) VALUES $other; DELETE FROM rim.authority WHERE name = 'acme'"), 'acme, in another form|f|1',
		'where it was removed, whoever else may say it does');
	$node->safe_psql('postgres', "INSERT INTO rim.authority (name, key) VALUES ('acme', " . literal('acme.pub') . ')');
	$node->safe_psql('postgres', "DELETE FROM rim.authority WHERE name <> 'acme'");

	# what may be loaded is asked of now, whatever the transaction sees; and an idle one blocks nobody who revokes
	$loader->query_safe('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM rim.manifest');
	$node->safe_psql('postgres', "UPDATE rim.authority SET tag_ids = '{none}' WHERE name = 'acme'");
	like($loader->query_safe('SELECT refused FROM rim.try_load(' . signed('acme', 'older') . ')'), qr/may not/, 'rights that were taken away hold no more in an older transaction');
	$loader->query_safe('COMMIT');
	$node->safe_psql('postgres', "UPDATE rim.authority SET tag_ids = NULL WHERE name = 'acme'; INSERT INTO rim.authority (name, key) VALUES ('root', " . literal('pki/root.crt') . ')');
	$loader->query_safe('BEGIN; SELECT rim.load(' . signed('acme', 'idle') . ')');
	$node->safe_psql('postgres', "INSERT INTO rim.crl (authority, der, chain) VALUES ('root', " . der('middle.crl') . ', ARRAY[' . der('middle.crt') . '])');
	is($node->safe_psql('postgres', 'SELECT count(*) FROM rim.crl'), 1, 'who has loaded and idles blocks no CRL');
	$loader->query_safe('COMMIT');
	$node->safe_psql('postgres', "DELETE FROM rim.authority WHERE name = 'root'");
	$loader->quit;
}

# ---- what is there already: arguments are looked at all the same ----

my $there = signed('acme', 'there');
my $open = q{'501({0: "open", 1: [506(<<{1: {0: "open"}, 4: {0: [[{0: {1: "ACME"}}, [{1: {1: 1}}]]]}}>>)]})'::coserv.corim::bytea};
$node->safe_psql('postgres', "INSERT INTO rim.authority (name, key, accepts_unsigned) VALUES ('open', '560(h''01'')', true), ('closed', '560(h''02'')', false), ('certifier', " . literal('certifier.pub') . ', false)');
my $id = $node->safe_psql('postgres', "SELECT rim.load($there)");
my $unsigned = $node->safe_psql('postgres', "SELECT rim.load($open, 'open')");
sub refused { my ($what, $sql, $pattern) = @_; my (undef, $out, $err) = $node->psql('postgres', $sql); like($err, $pattern, $what); return; }
is($node->safe_psql('postgres', "SELECT rim.load($there), rim.load($open, 'open')"), "$id|$unsigned", 'what is there is there');
refused('under another authority it is not', "SELECT rim.load($there, 'certifier')", qr/does not verify with the key of authority "certifier"/);
refused('nor under one that does not exist', "SELECT rim.load($there, 'nobody')", qr/authority "nobody" does not exist/);
refused('nor with a payload that is not its own', "SELECT rim.load($there, payload => $open)", qr/ERROR/);
refused('an unsigned one is nobody\'s', "SELECT rim.load($open)", qr/is not signed/);
refused('and of none that takes no unsigned ones', "SELECT rim.load($open, 'closed')", qr/does not accept unsigned/);
my $hex = $node->safe_psql('postgres', "SELECT $there");
my $rows = 'SELECT count(*) FROM rim.manifest';
my $count = $node->safe_psql('postgres', $rows);
is($node->safe_psql('postgres', "INSERT INTO rim.manifest (document) VALUES ($there); $rows"), $count, 'INSERT of it adds nothing');
is($node->safe_psql('postgres', "COPY rim.manifest (document) FROM STDIN;\n\\$hex\n\\.\n$rows"), $count, 'nor does COPY');
$node->safe_psql('postgres', "SELECT rim.revoke(manifest => '$id', reason => 'test')");
(undef, $stdout, $stderr) = $node->psql('postgres', "SELECT rim.load($there)");
is($stdout, $id, 'revoked, it is there');
like($stderr, qr/NOTICE:  the document is there already, and answers nothing now/, 'and who loads it is told that it answers nothing');

is($node->safe_psql('postgres', 'SELECT (SELECT count(*) FROM rim.check()), (SELECT count(*) FROM rim.verify())'), '0|0', 'nothing is wrong with the store');
done_testing();
