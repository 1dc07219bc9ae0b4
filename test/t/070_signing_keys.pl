# The keys that sign results, over time: a rotation and a withdrawal under load through a gateway of eight connections, each answer checked
# by openssl with every discovery document that a client may go by; a standby; what a session shows before it first calls coserv.
use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use File::Copy qw(move);
use HTTP::Tiny;
use IPC::Run;
use JSON::PP;
use MIME::Base64 qw(decode_base64url encode_base64url);
use POSIX qw(_exit strftime);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);
use Time::Local qw(timegm);

my $program = $ENV{COSERV_GATEWAY} // '../build/gateway/coserv-gateway';
plan skip_all => "no $program: make -C gateway first" unless -x $program;

my ($discovery_ttl, $result_ttl, $clients) = (2, 4, 8);
my $node = PostgreSQL::Test::Cluster->new('keys');
my $dir = $node->basedir . '/keys';
mkdir $dir or die "$dir: $!";
mkdir "$dir/seen" or die "$dir/seen: $!";

# Keys of Ed25519: their signatures are the same each time, so that few answers are to be checked.
for my $name (qw(a b c))
{
	system_or_bail('openssl', 'genpkey', '-algorithm', 'ED25519', '-out', "$dir/$name.pem");
	chmod 0600, "$dir/$name.pem" or die $!;
}

# Puts a file of keys in place and returns when it was there. Lines: state, key.
sub bind_keys
{
	my @lines = @_;

	open my $file, '>', "$dir/new" or die $!;
	chmod 0600, "$dir/new" or die $!;
	print $file "verifier rim rim_owner $_->[0] $dir/$_->[1].pem $_->[1]\n" for @lines;
	close $file or die $!;
	move("$dir/new", "$dir/signing-keys") or die $!;
	return time;
}

bind_keys([ signing => 'a' ]);
$node->init(allows_streaming => 1);
$node->append_conf('postgresql.conf', <<"CONF");
shared_preload_libraries = 'coserv'
coserv.signing_keys_file = '$dir/signing-keys'
coserv.discovery_ttl = $discovery_ttl
coserv.result_ttl = $result_ttl
max_connections = 50
CONF
$node->start;
my $public = do { local $/; open my $f, '<', 'data/acme.pub' or die $!; <$f> };
$node->safe_psql('postgres', 'CREATE DATABASE verifier');
$node->safe_psql('verifier', <<"SQL");
CREATE EXTENSION coserv;
CREATE ROLE rim_owner;
CREATE ROLE rim_reader LOGIN;
GRANT CREATE ON DATABASE verifier TO rim_owner;
SET ROLE rim_owner;
SELECT coserv.create_store('rim');
SELECT rim.grant_reader('rim_reader');
INSERT INTO rim.authority (name, key, accepts_unsigned) VALUES ('acme', '$public', true);
SELECT rim.load('501({0: "c", 1: [506(<<{1: {0: "t"}, 4: {0: [[{0: {1: "V"}}, [{1: {11: "v"}}]]]}}>>)]})'::coserv.corim::bytea, 'acme');
SQL

my $query = $node->safe_psql('verifier', <<'SQL');
SELECT encode('{0: "tag:p", 1: {0: 2, 1: {0: [[{1: "V"}]]}, 2: 0}}'::coserv.coserv::bytea, 'hex')
SQL
$query = encode_base64url(pack 'H*', $query);

# ---- what a client does: an answer, and a discovery document that is fresh by its max-age when the answer comes ----

# Each is kept once, by its digest.
sub keep
{
	my ($kind, $bytes) = @_;
	my $name = "$kind-" . sha256_hex($bytes);

	return $name if -e "$dir/seen/$name";
	open my $file, '>:raw', "$dir/seen/$name.$$" or die $!;
	print $file $bytes;
	close $file or die $!;
	move("$dir/seen/$name.$$", "$dir/seen/$name") or die $!;
	return $name;
}

