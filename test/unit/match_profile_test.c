/*
 * match_profile_test.c - values that only a profile defines match only under that profile (doc/conformance.md, decision 32), and compare
 * as a user's own profile says. What each built-in profile says is in match_rules_test.c.
 */
#include "match_support.h"

#define PSA "tag:arm.com,2025:psa#1.0.0"
#define INTEL "2.16.840.1.113741.1.16.1"

#define POE "tag:intel.com,2026:tee.poe#1.0"
#define AZURE "tag:microsoft.com,2026:azure-profile#1.0.0"
#define OWN "tag:example.com,2026:own"

static const struct
{
	const char *profile;
	const char *entry;
	const char *condition;
	const char *path; /* NULL: it matches */
} rows[] = {
	{ PSA, "{100: '1234567890123 - 12345'}", "{100: '1234567890123 - 12345'}", NULL },
	{ PSA, "{100: '1234567890123 - 12345'}", "{100: '1234567890123 - 12346'}", "psa-cert-num" },
	{ PSA, "{11: 'a'}", "{100: '1234567890123 - 12346'}", "psa-cert-num" },
	{ "http://arm.com/psa/iot/1", "{100: 'x'}", "{100: 'x'}", NULL },
	{ "tag:arm.com,2025:cca_platform#1.0.0", "{100: 'x'}", "{100: 'x'}", "100" },
	{ "tag:example.com,2025:any", "{100: 'x'}", "{100: 'x'}", "100" },
	{ PSA, "{-73: 6}", "{-73: 60010([2, 6])}", "-73" },
	{ PSA, "{1: 6}", "{1: 553(5)}", NULL },
	{ INTEL, "{100: 'x'}", "{100: 'x'}", "100" },
	{ INTEL, "{-500: 1}", "{-500: 1}", "-500" },
	/* Platform Ownership Endorsements, Azure, and those that only name things */
	{ POE, "{-101: h'000102030405060708090a0b0c0d0e0f'}", "{-101: h'000102030405060708090a0b0c0d0e0f'}", NULL },
	{ POE, "{-101: h'000102030405060708090a0b0c0d0e0f'}", "{-101: h'000102030405060708090a0b0c0d0e'}", "tee.platform-instance-id" },
	{ POE, "{-73: 6}", "{-73: 6}", "-73" },
	{ AZURE, "{-700: 'UpToDate'}", "{-700: 'UpToDate'}", NULL },
	{ AZURE, "{-700: 'UpToDate'}", "{-700: 'OutOfDate'}", "tcbstatus" },
	{ "1.3.6.1.4.1.42623.1.1", "{-1: 1}", "{-1: 1}", "ocp-safe-sfr" },
	/* a user's own: PSA's value, and those of own_values below */
	{ OWN, "{100: 'x'}", "{100: 'x'}", NULL },
	{ OWN, "{1000: 'x'}", "{1000: 'x'}", NULL },
	{ OWN, "{1000: 'x'}", "{1000: 'y'}", "build" },
	{ OWN, "{1001: 6}", "{1001: 6}", NULL },
	{ OWN, "{1001: 7}", "{1001: 553(6)}", NULL },
	{ OWN, "{1001: 552(18446744073709551615)}", "{1001: -1}", NULL },
	{ OWN, "{1001: 5}", "{1001: 6}", "level" },
	{ OWN, "{1001: 553(9)}", "{1001: 6}", "level" },
	{ OWN, "{1001: '9'}", "{1001: 6}", "level" },
	{ OWN, "{1002: 560(h'0f')}", "{1002: 563([h'1f', h'0f'])}", NULL },
	{ OWN, "{1002: 560(h'0f')}", "{1002: 563([h'1f', h'1f'])}", "config" },
	{ OWN, "{1002: 560(h'0f00')}", "{1002: 563([h'1f', h'0f'])}", "config" },
	{ OWN, "{1003: 'a'}", "{1003: ['b', 'a']}", NULL },
	{ OWN, "{1003: ['a', 'b']}", "{1003: ['b', 'a']}", NULL },
	{ OWN, "{1003: 'c'}", "{1003: ['b', 'a']}", "mode" },
	{ OWN, "{1003: ['a', 'c']}", "{1003: ['b', 'a']}", "mode" },
	{ OWN, "{1003: []}", "{1003: ['b', 'a']}", "mode" },
	{ OWN, "{1003: 'a'}", "{1003: 'a'}", "mode" },
	{ OWN, "{1004: 'a'}", "{1004: 'a'}", "1004" },
	{ OWN, "{1006: 'a'}", "{1006: 'a'}", "label" },
	{ OWN, "{1005: [[1, h'aa'], [8, h'bb']]}", "{1005: [['sha-256', h'aa']]}", NULL },
	{ OWN, "{1005: [[1, h'aa'], [8, h'bb']]}", "{1005: [['sha-256', h'ab']]}", "layers" },
	/* the standard rules stay */
	{ INTEL, "{2: [[1, h'aa']]}", "{2: [['sha-256', h'aa']]}", NULL },
};

