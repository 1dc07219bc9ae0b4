/* cbor_work_test.c - one item may have any number of bytes: whatever is done with them can be cancelled before it ends. */
#include "cbor_support.h"

#include "cbor/bignum.h"
#include "cbor/json.h"
#include "cbor/sort.h"
#include "cbor/text.h"

#define LARGE ((size_t) 1 << 20)

static unsigned calls;

static void
count_call(void *actx)
{
	(void) actx;
	calls++;
}

/* A CBOR string of this many of one byte. */
static cs_item
string_of(cs_major major, uint8_t byte, cs_buf *buf)
{
	uint8_t *bytes = cs_alloc(&ctx, LARGE, 1);

	memset(bytes, byte, LARGE);
	cs_buf_init(buf, &ctx);
	if (major == CS_BSTR)
		cs_put_bytes(buf, bytes, LARGE);
	else
		cs_put_text(buf, (const char *) bytes, LARGE);
	return cs_item_at(buf->data, buf->len);
}

static unsigned
calls_while_printing(cs_major major, uint8_t byte)
{
	cs_buf in, out;
	cs_item item = string_of(major, byte, &in);

	cs_buf_init(&out, &ctx);
	calls = 0;
	return cs_edn_print(&ctx, &item, NULL, &out) ? calls : 0;
}

static unsigned
calls_while_parsing(const char *before, char byte, const char *after)
{
	char *text = cs_alloc(&ctx, LARGE, 1);
	size_t head = strlen(before), tail = strlen(after);
	cs_buf out;

	memcpy(text, before, head);
	memset(text + head, byte, LARGE - head - tail);
	memcpy(text + LARGE - tail, after, tail);
	cs_buf_init(&out, &ctx);
	calls = 0;
	(void) cs_edn_parse(&ctx, text, LARGE, &out); /* digits may end in the middle of a byte */
	return calls;
}

/* as [9999..., 9999..., ] */
static unsigned
calls_while_parsing_integers(const char *prefix)
{
	cs_buf text, out;
	char digits[CS_MAX_DIGITS - 9];

	memset(digits, '1', sizeof(digits));
	cs_buf_init(&text, &ctx);
	cs_put_byte(&text, '[');
	for (int i = 0; i < 10; i++)
	{
		cs_put_str(&text, prefix);
		cs_put_raw(&text, digits, sizeof(digits));
		cs_put_str(&text, ", ");
	}
	cs_put_byte(&text, ']');
	cs_buf_init(&out, &ctx);
	calls = 0;
	return cs_edn_parse(&ctx, (const char *) text.data, text.len, &out) ? calls : 0;
}

static unsigned
calls_while_reading_base64(void)
{
	uint8_t *text = cs_alloc(&ctx, LARGE, 1), *out = cs_alloc(&ctx, LARGE, 1);
	size_t len, at;

	memset(text, 'A', LARGE);
	calls = 0;
	return cs_base64_read(&ctx, (cs_span) { text, LARGE }, CS_BASE64_STANDARD, out, &len, &at) == CS_BASE64_OK ? calls : 0;
}

static unsigned
calls_while_quoting(void)
{
	cs_buf in, out;
	cs_item item = string_of(CS_TSTR, '"', &in);

	cs_buf_init(&out, &ctx);
	calls = 0;
	cs_put_json_string(&out, (cs_span) { item.content, (size_t) item.arg });
	return calls;
}

typedef struct numbered
{
	unsigned key, number;
} numbered;

static int
by_key(const void *a, const void *b)
{
	const numbered *left = a, *right = b;

	return (left->key > right->key) - (left->key < right->key);
}

/* Whether so many, whose keys are their numbers times step modulo so many, come in order, equal keys as they stood. */
static bool
sorts(size_t count, size_t step, size_t modulo)
{
	numbered *items = cs_alloc(&ctx, count + 1, sizeof(*items));

	for (size_t i = 0; i < count; i++)
		items[i] = (numbered) { (unsigned) (i * step % modulo), (unsigned) i };
	calls = 0;
	if (!cs_sort(&ctx, items, count, sizeof(*items), by_key))
		return false;
	for (size_t i = 1; i < count; i++)
		if (items[i - 1].key > items[i].key || (items[i - 1].key == items[i].key && items[i - 1].number >= items[i].number))
			return false;
	return true;
}

