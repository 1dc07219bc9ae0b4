# changes(): a cursor misses no transaction that commits late, on the primary and on a standby, and tells each once; NOTIFY where the policy
# asks for it; PREPARE TRANSACTION; cursors of another history. Needs several sessions at once and a second server: psql alone cannot show it.
use strict;
use warnings FATAL => 'all';

use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('primary');
$node->init(allows_streaming => 1);
$node->append_conf('postgresql.conf', "max_prepared_transactions = 2\nmax_connections = 30\nclient_min_messages = error\ntimezone = 'UTC'\n");
$node->start;
# what is written by the commit may have a deferred trigger of the user's: there a commit stalls that has its moment already
$node->safe_psql('postgres', q{
	CREATE EXTENSION coserv;
	SELECT coserv.create_store('rim');
	INSERT INTO rim.authority (name, key, accepts_unsigned) VALUES ('acme', '560(h''01'')', true);
	CREATE FUNCTION public.corim(id text) RETURNS bytea LANGUAGE sql AS $$
		SELECT format('501({0: "%1$s", 1: [506(<<{1: {0: "%1$s"}, 4: {0: [[{0: {1: "ACME", 2: "%1$s"}}, [{1: {1: 1}}]]]}}>>)]})', id)::coserv.corim::bytea
	$$;
	CREATE FUNCTION public.stall() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		IF current_setting('test.stalls', true) = 'yes' THEN PERFORM pg_advisory_xact_lock(1); END IF; RETURN NULL; END $$;
	CREATE CONSTRAINT TRIGGER stall AFTER INSERT ON rim.settled DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.stall();});
$node->backup('backup');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'backup', has_streaming => 1);
$standby->start;

sub cursor_of { return shift->safe_psql('postgres', 'SELECT rim.cursor()') }

# Names of the statements that are told.
sub told
{
	my ($on, $cursor) = @_;
	return $on->safe_psql('postgres', "SELECT string_agg(name, ' ' ORDER BY name) FROM rim.changes('$cursor')");
}

sub caught_up { $node->wait_for_catchup($standby, 'replay', $node->lsn('flush')) }

# --- two that are open at once --------------------------------------------------------------------------------------------------------
caught_up();
my $begin = cursor_of($node);
is(told($_, $begin), '', $_->name . ': nothing has changed') for $node, $standby;
my ($one, $two) = map { $node->background_psql('postgres') } 1 .. 2;
$one->query_safe("BEGIN; SELECT rim.load(public.corim('first'), 'acme')");
$two->query_safe("BEGIN; SELECT rim.load(public.corim('second'), 'acme')");
$two->query_safe('COMMIT');
caught_up();
my %between = (primary => cursor_of($node), standby => cursor_of($standby));
is(told($_, $begin), 'second', $_->name . ': what has committed is told, what is open is not') for $node, $standby;
$one->query_safe('COMMIT');
caught_up();
for my $on ($node, $standby)
{
	is(told($on, $between{$_}), 'first', $on->name . ": what was open is told later, by the cursor of the $_") for sort keys %between;
}

# --- a commit that stalls with its moment, before one with a later moment that is seen -------------------------------------------------
$begin = cursor_of($node);
my $holder = $node->background_psql('postgres');
$holder->query_safe('SELECT pg_advisory_lock(1)');
$one->query_safe("SET test.stalls = 'yes'");
$one->query_until(qr/stalls/, "\\echo stalls\nSELECT rim.load(public.corim('early'), 'acme');\n");
$node->poll_query_until('postgres', "SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'advisory' AND query LIKE '%early%'") or die 'nobody stalls';
$two->query_safe("SELECT rim.load(public.corim('late'), 'acme')");
caught_up();
%between = (primary => cursor_of($node), standby => cursor_of($standby));
is(told($_, $begin), 'late', $_->name . ': who has a later moment is seen first, and nobody waits for the other') for $node, $standby;
$holder->query_safe('SELECT pg_advisory_unlock(1)');
$node->poll_query_until('postgres', "SELECT count(*) = 1 FROM rim.manifest WHERE corim_id = 'early'") or die 'it does not commit';
caught_up();
for my $on ($node, $standby)
{
	is(told($on, $between{$_}), 'early', $on->name . ": who was earlier and committed later is told, by the cursor of the $_") for sort keys %between;
}
is($node->safe_psql('postgres', q{SELECT e.known_at < l.known_at FROM rim.changes() e, rim.changes() l WHERE e.name = 'early' AND l.name = 'late'}), 't',
	'a moment alone would have missed it');
