/*
 * model_strict_test.c - what Arm's profiles demand of triples beyond the CDDL of CoRIM (profile.h, cs_corim_keeps_profile): documents
 * that keep to them, and for each rule one that does not, with the path of what breaks it.
 */
#include "match_support.h"
#include "model/corim.h"
#include "model/profile.h"

#define PSA "'tag:arm.com,2025:psa#1.0.0'"
#define PLATFORM "'tag:arm.com,2025:cca_platform#1.0.0'"
#define REALM "'tag:arm.com,2025:cca_realm#1.0.0'"

#define H31 "01010101010101010101010101010101010101010101010101010101010101"
#define H32 "h'" H31 "01'"
#define ID(bytes) "{0: {0: 560(" bytes ")}}"
#define DEVICE "{0: {0: 560(" H32 ")}, 1: 550(h'" H31 "0101')}"
#define SHA "['sha-256', " H32 "]"
#define SIGNER "13: [560(" H32 ")]"
#define PSA_COMPONENT(mval) "{0: 'psa.software-component', 1: {" mval "}}"
#define COMPONENT(mval) "{0: 'cca.software-component', 1: {" mval "}}"
#define GOOD "2: [" SHA "], 11: 'BL', " SIGNER
#define CONFIG "{0: 'cca.platform-config', 1: {4: 563([h'00', h'ff'])}}"
#define RIM "{0: 'cca.rim', 1: {2: [[1, " H32 "]]}}"
#define KEY "554('-----BEGIN PUBLIC KEY-----')"

