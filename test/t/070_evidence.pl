# Evidence of real Attesters, read where it lies (../shared/evidence, or COSERV_EVIDENCE): each file has the verdict that
# test/data/evidence_verdicts.tsv says; with COSERV_VERDICTS, a file with the verdicts of today is written there. And the examples of
# doc/evidence.md. Reads hundreds of files and writes CoRIMs for them, which is more than pg_regress is for.
use strict;
use warnings FATAL => 'all';

use File::Basename qw(dirname);
use FindBin;
use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $top = "$FindBin::RealBin/../..";
my ($shared) = grep { -r "$_/MANIFEST.tsv" }
  ($ENV{COSERV_EVIDENCE} // (), $ENV{COSERV_CORPUS} ? dirname($ENV{COSERV_CORPUS}) . '/evidence' : (), "$top/../shared/evidence");

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', "log_min_messages = fatal\nlog_min_error_statement = panic\nlog_statement = none");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION coserv; SELECT coserv.create_store(\'rim\')');

sub query
{
	return $node->safe_psql('postgres', shift);
}

# --- arguments --------------------------------------------------------------------------------------------------------------------

sub bytes { return "'\\x" . unpack('H*', shift) . "'::bytea" }

# The key in a JSON file: the first object that has a kty.
sub jwk
{
	my $json = shift;

	return $json if ref $json eq 'HASH' && exists $json->{kty};
	for my $part (ref $json eq 'HASH' ? (map { $json->{$_} } sort keys %$json) : ref $json eq 'ARRAY' ? @$json : ())
	{
		my $found = jwk($part);
		return $found if $found;
	}
	return undef;
}

# A key or certificate as text or bytes; of a PEM file with several the last, which is the root.
sub key
{
	my $data = slurp_file("$shared/" . shift);
	my @blocks;

	$data =~ s/\\n/\n/g;	# PEM in a text of JSON
	@blocks = $data =~ /(-----BEGIN [A-Z ]+-----.*?-----END [A-Z ]+-----\n?)/gs;
	return bytes($data) . '::coserv.crypto_key' if $data =~ /^\x30/;
	return "\$key\$$blocks[-1]\$key\$::coserv.crypto_key" if @blocks;
	my $key = jwk(JSON::PP::decode_json($data));
	delete @$key{qw(d key_ops use kid alg)};
	return "\$key\$" . JSON::PP->new->canonical->encode($key) . "\$key\$::coserv.crypto_key";
}

# PEM and DER together as DER.
sub certificates
{
	my $all = '';

	for my $name (split /,/, shift)
	{
		my $data = slurp_file("$shared/$name");
		my @blocks = $data =~ /-----BEGIN CERTIFICATE-----(.*?)-----END/gs;
		$all .= @blocks ? join('', map { require MIME::Base64; MIME::Base64::decode_base64($_) } @blocks) : $data;
	}
	return bytes($all);
}

