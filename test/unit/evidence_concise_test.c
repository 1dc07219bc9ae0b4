/*
 * evidence_concise_test.c - Concise Evidence, measured components, and the wrappers and tokens around them.
 */
#include "evidence_make.h"

#define TRIPLE "[{0: {1: \"ACME\", 2: \"M\"}}, [{0: 1, 1: {1: 552(7)}}, {1: {2: [[1, h'00']]}, 2: [560(h'01')]}]]"
#define KEYS "[{0: {1: \"ACME\"}}, [560(h'02')]]"
#define CE                                                                                                                    \
	"571({0: {0: [" TRIPLE "], 1: [" KEYS "], 5: [" KEYS "], 2: [[1, [2]]]}, 1: 37(h'00112233445566778899aabbccddeeff'), 2: " \
	"32(\"tag:x\")})"

static EVP_PKEY *key, *stranger;

static void
check_good(void)
{
	cs_span signed_ce = sign1(key, edn(CE));

	ACCEPTED("concise-evidence", signed_ce, "signed");
	keep_seed("evidence_concise", "signed", signed_ce);
	keep_seed("evidence_concise", "bare", edn(CE));
	CHECK(out.count == 3 && is_environment(0, "{0: {1: \"ACME\", 2: \"M\"}}"), "an ECT a triple");
	CHECK(is_element(0, 0, "1", "{1: 552(7)}") && is_element(0, 1, "", "{2: [[1, h'00']]}"), "its measurements");
	CHECK(is_element(1, 0, "", "{13: [560(h'02')]}") && has_note(1, "identity") && has_note(2, "attestation"), "keys are cryptokeys");
	CHECK(has_note(0, "dependency") && has_note(0, "authorized-by"), "what is left out is noted");
	CHECK(authorities(0) == 1 && authorities(2) == 1, "under the signer's authority");
	CHECK(strcmp(edn_of(out.ects[0]->profile), "32(\"tag:x\")") == 0, "and the profile");
	ACCEPTED("concise-evidence", sign1(key, edn("570({0: [" CE "], 1: [{0: 32(\"https://x\")}]})")), "a table of contents");
	CHECK(out.count == 3, "of one");
	given.has_nonce = true;
	given.nonce = text_span("12345678");
	ACCEPTED(
		"concise-evidence", sign1(key, edn("{10: '12345678', 273: [[10571, <<" CE ">>]]}")), "in a token's measurements, with its nonce");
	REFUSED("concise-evidence", signed_ce, CS_EXPIRED, "no nonce", "without one where one was asked for");
	REFUSED("concise-evidence", sign1(key, edn("{10: 'another', 273: [[10571, <<" CE ">>]]}")), CS_EXPIRED, "another", "with another's");
	given.has_nonce = false;
	ACCEPTED("concise-evidence", edn(with("55799(61(X))", "X", edn_of(sign1(key, edn("{273: [[\"application/ce+cbor\", <<" CE ">>]]}"))))),
		"in a CWT, by media type");
	ACCEPTED("concise-evidence",
		sign1(key,
			edn("{256: h'01020304050607', 259: h'aa', 273: [[\"application/measured-component+cbor\", <<{1: [\"boot\", [\"1.2\", 16384]], "
				"2: [1, h'00']}>>]]}")),
		"a measured component in a token");
	keep_seed("evidence_concise", "component",
		sign1(key,
			edn("{256: h'01020304050607', 273: [[\"application/measured-component+cbor\", <<{1: [\"boot\", [\"1.2\", 16384]], 2: [1, "
				"h'00']}>>]]}")));
	CHECK(is_environment(0, "{0: {0: 560(h'aa')}, 1: 550(h'01020304050607')}") &&
			is_element(0, 0, "", "{0: {0: \"1.2\", 1: 16384}, 2: [[1, h'00']], 11: \"boot\"}"),
		"is of the token's ueid and hardware model");
}

/* A key in tags, as many as go into Evidence: an ECT, which holds it deeper, would be no CBOR that anybody takes. */
static void
check_depth(void)
{
	bool taken = false, refused = false, bounded = true;

	given.unverified = true;
	for (size_t tags = CS_DEFAULT_MAX_DEPTH / 2; tags < CS_DEFAULT_MAX_DEPTH; tags++)
	{
		cs_buf bytes, ects;

		cs_buf_init(&bytes, &ctx);
		cs_buf_init(&ects, &ctx);
		/* {0: {1: [[{0: {0: 4(5)}}, [2828(14(... 0))]]]}} */
		cs_put_raw(&bytes, "\xa1\x00\xa1\x01\x81\x82\xa1\x00\xa1\x00\xc4\x05\x81", 13);
		for (size_t i = 0; i < tags; i++)
			cs_put_tag(&bytes, i == 0 ? 2828 : 14);
		cs_put_uint(&bytes, 0);
		if (tags == CS_DEFAULT_MAX_DEPTH - 5)
			keep_seed("evidence_concise", "deep", cs_buf_span(&bytes));
		given.evidence = cs_buf_span(&bytes);
		if (!cs_evidence_read(&ctx, "concise-evidence", &given, &out))
		{
			refused |= ctx.error.code == CS_LIMIT;
			continue;
		}
		taken = true;
		bounded = bounded && cs_evidence_put_ects(&out, &ects) && cs_check(&ctx, ects.data, ects.len);
	}
	CHECK(taken && refused && bounded, "keys in many tags are taken as far as an ECT may nest");
	given.unverified = false;
}

