# Documents in the forms of vendors, real ones, read where they lie (../shared/vendors, or COSERV_VENDORS): each file has the verdict that
# test/data/vendor_verdicts.tsv says, loaded while it was current, under libfaketime; with COSERV_VERDICTS, a file with the verdicts of today is
# written there. And what Evidence gets by them (CROSSCHECK.tsv beside the Evidence).
use strict;
use warnings FATAL => 'all';

use File::Basename qw(dirname);
use FindBin;
use JSON::PP ();
use MIME::Base64 ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $top = "$FindBin::RealBin/../..";
my ($shared) = grep { -r "$_/vendors/MANIFEST.tsv" }
  ($ENV{COSERV_VENDORS} ? dirname($ENV{COSERV_VENDORS}) : (), $ENV{COSERV_CORPUS} ? dirname($ENV{COSERV_CORPUS}) : (), "$top/../shared");
my ($faketime) = glob('/usr/lib/*/faketime/libfaketime.so.1');

plan skip_all => 'no vendors\' files: COSERV_VENDORS, or ../shared/vendors' unless $shared;
plan skip_all => 'no libfaketime' unless $faketime;

my $vendors = "$shared/vendors";
my $node = PostgreSQL::Test::Cluster->new('main');

# Evidence outlives no month of its collateral: the server lives in the month that is asked about.
sub live_at
{
	my $time = shift;

	$node->stop if -e $node->data_dir . '/postmaster.pid';
	local $ENV{LD_PRELOAD} = $faketime;
	local $ENV{FAKETIME} = '@' . $time =~ s/T/ /r =~ s/Z$//r;
	local $ENV{FAKETIME_DONT_FAKE_MONOTONIC} = 1;
	local $ENV{TZ} = 'UTC';
	$node->start;
	return;
}

sub query { return $node->safe_psql('postgres', shift) }
sub bytes { return "'\\x" . unpack('H*', shift) . "'::bytea" }
sub file { return slurp_file("$vendors/" . shift) }

# --- what others wrapped, as the vendor sent it ---------------------------------------------------------------------------------------------

# r and s side by side, of a DER signature
sub raw_signature
{
	my $der = shift;
	my @parts;

	die 'no DER signature' unless $der =~ s/^\x30(.)(?=\x02)//s;
	for (1 .. 2)
	{
		my $len = ord substr $der, 1, 1;
		push @parts, substr("\0" x 32 . substr($der, 2, $len), -32);
		$der = substr $der, 2 + $len;
	}
	return unpack 'H*', join '', @parts;
}

# Fortanix keeps the signed text, the signature in DER and the chain.
sub unwrapped
{
	my $json = JSON::PP::decode_json(shift);
	my ($raw) = grep { /^raw_/ } keys %$json;
	my $name = $raw =~ /tcb_info/ ? 'tcbInfo' : $raw =~ /numbers/ ? 'tcbEvaluationDataNumbers' : 'enclaveIdentity';
	my $signature = @{ $json->{signature} } ? raw_signature(pack 'C*', @{ $json->{signature} }) : '';
	my $text = $json->{$raw};

	utf8::encode($text);
	return ("{\"$name\":$text,\"signature\":\"$signature\"}", join '', @{ $json->{ca_chain} });
}

# A collateral file of dcap-qvl: its TCB info, or its identity.
sub collateral
{
	my ($json, $which) = (JSON::PP::decode_json(shift), shift);
	my ($name, $chain) = $which eq 'tcb_info' ? ('tcbInfo', 'tcb_info_issuer_chain') : ('enclaveIdentity', 'qe_identity_issuer_chain');

	return ("{\"$name\":$json->{$which},\"signature\":\"$json->{$which . '_signature'}\"}", $json->{$chain});
}

# Document and chain, as a row of the table says: how is -, chain=FILE, unwrap, or collateral=NAME
sub document_of
{
	my ($name, $how) = @_;
	my $data = file($name);

	return unwrapped($data) if $how eq 'unwrap';
	return collateral($data, $1) if $how =~ /^collateral=(.*)/;
	return ($data, $how =~ /^chain=(.*)/ ? file($1) : undef);
}

