/*
 * json_profile_test.c - what profiles add, as JSON and back: the names of members and measurement keys in documents that name their
 * profile, in each envelope; values that are not as the profile has them; names that are nobody's, or somebody else's.
 */
#include "json/json.h"

#include <stdio.h>
#include <string.h>

#include "json/json_rules.h"
#include "model/profiles.h"
#include "tap.h"

static cs_arena arena;
static cs_ctx ctx;

/* ---- a profile's measurements ---- */

typedef struct vector
{
	const char *profile; /* by its name, as the tables have it */
	const char *corim;	 /* the identifier in a CoRIM, in diagnostic notation */
	const char *coserv;	 /* and in CoSERV */
	const char *edn;	 /* a measurement-map */
	const char *json;	 /* in a document of the profile */
	const char *alone;	 /* without one; NULL: not looked at */
} vector;

#define PSA "psa", "32(\"tag:arm.com,2025:psa#1.0.0\")", "\"tag:arm.com,2025:psa#1.0.0\""
#define INTEL "intel", "111(h'6086480186f84d011001')", "h'6086480186f84d011001'"
#define POE "poe", "32(\"tag:intel.com,2026:tee.poe#1.0\")", "\"tag:intel.com,2026:tee.poe#1.0\""
#define AZURE "azure", "32(\"tag:microsoft.com,2026:azure-profile#1.0\")", "\"tag:microsoft.com,2026:azure-profile#1.0\""
#define SFR "ocp-safe-sfr", "111(h'2b0601040182f4170101')", "h'2b0601040182f4170101'"
#define SNP "sev-snp", "32(\"tag:amd.com,2025:snp-corim-profile\")", "\"tag:amd.com,2025:snp-corim-profile\""
#define TPM "tpm", "32(\"tag:github.com/parallaxsecond,2023-03-03:tpm\")", "\"tag:github.com/parallaxsecond,2023-03-03:tpm\""
#define CCA_PLATFORM "cca-platform", "32(\"tag:arm.com,2025:cca_platform#1.0.0\")", "\"tag:arm.com,2025:cca_platform#1.0.0\""
#define CCA_REALM "cca-realm", "32(\"tag:arm.com,2025:cca_realm#1.0.0\")", "\"tag:arm.com,2025:cca_realm#1.0.0\""

