# A subscription with two_phase: what a worker prepares stops it no more. It answers nothing until it is committed and the next commit, or
# a call, settles it. A session is refused. Needs two clusters and prepared transactions.
use strict;
use warnings FATAL => 'all';

use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $data = "$FindBin::RealBin/../data";
my $key = "'" . (slurp_file("$data/acme.key") =~ s/'/''/gr) . "'";
my $public = "'" . (slurp_file("$data/acme.pub") =~ s/'/''/gr) . "'";

my ($there, $here) = map {
	my $node = PostgreSQL::Test::Cluster->new($_);
	$node->init(allows_streaming => 'logical');
	$node->append_conf('postgresql.conf', "max_prepared_transactions = 10\nclient_min_messages = error\n");
	$node->start;
	$node->safe_psql('postgres', "CREATE EXTENSION coserv; SELECT coserv.create_store('rim')");
	$node
} qw(there here);

# what is said elsewhere, where nobody prepares: rows of truth as they come
$there->safe_psql('postgres', qq{SELECT coserv.create_store('source'); INSERT INTO source.authority (name, key) VALUES ('acme', $public);
	CREATE FUNCTION document(tag text, version int) RETURNS bytea LANGUAGE sql AS \$\$
		SELECT coserv.sign(format('501({0: "%1\$s-%2\$s", 1: [506(<<{1: {0: "%1\$s", 1: %2\$s}, 4: {0: [[{0: {1: "ACME", 2: "%1\$s"}}, [{1: {1: %2\$s}}]]]}}>>)]})', tag, version)::coserv.corim,
			$key, 'acme')::bytea \$\$;
	SELECT source.load(document('a', 1)), source.load(document('b', 1));
	CREATE PUBLICATION truth FOR TABLE rim.truth WITH (publish = 'insert')});
$here->safe_psql('postgres', q{CREATE SUBSCRIPTION there CONNECTION '} . $there->connstr('postgres') =~ s{'}{}gr . q{' PUBLICATION truth WITH (two_phase = true)});
$here->wait_for_subscription_sync($there, 'there');
$here->poll_query_until('postgres', "SELECT subtwophasestate = 'e' FROM pg_subscription") or die 'two_phase is not enabled';

sub counting { return $_[0]->safe_psql('postgres', q{SELECT string_agg(format('%s %s', tag_id, tag_version), ', ' ORDER BY tag_id, tag_version) FROM rim.tags_at(NULL)}) }

sub prepare
{
	my ($name, $sql) = @_;
	$there->safe_psql('postgres', "BEGIN; SET LOCAL session_replication_role = replica; $sql; PREPARE TRANSACTION '$name'");
	$there->wait_for_catchup('there');
	return;
}

my $missing = 'INSERT INTO rim.truth SELECT s.* FROM source.truth s WHERE NOT EXISTS (SELECT FROM rim.truth t WHERE t.id = s.id)';

my (undef, undef, $err) = $here->psql('postgres', q{BEGIN; INSERT INTO rim.policy (notify) VALUES (true); PREPARE TRANSACTION 'mine'});
like($err, qr/cannot PREPARE a transaction that has written to a coserv store/, 'a session is refused');

prepare('first', $missing);
is($here->safe_psql('postgres', 'SELECT count(*) FROM pg_prepared_xacts'), '1', 'the worker has prepared it');
is(counting($here), '', 'what is prepared answers nothing');
$there->safe_psql('postgres', "COMMIT PREPARED 'first'");
$there->wait_for_catchup('there');
is($here->safe_psql('postgres', 'SELECT count(*) FROM pg_prepared_xacts; SELECT count(*) FROM rim.manifest'), "0\n2", 'it is committed');
is(counting($here), '', 'and answers nothing before it is settled');
is($here->safe_psql('postgres', 'SELECT count(*) FROM rim.check()'), '0', 'of which nothing is wrong');
my $before = $here->safe_psql('postgres', 'SELECT rim.moment()');
$here->safe_psql('postgres', "SELECT coserv.retry('rim')");
is(counting($here), 'a 1, b 1', 'a call settles it');
is($here->safe_psql('postgres', "SELECT count(*) FROM rim.tags_at('$before'); SELECT count(*) FROM rim.unsettled"), "0\n0", 'from then on, and not before');

# what supersedes, revokes and says otherwise: all of it waits, and the next commit settles it
$there->safe_psql('postgres', q{SELECT source.load(document('a', 2)); SELECT source.revoke(authority => 'acme', tag_id => 'b', reason => 'wrong'); SELECT source.set_policy(require_cotl => true);
	INSERT INTO source.profile (profile, codepoint, name, comparison) VALUES ('tag:example.com,2026:two', -7, 'level', 'minimum')});
prepare('second', $missing);
$there->safe_psql('postgres', "COMMIT PREPARED 'second'");
$there->wait_for_catchup('there');
is(counting($here), 'a 1, b 1', 'neither a newer version, nor a revocation or a policy is known yet');
is($here->safe_psql('postgres', 'SELECT count(*) FROM rim.revocations_at(NULL)'), '0', 'none of them');
is($here->safe_psql('postgres', q{SELECT count(*) FROM rim.revocations_at('infinity'); SELECT count(*) FROM rim.tags_at('infinity');
	SELECT count(*) FROM rim.quads('{0: "tag:x", 1: {0: 2, 1: {0: [[{1: "ACME"}]]}, 2: 0}}', 'infinity')}), "0\n2\n2", 'by no moment, however late');
$there->safe_psql('postgres', "SELECT source.set_policy(require_cotl => false); BEGIN; SET LOCAL session_replication_role = replica; $missing; COMMIT");
$there->wait_for_catchup('there');
is(counting($here), 'a 2', 'the next commit settles all');
is($here->safe_psql('postgres', "SELECT (SELECT count(*) FROM rim.unsettled), (SELECT count(*) FROM rim.check()), (SELECT count(*) FROM rim.set_aside)"), '0|0|0', 'nothing is left');

# rolled back: nothing was
$there->safe_psql('postgres', q{SELECT source.load(document('c', 1))});
prepare('third', $missing);
$there->safe_psql('postgres', "ROLLBACK PREPARED 'third'");
$there->wait_for_catchup('there');
$here->safe_psql('postgres', "SELECT coserv.retry('rim')");
is(counting($here), 'a 2', 'what is rolled back is not there');
prepare('fourth', $missing);
$here->restart;
is(counting($here), 'a 2', 'a restart between them changes nothing');
$there->safe_psql('postgres', "COMMIT PREPARED 'fourth'");
$there->wait_for_catchup('there');
$here->safe_psql('postgres', "SELECT rim.load(" . $there->safe_psql('postgres', "SELECT quote_literal(document('d', 1)) || '::bytea'") . ')');
is(counting($here), 'a 2, c 1, d 1', 'a load settles it, too');

done_testing();
