# coserv convert: vendors' documents that are no CBOR, verified and made into CoRIMs. The project's own RIMs are signed here by xmlsec1; those of
# vendors are read where they lie (doc/convert.md says what becomes of each).
use strict;
use warnings;

use File::Basename;
use File::Spec;
use IPC::Run;
use FindBin;
use JSON::PP;
use lib "$FindBin::RealBin/../lib";
use MIME::Base64;
use PostgreSQL::Test::Utils;
use Test::More;
use Vendor;

my $program = $ENV{COSERV_CLI} // '../build/cli/coserv';
plan skip_all => "no $program: make -C cli first" unless -x $program;
plan skip_all => 'no xmlsec1' unless -x '/usr/bin/xmlsec1';
$program = File::Spec->rel2abs($program);
my $dir = Vendor::folder();

sub run_in
{
	my ($input, @command) = @_;
	my ($out, $err) = ('', '');

	IPC::Run::run(\@command, '<', \$input, '>', \$out, '2>', \$err);
	return ($? & 127 ? -1 : $? >> 8, $out, $err);
}

sub ran
{
	my ($status, $out, $err) = run_in('', @_);

	die "@_: $err" if $status != 0;
	return $out;
}

sub file
{
	my ($name, $bytes) = @_;

	open my $out, '>:raw', "$dir/$name" or die "$dir/$name: $!";
	print $out $bytes;
	close $out or die $!;
	return "$dir/$name";
}

# convert(bytes, options...): status, CoRIM as JSON text, what it said
sub convert
{
	my ($bytes, @options) = @_;
	my $input = file('in', $bytes);
	my ($status, $out, $err) = run_in('', $program, 'convert', $input, @options);

	return ($status, $status == 0 ? ran($program, 'to-json', file('out', $out)) : '', $err);
}

sub refused
{
	my ($name, $why, @call) = @_;
	my ($status, $corim, $err) = convert(@call);

	is($status, 1, "$name: refused") or diag($corim);
	like($err, $why, '... and it says why');
	return;
}

# ---- a chain of three, whose signer signs RIMs ----

my $p384 = '-algorithm EC -pkeyopt ec_paramgen_curve:P-384';
ca($_, $_, $p384) for qw(root stranger);
certify('middle', 'root', 'middle', how => $p384, extensions => [ 'basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign' ]);
certify('signer', 'middle', 'signer', how => $p384);

my ($a, $b, $c) = map { $_ x 96 } 'a', 'b', '0';
sub signed { my ($xml, $key) = @_; return swid_signed($xml, defined $key ? $key : qw(signer middle)) }

my @root = ('--key', "$dir/root.pem");
my $measured = swid_measurement(0, 'True', $a) . swid_measurement(1, 'True', $a, $b) . swid_measurement(2, 'False', $c) . swid_measurement(3, 'True', $c);
my $rim = signed(swid_rim($measured));

# ---- a RIM becomes a CoRIM ----

