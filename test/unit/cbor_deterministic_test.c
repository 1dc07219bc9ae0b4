/* cbor_deterministic_test.c - core deterministic encoding (RFC 8949 section 4.2.1): made, demanded, duplicates found, at any size. */
#include "cbor_support.h"

static void
check_encoding(void)
{
	static const struct
	{
		const char *from;
		const char *to;
	} vectors[] = {
		{ "00", "00" },
		{ "1800", "00" },
		{ "1b0000000000000017", "17" },
		{ "3800", "20" },
		{ "5800", "40" },
		{ "5f41014102ff", "420102" },
		{ "7f61616162ff", "626162" },
		{ "7fff", "60" },
		{ "9f01ff", "8101" },
		{ "9fff", "80" },
		{ "bf0102ff", "a10102" },
		{ "bfff", "a0" },
		{ "d80100", "c100" },
		{ "db000000000000001200", "d200" },
		{ "f8ff", "f8ff" },
		{ "f4", "f4" },
		{ "fa3fc00000", "f93e00" },
		{ "fb3ff8000000000000", "f93e00" },
		{ "fb3ff199999999999a", "fb3ff199999999999a" },
		{ "fa7fc00000", "f97e00" },
		{ "f97e01", "f97e00" },
		{ "f9fe00", "f97e00" },
		{ "fb7ff0000000000001", "f97e00" },
		{ "fb8000000000000000", "f98000" },
		{ "fbfff0000000000000", "f9fc00" },
		{ "c249000000000000000001", "c249000000000000000001" },
		/* RFC 8949 section 4.2.1: 10, 100, -1, "z", "aa", [100], [-1], false */
		{ "a8f400812000811864006261610061"
		  "7a0020001864000a00",
			"a80a001864002000617a00626161008118640081"
			"2000f400" },
		{ "a2190100010001",
			"a20001190100"
			"01" },
		{ "a2a10201"
		  "00"
		  "a1010200",
			"a2a1010200a1020100" },
		{ "8201a2020001a203000200", "8201a201a2020003000200" },
		{ "d81842a000", "d81842a000" },
	};

	for (size_t i = 0; i < COUNT(vectors); i++)
	{
		cs_span from = unhex(vectors[i].from);
		cs_item item;
		cs_buf out;

		cs_buf_init(&out, &ctx);
		if (!CHECK(cs_check(&ctx, from.data, from.len), "%s", vectors[i].from))
			continue;
		item = item_of(from);
		CHECK(
			cs_deterministic(&ctx, &item, &out) && same(cs_buf_span(&out), vectors[i].to), "%s becomes %s", vectors[i].from, vectors[i].to);
		CHECK(cs_require_deterministic(&ctx, out.data, out.len), "which is deterministic");
		CHECK(cs_require_deterministic(&ctx, from.data, from.len) == (strcmp(vectors[i].from, vectors[i].to) == 0), "and the first %s",
			strcmp(vectors[i].from, vectors[i].to) == 0 ? "too" : "is not");
	}
}

static void
check_deviations(void)
{
	static const struct
	{
		const char *hex;
		size_t offset;
		const char *what;
	} vectors[] = {
		{ "1817", 0, "head" },
		{ "82001800", 2, "head" },
		{ "5801ff", 0, "head" },
		{ "780161", 0, "head" },
		{ "980101", 0, "head" },
		{ "b8010203", 0, "head" },
		{ "d80600", 0, "head" },
		{ "1b00000000ffffffff", 0, "head" },
		{ "5fff", 0, "indefinite" },
		{ "829f01ff02", 1, "indefinite" },
		{ "fa3fc00000", 0, "float" },
		{ "81f97e01", 1, "float" },
		{ "a201000000", 3, "order" },
		{ "a2617a00626161"
		  "00",
			0, "" },
		{ "a262616100617a00", 5, "order" },
		{ "a201000100", 3, "duplicate" },
		{ "81a2f400f401", 4, "duplicate" },
	};

	for (size_t i = 0; i < COUNT(vectors); i++)
	{
		cs_span bytes = unhex(vectors[i].hex);
		bool ok = cs_require_deterministic(&ctx, bytes.data, bytes.len);

		if (vectors[i].what[0] == '\0')
			CHECK(ok, "%s", vectors[i].hex);
		else
			CHECK(!ok && ctx.error.code == CS_INVALID && ctx.error.offset == vectors[i].offset &&
					strstr(ctx.error.message, vectors[i].what) != NULL,
				"%s: %s at %zu", vectors[i].hex, ctx.error.message, ctx.error.offset);
	}
}

