# What a session keeps of a store from one answer to the next is forgotten as soon as another session changes it. A session that answers all
# the time, by what it keeps, is asked after each act of others; as of the moment of its answer, a new session gives the same bytes by plans.
# So it is asked about all moments of before, again and again: what an act changes of the past, it changes there.
use strict;
use warnings FATAL => 'all';

use PostgreSQL::Test::BackgroundPsql;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', "client_min_messages = error\nfsync = off\n");
$node->start;
$node->safe_psql('postgres', q{CREATE EXTENSION coserv; SELECT coserv.create_store('rim');
	INSERT INTO rim.authority (name, key, accepts_unsigned) VALUES ('one', '560(h''01'')', true), ('two', '560(h''02'')', true);
	CREATE FUNCTION doc(tag text, version int, svn int, profile text DEFAULT '') RETURNS coserv.document LANGUAGE sql AS $$
		SELECT format('501({0: "%1$s-%2$s-%3$s", 1: [506(<<{1: {0: "%1$s", 1: %2$s}, 4: {0: [[{0: {1: "V"}}, [{1: {1: %3$s}}]]], 10: [[[[{0: {1: "V"}}, [{1: {1: %3$s}}]]], [[{0: {1: "V"}}, [{1: {11: "%1$s"}}]]]]]}}>>)]%4$s})',
			tag, version, svn, profile)::coserv.corim::bytea::coserv.document $$;
	CREATE TABLE asked (moment timestamptz);
	CREATE ROLE reader; GRANT USAGE ON SCHEMA rim TO reader;
	CREATE FUNCTION query() RETURNS coserv.coserv LANGUAGE sql IMMUTABLE AS $$ SELECT '{0: "tag:example.com,2026:p", 1: {0: 2, 1: {0: [[{1: "V"}]]}, 2: 0}}'::coserv.coserv $$;
	SELECT rim.grant_reader('reader');});

my $session = $node->background_psql('postgres');

# one digest of the answers as of all moments so far, the later ones first and then again
my $past = "SELECT md5(string_agg(md5(rim.execute_bytes(query(), moment)), ',' ORDER BY turn, moment)) FROM (SELECT moment, turn FROM asked, (VALUES (1), (2)) t (turn) ORDER BY turn, CASE WHEN turn = 1 THEN moment END DESC, moment OFFSET 0) a";

# the session's answer, and the same as of its moment, from scratch; and its answers of the past
sub same
{
	my ($what, $count) = @_;
	my ($answer, $moment, $quads) = split /\|/, $session->query_safe(q{SELECT md5(e.result::bytea), e.moment, (SELECT count(*) FROM rim.quads(query())) FROM coserv.execute_now('rim', query()) e});
	my ($again, $of_past) = split /\n/, $node->safe_psql('postgres', qq{SET coserv.direct_lookups = off; INSERT INTO asked VALUES ('$moment'); SELECT md5(rim.execute_bytes(query(), '$moment')); $past});
	is($again, $answer, "after $what: the same from scratch");
	is($session->query_safe($past), $of_past, "after $what: the same of all moments of before");
	is($quads, $count, "after $what: $count triples") if defined $count;
	return;
}

sub act
{
	my ($what, $sql, $count) = @_;
	$node->safe_psql('postgres', $sql);
	return same($what, $count);
}

