/* cbor_writer_test.c - heads in their shortest form (RFC 8949 section 4.2.1), floats, a buffer that remembers its failure, the arena. */
#include "cbor_support.h"

static cs_buf buf;

static cs_buf *
fresh(void)
{
	cs_buf_init(&buf, &ctx);
	return &buf;
}

#define WRITES(call, hex)                                                               \
	do                                                                                  \
	{                                                                                   \
		call;                                                                           \
		CHECK(cs_buf_ok(&buf) && same(cs_buf_span(&buf), hex), "%s is %s", #call, hex); \
	} while (0)

static void
check_heads(void)
{
	WRITES(cs_put_uint(fresh(), 0), "00");
	WRITES(cs_put_uint(fresh(), 23), "17");
	WRITES(cs_put_uint(fresh(), 24), "1818");
	WRITES(cs_put_uint(fresh(), 255), "18ff");
	WRITES(cs_put_uint(fresh(), 256), "190100");
	WRITES(cs_put_uint(fresh(), 65535), "19ffff");
	WRITES(cs_put_uint(fresh(), 65536), "1a00010000");
	WRITES(cs_put_uint(fresh(), 0xffffffff), "1affffffff");
	WRITES(cs_put_uint(fresh(), UINT64_C(1) << 32), "1b0000000100000000");
	WRITES(cs_put_uint(fresh(), UINT64_MAX), "1bffffffffffffffff");
	WRITES(cs_put_int(fresh(), -1), "20");
	WRITES(cs_put_int(fresh(), -500), "3901f3");
	WRITES(cs_put_int(fresh(), INT64_MIN), "3b7fffffffffffffff");
	WRITES(cs_put_int(fresh(), INT64_MAX), "1b7fffffffffffffff");
	WRITES(cs_put_nint(fresh(), UINT64_MAX), "3bffffffffffffffff");
	WRITES(cs_put_bytes(fresh(), "\1\2", 2), "420102");
	WRITES(cs_put_bytes(fresh(), NULL, 0), "40");
	WRITES(cs_put_text(fresh(), "abc", 2), "626162");
	WRITES(cs_put_cstr(fresh(), "a"), "6161");
	WRITES(cs_put_array(fresh(), 25), "9819");
	WRITES(cs_put_array(fresh(), UINT64_MAX), "9bffffffffffffffff");
	WRITES(cs_put_map(fresh(), 1), "a1");
	WRITES(cs_put_tag(fresh(), 18), "d2");
	WRITES(cs_put_tag(fresh(), 501), "d901f5");
	WRITES(cs_put_bool(fresh(), false), "f4");
	WRITES(cs_put_bool(fresh(), true), "f5");
	WRITES(cs_put_null(fresh()), "f6");
	WRITES(cs_put_fmt(fresh(), "%c%c", 'a', 'b'), "6162");
}

static void
check_floats(void)
{
	WRITES(cs_put_float(fresh(), 0.0), "f90000");
	WRITES(cs_put_float(fresh(), -0.0), "f98000");
	WRITES(cs_put_float(fresh(), 1.0), "f93c00");
	WRITES(cs_put_float(fresh(), 65504.0), "f97bff");
	WRITES(cs_put_float(fresh(), 65505.0), "fa477fe100");
	WRITES(cs_put_float(fresh(), 65536.0), "fa47800000");
	WRITES(cs_put_float(fresh(), 0x1p-24), "f90001");
	WRITES(cs_put_float(fresh(), 0x1p-25), "fa33000000");
	WRITES(cs_put_float(fresh(), 0x1.ff8p-15), "f903ff");
	WRITES(cs_put_float(fresh(), 0x1p-14), "f90400");
	WRITES(cs_put_float(fresh(), 0x1.8p-24), "fa33c00000");
	WRITES(cs_put_float(fresh(), 100000.0), "fa47c35000");
	WRITES(cs_put_float(fresh(), 3.4028234663852886e+38), "fa7f7fffff");
	WRITES(cs_put_float(fresh(), 0x1p128), "fb47f0000000000000");
	WRITES(cs_put_float(fresh(), 0x1p-149), "fa00000001");
	WRITES(cs_put_float(fresh(), 0x1p-150), "fb3690000000000000");
	WRITES(cs_put_float(fresh(), 5e-324), "fb0000000000000001");
	WRITES(cs_put_float(fresh(), 1.1), "fb3ff199999999999a");
	WRITES(cs_put_float(fresh(), __builtin_inf()), "f97c00");
	WRITES(cs_put_float(fresh(), -__builtin_inf()), "f9fc00");
	WRITES(cs_put_float(fresh(), -__builtin_nan("0x123")), "f97e00");
}

/* All 65536 halves keep their value in a double and come back. */
static void
check_every_half(void)
{
	unsigned wrong = 0;

	for (unsigned bits = 0; bits < 65536; bits++)
	{
		uint8_t half[3] = { 0xf9, (uint8_t) (bits >> 8), (uint8_t) bits };
		cs_item item = cs_item_at(half, 3);
		double value;

		cs_is_float(&item, &value);
		cs_put_float(fresh(), value);
		wrong += value == value && (buf.len != 3 || memcmp(buf.data, half, 3) != 0);
		ctx.release(ctx.actx, buf.data);
	}
	CHECK(wrong == 0, "%u halves are wrong", wrong);
}

static void
check_buffer(void)
{
	cs_item item = item_of(unhex("829f01ff6161"));
	char text[1000];

	WRITES(cs_put_item(fresh(), &item), "829f01ff6161");
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	cs_put_fmt(fresh(), "%s", text);
	CHECK(buf.len == sizeof(text) - 1, "a long format");
	ctx.limits.max_size = 10;
	cs_put_raw(fresh(), text, 10);
	CHECK(cs_buf_ok(&buf), "10 bytes of 10");
	cs_put_byte(&buf, 0);
	CHECK(!cs_buf_ok(&buf) && ctx.error.code == CS_LIMIT && buf.len == 10, "11 bytes of 10: %s", ctx.error.message);
	cs_fail(&ctx, CS_INVALID, "another");
	cs_put_byte(&buf, 0);
	CHECK(!cs_buf_ok(&buf) && ctx.error.code == CS_INVALID, "a failed buffer stays quiet");
	ctx.limits.max_size = CS_DEFAULT_MAX_SIZE;
}

static void *
no_memory(void *actx, size_t size)
{
	(void) actx;
	(void) size;
	return NULL;
}

static void
check_memory(void)
{
	void *(*alloc)(void *actx, size_t size) = ctx.alloc;
	char *copy;

	CHECK(cs_alloc(&ctx, SIZE_MAX / 2, 3) == NULL && ctx.error.code == CS_NO_MEMORY, "%s", ctx.error.message);
	CHECK(cs_alloc(&ctx, 0, 8) != NULL, "nothing has an address");
	copy = cs_strndup(&ctx, "abc", 2);
	CHECK(strcmp(copy, "ab") == 0, "cs_strndup");
	copy = cs_resize(&ctx, copy, 3, 1000, 1);
	CHECK(copy != NULL && strcmp(copy, "ab") == 0, "cs_resize");
	CHECK(memcmp(cs_memdup(&ctx, "abc", 3), "abc", 3) == 0, "cs_memdup");
	ctx.alloc = no_memory;
	cs_put_uint(fresh(), 1);
	CHECK(!cs_buf_ok(&buf) && ctx.error.code == CS_NO_MEMORY, "a buffer without memory");
	ctx.alloc = alloc;
}

static void
check_errors(void)
{
	char text[400];

	memset(text, 'x', sizeof(text));
	for (size_t i = 1; i + 1 < sizeof(text); i += 2)
		memcpy(text + i, "\xc3\xbc", 2);
	text[sizeof(text) - 1] = '\0';
	CHECK(!cs_fail_at(&ctx, CS_INVALID, 7, "%s", text) && ctx.error.has_offset && ctx.error.offset == 7, "cs_fail_at");
	CHECK(cs_utf8_valid((const uint8_t *) ctx.error.message, strlen(ctx.error.message)), "a message is cut between characters");
	CHECK(
		!cs_fail_found(&ctx, "it") && !cs_fail_hint(&ctx, "do") && strcmp(ctx.error.found, "it") == 0 && strcmp(ctx.error.hint, "do") == 0,
		"found and hint");
	CHECK(!cs_fail(&ctx, CS_LIMIT, "new") && !ctx.error.has_offset && ctx.error.found[0] == '\0', "an error replaces the other");
	for (int code = 0; code < CS_CODES; code++)
		CHECK(strcmp(cs_code_name((cs_code) code), "unknown") != 0, "code %d is %s", code, cs_code_name((cs_code) code));
	CHECK(strcmp(cs_code_name(CS_CODES), "unknown") == 0, "no code");
}

int
main(void)
{
	start_tests();
	check_heads();
	check_floats();
	check_every_half();
	check_buffer();
	check_memory();
	check_errors();
	return end_tests();
}
