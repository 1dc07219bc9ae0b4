# Every function, operator and cast of the extension and of a store, called by an ordinary role with hostile arguments by the catalog's
# types (test/lib/hostile.sql), under a statement_timeout of 200 ms: the backend survives, each answer or error is there 300 ms after the
# timeout at the latest, and memory returns to where it was. Time on the wire is what a client waits, which a function inside cannot see.
# HOSTILE_CALLS says how many (test/long/hostile: 100,000), HOSTILE_SEED which,
# HOSTILE_LARGE which share of the arguments has some 60 MB; none where it is not said, for making them takes a minute.
use strict;
use warnings FATAL => 'all';

use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $calls = $ENV{HOSTILE_CALLS} // 10000;
my $seed = $ENV{HOSTILE_SEED} // 0.5;
my $large = $ENV{HOSTILE_LARGE} // 0;
my $TIMEOUT = 200;
my $LATE = 500;
my $top = "$FindBin::RealBin/../..";
diag("HOSTILE_CALLS=$calls HOSTILE_SEED=$seed HOSTILE_LARGE=$large");

my $node = PostgreSQL::Test::Cluster->new('hostile');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off\nautovacuum = off\nmax_wal_size = '2GB'\nlog_min_messages = fatal\nlog_min_error_statement = fatal\nlog_statement = none\n");
$node->start;
my $key = slurp_file("$top/test/data/acme.pub") =~ s/'/''/gr;
$node->safe_psql('postgres', qq{
	CREATE EXTENSION coserv;
	CREATE ROLE hostile LOGIN;
	SELECT coserv.create_store('rim');
	INSERT INTO rim.authority (name, key, accepts_unsigned) VALUES ('acme', '$key', true);
	SELECT rim.load('501({0: "x", 1: [506(<<{1: {0: "t"}, 4: {0: [[{0: {1: "V"}}, [{0: 7, 1: {1: 1}}]]]}}>>)]})'::coserv.corim::bytea, 'acme');
	SELECT rim.grant_reader('hostile'), rim.grant_loader('hostile'), rim.grant_administrator('hostile');
	GRANT pg_read_all_stats TO hostile;
});
$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-v', "calls=$calls", '-v', "seed=$seed", '-v', "large=$large", '-v', 'with_large=' . ($large > 0 ? 'on' : 'off'), '-d', $node->connstr('postgres'), '-f', "$top/test/lib/hostile.sql" ],
	"$calls calls");

my $session = q{
\set QUIET 1
\set VERBOSITY sqlstate
SET client_min_messages = error;
SET search_path = pg_catalog, pg_temp;
SET jit = off;
PREPARE memory AS SELECT sum(total_bytes) AS held FROM pg_backend_memory_contexts;
};

