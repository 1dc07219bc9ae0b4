/*
 * evidence_spdm_test.c - SPDM measurements: NVIDIA's signed transcripts and bare blocks, made here: what they become, and what is refused.
 */
#include "evidence_make.h"

#include <openssl/ecdsa.h>

static EVP_PKEY *root, *device, *stranger;
static cs_span root_cert, leaf;

/* index, specification 1, and a DMTF value of that type */
static cs_span
block(uint8_t index, uint8_t type, cs_span value)
{
	cs_span measurement = both(both(le(type, 1), le(value.len, 2)), value);

	return both(both(le(index, 1), le(1, 1)), both(le(measurement.len, 2), measurement));
}

static cs_span
digest(uint8_t fill)
{
	uint8_t bytes[48];

	memset(bytes, fill, sizeof(bytes));
	return copy_of((cs_span) { bytes, sizeof(bytes) });
}

static cs_span
blocks(void)
{
	return both(block(1, 0, digest(0xa1)), both(block(2, 1, digest(0xa2)), block(3, 0x82, bytes_of("0102"))));
}

static cs_span
field(uint16_t type, cs_span value)
{
	return both(both(le(type, 2), le(value.len, 2)), value);
}

static cs_span
message(uint8_t version, cs_span record, uint8_t count)
{
	cs_span request = both(both(le(version, 1), bytes_of("e001ff")), digest(0x99)), response = both(le(version, 1), bytes_of("600000"));
	cs_span opaque = both(field(3, text_span("550.90.07")), field(6, bytes_of("009f009601000000")));

	request = both(cut(request, 36), bytes_of("00"));
	response = both(response, both(le(count, 1), both(le(record.len, 3), record)));
	response = both(response, both(cut(digest(0x77), 32), both(le(opaque.len, 2), opaque)));
	return both(request, response);
}

static cs_span
sign(EVP_PKEY *key, cs_span text)
{
	return both(text, ecdsa(key, "SHA384", text, 48));
}

static cs_span
hex_of(cs_span bytes)
{
	char *text = cs_alloc(&ctx, 2 * bytes.len + 2, 1);

	for (size_t i = 0; i < bytes.len; i++)
		sprintf(text + 2 * i, "%02X", bytes.data[i]);
	strcat(text, "\n");
	return text_span(text);
}

static void
check_good(void)
{
	cs_span good = sign(device, message(0x11, blocks(), 3));
	uint8_t nonce[32];

	ACCEPTED("nvidia", good, "a report");
	keep_seed("evidence_nvidia", "report", good);
	CHECK(out.count == 1 && is_environment(0, "{0: {1: \"NVIDIA\", 2: \"GH100\"}}") && authorities(0) == 2,
		"of the GPU that its certificate names");
	CHECK(strncmp(edn_of(out.ects[0]->elements[0].mval), "{2: [[7, h'a1a1", 15) == 0 && is_element(0, 2, "3", "{4: 560(h'0102')}"),
		"a digest or a raw value a block");
	CHECK(is_element(0, 3, "\"driver\"", "{0: {0: \"550.90.07\"}}") && is_element(0, 4, "\"vbios\"", "{0: {0: \"96.00.9F.00.01\"}}"),
		"driver and VBIOS");
	ACCEPTED("nvidia", hex_of(good), "in hexadecimal digits");
	keep_seed("evidence_nvidia", "hex", hex_of(good));
	memset(nonce, 0x99, sizeof(nonce));
	given.has_nonce = true;
	given.nonce = (cs_span) { nonce, 32 };
	ACCEPTED("nvidia", good, "the nonce of its request");
	nonce[31] = 0;
	REFUSED("nvidia", good, CS_EXPIRED, "nonce", "the nonce of another");
	given.has_nonce = false;
}

