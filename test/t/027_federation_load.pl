# Loading through a federation at members of other servers: routed by who vouches, in a transaction there that ends as the one here does;
# what the member says against it is passed on; what breaks on the way is an error, and never half of it is there.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my %node = map { $_ => PostgreSQL::Test::Cluster->new($_) } qw(hub east west);
for my $node (values %node)
{
	$node->init(auth_extra => [ '--create-role', 'loader,reader' ]);
	$node->append_conf('postgresql.conf', "fsync = off\nmax_connections = 20\nautovacuum = off\ntimezone = 'UTC'\nmax_prepared_transactions = 2");
	$node->start;
	$node->safe_psql('postgres', q{CREATE EXTENSION coserv; SELECT coserv.create_store('rim'); CREATE ROLE loader LOGIN; CREATE ROLE reader LOGIN;
		ALTER ROLE ALL SET search_path = public, coserv; SELECT rim.grant_reader('loader'), rim.grant_loader('loader'), rim.grant_reader('reader')});
}
my $hub = $node{hub};
sub sql { my ($name, @rest) = @_; return $node{$name}->safe_psql('postgres', @rest); }
sub error_of { my ($query, %rest) = @_; my ($ret, $out, $err) = $hub->psql('postgres', "\\set VERBOSITY verbose\n$query", %rest); return $err; }

# A0 is at home at the hub, A1 and A3 in the east, A2 in the west; all of them sign nothing
my %home = (0 => 'hub', 1 => 'east', 2 => 'west', 3 => 'east');
sub key { return qq{'554("key $_[0]")'}; }
sql($home{$_}, qq{INSERT INTO rim.authority (name, key, accepts_unsigned) VALUES ('A$_', @{[ key($_) ]}, true)}) for sort keys %home;
sql('hub', 'CREATE EXTENSION postgres_fdw; CREATE TABLE note (said text)');
for my $name (qw(east west))
{
	sql('hub', "CREATE SERVER $name FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '" . $node{$name}->host . "', port '" . $node{$name}->port . "', dbname 'postgres');"
		  . "GRANT USAGE ON FOREIGN SERVER $name TO loader; CREATE USER MAPPING FOR CURRENT_USER SERVER $name OPTIONS (user 'loader');"
		  . "CREATE USER MAPPING FOR loader SERVER $name OPTIONS (user 'reader', password_required 'false')");
}
sql('hub', q{SELECT create_federation('fed', ARRAY['rim', 'east.rim', 'west.rim']); GRANT USAGE ON SCHEMA fed TO loader});
sql('hub', "INSERT INTO fed.placement (authority, member) VALUES (authority_id(@{[ key($_) ]}), '" . ($home{$_} eq 'hub' ? '' : "$home{$_}.") . "rim')") for sort keys %home;

sub load
{
	my ($id, $authority, %more) = @_;
	my $digests = $more{digests} // qq([1, h'@{[ 'ab' x 32 ]}']);

	return "fed.load(\$d\$501({0: \"$id\", 1: [506(<<{1: {0: \"$id\"}, 4: {0: [[{0: {1: \"V\"}}, [{1: {2: [$digests]}}]]]}}>>)]})\$d\$::document, '$authority')";
}
sub is_at { my ($id) = @_; return join ' ', grep { sql($_, "SELECT count(*) FROM rim.manifest WHERE corim_id = '$id'") } qw(hub east west); }

# ---- where it goes ----

for my $a (0 .. 3)
{
	my $id = sql('hub', 'SELECT ' . load("doc-$a", "A$a"));
	is(is_at("doc-$a"), $home{$a}, "what A$a says goes to the $home{$a}");
	is(sql($home{$a}, "SELECT id FROM rim.manifest WHERE corim_id = 'doc-$a'"), $id, '... under the id that is answered');
	is(sql('hub', 'SELECT ' . load("doc-$a", "A$a")), $id, '... as is what is there already');
}
my ($secret, $public) = map { slurp_file("data/acme.$_") } qw(key pub);
sql('west', q{INSERT INTO rim.authority (name, key) SELECT 'ACME', $s$} . $public . q{$s$::crypto_key});
sql('hub', q{INSERT INTO fed.placement (authority, member) SELECT authority_id($s$} . $public . q{$s$::crypto_key), 'west.rim'});
sql('hub', q{SELECT fed.load(sign('501({0: "signed", 1: [506(<<{1: {0: "signed"}, 4: {0: [[{0: {1: "V"}}, [{1: {11: "n"}}]]]}}>>)]})'::document, $s$} . $secret . q{$s$, 'ACME'))});
is(is_at('signed'), 'west', 'what is signed goes to where its signer is known and placed');
my ($ret, $out, $notice) = $hub->psql('postgres', 'SELECT ' . load('doubtful', 'A1', digests => q([1, h'ab'])));
like($notice, qr/NOTICE:  .*DETAIL:  At /s, 'what the member remarks is passed on');

# ---- as the transaction ends ----