static const vector vectors[] = {
	{ PSA, "{1: {100: \"1234567890123 - 12345\"}}", "{\"mval\":{\"psa-cert-num\":\"1234567890123 - 12345\"}}",
		"{\"mval\":{\"100\":\"1234567890123 - 12345\"}}" },
	{ INTEL,
		"{1: {-70: \"I\", -71: \"M\", -72: \"2026-01-01T00:00:00Z\", -73: 60010([2, 6]), -77: h'00ff', -80: \"0000\", -81: h'ff',"
		" -82: 560(h'00'), -83: [1, h'aa'], -84: 60020([6, [[1, h'aa']]]), -85: 3, -86: 553(4), -88: 60021([7, [\"OutOfDate\"]])}}",
		"{\"mval\":{\"tee.vendor\":\"I\",\"tee.model\":\"M\",\"tee.tcbdate\":\"2026-01-01T00:00:00Z\",\"tee.isvsvn\":{\"type\":"
		"\"numeric-expression\",\"value\":{\"operator\":\"ge\",\"reference-value\":6}},\"tee.instance-id\":\"00ff\",\"tee.pceid\":\"0000\","
		"\"tee.miscselect\":\"ff\",\"tee.attributes\":{\"type\":\"bytes\",\"value\":\"00\"},\"tee.mrtee\":{\"alg\":1,\"val\":\"aa\"},"
		"\"tee.mrsigner\":{\"type\":\"set-digest-expression\",\"value\":{\"operator\":\"mem\",\"set\":[{\"alg\":1,\"val\":\"aa\"}]}},"
		"\"tee.isvprodid\":3,\"tee.tcb-eval-num\":{\"type\":\"min-svn\",\"value\":4},\"tee.tcbstatus\":{\"type\":\"set-tstr-expression\","
		"\"value\":{\"operator\":\"nmem\",\"set\":[\"OutOfDate\"]}}}}",
		"{\"mval\":{\"-70\":\"I\",\"-71\":\"M\",\"-72\":\"2026-01-01T00:00:00Z\",\"-73\":{\"type\":60010,\"value\":[2,6]},"
		"\"-77\":{\"type\":\"bstr\",\"value\":\"00ff\"},\"-80\":\"0000\",\"-81\":{\"type\":\"bstr\",\"value\":\"ff\"},\"-82\":{\"type\":"
		"560,"
		"\"value\":{\"type\":\"bstr\",\"value\":\"00\"}},\"-83\":[1,{\"type\":\"bstr\",\"value\":\"aa\"}],\"-84\":{\"type\":60020,"
		"\"value\":"
		"[6,[[1,{\"type\":\"bstr\",\"value\":\"aa\"}]]]},\"-85\":3,\"-86\":{\"type\":553,\"value\":4},\"-88\":{\"type\":60021,\"value\":"
		"[7,[\"OutOfDate\"]]}}}" },
	{ INTEL,
		"{1: {-72: 0(\"2026-01-01T00:00:00Z\"), -73: 60011([8, 1]), -84: [[1, h'aa']], -86: 60010([9, 0.5]), -88: \"UpToDate\","
		" -89: [\"SA-1\"], -90: 1(5), -91: [554(\"k\")], -101: h'00', -125: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 552(16)]}}",
		"{\"mval\":{\"tee.tcbdate\":{\"type\":\"tdate\",\"value\":\"2026-01-01T00:00:00Z\"},\"tee.isvsvn\":{\"type\":60011,\"value\":[8,1]}"
		","
		"\"tee.mrsigner\":[{\"alg\":1,\"val\":\"aa\"}],\"tee.tcb-eval-num\":{\"type\":\"numeric-expression\",\"value\":{\"operator\":9,"
		"\"reference-value\":0.5}},\"tee.tcbstatus\":\"UpToDate\",\"tee.advisory-ids\":[\"SA-1\"],\"tee.epoch\":{\"type\":\"time\","
		"\"value\":5},"
		"\"tee.cryptokeys\":[{\"type\":\"pkix-base64-key\",\"value\":\"k\"}],\"tee.platform-instance-id\":\"00\","
		"\"tee.tcb-comp-svn\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,{\"type\":\"svn\",\"value\":16}]}}",
		NULL },
	{ POE, "{1: {-101: h'000102030405060708090a0b0c0d0e0f', -401: \"O\"}}",
		"{\"mval\":{\"tee.platform-instance-id\":\"000102030405060708090a0b0c0d0e0f\",\"tee.owner-name\":\"O\"}}", NULL },
	{ AZURE, "{0: 1, 1: {-700: \"UpToDate\"}}", "{\"mkey\":1,\"mval\":{\"tcbstatus\":\"UpToDate\"}}",
		"{\"mkey\":1,\"mval\":{\"-700\":\"UpToDate\"}}" },
	{ SFR,
		"{1: {-1: {0: \"1.0\", 1: \"2\", 2: 1(1767225600), 3: 1, 4: [{0: {0: \"1.2\", 1: 2}, 1: [[1, h'aa']], 2: \"v1\","
		" 3: {0: [[1, h'bb']], 1: [{0: \"a.c\", 1: [[1, h'cc']]}]}}], 5: [{0: \"T\", 1: \"D\", 2: {0: \"9.8\", 1: \"AV:N\", 2: \"3.1\"},"
		" 3: \"CWE-1\", 4: \"CVE-1\", 9: 1}], 6: \"s\", 99: h'00', \"issues\": 1}}}",
		"{\"mval\":{\"ocp-safe-sfr\":{\"review-framework-version\":\"1.0\",\"report-version\":\"2\",\"completion-date\":\"2026-01-01T00:00:"
		"00Z\","
		"\"scope-number\":1,\"fw-identifiers\":[{\"fw-version\":{\"version\":\"1.2\",\"version-scheme\":\"multipartnumeric-suffix\"},"
		"\"fw-file-digests\":[{\"alg\":1,\"val\":\"aa\"}],\"repo-tag\":\"v1\",\"src-manifest\":{\"manifest-digest\":[{\"alg\":1,\"val\":"
		"\"bb\"}],"
		"\"manifest\":[{\"filename\":\"a.c\",\"file-hash\":[{\"alg\":1,\"val\":\"cc\"}]}]}}],\"issues\":[{\"title\":\"T\",\"description\":"
		"\"D\","
		"\"assessment\":{\"cvss-score\":\"9.8\",\"cvss-vector\":\"AV:N\",\"cvss-version\":\"3.1\"},\"cwe\":\"CWE-1\",\"cve\":\"CVE-1\","
		"\"9\":1}],"
		"\"solid-version\":\"s\",\"99\":{\"type\":\"bstr\",\"value\":\"00\"},\"cbor:\\\"issues\\\"\":1}}}",
		NULL },
	{ SNP, "{0: 641, 1: {4: 560(h'00')}}",
		"{\"mkey\":{\"type\":\"uint\",\"value\":\"MEASUREMENT\"},\"mval\":{\"raw-value\":{\"type\":\"bytes\",\"value\":\"00\"}}}",
		"{\"mkey\":641,\"mval\":{\"raw-value\":{\"type\":\"bytes\",\"value\":\"00\"}}}" },
	{ SNP, "{0: \"MEASUREMENT\", 1: {11: \"a text is no number\"}}",
		"{\"mkey\":\"MEASUREMENT\",\"mval\":{\"name\":\"a text is no number\"}}", NULL },
	{ TPM, "{0: 7, 1: {2: [[1, h'aa']]}}",
		"{\"mkey\":{\"type\":\"uint\",\"value\":\"PCR7\"},\"mval\":{\"digests\":[{\"alg\":1,\"val\":\"aa\"}]}}", NULL },
	{ CCA_PLATFORM, "{0: \"cca.platform-config\", 1: {4: 560(h'00')}}",
		"{\"mkey\":\"cca.platform-config\",\"mval\":{\"raw-value\":{\"type\":\"bytes\",\"value\":\"00\"}}}", NULL },
	{ CCA_REALM, "{0: \"cca.rim\", 1: {2: [[1, h'aa']]}}", "{\"mkey\":\"cca.rim\",\"mval\":{\"digests\":[{\"alg\":1,\"val\":\"aa\"}]}}",
		NULL },

	/* not as the profile has them: by their numbers */
	{ PSA, "{1: {100: 5}}", "{\"mval\":{\"100\":5}}", "{\"mval\":{\"100\":5}}" },
	{ INTEL, "{1: {-70: 5, -73: 60010([2, \"x\"]), -88: [1], -125: [1, 2]}}",
		"{\"mval\":{\"-70\":5,\"-73\":{\"type\":60010,\"value\":[2,\"x\"]},\"-88\":[1],\"-125\":[1,2]}}", NULL },
	{ POE, "{1: {-101: h'00', -401: \"\"}}", "{\"mval\":{\"-101\":{\"type\":\"bstr\",\"value\":\"00\"},\"-401\":\"\"}}", NULL },
	{ AZURE, "{1: {-700: h''}}", "{\"mval\":{\"-700\":{\"type\":\"bstr\",\"value\":\"\"}}}", NULL },
	{ SFR, "{1: {-1: {0: \"1.0\", 2: h'00', 5: [{\"title\": 1}]}}}",
		"{\"mval\":{\"-1\":{\"0\":\"1.0\",\"2\":{\"type\":\"bstr\",\"value\":\"00\"},\"5\":[{\"title\":1}]}}}", NULL },
	{ SNP, "{0: 99, 1: {100: 1}}", "{\"mkey\":99,\"mval\":{\"100\":1}}", NULL },
	{ TPM, "{0: 24, 1: {-70: \"I\"}}", "{\"mkey\":24,\"mval\":{\"-70\":\"I\"}}", NULL },
	{ CCA_PLATFORM, "{0: 0, 1: {100: \"n\"}}", "{\"mkey\":0,\"mval\":{\"100\":\"n\"}}", NULL },
	{ CCA_REALM, "{0: 3968, 1: {100: \"n\"}}", "{\"mkey\":3968,\"mval\":{\"100\":\"n\"}}", NULL },

	/* texts that are a profile's names, whoever's: never taken for them */
	{ PSA, "{1: {\"psa-cert-num\": 1, \"tee.isvsvn\": 2, 100: \"n\", \"note\": 3}}",
		"{\"mval\":{\"psa-cert-num\":\"n\",\"note\":3,\"cbor:\\\"tee.isvsvn\\\"\":2,\"cbor:\\\"psa-cert-num\\\"\":1}}",
		"{\"mval\":{\"100\":\"n\",\"note\":3,\"cbor:\\\"tee.isvsvn\\\"\":2,\"cbor:\\\"psa-cert-num\\\"\":1}}" },
};

