# What a crash, a standby that checks each page, a cancelled statement and ten thousand errors leave behind: whole manifests, indexes that
# agree with their tables, no lock and no memory. Needs servers that die and several connections: psql alone cannot show it.
use strict;
use warnings FATAL => 'all';

use FindBin;
use IPC::Run;
use POSIX ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep time);

my $data = "$FindBin::RealBin/../data";
my $PARTS = 10;		# where a statement is cancelled
my $ROUNDS = 8;		# until memory must have settled

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
	CREATE TABLE long AS SELECT corim(999999, 80000) AS corim;});

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
	triple_environment => ['triple_environments', 'ordinal, kind, environment'],
	triple_condition => ['triple_conditions', 'ordinal, anchor, key, minimum'],
);

sub is_whole
{
	my ($server, $when) = @_;
	for my $table (sort keys %derived)
	{
		my ($function, $columns) = @{ $derived{$table} };
		my $stored = "SELECT manifest, md5(array_agg(($columns)::text ORDER BY ($columns)::text)::text) FROM rim.$table GROUP BY 1";
		my $said = "SELECT m.id, md5(array_agg(($columns)::text ORDER BY ($columns)::text)::text) FROM rim.manifest m, coserv.document('rim', m.id) d, coserv.$function(d.document) GROUP BY 1";
		is($server->safe_psql('postgres', "SELECT count(*) FROM (($stored EXCEPT $said) UNION ALL ($said EXCEPT $stored)) AS d"), '0', "$when, $table has what the documents say");
	}
	# the same by the store's own means, signatures too
	is($server->safe_psql('postgres', 'SELECT (SELECT count(*) FROM rim.check()), (SELECT count(*) FROM rim.verify())'), '0|0', "$when, the store finds nothing wrong with itself");
	return;
}