$one->quit;
$holder->quit;

# --- while four load, two follow: each statement once -----------------------------------------------------------------------------------
my $script = PostgreSQL::Test::Utils::tempdir() . '/load.sql';
append_to_file($script, q{\set n random(1, 4)
BEGIN;
SELECT rim.load(public.corim(gen_random_uuid()::text), 'acme') FROM generate_series(1, :n);
\if :n = 1
ROLLBACK;
\else
COMMIT;
\endif
});
my %follows = map { $_->name => { on => $_, cursor => cursor_of($_), told => {}, polls => 0 } } $node, $standby;
sub follow
{
	my $who = shift;
	for my $row (split /\n/, $who->{on}->safe_psql('postgres', "SELECT statement, cursor FROM rim.changes('$who->{cursor}')"))
	{
		(my $statement, $who->{next}) = split /\|/, $row;
		$who->{told}{$statement}++;
	}
	$who->{cursor} = delete $who->{next} if $who->{next};
	$who->{polls}++;
}
my $before = $node->safe_psql('postgres', 'SELECT count(*) FROM rim.manifest');
my $load = IPC::Run::start([ 'pgbench', '-n', '-c', '4', '-j', '2', '-t', '60', '-f', $script, '-h', $node->host, '-p', $node->port, 'postgres' ], '>', \my $out, '2>', \my $err);
while ($load->pumpable)
{
	$load->pump_nb;
	follow($_) for values %follows;
}
$load->finish or die $err;
caught_up();
follow($_) for values %follows;
my $loaded = $node->safe_psql('postgres', 'SELECT count(*) FROM rim.manifest') - $before;
for my $name (sort keys %follows)
{
	is(scalar keys %{ $follows{$name}{told} }, $loaded, "$name: every statement is told");
	is(scalar(grep { $_ > 1 } values %{ $follows{$name}{told} }), 0, "$name: once");
	cmp_ok($follows{$name}{polls}, '>', 2, "$name: while they were loaded");
}

# --- NOTIFY ----------------------------------------------------------------------------------------------------------------------------
my $listener = $node->background_psql('postgres');
my @heard;
# What was sent until a mark of our own came.
sub heard
{
	my $mark = 'mark ' . rand();
	my $text = '';
	$node->safe_psql('postgres', "SELECT pg_notify('coserv_changes', '$mark')");
	for (1 .. 1000)
	{
		$text .= $listener->query_safe('SELECT pg_sleep(0.01)') . "\n";
		last if $text =~ /\Q$mark\E/;
	}
	$text =~ /\Q$mark\E/ or die 'no mark was heard';
	return join ' ', $text =~ /with payload "(\{.*?\})" received/g;
}
$listener->query_safe('LISTEN coserv_changes');
$two->query_safe("SELECT rim.load(public.corim('silent'), 'acme')");
is(heard(), '', 'nothing is sent unless the policy asks for it');
$two->query_safe('SELECT rim.set_policy(notify => true)');
is(heard(), '{"store" : "rim", "profiles" : null, "changes" : 1}', 'the policy is a change itself');
$two->query_safe("BEGIN; SELECT rim.load(public.corim('loud ' || n), 'acme') FROM generate_series(1, 3) n; COMMIT");
is(heard(), '{"store" : "rim", "profiles" : [null], "changes" : 3}', 'one a commit: documents without profile');
$two->query_safe("BEGIN; SELECT rim.load(public.corim('unsaid'), 'acme'); ROLLBACK; SELECT * FROM rim.impact_of_load(public.corim('unsaid'), 'acme')");
$two->query_safe("SELECT rim.load(public.corim('loud 1'), 'acme')");
is(heard(), '', 'what is rolled back, only looked at or there already is no change');
my ($rc, $stdout, $stderr) = $standby->psql('postgres', 'LISTEN coserv_changes');
like($stderr, qr/cannot execute LISTEN during recovery/, 'a standby is asked, and sends nothing');

