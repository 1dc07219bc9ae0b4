# Two regions that both write, with links that are cut while they do: whatever each said, both hold the same afterwards, and so does who joins
# late. Nothing loops, though nothing asks for `origin = none`; what one of them cannot take in is set aside with the reason, and what comes
# behind it arrives. Needs several servers: psql alone cannot show it.
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
my %public = map { $_ => literal("$_.pub") } qw(acme certifier stranger);

# What a region would answer, and what it says of itself.
sub answer { return $_[0]->safe_psql('postgres', "SELECT encode(rim.execute($query, '$later')::bytea, 'hex')"); }
sub policy { return $_[0]->safe_psql('postgres', 'SELECT id, require_cotl, refuse_older FROM rim.policy ORDER BY moment DESC, id DESC LIMIT 1'); }
sub authorities { return $_[0]->safe_psql('postgres', 'SELECT id, name, tag_ids, truth FROM rim.authority ORDER BY id'); }
sub tags { return $_[0]->safe_psql('postgres', "SELECT string_agg(tag_id, ' ' ORDER BY tag_id) FROM rim.tags_at('$later')"); }

my @nodes = map { new_region($_) } qw(north south);
my ($north, $south) = @nodes;
# the initial copy of 16 and later asks for any origin, too
subscribe($north, $south);
subscribe($south, $north);

sub cut { $north->safe_psql('postgres', 'ALTER SUBSCRIPTION from_south DISABLE'); $south->safe_psql('postgres', 'ALTER SUBSCRIPTION from_north DISABLE'); return; }
sub heal
{
	$north->safe_psql('postgres', 'ALTER SUBSCRIPTION from_south ENABLE');
	$south->safe_psql('postgres', 'ALTER SUBSCRIPTION from_north ENABLE');
	return wait_for_same_truth(@nodes);
}

sub alike
{
	my ($what, $of) = @_;
	my ($first, @others) = map { $of->($_) } @nodes;

	is($_, $first, $what) for @others;
	return;
}

# ---- both say something of the same ----

$north->safe_psql('postgres', "INSERT INTO rim.authority (name, key) VALUES ('acme', $public{acme})");
ok(wait_for_same_truth(@nodes), 'what one says reaches the other');
cut();
$north->safe_psql('postgres', 'SELECT rim.set_policy(refuse_older => true)');
$south->safe_psql('postgres', 'SELECT rim.set_policy(refuse_older => false, require_cotl => true)');
$north->safe_psql('postgres', 'SELECT rim.set_policy(refuse_older => false)');
$south->safe_psql('postgres', "INSERT INTO rim.profile (profile, codepoint, name, comparison) VALUES ('tag:x', -9, 'south', 'equal')");
$north->safe_psql('postgres', "INSERT INTO rim.profile (profile, codepoint, name, comparison) VALUES ('tag:x', -9, 'north', 'minimum')");
ok(heal(), 'both sides have both policies');
alike('the later of two policies counts on both sides', \&policy);
like(policy($north), qr/\|f\|f$/, 'and it is the one that was said last');
alike('of two profiles the later one counts', sub { $_[0]->safe_psql('postgres', "SELECT rim.describe('501({0: \"c\", 3: \"tag:x\", 1: [506(<<{1: {0: \"t\"}, 4: {0: [[{0: {1: \"A\"}}, [{1: {-9: 1}}]]]}}>>)]})')") });

# one name with two keys: an error in a session, kept and told where it comes from elsewhere
cut();
$north->safe_psql('postgres', "INSERT INTO rim.authority (name, key) VALUES ('twin', $public{certifier})");
$south->safe_psql('postgres', "INSERT INTO rim.authority (name, key) VALUES ('twin', $public{stranger})");
my (undef, undef, $err) = $north->psql('postgres', "INSERT INTO rim.authority (name, key) VALUES ('twin', $public{stranger})");
like($err, qr/authority "twin" has another key/, 'a second key under a name is an error in a session');
my $before = $south->safe_psql('postgres', 'SELECT rim.load(' . signed('stranger', 'by south') . ')');
ok(heal(), 'both sides have both keys');
alike('a name with two keys is two authorities on both sides', \&authorities);
like($_->safe_psql('postgres', "SELECT string_agg(conflict || ' ' || by_authority, ',') FROM rim.conflicts()"), qr/twin/, 'which ' . $_->name . ' tells')
  for @nodes;