# coserv.evidence(...) for a row of the table: further arguments as "name=value", "unverified" or "environment".
sub call
{
	my ($file, $format, $with, $more) = @_;
	my $data = slurp_file("$shared/$file");
	my @arguments;

	for (split / /, $with)
	{
		my ($name, $value) = split /=/, $_, 2;
		if ($name eq 'skip') { $data = substr $data, $value }
		elsif ($name eq 'take') { $data = substr $data, 0, $value }
		elsif ($name eq 'keys') { push @arguments, 'keys => ARRAY[' . key($value) . ']' }
		elsif ($name eq 'certificates') { push @arguments, 'certificates => ' . certificates($value) }
		elsif ($name eq 'unverified') { push @arguments, 'unverified => true' }
		elsif ($name eq 'environment') { push @arguments, q{known_environment => '{0: {1: "known"}}'} }
		elsif ($name eq 'at') { push @arguments, "at => '$value'" }
		else { push @arguments, "$name => " . bytes(slurp_file("$shared/$value")) }
	}
	push @arguments, q{at => '2025-11-29T00:00Z'} unless $with =~ /\bat=/;
	return join ', ', "'$format'", bytes($data), @arguments, @{ $more // [] };
}

# --- the examples of doc/evidence.md: each block of SQL as psql runs it, and what stands behind it -------------------------------------------

{
	my $data = "$FindBin::RealBin/../data";
	my $doc = slurp_file("$top/doc/evidence.md");
	my @variables = map { ('-v', $_) } (
		'token=\x' . slurp_file("$data/evidence/psa.hex") =~ s/\s//gr, 'changed=\x' . slurp_file("$data/evidence/psa-changed.hex") =~ s/\s//gr,
		'key=' . slurp_file("$data/acme.pub"), 'nonce=\x' . '07' x 32);
	my $examples = 0;

	while ($doc =~ /^```sql\n(.*?)^```\n(?:\n?```text\n(.*?)^```\n)?/msg)
	{
		my ($sql, $wanted) = ($1, $2);
		my ($ret, $out, $err) = $node->psql('postgres', $sql, extra_params => [ '-At', @variables ]);

		$examples++;
		is($err, '', "example $examples of doc/evidence.md runs");
		is("$out\n", $wanted, 'and answers what it says') if defined $wanted;
	}
	cmp_ok($examples, '>', 3, 'there are examples');
}

# --- a verdict for every file -------------------------------------------------------------------------------------------------------

$node->safe_psql('postgres', q{
	CREATE FUNCTION verdict(call text) RETURNS text LANGUAGE plpgsql AS $$
	DECLARE r record; detail text; message text;
	BEGIN
		EXECUTE 'SELECT count(DISTINCT ect) AS ects, count(element) AS elements, bool_and(authority IS NOT NULL) AS verified, min(notes[1]) AS note'
			' FROM coserv.evidence(' || call || ')' INTO r;
		RETURN CASE WHEN r.verified THEN 'verified' ELSE r.note END || format(': %s ECTs, %s elements', r.ects, r.elements);
	EXCEPTION WHEN OTHERS THEN
		GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, message = MESSAGE_TEXT;
		RETURN format('refused: %s (%s)', message, SQLSTATE);
	END $$});

SKIP:
{
	skip 'no Evidence of others beside the checkout (../shared/evidence, or COSERV_EVIDENCE)', 1 unless $shared;
	my (@differ, @today, %seen);

	for my $row (split /\n/, slurp_file("$top/test/data/evidence_verdicts.tsv"))
	{
		my ($file, $format, $with, $verdict) = split /\t/, $row, 4;
		my $found = $format eq '-' ? "no Evidence: $with" : query('SELECT verdict($call$' . call($file, $format, $with) . '$call$)');
		$seen{$file} = 1;
		push @today, join "\t", $file, $format, $with, $found;
		push @differ, "$file: $found" unless $found eq $verdict;
	}
	if ($ENV{COSERV_VERDICTS})
	{
		open(my $out, '>', $ENV{COSERV_VERDICTS}) or die;
		print $out map { "$_\n" } @today;
		close $out;
	}
	is(join("\n", @differ), '', 'each file of ../shared/evidence has its verdict: ' . @today);
	is(join(' ', grep { !$seen{$_} } map { (split /\t/)[0] } (split /\n/, slurp_file("$shared/MANIFEST.tsv"))[1 .. 207]), '', 'and none is forgotten');
	note("$_") for @today;
}


# --- pairs of Evidence and reference values (../shared/evidence/CROSSCHECK.tsv), the references loaded as CoRIMs that are written here ----------------

my $stores = 0;

# A store with these triples of reference values, "[environment, [measurement, ...]]" in EDN.
sub store_of
{
	my $store = 'pair' . ++$stores;
	my $corim = "501({0: \"$store\", 1: [506(<<{1: {0: \"$store\"}, 4: {0: [" . join(', ', @_) . "]}}>>)]})";

	query("SELECT coserv.create_store('$store'); INSERT INTO $store.authority (name, key, accepts_unsigned) VALUES ('test', '560(h''01'')', true);"
		  . "SELECT $store.load(\$corim\$$corim\$corim\$::coserv.corim::bytea, 'test')");
	return $store;
}

# How many elements of the Evidence the store's references corroborate.
sub corroborated
{
	my ($store, $call) = @_;

	return query("SELECT count(DISTINCT e) FROM $store.appraise(coserv.evidence_ects($call)) a,"
		  . " LATERAL coserv.cbor_array_elements(a.ect OPERATOR(coserv.->) 'element-list'::text) e WHERE a.cmtype = 'reference-values'");
}

sub argument_of
{
	my $file = shift;
	my ($row) = grep { /^\Q$file\E\t/ } split /\n/, slurp_file("$top/test/data/evidence_verdicts.tsv");

	return (split /\t/, $row)[0 .. 2];
}

# A store with what coserv convert makes of a RIM of NVIDIA's, and how many measurements the RIM has.
sub store_of_rim
{
	my ($rim, $at) = @_;
	my $store = 'pair' . ++$stores;
	my ($corim, $err) = ('', '');

	IPC::Run::run([ "$top/build/cli/coserv", 'convert', "$shared/../vendors/nvidia-rim-swid/$rim", '--quiet', '--at', $at,
		'--key', "$shared/../vendors/nvidia-roots/nvidia-RIM-root.pem" ], '>', \$corim, '2>', \$err) or die $err;
	query("SELECT coserv.create_store('$store'); INSERT INTO $store.authority (name, key, accepts_unsigned) VALUES ('test', '560(h''01'')', true);"
		  . "SELECT $store.load(" . bytes($corim) . ", 'test')");
	return ($store, query("SELECT count(DISTINCT mkey) FROM $store.reference_value"));
}

SKIP:
{
	skip 'no Evidence and collateral of others beside the checkout', 1 unless $shared && -r "$shared/../vendors/MANIFEST.tsv";
	skip 'no build/cli/coserv: make -C cli first', 1 unless -x "$top/build/cli/coserv";
	my $vendors = "$shared/../vendors";

	# NVIDIA: a switch that is what its RIM says, and a GPU beside RIMs of other versions, which must not be taken for it
	for ([ 'nvsdk-switchAttestationReport.txt', 'nvsdk-switch-vbios-5612.xml', '2026-06-01', 31, 31 ],
		[ 'nvtrust-hopperAttestationReport.txt', 'nvtrust-vbios-1010_0200_882_96005E0001_PROD.swidtag', '2025-03-01', 8, 12 ],
		[ 'nvtrust-hopperAttestationReport.txt', 'nvsdk-driver-GH100_550.144.03.xml', '2025-03-01', 16, 21 ])
	{
		my ($report, $rim, $at, $equal, $of) = @$_;
		my ($store, $measurements) = store_of_rim($rim, $at);

		is(corroborated($store, call(argument_of("nvidia-gpu/$report"))) . " of $measurements", "$equal of $of", "$report against $rim, converted");
	}

	# SEV-SNP on Azure: MEASUREMENT is the endorsement's, HOST_DATA the hash of the policy; another measurement is not corroborated
	my $uvm = slurp_file("$vendors/ms-uvm-endorsement/ms-uvm_reference_info.cose");
	my ($measurement) = $uvm =~ /"x-ms-sevsnpvm-launchmeasurement"\s*:\s*"([0-9a-f]{96})"/;
	require MIME::Base64;
	my $policy = query('SELECT encode(sha256(' . bytes(MIME::Base64::decode_base64(slurp_file("$shared/snp-report/ms-aci-policy.base64"))) . "), 'hex')");
	my $by_chip = q({0: {0: 111(h'2b060104019c780301')}});
	my @aci = call(argument_of('snp-report/ms-aci-v2.bin'));
	is(corroborated(store_of("[$by_chip, [{0: 641, 1: {2: [[7, h'$measurement']]}}]]", "[$by_chip, [{0: 642, 1: {2: [[7, h'$policy']]}}]]"), @aci), 2,
		'SEV-SNP: the launch measurement that is endorsed, and the policy');
	is(corroborated(store_of("[$by_chip, [{0: 641, 1: {2: [[7, h'" . ('00' x 48) . "']]}}]]"), @aci), 0, 'and no other');
	is(corroborated(store_of("[$by_chip, [{0: 1, 1: {1: 22}}]]"), @aci), 0, 'the guestsvn of the endorsement is another number than GUEST_SVN');

	# a CCEL and the quote whose RTMRs it replays to: register k of the log is RTMR k-1
	my @log = argument_of('ccel/goeventlog-cos-113-intel-tdx.bin');
	my $registers = query('SELECT string_agg(format(\'%s: %s\', (k::text)::int - 1, v), \', \' ORDER BY k::text) FROM coserv.evidence(' . call(@log) . ') e,'
		  . ' LATERAL coserv.cbor_each(e.element::coserv.cbor OPERATOR(coserv.->) 1 OPERATOR(coserv.->) 14) AS r (k, v)');
	my @quote = (argument_of('tdx-quote/gotdx-cos-113-tdx-quote.dat'));
	my $td = '{0: {1: "Intel Corporation", 2: "TDX TD"}}';
	my $with_log = call(@quote, [ 'event_log => ' . bytes(slurp_file("$shared/ccel/goeventlog-cos-113-intel-tdx.bin")) ]);
	is(corroborated(store_of("[$td, [{1: {14: {$registers}}}]]"), $with_log), 1, 'a CCEL replays to RTMR0, RTMR1 and RTMR2');
	like(query("SELECT notes[1] FROM coserv.evidence($with_log) WHERE ect = 0 LIMIT 1"), qr/replay to 3 of the RTMRs/, 'which the quote notes');
	is(query("SELECT element::coserv.cbor OPERATOR(coserv.->) 1 OPERATOR(coserv.->) 14 OPERATOR(coserv.->) 3 FROM coserv.evidence($with_log) WHERE ect = 0 LIMIT 1"),
		"[[7, h'" . ('00' x 48) . "']]", 'RTMR3 is zero');
	my ($ret, $out, $err) = $node->psql('postgres', 'SELECT * FROM coserv.evidence(' . call(@quote, [ 'event_log => ' . bytes(slurp_file("$shared/ccel/trustee-CCEL_data_grub")) ]) . ')');
	like($err, qr/event log does not replay to RTMR0/, 'another machine\'s does not');

	# Agilex: DMTF blocks hold the digests of Altera's RIM. Both RIMs have the same; what differs is the mask of state flags, whose bytes a RIM has in
	# another order than the device
	my @blocks = call(argument_of('spdm-measurements/altera-measurements_hps_fpga_signed_enc.bin'));
	for my $rim ('altera-hps_fpga_signed_enc_test.rim.json', 'altera-hps_fpga_signed_enc_test_fuzz.rim.json')
	{
		my @wanted;

		for my $record (@{ JSON::PP::decode_json(slurp_file("$vendors/altera-rim/$rim"))->{'measurement records'}{tcbinfo} })
		{
			push @wanted, map { "{1: {2: [[7, h'$_->{digest}']]}}" } @{ $record->{fwids} // [] };
		}
		is(query("WITH e AS MATERIALIZED (SELECT format('{1: %s}', element::coserv.cbor OPERATOR(coserv.->) 1)::coserv.measurement AS m FROM coserv.evidence(@blocks))"
			  . ' SELECT count(*) FROM unnest(ARRAY[' . join(', ', map { "\$m\$$_\$m\$" } @wanted) . ']::coserv.measurement[]) AS w WHERE EXISTS (SELECT FROM e WHERE e.m OPERATOR(coserv.@>) w)'),
			3, "Agilex: the blocks hold all digests of $rim");
	}

	# Agilex: of a vendor's own CoRIM the triple of layer 0 matches a certificate, that of layer 1 none
	my $signed = bytes(slurp_file("$vendors/altera-rim/altera-signed_valid.corim"));
	query("SELECT coserv.create_store('altera'); INSERT INTO altera.authority (name, key, accepts_unsigned) VALUES ('test', '560(h''01'')', true);"
		  . "SELECT altera.load(coserv.cbor_bytes(coserv.cbor_get_path($signed\::coserv.cbor, '[2]')), 'test')");
	is(corroborated('altera', call(argument_of('dice-cert/altera-spdm-deviceId_01458210996be470_spdm.der'))), 1, 'Agilex: layer 0 is what the vendor\'s CoRIM says');
	is(query('SELECT string_agg(DISTINCT coserv.environment_layer(environment)::text, \',\') FROM altera.appraise(coserv.evidence_ects('
			  . call(argument_of('dice-cert/altera-spdm-alias_01458210996be470_spdm.der')) . ")) WHERE cmtype = 'reference-values'"), '0', 'and layer 1 is not');

	# PSA and CCA: what the token says is a reference, and one other digest is none
	for ([ 'psa-token/psa-2_0_0_sign1.bin', 'psa.software-component', 2 ], [ 'cca-token/trustee-cca-example-token.cbor', 'cca.software-component', 13 ])
	{
		my ($file, $mkey, $components) = @$_;
		my $call = call(argument_of($file));
		my $triples = sub {
			my $change = shift;
			return split /\n/, query("SELECT format('[%s, [%s]]', environment, " . ($change ? "regexp_replace(element::text, 'h''....', 'h''ffff')" : 'element::text')
				  . ") FROM coserv.evidence($call) WHERE element::coserv.cbor OPERATOR(coserv.->>) 0 = '$mkey'");
		};
		is(corroborated(store_of($triples->(0)), $call), $components, "$file: every component is a reference");
		is(corroborated(store_of($triples->(1)), $call), 0, 'and none of another digest');
	}

	# two CCA tokens of one platform: the references are of the first, the second is contraindicated by one of them
	my %demo = map { $_ => "'cca', " . bytes(slurp_file("$vendors/arm-cca-endorsements/ccademo-ccatoken$_.cbor")) . ', keys => ARRAY[' . key('cca-token/tfrmm-cca_platform.pub.pem') . ']' } '', '_contraindicated';
	my $references = store_of(split /\n/, query("SELECT format('[%s, [%s]]', environment, element) FROM coserv.evidence($demo{''}) WHERE ect = 0"));
	my $elements = query("SELECT count(*) FROM coserv.evidence($demo{''}) WHERE ect = 0");
	is(corroborated($references, $demo{''}), $elements, 'CCA: a token that matches');
	cmp_ok(corroborated($references, $demo{_contraindicated}), '<', $elements, 'and one that does not');
}

$node->stop;
done_testing();
