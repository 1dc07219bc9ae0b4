# Vendor.pm - documents as vendors make them, by keys and certificates that the test makes itself (openssl).
package Vendor;

use strict;
use warnings FATAL => 'all';

use Exporter qw(import);
use POSIX ();
use PostgreSQL::Test::Utils;

our @EXPORT = (qw(ca certify crl sign_ecdsa sign_pss launch_endorsement snp_report signed_json tcb_info identity bytes pem_of der_of),
	qw(swid_measurement swid_rim swid_signed));

my $serial = 1000;
my $dir; # of the first that needs it: when this is compiled, the tests' own folder is not there

sub bytes { return "'\\x" . unpack('H*', shift) . "'::bytea" }

sub shell { system_or_bail('sh', '-c', shift) }

sub folder { return $dir //= PostgreSQL::Test::Utils::tempdir() }

sub write_file
{
	my ($name, $data) = @_;

	folder();
	open my $out, '>:raw', "$dir/$name" or die;
	print $out $data;
	close $out;
	return "$dir/$name";
}

sub key
{
	my ($name, $how) = @_;
	folder();
	$how //= '-algorithm EC -pkeyopt ec_paramgen_curve:P-256';
	shell("openssl genpkey $how -out $dir/$name.key 2>/dev/null") unless -e "$dir/$name.key";
	return "$dir/$name.key";
}

sub pem_of { return slurp_file("$dir/" . shift . '.pem') }
sub der_of
{
	my $name = shift;

	shell("openssl x509 -in $dir/$name.pem -outform DER -out $dir/$name.der");
	return slurp_file("$dir/$name.der");
}

# A root that signs itself.
sub ca
{
	my ($name, $subject, $how, $sign) = @_;
	my $key = key($name, $how);
	shell("openssl req -x509 -new -key $key -subj '/CN=$subject/O=Test' -days 20000 " . ($sign // '')
		  . " -addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,keyCertSign,cRLSign' -out $dir/$name.pem 2>/dev/null");
	return;
}

# certify(name, issuer, subject, extensions => [...], key => name of the key, how => of genpkey, sign => options of openssl x509, days => n)
sub certify
{
	my ($name, $issuer, $subject, %with) = @_;
	my $key = key($with{key} // $name, $with{how});
	$serial++;
	my $extensions = write_file("$name.ext", join "\n", @{ $with{extensions} // ['keyUsage=critical,digitalSignature'] }, '');

	my $days = $with{days} // 18000;
	my $sign = $with{sign} // '';

	shell("openssl req -new -key $key -subj '/CN=$subject/O=Test' -out $dir/$name.csr 2>/dev/null && openssl x509 -req"
		  . " -in $dir/$name.csr -CA $dir/$issuer.pem -CAkey $dir/" . ($with{issuer_key} // $issuer) . ".key"
		  . " -set_serial $serial -days $days $sign"
		  . " -extfile $extensions -out $dir/$name.pem 2>/dev/null");
	return;
}

# A CRL of the issuer's, in DER, that revokes this certificate.
sub crl
{
	my ($issuer, $revoked) = @_;
	my $config = write_file('ca.cnf', "[ca]\ndefault_ca = all\n[all]\ndatabase = $dir/$issuer.index\ncrlnumber = $dir/$issuer.number\n"
		  . "default_md = sha256\ndefault_crl_days = 30\n");

	write_file("$issuer.index", '') unless -e "$dir/$issuer.index";
	write_file("$issuer.number", "01\n") unless -e "$dir/$issuer.number";
	shell("openssl ca -config $config -cert $dir/$issuer.pem -keyfile $dir/$issuer.key $_ 2>/dev/null")
	  for "-revoke $dir/$revoked.pem", "-gencrl -out $dir/$issuer.crl";
	shell("openssl crl -in $dir/$issuer.crl -outform DER -out $dir/$issuer.crl.der");
	return slurp_file("$dir/$issuer.crl.der");
}

# r and s side by side
sub raw_signature
{
	my ($der, $size) = (@_, 32);
	my @parts;

	die 'no DER signature' unless $der =~ s/^\x30(.)(?=\x02)//s;
	for (1 .. 2)
	{
		my $len = ord substr $der, 1, 1;
		push @parts, substr("\0" x $size . substr($der, 2, $len), -$size);
		$der = substr $der, 2 + $len;
	}
	return join '', @parts;
}

sub sign_ecdsa
{
	my ($data, $key) = @_;
	my $in = write_file('to-be-signed', $data);

	shell("openssl dgst -sha256 -sign $dir/$key.key -out $dir/signature $in");
	return raw_signature(slurp_file("$dir/signature"));
}

# A report of SEV-SNP, version 3 or 2, of a chip and a TCB, [boot loader, TEE, SNP firmware, microcode] as in Milan; ECDSA P-384 over its
# first 672 bytes, r and s little-endian in 72 bytes each.
sub snp_report
{
	my ($key, $chip, $tcb, %with) = @_;
	my $svns = pack 'CCx4CC', @$tcb;
	my $report = "\0" x 672;
	my $put = sub { my ($at, $bytes) = @_; substr $report, $at, length $bytes, $bytes };

	$put->(0x000, pack 'V', $with{version} // 3);
	$put->(0x034, pack 'V', 1); # ECDSA P-384 with SHA-384
	$put->($_, $svns) for 0x038, 0x180, 0x1e0, 0x1f0; # CURRENT_TCB, REPORTED_TCB, COMMITTED_TCB, LAUNCH_TCB
	$put->(0x090, $with{measurement} // "\xab" x 48);
	$put->(0x188, pack 'CC', 0x19, 0x01) unless ($with{version} // 3) < 3; # Milan
	$put->(0x1a0, $chip);
	my $in = write_file('to-be-signed', $report);

	shell("openssl dgst -sha384 -sign $dir/$key.key -out $dir/signature $in");
	my $raw = raw_signature(slurp_file("$dir/signature"), 48);

	return $report . join('', map { (scalar reverse substr $raw, $_, 48) . "\0" x 24 } 0, 48) . "\0" x 368;
}

# RSA-PSS with SHA-256
sub sign_pss
{
	my ($data, $key) = @_;
	my $in = write_file('to-be-signed', $data);

	shell("openssl dgst -sha256 -sign $dir/$key.key -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 -out $dir/signature $in");
	return slurp_file("$dir/signature");
}

# A field of Protocol Buffers: bytes, or a number
sub varint { my $n = shift; my $out = ''; while ($n > 127) { $out .= chr($n & 127 | 128); $n >>= 7 } return $out . chr $n }
sub field
{
	my ($number, $value, $is_number) = @_;

	return varint($number << 3) . varint($value) if $is_number;
	return varint($number << 3 | 2) . varint(length $value) . $value;
}

# Google's VMLaunchEndorsement: (golden, document); more is appended to golden.
sub launch_endorsement
{
	my ($signer, $bundle, $measurement, $mrtd, $more) = @_;
	my $golden = field(1, field(1, 1700000000, 1)) . field(2, 5, 1) . field(3, "\x12\x34") . field(4, der_of($signer))
	  . field(5, "\x55" x 48) . field(6, $bundle)
	  . field(7, field(1, 3, 1) . field(2, field(1, 1, 1) . field(2, $measurement)) . field(2, field(1, 2, 1) . field(2, "\x77" x 48)))
	  . ($mrtd ? field(8, field(2, field(3, $mrtd))) : '') . ($more // '');

	return ($golden, field(1, $golden) . field(2, sign_pss($golden, $signer)));
}

# {"name":BODY,"signature":"..."}
sub signed_json
{
	my ($name, $body, $key) = @_;
	return "{\"$name\":$body,\"signature\":\"" . unpack('H*', sign_ecdsa($body, $key)) . '"}';
}

sub when { return POSIX::strftime('%Y-%m-%dT%H:%M:%SZ', gmtime shift) }

sub level { my ($svn, $status, $tdx, @advisories) = @_;
	my $components = join ',', ("{\"svn\":$svn}") x 16;
	return "{\"tcb\":{\"sgxtcbcomponents\":[$components],\"pcesvn\":$svn" . ($tdx ? ",\"tdxtcbcomponents\":[$components]" : '')
	  . "},\"tcbDate\":\"2025-01-0" . ($svn + 1) . "T00:00:00Z\",\"tcbStatus\":\"$status\""
	  . (@advisories ? ',"advisoryIDs":["' . join('","', @advisories) . '"]' : '') . '}';
}

# The body of a TCB info: fmspc, evaluation, issued and until (seconds), status of its level 3; id TDX: with module identities.
sub tcb_info
{
	my %with = (id => 'SGX', fmspc => 'A0B0C0D0E0F0', evaluation => 5, issued => time - 3600, until => 4099680000,
		status => 'UpToDate', more => '', @_);
	my $tdx = $with{id} eq 'TDX';
	my $module = '"mrsigner":"' . '00' x 48 . '","attributes":"0000000000000000","attributesMask":"FFFFFFFFFFFFFFFF"';

	my $modules = "\"tdxModule\":{$module},\"tdxModuleIdentities\":[{\"id\":\"TDX_01\",$module,\"tcbLevels\":[{\"tcb\":{\"isvsvn\":2},"
	  . '"tcbDate":"2025-01-01T00:00:00Z","tcbStatus":"UpToDate"}]}],';

	return "{\"id\":\"$with{id}\",\"version\":3,\"issueDate\":\"" . when($with{issued}) . '","nextUpdate":"' . when($with{until})
	  . "\",\"fmspc\":\"$with{fmspc}\",\"pceId\":\"0000\",\"tcbType\":0,\"tcbEvaluationDataNumber\":$with{evaluation},$with{more}"
	  . ($tdx ? $modules : '')
	  . '"tcbLevels":[' . level(3, $with{status}, $tdx) . ($tdx ? '' : ',' . level(1, 'OutOfDate', 0, 'INTEL-SA-00001')) . ']}';
}

sub identity
{
	my %with = (id => 'QE', evaluation => 5, issued => time - 3600, until => 4099680000, @_);
	return "{\"id\":\"$with{id}\",\"version\":2,\"issueDate\":\"" . when($with{issued}) . '","nextUpdate":"' . when($with{until})
	  . "\",\"tcbEvaluationDataNumber\":$with{evaluation},\"miscselect\":\"00000000\",\"miscselectMask\":\"FFFFFFFF\","
	  . '"attributes":"' . '11' . '00' x 15
	  . '","attributesMask":"' . 'FB' . 'FF' x 15 . '","mrsigner":"' . '8C' x 32 . '","isvprodid":1,'
	  . '"tcbLevels":[{"tcb":{"isvsvn":8},"tcbDate":"2025-01-01T00:00:00Z","tcbStatus":"UpToDate"}]}';
}

# ---- RIMs of the TCG in XML, as NVIDIA writes them ----

my $swid = 'http://standards.iso.org/iso/19770/-2/2015/schema.xsd';

# swid_measurement(index, "True" or "False", SHA-384 in hexadecimal digits...)
sub swid_measurement
{
	my ($index, $active, @hashes) = @_;
	my $n = 0;

	return qq{<Resource type="Measurement" index="$index" active="$active" alternatives="} . @hashes . '" '
	  . join(' ', map { 'h:Hash' . $n++ . qq{="$_"} } @hashes) . '/>';
}

# swid_rim(payload, reference => URI, transforms => XML, digest => URI): not signed yet
sub swid_rim
{
	my ($payload, %how) = @_;
	my $reference = $how{reference} // '';
	my $transforms = $how{transforms} // '<Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>';
	my $digest = $how{digest} // 'http://www.w3.org/2001/04/xmldsig-more#sha384';

	return "<SoftwareIdentity xmlns=\"$swid\" xmlns:h=\"http://www.w3.org/2001/04/xmlenc#sha384\" "
	  . 'tagId="acme.example/gpu/1" tagVersion="3" Id="all"><Entity name="ACME" role="tagCreator"/>'
	  . '<Meta product="G1" PlatformModel="G1" FirmwareManufacturer="ACME"/>'
	  . "<Payload Id=\"part\">$payload</Payload>"
	  . '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo>'
	  . '<CanonicalizationMethod Algorithm="http://www.w3.org/2006/12/xml-c14n11"/>'
	  . '<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384"/>'
	  . "<Reference URI=\"$reference\"><Transforms>$transforms</Transforms><DigestMethod Algorithm=\"$digest\"/><DigestValue/></Reference>"
	  . '</SignedInfo><SignatureValue/><KeyInfo><X509Data/></KeyInfo></Signature></SoftwareIdentity>';
}

# swid_signed(XML, the signer, its issuers...), by xmlsec1
sub swid_signed
{
	my ($xml, $signer, @issuers) = @_;
	my $in = write_file('unsigned.xml', $xml);

	system_or_bail('xmlsec1', '--sign', '--id-attr:Id', "$swid:Payload", '--privkey-pem',
		join(',', "$dir/$signer.key", map { "$dir/$_.pem" } $signer, @issuers), '--output', "$dir/signed.xml", $in);
	return slurp_file("$dir/signed.xml");
}

1;
