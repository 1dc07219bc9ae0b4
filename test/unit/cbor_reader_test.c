/*
 * cbor_reader_test.c - cs_check and the views: what is well-formed (RFC 8949 sections 3 and 5.3.1, appendices C and F), and
 * hostile claims.
 */
#include "cbor_support.h"

static void
check_good(void)
{
	static const char *const good[] = { "00", "17", "1818", "1bffffffffffffffff", "3bffffffffffffffff", "f90000", "f97e00", "fa7fc00001",
		"fb3ff199999999999a", "e0", "f3", "f4", "f5", "f6", "f7", "f820", "f8ff", "40", "60", "80", "a0", "5fff", "7fff", "9fff", "bfff",
		"c074323031332d30332d32315432303a30343a30305a", "c600", "cc00", "d200", "d400", "d500", "d818456449455446", "d9d9f700",
		"dbffffffffffffffff00", "5f42010243030405ff", "7f657374726561646d696e67ff", "9f018202039f0405ffff", "bf61610161629f0203ffff",
		"a201020304", "1800", "5a0000000100", "62c3bc", "64f0908591", "bf01020304ff", "d28440a04040", "9b0000000000000000",
		"bb0000000000000000", "5b0000000000000000" };

	for (size_t i = 0; i < COUNT(good); i++)
	{
		cs_span bytes = unhex(good[i]);
		cs_item item;

		if (!CHECK(cs_check(&ctx, bytes.data, bytes.len), "%s is well-formed", good[i]))
			continue;
		item = item_of(bytes);
		CHECK(cs_item_end(&item) == bytes.data + bytes.len, "%s ends where it ends", good[i]);
	}
}

static void
check_bad(void)
{
	static const struct
	{
		const char *hex;
		size_t offset;
		const char *why;
	} bad[] = {
		{ "", 0, "empty" },
		{ "18", 0, "head cut" },
		{ "1b00000000000000", 0, "head cut" },
		{ "f9", 0, "float cut" },
		{ "41", 0, "byte string cut" },
		{ "6261", 0, "text string cut" },
		{ "5b7fffffffffffffff00", 0, "claim of 2^63-1 bytes" },
		{ "5bffffffffffffffff00", 0, "claim of 2^64-1 bytes" },
		{ "7bfffffffffffffff600", 0, "claim that wraps around" },
		{ "81", 0, "array cut" },
		{ "8201", 0, "array cut" },
		{ "a101", 0, "map cut" },
		{ "a20102", 0, "map cut" },
		{ "9b800000000000000000", 0, "claim of 2^63 elements" },
		{ "9bffffffffffffffff00", 0, "claim of 2^64-1 elements" },
		{ "bb800000000000000000", 0, "claim of 2^63 pairs, twice of which is 0" },
		{ "bb7fffffffffffffff00", 0, "claim of pairs" },
		{ "8301818201", 3, "claim in a claim" },
		{ "c0", 0, "tag without content" },
		{ "d2", 0, "tag without content" },
		{ "1c", 0, "reserved 28" },
		{ "3d", 0, "reserved 29" },
		{ "5e", 0, "reserved 30" },
		{ "7c", 0, "reserved" },
		{ "9d", 0, "reserved" },
		{ "be", 0, "reserved" },
		{ "dc", 0, "reserved" },
		{ "fe", 0, "reserved" },
		{ "1f", 0, "integer of indefinite length" },
		{ "3f", 0, "integer of indefinite length" },
		{ "df00ff", 0, "tag of indefinite length" },
		{ "f800", 0, "two-byte simple below 32" },
		{ "f814", 0, "two-byte false" },
		{ "f81f", 0, "two-byte simple below 32" },
		{ "f8", 0, "simple cut" },
		{ "ff", 0, "break alone" },
		{ "81ff", 1, "break in a definite array" },
		{ "8201ff", 2, "break in a definite array" },
		{ "a1ff", 0, "map cut" },
		{ "a101ff", 2, "break as value" },
		{ "c0ff", 1, "break as tag content" },
		{ "bf01ff", 2, "odd map" },
		{ "bf010203ff", 4, "odd map" },
		{ "9f", 1, "no break" },
		{ "bf", 1, "no break" },
		{ "5f", 1, "no break" },
		{ "5f4100", 3, "no break" },
		{ "9f01", 2, "no break" },
		{ "5f00ff", 1, "integer as chunk" },
		{ "5f6100ff", 1, "text in bytes" },
		{ "7f4100ff", 1, "bytes in text" },
		{ "5f5f4100ffff", 1, "nested chunks" },
		{ "7f7f6100ffff", 1, "nested chunks" },
		{ "5f80ff", 1, "array as chunk" },
		{ "5fc24100ff", 1, "tag as chunk" },
		{ "5ff6ff", 1, "null as chunk" },
		{ "0000", 1, "two items" },
		{ "8000", 1, "trailing byte" },
		{ "61ff", 1, "UTF-8" },
		{ "62c0ae", 1, "overlong" },
		{ "63eda080", 1, "surrogate" },
		{ "64f4908080", 1, "beyond U+10FFFF" },
		{ "6161e2", 2, "trailing byte" },
		{ "6361e282", 2, "character cut" },
		{ "7f61c361bcff", 2, "character in two chunks" },
		{ "6d616263646566676869c3286b6c6d", 10, "UTF-8 behind eight bytes of ASCII" },
	};

	for (size_t i = 0; i < COUNT(bad); i++)
	{
		cs_span bytes = unhex(bad[i].hex);

		if (!CHECK(!cs_check(&ctx, bytes.data, bytes.len), "\"%s\" is refused: %s", bad[i].hex, bad[i].why))
			continue;
		CHECK(ctx.error.code == CS_MALFORMED && ctx.error.has_offset && ctx.error.offset == bad[i].offset, "\"%s\" at %zu: %s", bad[i].hex,
			ctx.error.offset, ctx.error.message);
	}
}

