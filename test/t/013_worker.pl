# What a replication worker is given that it cannot take in is set aside with the reason, and what comes behind it arrives: characters that
# a database lacks, rows whose columns lack or lie, a forged row of each kind, what a trigger of the user's refuses. Large transactions that
# are streamed, and taken in side by side where the server can, end as well. Needs several servers: psql alone cannot show it.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../lib";
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Regions;
use Test::More;

my $later = '2090-01-01 00:00:00+00';
my $query = quoted('{0: "tag:x", 1: {0: 2, 1: {0: [[{1: "ACME"}]]}, 2: 2}}');

sub answer { return $_[0]->safe_psql('postgres', "SELECT encode(rim.execute($query, '$later')::bytea, 'hex')"); }
sub aside { return $_[0]->safe_psql('postgres', 'SELECT count(*) FROM rim.set_aside'); }

my $east = new_region('east', conf => "logical_decoding_work_mem = 64kB\nmax_prepared_transactions = 5\n");
$east->safe_psql('postgres', "INSERT INTO rim.authority (name, key) VALUES ('$_', " . literal("$_.pub") . ')') for qw(acme certifier);
$east->safe_psql('postgres', 'SELECT rim.load(' . signed('acme', 'genuine') . ')');
$east->safe_psql('postgres', q{INSERT INTO rim.revocation (authority, tag_id, reason) VALUES ('acme', 'other', 'test'); SELECT rim.set_policy(refuse_older => false);
	INSERT INTO rim.profile (profile, codepoint, name, comparison) VALUES ('tag:x', -1, 'level', 'minimum')});

# One whose database has another encoding: LATIN1 has no snowman.
my $latin = PostgreSQL::Test::Cluster->new('latin');
$latin->init(allows_streaming => 'logical', extra => [ '--encoding=LATIN1', '--locale=C' ]);
$latin->append_conf('postgresql.conf', "fsync = off\ntimezone = 'UTC'\nwal_retrieve_retry_interval = 100ms\n");
$latin->start;
$latin->safe_psql('postgres', q{CREATE EXTENSION coserv; SELECT coserv.create_store('rim')});
my $west = new_region('west');
my @nodes = ($latin, $west);
my $parallel = $west->pg_version >= 16 ? 'parallel' : 'on';

subscribe($east, $_, with => "streaming = " . ($_ == $latin && $parallel eq 'parallel' ? 'on' : $parallel)) for @nodes;

# The worker is alive: what is loaded now arrives.
my $arrived = 0;
sub arrives
{
	my ($what, @on) = @_;
	my $id = $east->safe_psql('postgres', 'SELECT rim.load(' . signed('acme', 'witness ' . ++$arrived) . ')');

	for my $node (@on ? @on : @nodes)
	{
		ok($node->poll_query_until('postgres', "SELECT count(*) = 1 FROM rim.manifest WHERE id = '$id'"), "$what: " . $node->name . ' goes on');
	}
	return;
}

arrives('from the start');
is(aside($_), 0, 'nothing is set aside on ' . $_->name) for @nodes;

# ---- characters ----

my $snowman = "\xe2\x98\x83";
$east->safe_psql('postgres', "INSERT INTO rim.revocation (authority, tag_id, reason) VALUES ('acme', 'snow', 'because of $snowman')");
$east->safe_psql('postgres', 'SELECT rim.load(' . signed('acme', "snow $snowman", class => '09') . ')');
$east->safe_psql('postgres', "UPDATE rim.authority SET note = '$snowman' WHERE name = 'certifier'");
$east->safe_psql('postgres', "INSERT INTO rim.profile (profile, codepoint, name, comparison) VALUES ('tag:$snowman', -1, 'x', 'equal')");
arrives('a character that a database lacks');
is(aside($west), 0, 'a database that has it takes it in');
is($latin->safe_psql('postgres', "SELECT count(*), count(*) FILTER (WHERE reason ~ 'encoding') FROM rim.set_aside"), '4|4', 'one that lacks it sets it aside and says why');

# ---- forged rows: the publisher's superuser writes what he likes, behind the triggers ----

# The id of a row of truth as it must be, over columns kind, moment and body.
my $FIT = q{(SELECT encode(set_byte(set_byte(h, 6, (get_byte(h, 6) & 15) | 128), 8, (get_byte(h, 8) & 63) | 128), 'hex')::uuid FROM (SELECT substr(sha256(
	'\x83'::bytea || set_byte('\x00', 0, kind) || CASE WHEN moment IS NULL THEN '\xf6'::bytea ELSE '\x1b'::bytea || int8send((extract(epoch FROM moment) * 1000000)::bigint - 946684800000000) END
		|| '\x5820'::bytea || sha256(body)), 1, 16) AS h) s)};

