/*
 * evidence_snp_test.c - SEV-SNP reports made here, with a VCEK's and a VLEK's certificate: what they become, and what is refused.
 */
#include "evidence_support.h"

#include <openssl/ecdsa.h>

#define SIZE 0x4a0
#define SIGNED 0x2a0

static EVP_PKEY *root, *vek, *stranger;
static cs_span root_cert, vcek, vlek;
static uint8_t report[SIZE];

/* as a certificate has them: 02 01 n */
static cs_span
integer(uint8_t n)
{
	uint8_t *der = cs_alloc(&ctx, 4, 1);

	memcpy(der, n > 0x7f ? (uint8_t[]) { 2, 2, 0, n } : (uint8_t[]) { 2, 1, n, 0 }, 4);
	return (cs_span) { der, n > 0x7f ? 4 : 3 };
}

static cs_span
chip(void)
{
	return (cs_span) { report + 0x1a0, 64 };
}

static cs_span
make_vcek(uint8_t ucode, cs_span hwid)
{
	extension all[] = { { "1.3.6.1.4.1.3704.1.3.1", integer(4) }, { "1.3.6.1.4.1.3704.1.3.2", integer(0) },
		{ "1.3.6.1.4.1.3704.1.3.3", integer(24) }, { "1.3.6.1.4.1.3704.1.3.8", integer(ucode) }, { "1.3.6.1.4.1.3704.1.4", hwid },
		{ NULL, { NULL, 0 } } };

	return make_cert_with("SEV-VCEK", vek, "ARK", root, false, all);
}

static void
make_report(void)
{
	memset(report, 0, sizeof(report));
	put_le(report, 3, 4);
	put_le(report + 0x04, 7, 4);	   /* GUEST_SVN */
	put_le(report + 0x08, 0x30000, 8); /* POLICY */
	put_le(report + 0x34, 1, 4);
	put_le(report + 0x38, 0xdb18000000000004, 8);
	memset(report + 0x50, 0x11, 32); /* REPORT_DATA */
	memset(report + 0x90, 0x22, 48); /* MEASUREMENT */
	memset(report + 0xc0, 0x33, 32); /* HOST_DATA */
	put_le(report + 0x180, 0xdb18000000000004, 8);
	report[0x188] = 0x19;
	memset(report + 0x1a0, 0x44, 64);
	report[0x1e8] = 21;
	report[0x1e9] = 55;
	report[0x1ea] = 1;
}

static cs_span
sign(EVP_PKEY *key)
{
	cs_span rs = ecdsa(key, "SHA384", (cs_span) { report, SIGNED }, 48);

	memset(report + SIGNED, 0, 144);
	for (size_t i = 0; i < 48; i++)
	{
		report[SIGNED + i] = rs.data[47 - i];
		report[SIGNED + 72 + i] = rs.data[95 - i];
	}
	return copy_of((cs_span) { report, SIZE });
}

static size_t
element_of(size_t mkey)
{
	char text[16];

	snprintf(text, sizeof(text), "%zu", mkey);
	for (size_t i = 0; out.count > 0 && i < out.ects[0]->element_count; i++)
		if (strcmp(edn_of(out.ects[0]->elements[i].mkey), text) == 0)
			return i;
	return SIZE_MAX;
}