# --- PREPARE TRANSACTION ---------------------------------------------------------------------------------------------------------------
for my $notify (qw(true false))
{
	$node->safe_psql('postgres', "SELECT rim.set_policy(notify => $notify)");
	($rc, $stdout, $stderr) = $node->psql('postgres', "BEGIN; SELECT rim.load(public.corim('prepared'), 'acme'); PREPARE TRANSACTION 'p'");
	like($stderr, qr/cannot PREPARE a transaction that has written to a coserv store/, "who has written cannot prepare, notify $notify");
}
$node->safe_psql('postgres', "CREATE TABLE other (n int)");
$begin = cursor_of($node);
$node->safe_psql('postgres', "BEGIN; INSERT INTO other VALUES (1); SELECT * FROM rim.changes('$begin'); PREPARE TRANSACTION 'p'");
$node->safe_psql('postgres', "COMMIT PREPARED 'p'");
is($node->safe_psql('postgres', 'SELECT count(*) FROM other'), '1', 'who has asked what has changed can prepare');

# --- another history --------------------------------------------------------------------------------------------------------------------
my $refused = qr/22023.*the cursor is not of this store's history/s;
$node->command_ok([ 'pg_dump', '-f', "$script.dump", '-d', $node->connstr('postgres') ], 'dump');
$node->safe_psql('postgres', 'CREATE DATABASE restored TEMPLATE template0');
$node->safe_psql('restored', "\\i $script.dump");
is($node->safe_psql('restored', 'SELECT count(*) FROM rim.manifest'), $node->safe_psql('postgres', 'SELECT count(*) FROM rim.manifest'), 'a dump is restored');
($rc, $stdout, $stderr) = $node->psql('restored', "\\set VERBOSITY verbose\nSELECT rim.changes('$begin')");
like($stderr, $refused, 'restored: the cursor of before is refused');
$begin = $node->safe_psql('restored', 'SELECT rim.cursor()');
# in another cluster transactions have other numbers; two may have settled at one moment
$node->safe_psql('restored', "UPDATE rim.settled SET transaction = (transaction::text::numeric + 99999999999)::text::xid8");
is($node->safe_psql('restored', "SELECT count(*) FROM rim.changes('$begin')"), '0', 'restored: what was before is not told, whatever numbers it has');
$node->safe_psql('restored', "SELECT rim.load(public.corim('afterwards'), 'acme')");
is($node->safe_psql('restored', "SELECT string_agg(name, ' ') FROM rim.changes('$begin')"), 'afterwards', 'restored: and what comes is');

$begin = cursor_of($node);
caught_up();
is(told($standby, $begin), '', 'a standby takes the cursor of the primary');
$two->quit;
$listener->quit;
$node->stop;
$standby->promote;
($rc, $stdout, $stderr) = $standby->psql('postgres', "\\set VERBOSITY verbose\nSELECT rim.changes('$begin')");
like($stderr, $refused, 'promoted: the cursor of before is refused, as the old primary may have given it for what is lost');
$begin = cursor_of($standby);
$standby->safe_psql('postgres', "SELECT rim.load(public.corim('promoted'), 'acme')");
is(told($standby, $begin), 'promoted', 'promoted: a new one goes on');

done_testing();
