/*
 * evidence_tpm_test.c - TPM quotes and event logs made here: what they become, and what is refused.
 */
#include "evidence_make.h"

#include <openssl/ecdsa.h>
#include <openssl/rsa.h>

static EVP_PKEY *ak, *rsa, *stranger;

#define PCRS 2 /* of SHA-256: 0 and 4 */

static cs_span
values(void)
{
	uint8_t all[32 * PCRS];

	memset(all, 0x10, 32);
	memset(all + 32, 0x14, 32);
	return copy_of((cs_span) { all, sizeof(all) });
}

static cs_span
attest_of(cs_span pcr_values, const char *magic)
{
	cs_span all = bytes_of(magic), select = bytes_of("00000001000b03110000");
	uint8_t hash[32];

	if (!cs_sha256(&ctx, pcr_values, hash))
		abort();
	all = both(all, both(be(2, 2), text_span("qs")));
	all = both(all, both(be(5, 2), text_span("nonce")));
	all = both(all, both(be(0, 8), both(be(0, 8), be(1, 1))));
	all = both(all, be(7, 8));
	all = both(all, select);
	return both(all, both(be(32, 2), (cs_span) { copy_of((cs_span) { hash, 32 }).data, 32 }));
}

static cs_span
ecdsa_signature(EVP_PKEY *key, cs_span message)
{
	cs_span raw = ecdsa(key, "SHA256", message, 32);

	return both(bytes_of("0018000b"), both(both(be(32, 2), (cs_span) { raw.data, 32 }), both(be(32, 2), (cs_span) { raw.data + 32, 32 })));
}

static cs_span
rsa_signature(EVP_PKEY *key, cs_span message, bool pss)
{
	EVP_MD_CTX *mctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pctx;
	uint8_t signature[512];
	size_t len = sizeof(signature);

	if (EVP_DigestSignInit_ex(mctx, &pctx, "SHA256", NULL, NULL, key, NULL) != 1 ||
		(pss &&
			(EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING) != 1 ||
				EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, RSA_PSS_SALTLEN_DIGEST) != 1)) ||
		EVP_DigestSign(mctx, signature, &len, message.data, message.len) != 1)
		abort();
	EVP_MD_CTX_free(mctx);
	return copy_of((cs_span) { signature, len });
}

#define MAGIC "ff5443478018"

static void
check_quotes(void)
{
	cs_span attest = attest_of(values(), MAGIC), good = both(attest, ecdsa_signature(ak, attest)), raw;

	ACCEPTED("tpm-quote", good, "a quote by ECDSA");
	keep_seed("evidence_tpm", "ecdsa", good);
	CHECK(out.count == 1 && out.ects[0]->element_count == 0 && has_note(0, "not at hand"), "without values is its digest alone");
	CHECK(strncmp(edn_of(out.ects[0]->environment), "{1: 557([1, h'", 14) == 0, "of the key that signed");
	given.registers = values();
	given.environment = edn("{0: {1: \"ACME\"}}");
	ACCEPTED("tpm-quote", good, "with the values of its PCRs");
	CHECK(is_environment(0, "{0: {1: \"ACME\"}}") &&
			is_element(0, 0, "0", "{2: [[1, h'1010101010101010101010101010101010101010101010101010101010101010']]}") &&
			is_element(0, 1, "4", "{2: [[1, h'1414141414141414141414141414141414141414141414141414141414141414']]}"),
		"an element a PCR, of what the caller knows");
	given.has_nonce = true;
	given.nonce = text_span("nonce");
	ACCEPTED("tpm-quote", good, "its nonce");
	given.nonce = text_span("nonc");
	REFUSED("tpm-quote", good, CS_EXPIRED, "nonce", "the start of it");
	given.has_nonce = false;
	ACCEPTED("tpm-quote", both(both(be(attest.len, 2), attest), ecdsa_signature(ak, attest)), "a TPM2B_ATTEST");
	given.signature = ecdsa_signature(ak, attest);
	ACCEPTED("tpm-quote", attest, "its signature apart");
	given.signature = (cs_span) { NULL, 0 };
	given.key_count = 0;
	trust(public_pem(rsa));
	raw = rsa_signature(rsa, attest, false);
	ACCEPTED("tpm-quote", both(attest, both(bytes_of("0014000b"), both(be(raw.len, 2), raw))), "a quote by RSASSA");
	keep_seed("evidence_tpm", "rsassa", both(attest, both(bytes_of("0014000b"), both(be(raw.len, 2), raw))));
	given.signature = raw;
	ACCEPTED("tpm-quote", attest, "RSASSA without TPMT_SIGNATURE");
	given.signature = (cs_span) { NULL, 0 };
	raw = rsa_signature(rsa, attest, true);
	ACCEPTED("tpm-quote", both(attest, both(bytes_of("0016000b"), both(be(raw.len, 2), raw))), "a quote by RSAPSS");
	given.key_count = 0;
	trust(public_pem(ak));
}