static void
check_good(void)
{
	cs_span good = sign(vek);

	ACCEPTED("sev-snp", good, "a report signed by a VCEK");
	keep_seed("evidence_snp", "vcek", good);
	CHECK(out.count == 1 && authorities(0) == 2, "one ECT, under the VCEK's and the root's authority");
	CHECK(strncmp(edn_of(out.ects[0]->environment), "{0: {0: 111(h'2b060104019c780301')}, 1: 560(h'4444", 50) == 0, "by chip");
	CHECK(is_element(0, 0, "", "{3: {3: false}}"), "debug is not allowed");
	CHECK(is_element(0, element_of(0), "0", "{0: {0: \"3\", 1: 4}}"), "VERSION");
	CHECK(is_element(0, element_of(1), "1", "{1: 7}"), "GUEST_SVN");
	CHECK(is_element(0, element_of(2), "2", "{4: 560(h'0000030000000000')}"), "POLICY");
	CHECK(is_element(0, element_of(647), "647", "{1: 552(15787368493747273732)}"), "REPORTED_TCB as one number, as the draft has it");
	CHECK(is_element(0, element_of(642), "642", "{2: [[7, h'3333333333333333333333333333333333333333333333333333333333333333']]}"),
		"HOST_DATA has 32 bytes");
	CHECK(is_element(0, element_of(648), "648", "{15: 25}") && is_element(0, element_of(3330), "3330", "{0: {0: \"1.55.21\", 1: 16384}}"),
		"family and firmware version");
	CHECK(element_of(644) == SIZE_MAX && element_of(646) == SIZE_MAX, "no AUTHOR_KEY_DIGEST and no REPORT_ID_MA");
	given.has_nonce = true;
	given.nonce = (cs_span) { report + 0x50, 64 };
	ACCEPTED("sev-snp", good, "REPORT_DATA is the nonce");
	given.nonce = (cs_span) { report + 0x50, 32 };
	ACCEPTED("sev-snp", good, "which may be padded with zeros");
	given.nonce = (cs_span) { report + 0x50, 31 };
	REFUSED("sev-snp", good, CS_EXPIRED, "nonce", "the start of a nonce is another");
	given.has_nonce = false;
	put_le(report + 0x08, 0xb0000, 8);
	ACCEPTED("sev-snp", sign(vek), "a guest that may be debugged");
	CHECK(is_element(0, 0, "", "{3: {3: true}}"), "says so");
	make_report();
	put_le(report, 2, 4);
	ACCEPTED("sev-snp", sign(vek), "version 2");
	CHECK(element_of(648) == SIZE_MAX, "has no family");
	make_report();
	report[0x48] = 3;
	ACCEPTED("sev-snp", sign(vek), "a masked chip id and an author key");
	CHECK(is_environment(0, "{0: {0: 111(h'2b060104019c780301')}}") && element_of(644) != SIZE_MAX && element_of(3328) == SIZE_MAX,
		"no instance, and AUTHOR_KEY_DIGEST");
	make_report();
}

static void
check_vlek(void)
{
	cs_span before = given.certificates, csp = bytes_of("1605617774732e");

	report[0x48] = 1 << 2;
	given.certificates = vlek;
	ACCEPTED("sev-snp", sign(vek), "a report signed by a VLEK");
	keep_seed("evidence_snp", "vlek", sign(vek));
	CHECK(is_environment(0, "{0: {0: 111(h'2b060104019c780302')}, 1: 560(h'617774732e')}"), "is by its provider");
	(void) csp;
	given.certificates = before;
	make_report();
}

static void
check_hostile(void)
{
	cs_span good = sign(vek), before = given.certificates;
	uint8_t longer[SIZE + 20];

	for (size_t i = 0; i < good.len; i += 37)
		(void) reads("sev-snp", cut(good, i));
	check_truncated("sev-snp", good, 41);
	CHECK(unnoticed_flips("sev-snp", good, 0, SIGNED + 144, 31) == 0, "sev-snp: no flipped bit of what is signed passes");
	REFUSED("sev-snp", sign(stranger), CS_BAD_SIGNATURE, "verifies with no key", "signed by another");
	given.certificates = make_vcek(0xd1, chip());
	REFUSED("sev-snp", sign(vek), CS_BAD_SIGNATURE, "another TCB", "a certificate of an older TCB: counters back");
	memcpy(longer, report, 64);
	given.certificates = make_vcek(0xdb, (cs_span) { longer, 64 });
	REFUSED("sev-snp", sign(vek), CS_BAD_SIGNATURE, "another chip", "a certificate of another chip");
	given.certificates = make_cert_with("SEV-VCEK", vek, "ARK", stranger, false, NULL);
	REFUSED("sev-snp", sign(vek), CS_UNTRUSTED, "lead to no key", "a certificate that another issued");
	given.certificates = (cs_span) { NULL, 0 };
	REFUSED("sev-snp", sign(vek), CS_BAD_SIGNATURE, "", "no certificate");
	given.certificates = before;
	given.at = MADE_TO + 1;
	REFUSED("sev-snp", sign(vek), CS_UNTRUSTED, "lead to no key", "a certificate that has expired");
	given.at = MADE_FROM - 1;
	REFUSED("sev-snp", sign(vek), CS_UNTRUSTED, "lead to no key", "a certificate that does not hold yet");
	given.at = AT;
	report[0x34] = 2;
	REFUSED("sev-snp", sign(vek), CS_UNSUPPORTED, "algorithm", "another algorithm");
	make_report();
	report[0] = 9;
	REFUSED("sev-snp", sign(vek), CS_UNSUPPORTED, "version", "another version");
	make_report();
	report[0x48] = 7 << 2;
	REFUSED("sev-snp", sign(vek), CS_UNTRUSTED, "VCEK or VLEK", "signed by nobody");
	make_report();
	good = sign(vek);
	memcpy(longer, good.data, SIZE);
	memset(longer + SIZE, 0, 20);
	ACCEPTED("sev-snp", copy_of((cs_span) { longer, sizeof(longer) }), "zeros behind it");
	longer[SIZE + 3] = 1;
	REFUSED("sev-snp", copy_of((cs_span) { longer, sizeof(longer) }), CS_INVALID, "follow", "bytes behind it");
	longer[SIGNED + 60] = 1;
	REFUSED("sev-snp", copy_of((cs_span) { longer, SIZE }), CS_INVALID, "longer than the curve", "a signature beyond the curve");
	given.unverified = true;
	ACCEPTED("sev-snp", sign(stranger), "signed by another, where the caller wants it");
	CHECK(authorities(0) == 0 && has_note(0, "not verified"), "without authority");
	given.unverified = false;
}

