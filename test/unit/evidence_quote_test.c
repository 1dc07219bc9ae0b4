/*
 * evidence_quote_test.c - SGX and TDX quotes of versions 3 to 5 made here: what they become, and what is refused.
 */
#include "evidence_support.h"

#include <openssl/ecdsa.h>

#include "evidence_make.h"

static EVP_PKEY *root, *pck, *attest, *stranger;
static cs_span pck_cert, root_cert;

/* SEQUENCE of SEQUENCE { OID 1.2.840.113741.1.13.1.n, value } */
static cs_span
sgx_extensions(void)
{
	cs_span tcb = der(0x06, bytes_of("2a864886f84d010d0102")), list = { NULL, 0 }, all = { NULL, 0 };

	for (unsigned i = 1; i <= 17; i++) /* the components, and PCESVN */
	{
		uint8_t oid[] = { 0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01, 0x02, (uint8_t) i }, svn[] = { (uint8_t) i };

		list = both(list, der(0x30, both(der(0x06, (cs_span) { oid, sizeof(oid) }), der(0x02, (cs_span) { svn, 1 }))));
	}
	all = both(all, der(0x30, both(tcb, der(0x30, list))));
	all = both(all, der(0x30, both(der(0x06, bytes_of("2a864886f84d010d0103")), der(0x04, bytes_of("0000")))));
	all = both(all, der(0x30, both(der(0x06, bytes_of("2a864886f84d010d0104")), der(0x04, bytes_of("00906ed50000")))));
	return der(0x30, all);
}

/* An enclave's report with this report data: its start, then zeros. */
static void
make_enclave(uint8_t *at, cs_span data)
{
	memset(at, 0, 384);
	memset(at, 0x05, 16);
	at[48] = 0x05;
	memset(at + 64, 0x64, 32);
	memset(at + 128, 0x28, 32);
	put_le(at + 256, 1, 2);
	put_le(at + 258, 8, 2);
	memcpy(at + 320, data.data, data.len);
}

typedef struct making
{
	unsigned version;
	bool tdx;
	bool td15;
	EVP_PKEY *body_signer; /* the attestation key unless another is to be tried */
	EVP_PKEY *qe_signer;
	bool other_key_in_report;
	const char *rtmr0; /* hexadecimal digits, or NULL */
} making;

static cs_span
body_of(const making *m)
{
	uint8_t *body = cs_alloc(&ctx, 648, 1);
	cs_span rtmr = m->rtmr0 ? bytes_of(m->rtmr0) : (cs_span) { NULL, 0 };

	memset(body, 0, 648);
	if (!m->tdx)
	{
		make_enclave(body, text_span("nonce"));
		return (cs_span) { body, 384 };
	}
	body[0] = 6; /* TEE_TCB_SVN: module 6 of TDX_01 */
	body[1] = 1;
	memset(body + 16, 0x16, 48);
	memset(body + 136, 0x36, 48); /* MRTD */
	if (rtmr.len == 48)
		memcpy(body + 328, rtmr.data, 48);
	memcpy(body + 520, "nonce", 5);
	return (cs_span) { body, m->td15 ? 648 : 584 };
}

static cs_span
make(const making *m)
{
	cs_span body = body_of(m), key = point_of(attest), auth = text_span("auth"), none = { NULL, 0 }, quote, qe, certs, tail;
	uint8_t header[48] = { 0 }, hash[32], report[384];

	put_le(header, m->version, 2);
	put_le(header + 2, 2, 2);
	put_le(header + 4, m->tdx ? 0x81 : 0, 4);
	quote = copy_of((cs_span) { header, sizeof(header) });
	if (m->version == 5)
		quote = both(quote, both(le(m->tdx ? (m->td15 ? 3 : 2) : 1, 2), le(body.len, 4)));
	quote = both(quote, body);
	if (!cs_sha256(&ctx, m->other_key_in_report ? auth : both(key, auth), hash))
		abort();
	make_enclave(report, (cs_span) { hash, 32 });
	qe = both((cs_span) { report, 384 }, ecdsa(m->qe_signer ? m->qe_signer : pck, "SHA256", (cs_span) { report, 384 }, 32));
	qe = both(qe, both(le(auth.len, 2), auth));
	certs = both(cert_pem(pck_cert), cert_pem(root_cert));
	qe = both(qe, both(both(le(5, 2), le(certs.len, 4)), certs));
	tail = both(ecdsa(m->body_signer ? m->body_signer : attest, "SHA256", quote, 32), key);
	tail = both(tail, m->version == 3 ? none : both(le(6, 2), le(qe.len, 4)));
	tail = both(tail, qe);
	return both(quote, both(le(tail.len, 4), tail));
}

