# Two regions: the second subscribes to the truth tables of the first, verifies every document itself, and answers with the same
# bytes. Needs two servers and logical replication: psql alone cannot show it.
use strict;
use warnings FATAL => 'all';

use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $examples = "$FindBin::RealBin/../../examples";
my $dir = PostgreSQL::Test::Utils::tempdir();

sub new_key
{
	my $name = shift;
	system_or_bail('sh', '-c', "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out $dir/$name.key 2>/dev/null"
		  . " && openssl pkey -in $dir/$name.key -pubout -out $dir/$name.pub");
	return;
}

# A literal of a file's content.
sub literal
{
	my $text = slurp_file(shift);
	$text =~ s/'/''/g;
	return "'$text'";
}

sub new_node
{
	my $node = PostgreSQL::Test::Cluster->new(shift);
	$node->init(allows_streaming => 'logical');
	$node->start;
	$node->safe_psql('postgres', q{
		CREATE EXTENSION coserv;
		CREATE ROLE keeper LOGIN;
		GRANT CREATE ON DATABASE postgres TO keeper;
		SET ROLE keeper;
		SELECT coserv.create_store('rim');});
	return $node;
}

sub load
{
	my ($node, $file, $key) = @_;
	return $node->safe_psql('postgres',
		"SELECT rim.load(coserv.sign(" . literal("$examples/$file") . "::coserv.corim, " . literal("$dir/$key.key") . ", '$key')::bytea)");
}

# The bytes of an answer at a time that both regions share; an expiry of now would differ between the two calls.
sub answer
{
	my ($node, $query, $as_of) = @_;
	return $node->safe_psql('postgres',
		"SELECT encode(rim.execute(" . literal("$examples/$query") . "::coserv.coserv, '$as_of')::bytea, 'hex')");
}

new_key($_) for qw(acme certifier stranger);
my $east = new_node('east');
my $west = new_node('west');

$east->safe_psql('postgres', "INSERT INTO rim.authority (name, key) VALUES ('acme', " . literal("$dir/acme.pub") . ")");
my $firmware = load($east, 'acme-firmware.edn', 'acme');
$east->safe_psql('postgres', 'CREATE PUBLICATION rim FOR TABLE rim.authority, rim.manifest, rim.revocation, rim.policy, rim.crl, rim.profile');
my $conninfo = $east->connstr . ' dbname=postgres';
$west->safe_psql('postgres', "CREATE SUBSCRIPTION rim CONNECTION '$conninfo' PUBLICATION rim");
$west->wait_for_subscription_sync($east, 'rim');

my $later = '2090-01-01 00:00:00+00';	# behind every load, and before anything expires
my $empty = answer($west, 'query-instance.edn', $later);
is(answer($west, 'query-class.edn', $later), answer($east, 'query-class.edn', $later), 'documents of the first copy answer with the same bytes');
is($west->safe_psql('postgres', 'SELECT count(*) FROM rim.manifest WHERE refused IS NOT NULL'),
	'0', 'whichever of manifest and authority was copied first, the document verifies');

load($east, 'acme-keys.edn', 'acme');
$east->wait_for_catchup('rim');
isnt(answer($west, 'query-instance.edn', $later), $empty, 'a document that arrives later answers too');
for my $query (qw(query-class.edn query-instance.edn query-rim.edn))
{
	is(answer($west, $query, $later), answer($east, $query, $later), "$query gives the same bytes in both regions");
}

# What a profile adds is the same everywhere.
$east->safe_psql('postgres', "INSERT INTO rim.profile (profile, codepoint, name, comparison) VALUES ('tag:example.com,2026:x', 500, 'level', 'minimum')");
$east->wait_for_catchup('rim');
is($west->safe_psql('postgres', 'SELECT profile, codepoint, name, comparison, known_at IS NOT NULL FROM rim.profile'),
	'tag:example.com,2026:x|500|level|minimum|t', 'a profile is known in both regions');

# A document whose signer west does not know yet waits until it does.
$west->safe_psql('postgres', 'ALTER SUBSCRIPTION rim DISABLE');
$east->safe_psql('postgres', "INSERT INTO rim.authority (name, key) VALUES ('certifier', " . literal("$dir/certifier.pub") . ")");
my $certificate = load($east, 'certifier.edn', 'certifier');
$west->safe_psql('postgres', 'ALTER SUBSCRIPTION rim ENABLE');
$east->wait_for_catchup('rim');
is($west->safe_psql('postgres', "SELECT authority, refused IS NULL FROM rim.manifest WHERE id = '$certificate'"),
	'certifier|t', 'authority and document in one stream');

# What a superuser does with a store's triggers off; they are on again afterwards.
sub without_triggers
{
	my $sql = shift;
	return $east->safe_psql('postgres', qq{
		ALTER TABLE rim.manifest DISABLE TRIGGER ALL;
		$sql;
		ALTER TABLE rim.manifest ENABLE TRIGGER ALL;
		SELECT format('ALTER TABLE rim.manifest ENABLE ALWAYS TRIGGER %I', tgname) FROM pg_trigger
			WHERE tgrelid = 'rim.manifest'::regclass AND NOT tgisinternal \\gexec});
}

