# A store that something has changed, or that an older version made, becomes what this version makes, with all that its users put on it.
# Needs pg_dump, which shows everything that a store is, and sessions that hold locks.
use strict;
use warnings FATAL => 'all';

use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $data = "$FindBin::RealBin/../data";
my $key = "'" . (slurp_file("$data/acme.key") =~ s/'/''/gr) . "'";
# the same key as a COSE_Key
my $another = "(SELECT format('{1: 1, -1: 6, -2: h''%s''}', encode(substr(decode(regexp_replace(pem, '-----[^-]+-----|\\s', '', 'g'), 'base64'), 13), 'hex')) FROM (VALUES ('" . slurp_file("$data/acme.pub") . "')) v (pem))::coserv.crypto_key";
my $public = "'" . (slurp_file("$data/acme.pub") =~ s/'/''/gr) . "'";

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', "client_min_messages = warning\n");
$node->start;
$node->safe_psql('postgres', q{CREATE EXTENSION coserv; CREATE ROLE owner; CREATE ROLE reader; CREATE ROLE loader; CREATE ROLE auditor;
	CREATE ROLE administrator; CREATE ROLE limited; CREATE ROLE stranger; GRANT CREATE ON DATABASE postgres TO owner;});

# Of owner; with a document, each role, a limited reader, and what users may put on a store.
sub make
{
	my $name = shift;
	$node->safe_psql('postgres', qq{SET ROLE owner; SELECT coserv.create_store('$name');
		INSERT INTO $name.authority (name, key) VALUES ('acme', $public);
		SELECT $name.load(coserv.sign('501({0: "upgrade", 1: [506(<<{1: {0: "tag"}, 4: {0: [[{0: {1: "ACME"}}, [{1: {1: 1}}]]]}}>>)]})'::coserv.corim, $key, 'acme')::bytea);
		SELECT $name.grant_reader('reader'), $name.grant_loader('loader'), $name.grant_auditor('auditor'), $name.grant_administrator('administrator'), $name.grant_reader('limited');
		SELECT $name.limit_reader('limited', ARRAY['acme']); SELECT $name.seal_audit();
		ALTER TABLE $name.manifest ADD COLUMN ticket text; CREATE INDEX ticket ON $name.manifest (ticket);
		CREATE VIEW $name.mine AS SELECT * FROM $name.reference_value; GRANT SELECT ON $name.manifest, $name.mine TO stranger;
		GRANT SELECT (tag_id) ON $name.tag TO stranger; REVOKE ALL ON FUNCTION $name.http(text, text, jsonb) FROM PUBLIC; GRANT EXECUTE ON FUNCTION $name.http(text, text, jsonb) TO stranger;});
	return;
}

sub dump_of
{
	my $name = shift;
	my ($dump) = run_command([ 'pg_dump', '--schema-only', '-n', $name, '-d', $node->connstr('postgres') ]);
	# names are as long as each other; newer pg_dumps write a key of their own at each run
	return join("\n", grep { !/^\\(un)?restrict / } split(/\n/, $dump =~ s/\b\Q$name\E\b/STORE/gr));
}

# What differs, line by line, whatever the order.
sub differences
{
	my ($dump, $other, $without) = @_;
	my %lines;
	$lines{$_}++ for split /\n/, $dump;
	$lines{$_}-- for split /\n/, $other;
	return join "\n", map { "$lines{$_} $_" } sort grep { $lines{$_} != 0 && !($without && /$without/) } keys %lines;
}

sub answers { return $node->safe_psql('postgres', "SELECT $_[0].execute('{0: \"tag:example.com,2026:u\", 1: {0: 2, 1: {0: [[{1: \"ACME\"}]]}, 2: 0}}'), (SELECT count(*) FROM $_[0].check()), (SELECT count(*) FROM $_[0].verify_audit())") =~ s/8\(.*?\)//gr =~ s/0\("[^"]*"\)//gr }

sub upgrade { return $node->safe_psql('postgres', "SELECT coserv.upgrade_store('$_[0]')") }

# --- what is so already ----------------------------------------------------------------------------------------------------------

make($_) for qw(store_a store_b);
my $fresh = dump_of('store_a');
my $form = $node->safe_psql('postgres', "SELECT coserv.store_form('store_a')");
is(differences(dump_of('store_b'), $fresh), '', 'two stores are the same');
is(upgrade('store_b'), $form, 'a store of this version is upgraded');
is(differences(dump_of('store_b'), $fresh), '', 'and is what it was');
is(answers('store_b') =~ s/store_b/store_a/gr, answers('store_a'), 'it answers');

# --- what something has changed --------------------------------------------------------------------------------------------------

my @changes = (
	[ 'a comment', q{COMMENT ON TABLE store_b.truth IS 'something else'; COMMENT ON FUNCTION store_b.moment() IS NULL} ],
	[ 'a function that is gone', q{DROP FUNCTION store_b.verify_audit()} ],
	[ 'a function that does something else', q{CREATE OR REPLACE FUNCTION store_b.moment() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT now()'} ],
	[ 'a function whose arguments are called otherwise', q{DROP FUNCTION store_b.unrevoke(uuid, text); CREATE FUNCTION store_b.unrevoke(it uuid, why text) RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid'} ],
	[ 'a view that is gone', q{DROP VIEW store_b.trust_dependency} ],
	[ 'a trigger that is gone, and one that is switched off', q{DROP TRIGGER said ON store_b.policy; ALTER TABLE store_b.manifest DISABLE TRIGGER manifest_verify} ],
	[ 'a table and an index that are gone', q{DROP TABLE store_b.cotl_life CASCADE; DROP INDEX store_b.truth_moment} ],
);
for (@changes)
{
	my ($what, $sql) = @$_;
	$node->safe_psql('postgres', "SET ROLE owner; $sql");
	isnt(differences(dump_of('store_b'), $fresh), '', "$what is a change");
	upgrade('store_b');
	is(differences(dump_of('store_b'), $fresh), '', "$what is mended");
}
is(answers('store_b') =~ s/store_b/store_a/gr, answers('store_a'), 'it answers as before');

# what depends on it goes with it, and comes back with its grants, as far as it is the store's own
$node->safe_psql('postgres', q{DROP VIEW store_b.mine; DROP VIEW store_b.audit_state; CREATE VIEW store_b.audit_state AS SELECT 1 AS one; ALTER VIEW store_b.audit_state OWNER TO owner;
	DROP FUNCTION store_b.measured_files(coserv.environment, text[], timestamptz);
	CREATE FUNCTION store_b.measured_files(environment coserv.environment, paths text[], as_of timestamptz) RETURNS integer LANGUAGE sql BEGIN ATOMIC SELECT 1; END;
	ALTER FUNCTION store_b.measured_files(coserv.environment, text[], timestamptz) OWNER TO owner;
	REVOKE ALL ON FUNCTION store_b.measured_files(coserv.environment, text[], timestamptz) FROM PUBLIC; GRANT EXECUTE ON FUNCTION store_b.measured_files(coserv.environment, text[], timestamptz) TO reader;
	GRANT SELECT ON store_b.audit_state TO stranger WITH GRANT OPTION; GRANT SELECT (one) ON store_b.audit_state TO loader;});
my ($code, $out, $err) = $node->psql('postgres', "SELECT coserv.upgrade_store('store_b')");
like($err, qr/column "one"/, 'a grant on a column that is no more is an error') or diag($err);
$node->safe_psql('postgres', 'REVOKE SELECT (one) ON store_b.audit_state FROM loader');
upgrade('store_b');
$node->safe_psql('postgres', q{SET ROLE owner; CREATE VIEW store_b.mine AS SELECT * FROM store_b.reference_value; GRANT SELECT ON store_b.mine TO stranger});
is($node->safe_psql('postgres', q{SELECT proacl FROM pg_proc WHERE oid = 'store_b.measured_files(coserv.environment, text[], timestamptz)'::regprocedure}),
	'{owner=X/owner,reader=X/owner}', 'what was made anew has the grants of before');
like($node->safe_psql('postgres', q{SELECT relacl FROM pg_class WHERE oid = 'store_b.audit_state'::regclass}), qr/stranger=r\*\/owner.*auditor=r\/owner/, 'and those of the roles');
$node->safe_psql('postgres', q{SET ROLE owner; REVOKE SELECT ON store_b.audit_state FROM stranger; REVOKE ALL ON FUNCTION store_b.measured_files(coserv.environment, text[], timestamptz) FROM reader;
	GRANT EXECUTE ON FUNCTION store_b.measured_files(coserv.environment, text[], timestamptz) TO PUBLIC});
is(differences(dump_of('store_b'), $fresh, qr/^(GRANT|REVOKE) /), '', 'all else is as it is made now');

# --- what it refuses -------------------------------------------------------------------------------------------------------------

sub refused
{
	my ($sql, $like, $name) = @_;
	my (undef, undef, $error) = $node->psql('postgres', $sql);
	like($error, $like, $name);
	return;
}

my $before = dump_of('store_b');
refused("SET ROLE stranger; SELECT coserv.upgrade_store('store_b')", qr/must be owner of schema store_b/, 'who does not own it upgrades nothing');
refused("SELECT coserv.upgrade_store('public')", qr/is not a coserv store/, 'what is no store is not upgraded');
refused("BEGIN; CREATE OR REPLACE FUNCTION store_b.form() RETURNS integer LANGUAGE sql IMMUTABLE RETURN 1000; SELECT coserv.upgrade_store('store_b')",
	qr/has form 1000, and this version of coserv knows form $form.*Install the version/s, 'a store of a later version is refused');
refused("BEGIN; DROP FUNCTION store_b.form(); SELECT coserv.upgrade_store('store_b')", qr/does not say which form it has/, 'and one that does not say what it is');
refused("BEGIN; CREATE OR REPLACE FUNCTION store_b.form() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1/0'; SELECT coserv.upgrade_store('store_b')",
	qr/does not say which form it has/, 'a function of the owner\'s is not run');
refused("BEGIN; ALTER TABLE store_b.answer DROP COLUMN who; SELECT coserv.upgrade_store('store_b')", qr/table answer has no column "who".*No step brings that/s, 'a column that is gone is refused');
refused("BEGIN; ALTER TABLE store_b.answer ALTER COLUMN who TYPE varchar(10); SELECT coserv.upgrade_store('store_b')", qr/has column "who" of type character varying\(10\), not text/,
	'and one of another type');
refused("BEGIN; SET ROLE owner; DROP FUNCTION store_b.seal_audit(); CREATE FUNCTION store_b.seal_audit() RETURNS integer LANGUAGE sql RETURN 1; CREATE VIEW store_b.sealing AS SELECT store_b.seal_audit(); SELECT coserv.upgrade_store('store_b')",
	qr/function store_b.seal_audit\(\) cannot be made anew.*view store_b.sealing depends on it.*Drop that, upgrade, and make it again/s, 'a view of the user\'s that is in the way is named');
my $query = q{'{0: "tag:example.com,2026:u", 1: {0: 2, 1: {0: [[{1: "ACME"}]]}, 2: 0}}'};
refused("SELECT store_b.execute($query); BEGIN; CREATE OR REPLACE FUNCTION store_b.form() RETURNS integer LANGUAGE sql IMMUTABLE RETURN 1000; SELECT store_b.execute($query)",
	qr/has form 1000, and this version/, 'a form that comes later is noticed by who has read the store before');
is(dump_of('store_b'), $before, 'what is refused stays as it was');

# --- a store of an older form ----------------------------------------------------------------------------------------------------

# Set back by hand: without what the last step brings, and with functions and comments of another time.
make('store_c');
my $before_last = $form - 1;
$node->safe_psql('postgres', qq{SET ROLE owner; DROP VIEW store_c.mine; DROP FUNCTION store_c.verify_audit();
	CREATE OR REPLACE FUNCTION store_c.form() RETURNS integer LANGUAGE sql IMMUTABLE RETURN $before_last;
	ALTER TABLE store_c.manifest DROP COLUMN signer CASCADE; ALTER TABLE store_c.manifest_document DROP COLUMN signer CASCADE;});
refused("SELECT store_c.execute($query)",
	qr/has form $before_last, and this version of coserv needs form $form.*coserv.upgrade_store\('store_c'\)/s, 'a store of an older form is not read, and the remedy is said');
refused("SELECT store_c.set_policy(notify => true)", qr/has form $before_last/, 'nor written to');
is(upgrade('store_c'), $before_last, 'it is upgraded');
$node->safe_psql('postgres', q{SET ROLE owner; CREATE VIEW store_c.mine AS SELECT * FROM store_c.reference_value; GRANT SELECT ON store_c.mine TO stranger});
is(differences(dump_of('store_c'), $fresh, qr/^ +signer uuid NOT NULL,?$|^ +ticket text,?$/), '', 'and is as one that is made now, but for the order of columns');
# a signer that the older form did not know
is($node->safe_psql('postgres', "SELECT count(*) FROM store_c.verify()"), 0, 'its documents verify');
$node->safe_psql('postgres', "SET ROLE owner; UPDATE store_c.authority SET tag_ids = '{none}'; INSERT INTO store_c.authority (name, key) VALUES ('another form', $another)");
is($node->safe_psql('postgres', 'SELECT authority FROM store_c.tags_at(NULL)'), 'another form', 'and are found by who may speak for them');
is($node->safe_psql('postgres', q{SELECT count(*) FROM store_c.manifest c JOIN store_a.manifest a USING (id, signer)}), 1, 'who signed them is known from then on');
$node->safe_psql('postgres', "SET ROLE owner; DELETE FROM store_c.authority WHERE name = 'another form'; UPDATE store_c.authority SET tag_ids = NULL");
is(answers('store_c') =~ s/store_c/store_a/gr, answers('store_a'), 'it answers');

# As git has it: the template of the first form, with a store's rows.
my $top = $ENV{COSERV_CHECKOUT} // "$FindBin::RealBin/../..";
my $FIRST = '9805b9a';
my $dir = PostgreSQL::Test::Utils::tempdir();
SKIP: {
	skip 'not a checkout with its history', 3 if system("git -c safe.directory='*' -C $top archive $FIRST sql src/codepoints 2>/dev/null | tar -x -C $dir 2>/dev/null; test -e $dir/sql/expand.awk") != 0;
	my $template = `cd $dir && awk -f sql/expand.awk src/codepoints/codepoints.h sql/measurement_columns.def sql/store/*.sql`;
	$template =~ s/\@form\@/1/g;
	$template =~ s/\@store\@/store_d/g;
	$template =~ s/\@store_literal\@/'store_d'/g;
	# a function that the extension has with other arguments now
	$node->safe_psql('postgres', q{CREATE FUNCTION coserv.triples_after(regnamespace, bytea, bytea, uuid, text, text, numeric, timestamptz, OUT of_manifest uuid, OUT kind smallint,
		OUT environment coserv.environment, OUT of_authority text, OUT triple coserv.cbor) RETURNS SETOF record LANGUAGE sql AS 'SELECT NULL::uuid, 0::smallint, NULL::coserv.environment, NULL::text, NULL::coserv.cbor'});
	$node->safe_psql('postgres', "SET ROLE owner; CREATE SCHEMA store_d; SET search_path = pg_catalog, pg_temp; $template");
	# its rows, as they were: the columns that both have
	my @tables = split /\n/, $node->safe_psql('postgres', q{SELECT relname FROM pg_class WHERE relnamespace = 'store_d'::regnamespace AND relkind = 'r'});
	for my $table (@tables)
	{
		my $columns = $node->safe_psql('postgres', "SELECT string_agg(quote_ident(d.attname), ', ' ORDER BY d.attnum) FROM pg_attribute d JOIN pg_attribute a ON a.attname = d.attname
			WHERE d.attrelid = 'store_d.$table'::regclass AND a.attrelid = 'store_a.$table'::regclass AND d.attnum > 0 AND NOT a.attisdropped");
		$node->safe_psql('postgres', "ALTER TABLE store_d.$table DISABLE TRIGGER USER; INSERT INTO store_d.$table ($columns) OVERRIDING SYSTEM VALUE SELECT $columns FROM store_a.$table;")
			unless $table eq 'audit_seal' || $table eq 'reader_limit' || $table eq 'reader_row';
	}
	$node->safe_psql('postgres', 'UPDATE store_d.audit SET seal = NULL');
	is(upgrade('store_d'), '1', 'a store of the first form is upgraded');
	$node->safe_psql('postgres', 'DROP FUNCTION coserv.triples_after(regnamespace, bytea, bytea, uuid, text, text, numeric, timestamptz)');
	$node->safe_psql('postgres', "SET ROLE owner; SELECT coserv.create_store('store_e')");
	is(differences(dump_of('store_d'), dump_of('store_e')), '', 'and is as one that is made now');
	$node->safe_psql('postgres', 'SELECT store_d.seal_audit()');
	is(answers('store_d') =~ s/store_d/store_a/gr, answers('store_a'), 'it answers with the same bytes, and is sealed');
}
$node->safe_psql('postgres', "DROP SCHEMA IF EXISTS store_c, store_d, store_e CASCADE");

# --- all of a database; locks ----------------------------------------------------------------------------------------------------

$node->safe_psql('postgres', q{CREATE ROLE second; GRANT CREATE ON DATABASE postgres TO second; SET ROLE second; SELECT coserv.create_store('third'); DROP FUNCTION third.moment() CASCADE});
$node->safe_psql('postgres', 'ALTER TABLE store_b.answer RENAME who TO whom');
is($node->safe_psql('postgres', 'SELECT * FROM coserv.upgrade_stores()'),
	"store_a|$form|\nstore_b|$form|cannot upgrade store \"store_b\": table answer has no column \"who\" (No step brings that: something other than coserv has changed the table.)\nthird|$form|",
	'one call upgrades all, and says what was refused');
$node->safe_psql('postgres', 'ALTER TABLE store_b.answer RENAME whom TO who');
is($node->safe_psql('postgres', "SELECT coserv.upgrade_store('third'); SELECT third.moment() IS NOT NULL; SELECT count(DISTINCT relowner) FROM pg_class WHERE relnamespace = 'third'::regnamespace"),
	"$form\nt\n1", 'what a superuser upgrades stays its owner\'s');
is($node->safe_psql('postgres', 'SET ROLE second; SELECT * FROM coserv.upgrade_stores()'), "third|$form|", 'each upgrades his own');

# a load under way, a reader, and an upgrade between them: they wait, and nobody is in a deadlock
my $loader = $node->background_psql('postgres');
$loader->query_safe(qq{BEGIN; SELECT store_b.load(coserv.sign('501({0: "two", 1: [506(<<{1: {0: "two"}, 4: {0: [[{0: {1: "ACME"}}, [{1: {1: 1}}]]]}}>>)]})'::coserv.corim, $key, 'acme')::bytea)});
my $reader = $node->background_psql('postgres');
$reader->query_safe('BEGIN; SELECT count(*) FROM store_b.policy');
my $upgrader = $node->background_psql('postgres');
$upgrader->query_until(qr/begun/, "\\echo begun\nSELECT 'form', coserv.upgrade_store('store_b');\n");
$node->poll_query_until('postgres', q{SELECT count(*) > 0 FROM pg_locks WHERE NOT granted}) or die 'nobody waits';
is($loader->query_safe(qq{SELECT count(*) FROM store_b.load(coserv.sign('501({0: "three", 1: [506(<<{1: {0: "three"}, 4: {0: [[{0: {1: "ACME"}}, [{1: {1: 1}}]]]}}>>)]})'::coserv.corim, $key, 'acme')::bytea)}),
	'1', 'who loads goes on while an upgrade waits');
$loader->query_safe('COMMIT');
is($reader->query_safe('SELECT count(*) FROM store_b.crl'), '0', 'and so does who reads');
$reader->query_safe('COMMIT');
like($upgrader->query_safe('SELECT 1'), qr/form\|$form/, 'then it is upgraded');
$_->quit for $loader, $reader, $upgrader;
is(differences(dump_of('store_b'), $fresh, qr/^(GRANT|REVOKE) /), '', 'as it is made now');

done_testing();
