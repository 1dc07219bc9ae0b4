# Federations over servers: members of this database and of other clusters answer together byte for byte as one store does that holds it all;
# what goes wrong at a member (down, frozen, slow to be there, without rights, lying, with a clock that is off) is told, or left out where the
# caller allows it, within the time that he gives.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

my %node = map { $_ => PostgreSQL::Test::Cluster->new($_) } qw(hub east west);
for my $node (values %node)
{
	$node->init(auth_extra => [ '--create-role', 'asker,limited,nobody' ]);
	$node->append_conf('postgresql.conf', "fsync = off\nmax_connections = 30\nautovacuum = off\ntimezone = 'UTC'");
	$node->start;
	$node->safe_psql('postgres', q{CREATE EXTENSION coserv; SELECT coserv.create_store('rim'); CREATE ROLE asker LOGIN; CREATE ROLE nobody LOGIN;});
}
my $hub = $node{hub};
sub sql { my ($name, @rest) = @_; return $node{$name}->safe_psql('postgres', @rest); }
sub error_of { my ($name, $query, %rest) = @_; my ($ret, $out, $err) = $node{$name}->psql('postgres', $query, %rest); return $err; }

# ---- who says what: nine authorities, each at home at one of three members, and all of it in one store ----

my @home = qw(hub east west);
sub key { return qq{554("key $_[0]")}; }
my $authorities = join '', map { qq{INSERT INTO %s.authority (name, key, accepts_unsigned) VALUES ('A$_', '} . key($_) . q{', true);} } 0 .. 8;
sql($_, $authorities =~ s/%s/rim/gr . q{SELECT rim.grant_reader('asker')}) for keys %node;
sql('hub', q{SELECT coserv.create_store('one');} . $authorities =~ s/%s/one/gr);

srand(26);
sub environment
{
	my ($n) = @_;

	return $n % 3 == 0 ? qq({0: {1: "V$n"}}) : $n % 3 == 1 ? sprintf(q({0: {0: 560(h'%04x'), 1: "V%d"}}), $n, $n) : sprintf(q({1: 550(h'02%012x')}), $n);
}
my %statements = map { $_ => '' } @home, 'one';
for my $d (1 .. 90)
{
	my $authority = int rand 9;
	my $kind = (0, 0, 1, 3, 10)[ $d % 5 ];
	my @triples = map {
		my $e = environment(int rand 12);
		my $m = int rand 3;
		$kind == 3 ? sprintf(q([%s, [560(h'%04x')]]), $e, $d)
		  : $kind == 10 ? "[[[$e, [{1: {1: $m}}]]], [[$e, [{1: {1: $d}}]]]]"
		  : "[$e, [{1: {1: $m, 11: \"n$d\"}}]]"
	} 0 .. $d % 4;
	my $document = "501({0: \"doc-$d\", 1: [506(<<{1: {0: \"tag-$d\"}, 4: {$kind: [" . join(', ', @triples) . ']}}>>)]'
	  . ('', ', 3: 32("tag:x")', ', 3: 32("tag:y")')[ $d % 3 ] . '})';
	$statements{ $home[ $authority % 3 ] } .= "SELECT rim.load(\$d\$$document\$d\$, 'A$authority');\n";
	$statements{one} .= "SELECT one.load(\$d\$$document\$d\$, 'A$authority');\n";
}
sql($_, "SET client_min_messages = error; $statements{$_}") for @home;
sql('hub', "SET client_min_messages = error; $statements{one}");

sql('hub', 'CREATE EXTENSION postgres_fdw; ALTER ROLE ALL SET search_path = public, coserv');
for my $name (qw(east west))
{
	sql('hub', "CREATE SERVER $name FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '" . $node{$name}->host . "', port '" . $node{$name}->port . "', dbname 'postgres');"
		  . "GRANT USAGE ON FOREIGN SERVER $name TO asker; CREATE USER MAPPING FOR CURRENT_USER SERVER $name OPTIONS (user 'asker')");
}
sql('hub', q{SELECT coserv.create_federation('fed', ARRAY['rim', 'east.rim', 'west.rim']); GRANT USAGE ON SCHEMA fed TO asker;});
sql('hub', qq{INSERT INTO fed.placement (authority, member) VALUES (coserv.authority_id('} . key($_) . qq{'), '} . ('rim', 'east.rim', 'west.rim')[ $_ % 3 ] . q{')}) for 0 .. 8;