my $q = q{'{0: "tag:x", 1: {0: 2, 1: {0: [[{1: "V"}]]}, 2: 0}}'};
my $session = $hub->background_psql('postgres', on_error_stop => 0);
$session->query('BEGIN; SELECT ' . load('own', 'A1'));
is(is_at('own'), '', 'what a transaction loads at another server nobody sees before it commits');
$session->query('ROLLBACK');
is(is_at('own'), '', '... nor after it is rolled back');
$session->query('BEGIN; SELECT ' . load('own', 'A1') . '; SELECT ' . load('own 3', 'A3') . '; COMMIT');
is(is_at('own') . ' ' . is_at('own 3'), 'east east', '... and all of it is once that commits');
is($session->query("SELECT count(*) > 3 FROM fed.quads($q)"), 't', '... and the session goes on');

$session->query('BEGIN; SAVEPOINT a; SELECT ' . load('a', 'A1') . '; ROLLBACK TO a; SAVEPOINT b; SELECT ' . load('b', 'A1') . '; RELEASE b; SAVEPOINT c; SELECT ' . load('c', 'A1')
	  . '; SAVEPOINT d; SELECT ' . load('d', 'A1') . '; ROLLBACK TO c; SELECT ' . load('e', 'A1') . '; COMMIT');
is(join(',', map { is_at($_) } 'a' .. 'e'), ',east,,,east', 'savepoints here are savepoints there');
sql('east', q{CREATE FUNCTION picky() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
	IF NEW.corim_id LIKE 'bad%' THEN RAISE 'not here' USING ERRCODE = '23514', DETAIL = 'It begins with bad.', HINT = 'Be good.'; END IF; RETURN NEW; END $$;
	CREATE TRIGGER zz_picky BEFORE INSERT ON rim.manifest FOR EACH ROW EXECUTE FUNCTION picky()});
my $do = q{DO $do$ DECLARE i text; BEGIN FOREACH i IN ARRAY ARRAY['bad 1', 'good 1', 'bad 2', 'good 2'] LOOP BEGIN
	PERFORM fed.load(format('501({0: "%1$s", 1: [506(<<{1: {0: "%1$s"}, 4: {0: [[{0: {1: "V"}}, [{1: {11: "%1$s"}}]]]}}>>)]})', i)::document, 'A1');
	EXCEPTION WHEN check_violation THEN INSERT INTO note VALUES (i); END; END LOOP; END $do$};
sql('hub', $do);
is(join(',', map { is_at($_) } 'bad 1', 'good 1', 'bad 2', 'good 2'), ',east,,east', '... those of exceptions, too');
is(sql('hub', 'SELECT string_agg(said, \',\' ORDER BY said) FROM note'), 'bad 1,bad 2', '... which are caught here by their SQLSTATE');
$session->query('CREATE TEMP TABLE once (i int UNIQUE DEFERRABLE INITIALLY DEFERRED); INSERT INTO once VALUES (1)');
$session->query('BEGIN; INSERT INTO once VALUES (1); SELECT ' . load('deferred', 'A1') . '; COMMIT');
is(is_at('deferred'), '', 'what fails here as it commits is not there');

# two members at one server: the one that does not take a document is asked within the transaction there
sql('east', qq{SELECT create_store('other'); SELECT other.grant_reader('loader'), other.grant_loader('loader'); INSERT INTO other.authority (name, key, accepts_unsigned) VALUES ('A5', @{[ key(5) ]}, true)});
sql('hub', qq{INSERT INTO fed.member (name, server, store) VALUES ('east.other', 'east', 'other'); INSERT INTO fed.placement (authority, member) VALUES (authority_id(@{[ key(5) ]}), 'east.other')});
$session->query('BEGIN; SELECT ' . load('both 1', 'A1') . '; SELECT ' . load('both 5', 'A5') . '; SELECT ' . load('both 3', 'A3') . ';');
is($session->query("SELECT count(*) > 3 FROM fed.quads($q); COMMIT"), 't', 'a transaction asks and loads at two members of one server');
is(is_at('both 1') . is_at('both 3') . sql('east', q{SELECT count(*) FROM other.manifest WHERE corim_id = 'both 5'}), 'easteast1', '... and all of it is there');
sql('east', q{SELECT other.revoke_reader('loader')});
$session->query('BEGIN; SELECT ' . load('missing 1', 'A1'));
is($session->query("SELECT members -> 'east.other' ? 'missing' FROM fed.execute_members($q, allow_missing => true); COMMIT"), 't', 'an answer may miss what a member does not say');
is(is_at('missing 1'), 'east', '... and what was loaded before is loaded');
sql('hub', q{DELETE FROM fed.member WHERE name = 'east.other'});

# ---- one server a transaction ----

like(error_of('BEGIN; SELECT ' . load('f', 'A1') . '; SELECT ' . load('f', 'A2') . '; COMMIT'),
	qr/ERROR:  0A000: a transaction loads at one server, as one role\nDETAIL:  This one has loaded at server "east" before\.\nHINT:  Commit first\./, 'a transaction loads at one server');
