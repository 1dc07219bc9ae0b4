/*
 * match_values_test.c - the rules of comparison of draft-ietf-rats-corim, one row a case: does entry satisfy condition, and if not,
 * at which path.
 */
#include "match_support.h"

typedef struct row
{
	const char *entry;
	const char *condition;
	const char *path; /* NULL: it matches */
} row;

static const row versions[] = {
	{ "{0: {0: '1.2.3'}}", "{0: {0: '1.2.3'}}", NULL },
	{ "{0: {0: '1.2.3', 1: 16384}}", "{0: {0: '1.2.3', 1: 16384}}", NULL },
	{ "{0: {0: '1.2.3', 1: 'semver'}}", "{0: {0: '1.2.3', 1: 16384}}", NULL },
	{ "{0: {0: '1.2.3', 1: 'multipartnumeric'}}", "{0: {0: '1.2.3', 1: 1}}", NULL },
	{ "{0: {0: '1.2.3', 1: 'multipartnumeric-suffix'}}", "{0: {0: '1.2.3', 1: 2}}", NULL },
	{ "{0: {0: '1.2.3', 1: 'multipartnumeric-suffix'}}", "{0: {0: '1.2.3', 1: 'multipartnumeric+suffix'}}", NULL },
	{ "{0: {0: '1.2.3', 1: 'multipartnumeric-suffix'}}", "{0: {0: '1.2.3', 1: 1}}", "version" },
	{ "{0: {0: '1.2.3', 1: 5}}", "{0: {0: '1.2.3', 1: 'binary'}}", NULL },
	{ "{0: {0: '1.2.3', 1: 5}}", "{0: {0: '1.2.3', 1: 4}}", "version" },
	{ "{0: {0: '1.2.3', 1: 'mine'}}", "{0: {0: '1.2.3', 1: 'mine'}}", NULL },
	{ "{0: {0: '1.2.3', 1: 'mine'}}", "{0: {0: '1.2.3', 1: 'yours'}}", "version" },
	{ "{0: {0: '1.2.3', 1: 16384}}", "{0: {0: '1.2.3', 1: 1}}", "version" },
	{ "{0: {0: '1.2.4'}}", "{0: {0: '1.2.3'}}", "version" },
	{ "{0: {0: '1.2.3', 1: 16384}}", "{0: {0: '1.2.3'}}", "version" },
	{ "{0: {0: '1.2.3'}}", "{0: {0: '1.2.3', 1: 16384}}", "version" },
	{ "{1: 1}", "{0: {0: '1.2.3'}}", "version" },
};

static const row svns[] = {
	{ "{1: 7}", "{1: 7}", NULL },
	{ "{1: 552(7)}", "{1: 7}", NULL },
	{ "{1: 7}", "{1: 552(7)}", NULL },
	{ "{1: 7}", "{1: 8}", "svn" },
	{ "{1: 552(7)}", "{1: 552(6)}", "svn" },
	{ "{1: 7}", "{1: 553(7)}", NULL },
	{ "{1: 552(8)}", "{1: 553(7)}", NULL },
	{ "{1: 6}", "{1: 553(7)}", "svn" },
	{ "{1: 553(7)}", "{1: 553(7)}", NULL },
	{ "{1: 553(8)}", "{1: 553(7)}", "svn" },
	{ "{1: 553(7)}", "{1: 7}", "svn" },
	{ "{1: 553(7)}", "{1: 552(7)}", "svn" },
	{ "{1: 18446744073709551615}", "{1: 553(18446744073709551615)}", NULL },
	{ "{1: 1000(7)}", "{1: 1000(7)}", "svn" },
	{ "{1: -1}", "{1: -1}", "svn" },
	{ "{1: 553('7')}", "{1: 553('7')}", "svn" },
};