/* A profile as src/pg builds one from rows. */
static const cs_profile *
profile_of(const char *id)
{
	static const cs_field fields[] = {
		{ .key = 1000, .name = "build", .rule = &cs_rule_measurement_map, .comparison = CS_COMPARE_EQUAL },
		{ .key = 1001, .name = "level", .rule = &cs_rule_measurement_map, .comparison = CS_COMPARE_MINIMUM },
		{ .key = 1002, .name = "config", .rule = &cs_rule_measurement_map, .comparison = CS_COMPARE_MASK },
		{ .key = 1003, .name = "mode", .rule = &cs_rule_measurement_map, .comparison = CS_COMPARE_SET },
		{ .key = 1006, .name = "label", .rule = &cs_rule_measurement_map },
		{ .key = 1005, .name = "layers", .rule = &cs_rule_measurement_map, .comparison = CS_COMPARE_DIGESTS },
	};
	static const cs_profile_extension extension = { &cs_rule_measurement_values_map, fields, COUNT(fields) };
	static const char *const ids[] = { OWN, NULL };
	static cs_profile own = { .name = OWN, .ids = ids, .extensions = &extension, .extension_count = 1 };

	if (strcmp(id, OWN) != 0)
		return profile(id);
	own.base = profile(PSA);
	return &own;
}

/* Of the conditions above, those on svn and digests. */
static bool
is_standard(const char *condition)
{
	return strncmp(condition, "{1:", 3) == 0 || strncmp(condition, "{2:", 3) == 0;
}

static void
check_ids(void)
{
	static const struct
	{
		const char *id;
		const char *name;
	} ids[] = {
		{ PSA, "psa" },
		{ "tag:arm.com,2025:psa#2.0.0", "psa" },
		{ "http://arm.com/psa/iot/1", "psa" },
		{ "http://arm.com/psa/2.0.0", "psa" },
		{ "tag:arm.com,2025:cca_realm#1.0.0", "cca-realm" },
		{ "tag:arm.com,2025:cca_platform#1.0.0", "cca-platform" },
		{ "http://arm.com/cca/ssd/1", "cca-platform" },
		{ "http://arm.com/cca/realm/1", "cca-realm" },
		{ INTEL, "intel" },
		{ POE, "poe" },
		{ "tag:intel.com,2026:tee.poe#1.7", "poe" },
		{ "tag:intel.com,2026:tee.poe#2.0", NULL },
		{ "tag:amd.com,2025:snp-corim-profile", "sev-snp" },
		{ "1.3.6.1.4.1.42623.1.1", "ocp-safe-sfr" },
		{ "1.3.6.1.4.1.47639.1.1", "ocp-safe-sfr" },
		{ "tag:github.com/parallaxsecond,2023-03-03:tpm", "tpm" },
		{ AZURE, "azure" },
		{ "2.16.840.1.113741.1.16", NULL },
		{ "2.16.840.1.113741.1.16.1.1", NULL },
		{ "tag:arm.com,2025", NULL },
		{ "", NULL },
	};

	for (size_t i = 0; i < COUNT(ids); i++)
	{
		const cs_profile *found = cs_profile_find(ids[i].id, strlen(ids[i].id));
		CHECK(ids[i].name ? found != NULL && strcmp(found->name, ids[i].name) == 0 : found == NULL, "profile \"%s\" is %s", ids[i].id,
			ids[i].name ? ids[i].name : "not known");
	}
}

int
main(void)
{
	cs_arena_init(&arena, &ctx);
	check_ids();
	for (size_t i = 0; i < COUNT(rows); i++)
	{
		cs_item entry = item(rows[i].entry), condition = item(rows[i].condition);
		cs_mismatch why = { .path = "(matched)" };
		bool got = cs_mval_satisfies(profile_of(rows[i].profile), &entry, &condition, &why);

		CHECK(got == (rows[i].path == NULL) && got == cs_mval_satisfies(profile_of(rows[i].profile), &entry, &condition, NULL) &&
				(got || strcmp(why.path, rows[i].path) == 0),
			"%s: %s against %s (%s)", rows[i].profile, rows[i].entry, rows[i].condition, why.path);
		if (rows[i].path != NULL)
			continue;
		/* Without the profile, only the standard's codepoints match. */
		CHECK(cs_mval_satisfies(NULL, &entry, &condition, NULL) == is_standard(rows[i].condition), "without a profile: %s", rows[i].entry);
	}
	cs_arena_free(&arena);
	return tap_done();
}