like(error_of('BEGIN; SELECT ' . load('f', 'A0') . '; SELECT ' . load('f', 'A2') . '; COMMIT'), qr/0A000: .*has loaded at this server before/s, '... this one is one');
like(error_of('BEGIN; SELECT ' . load('f', 'A2') . '; SELECT ' . load('f', 'A0') . '; COMMIT'), qr/0A000: .*has loaded at server "west" before/s, '... whichever comes first');
is(is_at('f'), '', '... and then at none');
like(error_of('BEGIN; SELECT ' . load('f', 'A1') . "; PREPARE TRANSACTION 'f'"), qr/0A000: a transaction that has loaded at server "east" cannot be prepared/, 'it cannot be prepared');
like(error_of('BEGIN READ ONLY; SELECT ' . load('f', 'A1')), qr/25006: cannot execute load\(\) of a federation in a read-only transaction/, 'one that only reads loads nowhere');
is(is_at('f'), '', '... so nothing is anywhere');

# ---- what the member says ----

like(error_of('SELECT ' . load('bad', 'A1')), qr/ERROR:  23514: member "east\.rim" does not load the document: not here\nDETAIL:  It begins with bad\.\nHINT:  Be good\./,
	'what the member says against it is passed on');
like(error_of('SELECT ' . load('g', 'A9')), qr/ERROR:  RA0\d\d: member "\w+\.rim" does not take the document: .*A9/, '... and who knows no such authority');
like(error_of('SELECT ' . load('g', 'A1'), extra_params => [ '-U', 'loader' ]), qr/ERROR:  42501: .*member "east\.rim" does not load the document: permission denied/s,
	'rights are those of the role that the mapping names');
is(is_at('g'), '', '... and without them nothing is loaded');

# ---- while an authority moves ----

sql('hub', qq{INSERT INTO rim.authority (name, key, accepts_unsigned) VALUES ('A3', @{[ key(3) ]}, true); INSERT INTO fed.placement (authority, member) VALUES (authority_id(@{[ key(3) ]}), 'rim')});
sql('hub', qq{UPDATE fed.placement SET valid_from = now() WHERE authority = authority_id(@{[ key(3) ]}) AND member = 'east.rim'});
sql('hub', 'SELECT ' . load('moving', 'A3'));
is(is_at('moving'), 'east', 'while an authority is placed at two, what is new goes to the one since last: another server');
sql('hub', qq{DELETE FROM fed.placement WHERE authority = authority_id(@{[ key(3) ]}) AND member = 'rim'; INSERT INTO fed.placement (authority, member, valid_from) VALUES (authority_id(@{[ key(3) ]}), 'rim', clock_timestamp())});
sql('hub', 'SELECT ' . load('moved', 'A3'));
is(is_at('moved'), 'hub', '... or this one');

# ---- what breaks ----

$session->query('BEGIN; INSERT INTO note VALUES (\'lost\'); SELECT ' . load('lost', 'A1'));
sql('east', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'coserv'});
$session->{stderr} = '';
$session->query('COMMIT');
like($session->{stderr}, qr/server "east" (has not committed|does not say whether it has committed)/, 'a connection that is gone before the commit is an error');
is(is_at('lost') . sql('hub', q{SELECT count(*) FROM note WHERE said = 'lost'}), '0', '... and nothing is anywhere');
$session->query('BEGIN; SELECT ' . load('lost', 'A1'));
sql('east', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'coserv'});
$session->{stderr} = '';
$session->query('SELECT ' . load('lost 2', 'A1') . '; COMMIT');
like($session->{stderr}, qr/does not (take|load) the document: /, '... and is never opened anew in the middle of a transaction');
$session->query('ROLLBACK');
is(is_at('lost') . is_at('lost 2'), '', '... and nothing is anywhere');
$session->query('SELECT ' . load('found', 'A1'));
is(is_at('found'), 'east', '... while the next transaction has a connection of its own');

my $holder = $node{east}->background_psql('postgres', on_error_stop => 0);
$holder->query('BEGIN; LOCK TABLE rim.manifest IN ACCESS EXCLUSIVE MODE');
like(error_of('SET coserv.member_timeout = 400; SELECT ' . load('late', 'A1')), qr/57014: member "east\.rim" does not (take|load) the document: it took longer than 400 ms/, 'a member that waits for a lock');
$holder->query('ROLLBACK');
$holder->quit;
$session->quit;

$node{east}->stop('immediate');
like(error_of('SELECT ' . load('down', 'A1')), qr/ERROR:  08\d\d\d: member "east\.rim" does not take the document: /, 'a member that is down is an error');
sql('hub', 'SELECT ' . load('up', 'A2'));
is($node{west}->safe_psql('postgres', q{SELECT count(*) FROM rim.manifest WHERE corim_id = 'up'}), '1', '... for who is at home there, and for nobody else');
$node{east}->start;
is(is_at('down') . is_at('late'), '', 'nothing came of what failed');
is(sql($_, 'SELECT count(*) FROM rim.check() '), '0', "the store of the $_ is whole") for qw(hub east west);

$_->stop for values %node;
done_testing();
