# coserv, the command-line tool, against what SQL says of the same documents: inspect, JSON, signatures, differences, queries, Evidence; and
# what it does with a server: load with progress, ask, and verifying an audit from outside.
use strict;
use warnings;

use Encode;
use File::Spec;
use IPC::Run;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use lib 'lib';
use Vendor;

my $program = $ENV{COSERV_CLI} // '../build/cli/coserv';
plan skip_all => "no $program: make -C cli first" unless -x $program;
$program = File::Spec->rel2abs($program);

my $node = PostgreSQL::Test::Cluster->new('cli');
$node->init;
$node->start;
my $dir = $node->basedir . '/cli files';
mkdir $dir or die $!;
my $examples = '../examples';
my $data = 'data';

sub coserv
{
	my (@args) = @_;
	my ($out, $err) = ('', '');

	IPC::Run::run([ $program, @args ], '<', \undef, '>', \$out, '2>', \$err);
	return ($? >> 8, $out, $err);
}

sub write_file
{
	my ($name, $bytes) = @_;

	open my $file, '>:raw', "$dir/$name" or die "$dir/$name: $!";
	print $file $bytes;
	close $file or die $!;
	return "$dir/$name";
}

sub read_bytes
{
	open my $file, '<:raw', $_[0] or die "$_[0]: $!";
	local $/;
	my $bytes = <$file>;
	return $bytes;
}

sub hex_of { return '\x' . unpack 'H*', read_bytes($_[0]); }
sub ok_status { my ($what, @run) = @_; is($run[0], 0, $what) or diag($run[2]); return $run[1]; }

$node->safe_psql('postgres', "CREATE EXTENSION coserv; SELECT coserv.create_store('rim')");

# ---- help, man page, completion ----

my $help = ok_status('help', coserv('help'));
my $man = read_bytes('../cli/coserv.1');
my @commands = $help =~ /^  ([a-z][a-z-]*)/mg;
is(scalar @commands, 15, 'fifteen commands');
for my $command (@commands)
{
	my $text = ok_status("help $command", coserv('help', $command));
	my @missing = grep { $man !~ /Fl \Q$_\E\b/ } $text =~ /^  --([a-z0-9-]+)/mg;
	is("@missing", '', "the man page has the options of $command");
	like($man, qr/^\.It .*\bCm \Q$command\E\b/m, "... and $command");
}
is((coserv('nothing'))[0], 2, 'an unknown command is a wrong call');
is((coserv('inspect'))[0], 2, '... and so is no file');
is((coserv('inspect', "$dir/none"))[0], 3, '... but a file that is not there is trouble');

{
	my $words = `bash -c 'PATH=\$(dirname "$program"):\$PATH; . ../cli/coserv.bash; COMP_WORDS=(coserv sign --de); COMP_CWORD=2; _coserv; echo "\${COMPREPLY[@]}"'`;
	is($words, "--detached\n", 'bash completes options');
	$words = `bash -c 'PATH=\$(dirname "$program"):\$PATH; . ../cli/coserv.bash; COMP_WORDS=(coserv insp); COMP_CWORD=1; _coserv; echo "\${COMPREPLY[@]}"'`;
	is($words, "inspect\n", '... and commands');
}

# ---- the same as SQL, on all that is here ----

my @corpus = $ENV{COSERV_CORPUS} ? glob("$ENV{COSERV_CORPUS}/corim/*.cbor $ENV{COSERV_CORPUS}/corim/*.corim $ENV{COSERV_CORPUS}/signed/*.c*") : ();
diag('no corpus (COSERV_CORPUS): its files are not compared') unless @corpus;
my @documents = map { my $name = $_; my $cbor = write_file("$name.cbor", ''); ok_status("from-json takes EDN: $name", coserv('from-json', "$examples/$name.edn", '-o', $cbor)); $cbor }
	qw(acme-firmware acme-keys certifier psa-manufacturer psa-certifier query-class query-instance query-rim);
