# What goes between a federation and a member at another server: how often a member is asked in an appraisal, by its own statistics; and rows
# that a forger changed, byte for byte: each ends in an answer to what was asked, or in an error that names the member.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my %node = map { $_ => PostgreSQL::Test::Cluster->new($_) } qw(hub east west);
for my $node (values %node)
{
	$node->init;
	$node->append_conf('postgresql.conf', "fsync = off\nmax_connections = 20\nautovacuum = off\ntimezone = 'UTC'\ntrack_functions = all");
	$node->start;
	$node->safe_psql('postgres', q{CREATE EXTENSION coserv; SELECT coserv.create_store('rim')});
}
sub sql { my ($name, @rest) = @_; return $node{$name}->safe_psql('postgres', @rest); }
sub key { return qq{'554("key $_[0]")'}; }

my %authority = (hub => 'A0', east => 'A1', west => 'A2');
sub placed { my ($store, $name) = @_; return qq{INSERT INTO $store.authority (name, key, accepts_unsigned) VALUES ('$name', } . key($name) . ', true);'; }
sql('hub', q{SELECT coserv.create_store('one'); CREATE EXTENSION postgres_fdw;});
for my $name (sort keys %node)
{
	sql($name, placed('rim', $authority{$name}));
	sql('hub', placed('one', $authority{$name}));
	sql('hub', "CREATE SERVER $name FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '" . $node{$name}->host . "', port '" . $node{$name}->port . "', dbname 'postgres');"
		  . "CREATE USER MAPPING FOR CURRENT_USER SERVER $name") if $name ne 'hub';
}
sql('hub', q{SELECT coserv.create_federation('fed', ARRAY['rim', 'east.rim', 'west.rim'])});
sql('hub', "INSERT INTO fed.placement (authority, member) VALUES (coserv.authority_id(" . key($authority{$_}) . "), '" . ($_ eq 'hub' ? 'rim' : "$_.rim") . "')") for sort keys %node;

my $number = 0;
sub load
{
	my ($name, $kind, @triples) = @_;
	my $id = 'doc-' . ++$number;
	my $document = "\$d\$501({0: \"$id\", 1: [506(<<{1: {0: \"$id\"}, 4: {$kind: [" . join(', ', @triples) . ']}}>>)]})$d$, \'' . $authority{$name} . q{'};

	sql($name, "SELECT rim.load($document)");
	sql('hub', "SELECT one.load($document)");
	return;
}

# ---- round trips of an appraisal ----

# What one member endorses is the condition of what another one does, three rounds long: V0 to W, W to E, E to V0.
sub endorses { my ($if, $is, $then, $that) = @_; return qq([[[{0: {1: "$if"}}, [{1: {11: "$is"}}]]], [[{0: {1: "$then"}}, [{1: {11: "$that"}}]]]]); }
load('east', 10, endorses('V0', 'n', 'W', 'w'));
load('west', 10, endorses('W', 'w', 'E', 'e'));
load('hub', 10, endorses('E', 'e', 'V0', 'end'));
load($_, 0, map { qq([{0: {1: "V$_"}}, [{0: "b", 1: {11: "n"}}]]) } 0 .. 39) for sort keys %node;

sub evidence { my (@vendors) = @_; return q{'[} . join(', ', map { qq({"environment": {0: {1: "$_"}}, "element-list": [{"element-claims": {11: "n"}}], "cmtype": 2, "authority": [560(h''a7'')]}) } @vendors) . q{]'}; }
sub asked
{
	my ($function, $vendors, $calls, $what) = @_;
	my $appraised = 'SELECT count(*), string_agg(x::text, chr(10)) FROM %s.' . $function . '(' . evidence(@$vendors) . q{, '2090-01-01') x};

	sql($_, 'SELECT pg_stat_reset()') for qw(east west);
	is(sql('hub', sprintf $appraised, 'fed'), sql('hub', sprintf $appraised, 'one'), "$what: as one store has it");
	for my $name (qw(east west))
	{
		ok($node{$name}->poll_query_until('postgres', q{SELECT sum(calls) > 0 FROM pg_stat_user_functions WHERE funcname = 'member_relations'}), '... asked');
		is(sql($name, q{SELECT sum(calls) FROM pg_stat_user_functions WHERE funcname = 'member_relations'}), $calls, "... $name: $calls times");
	}
	return;
}
asked('appraise', ['V3'], 1, 'one environment');
asked('appraise', [ map { "V$_" } 1 .. 39 ], 1, 'many environments');
asked('appraise', [ map { "V$_" } 0 .. 39 ], 3, 'many, and two that come up in rounds of their own');
asked('verdict', [ map { "V$_" } 0 .. 39 ], 3, 'what is said of each of them');

# ---- rows that a forger changed ----

# A row on the wire: its columns in binary form. As of which moment a member is asked says what is changed, so each run is the same.
sql('west', q{
	CREATE TYPE wire AS (c bytea[]);
	CREATE FUNCTION forged(seed int, rows wire[]) RETURNS SETOF wire LANGUAGE plpgsql AS $f$
	DECLARE
		r int; k int; n int; c bytea[]; b bytea;
	BEGIN
		PERFORM setseed(seed / 10000.0);
		FOR i IN 1 .. 1 + floor(random() * 2)::int LOOP
			r := 1 + floor(random() * cardinality(rows));
			c := rows[r].c;
			k := 1 + floor(random() * cardinality(c));
			b := c[k];
			IF random() < 0.6 AND length(b) > 0 THEN
				n := floor(random() * 8 * length(b));
				b := set_bit(b, n, 1 - get_bit(b, n));
			ELSE
				b := CASE floor(random() * 5)::int WHEN 0 THEN NULL WHEN 1 THEN substr(b, 1, floor(random() * length(b))::int)
					WHEN 2 THEN b || decode(lpad(to_hex(floor(random() * 256)::int), 2, '0'), 'hex') WHEN 3 THEN c[1 + floor(random() * cardinality(c))::int]
					ELSE rows[1 + floor(random() * cardinality(rows))::int].c[k] END;
			END IF;
			c[k] := b;
			rows[r] := ROW(c)::wire;
		END LOOP;
		RETURN QUERY SELECT * FROM unnest(rows);
	END $f$});

my @asked = ('store regnamespace', 'asked bytea', 'as_of timestamptz', 'authorities uuid[]', 'form integer');
my %more = (member_triples => [ 'what text', 'kinds smallint[]' ]);
my %send = (integer => 'int4send', smallint => 'int2send', boolean => 'boolsend', text => 'textsend', uuid => 'uuid_send', timestamptz => 'timestamptz_send', bytea => '');
sub forge
{
	my ($function) = @_;
	my @arguments = (@asked, @{ $more{$function} // [] });
	my $arguments = join ', ', map { (split / /)[1] } @arguments;
	my @columns = map { [split /\|/] } split /\n/, sql('west', qq{SELECT p.n, CASE format_type(t, NULL) WHEN 'timestamp with time zone' THEN 'timestamptz' ELSE format_type(t, NULL) END
		FROM pg_proc f, unnest(f.proargnames, f.proallargtypes, f.proargmodes) WITH ORDINALITY p(n, t, mode, i) WHERE f.oid = 'coserv.$function($arguments)'::regprocedure AND mode = 'o' ORDER BY i});

	sql('west', "ALTER EXTENSION coserv DROP FUNCTION coserv.$function($arguments); ALTER FUNCTION coserv.$function($arguments) RENAME TO honest_$function");
	sql('west', "CREATE FUNCTION coserv.$function(" . join(', ', @arguments, map { "OUT \"$_->[0]\" bytea" } @columns)
		  . ') RETURNS SETOF record LANGUAGE sql AS $f$ SELECT ' . join(', ', map { "w.c[$_]" } 1 .. @columns) . ' FROM forged(extract(microseconds FROM $3)::int, (SELECT array_agg(ROW(ARRAY['
		  . join(', ', map { "$send{$_->[1]}(r.\"$_->[0]\")" } @columns) . "])::wire ORDER BY r.ordinality) FROM coserv.honest_$function(" . join(', ', map { "\$$_" } 1 .. @arguments) . ") WITH ORDINALITY r)) w \$f\$");
	return $arguments;
}
sub honest
{
	my ($function, $arguments) = @_;

	sql('west', "DROP FUNCTION coserv.$function($arguments); ALTER FUNCTION coserv.honest_$function($arguments) RENAME TO $function; ALTER EXTENSION coserv ADD FUNCTION coserv.$function($arguments)");
	return;
}

# Each time something else is changed: how often that was an answer that holds, how often it was refused; and whatever else came of it.
sql('hub', q{
	CREATE FUNCTION holds(what text, times int, asked text, holds text) RETURNS text LANGUAGE plpgsql AS $f$
	DECLARE
		answers int := 0; refusals int := 0; others text[]; good boolean;
	BEGIN
		FOR n IN 1 .. times LOOP
			BEGIN
				EXECUTE format('SELECT %s FROM (%s) x', holds, asked) INTO good USING '2090-01-01'::timestamptz + n * interval '1 us';
				IF good THEN answers := answers + 1; ELSE others := others || format('%s: a bad answer', n); END IF;
			EXCEPTION WHEN others THEN
				IF SQLERRM ~ '^member "west.rim" does not answer: it ' THEN refusals := refusals + 1; ELSE others := others || format('%s: %s', n, SQLERRM); END IF;
			END;
		END LOOP;
		RAISE NOTICE '%: % answers, % refusals', what, answers, refusals;
		RETURN format('%s %s %s', answers >= times / 20, refusals >= times / 4, array_to_string(others, ', '));
	END $f$});
sub forged
{
	my ($function, $what, $times, $asked, $holds) = @_;

	my $arguments = forge($function);
	my ($ret, $out, $err) = $node{hub}->psql('postgres', "SELECT holds('$what', $times, \$a\$$asked\$a\$, \$a\$$holds\$a\$)");
	is($out, 't t ', "$what: an answer to what was asked, or an error that names the member") or diag($err);
	note($err =~ /NOTICE: (.*)/);
	honest($function, $arguments);
	return;
}
my $q = q{'{0: "tag:x", 1: {0: 2, 1: {0: [[{1: "V0"}], [{1: "V3"}], [{1: "V6"}]]}, 2: 0}}'::coserv.coserv};
my $source = $q =~ s/2: 0\}\}/2: 2}}/r;
my $ids = join ', ', map { 'coserv.authority_id(' . key($_) . ')' } sort values %authority;
forged('member_rows', 'triples', 300, "SELECT (fed.quads($q, \$1)).*",
	q{bool_and(environment OPERATOR(coserv.@@) } . $q . q{ AND kind = 0 AND coserv.cbor(triple) IS NOT NULL) AND count(*) BETWEEN 6 AND 9});
