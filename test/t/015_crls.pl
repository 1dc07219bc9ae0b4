# CRLs and payloads between regions: each verifies them itself, both revoke the same under the same id, whatever arrives first, and
# a load that runs beside a CRL is not missed by it. Needs two servers and two sessions at once.
use strict;
use warnings FATAL => 'all';

use FindBin;
use IPC::Run qw(start finish);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $data = "$FindBin::RealBin/../data";

# A literal of a file's content, and of the bytes of a PEM file.
sub literal
{
	my $text = slurp_file("$data/" . shift);
	$text =~ s/'/''/g;
	return "'$text'";
}

sub der
{
	my $text = slurp_file("$data/pki/" . shift);
	$text =~ s/-----[^-]+-----|\s//g;
	return "decode('$text', 'base64')";
}

sub hex_file
{
	my $text = slurp_file("$data/forms/" . shift);
	$text =~ s/\s//g;
	return "'\\x$text'::bytea";
}

sub corim
{
	my $id = shift;
	return qq{'501({0: "$id", 1: [506(<<{1: {0: "$id tag"}, 4: {0: [[{0: {1: "ACME"}}, [{1: {11: "$id"}}]]]}}>>)]})'::coserv.corim};
}

# Signed with a leaf under the root.
sub chained
{
	my ($id, $leaf, @more) = @_;
	return 'coserv.sign(' . join(', ', corim($id), literal("pki/$leaf.key"), "'acme'", "ARRAY[" . der("$leaf.crt") . ', ' . der('middle.crt') . ']', @more) . ')::bytea';
}

sub new_node
{
	my $node = PostgreSQL::Test::Cluster->new(shift);
	$node->init(allows_streaming => 'logical');
	$node->start;
	$node->safe_psql('postgres', q{CREATE EXTENSION coserv; SELECT coserv.create_store('rim')});
	return $node;
}

my $east = new_node('east');
my $west = new_node('west');
my $revocations = 'SELECT id, manifest, effective_from, reason FROM rim.revocation ORDER BY id';
my $counting = 'SELECT string_agg(corim_id, $$,$$ ORDER BY corim_id) FROM rim.manifests_at(now())';

$east->safe_psql('postgres', "INSERT INTO rim.authority (name, key) VALUES ('acme', " . literal('pki/root.crt') . "), ('key', " . literal('acme.pub') . ")");
$east->safe_psql('postgres', 'SELECT rim.load(' . chained('good', 'leaf') . '), rim.load(' . chained('bad', 'revoked') . ')');
$east->safe_psql('postgres', 'SELECT rim.load(coserv.sign(' . corim('apart') . ', ' . literal('acme.key') . ", 'key', detached => true)::bytea, payload => "
	  . corim('apart') . '::bytea), rim.load_collection(' . hex_file('collection.hex') . ')');
# one that is over before the other region joins; how long a load takes is not known, so its time gets longer until it is loaded in time
for (my $seconds = 1; $seconds <= 1024; $seconds *= 2)
{
	my ($code) = $east->psql('postgres', 'SELECT rim.load(' . chained('short', 'leaf', "not_after => date_trunc('second', now()) + interval '$seconds seconds'") . ')');
	last if $code == 0;
}
$east->poll_query_until('postgres', q{SELECT bool_and(not_after < now()) FROM rim.manifest WHERE corim_id = 'short'}) or die 'it is never over';
$east->safe_psql('postgres', 'CREATE PUBLICATION rim FOR TABLE rim.authority, rim.manifest, rim.revocation, rim.policy, rim.crl, rim.profile');
$west->safe_psql('postgres', "CREATE SUBSCRIPTION rim CONNECTION '" . $east->connstr . " dbname=postgres' PUBLICATION rim");
$west->wait_for_subscription_sync($east, 'rim');

is($west->safe_psql('postgres', 'SELECT string_agg(corim_id || $$ $$ || refused, $$,$$) FROM rim.manifest WHERE refused IS NOT NULL'),
	'', 'every form verifies in the other region, what is over already too');
my $all = 'SELECT id, corim_id, authority, not_after, payload IS NOT NULL FROM rim.manifest ORDER BY id';
is($west->safe_psql('postgres', $all), $east->safe_psql('postgres', $all), 'and is the same there');
is($west->safe_psql('postgres', $counting), 'apart,bad,good,one,two', 'what is over does not answer');
is($west->safe_psql('postgres', 'SELECT count(*) FROM rim.triple'), $east->safe_psql('postgres', 'SELECT count(*) FROM rim.triple'),
	'payloads derive their triples');
