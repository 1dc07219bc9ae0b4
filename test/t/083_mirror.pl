# coserv mirror: collateral is fetched from where vendors serve it and loaded into a store, from a server on loopback that serves as they do and
# fails as they may: conditional requests, servers that are busy, slow, cut off or wrong, a run that is killed.
use strict;
use warnings FATAL => 'all';

use File::Spec;
use FindBin;
use IPC::Run;
use JSON::PP;
use MIME::Base64;
use lib "$FindBin::RealBin/../lib";
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time sleep);
use Vendor;

my $program = $ENV{COSERV_CLI} // '../build/cli/coserv';
plan skip_all => "no $program: make -C cli first" unless -x $program;
$program = File::Spec->rel2abs($program);
my $how_many = $ENV{COSERV_MIRROR_FMSPCS} // 1000;

my $node = PostgreSQL::Test::Cluster->new('mirror');
$node->init;
$node->append_conf('postgresql.conf', "log_min_messages = fatal\n");
$node->start;
my $dir = PostgreSQL::Test::Utils::tempdir();
my $db = $node->connstr('postgres');

sub query { return $node->safe_psql('postgres', shift) }

sub file
{
	my ($name, $bytes) = @_;

	open my $out, '>:raw', "$dir/$name.new" or die "$dir/$name: $!";
	print $out $bytes;
	close $out or die $!;
	rename "$dir/$name.new", "$dir/$name" or die $!;
	return "$dir/$name";
}

# ---- the server ----

my %plan;
sub serve { my (%more) = @_; %plan = (%plan, %more); file('plan', encode_json(\%plan)); return }

serve();
file('log', '');
my $server = IPC::Run::start([ 'python3', "$FindBin::RealBin/../lib/collateral_server.py", "$dir/plan", "$dir/log", "$dir/port" ]);
for (1 .. 100) { last if -s "$dir/port"; sleep 0.1 }
my $url = 'http://127.0.0.1:' . slurp_file("$dir/port");

# The requests since the last call: [time, path, status, how]
sub requests
{
	my @lines = map { [split] } split /\n/, slurp_file("$dir/log");

	file('log', '');
	return @lines;
}

# mirror(configuration, options...): status, and what it said on both streams
sub mirror
{
	my ($config, @options) = @_;
	my ($out, $err) = ('', '');

	IPC::Run::run([ $program, 'mirror', file('mirror.conf', "state = $dir/state\n$config"), '--db', $db, @options ], '<', \undef, '>', \$out, '2>', \$err);
	return ($? & 127 ? -1 : $? >> 8, $out, $err);
}

sub forget { system('rm', '-rf', "$dir/state"); return }

# ---- Intel: TCB infos, identities, CRLs ----

query("CREATE EXTENSION coserv; SELECT coserv.create_store('rim')");
ca('root', 'Test SGX Root CA');
certify('signing', 'root', 'Intel SGX TCB Signing');
ca('stranger', 'Test SGX Root CA');
certify('strange', 'stranger', 'Intel SGX TCB Signing');
query("INSERT INTO rim.authority (name, key) VALUES ('Intel', " . bytes(der_of('root')) . '::coserv.crypto_key)');

# A header holds PEM URL-encoded.
sub in_header { my $pem = join '', map { pem_of($_) } @_; $pem =~ s/([^A-Za-z0-9])/sprintf '%%%02X', ord $1/ge; return $pem }

my %chain = ('TCB-Info-Issuer-Chain' => in_header('signing', 'root'));
my %qe_chain = ('SGX-Enclave-Identity-Issuer-Chain' => in_header('signing', 'root'));
my $pcs = '/certification/v4';

sub tcb { my ($fmspc, %with) = @_; return unpack 'H*', signed_json('tcbInfo', tcb_info(fmspc => $fmspc, %with), 'signing') }

my $intel = "[intel]\nkind = intel-pcs\nurl = $url/\nask = 00A0B0C0D0E0 00A0B0C0D0E1\ntypes = sgx\nrate = 100\npatience = 1\ntimeout = 2\ntries = 3\n";
serve("/sgx$pcs/tcb?fmspc=00A0B0C0D0E0" => { body => tcb('00A0B0C0D0E0'), headers => \%chain, etag => '"one"' },
	"/sgx$pcs/tcb?fmspc=00A0B0C0D0E1" => { body => tcb('00A0B0C0D0E1'), headers => \%chain },
	"/sgx$pcs/qe/identity" => { body => unpack('H*', signed_json('enclaveIdentity', identity(), 'signing')), headers => \%qe_chain });