/* ---- the documents around them: MEASUREMENT, and PROFILE as a CoRIM has it or COSERV_PROFILE ---- */

#define CORIM "501({0: \"i\", 1: [506(<<{1: {0: \"t\"}, 4: {0: [[{0: {1: \"A\"}}, [MEASUREMENT]]]}}>>)], 3: PROFILE})"
#define COSERV                                                      \
	"{0: COSERV_PROFILE, 1: {0: 2, 1: {0: [[{1: \"A\"}]]}, 2: 0}, " \
	"2: {0: [{1: [554(\"k\")], 2: [{0: {1: \"A\"}}, [MEASUREMENT]]}], 10: 0(\"2030-01-01T00:00:00Z\")}}"

static const struct
{
	const char *rule;
	const char *edn;
} envelopes[] = {
	{ NULL, CORIM },
	{ NULL, "500(" CORIM ")" },
	{ NULL, "18([<<{1: -7, 3: \"application/rim+cbor\"}>>, {}, <<" CORIM ">>, h'face'])" },
	/* out of order: shown beside its bytes */
	{ NULL,
		"18([<<{3: \"application/rim+cbor\", 1: -7}>>, {}, <<501_1({3: PROFILE, 0: \"i\","
		" 1: [506(<<{4: {0: [[{0: {1: \"A\"}}, [MEASUREMENT]]]}, 1: {0: \"t\"}}>>)]})>>, h'face'])" },
	{ "coserv-any", "{0: COSERV_PROFILE, 1: {0: 2, 1: {0: [[{1: \"A\"}, [MEASUREMENT]]]}, 2: 0}}" },
	{ "coserv-any", COSERV },
	{ "coserv-any", "18([<<{1: -7, 3: \"application/coserv+cbor\"}>>, {}, <<" COSERV ">>, h'face'])" },
};

