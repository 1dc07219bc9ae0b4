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
$east->safe_psql('postgres', 'CREATE PUBLICATION rim FOR TABLE rim.truth');
my $conninfo = $east->connstr . ' dbname=postgres';
$west->safe_psql('postgres', "CREATE SUBSCRIPTION rim CONNECTION '$conninfo' PUBLICATION rim");
$west->wait_for_subscription_sync($east, 'rim');

my $later = '2090-01-01 00:00:00+00';	# behind every load, and before anything expires
my $empty = answer($west, 'query-instance.edn', $later);
is(answer($west, 'query-class.edn', $later), answer($east, 'query-class.edn', $later), 'documents of the first copy answer with the same bytes');
is($west->safe_psql('postgres', 'SELECT count(*) FROM rim.set_aside'), '0', 'whichever of document and authority was copied first, the document verifies');

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
is($west->safe_psql('postgres', "SELECT authority, withdrawn IS NULL FROM rim.manifest WHERE id = '$certificate'"),
	'certifier|t', 'authority and document in one stream');

# What a superuser does with a store's triggers off; they are on again afterwards.
sub without_triggers
{
	my $sql = shift;
	return $east->safe_psql('postgres', qq{
		ALTER TABLE rim.truth DISABLE TRIGGER ALL;
		$sql;
		ALTER TABLE rim.truth ENABLE TRIGGER ALL;
		SELECT format('ALTER TABLE rim.truth ENABLE ALWAYS TRIGGER %I', tgname) FROM pg_trigger
			WHERE tgrelid = 'rim.truth'::regclass AND NOT tgisinternal \\gexec});
}

# The id of a row of truth that is of this kind and has no moment, as an expression over its body.
sub id_of
{
	my $body = shift;
	return "(SELECT encode(set_byte(set_byte(h, 6, (get_byte(h, 6) & 15) | 128), 8, (get_byte(h, 8) & 63) | 128), 'hex')::uuid"
	  . " FROM (SELECT substr(sha256('\\x8301f65820'::bytea || sha256($body)), 1, 16) AS h) s)";
}