static const row digests[] = {
	{ "{2: [[1, h'aa']]}", "{2: [[1, h'aa']]}", NULL },
	{ "{2: [[1, h'aa']]}", "{2: [[1, h'ab']]}", "digests" },
	{ "{2: [[1, h'aa']]}", "{2: [[1, h'aa00']]}", "digests" },
	{ "{2: [[1, h'aa'], [7, h'bb']]}", "{2: [[1, h'aa']]}", NULL },
	{ "{2: [[1, h'aa']]}", "{2: [[1, h'aa'], [7, h'bb']]}", NULL },
	{ "{2: [[7, h'bb'], [1, h'aa']]}", "{2: [[1, h'aa'], [7, h'bb']]}", NULL },
	{ "{2: [[1, h'aa'], [7, h'bc']]}", "{2: [[1, h'aa'], [7, h'bb']]}", "digests" },
	{ "{2: [[1, h'aa']]}", "{2: [[7, h'aa']]}", "digests" },
	/* one algorithm, several names */
	{ "{2: [[1, h'aa']]}", "{2: [['sha-256', h'aa']]}", NULL },
	{ "{2: [['SHA-256', h'aa']]}", "{2: [[-16, h'aa']]}", NULL },
	{ "{2: [['sha256', h'aa']]}", "{2: [[1, h'aa']]}", NULL },
	{ "{2: [[7, h'aa']]}", "{2: [[-43, h'aa']]}", NULL },
	{ "{2: [[8, h'aa']]}", "{2: [['sha-512', h'aa']]}", NULL },
	{ "{2: [[-44, h'aa']]}", "{2: [[8, h'aa']]}", NULL },
	{ "{2: [[5, h'aa']]}", "{2: [[-15, h'aa']]}", NULL },
	{ "{2: [[10, h'aa']]}", "{2: [['sha3-256', h'aa']]}", NULL },
	/* downgrade: the weak algorithm agrees, the strong one, under another name, does not */
	{ "{2: [[6, h'aa'], ['sha-256', h'bb']]}", "{2: [[6, h'aa'], [1, h'bc']]}", "digests" },
	/* an algorithm twice */
	{ "{2: [[1, h'aa'], [1, h'aa']]}", "{2: [[1, h'aa']]}", "digests" },
	{ "{2: [[1, h'aa']]}", "{2: [[1, h'aa'], ['sha-256', h'aa']]}", "digests" },
	{ "{2: [[1, h'aa'], [-16, h'bb']]}", "{2: [[1, h'aa']]}", "digests" },
	/* unknown algorithms by their encoding */
	{ "{2: [[99, h'aa']]}", "{2: [[99, h'aa']]}", NULL },
	{ "{2: [['mine', h'aa']]}", "{2: [['mine', h'aa']]}", NULL },
	{ "{2: [['mine', h'aa']]}", "{2: [['MINE', h'aa']]}", "digests" },
	{ "{2: [[0, h'aa']]}", "{2: [[2000, h'aa']]}", "digests" },
	/* not digests */
	{ "{2: []}", "{2: []}", "digests" },
	{ "{2: [[1, h'aa']]}", "{2: []}", "digests" },
	{ "{2: [[1, 'aa']]}", "{2: [[1, 'aa']]}", "digests" },
	{ "{2: [[1]]}", "{2: [[1]]}", "digests" },
	{ "{2: [[1, h'aa', 0]]}", "{2: [[1, h'aa', 0]]}", "digests" },
	{ "{2: h'aa'}", "{2: h'aa'}", "digests" },
	{ "{2: [[1, h'aa'], 5]}", "{2: [[1, h'aa']]}", "digests" },
	/* a record that is not in a list */
	{ "{2: [1, h'aa']}", "{2: [[1, h'aa']]}", NULL },
	{ "{2: [[1, h'aa']]}", "{2: ['sha-256', h'aa']}", NULL },
	{ "{2: [1, h'aa']}", "{2: [1, h'ab']}", "digests" },
};

static const row flags[] = {
	{ "{3: {1: true, 3: false}}", "{3: {1: true, 3: false}}", NULL },
	{ "{3: {1: true, 3: false}}", "{3: {3: false}}", NULL },
	{ "{3: {1: true, 3: true}}", "{3: {3: false}}", "flags.is-debug" },
	{ "{3: {1: true}}", "{3: {3: false}}", "flags.is-debug" },
	{ "{3: {10: true}}", "{3: {10: true}}", NULL },
	{ "{3: {11: true}}", "{3: {11: true}}", "flags.11" },
	{ "{3: {-1: true}}", "{3: {-1: true}}", "flags.-1" },
	{ "{3: {3: 0}}", "{3: {3: 0}}", "flags.is-debug" },
	{ "{3: {}}", "{3: {}}", "flags" },
	{ "{3: 10}", "{3: 10}", "flags" },
	{ "{3: h'0a'}", "{3: h'0a'}", "flags" },
	{ "{3: 10}", "{3: {3: true}}", "flags" },
	{ "{3: 10}", "{3: 11}", "flags" },
	{ "{3: {3: true}}", "{3: 10}", "flags" },
};

