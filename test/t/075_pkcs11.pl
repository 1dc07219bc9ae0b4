# A key in a token (PKCS#11), by the URI that pkcs11-provider reads: signs, is in discovery, and leaves no PIN behind; without the provider an
# error that names it. Debian 12 has no pkcs11-provider: there only the latter is tested, and the test says so.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('pkcs11');
my $dir = $node->basedir . '/token';
mkdir $dir or die "$dir: $!";

sub write_file
{
	my ($name, $text) = @_;

	open my $file, '>', "$dir/$name" or die $!;
	chmod 0600, "$dir/$name" or die $!;
	print $file $text;
	close $file or die $!;
	return "$dir/$name";
}

write_file('pin', '1234');
my $uri = "pkcs11:token=coserv;object=results;type=private?pin-source=file:$dir/pin";
write_file('signing-keys', qq{postgres rim postgres signing "$uri" hsm\n});
$node->init;
$node->append_conf('postgresql.conf', "coserv.signing_keys_file = '$dir/signing-keys'\n");

my $query = q{'{0: "tag:p", 1: {0: 2, 1: {0: [[{1: "V"}]]}, 2: 0}}'};

# ---- without the provider ----

$ENV{OPENSSL_MODULES} = $dir;
$node->start;
my $owner = $node->safe_psql('postgres', 'SELECT current_user');
write_file('signing-keys', qq{postgres rim $owner signing "$uri" hsm\n});
$node->safe_psql('postgres', "CREATE EXTENSION coserv; SELECT coserv.create_store('rim')");
my ($status, $out, $err) = $node->psql('postgres', "SELECT rim.execute_signed($query)");
like($err, qr/OpenSSL has no provider "pkcs11".*install pkcs11-provider/s, 'without the provider, the error names it');
unlike($err, qr/pin|token=|\Q$dir\E/, '... and nothing of the URI');
is($node->safe_psql('postgres', "SELECT length(rim.execute($query)::bytea) > 0"), 't', '... and unsigned answers go on');
$node->stop;

# ---- with it ----

sub first_of
{
	my @found = grep { -e } @_;
	return $found[0];
}

my $provider = first_of(glob('/usr/lib/*/ossl-modules/pkcs11.so'), glob('/usr/lib*/ossl-modules/pkcs11.so'));
my $module = first_of('/usr/lib/softhsm/libsofthsm2.so', glob('/usr/lib/*/softhsm/libsofthsm2.so'), glob('/usr/lib*/pkcs11/libsofthsm2.so'));

SKIP:
{
	skip 'no pkcs11-provider and softhsm2 here (Debian 13 has them)', 1 unless $provider && $module;

	mkdir "$dir/tokens" or die $!;
	$ENV{SOFTHSM2_CONF} = write_file('softhsm2.conf', "directories.tokendir = $dir/tokens\nobjectstore.backend = file\nlog.level = ERROR\n");
	system_or_bail('openssl', 'genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', "$dir/key.pem");
	chmod 0600, "$dir/key.pem" or die $!;
	system_or_bail('softhsm2-util', '--init-token', '--free', '--label', 'coserv', '--pin', '1234', '--so-pin', '12345678');
	system_or_bail('softhsm2-util', '--import', "$dir/key.pem", '--token', 'coserv', '--label', 'results', '--id', '01', '--pin', '1234');
	delete $ENV{OPENSSL_MODULES};
	$ENV{PKCS11_PROVIDER_MODULE} = $module;
	$node->start;

	my $key = "SELECT key FROM coserv.result_verification_keys('rim')";
	my $of_token = $node->safe_psql('postgres', $key);
	ok($of_token ne '', 'the public half of the token\'s key is listed');
	my $signed = $node->safe_psql('postgres', "SELECT encode(rim.execute_signed($query), 'hex')");
	like($signed, qr/\Ad284/, 'the token signs');

	# the same key from a file has the same public half, and openssl verifies with it what the token has signed
	write_file('signing-keys', qq{postgres rim $owner signing "$dir/key.pem" hsm\n});
	is($node->safe_psql('postgres', $key), $of_token, 'it is the key that was put into the token');
	my ($protected, $payload, $signature) = split /\|/, $node->safe_psql('postgres', <<"SQL");
SELECT s OPERATOR(coserv.->) 0, s OPERATOR(coserv.->) 2, s OPERATOR(coserv.->) 3 FROM (SELECT '\\x$signed'::bytea::coserv.cbor AS s) x
SQL
	my $message = $node->safe_psql('postgres', qq{SELECT encode(format('["Signature1", %s, h'''', %s]', \$\$$protected\$\$, \$\$$payload\$\$)::coserv.cbor::bytea, 'hex')});
	my ($r, $s) = $signature =~ /^h'([0-9a-f]{64})([0-9a-f]{64})'$/ or die "no signature: $signature";
	system_or_bail('openssl', 'pkey', '-in', "$dir/key.pem", '-pubout', '-out', "$dir/key.pub");
	write_file('message', pack 'H*', $message);
	write_file('signature.cnf', "asn1 = SEQUENCE:s\n[s]\nr = INTEGER:0x$r\ns = INTEGER:0x$s\n");
	system_or_bail('openssl', 'asn1parse', '-genconf', "$dir/signature.cnf", '-noout', '-out', "$dir/signature");
	is(system('openssl', 'dgst', '-sha256', '-verify', "$dir/key.pub", '-signature', "$dir/signature", "$dir/message"), 0,
		'openssl verifies what the token has signed');

	# a token that has no such key, and a wrong PIN
	for my $wrong ("pkcs11:token=coserv;object=nothing;type=private?pin-source=file:$dir/pin",
		'pkcs11:token=coserv;object=results;type=private?pin-value=9876')
	{
		write_file('signing-keys', qq{postgres rim $owner signing "$wrong"\n});
		($status, $out, $err) = $node->psql('postgres', "SELECT rim.execute_signed($query)");
		like($err, qr/there is no private key behind the URI/, 'a URI that leads to no key');
		unlike($err, qr/9876|token=/, '... of which nothing is said');
	}
	unlike(slurp_file($node->logfile), qr/9876|pin-source/, 'no PIN in the log');
	$node->stop;
}
done_testing();
