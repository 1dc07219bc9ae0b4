/*
 * match_environment_test.c - environments (attributes, containment, canonical form), measurement-maps and authorities
 * (draft-ietf-rats-corim, "Environment Comparison", "Element Map Comparison", "Authority Comparison").
 */
#include "match_support.h"

#define INTEL "2.16.840.1.113741.1.16.1"

static void
check_containment(void)
{
	static const struct
	{
		const char *entry;
		const char *condition;
		const char *path;
	} rows[] = {
		{ "{0: {1: 'ACME'}}", "{0: {1: 'ACME'}}", NULL },
		{ "{0: {0: 560(h'aa'), 1: 'ACME'}, 1: 550(h'01')}", "{0: {0: 560(h'aa')}}", NULL },
		{ "{0: {0: 560(h'aa'), 1: 'ACME'}, 1: 550(h'01')}", "{1: 550(h'01')}", NULL },
		{ "{0: {0: 560(h'aa')}}", "{0: {0: 560(h'aa')}, 1: 550(h'01')}", "instance" },
		{ "{0: {0: 560(h'aa')}}", "{0: {0: 560(h'aa'), 1: 'ACME'}}", "class.vendor" },
		{ "{0: {1: 'ACME', 2: 'Roadrunner'}}", "{0: {1: 'ACME', 2: 'Coyote'}}", "class.model" },
		{ "{0: {0: 560(h'aa')}}", "{0: {0: 37(h'aa')}}", "class.class-id" },
		{ "{0: {1: 'ACME', 3: 1, 4: 0}}", "{0: {3: 1, 4: 0}}", NULL },
		{ "{0: {3: 1}}", "{0: {3: 2}}", "class.layer" },
		{ "{0: {4: 1}}", "{0: {4: 0}}", "class.index" },
		{ "{1: 550(h'01')}", "{0: {1: 'ACME'}}", "class" },
		{ "{2: 37(h'01')}", "{2: 37(h'02')}", "group" },
		{ "{1: 550(h'01'), 2: 37(h'01')}", "{2: 37(h'01')}", NULL },
		{ "{0: {1: 'ACME'}}", "{0: {1: 'acme'}}", "class.vendor" },
		{ "{0: {1: 'ACME', -5: 1}, 99: 'x'}", "{0: {-5: 1}, 99: 'x'}", NULL },
		{ "{0: {1: 'ACME', -5: 1}}", "{0: {-5: 2}}", "class.-5" },
		{ "{0: {1: 'ACME'}}", "{0: {1: 'ACME'}, 99: 'x'}", "99" },
		{ "{0: {1: 'ACME'}, 99: {1: 2, 3: 4}}", "{99: {1: 2}}", "99" },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
	{
		cs_item entry = item(rows[i].entry), condition = item(rows[i].condition);
		cs_mismatch why = { .path = "(matched)" };
		bool got = cs_env_compare(&entry, &condition, &why);

		CHECK(got == (rows[i].path == NULL) && got == cs_env_satisfies(&entry, &condition) && (got || strcmp(why.path, rows[i].path) == 0),
			"%s %s %s (%s)", rows[i].entry, rows[i].path ? "lacks of" : "contains", rows[i].condition, why.path);
	}
}

static void
check_attributes(void)
{
	cs_item env = item("{0: {0: 560(h'aa'), 1: 'ACME', 3: 1, -5: 1}, 1: 550(h'01'), 2: 37(h'02'), 99: 'x'}");
	static const cs_env_path paths[] = { CS_PATH_CLASS_ID, CS_PATH_VENDOR, CS_PATH_LAYER, CS_PATH_OTHER, CS_PATH_INSTANCE, CS_PATH_GROUP,
		CS_PATH_OTHER };
	cs_env_attr attrs[16] = { { 0 } };
	cs_item number = item("7");

	CHECK(cs_env_attrs(&env, attrs, 16) == 7, "seven attributes");
	for (size_t i = 0; i < COUNT(paths); i++)
		CHECK(attrs[i].path == paths[i] && attrs[i].in_class == (i < 4), "attribute %zu", i);
	CHECK(cs_span_eq(attrs[1].value, edn("'ACME'")), "value of vendor");
	CHECK(attrs[3].value.len == 2 && attrs[3].value.data[0] == 0x24, "an extension in the class: key and value");
	CHECK(attrs[6].value.len == 4 && attrs[6].value.data[0] == 0x18, "an extension outside: key and value");
	attrs[2].path = CS_PATH_GROUP;
	CHECK(cs_env_attrs(&env, attrs, 2) == 7 && attrs[2].path == CS_PATH_GROUP, "no more than there is room for");
	CHECK(cs_env_attrs(&number, attrs, 16) == 0, "a number has none");
}

static void
check_canonical(void)
{
	static const struct
	{
		const char *given;
		const char *canonical;
	} rows[] = {
		{ "{1: 550(h'01'), 0: {1: 'ACME', 0: 560(h'aa')}}", "{0: {0: 560(h'aa'), 1: 'ACME'}, 1: 550(h'01')}" },
		{ "{0: {0: 600(h'aabb')}}", "{0: {0: 560(h'aabb')}}" },
		{ "{0: {0: 111(h'06032a0304')}}", "{0: {0: 111(h'2a0304')}}" },
		{ "{0: {0: 111(h'2a0304')}}", "{0: {0: 111(h'2a0304')}}" },
		{ "{0: {0: 111(h'06042a0304')}}", "{0: {0: 111(h'06042a0304')}}" },
		{ "{0: {1: 'ACME', -7: 600(h'aa')}}", "{0: {1: 'ACME', -7: 600(h'aa')}}" },
		{ "{0: {0: 551(h'aabb')}}", "{0: {0: 560(h'aabb')}}" },
		{ "{0: {0: h'00112233445566778899aabbccddeeff'}}", "{0: {0: 37(h'00112233445566778899aabbccddeeff')}}" },
		{ "{2: h'0011'}", "{2: h'0011'}" },
		{ "{0: {0: 600('text')}}", "{0: {0: 600('text')}}" },
		{ "{0: {3: 1}, 1: 111(h'06032a0304')}", "{0: {3: 1}, 1: 111(h'2a0304')}" },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
	{
		cs_item given = item(rows[i].given);
		cs_buf buf;

		cs_buf_init(&buf, &ctx);
		CHECK(cs_env_canonical(&ctx, &given, &buf) && cs_span_eq(cs_buf_span(&buf), edn(rows[i].canonical)), "canonical form of %s",
			rows[i].given);
	}
}

static void
check_measurements(void)
{
	static const struct
	{
		const char *entry;
		const char *condition;
		const char *authority;
		const char *path;
	} rows[] = {
		{ "{1: {11: 'a'}}", "{1: {11: 'a'}}", NULL, NULL },
		{ "{0: 'k', 1: {11: 'a'}}", "{0: 'k', 1: {11: 'a'}}", NULL, NULL },
		{ "{0: 'k', 1: {11: 'a'}}", "{1: {11: 'a'}}", NULL, "mkey" },
		{ "{1: {11: 'a'}}", "{0: 'k', 1: {11: 'a'}}", NULL, "mkey" },
		{ "{0: 5, 1: {11: 'a'}}", "{0: '5', 1: {11: 'a'}}", NULL, "mkey" },
		{ "{0: 'k', 1: {11: 'a'}}", "{0: 'k', 1: {11: 'b'}}", NULL, "mval.name" },
		{ "{0: 'k', 1: {14: {3: [[1, h'aa']]}}}", "{0: 'k', 1: {14: {3: [[1, h'ab']]}}}", NULL, "mval.integrity-registers[3]" },
		{ "{1: {11: 'a'}}", "{1: {11: 'a'}, 2: [554('A')]}", "[554('B'), 554('A')]", NULL },
		{ "{1: {11: 'a'}}", "{1: {11: 'a'}, 2: 554('A')}", "[554('A')]", NULL },
		{ "{1: {11: 'a'}}", "{1: {11: 'a'}, 2: [554('A')]}", "[554('B')]", "authorized-by" },
		{ "{1: {11: 'a'}}", "{1: {11: 'a'}, 2: [554('A'), 554('B')]}", "[554('B')]", "authorized-by" },
		{ "{1: {11: 'a'}, 2: [554('A')]}", "{1: {11: 'a'}, 2: [554('A')]}", NULL, "authorized-by" },
		{ "{1: {11: 'a'}}", "{0: 'k'}", NULL, "mkey" },
		{ "{0: 'k', 1: {11: 'a'}}", "{0: 'k'}", NULL, "mval" },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
	{
		cs_item entry = item(rows[i].entry), condition = item(rows[i].condition), authority = { 0 };
		cs_mismatch why = { .path = "(matched)" };
		bool got;

		if (rows[i].authority != NULL)
			authority = item(rows[i].authority);
		got = cs_measurement_satisfies(NULL, &entry, &condition, rows[i].authority ? &authority : NULL, &why);
		CHECK(got == (rows[i].path == NULL) && (got || strcmp(why.path, rows[i].path) == 0), "measurement %s against %s (%s)",
			rows[i].entry, rows[i].condition, why.path);
	}
}

static void
check_authorities(void)
{
	static const struct
	{
		const char *keys;
		const char *wanted;
		bool good;
	} rows[] = {
		{ "[554('A')]", "[554('A')]", true },
		{ "[554('A'), 555('B')]", "[555('B'), 554('A')]", true },
		{ "[554('A'), 555('B')]", "[555('B')]", true },
		{ "[554('A')]", "[554('A'), 555('B')]", false },
		{ "[554('A')]", "[555('A')]", false },
		{ "[]", "[554('A')]", false },
		{ "[554('A')]", "[]", true },
		{ "554('A')", "[554('A')]", true },
		{ "[559(['sha-256', h'aa'])]", "[559([1, h'aa'])]", false },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
	{
		cs_item keys = item(rows[i].keys), wanted = item(rows[i].wanted);

		CHECK(cs_authority_satisfies(&keys, &wanted) == rows[i].good, "%s %s %s", rows[i].keys, rows[i].good ? "holds" : "does not hold",
			rows[i].wanted);
	}
}

/* What a Reference Value corroborates of the Evidence (doc/conformance.md, decision 22). */
static void
check_projection(void)
{
	static const struct
	{
		const char *entry;
		const char *condition;
		const char *named;
		const char *profile;
	} rows[] = {
		{ "{1: 7, 11: 'a'}", "{1: 553(5)}", "{1: 7}", NULL },
		{ "{2: [[1, h'aa'], [7, h'bb']]}", "{2: [['sha-256', h'aa']]}", "{2: [[1, h'aa']]}", NULL },
		{ "{2: [1, h'aa']}", "{2: [[1, h'aa']]}", "{2: [1, h'aa']}", NULL },
		{ "{3: {1: true, 3: false, 8: true}}", "{3: {3: false}}", "{3: {3: false}}", NULL },
		{ "{4: 560(h'0102'), 11: 'a'}", "{4: 560(h'0103'), 5: h'fffe'}", "{4: 560(h'0102')}", NULL },
		{ "{13: [554('a'), 554('b')]}", "{13: [554('a')]}", "{13: [554('a')]}", NULL },
		{ "{13: [554('a')]}", "{13: [554('a')]}", "{13: [554('a')]}", NULL },
		{ "{14: {0: [[1, h'aa'], [7, h'bb']], 1: [[1, h'cc']]}}", "{14: {0: [[7, h'bb']]}}", "{14: {0: [[7, h'bb']]}}", NULL },
		{ "{15: 5, 100: 'x', -3: 4}", "{15: 564([1, null]), -3: 4}", "{15: 5, -3: 4}", NULL },
		{ "{17: 5, 18: 'a', 19: h'01'}", "{17: 565([1, null]), 18: 566(['a', 'b'])}", "{17: 5, 18: 'a'}", NULL },
		/* a profile's values by their comparison, as the standard's */
		{ "{-84: [[1, h'aa'], [8, h'bb']]}", "{-84: [[1, h'aa']]}", "{-84: [[1, h'aa']]}", INTEL },
		{ "{-83: [[1, h'aa'], [8, h'bb']]}", "{-83: [['sha-256', h'aa']]}", "{-83: [[1, h'aa']]}", INTEL },
		{ "{-83: [[1, h'aa'], [8, h'bb']]}", "{-83: 60020([6, [[1, h'aa'], [8, h'bb'], [8, h'bc']]])}", "{-83: [[1, h'aa'], [8, h'bb']]}",
			INTEL },
		{ "{-83: [[1, h'aa'], [8, h'bb']]}", "{-83: 60020([7, [[1, h'ab']]])}", "{-83: [[1, h'aa']]}", INTEL },
		{ "{-91: [554('a'), 554('b')]}", "{-91: [554('a')]}", "{-91: [554('a')]}", INTEL },
		{ "{-88: ['UpToDate'], -73: 6}", "{-88: 60021([6, ['UpToDate', 'x']])}", "{-88: ['UpToDate']}", INTEL },
		/* which is no rule of another profile */
		{ "{-84: [[1, h'aa'], [8, h'bb']]}", "{-84: [[1, h'aa']]}", "{-84: [[1, h'aa'], [8, h'bb']]}", NULL },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
	{
		cs_item entry = item(rows[i].entry), condition = item(rows[i].condition);
		cs_buf buf;

		cs_buf_init(&buf, &ctx);
		CHECK(cs_mval_narrow(profile(rows[i].profile), &entry, &condition, &buf) && cs_span_eq(cs_buf_span(&buf), edn(rows[i].named)),
			"of %s, %s names %s", rows[i].entry, rows[i].condition, rows[i].named);
	}
}

int
main(void)
{
	cs_arena_init(&arena, &ctx);
	check_containment();
	check_attributes();
	check_canonical();
	check_measurements();
	check_authorities();
	check_projection();
	cs_arena_free(&arena);
	return tap_done();
}