static const cs_rule *
rule_of(const char *name)
{
	return name ? cs_rule_by_name(name) : &cs_rule_corim_document;
}

/* The template, with what stands for its words. */
static void
fill(const char *template, const vector *v, cs_buf *out)
{
	const struct
	{
		const char *word;
		const char *text;
	} words[] = { { "MEASUREMENT", v->edn }, { "COSERV_PROFILE", v->coserv }, { "PROFILE", v->corim } };

	cs_buf_init(out, &ctx);
	while (*template)
	{
		size_t i = 0;

		while (i < CS_LENGTH(words) && strncmp(template, words[i].word, strlen(words[i].word)) != 0)
			i++;
		if (i < CS_LENGTH(words))
		{
			cs_put_str(out, words[i].text);
			template += strlen(words[i].word);
		}
		else
			cs_put_byte(out, (uint8_t) *template ++);
	}
}

static bool
parse(cs_span edn, cs_buf *out)
{
	cs_buf_init(out, &ctx);
	return cs_edn_parse(&ctx, (const char *) edn.data, edn.len, out) && cs_check(&ctx, out->data, out->len);
}

static bool
contains(const cs_buf *buf, const char *text)
{
	return memmem(buf->data, buf->len, text, strlen(text)) != NULL;
}

static bool
is_signed(const cs_item *item)
{
	return cs_is_tag(item, 18);
}

