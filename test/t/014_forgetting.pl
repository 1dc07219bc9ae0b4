# What one region forgets, in others: it answers nothing there either; it is erased where its owner has allowed that, in whatever order word
# and document come, and hidden where he has not. Needs several servers: psql alone cannot show it.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../lib";
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Regions;
use Test::More;

my ($north, $south, $west) = map { new_region($_) } qw(north south west);

sub sql { return $_[0]->safe_psql('postgres', $_[1]); }
sub tags { return sql($_[0], q{SELECT coalesce(string_agg(tag_id, ' ' ORDER BY tag_id), '') FROM rim.tags_at(NULL)}); }
sub bodies { return sql($_[0], q{SELECT count(*), count(body) FROM rim.truth WHERE kind = 1}); }
sub problems { return sql($_[0], q{SELECT (SELECT count(*) FROM rim.check()), (SELECT count(*) FROM rim.verify())}); }

# Of a query as of a moment: how many triples answer, and what is said of them.
sub at
{
	my ($node, $moment) = @_;
	my ($code, $out, $err) = $node->psql('postgres', q{SELECT count(*) FROM rim.quads('{0: "tag:x", 1: {0: 2, 1: {0: [[{1: "ACME"}]]}, 2: 0}}', '} . $moment . q{')});

	return $out . ($err =~ /has been forgotten since/ ? ', forgotten' : '');
}

sql($south, 'SELECT rim.erase_for_others(true)');
sql($north, "INSERT INTO rim.authority (name, key) VALUES ('acme', " . literal('acme.pub') . ')');
my $gone = sql($north, 'SELECT rim.load(' . signed('acme', 'gone') . ')');
sql($north, 'SELECT rim.load(' . signed('acme', 'stays') . ')');
subscribe($north, $_) for $south, $west;
ok(wait_for_same_truth($north, $south, $west), 'all have it');
my %before = map { $_->name => sql($_, 'SELECT rim.moment()') } $north, $south, $west;
is(at($_, $before{ $_->name }), '2', $_->name . ' answers') for $north, $south, $west;

sql($north, "SELECT rim.forget('$gone', 'personal data')");
ok(wait_for_same_truth($north, $south, $west), 'the word reaches all');
is(tags($_), 'stays', $_->name . ' answers without it') for $north, $south, $west;
is(bodies($north), '2|1', 'where it was said it is erased');
is(bodies($south), '2|1', 'and where that is allowed');
is(bodies($west), '2|2', 'and hidden where not');
is(at($_, $before{ $_->name }), '1, forgotten', $_->name . ' has lost it for the past, and says so') for $north, $south;
is(at($west, $before{west}), '2', 'who hides it has it for the past');
is(problems($_), '0|0', 'nothing is wrong with ' . $_->name) for $north, $south, $west;

# Another document of the same statement, said where nobody may know: it does not stay where it is erased.
my ($code, $out, $err) = $west->psql('postgres', 'SELECT rim.load(' . signed('acme', 'gone') . ')');
like($err, qr/what the document says was forgotten, and stays so/, 'loading it again is refused where it is hidden, too');
sql($west, 'SELECT rim.erase_for_others(true)');
is(bodies($west), '2|1', 'allowed later, what was hidden is erased');
is(at($west, $before{west}), '1, forgotten', 'and the past says so');

# Who joins late, of one that has erased: without it; and documents that come behind the word.
my $late = new_region('late');
subscribe($north, $late);
ok($late->poll_query_until('postgres', q{SELECT count(*) = 1 FROM rim.tags_at(NULL)}), 'who joins late has what stayed');
is(sql($late, "SELECT count(*) FROM rim.manifest WHERE id = '$gone'"), '0', 'and nothing of what went');
is(sql($late, 'SELECT count(*) FROM rim.revocation WHERE forgets'), '1', 'but the word');
my ($hides, $erases) = map { new_region($_) } qw(hides erases);
sql($erases, 'SELECT rim.erase_for_others(true)');
for my $node ($hides, $erases)
{
	sql($node, "INSERT INTO rim.authority (name, key) VALUES ('acme', " . literal('acme.pub') . ')');
	sql($node, 'SELECT rim.load(' . signed('acme', 'gone') . ')');
	subscribe($late, $node);
	ok($node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM rim.revocation WHERE forgets}), 'the word reaches ' . $node->name . ', which has the document from elsewhere');
	ok($node->poll_query_until('postgres', q{SELECT string_agg(tag_id, ' ') = 'stays' FROM rim.tags_at(NULL)}), 'where it answers nothing');
}
is(sql($_, "SELECT count(*) FROM rim.manifest WHERE id = '$gone' AND forgotten IS NULL"), $_ == $hides ? '1' : '0', $_->name . ' does as its name says') for $hides, $erases;
is(problems($_), '0|0', 'nothing is wrong with ' . $_->name) for $west, $late, $hides, $erases;
done_testing();