static void
check_sgx(void)
{
	cs_span good = make(&(making) { .version = 3 });

	ACCEPTED("sgx", good, "version 3");
	keep_seed("evidence_sgx", "v3", good);
	CHECK(out.count == 3 && authorities(0) == 3 && authorities(1) == 2 && authorities(2) == 2, "enclave, quoting enclave, platform");
	CHECK(is_environment(0, "{0: {1: \"Intel Corporation\", 2: \"SGX enclave\"}}"), "the enclave");
	CHECK(is_element(0, 0, "",
			  "{3: {3: false}, -73: 8, -81: h'00000000', -82: h'05000000000000000000000000000000', -83: [1, "
			  "h'6464646464646464646464646464646464646464646464646464646464646464'], -84: [1, "
			  "h'2828282828282828282828282828282828282828282828282828282828282828'], -85: 1}"),
		"its identity");
	CHECK(is_environment(2, "{0: {1: \"Intel Corporation\", 2: \"00906ED50000\"}}") &&
			is_element(2, 0, "", "{-71: \"SGX\", -80: \"0000\", -125: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]}"),
		"the platform, with the SVNs of its PCK certificate");
	ACCEPTED("sgx", make(&(making) { .version = 4 }), "version 4");
	ACCEPTED("sgx", make(&(making) { .version = 5 }), "version 5");
	REFUSED("tdx", good, CS_INVALID, "other TEE", "an SGX quote as TDX");
}

static void
check_tdx(void)
{
	cs_span good = make(&(making) { .version = 4, .tdx = true });

	ACCEPTED("tdx", good, "version 4");
	keep_seed("evidence_tdx", "v4", good);
	CHECK(out.count == 4 && authorities(0) == 3 && authorities(1) == 3 && authorities(2) == 2 && authorities(3) == 2,
		"TD, module, quoting enclave, platform");
	CHECK(strstr(edn_of(out.ects[0]->elements[0].mval), "-83: [7, h'3636") != NULL &&
			strstr(edn_of(out.ects[0]->elements[0].mval), "14: {0: [[7,") != NULL,
		"MRTD and RTMRs");
	CHECK(strstr(edn_of(out.ects[1]->elements[0].mval), "{11: \"TDX_01\", -73: 6,") != NULL, "the module's SVN and name");
	CHECK(is_element(3, 1, "\"pcesvn\"", "{-73: 17}") &&
			is_element(3, 2, "\"tee_tcb_svn\"", "{-125: [6, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]}"),
		"the TCB of TDX");
	given.has_nonce = true;
	given.nonce = text_span("nonce");
	ACCEPTED("tdx", good, "its nonce, padded with zeros");
	given.nonce = text_span("another");
	REFUSED("tdx", good, CS_EXPIRED, "nonce", "the nonce of another");
	given.has_nonce = false;
	good = make(&(making) { .version = 5, .tdx = true, .td15 = true });
	ACCEPTED("tdx", good, "version 5, TD report 1.5");
	keep_seed("evidence_tdx", "v5", good);
	CHECK(out.ects[3]->element_count == 4, "which has the TCB of a module that was updated");
	ACCEPTED("tdx", make(&(making) { .version = 5, .tdx = true }), "version 5, TD report 1.0");
	ACCEPTED("tdx", both(good, bytes_of("0000000000")), "zeros behind it");
	CHECK(!has_note(0, "follow"), "are nothing");
	ACCEPTED("tdx", both(good, bytes_of("0001")), "bytes behind it");
	CHECK(has_note(0, "bytes follow"), "are noted");
}

/* A log of one event under SHA-384, for register 1. */
static cs_span
make_log(uint32_t index, uint8_t fill)
{
	cs_span spec = both(text_span("Spec ID Event03"), bytes_of("00")), log, digest = bytes_of("0000000000000000000000000000000000000000");
	uint8_t event[48];

	memset(event, fill, sizeof(event));
	spec = both(spec, both(le(0, 4), both(bytes_of("00020002"), both(le(1, 4), both(le(0x000c, 2), le(48, 2))))));
	spec = both(spec, bytes_of("00"));
	log = both(both(le(0, 4), le(3, 4)), both(digest, both(le(spec.len, 4), spec)));
	log = both(log, both(both(le(index, 4), le(1, 4)), both(le(1, 4), both(le(0x000c, 2), (cs_span) { event, 48 }))));
	return both(log, both(le(3, 4), text_span("abc")));
}