/* To JSON, in which text stands, and back to the same: signed documents byte for byte. */
static void
check_ways(const cs_rule *rule, cs_span edn, const char *text, const char *what)
{
	cs_buf bytes, canonical, json, back;
	cs_item item;

	if (!CHECK(parse(edn, &bytes), "%s: an item", what))
		return;
	item = cs_item_at(bytes.data, bytes.len);
	cs_buf_init(&canonical, &ctx);
	cs_buf_init(&json, &ctx);
	cs_buf_init(&back, &ctx);
	if (is_signed(&item))
		cs_put_raw(&canonical, bytes.data, bytes.len);
	else
		cs_deterministic(&ctx, &item, &canonical);
	if (!CHECK(cs_json_write(&ctx, rule, &item, &json) && contains(&json, text), "%s as JSON", what))
		printf("# %s: %.*s\n", ctx.error.message, (int) json.len, (const char *) json.data);
	if (!CHECK(cs_json_read(&ctx, rule, cs_buf_span(&json), &back) && cs_span_eq(cs_buf_span(&back), cs_buf_span(&canonical)), "and back"))
		printf("# %s, at %s, found %s\n", ctx.error.message, ctx.error.path, ctx.error.found);
}

static void
test_vector(const vector *v)
{
	char what[120];
	cs_buf edn;

	for (size_t i = 0; i < CS_LENGTH(envelopes); i++)
	{
		snprintf(what, sizeof(what), "%s: %.40s in %.20s", v->profile, v->edn, envelopes[i].edn);
		fill(envelopes[i].edn, v, &edn);
		check_ways(rule_of(envelopes[i].rule), cs_buf_span(&edn), v->json, what);
	}
	if (v->alone == NULL)
		return;
	snprintf(what, sizeof(what), "%s: %.40s alone", v->profile, v->edn);
	check_ways(&cs_rule_measurement_map, (cs_span) { (const uint8_t *) v->edn, strlen(v->edn) }, v->alone, what);
}

/* Each profile has one that holds and one that does not. */
static void
test_all_profiles(void)
{
	const cs_profile *profile;

	for (size_t i = 0; (profile = cs_profile_at(i)) != NULL; i++)
	{
		size_t n = 0;

		for (size_t k = 0; k < CS_LENGTH(vectors); k++)
			n += strcmp(vectors[k].profile, profile->name) == 0;
		CHECK(n >= 2, "%s: there are vectors", profile->name);
	}
}

/* ---- other documents, and none ---- */

