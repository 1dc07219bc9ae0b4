/*
 * evidence_cca_test.c - Arm CCA tokens: platform and realm, the binding of both, and what is refused.
 */
#include "evidence_make.h"

#define IMPL "h'7f454c4602010100000000000000000003003e00010000005058000000000000'"
#define UEID "h'0107060504030201000f0e0d0c0b0a090817161514131211101f1e1d1c1b1a1918'"
#define COMPONENTS "2399: [{1: \"BL\", 2: h'00', 5: h'05'}]"
#define PLATFORM                                                                        \
	"{265: \"http://arm.com/CCA-SSD/1.0.0\", 10: CHALLENGE, 2396: " IMPL ", 256: " UEID \
	", 2401: h'cfcfcfcf', 2395: 12291, 2402: \"sha-256\", " COMPONENTS "}"
#define REMS "44239: [h'01', h'02', h'03', h'04']"
#define REALM "{10: NONCE, 44235: h'aa', 44238: h'11', " REMS ", 44236: \"sha-256\", 44237: RAK, 44240: \"sha-256\"}"

static EVP_PKEY *cpak, *rak, *stranger;
static uint8_t nonce[64];

static const char *
hex_of(cs_span span)
{
	char *text = cs_alloc(&ctx, span.len * 2 + 4, 1);

	strcpy(text, "h'");
	for (size_t i = 0; i < span.len; i++)
		sprintf(text + 2 + 2 * i, "%02x", span.data[i]);
	return strcat(text, "'");
}

static cs_span
point(EVP_PKEY *key)
{
	uint8_t *bytes = NULL;
	size_t len = EVP_PKEY_get1_encoded_public_key(key, &bytes);
	cs_span span = { cs_memdup(&ctx, bytes, len), len };

	OPENSSL_free(bytes);
	return span;
}

static cs_span
collection(cs_span platform, cs_span realm)
{
	cs_buf buf;

	cs_buf_init(&buf, &ctx);
	cs_put_tag(&buf, 399);
	cs_put_map(&buf, 2);
	cs_put_uint(&buf, 44234);
	cs_put_bytes(&buf, platform.data, platform.len);
	cs_put_uint(&buf, 44241);
	cs_put_bytes(&buf, realm.data, realm.len);
	return cs_buf_span(&buf);
}

/* The platform's challenge is the hash of the key that the realm token names. */
static cs_span
make(const char *platform, const char *realm, cs_span realm_key, EVP_PKEY *platform_signer, EVP_PKEY *realm_signer)
{
	uint8_t hash[32];

	if (!cs_sha256(&ctx, realm_key, hash))
		abort();
	if (strstr(platform, "CHALLENGE"))
		platform = with(platform, "CHALLENGE", hex_of((cs_span) { hash, 32 }));
	if (strstr(realm, "NONCE"))
		realm = with(realm, "NONCE", hex_of((cs_span) { nonce, sizeof(nonce) }));
	if (strstr(realm, "RAK"))
		realm = with(realm, "RAK", hex_of(realm_key));
	return collection(sign1(platform_signer, edn(platform)), sign1(realm_signer, edn(realm)));
}

static cs_span
token(const char *platform, const char *realm)
{
	return make(platform, realm, point(rak), cpak, rak);
}

static void
check_good(void)
{
	cs_span good = token(PLATFORM, REALM), cose_key;
	cs_buf buf;

	ACCEPTED("cca", good, "a token");
	keep_seed("evidence_cca", "token", good);
	CHECK(out.count == 2, "two ECTs");
	CHECK(is_environment(0, "{0: {0: 560(" IMPL ")}, 1: 550(" UEID ")}"), "the platform's");
	CHECK(is_element(0, 0, "\"cca.software-component\"", "{2: [[1, h'00']], 11: \"BL\", 13: [560(h'05')]}"), "its component");
	CHECK(is_element(0, 1, "\"cca.platform-config\"", "{4: 560(h'cfcfcfcf')}"), "its config");
	CHECK(is_element(0, 2, "\"cca.security-lifecycle\"", "{15: 12291}"), "its lifecycle");
	CHECK(is_environment(1, "{0: {0: 560(h'11')}}"), "and the realm's, by its initial measurement");
	CHECK(is_element(1, 0, "\"cca.rim\"", "{2: [[1, h'11']]}") && is_element(1, 4, "\"cca.rem3\"", "{2: [[1, h'04']]}") &&
			is_element(1, 5, "\"cca.rpv\"", "{4: 560(h'aa')}"),
		"its measurements and personalization value");
	CHECK(authorities(0) == 1 && authorities(1) == 2, "the realm's authority is its key and the platform's, who vouches for it");
	given.has_nonce = true;
	given.nonce = (cs_span) { nonce, sizeof(nonce) };
	ACCEPTED("cca", good, "the realm's challenge is the nonce");
	given.has_nonce = false;
	cs_buf_init(&buf, &ctx);
	cose_key = point(rak);
	cs_put_map(&buf, 4);
	for (int i = 0; i < 2; i++)
	{
		cs_put_int(&buf, i == 0 ? 1 : -1);
		cs_put_int(&buf, 2);
	}
	cs_put_int(&buf, -2);
	cs_put_bytes(&buf, cose_key.data + 1, 48);
	cs_put_int(&buf, -3);
	cs_put_bytes(&buf, cose_key.data + 49, 48);
	ACCEPTED("cca", make(PLATFORM, with(REALM, "{10:", "{265: \"tag:arm.com,2023:realm#1.0.0\", 10:"), cs_buf_span(&buf), cpak, rak),
		"the realm's key as a COSE_Key");
	CHECK(authorities(1) == 2, "which vouches alike");
}