# The last certificate of a chain in PEM.
sub root_of
{
	my @blocks = file(shift) =~ /(-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----)/gs;

	return "\$key\$$blocks[-1]\n\$key\$::coserv.crypto_key";
}

sub load_call
{
	my ($document, $chain) = @_;

	return 'rim.try_load(' . bytes($document) . (defined $chain && $chain ne '' ? ', chain => ' . bytes($chain) : '') . ')';
}

sub verdict
{
	my ($document, $chain) = @_;
	my $refused = query("CREATE TEMP TABLE l AS SELECT * FROM " . load_call($document, $chain) . ";
		SELECT coalesce(l.sqlstate || ' ' || l.refused || coalesce(' (' || l.detail || ')', '') || coalesce(' ' || l.hint, ''), format('%s by %s: %s %s, %s triples', m.format,
			m.authority, m.corim_id, g.tag_version, (SELECT count(*) FROM rim.triple t WHERE t.manifest = m.id)))
		FROM l LEFT JOIN rim.manifest m ON m.id = l.id LEFT JOIN rim.tag g ON g.manifest = m.id");

	return $refused;
}

$node->init;
$node->append_conf('postgresql.conf', "log_min_messages = fatal\nlog_min_error_statement = panic\nlog_statement = none");
live_at('2019-10-01T00:00:00Z');
query('CREATE EXTENSION coserv; SELECT coserv.create_store(\'rim\'); ALTER DATABASE postgres SET search_path = public, coserv');
query('INSERT INTO rim.authority (name, key) VALUES (\'Intel\', ' . bytes(file('intel-certs/intel-SGX-root-CA.der')) . '::coserv.crypto_key)');

query("INSERT INTO rim.authority (name, key) VALUES ('Intel samples', " . root_of('intel-tcbinfo/intelqvl-tcbSignChain.pem') . ')');

my $root = bytes(file('intel-certs/intel-SGX-root-CA.der')) . '::coserv.crypto_key';

# Its signer's certificate ended in January 2024, and what he signed stays in use.
my ($uvm) = query('SELECT encode(c::bytea, \'hex\') FROM (SELECT coserv.cbor_bytes(coserv.cbor_embedded('
	  . bytes(file('ms-uvm-endorsement/ms-uvm_reference_info.cose')) . "::coserv.cbor OPERATOR(coserv.#>) '[0]') OPERATOR(coserv.#>) '[33, 2]') AS c) x");
query("INSERT INTO rim.authority (name, key, key_purposes, chains_judged_at) VALUES ('Microsoft', '\\x$uvm'::bytea::coserv.crypto_key,
	'{1.3.6.1.4.1.311.76.59.1.2}', '2023-03-01')");

query("INSERT INTO rim.authority (name, key) VALUES ('$_->[0]', " . root_of("amd-kds/$_->[1]") . ')')
  for [ 'ARK-Milan', 'ask_ark_milan.pem' ], [ 'ARK-Genoa', 'ask_ark_genoa.pem' ], [ 'ARK-Turin', 'ask_ark_turin_vcek.pem' ];

# Google's test code signed this one with its development keys.
query('INSERT INTO rim.authority (name, key) VALUES (\'Google (test)\', ' . root_of('gce-endorsement/gce-dev-root.crt') . ')');

# --- every file has its verdict -----------------------------------------------------------------------------------------------------------------

my $table = "$FindBin::RealBin/../data/vendor_verdicts.tsv";
my @rows = map { [ split /\t/, $_, 4 ] } grep { !/^#/ && /\S/ } split /\n/, slurp_file($table);
my %listed = map { $_->[0] => 1 } @rows;
my @missing = grep { !$listed{$_} } map { (split /\t/)[0] } grep { !/^file\t/ } split /\n/, slurp_file("$vendors/MANIFEST.tsv");
my @today;

# What Evidence gets by what was loaded up to then: time, format, file, the generation that the policy names, and what tcb_status() says of
# platform (its advisories are INTEL-SA-...) and module: CROSSCHECK.tsv, the names of its advisories as they stand in the files.
my $of_17 = '00586 00614 00615 00657 00730 00738 00767 00828 00837 00960';
my @crosscheck = (
	[ '2022-12-21T00:00:00Z', 'sgx', 'sgx-quote/trustee-occlum_quote.dat', 0, 'OutOfDate 2021-11-10 00586 00614 00615 00657', '' ],
	[ '2023-06-19T00:00:00Z', 'tdx', 'tdx-quote/trustee-tdx_quote_4.dat', 0, 'UpToDate 2023-02-15', '' ],
	[ '2023-06-19T00:00:00Z', 'tdx', 'tdx-quote/gotdx-prod_quote_SPR_E4.dat', 0, 'no level matches', '' ],
	[ '2023-06-19T00:00:00Z', 'tdx', 'tdx-quote/oasis-quote_v4_tdx_out_of_date.bin', 0, 'no level matches', '' ],
	[ '2024-09-03T00:00:00Z', 'tdx', 'tdx-quote/oasis-quote_v4_tdx_trailing.bin', 0, 'UpToDate 2024-03-13', 'TDX_01 UpToDate' ],
	[ '2025-02-14T00:00:00Z', 'tdx', 'tdx-quote/trustee-az-td-quote.bin', 0, 'OutOfDate 2023-08-09 00960 00982 00986', 'TDX_01 OutOfDate' ],
	[ '2025-02-14T00:00:00Z', 'tdx', 'tdx-quote/gotdx-cos-113-tdx-quote.dat', 0, 'UpToDate 2024-03-13', 'TDX_01 UpToDate' ],
	[ '2025-06-07T00:00:00Z', 'sgx', 'sgx-quote/trustee-occlum_quote.dat', 0, "OutOfDate 2021-11-10 $of_17 01079 01103 01153", '' ],
	[ '2025-06-07T00:00:00Z', 'sgx', 'sgx-quote/trustee-occlum_quote.dat', 17, "OutOfDate 2021-11-10 $of_17", '' ],
	[ '2025-06-07T00:00:00Z', 'sgx', 'sgx-quote/trustee-occlum_quote.dat', 0, "OutOfDate 2021-11-10 $of_17 01079 01103 01153", '' ],
	[ '2025-06-20T00:00:00Z', 'sgx', 'sgx-quote/dcapqvl-sgx_quote', 0, 'ConfigurationAndSWHardeningNeeded 2024-03-13 00289 00615', '' ],
	[ '2025-06-20T00:00:00Z', 'tdx', 'tdx-quote/dcapqvl-tdx_quote', 0, 'UpToDate 2024-03-13', 'TDX_01 UpToDate' ],
	[ '2026-01-13T00:00:00Z', 'tdx', 'tdx-quote/tinfoil-tdx-v4.bin', 0, 'UpToDate 2024-11-13', 'TDX_01 UpToDate' ],
	[ '2026-01-13T00:00:00Z', 'tdx', 'tdx-quote/dcapqvl-tdx_quote_outdated', 0, 'no level matches', 'TDX_01 UpToDate' ],
	[ '2026-01-13T00:00:00Z', 'tdx', 'tdx-quote/trustee-tdx_quote_5.dat', 0, 'no level matches', 'TDX_01 OutOfDate' ],
	[ '2026-01-13T00:00:00Z', 'tdx', 'tdx-quote/trustee-tdx_quote_6.dat', 0, 'OutOfDate 2018-01-04', 'TDX_03 UpToDate' ],
	[ '2026-02-19T00:00:00Z', 'tdx', 'tdx-quote/dcapqvl-tdx_quote_outdated', 0, 'no level matches', 'TDX_01 UpToDate' ],
);

sub check_verdict
{
	my ($name, $at, $how, $expected) = @_;
	my $found = verdict(document_of($name, $how));

	push @today, [ $name, $at, $how, $found ];
	is($found, $expected, "$name $how at $at");
	return;
}

sub check_status
{
	my ($at, $format, $quote, $generation, @expected) = @_;
	# its certificates may have been issued later than the collateral
	my $arguments = "coserv.evidence_ects('$format', " . bytes(slurp_file("$shared/evidence/$quote")) . ", keys => ARRAY[$root], at => '2026-06-01T00:00Z')";
	my @found;

	query("SELECT rim.set_policy(generation => $generation)");
	@found = split /\n/, query("SELECT concat_ws(' ', s.status, left(s.tcb_date, 10), nullif(replace(array_to_string(s.advisory_ids, ' '), 'INTEL-SA-', ''), '')) FROM rim.tcb_status($arguments) s
		WHERE s.part = 'platform'");
	is(join(',', @found), $expected[0], "platform of $quote at $at, generation $generation");
	is(query("SELECT format('%s %s', s.name, s.status) FROM rim.tcb_status($arguments) s WHERE s.part = 'module'"), $expected[1], "its module");
	return;
}

is(join(', ', @missing), '', 'every file is in the table');
my %times = map { $_->[1] => 1 } @rows;
$times{ $_->[0] } = 1 for @crosscheck;
for my $at (sort keys %times)
{
	live_at($at);
	check_verdict(@$_) for grep { $_->[1] eq $at } @rows;
	check_status(@$_) for grep { $_->[0] eq $at } @crosscheck;
}

# --- SEV-SNP: the report of a utility VM, and what Microsoft endorses of it; it was not current then, but the authority says when -------------------

{
	my $report = "'sev-snp', " . bytes(slurp_file("$shared/evidence/snp-report/ms-aci-v2.bin"));
	my $ects = "coserv.evidence_ects($report, keys => ARRAY[" . root_of('amd-kds/ask_ark_milan.pem') . '], certificates => '
	  . bytes(slurp_file("$shared/evidence/snp-report/ms-aci.certs.pem")) . ", at => '2024-01-01')";
	my $policy = MIME::Base64::decode_base64(slurp_file("$shared/evidence/snp-report/ms-aci-policy.base64"));

	is(query("SELECT string_agg(e OPERATOR(coserv.->) 'element-claims' #>> '[]', ' ') FROM rim.appraise($ects) a, coserv.cbor_array_elements(a.ect OPERATOR(coserv.->) 'element-list') e
			WHERE a.cmtype = 'endorsements' AND e OPERATOR(coserv.->>) 'element-id' = 'uvm'" =~ s/#>>/OPERATOR(coserv.#>>)/r), '{1: 552(22), 11: "ContainerPlat-AMD-UVM"}', 'the measurement of a UVM has its SVN');
	is(query("SELECT count(*) FROM rim.verdict($ects) v WHERE v.mkey = '641' AND v.standing = 'corroborated'"), '1', 'and is corroborated by Microsoft');
	# with the keys of attest-key triples alone: the VCEK that was loaded is of this report's chip and TCB, and of no other's
	like(query('SELECT count(*) FROM rim.appraise_evidence(\'sev-snp\', ' . bytes(slurp_file("$shared/evidence/snp-report/gosevguest-milan-v2.bin")) . ") a WHERE a.cmtype = 'evidence'"),
		qr/^[1-9]/, 'a report verifies with the VCEK of its TCB');
	like(($node->psql('postgres', "SELECT count(*) FROM rim.appraise_evidence($report)"))[2], qr/no key was given|lead to no key|verifies with no key/, 'and one of another chip does not');
	is(query("SELECT coserv.cbor_bytes(e.element::bytea::coserv.cbor OPERATOR(coserv.#>) '[1, 2, 0, 1]') = sha256(" . bytes($policy) . ")
		FROM coserv.evidence($report, unverified => true) e WHERE e.element::bytea::coserv.cbor OPERATOR(coserv.#>>) '[0]' = '642'"), 't', 'HOST_DATA is the digest of its policy');
}

# --- what a piece of Evidence asks for --------------------------------------------------------------------------------------------------------------

sub needed
{
	my ($format, $file) = @_;
	my $data = slurp_file("$shared/evidence/$file");

	$data = pack 'H*', $data =~ s/\s//gr if $format eq 'nvidia';
	return query("SELECT string_agg(n.what || ' ' || n.standing, ', ') FROM rim.needed('$format', " . bytes($data) . ') n');
}

is(needed('tdx', 'tdx-quote/tinfoil-tdx-v4.bin'), 'tcb-info there, qe-identity there, pck-crl missing, root-crl missing, measurement missing', 'a TDX quote needs');
is(needed('sgx', 'sgx-quote/trustee-occlum_quote.dat'), 'tcb-info expired, qe-identity expired, pck-crl missing, root-crl missing', 'an SGX quote');
is(needed('sev-snp', 'snp-report/ms-aci-v2.bin'), 'vcek missing, ca there, measurement there', 'an SNP report');
is(needed('sev-snp', 'snp-report/gosevguest-milan-v2.bin'), 'vcek there, ca there, measurement missing', 'one whose VCEK is here, of the right TCB');
is(needed('nvidia', 'nvidia-gpu/nvtrust-hopperAttestationReport.txt'), 'driver-rim missing, vbios-rim missing', 'an NVIDIA report');
{
	my $switch = 'nvidia-gpu/nvsdk-switchAttestationReport.txt';
	my $report = bytes(pack 'H*', slurp_file("$shared/evidence/$switch") =~ s/\s//gr);
	my $chain = bytes(slurp_file("$shared/evidence/nvidia-gpu/nvsdk-switchCertChain.txt"));
	my $rim = 'NV_SWITCH_BIOS_5612_0002_890_9610550001';

	is(needed('nvidia', $switch), 'vbios-rim missing', 'a report of a switch');
	for my $certificates ('', ", certificates => $chain")
	{
		is(query("SELECT n.name || ' ' || n.source FROM rim.needed('nvidia', $report$certificates) n"), "$rim https://rim.attestation.nvidia.com/v1/rim/$rim",
			'under the id that the RIM service has it by' . ($certificates && ', with its certificates beside it'));
	}
	my ($gpu, $its) = map { slurp_file("$shared/evidence/nvidia-gpu/nvtrust-hopper$_.txt") } qw(AttestationReport CertChain);
	is(query('SELECT n.name FROM rim.needed(\'nvidia\', ' . bytes(pack 'H*', $gpu =~ s/\s//gr) . ', certificates => ' . bytes($its) . ") n WHERE n.what = 'driver-rim'"),
		'NV_GPU_DRIVER_GH100_550.90.07', 'which chip a GPU is, its certificates say');
	query("INSERT INTO rim.authority (name, key, accepts_unsigned) VALUES ('Operator', '554(\"operator\")'::coserv.crypto_key, true);
		SELECT rim.load('501({0: \"$rim\", 1: [506(<<{1: {0: \"$rim\"}, 4: {0: [[{0: {1: \"NVIDIA\", 2: \"LS10\"}}, [{0: 1, 1: {1: 1}}]]]}}>>)]})'::coserv.document, 'Operator')");
	is(needed('nvidia', $switch), 'vbios-rim there', 'and it is there once a CoRIM of that id is');
}

# --- Intel's CRLs -----------------------------------------------------------------------------------------------------------------------------------

{
	my $platform = (JSON::PP::decode_json(file('intel-crl/fortanix-platform.crl.json'))->{ca_chain} // [])->[0];
	my @crls = ([ 'IntelSGXRootCA-crl.der', undef ], [ 'gotdx-rootcrl.der', undef ], [ 'automata-pck_platform_crl.der', $platform ],
		[ 'tinfoil-pck_crl_platform.der', $platform ]);

	for (@crls)
	{
		my ($name, $chain) = @$_;
		my $der = defined $chain ? ', ARRAY[' . bytes(MIME::Base64::decode_base64($chain =~ s/-----[^-]+-----//gr)) . ']' : '';
		is(query("INSERT INTO rim.crl (authority, der" . (defined $chain ? ', chain' : '') . ") VALUES ('Intel', " . bytes(file("intel-crl/$name")) . "$der) RETURNING issuer LIKE '%CN=Intel SGX %'"), 't', "$name is taken");
	}
	my ($error) = ($node->psql('postgres', "INSERT INTO rim.crl (authority, der) VALUES ('Intel', " . bytes(file('intel-crl/tinfoil-pck_crl_platform.der')) . ')'))[2];
	like($error, qr/signature|issuer/, 'the root has not issued that of a PCK CA');
}
is(needed('sgx', 'sgx-quote/trustee-occlum_quote.dat'), 'tcb-info expired, qe-identity expired, pck-crl expired, root-crl there', 'with them');

if ($ENV{COSERV_VERDICTS})
{
	open my $out, '>', $ENV{COSERV_VERDICTS} or die;
	print $out join("\t", @$_), "\n" for sort { $a->[0] cmp $b->[0] || $a->[2] cmp $b->[2] } @today;
	close $out;
}

$node->stop;
done_testing();
