# A store with a past is dumped and restored, whole, in parallel, by section and its data alone, and goes through pg_upgrade: it answers with
# the same bytes as before, at past moments too. What a restore does to triggers is noticed, and mended with one call.
# Needs clusters of its own: pg_upgrade and what a restore switches off cannot be shown by psql alone.
use strict;
use warnings FATAL => 'all';

use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $data = "$FindBin::RealBin/../data";
my $dumps = PostgreSQL::Test::Utils::tempdir();

sub quoted { return "'" . (shift() =~ s/'/''/gr) . "'" }
sub literal { return quoted(slurp_file(shift)) }

my $old = PostgreSQL::Test::Cluster->new('old');
$old->init;
$old->append_conf('postgresql.conf', "client_min_messages = error\ntimezone = 'UTC'\n");
$old->start;
my $setup = q{CREATE EXTENSION coserv; SELECT coserv.create_store('rim'); CREATE TABLE shot (round int, n int, at timestamptz, answer bytea);
	CREATE FUNCTION document(d int, version int, key text) RETURNS bytea LANGUAGE sql AS $$
		SELECT coserv.sign(format('501({0: "dump-%1$s-%2$s", 3: "tag:example.com,2026:dump", 1: [506(<<{1: {0: "tag-%1$s", 1: %2$s}, 4: {0: [[{0: {0: 560(h''%3$s''), 1: "ACME", 2: "m"}}, [{0: "firmware", 1: {1: %2$s}}]]]}}>>)]})',
			d, version, lpad(to_hex(d), 8, '0'))::coserv.corim, key, 'acme')::bytea $$;
	CREATE FUNCTION query(d int) RETURNS coserv.coserv LANGUAGE sql AS $$
		SELECT format('{0: "tag:example.com,2026:dump", 1: {0: 2, 1: {0: [[{0: 560(h''%s''), 1: "ACME", 2: "m"}]]}, 2: 0}}', lpad(to_hex(d), 8, '0'))::coserv.coserv $$;
	CREATE PROCEDURE shoot() LANGUAGE sql AS $$ INSERT INTO shot SELECT (SELECT count(*) / 20 + 1 FROM shot), d, r.moment, r.result::bytea FROM generate_series(1, 20) AS d, rim.execute_now(query(d)) r $$;};
$old->safe_psql('postgres', $setup);
my $key = literal("$data/acme.key");
$old->safe_psql('postgres', $_) for
	"INSERT INTO rim.authority (name, key) VALUES ('acme', " . literal("$data/acme.pub") . "), ('certifier', " . literal("$data/certifier.pub") . ')',
	"SELECT rim.load(document(d, 1, $key)) FROM generate_series(1, 20) AS d", 'CALL shoot()',
	"SELECT rim.load(document(d, 2, $key)) FROM generate_series(1, 10) AS d", 'CALL shoot()',
	"SELECT rim.revoke(tag_id => 'tag-' || d, authority => 'acme', reason => 'test') FROM generate_series(8, 12) AS d", 'CALL shoot()',
	"SELECT rim.unrevoke((SELECT id FROM rim.revocation WHERE tag_id = 'tag-9'), 'it was not')", 'CALL shoot()',
	'INSERT INTO rim.policy (require_cotl) VALUES (true)', 'CALL shoot()', 'INSERT INTO rim.policy (require_cotl) VALUES (false)',
	"INSERT INTO rim.profile (profile, codepoint, name, comparison) VALUES ('tag:example.com,2026:dump', -7, 'level', 'minimum')",
	"UPDATE rim.authority SET tag_ids = '{tag-1%}' WHERE name = 'acme'", 'CALL shoot()';

# Each recorded answer again, and what the store says of itself.
sub same
{
	my ($node, $database, $name) = @_;
	is($node->safe_psql($database, 'SELECT count(*), count(DISTINCT answer) > 40, count(*) FILTER (WHERE rim.execute(query(n), at)::bytea IS DISTINCT FROM answer) FROM shot'),
		'120|t|0', "$name: the same answers at past moments");
	is($node->safe_psql($database, 'SELECT count(*) FROM shot WHERE round = 6 AND (rim.execute_now(query(n))).result::bytea = answer'),
		'20', "$name: the same answers now");
	is($node->safe_psql($database, 'SELECT (SELECT count(*) FROM rim.check()), (SELECT count(*) FROM rim.verify())'), '0|0', "$name: nothing is wrong with it");
	return;
}

# It is still a store: one may write to it.
sub lives
{
	my ($node, $database, $name) = @_;
	is($node->safe_psql($database, "SELECT rim.load(document(100, 1, $key)) IS NOT NULL; SELECT count(*) FROM rim.tags_at(NULL) WHERE tag_id = 'tag-100'"), "t\n1", "$name: and it goes on");
	return;
}

same($old, 'postgres', 'as it was');

# --- dumps -----------------------------------------------------------------------------------------------------------------------

my $conn = $old->connstr('postgres');
command_ok([ 'pg_dump', '-Fc', '-f', "$dumps/full", '-d', $conn ], 'a full dump');
command_ok([ 'pg_dump', '-Fd', '-j', '4', '-f', "$dumps/parallel", '-d', $conn ], 'a parallel dump');

sub restore
{
	my ($database, @how) = @_;
	return command_ok([ 'pg_restore', '--exit-on-error', '-d', $old->connstr($database), @how ], "pg_restore @how[0 .. $#how - 1]");
}

$old->safe_psql('postgres', "CREATE DATABASE $_") for qw(whole parallel sections data_only refused);
restore('whole', "$dumps/full");
same($old, 'whole', 'whole');
lives($old, 'whole', 'whole');
restore('parallel', '-j', '4', "$dumps/parallel");
same($old, 'parallel', 'parallel');
lives($old, 'parallel', 'parallel');
restore('sections', "--section=$_", "$dumps/full") for qw(pre-data data post-data);
same($old, 'sections', 'by section');
lives($old, 'sections', 'by section');

# data alone, into a store that is empty
for my $database (qw(data_only refused))
{
	$old->safe_psql($database, $setup);
}
my ($out, $err);
IPC::Run::run([ $old->installed_command('pg_restore'), '--data-only', '-d', $old->connstr('refused'), "$dumps/full" ], '>', \$out, '2>', \$err);
like($err, qr/--disable-triggers/, 'data alone with triggers is refused, with a hint');
restore('data_only', '--data-only', '--disable-triggers', "$dumps/full");
like($old->safe_psql('data_only', 'SELECT derived_table, missing FROM rim.check()'), qr/^trigger truth_guard of truth\|1$/m, 'what the restore did to triggers is noticed');
(undef, $out, $err) = $old->psql('data_only', 'SET client_min_messages = warning; SELECT rim.execute(query(1))');
like($err, qr/WARNING:.*triggers.*\n.*mend_store/s, 'and whoever asks is told');
# meanwhile somebody replicates a forged row, and a genuine one
my $truth = $old->safe_psql('postgres', "SELECT rim.load(document(150, 1, $key)) AS id \\gset
SELECT format('INSERT INTO rim.truth VALUES (%L, %L, %L, %L)', t.id, t.kind, t.moment, t.body) FROM rim.truth t, rim.manifest m WHERE m.id = :'id' AND t.id = m.truth");
$old->safe_psql('data_only', "SET session_replication_role = replica; $truth;
	INSERT INTO rim.truth SELECT gen_random_uuid(), t.kind, t.moment, t.body FROM rim.truth t WHERE t.kind = 1 LIMIT 1");
is($old->safe_psql('data_only', "SELECT count(*) FROM rim.tags_at(NULL) WHERE tag_id = 'tag-150'"), '0', 'nothing that was not looked at answers');
like($old->safe_psql('data_only', 'SELECT derived_table, missing FROM rim.check()'), qr/^truth\|2$/m, 'it is told');
$old->safe_psql('data_only', "SELECT coserv.mend_store('rim')");
is($old->safe_psql('data_only', "SELECT count(*) FROM rim.tags_at(NULL) WHERE tag_id = 'tag-150'"), '1', 'mended, the genuine one answers');
is($old->safe_psql('data_only', 'SELECT reason FROM rim.set_aside'), 'its id is not the one of what it says', 'and the forged one is set aside');
same($old, 'data_only', 'data alone, mended');
lives($old, 'data_only', 'data alone, mended');

# --- pg_upgrade ------------------------------------------------------------------------------------------------------------------

$old->stop;
my $new = PostgreSQL::Test::Cluster->new('new');
$new->init;
my $bin = $old->config_data('--bindir');
chdir $dumps or die;
command_ok([ 'pg_upgrade', '--no-sync', '-d', $old->data_dir, '-D', $new->data_dir, '-b', $ENV{COSERV_OLD_BINDIR} // $bin, '-B', $bin, '-s', $new->host, '-p', $old->port, '-P', $new->port ],
	'pg_upgrade');
$new->append_conf('postgresql.conf', "client_min_messages = error\ntimezone = 'UTC'\n");
$new->start;
same($new, $_, "upgraded, $_") for qw(postgres whole data_only);
lives($new, 'sections', 'upgraded');

done_testing();
