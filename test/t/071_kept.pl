# Kept Evidence where psql alone cannot show it: somebody keeps while somebody else loads and appraises anew, NOTIFY names whom it concerns,
# a standby reads, a dump brings it along and a restored store appraises it once.
use strict;
use warnings FATAL => 'all';

use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('primary');
$node->init(allows_streaming => 1);
$node->append_conf('postgresql.conf', "client_min_messages = error\ntimezone = 'UTC'\n");
$node->start;
$node->safe_psql('postgres', q{
	CREATE EXTENSION coserv;
	SELECT coserv.create_store('rim');
	INSERT INTO rim.authority (name, key, accepts_unsigned) VALUES ('acme', '560(h''01'')', true);
	SELECT rim.keep_evidence_for('90 days');
	SELECT rim.set_policy(notify => true);
	CREATE FUNCTION public.corim(id text, digest text) RETURNS bytea LANGUAGE sql AS $$
		SELECT format('501({0: "%1$s", 1: [506(<<{1: {0: "%1$s"}, 4: {0: [[{0: {1: "ACME"}}, [{0: "boot", 1: {2: [[1, h''%2$s'']]}}]]]}}>>)]})', id, digest)::coserv.corim::bytea $$;
	CREATE FUNCTION public.kept(name text, digest text) RETURNS text LANGUAGE sql VOLATILE AS $$
		SELECT string_agg(k.verdict::text, '') FROM rim.keep_appraisal(name, format('{"environment": {0: {1: "ACME"}, 1: 560(h''%1$s'')}, "element-list": [{"element-id": "boot",'
			' "element-claims": {2: [[1, h''%2$s'']]}}], "cmtype": 2, "authority": [560(h''a7'')]}', encode(name::bytea, 'hex'), digest)::coserv.cbor) k $$;});

sub query { return shift->safe_psql('postgres', shift) }

my $again = "SELECT string_agg(attester, ' ' ORDER BY attester) FROM rim.reappraise() WHERE after OPERATOR(coserv.->) 0 IS NOT NULL";

# --- at once --------------------------------------------------------------------------------------------------------------------------

query($node, "SELECT public.kept('device 1', 'aa')");
my $keeper = $node->background_psql('postgres');
$keeper->query_safe("BEGIN; SELECT public.kept('late', 'aa')");
query($node, "SELECT rim.load(public.corim('first', 'aa'), 'acme')");
is(query($node, $again), 'device 1', 'who is there is appraised anew');
$keeper->query_safe('COMMIT');
is(query($node, $again), 'late', 'who was being kept meanwhile and has not seen the document is not overlooked');
is(query($node, $again), '', 'and each once');

# --- two who keep the same, two who appraise ------------------------------------------------------------------------------------------------

my $script = PostgreSQL::Test::Utils::tempdir() . '/keep.sql';
append_to_file($script, "SELECT public.kept('same ' || (random() * 3)::int, CASE WHEN random() < 0.5 THEN 'aa' ELSE 'bb' END);\nSELECT count(*) FROM rim.reappraise();\n");
IPC::Run::run([ 'pgbench', '-n', '-c', '4', '-j', '2', '-t', '40', '-f', $script, '-h', $node->host, '-p', $node->port, 'postgres' ], '>', \my $out, '2>', \my $err);
like($out, qr{processed: 160/160}, 'four sessions keep and appraise at once') or diag($err);
is(query($node, q{SELECT count(*) - count(DISTINCT (attester, environment::bytea)) FROM rim.attester_environment}), 0, 'and each attester has each environment once');
is(query($node, q{SELECT count(*) FROM rim.reappraise(everything => true)}), 0, 'as all of them are appraised now');

# --- NOTIFY ---------------------------------------------------------------------------------------------------------------------------

query($node, "SELECT public.kept('a \"long\" name ' || repeat('x', 230) || n, 'bb') FROM generate_series(10, 59) n");
my ($ret, $told) = $node->psql('postgres', "LISTEN coserv_attesters; SELECT rim.load(public.corim('second', 'bb'), 'acme');\nSELECT count(DISTINCT attester) FROM rim.reappraise();\nSELECT 'read';");
my @payloads = $told =~ /Asynchronous notification "coserv_attesters" with payload "(.*)" received/g;
cmp_ok(scalar @payloads, '>', 1, 'names that do not fit one notification come in several');
is(scalar(grep { length $_ >= 8000 } @payloads), 0, 'of less than 8000 bytes');
my @names = map { require JSON::PP; @{ JSON::PP::decode_json($_)->{attesters} } } @payloads;
is(scalar(grep { /^a "long" name/ } @names), 50, 'and name each attester that has changed');
is(scalar(grep { $_ eq 'device 1' } @names), 0, 'and no other');

# --- a standby ------------------------------------------------------------------------------------------------------------------------

$node->backup('backup');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'backup', has_streaming => 1);
$standby->start;
$node->wait_for_catchup($standby, 'replay', $node->lsn('flush'));
my $shown = "SELECT string_agg(attester || ' ' || digest::text, ' ' ORDER BY attester, ordinal) FROM rim.appraisals() WHERE attester NOT LIKE 'a %'";
is(query($standby, $shown), query($node, $shown), 'a standby shows how what is kept was appraised');
is(query($standby, "SELECT count(*) FROM rim.appraisals() k WHERE NOT EXISTS (SELECT FROM rim.appraisals_of(ARRAY[k.attester], NULL) n WHERE n.digest = k.digest)"), 0, 'and appraises it the same');
is(query($standby, "SELECT count(*) FROM rim.expiring('100 years') WHERE what = 'attester'"), 0, 'and tells what lapses');
for my $write ("SELECT public.kept('x', 'aa')", 'SELECT rim.reappraise()', 'SELECT rim.forget_evidence()')
{
	my ($failed, $none, $why) = $standby->psql('postgres', $write);
	like($why, qr/cannot execute .* in a read-only transaction|cannot assign TransactionIds|recovery/, "it writes none: $write");
}
$standby->stop;

# --- a dump ---------------------------------------------------------------------------------------------------------------------------

my $dump = PostgreSQL::Test::Utils::tempdir() . '/dump';
command_ok([ 'pg_dump', '-Fc', '-f', $dump, '-d', $node->connstr('postgres') ], 'a dump');
query($node, 'CREATE DATABASE restored');
command_ok([ 'pg_restore', '-d', $node->connstr('restored'), $dump ], 'restored');
is($node->safe_psql('restored', $shown), query($node, $shown), 'brings what is kept along');
is($node->safe_psql('restored', 'SELECT count(*) FROM rim.reappraise()'), 0, 'which is appraised once, as its cursor is of another history');
$node->safe_psql('restored', "SELECT rim.load(public.corim('third', 'cc'), 'acme'); SELECT public.kept('new', 'cc')");
is($node->safe_psql('restored', $again =~ s/ WHERE.*//r), '', 'and goes on from there');
$node->safe_psql('restored', "SELECT rim.revoke(manifest => id, reason => 'test') FROM rim.manifest WHERE corim_id = 'third'");
is($node->safe_psql('restored', $again), 'new', 'with what changes then');

$node->stop;
done_testing();