static void
check_hostile(void)
{
	cs_span good = sign(device, message(0x11, blocks(), 3)), before = given.certificates, other = block(1, 0, digest(1));

	put_le((uint8_t *) other.data + 1, 2, 1);
	check_truncated("nvidia", good, 3);
	CHECK(unnoticed_flips("nvidia", good, 0, good.len, 5) == 0, "nvidia: no flipped bit passes");
	REFUSED("nvidia", sign(stranger, message(0x11, blocks(), 3)), CS_BAD_SIGNATURE, "verifies with no key", "signed by another");
	REFUSED("nvidia", sign(device, message(0x12, blocks(), 3)), CS_UNSUPPORTED, "version 1.2", "SPDM 1.2");
	REFUSED("nvidia", sign(device, message(0x11, blocks(), 2)), CS_MALFORMED, "follow", "a block more than it says");
	REFUSED("nvidia", sign(device, message(0x11, blocks(), 4)), CS_MALFORMED, "inside a block", "a block less");
	REFUSED("nvidia", sign(device, message(0x11, blocks(), 0)), CS_MALFORMED, "zero", "blocks and none");
	REFUSED("nvidia", sign(device, message(0x11, block(1, 0, bytes_of("00")), 1)), CS_UNSUPPORTED, "1 bytes", "a digest of one byte");
	REFUSED("nvidia", sign(device, message(0x11, other, 1)), CS_UNSUPPORTED, "DMTF", "another specification");
	REFUSED("nvidia", text_span("1g"), CS_MALFORMED, "digits", "digits that are none");
	REFUSED("nvidia", bytes_of("11e1"), CS_MALFORMED, "begin", "no request");
	given.certificates = both(root_cert, leaf);
	REFUSED("nvidia", good, CS_BAD_SIGNATURE, "first certificate", "a chain that begins with another");
	given.certificates = make_cert_with("GH100 A01", device, "Root", stranger, false, NULL);
	REFUSED("nvidia", good, CS_UNTRUSTED, "lead to no key", "a chain of another");
	given.certificates = before;
	given.unverified = true;
	ACCEPTED("nvidia", sign(stranger, message(0x11, blocks(), 3)), "signed by another, where the caller wants it");
	CHECK(authorities(0) == 0 && has_note(0, "not verified"), "without authority");
	given.unverified = false;
}

static void
check_blocks(void)
{
	given.environment = edn("{0: {1: \"ACME\"}}");
	given.unverified = true;
	ACCEPTED("spdm", blocks(), "blocks");
	keep_seed("evidence_spdm", "blocks", blocks());
	CHECK(
		out.ects[0]->element_count == 3 && authorities(0) == 0 && has_note(0, "not signed"), "of what the caller says, without authority");
	for (size_t len = 1, read = 0; len <= blocks().len; len++)
	{
		read += reads("spdm", cut(blocks(), len));
		if (len == blocks().len)
			CHECK(read == 3, "spdm: read where a block ends, and nowhere else");
	}
	REFUSED("spdm", cut(blocks(), 0), CS_MALFORMED, "none", "no blocks");
	REFUSED("spdm", bytes_of("12e0"), CS_UNSUPPORTED, "transcripts", "a transcript");
	given.unverified = false;
	REFUSED("spdm", blocks(), CS_UNTRUSTED, "not signed", "blocks");
	given.unverified = true;
	given.environment = (cs_span) { NULL, 0 };
	REFUSED("spdm", blocks(), CS_INVALID, "name the environment", "blocks of nobody knows what");
	given.unverified = false;
}

int
main(void)
{
	cs_arena_init(&arena, &ctx);
	root = make_key("P-384");
	device = make_key("P-384");
	stranger = make_key("P-384");
	root_cert = make_cert_with("Root", root, "Root", root, true, NULL);
	leaf = make_cert_with("GH100 A01", device, "Root", root, false, NULL);
	forget();
	trust(root_cert);
	given.certificates = both(leaf, root_cert);
	check_good();
	check_hostile();
	check_chains("nvidia", sign(device, message(0x11, blocks(), 3)), device);
	check_blocks();
	EVP_PKEY_free(root);
	EVP_PKEY_free(device);
	EVP_PKEY_free(stranger);
	cs_arena_free(&arena);
	return tap_done();
}