push @documents, write_file('broken', pack 'H*', 'd901f5a1006161'), write_file('cut', pack 'H*', 'd901f5a10061'), write_file('empty', '');
my ($compared, $differ) = (0, '');
for my $file (@documents, @corpus)
{
	my ($status, $out) = coserv('inspect', '--json', $file);
	my $tool = decode_json($out)->{findings};
	my $sql = decode_json(($node->safe_psql('postgres', "SELECT coalesce(json_agg(i), '[]') FROM coserv.inspect('" . hex_of($file) . "'::bytea) AS i")));
	my $json = JSON::PP->new->canonical;

	$compared++;
	$differ .= " $file" if $json->encode($tool) ne $json->encode($sql);
	$differ .= " $file: status $status" if $status != ((grep { $_->{severity} eq 'error' } @$sql) ? 1 : 0);
}
is($differ, '', "inspect says what SQL says, on $compared files");

for my $file (grep { !/query/ } @documents[ 0 .. 7 ])
{
	my $json = ok_status("to-json $file", coserv('to-json', $file));
	is($node->safe_psql('postgres', "SELECT coserv.corim_to_json('" . hex_of($file) . "'::bytea::coserv.corim)"), $json =~ s/\n\z//r, '... is SQL\'s') or next;
	is(unpack('H*', ok_status('from-json', coserv('from-json', write_file('json', $json)))), unpack('H*', read_bytes($file)), '... and goes back');
	my $described = ok_status('describe', coserv('describe', $file));
	is($described =~ s/\n\z//r, $node->safe_psql('postgres', "SELECT coserv.describe('" . hex_of($file) . "'::bytea::coserv.corim)"), '... as SQL does');
}
for my $bad (@documents[ 8, 9 ])
{
	my ($status, $out, $err) = coserv('sign', $bad, '--key', "$data/acme.key", '--signer', 'ACME', '-o', "$dir/never");
	my (undef, undef, $sql) = $node->psql('postgres', "SELECT coserv.sign('" . hex_of($bad) . "'::bytea, \$k\$" . read_bytes("$data/acme.key") . "\$k\$, 'ACME')");
	my @wanted = $sql =~ /(?:ERROR|DETAIL|HINT):  (.*)/g;

	is($status, 1, 'a document that is none is refused');
	is_deeply([ $err =~ /(?:coserv: .*?(?=invalid)|DETAIL:  |HINT:  )(.*)/g ], \@wanted, '... with the message, DETAIL and HINT of SQL');
	ok(!-e "$dir/never", '... and nothing is written');
}

# ---- signing ----

my @sign = ('sign', "$examples/acme-firmware.edn", '--signer', 'ACME');
my $signed = "$dir/signed.corim";
ok_status('sign', coserv(@sign, '--key', "$data/acme.key", '--not-after', '2099-01-01', '-o', $signed));
like(ok_status('verify', coserv('verify', $signed, '--key', "$data/acme.pub")), qr/verified with .*signer "ACME"/, '... says with which key');
my $in_sql = $node->safe_psql('postgres', "SELECT coserv.sign(\$d\$" . read_bytes("$examples/acme-firmware.edn") . "\$d\$, \$k\$" . read_bytes("$data/acme.key") . "\$k\$, 'ACME', not_after => '2099-01-01 00:00:00+00')::bytea");
is('\x' . unpack('H*', read_bytes($signed)), $in_sql, 'it is what SQL signs'); # Ed25519: the same signature each time
my ($status, $out, $err) = coserv('verify', $signed, '--key', "$data/stranger.pub");
is($status, 1, 'a stranger\'s key does not verify it');
like($err, qr/signature/, '... and the error says so');
is((coserv('verify', $documents[0], '--key', "$data/acme.pub"))[0], 1, 'an unsigned CoRIM does not verify');
is((coserv('verify', $signed, '--key', "$data/acme.pub", '--at', '2099-06-01'))[0], 1, 'nor one that is over');
my $bytes = read_bytes($signed);
substr($bytes, length($bytes) / 2, 1) ^= "\x01";
is((coserv('verify', write_file('altered', $bytes), '--key', "$data/acme.pub"))[0], 1, 'nor one that was altered');
ok_status('detached', coserv(@sign, '--key', "$data/acme.key", '--detached', '-o', "$dir/detached"));
ok_status('verify it with its payload', coserv('verify', "$dir/detached", '--key', "$data/acme.pub", '--payload', $documents[0]));
is((coserv('verify', "$dir/detached", '--key', "$data/acme.pub"))[0], 1, '... and not without');

for my $name (qw(token other))
{
	system('openssl', 'genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', "$dir/$name.key") == 0 or die 'openssl';
	system('openssl', 'pkey', '-in', "$dir/$name.key", '-pubout', '-out', "$dir/$name.pub") == 0 or die 'openssl';
}
($status, $out, $err) = coserv(@sign, '--key', "$dir/token.pub", '--prepare', "$dir/tbs", '-o', "$dir/draft");
is($status, 0, 'prepare for a token elsewhere') or diag($err);
system('openssl', 'dgst', '-sha256', '-sign', "$dir/token.key", '-out', "$dir/signature", "$dir/tbs") == 0 or die 'openssl';
system('openssl', 'dgst', '-sha256', '-sign', "$dir/other.key", '-out', "$dir/other", "$dir/tbs") == 0 or die 'openssl';
ok_status('finish with what it signed', coserv('sign', "$dir/draft", '--finish', "$dir/signature", '--key', "$dir/token.pub", '-o', "$dir/finished"));
ok_status('... verifies', coserv('verify', "$dir/finished", '--key', "$dir/token.pub"));
is((coserv('sign', "$dir/draft", '--finish', "$dir/other", '--key', "$dir/token.pub", '-o', "$dir/never"))[0], 1, 'another key\'s signature does not go in');
is((coserv('verify', "$dir/draft", '--key', "$dir/token.pub"))[0], 1, 'a draft does not verify');
($status, $out, $err) = coserv(@sign, '--key', 'pkcs11:token=none;object=none?pin-value=1234');
is($status, 1, 'a token that is not there is refused');
unlike($err, qr/1234|token=none/, '... with nothing of its URI');

# ---- differences ----

sub corim
{
	my ($name, %of) = @_;
	my $measurements = join ', ', map { sprintf '{0: %d, 1: {11: "%s"}}', $_, $of{$_} } sort keys %of;

	return write_file($name, qq[501({0: "c", 1: [506(<<{1: {0: "t"}, 4: {0: [[{0: {1: "ACME"}}, [$measurements]]]}}>>)]})]);
}
is((coserv('diff', corim('a', 1 => 'x', 2 => 'y'), corim('b', 2 => 'y', 1 => 'x')))[0], 0, 'order is no difference');
is((coserv('diff', $documents[0], $signed))[0], 0, 'neither is a signature');
($status, $out) = coserv('diff', "$dir/a", corim('c', 1 => 'x', 2 => 'z', 3 => 'new'));
is($status, 1, 'values are');
is($out, <<'END', '... and it says which');
@ tag "t", reference-triples, {/ class / 0: {/ vendor / 1: "ACME"}}, mkey 2
- {/ mkey / 0: 2, / mval / 1: {/ name / 11: "y"}}
+ {/ mkey / 0: 2, / mval / 1: {/ name / 11: "z"}}
@ tag "t", reference-triples, {/ class / 0: {/ vendor / 1: "ACME"}}, mkey 3
+ {/ mkey / 0: 3, / mval / 1: {/ name / 11: "new"}}
END
is(scalar(my @changes = map { decode_json($_) } split /\n/, (coserv('diff', '--json', "$dir/a", "$dir/c"))[1]), 2, 'as JSON too');
is((coserv('diff', "$dir/a", "$dir/broken"))[0], 3, 'what cannot be read is trouble, and no difference');

# ---- queries ----

my $encoded = ok_status('query encode', coserv('query', 'encode', "$examples/query-class.edn"));
is($encoded, $node->safe_psql('postgres', "SELECT rtrim(translate(encode(\$q\$" . read_bytes("$examples/query-class.edn") . "\$q\$::coserv.coserv::bytea, 'base64'), E'+/\\n', '-_'), '=')") . "\n", '... is what a URL has');
like(ok_status('query decode', coserv('query', 'decode', 'https://x.example/coserv/' . ($encoded =~ s/\n//r))), qr/artifact-type/, '... of a whole URL');
is((coserv('query', 'decode', 'AAAA'))[0], 1, 'what is no query is refused');

# ---- Evidence ----

like(ok_status('formats', coserv('evidence', '--format', 'help', '-')), qr/^psa /m, 'formats of Evidence are listed');
($status, $out, $err) = coserv('evidence', '--format', 'psa', '--json', "$dir/broken");
is($status, 1, 'what is no Evidence is refused');
ok(decode_json($out)->{error}{message}, '... as JSON');

# ---- with a server ----

my $db = 'dbname=postgres host=' . $node->host . ' port=' . $node->port;
$node->safe_psql('postgres', "INSERT INTO rim.authority (name, key) VALUES ('ACME', \$k\$" . read_bytes("$data/acme.pub") . "\$k\$)");
my $one = ok_status('load', coserv('load', '--db', $db, $signed));
like($one, qr/: [0-9a-f-]{36}$/, '... answers the id');
is((coserv('load', '--db', $db, "$dir/detached"))[0], 1, 'one whose payload lies apart is refused without it');
ok_status('... and loaded with it', coserv('load', '--db', $db, "$dir/detached", '--payload', $documents[0]));
ca('intel', 'Test SGX Root CA');
certify('signing', 'intel', 'Intel SGX TCB Signing');
my ($tcb, $chain, $intel) = (write_file('tcb.json', signed_json('tcbInfo', tcb_info(), 'signing')), write_file('chain.pem', pem_of('signing') . pem_of('intel')), write_file('intel.pem', pem_of('intel')));
$node->safe_psql('postgres', 'INSERT INTO rim.authority (name, key) VALUES (\'Intel\', ' . bytes(der_of('intel')) . '::coserv.crypto_key)');
is((coserv('load', '--db', $db, $tcb))[0], 1, 'a document in a vendor\'s form is refused without its chain');
ok_status('... loaded with it', coserv('load', '--db', $db, $tcb, '--chain', $chain));
ok_status('... and verified with it', coserv('verify', $tcb, '--key', $intel, '--chain', $chain));
is((coserv('verify', $tcb, '--key', $intel))[0], 1, '... not without');
is((coserv('verify', $tcb, '--key', $intel, '--chain', $chain, '--payload', $chain))[0], 2, 'a chain and a payload: not both');
coserv(@sign, '--key', "$data/stranger.key", '-o', "$dir/stranger.corim");
($status, $out, $err) = coserv('load', '--db', $db, "$dir/stranger.corim");
my (undef, undef, $sql) = $node->psql('postgres', "SELECT rim.load('" . hex_of("$dir/stranger.corim") . "'::bytea)");
is($status, 1, 'a stranger\'s is refused');
is_deeply([ $err =~ /(?:^coserv: \Q$dir\E\/[^:]*: |DETAIL:  |HINT:  )(.*)/mg ], [ $sql =~ /(?:ERROR|DETAIL|HINT):  (.*)/g ], '... with what SQL says');
my @many = map { my $file = corim("many$_", 1 => $_); coserv('sign', $file, '--key', "$data/acme.key", '--signer', 'ACME', '-o', "$file.corim"); "$file.corim" } 1 .. 20;
($status, $out, $err) = coserv('load', '--db', $db, @many, "$dir/stranger.corim");
is($status, 1, 'one of many is refused');
like($err, qr/^21 of 21 files: 20 loaded, 1 refused$/m, '... and the others are loaded, with progress');
like(ok_status('ask', coserv('ask', '--db', $db, "$examples/query-class.edn")), qr{/ results / }, '... answers');
ok_status('ask into a file', coserv('ask', '--db', $db, "$examples/query-class.edn", '-o', "$dir/answer"));
ok(length(read_bytes("$dir/answer")) > 100, '... as CBOR');
is((coserv('ask', '--db', 'host=/nowhere', "$examples/query-class.edn"))[0], 3, 'no server is trouble');
is((coserv('ask', '--url', 'http://127.0.0.1:1', "$examples/query-class.edn"))[0], 3, '... and no gateway too');

# ---- what has changed ----

my ($cursor) = ok_status('changes', coserv('changes', '--db', $db)) =~ /^cursor (.+)$/m;
is(ok_status('changes since', coserv('changes', '--db', $db, '--since', $cursor)), "cursor $cursor\n", '... nothing yet, and the same cursor');
coserv('load', '--db', $db, $many[0]);
$node->safe_psql('postgres', "SELECT rim.revoke(manifest => (SELECT id FROM rim.manifest ORDER BY id LIMIT 1), reason => 'a test')");
like(ok_status('a change', coserv('changes', '--db', $db, '--since', $cursor)), qr/^\S+ \S+ revoked [0-9a-f-]{36} ACME .*\ncursor \S/m, '... a revocation, then the next cursor');
like(ok_status('as JSON', coserv('changes', '--db', $db, '--since', $cursor, '--json')), qr/"what": "revoked".*\n\{"cursor":"[^"]+"\}\n\z/s, '... as objects, a line each');
is((coserv('changes', '--db', $db, '--since', 'nonsense'))[0], 1, 'what is no cursor is refused');

# ---- the audit, from outside ----

my $root = $node->safe_psql('postgres', "SELECT seal || '=' || encode(root, 'hex') FROM rim.seal_audit()");
$node->safe_psql('postgres', "SELECT rim.revoke(authority => 'ACME', reason => 'a test'); SELECT rim.seal_audit()");
is(ok_status('verify-audit', coserv('verify-audit', '--db', $db, '--root', $root)), "2 seals, 0 problems\n", '... made anew, with a root that was kept');
is((coserv('verify-audit', '--db', $db, '--root', $root =~ s/=../=00/r))[0], 1, 'another root is a problem');
is((coserv('verify-audit', '--db', $db, '--root', $root =~ s/^1=/9=/r))[0], 1, '... and so is a seal that was cut off');
for ("UPDATE rim.authority_life SET counts = '{}'", 'DELETE FROM rim.manifest_life WHERE manifest = (SELECT manifest FROM rim.manifest_life LIMIT 1)',
	"INSERT INTO rim.authority_life SELECT authority, '2000-01-01', counts, name, shown_as, activates FROM rim.authority_life LIMIT 1")
{
	my ($to) = /(rim\.\w+)/;
	$node->safe_psql('postgres', "CREATE TABLE kept AS TABLE $to; $_");
	($status, $out) = coserv('verify-audit', '--db', $db);
	is($status, 1, "$_ is a problem");
	like($out, qr/^seal 1: .*epochs/, '... which says where');
	$node->safe_psql('postgres', "DELETE FROM $to; INSERT INTO $to TABLE kept; DROP TABLE kept");
}
is(ok_status('verify-audit', coserv('verify-audit', '--db', $db, '--root', $root)), "2 seals, 0 problems\n", 'what was put back is none');
$node->safe_psql('postgres', "ALTER TABLE rim.audit DISABLE TRIGGER USER; UPDATE rim.audit SET who = 'somebody else' WHERE id = (SELECT min(id) FROM rim.audit WHERE seal = 1)");
($status, $out) = coserv('verify-audit', '--db', $db);
is($status, 1, 'a row that was changed is found');
like($out, qr/^seal 1: its root is not that of its rows/, '... under its seal');
$node->safe_psql('postgres', "ALTER TABLE rim.audit_seal DISABLE TRIGGER USER; DELETE FROM rim.audit_seal WHERE seal = 2");
like((coserv('verify-audit', '--db', $db))[1], qr/^seal 2: rows are under this seal/m, 'a seal that was removed too');

$node->stop;
done_testing();