static const row raw_values[] = {
	{ "{4: 560(h'0102')}", "{4: 560(h'0102')}", NULL },
	{ "{4: h'0102'}", "{4: 560(h'0102')}", NULL },
	{ "{4: 560(h'0102')}", "{4: h'0102'}", NULL },
	{ "{4: 560(h'0102')}", "{4: 560(h'0103')}", "raw-value" },
	{ "{4: 560(h'0102')}", "{4: 560(h'010200')}", "raw-value" },
	{ "{4: 560(h'0102')}", "{4: 563([h'0103', h'fffe'])}", NULL },
	{ "{4: 560(h'01f2')}", "{4: 563([h'0102', h'ff0f'])}", NULL },
	{ "{4: 560(h'0102')}", "{4: 563([h'0003', h'fffe'])}", "raw-value" },
	{ "{4: 560(h'0102')}", "{4: 563([h'0102', h'ff'])}", "raw-value" },
	{ "{4: 560(h'0102')}", "{4: 563([h'01', h'ff'])}", "raw-value" },
	{ "{4: 560(h'0102')}", "{4: 563([h'0102', h'0000', h'00'])}", "raw-value" },
	{ "{4: 560(h'0102')}", "{4: 563([h'ffff', h'0000'])}", NULL },
	{ "{4: 560(h'')}", "{4: 560(h'')}", NULL },
	/* the old mask */
	{ "{4: 560(h'0102')}", "{4: 560(h'0103'), 5: h'fffe'}", NULL },
	{ "{4: 560(h'0102')}", "{4: h'0103', 5: h'ffff'}", "raw-value" },
	{ "{4: 560(h'0102')}", "{4: 560(h'0103'), 5: h'ff'}", "raw-value" },
	{ "{4: 560(h'0102')}", "{4: 563([h'0102', h'ffff']), 5: h'ffff'}", "raw-value" },
	{ "{4: 560(h'0102'), 5: h'ff00'}", "{4: 560(h'0102')}", "raw-value" },
	{ "{4: 560(h'0102'), 5: h'ff00'}", "{5: h'ff00'}", "raw-value-mask-DEPRECATED" },
	/* an entry is never masked */
	{ "{4: 563([h'0102', h'ffff'])}", "{4: 560(h'0102')}", "raw-value" },
	{ "{4: 563([h'0102', h'ffff'])}", "{4: 563([h'0102', h'ffff'])}", "raw-value" },
	{ "{4: 561(h'0102')}", "{4: 561(h'0102')}", "raw-value" },
	{ "{4: '0102'}", "{4: '0102'}", "raw-value" },
};

static const row keys[] = {
	{ "{13: [554('a'), 554('b')]}", "{13: [554('a'), 554('b')]}", NULL },
	{ "{13: [554('a'), 554('b')]}", "{13: [554('a')]}", NULL },
	{ "{13: [554('a'), 554('b')]}", "{13: [554('b')]}", "cryptokeys[0]" },
	{ "{13: [554('a'), 554('b')]}", "{13: [554('a'), 554('c')]}", "cryptokeys[1]" },
	{ "{13: [554('a')]}", "{13: [554('a'), 554('b')]}", "cryptokeys[1]" },
	{ "{13: [554('a')]}", "{13: [555('a')]}", "cryptokeys[0]" },
	{ "{13: [560(h'aa')]}", "{13: [560(h'aa')]}", NULL },
	{ "{13: ['a']}", "{13: ['a']}", "cryptokeys[0]" },
	{ "{13: [554('a')]}", "{13: []}", "cryptokeys" },
	{ "{13: 554('a')}", "{13: [554('a')]}", NULL },
	{ "{13: [554('a'), 554('b')]}", "{13: 554('a')}", NULL },
};

