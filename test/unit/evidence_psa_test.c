/*
 * evidence_psa_test.c - PSA tokens of every profile: what they become, and what is refused.
 */
#include "evidence_make.h"

#define IMPL "h'61636d652d696d706c656d656e746174696f6e2d69642d3030303030303030aa'"
#define UEID "h'01ceebae7b8927a3227e5303cf5e0f1f7b34bb542ad7250ac03fbcde36ec2f15aa'"
#define NONCE "h'0001020304050607000102030405060700010203040506070001020304050607'"
#define COMPONENT \
	"{1: \"BL\", 2: h'87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7', 4: \"2.1.0\", 5: h'acbb11c7e4da2172'}"
#define TOKEN                                                                                                                            \
	"{265: \"tag:psacertified.org,2023:psa#tfm\", 2394: 1, 2395: 12288, 2396: " IMPL ", 256: " UEID ", 10: " NONCE ", 2399: [" COMPONENT \
	", {2: h'00', 5: h'01', 6: \"sha-384\"}], 2400: \"https://v.example\"}"
#define OLD                                                                                                                                \
	"{-75000: \"PSA_IOT_PROFILE_1\", -75001: 1, -75002: 12288, -75003: " IMPL ", -75009: " UEID ", -75008: " NONCE ", -75006: [" COMPONENT \
	"]}"
#define ENVIRONMENT                                                                          \
	"{0: {0: 560(h'61636d652d696d706c656d656e746174696f6e2d69642d3030303030303030aa')}, 1: " \
	"550(h'01ceebae7b8927a3227e5303cf5e0f1f7b34bb542ad7250ac03fbcde36ec2f15aa')}"
#define MVAL                                                                                                              \
	"{0: {0: \"2.1.0\"}, 2: [[1, h'87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7']], 11: \"BL\", 13: " \
	"[560(h'acbb11c7e4da2172')]}"

static EVP_PKEY *key, *stranger;

static cs_span
token(const char *claims)
{
	return sign1(key, edn(claims));
}

static void
check_good(void)
{
	cs_span good = token(TOKEN);
	static uint8_t nonce[32];

	ACCEPTED("psa", good, "a token of RFC 9783");
	keep_seed("evidence_psa", "rfc9783", good);
	CHECK(out.count == 1 && out.ects[0]->element_count == 3 && is_environment(0, ENVIRONMENT),
		"one ECT of the implementation and instance id");
	CHECK(is_element(0, 0, "\"psa.software-component\"", MVAL), "a component: digest, version, name, signer");
	CHECK(is_element(0, 1, "\"psa.software-component\"", "{2: [[7, h'00']], 13: [560(h'01')]}"), "its own hash algorithm");
	CHECK(is_element(0, 2, "\"psa.security-lifecycle\"", "{15: 12288}"), "the lifecycle as a number that ranges hold");
	CHECK(authorities(0) == 1 && out.ects[0]->verified_key.len > 0, "its authority is the key that signed");
	CHECK(strcmp(edn_of(out.ects[0]->profile), "32(\"tag:arm.com,2025:psa#1.0.0\")") == 0, "under the profile of PSA endorsements");
	for (size_t i = 0; i < sizeof(nonce); i++)
		nonce[i] = (uint8_t) (i % 8);
	given.has_nonce = true;
	given.nonce = (cs_span) { nonce, sizeof(nonce) };
	ACCEPTED("psa", good, "the nonce that was asked for");
	given.has_nonce = false;
	ACCEPTED("psa", token(with(TOKEN, "tag:psacertified.org,2023:psa#tfm", "http://arm.com/psa/2.0.0")), "a token of PSA 2.0.0");
	ACCEPTED("psa", token(OLD), "a token of PSA_IOT_PROFILE_1");
	keep_seed("evidence_psa", "profile-1", token(OLD));
	CHECK(is_environment(0, ENVIRONMENT) && is_element(0, 0, "\"psa.software-component\"", MVAL), "which says the same");
	ACCEPTED("psa", token(with(OLD, "-75006: [" COMPONENT "]", "-75007: 1")), "one without software measurements");
	CHECK(out.ects[0]->element_count == 1 && has_note(0, "no software measurements"), "is noted");
	ACCEPTED("psa", token(with(OLD, ", 5: h'acbb", ", 6: \"TF-M_SHA256MemPreXIP\", 5: h'acbb")), "a measurement description in free text");
	CHECK(
		is_element(0, 0, "\"psa.software-component\"", with(MVAL, "[1, ", "[\"TF-M_SHA256MemPreXIP\", ")), "names the algorithm as it is");
}