# A superuser of the first region forges a row: one byte of the document changed, the id as given.
sub forge
{
	my $id = shift;
	my $out = without_triggers(qq{
		CREATE TEMP TABLE forged AS SELECT * FROM rim.manifest WHERE id = '$firmware';
		UPDATE forged SET document = set_byte(document, length(document) - 100, get_byte(document, length(document) - 100) # 1);
		UPDATE forged SET id = (SELECT $id FROM (SELECT substr(sha256(document), 1, 16) AS h) s);
		INSERT INTO rim.manifest SELECT * FROM forged RETURNING id});
	my ($forged) = $out =~ /([0-9a-f]{8}-[0-9a-f-]{27})/;
	$east->wait_for_catchup('rim');
	return $forged;
}

my $before = answer($west, 'query-class.edn', $later);
my $forged = forge('gen_random_uuid()');
is(answer($west, 'query-class.edn', $later), $before, 'a forged document is not answered by the other region');
like($west->safe_psql('postgres', "SELECT refused FROM rim.manifest WHERE id = '$forged'"),
	qr/id was made from/, 'it is set aside with the reason');
is($west->safe_psql('postgres', "SELECT count(*) FROM rim.triple WHERE manifest = '$forged'"), '0', 'and derives nothing');

# The same with an id that fits the forged bytes: now only the signature tells.
$forged = forge(q{encode(set_byte(set_byte(h, 6, (get_byte(h, 6) & 15) | 128), 8, (get_byte(h, 8) & 63) | 128), 'hex')::uuid});
is(answer($west, 'query-class.edn', $later), $before, 'nor is one whose id was made to fit');
like($west->safe_psql('postgres', "SELECT refused FROM rim.manifest WHERE id = '$forged'"), qr/\w/, 'its bytes do not verify');

# A changed document of a manifest that is there already: the genuine one stays.
my $genuine = $west->safe_psql('postgres', "SELECT encode(digest, 'hex') FROM rim.manifest WHERE id = '$certificate'");
without_triggers("UPDATE rim.manifest SET document = set_byte(document, 200, get_byte(document, 200) # 1) WHERE id = '$certificate'");
$east->wait_for_catchup('rim');
is($west->safe_psql('postgres', "SELECT encode(sha256(document), 'hex') FROM rim.manifest WHERE id = '$certificate' AND refused IS NULL"),
	$genuine, 'a document that was changed afterwards does not replace the genuine one');

# A revocation counts in both regions, from its date on; taking it back, too.
my $all = answer($west, 'query-class.edn', $later);
my $revocation = $east->safe_psql('postgres', "INSERT INTO rim.revocation (manifest, reason) VALUES ('$firmware', 'key leaked') RETURNING id");
$east->wait_for_catchup('rim');
isnt(answer($west, 'query-class.edn', $later), $all, 'what was revoked in one region does not answer in the other');
is(answer($west, 'query-class.edn', $later), answer($east, 'query-class.edn', $later), 'and both still give the same bytes');
$east->safe_psql('postgres', "INSERT INTO rim.revocation (undoes, reason) VALUES ('$revocation', 'it had not')");
$east->wait_for_catchup('rim');
is(answer($west, 'query-class.edn', $later), $all, 'a revocation that was taken back does not count');

# And the next document still arrives.
my $next = $east->safe_psql('postgres', "SELECT rim.load(coserv.sign("
	  . literal("$examples/acme-keys.edn") . "::coserv.corim, " . literal("$dir/acme.key") . ", 'acme again')::bytea)");
$east->wait_for_catchup('rim');
is($west->safe_psql('postgres', "SELECT refused IS NULL FROM rim.manifest WHERE id = '$next'"), 't', 'the next document still arrives');

# An authority that arrives after its document: what was set aside is tried again.
$west->safe_psql('postgres', "DELETE FROM rim.authority WHERE name = 'stranger'");
$east->safe_psql('postgres', 'ALTER PUBLICATION rim DROP TABLE rim.authority');
$east->safe_psql('postgres', "INSERT INTO rim.authority (name, key) VALUES ('stranger', " . literal("$dir/stranger.pub") . ")");
my $strange = load($east, 'acme-firmware.edn', 'stranger');
$east->wait_for_catchup('rim');
like($west->safe_psql('postgres', "SELECT refused FROM rim.manifest WHERE id = '$strange'"), qr/stranger.*does not exist/, 'an unknown signer is set aside');
$west->safe_psql('postgres', "INSERT INTO rim.authority (name, key) VALUES ('stranger', " . literal("$dir/stranger.pub") . ")");
is($west->safe_psql('postgres', "SELECT authority, refused IS NULL, (SELECT count(*) > 0 FROM rim.triple t WHERE t.manifest = m.id) FROM rim.manifest m WHERE id = '$strange'"),
	'stranger|t|t', 'and verified when its authority arrives');

# A document that both regions loaded by themselves is no conflict.
my $both = $west->safe_psql('postgres', "SELECT coserv.sign(" . literal("$examples/acme-keys.edn") . "::coserv.corim, "
	  . literal("$dir/acme.key") . ", 'both')::bytea");
$_->safe_psql('postgres', "SELECT rim.load('$both')") for $west, $east;
$east->wait_for_catchup('rim');
is($west->safe_psql('postgres', "SELECT count(*) FROM rim.manifest WHERE document = '$both' AND refused IS NULL"), '1', 'a document loaded in both regions is one manifest');

# What the other region derived is what the documents say, and verifies there; the first finds what was done to it.
is($west->safe_psql('postgres', "SELECT 'check', manifest, derived_table FROM rim.check() UNION ALL SELECT 'verify', manifest, problem FROM rim.verify()"),
	'', 'the other region finds nothing wrong with itself');
is($east->safe_psql('postgres', "SELECT count(*), count(*) FILTER (WHERE manifest = '$certificate') FROM rim.verify()"), '3|1', 'the first finds its three forgeries');

done_testing();