static void
check_sorting(void)
{
	for (size_t count = 0; count < 40; count++)
		if (!sorts(count, 7, 11) || !sorts(count, 1, 100) || !sorts(count, 99, 100))
		{
			CHECK(false, "sorting %zu", count);
			return;
		}
	CHECK(true, "sorting up to 40 in order, the other way round, and neither");
	CHECK(sorts(100000, 7919, 100003) && calls >= 100, "sorting 100,000 can be cancelled");
	CHECK(sorts(100000, 99999, 100000) && calls >= 100, "the other way round, too");
	CHECK(sorts(100000, 1, 100000) && calls >= 20 && calls < 30, "what is sorted is looked through once");
}

static void
check_bignums(void)
{
	static const struct
	{
		const char *digits;
		uint32_t base;
		bool negative;
		const char *hex;
	} vectors[] = {
		{ "18446744073709551616", 10, false, "c249010000000000000000" },
		{ "18446744073709551616", 10, true, "3bffffffffffffffff" },
		{ "18446744073709551617", 10, true, "c349010000000000000000" },
		{ "340282366920938463463374607431768211456", 10, true, "c350ffffffffffffffffffffffffffffffff" },
		{ "10000000000000000", 16, false, "c249010000000000000000" },
		{ "FFFFFFFFFFFFFFFFFFfffffffffffffffff", 16, false, "c2520fffffffffffffffffffffffffffffffffff" },
		{ "2000000000000000000000", 8, false, "c249010000000000000000" },
		{ "10000000000000000000000000000000000000000000000000000000000000000", 2, false, "c249010000000000000000" },
	};

	for (size_t i = 0; i < COUNT(vectors); i++)
	{
		cs_buf out;
		cs_span want = unhex(vectors[i].hex);

		cs_buf_init(&out, &ctx);
		CHECK(cs_put_bignum(&out, vectors[i].digits, strlen(vectors[i].digits), vectors[i].base, vectors[i].negative) &&
				cs_span_eq(cs_buf_span(&out), want),
			"%s%s in base %u", vectors[i].negative ? "-" : "", vectors[i].digits, vectors[i].base);
	}
}

/* Digits of an integer, and the order of two: whether in 64 bits or beyond. */
static void
check_integers(void)
{
	static const char *const ascending[] = { "-340282366920938463463374607431768211456", "-18446744073709551617", "-18446744073709551616",
		"-3", "-1", "0", "7", "18446744073709551615", "18446744073709551616", "340282366920938463463374607431768211455" };
	cs_item items[COUNT(ascending)];

	for (size_t i = 0; i < COUNT(ascending); i++)
	{
		cs_buf encoded, digits;

		cs_buf_init(&encoded, &ctx);
		cs_buf_init(&digits, &ctx);
		CHECK(cs_edn_parse(&ctx, ascending[i], strlen(ascending[i]), &encoded), "read %s", ascending[i]);
		items[i] = cs_item_at(encoded.data, encoded.len);
		CHECK(cs_put_integer_digits(&digits, &items[i]) && digits.len == strlen(ascending[i]) &&
				memcmp(digits.data, ascending[i], digits.len) == 0,
			"written %s", ascending[i]);
		for (size_t j = 0; j <= i; j++)
			CHECK(
				cs_integer_compare(&items[j], &items[i]) == (j < i ? -1 : 0) && cs_integer_compare(&items[i], &items[j]) == (j < i ? 1 : 0),
				"%s is not above %s", ascending[j], ascending[i]);
	}
}

int
main(void)
{
	start_tests();
	ctx.interrupt = count_call;
	CHECK(calls_while_printing(CS_TSTR, 'x') >= 1, "printing a text of 1 MB");
	CHECK(calls_while_printing(CS_TSTR, 1) >= 16, "printing a text of escapes");
	CHECK(calls_while_printing(CS_BSTR, 1) >= 16, "printing bytes");
	CHECK(calls_while_parsing("\"", 'x', "\"") >= 1, "reading a text of 1 MB");
	CHECK(calls_while_parsing("h'", '0', "'") >= 4, "reading hexadecimal bytes");
	CHECK(calls_while_parsing("b32'", 'a', "'") >= 4, "reading base32");
	CHECK(calls_while_parsing("", ' ', "1") >= 4, "reading blanks");
	CHECK(calls_while_parsing_integers("") >= 10, "reading decimal integers beyond 64 bits");
	CHECK(calls_while_parsing_integers("0x") >= 10, "reading hexadecimal integers beyond 64 bits");
	CHECK(calls_while_quoting() >= 16, "quoting JSON");
	CHECK(calls_while_reading_base64() >= 16, "reading base64");
	check_sorting();
	check_bignums();
	check_integers();
	return end_tests();
}