my $queries = q{CREATE TABLE query AS SELECT format('{0: "tag:%s", 1: {0: %s, 1: {%s}, 2: %s}}', p, artifact, selector, result)::coserv.coserv AS q
	FROM unnest(ARRAY['x', 'z']) p, generate_series(0, 2) artifact, generate_series(0, 2) result, (VALUES ('0: [[{1: "V0"}]]'), ('0: [[{1: "V3"}], [{1: "V6"}]]'),
		('0: [[{0: 560(h''0004'')}], [{1: "V9"}]]'), ('1: [[550(h''02000000000005'')]]'), ('0: [[{1: "V1"}, [{1: {1: 1}}]]]'), ('0: [[{1: "nobody"}]]')) v(selector)
	UNION ALL SELECT format('{0: "tag:%s", 1: {3: [[2, "doc-%s"], [0, "tag-%s"], [2, "none"]]}}', p, d, d + 1)::coserv.coserv FROM unnest(ARRAY['x', 'y', 'z']) p, generate_series(1, 89, 4) d};
sql('hub', $queries);
sub all_the_same
{
	my ($what) = @_;

	is(sql('hub', q{SELECT count(*) > 150, count(*) FILTER (WHERE fed.execute(q, '2090-01-01') IS DISTINCT FROM one.execute(q, '2090-01-01')) FROM query}), 't|0', $what);
	return;
}
all_the_same('members of three servers answer as one store');
is(sql('hub', q{SELECT fed.discovery('cbor') = one.discovery('cbor')}), 't', '... discovery, too');
my $evidence = q{SELECT format('{"environment": %s, "element-list": [%s], "cmtype": 2, "authority": [560(h''a7'')]}', n.e, string_agg(format('{"element-claims": {1: %s, 11: "n%s"}}', m % 3, m), ', '))::coserv.cbor AS e
	FROM (VALUES ('{0: {1: "V0"}}'), ('{0: {1: "V3"}}'), ('{0: {1: "V6"}}'), ('{0: {0: 560(h''0001''), 1: "V1"}}'), ('{1: 550(h''02000000000005'')}')) n(e), generate_series(1, 90) m GROUP BY n.e};
is(sql('hub', qq{SELECT sum(f.n) > 20, count(*) FILTER (WHERE f.t IS DISTINCT FROM o.t) FROM ($evidence) v,
	LATERAL (SELECT count(*) AS n, string_agg(x::text, ' ') AS t FROM fed.appraise(v.e, '2090-01-01') x) f, LATERAL (SELECT string_agg(x::text, ' ') AS t FROM one.appraise(v.e, '2090-01-01') x) o}), 't|0',
	'... and appraise as one store');
# files in CoSWID tags, which their members follow
for my $authority (1, 2)
{
	my $document = "501({0: \"files-$authority\", 1: [505(<<{0: \"swid\", 12: 0, 1: \"software\", 2: {31: \"maker\", 33: 1}, 6: {17: [{24: \"file\", 7: [1, h'" . ("0$authority" x 32)
	  . "']}]}}>>), 506(<<{1: {0: \"links-$authority\"}, 4: {6: [[{0: {1: \"V3\"}}, [\"swid\"]]]}}>>)]})";

	sql($home[$authority], "SELECT rim.load(\$d\$$document\$d\$, 'A$authority')");
	sql('hub', "SELECT one.load(\$d\$$document\$d\$, 'A$authority')");
}
my $filed = q('{"environment": {0: {1: "V3"}}, "element-list": [) . join(', ', map { qq({"element-claims": {2: [[1, h''@{[ "0$_" x 32 ]}'']], 11: "file"}}) } 1 .. 3) . q(], "cmtype": 2, "authority": [560(h''a7'')]}');
is(sql('hub', "SELECT string_agg(v.standing, ' ' ORDER BY v.standing) FROM fed.verdict($filed, '2090-01-01') v"), 'contradicted corroborated corroborated', 'files in CoSWID tags of two servers');
for my $what (qw(appraise verdict explain))
{
	is(sql('hub', join ' = ', map { "@{[ $_ eq 'fed' ? 'SELECT' : '' ]} (SELECT string_agg(x::text, ' ') FROM coserv.$what('$_', $filed, '2090-01-01') x)" } qw(fed one)), 't', "... $what as one store");
}

