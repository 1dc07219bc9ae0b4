# A transaction that began before others committed, at each isolation level: what it may load and who may read it is asked of what is known
# when it acts, not when it began; what it answers is of its snapshot, and the same by every function. Needs several sessions: psql alone
# cannot show it.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../lib";
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Regions;
use Session;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off\ntimezone = 'UTC'\n");
$node->start;
$node->safe_psql('postgres', q{CREATE EXTENSION coserv; CREATE ROLE reader});

sub do_it { return $node->safe_psql('postgres', $_[0]); }

sub begun
{
	my ($level) = @_;
	my $session = Session->new($node);

	$session->run("BEGIN ISOLATION LEVEL $level");
	$session->run('SELECT count(*) FROM rim.manifest');
	return $session;
}

sub load { return 'SELECT rim.load(' . signed(@_) . ') IS NOT NULL'; }

my $evidence = q{'{"cmtype": 2, "profile": 32("tag:x"), "authority": [560(h''01'')], "environment": {0: {0: 560(h''09''), 1: "ACME"}}, "element-list": [{"element-claims": {1: 1}}]}'};

for my $level ('READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE')
{
	my $keeps = $level ne 'READ COMMITTED';

	do_it(q{SELECT coserv.create_store('rim'); INSERT INTO rim.authority (name, key) VALUES ('acme', } . literal('acme.pub') . q{), ('stranger', } . literal('stranger.pub') . ')');

	# ---- an older version than one that came meanwhile ----

	my $session = begun($level);
	do_it(load('acme', 'newer', tag => 'tag', version => 5));
	like($session->run(load('acme', 'older', tag => 'tag', version => 4)), qr/tag "tag" version 4 is older than one that is there/,
		"$level: who loads an older version is warned");
	like($session->run(load('acme', 'twin', tag => 'tag', version => 5, svn => 2)), qr/is there with other content: both count/,
		"$level: and who loads the same with other content");
	do_it('SELECT rim.set_policy(refuse_older => true)');
	like($session->run(load('acme', 'refused', tag => 'tag', version => 3)), qr/ERROR:.*is older than one that is there/,
		"$level: and refused, once the policy says so");
	$session->run('ROLLBACK');
	$session->close;

	# ---- an authority that was revoked meanwhile ----

	$session = begun($level);
	do_it(q{SELECT rim.revoke(authority => 'stranger', reason => 'test')});
	like($session->run(load('stranger', 'late')), qr/ERROR:.*revoked/, "$level: who was revoked meanwhile loads nothing");
	$session->run('ROLLBACK');
	$session->close;

	# ---- readers who were limited meanwhile ----

	do_it(q{SELECT rim.grant_reader('reader'); SELECT rim.limit_reader('reader', authorities => '{acme}')});
	$session = Session->new($node);
	$session->run("BEGIN ISOLATION LEVEL $level; SELECT 1");
	do_it(q{SELECT rim.limit_reader('reader', authorities => '{stranger}')});
	unlike($session->run(load('acme', 'hidden') . '; COMMIT'), qr/ERROR/, "$level: a document is loaded");
	is(do_it('SET ROLE reader; SELECT count(*) FROM rim.manifest'), '0', "$level: who may not read it any more does not");
	$session->run("BEGIN ISOLATION LEVEL $level; SELECT 1");
	do_it(q{SELECT rim.limit_reader('reader', authorities => '{acme}')});
	unlike($session->run(load('acme', 'shown') . '; COMMIT'), qr/ERROR/, "$level: another one is loaded");
	is(do_it('SET ROLE reader; SELECT count(*) FROM rim.manifest'), do_it('SELECT count(*) FROM rim.manifest'), "$level: who may now, does");
	do_it(q{SELECT rim.limit_reader('reader'), rim.revoke_reader('reader')});
	$session->close;

	# ---- what it answers ----

	$session = begun($level);
	do_it(load('acme', 'answers', class => '09'));
	is($session->run("SELECT DISTINCT standing FROM rim.verdict($evidence)"), ($keeps ? 'unspoken' : 'corroborated') . "\n", "$level: a verdict is of what is visible");
	is($session->run("SELECT count(*) FROM rim.appraise($evidence) WHERE manifest IS NOT NULL"), ($keeps ? 0 : 1) . "\n", "$level: as an appraisal is");
	is($session->run(q{SELECT value = (SELECT count(*) FROM rim.manifests_at(NULL)) FROM rim.metrics() WHERE name = 'coserv_store_documents'}), "t\n",
		"$level: and what a monitor is told");
	$session->run('COMMIT');
	$session->close;

	do_it(q{SELECT coserv.drop_store('rim')});
}

# ---- a trigger of the user's that writes to another store behind the moment of a commit, while somebody commits and asks there ----

do_it(q{SELECT coserv.create_store('rim'), coserv.create_store('other');
	INSERT INTO rim.authority (name, key) VALUES ('acme', } . literal('acme.pub') . q{);
	INSERT INTO other.authority (name, key) VALUES ('acme', } . literal('acme.pub') . q{);
	CREATE TABLE to_copy AS SELECT } . signed('acme', 'copied') . q{ AS document;
	CREATE FUNCTION copy_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		PERFORM pg_advisory_xact_lock(1);
		PERFORM other.load((SELECT document FROM to_copy)); RETURN NULL; END $$;
	CREATE TRIGGER copy_it AFTER INSERT ON rim.settled FOR EACH ROW EXECUTE FUNCTION copy_it();
	CREATE FUNCTION said(as_of timestamptz) RETURNS bytea LANGUAGE sql AS
		$$ SELECT other.execute('{0: "tag:x", 1: {0: 2, 1: {0: [[{1: "ACME"}]]}, 2: 2}}', as_of)::bytea $$});
my ($holder, $writer) = (Session->new($node), Session->new($node));
$holder->run('BEGIN; SELECT pg_advisory_xact_lock(1)');
$writer->begin(load('acme', 'first'));
ok($node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted}), 'the writer has its moment');
do_it('SELECT other.load(' . signed('acme', 'meanwhile') . ')');
my $then = do_it('SELECT other.moment()');
my $said = do_it("SELECT said('$then')");
$holder->run('COMMIT');
$writer->end;
$_->close for $holder, $writer;
is(do_it(q{SELECT string_agg(tag_id, ' ' ORDER BY tag_id) FROM other.tags_at(NULL)}), 'copied meanwhile', 'what the trigger wrote counts');
is(do_it("SELECT said('$then')"), $said, 'and not before it was written');

done_testing();
