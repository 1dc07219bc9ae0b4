# Read replicas: the statements and commands of doc/replicas.md in their order, with a primary, a standby and a standby of that; readers that
# wait for their own load; lag in /readyz and /metrics; fail-over under load.
use strict;
use warnings;

use lib 'lib';
use Document;
use Gateway;
use MIME::Base64 qw(encode_base64url);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);
require POSIX;

plan skip_all => "no $Gateway::program: make -C gateway first" unless -x $Gateway::program;

my %node = map { $_ => PostgreSQL::Test::Cluster->new($_) } qw(db1 db2 db3);
my ($key, $public) = map { slurp_file("data/acme.$_") } qw(key pub);
my $work = PostgreSQL::Test::Utils::tempdir;
chomp($key, $public);

$node{db1}->init(allows_streaming => 1);
$node{db1}->append_conf('postgresql.conf', "fsync = off\nmax_connections = 30\ncluster_name = 'db1'\nwal_receiver_status_interval = 100ms");
$node{db1}->start;
$node{db1}->safe_psql('postgres', 'CREATE DATABASE rims');
sub sql { my ($name, @rest) = @_; return $node{$name}->safe_psql('rims', @rest); }
sql('db1', "CREATE EXTENSION coserv; SELECT coserv.create_store('rim'); INSERT INTO rim.authority (name, key) VALUES ('ACME', '$public');"
	  . q{ CREATE ROLE "coserv-gateway" LOGIN; SELECT rim.grant_reader('coserv-gateway');}
	  . q{ CREATE ROLE "coserv-provision" LOGIN NOINHERIT; GRANT USAGE ON SCHEMA rim TO "coserv-provision"});

sub document
{
	my ($id) = @_;

	return sql('db1', "SELECT encode(coserv.sign(format('501({0: \"%s\", 1: [506(<<{1: {0: \"%s\"}, 4: {0: [[{0: {1: \"ACME\"}}, [{1: {11: \"%s\"}}]]]}}>>)]})',"
		  . " '$id', '$id', '$id')::coserv.corim, '$key', 'acme')::bytea, 'hex')");
}
append_to_file("$work/acme-firmware.corim", pack 'H*', document('acme-firmware'));

# ---- the page, with this test's hosts, ports and folders ----

sub here
{
	my ($text) = @_;

	$text =~ s/-h (db\d)/'-h ' . $node{$1}->host . ' -p ' . $node{$1}->port/ge;
	$text =~ s/host=((?:db\d,?)+)/my @all = split m{,}, $1; 'host=' . join(',', map { $node{$_}->host } @all) . ' port=' . join(',', map { $node{$_}->port } @all)/ge;
	$text =~ s{/var/lib/postgresql/(db\d)\.log}{$node{$1}->logfile}ge;
	$text =~ s{/var/lib/postgresql/(db\d)}{$node{$1}->data_dir}ge;
	$text =~ s/'acme-firmware\.corim'/'$work\/acme-firmware.corim'/;
	return $text;
}

# A standby on the machine of its primary has a port of its own.
sub make_standby
{
	my ($name, $commands) = @_;
	my ($copy, $start) = split /\n/, here($commands);

	local $ENV{PGAPPNAME};
	delete $ENV{PGAPPNAME};	# it would be written into primary_conninfo

	is(system("$copy >$work/copy.log 2>&1"), 0, "$name: $copy") or diag(slurp_file("$work/copy.log"));
	$node{$name}->append_conf('postgresql.conf', 'port = ' . $node{$name}->port . "\ncluster_name = '$name'");
	is(system("$start >$work/start.log 2>&1"), 0, "$name: $start") or diag(slurp_file("$work/start.log"));
	$node{$name}->_update_pid(1);
	return;
}

my @blocks = grep { $_->{kind} } Document->new('../doc/replicas.md', '.')->blocks;
sub next_block
{
	my ($kind, $pattern) = @_;
	my $block = shift @blocks;

	like($block->{kind} . ' ' . $block->{body}, qr/^$kind .*$pattern/s, "doc/replicas.md, line $block->{line}");
	return here($block->{body});
}

sql('db1', next_block('sql', 'CREATE ROLE replicator'));
make_standby('db2', (shift @blocks)->{body});
sql('db2', next_block('sql', q{'db3'}));
make_standby('db3', (shift @blocks)->{body});

