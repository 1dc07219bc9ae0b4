# README.md, doc/tutorial.md and the SQL of doc/operations.md as their readers meet them: each statement runs as it is printed, in its order, on the examples.
use strict;
use warnings;

use Cwd qw(abs_path);
use FindBin;
use lib "$FindBin::RealBin/../lib";
use Document;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $top = abs_path("$FindBin::RealBin/../..");
my ($tool, $gateway) = map { -d "$top/build/$_" ? abs_path("$top/build/$_") : '' } qw(cli gateway);
plan skip_all => 'no build/cli/coserv and build/gateway/coserv-gateway: make -C cli; make -C gateway' unless -x "$tool/coserv" && -x "$gateway/coserv-gateway";

my $node = PostgreSQL::Test::Cluster->new('documents');
$node->init;
$node->append_conf('postgresql.conf', "coserv.signing_keys_file = '" . $node->basedir . "/signing-keys'\nTimeZone = 'UTC'\n");
$node->start;
my $owner = $node->safe_psql('postgres', 'SELECT current_user');

# A folder with the examples, and a database of its own for each document. The key that signs results is the superuser's part.
sub document
{
	my ($file, $name) = @_;
	my $folder = $node->basedir . "/$name";

	mkdir $folder or die $!;
	symlink "$top/examples", "$folder/examples" or die $!;
	$node->safe_psql('postgres', "CREATE DATABASE $name");
	system('openssl', 'genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', "$folder/results.key") == 0 or die 'openssl';
	chmod 0600, "$folder/results.key";
	open my $keys, '>', $node->basedir . '/signing-keys' or die $!;
	chmod 0600, $node->basedir . '/signing-keys';
	print $keys "$name rim $owner signing $folder/results.key\n";
	close $keys or die $!;
	return Document->new("$top/$file", $folder,
		PGHOST => $node->host, PGPORT => $node->port, PGDATABASE => $name, PATH => "$tool:$gateway:$ENV{PATH}");
}

# In README, what is installed, served elsewhere or only sketched does not run; what is of sql does, and what makes keys and documents.
document('README.md', 'verifier')->check(sub { $_[0]{kind} eq 'sql' || $_[0]{body} =~ /^(openssl|coserv sign examples|coserv load --db 'dbname=verifier' acme)/ });

document('doc/tutorial.md', 'tutorial')->check(sub { 1 }) if -e "$top/doc/tutorial.md";

$node->stop;

# ---- doc/operations.md: what a DBA types in SQL, in its order, on two regions ----

sub region
{
	my ($name) = @_;
	my $region = PostgreSQL::Test::Cluster->new($name);

	$region->init(allows_streaming => 'logical');
	$region->start;
	$region->safe_psql('postgres', 'CREATE DATABASE verifier; CREATE ROLE gateway LOGIN; CREATE ROLE replicator LOGIN REPLICATION');
	return $region;
}

my ($north, $south) = (region('north'), region('south'));
my $sign = q{SELECT rim.load(coserv.sign($d$} . slurp_file("$top/examples/acme-firmware.edn") . q{$d$, $k$} . slurp_file("$top/test/data/acme.key") . q{$k$, 'ACME'))};
$north->safe_psql('verifier', q{CREATE EXTENSION coserv; SELECT coserv.create_store('rim'); INSERT INTO rim.authority (name, key) VALUES ('ACME', $k$}
	. slurp_file("$top/test/data/acme.pub") . "\$k\$); $sign; GRANT USAGE ON SCHEMA rim TO replicator; GRANT SELECT ON rim.truth TO replicator");
my %operations = map { $_ => Document->new("$top/doc/operations.md", $_->basedir, PGHOST => $_->host, PGPORT => $_->port, PGDATABASE => 'verifier') } $north, $south;
for my $block (grep { $_->{kind} eq 'sql' } $operations{$north}->blocks)
{
	my $is_southern = $block->{body} =~ /CREATE SUBSCRIPTION/;
	my $at = 'host=' . $north->host . ' port=' . $north->port;

	$block->{body} =~ s/host=north/$at/;
	my ($status, $out) = $operations{ $is_southern ? $south : $north }->run($block, 0);
	is($status, 0, "doc/operations.md, line $block->{line}") or diag($out);
}
ok($south->poll_query_until('verifier', 'SELECT count(*) = 1 FROM rim.manifest'), 'what the north loaded has arrived in the south');
$south->stop;
$north->stop;
done_testing();
