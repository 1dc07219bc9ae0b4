# nginx in front of coserv-gateway, with the configuration that is installed (gateway/nginx.conf): answers come from its cache, are asked about
# again and are never past their expiry; and Veraison's cocli hands documents in through it, with a password.
use strict;
use warnings;

use lib 'lib';
use Gateway;
use MIME::Base64 qw(encode_base64url);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);
use Time::Local qw(timegm);

plan skip_all => "no $Gateway::program: make -C gateway first" unless -x $Gateway::program;
plan skip_all => 'no nginx' unless -x '/usr/sbin/nginx';

my $dir = PostgreSQL::Test::Utils::tempdir;
my $node = PostgreSQL::Test::Cluster->new('behind');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off\ncoserv.result_ttl = 16");
$node->start;
my ($key, $public) = map { my $text = slurp_file("data/acme.$_"); chomp $text; $text } qw(key pub);
$node->safe_psql('postgres', <<"SQL");
CREATE EXTENSION coserv;
SELECT coserv.create_store('rim');
INSERT INTO rim.authority (name, key) VALUES ('ACME', '$public');
CREATE ROLE provision LOGIN NOINHERIT;
GRANT USAGE ON SCHEMA rim TO provision;
CREATE ROLE acme; SELECT rim.grant_loader('acme');
CREATE ROLE security; SELECT rim.grant_administrator('security');
CREATE ROLE idle;
GRANT acme, security, idle TO provision;
SQL
sub document
{
	my ($id, $vendor, $signed) = @_;
	my $corim = "format('501({0: \"%s\", 1: [506(<<{1: {0: \"%s\"}, 4: {0: [[{0: {1: \"%s\"}}, [{1: {1: %s}}]]]}}>>)], 3: 32(\"http://arm.com/psa/iot/1\")})', '$id', '$id', '$vendor', length('$id'))::coserv.corim";

	return pack 'H*', $node->safe_psql('postgres', 'SELECT encode(' . ($signed ? "coserv.sign($corim, '$key', 'acme')::bytea" : "${corim}::bytea") . ", 'hex')");
}
sub write_file { my ($name, $bytes) = @_; open my $out, '>', $name or die "$name: $!"; binmode $out; print $out $bytes; close $out; return; }
sub shell
{
	my ($command) = @_;
	my $out = '';

	IPC::Run::run([ 'bash', '-c', "cd $dir; $command" ], '<', \undef, '>', \$out, '2>&1', IPC::Run::timeout(300));
	return $out;
}
$node->safe_psql('postgres', "SELECT rim.load('\\x" . unpack('H*', document("first", "Cached", 1)) . "')");

my $db = $node->connstr('postgres');
my $gateway = Gateway->start('--store', 'rim', '--db', $db, '--provision', '127.0.0.1:0', '--provision-db', "$db user=provision", '--trusted-proxy', '127.0.0.1');

# ---- nginx: the configuration as it is installed, with other paths and ports ----

my $port = PostgreSQL::Test::Cluster::get_free_port();
my $configuration = slurp_file('../gateway/nginx.conf');
$configuration =~ s/127\.0\.0\.1:8080/$gateway->{address}/g;
$configuration =~ s/127\.0\.0\.1:8082/$gateway->{provision}/g;
$configuration =~ s{listen 443 ssl}{listen 127.0.0.1:$port ssl};
$configuration =~ s{/etc/nginx/|/var/cache/nginx/}{$dir/}g;
write_file("$dir/rim.conf", $configuration);
write_file("$dir/nginx.conf", <<"CONF");
daemon off;
worker_processes 1;
pid $dir/nginx.pid;
error_log $dir/error.log;
events { }
http {
	access_log off;
	client_body_temp_path $dir/body;
	proxy_temp_path $dir/proxy;
	fastcgi_temp_path $dir/fastcgi;
	uwsgi_temp_path $dir/uwsgi;
	scgi_temp_path $dir/scgi;
	include $dir/rim.conf;
}
CONF
shell('openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout rim.example.key -out rim.example.crt -days 3650'
	  . ' -subj /CN=rim.example -addext subjectAltName=DNS:rim.example,IP:127.0.0.1 2>&1');
write_file("$dir/coserv.htpasswd", join '', map { "$_:" . shell("openssl passwd -apr1 $_-password") } qw(acme security idle stranger));
my $nginx = IPC::Run::start([ '/usr/sbin/nginx', '-e', "$dir/error.log", '-c', "$dir/nginx.conf" ], '<', \undef, '>', "$dir/nginx.out", '2>', "$dir/nginx.err");
for (1 .. 1000) { last if -s "$dir/nginx.pid" && IO::Socket::INET->new("127.0.0.1:$port"); sleep 0.05; }
ok(-s "$dir/nginx.pid", 'nginx runs with it') or diag slurp_file("$dir/nginx.err");

my $curl = "curl -s --noproxy '*' --cacert rim.example.crt --resolve rim.example:$port:127.0.0.1";
sub ask
{
	my ($path, @headers) = @_;
	my $answer = Gateway::parse(shell("$curl -i --http1.1 " . join(' ', map { "-H '$_'" } @headers) . " https://rim.example:$port$path"), 0);

	return $answer;
}

# ---- the cache ----