# certificates of devices, by triples and CRLs of a member at another server
my %pem = map { $_ => slurp_file("data/pki/$_") } qw(root.crt middle.crt leaf.crt leaf.key revoked.crt middle.crl);
sub der { my ($name) = @_; return "decode(regexp_replace(\$p\$$pem{$name}\$p\$, '-----[^-]+-----|\\s', '', 'g'), 'base64')"; }
my $device = sql('hub', "SELECT sign(format('501({0: \"keys\", 1: [506(<<{1: {0: \"keys\"}, 4: {3: [[{0: {1: \"DEVICE\"}}, [559([1, h''%s''])]]]}}>>)]})', encode(sha256(@{[ der('middle.crt') ]}), 'hex'))::document, \$p\$$pem{'leaf.key'}\$p\$, 'acme', ARRAY[@{[ der('leaf.crt') ]}, @{[ der('middle.crt') ]}])::bytea");
for my $where ([ 'hub', 'one' ], [ 'west', 'rim' ])
{
	sql($where->[0], "INSERT INTO $where->[1].authority (name, key) VALUES ('acme', \$p\$$pem{'root.crt'}\$p\$); SELECT $where->[1].load('$device')");
	sql($where->[0], "INSERT INTO $where->[1].crl (authority, der, chain) VALUES ('acme', @{[ der('middle.crl') ]}, ARRAY[@{[ der('middle.crt') ]}])");
}
sql('hub', "INSERT INTO fed.placement (authority, member) VALUES (coserv.authority_id(\$p\$$pem{'root.crt'}\$p\$::crypto_key), 'west.rim')");
for my $leaf ([ 'leaf.crt', 't', '' ], [ 'revoked.crt', 'f', 'certificate path: .* is revoked' ])
{
	my $asked = q('{"environment": {0: {1: "DEVICE"}}, "element-list": [{"element-claims": {11: "x"}}], "cmtype": 2, "authority": [560(h''a77e'')]}', NULL, ARRAY[$p$) . "$pem{$leaf->[0]}$pem{'middle.crt'}" . q($p$]::crypto_key[]);
	my ($many, $one) = map { sql('hub', "SELECT string_agg(x::text, ' ') FROM $_.appraise($asked) x") } qw(fed one);

	is($many, $one, "$leaf->[0] is judged as by one store");
	like(sql('hub', "SELECT matched, reason FROM fed.explain($asked) WHERE path = 'key-list[0]'"), qr/^$leaf->[1]\|$leaf->[2]/, "... $leaf->[1]");
}

# views and reverse look-up, row by row
sub rows { my ($item) = @_; return "(SELECT coalesce(string_agg(r, E'\\n' ORDER BY r), '') FROM (SELECT (to_jsonb(v) - 'member')::text AS r FROM $item v) x)"; }
for my $item ('%s.current_triple', '%s.reference_value', '%s.attest_key', '%s.conditional_endorsement', '(SELECT * FROM %s.reference_value WHERE environment @> $${0: {1: "V3"}}$$)',
	q(%s.vouchers_of('{1: {1: 1}}')), q(%s.mentions_of('{1: {1: 1}}')), q(%s.vouchers(decode(repeat('02', 32), 'hex'))), q(%s.vouchers_of_key('560(h''0008'')')))
{
	my ($many, $one) = map { rows($item =~ s/%s/$_/r) } qw(fed one);

	is(sql('hub', "SELECT length($one) > 100, $many = $one"), 't|t', $item =~ s/%s\./... and /r);
}
is(sql('hub', 'SELECT ' . rows(q(fed.reference_value('{0: {1: "V3"}}'))) . ' = ' . rows(q((SELECT * FROM one.reference_value WHERE environment @> '{0: {1: "V3"}}')))), 't', '... and what they find by an environment');
my $changed = q((SELECT statement, what, environments, name, by_authority, isempty(counts) FROM %s.changes()));
is(sql('hub', 'SELECT length(' . rows($changed =~ s/%s/one/r) . ') > 1000, ' . rows($changed =~ s/%s/fed/r) . ' = ' . rows($changed =~ s/%s/one/r)), 't|t', '... and what has changed');
my $since = sql('hub', 'SELECT fed.cursor()');
is(sql('hub', "SELECT count(*) FROM fed.changes('$since')"), '0', '... nothing since a cursor');
my $revocation = sql('east', q{SELECT rim.revoke(authority => 'A4', reason => 'test')});
sql('east', "SELECT rim.unrevoke('$revocation', 'it was one')");
is(sql('hub', "SELECT string_agg(DISTINCT format('%s %s', member, by_authority), ', '), count(*) > 3 FROM fed.changes('$since')"), 'east.rim A4|t', '... and then what one member tells');
is(sql('hub', "SELECT count(*) FROM fed.changes((SELECT max(cursor) FROM fed.changes('$since')))"), '0', '... once');
is(sql('hub', q{SELECT string_agg(DISTINCT member, ' ' ORDER BY member) FROM fed.vouchers_of('{1: {1: 1}}')}), 'east.rim rim west.rim', '... and at whom');
my $q = q{'{0: "tag:x", 1: {0: 2, 1: {0: [[{1: "V0"}], [{1: "V3"}], [{1: "V6"}]]}, 2: 0}}'};
is(sql('hub', qq{SELECT count(DISTINCT m.value ->> 'moment') FROM fed.execute_members($q) x, jsonb_each(x.members) m}), '3', 'each member has a moment of its own');
is(sql('hub', qq{WITH first AS MATERIALIZED (SELECT * FROM fed.execute_members($q)), pause AS MATERIALIZED (SELECT pg_sleep(0.01) FROM first)
	SELECT again.result = first.result AND again.members = first.members FROM first, pause, fed.execute_members($q, first.members) again}), 't', '... of which it can be asked again');

