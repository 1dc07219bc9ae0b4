# Operating coserv-gateway with a real store: each command of doc/gateway.md as it stands there, the installed files, reloading, metrics,
# coserv.log_answers on a primary and on a standby, pgbouncer between, and the thin gateways of examples/gateways.
use strict;
use warnings;

use lib 'lib';
use Gateway;
use JSON::PP;
use MIME::Base64 qw(encode_base64url);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep);
use Vendor;

plan skip_all => "no $Gateway::program: make -C gateway first" unless -x $Gateway::program;

my $doc = slurp_file('../doc/gateway.md');
my $dir = PostgreSQL::Test::Utils::tempdir;
my $program = Cwd::abs_path($Gateway::program);
my %port = map { $_ => PostgreSQL::Test::Cluster::get_free_port() } qw(8080 8081 8082);

my $node = PostgreSQL::Test::Cluster->new('operating');
$node->init(allows_streaming => 1);
$node->append_conf('postgresql.conf', "fsync = off\nmax_connections = 30");
$node->start;
$node->safe_psql('postgres', 'CREATE DATABASE rims');
sub sql { return $node->safe_psql('rims', @_); }
my ($key, $public) = map { slurp_file("data/acme.$_") } qw(key pub);
chomp($key, $public);
sql("CREATE EXTENSION coserv; SELECT coserv.create_store('rim'); INSERT INTO rim.authority (name, key) VALUES ('ACME', '$public')");
sql(($doc =~ /```sql\n(.*?)```/s)[0]);

sub document
{
	my ($id, $vendor) = @_;

	return sql("SELECT encode(coserv.sign(format('501({0: \"%s\", 1: [506(<<{1: {0: \"%s\"}, 4: {0: [[{0: {1: \"%s\"}}, [{1: {1: 1}}]]]}}>>)]})', '$id', '$id',"
		  . " '$vendor')::coserv.corim, '$key', 'acme')::bytea, 'hex')");
}
sub write_file { my ($name, $bytes) = @_; open my $out, '>', $name or die "$name: $!"; binmode $out; print $out $bytes; close $out; return; }
write_file("$dir/acme-firmware.corim", pack 'H*', document('acme-firmware', 'ACME'));

# ---- the configuration and the commands of the page, with this test's paths and ports ----

sub here
{
	my ($text) = @_;
	my $host = $node->host;
	my $database_port = $node->port;

	$text =~ s/:(808[0-2])\b/:$port{$1}/g;
	$text =~ s{host=/run/postgresql}{host=$host port=$database_port}g;
	$text =~ s{/run/coserv-gateway/pid}{$dir/pid}g;
	$text =~ s{/etc/coserv-gateway\.conf}{$dir/coserv-gateway.conf}g;
	return $text;
}
my ($configuration) = $doc =~ /```ini\n(.*?)```/s;
write_file("$dir/coserv-gateway.conf", here($configuration));
my $example = slurp_file('../gateway/coserv-gateway.conf') =~ s/^#.*\n|^\n//mgr;
is($example, $configuration, 'the installed example is the configuration of the page');

symlink $program, "$dir/coserv-gateway";
$ENV{PATH} = "$dir:$ENV{PATH}";
sub run_here
{
	my ($command) = @_;
	my ($out, $err) = ('', '');

	IPC::Run::run([ 'bash', '-c', "cd $dir; " . here($command) ], '<', \undef, '>', \$out, '2>', \$err, IPC::Run::timeout(60));
	return $out . $err;
}