static void
check_bad(void)
{
	static const struct
	{
		const char *what;
		bool platform;
		const char *from, *by;
		cs_code code;
		const char *words;
	} cases[] = {
		{ "a platform without profile", true, "265: \"http://arm.com/CCA-SSD/1.0.0\",", "", CS_INVALID, "no profile" },
		{ "a platform of another profile", true, "CCA-SSD", "CCB-SSD", CS_UNSUPPORTED, "profile" },
		{ "a platform without challenge", true, "10: CHALLENGE,", "", CS_INVALID, "challenge (10) is missing" },
		{ "a platform with two challenges", true, "10: CHALLENGE", "10: [CHALLENGE, CHALLENGE]", CS_INVALID, "no byte string" },
		{ "a platform without config", true, "2401: h'cfcfcfcf',", "", CS_INVALID, "config" },
		{ "a platform with an unknown hash", true, "sha-256", "sha-2566", CS_UNSUPPORTED, "hash algorithm" },
		{ "a claim twice", true, "2395: 12291", "2395: 12291, 2395: 12290", CS_INVALID, "duplicate" },
		{ "a realm without challenge", false, "10: NONCE, ", "", CS_INVALID, "challenge (10) is missing" },
		{ "a realm with a short challenge", false, "10: NONCE", "10: h'00'", CS_INVALID, "64 bytes" },
		{ "a realm without initial measurement", false, "44238: h'11',", "", CS_INVALID, "initial measurement" },
		{ "a realm with three registers", false, ", h'04'", "", CS_INVALID, "four extensible" },
		{ "a realm whose register is text", false, "h'04'", "\"4\"", CS_INVALID, "no byte string" },
		{ "a realm without key", false, "44237: RAK,", "", CS_INVALID, "public key" },
		{ "a realm whose key is none", false, "44237: RAK", "44237: h'04'", CS_INVALID, "rule" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		const char *platform = cases[i].platform ? with(PLATFORM, cases[i].from, cases[i].by) : PLATFORM;
		const char *realm = cases[i].platform ? REALM : with(REALM, cases[i].from, cases[i].by);

		if (strcmp(cases[i].words, "rule") == 0)
			CHECK(!reads("cca", token(platform, realm)), "cca: %s (%s)", cases[i].what, ctx.error.message);
		else
			REFUSED("cca", token(platform, realm), cases[i].code, cases[i].words, cases[i].what);
	}
}

static void
check_hostile(void)
{
	cs_span good = token(PLATFORM, REALM), foreign = make(PLATFORM, REALM, point(stranger), cpak, stranger);
	cs_item a, b, platform, realm;

	check_truncated("cca", good, 11);
	CHECK(unnoticed_flips("cca", good, 0, good.len, 9) == 0, "cca: no flipped bit passes");
	REFUSED("cca", make(PLATFORM, REALM, point(rak), stranger, rak), CS_BAD_SIGNATURE, "verifies with no key", "a platform of another");
	REFUSED("cca", make(PLATFORM, REALM, point(rak), cpak, stranger), CS_BAD_SIGNATURE, "does not verify", "a realm signed by another key");
	REFUSED(
		"cca", token(with(PLATFORM, "CHALLENGE", "h'07060504'"), REALM), CS_BAD_SIGNATURE, "not bound", "a platform that binds nothing");
	/* each half is good, and they do not belong together */
	a = cs_item_at(good.data, good.len);
	b = cs_item_at(foreign.data, foreign.len);
	a = cs_tag_content(&a);
	b = cs_tag_content(&b);
	if (!cs_map_get(&a, 44234, &platform) || !cs_map_get(&b, 44241, &realm))
		abort();
	REFUSED("cca", collection((cs_span) { platform.content, platform.arg }, (cs_span) { realm.content, realm.arg }), CS_BAD_SIGNATURE,
		"not bound", "a realm beside another's platform");
	REFUSED("cca", edn("399({44234: h'd2'})"), CS_MALFORMED, "", "half a collection");
	REFUSED("cca", edn("398({})"), CS_INVALID, "399", "another tag");
	given.has_nonce = true;
	given.nonce = text_span("nonce of another");
	REFUSED("cca", good, CS_EXPIRED, "nonce", "the nonce of another");
	given.has_nonce = false;
	given.unverified = true;
	ACCEPTED("cca", token(with(PLATFORM, "CHALLENGE", "h'07060504'"), REALM), "what is not bound, where the caller wants it");
	CHECK(authorities(0) == 0 && authorities(1) == 0 && has_note(0, "not bound") && has_note(1, "not verified"), "without authority");
	given.unverified = false;
}

int
main(void)
{
	cs_arena_init(&arena, &ctx);
	cpak = make_key("P-384");
	rak = make_key("P-384");
	stranger = make_key("P-384");
	memset(nonce, 0x5a, sizeof(nonce));
	forget();
	trust(public_pem(cpak));
	check_good();
	check_bad();
	check_hostile();
	check_chains("cca", token(PLATFORM, REALM), cpak);
	EVP_PKEY_free(cpak);
	EVP_PKEY_free(rak);
	EVP_PKEY_free(stranger);
	cs_arena_free(&arena);
	return tap_done();
}