# ---- who is not asked ----

sub asked { my ($name) = @_; return sql($name, q{SELECT COALESCE(sum(calls), 0) FROM pg_stat_user_functions WHERE funcname = 'member_rows'}); }
sql('hub', q{UPDATE fed.placement SET environments = ARRAY['{0: {1: "V3"}}']::coserv.environment[] WHERE member = 'west.rim'});
my $v0 = q{'{0: "tag:x", 1: {0: 2, 1: {0: [[{1: "V0"}]]}, 2: 0}}'};
$node{west}->append_conf('postgresql.conf', 'track_functions = all');
$node{west}->reload;
sleep 0.5;
is(sql('hub', qq{SELECT members -> 'west.rim' ->> 'asked', members -> 'east.rim' ? 'moment' FROM fed.execute_members($v0)}), 'false|t', 'who cannot match is not asked');
like(sql('hub', qq{SELECT members -> 'west.rim' ->> 'moment' FROM fed.execute_members($q)}), qr/^20/, '... and is where it can');
ok($node{west}->poll_query_until('postgres', q{SELECT sum(calls) > 0 FROM pg_stat_user_functions WHERE funcname = 'member_rows'}), '... by its own statistics');
is(asked('west'), 1, '... once of two times');
sql('hub', q{UPDATE fed.placement SET environments = NULL});

# ---- connections are held, and opened again ----

sub backends { my ($name) = @_; return sql($name, q{SELECT count(*) FROM pg_stat_activity WHERE application_name = 'coserv'}); }
my $session = $hub->background_psql('postgres', on_error_stop => 0);
like($session->query("SELECT length(fed.execute($q)::bytea) > 100"), qr/t/, 'a session asks');
is(backends('east'), 1, '... and its connection stays');
sql('east', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'coserv'});
sleep 0.2;
like($session->query("SELECT length(fed.execute($q)::bytea) > 100"), qr/t/, '... where the member closed it, another one is opened');
sql('hub', q{ALTER SERVER east OPTIONS (ADD keepalives_idle '30')});
like($session->query("SELECT length(fed.execute($q)::bytea) > 100"), qr/t/, '... and where the server has other options');
is(backends('east'), 1, '... the old one is closed');
$session->quit;

# ---- a member that is down ----

$node{west}->stop('immediate');
like(error_of('hub', "SELECT fed.execute($q)"), qr/member "west\.rim" does not answer: /, 'a member that is down is an error');
like(sql('hub', qq{SELECT members -> 'west.rim' ->> 'missing' FROM fed.execute_members($q, allow_missing => true)}), qr/onnection|socket/, '... or is told to be missing');
like(error_of('hub', "SELECT fed.execute_signed($q)"), qr/does not answer/, '... and what is signed is never without it');
$node{west}->start;
all_the_same('it is back, and all is as it was');

# ---- a member that hangs ----