static void
check_hostile(void)
{
	cs_span attest = attest_of(values(), MAGIC), good = both(attest, ecdsa_signature(ak, attest)), other;

	check_truncated("tpm-quote", good, 3);
	CHECK(unnoticed_flips("tpm-quote", good, 0, good.len, 5) == 0, "tpm-quote: no flipped bit passes");
	REFUSED("tpm-quote", both(attest, ecdsa_signature(stranger, attest)), CS_BAD_SIGNATURE, "verifies with no key", "signed by another");
	given.registers = flipped(values(), 40);
	REFUSED("tpm-quote", good, CS_BAD_SIGNATURE, "not those that the TPM quoted", "another value of a PCR");
	given.registers = cut(values(), 32);
	REFUSED("tpm-quote", good, CS_INVALID, "one behind the other", "a value that is missing");
	given.registers = both(values(), values());
	REFUSED("tpm-quote", good, CS_INVALID, "one behind the other", "values too many");
	given.registers = values();
	other = attest_of(values(), "ff5443478017");
	REFUSED("tpm-quote", both(other, ecdsa_signature(ak, other)), CS_MALFORMED, "as a quote", "what is certified is no quote");
	other = attest_of(values(), "ff5443468018");
	REFUSED("tpm-quote", both(other, ecdsa_signature(ak, other)), CS_MALFORMED, "as a quote", "what no TPM made");
	REFUSED("tpm-quote", attest, CS_INVALID, "needs a signature", "no signature");
	given.signature = ecdsa_signature(ak, attest);
	REFUSED("tpm-quote", good, CS_INVALID, "needs a signature", "two signatures");
	given.signature = bytes_of("0018000400010100010 1");
	REFUSED("tpm-quote", attest, CS_UNSUPPORTED, "RSASSA", "a signature over SHA-1");
	given.signature = (cs_span) { NULL, 0 };
	given.unverified = true;
	ACCEPTED("tpm-quote", both(attest, ecdsa_signature(stranger, attest)), "signed by another, where the caller wants it");
	CHECK(authorities(0) == 0 && has_note(0, "not verified"), "without authority");
	given.environment = (cs_span) { NULL, 0 };
	REFUSED("tpm-quote", both(attest, ecdsa_signature(stranger, attest)), CS_INVALID, "what it is of", "of nobody knows what");
	given.unverified = false;
}

/* ---- logs ---- */

/* Spec ID event for SHA-256, then events of PCR, type and a digest of one byte. */
static cs_span
log_of(const uint8_t (*events)[3], size_t count)
{
	cs_span spec = both(text_span("Spec ID Event03"), bytes_of("00")), log;

	spec = both(spec, both(le(0, 4), both(bytes_of("00020002"), both(le(1, 4), both(le(0x000b, 2), le(32, 2))))));
	spec = both(spec, bytes_of("00"));
	log = both(both(le(0, 4), le(3, 4)), both(bytes_of("0000000000000000000000000000000000000000"), both(le(spec.len, 4), spec)));
	for (size_t i = 0; i < count; i++)
	{
		uint8_t digest[32];

		memset(digest, events[i][2], 32);
		log =
			both(log, both(both(le(events[i][0], 4), le(events[i][1], 4)), both(le(1, 4), both(le(0x000b, 2), (cs_span) { digest, 32 }))));
		log = both(log, both(le(1, 4), text_span("e")));
	}
	return log;
}

static cs_span
extended(const uint8_t *digests, size_t count)
{
	uint8_t value[64] = { 0 };

	for (size_t i = 0; i < count; i++)
	{
		memset(value + 32, digests[i], 32);
		if (!cs_sha256(&ctx, (cs_span) { value, 64 }, value))
			abort();
	}
	return copy_of((cs_span) { value, 32 });
}