static void
check_bad(void)
{
	static const struct
	{
		const char *what, *from, *by;
		cs_code code;
		const char *words;
	} cases[] = {
		{ "no nonce", "10: " NONCE ",", "", CS_INVALID, "nonce (10) is missing" },
		{ "two nonces", "10: " NONCE, "10: [" NONCE ", " NONCE "]", CS_INVALID, "no byte string" },
		{ "a nonce of 33 bytes", "10: h'", "10: h'ff", CS_INVALID, "32, 48 or 64" },
		{ "an implementation id of 33 bytes", "2396: h'", "2396: h'00", CS_INVALID, "implementation id" },
		{ "an instance id of another type", "256: h'01", "256: h'02", CS_INVALID, "instance id" },
		{ "no components", "2399: [" COMPONENT ", {2: h'00', 5: h'01', 6: \"sha-384\"}],", "", CS_INVALID, "no software components" },
		{ "an empty list of components", "2399: [" COMPONENT ", {2: h'00', 5: h'01', 6: \"sha-384\"}]", "2399: []", CS_INVALID,
			"at least one" },
		{ "a component without signer", ", 5: h'01'", "", CS_INVALID, "signer id" },
		{ "a component that is no map", "{2: h'00', 5: h'01', 6: \"sha-384\"}", "7", CS_INVALID, "no map" },
		{ "a lifecycle of 17 bits", "2395: 12288", "2395: 65536", CS_INVALID, "lifecycle" },
		{ "a profile that is not known", "2023:psa#tfm", "2033:psa#tfm", CS_UNSUPPORTED, "profile" },
		{ "claims of two profiles", "2394: 1", "-75009: " UEID, CS_INVALID, "two profiles" },
		{ "a claim twice", "2394: 1", "2395: 12289", CS_INVALID, "duplicate" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		REFUSED("psa", token(with(TOKEN, cases[i].from, cases[i].by)), cases[i].code, cases[i].words, cases[i].what);
}

static void
check_hostile(void)
{
	cs_span good = token(TOKEN), payload = edn(TOKEN), mac = edn("17([h'a10105', {}, h'', h'0000000000000000'])");
	cs_evidence_ect *ect;

	check_truncated("psa", good, 7);
	CHECK(unnoticed_flips("psa", good, 0, good.len, 5) == 0, "psa: no flipped bit passes");
	REFUSED("psa", sign1(stranger, payload), CS_BAD_SIGNATURE, "verifies with no key", "signed by another");
	REFUSED("psa", payload, CS_UNTRUSTED, "not signed", "claims that nobody signed");
	REFUSED("psa", mac, CS_UNSUPPORTED, "COSE_Mac0", "a MAC");
	given.has_nonce = true;
	given.nonce = text_span("nonce of another");
	REFUSED("psa", good, CS_EXPIRED, "nonce", "the nonce of another");
	given.has_nonce = false;
	given.unverified = true;
	ACCEPTED("psa", sign1(stranger, payload), "signed by another, where the caller wants it all the same");
	ect = out.ects[0];
	CHECK(ect->authority.len == 0 && ect->verified_key.len == 0 && has_note(0, "verifies with no key"), "has no authority, and says why");
	given.unverified = false;
	keys[0].is_bound = true;
	keys[0].environment = cs_item_at(edn("{0: {0: 560(h'00')}}").data, edn("{0: {0: 560(h'00')}}").len);
	REFUSED("psa", good, CS_UNTRUSTED, "no key was given", "a key that is another device's");
	keys[0].environment = cs_item_at(edn("{0: {0: 560(" IMPL ")}}").data, edn("{0: {0: 560(" IMPL ")}}").len);
	ACCEPTED("psa", good, "a key that is bound to devices of this class");
}

int
main(void)
{
	cs_arena_init(&arena, &ctx);
	key = make_key("P-256");
	stranger = make_key("P-256");
	forget();
	trust(public_pem(key));
	check_good();
	check_bad();
	check_hostile();
	check_chains("psa", token(TOKEN), key);
	EVP_PKEY_free(key);
	EVP_PKEY_free(stranger);
	cs_arena_free(&arena);
	return tap_done();
}