my ($status, $corim, $err) = convert($rim, @root);
is($status, 0, 'a RIM whose signer leads to the root is converted') or diag($err);
like($err, qr/signed by O=Test,CN=signer: 4 reference values, 1 left out/, '... and what was found is told');
like($err, qr/left out: index 2: not active/, '... what is left out, each');
my $json = decode_json($corim);
my $tag = $json->{tags}[0]{value};
is($json->{id}, 'acme.example/gpu/1', 'its id is the RIM\'s');
is($tag->{'tag-identity'}{'tag-version'}, 3, '... and its version');
my @triples = @{ $tag->{triples}{'reference-triples'} };
is(scalar @triples, 4, 'a triple for each value that one may have');
is_deeply([ map { $_->{'ref-claims'}[0]{mkey} } @triples ], [ 1, 2, 2, 4 ], 'keyed by the SPDM block');
is_deeply($triples[0]{'ref-env'}, { class => { vendor => 'ACME', model => 'G1' } }, 'of the class that Meta names');
like(encode_json($tag->{entities}), qr{ni:///sha-256;}, 'the vendor\'s key is named');
my ($digest) = ran('openssl', 'dgst', '-sha256', file('rim', $rim)) =~ /([0-9a-f]{64})/;
like($corim, qr/$digest/, 'so is the original, by its digest');
is((run_in('', $program, 'sign', file('made', (run_in('', $program, 'convert', file('in', $rim), @root))[1]), '--key', 'data/acme.key',
	'--signer', 'ACME', '-o', "$dir/made.corim"))[0], 0, 'an operator signs it');
is((run_in('', $program, 'inspect', "$dir/made.corim"))[0], 0, '... and it is a CoRIM without a fault');

is((convert($rim, '--key', "$dir/signer.pem"))[0], 0, 'the signer\'s own certificate will do');
is((convert($rim, '--key', "$dir/middle.pem"))[0], 0, '... or one between');
is((convert(encode_json({ id => 'ACME_GPU_1', rim => encode_base64($rim, '') }), @root))[0], 0, 'as the RIM service wraps it');
like((convert(encode_json({ id => 'ACME_GPU_1', rim => encode_base64($rim, '') }), @root))[1], qr/"ACME_GPU_1"/, '... with the id that it gives');
like((convert($rim, @root, '--environment', q({0: {0: 37(h'000102030405060708090a0b0c0d0e0f')}})))[1], qr/00010203-0405-0607/, '--environment says better what it is of');
my ($first, $second) = map { (run_in('', $program, 'convert', "$dir/in", @root))[1] } 1, 2;
is($first, $second, 'the same bytes each time');

# ---- what must fail ----

refused('another root', qr/lead to none of the keys/, $rim, '--key', "$dir/stranger.pem");
refused('no key', qr/the signature does not verify|lead to none/, $rim);
refused('a moment before the chain', qr/not yet valid/, $rim, @root, '--at', '2001-01-01');
refused('one byte of a value', qr/does not verify/, $rim =~ s/aaaa/aaba/r, @root);
refused('a value of an attribute', qr/does not verify/, $rim =~ s/active="False"/active="True"/r, @root);
refused('another element', qr/does not verify/, $rim =~ s{</Payload>}{<Resource/></Payload>}r, @root);
is((convert($rim =~ s/tagVersion="3" Id="all"/Id="all"  tagVersion="3"/r, @root))[0], 0, 'the order of attributes is no change');
refused('a second signature', qr/not one document with one signature/, $rim =~ s{(<Signature .*</Signature>)}{$1$1}sr, @root);
refused('a signature deeper inside', qr/not one document with one signature/, $rim =~ s{(<Signature .*</Signature>)}{<Payload>$1</Payload>}sr, @root);
refused('no signature', qr/not one document with one signature/, $rim =~ s{<Signature .*</Signature>}{}sr, @root);
refused('an element moved beside the signed one', qr/not one document|reference to a part/, signed(swid_rim($measured, reference => '#part')), @root);
refused('one that signs nothing but itself', qr/does not verify/,
	signed(swid_rim($measured, transforms => '<Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>'
		. '<Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><XPath>false()</XPath></Transform>')), @root);
refused('SHA-1', qr/does not verify/, signed(swid_rim($measured, digest => 'http://www.w3.org/2000/09/xmldsig#sha1')), @root);
refused('by a CA that the root knows not', qr/lead to none/, signed(swid_rim($measured), 'stranger'), @root);
refused('an entity of its own', qr/no document type/, $rim =~ s/^(<\?xml.*\?>\n)?/<!DOCTYPE SoftwareIdentity [<!ENTITY e "x">]>/r, @root);
refused('an index twice', qr/an index of its own/, signed(swid_rim(swid_measurement(1, 'True', $a) . swid_measurement(1, 'True', $b))), @root);
refused('an index beyond a block', qr/an index of its own/, signed(swid_rim(swid_measurement(4711, 'True', $a))), @root);
refused('a hash too few', qr/lacks one of its hashes/, signed(swid_rim(swid_measurement(1, 'True', $a) =~ s/alternatives="1"/alternatives="2"/r)), @root);
refused('a hash of no algorithm', qr/lacks one of its hashes/, signed(swid_rim(swid_measurement(1, 'True', 'abcd'))), @root);
refused('nothing in it', qr/nothing in it has a form/, signed(swid_rim(swid_measurement(1, 'False', $c))), @root);
refused('XML that ends early', qr/no well-formed XML/, substr($rim, 0, 500), @root);
refused('another document', qr/no SWID tag/, '<html/>', @root);
refused('what is none at all', qr/./, 'hello', @root);

# Whatever is changed, the signature notices, or nothing changes; nothing crashes.
my $wanted = (run_in('', $program, 'convert', file('in', $rim), @root))[1];
my ($ended, $same, $refusals) = (0, 0, 0);
srand(82);
for (1 .. 200)
{
	my $changed = $rim;
	substr($changed, int(rand(length $changed)), 1) = chr(int(rand(256)));
	my ($how, $out) = run_in('', $program, 'convert', '--quiet', file('in', $changed), @root);
	$ended++ if $how == 0 || $how == 1;
	$same++ if $how == 0 && $out =~ /acme\.example/ && length $out == length $wanted;
	$refusals++ if $how == 1;
}
is($ended, 200, '200 changed RIMs: each ends well');
is($same + $refusals, 200, '... with a refusal, or with the same values');

# ---- DSSE ----

sub dsse
{
	my ($type, $payload, $key) = @_;
	my $message = file('pae', 'DSSEv1 ' . length($type) . " $type " . length($payload) . " $payload");

	ran('openssl', 'dgst', '-sha384', '-sign', "$dir/$key.key", '-out', "$dir/sig", $message);
	return encode_json({ payloadType => $type, payload => encode_base64($payload, ''), signatures => [ { keyid => '', sig => encode_base64(slurp_file("$dir/sig"), '') } ] });
}

my $policy = encode_json({ meta => { version => 1 }, digests => { '/bin/a' => [ 'sha256:' . 'a' x 64, 'b' x 40 ], '/bin/b' => [ 'xyz' ] },
	excludes => ['/tmp/.*'], keyrings => { '.ima' => [ 'c' x 64 ] }, 'ima-buf' => {}, 'verification-keys' => '' });
my $of = q({0: {1: "ACME", 2: "image"}});
my @policy = ('--key', "$dir/signer.pem", '--environment', $of);
($status, $corim, $err) = convert(dsse('application/vnd.keylime+json', $policy, 'signer'), @policy);
is($status, 0, 'a signed runtime policy is converted') or diag($err);
like($err, qr/2 reference values, 3 left out/, '... its regular expressions, keyrings and what is no digest left out');
like($err, qr/exclude \/tmp\/\.\*: a CoRIM has no regular expressions/, '... and named');
like($corim, qr/"sha-1"/, '... with SHA-1 by its name');
refused('an altered policy', qr/does not verify/, dsse('application/vnd.keylime+json', $policy, 'signer') =~ s/"payload":"./"payload":"f/r, @policy);
refused('a policy under another type', qr/does not verify/, dsse('application/vnd.keylime+json', $policy, 'signer') =~ s/keylime\+json/in-toto+json/r, @policy);
refused('a policy of somebody else', qr/does not verify/, dsse('application/vnd.keylime+json', $policy, 'stranger'), @policy);
refused('a policy that nobody signed', qr/nobody has signed it/, $policy, @policy);
is((convert($policy, @policy, '--unverified'))[0], 0, '... unless --unverified asks for it');
is((convert(dsse('application/vnd.keylime+json', $policy, 'signer'), '--key', "$dir/signer.pem"))[0], 2, 'without --environment nobody knows what it is of');

my $statement = encode_json({ _type => 'https://in-toto.io/Statement/v1', predicateType => 'https://slsa.dev/provenance/v1',
	subject => [ { name => 'app', digest => { sha256 => 'd' x 64, gitCommit => 'e' x 40 } } ],
	predicate => { runDetails => { builder => { id => 'https://builder.example' } }, validity => { notBefore => '2026-01-01T00:00:00Z', notAfter => '2036-01-01T00:00:00Z' } } });
($status, $corim, $err) = convert(dsse('application/vnd.in-toto+json', $statement, 'signer'), '--key', "$dir/signer.pem");
is($status, 0, 'a statement\'s subjects are converted') or diag($err);
like($corim, qr/"vendor":\s*"https:\/\/builder.example"/, '... the builder is the vendor');
like($corim, qr/"not-after"/, '... its validity is the RIM\'s');
like($err, qr/digest gitCommit/, '... what is no digest of bytes is left out');
my $bundle = encode_json({ dsseEnvelope => decode_json(dsse('application/vnd.in-toto+json', $statement, 'signer')),
	verificationMaterial => { certificate => { rawBytes => encode_base64(ran('openssl', 'x509', '-in', "$dir/signer.pem", '-outform', 'DER'), '') } } });
is((convert($bundle, '--key', "$dir/middle.pem"))[0], 0, 'a bundle brings its certificate');
refused('a bundle under another root', qr/lead to none/, $bundle, '--key', "$dir/stranger.pem");
refused('another type of payload', qr/no form in a CoRIM/, dsse('text/plain', '{}', 'signer'), '--key', "$dir/signer.pem");
ran('openssl', 'dgst', '-sha384', '-sign', "$dir/signer.key", '-out', "$dir/apart.sig", file('statement', $statement));
is((convert($statement, '--key', "$dir/signer.pem", '--signature', "$dir/apart.sig"))[0], 0, 'a signature may stand apart');
refused('... over other bytes', qr/does not verify/, $statement =~ s/app/apq/r, '--key', "$dir/signer.pem", '--signature', "$dir/apart.sig");
refused('JSON that is none of these', qr/no document that convert reads/, '{}');

# ---- vendors' files, where they lie ----

SKIP:
{
	my $shared = ($ENV{COSERV_CORPUS} // '../../shared/corpus') . '/../vendors';
	skip 'no vendors\' files beside the checkout', 1 unless -f "$shared/MANIFEST.tsv";
	my @nvidia = ('--key', "$shared/nvidia-roots/nvidia-RIM-root.pem");
	my ($keylime, $oak, $tcg) = map { "$shared/$_" } qw(keylime-policy oak-endorsement tcg-rim);
	my @image = ('--environment', $of);
	# what becomes of each: options, how many values and what is left out, or why it is refused
	my %verdict = (
		'nvidia-rim-swid/nvsdk-driver-GH100_550.144.03.xml' => [ [ @nvidia, '--at', '2025-03-01' ], qr/: 31 reference values, 43 left out/ ],
		'nvidia-rim-swid/nvsdk-driver-GH100_570.124.03_expired.xml' => [ [ @nvidia, '--at', '2025-03-01' ], qr/certificate has expired/ ],
		'nvidia-rim-swid/nvsdk-incorrect_cert_chain_driver_rim.xml' => [ [ @nvidia, '--at', '2025-03-01' ], qr/unable to get local issuer/ ],
		'nvidia-rim-swid/nvsdk-incorrect_signature_driver_rim.xml' => [ [ @nvidia, '--at', '2025-03-01' ], qr/the signature does not verify/ ],
		'nvidia-rim-swid/nvsdk-switch-vbios-5612.xml' => [ [ @nvidia, '--at', '2026-06-01' ], qr/: 82 reference values, 33 left out/ ],
		(map { ("nvidia-rim-swid/$_" => [ [ @nvidia, '--at', '2025-03-01' ], qr/: \d+ reference values, (43|52) left out/ ]) } qw(nvtrust-driver-test_no_gpu.swidtag
			nvtrust-vbios-1010_0200_882_96005E0001_PROD.swidtag nvtrust-vbios-1010_0200_882_96005E0001_test_no_gpu.swidtag nvtrust-vbios-1010_0200_882_960074001A_PROD.swidtag
			nvtrust-vbios-1010_0210_886_9600740011_PROD.swidtag nvtrust-vbios-g520_0200_885_9600740001_PROD.swidtag nvtrust-vbios-g520_0228_889_96006D000A_PROD.swidtag trustee-test-rim.swidtag)),
		'tcg-rim/hirs-badOem_oem.1.swidtag' => [ [ '--key', "$tcg/hirs-RimSignCert.pem", '--event-log', "$tcg/hirs-badOem_oem.1.rimel" ], qr/: 3 reference values, 5 left out/ ],
		'tcg-rim/hirs-laptop.default.1.swidtag' => [ [ '--key', "$tcg/hirs-RimSignCert.pem", '--event-log', "$tcg/hirs-laptop.default.1.rimel" ], qr/: 3 reference values, 6 left out/ ],
		'keylime-policy/keylime-runtime-policy-signed.dsse.json' => [ [ '--key', "$keylime/keylime-runtime-policy.pub", @image ], qr/: 21 reference values, 1 left out/ ],
		'keylime-policy/keylime-runtime-policy-signed-bad.dsse.json' => [ [ '--key', "$keylime/keylime-runtime-policy.pub", @image ], qr/the signature does not verify/ ],
		(map { ("keylime-policy/keylime-$_.json" => [ [ @image ], qr/nobody has signed it/ ]) } qw(policy-sha1 policy-sha256 policy-sha512 policy-sm3_256 runtime-policy)),
		'keylime-policy/keylime-ima-allowlist-short.txt' => [ [ @image ], qr/document: / ],
		'in-toto/slsa-rules_lint.intoto.jsonl' => [ [], qr/lead to none|does not verify/ ],
		'in-toto/slsa-multi-subject-first.intoto.jsonl' => [ [], qr/lead to none|does not verify/ ],
		'in-toto/guac-oci-kubectl-arm64.intoto.json' => [ ['--unverified'], qr/signed by nobody: 75 reference values, 0 left out/ ],
		'oak-endorsement/oak-endorsement.json' => [ [ @image, '--key', "$oak/oak-endorser_public_key.pem", '--signature', "$oak/oak-endorsement.json.sig" ], qr/: 1 reference values, 0 left out/ ],
		'oak-endorsement/oak-logentry.json' => [ [], qr/no document that convert reads/ ],
		'rvps/trustee-readme-message.json' => [ [], qr/a DSSE envelope has a payloadType/ ],
	);
	for my $name (sort keys %verdict)
	{
		my ($options, $wanted_of) = @{ $verdict{$name} };
		my ($how, undef, $said) = convert(slurp_file("$shared/$name"), @$options);

		like($said, $wanted_of, $name);
		is($how, $said =~ /reference values/ ? 0 : 1, '... and its status');
	}
	like((convert(slurp_file("$tcg/hirs-laptop.default.1.swidtag"), '--key', "$tcg/hirs-RimSignCert.pem", '--event-log', "$tcg/hirs-badOem_oem.1.rimel"))[2],
		qr/names no file with the SHA-256 digest/, 'a support RIM of another base RIM');
}
done_testing();
