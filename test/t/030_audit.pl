# The audit under load: documents come from four connections while seals are made, nobody waits for anybody, and what was sealed holds;
# whoever changes it behind the guard's back is found. Needs several sessions, the server's log and a dump: psql alone cannot show it.
use strict;
use warnings FATAL => 'all';

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', "max_connections = 40\nlog_min_messages = warning");
$node->start;
$node->safe_psql('postgres', q{
	CREATE EXTENSION coserv;
	CREATE ROLE keeper LOGIN;
	GRANT CREATE ON DATABASE postgres TO keeper;
	SET ROLE keeper;
	SELECT coserv.create_store('rim');
	INSERT INTO rim.authority (name, key, accepts_unsigned) VALUES ('acme', '560(h''01'')', true);
	RESET ROLE;
	CREATE FUNCTION public.corim(id text) RETURNS bytea LANGUAGE sql AS $$
		SELECT format('501({0: "%1$s", 1: [506(<<{1: {0: "%1$s"}, 4: {0: [[{0: {1: "ACME", 2: "%1$s"}}, [{1: {1: 1}}]]]}}>>)]})', id)::coserv.corim::bytea
	$$;});

sub query
{
	return $node->safe_psql('postgres', shift);
}

sub problems
{
	return query("SELECT count(*) FROM rim.verify_audit()");
}

# --- four connections load, some are refused, some change their mind; two seal ---
my $loads = q{
	\set n random(1, 20)
	BEGIN;
	SELECT rim.load(public.corim(gen_random_uuid()::text), 'acme');
	SELECT sqlstate FROM rim.try_load('\x00'::bytea || int4send(:n), 'acme');
	\if :n <= 3
	ROLLBACK;
	\else
	COMMIT;
	\endif
};
my $seals = q{
	SELECT seal, rows FROM rim.seal_audit();
};
$node->pgbench('--no-vacuum --client=4 --jobs=2 --transactions=60', 0, [qr{processed: 240/240}], [qr{^$}],
	'documents and seals from four connections', { 'load@8' => $loads, 'seal@2' => $seals });
is(problems(), '0', 'every seal holds');
cmp_ok(query('SELECT count(*) FROM rim.audit_seal'), '>', 5, 'several seals were made');
is(query("SELECT count(*) FROM rim.audit WHERE action = 'load'"), query('SELECT count(*) FROM rim.manifest'), 'every load is on record, and no other');
is(query("SELECT count(*) FROM rim.audit a FULL JOIN rim.manifest m ON a.object = m.id::text AND a.digest = m.digest WHERE a.action = 'load' AND m.id IS NULL"),
	'0', 'by its digest');
query('SELECT rim.seal_audit()');
is(query('SELECT sum(rows) = (SELECT count(*) FROM rim.audit) FROM rim.audit_seal'), 't', 'each row is in exactly one seal');

# --- a seal does not wait for a load, nor a load for a seal ---
my $loader = $node->background_psql('postgres');
my $sealer = $node->background_psql('postgres');
$loader->query_safe("BEGIN; SELECT rim.load(public.corim('slow'), 'acme')");
query("SELECT rim.load(public.corim('quick'), 'acme')");
$sealer->query_safe('BEGIN; SELECT rim.seal_audit()');
query("SET statement_timeout = '600s'; SELECT rim.load(public.corim('meanwhile'), 'acme')");
$loader->query_safe('COMMIT');
$sealer->query_safe('COMMIT');
$loader->quit;
$sealer->quit;
is(query("SELECT string_agg(detail ->> 'corim_id', ' ' ORDER BY detail ->> 'corim_id') FROM rim.audit WHERE seal IS NULL"), 'meanwhile slow',
	'a seal takes what is committed, and leaves the rest to the next one');
query('SELECT rim.seal_audit()');
is(problems(), '0', 'which takes ids that are lower than those of the seal before it');