static const struct
{
	const char *rule;
	const char *edn;
	const char *json;
	const char *what;
} others[] = {
	{ "ECT",
		"{\"environment\": {0: {1: \"A\"}}, \"element-list\": [{\"element-id\": 641, \"element-claims\": {100: \"n\"}}], \"cmtype\": 2,"
		" \"profile\": 32(\"tag:arm.com,2025:psa#1.0.0\")}",
		"{\"element-id\":641,\"element-claims\":{\"psa-cert-num\":\"n\"}}", "an ECT's own profile" },
	{ "evidence",
		"[{\"environment\": {0: {1: \"A\"}}, \"element-list\": [{\"element-claims\": {100: \"n\", 11: \"a\"}}], \"cmtype\": 2,"
		" \"profile\": 32(\"http://arm.com/psa/iot/1\")}, {\"environment\": {0: {1: \"A\"}}, \"element-list\": [{\"element-claims\":"
		" {100: \"n\", 11: \"b\"}}], \"cmtype\": 2}]",
		"{\"name\":\"b\",\"100\":\"n\"}", "but not that of the ECT before it" },
	{ NULL, "501({0: \"i\", 1: [506(<<{1: {0: \"t\"}, 4: {0: [[{0: {1: \"A\"}}, [{0: 641, 1: {100: \"n\"}}]]]}}>>)]})",
		"{\"mkey\":641,\"mval\":{\"100\":\"n\"}}", "no profile" },
	{ NULL, "501({0: \"i\", 1: [506(<<{1: {0: \"t\"}, 4: {0: [[{0: {1: \"A\"}}, [{0: 641, 1: {100: \"n\"}}]]]}}>>)], 3: 32(\"tag:x\")})",
		"{\"mkey\":641,\"mval\":{\"100\":\"n\"}}", "a profile that is not built in" },
	{ NULL,
		"501({0: \"i\", 1: [506(<<{1: {0: \"t\"}, 4: {0: [[{0: {1: \"A\"}}, [{1: {100: \"n\"}}]]]}}>>)], 3: "
		"[32(\"http://arm.com/psa/iot/1\")]})",
		"{\"mval\":{\"psa-cert-num\":\"n\"}}", "the list of profiles of old" },
	{ NULL, "501({0: \"i\", 1: [506(<<{1: {0: \"t\"}, 4: {0: [[{0: {1: \"A\"}}, [{1: {100: \"n\"}}]]]}}>>)], 3: 1})", "{\"100\":\"n\"}",
		"a profile that is none" },
	{ "corim-map",
		"{0: \"i\", 1: [506(<<{1: {0: \"t\"}, 4: {0: [[{0: {1: \"A\"}}, [{1: {100: \"n\"}}]]]}}>>)],"
		" 3: 32(\"http://arm.com/psa/iot/1\")}",
		"{\"mval\":{\"psa-cert-num\":\"n\"}}", "a corim-map without its tag" },
};

static void
test_others(void)
{
	for (size_t i = 0; i < CS_LENGTH(others); i++)
		check_ways(
			rule_of(others[i].rule), (cs_span) { (const uint8_t *) others[i].edn, strlen(others[i].edn) }, others[i].json, others[i].what);
}

/* ---- what is read, without being written so ---- */

#define JSON_CORIM(measurement, profile)                                                                                          \
	"{\"id\": \"i\", \"tags\": [{\"type\": \"concise-mid-tag\", \"value\": {\"tag-identity\": "                                   \
	"{\"tag-id\": \"t\"}, \"triples\": {\"reference-triples\": [{\"ref-env\": {\"class\": {\"vendor\": \"A\"}}, \"ref-claims\": " \
	"[" measurement "]}]}}}]" profile "}"
#define JSON_PSA ", \"profile\": {\"type\": \"uri\", \"value\": \"tag:arm.com,2025:psa#1.0.0\"}"
#define JSON_SNP ", \"profile\": {\"type\": \"uri\", \"value\": \"tag:amd.com,2025:snp-corim-profile\"}"
#define JSON_INTEL ", \"profile\": {\"type\": \"oid\", \"value\": \"2.16.840.1.113741.1.16.1\"}"

