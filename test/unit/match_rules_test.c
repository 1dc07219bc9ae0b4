/*
 * match_rules_test.c - how each member that a built-in profile adds compares: vectors, each under the section that decides it
 * (doc/profiles.md). Each comparison of each profile has six at least, and each member one, which the test holds too.
 */
#include <stdlib.h>

#include "match_support.h"

#define PSA "tag:arm.com,2025:psa#1.0.0"
#define INTEL "2.16.840.1.113741.1.16.1"
#define POE "tag:intel.com,2026:tee.poe#1.0"
#define AZURE "tag:microsoft.com,2026:azure-profile#1.0.0"
#define OWN "tag:example.com,2026:superset"

#define SIXTEEN(a, b) "[" a ", " b ", 2, 2, 2, 1, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0]"
#define PIID "h'000102030405060708090a0b0c0d0e0f'"

typedef struct vector
{
	const char *entry;
	const char *condition;
	bool matches;
} vector;

typedef struct table
{
	const char *profile;
	const char *section; /* what decides it */
	vector vectors[24];
} table;

static const table tables[] = {
	{ PSA, "draft-fdb-rats-psa-endorsements, \"Certification Claims\": a certificate number is its text",
		{
			{ "{100: '1234567890123 - 12345'}", "{100: '1234567890123 - 12345'}", true },
			{ "{100: '1234567890123 - 12345'}", "{100: '1234567890123 - 12346'}", false },
			{ "{100: '1234567890123 - 12345'}", "{100: '1234567890123-12345'}", false },
			{ "{100: '1234567890123 - 1234'}", "{100: '1234567890123 - 12345'}", false },
			{ "{100: h'31'}", "{100: '1'}", false },
			{ "{11: '1234567890123 - 12345'}", "{100: '1234567890123 - 12345'}", false },
		} },
	{ POE, "draft-bzb-rats-intel-poe-endorsements: equality over the full length",
		{
			{ "{-101: " PIID "}", "{-101: " PIID "}", true },
			{ "{-101: " PIID "}", "{-101: h'000102030405060708090a0b0c0d0e'}", false },
			{ "{-101: " PIID "}", "{-101: h'000102030405060708090a0b0c0d0e0e'}", false },
			{ "{-101: 560(" PIID ")}", "{-101: " PIID "}", false },
			{ "{-401: 'Example Corp'}", "{-401: 'Example Corp'}", true },
			{ "{-401: 'Example Corp'}", "{-401: 'Example Corp.'}", false },
			{ "{-401: 'Example Corp'}", "{-401: 'example corp'}", false },
		} },
	{ AZURE, "Azure/corim: equality (no text says so)",
		{
			{ "{-700: 'UpToDate'}", "{-700: 'UpToDate'}", true },
			{ "{-700: 'UpToDate'}", "{-700: 'OutOfDate'}", false },
			{ "{-700: 'UpToDate'}", "{-700: 'uptodate'}", false },
			{ "{-700: 'UpToDate'}", "{-700: ['UpToDate']}", false },
			{ "{-700: ['UpToDate']}", "{-700: 'UpToDate'}", false },
			{ "{8: 'UpToDate'}", "{-700: 'UpToDate'}", false },
		} },
	{ INTEL, "\"exact match measurement\": tee.vendor, tee.model, tee.pceid, tee.isvprodid, tee.platform-instance-id; tee.instance-id",
		{
			{ "{-70: 'Intel Corporation'}", "{-70: 'Intel Corporation'}", true },
			{ "{-70: 'Intel Corporation'}", "{-70: 'Intel corporation'}", false },
			{ "{-71: '0123456789AB'}", "{-71: '0123456789AB'}", true },
			{ "{-71: '0123456789AB'}", "{-71: '0123456789ab'}", false },
			{ "{-80: '0000'}", "{-80: '0000'}", true },
			{ "{-80: 0}", "{-80: '0000'}", false },
			{ "{-85: 1}", "{-85: 1}", true },
			{ "{-85: h'01'}", "{-85: 1}", false },
			{ "{-101: " PIID "}", "{-101: " PIID "}", true },
			{ "{-101: " PIID "}", "{-101: h'00'}", false },
			{ "{-77: h'0102'}", "{-77: h'0102'}", true },
			{ "{-77: h'0102'}", "{-77: h'0103'}", false },
		} },
	{ INTEL, "\"Numeric Expressions\": the Evidence is the left operand",
		{
			{ "{-73: 6}", "{-73: 60010([0, 6])}", true },
			{ "{-73: 5}", "{-73: 60010([0, 6])}", false },
			{ "{-73: 7}", "{-73: 60010([1, 6])}", true },
			{ "{-73: 6}", "{-73: 60010([1, 6])}", false },
			{ "{-73: 6}", "{-73: 60010([2, 6])}", true },
			{ "{-73: 5}", "{-73: 60010([2, 6])}", false },
			{ "{-73: 5}", "{-73: 60010([3, 6])}", true },
			{ "{-73: 6}", "{-73: 60010([3, 6])}", false },
			{ "{-73: 6}", "{-73: 60010([4, 6])}", true },
			{ "{-73: 7}", "{-73: 60010([4, 6])}", false },
			{ "{-73: -7}", "{-73: 60010([4, -6])}", true },
			{ "{-73: 18446744073709551615}", "{-73: 60010([2, 18446744073709551614])}", true },
			{ "{-73: 552(6)}", "{-73: 60010([2, 6])}", true },
			{ "{-73: 6.5}", "{-73: 60010([2, 6.25])}", true },
		} },
	{ INTEL, "\"Numeric Expressions\": \"Evidence and Reference Values MUST be the same numeric type\"; other operators and tags",
		{
			{ "{-73: 6.5}", "{-73: 60010([2, 6])}", false },
			{ "{-73: 7}", "{-73: 60010([2, 6.5])}", false },
			{ "{-73: NaN}", "{-73: 60010([4, 6.5])}", false },
			{ "{-73: '7'}", "{-73: 60010([2, 6])}", false },
			{ "{-73: 6}", "{-73: 60010([5, 6])}", false },
			{ "{-73: 6}", "{-73: 60010([6, 6])}", false },
			{ "{-73: 6}", "{-73: 60010([2, 6, 0])}", false },
			{ "{-73: 6}", "{-73: 60011([6, null])}", false },
			{ "{-73: 60010([2, 6])}", "{-73: 60010([2, 6])}", false },
			{ "{-73: 60010([2, 6])}", "{-73: 6}", false },
		} },
	{ INTEL, "\"The tee.isvsvn Measurement Extension\", \"The tee.tcb-eval-num ...\": equal, a minimum, a range",
		{
			{ "{-73: 6}", "{-73: 6}", true },
			{ "{-73: 7}", "{-73: 6}", false },
			{ "{-73: 552(6)}", "{-73: 6}", true },
			{ "{-73: 6}", "{-73: 552(6)}", true },
			{ "{-73: 6}", "{-73: 553(6)}", true },
			{ "{-73: 5}", "{-73: 553(6)}", false },
			{ "{-73: 552(6)}", "{-73: 564([5, 7])}", true },
			{ "{-86: 12}", "{-86: 564([11, null])}", true },
			{ "{-86: 10}", "{-86: 564([11, null])}", false },
			{ "{-86: 12}", "{-86: 60010([2, 12])}", true },
		} },
	{ INTEL, "\"The tee.tcb-comp-svn Measurement Extension\": sixteen positions, all of which must hold",
		{
			{ "{-125: " SIXTEEN("10", "10") "}", "{-125: " SIXTEEN("10", "10") "}", true },
			{ "{-125: " SIXTEEN("11", "10") "}", "{-125: " SIXTEEN("60010([2, 10])", "553(10)") "}", true },
			{ "{-125: " SIXTEEN("552(11)", "10") "}", "{-125: " SIXTEEN("60010([2, 10])", "10") "}", true },
			{ "{-125: " SIXTEEN("11", "10") "}", "{-125: " SIXTEEN("564([10, null])", "60010([2, 11])") "}", false },
			{ "{-125: " SIXTEEN("9", "10") "}", "{-125: " SIXTEEN("60010([2, 10])", "10") "}", false },
			{ "{-125: [1, 2]}", "{-125: [1, 2]}", false },
			{ "{-125: " SIXTEEN("'a'", "10") "}", "{-125: " SIXTEEN("'a'", "10") "}", false },
		} },
	{ INTEL, "\"Masked Values\": a short mask goes on with zeros, a long one is cut; without a mask bit for bit",
		{
			{ "{-81: h'c0000001'}", "{-81: 563([h'c0000000', h'fbff0000'])}", true },
			{ "{-81: h'c1000000'}", "{-81: 563([h'c0000000', h'fbff0000'])}", false },
			{ "{-81: h'c00000ff'}", "{-81: 563([h'c0000000', h'ff'])}", true },
			{ "{-81: h'c1000000'}", "{-81: 563([h'c0000000', h'ff'])}", false },
			{ "{-81: h'c0000000'}", "{-81: 563([h'c0000000', h'ffffffffff'])}", true },
			{ "{-82: h'00030000'}", "{-82: 563([h'0003', h'ffff'])}", true },
			{ "{-82: h'00030001'}", "{-82: 563([h'0003', h'ffffffff'])}", false },
			{ "{-82: h'0003'}", "{-82: h'0003'}", true },
			{ "{-82: 560(h'0003')}", "{-82: h'0003'}", true },
			{ "{-82: h'0003'}", "{-82: 560(h'0003')}", true },
			{ "{-82: h'0003'}", "{-82: h'0002'}", false },
			{ "{-82: h'0003'}", "{-82: h'000300'}", false },
			{ "{-82: 563([h'0003', h'ffff'])}", "{-82: h'0003'}", false },
		} },
	{ INTEL, "\"The tee.tcbdate Measurement Extension\": an instant, in whichever of its types",
		{
			{ "{-72: 0('2023-06-09T00:00:00Z')}", "{-72: '2023-06-09T00:00:00Z'}", true },
			{ "{-72: 1686268800}", "{-72: '2023-06-09T00:00:00Z'}", true },
			{ "{-72: 1(1686268800)}", "{-72: 1686268800}", true },
			{ "{-72: 1001({1: 1686268800})}", "{-72: 1(1686268800)}", true },
			{ "{-72: 0('2023-06-09T02:00:00+02:00')}", "{-72: 1001({1: 1686268800})}", true },
			{ "{-72: 1(1686268800.5)}", "{-72: 0('2023-06-09T00:00:00.5Z')}", true },
			{ "{-72: 1001({1: 1686268800, -3: 500})}", "{-72: 1(1686268800.5)}", true },
			{ "{-72: 1001({1: 1686268800, -9: 500000000, 'by': 'GPS'})}", "{-72: '2023-06-09T00:00:00.500Z'}", true },
			{ "{-72: 1686268801}", "{-72: '2023-06-09T00:00:00Z'}", false },
			{ "{-72: '2023-06-09T00:00:00.000000001Z'}", "{-72: '2023-06-09T00:00:00Z'}", false },
			{ "{-72: '2023-06-09'}", "{-72: '2023-06-09'}", false },
			{ "{-72: 1001({1: 1686268800, -1: 1})}", "{-72: 1686268800}", false },
			{ "{-72: 1001({1: 1686268800, 13: 1})}", "{-72: 1001({1: 1686268800, 13: 1})}", false },
			{ "{-72: 1001({1: 1686268800, 99: 1})}", "{-72: 1686268800}", false },
			{ "{-72: 1001({1: 1686268800, -3: 1000})}", "{-72: 1686268801}", false },
			{ "{-72: 1003([{1: 0}, {1: 9}])}", "{-72: 1003([{1: 0}, {1: 9}])}", false },
			{ "{-72: 1(NaN)}", "{-72: 1(NaN)}", false },
		} },
	{ INTEL, "\"The tee.tcbdate ...\": texts are converted before operations involving time; tee.epoch of earlier drafts alike",
		{
			{ "{-72: '2023-06-10T00:00:00Z'}", "{-72: 60010([2, 1686268800])}", true },
			{ "{-72: '2023-06-08T00:00:00Z'}", "{-72: 60010([2, 1686268800])}", false },
			{ "{-72: 0('2023-06-08T00:00:00Z')}", "{-72: 60010([3, 1686268800])}", true },
			{ "{-72: 1686268800}", "{-72: 60010([6, 1686268800])}", false },
			{ "{-90: 1686268800}", "{-90: 0('2023-06-09T00:00:00Z')}", true },
			{ "{-90: 60032([2, 120])}", "{-90: 60032([2, 120])}", false },
		} },
	{ INTEL, "\"Comparison Algorithm for Set of Digests\": `digest` matches at least one digest of the Evidence's set",
		{
			{ "{-84: [1, h'aa']}", "{-84: [1, h'aa']}", true },
			{ "{-84: [[1, h'aa'], [7, h'bb']]}", "{-84: [1, h'aa']}", true },
			{ "{-84: [[1, h'ab'], [1, h'aa']]}", "{-84: [1, h'aa']}", true },
			{ "{-84: [['sha-256', h'aa']]}", "{-84: [1, h'aa']}", true },
			{ "{-84: [[1, h'ab'], [7, h'aa']]}", "{-84: [1, h'aa']}", false },
			{ "{-84: []}", "{-84: [1, h'aa']}", false },
			{ "{-84: 'aa'}", "{-84: [1, h'aa']}", false },
		} },
	{ INTEL, "\"Comparison Algorithm for Set of Digests\": `digests-type` and `set-digest-type`: equivalent sets, in any order",
		{
			{ "{-83: [[1, h'aa'], [7, h'bb']]}", "{-83: [[7, h'bb'], ['sha-256', h'aa']]}", true },
			{ "{-83: [1, h'aa']}", "{-83: [[1, h'aa']]}", true },
			{ "{-83: [[1, h'aa'], [1, h'ab']]}", "{-83: [[1, h'ab'], [1, h'aa']]}", true },
			{ "{-83: [[1, h'aa'], [7, h'bb']]}", "{-83: [[1, h'aa']]}", false },
			{ "{-83: [[1, h'aa']]}", "{-83: [[1, h'aa'], [7, h'bb']]}", false },
			{ "{-83: [[1, h'aa']]}", "{-83: [[1, h'ab']]}", false },
			{ "{-83: []}", "{-83: []}", true },
			{ "{-83: [[1, h'aa']]}", "{-83: []}", false },
			{ "{-83: []}", "{-83: [[1, h'aa']]}", false },
			{ "{-83: [[1, h'aa', 0]]}", "{-83: [[1, h'aa', 0]]}", false },
		} },
	{ INTEL, "\"Set Expressions\": mem: the Evidence is in the set (decision 38)",
		{
			{ "{-84: [1, h'aa']}", "{-84: 60020([6, [[1, h'aa'], [8, h'bb']]])}", true },
			{ "{-84: [[8, h'bb'], [1, h'aa']]}", "{-84: 60020([6, [['sha-256', h'aa'], [8, h'bb']]])}", true },
			{ "{-84: [[1, h'ac']]}", "{-84: 60020([6, [[1, h'aa'], [1, h'ab']]])}", false },
			{ "{-84: [[1, h'aa'], [8, h'bc']]}", "{-84: 60020([6, [[1, h'aa'], [8, h'bb']]])}", false },
			{ "{-84: []}", "{-84: 60020([6, [[1, h'aa']]])}", false },
			{ "{-84: []}", "{-84: 60020([6, []])}", true },
			{ "{-84: [[1, h'aa']]}", "{-84: 60020([6, []])}", false },
			{ "{-84: [[1, h'aa']]}", "{-84: 60020([0, [[1, h'aa']]])}", false },
			{ "{-84: [[1, h'aa']]}", "{-84: 60021([6, ['aa']])}", false },
			{ "{-84: 60020([6, [[1, h'aa']]])}", "{-84: 60020([6, [[1, h'aa']]])}", false },
		} },
	{ INTEL, "\"Comparison Algorithm for Set of Digests\": nmem: no digest of the set is one of the Evidence's (and decision 39)",
		{
			{ "{-84: [[1, h'ac']]}", "{-84: 60020([7, [[1, h'aa'], [1, h'ab']]])}", true },
			{ "{-84: [[1, h'ab']]}", "{-84: 60020([7, [[1, h'aa'], [1, h'ab']]])}", false },
			{ "{-84: [[7, h'ac']]}", "{-84: 60020([7, [[1, h'aa'], [7, h'ad']]])}", true },
			{ "{-84: [[7, h'ac']]}", "{-84: 60020([7, [[1, h'aa']]])}", false },
			{ "{-84: []}", "{-84: 60020([7, [[1, h'aa']]])}", true },
			{ "{-84: [[1, h'aa']]}", "{-84: 60020([7, []])}", true },
			{ "{-84: 'aa'}", "{-84: 60020([7, []])}", false },
		} },
	{ INTEL, "\"Comparison Algorithm for Set of Strings\": `set-tstr-type`: equivalent sets, in any order",
		{
			{ "{-88: ['UpToDate']}", "{-88: ['UpToDate']}", true },
			{ "{-88: 'UpToDate'}", "{-88: ['UpToDate']}", true },
			{ "{-89: ['A', 'B']}", "{-89: ['B', 'A']}", true },
			{ "{-89: ['A', 'B', 'A']}", "{-89: ['B', 'A']}", true },
			{ "{-89: ['A', 'B']}", "{-89: ['A']}", false },
			{ "{-89: ['A']}", "{-89: ['A', 'B']}", false },
			{ "{-89: []}", "{-89: []}", true },
			{ "{-89: ['A']}", "{-89: []}", false },
			{ "{-89: []}", "{-89: ['A']}", false },
			{ "{-89: ['A', 5]}", "{-89: ['A', 5]}", false },
		} },
	{ INTEL, "\"Set Expressions\": ( \"fox\" op.mem [\"cat\", \"dog\", \"fox\"] ): the Evidence is in the set (decision 38)",
		{
			{ "{-88: 'fox'}", "{-88: 60021([6, ['cat', 'dog', 'fox']])}", true },
			{ "{-88: ['UpToDate']}", "{-88: 60021([6, ['UpToDate', 'SWHardeningNeeded']])}", true },
			{ "{-88: ['UpToDate', 'OutOfDate']}", "{-88: 60021([6, ['UpToDate']])}", false },
			{ "{-88: []}", "{-88: 60021([6, ['UpToDate']])}", false },
			{ "{-88: []}", "{-88: 60021([6, []])}", true },
			{ "{-88: ['UpToDate']}", "{-88: 60021([6, 'UpToDate'])}", true },
			{ "{-88: ['UpToDate']}", "{-88: 60021([5, ['UpToDate']])}", false },
		} },
	{ INTEL, "\"Comparison Algorithm for Set of Strings\": nmem: no text of the set is one of the Evidence's",
		{
			{ "{-89: ['INTEL-SA-1']}", "{-89: 60021([7, ['INTEL-SA-2']])}", true },
			{ "{-89: []}", "{-89: 60021([7, ['INTEL-SA-2']])}", true },
			{ "{-89: ['INTEL-SA-2']}", "{-89: 60021([7, []])}", true },
			{ "{-89: ['INTEL-SA-1', 'INTEL-SA-2']}", "{-89: 60021([7, ['INTEL-SA-2']])}", false },
			{ "{-89: [5]}", "{-89: 60021([7, ['INTEL-SA-2']])}", false },
			{ "{-89: 60021([7, ['INTEL-SA-2']])}", "{-89: 60021([7, ['INTEL-SA-3']])}", false },
		} },
	{ INTEL, "\"The tee.cryptokeys Measurement Extension\": by position",
		{
			{ "{-91: [554('A'), 554('B')]}", "{-91: [554('A'), 554('B')]}", true },
			{ "{-91: [554('A'), 554('B')]}", "{-91: [554('A')]}", true },
			{ "{-91: [554('A'), 554('B')]}", "{-91: [554('B')]}", false },
			{ "{-91: [554('A')]}", "{-91: [554('A'), 554('B')]}", false },
			{ "{-91: [554('A')]}", "{-91: [555('A')]}", false },
			{ "{-91: []}", "{-91: []}", false },
		} },
	{ OWN, "\"Comparison Algorithm for Set of Digests\": mem: the Evidence has each digest of the set (decision 38)",
		{
			{ "{-84: [[1, h'aa'], [8, h'bb']]}", "{-84: 60020([6, [[1, h'aa']]])}", true },
			{ "{-84: [[1, h'aa']]}", "{-84: 60020([6, [[1, h'aa'], [8, h'bb']]])}", false },
			{ "{-84: [[1, h'aa'], [1, h'ab']]}", "{-84: 60020([6, [[1, h'ab']]])}", true },
			{ "{-84: []}", "{-84: 60020([6, []])}", true },
			{ "{-84: []}", "{-84: 60020([6, [[1, h'aa']]])}", false },
			{ "{-84: [[1, h'aa']]}", "{-84: 60020([7, [[1, h'aa']]])}", false },
		} },
	{ OWN, "\"Comparison Algorithm for Set of Strings\": mem: the Evidence has each text of the set (decision 38)",
		{
			{ "{-88: ['UpToDate', 'OutOfDate']}", "{-88: 60021([6, ['UpToDate']])}", true },
			{ "{-88: ['UpToDate']}", "{-88: 60021([6, ['UpToDate', 'OutOfDate']])}", false },
			{ "{-88: 'UpToDate'}", "{-88: 60021([6, ['UpToDate']])}", true },
			{ "{-88: []}", "{-88: 60021([6, ['UpToDate']])}", false },
			{ "{-88: ['UpToDate']}", "{-88: 60021([6, []])}", true },
			{ "{-88: ['A', 'B']}", "{-88: ['B', 'A']}", true },
			{ "{-88: ['A', 'B']}", "{-88: 60021([7, ['A']])}", false },
		} },
};