my $load = sub { return "SELECT rim.load(doc($_[0]), '" . ($_[1] // 'one') . "')" };
same('nothing', 0);
act('a document', $load->("'a', 1, 1"), 1);
act('a newer version', $load->("'a', 2, 2"), 1);
act('another tag', $load->("'b', 1, 3"), 2);
act('another authority', $load->("'c', 1, 4", 'two'), 3);
act('a document of another profile', $load->(q{'d', 1, 5, ', 3: 32("https://example.com/q")'}), 3);
act('a revocation', q{SELECT rim.revoke(manifest => id, reason => 'r') FROM rim.manifest WHERE corim_id = 'b-1-3'}, 2);
act('undoing it', q{SELECT rim.unrevoke(id, 'u') FROM rim.revocation}, 3);
act('a policy', q{SELECT rim.set_policy(require_cotl => true)}, 0);
act('another policy', q{SELECT rim.set_policy(require_cotl => false)}, 3);
act('the end of an authority', q{UPDATE rim.authority SET valid_until = '2020-01-01' WHERE name = 'two'}, 2);
act('its return', q{UPDATE rim.authority SET valid_until = NULL WHERE name = 'two'}, 3);
act('a narrower scope', q{UPDATE rim.authority SET tag_ids = '{x%}' WHERE name = 'two'}, 2);
act('a wider one', q{UPDATE rim.authority SET tag_ids = NULL WHERE name = 'two'}, 3);
act('another name', q{UPDATE rim.authority SET name = 'zwei', shown_as = '560(h''22'')' WHERE name = 'two'}, 3);
act('a revoked tag', q{SELECT rim.revoke(authority => 'one', tag_id => 'a', reason => 'r')}, 2);


# a transaction tells the others once, whatever it rolls back on its way; the session itself sees what it has written
my $documents = join '; ', map { $load->("'s$_', 1, 1$_") } 1 .. 4;
my ($first, $second, $third, $fourth) = split /; /, $documents;
act('savepoints', "BEGIN; SAVEPOINT a; $first; ROLLBACK TO a; SAVEPOINT b; $second; RELEASE b; $third; COMMIT", 4);
act('a savepoint alone', "BEGIN; SAVEPOINT a; $first; RELEASE a; SAVEPOINT b; $fourth; ROLLBACK TO b; COMMIT", 5);
$session->query_safe($fourth);
same('a document of its own', 6);
$session->query_safe('BEGIN');
my $without = sub { return $session->query_safe("DELETE FROM rim.manifest_life WHERE manifest = (SELECT id FROM rim.manifest WHERE corim_id = '$_[0]'); SELECT count(*) FROM rim.quads(query())") };
is($without->('s1-1-11'), '5', 'it sees what it has written');
is($without->('s2-1-12'), '4', 'and what it wrote next');
$session->query_safe('SAVEPOINT a');
is($without->('s3-1-13'), '3', 'behind a savepoint too');
is($session->query_safe('ROLLBACK TO a; SELECT count(*) FROM rim.quads(query())'), '4', 'and not what it took back');
is($without->('s4-1-14'), '3', 'and what it wrote behind that');
$session->query_safe('ROLLBACK');
same('what it rolled back', 6);
act('ends of these', q{SELECT rim.revoke(manifest => id, reason => 'r') FROM rim.manifest WHERE corim_id LIKE 's%'}, 2);
act('a table written anew', 'VACUUM FULL rim.triple', undef);
act('a document behind it', $load->("'h', 1, 6"), undef);

# by hand, past what the store is for
act('a hand at tag_life', q{DELETE FROM rim.tag_life; UPDATE rim.triple SET live = true}, undef);
act('a hand at manifest_life', q{UPDATE rim.manifest_life SET counts = '{}' WHERE manifest = (SELECT id FROM rim.manifest WHERE corim_id = 'c-1-4')}, undef);
act('a hand at triple', q{DELETE FROM rim.triple WHERE manifest = (SELECT id FROM rim.manifest WHERE corim_id = 'h-1-6')}, undef);
act('forgetting', q{SELECT rim.forget(id, 'f') FROM rim.manifest WHERE corim_id = 'a-1-1'}, undef);
act('nothing left of it', q{TRUNCATE rim.manifest_life}, 0);

# rights: what was kept for one role is not another's
$node->safe_psql('postgres', q{TRUNCATE rim.tag_life});
$node->safe_psql('postgres', $load->("'e', 1, 1"));
same('a document more', 1);
$session->query_safe('SET ROLE reader');
is($session->query_safe('SELECT count(*) FROM rim.quads(query())'), '1', 'a reader reads it');
$node->safe_psql('postgres', 'REVOKE SELECT ON rim.manifest_life FROM reader');
my (undef, undef, $error) = $node->psql('postgres', 'SET ROLE reader; SELECT count(*) FROM rim.quads(query())');
like($error, qr/permission denied for table manifest_life/, 'without a right to a table he does not');
ok(!eval { $session->query_safe('SELECT count(*) FROM rim.quads(query())'); 1 }, 'nor in a session that has kept what it says');
$session->quit;
$node->safe_psql('postgres', 'GRANT SELECT ON rim.manifest_life TO reader');
$session = $node->background_psql('postgres');
$session->query_safe('SET ROLE reader');
is($session->query_safe('SELECT count(*) FROM rim.quads(query())'), '1', 'he may again');
$node->safe_psql('postgres', 'ALTER TABLE rim.manifest_life ENABLE ROW LEVEL SECURITY');
is($session->query_safe('SELECT count(*) FROM rim.quads(query())'), '0', 'a policy hides it');
$node->safe_psql('postgres', 'ALTER TABLE rim.manifest_life DISABLE ROW LEVEL SECURITY; CREATE ROLE other; GRANT other TO reader; REVOKE SELECT ON ALL TABLES IN SCHEMA rim FROM reader; GRANT SELECT ON ALL TABLES IN SCHEMA rim TO other');
is($session->query_safe('SELECT count(*) FROM rim.quads(query())'), '1', 'by another role he reads it');
$node->safe_psql('postgres', 'REVOKE other FROM reader');
ok(!eval { $session->query_safe('SELECT count(*) FROM rim.quads(query())'); 1 }, 'without that he does not');
$session->quit;

# what a transaction did itself, or would do, is not kept beyond it; a snapshot that is kept sees what it saw
$session = $node->background_psql('postgres');
is($session->query_safe('SELECT count(*) FROM rim.quads(query())'), '1', 'a new session');
is($session->query_safe(q{BEGIN; DELETE FROM rim.manifest_life; SELECT count(*) FROM rim.quads(query())}), '0', 'it sees what it does itself');
is($session->query_safe(q{ROLLBACK; SELECT count(*) FROM rim.quads(query())}), '1', 'and what it was, when that is undone');
is($session->query_safe(q{SELECT count(*) > 0 FROM rim.explain('{"cmtype": 2, "authority": [560(h''aa'')], "environment": {0: {1: "V"}}, "element-list": [{"element-claims": {1: 9}}]}', with_document => doc('f', 1, 9), authority => 'one'); SELECT count(*) FROM rim.quads(query())}) =~ s/\n/ /r,
	't 1', 'what would be is not kept');
is($session->query_safe(q{BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM rim.quads(query())}), '1', 'one snapshot');
$node->safe_psql('postgres', $load->("'g', 1, 1"));
is($session->query_safe(q{SELECT count(*) FROM rim.quads(query())}), '1', 'it is kept');
is($session->query_safe(q{COMMIT; SELECT count(*) FROM rim.quads(query())}), '2', 'and then not any more');
for my $isolation ('REPEATABLE READ', 'SERIALIZABLE')
{
	my $tag = lc substr $isolation, 0, 1;
	is($session->query_safe(qq{BEGIN ISOLATION LEVEL $isolation; SELECT count(*) FROM rim.quads(query())}), '2', "$isolation: what was read is kept");
	$node->safe_psql('postgres', $load->("'$tag', 1, 1"));
	is($session->query_safe(q{SELECT count(*) FROM rim.quads(query())}), '2', '... until the transaction ends');
	is($session->query_safe(q{SAVEPOINT s; DELETE FROM rim.manifest_life; SELECT count(*) FROM rim.quads(query())}), '0', '... or does something itself');
	is($session->query_safe(q{ROLLBACK TO s; SELECT count(*) FROM rim.quads(query())}), '2', '... that it takes back');
	is($session->query_safe(q{COMMIT; SELECT count(*) FROM rim.quads(query())}), '3', '... and not beyond it');
	is($session->query_safe(qq{BEGIN ISOLATION LEVEL $isolation; SELECT count(*) FROM rim.quads(query())}), '3', '... nor is what was read before it');
	is($session->query_safe(q{COMMIT; BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM rim.quads(query())}), '3', '... nor that of the one before');
	$node->safe_psql('postgres', "SELECT rim.revoke(manifest => id, reason => 'r') FROM rim.manifest WHERE corim_id LIKE '$tag-%'");
	is($session->query_safe(q{COMMIT; BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM rim.quads(query())}), '2', '... when something has changed between them');
	$session->query_safe('COMMIT');

	$node->safe_psql('postgres', $load->("'p$tag', 1, 1"));
	my $of = "SELECT count(*) FROM rim.quads(query(), '" . $session->query_safe('SELECT moment FROM rim.execute_now(query())') . "')";
	is($session->query_safe("BEGIN ISOLATION LEVEL $isolation; $of; $of"), "3\n3", "$isolation: what was read of the past is kept");
	$node->safe_psql('postgres', "SELECT rim.forget(id, 'f') FROM rim.manifest WHERE corim_id LIKE 'p$tag-%'");
	is($session->query_safe($of), '3', '... until the transaction ends, whatever is forgotten');
	is($session->query_safe("SAVEPOINT s; DELETE FROM rim.manifest_life; $of; ROLLBACK TO s; $of"), "0\n3", '... or does something itself, that it takes back');
	is($session->query_safe("COMMIT; $of"), '2', '... and not beyond it');
	my $since = "SELECT count(*) FROM rim.quads(query(), '" . $session->query_safe('SELECT moment FROM rim.execute_now(query())') . "')";
	$node->safe_psql('postgres', $load->("'q$tag', 1, 1") . "; SELECT rim.revoke(manifest => id, reason => 'r') FROM rim.manifest WHERE corim_id LIKE 'q$tag-%'");
	my (undef, $counts, $warnings) = $node->psql('postgres', "SET client_min_messages = warning; $of; $since; $of; $since");
	is($counts . '|' . scalar(() = $warnings =~ /has been forgotten since/g), "2\n2\n2\n2|2", '... which is told of the moments before it alone');
	is($session->query_safe("BEGIN ISOLATION LEVEL $isolation; $of"), '2', '... nor in the next');
	$session->query_safe('COMMIT');
}

# that it keeps anything: without these triggers it does not hear of the end of an authority
my @tables = qw(settled policy manifest manifest_life authority_life tag_life);
$node->safe_psql('postgres', join ';', map { "ALTER TABLE rim.$_ DISABLE TRIGGER forget" } @tables);
is($session->query_safe('SELECT count(*) FROM rim.quads(query())'), '2', 'what is there');
$node->safe_psql('postgres', q{UPDATE rim.authority SET valid_until = '2020-01-01' WHERE name = 'one'});
is($session->query_safe('SELECT count(*) FROM rim.quads(query())'), '2', 'without triggers a session that keeps something does not hear of it');
$node->safe_psql('postgres', join ';', map { "ALTER TABLE rim.$_ ENABLE ALWAYS TRIGGER forget" } @tables);
is($session->query_safe('SELECT count(*) FROM rim.quads(query())'), '0', 'with them it does');
$node->safe_psql('postgres', q{UPDATE rim.authority SET valid_until = NULL WHERE name = 'one'});

# ... of the past, too
my $before = $session->query_safe('SELECT moment FROM rim.execute_now(query())');
my $then = "SELECT count(*) FROM rim.quads(query(), '$before')";
push @tables, qw(triple triple_environment);
is($session->query_safe($then), '2', 'what was there');
$node->safe_psql('postgres', join ';', (map { "ALTER TABLE rim.$_ DISABLE TRIGGER forget" } @tables));
is($session->query_safe($then), '2', 'what was there is read once more');
$node->safe_psql('postgres', 'CREATE TABLE lives AS TABLE rim.authority_life; DELETE FROM rim.authority_life');
is($session->query_safe($then), '2', 'without triggers a session that keeps something of the past does not hear of it');
is($node->safe_psql('postgres', $then), '0', '... which is there no more');
$node->safe_psql('postgres', join ';', (map { "ALTER TABLE rim.$_ ENABLE ALWAYS TRIGGER forget" } @tables), 'UPDATE rim.authority_life SET name = name');
is($session->query_safe($then), '0', 'with them it does');
$node->safe_psql('postgres', 'INSERT INTO rim.authority_life TABLE lives');
is($session->query_safe($then), '2', '... and again');

# random acts, with four sessions that load and revoke at once
my @workers = map { $node->background_psql('postgres') } 1 .. 3;
srand(7);
for my $round (1 .. 25)
{
	for my $worker (@workers)
	{
		my $tag = 'r' . int(rand(6));
		my $sql = rand() < 0.7 ? $load->("'$tag', " . int(rand(50)) . ', ' . int(rand(1000))) : q{SELECT rim.revoke(manifest => id, reason => 'r') FROM rim.manifest ORDER BY id LIMIT 1 OFFSET } . int(rand(5));
		$worker->{stdin} .= "$sql;\n";
		$worker->{run}->pump_nb;
	}
	same("round $round");
}
$_->quit for @workers;
same('all of it');
$session->quit;

done_testing();