static const struct
{
	const char *profile; /* in the CoRIM */
	const char *measurement;
	const char *json;
} readings[] = {
	{ "32(\"tag:arm.com,2025:psa#1.0.0\")", "{1: {100: \"n\"}}", JSON_CORIM("{\"mval\": {\"100\": \"n\"}}", JSON_PSA) },
	{ "32(\"tag:arm.com,2025:psa#1.0.0\")", "{1: {100: \"n\"}}", JSON_CORIM("{\"mval\": {\"cbor:100\": \"n\"}}", JSON_PSA) },
	{ "32(\"tag:arm.com,2025:psa#1.0.0\")", "{1: {100: 5}}", JSON_CORIM("{\"mval\": {\"psa-cert-num\": {\"cbor\": \"5\"}}}", JSON_PSA) },
	{ "32(\"tag:arm.com,2025:psa#1.0.0\")", "{1: {100: \"n\"}}",
		JSON_CORIM("{\"mval\": {\"psa-cert-num\": \"n\"}}", ", \"3\": {\"type\": 32, \"value\": \"tag:arm.com,2025:psa#1.0.0\"}") },
	{ "32(\"tag:arm.com,2025:psa#1.0.0\")", "{1: {100: \"n\"}}",
		JSON_CORIM("{\"mval\": {\"psa-cert-num\": \"n\"}}", ", \"cbor:3\": {\"cbor\": \"32(\\\"tag:arm.com,2025:psa#1.0.0\\\")\"}") },
	{ "111(h'6086480186f84d011001')", "{1: {-73: 60010([2, 5])}}",
		JSON_CORIM("{\"mval\": {\"-73\": {\"type\": 60010, \"value\": [2, 5]}}}", JSON_INTEL) },
	{ "111(h'6086480186f84d011001')", "{1: {-73: 60010([2, 5])}}",
		JSON_CORIM("{\"mval\": {\"tee.isvsvn\": {\"type\": 60010, \"value\": {\"operator\": 2, \"reference-value\": 5}}}}", JSON_INTEL) },
	{ "32(\"tag:amd.com,2025:snp-corim-profile\")", "{0: 641, 1: {11: \"x\"}}",
		JSON_CORIM("{\"mkey\": 641, \"mval\": {\"name\": \"x\"}}", JSON_SNP) },
	{ "32(\"tag:amd.com,2025:snp-corim-profile\")", "{0: 641, 1: {11: \"x\"}}",
		JSON_CORIM("{\"mkey\": {\"type\": \"uint\", \"value\": 641}, \"mval\": {\"name\": \"x\"}}", JSON_SNP) },
};

static void
test_reading(size_t i)
{
	vector v = { .corim = readings[i].profile, .coserv = "", .edn = readings[i].measurement };
	cs_buf edn, bytes, back;

	fill(CORIM, &v, &edn);
	cs_buf_init(&back, &ctx);
	if (!CHECK(parse(cs_buf_span(&edn), &bytes) &&
				cs_json_read(
					&ctx, &cs_rule_corim_document, (cs_span) { (const uint8_t *) readings[i].json, strlen(readings[i].json) }, &back) &&
				cs_span_eq(cs_buf_span(&back), cs_buf_span(&bytes)),
			"%s", readings[i].json))
		printf("# %s, at %s, found %s\n", ctx.error.message, ctx.error.path, ctx.error.found);
}

/* ---- refused ---- */

#define MVAL "$.tags[0].value.triples.\"reference-triples\"[0].\"ref-claims\"[0].mval"
#define MKEY_VALUE "$.tags[0].value.triples.\"reference-triples\"[0].\"ref-claims\"[0].mkey.value"

static const struct
{
	const char *rule;
	const char *json;
	const char *message;
	const char *path;
	const char *found;
} bad[] = {
	{ NULL, JSON_CORIM("{\"mval\": {\"tee.isvsvn\": 1}}", JSON_PSA), "a name of profile intel", MVAL ".\"tee.isvsvn\"", "\"tee.isvsvn\"" },
	{ NULL, JSON_CORIM("{\"mval\": {\"psa-cert-num\": \"n\"}}", ""), "a name of profile psa", MVAL ".\"psa-cert-num\"",
		"\"psa-cert-num\"" },
	{ "measurement-map", "{\"mval\": {\"tcbstatus\": \"n\"}}", "a name of profile azure", "$.mval.tcbstatus", "\"tcbstatus\"" },
	{ NULL, JSON_CORIM("{\"mval\": {\"psa-cert-num\": 5}}", JSON_PSA), "expected a string", MVAL ".\"psa-cert-num\"", "5" },
	{ NULL, JSON_CORIM("{\"mval\": {\"psa-cert-num\": \"n\", \"100\": \"m\"}}", JSON_PSA), "duplicate map key", "", "" },
	{ NULL,
		JSON_CORIM("{\"mval\": {\"tee.isvsvn\": {\"type\": \"numeric-expression\", \"value\": {\"operator\": \"ge\", \"reference\": 1}}}}",
			JSON_INTEL),
		"\"reference-value\" is missing", MVAL ".\"tee.isvsvn\".value", "" },
	{ NULL,
		JSON_CORIM("{\"mval\": {\"tee.isvsvn\": {\"type\": \"numeric-expression\", \"value\": {\"operator\": \"about\", "
				   "\"reference-value\": 1}}}}",
			JSON_INTEL),
		"expected an integer or its name", MVAL ".\"tee.isvsvn\".value.operator", "\"about\"" },
	{ NULL, JSON_CORIM("{\"mkey\": {\"type\": \"uint\", \"value\": \"PCR0\"}, \"mval\": {}}", JSON_SNP),
		"what it is called by profile sev-snp", MKEY_VALUE, "\"PCR0\"" },
	{ NULL, JSON_CORIM("{\"mkey\": {\"type\": \"uint\", \"value\": \"MEASUREMENT\"}, \"mval\": {}}", ""), "expected an integer", MKEY_VALUE,
		"\"MEASUREMENT\"" },
	{ NULL, JSON_CORIM("{\"mval\": {}}", ", \"profile\": {\"type\": \"url\", \"value\": \"x\"}"), "expected the type \"uri\"", "$.profile",
		"the type \"url\"" },
	{ NULL, JSON_CORIM("{\"mval\": {}}", ", \"cbor:(\": 1"), "", "$.\"cbor:(\"", "" },
};