static void
check_every_first_byte(void)
{
	/* one byte and enough zeros behind it: which heads are none (RFC 8949 appendix B) */
	for (unsigned byte = 0; byte < 256; byte++)
	{
		uint8_t data[64] = { 0 };
		unsigned info = byte & 31;
		bool reserved = (info >= 28 && info <= 30) || (info == 31 && (byte >> 5 < 2 || byte >> 5 == 6)) || byte == 0xf8 || byte == 0xff;
		size_t used;
		bool ok;

		data[0] = (uint8_t) byte;
		ok = cs_check_prefix(&ctx, data, sizeof(data), &used);
		if (info == 31 && !reserved)
			CHECK(!ok && ctx.error.offset > 0, "0x%02x lacks its break", byte);
		else
			CHECK(ok == !reserved, "0x%02x is %s", byte, reserved ? "no head" : "a head");
	}
}

static void
check_limits(void)
{
	uint8_t deep[10001];
	size_t used;
	uint64_t items;
	cs_item nested;

	memset(deep, 0x81, sizeof(deep));
	deep[10000] = 0;
	CHECK(
		!cs_check(&ctx, deep, sizeof(deep)) && ctx.error.code == CS_LIMIT && ctx.error.offset == 64, "10000 arrays: %s", ctx.error.message);
	CHECK(cs_check(&ctx, deep + 10000 - 64, 65), "64 arrays");
	CHECK(!cs_check(&ctx, deep + 10000 - 65, 66), "65 arrays");
	ctx.limits.max_depth = UINT32_MAX;
	CHECK(!cs_check(&ctx, deep, sizeof(deep)) && ctx.error.code == CS_LIMIT && ctx.error.offset == CS_HARD_MAX_DEPTH,
		"no setting goes beyond %d levels", CS_HARD_MAX_DEPTH);
	CHECK(cs_check(&ctx, deep + 10000 - 1024, 1025), "1024 arrays");
	memset(deep, 0x9f, 1024);
	memset(deep + 1024, 0xff, 1024);
	CHECK(cs_check(&ctx, deep, 2048), "1024 arrays of indefinite length");
	nested = cs_item_at(deep, 2048);
	CHECK(cs_item_size(&nested) == 2048, "their end is found");
	deep[0] = 0x5f;
	deep[1] = 0xff;
	ctx.limits.max_depth = 0;
	CHECK(cs_check(&ctx, deep, 2), "chunks are no nesting");
	ctx.limits.max_depth = CS_DEFAULT_MAX_DEPTH;

	items = ctx.limits.max_items;
	ctx.limits.max_items = 3;
	CHECK(cs_check(&ctx, (const uint8_t *) "\x82\x00\x00", 3), "3 items of 3");
	CHECK(!cs_check(&ctx, (const uint8_t *) "\x83\x00\x00\x00", 4) && ctx.error.code == CS_LIMIT, "4 items of 3");
	ctx.limits.max_items = items;
	ctx.limits.max_size = 2;
	CHECK(!cs_check(&ctx, (const uint8_t *) "\x82\x00\x00", 3) && ctx.error.code == CS_LIMIT, "3 bytes of 2");
	ctx.limits.max_size = CS_DEFAULT_MAX_SIZE;
	CHECK(cs_check_prefix(&ctx, (const uint8_t *) "\x00\x01", 2, &used) && used == 1, "first item of a sequence");
}

static unsigned interrupts;

