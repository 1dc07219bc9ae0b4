# coserv-gateway as an HTTP server: what RFC 9110 and RFC 9112 let one server read so and another otherwise is refused, every answer of its
# own is problem details in the form that the client accepts, and nothing that a client sends causes a 500. The store is a stand-in.
use strict;
use warnings;

use lib 'lib';
use Gateway;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

plan skip_all => "no $Gateway::program: make -C gateway first" unless -x $Gateway::program;

my $store = <<'SQL';
CREATE SCHEMA rim;
CREATE FUNCTION rim.http(method text, path text, request jsonb, OUT status int, OUT headers jsonb, OUT body bytea) LANGUAGE plpgsql AS $$
BEGIN
	status := CASE WHEN path = '/not-modified' THEN 304 ELSE 200 END;
	headers := '{"Content-Type": "application/json", "ETag": "\"1\""}';
	body := CASE WHEN status = 200 THEN convert_to(jsonb_build_object('method', method, 'path', path, 'headers', request)::text, 'UTF8') END;
END $$;
SQL
my $node = PostgreSQL::Test::Cluster->new('rules');
$node->init(extra => [ '--encoding=SQL_ASCII', '--locale=C' ]);
$node->start;
$node->safe_psql('postgres', $store);
$node->safe_psql('postgres', "CREATE SCHEMA $_") for qw(other);
$node->safe_psql('postgres', $store =~ s/CREATE SCHEMA rim;//r =~ s/rim\.http/other.http/r);
my $gateway = Gateway->start('--db', $node->connstr('postgres'), '--store', 'rim', '--store', 'other', '--header-timeout', 2, '--admin', '127.0.0.1:0');
my $address = $gateway->{address};

# What is between the request line and the end; "close" so that an answer ends.
sub with { return "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n$_[0]\r\n"; }

my @cases = (
	[ 'a whole request', with(''), 200 ],
	[ 'HTTP/1.0 without Host', "GET / HTTP/1.0\r\n\r\n", 200 ],
	[ 'no Host', "GET / HTTP/1.1\r\n\r\n", 400 ],
	[ 'two Hosts', with("Host: y\r\n"), 400 ],
	[ 'a Host that is none', "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400 ],
	[ 'a space before the colon', with("X-A : b\r\n"), 400 ],
	[ 'a header without a name', with(": b\r\n"), 400 ],
	[ 'a header without a colon', with("nothing\r\n"), 400 ],
	[ 'a header that goes on', with("X-A: b\r\n c\r\n"), 400 ],
	[ 'a NUL in a header', with("X-A: b\0c\r\n"), 400 ],
	[ 'a lone CR in a header', with("X-A: b\rc\r\n"), 400 ],
	[ 'lines that end with LF', "GET / HTTP/1.1\nHost: x\n\n", 400 ],
	[ 'two lengths', with("Content-Length: 3\r\nContent-Length: 5\r\n") . 'abcde', 400 ],
	[ 'twice the same length', with("Content-Length: 3\r\nContent-Length: 3\r\n") . 'abc', 400 ],
	[ 'a list of lengths', with("Content-Length: 3, 3\r\n") . 'abc', 400 ],
	[ 'a length with a sign', with("Content-Length: +3\r\n") . 'abc', 400 ],
	[ 'a length of 19 digits', with("Content-Length: 9999999999999999999\r\n"), 400 ],
	[ 'a length beside chunks', with("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n") . "0\r\n\r\n", 400 ],
	[ 'chunks', with("Transfer-Encoding: chunked\r\n") . "3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n", 200 ],
	[ 'chunks in HTTP/1.0', "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400 ],
	[ 'a chunk without a size', with("Transfer-Encoding: chunked\r\n") . "zz\r\n", 400 ],
	[ 'a chunk that is longer than it says', with("Transfer-Encoding: chunked\r\n") . "2\r\nabc\r\n0\r\n\r\n", 400 ],
	[ 'a chunk beyond every size', with("Transfer-Encoding: chunked\r\n") . "fffffffffffffff\r\n", 413 ],
	[ 'a chunk whose size has more digits than any', with("Transfer-Encoding: chunked\r\n") . "0000000000000001\r\nx\r\n0\r\n\r\n", 400 ],
	[ 'another transfer coding', with("Transfer-Encoding: gzip, chunked\r\n") . "0\r\n\r\n", 501 ],
	[ 'an expectation that nobody meets', with("Expect: magic\r\n"), 417 ],
	[ 'a method with a Latin-1 byte', "G\xe9T / HTTP/1.1\r\nHost: x\r\n\r\n", 400 ],
	[ 'a method with a control byte', "G\x01T / HTTP/1.1\r\nHost: x\r\n\r\n", 400 ],
	[ 'a method that nobody knows', "F\$'OO / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 200 ],
	[ 'a target in UTF-8', "GET /\xc3\xa9 HTTP/1.1\r\nHost: x\r\n\r\n", 400 ],
	[ 'a target that begins with no slash', "GET x HTTP/1.1\r\nHost: x\r\n\r\n", 400 ],
	[ 'CONNECT', "CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n", 400 ],
	[ 'OPTIONS *', "OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 200 ],
	[ 'two spaces in the request line', "GET  / HTTP/1.1\r\nHost: x\r\n\r\n", 400 ],
	[ 'no version', "GET /\r\n\r\n", 400 ],
	[ 'HTTP/2', "GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505 ],
	[ 'TLS', "\x16\x03\x01\x02\x00\x01\x00", 400 ],
	[ 'a long target', 'GET /' . 'a' x 70000 . " HTTP/1.1\r\nHost: x\r\n\r\n", 414 ],
	[ 'a line without end', 'GET /' . 'a' x 100000, 414 ],
	[ 'long headers', with('X-A: ' . 'a' x 90000 . "\r\n"), 431 ],
	[ 'too many headers', with(join '', map { "X-$_: 1\r\n" } 1 .. 101), 431 ],
	[ 'a Latin-1 byte in a header, and a database that knows no encoding', with("X-Latin: \xe9\r\n"), 200 ],
	[ 'UTF-8 in a header there', with("X-Utf: \xc3\xa9\r\n"), 200 ],
	[ 'an empty line before the request', "\r\n" . with(''), 200 ],
);
for my $case (@cases)
{
	my ($name, $bytes, $status) = @$case;
	my $answer = Gateway::parse(Gateway::raw($address, $bytes) // '', 0);

	is($answer->{status}, $status, "$name: $status");
	next if $status == 200;
	is($answer->{headers}{'content-type'}, 'application/concise-problem-details+cbor', '... as problem details');
	like($answer->{body}, qr/\A\xa2\x20[\x60-\x78].*\x21[\x60-\x78]/s, '... with title and detail');
	is($answer->{headers}{connection}, 'close', '... and nothing behind it is read');
}

# ---- smuggling: what is behind a refused request is no request ----

my $smuggled = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
my $answers = Gateway::raw($address, $smuggled);
is(scalar(() = $answers =~ /^HTTP\/1\.1 /mg), 1, 'a request behind an ambiguous one is not answered');

# ---- answers ----

my $answer = Gateway::ask($address, '/not-modified');
is($answer->{status}, 304, 'not modified');
ok(!exists $answer->{headers}{'content-length'}, '... has no Content-Length');
is($answer->{headers}{etag}, '"1"', '... and its ETag');

my $socket = Gateway::dial($address, "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
sysread($socket, my $first, 65536);
is($first, "HTTP/1.1 100 Continue\r\n\r\n", '100 Continue before a body that was announced');
print $socket 'abc';
like(Gateway::read_all($socket), qr/^HTTP\/1\.1 200 /, '... and the answer behind it');

$answer = Gateway::ask($address, '/', 'X-Request-Id: abc-1', 'traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01');
is($answer->{headers}{'x-request-id'}, 'abc-1', 'the id of a request goes back');
is(decode_json($answer->{body})->{headers}{traceparent}, '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', 'traceparent goes on to the store');
ok($gateway->logs(qr/"request":"abc-1","traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"/), '... and both are logged');
like(Gateway::ask($address, '/', "X-Request-Id: a\"b")->{headers}{'x-request-id'}, qr/^[0-9a-f]{16}$/, 'an id that is no token is not taken');

# ---- the form of problems ----

sub problem { return Gateway::ask($address, 'POST /', 'Content-Length: 99999', map { "Accept: $_" } @_); }
like(problem()->{headers}{'content-type'}, qr/cbor/, 'problems are CBOR for who says nothing');
like(problem('application/coserv+cose; profile="x"')->{headers}{'content-type'}, qr/concise-problem-details\+cbor/, '... and for who reads COSE');
is(problem('application/json')->{headers}{'content-type'}, 'application/problem+json', '... JSON for who accepts that');
is(decode_json(problem('application/json')->{body})->{status}, 413, '... which can be read');
is(problem('*/*')->{headers}{'content-type'}, 'text/plain; charset=utf-8', '... and text for a person with curl');
is(problem('*/*')->{body}, "Content too large\nRequests need no body.\n", '... in words');

# ---- several stores ----

sub seen { return decode_json(Gateway::ask($address, @_)->{body}); }
is(seen('/other/coserv/abc')->{path}, '/coserv/abc', 'a store by its name');
is(seen('/other/coserv/abc')->{headers}{'x-forwarded-prefix'}, '/other', '... is told its prefix');
is(seen('/other')->{path}, '/', '... its name alone');
is(seen('/others/x')->{path}, '/others/x', 'another word asks the first store');
ok(!exists seen('/x', 'X-Forwarded-Prefix: /evil')->{headers}{'x-forwarded-prefix'}, 'nobody else says a prefix');
ok(!exists seen('/x', 'X-Remote-User: root')->{headers}{'x-remote-user'}, 'nobody says who they are');
is_deeply([ grep { /auth|cookie/ } keys %{ seen('/x', 'Authorization: Basic eDp5', 'Cookie: a=b', 'Proxy-Authorization: x')->{headers} } ], [],
	'no secret is told to the store');
is(seen('/rim/x')->{path}, '/x', 'the first store has a name, too');

# ---- slow and absent senders ----

$socket = Gateway::dial($address, "GET / HTTP/1.1\r\nHost:");
like(Gateway::read_all($socket), qr/^HTTP\/1\.1 408 /, 'a head that does not come to its end');
$socket = Gateway::dial($address, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab");
like(Gateway::read_all($socket), qr/^HTTP\/1\.1 408 /, 'a body that does not come to its end');
is(Gateway::read_all(Gateway::dial($address, '')), '', 'who says nothing is told nothing');

is(scalar(() = $gateway->log =~ /"status":500/g), 0, 'none of all that was a 500');
is($gateway->stop, 0, 'and it ends well');

# ---- connections of one address ----

$gateway = Gateway->start('--db', $node->connstr('postgres'), '--store', 'rim', '--max-connections-per-address', 2);
my @three = map { Gateway::dial($gateway->{address}, '') } 1 .. 3;
is(Gateway::read_all($three[0]), '', 'of one address the connection that has been silent the longest makes room');
is(Gateway::parse(Gateway::read_all(Gateway::dial($gateway->{address}, with(''), '127.0.0.2')), 0)->{status}, 200, '... and other addresses do not matter');
$three[2]->print(with(""));
like(Gateway::read_all($three[2]), qr/^HTTP\/1\.1 200 /, '... nor is the newest closed');
$gateway->stop;

# ---- file, environment, command line ----

my $file = PostgreSQL::Test::Utils::tempdir() . '/gateway.conf';
PostgreSQL::Test::Utils::append_to_file($file, "# a comment\n\n  pool = 2\nstore=rim, other\nadmin = 127.0.0.1:0\nlisten = 127.0.0.1:0\ndb = " . $node->connstr('postgres') . "\n");
sub pool_size
{
	my $it = Gateway->start('--config', $file, @_);
	my ($size) = Gateway::ask($it->{admin}, '/metrics')->{body} =~ /^coserv_gateway_pool_size\{pool="query"\} (\d+)$/m;

	is(decode_json(Gateway::ask($it->{address}, '/other/x')->{body})->{path}, '/x', 'two stores of one line');
	$it->stop;
	return $size;
}
is(pool_size(), 2, 'the file says');
{
	local $ENV{COSERV_GATEWAY_POOL} = 3;
	is(pool_size(), 3, '... the environment goes before it');
	is(pool_size('--pool', 4), 4, '... and flags before that');
}
PostgreSQL::Test::Utils::append_to_file($file, "pol = 2\n");
command_fails_like([ $Gateway::program, '--config', $file ], qr/there is no setting "pol"/, 'a setting that is none');

# ---- IPv6 and Unix sockets ----

SKIP:
{
	skip 'no IPv6 here', 1 unless eval { require IO::Socket::IP; IO::Socket::IP->new(LocalHost => '::1', Listen => 1) };
	$gateway = Gateway->start('--db', $node->connstr('postgres'), '--store', 'rim', '--listen', '[::1]:0');
	$socket = IO::Socket::IP->new(PeerHost => '::1', PeerPort => $gateway->{address} =~ /:(\d+)$/) or die "could not connect: $!";
	print $socket with('');
	$socket->flush;
	like(Gateway::read_all($socket), qr/^HTTP\/1\.1 200 /, 'over IPv6');
	$gateway->stop;
}
my $path = PostgreSQL::Test::Utils::tempdir_short() . '/gw';
$gateway = Gateway->start('--db', $node->connstr('postgres'), '--store', 'rim', '--listen', "unix:$path");
require IO::Socket::UNIX;
$socket = IO::Socket::UNIX->new(Peer => $path) or die "could not connect: $!";
print $socket with('');
$socket->flush;
like(Gateway::read_all($socket), qr/^HTTP\/1\.1 200 /, 'over a Unix socket');
is($gateway->stop, 0, 'it ends');
ok(!-e $path, '... and takes its socket away');

done_testing();