my $command = next_block('sh', 'coserv-gateway --store rim');
my ($options) = $command =~ /^coserv-gateway (.*)$/m;
$options =~ s/127\.0\.0\.1:808\d/127.0.0.1:0/g;
$options =~ s/--connection-age 60/--connection-age 1/;
my @options = map { s/^'|'$//gr } $options =~ /('[^']*'|\S+)/g;
my $gateway = Gateway->start(@options);

is(sql('db1', next_block('sql', 'replay_lag')), '00:00:00', 'the primary is not behind');
$node{db1}->wait_for_catchup($node{db2}, 'replay', $node{db1}->lsn('flush'));
is(sql('db2', 'SELECT coserv.replay_lag()'), '00:00:00', 'nor is a standby that has all');
like(Gateway::ask($gateway->{admin}, '/readyz')->{body}, qr/^ready, 0\.0 s behind$/, '/readyz of the standby');
like(Gateway::ask($gateway->{admin}, '/metrics')->{body}, qr/^coserv_store_replay_lag_seconds\{store="rim"\} 0$/m, '/metrics of the standby');

# ---- a reader that waits for its own load ----

sql('db2', 'SELECT pg_wal_replay_pause()');
my ($lsn) = sql('db1', next_block('sql', 'rim.load')) =~ m{^([0-9A-F]+/[0-9A-F]+)$}m;
my $reading = next_block('sql', 'wait_for_replay') =~ s{0/3000060}{$lsn}r;
my $impatient = $reading =~ s/'\)/', '0.2 s')/r;
my ($ret, $out, $err) = $node{db2}->psql('rims', $impatient, extra_params => [ '-v', 'VERBOSITY=verbose' ]);
like($err, qr/55P03: this standby has not replayed \Q$lsn\E within 00:00:00\.2/, 'a reader that waits in vain is told');
like($err, qr/HINT:.*the primary/, '... and whom to ask');
my $waiting = $node{db2}->background_psql('rims', on_error_stop => 0);
$waiting->query_until(qr/asked/, "\\echo asked\n$reading\n");
sql('db2', 'SELECT pg_wal_replay_resume()');
is($waiting->query('SELECT 1 + 1') =~ s/\s+/ /gr, '1 2', 'once it is replayed, the reader sees it');
$waiting->quit;
is(sql('db1', $reading), '1', 'at the primary nothing is waited for');
($ret, $out, $err) = $node{db2}->psql('rims', "BEGIN; CALL coserv.wait_for_replay('F/0'); COMMIT");
like($err, qr/invalid transaction termination/, 'it is not for use inside a transaction');

# ---- a standby that is behind, and one behind that ----

$node{db3}->append_conf('postgresql.conf', "recovery_min_apply_delay = '1h'");
$node{db3}->reload;
my $late = Gateway->start('--store', 'rim', '--db', $node{db3}->connstr('rims') . ' user=coserv-gateway', '--admin', '127.0.0.1:0', '--max-lag', 1);
sql('db1', "SELECT rim.load('\\x" . document('second') . "')");
my $answer;
for (1 .. 100)
{
	$answer = Gateway::ask($late->{admin}, '/readyz');
	last if $answer->{status} == 503;
	sleep 0.1;
}
is($answer->{status}, 503, 'a standby that applies an hour later is not ready');
like($answer->{body}, qr/^not ready, [1-9]\d*\.\d s behind$/, '... and says how far behind it is');
like(Gateway::ask($late->{admin}, '/metrics')->{body}, qr/^coserv_store_replay_lag_seconds\{store="rim"\} [1-9]/m, '... in /metrics, too');
my $path = '/coserv/' . encode_base64url(pack 'H*', sql('db1', q{SELECT encode('{0: "tag:x", 1: {0: 2, 1: {0: [[{1: "ACME"}]]}, 2: 0}}'::coserv.coserv::bytea, 'hex')}));
my $accept = 'Accept: application/coserv+cbor';
is(Gateway::ask($late->{address}, $path, $accept)->{status}, 200, '... and answers all the same');
unlike(Gateway::ask($late->{address}, $path, $accept)->{body}, qr/second/, '... as of what it has replayed');
$node{db1}->wait_for_catchup($node{db2}, 'replay', $node{db1}->lsn('flush'));
like(Gateway::ask($gateway->{address}, $path, $accept)->{body}, qr/second/, 'the standby before it has all');
is($late->stop, 0, 'and so it ends');
$node{db3}->append_conf('postgresql.conf', 'recovery_min_apply_delay = 0');
$node{db3}->reload;
ok($node{db3}->poll_query_until('rims', "SELECT count(*) = 1 FROM rim.manifest WHERE corim_id = 'second'"), 'the cascade brings it');