static void
check_duplicates(void)
{
	static const struct
	{
		const char *hex;
		size_t second; /* offset of the second key, 0 when there is none */
	} vectors[] = {
		{ "a201000100", 3 },
		{ "a30100020001"
		  "00",
			5 },
		{ "a2010018"
		  "0100",
			3 },
		{ "a2f93c0000fa3f80000000", 5 },
		{ "a201f9000000f90000", 0 },
		{ "a20100f93c0000", 0 },
		{ "8100", 0 },
		{ "82a10100a201000100", 7 },
		{ "a1a20100010000", 4 },
		{ "a18100a2616100616101", 7 },
		{ "bf0100030001"
		  "00ff",
			5 },
		{ "a2800080"
		  "01",
			3 },
		{ "a2626162007f61616162ff00", 5 },
		{ "a241610061610"
		  "0",
			0 },
	};

	for (size_t i = 0; i < COUNT(vectors); i++)
	{
		cs_span bytes = unhex(vectors[i].hex);
		cs_item item;
		bool ok;

		if (!CHECK(cs_check(&ctx, bytes.data, bytes.len), "%s", vectors[i].hex))
			continue;
		item = item_of(bytes);
		ok = cs_require_unique_keys(&ctx, &item);
		if (vectors[i].second == 0)
			CHECK(ok, "%s has no key twice", vectors[i].hex);
		else
			CHECK(!ok && ctx.error.code == CS_INVALID && ctx.error.offset == vectors[i].second &&
					strcmp(ctx.error.message, "duplicate map key") == 0,
				"%s has a key again at %zu", vectors[i].hex, ctx.error.offset);
	}
}

/* A map of a million pairs whose keys are what key() says. */
static cs_item
million(uint64_t (*key)(uint64_t))
{
	cs_buf buf;

	cs_buf_init(&buf, &ctx);
	cs_put_map(&buf, 1000000);
	for (uint64_t i = 0; i < 1000000; i++)
	{
		cs_put_uint(&buf, key(i));
		cs_put_uint(&buf, i);
	}
	return cs_item_at(buf.data, buf.len);
}

static uint64_t
scattered(uint64_t i)
{
	return i * 7919 % 1000003;
}

static uint64_t
falling(uint64_t i)
{
	return 1000000 - i;
}

static uint64_t
equal(uint64_t i)
{
	return i * 0;
}

static void
check_million(void)
{
	uint64_t (*keys[])(uint64_t) = { scattered, falling, equal };
	double start = seconds();

	for (size_t i = 0; i < COUNT(keys); i++)
	{
		cs_item map = million(keys[i]);
		cs_buf out;
		bool ok;

		cs_buf_init(&out, &ctx);
		ok = cs_deterministic(&ctx, &map, &out);
		if (keys[i] == equal)
			CHECK(!ok && ctx.error.offset == 7, "a million equal keys: %s at %zu", ctx.error.message, ctx.error.offset);
		else
			CHECK(ok && cs_require_deterministic(&ctx, out.data, out.len), "a million keys");
	}
	CHECK(seconds() - start < 60, "quick");
}

static void
check_depth(void)
{
	uint8_t deep[CS_HARD_MAX_DEPTH + 1];
	cs_item item;
	cs_buf out;

	memset(deep, 0x81, sizeof(deep));
	deep[CS_HARD_MAX_DEPTH] = 0;
	item = cs_item_at(deep, sizeof(deep));
	cs_buf_init(&out, &ctx);
	CHECK(!cs_deterministic(&ctx, &item, &out) && ctx.error.code == CS_LIMIT && ctx.error.offset == CS_DEFAULT_MAX_DEPTH, "%s",
		ctx.error.message);
	CHECK(!cs_require_deterministic(&ctx, deep, sizeof(deep)) && ctx.error.code == CS_LIMIT, "also when it is demanded");
	ctx.limits.max_depth = UINT32_MAX;
	cs_buf_init(&out, &ctx);
	CHECK(cs_deterministic(&ctx, &item, &out) && out.len == sizeof(deep), "%d levels", CS_HARD_MAX_DEPTH);
	CHECK(cs_require_deterministic(&ctx, deep, sizeof(deep)), "and demanded");
	ctx.limits.max_depth = CS_DEFAULT_MAX_DEPTH;
}

int
main(void)
{
	start_tests();
	check_encoding();
	check_deviations();
	check_duplicates();
	check_million();
	check_depth();
	return end_tests();
}
