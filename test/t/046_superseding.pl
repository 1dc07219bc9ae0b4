# Sixteen connections supersede the same tags, at each isolation level: one version of each tag counts at the end, and it is the newest.
# Needs many connections at once: psql alone cannot show it.
use strict;
use warnings FATAL => 'all';

use FindBin;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $CONNECTIONS = 16;
my $TAGS = 3000;
my $A_DOCUMENT = 100;    # tags that one document supersedes

my $data = "$FindBin::RealBin/../data";
my $key = "'" . (slurp_file("$data/acme.key") =~ s/'/''/gr) . "'";
my $public = "'" . (slurp_file("$data/acme.pub") =~ s/'/''/gr) . "'";

my $node = PostgreSQL::Test::Cluster->new('primary');
$node->init;
$node->append_conf('postgresql.conf', "client_min_messages = error\nmax_connections = 40\n");
$node->start;
$node->safe_psql('postgres', q{CREATE EXTENSION coserv; CREATE TABLE doc (connection int, part int, document bytea)});
$node->safe_psql('postgres', qq{
	INSERT INTO doc SELECT c, p, coserv.sign(format('501({0: "sup-%s-%s", 1: [%s]})', c, p, (
			SELECT string_agg(format('506(<<{1: {0: "tag-%s", 1: %s}, 4: {0: [[{0: {1: "ACME", 2: "%s"}}, [{1: {1: %s}}]]]}}>>)', t, c, t, c), ', ')
			FROM generate_series((p - 1) * $A_DOCUMENT + 1, p * $A_DOCUMENT) AS t))::coserv.corim, $key, 'acme')::bytea
	FROM generate_series(1, $CONNECTIONS) AS c, generate_series(1, $TAGS / $A_DOCUMENT) AS p});

for my $level ('read committed', 'repeatable read', 'serializable')
{
	$node->safe_psql('postgres', "SELECT coserv.create_store('rim'); INSERT INTO rim.authority (name, key) VALUES ('acme', $public)");
	# each in another order; what cannot be serialized is done again, at last by one alone
	for my $pass (1 .. 4)
	{
		my (@psql, @err);
		my @connections = $pass == 4 ? (0) : (1 .. $CONNECTIONS);
		for my $c (@connections)
		{
			my $path = PostgreSQL::Test::Utils::tempdir() . '/' . $level =~ s/ /_/r . "_${pass}_$c.sql";
			append_to_file($path, "SET default_transaction_isolation = '$level';\n"
				. "SELECT format('SELECT rim.load(document) FROM doc WHERE connection = %s AND part = %s', connection, part) FROM doc WHERE connection = $c OR $c = 0 ORDER BY md5(part::text || $c) \\gexec\n");
			$err[$c] = '';
			push @psql, IPC::Run::start([ $node->installed_command('psql'), '-X', '-q', '-d', $node->connstr('postgres'), '-f', $path ], '<', \undef, '>', \my $out, '2>', \$err[$c]);
		}
		$_->finish for @psql;
		my @failed = grep { /ERROR/ && !/could not serialize/ } map { split /\n/ } grep { defined } @err;
		is(join("\n", @failed), '', "$level, pass $pass: nothing fails but what cannot be serialized");
		is(join('', grep { defined } @err), '', "$level: nobody fails") if $level ne 'serializable' || $pass == 4;
		last if $level ne 'serializable';
	}
	is($node->safe_psql('postgres', 'SELECT count(*) FROM rim.manifest'), $CONNECTIONS * $TAGS / $A_DOCUMENT, "$level: all of them are there");
	is($node->safe_psql('postgres', 'SELECT count(*), count(DISTINCT tag_id), min(tag_version), max(tag_version) FROM rim.tags_at(NULL)'),
		"$TAGS|$TAGS|$CONNECTIONS|$CONNECTIONS", "$level: one version of each tag counts, the newest");
	is($node->safe_psql('postgres', "SELECT count(*) FROM rim.tag WHERE live"), $TAGS, "$level: and no other is in the indexes that answer now");
	is($node->safe_psql('postgres', 'SELECT count(*) FROM rim.check()'), '0', "$level: nothing is wrong with it");
	$node->safe_psql('postgres', "SELECT coserv.drop_store('rim')");
}

done_testing();