my $soon = 8; # what hangs here hangs until the test ends it, so that this tells it from a machine that is busy
sub took { my ($code) = @_; my $begin = time; my $result = $code->(); return ($result, time - $begin); }
my $postmaster = (split /\n/, slurp_file($node{west}->data_dir . '/postmaster.pid'))[0];
$session = $hub->background_psql('postgres', on_error_stop => 0);
$session->query("SELECT length(fed.execute($q)::bytea)");
my @frozen = ($postmaster, split /\n/, sql('west', q{SELECT pid FROM pg_stat_activity WHERE application_name = 'coserv'}));
kill 'STOP', @frozen;
my ($said, $seconds) = took(sub { error_of('hub', "SET statement_timeout = 500; SELECT fed.execute($q)") });
like($said, qr/canceling statement due to statement timeout/, 'a server that hangs: statement_timeout holds while connecting');
cmp_ok($seconds, '<', $soon, '... soon');
($said, $seconds) = took(sub { $session->query("SET statement_timeout = 500; SELECT fed.execute($q)"); $session->{stderr} });
cmp_ok($seconds, '<', $soon, 'a backend that hangs: it holds on a held connection');
like($said, qr/statement timeout/, '... and is told');
($said, $seconds) = took(sub { sql('hub', qq{SET coserv.member_timeout = 300; SELECT members -> 'west.rim' ->> 'missing' FROM fed.execute_members($q, allow_missing => true)}) });
like($said, qr/it took longer than 300 ms/, 'coserv.member_timeout leaves it out where that is allowed');
cmp_ok($seconds, '<', $soon, '... in time');
kill 'CONT', reverse @frozen;
like($session->query("RESET statement_timeout; SELECT length(fed.execute($q)::bytea) > 100"), qr/t/, 'the session goes on');
$session->quit;
all_the_same('... and so do all');

# a member that is in a transaction which never ends, with a lock on what is asked
my $holder = $node{east}->background_psql('postgres', on_error_stop => 0);
$holder->query('BEGIN; LOCK TABLE rim.manifest IN ACCESS EXCLUSIVE MODE');
($said, $seconds) = took(sub { error_of('hub', "SET coserv.member_timeout = 400; SELECT fed.execute($q)") });
like($said, qr/member "east\.rim" does not answer: it took longer than 400 ms/, 'a member that waits for a lock');
cmp_ok($seconds, '<', $soon, '... ends in time');
my $gone = 0;
for (1 .. 50)
{
	last if $gone = backends('east') == 0;
	sleep 0.1;
}
ok($gone, '... and its server knows that nobody waits any more');
$holder->quit;

# ---- rights ----

sql('hub', q{CREATE USER MAPPING FOR asker SERVER east OPTIONS (user 'asker'); CREATE USER MAPPING FOR asker SERVER west OPTIONS (user 'asker')});
like(error_of('hub', "SELECT fed.execute($q)", extra_params => [ '-U', 'asker' ]), qr/a password is required/, 'who is no superuser gets in by a password, or not at all');
sql('hub', qq{ALTER USER MAPPING FOR asker SERVER $_ OPTIONS (ADD password_required 'false')}) for qw(east west);
is($hub->safe_psql('postgres', "SELECT length(fed.execute($q)::bytea) > 100", extra_params => [ '-U', 'asker' ]), 't', '... or as a superuser has it');
like(error_of('hub', "SELECT fed.execute($q)", extra_params => [ '-U', 'nobody' ]), qr/permission denied for schema fed/, 'nobody has no right to the federation');
sql('hub', 'GRANT USAGE ON SCHEMA fed TO nobody; SELECT rim.grant_reader(\'nobody\')');
like(error_of('hub', "SELECT fed.execute($q)", extra_params => [ '-U', 'nobody' ]), qr/permission denied for foreign server east/, '... nor to its servers');
sql('hub', 'GRANT USAGE ON FOREIGN SERVER east, west TO nobody');
like(error_of('hub', "SELECT fed.execute($q)", extra_params => [ '-U', 'nobody' ]), qr/user mapping not found for (user )?"nobody"/, '... nor a user there');
sql('east', q{SELECT rim.revoke_reader('asker')});
like(error_of('hub', "SELECT fed.execute($q)"), qr/member "east\.rim" does not answer: permission denied for schema rim/, 'rights that are taken away at a member are an error, no hole');
sql('east', q{SELECT rim.grant_reader('asker')});