static const row registers[] = {
	{ "{14: {0: [[1, h'aa']], 1: [[1, h'bb']]}}", "{14: {1: [[1, h'bb']]}}", NULL },
	{ "{14: {0: [[1, h'aa']], 1: [[1, h'bb']]}}", "{14: {0: [[1, h'aa']], 1: [[1, h'bb']]}}", NULL },
	{ "{14: {0: [[1, h'aa']], 1: [[1, h'bb']]}}", "{14: {0: [[1, h'aa']], 1: [[1, h'bc']]}}", "integrity-registers[1]" },
	{ "{14: {0: [[1, h'aa']]}}", "{14: {0: [[1, h'aa']], 2: [[1, h'aa']]}}", "integrity-registers[2]" },
	{ "{14: {1: [[1, h'aa']]}}", "{14: {'1': [[1, h'aa']]}}", "integrity-registers[\"1\"]" },
	{ "{14: {'1': [[1, h'aa']]}}", "{14: {1: [[1, h'aa']]}}", "integrity-registers[1]" },
	{ "{14: {'rem0': [[7, h'aa']]}}", "{14: {'rem0': [['sha-384', h'aa']]}}", NULL },
	/* the draft's cross product */
	{ "{14: {0: [[6, h'00']], 1: [[1, h'11']]}}", "{14: {0: [[6, h'00']], 1: [[6, h'12'], [1, h'11']]}}", NULL },
	{ "{14: {0: [[6, h'00']], 1: [[6, h'12']]}}", "{14: {0: [[6, h'00']], 1: [[6, h'12'], [1, h'11']]}}", NULL },
	{ "{14: {0: [1, h'aa']}}", "{14: {0: [[1, h'aa']]}}", NULL },
	{ "{14: {0: []}}", "{14: {0: []}}", "integrity-registers[0]" },
	{ "{14: {}}", "{14: {}}", "integrity-registers" },
	{ "{14: [1]}", "{14: [1]}", "integrity-registers" },
};

static const row ranges[] = {
	{ "{15: 5}", "{15: 5}", NULL },
	{ "{15: 5}", "{15: 6}", "int-range" },
	{ "{15: -5}", "{15: -5}", NULL },
	{ "{15: -5}", "{15: 5}", "int-range" },
	{ "{15: 5}", "{15: 564([5, 5])}", NULL },
	{ "{15: 5}", "{15: 564([-1, 7])}", NULL },
	{ "{15: 5}", "{15: 564([6, 7])}", "int-range" },
	{ "{15: 8}", "{15: 564([6, 7])}", "int-range" },
	{ "{15: -3}", "{15: 564([-4, -2])}", NULL },
	{ "{15: -5}", "{15: 564([-4, -2])}", "int-range" },
	{ "{15: -1}", "{15: 564([-4, -2])}", "int-range" },
	{ "{15: 18446744073709551615}", "{15: 564([0, null])}", NULL },
	{ "{15: -18446744073709551616}", "{15: 564([null, 0])}", NULL },
	{ "{15: 1}", "{15: 564([null, 0])}", "int-range" },
	{ "{15: 1}", "{15: 564([null, null])}", NULL },
	{ "{15: 564([2, 3])}", "{15: 564([1, 4])}", NULL },
	{ "{15: 564([1, 4])}", "{15: 564([1, 4])}", NULL },
	{ "{15: 564([1, 5])}", "{15: 564([1, 4])}", "int-range" },
	{ "{15: 564([0, 4])}", "{15: 564([1, 4])}", "int-range" },
	{ "{15: 564([null, 4])}", "{15: 564([1, 4])}", "int-range" },
	{ "{15: 564([1, null])}", "{15: 564([1, 4])}", "int-range" },
	{ "{15: 564([1, null])}", "{15: 564([1, null])}", NULL },
	{ "{15: 564([null, null])}", "{15: 564([null, null])}", NULL },
	{ "{15: 564([3, 3])}", "{15: 3}", NULL },
	{ "{15: 564([3, 4])}", "{15: 3}", "int-range" },
	{ "{15: 564([null, 3])}", "{15: 3}", "int-range" },
	{ "{15: 564([5, 3])}", "{15: 4}", "int-range" },
	{ "{15: 564([5, 3])}", "{15: 564([3, 5])}", "int-range" },
	{ "{15: 4}", "{15: 564([5, 3])}", "int-range" },
	{ "{15: 4}", "{15: [3, 5]}", NULL },
	{ "{15: 6}", "{15: [3, 5]}", "int-range" },
	{ "{15: 4}", "{15: 564([3, 5, 7])}", "int-range" },
	{ "{15: 4}", "{15: 565([1, 9])}", "int-range" },
	{ "{15: 4.0}", "{15: 4.0}", "int-range" },
};

