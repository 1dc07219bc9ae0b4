# A store with a past is dumped and restored, whole, in parallel, by section and its data alone, and goes through pg_upgrade: it answers with
# the same bytes as before, at past moments too. What a restore does to triggers is noticed, and mended with one call.
# Needs clusters of its own: pg_upgrade and what a restore switches off cannot be shown by psql alone.
#
# COSERV_OLDER is where an older PostgreSQL with this extension is installed (the phase older of test/run): then the store is there, its
# dumps go into both, and pg_upgrade brings it here.
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

# an answer of now keeps its expiry for half of result_ttl, from another moment on for each query
my $settings = "client_min_messages = error\ntimezone = 'UTC'\ncoserv.result_ttl = 300d\n";
my $older = $ENV{COSERV_OLDER};
my $old = PostgreSQL::Test::Cluster->new('old', $older ? (install_path => $older) : ());
$old->init;
$old->append_conf('postgresql.conf', $settings);
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
	# but for the expiry, which comes nearer
	is($node->safe_psql($database, q{SELECT count(*) FROM shot WHERE round = 6
			AND rim.execute(query(n))::jsonb #- '{results,expiry}' = answer::coserv.coserv::jsonb #- '{results,expiry}'}),
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

# What one server dumps of the store, by its own programs, and restores into itself, in each form.
sub dump_and_restore
{
	my ($node, $name) = @_;
	my $conn = $old->connstr('postgres');
	my ($full, $parallel) = ("$dumps/full_" . $node->name, "$dumps/parallel_" . $node->name);

	command_ok([ $node->installed_command('pg_dump'), '-Fc', '-f', $full, '-d', $conn ], "a full dump, $name");
	command_ok([ $node->installed_command('pg_dump'), '-Fd', '-j', '4', '-f', $parallel, '-d', $conn ], "a parallel dump, $name");
	$node->safe_psql('postgres', "CREATE DATABASE $_") for qw(whole parallel sections data_only refused);
	restore($node, 'whole', $full);
	restore($node, 'parallel', '-j', '4', $parallel);
	restore($node, 'sections', "--section=$_", $full) for qw(pre-data data post-data);
	for my $form (qw(whole parallel sections))
	{
		same($node, $form, "$form, $name");
		lives($node, $form, "$form, $name");
	}
	# data alone, into a store that is empty
	$node->safe_psql($_, $setup) for qw(data_only refused);
	IPC::Run::run([ $node->installed_command('pg_restore'), '--data-only', '-d', $node->connstr('refused'), $full ], '>', \my $out, '2>', \my $err);
	like($err, qr/--disable-triggers/, "data alone with triggers is refused, with a hint, $name");
	restore($node, 'data_only', '--data-only', '--disable-triggers', $full);
	return;
}

sub restore
{
	my ($node, $database, @how) = @_;
	return command_ok([ $node->installed_command('pg_restore'), '--exit-on-error', '-d', $node->connstr($database), @how ], "pg_restore @how[0 .. $#how - 1]");
}

dump_and_restore($old, 'into the same server');
if ($older)
{
	my $newer = PostgreSQL::Test::Cluster->new('newer');

	$newer->init;
	$newer->append_conf('postgresql.conf', $settings);
	$newer->start;
	dump_and_restore($newer, 'into a newer server');
	$newer->safe_psql('data_only', "SELECT coserv.mend_store('rim')");
	same($newer, 'data_only', 'data alone, mended, into a newer server');
	lives($newer, 'data_only', 'data alone, mended, into a newer server');
	$newer->stop;
}

my ($out, $err);
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

# --- what was forgotten stays so ---------------------------------------------------------------------------------------------------

$old->safe_psql('whole', "SELECT rim.forget((SELECT manifest FROM rim.tag WHERE tag_id = 'tag-100'), 'for good')");
command_ok([ $old->installed_command('pg_dump'), '-Fc', '-f', "$dumps/forgotten", '-d', $old->connstr('whole') ], 'a dump of a store that has forgotten');
$old->safe_psql('postgres', 'CREATE DATABASE forgotten');
restore($old, 'forgotten', "$dumps/forgotten");
is($old->safe_psql('forgotten', 'SELECT count(*) FROM rim.truth WHERE body IS NULL; SELECT (SELECT count(*) FROM rim.check()), (SELECT count(*) FROM rim.verify())'), "1\n0|0", 'what was forgotten is not in it');
is($old->safe_psql('forgotten', "SELECT sqlstate, detail FROM rim.try_load(document(100, 1, $key))"), 'RA009|Reason: for good.', 'and does not come back');
like(($old->psql('forgotten', "SET client_min_messages = warning; SELECT rim.execute(query(100), (SELECT min(known_at) FROM rim.manifest_life WHERE manifest = (SELECT id FROM rim.manifest WHERE forgotten IS NOT NULL)))"))[2],
	qr/WARNING:.*has been forgotten since.*forgotten_at/s, 'a past answer says what it lost');

# --- pg_upgrade ------------------------------------------------------------------------------------------------------------------

$old->stop;
my $new = PostgreSQL::Test::Cluster->new('new');
# from 18 on pages have checksums unless it is said otherwise, and both sides have to agree
$new->init($older && $new->pg_version >= 18 ? (extra => ['--no-data-checksums']) : ());
chdir $dumps or die;
command_ok([ 'pg_upgrade', '--no-sync', '-d', $old->data_dir, '-D', $new->data_dir, '-b', $old->config_data('--bindir'), '-B', $new->config_data('--bindir'),
		'-s', $new->host, '-p', $old->port, '-P', $new->port ], 'pg_upgrade from ' . $old->pg_version . ' to ' . $new->pg_version);
$new->append_conf('postgresql.conf', $settings);
$new->start;
same($new, $_, "upgraded, $_") for qw(postgres whole data_only);
lives($new, 'sections', 'upgraded');

done_testing();