# run(SQL of a query for statements): one backend runs them; for each its milliseconds and SQLSTATE, and what memory it held before and after.
sub run
{
	my ($query) = @_;
	my $script = $session . "\\echo memory\n\\t on\nEXECUTE memory;\n\\timing on\n$query \\gexec\n\\timing off\nRESET statement_timeout;\n\\echo memory\nEXECUTE memory;\n";
	my (%ms, %state, @memory, $id, $out);

	IPC::Run::run([ 'psql', '-X', '-A', '-e', '-d', $node->connstr('postgres') . ' user=hostile' ], '<', \$script, '>&', \$out);
	for (split /\n/, $out)
	{
		if (/^\/\* (\d+) \*\//) { $id = $1; $state{$id} = '00000'; }
		elsif (/^(?:psql:\S+ )?ERROR:\s+(\w{5})$/) { $state{$id} = $1 if defined $id; }
		elsif (/^Time: ([\d.]+) ms/) { $ms{$id} = $1 if defined $id; }
		elsif (/^memory$/) { $id = undef; push @memory, undef; }
		elsif (/^(\d+)$/ && @memory && !defined $memory[-1]) { $memory[-1] = $1; }
	}
	return (\%ms, \%state, \@memory, $out);
}

# the timeout is for what is called, not for asking what to call
sub statements
{
	return "SELECT s FROM (SELECT 0, 'SET statement_timeout = $TIMEOUT' UNION ALL"
	  . " SELECT id, format('/* %s */ %s', id, statement) FROM hostile.call WHERE $_[0]) AS c(id, s) ORDER BY id";
}

my ($warm) = run(statements('id <= 1'));
my ($ms, $state, $memory, $out) = run(statements('true'));
is(scalar keys %$state, $calls, 'each was called');
is(scalar keys %$ms, $calls, 'the backend survived each') or diag(substr $out, -1500);

my %count;
$count{$_}++ for values %$state;
diag(join ', ', map { "$_: $count{$_}" } sort { $count{$b} <=> $count{$a} } keys %count);
my @internal = grep { $state->{$_} =~ /^XX/ } sort { $a <=> $b } keys %$state;
is_deeply(\@internal, [], 'no error is an internal one') or show(@internal);

# A machine that is busy elsewhere makes any call late: what is late is late each time.
my @late = grep { ($ms->{$_} // 0) > $LATE } sort { $a <=> $b } keys %$ms;
for (1 .. 3)
{
	last if !@late;
	my ($again) = run(statements('id IN (' . join(', ', @late) . ')'));
	@late = grep { ($again->{$_} // $LATE + 1) > $LATE } @late;
}
is_deeply(\@late, [], "no answer is later than $LATE ms") or show(@late);

cmp_ok($memory->[1] // 1e12, '<', $memory->[0] + 16 * 1024 * 1024, 'memory is back') or diag("@$memory");

# What takes longest in one piece: a million keys, which are to be sorted, in either direction; texts that are copied. Wherever the timeout
# falls, it is heard within what the calls above are given.
$node->safe_psql('postgres', q{
	CREATE TABLE hostile.large AS
		SELECT ('{' || string_agg(format('"%s": 0', 10000000 - i), ',' ORDER BY i) || '}')::coserv.cbor AS map, ('"' || repeat('x', 30000000) || '"')::coserv.cbor AS text,
			('[' || string_agg((1000000 - i)::text, ',' ORDER BY i) || ']')::coserv.cbor AS array, ('[' || string_agg(i::text, ',' ORDER BY i) || ']')::coserv.cbor AS reversed
		FROM generate_series(1, 1000000) i;
	GRANT SELECT ON hostile.large TO hostile;
});
for my $call ('map::jsonb', 'text::jsonb', 'coserv.cbor_diag(text)', 'coserv.deterministic(map)', 'array OPERATOR(coserv.@>) reversed')
{
	my @left = map { 100 * $_ } 1 .. 9;
	for (1 .. 4)
	{
		@left = grep { answers_after($call, $_) > $_ + $LATE - $TIMEOUT } @left;
	}
	is_deeply(\@left, [], "$call hears a timeout wherever it falls");
}

# timed(statement, timeout): milliseconds until its answer, and those that the backend had of a processor (where the kernel does not tell: the same)
sub timed
{
	my ($statement, $timeout) = @_;
	my ($out, $err);
	my $processor = -e '/proc/self/schedstat' ? "\\! cut -d' ' -f1 /proc/\$PID/schedstat\n" : '';

	$node->psql('postgres', "$session\nSET statement_timeout = $timeout;\nSELECT pg_backend_pid() AS pid \\gset\n\\setenv PID :pid\n$processor\\timing on\n$statement;\n\\timing off\n$processor",
		extra_params => [ '-U', 'hostile' ], on_error_stop => 0, stdout => \$out, stderr => \$err);
	my $ms = $out =~ /Time: ([\d.]+) ms/ ? $1 : 1e9;
	my @had = $out =~ /^(\d{6,})$/mg;
	return ($ms, @had > 1 ? ($had[-1] - $had[0]) / 1e6 : $ms);
}

sub answers_after
{
	my ($call, $timeout) = @_;
	my ($ms, $processor) = timed("SELECT count($call) FROM hostile.large", $timeout);
	return $processor < $ms ? $processor : $ms;
}

sub show
{
	diag("$_: " . ($ms->{$_} // '?') . " ms, $state->{$_}: " . $node->safe_psql('postgres', "SELECT statement FROM hostile.call WHERE id = $_")) for @_[0 .. ($#_ > 40 ? 40 : $#_)];
}

done_testing();