static void
count_interrupts(void *actx)
{
	(void) actx;
	interrupts++;
}

static void
check_interrupt(void)
{
	size_t len = 100000;
	uint8_t *data = cs_alloc(&ctx, len, 1);

	memset(data, 0x00, len);
	memcpy(data, "\x9a\x00\x01\x86\x9b", 5);
	ctx.interrupt = count_interrupts;
	CHECK(cs_check(&ctx, data, len) && interrupts >= 10 && interrupts < 1000, "interrupt was called %u times", interrupts);
	ctx.interrupt = NULL;
}

static void
check_scalars(void)
{
	cs_item item;
	int64_t i = 0;
	uint64_t u = 0;
	double d = 0;
	bool b = false;

	item = item_of(unhex("1b7fffffffffffffff"));
	CHECK(cs_int64(&item, &i) && i == INT64_MAX && cs_uint64(&item, &u) && u == INT64_MAX, "largest int64");
	item = item_of(unhex("1b8000000000000000"));
	CHECK(!cs_int64(&item, &i) && cs_uint64(&item, &u) && u == UINT64_C(1) << 63, "too large for int64");
	item = item_of(unhex("3b7fffffffffffffff"));
	CHECK(cs_int64(&item, &i) && i == INT64_MIN && !cs_uint64(&item, &u), "smallest int64");
	item = item_of(unhex("3b8000000000000000"));
	CHECK(!cs_int64(&item, &i), "too small for int64");
	item = item_of(unhex("f97bff"));
	CHECK(cs_is_float(&item, &d) && d == 65504.0 && !cs_int64(&item, &i), "half");
	item = item_of(unhex("f90001"));
	CHECK(cs_is_float(&item, &d) && d == 5.960464477539063e-8, "subnormal half");
	item = item_of(unhex("fa00000001"));
	CHECK(cs_is_float(&item, &d) && d == 0x1p-149, "subnormal single");
	item = item_of(unhex("f9fc00"));
	CHECK(cs_is_float(&item, &d) && d == -__builtin_inf(), "-Infinity");
	item = item_of(unhex("f97e01"));
	CHECK(cs_is_float(&item, &d) && d != d && item.arg == 0x7e01, "NaN keeps its bits");
	item = item_of(unhex("f5"));
	CHECK(cs_is_bool(&item, &b) && b && !cs_is_null(&item) && !cs_is_float(&item, &d), "true");
	item = item_of(unhex("f6"));
	CHECK(cs_is_null(&item) && !cs_is_bool(&item, &b), "null");
	item = item_of(unhex("f8ff"));
	CHECK(cs_is(&item, CS_SIMPLE) && item.arg == 255, "simple(255)");
	item = item_of(unhex("d28440"));
	CHECK(cs_is_tag(&item, 18), "tag 18, which libcbor 0.8 refuses");
}

static void
check_containers(void)
{
	static const char *const maps[] = { "a5016161206162"
										"6163"
										"820102"
										"190100f5"
										"f6f4",
		"bf016161206162"
		"6163"
		"9f0102ff"
		"190100f5"
		"f6f4ff" };

	for (size_t i = 0; i < COUNT(maps); i++)
	{
		cs_span bytes = unhex(maps[i]);
		cs_item map;
		cs_item value;
		cs_item element;
		cs_iter it;
		int pairs = 0;

		if (!CHECK(cs_check(&ctx, bytes.data, bytes.len), "map %zu", i))
			continue;
		map = item_of(bytes);
		CHECK(cs_count(&map) == 5, "five pairs");
		CHECK(cs_map_get(&map, 1, &value) && cs_text_is(&value, "a"), "1");
		CHECK(cs_map_get(&map, -1, &value) && cs_text_is(&value, "b"), "-1");
		CHECK(cs_map_get(&map, 256, &value) && value.info == 21, "256");
		CHECK(!cs_map_get(&map, 2, &value), "2 is absent");
		CHECK(cs_map_get_text(&map, "c", &value) && cs_count(&value) == 2, "\"c\"");
		CHECK(cs_array_get(&value, 1, &element) && element.arg == 2 && !cs_array_get(&value, 2, &element), "its elements");
		CHECK(!cs_map_get_text(&map, "", &value) && !cs_map_get_text(&map, "cc", &value), "absent texts");
		CHECK(!cs_array_get(&map, 0, &value) && !cs_map_get(&element, 1, &value), "a map is no array");
		for (it = cs_iterate(&map); cs_next_pair(&it, &element, &value);)
			pairs++;
		CHECK(pairs == 5 && !cs_next(&it, &value), "five pairs in turn");
	}
}

