# Answers by look-ups hold in SERIALIZABLE as those by plans do: two transactions that each ask, find nothing, and then load what the other
# asked about, do not both commit. Without the questions they do.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../lib";
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Session;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;
$node->safe_psql('postgres', q{
CREATE EXTENSION coserv;
SELECT coserv.create_store('rim');
INSERT INTO rim.authority (name, key, accepts_unsigned) VALUES ('one', '560(h''01'')', true), ('two', '560(h''02'')', true);
CREATE FUNCTION document(name text, class_id text) RETURNS coserv.document LANGUAGE sql AS $$
	SELECT format('501({0: "%s", 1: [506(<<{1: {0: "%s"}, 4: {0: [[{0: {0: 560(h''%s'')}}, [{1: {1: 1}}]]]}}>>)]})', name, name, class_id)::coserv.corim::bytea::coserv.document
$$;
CREATE FUNCTION asked(class_id text) RETURNS bigint LANGUAGE sql AS $$
	SELECT count(*) FROM rim.quads(format('{0: "tag:x", 1: {0: 2, 1: {0: [[{0: 560(h''%s'')}]]}, 2: 0}}', class_id)::coserv.coserv)
$$;
SELECT rim.load(document('first', '00'), 'one');
});

my $round = 0;

sub conflict
{
	my ($settings, $ask) = @_;
	my @sessions = (Session->new($node), Session->new($node));
	my ($said, $n) = ('', 0);

	$round++;
	for my $s (@sessions)
	{
		$s->run("$settings; BEGIN ISOLATION LEVEL SERIALIZABLE");
		$s->run($ask ? "SELECT asked('0$round')" : 'SELECT 1');
	}
	$_->run("SELECT rim.load(document('d-$round-" . $n++ . "', '0$round'), '" . ('one', 'two')[ $n - 1 ] . "')") for @sessions;
	$said .= $_->run('COMMIT') for @sessions;
	$_->close for @sessions;
	return scalar(() = $said =~ /could not serialize access/g);
}

is(conflict('SELECT 1', 0), 0, 'two loads alone commit');
is(conflict('SET coserv.direct_lookups = on', 1), 1, 'by look-ups: one of two that asked before does not');
is(conflict('SET coserv.direct_lookups = off', 1), 1, 'by plans: the same');

done_testing();
