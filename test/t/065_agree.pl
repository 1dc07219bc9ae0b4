# inspect() and load() agree: there is an error row if and only if load() refuses the document, whether or not anybody vouches for it. On every
# CoRIM and tag of the corpus and on mutations of them: COSERV_MUTATIONS says how many (test/long/agree: 100,000).
use strict;
use warnings FATAL => 'all';

use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $mutations = $ENV{COSERV_MUTATIONS} // 3000;
my $seed = $ENV{COSERV_SEED} // 261129;
my $data = "$FindBin::RealBin/../data";
my $corpus = $ENV{COSERV_CORPUS} // "$FindBin::RealBin/../../../shared/corpus";
diag("COSERV_SEED=$seed COSERV_MUTATIONS=$mutations");

my $node = PostgreSQL::Test::Cluster->new('primary');
$node->init;
$node->append_conf('postgresql.conf',
	"fsync = off\nclient_min_messages = error\nlog_min_error_statement = panic\nlog_min_messages = panic\nlog_statement = none\ncoserv.accept_rs = on\n");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION coserv; SELECT coserv.create_store(\'rim\')');

# An authority that takes what is not signed, and whose key has signed nothing of these: what is signed is refused for that, after all else.
$node->safe_psql('postgres', q{
	INSERT INTO rim.authority (name, key, accepts_unsigned, accepts_cose_sign)
		VALUES ('nobody', '{1: 1, -1: 6, -2: h''19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1''}', true, true);
	CREATE TABLE seed (n serial, name text, document bytea);
	CREATE TABLE text_seed (n serial, edn text);
	CREATE TABLE outcome (what text);
	CREATE TABLE disagreement (name text, document bytea, refusal text, errors text[]);
	CREATE FUNCTION at(size int) RETURNS int LANGUAGE sql RETURN floor(random() * size)::int;

	-- why load() refuses it: NULL when it does not; never keeps it
	CREATE FUNCTION refusal(document bytea, OUT state text, OUT message text, OUT detail text) LANGUAGE plpgsql AS $$
	BEGIN
		BEGIN
			PERFORM rim.load(document, authority => 'nobody');
			RAISE EXCEPTION USING ERRCODE = 'ZZ000';
		EXCEPTION WHEN OTHERS THEN
			GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
		END;
		IF message LIKE '%none of them was named' THEN
			BEGIN
				PERFORM rim.load_collection(document, authority => 'nobody');
				RAISE EXCEPTION USING ERRCODE = 'ZZ000';
			EXCEPTION WHEN OTHERS THEN
				GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
			END;
		END IF;
	END $$;

	-- What load() says of signatures and trust comes behind the rest of it but for times, and says nothing of that; so does what is wanted.
	CREATE FUNCTION agree(name text, document bytea) RETURNS boolean LANGUAGE plpgsql AS $$
	DECLARE
		r record;
		errors text[];
		elsewhere boolean;
	BEGIN
		SELECT array_agg(i.message) FILTER (WHERE i.severity = 'error'), bool_or(i.message LIKE '%which load() does not take')
			INTO errors, elsewhere FROM coserv.inspect(document) i;
		IF elsewhere THEN RETURN true; END IF;
		SELECT * INTO r FROM refusal(document);
		INSERT INTO outcome VALUES (CASE WHEN r.state = 'ZZ000' THEN 'taken' WHEN r.state LIKE 'RA%' THEN 'not trusted' ELSE 'refused' END);
		IF (r.state IN ('RA001', 'RA002', 'RA004', 'RA006') AND coalesce(r.detail, '') NOT LIKE 'At byte%') OR r.message LIKE '%was not given' OR r.message LIKE '%names no signature algorithm' THEN
			errors := (SELECT array_agg(e) FROM unnest(errors) AS e WHERE e !~ '^the (document|signature) (expired|is not valid)');
			IF errors IS NULL THEN RETURN true; END IF;
		ELSIF (r.state <> 'ZZ000') = (errors IS NOT NULL) AND r.state NOT LIKE 'XX%' THEN
			RETURN true;
		END IF;
		INSERT INTO disagreement VALUES (name, document, r.state || ' ' || r.message || coalesce(' ' || r.detail, ''), errors);
		RETURN false;
	END $$;

	-- a bit flipped, a head changed, a piece of another put in, a piece doubled or left out
	CREATE FUNCTION mutated(b bytea, other bytea) RETURNS bytea LANGUAGE plpgsql AS $$
	DECLARE i int; j int; heads bytea := '\x00010203040518f6f4f5fb20264041435860616378808182a0a1c0c1d81ff97fff3b1b9fbf5f';
	BEGIN
		FOR round IN 1 .. 1 + at(2) LOOP
			i := at(length(b)); j := i + at(least(length(b) - i, 20));
			CASE at(6)
				WHEN 0, 1 THEN b := set_byte(b, i, get_byte(b, i) # (1 << at(8)));
				WHEN 2, 3 THEN b := set_byte(b, i, get_byte(heads, at(length(heads))));
				WHEN 4 THEN b := substr(b, 1, i) || substr(other, 1 + at(length(other)), 1 + j - i) || substr(b, j + 1);
				ELSE b := set_byte(b, i, get_byte(b, at(length(b))));
			END CASE;
		END LOOP;
		RETURN b;
	END $$;

	-- the same of notation, so that lengths still fit: a number, a string or an item in place of another
	CREATE FUNCTION mutated(t text) RETURNS text LANGUAGE plpgsql AS $$
	DECLARE i int; odd text[] := string_to_array('0|1|2|3|4|-1|258|-16|-7|1.5|18446744073709551615|-18446744073709551616|null|true|""|"x"|"\u0000"|h''''|h''00''|[]|{}|(_ h''00'')|{_ }|<<0>>|1(0)|1(9e99)|1(-1)|501({})|37(h'''')|560(h''00'')|[1, h''00'']|{0: 0}', '|');
	BEGIN
		FOR round IN 1 .. 1 + at(2) LOOP
			i := at(length(t));
			t := substr(t, 1, i) || regexp_replace(substr(t, i + 1), '[-]?[0-9]+|"[^"]*"|h''[^'']*''|\{\}|\[\]', replace(odd[1 + at(array_length(odd, 1))], '\', '\\'));
		END LOOP;
		RETURN t;
	END $$;

	CREATE FUNCTION mutate(times int) RETURNS bigint LANGUAGE plpgsql AS $$
	DECLARE agreed bigint := 0; b bytea; n_seeds int := (SELECT max(n) FROM seed); n_texts int := (SELECT max(n) FROM text_seed);
	BEGIN
		FOR i IN 1 .. times LOOP
			IF i % 2 = 0 THEN
				b := mutated((SELECT document FROM seed WHERE n = 1 + i % n_seeds), (SELECT document FROM seed WHERE n = 1 + (i * 7) % n_seeds));
			ELSE
				BEGIN b := mutated((SELECT edn FROM text_seed WHERE n = 1 + i % n_texts))::coserv.cbor::bytea;
				EXCEPTION WHEN OTHERS THEN b := NULL; END;
			END IF;
			agreed := agreed + (b IS NULL OR agree('mutation ' || i, b))::int;
		END LOOP;
		RETURN agreed;
	END $$;
});

# --- seeds ------------------------------------------------------------------------------------------------------------------------

my @files = glob("$data/forms/*.hex");
my $insert = join '', map { "INSERT INTO seed (name, document) VALUES ('" . s/.*\///r . "', decode('" . (slurp_file($_) =~ s/\s//gr) . "', 'hex'));\n" } @files;
my $own = @files;
my @corpus = grep { !/README/ } glob("$corpus/{corim,signed,comid,coswid,cotl}/*.cbor");
for (@corpus)
{
	my $name = s/^\Q$corpus\E\///r;
	$insert .= "INSERT INTO seed (name, document) VALUES ('" . ($name =~ s/'/''/gr) . "', decode('" . unpack('H*', slurp_file($_)) . "', 'hex'));\n";
}
$node->safe_psql('postgres', $insert);

my $triples = '{1: {0: "a", 1: 2}, 2: [{0: "E", 2: [0]}], 3: [{0: "b", 1: 1}], 4: {0: [[{0: {0: 560(h\'00ff\'), 1: "V", 2: "M", 3: 1}, 1: 550(h\'0140e2046b0c533ff048d6a949050c67c9\')}, '
  . '[{0: "m", 1: {0: {0: "1", 1: 1}, 1: 553(3), 2: [[1, h\'' . ('00' x 32) . '\']], 3: {0: true}, 4: 560(h\'0102\'), 11: "n", 15: 564([1, null])}}]]], '
  . '3: [[{0: {1: "V"}}, [560(h\'01\')]]], 8: [[[{0: {1: "V"}}, [{1: {1: 1}}]], [[[{1: {11: "x"}}], [{1: {1: 2}}]]]]], 10: [[[[{0: {1: "V"}}, [{1: {1: 1}}]]], [[{0: {1: "V"}}, [{1: {1: 1}}]]]]]}}';
my $corim = "501({0: \"id\", 1: [506(<<$triples>>), 505(<<{0: \"t\", 12: 0, 1: \"n\", 13: \"1\", 2: {31: \"ACME\", 33: 1}}>>), 508(<<{0: {0: \"c\"}, 1: [{0: \"a\", 1: 2}], 2: {1: 1(4000000000)}}>>)], "
  . "2: [{0: 32(\"a:b\"), 1: [1, h'00']}], 3: 32(\"tag:x\"), 4: {0: 1(1000000000), 1: 1(4000000000)}, 5: [{0: \"E\", 2: [2]}]})";
my $signature = "h'" . ('00' x 64) . "'";
my @texts = (
	$corim,
	"18([<<{1: -7, 3: \"application/rim+cbor\", 4: h'01', 15: {1: \"ACME\", 4: 4000000000, 5: 1}}>>, {5: h'00'}, <<$corim>>, $signature])",
	"18([<<{1: -8, 2: [15], 3: \"application/rim+cbor\", 8: <<{0: {0: \"ACME\", 1: 32(\"a:b\")}, 1: {1: 1(4000000000)}}>>, 15: {1: \"ACME\", 4: 4000000000}}>>, {4: h'01'}, <<$corim>>, $signature])",
	"18([<<{1: -7, 258: -16, 259: \"application/rim+cbor\", 260: \"https://x\", 15: {1: \"ACME\"}}>>, {}, h'" . ('00' x 32) . "', $signature])",
	"98([<<{15: {1: \"ACME\"}}>>, {}, <<$corim>>, [[<<{1: -7}>>, {4: h'01'}, $signature], [h'', {}, $signature]]])",
	"98([h'', {}, <<$corim>>, [[<<{1: -7, 15: {1: \"ACME\", 5: 1}}>>, {4: h'01'}, $signature], [<<{1: -99}>>, {}, $signature]]])",
	"18([<<{1: -8, 3: \"application/cmw+cbor\", 15: {1: \"ACME\"}}>>, {4: h'00'}, <<{\"__cmwc_t\": \"tag:rfc-editor.org,2026:corim\", \"one\": [\"application/rim+cbor\", <<501({0: \"id\", 1: [506(<<{1: {0: \"a\"}, 4: {0: [[{0: {1: \"V\"}}, [{1: {1: 1}}]]]}}>>)]})>>]}>>, $signature])",
	"500(502(18([<<{1: -257, 3: \"application/rim+cbor\", 15: {1: \"ACME\"}}>>, {34: [-16, h'00']}, <<{0: \"id\", 3: \"tag:x\", 1: [506({1: {0: \"a\"}, 4: {0: [[{0: {1: \"V\"}}, {1: {1: 1}}]]}})]}>>, $signature])))",
);
$node->safe_psql('postgres', join '', map { "INSERT INTO text_seed (edn) VALUES (\$seed\$$_\$seed\$); INSERT INTO seed (name, document) SELECT 'own', \$seed\$$_\$seed\$::coserv.cbor::bytea;\n" } @texts);

# --- agreement --------------------------------------------------------------------------------------------------------------------

sub disagreements
{
	return $node->safe_psql('postgres', q{SELECT name, left(refusal, 200), errors, left(encode(document, 'hex'), 3000) FROM disagreement ORDER BY length(document) LIMIT 12});
}

SKIP:
{
	skip "no corpus at $corpus (COSERV_CORPUS names another place)", 1 unless @corpus;
	my $agreed = $node->safe_psql('postgres', 'SELECT count(*) FILTER (WHERE agree(name, document)) FROM seed');
	is($agreed, $own + @texts + @corpus, 'on every file of the corpus: ' . @corpus) or diag(disagreements());
}
my $refused = $node->safe_psql('postgres', q{SELECT count(*) FROM text_seed, refusal(edn::coserv.cbor::bytea) AS r WHERE r.state LIKE '22%' AND r.message !~ 'was not given'});
is($refused, 0, 'what is mutated is refused for its signature at most');
my $agreed = $node->safe_psql('postgres', sprintf('SELECT setseed(%.6f); SELECT mutate(%d)', $seed / 1_000_000, $mutations));
is($agreed =~ s/^\n//r, $mutations, "on $mutations mutations") or diag(disagreements());
SKIP:
{
	skip 'no corpus: few of the others are taken', 1 unless @corpus;
	is($node->safe_psql('postgres', sprintf('SELECT count(*) FROM (SELECT what FROM outcome GROUP BY 1 HAVING count(*) > %d) AS often', $mutations / 100)),
		3, 'some are taken, some refused, some not trusted');
}
$node->stop;

done_testing();
