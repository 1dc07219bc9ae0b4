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
$east->safe_psql('postgres', 'CREATE PUBLICATION rim FOR TABLE rim.truth');
$west->safe_psql('postgres', "CREATE SUBSCRIPTION rim CONNECTION '" . $east->connstr . " dbname=postgres' PUBLICATION rim");
$west->wait_for_subscription_sync($east, 'rim');

is($west->safe_psql('postgres', 'SELECT string_agg(reason, $$,$$) FROM rim.set_aside'),
	'', 'every form verifies in the other region, what is over already too');
my $all = 'SELECT m.id, m.corim_id, m.authority, m.not_after, d.payload IS NOT NULL FROM rim.manifest m, coserv.document($$rim$$, m.id) d ORDER BY m.id';
is($west->safe_psql('postgres', $all), $east->safe_psql('postgres', $all), 'and is the same there');
is($west->safe_psql('postgres', $counting), 'apart,bad,good,one,two', 'what is over does not answer');
is($west->safe_psql('postgres', 'SELECT count(*) FROM rim.triple'), $east->safe_psql('postgres', 'SELECT count(*) FROM rim.triple'),
	'payloads derive their triples');
is($west->safe_psql('postgres', 'SELECT count(*) FROM rim.certificate'), '6', 'certificates are derived');

my $add = "INSERT INTO rim.crl (authority, der, chain) VALUES ('acme', " . der('middle.crl') . ', ARRAY[' . der('middle.crt') . '])';
$east->safe_psql('postgres', $add);
$east->wait_for_catchup('rim');
is($west->safe_psql('postgres', 'SELECT count(*) = 1 FROM rim.crl'), 't', 'a CRL verifies in the other region');
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

# A CRL that arrives without its authority is set aside, and tried again.
my $lone = new_node('lone');
$east->safe_psql('postgres', 'CREATE PUBLICATION crls FOR TABLE rim.truth WHERE (kind = 6) WITH (publish = insert)');
$lone->safe_psql('postgres', "CREATE SUBSCRIPTION crls CONNECTION '" . $east->connstr . " dbname=postgres' PUBLICATION crls");
$lone->wait_for_subscription_sync($east, 'crls');
is($lone->safe_psql('postgres', 'SELECT (SELECT count(*) FROM rim.crl), count(*) FROM rim.set_aside WHERE reason ~ $$not known here$$'), '0|2', 'a CRL of an unknown authority is set aside');
$lone->safe_psql('postgres', "INSERT INTO rim.authority (name, key) VALUES ('late', " . literal('pki/root.crt') . ')');
is($lone->safe_psql('postgres', 'SELECT count(*), count(*) FILTER (WHERE authority = $$late$$), (SELECT count(*) FROM rim.crl_entry), (SELECT count(*) FROM rim.set_aside) FROM rim.crl'),
	'2|2|3|0', 'and verified when its authority arrives');

# A load that has not committed while a CRL is added: neither waits for the other, and whichever commits later sees the other.
my $third = new_node('third');
my $store = 0;
for my $isolation ('read committed', 'repeatable read')
{
	for my $first ('crl', 'load')
	{
		my $name = 'store' . ++$store;
		$third->safe_psql('postgres', "SELECT coserv.create_store('$name')");
		$third->safe_psql('postgres', "INSERT INTO $name.authority (name, key) VALUES ('acme', " . literal('pki/root.crt') . ')');
		my $loader = $third->background_psql('postgres');
		my $adder = $third->background_psql('postgres');
		my $beside = $add =~ s/rim\.crl/$name.crl/r;
		$_->query_safe("BEGIN ISOLATION LEVEL $isolation; SELECT 1") for $loader, $adder;
		$loader->query_safe("SELECT $name.load(" . chained('beside', 'revoked') . ')');
		$adder->query_safe($beside);
		$_->query_safe('COMMIT') for $first eq 'crl' ? ($adder, $loader) : ($loader, $adder);
		$_->quit for $loader, $adder;
		is($third->safe_psql('postgres', "SELECT (SELECT count(*) FROM $name.revocation), (SELECT count(*) FROM $name.manifests_at(NULL))"),
			'1|0', "a load that runs beside a CRL is revoked by it ($isolation, $first first)");
	}
}

is($_->safe_psql('postgres', 'SELECT (SELECT count(*) FROM rim.check()), (SELECT count(*) FROM rim.verify())'), '0|0', $_->name . ' finds nothing wrong with itself')
  for $east, $west;

done_testing();