is($west->safe_psql('postgres', 'SELECT count(*) FROM rim.certificate'), '6', 'certificates are derived');

my $add = "INSERT INTO rim.crl (authority, der, chain) VALUES ('acme', " . der('middle.crl') . ', ARRAY[' . der('middle.crt') . '])';
$east->safe_psql('postgres', $add);
$east->wait_for_catchup('rim');
is($west->safe_psql('postgres', 'SELECT refused IS NULL FROM rim.crl'), 't', 'a CRL verifies in the other region');
is($west->safe_psql('postgres', 'SELECT count(*) FROM rim.crl_entry'), '1', 'and is derived there');
is($west->safe_psql('postgres', $revocations), $east->safe_psql('postgres', $revocations), 'both revoke the same under the same id');
is($west->safe_psql('postgres', $counting), 'apart,good,one,two', 'what is revoked does not answer');
my ($ret, $out, $err) = $west->psql('postgres', 'SELECT rim.load(' . chained('too late', 'revoked') . ')');
like($err, qr/certificate of the document is revoked/, 'and is refused there');

# A CRL that both regions added by themselves is no conflict.
my $next = $add;
$next =~ s/decode\('[^']+', 'base64'\)/der('later.crl')/e;
$_->safe_psql('postgres', $next) for $west, $east;
$east->wait_for_catchup('rim');
is($west->safe_psql('postgres', $revocations), $east->safe_psql('postgres', $revocations), 'a CRL that was added in both regions is one');
is($west->safe_psql('postgres', $counting), 'apart,one,two', 'and counts once');

# A CRL that arrives before its authority is set aside, and tried again.
$east->safe_psql('postgres', 'ALTER PUBLICATION rim DROP TABLE rim.authority');
$east->safe_psql('postgres', "INSERT INTO rim.authority (name, key) VALUES ('late', " . literal('pki/root.crt') . ')');
$add =~ s/'acme'/'late'/;
$east->safe_psql('postgres', $add);
$east->wait_for_catchup('rim');
like($west->safe_psql('postgres', "SELECT refused FROM rim.crl WHERE authority = 'late'"), qr/does not exist/, 'a CRL of an unknown authority is set aside');
$west->safe_psql('postgres', "INSERT INTO rim.authority (name, key) VALUES ('late', " . literal('pki/root.crt') . ')');
is($west->safe_psql('postgres', "SELECT refused IS NULL, (SELECT count(*) FROM rim.crl_entry e WHERE e.crl = c.id) FROM rim.crl c WHERE authority = 'late'"),
	't|1', 'and verified when its authority arrives');

# A load that has not committed while a CRL is added: one waits for the other.
my $third = new_node('third');
for my $isolation ('read committed', 'repeatable read')
{
	my $store = $isolation eq 'read committed' ? 'one' : 'two';
	$third->safe_psql('postgres', "SELECT coserv.create_store('$store')");
	$third->safe_psql('postgres', "INSERT INTO $store.authority (name, key) VALUES ('acme', " . literal('pki/root.crt') . ')');
	my $loader = $third->background_psql('postgres');
	$loader->query_safe("BEGIN ISOLATION LEVEL $isolation; SELECT $store.load(" . chained('beside', 'revoked') . ')');
	my $beside = $add;
	$beside =~ s/'late'/'acme'/;
	$beside =~ s/rim\.crl/$store.crl/;
	my $script = PostgreSQL::Test::Utils::tempdir() . "/$store.sql";
	append_to_file($script, "BEGIN ISOLATION LEVEL $isolation; SELECT 1; $beside; COMMIT;\n");
	my $adder = start([ 'psql', '-X', '-v', 'ON_ERROR_STOP=1', '-d', $third->connstr('postgres'), '-f', $script ], '>', \my $out, '2>', \my $log);
	ok($third->poll_query_until('postgres', "SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"), "the CRL waits for the load ($isolation)");
	$loader->query_safe('COMMIT');
	$loader->quit;
	finish($adder) or diag($log);
	is($third->safe_psql('postgres', "SELECT count(*) FROM $store.revocation"), '1', "a load that runs beside a CRL is revoked by it ($isolation)");
}

is($_->safe_psql('postgres', 'SELECT (SELECT count(*) FROM rim.check()), (SELECT count(*) FROM rim.verify())'), '0|0', $_->name . ' finds nothing wrong with itself')
  for $east, $west;

done_testing();