my ($status, $out, $err) = mirror($intel);
is($status, 0, 'what Intel serves is fetched and loaded') or diag($err);
like($out, qr/^3 new, 0 unchanged, 0 not due, 0 failed$/m, '... and counted');
is(query('SELECT count(*) FROM rim.manifest WHERE authority = \'Intel\''), 3, '... into the store, in Intel\'s name');
requests();
($status, $out) = mirror($intel);
is(join('|', $status, scalar requests()), '0|0', 'what is not due is not asked for');
like($out, qr/0 new, 0 unchanged, 3 not due/, '... and that is told');
($status, $out) = mirror("${intel}every = 0\n");
like($out, qr/3 not due/, 'what was asked for keeps its time');
forget();
mirror("${intel}every = 0\n");
requests();
($status, $out) = mirror("${intel}every = 0\n");
is($status, 0, 'asked again');
is((grep { $_->[2] == 304 && $_->[3] eq 'conditional' } requests())[0][1], "/sgx$pcs/tcb?fmspc=00A0B0C0D0E0", 'with the ETag that was given: 304');
like($out, qr/2 new, 1 unchanged/, '... counted as such');

# A newer one, which the ETag tells
serve("/sgx$pcs/tcb?fmspc=00A0B0C0D0E0" => { body => tcb('00A0B0C0D0E0', issued => time - 60), headers => \%chain, etag => '"two"' });
mirror("${intel}every = 0\n");
is(query("SELECT count(*) FROM rim.manifest WHERE corim_id = 'intel-tcb-info/SGX/00A0B0C0D0E0/0000/5'"), 2, 'what its vendor issued anew is loaded beside');

# What expires soon is asked for before that
forget();
serve("/sgx$pcs/tcb?fmspc=00A0B0C0D0E0" => { body => tcb('00A0B0C0D0E0', issued => time - 50, until => time + 3600), headers => \%chain });
mirror("${intel}margin = 7200\n");
like((mirror("${intel}margin = 7200\n"))[1], qr/1 new, 0 unchanged, 2 not due/, 'what expires within the margin is asked for at each run');

# ---- how servers fail ----

my $one = $intel =~ s/ask = .*/ask = FF00A0B0C0D1/r;
my $path = "/sgx$pcs/tcb?fmspc=FF00A0B0C0D1";
my %good = (body => tcb('FF00A0B0C0D1'), headers => \%chain);

sub fails_with
{
	my ($name, $why, $tries, %how) = @_;
	my $before = query('SELECT count(*) FROM rim.manifest');

	forget();
	requests();
	serve($path => \%how);
	my ($ended, undef, $said) = mirror($one, '--quiet');
	is($ended, 1, "$name: status 1");
	like($said, $why, '... and it says why');
	is(scalar(grep { $_->[1] eq $path } requests()), $tries, "... after $tries tries");
	is(query('SELECT count(*) FROM rim.manifest'), $before, '... and the store is as it was');
	return;
}

sub recovers_from
{
	my ($name, %how) = @_;

	forget();
	requests();
	$path = sprintf "/sgx$pcs/tcb?fmspc=FF00A0B0C0%02X", 0x10 + keys %plan;
	my $fmspc = substr $path, -12;
	serve($path => { %how, body => tcb($fmspc), headers => \%chain });
	my ($ended, undef, $said) = mirror($one =~ s/ask = .*/ask = $fmspc/r);
	is($ended, 0, "$name, then an answer: it is loaded") or diag($said);
	return;
}

fails_with('not there', qr/the server answers 404/, 1, fail => 404);
fails_with('busy for ever', qr/the server answers 503/, 3, fail => 503);
fails_with('too many requests', qr/the server answers 429/, 3, fail => 429);
fails_with('come back in an hour', qr/asks to come back in 3600 seconds/, 1, fail => 429, wait => 3600);
fails_with('cut off', qr/transfer closed|partial|outstanding read|bytes missing/i, 3, %good, fail => 'cut');
fails_with('slow', qr/timed out/i, 3, %good, fail => 'slow');
fails_with('wrong chain', qr/the store refuses it/, 1, %good, headers => { 'TCB-Info-Issuer-Chain' => in_header('strange', 'stranger') });
fails_with('no chain', qr/the store refuses it/, 1, %good, headers => {});
fails_with('altered', qr/the store refuses it/, 1, %good, body => $good{body} =~ s/46463030/46463031/r);
fails_with('half of it, whole for HTTP', qr/the store refuses it/, 1, %good, body => substr($good{body}, 0, 400));
fails_with('a page that says sorry', qr/the store refuses it/, 1, %good, body => unpack('H*', '<html>sorry</html>'));
recovers_from('busy once', fail => 503, times => 1);
recovers_from('cut off once', fail => 'cut', times => 1);
recovers_from('a moment, please', fail => 429, times => 1, wait => 1);
recovers_from('slow once', fail => 'slow', times => 1);

