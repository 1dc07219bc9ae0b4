# Documents in the forms of vendors that this test makes itself, by its own root and signers: what verifies them, what does not, how they
# live, what goes out, and that another region verifies them itself. Needs openssl, and two servers with logical replication.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../lib";
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Vendor;

sub new_node
{
	my $node = PostgreSQL::Test::Cluster->new(shift);
	$node->init(allows_streaming => 'logical');
	$node->append_conf('postgresql.conf', "log_min_messages = fatal\nlog_min_error_statement = panic\nlog_statement = none");
	$node->start;
	$node->safe_psql('postgres', "CREATE EXTENSION coserv; SELECT coserv.create_store('rim'); ALTER DATABASE postgres SET search_path = public, coserv");
	return $node;
}

my $east = new_node('east');
my $west = new_node('west');

sub query { return $east->safe_psql('postgres', shift) }

# What try_load() says: the id, or SQLSTATE and message.
sub try_load
{
	my ($document, $chain, $more) = @_;
	return query('SELECT coalesce(l.id::text, l.sqlstate || \' \' || l.refused || coalesce(\' (\' || l.detail || \')\', \'\')) FROM rim.try_load('
		  . bytes($document) . (defined $chain ? ', chain => ' . bytes($chain) : '') . ($more // '') . ') l');
}

my $id = qr/^[0-9a-f]{8}-/;

ca('root', 'Test SGX Root CA');
certify('signing', 'root', 'Intel SGX TCB Signing');
certify('other', 'root', 'Intel SGX Something Else');
certify('pck', 'root', 'Intel SGX TCB Signing', extensions => [ 'keyUsage=critical,digitalSignature', '1.2.840.113741.1.13.1=DER:30:00' ]);
certify('again', 'root', 'Intel SGX TCB Signing', key => 'signing', days => 17000);
ca('stranger', 'Test SGX Root CA');
certify('strange', 'stranger', 'Intel SGX TCB Signing');
my $chain = pem_of('signing') . pem_of('root');

query('INSERT INTO rim.authority (name, key) VALUES (\'Intel\', ' . bytes(der_of('root')) . '::coserv.crypto_key)');

# --- who signs -------------------------------------------------------------------------------------------------------------------------------

my $body = tcb_info();
my $document = signed_json('tcbInfo', $body, 'signing');
my $manifest = try_load($document, $chain);
like($manifest, $id, 'a TCB info verifies');
is(query("SELECT format('%s|%s|%s|%s|%s', format, generation, corim_id, authority, is_signed) FROM rim.manifest"),
	'intel-tcb-info|5|intel-tcb-info/SGX/A0B0C0D0E0F0/0000/5|Intel|t', 'and says what it is');
is(try_load($document, $chain), $manifest, 'it is there already');
is(query("SELECT rim.document('$manifest') = " . bytes($document)), 't', 'it is kept byte for byte');
is(try_load($document, der_of('signing')), $manifest, 'its signer\'s certificate alone, in DER, makes no other statement of it');
is(try_load($document, pem_of('again') . pem_of('root')), $manifest, 'nor does another certificate of the same key');
is(try_load("{ \"signature\" : \"" . unpack('H*', sign_ecdsa($body, 'signing')) . "\",\n\"tcbInfo\":$body}", $chain), $manifest,
	'nor another order of the outer members, nor another signature');
like(try_load(signed_json('tcbInfo', $body, 'other'), pem_of('other') . pem_of('root')),
	qr/^RA001 .*certificate|^RA002 /, 'a certificate of another name signs no TCB info');
like(try_load(signed_json('tcbInfo', $body, 'pck'), pem_of('pck') . pem_of('root')), qr/^RA00[12] /, 'a PCK signs no TCB info');
like(try_load(signed_json('tcbInfo', $body, 'strange'), pem_of('strange') . pem_of('stranger')), qr/^RA002 /, 'another root of the same name does not count');
like(try_load($document, pem_of('again') . pem_of('stranger')), $id, 'what stands behind the signer is of no weight where the root is known');
like(try_load($document), qr/^RA002 /, 'without certificates the root says nothing');
like(try_load(signed_json('tcbInfo', $body, 'root'), undef, ", authority => 'Intel'"), qr/^RA00[12] /, 'nor does the root sign itself');
for my $wrong ([ 'other', qr/the one who signs documents of this form: Intel SGX TCB Signing/ ], [ 'pck', qr/device's attestation key/ ])
{
	my ($name, $why) = @$wrong;
	like(try_load(signed_json('tcbInfo', $body, $name), pem_of($name) . pem_of('root'), ", authority => 'Intel'"), $why, "why $name does not");
}
my $private = slurp_file(Vendor::key('pck'));
like(query("SELECT coalesce(l.id::text, l.sqlstate) FROM rim.try_load(coserv.sign('501({0: \"x\", 1: [506(<<{1: {0: \"x\"}, 4: {0: [[{0: {1: \"A\"}}, [{1: {1: 552(1)}}]]]}}>>)]})',
	\$key\$$private\$key\$, 'x', x5chain => ARRAY[" . bytes(der_of('pck')) . ', ' . bytes(der_of('root')) . "])::bytea) l"), qr/^RA00/, 'a PCK signs no CoRIM either');
query('INSERT INTO rim.authority (name, key) VALUES (\'pinned\', ' . bytes(der_of('strange')) . '::coserv.crypto_key)');
like(try_load(signed_json('enclaveIdentity', identity(), 'strange')), $id, 'who is pinned by his certificate needs none beside the document');

# --- what is signed ----------------------------------------------------------------------------------------------------------------------------

(my $changed = $document) =~ s/UpToDate/OutOfDate/;
like(try_load($changed, $chain), qr/^RA00[12] /, 'a changed byte is another document');
(my $spaced = $document) =~ s/"version":3/"version": 3/;
like(try_load($spaced, $chain), qr/^RA00[12] /, 'so is a blank inside the member');
(my $twice = $document) =~ s/"signature"/"tcbInfo":{},"signature"/;
like(try_load($twice, $chain), qr/^22023 .*comes twice.*tcbInfo/, 'a member twice is refused');
like(try_load(signed_json('tcbInfo', tcb_info(more => '"version":3,'), 'signing'), $chain), qr/^22023 .*comes twice.*version/, 'inside what is signed too');
(my $reordered = $body) =~ s/^\{("id":"SGX"),("version":3)/{$2,$1/;
like(try_load($document =~ s/\Q$body\E/$reordered/r, $chain), qr/^RA00[12] /, 'members in another order are not what was signed');
like(try_load(signed_json('tcbInfo', tcb_info(more => '"news":[{"a":null}],', fmspc => 'a0b0c0d0e0f1'), 'signing'), $chain), $id, 'members that nobody knows are kept and say nothing');
is(query("SELECT count(*) FROM rim.manifest WHERE corim_id = 'intel-tcb-info/SGX/A0B0C0D0E0F1/0000/5'"), '1', 'digits of either case are the same');
like(try_load($document, 'no certificate'), qr/^22/, 'a chain that is none is an error');
like(query("SELECT coalesce(l.id::text, l.sqlstate || ' ' || l.refused) FROM rim.try_load('501({0: \"x\", 1: []})', chain => " . bytes($chain) . ') l'),
	qr/^22023 a chain was given/, 'a CoRIM has no chain beside it');
like(try_load($document, $chain, ', payload => ' . bytes('x')), qr/^22023 .*not both/, 'payload and chain are not for one document');

# --- life ----------------------------------------------------------------------------------------------------------------------------------------

like(try_load(signed_json('tcbInfo', tcb_info(issued => time - 7200, until => time - 60), 'signing'), $chain), qr/^RA003 .*expired/, 'what is over is not loaded');
my $later = try_load(signed_json('tcbInfo', tcb_info(issued => time - 60, status => 'SWHardeningNeeded'), 'signing'), $chain);
like($later, $id, 'a generation issued anew');
is(query("SELECT manifest = '$later' FROM rim.tags_at(NULL) WHERE tag_id LIKE '%A0B0C0D0E0F0%'"), 't', 'supersedes the one before');
my $six = try_load(signed_json('tcbInfo', tcb_info(evaluation => 6), 'signing'), $chain);
sub answers { return query("SELECT string_agg(tag_id || CASE tag_version WHEN 0 THEN '' ELSE '' END, ' ' ORDER BY tag_id) FROM rim.tags_at(NULL) WHERE tag_id LIKE '%/A0B0C0D0E0F0/%'") }
is(answers(), 'intel-tcb-info/SGX/A0B0C0D0E0F0/0000/6', 'of two generations the higher answers');
query('SELECT rim.set_policy(generation => 5)');
is(answers(), 'intel-tcb-info/SGX/A0B0C0D0E0F0/0000/5', 'or the one that the policy names');
is(query("SELECT manifest = '$later' FROM rim.tags_at(NULL) WHERE tag_id LIKE '%/A0B0C0D0E0F0/%'"), 't', 'as it was issued last');
query('SELECT rim.set_policy(generation => 7)');
is(answers(), '', 'and none where that one is not there');
query('SELECT rim.set_policy(generation => 0)');
is(answers(), 'intel-tcb-info/SGX/A0B0C0D0E0F0/0000/6', 'the highest again');
query("SELECT rim.revoke(manifest => '$six', reason => 'test')");
is(answers(), 'intel-tcb-info/SGX/A0B0C0D0E0F0/0000/5', 'a generation that is revoked hides none');
query("UPDATE rim.authority SET environments = ARRAY['{0: {1: \"Intel Corporation\", 2: \"FFFFFFFFFFFF\"}}'::coserv.environment] WHERE name = 'Intel'");
is(answers(), '', 'a narrower scope withdraws it');
like(try_load(signed_json('tcbInfo', tcb_info(evaluation => 8), 'signing'), $chain), qr/^RA004 /, 'and refuses what lies outside');
query("UPDATE rim.authority SET environments = NULL WHERE name = 'Intel'");
is(answers(), 'intel-tcb-info/SGX/A0B0C0D0E0F0/0000/5', 'a wider one brings it back');
is(query('SELECT count(*) FROM rim.verify() WHERE NOT verified') . query('SELECT count(*) FROM rim.check()'), '00', 'what is stored verifies and is what it was derived from');

# --- what goes out ---------------------------------------------------------------------------------------------------------------------------------

my $seam = q~{0: "2.16.840.1.113741.1.16.1", 1: {0: 2, 1: {0: [[{1: "Intel Corporation", 2: "TDX SEAM"}]]}, 2: %d}}~;
my $tdx = signed_json('tcbInfo', tcb_info(id => 'TDX', fmspc => 'A0B0C0D0E0F2'), 'signing');
like(try_load($tdx, $chain), $id, 'a TCB info of TDX');
sub result { return sprintf("rim.execute('$seam')::bytea::coserv.cbor", shift) }
is(query("SELECT string_agg(s ->> 0, ' ') FROM coserv.cbor_array_elements(" . result(1) . " #> '[2, 11]') s"),
	'application/x.intel-tcb-info+json application/pem-certificate-chain', 'a source artifact goes out as it came, and its chain behind it');
is(query('SELECT coserv.cbor_bytes(' . result(1) . " #> '[2, 11, 0, 1]') = " . bytes($tdx)), 't', 'byte for byte');
like(query('SELECT coserv.cbor_diag(' . result(0) . ')'), qr/562\(h'@{[ unpack 'H*', der_of('root') ]}'\)/, 'as collected artifacts its triples name the vendor\'s key');
is(query("SELECT string_agg(k.key #>> '[]', ' ') FROM coserv.cbor_each(rim.execute('{0: \"2.16.840.1.113741.1.16.1\", 1: {3: [[0, \"intel-tcb-info/TDX/A0B0C0D0E0F2/0000/5\"]]}}')::bytea::coserv.cbor"
	  . " #> '[2, 5, \"intel-tcb-info/TDX/A0B0C0D0E0F2/0000/5\"]') k"), 'chain document', 'by its id it is a collection of both');
sub inspect { return query("SELECT string_agg(concat_ws(' ', severity || ': ' || message, path), E'\n') FROM coserv.inspect(" . bytes(shift) . ')') }
like(inspect($tdx), qr/^note: this is intel-tcb-info.*stored as CoRIM intel-tcb-info\/TDX/m, 'inspect() knows it');
like(inspect($tdx =~ s/"pcesvn":3/"pcesvn":"3"/r), qr/^error: .*a number was expected, not a string.*tcbInfo\.tcbLevels\[0\]\.tcb\.pcesvn/,
	'and tells what is wrong, with its place');

# --- another region ----------------------------------------------------------------------------------------------------------------------------------

$east->safe_psql('postgres', 'CREATE PUBLICATION rim FOR TABLE rim.truth');
my $conninfo = $east->connstr . ' dbname=postgres';
$west->safe_psql('postgres', "CREATE SUBSCRIPTION rim CONNECTION '$conninfo' PUBLICATION rim");
$west->wait_for_subscription_sync($east, 'rim');
my $new = try_load(signed_json('enclaveIdentity', identity(id => 'TD_QE'), 'signing'), $chain);
$east->wait_for_catchup('rim');
is($west->safe_psql('postgres', "SELECT format FROM rim.manifest WHERE id = '$new'"), 'intel-enclave-identity', 'the other region verifies what comes');
is($west->safe_psql('postgres', 'SELECT count(*) FROM rim.set_aside'), '0', 'all of it');
for my $sql ("SELECT string_agg(format('%s %s %s %s %s', id, truth, format, not_after, generation), E'\\n' ORDER BY id) FROM rim.manifest",
	"SELECT encode(rim.execute('{0: \"2.16.840.1.113741.1.16.1\", 1: {0: 2, 1: {0: [[{1: \"Intel Corporation\"}]]}, 2: 2}}', '2090-01-01')::bytea, 'hex')",
	"SELECT encode(sha256(rim.document('$manifest')), 'hex')")
{
	is($west->safe_psql('postgres', $sql), query($sql), 'and has the same: ' . substr($sql, 0, 40));
}
is($west->safe_psql('postgres', 'SELECT count(*) FROM rim.verify() WHERE NOT verified'), '0', 'every row verifies there');

$west->stop;
$east->stop;
done_testing();
