# What a crash, a standby that checks each page, a cancelled statement and ten thousand errors leave behind: whole manifests, indexes that
# agree with their tables, no lock and no memory. Needs servers that die and several connections: psql alone cannot show it.
use strict;
use warnings FATAL => 'all';

use FindBin;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep time);

my $data = "$FindBin::RealBin/../data";

sub quoted { return "'" . (shift() =~ s/'/''/gr) . "'" }

my $node = PostgreSQL::Test::Cluster->new('primary');
$node->init(allows_streaming => 1);
$node->append_conf('postgresql.conf', "fsync = on\nwal_keep_size = 4GB\nmax_wal_size = 1GB\nclient_min_messages = error\nrestart_after_crash = on\n");
$node->start;
my $key = quoted(slurp_file("$data/acme.key"));
$node->safe_psql('postgres', q{CREATE EXTENSION coserv; SELECT coserv.create_store('rim'); CREATE TABLE doc (n int PRIMARY KEY, document bytea)});
$node->safe_psql('postgres', "INSERT INTO rim.authority (name, key) VALUES ('acme', " . quoted(slurp_file("$data/acme.pub")) . ")");

# :size reference values about as many classes, and a conditional endorsement over two environments for triple_environment.
$node->safe_psql('postgres', qq{
	CREATE FUNCTION corim(d int, size int) RETURNS coserv.corim LANGUAGE sql AS \$\$
		SELECT format('501({0: "crash-%1\$s", 1: [506(<<{1: {0: "crash-%1\$s"}, 4: {0: [%2\$s], 10: [[[[{0: {1: "C%1\$s"}}, [{1: {1: 1}}]], [{0: {1: "D%1\$s"}}, [{1: {1: 1}}]]], [[{0: {1: "E"}}, [{1: {1: 1}}]]]]]}}>>)]})', d,
			string_agg(format('[{0: {0: 560(h''%s''), 1: "ACME", 2: "%s"}}, [{0: "firmware", 1: {1: %s}}]]', lpad(to_hex(d * 1000 + i), 8, '0'), d % 10, d), ', '))::coserv.corim
		FROM generate_series(1, size) AS i \$\$;
	INSERT INTO doc SELECT d, coserv.sign(corim(d, 1 + d % 60), $key, 'acme')::bytea FROM generate_series(1, 2000) AS d;
	CREATE TABLE long AS SELECT corim(999999, 40000) AS corim;});

my $scripts = 0;

sub start_psql
{
	my ($sql, $err) = @_;
	my $path = PostgreSQL::Test::Utils::tempdir() . '/' . ++$scripts . '.sql';
	append_to_file($path, $sql);
	return IPC::Run::start([ $node->installed_command('psql'), '-X', '-q', '-d', $node->connstr('postgres'), '-f', $path ], '<', \undef, '>', \my $out, '2>', $err);
}

# --- killed in the middle of loading ----------------------------------------------------------------------------------------------

# What is stored of each manifest must be what its document says, row for row; and nothing may be there without a manifest.
my %derived = (
	tag => ['tags', 'ordinal, kind, tag_id, tag_version'],
	tag_link => ['tag_links', 'ordinal, relation, tag_id'],
	triple => ['triples', 'ordinal, tag, kind, environment, content'],
	triple_environment => ['triple_environments', 'ordinal, environment'],
);

sub is_whole
{
	my ($server, $when) = @_;
	for my $table (sort keys %derived)
	{
		my ($function, $columns) = @{ $derived{$table} };
		my $stored = "SELECT manifest, md5(array_agg(($columns)::text ORDER BY ($columns)::text)::text) FROM rim.$table GROUP BY 1";
		my $said = "SELECT m.id, md5(array_agg(($columns)::text ORDER BY ($columns)::text)::text) FROM rim.manifest m, coserv.$function(m.document) GROUP BY 1";
		is($server->safe_psql('postgres', "SELECT count(*) FROM (($stored EXCEPT $said) UNION ALL ($said EXCEPT $stored)) AS d"), '0', "$when, $table has what the documents say");
	}
	return;
}

# Through the index and by reading all of the table.
sub indexes_agree
{
	my ($server, $when) = @_;
	my $look = q{SELECT md5(string_agg(n || ' ' || c, ',' ORDER BY n)) FROM (
		SELECT n, (SELECT count(*) FROM rim.triple t WHERE t.environment @> e) + (SELECT count(*) FROM rim.triple_environment t WHERE t.environment @> e) AS c
		FROM (SELECT n, format('{0: {0: 560(h''%s'')}}', lpad(to_hex(n * 1000 + 1), 8, '0'))::coserv.environment AS e FROM generate_series(1, 2000, 97) AS n
			UNION ALL SELECT -n, format('{0: {1: "D%s"}}', n)::coserv.environment FROM generate_series(1, 2000, 97) AS n) AS q) AS r};
	my $path = 'SET search_path = coserv, pg_catalog;';
	my $by_index = $server->safe_psql('postgres', "$path SET enable_seqscan = off; $look");
	is($by_index, $server->safe_psql('postgres', "$path SET enable_bitmapscan = off; SET enable_indexscan = off; SET enable_indexonlyscan = off; $look"),
		"$when, indexes and tables agree");
	is($server->safe_psql('postgres', 'SET enable_seqscan = off; SELECT count(*) FROM rim.triple WHERE manifest IN (SELECT id FROM rim.manifest)'),
		$server->safe_psql('postgres', 'SET enable_indexscan = off; SET enable_bitmapscan = off; SET enable_indexonlyscan = off; SELECT count(*) FROM rim.triple'),
		"$when, so do the primary keys");
	return;
}

sub loaders
{
	my ($from, $to) = @_;
	return map {
		my $w = $_;
		start_psql(join('', map { $_ % 7 ? "SELECT rim.load(document) FROM doc WHERE n = $_;\n" : "BEGIN; SELECT rim.load(document) FROM doc WHERE n BETWEEN $_ AND $_ + 5; COMMIT;\n" }
			  grep { $_ % 4 == $w } $from .. $to), \my $err)
	} 0 .. 3;
}

sub wait_for_manifests
{
	my $count = shift;
	$node->poll_query_until('postgres', "SELECT count(*) > $count FROM rim.manifest") or die 'nothing is loaded';
	return;
}

for my $round (1 .. 3)
{
	my $before = $node->safe_psql('postgres', 'SELECT count(*) FROM rim.manifest');
	my @loaders = loaders(1 + ($round - 1) * 500, $round * 500);
	wait_for_manifests($before + 40 * $round);
	if ($round == 2)
	{
		# one backend dies of SIGKILL: the postmaster takes all the others down and recovers
		my $pid = $node->safe_psql('postgres', q{SELECT pid FROM pg_stat_activity WHERE query LIKE '%rim.load%' AND pid <> pg_backend_pid() LIMIT 1});
		kill('KILL', $pid) if $pid;
		$_->finish for @loaders;
		for (my $tries = 0; $tries < 600 && system('pg_isready', '-q', '-d', $node->connstr('postgres')); $tries++)
		{
			usleep(100_000);
		}
	}
	else
	{
		my $postmaster = (split /\n/, slurp_file($node->data_dir . '/postmaster.pid'))[0];
		$round == 1 ? $node->stop('immediate') : $node->kill9;
		$_->finish for @loaders;
		# a killed postmaster is there until somebody has reaped it
		for (my $tries = 0; $tries < 300 && kill(0, $postmaster); $tries++)
		{
			usleep(100_000);
		}
		$node->start;
	}
	my $there = $node->safe_psql('postgres', 'SELECT count(*) FROM rim.manifest');
	cmp_ok($there, '>=', $before + 40 * $round, "crash $round: what was committed is there ($there)");
	cmp_ok($there, '<', $round * 500, 'and loading was under way');
	is_whole($node, "after crash $round");
	indexes_agree($node, "after crash $round");
}

# --- a standby that compares each page that it writes with the primary's ----------------------------------------------------------

$node->append_conf('postgresql.conf', "wal_consistency_checking = 'gin,btree'\n");
$node->reload;
$node->backup('copy');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'copy', has_streaming => 1);
$standby->start;
$_->finish for loaders(1401, 1550);
$node->safe_psql('postgres', 'DELETE FROM rim.manifest WHERE id IN (SELECT id FROM rim.manifest ORDER BY id LIMIT 60); VACUUM rim.triple; VACUUM rim.triple_environment');
$_->finish for loaders(1, 100);
$node->wait_for_catchup($standby);
is($standby->safe_psql('postgres', 'SELECT pg_is_in_recovery()'), 't', 'every page of every index is the same on the standby (wal_consistency_checking)');
is_whole($standby, 'on the standby');
indexes_agree($standby, 'on the standby');
$standby->stop;
$node->append_conf('postgresql.conf', "wal_consistency_checking = ''\n");
$node->reload;

# --- cancelled in the middle -----------------------------------------------------------------------------------------------------

# One connection for all: what a cancelled statement would leave behind in a backend must not show.
my $long_edn = '[' . join(', ', ('{"a": [1, 2, 3.5], h\'010203\': <<"x">>}') x 40) . ']';
$node->safe_psql('postgres', qq{
	CREATE TABLE edn AS SELECT '[' || repeat('{1: [1, 2, 3.5], h''010203'': <<"x">>},', 600000) || '0]' AS text;
	CREATE TABLE signed AS SELECT coserv.sign(corim, $key, 'acme')::bytea AS document FROM long;
	SELECT rim.load(document) FROM signed;});
my $everything = q{'{0: "tag:x", 1: {0: 2, 1: {0: [[{1: "ACME"}]]}, 2: 0}}'};
my $evidence = q{'{"cmtype": 2, "profile": 32("tag:x"), "authority": [560(h''01'')], "environment": {0: {0: 560(h''00000001''), 1: "ACME", 2: "1"}}, "element-list": [{"element-claims": {1: 7}}]}'};
my %long = (
	'parsing EDN' => 'SELECT length(text::coserv.cbor::bytea) FROM edn',
	'validating' => 'SELECT count(*) FROM coserv.triples((SELECT document FROM signed))',
	'loading' => "DELETE FROM rim.manifest WHERE corim_id = 'crash-999999'; SELECT rim.load(document) FROM signed",
	'executing' => "SELECT length(rim.execute($everything)::bytea) FROM generate_series(1, 50)",
	'appraising' => "SELECT count(*) FROM generate_series(1, 100000) AS g, rim.appraise($evidence, now() + g * interval '1 us')",
	'describing' => 'SELECT length(coserv.describe(corim)) FROM long, generate_series(1, 20)',
);

# The same as a whole, for less.
my %once = (
	'loading' => "DELETE FROM rim.manifest WHERE corim_id = 'crash-60'; SELECT rim.load(document) FROM doc WHERE n = 60",
	'executing' => "SELECT length(rim.execute($everything)::bytea)",
	'appraising' => "SELECT count(*) FROM rim.appraise($evidence)",
);

my $session = $node->background_psql('postgres', on_error_stop => 0);
my $pid = $session->query('SELECT pg_backend_pid()');
my $memory = 'SELECT sum(total_bytes) FROM pg_backend_memory_contexts';

sub ask
{
	my $answer = $session->query(shift);
	$session->{stderr} = '';
	return $answer;
}

# The statement under a timeout that falls somewhere into it; true when that ended it.
sub cancelled
{
	my ($sql, $ms) = @_;
	$session->query("SET statement_timeout = $ms; $sql; RESET statement_timeout");
	my $was = $session->{stderr} =~ /canceling statement/;
	$session->{stderr} = '';
	ask('ROLLBACK');
	ask('RESET statement_timeout');
	return $was;
}

for my $what (sort keys %long)
{
	my $cancelled = 0;

	cancelled($long{$what}, 40) for 1 .. 3;
	ask($once{$what}) if $once{$what};	# what a backend keeps for good is made now
	my $before = ask($memory);
	my $begin = time;
	$cancelled += cancelled($long{$what}, 15 + 9 * $_) for 1 .. 20;
	my $took = time - $begin;
	cmp_ok($cancelled, '>', 10, "$what: cancelled $cancelled times of 20");
	cmp_ok($took, '<', 60, 'at once');
	cmp_ok(ask($memory), '<=', $before + 65536, "$what: no memory is held");
	is($node->safe_psql('postgres', "SELECT count(*) FROM pg_locks WHERE pid = $pid"), '0', "$what: no lock is held");
}
is_whole($node, 'after cancelled statements');

# pg_cancel_backend from another connection, while the answer is being made
my $cancel = start_psql("SELECT pg_sleep(0.5); SELECT pg_cancel_backend($pid);", \my $cancel_err);
$session->query("SELECT count(*) FROM generate_series(1, 1000), rim.quads($everything)");
like($session->{stderr}, qr/canceling statement due to user request/, 'pg_cancel_backend ends an answer');
$session->{stderr} = '';
$cancel->finish;

# --- ten thousand errors ----------------------------------------------------------------------------------------------------------

my %failing = (
	'EDN' => "PERFORM ('[1, {2: [' || i || ', h''0')::coserv.cbor",
	'CBOR' => "PERFORM ('\\x9f' || i)::bytea::coserv.cbor",
	'environment' => "PERFORM ('{0: {7: ' || i || '}}')::coserv.environment",
	'measurement' => "PERFORM ('{1: {2: ' || i || '}}')::coserv.measurement",
	'CoRIM' => "PERFORM ('501(' || i || ')')::coserv.corim",
	'query' => "PERFORM ('{0: \"tag:x\", 1: {0: ' || i || '}}')::coserv.coserv; PERFORM rim.execute('{1: {0: 2, 1: {0: [[{1: \"ACME\"}]]}, 2: 0}, 0: \"tag:x\"}')",
	'key' => "PERFORM ('-----BEGIN PUBLIC KEY-----' || i)::coserv.crypto_key",
	'certificate' => "PERFORM '555(\"-----BEGIN CERTIFICATE-----\\nMIIB\\n-----END CERTIFICATE-----\\n\")'::coserv.crypto_key; PERFORM coserv.sign('501({0: \"x\", 1: [506(<<{1: {0: \"t\"}, 4: {0: [[{0: {1: \"v\"}}, [{1: {1: 1}}]]]}}>>)]})', 'no key', 'acme')",
	'signature' => 'PERFORM rim.load(set_byte(document, length(document) - 1 - i % 60, get_byte(document, length(document) - 1 - i % 60) # 1)) FROM doc WHERE n = 60',
	'document' => 'PERFORM rim.load(substr(document, 1, i % 1000)) FROM doc WHERE n = 60',
	'HTTP' => "PERFORM rim.http('GET', '/coserv/' || i); RAISE 'x'",
	'appraisal' => "PERFORM rim.appraise(('{\"cmtype\": 2, \"environment\": {0: ' || i || '}}')::coserv.cbor)",
);

sub all_fail
{
	my ($sql, $times) = @_;
	$session->query("DO \$do\$ DECLARE n int := 0; BEGIN FOR i IN 1 .. $times LOOP BEGIN $sql; EXCEPTION WHEN OTHERS THEN n := n + 1; END; END LOOP;"
		  . " IF n < $times THEN RAISE EXCEPTION 'only % of them failed', n; END IF; END \$do\$");
	my $said = $session->{stderr};
	$session->{stderr} = '';
	return $said;
}

my $resident = sub { slurp_file("/proc/$pid/status") =~ /^RssAnon:\s+(\d+)/m; return $1 };
my $has_proc = -r "/proc/$pid/status";
for my $what (sort keys %failing)
{
	all_fail($failing{$what}, 200);
	my $before = ask($memory);
	my $held = $has_proc ? $resident->() : 0;
	unlike(all_fail($failing{$what}, 10000), qr/ERROR/, "$what: 10,000 errors");
	cmp_ok(ask($memory), '<=', $before + 65536, "$what: no memory is held");
  SKIP:
	{
		skip 'no /proc here', 1 unless $has_proc;
		# what OpenSSL and libcbor allocate is in no memory context
		cmp_ok($resident->(), '<=', $held + 4096, "$what: nor outside of memory contexts");
	}
}
$session->quit;
$node->stop;

done_testing();
