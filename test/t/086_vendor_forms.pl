# Documents in the forms of vendors that this test makes itself, by its own root and signers: what verifies them, what does not, how they
# live, what goes out, and that another region verifies them itself. Needs openssl, and two servers with logical replication.
use strict;
use warnings FATAL => 'all';

use Digest::SHA ();
use FindBin;
use MIME::Base64 ();
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
certify('vlek', 'root', 'Intel SGX TCB Signing', extensions => [ 'keyUsage=critical,digitalSignature', '1.3.6.1.4.1.3704.1.3.1=DER:02:01:03', '1.3.6.1.4.1.3704.1.5=DER:16:03:63:73:70' ]);
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
like(try_load(signed_json('tcbInfo', $body, $_), pem_of($_) . pem_of('root')), qr/^RA00[12] /, "a \U$_\E signs no TCB info") for qw(pck vlek);
like(try_load(signed_json('tcbInfo', $body, 'strange'), pem_of('strange') . pem_of('stranger')), qr/^RA002 /, 'another root of the same name does not count');
like(try_load($document, pem_of('again') . pem_of('stranger')), $id, 'what stands behind the signer is of no weight where the root is known');
like(try_load($document), qr/^RA002 /, 'without certificates the root says nothing');
like(try_load(signed_json('tcbInfo', $body, 'root'), undef, ", authority => 'Intel'"), qr/^RA00[12] /, 'nor does the root sign itself');
for my $wrong ([ 'other', qr/the one who signs documents of this form: Intel SGX TCB Signing/ ], [ 'pck', qr/device's attestation key/ ], [ 'vlek', qr/device's attestation key/ ])
{
	my ($name, $why) = @$wrong;
	like(try_load(signed_json('tcbInfo', $body, $name), pem_of($name) . pem_of('root'), ", authority => 'Intel'"), $why, "why $name does not");
}
# A CoRIM that the owner of a certificate signs.
sub corim_of
{
	my ($name, @issuers) = @_;
	my $private = slurp_file(Vendor::key($name));

	return query("SELECT coalesce(l.id::text, l.sqlstate) FROM rim.try_load(coserv.sign('501({0: \"$name\", 1: [506(<<{1: {0: \"$name\"}, 4: {0: [[{0: {1: \"A\"}}, [{1: {1: 552(1)}}]]]}}>>)]})',
		\$key\$$private\$key\$, '$name', x5chain => ARRAY[" . join(', ', map { bytes(der_of($_)) } $name, @issuers) . '])::bytea) l');
}
like(corim_of($_, 'root'), qr/^RA00/, "a \U$_\E signs no CoRIM either") for qw(pck vlek);
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

is(query('SELECT count(*) > 0 FROM rim.impact_of_load(' . bytes(signed_json('tcbInfo', tcb_info(id => 'TDX', fmspc => 'A0B0C0D0E0FF'), 'signing')) . ', chain => ' . bytes($chain) . ')'),
	't', 'what loading one would change is told, its chain beside it as for load');

# --- of a TDX platform, its module and its quoting enclave the worst counts ----------------------------------------------------------------------------

query("SELECT coserv.create_store('worst'); INSERT INTO worst.authority (name, key) VALUES ('Intel', " . bytes(der_of('root')) . '::coserv.crypto_key)');
sub svns { my ($first, @rest) = @_; return '[' . join(', ', $first, @rest, (3) x (15 - @rest)) . ']' }
# What such a platform says: svn of its components, of its module, FMSPC.
sub platform
{
	my ($svn, $module, $fmspc) = @_;
	my $element = sub { my ($claims, $name) = @_; return '{' . ($name ? "\"element-id\": \"$name\", " : '') . "\"element-claims\": $claims}" };
	my $ect = sub { my ($model, @elements) = @_; return "{\"environment\": {0: {1: \"Intel Corporation\", 2: \"$model\"}}, \"element-list\": [" . join(', ', @elements) . '], "cmtype": 2, "authority": [560(h\'\'a7\'\')], "profile": 111(h\'\'6086480186f84d011001\'\')}' };

	return "'[" . join(', ',
		$ect->($fmspc // 'B0B0B0B0B0B0', $element->('{-71: "TDX", -80: "0000", -125: ' . svns($svn) . '}'), $element->("{-73: $svn}", 'pcesvn'), $element->('{-125: ' . svns($module, 1) . '}', 'tee_tcb_svn')),
		$ect->('TDX QE TCB', $element->('{-73: 8, -81: h\'\'00000000\'\', -82: h\'\'11000000000000000000000000000000\'\', -84: [1, h\'\'' . '8c' x 32 . '\'\'], -85: 1}')))
	  . "]'::coserv.cbor";
}
sub judged { my $ects = shift; return query("SELECT string_agg(s.status, ', ' ORDER BY array_position('{platform,module,qe,all}', s.part)) FROM worst.tcb_status($ects) s") }

is(judged(platform(3, 2)), 'no collateral, no collateral, no collateral, no collateral', 'without collateral nothing is judged');
my $generation = 0;
for my $case ([qw(UpToDate UpToDate UpToDate UpToDate)], [qw(UpToDate OutOfDate UpToDate OutOfDate)], [qw(SWHardeningNeeded OutOfDate UpToDate OutOfDate)],
	[qw(UpToDate UpToDate OutOfDate OutOfDate)], [qw(ConfigurationNeeded OutOfDate UpToDate OutOfDateConfigurationNeeded)],
	[qw(ConfigurationAndSWHardeningNeeded UpToDate OutOfDate OutOfDateConfigurationNeeded)], [qw(OutOfDate UpToDate UpToDate OutOfDate)],
	[qw(SWHardeningNeeded UpToDate UpToDate SWHardeningNeeded)], [qw(UpToDate Revoked UpToDate Revoked)], [qw(UpToDate UpToDate Revoked Revoked)])
{
	my ($platform, $module, $qe, $all) = @$case;
	my $info = tcb_info(id => 'TDX', fmspc => 'B0B0B0B0B0B0', evaluation => ++$generation, status => $platform) =~ s/("isvsvn":2\}[^{}]*"tcbStatus":")UpToDate/$1$module/r;
	my $enclave = identity(id => 'TD_QE', evaluation => $generation) =~ s/"tcbStatus":"UpToDate"/"tcbStatus":"$qe"/r;

	query("SELECT worst.load(d.document, chain => " . bytes($chain) . ') FROM (VALUES (' . bytes(signed_json('tcbInfo', $info, 'signing')) . '), (' . bytes(signed_json('enclaveIdentity', $enclave, 'signing')) . ')) d (document)');
	is(judged(platform(3, 2)), join(', ', @$case), "$platform, its module $module, its quoting enclave $qe: $all");
}
is(judged(platform(2, 2)), 'no level matches, UpToDate, Revoked, no level matches', 'a platform below all levels: no level matches');
is(judged(platform(3, 1)), 'UpToDate, no level matches, Revoked, no level matches', 'a module below all levels likewise');
is(judged(platform(3, 2, 'C0C0C0C0C0C0')), 'no collateral, no collateral, Revoked, no collateral', 'another platform has no collateral');
query("SELECT coserv.drop_store('worst')");

# --- a signer whose certificate is revoked ---------------------------------------------------------------------------------------------------------------

certify('lost', 'root', 'Intel SGX TCB Signing');
my $lost = try_load(signed_json('tcbInfo', tcb_info(fmspc => 'D0D0D0D0D0D0'), 'lost'), pem_of('lost') . pem_of('root'));
like($lost, $id, 'a signer whose certificate holds');
query('INSERT INTO rim.crl (authority, der) VALUES (\'Intel\', ' . bytes(crl('root', 'lost')) . ')');
is(query("SELECT count(*) FROM rim.manifests_at(NULL) WHERE id = '$lost'"), '0', 'once a CRL of the root revokes it, what it signed counts no more');
like(try_load(signed_json('tcbInfo', tcb_info(fmspc => 'D1D1D1D1D1D1'), 'lost'), pem_of('lost') . pem_of('root')), qr/^RA00\d .*revoked/, 'and it signs nothing new');
is(query("SELECT count(*) FROM rim.manifests_at(NULL) WHERE id = '$manifest' OR corim_id LIKE 'intel-tcb-info/SGX/A0B0C0D0E0F1/%'") > 0, 1, 'what others signed counts on');

# --- through a federation --------------------------------------------------------------------------------------------------------------------------

query("SELECT coserv.create_store('eu'); SELECT coserv.create_federation('fed', ARRAY['rim', 'eu']);"
	  . 'INSERT INTO eu.authority (name, key) VALUES (\'Intel\', ' . bytes(der_of('root')) . '::coserv.crypto_key);'
	  . 'INSERT INTO fed.placement (authority, member) VALUES (coserv.authority_id(' . bytes(der_of('root')) . "::coserv.crypto_key), 'eu')");
my $routed = query('SELECT fed.load(' . bytes($document) . ', chain => ' . bytes($chain) . ')');
is(query("SELECT format('%s %s', format, corim_id) FROM eu.manifest WHERE id = '$routed'"), 'intel-tcb-info intel-tcb-info/SGX/A0B0C0D0E0F0/0000/5',
	'a federation loads it where its authority is placed, by the chain beside it');
like(($east->psql('postgres', 'SELECT fed.load(' . bytes($document) . ')'))[2], qr/no authority of this store vouches/, 'and not without');

# --- what goes out ---------------------------------------------------------------------------------------------------------------------------------

is(query('SELECT coserv.media_type(' . bytes($document) . ', true)'), 'application/x.intel-tcb-info+json', 'a document goes out under the media type of its form');
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

# --- Microsoft's UVM endorsements ------------------------------------------------------------------------------------------------------------------

my $purpose = '1.3.6.1.4.1.311.76.59.1.2';
ca('ms', 'Test Supply Chain Root');
certify('plat', 'ms', 'ContainerPlat', extensions => [ 'keyUsage=critical,digitalSignature', "extendedKeyUsage=$purpose,1.2.3.4" ], days => 30);
certify('noplat', 'ms', 'ContainerPlat', extensions => [ 'keyUsage=critical,digitalSignature', 'extendedKeyUsage=1.2.3.4' ]);
my $fingerprint = MIME::Base64::encode_base64url(Digest::SHA::sha256(der_of('ms')));

sub hex_of { return unpack 'H*', shift }
sub cbor { return pack 'H*', query("SELECT encode('" . shift . "'::coserv.cbor::bytea, 'hex')") }
sub uvm
{
	my ($signer, %with) = @_;
	my $payload = $with{payload} // '{"x-ms-sevsnpvm-guestsvn":"' . ($with{svn} // 7) . '","x-ms-sevsnpvm-launchmeasurement":"' . ($with{measurement} // 'ab' x 48) . '"}';
	my $iss = $with{iss} // "did:x509:0:sha256:${fingerprint}::eku:$purpose";
	my $protected = cbor('{1: -7, ' . ($with{type} // '3: "application/json"') . ", 33: [h''" . hex_of(der_of($signer)) . "'', h''" . hex_of(der_of('ms')) . "''], \"iss\": \"$iss\", \"feed\": \"Test-UVM\"}");
	my $signed = cbor("[\"Signature1\", h''" . hex_of($protected) . "'', h'''', h''" . hex_of($payload) . "'']");
	return cbor("18([h''" . hex_of($protected) . "'', {" . ($with{unprotected} // '') . '}, ' . ($with{detached} ? 'null' : "h''" . hex_of($payload) . "''") . ", h''"
		  . hex_of(sign_ecdsa($signed, $signer)) . "''])");
}

my $uvm = uvm('plat');
query('INSERT INTO rim.authority (name, key) VALUES (\'Microsoft\', ' . bytes(der_of('ms')) . '::coserv.crypto_key)');
like(try_load($uvm), qr/^RA00[12] /, 'an authority that names no purpose takes no UVM endorsement');
query("UPDATE rim.authority SET key_purposes = '{1.2.3.4}' WHERE name = 'Microsoft'");
like(try_load($uvm, undef, ", authority => 'Microsoft'"), qr/^RA001 .*whom iss names/, 'nor one that names another purpose of the same certificate');
query("UPDATE rim.authority SET key_purposes = '{$purpose,1.2.3.4}' WHERE name = 'Microsoft'");
my $loaded = try_load($uvm);
like($loaded, $id, 'one that names it does');
is(query("SELECT format('%s %s %s %s', m.format, m.signer_name ~ '^did:x509:', m.not_after < now() + interval '31 days', g.tag_version) FROM rim.manifest m JOIN rim.tag g ON g.manifest = m.id WHERE m.id = '$loaded'"),
	'microsoft-uvm t t 7', 'and it ends with its signer\'s certificate');
query("UPDATE rim.authority SET chains_judged_at = now() WHERE name = 'Microsoft'");
like(try_load(uvm('plat', svn => 8)), $id, 'where the authority says when chains are judged');
is(query("SELECT count(*) FROM rim.manifest WHERE format = 'microsoft-uvm' AND not_after IS NULL"), '2', 'both end with nothing');
query("UPDATE rim.authority SET chains_judged_at = '2001-01-01' WHERE name = 'Microsoft'");
like(try_load(uvm('plat', svn => 9)), qr/^RA00[12] /, 'and does not load where they did not hold then');
query("UPDATE rim.authority SET chains_judged_at = NULL WHERE name = 'Microsoft'");
like(try_load(uvm('noplat')), qr/^RA00[12] /, 'a certificate without the purpose signs none');
like(try_load(uvm('plat', iss => "did:x509:0:sha256:${\( 'A' x 43 )}::eku:$purpose")), qr/^RA00[12] /, 'nor one whose DID names another root');
like(try_load(uvm('plat', iss => 'did:x509:0:sha256:x::subject:CN:a')), qr/^0A000 .*no did:x509/, 'other policies of did:x509 are not read');
like(try_load(uvm('plat', measurement => 'ab')), qr/^22023 .*96 hexadecimal digits.*x-ms-sevsnpvm-launchmeasurement/, 'a measurement of another length');
like(try_load(substr($uvm, 0, -1) . 'x'), qr/^RA001 /, 'a changed signature');

like(try_load(uvm('plat', detached => 1)), qr/^0A000 .*payload is apart is not read/, 'a payload that stands apart is not read');
like(try_load(uvm('plat', payload => "\xab" x 32, type => '258: -16, 259: "application/json"')), qr/^0A000 .*payload is apart is not read/, 'nor one whose digest alone is signed');
my $receipts = uvm('plat', unprotected => '394: [h\'\'d28443a10126a05840\'\']');
is(try_load($receipts), $loaded, 'receipts of a transparency service, which nobody signed, make no other statement');
is(query('SELECT count(*) FROM rim.manifest_document d JOIN rim.manifest m ON m.id = d.manifest WHERE m.id = ' . "'$loaded'"), '1', 'and are kept');

# --- AMD's certificates --------------------------------------------------------------------------------------------------------------------------------

my $pss = '-sha384 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:48';
my $rsa = '-algorithm RSA -pkeyopt rsa_keygen_bits:2048';
my @spls = map { "1.3.6.1.4.1.3704.1.3.$_->[0]=DER:02:01:0$_->[1]" } [ 1, 3 ], [ 2, 0 ], [ 3, 8 ], [ 8, 9 ];
my @ca = ('basicConstraints=critical,CA:TRUE,pathlen:0', 'keyUsage=critical,keyCertSign');
ca('ark', 'ARK-Test', $rsa, $pss);
certify('ask', 'ark', 'SEV-Test', how => $rsa, sign => $pss, extensions => \@ca);
certify('notask', 'ark', 'Another CA', how => $rsa, sign => $pss, extensions => \@ca);
sub vcek { my ($name, $issuer, @more) = @_; certify($name, $issuer, 'SEV-VCEK', how => '-algorithm EC -pkeyopt ec_paramgen_curve:P-384', sign => $pss, extensions => [ @spls, @more ]) }
my $hwid = '1.3.6.1.4.1.3704.1.4=DER:' . join ':', ('c1') x 64;
vcek('vcek', 'ask', $hwid);
vcek('wrapped', 'ask', '1.3.6.1.4.1.3704.1.4=DER:04:08:' . join ':', ('d2') x 8);
vcek('neither', 'ask');
vcek('wrong', 'notask', $hwid);
query('INSERT INTO rim.authority (name, key) VALUES (\'AMD\', ' . bytes(der_of('ark')) . '::coserv.crypto_key)');
my $vcek = try_load(der_of('vcek'), pem_of('ask') . pem_of('ark'));
like($vcek, $id, 'a VCEK');
is(query("SELECT regexp_replace(corim_id, '[^/]*\$', '') FROM rim.manifest WHERE id = '$vcek'"), 'amd-vcek/' . 'c1' x 64 . '/3.0.8.9/', 'is called by its chip and TCB');
is(query("SELECT format('%s %s', t.environment, coserv.cbor_diag(t.content #> '[1, 0]') = '562(h''" . hex_of(der_of('vcek')) . "'')') FROM rim.triple t WHERE manifest = '$vcek'"),
	"{0: {0: 111(h'2b060104019c780301')}, 1: 560(h'" . 'c1' x 64 . "')} t", 'and is its attest key');
like(try_load(pem_of('wrapped') . pem_of('ask')), $id, 'one in PEM, with its issuer behind it and its id in an OCTET STRING');
is(query("SELECT count(*) FROM rim.manifest WHERE corim_id LIKE 'amd-vcek/d2d2d2d2d2d2d2d2/3.0.8.9/%'"), '1', 'which is taken off');
like(try_load(der_of('neither'), pem_of('ask')), qr/^22023 .*neither a chip nor a CSP/, 'one of nothing');
like(try_load(der_of('wrong'), pem_of('notask') . pem_of('ark')), qr/^RA00[12] /, 'one that another CA of the root has issued');
like(try_load(der_of('vcek')), qr/^RA002 /, 'without its issuer nobody vouches for it');
my $anchors = try_load(pem_of('ask') . pem_of('ark'));
like($anchors, $id, 'the CAs of a product');
is(query("SELECT kind FROM rim.tag WHERE manifest = '$anchors'"), 'cots', 'are trust anchors');
like(try_load(pem_of('notask') . pem_of('ark')), qr/^0A000 .*nor the CA of AMD/, 'another CA is none of them');
like(try_load(pem_of('signing') . pem_of('root')), qr/^0A000 .*not signed with RSA-PSS/, 'nor are other certificates');
like(corim_of('vcek', 'ask', 'ark'), qr/^RA00/, 'a VCEK signs no CoRIM');

# --- a VCEK is of one chip and one TCB -------------------------------------------------------------------------------------------------------------

my $chip = "\xc1" x 64;
sub needed { return query("SELECT string_agg(format('%s %s %s %s', n.what, n.standing, n.name, n.source), E'\n') FROM rim.needed('sev-snp', " . bytes(shift) . ") n WHERE n.what = 'vcek'") }
sub appraised
{
	my ($report, $given) = @_;
	my ($status, $out, $err) = $east->psql('postgres', "SELECT count(*) > 0 FROM rim.appraise_evidence('sev-snp', " . bytes($report) . ($given // '') . ") a WHERE a.cmtype = 'reference-values'");
	return $status == 0 ? $out : $err;
}
query(q~INSERT INTO rim.authority (name, key, accepts_unsigned) VALUES ('Guests', '554("guests")', true);
	SELECT rim.load('501({0: "guest", 1: [506(<<{1: {0: "guest"}, 4: {0: [[{0: {0: 111(h''2b060104019c780301'')}}, [{0: 641, 1: {2: [[7, h''~ . 'ab' x 48 . q~'']]}}]]]}}>>)],
		3: 32("tag:amd.com,2025:snp-corim-profile")})', 'Guests')~);
my $report = snp_report('vcek', $chip, [ 3, 0, 8, 9 ]);
is(appraised($report), 't', 'a report of the VCEK\'s chip and TCB is appraised with it');
like(needed($report), qr/^vcek there amd-vcek\/(?:c1){64}\/3\.0\.8\.9\/[0-9a-f]+ /, 'and needs no other');

like(($east->psql('postgres', "SELECT rim.needed('snp', " . bytes($report) . ')'))[2], qr/format is not known/, 'a format that is none is an error, not nothing');

# the chip's key at another TCB is another one, as the chip derives it; and nobody passes with the key of the TCB before
my $url = 'https://kdsintf.amd.com/vcek/v1/Milan/' . 'c1' x 64 . '?blSPL=4&teeSPL=0&snpSPL=8&ucodeSPL=9';
certify('vcek-4', 'ask', 'SEV-VCEK', how => '-algorithm EC -pkeyopt ec_paramgen_curve:P-384', sign => $pss,
	extensions => [ '1.3.6.1.4.1.3704.1.3.1=DER:02:01:04', @spls[ 1 .. 3 ], $hwid ]);
my $updated = snp_report('vcek-4', $chip, [ 4, 0, 8, 9 ]);
for my $case ([ $updated, qr/verifies with no key|no key was given|lead to no key/, 'by the key of that TCB' ],
	[ snp_report('vcek', $chip, [ 4, 0, 8, 9 ]), qr/certificate of the signer is of another TCB than the report/, 'by the key of the TCB before' ])
{
	my ($other, $why, $what) = @$case;
	like(appraised($other), $why, "a report of the same chip at another TCB matches nothing: $what");
	is(needed($other), 'vcek missing amd-vcek/' . 'c1' x 64 . "/4.0.8.9/% $url", 'and the VCEK that is missing is named as the KDS serves it');
}
like(appraised($updated, ', certificates => ' . bytes(der_of('vcek') . der_of('ask'))), qr/verifies with no key|signature/, 'a VCEK of another TCB beside it does not help');
like(needed(snp_report('vcek-4', $chip, [ 4, 0, 8, 9 ], version => 2)), qr/^vcek missing .*\/vcek\/v1\/\{product\}\/c1/, 'which product it is of, a report before version 3 does not say');
like(appraised(snp_report('vcek', "\xc2" x 64, [ 3, 0, 8, 9 ])), qr/verifies with no key|no key was given|lead to no key/, 'nor does one of another chip');
like(try_load(der_of('vcek-4'), pem_of('ask') . pem_of('ark')), $id, 'the VCEK of that TCB');
is(appraised($updated), 't', 'appraises it');
like(needed($updated), qr/^vcek there amd-vcek\/(?:c1){64}\/4\.0\.8\.9\//, 'and is there');
is(appraised($report), 't', 'beside the one before, which it does not supersede');

# --- Google's launch endorsements ------------------------------------------------------------------------------------------------------------------------

ca('gce', 'GCE-cc-tcb-root', $rsa);
certify('uefi', 'gce', 'GCE-uefi-signer', how => $rsa);
certify('someone', 'gce', 'Somebody', how => $rsa);
certify('longer', 'gce', 'GCE-uefi-signer-test', how => $rsa);
certify('within', 'gce', 'Somebody/OU=CN=GCE-uefi-signer', how => $rsa);
query('INSERT INTO rim.authority (name, key) VALUES (\'Google\', ' . bytes(der_of('gce')) . '::coserv.crypto_key)');
my ($golden, $launch) = launch_endorsement('uefi', pem_of('gce'), "\x66" x 48);
my $google = try_load($launch);
like($google, $id, 'a launch endorsement');
is(query("SELECT format('%s %s %s', m.format, m.profile, (SELECT string_agg(kind::text, ' ' ORDER BY ordinal) FROM rim.triple t WHERE t.manifest = m.id)) FROM rim.manifest m WHERE id = '$google'"),
	'google-launch tag:amd.com,2025:snp-corim-profile 0 0 10 10', 'a reference and an endorsement a measurement');
is(query("SELECT count(*) FROM rim.vouchers('\\x" . '66' x 48 . "') v WHERE v.manifest = '$google'"), '1', 'which is found by it');
like(try_load($launch =~ s/\x66/\x67/r), qr/^RA001 /, 'a changed byte');
like(try_load((launch_endorsement('someone', pem_of('gce'), "\x66" x 48))[1]), qr/^RA00[12] /, 'another signer of the same root');
like(try_load((launch_endorsement($_, pem_of('gce'), "\x66" x 48))[1]), qr/^RA00[12] /, "one whose name holds the signer's: $_") for qw(longer within);
like(try_load((launch_endorsement('uefi', '', "\x66" x 48, undef, Vendor::field(99, 'new')))[1]), $id, 'fields that nobody knows, and no bundle');
like(try_load((launch_endorsement('uefi', '', "\x66" x 48, undef, Vendor::field(5, "\x56" x 48)))[1]), qr/^22.*comes twice/, 'a member twice');
like(try_load((launch_endorsement('uefi', '', "\x66" x 47))[1]), qr/^22.*48 bytes.*golden.sev_snp.measurements/, 'a measurement of another length');
my $with_tdx = try_load((launch_endorsement('uefi', '', "\x66" x 48, "\x99" x 48))[1]);
is(query("SELECT string_agg(t.content::text, '') FROM rim.triple t WHERE manifest = '$with_tdx' AND t.environment::text LIKE '%TDX TD%'"),
	"[{0: {1: \"Intel Corporation\", 2: \"TDX TD\"}}, [{1: {-83: [7, h'" . '99' x 48 . "']}}]]", 'a measurement of TDX');

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
is($_->safe_psql('postgres', 'SELECT string_agg(concat_ws(\' \', format, problem, detail), \', \') FROM rim.verify() v JOIN rim.manifest m ON m.id = v.manifest WHERE NOT verified'), '', 'every row verifies') for $east, $west;

$west->stop;
$east->stop;
done_testing();