# Through the index and by reading all of the table.
sub indexes_agree
{
	my ($server, $when) = @_;
	my $look = q{SELECT md5(string_agg(n || ' ' || c, ',' ORDER BY n)) FROM (
		SELECT n, (SELECT count(*) FROM rim.triple t WHERE t.live AND t.environment @> e) + (SELECT count(*) FROM rim.triple t WHERE NOT t.live AND t.environment @> e)
			+ (SELECT count(*) FROM rim.triple_environment t WHERE t.live AND t.environment @> e) + (SELECT count(*) FROM rim.triple_environment t WHERE NOT t.live AND t.environment @> e) AS c
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

# Four connections that load what is between $from and $to; with $on, they then load more and more, for longer than anybody waits, so that a crash finds them at it however fast the machine is.
sub loaders
{
	my ($from, $to, $on) = @_;
	my @loaders;
	for my $w (0 .. 3)
	{
		my $sql = join('', map { $_ % 7 ? "SELECT rim.load(document) FROM doc WHERE n = $_;\n" : "BEGIN; SELECT rim.load(document) FROM doc WHERE n BETWEEN $_ AND $_ + 5; COMMIT;\n" }
			  grep { $_ % 4 == $w } $from .. $to);
		my $more = quoted(qq{SELECT rim.load(coserv.sign(corim(%%s, 20), $key, 'acme')::bytea)});
		$sql .= sprintf("SELECT format($more, i) FROM generate_series(%d, %d) AS i \\gexec\n", $from * 1000000 + $w * 100000, $from * 1000000 + $w * 100000 + 99999) if $on;
		push @loaders, { err => '' };
		$loaders[-1]->{run} = start_psql($sql, \$loaders[-1]->{err});
	}
	return @loaders;
}

sub finish { $_->{run}->finish for @_; return }

sub manifests_of
{
	my ($from, $to) = @_;
	return "SELECT count(*) FROM rim.manifest WHERE corim_id IN (SELECT 'crash-' || n FROM generate_series($from, $to) AS n)";
}

# Also when a process of the server that was killed is not gone yet.
sub start_again
{
	for (1 .. $PostgreSQL::Test::Utils::timeout_default)
	{
		return if $node->start(fail_ok => 1);
		usleep(1_000_000);
	}
	die 'the server does not start';
}

for my $round (1 .. 3)
{
	my @range = (1 + ($round - 1) * 500, $round * 500);
	my $enough = 40 * $round;
	my @loaders = loaders(@range, 'and on');
	$node->poll_query_until('postgres', manifests_of(@range) =~ s/count\(\*\)/count(*) > $enough/r) or die 'nothing is loaded';
	if ($round == 2)
	{
		# one backend dies of SIGKILL: the postmaster takes all the others down and recovers
		my $pid = $node->safe_psql('postgres', q{SELECT pid FROM pg_stat_activity WHERE query LIKE '%rim.load%' AND pid <> pg_backend_pid() LIMIT 1});
		kill('KILL', $pid);
		finish(@loaders);
		for (my $tries = 0; $tries < 10 * $PostgreSQL::Test::Utils::timeout_default && system('pg_isready', '-q', '-d', $node->connstr('postgres')); $tries++)
		{
			usleep(100_000);
		}
	}
	else
	{
		my $postmaster = (split /\n/, slurp_file($node->data_dir . '/postmaster.pid'))[0];
		$round == 1 ? $node->stop('immediate') : $node->kill9;
		finish(@loaders);
		# a killed postmaster is there until somebody has reaped it
		for (my $tries = 0; $tries < 10 * $PostgreSQL::Test::Utils::timeout_default && kill(0, $postmaster); $tries++)
		{
			usleep(100_000);
		}
		start_again();
	}
	my $there = $node->safe_psql('postgres', manifests_of(@range));
	cmp_ok($there, '>', $enough, "crash $round: what was committed is there ($there)");
	# psql says so with its status
	is(scalar(grep { $_->{run}->result(0) == 2 } @loaders), 4, 'and loading was under way, until the connection was lost')
	  or diag(map { "status " . $_->{run}->result(0) . ": $_->{err}\n" } @loaders);
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
finish(loaders(1401, 1550));
$node->safe_psql('postgres', 'SELECT count(rim.revoke(manifest => id, reason => $$test$$)) FROM (SELECT id FROM rim.manifest ORDER BY id LIMIT 60) m; VACUUM rim.triple; VACUUM rim.triple_environment');
finish(loaders(1, 100));
$node->wait_for_catchup($standby);
is($standby->safe_psql('postgres', 'SELECT pg_is_in_recovery()'), 't', 'every page of every index is the same on the standby (wal_consistency_checking)');
is_whole($standby, 'on the standby');
indexes_agree($standby, 'on the standby');
$standby->stop;
$node->append_conf('postgresql.conf', "wal_consistency_checking = ''\n");
$node->reload;

# --- cancelled in the middle -----------------------------------------------------------------------------------------------------

# One connection for all: what a cancelled statement would leave behind in a backend must not show.
$node->safe_psql('postgres', qq{
	CREATE TABLE edn AS SELECT '[' || repeat('{1: [1, 2, 3.5], h''010203'': <<"x">>},', 400000) || '0]' AS text;
	CREATE TABLE signed AS SELECT coserv.sign(corim, $key, 'acme')::bytea AS document FROM long;
	CREATE TABLE fresh AS SELECT coserv.sign(corim, $key, 'acme', not_after => '2090-01-01')::bytea AS document FROM long;
	SELECT rim.load(document) FROM signed;});
my $everything = q{'{0: "tag:x", 1: {0: 2, 1: {0: [[{1: "ACME"}]]}, 2: 0}}'};
my $evidence = q{'{"cmtype": 2, "profile": 32("tag:x"), "authority": [560(h''01'')], "environment": {0: {0: 560(h''00000001''), 1: "ACME", 2: "1"}}, "element-list": [{"element-claims": {1: 7}}]}'};

# One whole of each takes a good part of a second; what is cancelled repeats it without end, so that a timeout always falls into it.
my %whole = (
	'parsing EDN' => 'PERFORM length(text::coserv.cbor::bytea) FROM edn',
	'validating' => 'PERFORM count(*) FROM signed, coserv.triples(document)',
	'loading' => "BEGIN PERFORM rim.load(document) FROM fresh; RAISE EXCEPTION 'once more'; EXCEPTION WHEN raise_exception THEN END",
	'executing' => "PERFORM length(rim.execute($everything)::bytea)",
	'appraising' => "PERFORM count(*) FROM generate_series(1, 500) AS g, rim.appraise($evidence, now() + g * interval '1 us')",
	'describing' => 'PERFORM length(coserv.describe(corim)) FROM long',
);

my $session = $node->background_psql('postgres', on_error_stop => 0);
$session->set_query_timer_restart;
my $pid = $session->query('SELECT pg_backend_pid()');
my $memory = 'SELECT sum(used_bytes) FROM pg_backend_memory_contexts';
my $has_proc = -r "/proc/$pid/status";

sub ask
{
	my $answer = $session->query(shift);
	$session->{stderr} = '';
	return $answer;
}

# Seconds that the backend has run for. A machine that has no time for it shows on the clock, but not in these.
my $ticks = POSIX::sysconf(POSIX::_SC_CLK_TCK());
sub ran
{
	return time unless $has_proc;
	my @fields = split / /, slurp_file("/proc/$pid/stat") =~ s/^.*\) //sr;
	return ($fields[11] + $fields[12]) / $ticks;
}

# The whole, again and again, until the timeout; true when that ended it, and how long the backend ran.
sub cancelled
{
	my ($whole, $seconds) = @_;
	my $begin = ran();
	$session->query(sprintf('SET statement_timeout = %d; DO $do$ BEGIN LOOP %s; COMMIT; END LOOP; END $do$; RESET statement_timeout', 1 + 1000 * $seconds, $whole));
	my $was = $session->{stderr} =~ /canceling statement due to statement timeout/;
	$session->{stderr} = '';
	return ($was, ran() - $begin);
}

# What a backend keeps is for good, or nothing: caches fill and settle, a leak goes on. So of a few rounds one must add nothing.
sub settles
{
	my ($round, $measure, $what) = @_;
	my @held = ($measure->());
	for (1 .. $ROUNDS)
	{
		$round->();
		push @held, $measure->();
		last if $held[-1] <= $held[-2];
	}
	cmp_ok($held[-1], '<=', $held[-2], "$what: no memory is held (@held)");
	return;
}

for my $what (sort keys %whole)
{
	my ($tries, $cancelled, $late) = (0, 0, 0);

	my ($begin, $began) = (ran(), time);
	ask("DO \$do\$ BEGIN $whole{$what}; END \$do\$");
	my ($takes, $took) = (ran() - $begin, time - $began);

	my $round = sub {
		for my $part (1 .. $PARTS)
		{
			my $timeout = $took * ($part - 0.5) / $PARTS;
			my ($was, $ran) = cancelled($whole{$what}, $timeout);
			$tries++;
			$cancelled += $was;
			$late += $ran > $timeout + $takes / 4 + 0.02;
		}
	};
	$round->();
	settles($round, sub { ask($memory) }, $what);
	is($cancelled, $tries, "$what: each of $tries was cancelled");
	# most of what could not be interrupted would be late: it ends with the whole
	cmp_ok($late, '<=', $tries / 4, sprintf('%s: in the middle of it (%d late, one takes %.2f s)', $what, $late, $takes));
	is(ask('SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype <> $$virtualxid$$ AND relation IS DISTINCT FROM $$pg_locks$$::regclass'), '0', "$what: no lock is held");
}
is($session->query('SELECT pg_backend_pid()'), $pid, 'one backend lived through all of it');
is_whole($node, 'after cancelled statements');

# pg_cancel_backend from another connection, while the answer is being made
my $cancel = start_psql(qq{DO \$\$ BEGIN
	WHILE NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $pid AND state = 'active' AND query LIKE '%rim.quads%') LOOP
		PERFORM pg_sleep(0.1);
		PERFORM pg_stat_clear_snapshot();
	END LOOP;
	PERFORM pg_sleep(0.2);
	PERFORM pg_cancel_backend($pid);
END \$\$}, \my $cancel_err);
$session->query("SELECT count(*) FROM generate_series(1, 1000000), rim.quads($everything)");
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

# what OpenSSL and libcbor allocate is in no memory context; the kernel gives and takes it in large pieces
my $resident = sub { slurp_file("/proc/$pid/status") =~ /^RssAnon:\s+(\d+)/m; return int($1 / 4096) };
for my $what (sort keys %failing)
{
	all_fail($failing{$what}, 200);
	my $said = '';
	settles(sub { $said .= all_fail($failing{$what}, 10000) }, sub { ask($memory) }, $what);
	unlike($said, qr/ERROR/, "$what: 10,000 errors");
  SKIP:
	{
		skip 'no /proc here', 1 unless $has_proc;
		settles(sub { all_fail($failing{$what}, 10000) }, $resident, "$what, outside of memory contexts");
	}
}
$session->quit;
$node->stop;

done_testing();