static void
check_bad(void)
{
	static const struct
	{
		const char *what, *text;
		cs_code code;
		const char *words;
	} cases[] = {
		{ "no triples", "571({1: \"x\"})", CS_INVALID, "no ev-triples" },
		{ "an empty list", "571({0: {0: []}})", CS_UNSUPPORTED, "only triples" },
		{ "a triple of one", "571({0: {0: [[{0: {1: \"A\"}}]]}})", CS_INVALID, "not an environment" },
		{ "a triple without measurements", "571({0: {0: [[{0: {1: \"A\"}}, []]]}})", CS_INVALID, "not an environment" },
		{ "an environment of nothing", "571({0: {0: [[{}, [{1: {1: 1}}]]]}})", CS_INVALID, "" },
		{ "an mval of nothing", "571({0: {0: [[{0: {1: \"A\"}}, [{0: 1}]]]}})", CS_INVALID, "no mval" },
		{ "an svn of text", "571({0: {0: [[{0: {1: \"A\"}}, [{1: {1: \"1\"}}]]]}})", CS_INVALID, "" },
		{ "a member twice", "571({0: {0: [[{0: {1: \"A\"}}, [{1: {1: 1, 1: 2}}]]]}})", CS_INVALID, "duplicate" },
		{ "dependencies alone", "571({0: {2: [[1, [2]]]}})", CS_UNSUPPORTED, "only triples" },
		{ "a table of something else", "570({0: [1]})", CS_INVALID, "something else" },
		{ "an empty table", "570({0: []})", CS_INVALID, "spdm-toc" },
		{ "a token that measures nothing", "{273: []}", CS_UNSUPPORTED, "no format that is read" },
		{ "a token with a MAC inside", "{273: [[10571, h'd1']]}", CS_MALFORMED, "" },
		{ "a component without environment", "{273: [[\"application/measured-component+cbor\", <<{1: [\"b\"], 2: [1, h'00']}>>]]}",
			CS_INVALID, "what it is of" },
		{ "a component with flags and no profile",
			"{256: h'01020304050607', 273: [[\"application/measured-component+cbor\", <<{1: [\"b\"], 2: [1, h'00'], 4: "
			"h'0000000000000001'}>>]]}",
			CS_UNSUPPORTED, "profile" },
		{ "a component with digest and raw value",
			"{256: h'01020304050607', 273: [[\"application/measured-component+cbor\", <<{1: [\"b\"], 2: [1, h'00'], 5: h'00'}>>]]}",
			CS_INVALID, "not one of" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		REFUSED("concise-evidence", sign1(key, edn(cases[i].text)), cases[i].code, cases[i].words, cases[i].what);
}

static void
check_hostile(void)
{
	cs_span good = sign1(key, edn(CE)), nested = good;

	check_truncated("concise-evidence", good, 3);
	CHECK(unnoticed_flips("concise-evidence", good, 0, good.len, 3) == 0, "concise-evidence: no flipped bit passes");
	REFUSED("concise-evidence", edn(CE), CS_UNTRUSTED, "not signed", "what nobody signed");
	REFUSED("concise-evidence", sign1(stranger, edn(CE)), CS_BAD_SIGNATURE, "verifies with no key", "signed by another");
	REFUSED("concise-evidence", sign1(key, sign1(key, edn(CE))), CS_INVALID, "", "a signature in a signature");
	given.unverified = true;
	ACCEPTED("concise-evidence", edn(CE), "what nobody signed, where the caller wants it");
	CHECK(authorities(0) == 0 && has_note(0, "not signed"), "without authority");
	given.unverified = false;
	for (int i = 0; i < 100; i++)
	{
		cs_buf buf;

		cs_buf_init(&buf, &ctx);
		cs_put_array(&buf, 2);
		cs_put_cstr(&buf, "application/cmw+cbor");
		cs_put_bytes(&buf, nested.data, nested.len);
		nested = cs_buf_span(&buf);
	}
	REFUSED("cmw", nested, CS_LIMIT, "too often", "a hundred wrappers in one another");
}

/* {"__cmwc_t": ..., "a": [type, base64url, ind]} */
static cs_span
json_of(cs_span value)
{
	char *text = cs_alloc(&ctx, value.len * 2 + 100, 1), *p = text;

	p += sprintf(p, "{\"__cmwc_t\": \"tag:x\", \"a\": [\"application/ce+cbor\", \"");
	p += EVP_EncodeBlock((uint8_t *) p, value.data, (int) value.len);
	sprintf(p, "\", 4]}");
	for (p = strstr(text, "+cbor") + 8; *p; p++)
		*p = *p == '+' ? '-' : *p == '/' ? '_' : *p;
	return text_span(text);
}

static void
check_cmw(void)
{
	cs_span ce = sign1(key, edn(CE)), record = edn(with("[10571, X, 4]", "X", with("<<X>>", "X", edn_of(ce))));

	ACCEPTED("cmw", record, "a record by content format");
	keep_seed("evidence_cmw", "record", record);
	CHECK(out.count == 3 && authorities(0) == 1, "is what it holds");
	ACCEPTED("cmw", edn(with("[\"application/ce+cbor\", <<X>>]", "X", edn_of(ce))), "a record by media type");
	ACCEPTED("cmw", edn(with("1668557388(<<X>>)", "X", edn_of(ce))), "a tag");
	ACCEPTED("cmw", edn(with("{\"__cmwc_t\": \"tag:x\", 1: [10571, <<X>>, 4], 2: [\"a/b\", h'00', 1]}", "X", edn_of(ce))), "a collection");
	keep_seed("evidence_cmw", "collection",
		edn(with("{\"__cmwc_t\": \"tag:x\", 1: [10571, <<X>>, 4], 2: [\"a/b\", h'00', 1]}", "X", edn_of(ce))));
	CHECK(out.count == 3, "of which Reference Values are passed over");
	ACCEPTED("cmw", sign1(key, edn(with("[10571, <<X>>]", "X", CE))), "a signed one around what is not signed");
	CHECK(authorities(0) == 1, "gives its signer's authority");
	ACCEPTED("cmw", json_of(ce), "a collection in JSON");
	CHECK(out.count == 3 && authorities(0) == 1, "holds the same");
}

static void
check_cmw_bad(void)
{
	static const struct
	{
		const char *what, *text;
		cs_code code;
		const char *words;
	} cases[] = {
		{ "a record of one", "[10571]", CS_INVALID, "not a type" },
		{ "a record of four", "[10571, h'', 1, 2]", CS_INVALID, "not a type" },
		{ "a record whose value is text", "[10571, \"\"]", CS_INVALID, "not a type" },
		{ "a type that is none", "[-1, h'']", CS_INVALID, "neither" },
		{ "a type that is not read", "[\"a/b\", h'00']", CS_UNSUPPORTED, "not read" },
		{ "a format that is not read", "[65000, h'00']", CS_UNSUPPORTED, "not read" },
		{ "a tag of text", "1668557388(\"\")", CS_INVALID, "no byte string" },
		{ "a tag of no format", "1(h'')", CS_INVALID, "no record" },
		{ "an empty collection", "{}", CS_UNSUPPORTED, "no evidence" },
		{ "a collection of its type alone", "{\"__cmwc_t\": \"x\"}", CS_UNSUPPORTED, "no evidence" },
		{ "a number", "1", CS_INVALID, "no record" },
		{ "a record of Reference Values", "[10571, h'', 1]", CS_UNSUPPORTED, "no evidence" },
	};
	static const char *const json[] = { "[]", "{", "[\"application/ce+cbor\"]", "[\"application/ce+cbor\", 1]", "{\"a\": 1}",
		"[\"application/ce+cbor\", \"!\"]", "[\"application/ce+cbor\", \"AA==\"]" };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		REFUSED("cmw", edn(cases[i].text), cases[i].code, cases[i].words, cases[i].what);
	for (size_t i = 0; i < sizeof(json) / sizeof(json[0]); i++)
		CHECK(!reads("cmw", text_span(json[i])), "cmw: %s (%s)", json[i], ctx.error.message);
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
	check_depth();
	check_bad();
	check_hostile();
	check_chains("concise-evidence", sign1(key, edn(CE)), key);
	check_cmw();
	check_cmw_bad();
	CHECK(!reads("no-such-format", edn("1")) && ctx.error.code == CS_UNSUPPORTED, "a format that is not known");
	EVP_PKEY_free(key);
	EVP_PKEY_free(stranger);
	cs_arena_free(&arena);
	return tap_done();
}