static const struct
{
	const char *profile;
	const char *triples;
	const char *path; /* what breaks the profile, below tags[0].concise-mid-tag.triples; NULL: nothing does */
} rows[] = {
	/* PSA */
	{ PSA, "{0: [[" ID(H32) ", [" PSA_COMPONENT(GOOD) ", " PSA_COMPONENT("0: {0: '1.2'}, " GOOD) "]]]}", NULL },
	{ PSA, "{0: [[" ID("h'" H31 "'") ", [" PSA_COMPONENT(GOOD) "]]]}", "reference-triples[0].ref-env.class.class-id" },
	{ PSA, "{0: [[{0: {1: 'ACME'}}, [" PSA_COMPONENT(GOOD) "]]]}", "reference-triples[0].ref-env.class" },
	{ PSA, "{0: [[" ID(H32) ", [{0: 'psa.component', 1: {" GOOD "}}]]]}", "reference-triples[0].ref-claims[0].mkey" },
	{ PSA, "{0: [[" ID(H32) ", [{1: {" GOOD "}}]]]}", "reference-triples[0].ref-claims[0]" },
	{ PSA, "{0: [[" ID(H32) ", [" PSA_COMPONENT("2: [[1, " H32 "]], " SIGNER) "]]]}",
		"reference-triples[0].ref-claims[0].mval.digests[0].alg" },
	{ PSA, "{0: [[" ID(H32) ", [" PSA_COMPONENT("2: [['sha-256', h'" H31 "']], " SIGNER) "]]]}",
		"reference-triples[0].ref-claims[0].mval.digests[0].val" },
	{ PSA, "{0: [[" ID(H32) ", [" PSA_COMPONENT(SIGNER) "]]]}", "reference-triples[0].ref-claims[0].mval" },
	{ PSA, "{0: [[" ID(H32) ", [" PSA_COMPONENT("2: [" SHA "]") "]]]}", "reference-triples[0].ref-claims[0].mval" },
	{ PSA, "{0: [[" ID(H32) ", [" PSA_COMPONENT("2: [" SHA "], 13: [560(" H32 "), 560(" H32 ")]") "]]]}",
		"reference-triples[0].ref-claims[0].mval.cryptokeys" },
	{ PSA, "{0: [[" ID(H32) ", [" PSA_COMPONENT("2: [" SHA "], 13: [" KEY "]") "]]]}",
		"reference-triples[0].ref-claims[0].mval.cryptokeys[0]" },
	{ PSA, "{0: [[" ID(H32) ", [" PSA_COMPONENT("2: [" SHA "], 13: [560(h'" H31 "')]") "]]]}",
		"reference-triples[0].ref-claims[0].mval.cryptokeys[0]" },
	{ PSA, "{0: [[" ID(H32) ", [" PSA_COMPONENT("0: {0: '1.2', 1: 16384}, " GOOD) "]]]}",
		"reference-triples[0].ref-claims[0].mval.version" },
	{ PSA, "{0: [[" ID(H32) ", [{0: 'psa.software-component', 1: {" GOOD "}, 2: [" KEY "]}]]]}", "reference-triples[0].ref-claims[0]" },
	{ PSA, "{3: [[" DEVICE ", [" KEY "]]]}", NULL },
	{ PSA, "{3: [[" DEVICE ", [" KEY ", " KEY "]]]}", "attest-key-triples[0].key-list" },
	{ PSA, "{3: [[" DEVICE ", [555('-----BEGIN CERTIFICATE-----')]]]}", "attest-key-triples[0].key-list[0]" },
	{ PSA, "{3: [[" ID(H32) ", [" KEY "]]]}", "attest-key-triples[0].environment" },
	{ PSA, "{3: [[{0: {0: 560(" H32 ")}, 1: 550(h'02" H31 "01')}, [" KEY "]]]}", "attest-key-triples[0].environment.instance" },
	{ PSA, "{3: [[{0: {0: 560(" H32 ")}, 1: 550(" H32 ")}, [" KEY "]]]}", "attest-key-triples[0].environment.instance" },
	{ PSA, "{3: [[{0: {0: 560(" H32 ")}, 1: 560(h'" H31 "0101')}, [" KEY "]]]}", "attest-key-triples[0].environment.instance" },
	{ PSA, "{10: [[[[" ID(H32) ", [{1: {11: 'x'}}]]], [[" ID(H32) ", [{1: {100: '1234567890123 - 12345'}}]]]]]}", NULL },
	{ PSA, "{10: [[[[" ID(H32) ", [{1: {11: 'x'}}]]], [[" ID(H32) ", [{1: {100: '1234567890123-12345'}}]]]]]}",
		"conditional-endorsement-triples[0].endorsements[0].endorsement[0].mval.psa-cert-num" },
	/* CCA platform */
	{ PLATFORM, "{0: [[" ID(H32) ", [" COMPONENT(GOOD) ", " CONFIG "]]]}", NULL },
	{ PLATFORM, "{0: [[" ID("h'" H31 "'") ", [" COMPONENT(GOOD) "]]]}", "reference-triples[0].ref-env.class.class-id" },
	{ PLATFORM, "{0: [[" ID(H32) ", [" CONFIG "]]]}", "reference-triples[0].ref-claims" },
	{ PLATFORM, "{0: [[" ID(H32) ", [" COMPONENT(GOOD) ", " CONFIG ", " CONFIG "]]]}", "reference-triples[0].ref-claims" },
	{ PLATFORM, "{0: [[" ID(H32) ", [" COMPONENT(GOOD) ", {0: 'cca.other', 1: {11: 'x'}}]]]}", "reference-triples[0].ref-claims[1]" },
	{ PLATFORM, "{0: [[" ID(H32) ", [" COMPONENT(GOOD) ", {0: 7, 1: {11: 'x'}}]]]}", "reference-triples[0].ref-claims[1]" },
	{ PLATFORM, "{0: [[" ID(H32) ", [" COMPONENT(GOOD) ", {0: 'cca.platform-config', 1: {4: 560(h'00')}}]]]}",
		"reference-triples[0].ref-claims[1].mval.raw-value" },
	{ PLATFORM, "{0: [[" ID(H32) ", [" COMPONENT("2: [[1, " H32 "]], " SIGNER) "]]]}",
		"reference-triples[0].ref-claims[0].mval.digests[0].alg" },
	{ PLATFORM, "{3: [[" DEVICE ", [" KEY ", " KEY "]]]}", "attest-key-triples[0].key-list" },
	/* CCA realm */
	{ REALM, "{0: [[" ID(H32) ", [" RIM ", {0: 'cca.rem3', 1: {2: [['sha-256', " H32 "]]}}, {0: 'cca.rpv', 1: {4: 560(h'00')}}]]]}", NULL },
	{ REALM, "{0: [[" ID("h'01'") ", [" RIM "]]]}", "reference-triples[0].ref-env.class.class-id" },
	{ REALM, "{0: [[" ID(H32) ", [{0: 'cca.rem0', 1: {2: [[1, " H32 "]]}}]]]}", "reference-triples[0].ref-claims" },
	{ REALM, "{0: [[" ID(H32) ", [" RIM ", {0: 'cca.rem4', 1: {2: [[1, " H32 "]]}}]]]}", "reference-triples[0].ref-claims[1]" },
	{ REALM, "{0: [[" ID(H32) ", [{0: 'cca.rim', 1: {2: [[1, " H32 "], [2, " H32 "]]}}]]]}",
		"reference-triples[0].ref-claims[0].mval.digests" },
	{ REALM, "{0: [[" ID(H32) ", [{0: 'cca.rim', 1: {2: [[1, h'" H31 "']]}}]]]}",
		"reference-triples[0].ref-claims[0].mval.digests[0].val" },
	{ REALM, "{0: [[" ID(H32) ", [" RIM ", {0: 'cca.rpv', 1: {4: 563([h'00', h'ff'])}}]]]}",
		"reference-triples[0].ref-claims[1].mval.raw-value" },
	/* first drafts, other profiles and none: nothing is demanded */
	{ "'http://arm.com/psa/iot/1'", "{0: [[{0: {0: 600(" H32 ")}}, [{0: 601({1: 'BL', 5: " H32 "}), 1: {2: [[1, " H32 "]]}}]]]}", NULL },
	{ "'tag:example.com,2026:own'", "{0: [[" ID("h'00'") ", [{1: {11: 'x'}}]]]}", NULL },
	{ NULL, "{0: [[" ID("h'00'") ", [{1: {11: 'x'}}]]]}", NULL },
};

static cs_span
document(const char *profile, const char *triples)
{
	char *text = cs_alloc(&ctx, strlen(triples) + 256, 1);

	sprintf(text, "501({0: 'id', 1: [506(<<{1: {0: 'tag'}, 4: %s}>>)]%s%s})", triples, profile ? ", 3: " : "", profile ? profile : "");
	return edn(text);
}

int
main(void)
{
	cs_arena_init(&arena, &ctx);
	for (size_t i = 0; i < COUNT(rows); i++)
	{
		cs_span bytes = document(rows[i].profile, rows[i].triples);
		cs_corim corim;
		bool opened = cs_corim_open(&ctx, bytes.data, bytes.len, true, &corim), kept = opened && cs_corim_keeps_profile(&ctx, &corim);
		const char *below = kept ? "" : strstr(ctx.error.path, ".triples.");

		CHECK(opened, "opened: %s", opened ? rows[i].triples : ctx.error.message);
		CHECK(kept == (rows[i].path == NULL) && (kept || (below != NULL && strcmp(below + 9, rows[i].path) == 0)), "%s (%s at %s)",
			rows[i].triples, kept ? "kept" : ctx.error.message, kept ? "" : ctx.error.path);
	}
	cs_arena_free(&arena);
	return tap_done();
}