# One that fails keeps none of the others from being loaded.
forget();
serve("/sgx$pcs/tcb?fmspc=00A0B0C0D0E1" => { fail => 404 });
($status, $out, $err) = mirror($intel, '--metrics', "$dir/mirror.prom", '--json');
is($status, 1, 'one fails of three');
is(join(' ', map { decode_json($_)->{outcome} } split /\n/, $out), 'new new failed', '... and the others are loaded');
like(slurp_file("$dir/mirror.prom"), qr/^coserv_mirror_requests\{outcome="failed"\} 1$/m, '... for Prometheus too');
is(query("SELECT count(*) FROM rim.manifest WHERE corim_id = 'intel-tcb-info/SGX/00A0B0C0D0E1/0000/5'"), 1, '... and what was there stays');

# ---- CRLs ----

file('index', '');
file('number', "01\n");
file('ca.cnf', "[ca]\ndefault_ca = d\n[d]\ndatabase = $dir/index\ncrlnumber = $dir/number\ndefault_md = sha256\ndefault_crl_days = 30\n");
my $folder = Vendor::folder();
system_or_bail('sh', '-c', "openssl ca -config $dir/ca.cnf -gencrl -keyfile $folder/root.key -cert $folder/root.pem -out $dir/crl.pem 2>/dev/null && openssl crl -in $dir/crl.pem -outform DER -out $dir/crl.der");
serve("/sgx$pcs/pckcrl?ca=$_&encoding=der" => { body => unpack('H*', slurp_file("$dir/crl.der")), headers => { 'SGX-PCK-CRL-Issuer-Chain' => in_header('root') } }) for qw(processor platform);
forget();
my $crls = $intel =~ s/types = .*/types = crl\nauthority = Intel/r;
($status, $out, $err) = mirror($crls);
is($status, 0, 'CRLs are loaded beside their authority') or diag($err);
is(query('SELECT count(*) FROM rim.crl'), 1, '... one that is served twice once');
forget();
like((mirror($crls =~ s/authority = .*//r))[2], qr/names no authority/, 'a source of CRLs says beside whom');

# ---- AMD: CAs, and a VCEK whose issuers are served apart ----

my $rsa = '-algorithm RSA -pkeyopt rsa_keygen_bits:2048';
my $pss = '-sha384 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:48';
my @spls = map { "1.3.6.1.4.1.3704.1.3.$_->[0]=DER:02:01:0$_->[1]" } [ 1, 3 ], [ 2, 0 ], [ 3, 8 ], [ 8, 9 ];
ca('ark', 'ARK-Test', $rsa, $pss);
certify('ask', 'ark', 'SEV-Test', how => $rsa, sign => $pss, extensions => [ 'basicConstraints=critical,CA:TRUE,pathlen:0', 'keyUsage=critical,keyCertSign' ]);
certify('vcek', 'ask', 'SEV-VCEK', how => '-algorithm EC -pkeyopt ec_paramgen_curve:P-384', sign => $pss, extensions => [ @spls, '1.3.6.1.4.1.3704.1.4=DER:' . join ':', ('c1') x 64 ]);
query('INSERT INTO rim.authority (name, key) VALUES (\'AMD\', ' . bytes(der_of('ark')) . '::coserv.crypto_key)');
my $vcek = 'Test/' . 'c1' x 64 . '?blSPL=4&teeSPL=0&snpSPL=22&ucodeSPL=213';
serve('/vcek/v1/Test/cert_chain' => { body => unpack 'H*', pem_of('ask') . pem_of('ark') });
serve("/vcek/v1/$vcek" => { body => unpack 'H*', der_of('vcek') });
forget();
my $amd = "[amd]\nkind = amd-kds\nurl = $url\nask = Test $vcek\ntypes = vcek\nrate = 100\n";
($status, $out, $err) = mirror($amd);
is($status, 0, 'the CAs of a product and a VCEK are loaded') or diag($err);
is(query("SELECT string_agg(split_part(corim_id, '/', 1), ' ' ORDER BY corim_id) FROM rim.manifest WHERE authority = 'AMD'"), 'amd-ca amd-vcek', '... as documents of AMD\'s');
forget();
serve('/vcek/v1/Test/cert_chain' => { fail => 404 });
like((mirror($amd))[2], qr/Test\/c1.*the server answers 404/, 'without its issuers a VCEK is not loaded');

# ---- NVIDIA: a RIM in XML is converted here, and signed by the operator ----

SKIP:
{
	skip 'no xmlsec1', 5 unless -x '/usr/bin/xmlsec1';
	my $p384 = '-algorithm EC -pkeyopt ec_paramgen_curve:P-384';
	ca('rims', 'RIM root', $p384);
	certify('rim', 'rims', 'RIM signer', how => $p384);
	my $xml = swid_signed(swid_rim(swid_measurement(0, 'True', 'a' x 96)), 'rim');
	my $nvidia = "[nvidia]\nkind = nvidia-rim\nurl = $url\nask = ACME_GPU_1\nrate = 100\nroot = $folder/rims.pem\nkey = data/acme.key\nsigner = Operator\n";
	my $answer = sub { return unpack 'H*', encode_json({ id => 'ACME_GPU_1', rim => encode_base64($_[0], '') }) };

	query("INSERT INTO rim.authority (name, key) VALUES ('Operator', \$k\$" . slurp_file('data/acme.pub') . '$k$)');
	serve('/v1/rim/ACME_GPU_1' => { body => $answer->($xml) });
	forget();
	($status, $out, $err) = mirror($nvidia);
	is($status, 0, 'a RIM is converted, signed and loaded') or diag($err);
	is(query("SELECT corim_id, is_signed FROM rim.manifest WHERE authority = 'Operator'"), 'ACME_GPU_1|t', '... under the id that it is asked for by');
	serve('/v1/rim/ACME_GPU_1' => { body => $answer->($xml =~ s/aaaa/aaba/r) });
	forget();
	($status, $out, $err) = mirror($nvidia);
	is($status, 1, 'one that was altered is not');
	like($err, qr/does not become a CoRIM/, '... and it is told');
	like((mirror($nvidia =~ s/root = .*//r))[2], qr/lacks one of root, key and signer/, 'nor one that nobody may verify');
	query("DELETE FROM rim.authority WHERE name = 'Operator'");
}

# ---- 1,000 FMSPCs in one run, no faster than the rate, and a run that is killed ----

my @fmspcs = map { sprintf 'AA%010X', $_ } 1 .. $how_many;
serve(map { ("/sgx$pcs/tcb?fmspc=$_" => { body => tcb($_), headers => \%chain, etag => "\"$_\"" }) } @fmspcs);
forget();
requests();
my $many = $intel =~ s/ask = .*/ask = @fmspcs/r;
$many =~ s/rate = .*/rate = 200/;
my $began = time;
file('mirror.conf', "state = $dir/state\n$many");
my $killed = IPC::Run::start([ $program, 'mirror', "$dir/mirror.conf", '--db', $db, '--quiet' ], '<', \undef, '>', \my $unread, '2>', \my $unread_too);
for (1 .. 600) { last if ((() = slurp_file("$dir/log") =~ /\n/g) > $how_many / 4); sleep 0.05 }
$killed->kill_kill(grace => 0);
my $done = scalar requests();
cmp_ok($done, '<', $how_many, "a run is killed after $done requests");
($status, $out, $err) = mirror($many);
is($status, 0, 'the next one goes on') or diag($err);
my @rest = grep { $_->[1] =~ /fmspc=AA/ } requests();
cmp_ok(@rest + $done, '<=', $how_many + 3, '... with what was not there yet');
is(query("SELECT count(*) FROM rim.manifest WHERE corim_id LIKE 'intel-tcb-info/SGX/AA%'"), $how_many, "... $how_many in all");
my $fastest = 1e9;
for my $i (50 .. $#rest) { my $took = $rest[$i][0] - $rest[ $i - 50 ][0]; $fastest = $took if $took < $fastest }
cmp_ok($fastest, '>', 0.95 * 50 / 200, 'never 50 requests in less time than the rate allows');

# ---- a folder, any URL, another CoSERV server ----

mkdir "$dir/inbox" or die $!;
query("INSERT INTO rim.authority (name, key) VALUES ('ACME', \$k\$" . slurp_file('data/acme.pub') . '$k$)');
for my $i (1 .. 3)
{
	my $edn = slurp_file('../examples/acme-firmware.edn') =~ s/2026-firmware/mirrored-$i/r;
	system_or_bail($program, 'sign', file('acme.edn', $edn), '--key', 'data/acme.key', '--signer', 'ACME', '-o', $i < 3 ? "$dir/inbox/$i.corim" : "$dir/3.corim");
}
file('inbox/.unfinished', 'half');
($status, $out, $err) = mirror("[inbox]\nkind = directory\npath = $dir/inbox\nevery = 0\n");
like($out, qr/2 new, 0 unchanged/, 'a folder\'s files are loaded') or diag($err);
like((mirror("[inbox]\nkind = directory\npath = $dir/inbox\nevery = 0\n"))[1], qr/0 new, 2 unchanged/, '... each once');
file('inbox/9.corim', 'no CoRIM');
is((mirror("[inbox]\nkind = directory\npath = $dir/inbox\nevery = 0\n"))[0], 1, 'what is none is told');
is((mirror("[inbox]\nkind = directory\npath = $dir/nowhere\n"))[0], 1, 'so is a folder that is not there');
serve('/acme.corim' => { body => unpack('H*', slurp_file("$dir/3.corim")) });
is((mirror("[acme]\nkind = url\nurl = $url\nask = acme.corim\n"))[0], 0, 'a CoRIM by its URL');
is(query("SELECT count(*) FROM rim.manifest WHERE authority = 'ACME'"), 3, 'all three are there');

# Another server's answer is taken apart: its documents are verified here, and what it says itself is not believed.
query("SELECT coserv.create_store('peer'); INSERT INTO peer.authority (name, key) SELECT name, key FROM rim.authority");
my $document = slurp_file("$dir/3.corim") ;
query('SELECT peer.load(' . bytes($document) . '); SELECT peer.load(' . bytes(pack('H*', tcb('BB00000000A1'))) . ', chain => ' . bytes(pem_of('signing') . pem_of('root')) . ')');
my $wanted = slurp_file('../examples/query-class.edn') =~ s/(result-type[^\n]*?)\b0\b/${1}1/r;
my $as_bytes = unpack 'H*', pack 'H*', query("SELECT encode(peer.execute(\$q\$$wanted\$q\$)::bytea, 'hex')");
IPC::Run::run([ $program, 'query', 'encode', file('query.edn', $wanted) ], '>', \my $encoded);
my ($text) = $encoded =~ /(\S+)/;
serve("/coserv/$text" => { body => $as_bytes });
query("DROP SCHEMA rim CASCADE; SELECT coserv.create_store('rim'); INSERT INTO rim.authority (name, key) SELECT name, key FROM peer.authority");
($status, $out, $err) = mirror("[peer]\nkind = coserv\nurl = $url\nask = $dir/query.edn\n");
is($status, 0, 'another server\'s source artifacts are loaded') or diag($err);
is(query("SELECT string_agg(corim_id, ' ') FROM rim.manifest"), 'acme.example/rim/mirrored-3', '... and they are its supplier\'s documents');
query("DROP SCHEMA rim CASCADE; SELECT coserv.create_store('rim')");
forget();
like((mirror("[peer]\nkind = coserv\nurl = $url\nask = $dir/query.edn\n"))[2], qr/the store refuses it/, 'whose supplier nobody trusts here is not believed');

# ---- configurations that are wrong ----

for ([ 'no section', "url = x\n", qr/line 2: before the first section/ ], [ 'no kind', "[a]\nurl = x\n", qr/of no known kind/ ],
	[ 'no such setting', "[a]\nkind = url\ncolour = red\n", qr/line 4: no such setting/ ], [ 'no number', "[a]\nkind = url\nrate = fast\n", qr/line 4: a number/ ],
	[ 'no URL', "[a]\nkind = amd-kds\n", qr/lacks its url/ ], [ 'no source', '', qr/has no source/ ])
{
	my ($name, $config, $why) = @$_;
	($status, undef, $err) = mirror($config);

	is($status, 2, "$name: status 2");
	like($err, $why, '... and it says where');
}
is((mirror("[a]\nkind = url\nurl = $url/acme.corim\n", '--db', 'host=/nowhere'))[0], 3, 'without the store: status 3');

$server->kill_kill(grace => 1);
done_testing();