sub forge
{
	$east->safe_psql('postgres', "SET session_replication_role = replica; ALTER TABLE rim.truth DISABLE TRIGGER USER; $_[0];"
		. q{SELECT format('ALTER TABLE rim.truth ENABLE ALWAYS TRIGGER %I', tgname) FROM pg_trigger WHERE tgrelid = 'rim.truth'::regclass AND NOT tgisinternal \gexec});
	return;
}

is($east->safe_psql('postgres', "SELECT count(*) FROM rim.truth WHERE id <> $FIT"), 0, 'the test knows how an id is made');
my %before = map { $_->name => answer($_) } @nodes;
my @kinds = split /\n/, $east->safe_psql('postgres', 'SELECT DISTINCT kind FROM rim.truth ORDER BY 1');
is("@kinds", '1 2 3 4 5', 'there is something of each kind that needs no CRL');
my %genuine = map { split /\|/ } split /\n/, $east->safe_psql('postgres', 'SELECT DISTINCT ON (kind) kind, id FROM rim.truth ORDER BY kind, id');

# a genuine row's body under another's id, kind or moment; a byte of it changed, with an id that does not fit, and with one that does where a
# signature tells: what is not signed, whoever may write it may also say
for my $kind (@kinds, 6, 99)
{
	my $of = $kind > 5 ? 1 : $kind;
	my $from = "(SELECT * FROM rim.truth WHERE id = '$genuine{$of}') t";
	my $insert = "INSERT INTO rim.truth SELECT $FIT, kind, moment, body FROM";
	my $changed = 'set_byte(body, length(body) - %d, get_byte(body, length(body) - %1$d) # 1) AS body';

	forge("INSERT INTO rim.truth SELECT gen_random_uuid(), $kind, moment, body FROM $from");
	forge("INSERT INTO rim.truth SELECT id, kind, moment, body FROM (SELECT gen_random_uuid() AS id, $kind AS kind, moment, " . sprintf($changed, 1) . " FROM $from) t");
	forge("$insert (SELECT ${kind}::int2 AS kind, moment, " . sprintf($changed, $_) . " FROM $from) t") for $of == 1 ? (1, 2, 30, 100, 150) : ();
	forge("$insert (SELECT ${kind}::int2 AS kind, '2100-01-01'::timestamptz AS moment, body FROM $from) t");
	forge("$insert (SELECT ${kind}::int2 AS kind, NULL::timestamptz AS moment, body FROM $from) t ON CONFLICT DO NOTHING");
	forge("$insert (SELECT ${kind}::int2 AS kind, now() AS moment, body FROM $from) t") if $of == 1;
	forge("$insert (SELECT ${kind}::int2 AS kind, moment, body FROM (VALUES (now(), '\\x'::bytea), (NULL, '\\x80'), (now(), '\\x8101'), (NULL, '\\x8101'), (now(), '\\x820140'), (now(), '\\x9f01ff'), (NULL, '\\x84014000f6f6')) v (moment, body)) t");
}
# columns that the publisher lets be NULL, and the same row twice; he has to tidy up before he can go on himself
my $keyless = 'ALTER TABLE rim.truth DROP CONSTRAINT truth_pkey; ALTER TABLE rim.truth ALTER COLUMN id DROP NOT NULL';
my $tidy = 'DELETE FROM rim.truth WHERE id IS NULL; DELETE FROM rim.truth a USING rim.truth b WHERE a.id = b.id AND a.ctid > b.ctid; ALTER TABLE rim.truth ADD PRIMARY KEY (id)';
forge("$keyless; INSERT INTO rim.truth SELECT NULL, kind, moment, body FROM rim.truth WHERE id = '$genuine{1}';"
	. 'INSERT INTO rim.truth VALUES (gen_random_uuid(), NULL, NULL, NULL), (gen_random_uuid(), 1, NULL, NULL), (NULL, NULL, now(), NULL);'
	. "INSERT INTO rim.truth SELECT * FROM rim.truth WHERE id = '$genuine{1}'; $tidy");
arrives('forged rows');
for my $node (@nodes)
{
	my $asked = $node->safe_psql('postgres', "SELECT count(*) FROM rim.triples_at('$later')");
	my $witnesses = $node->safe_psql('postgres', "SELECT count(*) FROM rim.manifest WHERE corim_id ~ '^witness'");

	is($asked - $witnesses, $node == $latin ? 1 : 2, 'nothing that was forged answers on ' . $node->name);
	is($node->safe_psql('postgres', "SELECT (SELECT string_agg(name || coalesce(array_length(tag_ids, 1), 0), ',' ORDER BY name) FROM rim.authority), (SELECT count(*) FROM (SELECT DISTINCT manifest, authority_id, tag_id, tag_version, undoes, effective_from, reason FROM rim.revocation) r), (SELECT count(*) FROM rim.policy), (SELECT count(*) FROM rim.crl)"),
		# of a revocation the moment orders nothing: with another it says the same once more, which makes no difference
		'acme0,certifier0|' . ($node == $latin ? 1 : 2) . '|1|0', 'and nothing else was made of it');
	is($node->safe_psql('postgres', "SELECT count(*) FROM rim.set_aside WHERE reason = ''"), 0, 'each has its reason');
	cmp_ok(aside($node), '>', 30, 'and they were set aside: ' . aside($node));
	is($node->safe_psql('postgres', 'SELECT count(*) FROM rim.check()'), 0, $node->name . ' finds nothing wrong with itself');
}

