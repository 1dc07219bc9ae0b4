# The fault table of coserv-gateway: what it answers while databases restart, freeze, refuse connections or fail over, and while clients are
# slow or gone. Errors last no longer than the fault and 0.3 s; an answer is never wrong. A stand-in for the store says which server answers.
use strict;
use warnings;

use lib 'lib';
use Gateway;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

plan skip_all => "no $Gateway::program: make -C gateway first" unless -x $Gateway::program;

my $slack = 0.3;
my $soon = 8; # what hangs here hangs until the test ends it, so that this tells it from a machine that is busy
my $store = <<'SQL';
CREATE ROLE web LOGIN;
CREATE SCHEMA rim;
GRANT USAGE ON SCHEMA rim TO web;
CREATE FUNCTION rim.http(method text, path text, request jsonb, OUT status int, OUT headers jsonb, OUT body bytea) LANGUAGE plpgsql AS $$
BEGIN
	IF path = '/lock' THEN PERFORM pg_advisory_xact_lock_shared(1); END IF;
	IF path = '/sleep' THEN PERFORM pg_sleep(60); END IF;
	status := 200;
	headers := '{"Content-Type": "text/plain"}';
	body := convert_to(CASE WHEN path = '/pid' THEN pg_backend_pid()::text ELSE current_setting('cluster_name') || path END, 'UTF8');
END $$;
SQL

sub new_node
{
	my ($name) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);

	$node->init;
	$node->append_conf('postgresql.conf', "max_connections = 50\ncluster_name = '$name'\nfsync = off");
	$node->start;
	$node->safe_psql('postgres', $store);
	return $node;
}

# children(COUNT, CODE): runs CODE in so many processes; answers what they printed, as lists of words.
sub children
{
	my ($count, $code) = @_;
	my @pipes;

	for my $number (1 .. $count)
	{
		pipe(my $read, my $write) or die "no pipe: $!";
		my $pid = fork;
		if ($pid == 0)
		{
			close $read;
			select $write;
			$code->($number);
			close $write;
			POSIX::_exit(0);
		}
		close $write;
		push @pipes, [ $read, $pid ];
	}
	return sub {
		my @lines;
		for my $pipe (@pipes)
		{
			my ($read, $pid) = @$pipe;
			push @lines, map { [split] } <$read>;
			waitpid($pid, 0);
		}
		return @lines;
	};
}
require POSIX;

# clients(ADDRESS, COUNT, SECONDS): so many that ask one after the other; answers, when they are done, [begin, end, status, right?] of each request.
sub clients
{
	my ($address, $count, $seconds) = @_;

	return children($count, sub {
		my $until = time + $seconds;
		for (my $i = 0; time < $until; $i++)
		{
			my $begin = time;
			my $answer = Gateway::ask($address, "/$_[0]-$i");
			printf "%.3f %.3f %d %d\n", $begin, time, $answer->{status}, $answer->{status} != 200 || $answer->{body} =~ /^\w+\/$_[0]-$i$/;
			sleep 0.002;
		}
	});
}

sub is_never_wrong
{
	my ($what, @answers) = @_;

	cmp_ok(scalar @answers, '>', 50, "$what: requests were made");
	is(scalar(grep { !$_->[3] } @answers), 0, '... no answer is another\'s');
	is_deeply([ sort keys %{ { map { $_->[2] => 1 } grep { $_->[2] != 200 && $_->[2] != 503 } @answers } } ], [], '... none is other than 200 or 503');
	return;
}

sub longest { return (sort { $b <=> $a } map { $_->[1] - $_->[0] } @_)[0]; }

