# Whose a statement is, where its signature leads to several authorities, in regions that learn of them in different orders, of which one
# joins late; and what loads while an authority comes or is revoked. Needs several servers, and transactions that wait for each other.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../lib";
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Regions;
use Test::More;

sub chained { return sprintf 'coserv.sign(%s, %s, %s, ARRAY[%s, %s])::bytea', corim($_[0]), literal('pki/leaf.key'), "'leaf'", der('leaf.crt'), der('middle.crt') }
sub trust { return "INSERT INTO rim.authority (name, key) VALUES ('$_[0]', " . literal("pki/$_[0].crt") . ')' }
my $owners = q{SELECT string_agg(tag_id || ' ' || authority, ', ' ORDER BY tag_id) FROM rim.tags_at(NULL)};
my $query = q{'{0: "tag:x", 1: {0: 2, 1: {0: [[{1: "ACME"}]]}, 2: 2}}'};

my ($east, $west) = map { new_region($_) } qw(east west);
my @regions = ($east, $west);
subscribe($east, $west);
subscribe($west, $east);

# What all say, once all have heard of it.
sub all_say
{
	my ($expected, $what) = @_;

	wait_for_same_truth(@regions) or die 'the regions do not hear of each other';
	is($_->safe_psql('postgres', $owners), $expected, "$what: " . $_->name) for @regions;
	my $at = (sort map { $_->safe_psql('postgres', 'SELECT greatest(clock_timestamp(), rim.moment())') } @regions)[-1];
	my %answers = map { $_->safe_psql('postgres', "SELECT encode(rim.execute($query, '$at'::timestamptz + interval '1 hour')::bytea, 'hex')") => 1 } @regions;
	is(scalar keys %answers, 1, "$what: the same bytes");
	return;
}

# --- known in different orders -----------------------------------------------------------------------------------------------------

$east->safe_psql('postgres', trust('root') . '; SELECT rim.load(' . chained('a') . ')');
all_say('a root', 'root alone');
my $of_root = $west->safe_psql('postgres', 'SELECT rim.moment()');
# each learns last of what the other says first
$_->safe_psql('postgres', 'ALTER SUBSCRIPTION from_' . ($_ == $east ? 'west' : 'east') . ' DISABLE') for @regions;
$east->safe_psql('postgres', trust('middle'));
$west->safe_psql('postgres', trust('leaf') . '; SELECT rim.load(' . chained('b') . ')');
is($east->safe_psql('postgres', $owners), 'a middle', 'east knows middle');
is($west->safe_psql('postgres', $owners), 'a leaf, b leaf', 'west knows leaf');
$_->safe_psql('postgres', 'ALTER SUBSCRIPTION from_' . ($_ == $east ? 'west' : 'east') . ' ENABLE') for @regions;
all_say('a leaf, b leaf', 'the nearest');

my $revocation = $west->safe_psql('postgres', q{SELECT rim.revoke(authority => 'leaf', reason => 'its key was lost')});
all_say('a middle, b middle', 'revoked');
$east->safe_psql('postgres', q{UPDATE rim.authority SET tag_ids = '{b%}' WHERE name = 'middle'});
all_say('a root, b middle', 'narrowed');

my $late = new_region('late');
push @regions, $late;
subscribe($east, $late);
subscribe($late, $_) for $east, $west;
all_say('a root, b middle', 'one joins late');
$late->safe_psql('postgres', "SELECT rim.unrevoke('$revocation', 'it was found again')");
all_say('a leaf, b leaf', 'undone');
$west->safe_psql('postgres', q{DELETE FROM rim.authority WHERE name = 'leaf'; UPDATE rim.authority SET tag_ids = NULL WHERE name = 'middle'});
all_say('a middle, b middle', 'removed, and widened');
is($west->safe_psql('postgres', "SELECT string_agg(tag_id || ' ' || authority, ', ') FROM rim.tags_at('$of_root')"), 'a root', 'what was answered stays');

# --- at the same time ------------------------------------------------------------------------------------------------------------

# Loads in a transaction that is open while somebody else commits.
sub load_around
{
	my ($id, $level, $acts) = @_;
	my $loader = $east->background_psql('postgres');

	$loader->query_safe("BEGIN ISOLATION LEVEL $level; SELECT rim.load(" . chained($id) . ')');
	$east->safe_psql('postgres', $acts);
	$loader->query_safe('COMMIT');
	$loader->quit;
	return;
}

# Every document so far is its.
sub all_are
{
	my ($last, $authority, $what) = @_;

	return all_say(join(', ', map { "$_ $authority" } 'a' .. $last), $what);
}

$west->safe_psql('postgres', q{DELETE FROM rim.authority WHERE name = 'middle'});
all_are('b', 'root', 'one is left');
load_around('c', 'READ COMMITTED', trust('middle'));
all_are('c', 'middle', 'a second comes while a document loads');
load_around('d', 'READ COMMITTED', trust('leaf'));
all_are('d', 'leaf', 'a third comes meanwhile');
load_around('e', 'REPEATABLE READ', q{SELECT rim.revoke(authority => 'leaf', reason => 'test')});
all_are('e', 'middle', 'one is revoked meanwhile');
load_around('f', 'READ COMMITTED', q{INSERT INTO rim.revocation (undoes, reason) SELECT id, 'test' FROM rim.revocation WHERE reason = 'test'});
all_are('f', 'leaf', 'a revocation is undone meanwhile');
load_around('g', 'READ COMMITTED', q{DELETE FROM rim.authority WHERE name = 'leaf'});
all_are('g', 'middle', 'one is removed meanwhile');
load_around('h', 'SERIALIZABLE', q{UPDATE rim.authority SET valid_until = '2098-01-01' WHERE name = 'middle'});
all_are('h', 'root', 'one speaks less long meanwhile');
# said and loaded in one transaction, of which a part is taken back
$west->safe_psql('postgres', 'BEGIN; SELECT rim.load(' . chained('i') . '); SAVEPOINT s; ' . trust('leaf') . '; SELECT rim.load(' . chained('j') . '); ROLLBACK TO s; SELECT rim.load(' . chained('j') . '); COMMIT');
all_are('j', 'root', 'what is rolled back has nothing');

for my $region (@regions)
{
	is($region->safe_psql('postgres', "SELECT 'check', manifest::text, derived_table FROM rim.check() UNION ALL SELECT 'verify', manifest::text, problem FROM rim.verify()"),
		'', $region->name . ' finds nothing wrong with itself');
}
done_testing();
