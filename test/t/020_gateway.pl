# coserv-gateway as a transport: what a store's http() is asked and what of its answer arrives, when databases fail, when there
# is too much to do, and on the way down. A stand-in for the store's function does what each test needs, so no extension is.
use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use HTTP::Tiny;
use IO::Socket::INET;
use IPC::Run;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $program = $ENV{COSERV_GATEWAY} // '../build/gateway/coserv-gateway';
plan skip_all => "no $program: make -C gateway first" unless -x $program;

my $problem = 'application/concise-problem-details+cbor';
my $node = PostgreSQL::Test::Cluster->new('gateway');
$node->init;
$node->append_conf('postgresql.conf', 'max_connections = 50');
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE SCHEMA "odd ""store""";
CREATE FUNCTION "odd ""store""".http(method text, path text, request jsonb)
RETURNS TABLE (status int, headers jsonb, body bytea) LANGUAGE plpgsql AS $$
DECLARE
	what text := split_part(split_part(path, '?', 1), '/', 2);
	arg text := split_part(path, '?', 2);
BEGIN
	status := 200;
	headers := '{"Content-Type": "text/plain"}';
	body := '';
	CASE what
		WHEN '.well-known' THEN
			NULL;
		WHEN 'echo' THEN
			headers := '{"Content-Type": "application/json", "ETag": "\"1\"", "Cache-Control": "max-age=60"}';
			body := convert_to(jsonb_build_object('method', method, 'path', path, 'headers', request)::text, 'UTF8');
		WHEN 'big' THEN
			body := convert_to(repeat('0123456789abcdef', arg::int * 65536), 'UTF8');
		WHEN 'pid' THEN
			body := convert_to(pg_backend_pid()::text, 'UTF8');
		WHEN 'setting' THEN
			body := convert_to(current_setting(arg), 'UTF8');
		WHEN 'status' THEN
			status := arg::int;
			body := CASE WHEN status IN (204, 304) THEN '' ELSE 'body' END::bytea;
		WHEN 'lock' THEN
			PERFORM pg_advisory_xact_lock_shared(1);
			body := 'unlocked';
		WHEN 'together' THEN
			PERFORM pg_advisory_lock_shared(2);	-- stays with the session
			WHILE (SELECT count(*) < arg::int FROM pg_locks WHERE locktype = 'advisory' AND objid = 2) LOOP
				PERFORM pg_sleep(0.01);
			END LOOP;
		WHEN 'nothing' THEN
			RETURN;
		WHEN 'headerless' THEN
			headers := NULL;
			body := NULL;
		WHEN 'bad-header' THEN
			headers := jsonb_build_object('X-Split', E'a\r\nSet-Cookie: b');
		WHEN 'transport' THEN
			headers := '{"Content-Length": "1", "Transfer-Encoding": "chunked", "X-Kept": "yes"}';
			body := 'whole';
		ELSE
			RAISE EXCEPTION 'secret of the database';
	END CASE;
	RETURN NEXT;
END $$;
SQL

my $gateway;
my ($out, $err) = ('', '');