is(tags($_), 'by south', 'documents go by the key, on ' . $_->name) for @nodes;

# a removal against a load, and against a new scope: what was said last counts
cut();
$north->safe_psql('postgres', "DELETE FROM rim.authority WHERE name = 'acme'");
$south->safe_psql('postgres', 'SELECT rim.load(' . signed('acme', 'beside removal') . ')');
ok(heal(), 'both sides have removal and document');
alike('nothing of who was removed counts', \&tags);
unlike(tags($_), qr/beside removal/, 'on ' . $_->name) for @nodes;
cut();
$north->safe_psql('postgres', "INSERT INTO rim.authority (name, key, tag_ids) VALUES ('acme', $public{acme}, '{nothing}')");
$south->safe_psql('postgres', "INSERT INTO rim.authority (name, key) VALUES ('acme', $public{acme})");
ok(heal(), 'both sides have him back');
alike('and with the scope that was said last', \&authorities);
alike('which is the same for what was there and for what was set aside', \&tags);
$north->safe_psql('postgres', "UPDATE rim.authority SET tag_ids = NULL WHERE name = 'acme'");
ok(wait_for_same_truth(@nodes), 'a wider scope arrives');
like(tags($_), qr/beside removal/, 'and brings it back on ' . $_->name) for @nodes;

# ---- nothing loops, and nothing is written twice ----

$_->safe_psql('postgres', "UPDATE rim.authority SET tag_ids = '{" . $_->name . ",%}' WHERE name = 'acme'") for @nodes, @nodes, @nodes;
ok(wait_for_same_truth(@nodes), 'scopes that both sides change');
alike('end alike', \&authorities);
# each hears the other's echo before anything is counted: what was sent last has been there and back
for (1 .. 2)
{
	$north->wait_for_catchup('from_north');
	$south->wait_for_catchup('from_south');
}
for my $node (@nodes)
{
	is($node->safe_psql('postgres', q{SELECT (SELECT count(*) FROM rim.truth) - (SELECT count(*) FROM rim.truth t WHERE NOT EXISTS (SELECT FROM rim.set_aside s WHERE s.id = t.id)), (SELECT count(*) FROM rim.set_aside)}),
		'0|0', 'nothing was set aside on ' . $node->name);
	my $settled = 'SELECT count(*), max(known_at) FROM rim.settled';
	my $last = $node->safe_psql('postgres', $settled);
	$node->safe_psql('postgres', 'SELECT pg_logical_emit_message(true, $$x$$, $$y$$)');
	$north->wait_for_catchup('from_north');
	$south->wait_for_catchup('from_south');
	is($node->safe_psql('postgres', $settled), $last, 'and nothing goes round for ever');
}

# ---- who joins late ----

# policies and profiles that came in one transaction, moments apart by a microsecond
$north->safe_psql('postgres', 'BEGIN; ' . join('; ', map { 'SELECT rim.set_policy(refuse_older => ' . ($_ % 3 ? 'true' : 'false') . ')' } 1 .. 8) . '; COMMIT');
$north->safe_psql('postgres', "INSERT INTO rim.profile (profile, codepoint, name, comparison) SELECT 'tag:x', -9, 'n' || n, CASE n % 2 WHEN 0 THEN 'equal' ELSE 'minimum' END FROM generate_series(1, 8) n");
$north->safe_psql('postgres', 'SELECT ' . join ', ', map { 'rim.load(' . signed('acme', "late $_", tag => 'late', version => $_) . ')' } 1 .. 4);
ok(wait_for_same_truth(@nodes), 'all of it reaches the other side');
for my $late (qw(late later))
{
	my $node = new_region($late);

	subscribe($_, $node) for $late eq 'late' ? ($north) : ($south, $north);
	push @nodes, $node;
	ok(wait_for_same_truth(@nodes), "region $late gets all of it");
}
alike('who joins late has the same policy', \&policy);
alike('and the same authorities', \&authorities);
alike('and the same profiles', sub { $_[0]->safe_psql('postgres', 'SELECT id, name, comparison FROM rim.profile ORDER BY moment DESC, id DESC LIMIT 1') });
alike('and gives the same answers', \&answer);
is($_->safe_psql('postgres', 'SELECT (SELECT count(*) FROM rim.check()), (SELECT count(*) FROM rim.verify())'), '0|0', $_->name . ' finds nothing wrong with itself') for @nodes;

done_testing();