/* Who comes to a child's end himself tells the iterator; in arrays and maps of either length the next is the one that comes anyway. */
static void
check_resume(void)
{
	/* [[1, [2]], "a", {3: []}, h'', tag(4), {}, 5] */
	static const char *const arrays[] = { "87"
										  "82018102"
										  "6161"
										  "a10380"
										  "40"
										  "c104"
										  "a0"
										  "05",
		"9f"
		"9f019f02ffff"
		"7f6161ff"
		"bf039fffff"
		"5fff"
		"c104"
		"bfff"
		"05"
		"ff" };

	for (size_t i = 0; i < COUNT(arrays); i++)
	{
		bool same = true;

		for (int told = 0; told < 1 << 7; told++)
		{
			cs_span bytes = unhex(arrays[i]);
			cs_item array = item_of(bytes);
			cs_iter it = cs_iterate(&array);
			cs_item child;
			uint8_t majors = 0;
			int n = 0;

			for (; cs_next(&it, &child); n++)
			{
				majors |= (uint8_t) (1 << child.major);
				cs_iter_resume(&it, told & 1 << n ? cs_item_end(&child) : NULL);
			}
			same &= n == 7 && child.arg == 5 && majors == 0x7d && cs_iter_end(&it) == bytes.data + bytes.len && !cs_next(&it, &child);
		}
		CHECK(same, "array %zu, told of any of its children", i);
	}
	for (size_t i = 0; i < COUNT(arrays); i++)
	{
		cs_item array = item_of(unhex(arrays[i]));
		cs_iter it = cs_iterate(&array);
		cs_item child;

		CHECK(cs_next(&it, &child) && cs_iter_end(&it) == NULL, "array %zu: no end before the end", i);
		CHECK(cs_leaf_end(&child) == NULL && cs_leaf_end(&array) == NULL, "and none of a container without looking");
	}
}

static void
check_strings(void)
{
	cs_item item = item_of(unhex("7f62616260626364ff"));
	cs_item tag = item_of(unhex("d8184101"));
	cs_item content = cs_tag_content(&tag);
	cs_item number = item_of(unhex("01"));
	cs_span text;

	CHECK(cs_string(&ctx, &item, &text) && text.len == 4 && memcmp(text.data, "abcd", 4) == 0, "chunks are joined");
	CHECK(cs_text_is(&item, "abcd") && !cs_text_is(&item, "abc") && !cs_text_is(&item, "abcde"), "and compared");
	CHECK(cs_string(&ctx, &content, &text) && text.len == 1 && text.data == content.content, "a definite string is a view");
	CHECK(!cs_string(&ctx, &number, &text) && ctx.error.code == CS_INVALID, "a number is no string");
	item = item_of(unhex("63610062"));
	CHECK(!cs_text_is(&item, "a"), "a text with a NUL is no C string");
	item = item_of(unhex("5fff"));
	CHECK(cs_string(&ctx, &item, &text) && text.len == 0 && !cs_text_is(&item, ""), "no chunks");
	CHECK(cs_item_size(&tag) == 4 && cs_item_span(&content).len == 2, "sizes");
	item = item_of(unhex("829f0102ff5f4101ff"));
	CHECK(cs_item_size(&item) == 9, "an array with both kinds of indefinite length");
	item = item_of(unhex("9f82019f02ff03bf04820506ff"
						 "ff"));
	CHECK(cs_item_size(&item) == 14, "definite in indefinite in definite");
}

/* A million nested-and-wide claims must cost what their bytes cost. */
static void
check_hostile(void)
{
	size_t len = 4000000;
	uint8_t *data = cs_alloc(&ctx, len, 1);
	double start = seconds();

	for (size_t i = 0; i + 9 <= len; i += 9)
		memcpy(data + i, "\x9b\x7f\xff\xff\xff\xff\xff\xff\xff", 9);
	CHECK(!cs_check(&ctx, data, len) && ctx.error.offset == 0, "many claims");
	memset(data, 0x00, len);
	memcpy(data, "\x9a\x7f\xff\xff\xff", 5);
	CHECK(!cs_check(&ctx, data, len) && ctx.error.offset == 0, "a claim beyond the end");
	memset(data, 0xd2, len);
	CHECK(!cs_check(&ctx, data, len) && ctx.error.code == CS_LIMIT, "tags only");
	memset(data, 0x5f, len);
	CHECK(!cs_check(&ctx, data, len) && ctx.error.offset == 1, "chunks only");
	CHECK(seconds() - start < 20, "quick");
}

int
main(void)
{
	start_tests();
	check_good();
	check_bad();
	check_every_first_byte();
	check_limits();
	check_interrupt();
	check_scalars();
	check_containers();
	check_resume();
	check_strings();
	check_hostile();
	return end_tests();
}