forged('member_rows', 'triples and documents', 200, 'SELECT fed.execute(' . $source . ', $1) AS r', 'bool_and(r::text::coserv.coserv::bytea = r::bytea)');
forged('member_relations', 'triples of an appraisal', 150, 'SELECT fed.appraise(' . evidence(map { "V$_" } 0 .. 3) . ', $1) AS e', 'count(*) >= 4');
forged('member_triples', 'triples of a view', 150, q{SELECT (fed.current_triple('{0: {1: "V3"}}', $1)).*}, q{bool_and(vendor = 'V3' AND coserv.cbor(triple) IS NOT NULL) AND count(*) BETWEEN 2 AND 3});
forged('member_rims', 'documents by identifier', 150, q{SELECT fed.execute('{0: "tag:x", 1: {3: [[2, "doc-6"], [0, "doc-6"], [2, "none"]]}}', $1) AS r}, 'bool_and(r::text::coserv.coserv::bytea = r::bytea)');
is(sql('hub', "SELECT fed.execute($q, '2090-01-01')::bytea = one.execute($q, '2090-01-01')::bytea"), 't', 'and then the member is asked again, and answers');
sql('hub', q{UPDATE fed.placement SET environments = ARRAY['{0: {1: "V6"}}']::coserv.environment[] WHERE member = 'west.rim'});
is(sql('hub', "SELECT count(*) FROM fed.quads($q, '2090-01-01') x WHERE authority = 'A2'"), '1', 'of one environment alone it is believed');
is(sql('hub', "SELECT fed.execute($source, '2090-01-01')::text ~ '646f632d36'"), 't', '... and its document comes, though its first triple is of another one');