/* bool, number, text, bytes: sets and ranges in the condition alone */
static const row matchers[] = {
	{ "{16: true}", "{16: true}", NULL },
	{ "{16: true}", "{16: false}", "bool" },
	{ "{17: 5}", "{17: 5}", NULL },
	{ "{17: 5}", "{17: 6}", "number" },
	{ "{17: 5}", "{17: 5.0}", NULL },
	{ "{17: 5.0}", "{17: 5}", NULL },
	{ "{17: 5.5}", "{17: 5}", "number" },
	{ "{17: 9007199254740993}", "{17: 9007199254740992.0}", "number" },
	{ "{17: 18446744073709551615}", "{17: 18446744073709551616.0}", "number" },
	{ "{17: -18446744073709551616}", "{17: -18446744073709551616.0}", NULL },
	{ "{17: 0}", "{17: -0.0}", NULL },
	{ "{17: NaN}", "{17: NaN}", "number" },
	{ "{17: Infinity}", "{17: Infinity}", NULL },
	{ "{17: 5}", "{17: 565([5, 5])}", NULL },
	{ "{17: 5}", "{17: 565([5, 9])}", NULL },
	{ "{17: 9}", "{17: 565([5, 9])}", NULL },
	{ "{17: 9.5}", "{17: 565([5, 9])}", "number" },
	{ "{17: 4}", "{17: 565([4.5, 9])}", "number" },
	{ "{17: 4.5}", "{17: 565([4.5, null])}", NULL },
	{ "{17: -7}", "{17: 565([null, -7])}", NULL },
	{ "{17: -6}", "{17: 565([null, -7])}", "number" },
	{ "{17: Infinity}", "{17: 565([null, null])}", NULL },
	{ "{17: NaN}", "{17: 565([null, null])}", "number" },
	{ "{17: 5}", "{17: 566([1, 5])}", NULL },
	{ "{17: 5}", "{17: 566([1, 5.0])}", NULL },
	{ "{17: 5}", "{17: 566([1, 6])}", "number" },
	{ "{17: 5}", "{17: 566([5])}", "number" },
	{ "{18: 'a'}", "{18: 'a'}", NULL },
	{ "{18: 'a'}", "{18: 'A'}", "text" },
	{ "{18: 'a'}", "{18: 566(['b', 'a'])}", NULL },
	{ "{18: 'c'}", "{18: 566(['b', 'a'])}", "text" },
	{ "{18: 'a'}", "{18: 566([h'61', 'b'])}", "text" },
	{ "{19: h'01'}", "{19: h'01'}", NULL },
	{ "{19: h'01'}", "{19: h'0100'}", "bytes" },
	{ "{19: h''}", "{19: 566([h'', h'01'])}", NULL },
	{ "{19: h'02'}", "{19: 566([h'', h'01'])}", "bytes" },
	/* a set or a range is no observation, whatever the condition */
	{ "{17: 565([5, 5])}", "{17: 5}", "number" },
	{ "{17: 565([5, 6])}", "{17: 565([5, 6])}", "number" },
	{ "{17: 566([5, 6])}", "{17: 566([5, 6])}", "number" },
	{ "{18: 566(['a', 'b'])}", "{18: 'a'}", "text" },
	{ "{19: 566([h'01', h'02'])}", "{19: 566([h'01', h'02'])}", "bytes" },
	/* tags of other values are none of these */
	{ "{17: 5}", "{17: 564([1, 9])}", "number" },
	{ "{19: h'01'}", "{19: 560(h'01')}", "bytes" },
	{ "{18: 'a'}", "{18: 565([null, null])}", "text" },
};

