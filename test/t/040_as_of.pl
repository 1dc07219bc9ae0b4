# as_of gives, to the byte, the answer of any past moment: while four connections load, supersede and revoke a thousand documents, a
# reader writes down what it is answered and when; afterwards each of those moments answers with the same bytes, on a standby too.
# Needs several connections at once and a second server: psql alone cannot show it.
use strict;
use warnings FATAL => 'all';

use FindBin;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $DOCUMENTS = 1000;
my $WRITERS = 4;
my $MOMENTS = 100;
my $ASKED = $ENV{AS_OF_ASKED} // 100;    # times that six queries are asked of now; test/long/as_of asks more
my $TAGS = 150;
my $SHOT = 'shot';

my $seed = $ENV{COSERV_SEED} // 20261122;
srand($seed);
diag("COSERV_SEED=$seed");

my $data = "$FindBin::RealBin/../data";
my $examples = "$FindBin::RealBin/../../examples";

sub quoted { return "'" . (shift() =~ s/'/''/gr) . "'" }
sub literal { return quoted(slurp_file(shift)) }

my $node = PostgreSQL::Test::Cluster->new('primary');
$node->init(allows_streaming => 1);
# the clock is read before the commit is flushed: the longer that takes, the longer a row is known and not seen yet
$node->append_conf('postgresql.conf', "fsync = on\ncommit_delay = 50000\ncommit_siblings = 0\nmax_prepared_transactions = 2\nclient_min_messages = error\ntimezone = 'UTC'\n");
$node->start;
$node->safe_psql('postgres', q{CREATE EXTENSION coserv; SELECT coserv.create_store('rim'); CREATE TABLE doc (n int PRIMARY KEY, id uuid, document bytea)});
$node->safe_psql('postgres', "INSERT INTO rim.authority (name, key) VALUES ('$_', " . literal("$data/$_.pub") . ")") for qw(acme certifier stranger);

# Something of the user's own that takes its time at commit, after known_at was read.
$node->safe_psql('postgres', q{
	CREATE TABLE slow (seconds float8);
	CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(NEW.seconds); RETURN NULL; END $$;
	CREATE CONSTRAINT TRIGGER dawdle AFTER INSERT ON slow DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION dawdle();});

# --- documents -------------------------------------------------------------------------------------------------------------------

sub authority_of { return (qw(acme certifier stranger))[ shift() % 3 ] }

# One CoMID of a few triples about the class of its tag; the first ones are all about what the evidence below comes from. Its version is one of a few, so that two documents may carry the same.
sub comid
{
	my ($n, $tag) = @_;
	my $links = rand() < 0.1 ? sprintf(', 3: [{0: "tag-%d", 1: 1}]', 3 * int(rand($TAGS / 3)) + $tag % 3) : '';
	my $triples = join ', ', map {
		sprintf('[{0: {0: 560(h\'%08x\'), 1: "ACME", 2: "%s"}}, [{0: "firmware %d", 1: {1: %d}}]]', $n <= 24 ? 7 : $tag, 'model ' . ($n <= 24 ? 3 : $n % 8), $_, $n)
	} 1 .. 1 + int(rand(3));
	return sprintf('506(<<{1: {0: "tag-%d", 1: %d}%s, 4: {0: [%s]}}>>)', $tag, int(rand(30)), $links, $triples);
}

# A CoTL that activates a few tags; one that names a tag which is not there activates nothing.
sub cotl
{
	my ($n, $tag) = @_;
	my $list = join ', ', map { sprintf('{0: "tag-%d"}', int(rand($TAGS))) } 1 .. 5;
	return sprintf('508(<<{0: {0: "cotl-%d"}, 1: [%s], 2: {1: 1(4000000000)}}>>)', $n, $list);
}

sub corim
{
	my $n = shift;
	my $tag = $n <= 24 ? $n : int(rand($TAGS));
	my $validity = rand() < 0.1 ? sprintf(', 4: {0: 1(%d), 1: 1(%d)}', time + int(rand(20)), time + 40 + int(rand(20))) : '';
	return (authority_of($tag), sprintf('501({0: "corim-%d", 1: [%s]%s})', $n % ($DOCUMENTS / 2), $n > 24 && rand() < 0.04 ? cotl($n, $tag) : comid($n, $tag), $validity));
}

# Two halves that no moment may see apart.
sub half { return sprintf('501({0: "half-%d-%s", 1: [506(<<{1: {0: "half-%1$d-%2$s"}, 4: {0: [[{0: {1: "PAIR", 2: "%2$s"}}, [{1: {1: %1$d}}]]]}}>>)]})', @_) }

my $file = PostgreSQL::Test::Utils::tempdir() . '/documents.sql';
{
	my %key = map { $_ => literal("$data/$_.key") } qw(acme certifier stranger);
	my $sql = '';

	for my $n (1 .. $DOCUMENTS)
	{
		my ($authority, $text) = corim($n);
		$sql .= "INSERT INTO doc (n, document) VALUES ($n, coserv.sign(" . quoted($text) . ", $key{$authority}, '$authority')::bytea);\n";
	}
	for my $n (1 .. 2 * $WRITERS * 10 + 1)
	{
		my $text = half(int(($n - 1) / 2), $n % 2 ? 'left' : 'right');
		$sql .= sprintf("INSERT INTO doc (n, document) VALUES (%d, coserv.sign('%s', %s, 'acme')::bytea);\n", $DOCUMENTS + $n, $text, $key{acme});
	}
	# what a document will be called is asked of another store; one that is over by then, on a slow machine, is not loaded any more
	append_to_file($file, "BEGIN;\n${sql}COMMIT;\nSELECT coserv.create_store('other');\nINSERT INTO other.authority (name, key) SELECT name, key FROM rim.authority;\n"
		. "UPDATE doc SET id = (SELECT t.id FROM other.try_load(document) t);\nSELECT coserv.drop_store('other');\nVACUUM ANALYZE doc;\n");
	$node->safe_psql('postgres', "\\i $file");
}

# --- what the writers do ----------------------------------------------------------------------------------------------------------

my $told = 0;

sub load_of { return sprintf('SELECT rim.load(document) FROM doc WHERE n = %d;', shift) }

sub revocation
{
	my ($what, $value) = @_;
	my $from = rand() < 0.2 ? "now() + interval '300 ms'" : rand() < 0.2 ? "now() - interval '1 day'" : 'now()';
	return sprintf("INSERT INTO rim.revocation (%s, effective_from, reason) SELECT %s, %s, 'r%d';", $what, $value, $from, ++$told);
}

sub undo { return sprintf("INSERT INTO rim.revocation (undoes, reason) SELECT id, 'back' FROM rim.revocation WHERE reason = 'r%d';", shift) }

sub act
{
	my $documents = shift;
	my $dice = rand();
	return map { load_of($_) } splice(@$documents, 0, 1 + int(rand(6))) if $dice < 0.70 && @$documents;
	return revocation('manifest', "id FROM doc WHERE n = " . (1 + int(rand($DOCUMENTS)))) =~ s/SELECT id FROM doc WHERE n = (\d+), (.*), ('r\d+');/SELECT id, $2, $3 FROM doc WHERE n = $1;/r
	  if $dice < 0.78;
	if ($dice < 0.84)
	{
		my $tag = int(rand($TAGS));
		return revocation('authority, tag_id' . ($tag % 2 ? ', tag_version' : ''), sprintf("'%s', 'tag-%d'%s", authority_of($tag), $tag, $tag % 2 ? ', 3' : ''));
	}
	return revocation('authority', sprintf("'%s'", authority_of(int(rand(3))))) , undo($told) if $dice < 0.87;
	return sprintf('INSERT INTO rim.policy (require_cotl) VALUES (%s);', rand() < 0.3 ? 'true' : 'false') if $dice < 0.90;
	return undo(1 + int(rand($told))) if $told;
	return ();
}

# A revoked authority comes back in the next transaction, so that there is something to answer.
sub transaction
{
	my $documents = shift;
	my @act = act($documents);
	my @body;
	for my $statement (@act)
	{
		push @body, $statement;
		push @body, sprintf('SELECT pg_sleep(%.3f);', rand(0.3)) if rand() < 0.25;
		push @body, 'SAVEPOINT s;', load_of(1 + int(rand($DOCUMENTS))), 'ROLLBACK TO s;' if rand() < 0.05;
	}
	push @body, sprintf('INSERT INTO slow VALUES (%.3f);', rand(0.2)) if rand() < 0.15;
	return (sprintf('SELECT pg_sleep(%.3f);', rand(0.2)), 'BEGIN;', @body, rand() < 0.15 ? 'ROLLBACK;' : 'COMMIT;');
}

sub pair
{
	my $n = shift;
	my $first = $DOCUMENTS + 2 * $n + 1;
	return ('BEGIN;', load_of($first), 'INSERT INTO slow VALUES (0.05);', load_of($first + 1), 'COMMIT;');
}

sub script
{
	my ($name, @lines) = @_;
	my $path = PostgreSQL::Test::Utils::tempdir() . "/$name.sql";
	append_to_file($path, join("\n", @lines) . "\n");
	return $path;
}

sub start_psql
{
	my ($path, $out) = @_;
	return IPC::Run::start([ $node->installed_command('psql'), '-X', '-q', '-A', '-t', '-d', $node->connstr('postgres'), '-f', $path ],
		'<', \undef, '>', $out, '2>', '/dev/null');
}

my @shuffled = sort { rand() <=> 0.5 } 1 .. $DOCUMENTS;
my @scripts;
for my $w (0 .. $WRITERS - 1)
{
	my @mine = @shuffled[ map { $_ * $WRITERS + $w } 0 .. $DOCUMENTS / $WRITERS - 1 ];
	my @lines;
	my $pairs = 0;
	while (@mine)
	{
		push @lines, transaction(\@mine);
		push @lines, pair($w * 10 + $pairs++) if $pairs < 10 && rand() < 0.12;
	}
	push @scripts, script("writer$w", @lines);
}

# --- what the readers write down --------------------------------------------------------------------------------------------------

my %query = (
	collected => '{0: "tag:x", 1: {0: 2, 1: {0: [[{1: "ACME", 2: "model 3"}]]}, 2: 0}}',
	source => '{0: "tag:x", 1: {0: 2, 1: {0: [[{2: "model 4"}]]}, 2: 1}}',
	one => '{0: "tag:x", 1: {0: 2, 1: {0: [[{0: 560(h\'00000007\')}]]}, 2: 2}}',
	some => '{0: "tag:x", 1: {0: 2, 1: {0: [' . join(', ', map { sprintf("[{0: 560(h'%08x')}]", $_) } 1 .. 9) . ']}, 2: 0}}',
	pair => '{0: "tag:x", 1: {0: 2, 1: {0: [[{1: "PAIR"}]]}, 2: 0}}',
	rim => '{0: "tag:x", 1: {3: [[2, "corim-7"], [0, "tag-8"], [0, "tag-9"]]}}',
);
my @names = sort keys %query;
my $evidence = '{"cmtype": 2, "profile": 32("tag:x"), "authority": [560(h\'01\')], "environment": {0: {0: 560(h\'00000007\'), 1: "ACME", 2: "model 3"}},'
  . ' "element-list": [{"element-id": "firmware 1", "element-claims": {1: 7}}]}';

sub answers
{
	my $as_of = shift;
	my $then = $as_of ? ", '$as_of'" : '';
	my @columns = map { "encode(sha256(rim.execute(" . quoted($query{$_}) . "$then)::bytea), 'hex')" } @names;
	push @columns, "(SELECT md5(coalesce(string_agg(q::text, ',' ORDER BY manifest, ordinal), '')) FROM rim.quads(" . quoted($query{some}) . "$then) q)";
	push @columns, "(SELECT md5(coalesce(string_agg(a::text, ','), '')) FROM rim.appraise(" . quoted($evidence) . "$then) a)";
	push @columns, "(SELECT count(*) FROM rim.quads(" . quoted($query{pair}) . "$then))";
	return join(" || ' ' || ", @columns);
}

# The default as_of; and a few milliseconds ago, which who asks from another connection may well mean.
my @watch = map { sprintf("SELECT pg_sleep(%.3f);\nSELECT rim.moment() AS t \\gset\nSELECT '$SHOT ' || :'t' || ' = ' || %s;", rand(0.2), answers('TTT') =~ s/'TTT'/:'t'/gr) } 1 .. $MOMENTS / 2;
my @glance = map {
	sprintf("SELECT pg_sleep(%.3f);\nSELECT clock_timestamp() - interval '%d us' AS t \\gset\nSELECT '$SHOT ' || :'t' || ' = ' || %s;",
		rand(0.2), rand(3000), answers('TTT') =~ s/'TTT'/:'t'/gr)
} 1 .. $MOMENTS / 2;

# What is answered of now, and its own moment.
my @ask = map { sprintf("SELECT pg_sleep(%.3f);\n", rand(0.1)) . join('', map { "SELECT '$SHOT ' || moment || ' = $_ ' || encode(sha256(result::bytea), 'hex') FROM rim.execute_now(" . quoted($query{$_}) . ");\n" } @names) } 1 .. $ASKED;

my ($watched, $watched_too, $glanced, $asked) = ('', '', '', '');
my $begin = time;
my @writers = map { start_psql($_, \my $ignored) } @scripts;
my @readers = (start_psql(script('watch', @watch), \$watched), start_psql(script('watch_too', reverse @watch), \$watched_too),
	start_psql(script('glance', @glance), \$glanced), start_psql(script('ask', @ask), \$asked));
$_->finish for @writers;
my $wrote = time - $begin;
$_->finish for @readers;

my $loaded = $node->safe_psql('postgres', 'SELECT count(*) FROM rim.manifest');
cmp_ok($loaded, '>', $DOCUMENTS / 2, "most documents were loaded ($loaded), and some rolled back");
cmp_ok($loaded, '<', $DOCUMENTS + 2 * 10 * $WRITERS, 'but not all');
diag(sprintf('%d documents, %s revocations, %s policies; wrote for %d s', $loaded,
	$node->safe_psql('postgres', 'SELECT count(*) FROM rim.revocation'), $node->safe_psql('postgres', 'SELECT count(*) FROM rim.policy'), $wrote));

sub recorded { return map { /^$SHOT (.*?) = (.*)$/ ? [ $1, $2 ] : () } split /\n/, shift }

# All moments in one session: [moment, answers] each.
sub replay
{
	my ($server, @moments) = @_;
	return recorded($server->safe_psql('postgres', join("\n", map { "SELECT '$SHOT $_ = ' || " . answers($_) . ';' } @moments)));
}

sub compare
{
	my ($what, $then, $now) = @_;
	my @wrong = grep { $then->[$_][1] ne $now->[$_][1] } 0 .. $#$then;
	is(scalar @wrong, 0, $what);
	for my $i (@wrong[ 0 .. ($#wrong < 4 ? $#wrong : 4) ])
	{
		my @a = split / /, $then->[$i][1];
		my @b = split / /, $now->[$i][1];
		diag("as of $then->[$i][0]: " . join(', ', map { $a[$_] eq $b[$_] ? () : (@names, 'quads', 'appraise', 'pairs')[$_] } 0 .. $#a));
	}
	return;
}

my @watched = (recorded($watched), recorded($watched_too));
my @glanced = recorded($glanced);
is(scalar @watched, $MOMENTS, "$MOMENTS moments were written down");
my %different = map { $_->[1] => 1 } @watched;
# how many depends on how the loaders and the watchers were scheduled; one answer over and over would test nothing
cmp_ok(scalar keys %different, '>', 3, 'that differ: ' . scalar(keys %different));
my @replayed = replay($node, map { $_->[0] } @watched);
compare('each of them answers with the same bytes afterwards', \@watched, \@replayed);
compare('so do moments that were just over when they were asked about', \@glanced, [ replay($node, map { $_->[0] } @glanced) ]);
my @asked = recorded($asked);
is(scalar @asked, $ASKED * @names, @asked . ' answers that told their moment');
{
	my $sql = join("\n", map { my ($name) = split / /, $_->[1]; "SELECT '$SHOT $_->[0] = $name ' || encode(sha256(rim.execute(" . quoted($query{$name}) . ", '$_->[0]')::bytea), 'hex');" } @asked);
	my @then = recorded($node->safe_psql('postgres', $sql));
	is(scalar(grep { $then[$_][1] ne $asked[$_][1] } 0 .. $#asked), 0, 'give the same bytes as of it');
}
is(scalar(grep { $_->[1] =~ /[13579]$/ } @watched, @glanced), 0, 'what one transaction brought is never seen in part');

# --- what would break it is refused -----------------------------------------------------------------------------------------------

sub refused
{
	my ($what, $sql, $pattern) = @_;
	my ($rc, $out, $err) = $node->psql('postgres', $sql);
	like($err, $pattern, $what);
	return;
}

sub policy_count { return $node->safe_psql('postgres', 'SELECT count(*) FROM rim.policy') }

my $policy = 'INSERT INTO rim.policy DEFAULT VALUES;';
my $before = policy_count();
is($node->safe_psql('postgres', "BEGIN; $policy SET CONSTRAINTS ALL IMMEDIATE; SELECT clock_timestamp() AS t \\gset\nCOMMIT; SELECT bool_or(known_at > :'t') FROM rim.policy"),
	't', 'nothing makes the clock be read before the commit');
$node->safe_psql('postgres', "DO 'BEGIN $policy COMMIT; $policy COMMIT; END'");
is(policy_count(), $before + 3, 'a block may commit');
refused('a prepared transaction would be known before it is committed', "BEGIN; $policy PREPARE TRANSACTION 'p'", qr/cannot PREPARE/);
$node->safe_psql('postgres', "BEGIN; CREATE TABLE other (); PREPARE TRANSACTION 'q'; COMMIT PREPARED 'q'");

# What was rolled back to a savepoint and came another way meanwhile keeps the moment that it came at.
{
	my $last = $DOCUMENTS + 2 * 10 * $WRITERS + 1;
	my $session = $node->background_psql('postgres');
	my $known = "SELECT min(known_at) FROM doc JOIN rim.manifest_life m ON m.manifest = doc.id WHERE n = $last";

	$session->query_safe("BEGIN; SAVEPOINT s; SELECT rim.load(document) FROM doc WHERE n = $last; ROLLBACK TO s; $policy");
	$node->safe_psql('postgres', load_of($last));
	my $then = $node->safe_psql('postgres', $known);
	$session->query_safe('COMMIT');
	$session->quit;
	is($node->safe_psql('postgres', $known), $then, 'a rolled back row of one transaction leaves that of another alone');
}

is($node->safe_psql('postgres', q{
	BEGIN; INSERT INTO rim.policy (require_cotl) VALUES (true); INSERT INTO rim.policy (require_cotl) VALUES (false); COMMIT;
	SELECT require_cotl FROM rim.policy ORDER BY moment DESC, id DESC LIMIT 1}), 'f', 'of two policies of one transaction the last one counts');

# --- a hot standby ----------------------------------------------------------------------------------------------------------------

$node->backup('copy');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'copy', has_streaming => 1);
$standby->start;
$node->safe_psql('postgres', "SELECT rim.load(document) FROM doc WHERE n > $DOCUMENTS");
$node->wait_for_catchup($standby);
is($standby->safe_psql('postgres', 'SELECT pg_is_in_recovery()'), 't', 'the second server is a standby');
compare('a standby answers each moment with the same bytes', \@replayed, [ replay($standby, map { $_->[0] } @watched) ]);
my $now = $node->safe_psql('postgres', 'SELECT now()');
compare('and the moment when it had all', [ replay($node, $now) ], [ replay($standby, $now) ]);

my $path = '/coserv/' . $node->safe_psql('postgres',
	"SELECT rtrim(translate(encode(" . quoted($query{some}) . "::coserv.coserv::bytea, 'base64'), E'+/\\n', '-_'), '=')");
for my $server ($node, $standby)
{
	is($server->safe_psql('postgres', "SELECT status, length(body) > 100 FROM rim.http('GET', '$path', '{\"Accept\": \"application/coserv+cbor\"}')"),
		'200|t', 'HTTP on the ' . $server->name);
}
is($standby->safe_psql('postgres', "SELECT status FROM rim.http('GET', '/.well-known/coserv-configuration')"), '200', 'discovery on the standby');
my $explain = sprintf('SELECT md5(string_agg(e::text, %s)), count(*) > 0 FROM (VALUES %s) AS v(t), rim.explain(%s, v.t::timestamptz) AS e',
	"','", join(', ', map { "('$_->[0]')" } @watched), quoted($evidence));
is($standby->safe_psql('postgres', $explain), $node->safe_psql('postgres', $explain), 'explain says the same on the standby');
like($standby->safe_psql('postgres', $explain), qr/t$/, 'which is something');

done_testing();