static void
check_log_and_quote(void)
{
	static const uint8_t events[][3] = { { 0, 1, 0xa0 }, { 4, 1, 0xa4 }, { 4, 3, 0xff }, { 4, 2, 0xa5 } };
	cs_span pcrs = both(extended((uint8_t[]) { 0xa0 }, 1), extended((uint8_t[]) { 0xa4, 0xa5 }, 2)), attest = attest_of(pcrs, MAGIC);
	cs_span good = both(attest, ecdsa_signature(ak, attest));

	given.registers = (cs_span) { NULL, 0 };
	given.environment = edn("{0: {1: \"ACME\"}}");
	given.event_log = log_of(events, 4);
	keep_seed("evidence_event_log", "sha256", given.event_log);
	ACCEPTED("tpm-quote", good, "a log that replays to what was quoted; EV_NO_ACTION extends nothing");
	CHECK(out.ects[0]->element_count == 2, "gives the values");
	given.event_log = both(log_of(events, 4), bytes_of("ffffffff00"));
	ACCEPTED("tpm-quote", good, "a log in a longer buffer of ones");
	given.event_log = both(log_of(events, 4), bytes_of("0000000000000000000000"));
	ACCEPTED("tpm-quote", good, "or of zeros");
	given.event_log = log_of(events, 3);
	REFUSED("tpm-quote", good, CS_BAD_SIGNATURE, "not those", "an event left out");
	given.event_log = flipped(log_of(events, 4), log_of(events, 4).len - 20);
	REFUSED("tpm-quote", good, CS_BAD_SIGNATURE, "not those", "an event changed");
	given.event_log = (cs_span) { NULL, 0 };
	given.unverified = true;
	ACCEPTED("tcg-event-log", log_of(events, 4), "a log alone, where the caller wants it");
	CHECK(authorities(0) == 0 && has_note(0, "not signed") && strncmp(edn_of(out.ects[0]->elements[0].mval), "{14: {0: [[1, h'", 16) == 0,
		"is registers");
	given.unverified = false;
	REFUSED("tcg-event-log", log_of(events, 4), CS_UNTRUSTED, "not signed", "a log alone");
}

static void
check_bad_logs(void)
{
	static const uint8_t event[][3] = { { 1, 1, 0xa0 } }, far[][3] = { { 24, 1, 0xa0 } };
	cs_span good = log_of(event, 1), log = copy_of(good);
	uint8_t *bytes = (uint8_t *) log.data;

	given.unverified = true;
	ACCEPTED("tcg-event-log", good, "a good one");
	CHECK(!reads("tcg-event-log", cut(good, good.len - 1)) && !reads("tcg-event-log", cut(good, 40)) &&
			!reads("tcg-event-log", cut(good, 10)),
		"truncated");
	REFUSED("tcg-event-log", log_of(far, 1), CS_INVALID, "beyond 23", "a register that is none");
	REFUSED("tcg-event-log", log_of(event, 0), CS_UNSUPPORTED, "extends no register", "no event");
	put_le(bytes + 28, 0xffffff00, 4);
	REFUSED("tcg-event-log", log, CS_MALFORMED, "ends inside", "a length beyond the end");
	log = copy_of(good);
	put_le((uint8_t *) log.data + 56, 200, 4);
	REFUSED("tcg-event-log", log, CS_MALFORMED, "algorithms", "200 algorithms");
	log = copy_of(good);
	put_le((uint8_t *) log.data + 62, 20, 2);
	CHECK(!reads("tcg-event-log", log), "tcg-event-log: digests of another size (%s)", ctx.error.message);
	log = copy_of(good);
	put_le((uint8_t *) log.data + good.len - 43, 5000, 4);
	CHECK(!reads("tcg-event-log", log), "tcg-event-log: too many digests (%s)", ctx.error.message);
	given.environment = (cs_span) { NULL, 0 };
	REFUSED("tcg-event-log", good, CS_INVALID, "name its environment", "of nobody knows what");
	given.environment = edn("{0: {1: \"ACME\"}}");
	log = both(both(le(2, 4), le(1, 4)), both(bytes_of("0102030405060708090a0b0c0d0e0f1011121314"), both(le(1, 4), text_span("e"))));
	ACCEPTED("tcg-event-log", log, "a log of old, with SHA-1 alone");
	keep_seed("evidence_event_log", "sha1", log);
	CHECK(strncmp(edn_of(out.ects[0]->elements[0].mval), "{14: {2: [[\"sha-1\", h'", 22) == 0, "by name");
	given.unverified = false;
}

int
main(void)
{
	cs_arena_init(&arena, &ctx);
	ak = make_key("P-256");
	rsa = make_key("RSA2048");
	stranger = make_key("P-256");
	forget();
	trust(public_pem(ak));
	check_quotes();
	check_hostile();
	check_chains("tpm-quote", both(attest_of(values(), MAGIC), ecdsa_signature(ak, attest_of(values(), MAGIC))), ak);
	check_log_and_quote();
	check_bad_logs();
	EVP_PKEY_free(ak);
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(stranger);
	cs_arena_free(&arena);
	return tap_done();
}
