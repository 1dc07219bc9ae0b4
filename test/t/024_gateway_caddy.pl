# Caddy in front of coserv-gateway, with the configuration that is installed (gateway/Caddyfile): TLS, answers and their ETags pass through it,
# and whoever it knows hands documents in by the name that it knows.
use strict;
use warnings;

use lib 'lib';
use Gateway;
use MIME::Base64 qw(encode_base64url);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep);

plan skip_all => "no $Gateway::program: make -C gateway first" unless -x $Gateway::program;
plan skip_all => 'no caddy' unless -x '/usr/bin/caddy';

my $dir = PostgreSQL::Test::Utils::tempdir;
my $node = PostgreSQL::Test::Cluster->new('behind_caddy');
$node->init;
$node->append_conf('postgresql.conf', 'fsync = off');
$node->start;
my ($key, $public) = map { my $text = slurp_file("data/acme.$_"); chomp $text; $text } qw(key pub);
$node->safe_psql('postgres', <<"SQL");
CREATE EXTENSION coserv;
SELECT coserv.create_store('rim');
INSERT INTO rim.authority (name, key) VALUES ('ACME', '$public');
CREATE ROLE provision LOGIN NOINHERIT;
GRANT USAGE ON SCHEMA rim TO provision;
CREATE ROLE acme; SELECT rim.grant_loader('acme');
CREATE ROLE security;
GRANT acme, security TO provision;
SQL
sub write_file { my ($name, $bytes) = @_; open my $out, '>', $name or die "$name: $!"; binmode $out; print $out $bytes; close $out; return; }
sub shell
{
	my ($command) = @_;
	my $out = '';

	IPC::Run::run([ 'bash', '-c', "cd $dir; $command" ], '<', \undef, '>', \$out, '2>&1', IPC::Run::timeout(300));
	return $out;
}
sub document
{
	my ($id) = @_;

	return qq(coserv.sign('501({0: "$id", 1: [506(<<{1: {0: "$id"}, 4: {0: [[{0: {1: "First"}}, [{1: {1: ${\ length $id}}}]]]}}>>)], 3: 32("tag:acme.example,2026:q")})'::coserv.corim, '$key', 'acme')::bytea);
}
$node->safe_psql('postgres', 'SELECT rim.load(' . document('before') . ')');

my $db = $node->connstr('postgres');
my $gateway = Gateway->start('--store', 'rim', '--db', $db, '--provision', '127.0.0.1:0', '--provision-db', "$db user=provision", '--trusted-proxy', '127.0.0.1');

# ---- the configuration as it is installed, with other ports and a certificate of our own ----

my $port = PostgreSQL::Test::Cluster::get_free_port();
my $configuration = slurp_file('../gateway/Caddyfile');
$configuration =~ s/127\.0\.0\.1:8080/$gateway->{address}/g;
$configuration =~ s/127\.0\.0\.1:8082/$gateway->{provision}/g;
$configuration =~ s/^rim\.example \{/https:\/\/rim.example:$port {\n\tbind 127.0.0.1\n\ttls $dir\/rim.example.crt $dir\/rim.example.key/m;
write_file("$dir/Caddyfile", "{\n\tadmin off\n\tauto_https disable_redirects\n\tstorage file_system $dir/caddy\n}\n$configuration");
shell('openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout rim.example.key -out rim.example.crt -days 3650'
	  . ' -subj /CN=rim.example -addext subjectAltName=DNS:rim.example 2>&1');
my %hash = map { $_ => shell("/usr/bin/caddy hash-password --plaintext $_-password") =~ s/\s+\z//r } qw(acme security);
local @ENV{qw(ACME_PASSWORD_HASH SECURITY_PASSWORD_HASH HOME XDG_CONFIG_HOME XDG_DATA_HOME)} = ($hash{acme}, $hash{security}, $dir, $dir, $dir);
my $caddy = IPC::Run::start([ '/usr/bin/caddy', 'run', '--config', "$dir/Caddyfile", '--adapter', 'caddyfile' ], '<', \undef, '>', "$dir/caddy.out", '2>', "$dir/caddy.err");
my $curl = "curl -sS --http1.1 --noproxy '*' --cacert rim.example.crt --resolve rim.example:$port:127.0.0.1";
my $up = 0;
for (1 .. 600) { last if ($up = shell("$curl -o /dev/null -w '%{http_code}' https://rim.example:$port/") eq '200'); sleep 0.05; }
ok($up, 'Caddy runs with it') or diag slurp_file("$dir/caddy.err");

sub ask
{
	my ($path, @headers) = @_;

	return Gateway::parse(shell("$curl -i " . join(' ', map { "-H '$_'" } @headers) . " https://rim.example:$port$path"), 0);
}

# ---- queries ----

my $query = pack 'H*', $node->safe_psql('postgres', q(SELECT encode('{0: "tag:acme.example,2026:q", 1: {0: 2, 1: {0: [[{1: "First"}]]}, 2: 0}}'::coserv.coserv::bytea, 'hex')));
my $path = '/coserv/' . encode_base64url($query);
my $answer = ask($path, 'Accept: application/coserv+cbor');
is($answer->{status}, 200, 'an answer');
is(ask($path, 'Accept: application/coserv+cbor', "If-None-Match: $answer->{headers}{etag}")->{status}, 304, '... that is still good');
is(ask($path, 'Accept: image/png')->{status}, 406, 'nothing else');
is(ask('/.well-known/coserv-configuration', 'Accept: application/coserv-discovery+json')->{status}, 200, 'discovery');

# ---- who hands documents in ----

write_file("$dir/first.corim", pack 'H*', $node->safe_psql('postgres', 'SELECT encode(' . document('first') . ", 'hex')"));
sub submit { return shell("$curl -w ' %{http_code}' $_[0] -H 'Content-Type: application/rim+cose' --data-binary \@first.corim https://rim.example:$port/endorsement-provisioning/v1/submit"); }
like(submit(''), qr/ 401$/, 'nobody: 401');
like(submit("-H 'X-Remote-User: acme'"), qr/ 401$/, 'a name alone: 401');
like(submit('-u acme:wrong'), qr/ 401$/, 'a wrong password: 401');
like(submit("-u security:security-password -H 'X-Remote-User: acme'"), qr/ 403$/, 'a name that the client says is not believed');
like(submit('-u acme:acme-password'), qr/"status": ?"success".* 200$/, 'who may hands a document in');
is($node->safe_psql('postgres', "SELECT who FROM rim.audit WHERE action = 'load' AND session = 'provision'"), 'acme', '... and the audit has who it was');
isnt(ask($path, 'Accept: application/coserv+cbor', "If-None-Match: $answer->{headers}{etag}")->{status}, 304, '... and it answers');
like(shell("$curl https://rim.example:$port/.well-known/veraison/provisioning"), qr/"provisioningSubmit"/, 'discovery of the provisioning API');

$caddy->kill_kill;
is($gateway->stop, 0, 'and so it ends');
done_testing();