static void
test_bad(size_t i)
{
	cs_span json = { (const uint8_t *) bad[i].json, strlen(bad[i].json) };
	cs_buf out;
	bool read;

	cs_buf_init(&out, &ctx);
	read = cs_json_read(&ctx, rule_of(bad[i].rule), json, &out);
	if (!CHECK(!read && ctx.error.message[0] && strstr(ctx.error.message, bad[i].message) &&
				(bad[i].path[0] == '\0' || strcmp(ctx.error.path, bad[i].path) == 0) && strstr(ctx.error.found, bad[i].found),
			"%s is refused", strstr(bad[i].json, "mval")))
		printf("# %s, at %s, found %s\n", ctx.error.message, ctx.error.path, ctx.error.found);
}

/* ---- what the tables must keep ---- */

/* A name is one member's of a map, and no standard's; a number's name is that number's alone. */
static bool
names_apart(const cs_profile *profile, const cs_profile_extension *extension)
{
	cs_json_rules rules = cs_json_rules_of(extension->rule);

	for (size_t i = 0; i < extension->field_count; i++)
	{
		const cs_field *field = &extension->fields[i];
		cs_span name = { (const uint8_t *) field->name, strlen(field->name) };

		if (cs_json_names_field(&rules, name) || cs_json_is_integer(name) || strncmp(field->name, CS_JSON_CBOR, 4) == 0 ||
			strcmp(field->name, CS_JSON_TYPE) == 0 || strcmp(field->name, CS_JSON_ENCODED) == 0 ||
			cs_profile_member_named(profile, extension->rule, field->name, name.len) != field)
			return false;
	}
	return true;
}

static void
test_tables(void)
{
	const cs_profile *profile;

	for (size_t i = 0; (profile = cs_profile_at(i)) != NULL; i++)
	{
		bool apart = true;

		for (size_t k = 0; k < profile->extension_count; k++)
			apart = apart && names_apart(profile, &profile->extensions[k]);
		for (size_t k = 0; k < profile->mkey_count; k++)
		{
			uint64_t mkey;

			apart = apart && cs_profile_mkey_named(profile, profile->mkeys[k].name, strlen(profile->mkeys[k].name), &mkey) &&
				mkey == (uint64_t) profile->mkeys[k].key;
		}
		CHECK(apart, "%s keeps its names apart", profile->name);
	}
}

int
main(void)
{
	cs_arena_init(&arena, &ctx);
	for (size_t i = 0; i < CS_LENGTH(vectors); i++)
		test_vector(&vectors[i]);
	test_all_profiles();
	test_others();
	for (size_t i = 0; i < CS_LENGTH(readings); i++)
		test_reading(i);
	for (size_t i = 0; i < CS_LENGTH(bad); i++)
		test_bad(i);
	test_tables();
	cs_arena_free(&arena);
	return tap_done();
}