my $query = pack 'H*', $node->safe_psql('postgres', q(SELECT encode('{0: "http://arm.com/psa/iot/1", 1: {0: 2, 1: {0: [[{1: "Cached"}]]}, 2: 0}}'::coserv.coserv::bytea, 'hex')));
my $path = '/coserv/' . encode_base64url($query);
my $expired = 0;
my %seen;
sub ask_query
{
	my $answer = ask($path, 'Accept: application/coserv+cbor');
	my @t = $answer->{body} =~ /(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z/;

	$expired++ unless $answer->{status} == 200 && @t && timegm($t[5], $t[4], $t[3], $t[2], $t[1] - 1, $t[0]) >= int time;
	return $answer;
}
is(ask_query()->{headers}{'x-cache-status'}, 'MISS', 'the first answer comes from the store');

# An answer is fresh for 2 s and keeps its expiry for 8: each is seen sooner or later.
my $etag;
for (1 .. 200)
{
	my $answer = ask_query();
	my $status = $answer->{headers}{'x-cache-status'};

	$etag = $answer->{headers}{etag};
	$seen{$status}++;
	last if $seen{HIT} && $seen{REVALIDATED};
	sleep 0.25;
}
ok($seen{HIT}, 'an answer comes from the cache: HIT');
ok($seen{REVALIDATED}, '... is asked about again, and stays: 304');
like($gateway->log, qr/"status":304/, '... by the gateway');
is($gateway->log =~ s/"status":200//gr =~ /"status":5/, '', '... without a fault');

$node->safe_psql('postgres', "SELECT rim.load('\\x" . unpack('H*', document("another", "Cached", 1)) . "')");
my $loaded = time;
my $answer;
for (1 .. 100)
{
	$answer = ask_query();
	last if $answer->{headers}{etag} ne $etag && $answer->{body} =~ /Cached.*Cached.*Cached/s;
	sleep 0.1;
}
isnt($answer->{headers}{etag}, $etag, 'what was loaded has another ETag');
cmp_ok(time - $loaded, '<', 8, '... once the old is no longer fresh');
is($expired, 0, 'and no answer was past its expiry');
my $signed = ask($path, 'Accept: application/coserv-discovery+json');
is($signed->{status}, 406, 'another Accept is another thing');
like(ask('/')->{body}, qr/remote attestation/, 'what this is');

# ---- who hands documents in ----

sub curl_submit { return shell("$curl -w ' %{http_code}' $_[0] -H 'Content-Type: application/rim+cose' --data-binary \@third.corim https://rim.example:$port/endorsement-provisioning/v1/submit"); }
write_file("$dir/third.corim", document('third', 'Third', 1));
write_file("$dir/unsigned.corim", document('unsigned', 'Unsigned', 0));
like(curl_submit(''), qr/ 401$/, 'nobody: 401');
like(curl_submit('-u acme:wrong'), qr/ 401$/, 'a wrong password: 401');
like(curl_submit("-u idle:idle-password -H 'X-Remote-User: acme'"), qr/ 403$/, 'a name that the client says is not believed');
like(curl_submit('-u stranger:stranger-password'), qr/There is no user \\"stranger\\" here.* 403$/, 'who is no role here: 403');
like(shell("$curl https://rim.example:$port/.well-known/veraison/provisioning"), qr/"provisioningSubmit": "\/endorsement-provisioning\/v1\/submit"/, 'discovery');

# ---- cocli ----

SKIP:
{
	my $cocli = `./interop/cocli/build.sh 2>$dir/cocli.log`;
	skip 'no cocli: ' . (split /\n/, slurp_file("$dir/cocli.log"))[0], 8 if $? != 0;
	chomp $cocli;
	my $submit = sub {
		my ($file, $type, @more) = @_;
		return shell("SSL_CERT_FILE=rim.example.crt no_proxy='*' HOME=$dir $cocli corim submit --corim-file=$file --api-server=https://127.0.0.1:$port/endorsement-provisioning/v1/submit"
			  . " --media-type='$type; profile=\"http://arm.com/psa/iot/1\"' "
			  . (@more ? join(' ', @more) : '--auth=basic --username=acme --password=acme-password') . '; echo "exit $?"');
	};
	like($submit->('third.corim', 'application/rim+cose'), qr/\Aexit 0\Z/, 'cocli hands a signed document in');
	my $third = pack 'H*', $node->safe_psql('postgres', q(SELECT encode('{0: "http://arm.com/psa/iot/1", 1: {0: 2, 1: {0: [[{1: "Third"}]]}, 2: 0}}'::coserv.coserv::bytea, 'hex')));
	like(ask('/coserv/' . encode_base64url($third), 'Accept: application/coserv+cbor')->{body}, qr/Third.*Third/s, '... and it answers');
	is($node->safe_psql('postgres', "SELECT who FROM rim.audit WHERE action = 'load' AND session = 'provision'"), 'acme', '... and the audit has who it was');
	like($submit->('third.corim', 'application/rim+cose'), qr/\Aexit 0\Z/, 'once more is as good');
	like($submit->('unsigned.corim', 'application/rim+cbor'), qr/submission failed: CoRIM: authority "acme" does not exist\. .*authority/, 'a refusal reads well');
	$node->safe_psql('postgres', "INSERT INTO rim.authority (name, key, accepts_unsigned) VALUES ('acme', '" . slurp_file('data/certifier.pub') . "', true)");
	like($submit->('unsigned.corim', 'application/corim-unsigned+cbor'), qr/\Aexit 0\Z/, 'an unsigned one in the name of an authority that is called like the user');
	write_file("$dir/broken.corim", "\xd9\x01\xf5\xa0");
	like($submit->('broken.corim', 'application/rim+cbor'), qr/exit 1\Z/, 'what is no CoRIM fails');
	like($submit->('third.corim', 'application/rim+cose', '--auth=basic --username=acme --password=wrong'), qr/401/, 'a wrong password: 401');
	like($submit->('third.corim', 'application/rim+cose', '--auth=basic --username=idle --password=idle-password'), qr/403/, 'who may not load: 403');
}

$nginx->kill_kill;
is($gateway->stop, 0, 'and so it ends');
done_testing();