static void
check_log(void)
{
	uint8_t before[96] = { 0 }, after[64];
	char hex[97];
	size_t len;

	memset(before + 48, 0x77, 48);
	if (EVP_Q_digest(NULL, "SHA384", NULL, before, 96, after, &len) != 1)
		abort();
	for (size_t i = 0; i < 48; i++)
		sprintf(hex + 2 * i, "%02x", after[i]);
	given.event_log = make_log(1, 0x77);
	ACCEPTED("tdx", make(&(making) { .version = 4, .tdx = true, .rtmr0 = hex }), "an event log that replays");
	CHECK(has_note(0, "replay to 1 of the RTMRs"), "is noted");
	given.event_log = make_log(1, 0x78);
	REFUSED("tdx", make(&(making) { .version = 4, .tdx = true, .rtmr0 = hex }), CS_BAD_SIGNATURE, "does not replay", "one that does not");
	given.event_log = make_log(2, 0x77);
	REFUSED("tdx", make(&(making) { .version = 4, .tdx = true, .rtmr0 = hex }), CS_BAD_SIGNATURE, "RTMR1", "one of another register");
	given.event_log = make_log(0, 0x77);
	REFUSED("tdx", make(&(making) { .version = 4, .tdx = true }), CS_BAD_SIGNATURE, "no measurement", "one of no RTMR");
	given.event_log = (cs_span) { NULL, 0 };
}

static void
check_hostile(const char *format, bool tdx, unsigned version)
{
	cs_span good = make(&(making) { .version = version, .tdx = tdx }), copy;
	size_t body = 48 + (tdx ? 584 : 384);

	check_truncated(format, good, 97);
	CHECK(unnoticed_flips(format, good, 0, body, 53) == 0 && unnoticed_flips(format, good, body + 4, body + 132, 13) == 0,
		"%s: no flipped bit of header, body, signature or key passes", format);
	REFUSED(format, make(&(making) { .version = version, .tdx = tdx, .body_signer = stranger }), CS_BAD_SIGNATURE, "does not verify",
		"a body signed by another key");
	REFUSED(format, make(&(making) { .version = version, .tdx = tdx, .qe_signer = stranger }), CS_BAD_SIGNATURE, "verifies with no key",
		"a quoting enclave signed by another key");
	REFUSED(format, make(&(making) { .version = version, .tdx = tdx, .other_key_in_report = true }), CS_BAD_SIGNATURE,
		"is not the one in the report", "an attestation key that the quoting enclave does not vouch for");
	copy = copy_of(good);
	put_le((uint8_t *) copy.data, 6, 2);
	REFUSED(format, copy, CS_UNSUPPORTED, "version", "another version");
	copy = copy_of(good);
	put_le((uint8_t *) copy.data + 2, 3, 2);
	REFUSED(format, copy, CS_UNSUPPORTED, "ECDSA P-256", "another kind of key");
	copy = copy_of(good);
	put_le((uint8_t *) copy.data + body, 0xffffffff, 4);
	REFUSED(format, copy, CS_MALFORMED, "ends inside", "a length beyond the end");
	given.at = MADE_TO + 1;
	REFUSED(format, good, CS_UNTRUSTED, "lead to no key", "certificates that have expired");
	given.at = MADE_FROM - 1;
	REFUSED(format, good, CS_UNTRUSTED, "lead to no key", "certificates that do not hold yet");
	given.at = AT;
	given.key_count = 0;
	REFUSED(format, good, CS_UNTRUSTED, "lead to no key", "nobody is trusted: no root is built in");
	trust(public_pem(stranger));
	REFUSED(format, good, CS_UNTRUSTED, "lead to no key", "another root");
	given.unverified = true;
	ACCEPTED(format, good, "another root, where the caller wants it");
	CHECK(authorities(0) == 0 && authorities(out.count - 1) == 0, "without authority");
	given.unverified = false;
	given.key_count = 0;
	trust(root_cert);
}

int
main(void)
{
	cs_arena_init(&arena, &ctx);
	root = make_key("P-256");
	pck = make_key("P-256");
	attest = make_key("P-256");
	stranger = make_key("P-256");
	root_cert = make_cert_with("Root", root, "Root", root, true, NULL);
	pck_cert = make_cert_with(
		"PCK", pck, "Root", root, false, (extension[]) { { "1.2.840.113741.1.13.1", sgx_extensions() }, { NULL, { NULL, 0 } } });
	forget();
	trust(root_cert);
	check_sgx();
	check_tdx();
	check_log();
	check_hostile("sgx", false, 3);
	check_hostile("tdx", true, 4);
	EVP_PKEY_free(root);
	EVP_PKEY_free(pck);
	EVP_PKEY_free(attest);
	EVP_PKEY_free(stranger);
	cs_arena_free(&arena);
	return tap_done();
}