sub client
{
	my ($address, $number) = @_;
	my $http = HTTP::Tiny->new(keep_alive => 1, timeout => $PostgreSQL::Test::Utils::timeout_default);
	my ($fresh_until, $etag, $tagged) = (0, '', '');

	open my $log, '>', "$dir/client-$number" or die $!;
	until (-e "$dir/stop")
	{
		if (time >= $fresh_until)
		{
			my $sent = time;
			my $response = $http->get("http://$address/.well-known/coserv-configuration",
				{ headers => { accept => 'application/coserv-discovery+json' } });
			my ($age) = ($response->{headers}{'cache-control'} // '') =~ /^max-age=(\d+)$/ or print $log "bad discovery $response->{status}\n";

			$fresh_until = $sent + ($age // 0);
			print $log join(' ', 'discovery', $sent, time, keep('discovery', $response->{content})), "\n";
		}
		my $sent = time;
		my %headers = (accept => 'application/coserv+cose');
		$headers{'if-none-match'} = $etag if $etag && rand() < 0.5;
		my $response = $http->get("http://$address/coserv/$query", { headers => \%headers });

		if ($response->{status} == 200)
		{
			$etag = $response->{headers}{etag};
			$tagged = keep('answer', $response->{content});
		}
		elsif ($response->{status} != 304)
		{
			print $log "bad answer $response->{status}\n";
		}
		print $log join(' ', 'answer', $sent, time, $tagged), "\n"; # a 304 is the answer that it confirms
		sleep 0.003;
	}
	close $log or die $!;
	return;
}

my $out = '';
delete $ENV{PGAPPNAME}; # the gateway says who it is
my $gateway = IPC::Run::start(
	[ $program, '--listen', '127.0.0.1:0', '--db', $node->connstr('verifier') . ' user=rim_reader', '--store', 'rim', '--pool', $clients ],
	'<', \undef, '>', \$out, '2>', "$dir/gateway.log", IPC::Run::timeout(4 * $PostgreSQL::Test::Utils::timeout_default));
$gateway->pump until $out =~ /\n/;
my ($address) = $out =~ /^listening on (127\.0\.0\.1:[1-9]\d*)$/m or die "no address in \"$out\"";

# All connections of the pool are open, and have signed: each waits until the others are there.
$node->safe_psql('verifier', <<'SQL');
CREATE FUNCTION public.gate() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN true; END $$;
ALTER TABLE rim.manifest ENABLE ROW LEVEL SECURITY;
CREATE POLICY gate ON rim.manifest USING (public.gate());
SQL
my ($to_psql, $from_psql) = ("SELECT pg_advisory_lock(1); SELECT 'locked';\n", '');
my $lock = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('verifier') ], '<', \$to_psql, '>', \$from_psql,
	IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
$lock->pump until $from_psql =~ /locked/;
my @waiting = map {
	my $pid = fork // die $!;
	_exit(HTTP::Tiny->new->get("http://$address/coserv/$query", { headers => { accept => 'application/coserv+cose' } })->{status} != 200) unless $pid;
	$pid
} 1 .. $clients;
$node->poll_query_until('verifier', "SELECT count(*) = $clients FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
  or die 'the requests do not wait';
$to_psql = "SELECT pg_advisory_unlock(1);\n\\q\n";
$lock->finish;
my $failed = grep { waitpid($_, 0); $? } @waiting;
is($failed, 0, 'eight sessions have signed with the first key');
$node->safe_psql('verifier', 'DROP POLICY gate ON rim.manifest; ALTER TABLE rim.manifest DISABLE ROW LEVEL SECURITY');

my $opened = $node->safe_psql('verifier', 'SELECT now()');
my @pids;
for my $number (1 .. $clients)
{
	my $pid = fork // die $!;

	if (!$pid)
	{
		eval { client($address, $number); 1 } or do { warn $@; _exit(1) };
		_exit(0);
	}
	push @pids, $pid;
}

# ---- a rotation as doc/operations.md says, then a theft ----

sleep $discovery_ttl;
bind_keys([ signing => 'a' ], [ announced => 'b' ]);
sleep $discovery_ttl + 0.5;
bind_keys([ announced => 'a' ], [ signing => 'b' ], [ announced => 'c' ]);
sleep $result_ttl + 0.5;
my $gone = bind_keys([ signing => 'b' ], [ announced => 'c' ]);
sleep $discovery_ttl;
my $withdrawn = bind_keys([ withdrawn => 'b' ], [ signing => 'c' ]);
sleep 1.5;
my $sessions = $node->safe_psql('verifier', "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'coserv-gateway' AND backend_start < '$opened'");
append_to_file("$dir/stop", '');
$failed = grep { waitpid($_, 0); $? } @pids;
is($failed, 0, 'the clients have done their work');
is($sessions, $clients, 'through the same eight sessions');
$gateway->signal('TERM');
$gateway->finish;

# ---- what they saw ----

# The byte string or text at the front of the bytes that the argument refers to, which is moved on.
sub take_string
{
	my ($bytes) = @_;
	my $head = ord substr $$bytes, 0, 1, '';
	my $length = $head & 31;

	if ($length == 24) { $length = ord substr $$bytes, 0, 1, ''; }
	elsif ($length == 25) { $length = unpack 'n', substr $$bytes, 0, 2, ''; }
	return substr $$bytes, 0, $length, '';
}

sub put_string
{
	my ($major, $bytes) = @_;
	my $length = length $bytes;

	return ($length < 24 ? chr($major << 5 | $length) : $length < 256 ? pack('CC', $major << 5 | 24, $length) : pack('Cn', $major << 5 | 25, $length)) . $bytes;
}

# protected, payload and signature of 18([h'', {}, h'', h'']), its kid and the payload's expiry
sub open_answer
{
	my ($bytes) = @_;
	my %answer;

	substr($bytes, 0, 2, '') eq "\xd2\x84" or die 'no COSE_Sign1';
	$answer{protected} = take_string(\$bytes);
	substr($bytes, 0, 1, '') eq "\xa0" or die 'unprotected headers';
	$answer{payload} = take_string(\$bytes);
	$answer{signature} = take_string(\$bytes);
	($answer{kid}) = $answer{protected} =~ /\x04\x41(.)\z/ or die 'no kid';
	my @t = $answer{payload} =~ /(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z/ or die 'no expiry';
	$answer{expiry} = timegm($t[5], $t[4], $t[3], $t[2], $t[1] - 1, $t[0]);
	return \%answer;
}

sub write_file
{
	my ($name, $bytes) = @_;

	open my $file, '>:raw', "$dir/$name" or die $!;
	print $file $bytes;
	close $file or die $!;
	return "$dir/$name";
}

# Does the answer verify with a key of the discovery document, its kid saying which? Memoised.
my (%answers, %verified);

sub answer { my ($name) = @_; return $answers{$name} //= open_answer(slurp_file("$dir/seen/$name")); }

sub verifies
{
	my ($name, $discovery) = @_;

	return $verified{"$name $discovery"} //= do {
		my $answer = answer($name);
		my $document = decode_json(slurp_file("$dir/seen/$discovery"));
		my ($jwk) = grep { $_->{kid} eq $answer->{kid} } @{ $document->{'result-verification-key'} };
		my $message = "\x84" . put_string(3, 'Signature1') . put_string(2, $answer->{protected}) . "\x40" . put_string(2, $answer->{payload});

		$jwk && run_log([ 'openssl', 'pkeyutl', '-verify', '-pubin', '-keyform', 'DER',
			'-inkey', write_file('key.der', pack('H*', '302a300506032b6570032100') . decode_base64url($jwk->{x})),
			'-rawin', '-in', write_file('message', $message), '-sigfile', write_file('signature', $answer->{signature}) ]) ? 1 : 0;
	};
}

my (@got, @discovered, @bad);
for my $number (1 .. $clients)
{
	open my $log, '<', "$dir/client-$number" or die $!;
	while (my $line = <$log>)
	{
		chomp $line;
		my ($what, @fields) = split / /, $line;
		if ($what eq 'answer') { push @got, \@fields; }
		elsif ($what eq 'discovery') { push @discovered, \@fields; }
		else { push @bad, $line; }
	}
}
is_deeply(\@bad, [], 'nothing but 200 and 304 was answered');
my %signed_by;
$signed_by{ answer($_->[2])->{kid} }++ for @got;
note("answers by key: " . join(', ', map { "$_ $signed_by{$_}" } sort keys %signed_by) . '; ' . scalar(@discovered) . ' discoveries');
is_deeply([ sort keys %signed_by ], [ qw(a b c) ], 'each key has signed in its turn');

# Each answer, with each document that was fresh when it came, and with those that somebody who keeps the answer gets until it expires.
# What was withdrawn is not promised to go on: those pairs are of the documents before that.
my ($pairs, @failures) = (0);
for my $answer (@got)
{
	my ($sent, $received, $name) = @$answer;
	for my $discovery (@discovered)
	{
		my ($d_sent, $d_received, $document) = @$discovery;
		next if $d_sent + $discovery_ttl < $received || $d_received > answer($name)->{expiry};
		next if answer($name)->{kid} eq 'b' && $d_received >= $withdrawn;
		$pairs++;
		push @failures, "$name sent $sent got $received with $document sent $d_sent got $d_received" unless verifies($name, $document);
	}
}
note("$pairs pairs, " . keys(%verified) . ' of them different');
ok(@got > 100 && $pairs > @got, 'there was much to compare');
is_deeply([ @failures[ 0 .. ($#failures > 4 ? 4 : $#failures) ] ], [], 'every answer verifies with every discovery document that is fresh');
is_deeply([ grep { $_->[0] > $withdrawn && answer($_->[2])->{kid} ne 'c' } @got ], [], 'none by the withdrawn key after that, nor a 304 for one');
is_deeply([ grep { $_->[0] > $withdrawn && slurp_file("$dir/seen/$_->[2]") =~ /"kid":"b"/ } @discovered ], [], 'nor is it in discovery');
is_deeply([ grep { $_->[0] > $gone && slurp_file("$dir/seen/$_->[2]") =~ /"kid":"a"/ } @discovered ], [], 'nor the key that was taken out');
is_deeply([ grep { answer($_->[2])->{expiry} > $_->[1] + $result_ttl } @got ], [], 'and nothing signed outlives result_ttl');

# ---- a standby: the same file, the same keys, noticed there as well ----

my $signer = q{SELECT kid FROM coserv.result_verification_keys('rim') WHERE state = 'signing'};
my $header = q{SELECT convert_from(substr(bytes, length(bytes)), 'UTF8') FROM (SELECT coserv.cbor_embedded(rim.execute_signed(}
  . q{'{0: "tag:p", 1: {0: 2, 1: {0: [[{1: "V"}]]}, 2: 0}}')::coserv.cbor OPERATOR(coserv.->) 0)::bytea AS bytes) s};
$node->backup('for_standby');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'for_standby', has_streaming => 1);
$standby->start;
is($standby->safe_psql('verifier', "$signer; $header"), "c\nc", 'a standby signs');
my ($to_standby, $from_standby) = ("$header;\n", '');
my $session = IPC::Run::start([ 'psql', '-XAtq', '-d', $standby->connstr('verifier') ], '<', \$to_standby, '>', \$from_standby,
	IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
$session->pump until $from_standby =~ /\n/;
bind_keys([ signing => 'a' ]);
$to_standby = "$header;\n\\q\n";
$session->finish;
is($from_standby, "c\na\n", '... and a session of it finds a rotation at its next answer');

# ---- before the library is called: nobody is shown the path, and it can be set ----

my ($status, $shown, $error) = $node->psql('verifier', 'SHOW coserv.signing_keys_file', extra_params => [ '-U', 'rim_reader' ]);
ok($status != 0 && $shown eq '', 'preloaded, the path is not shown to everybody');
is($node->psql('verifier', "ALTER SYSTEM SET coserv.discovery_ttl = 7"), 0, '... and ALTER SYSTEM knows the settings');
$node->safe_psql('verifier', "ALTER SYSTEM RESET coserv.discovery_ttl");

# ---- who may not choose the keys: a reader, and the owner of the database, be the library loaded or not ----

my $mine = write_file('mine', 'verifier rim rim_owner signing /dev/null');
$node->safe_psql('postgres', 'CREATE ROLE dba LOGIN CREATEDB; ALTER DATABASE verifier OWNER TO dba');

sub may_not
{
	my ($role, $sql, $what) = @_;

	isnt($node->psql('verifier', $sql, extra_params => [ '-U', $role ], on_error_stop => 1), 0, $what);
	return;
}

may_not('rim_reader', "SET coserv.signing_keys_file = '$mine'", 'a reader names no file');
may_not('dba', "ALTER DATABASE verifier SET coserv.signing_keys_file = '$mine'", 'nor does the owner of the database');
may_not('dba', 'ALTER SCHEMA rim OWNER TO dba', 'who takes over no store');
may_not('dba', 'CREATE SCHEMA x AUTHORIZATION rim_owner', '... and makes none in the name of another');
may_not('dba', 'SET ROLE rim_owner', '... nor becomes one');
($status, $shown, $error) = $node->psql('verifier', <<"SQL", extra_params => [ '-U', 'dba' ]);
SELECT coserv.create_store('of_dba');
SELECT of_dba.execute_signed('{0: "tag:p", 1: {0: 2, 1: {0: [[{1: "V"}]]}, 2: 0}}');
SQL
like($error, qr/no key is bound to this store/, '... and what his own store says is not signed');

$node->adjust_conf('postgresql.conf', 'shared_preload_libraries', "''");
$node->restart;
may_not('dba', "ALTER DATABASE verifier SET coserv.signing_keys_file = '$mine'", 'nor where the library is not loaded');
may_not('dba', "ALTER ROLE dba SET coserv.signing_keys_file = '$mine'", '... nor for himself');
($status, $shown, $error) = $node->psql('verifier', "SET coserv.signing_keys_file = '$mine'; $header", extra_params => [ '-U', 'rim_reader' ]);
is($shown, 'a', 'what a reader sets before the library is loaded does not hold');
# PostgreSQL falls back to what is built in then, for this session: unsigned, and the default of each bound
{
	local $ENV{PGOPTIONS} = "-c coserv.signing_keys_file=$mine -c coserv.result_ttl=1000000";
	($status, $shown, $error) = $node->psql('verifier', $header, extra_params => [ '-U', 'rim_reader' ]);
	like($error, qr/there is no key to sign results with/, '... nor what he connects with');
	($status, $shown, $error) = $node->psql('verifier', 'SELECT coserv.version() IS NULL; SHOW coserv.result_ttl', extra_params => [ '-U', 'rim_reader' ]);
	is($shown, "f\n1h", '... for how long a result holds either');
	$node->adjust_conf('postgresql.conf', 'shared_preload_libraries', "'coserv'");
	$node->restart;
	($status, $shown, $error) = $node->psql('verifier', $header, extra_params => [ '-U', 'rim_reader' ]);
	like($error, qr/permission denied to set parameter/, '... who is not let in at all where it is preloaded');
}

for my $log ($node->logfile, $standby->logfile, "$dir/gateway.log")
{
	unlike(slurp_file($log), qr/PRIVATE KEY|\.pem/, 'no key and no path in a log');
}
$standby->stop;
$node->stop;
done_testing();
