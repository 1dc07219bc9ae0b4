# Valid values of every type, mutated, through every cast, operator and function of the extension that takes them: the backend survives,
# no error is an internal one, what is LEAKPROOF raises none, and memory returns to where it was. The functions come from the catalog, so
# that none is forgotten. One backend must live through all of it, which psql alone cannot show.
use strict;
use warnings FATAL => 'all';

use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $VALUES = 1500;		# mutations a type, of bytes and of text each
my $CALLS = 200;		# a function
my $seed = $ENV{COSERV_SEED} // 261122;
diag("COSERV_SEED=$seed");

my $data = "$FindBin::RealBin/../data";
my $examples = "$FindBin::RealBin/../../examples";

sub quoted { return "'" . (shift() =~ s/'/''/gr) . "'" }
sub literal { return quoted(slurp_file(shift)) }

my $node = PostgreSQL::Test::Cluster->new('primary');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off\nclient_min_messages = error\nlog_min_error_statement = panic\nlog_min_messages = panic\nlog_statement = none\n");
$node->start;
my ($acme, $acme_pub) = map { literal("$data/acme.$_") } qw(key pub);

# --- seeds ------------------------------------------------------------------------------------------------------------------------

my @environments = (
	'{0: {0: 37(h\'70f21975b1ea496c8453c4128b067462\'), 1: "ACME", 2: "Gateway 100", 3: 1, 4: 2}}',
	'{0: {0: 111(h\'2b0601\'), 1: "V"}, 1: 550(h\'0140e2046b0c533ff048d6a949050c67c9\'), 2: 37(h\'0fcbe46da4d54a3e9d7cc3782a0fe578\')}',
	'{0: {0: 560(h\'00ff\')}, 1: 560(h\'00112233\')}', '{1: 554("-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n")}');
my @measurements = (
	'{0: "m", 1: {0: {0: "4.2.0", 1: 16384}, 1: 553(3), 2: [[1, h\'00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\'], ["sha-384", h\'00\']], 3: {0: true, 3: false}}}',
	'{0: 37(h\'70f21975b1ea496c8453c4128b067462\'), 1: {4: 560(h\'0102\'), 5: h\'ff00\', 6: h\'020202020202\', 7: h\'7f000001\', 8: "serial", 9: h\'0140e2046b0c533ff048d6a949050c67c9\', 10: h\'0fcbe46da4d54a3e9d7cc3782a0fe578\', 11: "name"}}',
	'{0: 7, 1: {13: [560(h\'01\'), 557([1, h\'aa\'])], 14: {0: [[1, h\'aa\']], "x": [[1, h\'bb\']]}, 15: 564([1, null])}, 2: [560(h\'02\')]}', '{1: {4: 563([h\'0102\', h\'ff00\']), 15: 5}}');
my @keys = ('560(h\'01\')', '557([1, h\'00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\'])', '556("AAAA")', '558({1: 1, -1: 6, -2: h\'19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1\'})',
	'554("-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n")', '559(["sha-256", h\'482e829ad29ac6ea6eda2d47d1d93a002bf41d9d88710ba972c36e59038f78b3\'])');
my @cbor = ('[1, -2, 1.5, h\'00\', "x", true, null, {1: {"a": [2]}}, 1(1), <<[1, 2]>>, (_ h\'01\', h\'02\'), [_ 1, 2], simple(99), NaN, -18446744073709551616, 2(h\'ffffffffffffffffff\')]',
	slurp_file("$examples/psa-evidence.edn"), '{0: {1: "a"}, "b": [1, {2: 3}]}', '[[{0: {1: "V"}}], [{1: {1: 1}}], [{2: h\'00\'}]]');
my %seeds = (
	cbor => \@cbor, environment => \@environments, measurement => \@measurements, crypto_key => \@keys,
	corim => [ map { slurp_file("$examples/$_.edn") } qw(acme-firmware acme-keys certifier psa-manufacturer psa-certifier) ],
	coserv => [ (map { slurp_file("$examples/query-$_.edn") } qw(class instance rim)), '{0: "tag:x", 1: {0: 2, 1: {0: [[{1: "ACME"}, [{1: {1: 1}}]]]}, 2: 2}}' ],
);
# documents in vendors' forms, which the fuzzers start from
$seeds{document} = [ map { '\x' . unpack 'H*', slurp_file($_) } glob "$FindBin::RealBin/../fuzz/corpus/vendors_*/*" ];
my @types = sort keys %seeds;

my $setup = 'CREATE EXTENSION coserv; SELECT coserv.create_store(\'rim\');'
  . "INSERT INTO rim.authority (name, key, accepts_unsigned) VALUES ('acme', $acme_pub, true);"
  . 'CREATE TABLE seed (type text, text text);';
for my $type (@types)
{
	$setup .= "INSERT INTO seed VALUES ('$type', " . quoted($_) . ");\n" for @{ $seeds{$type} };
}
$node->safe_psql('postgres', $setup);

# --- mutations --------------------------------------------------------------------------------------------------------------------

$node->safe_psql('postgres', q{
	CREATE TABLE pool (type text, n int, bytes bytea, PRIMARY KEY (type, n));
	CREATE FUNCTION at(size int) RETURNS int LANGUAGE sql RETURN floor(random() * size)::int;

	-- one of: a bit flipped, cut off, a head's length changed, a piece of another put in, a piece doubled, a piece left out
	CREATE FUNCTION mutate(b bytea, other bytea) RETURNS bytea LANGUAGE plpgsql AS $$
	DECLARE i int; j int; heads bytea := '\x1b3b5b7b9bbbdb5f7f9fbfff5a7a9aba1818f818d8f97c00fb7ff0000000000000c2c3d818d20000ff';
	BEGIN
		FOR round IN 1 .. 1 + at(3) LOOP
			IF length(b) < 2 THEN RETURN b || other; END IF;
			i := at(length(b)); j := i + at(least(length(b) - i, 40));
			CASE at(7)
				WHEN 0, 1 THEN b := set_byte(b, i, get_byte(b, i) # (1 << at(8)));
				WHEN 2 THEN b := substr(b, 1, i);
				WHEN 3 THEN b := set_byte(b, i, get_byte(heads, at(length(heads))));
				WHEN 4 THEN b := substr(b, 1, i) || substr(other, 1 + at(length(other)), 1 + at(30)) || substr(b, j + 1);
				WHEN 5 THEN b := substr(b, 1, j) || substr(b, i + 1);
				ELSE b := substr(b, 1, i) || substr(b, j + 1);
			END CASE;
		END LOOP;
		RETURN b;
	END $$;

	-- the same for EDN and JSON: a character, a number, a piece
	CREATE FUNCTION mutate(t text, other text) RETURNS text LANGUAGE plpgsql AS $$
	DECLARE i int; j int; odd text[] := string_to_array('0|1|-1|23|24|255|65536|18446744073709551615|-18446744073709551616|1.5|NaN|-Infinity|null|true|""|"x"|h''''|h''00''|[]|{}|[_ ]|{_ }|<<0>>|1(0)|501({})|37(h'''')|560(h'''')|dt''''|b64''''|#|/|(|)|\|_', '|');
	BEGIN
		FOR round IN 1 .. 1 + at(3) LOOP
			i := at(length(t)); j := i + at(20);
			CASE at(6)
				WHEN 0 THEN t := substr(t, 1, i) || substr(t, i + 2);
				WHEN 1 THEN t := substr(t, 1, i) || odd[1 + at(array_length(odd, 1))] || substr(t, i + 1);
				WHEN 2 THEN t := substr(t, 1, i) || regexp_replace(substr(t, i + 1), '[0-9]+|"[^"]*"|h''[^'']*''', odd[1 + at(array_length(odd, 1))]);
				WHEN 3 THEN t := substr(t, 1, i) || substr(other, 1 + at(length(other)), 1 + at(30)) || substr(t, j + 1);
				WHEN 4 THEN t := substr(t, 1, j) || substr(t, i + 1);
				ELSE t := substr(t, 1, i);
			END CASE;
		END LOOP;
		RETURN t;
	END $$;

	CREATE FUNCTION put(type text, value bytea) RETURNS void LANGUAGE sql AS
		$$ INSERT INTO pool SELECT put.type, (SELECT count(*) FROM pool p WHERE p.type = put.type), value $$;
	CREATE FUNCTION pick(which text) RETURNS bytea LANGUAGE plpgsql AS $$
	DECLARE size int; b bytea;
	BEGIN
		SELECT max(n) + 1 INTO size FROM pool WHERE type = which;
		SELECT bytes INTO b FROM pool WHERE type = which AND n = at(size);
		RETURN b;
	END $$;

	CREATE TABLE internal (what text, error text);
	CREATE FUNCTION note(what text, state text, message text) RETURNS void LANGUAGE plpgsql AS $$
	BEGIN
		-- a function's complaint about a NULL or a type of PL/pgSQL's own is not among these
		IF state LIKE 'XX%' THEN INSERT INTO internal VALUES (what, message); END IF;
	END $$;

	-- bytes and text of a type, mutated: what passes is a value to go on with
	CREATE FUNCTION fill(type text, times int) RETURNS int LANGUAGE plpgsql AS $$
	DECLARE passed int := 0; b bytea; t text; seeds bytea[]; texts text[]; ok bytea;
	BEGIN
		EXECUTE format('SELECT array_agg(text::coserv.%I::bytea), array_agg(text) FROM seed WHERE type = %L', type, type) INTO seeds, texts;
		FOR i IN 1 .. array_length(seeds, 1) LOOP PERFORM put(type, seeds[i]); PERFORM put('bytea', seeds[i]); END LOOP;
		FOR i IN 1 .. times LOOP
			b := mutate(CASE WHEN random() < 0.5 THEN seeds[1 + at(array_length(seeds, 1))] ELSE pick(type) END, seeds[1 + at(array_length(seeds, 1))]);
			BEGIN
				EXECUTE format('SELECT ($1::coserv.%I)::bytea', type) INTO ok USING b;
				passed := passed + 1;
				IF passed % 3 = 0 THEN PERFORM put(type, b); END IF;
			EXCEPTION WHEN OTHERS THEN PERFORM note(type || ' bytes', SQLSTATE, SQLERRM); END;
			IF i % 10 = 0 THEN PERFORM put('bytea', b); END IF;
			t := mutate(texts[1 + at(array_length(texts, 1))], texts[1 + at(array_length(texts, 1))]);
			BEGIN
				EXECUTE format('SELECT ($1::coserv.%I)::bytea', type) INTO ok USING t;
				passed := passed + 1;
				PERFORM put(type, ok);
				EXECUTE format('SELECT ($1::coserv.%I)::text::coserv.%I::bytea = $1::coserv.%I::bytea', type, type, type) INTO STRICT t USING ok;
				IF NOT t::bool AND type IN ('environment', 'measurement', 'crypto_key') THEN
					INSERT INTO internal VALUES (type || ' text', 'does not come back from ' || encode(ok, 'hex'));
				END IF;
			EXCEPTION WHEN OTHERS THEN PERFORM note(type || ' text', SQLSTATE, SQLERRM); END;
			BEGIN EXECUTE format('SELECT ($1::coserv.cbor)::coserv.%I', type) INTO ok USING b; EXCEPTION WHEN OTHERS THEN PERFORM note(type || ' cast', SQLSTATE, SQLERRM); END;
		END LOOP;
		RETURN passed;
	END $$;

	-- what to pass for an argument: an expression over $1 (bytes of the pool) of its own
	CREATE FUNCTION argument(type regtype) RETURNS text LANGUAGE sql RETURN CASE
		WHEN type::text LIKE 'coserv.%' THEN format('pick(%L)::%s', substr(type::text, 8), type)
		WHEN type = 'bytea'::regtype THEN $$pick('bytea')$$
		WHEN type = 'text'::regtype THEN $$convert_from(pick('text'), 'UTF8')$$
		WHEN type IN ('jsonb'::regtype, 'json'::regtype) THEN format($$convert_from(pick('json'), 'UTF8')::%s$$, type)
		WHEN type IN ('bigint'::regtype, 'integer'::regtype, 'smallint'::regtype, 'numeric'::regtype) THEN format('(at(30) - 3)::%s', type)
		WHEN type = 'bigint[]'::regtype THEN $$ARRAY[at(100), -1, at(10)]::bigint[]$$
		WHEN type = 'boolean'::regtype THEN '(random() < 0.5)'
		WHEN type = 'timestamptz'::regtype THEN $$now() + (at(3) - 1) * interval '1 year'$$
		WHEN type = 'interval'::regtype THEN $$interval '1 day'$$
		WHEN type = 'regnamespace'::regtype THEN $$'rim'::regnamespace$$
		WHEN type = 'uuid'::regtype THEN $$coalesce((SELECT id FROM rim.manifest LIMIT 1), gen_random_uuid())$$
		ELSE format('NULL::%s', type) END;

	CREATE FUNCTION call(f regprocedure, times int) RETURNS text LANGUAGE plpgsql AS $$
	DECLARE p pg_proc; sql text; args text; done int := 0; size bigint; message text; state text; valid boolean;
	BEGIN
		SELECT * INTO p FROM pg_proc WHERE oid = f;
		SELECT string_agg(argument(t), ', ' ORDER BY o) INTO args FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS a(t, o);
		sql := format('SELECT count(length(r::text)) FROM %s(%s) AS r', p.oid::regproc, args);
		FOR i IN 1 .. times LOOP
			BEGIN
				EXECUTE sql INTO size;
				done := done + 1;
			EXCEPTION WHEN OTHERS THEN
				GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT;
				PERFORM note(f::text, state, message);
				IF p.proleakproof THEN INSERT INTO internal VALUES (f::text, 'LEAKPROOF, and raised: ' || message); END IF;
			END;
		END LOOP;
		RETURN done || ' of ' || times;
	END $$;});

# --- one backend for everything ---------------------------------------------------------------------------------------------------

my $session = $node->background_psql('postgres', on_error_stop => 0);
$session->set_query_timer_restart;

sub ask
{
	my $answer = $session->query(shift);
	BAIL_OUT("the backend is gone: $session->{stderr}") if $session->{stderr} =~ /server closed|terminating/;
	diag($session->{stderr}) if $session->{stderr} =~ /ERROR/;
	$session->{stderr} = '';
	return $answer;
}

my $pid = ask('SELECT pg_backend_pid()');
ask(sprintf('SELECT setseed(%.6f)', $seed / 1_000_000));
for my $type (@types)
{
	my $passed = ask("SELECT fill('$type', $VALUES)");
	cmp_ok($passed, '>', $VALUES / 20, "$type: 3 * $VALUES mutations, $passed passed");
}
ask(q{SELECT put('bytea', coserv.sign(pick('corim')::coserv.corim, } . $acme . q{, 'acme')::bytea) FROM generate_series(1, 20) WHERE left(encode(pick('corim'), 'hex'), 4) = 'd901'});
ask(q{DO $$ BEGIN FOR i IN 1 .. 300 LOOP
	BEGIN PERFORM put('bytea', coserv.sign(pick('corim')::coserv.corim, } . $acme . q{, 'acme')::bytea); EXCEPTION WHEN OTHERS THEN PERFORM note('sign', SQLSTATE, SQLERRM); END;
	BEGIN PERFORM put('bytea', mutate(pick('bytea'), pick('bytea'))); EXCEPTION WHEN OTHERS THEN PERFORM note('mutate', SQLSTATE, SQLERRM); END;
END LOOP; END $$});
ask("SELECT put('text', convert_to(t, 'UTF8')) FROM unnest(ARRAY['acme', 'acme', 'rim', 'GET', '/coserv/', '/.well-known/coserv-configuration', 'json', 'cbor', 'tag:x', '2.16.840.1.113741.1.15.4.1', '', 'x', '%', $acme, $acme_pub, '1.2.3']) AS t");
ask(q{SELECT put('text', convert_to('/coserv/' || rtrim(translate(encode(pick('coserv'), 'base64'), E'+/\n', '-_'), '='), 'UTF8')) FROM generate_series(1, 40)});
ask(qq{SELECT put('json', convert_to(v, 'UTF8')) FROM (SELECT coserv.$_\_to_jsonb(bytes::coserv.$_)::text FROM pool WHERE type = '$_' LIMIT 60) AS j(v)}) for qw(cbor environment measurement coserv);
ask(q{DO $$ DECLARE t text; BEGIN FOR i IN 1 .. 600 LOOP BEGIN
	t := mutate(convert_from(pick('json'), 'UTF8'), convert_from(pick('json'), 'UTF8')); PERFORM put('json', convert_to(t::jsonb::text, 'UTF8'));
	EXCEPTION WHEN OTHERS THEN PERFORM note('json', SQLSTATE, SQLERRM); END; END LOOP; END $$});

my $memory = 'SELECT sum(total_bytes) FROM pg_backend_memory_contexts';
my $resident = sub { slurp_file("/proc/$pid/status") =~ /^RssAnon:\s+(\d+)/m; return $1 };

# What neither makes nor drops a store, nor is the server's own business (internal, cstring, triggers).
my @functions = split /\n/, ask(q{
	SELECT p.oid::regprocedure FROM pg_proc p
	WHERE pronamespace = 'coserv'::regnamespace AND prokind = 'f' AND pronargs > 0 AND prorettype <> 'trigger'::regtype
		AND NOT proargtypes::oid[] && ARRAY['internal', 'cstring']::regtype[]::oid[]
		AND proname NOT IN ('create_store', 'drop_store', 'upgrade_store', 'load_all', 'seal_audit')
	ORDER BY 1});
cmp_ok(scalar @functions, '>', 150, 'functions of the extension: ' . @functions);

# Evidence in each of its formats, the seeds of its fuzzer mutated: with nobody trusted, with somebody, and what does not verify asked for.
my %formats = (
	concise => 'concise-evidence', cmw => 'cmw', psa => 'psa', cca => 'cca', snp => 'sev-snp', dice => 'dice', sgx => 'sgx', tdx => 'tdx',
	tpm => 'tpm-quote', event_log => 'tcg-event-log', nvidia => 'nvidia', spdm => 'spdm', nitro => 'aws-nitro');
ask('CREATE TABLE evidence_seed (n int GENERATED ALWAYS AS IDENTITY, format text, bytes bytea)');
for my $name (sort keys %formats)
{
	for my $file (sort glob "$FindBin::RealBin/../fuzz/corpus/evidence_$name/*")
	{
		ask("INSERT INTO evidence_seed (format, bytes) VALUES ('$formats{$name}', '\\x" . unpack('H*', slurp_file($file)) . "')");
	}
}
ask(q{CREATE FUNCTION evidence_round(times int) RETURNS int LANGUAGE plpgsql AS $$
	DECLARE made int := 0; rows bigint; seed evidence_seed; other bytea; changed bytea; size int := (SELECT max(n) FROM evidence_seed);
	BEGIN
		FOR i IN 1 .. times LOOP
			SELECT * INTO seed FROM evidence_seed WHERE n = 1 + at(size);
			SELECT bytes INTO other FROM evidence_seed WHERE n = 1 + at(size);
			changed := CASE WHEN i % 8 = 0 THEN seed.bytes ELSE mutate(seed.bytes, other) END;
			BEGIN
				SELECT count(*) INTO rows FROM coserv.evidence(seed.format, changed, keys => CASE WHEN i % 3 = 0 THEN ARRAY[pick('crypto_key')::coserv.crypto_key] END,
					certificates => CASE WHEN i % 5 = 0 THEN mutate(other, changed) END, registers => CASE WHEN i % 7 = 0 THEN other END,
					event_log => CASE WHEN i % 4 = 0 THEN mutate(other, changed) END, unverified => i % 2 = 0, known_environment => pick('environment')::coserv.environment);
				made := made + 1;
				PERFORM length(coserv.evidence_ects(seed.format, changed, unverified => true, known_environment => '{0: {1: "x"}}')::bytea);
			EXCEPTION WHEN OTHERS THEN PERFORM note('evidence ' || seed.format, SQLSTATE, SQLERRM); END;
		END LOOP;
		RETURN made;
	END $$});

sub call_all
{
	my $times = shift;

	cmp_ok(ask('SELECT evidence_round(' . 3 * $times . ')'), '>', 0, 'Evidence, mutated, of which some is read');
	my %done = map { $_ => ask('SELECT call(' . quoted($_) . ", $times)") } @functions;
	return %done;
}

call_all($CALLS / 2);	# what a backend keeps for good is made now
my (%done, $before, $after, $held, $holds);
# caches that something else made anew settle, a leak goes on: once in a few rounds nothing is added
for (1 .. 3)
{
	($before, $held) = (ask($memory), $resident->());
	%done = call_all($CALLS);
	($after, $holds) = (ask($memory), $resident->());
	last if $after <= $before + 262144 && $holds <= $held + 32768;
}
note("$_: $done{$_}") for sort keys %done;
cmp_ok(scalar(grep { !/^0 of/ } values %done), '>', @functions * 0.9, 'most of them did something with most of it');
cmp_ok($after, '<=', $before + 262144, "no memory is held in memory contexts ($before before, $after after)");
cmp_ok($holds, '<=', $held + 32768, "nor outside of them ($held kB before, $holds after)");

# --- binary input ------------------------------------------------------------------------------------------------------------------

my $dir = PostgreSQL::Test::Utils::tempdir();
my $copies = 0;
for my $type (@types)
{
	ask("CREATE TABLE received_$type (v coserv.$type)");
	for my $hex (split /\n/, ask("SELECT encode(mutate(pick('$type'), pick('$type')), 'hex') FROM generate_series(1, 60)"))
	{
		my $bytes = pack 'H*', $hex;
		my $file = "$dir/copy." . ++$copies;
		open(my $out, '>:raw', $file) or die;
		print $out "PGCOPY\n\377\r\n\0", pack('NNnN', 0, 0, 1, length $bytes), $bytes, pack('n', 65535);
		close $out;
	}
}
my $n = 0;
for my $type (@types)
{
	ask("DO \$\$ BEGIN FOR i IN " . ($n + 1) . ' .. ' . ($n + 60) . " LOOP BEGIN EXECUTE format('COPY received_$type FROM %L (FORMAT binary)', '$dir/copy.' || i);"
		  . " EXCEPTION WHEN OTHERS THEN PERFORM note('recv $type', SQLSTATE, SQLERRM); END; END LOOP; END \$\$");
	$n += 60;
}
cmp_ok(ask('SELECT ' . join(' + ', map { "(SELECT count(*) FROM received_$_)" } @types)), '>', 0, "binary input: $copies mutations");

is(ask('SELECT DISTINCT what || \': \' || error FROM internal ORDER BY 1'), '', 'no error is an internal one, and none comes from what is LEAKPROOF');
is(ask('SELECT pg_backend_pid()'), $pid, 'one backend lived through all of it');
$session->quit;
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_amop}) > 0, 1, 'and so did the server');
$node->stop;

done_testing();