# row-level security: of a member, by the role that the mapping names; of this database, only where it can be passed on
sql('east', q{SELECT rim.limit_reader('asker', ARRAY['A1'])});
is(sql('hub', q{SELECT string_agg(DISTINCT x.authority, ',' ORDER BY x.authority) FROM query, fed.quads(q, '2090-01-01') x WHERE q::text NOT LIKE '%3: [[%'}), 'A0,A1,A2,A3,A5,A6,A8',
	'what the role of the mapping may not read at a member is not in the answer');
sql('east', q{SELECT rim.limit_reader('asker')});
sql('hub', q{SELECT rim.limit_reader('nobody', ARRAY['A0']); CREATE USER MAPPING FOR PUBLIC SERVER east OPTIONS (user 'asker', password_required 'false');
	CREATE USER MAPPING FOR PUBLIC SERVER west OPTIONS (user 'asker', password_required 'false')});
like(error_of('hub', "SELECT fed.execute($q)", extra_params => [ '-U', 'nobody' ]), qr/what limits role "nobody" here cannot be passed on to server "east"/,
	'who is limited here is refused where his limits cannot be passed on');
sql('hub', q{SELECT rim.limit_reader('nobody')});
is($hub->safe_psql('postgres', "SELECT length(fed.execute($q)::bytea) > 100", extra_params => [ '-U', 'nobody' ]), 't', '... and not without limits');

# ---- members that lie, or speak another form ----

my $arguments = 'regnamespace, bytea, timestamptz, uuid[], integer';
sql('west', "ALTER EXTENSION coserv DROP FUNCTION coserv.member_rows($arguments); ALTER FUNCTION coserv.member_rows($arguments) RENAME TO honest_rows");
sub liar
{
	my ($what, $pattern, $select) = @_;

	sql('west', q{CREATE OR REPLACE FUNCTION coserv.member_rows(store regnamespace, query bytea, as_of timestamptz, authorities uuid[], form integer,
		OUT manifest uuid, OUT ordinal integer, OUT kind smallint, OUT environment bytea, OUT content bytea, OUT shown_as bytea, OUT profile text, OUT not_before timestamptz,
		OUT not_after timestamptz, OUT is_signed boolean, OUT truth uuid, OUT current bytea, OUT authority text, OUT authority_id uuid, OUT moment timestamptz, OUT document bytea, OUT media_type text, OUT chain bytea, OUT number integer)
		RETURNS SETOF record LANGUAGE sql AS $f$ } . $select . q{ $f$});
	like(error_of('hub', "SELECT fed.execute($q)"), $pattern, $what);
	return;
}
my $columns = 'manifest, ordinal, kind, environment, content, shown_as, profile, not_before, not_after, is_signed, truth, current, authority, authority_id, moment, document, media_type, chain, number';
my $honest = 'coserv.honest_rows(store, query, as_of, authorities, form) WITH ORDINALITY r(' . "$columns, n)";
liar('a member that is honest', qr/^$/, "SELECT $columns FROM $honest ORDER BY n");
liar('malformed content', qr/member "west\.rim" does not answer: it sent a malformed row/, "SELECT @{[ $columns =~ s/\bcontent\b/'\\x8201'::bytea/r ]} FROM $honest ORDER BY n");
liar('content that is no triple', qr/it sent a malformed row/, "SELECT @{[ $columns =~ s/\bcontent\b/'\\x820102'::bytea/r ]} FROM $honest ORDER BY n");
liar('an environment that is not the triple\'s', qr/something that it was not asked for/, "SELECT @{[ $columns =~ s/\benvironment\b/CASE WHEN manifest IS NOT NULL THEN '\\xa100a101615a'::bytea END/r ]} FROM $honest ORDER BY n");
liar('a kind that was not asked for', qr/malformed row|not asked for/, "SELECT @{[ $columns =~ s/\bkind\b/CASE WHEN manifest IS NOT NULL THEN 7::smallint END/r ]} FROM $honest ORDER BY n");
liar('a key that is none', qr/it sent a malformed row/, "SELECT @{[ $columns =~ s/\bshown_as\b/'\\x01'::bytea/r ]} FROM $honest ORDER BY n");
liar('in the name of an authority that is placed elsewhere', qr/in the name of an authority that is not placed there/,
	"SELECT @{[ $columns =~ s/\bauthority_id\b/coserv.authority_id('554(\"key 0\")')/r ]} FROM $honest ORDER BY n");