# ---- a loader that waits ----

sql('db1', $_) for split /(?<=;)[^\n]*\n/, next_block('sql', 'synchronous_standby_names');
ok($node{db1}->poll_query_until('rims', "SELECT count(*) = 1 FROM pg_stat_replication WHERE application_name = 'db2' AND sync_state = 'quorum'"), 'db2 is waited for');
for my $number (1 .. 10)
{
	sql('db1', "SET synchronous_commit = remote_apply; SELECT rim.load('\\x" . document("applied-$number") . "')");
	is(sql('db2', "SELECT count(*) FROM rim.manifest WHERE corim_id = 'applied-$number'"), '1', "what load returned of is there, $number");
}
is(sql('db1', q{SELECT setconfig[1] FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole WHERE r.rolname = 'coserv-provision'}),
	'synchronous_commit=remote_apply', 'the role of provisioning waits');
sql('db1', 'ALTER SYSTEM RESET synchronous_standby_names');
sql('db1', 'SELECT pg_reload_conf()');

# ---- fail-over under load ----

sub load
{
	my ($address, $seconds) = @_;

	pipe(my $read, my $write) or die "no pipe: $!";
	my $pid = fork;
	if ($pid == 0)
	{
		my $until = time + $seconds;
		while (time < $until)
		{
			my $begin = time;
			my $got = Gateway::ask($address, $path, $accept);
			syswrite $write, sprintf("%.3f %d %d\n", $begin, $got->{status}, $got->{status} != 200 || $got->{body} =~ /acme-firmware.*second|second.*acme-firmware/s);
			sleep 0.01;
		}
		POSIX::_exit(0);
	}
	close $write;
	return sub { my @lines = map { [split] } <$read>; waitpid $pid, 0; return @lines; };
}
my $done = load($gateway->{address}, 3);
sleep 0.5;
$node{db2}->stop('immediate');
sleep 1;
my $calm = time;
my @answers = $done->();
cmp_ok(scalar @answers, '>', 20, 'requests were made while a standby went');
is(scalar(grep { !$_->[2] } @answers), 0, '... no answer is wrong');
is(scalar(grep { $_->[1] != 200 && $_->[0] > $calm } @answers), 0, '... and a second later all are answered: by the primary');
is(sql('db1', q{SELECT count(*) > 0 FROM pg_stat_activity WHERE application_name = 'coserv-gateway'}), 't', '... as it says itself');
like(Gateway::ask($gateway->{admin}, '/readyz')->{body}, qr/^ready$/, '/readyz of the primary');
$node{db2}->start;
ok($node{db2}->poll_query_until('rims', q{SELECT count(*) > 0 FROM pg_stat_activity WHERE application_name = 'coserv-gateway'}), 'back at the one that is liked');

my $primary = Gateway->start('--store', 'rim', '--db', here('host=db1,db2 dbname=rims user=coserv-gateway target_session_attrs=primary'), '--connection-age', 1);
$done = load($primary->{address}, 4.5);
sleep 0.5;
$node{db1}->wait_for_catchup($node{db2}, 'replay', $node{db1}->lsn('flush'));
$node{db1}->stop('immediate');
is(system(next_block('sh', 'promote') . " >$work/promote.log 2>&1"), 0, 'the standby is promoted');
my $back = time + 2;
@answers = $done->();
is(scalar(grep { !$_->[2] } @answers), 0, 'no answer is wrong while the primary goes');
is(scalar(grep { $_->[1] != 200 && $_->[0] > $back } @answers), 0, '... and the new one answers');
like(sql('db2', q{SELECT rim.load((SELECT rim.document(id) FROM rim.manifest WHERE corim_id = 'second')) IS NOT NULL}), qr/^t$/, 'what is there already is the same');
is(sql('db2', 'SELECT coserv.replay_lag()'), '00:00:00', 'it is a primary, and not behind');
is(scalar @blocks, 0, 'the page is at its end');
is($_->stop, 0, 'and so it ends') for $gateway, $primary;
$node{$_}->stop('immediate') for qw(db3 db2);
done_testing();