/* Intel's with the other meaning of mem, as rows of a store's table profile make it. */
static const cs_profile *
profile_of(const char *id)
{
	static const cs_field fields[] = {
		{ .key = -84, .name = "tee.mrsigner", .rule = &cs_rule_measurement_map, .comparison = CS_COMPARE_DIGEST_SUPERSET },
		{ .key = -88, .name = "tee.tcbstatus", .rule = &cs_rule_measurement_map, .comparison = CS_COMPARE_TEXT_SUPERSET },
	};
	static const cs_profile_extension extension = { &cs_rule_measurement_values_map, fields, COUNT(fields) };
	static const char *const ids[] = { OWN, NULL };
	static cs_profile own = { .name = OWN, .ids = ids, .extensions = &extension, .extension_count = 1 };

	if (strcmp(id, OWN) != 0)
		return profile(id);
	own.base = profile(INTEL);
	return &own;
}

static bool
is_about(const vector *v, int64_t codepoint)
{
	return strtoll(v->condition + 1, NULL, 10) == codepoint;
}

/* How many vectors of that profile have a condition on that codepoint, or on one that compares alike. */
static size_t
vectors_for(const cs_profile *of, int64_t codepoint, bool alike)
{
	size_t count = 0;

	for (size_t i = 0; i < COUNT(tables); i++)
		for (const vector *v = tables[i].vectors; profile_of(tables[i].profile)->extensions == of->extensions && v->entry != NULL; v++)
			count += alike ? cs_profile_comparison(of, strtoll(v->condition + 1, NULL, 10)) == cs_profile_comparison(of, codepoint)
						   : is_about(v, codepoint);
	return count;
}