# Starts a gateway on a free port; returns its address.
sub start_gateway
{
	my @options = @_;

	$out = '';
	local $ENV{PGAPPNAME};
	delete $ENV{PGAPPNAME};
	$gateway = IPC::Run::start(
		[ $program, '--listen', '127.0.0.1:0', '--db', $node->connstr('postgres'), '--store', 'odd "store"', @options ],
		'<', \undef, '>', \$out, '2>', \$err, IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
	$gateway->pump until $out =~ /\n/;
	my ($address) = $out =~ /^listening on (127\.0\.0\.1:[1-9]\d*)$/m or die "no address in \"$out\", \"$err\"";
	return $address;
}

sub stop_gateway
{
	$gateway->signal('TERM');
	$gateway->finish;
	return $gateway->result(0);
}

# One request on a connection of its own; HTTP::Tiny, for what it can say.
my $http = HTTP::Tiny->new(keep_alive => 0, timeout => $PostgreSQL::Test::Utils::timeout_default);

sub get { return $http->get("http://$_[0]$_[1]"); }

# Raw bytes on a connection of its own.
sub send_raw
{
	my ($address, $bytes) = @_;
	my $socket = IO::Socket::INET->new(PeerAddr => $address, Timeout => $PostgreSQL::Test::Utils::timeout_default) or die "could not connect: $!";

	print $socket $bytes;
	$socket->flush;
	return $socket;
}

sub read_all
{
	my ($socket) = @_;
	my $answer = '';

	local $SIG{ALRM} = sub { die 'no end of the answer' };
	alarm $PostgreSQL::Test::Utils::timeout_default;
	while (sysread($socket, my $chunk, 65536)) { $answer .= $chunk; }
	alarm 0;
	return $answer;
}

sub raw { return read_all(send_raw(@_)); }

sub request_text { return "GET $_[0] HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"; }

# ---- the command line ----

is_deeply([ run_command([ $program, '--version' ]) ], [ 'coserv-gateway ' . version(), '' ], '--version');
command_like([ $program, '--help' ], qr/--timeout/, '--help');
command_exit_is([ $program ], 2, 'a store must be named');
command_exit_is([ $program, '--store', 's', '--pool', '0' ], 2, 'a pool needs a connection');
command_exit_is([ $program, '--store', 's', '--listen', 'nowhere' ], 1, 'an address needs a port');
command_exit_is([ $program, '--store', 's', 'more' ], 2, 'there are no further arguments');

sub version
{
	my ($version) = slurp_file('../META.json') =~ /^  "version": "(.*)",/m;
	return $version;
}

# ---- what the store is asked, and what of its answer arrives ----

my $pidfile = "$PostgreSQL::Test::Utils::tmp_check/gateway.pid";
my $address = start_gateway('--pool', 4, '--timeout', 600000, '--pidfile', $pidfile);
my $answer = get($address, '/echo/a%20b/%2e%2E/ogB4I3R-_?x=%41&y');
my $echo = decode_json($answer->{content});

is($answer->{status}, 200, 'status');
is($echo->{method}, 'GET', 'method');
is($echo->{path}, '/echo/a%20b/%2e%2E/ogB4I3R-_?x=%41&y', 'path and query string as they were sent');
is($answer->{headers}{etag}, '"1"', 'a header of the store');
is($answer->{headers}{'cache-control'}, 'max-age=60', 'another header of the store');
like(slurp_file($pidfile), qr/^\d+$/, 'pid file');

$answer = raw($address, "GET http://proxied.example/echo?q HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
	  . "Accept: application/coserv+cose; profile=\"a\\\"b,c\"\r\nX-Twice: 1\r\nACCEPT: */*;q=0.1\r\n"
	  . "x-twice: 2\r\nX-Tab: a\tb\r\nX-Utf: \xc3\xa9\r\nX-Latin: \xe9\\\r\nX-Empty:\r\n\r\n");
($echo) = $answer =~ /\r\n\r\n(.*)/s;
$echo = decode_json($echo);
is($echo->{path}, '/echo?q', 'absolute form of the target');
is($echo->{headers}{accept}, 'application/coserv+cose; profile="a\\"b,c", */*;q=0.1', 'quotes and escapes; joined across case');
is($echo->{headers}{'x-twice'}, '1, 2', 'a header that came twice');
is($echo->{headers}{'x-tab'}, "a\tb", 'a control character');
is($echo->{headers}{'x-utf'}, "\x{e9}", 'UTF-8 is kept');
is($echo->{headers}{'x-latin'}, "\x{e9}\\", 'other bytes are read as ISO-8859-1');
is($echo->{headers}{'x-empty'}, '', 'an empty header');
is($echo->{headers}{host}, 'x', 'Host');

$answer = raw($address, "HEAD /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
like($answer, qr/^HTTP\/1\.1 200 .*\r\nContent-Length: [1-9]/s, 'HEAD: length of the body');
like($answer, qr/\r\n\r\n\z/, 'HEAD: no body');
for my $status (204, 304)
{
	$answer = raw($address, request_text("/status?$status"));
	like($answer, qr/^HTTP\/1\.1 $status /, "status $status");
	like($answer, qr/\r\n\r\n\z/, "status $status: no body");
}
is(get($address, '/status?418')->{status}, 418, 'a status of the store');
is(get($address, '/status?99')->{status}, 500, 'a status that is none');
$answer = get($address, '/transport');
is($answer->{content}, 'whole', 'length and framing are not the store\'s to say');
is($answer->{headers}{'x-kept'}, 'yes', '... but its other headers are');
$answer = get($address, '/headerless');
is($answer->{status}, 200, 'an answer without headers and body');

$answer = get($address, '/big?20');
is(length $answer->{content}, 20 * 1048576, 'a large body');
is(sha256_hex($answer->{content}), sha256_hex('0123456789abcdef' x (20 * 65536)), '... is whole');

my $socket = send_raw($address, "GET /pid HTTP/1.1\r\nHost: x\r\n\r\n" . request_text('/status?201'));
like(read_all($socket), qr/^HTTP\/1\.1 200 .*HTTP\/1\.1 201 /s, 'two requests on one connection');

# ---- settings of the session ----

is(get($address, '/setting?transaction_read_only')->{content}, 'on', 'transactions are read-only');
is(get($address, '/setting?statement_timeout')->{content}, '10min', 'statements have a time limit');
is(get($address, '/setting?application_name')->{content}, 'coserv-gateway', 'the session says who it is');

# ---- what goes wrong ----

sub is_problem
{
	my ($response, $status, $what) = @_;

	is($response->{status}, $status, "$what: $status");
	is($response->{headers}{'content-type'}, $problem, "$what: problem details");
	like($response->{content}, qr/\A\xa2\x20[\x60-\x78].*\x21[\x60-\x78]/s, "$what: title and detail");
	is($response->{headers}{'cache-control'}, 'no-store', "$what: not to be cached");
}

$answer = get($address, '/unknown');
is_problem($answer, 500, 'an error in the database');
unlike($answer->{content}, qr/secret/, '... whose message stays there');
is_problem(get($address, '/nothing'), 500, 'no row');
is_problem(get($address, '/bad-header'), 500, 'a header with a line break');

my $post = sub {
	my ($length) = @_;
	return $http->post("http://$address/echo", { content => 'x' x $length });
};
is(decode_json($post->(16384)->{content})->{method}, 'POST', 'a small body is ignored');
like(raw($address, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 16385\r\n\r\n"), qr/^HTTP\/1\.1 413 .*\Q$problem\E/s,
	'a body that says it is large');
like(raw($address, "POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
		  . ("2000\r\n" . 'x' x 8192 . "\r\n") x 3 . "0\r\n\r\n"),
	qr/^HTTP\/1\.1 413 .*\Q$problem\E/s, 'a body that turns out to be large');
like(raw($address, "GET /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" . join('', map { "X-$_: 1\r\n" } 1 .. 101) . "\r\n"),
	qr/^HTTP\/1\.1 431 .*\Q$problem\E/s, 'too many headers');
like(raw($address, request_text("/echo/\xff")), qr/^HTTP\/1\.1 400 .*\Q$problem\E/s, 'a path that is no URI');
is(get($address, '/echo/' . 'a' x 50000)->{status}, 200, 'a long path');
like(raw($address, "NONSENSE\r\n\r\n"), qr/^HTTP\/1\.\d 400 |^\z/, 'no request at all');
is(get($address, '/echo')->{status}, 200, 'after all of that it still answers');

# ---- at the same time ----

my @sockets = map { send_raw($address, request_text('/together?4')) } 1 .. 4;
like(read_all($_), qr/^HTTP\/1\.1 200 /, 'a request that waits for three others') for @sockets;
@sockets = map { send_raw($address, request_text('/big?1')) } 1 .. 40;
is(scalar(grep { length(read_all($_)) > 1048576 } @sockets), 40, 'more requests than connections');

# ---- the database goes and comes ----

# Whichever connection is next: all of them are gone.
my $backends = "FROM pg_stat_activity WHERE application_name = 'coserv-gateway'";
my $pid = get($address, '/pid')->{content};
my $gone = $node->safe_psql('postgres', "SELECT string_agg(pid::text, ',') $backends");
$node->safe_psql('postgres', "SELECT pg_terminate_backend(pid, 100000) FROM unnest('{$gone}'::int[]) pid");
is($node->safe_psql('postgres', "SELECT count(*) $backends AND pid IN ($gone)"), 0, 'every connection is terminated');
for my $attempt (1 .. 8)
{
	$answer = get($address, '/pid');
	is($answer->{status}, 200, "request $attempt after that");
	isnt($answer->{content}, $pid, '... is answered on a new connection');
}

$node->safe_psql('postgres', <<'SQL');
DROP FUNCTION "odd ""store""".http;
CREATE FUNCTION "odd ""store""".http(text, text, jsonb, OUT status int, OUT headers jsonb, OUT body bytea)
LANGUAGE sql RETURN (203, '{}'::jsonb, ''::bytea);
SQL
is(get($address, '/x')->{status}, 203, 'a store that was upgraded answers on the same connections');

$node->stop;
$answer = get($address, '/pid');
is_problem($answer, 503, 'no database');
ok($answer->{headers}{'retry-after'} >= 1, '... come again later');
is(get($address, '/pid')->{status}, 503, '... and still none');
$node->start;
my $status = 0;
for (1 .. 10 * $PostgreSQL::Test::Utils::timeout_default)
{
	last if ($status = get($address, '/x')->{status}) == 203;
	select(undef, undef, undef, 0.1);
}
is($status, 203, 'the database is back');

# ---- stopping ----

is(stop_gateway(), 0, 'SIGTERM ends it well');
ok(!-e $pidfile, 'the pid file is gone');
my ($line) = $err =~ m{^(\{.*"path":"/echo/a%20b/.*)$}m;
my $logged = decode_json($line);
is_deeply([ @$logged{qw(method status peer listener store)} ], [ 'GET', 200, '127.0.0.1', 'query', 'odd "store"' ], 'a line of JSON for each request');
like($logged->{time}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, '... with its time');
like($logged->{request}, qr/^[0-9a-f]{16}$/, '... and an id');
like($err, qr{"path":"/echo/a{194}"}, '... with the path cut');
like($err, qr{secret of the database}, 'what the database said is logged');
unlike($err, qr{warning}i, 'and nobody warns');

# ---- what was prepared is gone, as behind a pooler ----

$node->safe_psql('postgres', <<'SQL');
CREATE OR REPLACE FUNCTION "odd ""store""".http(text, text, jsonb, OUT status int, OUT headers jsonb, OUT body bytea)
LANGUAGE plpgsql AS $$
BEGIN
	status := CASE WHEN EXISTS (SELECT FROM pg_prepared_statements) THEN 201 ELSE 200 END;
	IF $2 = '/forget' THEN EXECUTE 'DEALLOCATE ALL'; END IF;
END $$
SQL
$address = start_gateway('--pool', 1);
is(get($address, '/')->{status}, 201, 'statements are prepared');
is(get($address, '/forget')->{status}, 201, '... and forgotten');
is(get($address, '/')->{status}, 200, '... which no client sees');
is(stop_gateway(), 0, 'and it ends');
like($err, qr{nothing is prepared any more}, '... and was said');

# ---- a statement that takes too long ----

$node->safe_psql('postgres', <<'SQL');
CREATE OR REPLACE FUNCTION "odd ""store""".http(text, text, jsonb, OUT status int, OUT headers jsonb, OUT body bytea)
LANGUAGE plpgsql AS $$
BEGIN
	status := 200;
	WHILE $2 = '/sleep' LOOP PERFORM pg_sleep(60); END LOOP;
END $$
SQL
$address = start_gateway('--pool', 1, '--timeout', 100);
$answer = get($address, '/sleep');
is_problem($answer, 503, 'statement timeout');
is($answer->{headers}{'retry-after'}, 1, '... which says when to come again');
is(stop_gateway(), 0, 'and the gateway goes on to its end');

# ---- too much to do, and stopping while requests run ----

$node->safe_psql('postgres', <<'SQL');
CREATE OR REPLACE FUNCTION "odd ""store""".http(text, text, jsonb, OUT status int, OUT headers jsonb, OUT body bytea)
LANGUAGE plpgsql AS $$
BEGIN
	IF $2 = '/lock' THEN PERFORM pg_advisory_xact_lock_shared(1); END IF;
	status := 200;
	headers := '{}';
	body := 'unlocked';
END $$
SQL
my $holder = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('postgres') ], '<', \my $to_psql, '>', \my $from_psql,
	IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
$to_psql = "SELECT pg_advisory_lock(1); SELECT 'locked';\n";
$holder->pump until $from_psql =~ /locked/;

$address = start_gateway('--pool', 1, '--max-requests', 2, '--timeout', 600000);
my $waiting = "SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";
my @waiting = (send_raw($address, request_text('/lock')));
$node->poll_query_until('postgres', $waiting) or die 'the request does not wait';
push @waiting, send_raw($address, request_text('/lock'));

# The second one is in the queue when a third is refused; which of them comes first is not known, so try until one is.
my $refused;
for (1 .. 10 * $PostgreSQL::Test::Utils::timeout_default)
{
	push @waiting, send_raw($address, request_text('/lock')) if @waiting < 100;
	my $ready = '';
	vec($ready, fileno($_), 1) = 1 for @waiting;
	next unless select($ready, undef, undef, 0.1);
	my ($late) = grep { vec($ready, fileno($waiting[$_]), 1) } 0 .. $#waiting;
	$refused = read_all(splice(@waiting, $late, 1));
	last;
}
like($refused // '', qr/^HTTP\/1\.1 503 .*Retry-After: 1\r\n/s, 'one request more than --max-requests');
like($refused // '', qr/\Q$problem\E/, '... gets problem details');

# A connection that is open and idle does not hold it up.
my $idle = send_raw($address, '');
$gateway->signal('TERM');
my $closed = 0;
for (1 .. 10 * $PostgreSQL::Test::Utils::timeout_default)
{
	last if $closed = !IO::Socket::INET->new(PeerAddr => $address, Timeout => 1);
	select(undef, undef, undef, 0.1);
}
ok($closed, 'while it stops, nobody can connect');
$to_psql = "\\q\n";
$holder->finish;
my @answers = map { read_all($_) } @waiting;
is(scalar(grep { /^HTTP\/1\.1 200 .*unlocked\z/s } @answers), 2, 'the running request and the one in the queue are answered');
is(scalar(grep { /^HTTP\/1\.1 200 .*Connection: close/is } @answers), 2, '... and told that the connection ends');
$gateway->finish;
is($gateway->result(0), 0, 'and then it ends');

done_testing();