# A row that squats the id of a genuine document, in a region that has not got that: the genuine one is taken in when it comes.
my $squatted = $west->safe_psql('postgres', 'SELECT t.id, t.body FROM rim.truth t JOIN rim.manifest m ON m.truth = t.id ORDER BY t.id LIMIT 1');
my $third = new_region('third');
my ($id, $body) = split /\|/, $squatted;
$third->safe_psql('postgres', "INSERT INTO rim.authority (name, key) VALUES ('acme', " . literal('acme.pub') . "); SET session_replication_role = replica;
	INSERT INTO rim.truth VALUES ('$id', 1, NULL, '\\x8101')");
is($third->safe_psql('postgres', "SELECT (SELECT count(*) FROM rim.truth WHERE kind = 1), reason FROM rim.set_aside"),
	'0|the row is not the one that its id was made from', 'who squats a genuine id does not come in');
$third->safe_psql('postgres', "SET session_replication_role = replica; INSERT INTO rim.truth VALUES ('$id', 1, NULL, '$body')");
is($third->safe_psql('postgres', "SELECT (SELECT count(*) FROM rim.manifest WHERE truth = '$id'), (SELECT count(*) FROM rim.set_aside)"), '1|0',
	'the genuine row comes in, and nothing is set aside any more');

# ---- what a user's own trigger refuses, or stumbles over ----

$west->safe_psql('postgres', q{
	CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.tag_id = 'sunday' THEN RAISE EXCEPTION 'not on a Sunday'; END IF; PERFORM nowhere(); RETURN NEW; END $$;
	CREATE TRIGGER refuse BEFORE INSERT ON rim.revocation FOR EACH ROW EXECUTE FUNCTION refuse(); ALTER TABLE rim.revocation ENABLE ALWAYS TRIGGER refuse});
$east->safe_psql('postgres', "INSERT INTO rim.revocation (authority, tag_id, reason) VALUES ('acme', 'sunday', 'test')");
$east->safe_psql('postgres', "INSERT INTO rim.revocation (authority, tag_id, reason) VALUES ('acme', 'monday', 'test')");
arrives('a trigger of the user that refuses', $west);
is($west->safe_psql('postgres', "SELECT count(*) FROM rim.set_aside WHERE reason ~ 'Sunday'"), 1, 'what it refused is set aside');
is($west->safe_psql('postgres', "SELECT count(*) > 0 FROM rim.set_aside WHERE reason ~ 'function nowhere.* does not exist'"), 't', 'so is what it fails at');
$west->safe_psql('postgres', 'DROP TRIGGER refuse ON rim.revocation');

# ---- large transactions, streamed while they run, beside small ones about the same ----

my @large;
for my $n (0 .. 2)
{
	my $session = $east->background_psql('postgres');

	$session->query_safe('BEGIN');
	$session->query_safe('SELECT count(rim.load(coserv.sign(format($$501({0: "large-%s-' . $n . '", 1: [506(<<{1: {0: "shared-%s", 1: ' . $n
		  . '}, 4: {0: [[{0: {0: 560(h\'0b\'), 1: "ACME"}}, [{1: {1: 1, 11: "' . 'x' x 500 . '"}}]]]}}>>)]})$$, g, g)::coserv.corim, ' . literal('acme.key') . ", 'acme')::bytea)) FROM generate_series(1, 150) g");
	push @large, $session;
}
$east->safe_psql('postgres', "INSERT INTO rim.revocation (authority, tag_id, reason) VALUES ('acme', 'shared-$_', 'test')") for 1 .. 5;
$_->query_safe('COMMIT') for reverse @large;
$_->quit for @large;
arrives('transactions that are streamed', $west);
my $tags = "SELECT count(*), count(DISTINCT tag_id), md5(string_agg(tag_id || tag_version, ',' ORDER BY tag_id)) FROM rim.tags_at('$later') WHERE tag_id ~ '^shared'";
is($west->safe_psql('postgres', $tags), $east->safe_psql('postgres', $tags), 'both have the same of them');
like($west->safe_psql('postgres', $tags), qr/^145\|145\|/, 'one version of each tag that was not revoked');

done_testing();