static void
check_members(const cs_profile *of)
{
	for (size_t i = 0; i < of->extension_count; i++)
	{
		const cs_profile_extension *extension = &of->extensions[i];

		for (size_t j = 0; extension->rule == &cs_rule_measurement_values_map && j < extension->field_count; j++)
		{
			const cs_field *field = &extension->fields[j];

			CHECK(field->comparison == CS_COMPARE_NOT || vectors_for(of, field->key, true) >= 6, "%s: six vectors compare as %s does",
				of->name, field->name);
			CHECK(field->comparison == CS_COMPARE_NOT || vectors_for(of, field->key, false) >= 1, "%s: a vector for %s", of->name,
				field->name);
		}
	}
}

int
main(void)
{
	const cs_profile *built_in;

	cs_arena_init(&arena, &ctx);
	for (size_t i = 0; i < COUNT(tables); i++)
	{
		size_t count = 0;

		for (const vector *v = tables[i].vectors; v->entry != NULL; v++, count++)
		{
			cs_item entry = item(v->entry), condition = item(v->condition);
			const cs_profile *rules = profile_of(tables[i].profile);

			CHECK(cs_mval_satisfies(rules, &entry, &condition, NULL) == v->matches, "%s: %s %s %s", tables[i].section, v->entry,
				v->matches ? "satisfies" : "does not satisfy", v->condition);
			CHECK(!cs_mval_satisfies(NULL, &entry, &condition, NULL), "without a profile: %s against %s", v->entry, v->condition);
		}
		CHECK(count >= 6, "six vectors: %s", tables[i].section);
	}
	for (size_t i = 0; (built_in = cs_profile_at(i)) != NULL; i++)
		check_members(built_in);
	check_members(profile_of(OWN));
	cs_arena_free(&arena);
	return tap_done();
}