liar('without a moment', qr/it sent a malformed row/, "SELECT @{[ $columns =~ s/\bmoment\b/NULL::timestamptz/r ]} FROM $honest ORDER BY n");
liar('a clock that is ahead', qr/its clock is ahead by more than 300 s/, "SELECT @{[ $columns =~ s/\bmoment\b/moment + '1 hour'/r ]} FROM $honest ORDER BY n");
liar('a clock that is behind by a minute', qr/^$/, "SELECT @{[ $columns =~ s/\bmoment\b/moment - '1 min'::interval/r ]} FROM $honest ORDER BY n");
is(sql('hub', qq{SELECT (members -> 'east.rim' ->> 'moment')::timestamptz - (members -> 'west.rim' ->> 'moment')::timestamptz > '59 s' FROM fed.execute_members($q)}), 't',
	'... is told, and the answer expires as early as it says');
liar('what it was not asked about', qr/something that it was not asked for/,
	"SELECT $columns FROM coserv.honest_rows(store, '{0: \"tag:x\", 1: {0: 2, 1: {0: [[{1: \"V9\"}], [{1: \"V1\"}], [{1: \"V4\"}], [{1: \"V7\"}], [{1: \"V10\"}]]}, 2: 0}}'::coserv.coserv::bytea, as_of, authorities, form) WITH ORDINALITY r($columns, n) ORDER BY n");

