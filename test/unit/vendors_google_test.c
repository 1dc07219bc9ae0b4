/*
 * vendors_google_test.c - the reader of Protocol Buffers, and Google's launch endorsements: what they become, and what is wrong with
 * others.
 */
#include "cbor_support.h"
#include "model/corim.h"
#include "vendors/protobuf.h"
#include "vendors/vendors.h"

/* ---- messages, written from the inside out ---- */

static cs_span
both(cs_span a, cs_span b)
{
	uint8_t *out = cs_alloc(&ctx, a.len + b.len + 1, 1);

	if (a.len > 0)
		memcpy(out, a.data, a.len);
	if (b.len > 0)
		memcpy(out + a.len, b.data, b.len);
	return (cs_span) { out, a.len + b.len };
}

static cs_span
varint(uint64_t n)
{
	uint8_t *out = cs_alloc(&ctx, 10, 1);
	size_t len = 0;

	for (; n > 127; n >>= 7)
		out[len++] = (uint8_t) (n | 0x80);
	out[len++] = (uint8_t) n;
	return (cs_span) { out, len };
}

static cs_span
field(unsigned number, cs_span value)
{
	return both(both(varint(number << 3 | 2), varint(value.len)), value);
}

static cs_span
number(unsigned field_number, uint64_t value)
{
	return both(varint(field_number << 3), varint(value));
}

static cs_span
filled(uint8_t byte, size_t len)
{
	uint8_t *out = cs_alloc(&ctx, len + 1, 1);

	memset(out, byte, len);
	return (cs_span) { out, len };
}

static cs_span
measured(uint8_t byte, size_t len)
{
	return field(7, both(number(1, 3), field(2, both(number(1, 1), field(2, filled(byte, len))))));
}

static cs_span
golden(cs_span more)
{
	cs_span out = both(field(1, number(1, 1700000000)), field(3, unhex("1234")));

	return both(both(out, both(field(4, unhex("3000")), field(5, filled(0x55, 48)))), more);
}

static cs_span
endorsement(cs_span in)
{
	return both(field(1, in), field(2, filled('s', 256)));
}

/* ---- the wire ---- */

static void
test_wire(void)
{
	static const char *const broken[] = { "0a", "0a05", "0a0561", "00", "0b", "0c", "0effff", "08ff", "08ffffffffffffffffff7f", "0d0102",
		"09010203" };
	cs_span in = both(number(1, UINT64_MAX), both(unhex("1501020304"), both(unhex("190102030405060708"), field(536870911, unhex("61")))));
	cs_pb_field f;
	bool bad;

	CHECK(cs_pb_next(&in, &f, &bad) && f.number == 1 && f.wire == CS_PB_VARINT && f.value == UINT64_MAX, "a number of ten bytes");
	CHECK(cs_pb_next(&in, &f, &bad) && f.number == 2 && f.wire == CS_PB_I32 && same(f.bytes, "01020304"), "32 bits");
	CHECK(cs_pb_next(&in, &f, &bad) && f.number == 3 && f.wire == CS_PB_I64 && same(f.bytes, "0102030405060708"), "64 bits");
	CHECK(cs_pb_next(&in, &f, &bad) && f.number == 536870911 && f.wire == CS_PB_LEN && same(f.bytes, "61"),
		"bytes, of the last field there is");
	CHECK(!cs_pb_next(&in, &f, &bad) && !bad, "and the end");
	for (size_t i = 0; i < COUNT(broken); i++)
	{
		cs_span rest = unhex(broken[i]);

		CHECK(!cs_pb_next(&rest, &f, &bad) && bad, "%s is no field", broken[i]);
	}
}

/* ---- the form ---- */

static bool
open_bytes(cs_span document, cs_vendor_document *out)
{
	const cs_vendor_format *format = cs_vendor_format_of(document);

	ctx.error = (cs_error) { 0 };
	return format != NULL && cs_vendor_open(&ctx, format, document, (cs_span) { NULL, 0 }, out);
}

static bool
count(cs_ctx *c, const cs_triple *triple, void *data)
{
	(void) c;
	((int *) data)[triple->kind]++;
	return true;
}

static void
test_what_they_become(void)
{
	cs_span signed_part = golden(both(measured(0x66, 48), field(8, field(2, both(number(1, 4), field(3, filled(0x99, 48))))))),
			profile_text;
	cs_vendor_document d;
	cs_corim corim;
	cs_buf profile;
	int kinds[16] = { 0 };

	CHECK(open_bytes(endorsement(signed_part), &d) && cs_span_eq(d.signature.payload, signed_part) && d.signature.signature.len == 256 &&
			d.signature.alg == CS_ALG_PS256 && d.signature.cert_count == 1 && same(d.signature.certs[0], "3000"),
		"what is signed is field 1 as it stands, by the certificate in it");
	CHECK(cs_check(&ctx, d.corim.data, d.corim.len) && cs_corim_open(&ctx, d.corim.data, d.corim.len, false, &corim) &&
			cs_corim_triples(&ctx, &corim, count, kinds) && kinds[0] == 2 && kinds[10] == 1,
		"a reference for each measurement, an endorsement for those of SEV-SNP");
	cs_buf_init(&profile, &ctx);
	CHECK(cs_profile_text(&ctx, &corim.profile, &profile), "its profile");
	profile_text = cs_buf_span(&profile);
	CHECK(profile_text.len == 24 && memcmp(profile_text.data, "2.16.840.1.113741.1.16.1", 24) == 0, "is Intel's where TDX is in it");
	CHECK(open_bytes(endorsement(golden(both(measured(0x66, 48), number(99, 1)))), &d), "fields that nobody knows are passed over");
}

static void
test_bad(void)
{
	struct
	{
		cs_span bytes;
		cs_code code;
		const char *path;
	} bad[] = {
		{ endorsement(golden((cs_span) { NULL, 0 })), CS_MALFORMED, "golden" },
		{ endorsement(golden(measured(0x66, 47))), CS_MALFORMED, "golden.sev_snp.measurements" },
		{ endorsement(golden(both(measured(0x66, 48), measured(0x67, 48)))), CS_MALFORMED, "golden" },
		{ endorsement(golden(both(measured(0x66, 48), field(5, filled(0x55, 48))))), CS_MALFORMED, "golden" },
		{ endorsement(golden(field(7, unhex("0a05")))), CS_MALFORMED, "golden.sev_snp" },
		{ endorsement(golden(field(8, unhex("0a05")))), CS_MALFORMED, "golden.tdx" },
		{ endorsement(both(field(5, filled(0x55, 47)), measured(0x66, 48))), CS_MALFORMED, "golden.digest" },
		{ endorsement(both(field(5, filled(0x55, 48)), measured(0x66, 48))), CS_MALFORMED, "golden.cert" },
		{ endorsement(golden(both(measured(0x66, 48), unhex("0f")))), CS_MALFORMED, "golden" },
	};
	cs_vendor_document d;

	for (size_t i = 0; i < COUNT(bad); i++)
		CHECK(!open_bytes(bad[i].bytes, &d) && ctx.error.code == bad[i].code && strcmp(ctx.error.path, bad[i].path) == 0,
			"%zu is wrong at %s", i, bad[i].path);
	CHECK(cs_vendor_format_of(field(1, golden(measured(0x66, 48)))) == NULL, "without a signature it is no such document");
	CHECK(cs_vendor_format_of(both(field(1, unhex("00")), endorsement(golden(measured(0x66, 48))))) == NULL, "nor with field 1 twice");
}

int
main(void)
{
	start_tests();
	test_wire();
	test_what_they_become();
	test_bad();
	return end_tests();
}