# A superuser of the first region forges a document: one byte of it changed.
sub forge
{
	my $id = shift;
	my $out = without_triggers(qq{
		CREATE TEMP TABLE forged AS SELECT t.* FROM rim.truth t JOIN rim.manifest m ON m.truth = t.id WHERE m.id = '$firmware';
		UPDATE forged SET body = set_byte(body, length(body) - 100, get_byte(body, length(body) - 100) # 1);
		UPDATE forged SET id = $id;
		INSERT INTO rim.truth SELECT * FROM forged RETURNING id});
	my ($forged) = $out =~ /([0-9a-f]{8}-[0-9a-f-]{27})/;
	$east->wait_for_catchup('rim');
	return $forged;
}

my $before = answer($west, 'query-class.edn', $later);
my $forged = forge('gen_random_uuid()');
is(answer($west, 'query-class.edn', $later), $before, 'a forged document is not answered by the other region');
like($west->safe_psql('postgres', "SELECT reason FROM rim.set_aside WHERE id = '$forged'"), qr/id was made from/, 'it is set aside with the reason');
is($west->safe_psql('postgres', "SELECT count(*) FROM rim.truth WHERE id = '$forged'"), '0', 'and truth does not hold it');

# The same with an id that fits the forged bytes: now only the signature tells.
$forged = forge(id_of('body'));
is(answer($west, 'query-class.edn', $later), $before, 'nor is one whose id was made to fit');
like($west->safe_psql('postgres', "SELECT reason FROM rim.set_aside WHERE id = '$forged'"), qr/\w/, 'its bytes do not verify');
is($west->safe_psql('postgres', "SELECT count(*) FROM rim.manifest WHERE truth = '$forged'"), '0', 'and nothing is made of it');

# What is written behind the triggers into what the first region made of truth is in no row of truth, and reaches nobody.
$east->safe_psql('postgres', "SET session_replication_role = replica; ALTER TABLE rim.policy DISABLE TRIGGER USER;"
	  . " INSERT INTO rim.policy (id, require_cotl, moment) VALUES (gen_random_uuid(), true, now()); ALTER TABLE rim.policy ENABLE TRIGGER USER;"
	  . " ALTER TABLE rim.policy ENABLE ALWAYS TRIGGER said; ALTER TABLE rim.policy ENABLE ALWAYS TRIGGER said_guard;"
	  . " ALTER TABLE rim.policy ENABLE ALWAYS TRIGGER audit; ALTER TABLE rim.policy ENABLE ALWAYS TRIGGER audit_guard_truncate;");
$east->wait_for_catchup('rim');
is($west->safe_psql('postgres', 'SELECT count(*) FROM rim.policy'), '0', 'a policy that nobody said stays where it is');
$east->safe_psql('postgres', "ALTER TABLE rim.policy DISABLE TRIGGER USER; DELETE FROM rim.policy; ALTER TABLE rim.policy ENABLE TRIGGER USER;"
	  . " ALTER TABLE rim.policy ENABLE ALWAYS TRIGGER said; ALTER TABLE rim.policy ENABLE ALWAYS TRIGGER said_guard;"
	  . " ALTER TABLE rim.policy ENABLE ALWAYS TRIGGER audit; ALTER TABLE rim.policy ENABLE ALWAYS TRIGGER audit_guard_truncate;");

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
is($west->safe_psql('postgres', "SELECT withdrawn IS NULL FROM rim.manifest WHERE id = '$next'"), 't', 'the next document still arrives');

# An authority that arrives after its document: what was set aside is tried again.
my $third = new_node('third');
$third->safe_psql('postgres', "INSERT INTO rim.authority (name, key) VALUES ('somebody', " . literal("$dir/stranger.pub") . ")");
$east->safe_psql('postgres', "INSERT INTO rim.authority (name, key) VALUES ('stranger', " . literal("$dir/stranger.pub") . ")");
my $strange = load($east, 'acme-firmware.edn', 'stranger');
$east->safe_psql('postgres', 'CREATE PUBLICATION documents FOR TABLE rim.truth WHERE (kind = 1) WITH (publish = insert)');
$third->safe_psql('postgres', "CREATE SUBSCRIPTION documents CONNECTION '$conninfo' PUBLICATION documents");
$third->wait_for_subscription_sync($east, 'documents');
is($third->safe_psql('postgres', "SELECT authority FROM rim.manifest WHERE id = '$strange'"), 'somebody', 'verification goes by the key, whatever it is called');
like($third->safe_psql('postgres', 'SELECT string_agg(DISTINCT reason, $$ $$) FROM rim.set_aside'), qr/no authority of this store vouches/, 'what an unknown signer signed is set aside');
$third->safe_psql('postgres', "INSERT INTO rim.authority (name, key) VALUES ('acme', " . literal("$dir/acme.pub") . ")");
is($third->safe_psql('postgres', "SELECT authority, withdrawn IS NULL, (SELECT count(*) > 0 FROM rim.triple t WHERE t.manifest = m.id) FROM rim.manifest m WHERE id = '$firmware'"),
	'acme|t|t', 'and verified when its authority arrives');

# A document that both regions loaded by themselves is no conflict.
my $both = $west->safe_psql('postgres', "SELECT coserv.sign(" . literal("$examples/acme-keys.edn") . "::coserv.corim, "
	  . literal("$dir/acme.key") . ", 'both')::bytea");
$_->safe_psql('postgres', "SELECT rim.load('$both')") for $west, $east;
$east->wait_for_catchup('rim');
is($west->safe_psql('postgres', "SELECT count(*) FROM rim.manifest WHERE rim.document(id) = '$both'"), '1', 'a document loaded in both regions is one manifest');

# What the other region derived is what the documents say, and verifies there.
is($west->safe_psql('postgres', "SELECT 'check', manifest, derived_table FROM rim.check() UNION ALL SELECT 'verify', manifest, problem FROM rim.verify()"),
	'', 'the other region finds nothing wrong with itself');
done_testing();