my $gateway;
my @expected = (
	[ qr/--check$/, qr/^ok$/ ],
	[ qr/^coserv-gateway --config \S+$/, undef ],
	[ qr{:8080/$}, qr{^coserv .*remote attestation.*/\.well-known/coserv-configuration$}s ],
	[ qr{coserv-configuration$}, qr/"api-endpoints":\{"CoSERVRequestResponse":"\/coserv\/\{query\}"/ ],
	[ qr/healthz$/, qr/^alive$/ ],
	[ qr/readyz$/, qr/^ready$/ ],
	[ qr/metrics$/, qr/^coserv_store_documents\{store="rim"\} 0$/m ],
	[ qr/^kill -HUP/, qr/^$/ ],
	[ qr/submit$/, qr/^\{.*"status": "success".*\}$/ ],
	[ qr/documents$/, qr/^\[\{.*"corim-id": "acme-firmware".*"authority": "ACME".*\}\]$/ ],
	[ qr/deactivate$/, qr/^204$/ ],
	[ qr/\/activate$/, qr/^204$/ ],
	[ qr/^id=/, qr/^\{"revocation": "[0-9a-f-]{36}"\}$/ ],
);
my @commands = map { split /\n/ } $doc =~ /```sh\n(.*?)```/sg;
for (my $i = 0; $i < @commands; $i++)
{
	my $command = $commands[$i];
	my ($row) = grep { $command =~ $_->[0] } @expected;

	ok($row, "expected of: $command") or next;
	@expected = grep { $_ != $row } @expected;
	if (!$row->[1])
	{
		$gateway = Gateway->start('--config', "$dir/coserv-gateway.conf");
		next;
	}
	$command .= "\n" . $commands[++$i] if $command =~ /^id=/;
	like(run_here($command), $row->[1], '... is what comes');
	ok($gateway->logs(qr/coserv-gateway: reloaded/), '... and takes effect') if $command =~ /HUP/;
}
is_deeply(\@expected, [], 'the page has all of these commands');
is(sql("SELECT string_agg(DISTINCT who || ' ' || action, ', ' ORDER BY who || ' ' || action) FROM rim.audit WHERE session = 'coserv-provision'"),
	'acme load, security revoke, security unrevoke', 'the audit has who it was');
my ($reason) = sql("SELECT string_agg(reason, '; ' ORDER BY reason) FROM rim.revocations_at(now()) WHERE manifest IS NOT NULL");
is($reason, 'recalled by the vendor', '... and the reason');

# ---- who may not ----

my $base = "http://127.0.0.1:8082/endorsement-provisioning/v1";
write_file("$dir/other.corim", pack 'H*', document('other', 'Other'));
my $body = "--data-binary \@other.corim -H 'Content-Type: application/rim+cose'";
like(run_here("curl -s -w '%{http_code}' $body $base/submit"), qr/"status":401,.*401$/, 'nobody is named: 401');
like(run_here("curl -s -w '%{http_code}' -H 'X-Remote-User: security' $body $base/submit"), qr/403$/, 'who may not load: 403');
like(run_here("curl -s -w '%{http_code}' -H 'X-Remote-User: postgres' $body $base/submit"), qr/There is no user .*403$/, 'no superuser: 403');
like(run_here("curl -s -w '%{http_code}' -H 'X-Remote-User: acme' $base/documents"), qr/403$/, 'who may not list: 403');
like(run_here("head -c 68000000 /dev/zero | curl -s -w '%{http_code}' -H 'X-Remote-User: acme' -H 'Expect:' --data-binary \@- $base/submit"), qr/413$/, 'what is too long: 413');
like(run_here("head -c 20000000 /dev/zero | curl -s -H 'X-Remote-User: acme' -H 'Content-Type: application/rim+cose' --data-binary \@- $base/submit"),
	qr/"failed".*"invalid CoRIM: .* found 19999999 bytes/, 'twenty megabytes arrive');
like(run_here("curl -s -H 'X-Remote-User: acme' -H 'Content-Type: application/rim+cose' --data-binary 'x' $base/submit"),
	qr/"failed".*"failure-reason": "invalid CoRIM: .* At byte 0/, 'a refusal says what SQL says');

# ---- a document in a vendor's form, its chain in a header as the vendor's own service sends it ----

ca('intel-root', 'Test SGX Root CA');
certify('intel-signing', 'intel-root', 'Intel SGX TCB Signing');
sql("INSERT INTO rim.authority (name, key) VALUES ('Intel', " . bytes(der_of('intel-root')) . '::coserv.crypto_key)');
my $tcb_info = signed_json('tcbInfo', tcb_info(), 'intel-signing');
my $escaped = (pem_of('intel-signing') . pem_of('intel-root')) =~ s/([^A-Za-z0-9.-])/sprintf '%%%02X', ord $1/ger;
my $intel = "-H 'Content-Type: application/x.intel-tcb-info+json' -H 'TCB-Info-Issuer-Chain: $escaped'";
write_file("$dir/tcb-info.json", $tcb_info);
sub submit { return run_here("curl -s -i -H 'X-Remote-User: acme' --data-binary \@$_[0] $_[1] $base/submit"); }
like(submit('tcb-info.json', "-H 'Content-Type: application/x.intel-tcb-info+json'"), qr/"failed".*no authority of this store vouches/, 'a TCB info without its chain is refused');
my $loaded = submit('tcb-info.json', $intel);
like($loaded, qr/"success"/, '... and loaded with it, as Intel sends both');
my ($handed_in) = $loaded =~ m{^Location: \S*/documents/(\S+)}m;
is(sql("SELECT format('%s %s', m.format, m.authority) FROM rim.manifest m WHERE m.id = '$handed_in'"), 'intel-tcb-info Intel', '... under its vendor\'s signature');
like(run_here("curl -s -i -H 'X-Remote-User: security' $base/documents/$handed_in"), qr{^Content-Type: application/x\.intel-tcb-info\+json\r.*\r\n\r\n\Q$tcb_info\E$}ms,
	'... and shown byte for byte under its media type');
like(submit('tcb-info.json', $intel =~ s/tcb-info\+json/enclave-identity+json/r), qr{ 415 .*"detail": "The document is application/x\.intel-tcb-info\+json\."}s, 'under another form\'s media type: 415');
like(submit('tcb-info.json', $intel =~ s{x\.intel-tcb-info\+json}{rim+cose}r), qr{ 415 .*"detail": "The document is application/x\.intel-tcb-info\+json\."}s, '... or a CoRIM\'s');
like(submit('other.corim', "-H 'Content-Type: application/x.intel-tcb-info+json'"), qr/ 415 .*of none of the forms of vendors/s, 'a CoRIM under a vendor\'s');
like(submit('tcb-info.json', "$intel -H 'SGX-Enclave-Identity-Issuer-Chain: $escaped'"), qr/ 400 .*Two chains/s, 'two chains: 400');
like(submit('tcb-info.json', "-H 'Content-Type: application/x.intel-tcb-info+json' -H 'TCB-Info-Issuer-Chain: x'"), qr/"failed".*certificates are neither PEM nor DER/, 'a chain that is none is refused');
like(submit('other.corim', "-H 'Content-Type: application/rim+cose' -H 'TCB-Info-Issuer-Chain: $escaped'"), qr/"failed".*a chain was given for a document that is in no vendor's form/, '... as one beside a CoRIM');

# ---- what is not loaded in time is rolled back and said so ----

my $holder = $node->background_psql('rims');
$holder->query_safe('BEGIN; LOCK rim.manifest IN ACCESS EXCLUSIVE MODE');
write_file("$dir/slow.corim", pack 'H*', document('slow', 'ACME'));
like(run_here("curl -s -m 5 -H 'X-Remote-User: acme' -H 'Content-Type: application/rim+cose' --data-binary \@slow.corim $base/submit"),
	qr/"failed".*not loaded within 4s/, 'what takes too long is failed, within the five seconds of a client');
$holder->query_safe('ROLLBACK');
$holder->quit;
is(sql("SELECT count(*) FROM rim.manifest WHERE corim_id = 'slow'"), 0, '... and not loaded');

# ---- reloading: what works takes over, what does not leaves the old ----

sub reconfigure { write_file("$dir/coserv-gateway.conf", here($configuration) . $_[0]); run_here('kill -HUP "$(cat /run/coserv-gateway/pid)"'); return; }
sub size { return (run_here('curl -s http://127.0.0.1:8081/metrics') =~ /^coserv_gateway_pool_size\{pool="query"\} (\d+)$/m)[0]; }
is(size(), 8, 'eight connections');
reconfigure("pool = 3\n");
for (1 .. 100) { last if size() == 3; sleep 0.05; }
is(size(), 3, '... are three after SIGHUP');
reconfigure("store = nope\n");
ok($gateway->logs(qr/the old one stays: store "nope" does not answer/), 'a configuration that does not work is refused');
reconfigure("pool = many\n");
ok($gateway->logs(qr/pool takes a number.*not "many".*not reloaded/s), '... one that cannot be read, too');
reconfigure("listen = 127.0.0.1:1\n");
ok($gateway->logs(qr/listen changes by a restart only/), '... and another address');
is(size(), 3, '... and the old one serves');
reconfigure("store = nope\n");
reconfigure("pool = 4\n");
for (1 .. 200) { last if size() == 4; sleep 0.05; }
is(size(), 4, 'a signal that comes while one is answered is not lost');
reconfigure("pool = 3\n");
for (1 .. 200) { last if size() == 3; sleep 0.05; }

# ---- metrics ----

my $metrics = run_here('curl -s http://127.0.0.1:8081/metrics');
my (%declared, @wrong);
for my $line (split /\n/, $metrics)
{
	if ($line =~ /^# TYPE ([a-z_]+) (counter|gauge|histogram)$/) { push @wrong, "twice: $line" if $declared{$1}++; next; }
	next if $line =~ /^# HELP [a-z_]+ \S.*$/;
	my ($name) = $line =~ /^([a-z_]+)(?:\{(?:[a-z_]+="(?:[^"\\]|\\.)*",?)+\})? [-+0-9.e]+$/;
	push @wrong, $line unless $name && ($declared{$name} || $declared{ $name =~ s/_(bucket|sum|count)$//r });
}
is_deeply(\@wrong, [], '/metrics is what Prometheus reads');
SKIP:
{
	my $promtool = $ENV{PROMTOOL} // 'promtool';
	skip 'no promtool', 1 unless IPC::Run::run([ 'sh', '-c', "command -v $promtool" ], '>', \my $found);
	write_file("$dir/metrics", $metrics);
	is(run_here("$promtool check metrics < metrics"), '', 'promtool finds nothing to say');
}
like($metrics, qr/^coserv_gateway_documents_total\{outcome="refused"\} [1-9]/m, 'refusals are counted');

# ---- the installed files ----

my $help = run_here('coserv-gateway --help');
my $manual = slurp_file('../gateway/coserv-gateway.8') =~ s/\\-/-/gr;
is_deeply([ grep { $manual !~ /^\.B --\Q$_\E\b/m } $help =~ /^  --([a-z-]+)/mg ], [], 'the man page has every flag');
run_log([ 'make', '-s', '-C', '../gateway', '-o', $program, 'install', "DESTDIR=$dir/root", 'OUT=' . ($program =~ s{/[^/]*$}{}r) ]);
my $unit = slurp_file("$dir/root/usr/local/lib/systemd/system/coserv-gateway.service");
like($unit, qr{^ExecStart=/usr/local/bin/coserv-gateway --config /etc/coserv-gateway\.conf$}m, 'the unit runs the line of the page');
ok(-x "$dir/root/usr/local/bin/coserv-gateway", '... which is installed there');
ok(-s "$dir/root/usr/local/$_", $_) for 'lib/sysusers.d/coserv-gateway.conf', 'share/man/man8/coserv-gateway.8', 'share/coserv-gateway/nginx.conf',
  'share/coserv-gateway/coserv-gateway.conf';
SKIP:
{
	skip 'no systemd-analyze', 1 unless IPC::Run::run([ 'sh', '-c', 'command -v systemd-analyze' ], '>', \my $found);
	write_file("$dir/coserv-gateway.service", $unit =~ s{/usr/local/bin}{$dir/root/usr/local/bin}r);
	unlike(run_here('systemd-analyze verify ./coserv-gateway.service'), qr/coserv-gateway\.service:\d+:|Unknown|Failed to parse/, '... and systemd reads it');
}
is($gateway->stop, 0, 'SIGTERM');

# ---- coserv.log_answers ----

sql("SELECT rim.load('\\x" . document('answers', 'Logged') . "')");
sql('ALTER ROLE "coserv-gateway" SET coserv.log_answers = on');
my $query = pack 'H*', sql(q(SELECT encode('{0: "tag:acme.example,2026:p", 1: {0: 2, 1: {0: [[{1: "Logged"}]]}, 2: 0}}'::coserv.coserv::bytea, 'hex')));
my $path = '/coserv/' . encode_base64url($query);
sub digest { return unpack 'H*', Digest::SHA::sha256($_[0]); }
require Digest::SHA;
my $role = ' user=coserv-gateway';
$gateway = Gateway->start('--store', 'rim', '--db', $node->connstr('rims') . $role, '--log-answers', 1);
my $answer = Gateway::ask($gateway->{address}, $path, 'Accept: application/coserv+cbor');
is($answer->{status}, 200, 'an answer');
ok(!exists $answer->{headers}{'x-coserv-answer'}, '... without a word of it to the client');
is(sql("SELECT who, encode(digest, 'hex'), query = '\\x" . unpack('H*', $query) . "' FROM rim.answer"), 'coserv-gateway|' . digest($answer->{body}) . '|t', '... is on record');
is($gateway->stop, 0, '...');

$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
$node->wait_for_catchup($standby);
$gateway = Gateway->start('--store', 'rim', '--db', $standby->connstr('rims') . $role, '--log-answers', 1);
$answer = Gateway::ask($gateway->{address}, $path, 'Accept: application/coserv+cbor');
is($answer->{status}, 200, 'an answer of a standby');
ok(!exists $answer->{headers}{'x-coserv-answer'}, '... without a word of it to the client');
my ($line) = grep { /"answer"/ } split /\n/, $gateway->log;
is(decode_json($line // '{}')->{answer}, digest($answer->{body}), '... is in the access log');
is(decode_json($line // '{}')->{query}, $path, '... with its query');
is($gateway->stop, 0, '...');

$gateway = Gateway->start('--store', 'rim', '--db', 'host=' . join(',', map { $_->host } $standby, $node) . ' port=' . join(',', map { $_->port } $standby, $node)
	  . " dbname=rims target_session_attrs=primary$role");
is(Gateway::ask($gateway->{address}, '/')->{status}, 200, 'two hosts, of which one is asked for by what it can');
is(sql("SELECT count(*) > 0 FROM pg_stat_activity WHERE application_name = 'coserv-gateway'"), 't', '... which is the primary');
ok($standby->poll_query_until('rims', "SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name = 'coserv-gateway'"), '... and not the standby');
is($gateway->stop, 0, '...');
$standby->stop;
sql('ALTER ROLE "coserv-gateway" RESET coserv.log_answers');

# ---- pgbouncer in transaction mode ----

SKIP:
{
	my ($pgbouncer) = grep { -x } '/usr/sbin/pgbouncer', '/usr/bin/pgbouncer';
	skip 'no pgbouncer', 3 unless $pgbouncer;
	my $port = PostgreSQL::Test::Cluster::get_free_port();
	write_file("$dir/users", qq("coserv-gateway" ""\n"coserv-provision" ""\n));
	write_file("$dir/pgbouncer.ini", "[databases]\nrims = host=" . $node->host . ' port=' . $node->port . " pool_size=2\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = $port\n"
		  . "unix_socket_dir =\nauth_type = trust\nauth_file = $dir/users\npool_mode = transaction\nignore_startup_parameters = options, extra_float_digits\n");
	my $bouncer = IPC::Run::start([ $pgbouncer, "$dir/pgbouncer.ini" ], '<', \undef, '>', "$dir/bouncer.out", '2>', "$dir/bouncer.err");
	for (1 .. 100) { last if IO::Socket::INET->new("127.0.0.1:$port"); sleep 0.05; }
	my $db = "host=127.0.0.1 port=$port dbname=rims";
	$gateway = Gateway->start('--store', 'rim', '--db', "$db$role", '--pool', 6, '--provision', '127.0.0.1:0', '--provision-db', "$db user=coserv-provision",
		'--trusted-proxy', '127.0.0.1');
	my @sockets = map { Gateway::dial($gateway->{address}, "GET $path HTTP/1.1\r\nHost: x\r\nAccept: application/coserv+cbor\r\nConnection: close\r\n\r\n") } 1 .. 60;
	my @bodies = map { Gateway::parse(Gateway::read_all($_), 0) } @sockets;
	is(scalar(grep { $_->{status} == 200 && $_->{body} eq $answer->{body} } @bodies), 60, 'six connections over two of pgbouncer, in transaction mode');
	port_for_provision($gateway->{provision});
	is(run_here("curl -s -H 'X-Remote-User: acme' -H 'Content-Type: application/rim+cose' --data-binary \@slow.corim $base/submit") =~ /"success"/, 1, '... and a document');
	is($gateway->stop, 0, '... and SIGTERM');
	$bouncer->kill_kill;
}
sub port_for_provision { ($port{8082}) = $_[0] =~ /:(\d+)$/; return; }

# ---- thin gateways ----

sub is_a_gateway
{
	my ($what, @command) = @_;
	my $port = PostgreSQL::Test::Cluster::get_free_port();
	local %ENV = (%ENV, PGHOST => $node->host, PGPORT => $node->port, PGDATABASE => 'rims', PGUSER => 'coserv-gateway');
	my $run = IPC::Run::start([ @command, 'rim', $port ], '<', \undef, '>', "$dir/thin.out", '2>', "$dir/thin.err");

	for (1 .. 200) { last if IO::Socket::INET->new("127.0.0.1:$port"); sleep 0.05; }
	my $thin = Gateway::ask("127.0.0.1:$port", $path, 'Accept: application/coserv+cbor');
	is($thin->{status}, 200, "$what: an answer") or diag slurp_file("$dir/thin.err");
	is($thin->{body}, $answer->{body}, '... the same');
	is(Gateway::ask("127.0.0.1:$port", $path, 'Accept: application/coserv+cbor', "If-None-Match: $thin->{headers}{etag}")->{status}, 304, '... not again');
	is(Gateway::ask("127.0.0.1:$port", '/nowhere', 'accept: text/html', 'Accept: application/json')->{headers}{'content-type'}, 'application/problem+json',
		'... and problems, by a header that came twice');
	$run->kill_kill;
	return;
}
for my $file (glob '../examples/gateways/gateway.*')
{
	cmp_ok(scalar(() = slurp_file($file) =~ /\n/g), '<=', 40, "$file: 40 lines at most");
}
SKIP:
{
	skip 'no psycopg2 for /usr/bin/python3', 4 unless IPC::Run::run([ '/usr/bin/python3', '-c', 'import psycopg2' ], '2>', \my $err);
	is_a_gateway('Python', '/usr/bin/python3', '../examples/gateways/gateway.py');
}
SKIP:
{
	my $modules = ($ENV{TMPDIR} // '/tmp') . "/coserv-node-$>";
	local $ENV{NODE_PATH} = join ':', grep { defined } "$modules/node_modules", $ENV{NODE_PATH};
	my $has_pg = sub { return IPC::Run::run([ 'node', '-e', 'require("pg")' ], '2>', "$dir/node.err") };
	$has_pg->() || IPC::Run::run([ 'npm', 'install', '--silent', '--no-fund', '--no-audit', '--prefix', $modules, 'pg@8.13.1' ], '>', "$dir/npm.out", '2>', "$dir/npm.err")
	  if IPC::Run::run([ 'sh', '-c', 'command -v node npm' ], '>', \my $found);
	skip 'no node with pg', 4 unless $found && $has_pg->();
	is_a_gateway('Node', 'node', '../examples/gateways/gateway.js');
}

done_testing();