# --- behind the guard's back ---
my $superuser = q{
	ALTER TABLE rim.audit DISABLE TRIGGER ALL;
	ALTER TABLE rim.audit_seal DISABLE TRIGGER ALL;
};
my %acts = (
	'a row that was changed' => q{UPDATE rim.audit SET who = 'somebody else' WHERE id = (SELECT min(id) FROM rim.audit WHERE action = 'load')},
	'a digest that was changed' => q{UPDATE rim.audit SET digest = sha256(digest) WHERE id = (SELECT max(id) FROM rim.audit WHERE seal IS NOT NULL AND digest IS NOT NULL)},
	'a row that was removed' => q{DELETE FROM rim.audit WHERE id = (SELECT min(id) FROM rim.audit WHERE action = 'refuse')},
	'a row that was slipped in' => q{INSERT INTO rim.audit (at, who, session, action, seal) SELECT now(), 'keeper', 'keeper', 'load', max(seal) FROM rim.audit_seal},
	'two rows that changed places' => q{UPDATE rim.audit a SET (who, object, digest, detail) = (SELECT b.who, b.object, b.digest, b.detail FROM rim.audit b
		WHERE b.id = (SELECT sum(id) - a.id FROM (SELECT id FROM rim.audit WHERE action = 'load' ORDER BY id LIMIT 2) c))
		WHERE a.id IN (SELECT id FROM rim.audit WHERE action = 'load' ORDER BY id LIMIT 2)},
	'a seal that was made anew' => q{UPDATE rim.audit_seal SET root = sha256(root) WHERE seal = 2},
	'a seal that was removed with its rows' => q{DELETE FROM rim.audit WHERE seal = 3; DELETE FROM rim.audit_seal WHERE seal = 3},
);
for my $act (sort keys %acts)
{
	my $found = query("BEGIN; $superuser $acts{$act}; SELECT 'problems ' || count(*) FROM rim.verify_audit(); ROLLBACK;");
	like($found, qr/problems [1-9]/, "$act is found");
}
is(problems(), '0', 'and nothing else is');

# --- the log has a line of each refusal that was raised ---
my ($code, $out, $err) = $node->psql('postgres', "SELECT rim.load('\\x00', 'acme')");
isnt($code, 0, 'load raises');
my $digest = query("SELECT encode(sha256('\\x00'), 'hex')");
like(slurp_file($node->logfile), qr/ERROR:  invalid CoRIM.*?CONTEXT:  document with SHA-256 $digest, SQLSTATE 22023/s,
	'the log says which document was refused, and with which SQLSTATE');

# --- a long load says how far it is ---
query(q{CREATE TABLE public.inbox AS SELECT i, CASE WHEN i % 10 = 0 THEN '\x00' ELSE public.corim('bulk ' || i) END AS document, 'acme' AS authority
	FROM generate_series(1, 50) i});
($code, $out, $err) = $node->psql('postgres', q{CALL coserv.load_all('rim', 'SELECT document, authority FROM public.inbox ORDER BY i', batch => 8, every => '0 s')});
is($code, 0, 'a long load ends well');
is($out, '50|5', 'documents done and refused');
like($err, qr/NOTICE:  1 documents done, 0 of them refused, \d+ a second.*NOTICE:  50 documents done, 5 of them refused, \d+ a second/s, 'and said so on the way');
is(query("SELECT count(DISTINCT l.known_at) FROM rim.manifest m JOIN rim.manifest_life l ON l.manifest = m.id WHERE corim_id LIKE 'bulk %'"), '7', 'in transactions of eight documents');
query('SELECT rim.seal_audit()');

# --- dumped and restored, it still holds ---
my $dump = $node->basedir . '/dump.sql';
$node->command_ok([ 'pg_dump', '-f', $dump, $node->connstr('postgres') ], 'dump');
query('CREATE DATABASE other');
$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', $dump, $node->connstr('other') ], 'restore');
is($node->safe_psql('other', 'SELECT count(*) FROM rim.verify_audit()'), '0', 'seals hold in a restored database');
is($node->safe_psql('other', 'SELECT (SELECT count(*) FROM rim.verify()), (SELECT count(*) FROM rim.check()), (SELECT count(*) FROM rim.triple) > 0'), '0|0|t',
	'what is restored verifies, and its derived rows are those of its documents');
is($node->safe_psql('other', 'SELECT count(*) FROM rim.audit_seal'), query('SELECT count(*) FROM rim.audit_seal'), 'all of them');
$node->safe_psql('other', "SELECT rim.load(public.corim('after'), 'acme'); SELECT rim.seal_audit()");
is($node->safe_psql('other', 'SELECT count(*) FROM rim.verify_audit()'), '0', 'and the chain goes on');

$node->stop;
done_testing();