# What nine of ten requests stay below: a machine that stands still for a second makes one of many wait, a gateway that does makes all.
sub nearly_all { return (sort { $a <=> $b } map { $_->[1] - $_->[0] } @_)[ 0.9 * $#_ ]; }

my $node = new_node('one');
my @usual = ('--db', $node->connstr('postgres'), '--store', 'rim', '--pool', 4);
my $gateway = Gateway->start(@usual);

# ---- restart: three tries, for machines with other work ----

my $late;
for (1 .. 3)
{
	my $done = clients($gateway->{address}, 2, 3);
	sleep 0.5;
	my $away = time;
	$node->stop('fast');
	sleep 0.5;
	$node->start;
	my $back = time;
	my @answers = $done->();
	is_never_wrong('a restart', @answers);
	is(scalar(grep { $_->[2] != 200 && $_->[1] < $away } @answers), 0, '... nothing fails before');
	$late = (sort { $b <=> $a } map { $_->[1] - $back } grep { $_->[2] != 200 } @answers)[0] // -1;
	cmp_ok(nearly_all(@answers), '<', 3, '... and nobody waits for long');
	last if $late < $slack;
}
cmp_ok($late, '<', $slack, "the last error comes $late s after the database is back");

# ---- storms of pg_terminate_backend: three tries likewise ----

my ($done, @answers, $behind);
for (1 .. 3)
{
	$done = clients($gateway->{address}, 3, 3);
	my $storm_end = time + 2;
	$node->safe_psql('postgres', "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'coserv-gateway'"), sleep 0.02
	  while time < $storm_end;
	my $calm = time;
	@answers = $done->();
	is_never_wrong('a storm', @answers);
	$behind = grep { $_->[2] != 200 && $_->[0] > $calm + $slack } @answers;
	last if $behind == 0;
}
is($behind, 0, '... and nothing fails behind it');
note sprintf '%d of %d requests failed in the storm', scalar(grep { $_->[2] != 200 } @answers), scalar @answers;
is($gateway->stop, 0, '... the gateway is well');

# ---- a backend that hangs, and all of them ----

$gateway = Gateway->start(@usual, '--timeout', 500, '--admin', '127.0.0.1:0');
my %pids;
for (1 .. 200)
{
	my @sockets = map { Gateway::dial($gateway->{address}, "GET /pid HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") } 1 .. 8;
	$pids{ Gateway::parse(Gateway::read_all($_), 0)->{body} } = 1 for @sockets;
	last if keys %pids == 4;
}
is(scalar keys %pids, 4, 'four backends');
my ($frozen) = sort keys %pids;
kill 'STOP', $frozen;
$done = clients($gateway->{address}, 2, 2);
@answers = $done->();
is_never_wrong('a backend that hangs', @answers);
cmp_ok(scalar(grep { $_->[2] != 200 } @answers), '<=', 1, '... fails one request at most');
cmp_ok(longest(@answers), '<', $soon, '... which is told in time');
kill 'CONT', $frozen;

my $postmaster = (split /\n/, slurp_file($node->data_dir . '/postmaster.pid'))[0];
my @all = ($postmaster, split /\n/, $node->safe_psql('postgres', "SELECT pid FROM pg_stat_activity WHERE application_name = 'coserv-gateway'"));
kill 'STOP', @all;
my $answer = Gateway::ask($gateway->{address}, '/x');
is($answer->{status}, 503, 'a database that hangs');
cmp_ok($answer->{seconds}, '<', $soon, '... is told soon after the time-out');
is($answer->{headers}{'retry-after'}, 1, '... and when to come again');
my $ready = Gateway::ask($gateway->{admin}, '/readyz');
is($ready->{status}, 503, '/readyz');
cmp_ok($ready->{seconds}, '<', $soon, '... says so soon');
is(Gateway::ask($gateway->{admin}, '/healthz')->{status}, 200, '/healthz: the process is well');

# SIGTERM while everything hangs
my $second = Gateway->start('--db', new_node('two')->connstr('postgres'), '--store', 'rim', '--drain-timeout', 1, '--timeout', 60000);
my $hanging = Gateway::dial($second->{address}, "GET /sleep HTTP/1.1\r\nHost: x\r\n\r\n");
sleep 0.2;
my $begin = time;
is($second->stop, 0, 'SIGTERM while a request hangs ends it');
cmp_ok(time - $begin, '<', 1 + $soon, '... within its limit');
kill 'CONT', reverse @all;
my $well = 0;
for (1 .. 50)
{
	last if $well = Gateway::ask($gateway->{address}, '/x')->{status} == 200;
	sleep 0.05;
}
ok($well, 'the database goes on, and so does the gateway');

# ---- slow clients ----

my $slow = children(4, sub {
	my @sockets = map { Gateway::dial($gateway->{address}, "GET /slow HTTP/1.1\r\nHost:", '127.0.0.2') } 1 .. 250;
	sleep 3;
	print "done\n";
});
sleep 0.5;
@answers = clients($gateway->{address}, 1, 2)->();
is_never_wrong('beside 1,000 slow clients', @answers);
is(scalar(grep { $_->[2] != 200 } @answers), 0, '... a good one is answered');
cmp_ok(nearly_all(@answers), '<', 1, '... within a second');
$slow->();

# ---- no descriptors left while it runs ----

SKIP:
{
	skip 'no prlimit', 3 unless IPC::Run::run([ 'prlimit', '--pid', $gateway->pid, '--nofile=40' ], '>', \my $said, '2>', \my $failed);
	my @held = map { Gateway::dial($gateway->{address}, "GET /held HTTP/1.1\r\nHost:", '127.0.0.3') } 1 .. 60;
	ok($gateway->logs(qr/could not accept a connection: Too many open files/), 'no descriptors are left');
	@answers = clients($gateway->{address}, 1, 2)->();
	is(scalar(grep { $_->[2] != 200 } @answers), 0, '... whoever has been sending the longest makes room');
	cmp_ok(nearly_all(@answers), '<', 1, '... and a good client is answered within a second');
}

# ---- clients that leave ----

my $holder = $node->background_psql('postgres', on_error_stop => 0);
$holder->query_safe('SELECT pg_advisory_lock(1)');
is($gateway->stop, 0, 'another gateway');
$gateway = Gateway->start('--db', $node->connstr('postgres'), '--store', 'rim', '--pool', 1, '--timeout', 60000, '--admin', '127.0.0.1:0');
my @left = map { Gateway::dial($gateway->{address}, "GET /lock HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") } 1 .. 6;
sleep 0.3;
close $_ for @left[1 .. 5];
sleep 0.3;
$holder->query_safe('SELECT pg_advisory_unlock(1)');
$holder->quit;
like(Gateway::read_all($left[0]), qr/200 OK/, 'who stays is answered');
like(Gateway::ask($gateway->{admin}, '/metrics')->{body}, qr/^coserv_gateway_dropped_total 5$/m, 'who leaves is not asked about');
is($gateway->stop, 0, 'and so it ends');

# ---- one connection too few ----

$node->safe_psql('postgres', 'ALTER ROLE web CONNECTION LIMIT 3');
$gateway = Gateway->start('--db', $node->connstr('postgres') . ' user=web', '--store', 'rim', '--pool', 4, '--admin', '127.0.0.1:0');
@answers = clients($gateway->{address}, 8, 1.5)->();
is_never_wrong('one connection too few', @answers);
is(scalar(grep { $_->[2] != 200 } @answers), 0, '... costs nobody an answer');
like(Gateway::ask($gateway->{admin}, '/metrics')->{body}, qr/^coserv_gateway_pool_connected\{pool="query"\} 3$/m, '... and shows');
ok($gateway->logs(qr/too many connections for role/), '... in the log, too');
is($gateway->stop, 0, 'and so it ends');

# ---- fail-over, and back ----

my $standby = new_node('standby');
$gateway = Gateway->start('--db', 'host=' . join(',', map { $_->host } $node, $standby) . ' port=' . join(',', map { $_->port } $node, $standby)
	  . ' dbname=postgres', '--store', 'rim', '--pool', 2, '--connection-age', 1);
like(Gateway::ask($gateway->{address}, '/x')->{body}, qr/^one/, 'the preferred host answers');
$done = clients($gateway->{address}, 1, 2);
sleep 0.3;
$node->stop('immediate');
@answers = $done->();
is_never_wrong('fail-over', @answers);
like(Gateway::ask($gateway->{address}, '/x')->{body}, qr/^standby/, '... to the other host');
$node->start;
my $home = 0;
for (1 .. 200)
{
	last if $home = Gateway::ask($gateway->{address}, '/x')->{body} =~ /^one/ && Gateway::ask($gateway->{address}, '/x')->{body} =~ /^one/;
	sleep 0.05;
}
ok($home, '... and back again');
is($gateway->stop, 0, 'and so it ends');

# ---- what is wrong from the start is said at the start ----

sub refuses
{
	my ($what, $pattern, @options) = @_;
	my ($out, $err) = ('', '');
	my $ok = IPC::Run::run([ $Gateway::program, '--listen', '127.0.0.1:0', @options ], '<', \undef, '>', \$out, '2>', \$err,
		IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));

	ok(!$ok, "$what: it does not start");
	like($err, $pattern, '... and says why');
	return;
}
my $db = $node->connstr('postgres');
$node->safe_psql('postgres', 'REVOKE USAGE ON SCHEMA rim FROM web; ALTER ROLE web CONNECTION LIMIT -1');
refuses('a wrong store', qr/store "nope" does not answer: .*schema "nope" does not exist/s, '--db', $db, '--store', 'nope');
refuses('a missing grant', qr/store "rim" does not answer: .*permission denied for schema rim/s, '--db', "$db user=web", '--store', 'rim');
refuses('a role that is none', qr/role "nobody" does not exist/, '--db', "$db user=nobody", '--store', 'rim');
my ($out, $err) = ('', '');
ok(!IPC::Run::run([ 'sh', '-c', 'ulimit -n 64; exec "$@"', 'sh', $Gateway::program, '--listen', '127.0.0.1:0', '--db', $db, '--store', 'rim' ],
	'<', \undef, '>', \$out, '2>', \$err), 'too few descriptors: it does not start');
like($err, qr/1072 file descriptors are needed, and the limit is 64/, '... and says how many it needs');

done_testing();