# what has changed: text that has to be read here
sql('west', 'ALTER EXTENSION coserv DROP FUNCTION coserv.member_changes(regnamespace, text, uuid[], integer); ALTER FUNCTION coserv.member_changes(regnamespace, text, uuid[], integer) RENAME TO honest_changes');
my %change = (cursor => "'c'::text", statement => "gen_random_uuid()::text", what => "'new'::text", known_at => "now()::text", environments => "'{}'::text", name => "'n'::text", by_authority => "'A2'::text", counts => "'{(,)}'::text");
for my $lie ([ statement => "'1'::text", 'invalid input syntax for type uuid' ], [ known_at => "'yesterdays'::text", 'invalid input syntax for type timestamp' ], [ environments => "'{0}'::text", 'invalid environment' ],
	[ counts => "'x'::text", 'malformed multirange literal' ], [ name => "'n'::text", undef ])
{
	my ($column, $value, $error) = @$lie;
	my $select = join ', ', map { $_ eq $column ? $value : $change{$_} } qw(cursor statement what known_at environments name by_authority counts);

	sql('west', "CREATE OR REPLACE FUNCTION coserv.member_changes(store regnamespace, since text, authorities uuid[], form integer, OUT cursor text, OUT statement text, OUT what text,
		OUT known_at text, OUT environments text, OUT name text, OUT by_authority text, OUT counts text) RETURNS SETOF record LANGUAGE sql AS \$f\$ SELECT $select \$f\$");
	like(error_of('hub', 'SELECT count(*) FROM fed.changes()'), defined $error ? qr/$error.*change that member "west\.rim" tells/s : qr/^$/, 'a change with ' . ($error // 'nothing that is wrong'));
}
sql('west', 'DROP FUNCTION coserv.member_changes(regnamespace, text, uuid[], integer); ALTER FUNCTION coserv.honest_changes(regnamespace, text, uuid[], integer) RENAME TO member_changes');

# files: of another environment than was asked about
sql('west', 'ALTER EXTENSION coserv DROP FUNCTION coserv.member_files(regnamespace, bytea, timestamptz, uuid[], integer, text[]); ALTER FUNCTION coserv.member_files(regnamespace, bytea, timestamptz, uuid[], integer, text[]) RENAME TO honest_files');
for my $lie ([ environment => q('\\xa100a101615a'::bytea), 'something that it was not asked for' ], [ authority_id => q(coserv.authority_id('554("key 0")')), 'an authority that is not placed there' ],
	[ shown_as => q('\\x00'::bytea), 'it sent a malformed row' ], [ shown_as => 'NULL::bytea', 'it sent a malformed row' ], [ path => q(path), undef ])
{
	my ($column, $value, $error) = @$lie;
	my $all = 'moment, manifest, ordinal, environment, path, digest_alg, digest, shown_as, profile, authority_id, source, version, "position", authority, not_before, not_after';

	sql('west', 'CREATE OR REPLACE FUNCTION coserv.member_files(store regnamespace, asked bytea, as_of timestamptz, authorities uuid[], form integer, paths text[], OUT moment timestamptz, OUT manifest uuid,
		OUT ordinal integer, OUT environment bytea, OUT path text, OUT digest_alg text, OUT digest bytea, OUT shown_as bytea, OUT profile text, OUT authority_id uuid, OUT source text, OUT version text, OUT "position" integer, OUT authority text,
		OUT not_before timestamptz, OUT not_after timestamptz) RETURNS SETOF record LANGUAGE sql AS $f$ SELECT '
		  . ($all =~ s/\b$column\b/CASE WHEN manifest IS NOT NULL THEN $value END/r) . " FROM coserv.honest_files(store, asked, as_of, authorities, form, paths) WITH ORDINALITY r($all, n) ORDER BY n \$f\$");
	like(error_of('hub', "SELECT count(*) FROM fed.verdict($filed)"), defined $error ? qr/member "west\.rim" does not answer: .*$error/ : qr/^$/, 'a file with ' . ($error // 'nothing that is wrong'));
	like(error_of('hub', "SELECT count(*) FROM fed.vouchers(decode(repeat('02', 32), 'hex'))"), defined $error && $column eq 'authority_id' ? qr/$error/ : qr/^$/, "... which a look-up by its digest is told, too") if $column ne 'shown_as' && $column ne 'environment';
}
sql('west', 'DROP FUNCTION coserv.member_files(regnamespace, bytea, timestamptz, uuid[], integer, text[]); ALTER FUNCTION coserv.honest_files(regnamespace, bytea, timestamptz, uuid[], integer, text[]) RENAME TO member_files');

# triples that views and reverse look-up ask for: by the same row, and as they were asked for
my $more = "$arguments, text, smallint[]";
sql('west', "ALTER EXTENSION coserv DROP FUNCTION coserv.member_triples($more); ALTER FUNCTION coserv.member_triples($more) RENAME TO honest_triples");
sql('west', q{CREATE FUNCTION coserv.member_triples(store regnamespace, asked bytea, as_of timestamptz, authorities uuid[], form integer, what text, kinds smallint[],
	OUT manifest uuid, OUT ordinal integer, OUT kind smallint, OUT environment bytea, OUT content bytea, OUT shown_as bytea, OUT profile text, OUT not_before timestamptz,
	OUT not_after timestamptz, OUT is_signed boolean, OUT truth uuid, OUT current bytea, OUT authority text, OUT authority_id uuid, OUT moment timestamptz, OUT document bytea, OUT media_type text, OUT chain bytea, OUT number integer)
	RETURNS SETOF record LANGUAGE sql AS $f$ SELECT * FROM coserv.honest_triples(store, '', as_of, authorities, form, 'all', NULL) $f$});
is(error_of('hub', 'SELECT count(*) FROM fed.current_triple'), '', 'a member that tells all triples is honest about all of them');
like(error_of('hub', 'SELECT count(*) FROM fed.reference_value'), qr/member "west\.rim" does not answer: it answers with something that it was not asked for/, '... not about those of a kind');
like(error_of('hub', q{SELECT count(*) FROM fed.current_triple('{0: {1: "V3"}}')}), qr/something that it was not asked for/, '... nor of an environment');
is(sql('hub', q{SELECT count(*) FROM fed.vouchers_of('{1: {11: "nobody says so"}}')}), '0', '... and of what speaks of something, each is looked at here');
sql('west', "DROP FUNCTION coserv.member_triples($more)");
like(error_of('hub', 'SELECT count(*) FROM fed.reference_value'), qr/member "west\.rim" does not answer: function coserv\.member_triples.* does not exist/, '... and one that is older is told');
sql('west', "ALTER FUNCTION coserv.honest_triples($more) RENAME TO member_triples; DROP FUNCTION coserv.member_rows($arguments)");
like(error_of('hub', "SELECT fed.execute($q)"), qr/member "west\.rim" does not answer: function coserv\.member_rows.* does not exist.*older than this one/s, 'an older version of the extension');
sql('west', "ALTER FUNCTION coserv.honest_rows($arguments) RENAME TO member_rows");
like(error_of('west', q{SELECT * FROM coserv.member_rows('rim', '\xa0', NULL, '{}', 2)}), qr/this member speaks form 1, and is asked in form 2/, 'another form');
all_the_same('after all of this, members of three servers answer as one store');

$_->stop for values %node;
done_testing();
