# Regions.pm - what the tests with several servers share: regions that subscribe to one another's truth, each with a clock of its own, and
# the literals that their statements are made of.
package Regions;
use strict;
use warnings FATAL => 'all';

use Exporter 'import';
use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;

our @EXPORT = qw(quoted literal der corim signed new_region start_region subscribe same_truth wait_for_same_truth);

my $data = "$FindBin::RealBin/../data";

# ---- literals of SQL ----

sub quoted { return "'" . ($_[0] =~ s/'/''/gr) . "'"; }

# Of a file of test/data: its text; the bytes of a PEM file.
sub literal { return quoted(slurp_file("$data/$_[0]")); }

sub der
{
	my $text = slurp_file("$data/pki/$_[0]");

	$text =~ s/-----[^-]+-----|\s//g;
	return "decode('$text', 'base64')";
}

# A CoRIM of one CoMID with one reference value: corim(id, tag =>, version =>, links => EDN, class => hex, svn =>, more => further members).
sub corim
{
	my ($id, %is) = @_;

	return sprintf(q|'501({0: "%s", 1: [506(<<{1: {0: "%s", 1: %d}%s, |
		  . q|4: {0: [[{0: {0: 560(h''%s''), 1: "ACME"}}, [{1: {1: %d}}]]]}}>>)]%s})'::coserv.corim|,
		$id, $is{tag} // $id, $is{version} // 0, $is{links} // '', $is{class} // '07', $is{svn} // 1, $is{more} // '');
}

# The same signed with a key of test/data.
sub signed
{
	my ($key, $id, %is) = @_;

	return 'coserv.sign(' . corim($id, %is) . ', ' . literal("$key.key") . ", '$key')::bytea";
}

# ---- clocks ----

my $clock;

# The library that puts a clock off.
sub clock
{
	return $clock if defined $clock;
	my $library = PostgreSQL::Test::Utils::tempdir() . '/clock.so';

	system_or_bail('cc', '-O1', '-shared', '-fPIC', '-o', $library, "$FindBin::RealBin/../lib/clock.c", '-ldl');
	return $clock = $library;
}

# ---- regions ----

# new_region(name, clock =>, conf =>, init => {}): a server with a store "rim" whose clock is off by so many seconds, and a publication of
# its truth; conf is what else its configuration has, init what else Cluster's init gets.
sub new_region
{
	my ($name, %is) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);

	$node->init(allows_streaming => 'logical', %{ $is{init} // {} });
	$node->append_conf('postgresql.conf', "fsync = off\ntimezone = 'UTC'\nwal_retrieve_retry_interval = 100ms\n"
		  . "max_logical_replication_workers = 12\nmax_worker_processes = 20\nlog_min_messages = warning\n" . ($is{conf} // ''));
	start_region($node, $is{clock} // 0);
	$node->safe_psql('postgres', q{CREATE EXTENSION coserv; SELECT coserv.create_store('rim')});
	$node->safe_psql('postgres', 'CREATE PUBLICATION rim FOR TABLE rim.truth WITH (publish = insert)');
	return $node;
}

sub start_region
{
	my ($node, $seconds) = @_;

	local @ENV{qw(LD_PRELOAD CLOCK_OFFSET)} = (clock(), $seconds) if $seconds;
	$node->start;
	return;
}

# The second takes in what the first says.
sub subscribe
{
	my ($from, $to, %is) = @_;
	my $name = 'from_' . $from->name;
	my $with = join ', ', "slot_name = '" . $to->name . '_' . $from->name . "'", $is{with} // ();

	$to->safe_psql('postgres',
		"CREATE SUBSCRIPTION $name CONNECTION '" . $from->connstr . " dbname=postgres' PUBLICATION rim WITH ($with)");
	return $name;
}

my $digest = q{SELECT count(*) || ' ' || md5(coalesce(string_agg(id::text, ',' ORDER BY id), '')) FROM rim.truth WHERE id <> ALL ('{%s}')};

# What each has, where all are equal; else undef. Who has erased what was forgotten has nothing of it for others.
sub same_truth
{
	my $erased = join ',', map { split /\n/, $_->safe_psql('postgres', 'SELECT id FROM rim.truth WHERE body IS NULL') } @_;
	my %has = map { $_->safe_psql('postgres', sprintf $digest, $erased) => 1 } @_;

	return keys %has == 1 ? (keys %has)[0] : undef;
}

# Waits until all have the same rows of truth.
sub wait_for_same_truth
{
	my @nodes = @_;

	for (1 .. 10 * $PostgreSQL::Test::Utils::timeout_default)
	{
		return 1 if defined same_truth(@nodes);
		select undef, undef, undef, 0.1;
	}
	return 0;
}

1;