static const row others[] = {
	{ "{6: h'001122334455'}", "{6: h'001122334455'}", NULL },
	{ "{6: h'001122334455'}", "{6: h'001122334456'}", "mac-addr" },
	{ "{7: h'c0000201'}", "{7: h'c0000201'}", NULL },
	{ "{7: h'c0000201'}", "{7: h'c0000202'}", "ip-addr" },
	{ "{8: 'C02X'}", "{8: 'C02X'}", NULL },
	{ "{8: 'C02X'}", "{8: 'c02x'}", "serial-number" },
	{ "{9: h'0102030405060708'}", "{9: h'0102030405060708'}", NULL },
	{ "{9: h'0102030405060708'}", "{9: h'0102030405060709'}", "ueid" },
	{ "{10: h'00112233445566778899aabbccddeeff'}", "{10: h'00112233445566778899aabbccddeeff'}", NULL },
	{ "{10: h'00112233445566778899aabbccddeeff'}", "{10: h'00112233445566778899aabbccddee00'}", "uuid" },
	{ "{11: 'PRoT'}", "{11: 'PRoT'}", NULL },
	{ "{11: 'PRoT'}", "{11: 'ARoT'}", "name" },
	{ "{11: 'PRoT'}", "{11: h'50526f54'}", "name" },
	/* containment */
	{ "{1: 1, 2: [[1, h'aa']], 11: 'PRoT'}", "{1: 1, 11: 'PRoT'}", NULL },
	{ "{1: 1, 11: 'PRoT'}", "{1: 1, 2: [[1, h'aa']], 11: 'PRoT'}", "digests" },
	{ "{1: 1, 8: 'x', 11: 'PRoT'}", "{1: 2, 8: 'y'}", "svn" },
	{ "{11: 'PRoT'}", "{}", "" },
	/* what no rule covers matches nothing (doc/conformance.md, decision 32) */
	{ "{12: [554('a')]}", "{12: [554('a')]}", "12" },
	{ "{99: 1}", "{99: 1}", "99" },
	{ "{100: '1234567890123 - 12345'}", "{100: '1234567890123 - 12345'}", "100" },
	{ "{-1: 1}", "{-1: 1}", "-1" },
	{ "{-73: 6}", "{-73: 60010([2, 6])}", "-73" },
	{ "{'a': 1}", "{'a': 1}", "?" },
	{ "{11: 'PRoT', -1: 1}", "{11: 'PRoT'}", NULL },
};

static void
run(const char *what, const row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
	{
		cs_item entry = item(rows[i].entry), condition = item(rows[i].condition);
		cs_mismatch why = { .path = "(matched)" };
		bool got = cs_mval_satisfies(NULL, &entry, &condition, &why);
		bool quiet = cs_mval_satisfies(NULL, &entry, &condition, NULL);

		CHECK(got == quiet && got == (rows[i].path == NULL) && (got || (strcmp(why.path, rows[i].path) == 0 && why.reason != NULL)),
			"%s: %s against %s %s", what, rows[i].entry, rows[i].condition, rows[i].path ? "fails" : "matches");
		if (got != (rows[i].path == NULL) || (!got && strcmp(why.path, rows[i].path) != 0))
			printf("# at \"%s\": %s\n", why.path, got ? "matched" : why.reason);
	}
}
#define RUN(rows) run(#rows, rows, COUNT(rows))

/* A mismatch tells what was wanted and what was there. */
static void
check_report(void)
{
	cs_item entry = item("{3: {3: true}, 11: 'a'}"), condition = item("{3: {3: false}}"), absent = item("{8: 'x'}");
	cs_mismatch why;

	cs_mval_satisfies(NULL, &entry, &condition, &why);
	CHECK(why.wanted.len == 1 && why.wanted.data[0] == 0xf4 && why.found.len == 1 && why.found.data[0] == 0xf5, "wanted false, found true");
	cs_mval_satisfies(NULL, &entry, &absent, &why);
	CHECK(why.wanted.len == 2 && why.found.len == 0 && strcmp(why.reason, "no such attribute") == 0, "wanted, found nothing");
}

/* More digests than anybody has are refused at once. */
static void
check_bounds(void)
{
	cs_buf buf;
	cs_item many;

	cs_buf_init(&buf, &ctx);
	cs_put_map(&buf, 1);
	cs_put_uint(&buf, 2);
	cs_put_array(&buf, 100000);
	for (int i = 0; i < 100000; i++)
	{
		cs_put_array(&buf, 2);
		cs_put_uint(&buf, 1000 + i);
		cs_put_bytes(&buf, "x", 1);
	}
	many = cs_item_at(buf.data, buf.len);
	CHECK(!cs_mval_satisfies(NULL, &many, &many, NULL), "100000 digests match nothing, and soon");
}

int
main(void)
{
	cs_arena_init(&arena, &ctx);
	RUN(versions);
	RUN(svns);
	RUN(digests);
	RUN(flags);
	RUN(raw_values);
	RUN(keys);
	RUN(registers);
	RUN(ranges);
	RUN(matchers);
	RUN(others);
	check_report();
	check_bounds();
	cs_arena_free(&arena);
	return tap_done();
}