/* GUID, offset, length; zeros; the certificate */
static void
check_table(void)
{
	uint8_t *table = cs_alloc(&ctx, 48 + vcek.len, 1);
	cs_buf map;

	memset(table, 0, 48);
	memset(table, 0x63, 16);
	put_le(table + 16, 48, 4);
	put_le(table + 20, vcek.len, 4);
	memcpy(table + 48, vcek.data, vcek.len);
	given.certificates = (cs_span) { table, 48 + vcek.len };
	ACCEPTED("sev-snp", sign(vek), "certificates in a table");
	cs_buf_init(&map, &ctx);
	cs_put_map(&map, 2);
	cs_put_cstr(&map, "outblob");
	cs_put_bytes(&map, sign(vek).data, SIZE);
	cs_put_cstr(&map, "auxblob");
	cs_put_bytes(&map, table, 48 + vcek.len);
	given.certificates = (cs_span) { NULL, 0 };
	ACCEPTED("sev-snp", cs_buf_span(&map), "a report of configfs-tsm, with its table");
	keep_seed("evidence_snp", "configfs", cs_buf_span(&map));
	put_le(table + 20, vcek.len + 1, 4);
	cs_buf_init(&map, &ctx);
	cs_put_map(&map, 2);
	cs_put_cstr(&map, "outblob");
	cs_put_bytes(&map, sign(vek).data, SIZE);
	cs_put_cstr(&map, "auxblob");
	cs_put_bytes(&map, table, 48 + vcek.len);
	REFUSED("sev-snp", cs_buf_span(&map), CS_MALFORMED, "behind its end", "a table that points beyond itself");
	REFUSED("sev-snp", edn("{\"auxblob\": h''}"), CS_INVALID, "outblob", "a map without a report");
}

int
main(void)
{
	cs_arena_init(&arena, &ctx);
	root = make_key("P-384");
	vek = make_key("P-384");
	stranger = make_key("P-384");
	make_report();
	root_cert = make_cert_with("ARK", root, "ARK", root, true, NULL);
	vcek = make_vcek(0xdb, chip());
	vlek = make_cert_with("SEV-VLEK", vek, "ARK", root, false,
		(extension[]) {
			{ "1.3.6.1.4.1.3704.1.5", bytes_of("1605617774732e") }, { "1.3.6.1.4.1.3704.1.3.8", integer(0xdb) }, { NULL, { NULL, 0 } } });
	forget();
	trust(root_cert);
	given.certificates = vcek;
	check_good();
	check_vlek();
	check_hostile();
	check_table();
	EVP_PKEY_free(root);
	EVP_PKEY_free(vek);
	EVP_PKEY_free(stranger);
	cs_arena_free(&arena);
	return tap_done();
}