# ---- what a session keeps of the members ----

my $session = $node{hub}->background_psql('postgres', on_error_stop => 0);
sub of_west { my ($before) = @_; return $session->query("${before}SELECT count(*) FROM fed.quads($q, '2090-01-01') x WHERE authority = 'A2'") =~ s/\D//gr; }
sub placed_in_west { my ($of) = @_; return "UPDATE fed.placement SET environments = $of WHERE member = 'west.rim'"; }
my $one = q{ARRAY['{0: {1: "V6"}}']::coserv.environment[]};
is(of_west(''), 1, 'a session asks');
sql('hub', placed_in_west('NULL'));
is(of_west(''), 3, '... and believes what another one has placed since');
is(of_west('BEGIN; ' . placed_in_west($one) . '; '), 1, '... or itself');
is(of_west('SAVEPOINT s; ' . placed_in_west('NULL') . '; '), 3, '... and again');
is(of_west('ROLLBACK TO s; '), 1, '... but not what it took back');
is(of_west('ROLLBACK; '), 3, '... either way');
is(of_west('BEGIN ISOLATION LEVEL REPEATABLE READ; '), 3, 'a transaction that keeps its snapshot');
sql('hub', placed_in_west($one));
is(of_west(''), 3, '... keeps what was placed then');
is(of_west('COMMIT; '), 1, '... until it ends');
sql('hub', q{ALTER SCHEMA rim RENAME TO elsewhere});
like($session->query(qq{SELECT fed.execute($q)}) . $session->{stderr}, qr/schema "rim" does not exist/, 'a member that is called otherwise is noticed');
sql('hub', q{ALTER SCHEMA elsewhere RENAME TO rim});
is(of_west(''), 1, '... and is there again');
$session->quit;

# what a member is asked is looked at, too
for my $bad ('\x', '\xff', '\xa100a1017affffffff', '\x9bffffffffffffffff', '\xa0', '\x8101', '\x81a0')
{
	my ($ret, $out, $err) = $node{west}->psql('postgres', "SELECT * FROM coserv.member_relations('rim', '$bad', NULL, ARRAY[$ids], 1)");
	like($err, qr/ERROR:  (?!.*(assert|crash))/, "a question that is none: $bad");
}

$_->stop for values %node;
done_testing();
