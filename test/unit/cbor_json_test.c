/* cbor_json_test.c - JSON, strictly: what RFC 8259 has, nothing else, and the bounds. */
#include "cbor/json.h"

#include "cbor_support.h"

static const char *const good[] = { "null", " true ", "\t[]\r\n", "{}", "0", "-0", "-1.5e+10", "1E9", "\"\"",
	"[1, [2, {\"a\": [null]}], \"b\"]", "{\"a\": 1, \"a\": 2}", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\uD834\\udd1e\"", "\"\xc3\xa4\x7f\"" };

static const struct
{
	const char *text;
	const char *message;
	size_t offset;
} bad[] = {
	{ "", "a value is wanted", 0 },
	{ "nul", "a value is wanted", 0 },
	{ "True", "a value is wanted", 0 },
	{ "01", "a value is wanted", 2 },
	{ "+1", "a value is wanted", 0 },
	{ ".5", "a value is wanted", 0 },
	{ "1.", "digits behind its point", 2 },
	{ "1e", "digits in its exponent", 2 },
	{ "NaN", "a value is wanted", 0 },
	{ "'a'", "a value is wanted", 0 },
	{ "[1,]", "a value is wanted", 3 },
	{ "[,1]", "a value is wanted", 1 },
	{ "[1 2]", "a comma or the end of the array", 3 },
	{ "[1", "a comma or the end of the array", 2 },
	{ "{\"a\"}", "a colon", 4 },
	{ "{\"a\":1,}", "a string is wanted", 7 },
	{ "{a:1}", "a string is wanted", 1 },
	{ "{\"a\":1 \"b\":2}", "a comma or the end of the object", 7 },
	{ "1 2", "something stands behind", 2 },
	{ "[]]", "something stands behind", 2 },
	{ "\"a", "a string has no end", 2 },
	{ "\"\\\"", "a string has no end", 3 },
	{ "\"\n\"", "a control character", 1 },
	{ "\"\\x\"", "unknown escape", 3 },
	{ "\"\\u12\"", "four hexadecimal digits", 3 },
	{ "\"\\ud834\"", "half a surrogate pair", 7 },
	{ "\"\\ud834\\u0041\"", "half a surrogate pair", 13 },
	{ "\"\\udd1e\"", "half a surrogate pair", 7 },
	{ "\"\xff\"", "not UTF-8", 1 },
	{ "/* */ 1", "a value is wanted", 0 },
	{ "\xef\xbb\xbf"
	  "1",
		"a value is wanted", 0 },
};

static bool
read_json(const char *text, cs_json **out)
{
	cs_span span = { cs_memdup(&ctx, text, strlen(text)), strlen(text) };

	return cs_json_parse(&ctx, span, out);
}

static void
test_strings(void)
{
	static const uint8_t text[] = "\"\\\b\n\0\x1f/\xc3\xa4\x7f";
	cs_span span = { text, sizeof(text) - 1 };
	cs_json *json;
	cs_buf buf;

	cs_buf_init(&buf, &ctx);
	cs_put_json_string(&buf, span);
	CHECK(cs_json_parse(&ctx, cs_buf_span(&buf), &json) && json->kind == CS_JSON_STRING && cs_span_eq(json->text, span),
		"a string with all that is escaped, there and back");
	CHECK(memchr(buf.data, 0, buf.len) == NULL && memchr(buf.data, '\n', buf.len) == NULL, "on one line, without U+0000");
	CHECK(read_json("\"\\uD834\\udd1e\\u00e4\"", &json) && cs_json_is(json->text, "\xf0\x9d\x84\x9e\xc3\xa4"), "escapes beyond ASCII");
}

static void
test_tree(void)
{
	cs_json *json, *member;

	if (!CHECK(read_json("{\"a\": [1, \"x\", -2.50], \"b\": {\"c\": false}, \"a\": 2}", &json) && json->kind == CS_JSON_OBJECT &&
				json->count == 3,
			"an object"))
		return;
	member = cs_json_get(json, "a");
	CHECK(member == json->first && member->kind == CS_JSON_ARRAY && member->count == 3 &&
			cs_json_is(member->first->next->next->text, "-2.50"),
		"the first member of a name; a number as it is written");
	CHECK(
		cs_json_get(cs_json_get(json, "b"), "c")->kind == CS_JSON_BOOL && !cs_json_get(json, "c") && !cs_json_get(member, "a"), "members");
}

static void
test_limits(void)
{
	char deep[400];
	cs_json *json;

	for (int levels = 128; levels <= 129; levels++)
	{
		memset(deep, '[', (size_t) levels);
		memset(deep + levels, ']', (size_t) levels);
		deep[2 * levels] = '\0';
		CHECK(read_json(deep, &json) == (levels == 128) && (levels == 128 || ctx.error.code == CS_LIMIT), "%d levels", levels);
	}
	ctx.limits.max_items = 3;
	CHECK(read_json("[1,2]", &json) && !read_json("[1,2,3]", &json) && ctx.error.code == CS_LIMIT, "values are counted");
	ctx.limits.max_size = 4;
	CHECK(read_json("[1 ]", &json) && !read_json("[1  ]", &json) && ctx.error.code == CS_LIMIT, "and bytes");
}

static void
test_unique(void)
{
	cs_json *json;

	CHECK(read_json(" {\"a\": [1, {\"b\" : 2 } ]} ", &json) && json->raw.len == 23 && cs_json_get(json, "a")->raw.len == 16 &&
			memcmp(cs_json_get(json, "a")->raw.data, "[1, {\"b\" : 2 } ]", 16) == 0,
		"values as they are written");
	CHECK(cs_json_require_unique(&ctx, json), "names that come once");
	CHECK(read_json("[{\"a\": {\"bb\": 1, \"\": 2, \"b\\u0062\": 3}}]", &json) && !cs_json_require_unique(&ctx, json) &&
			ctx.error.code == CS_INVALID && strcmp(ctx.error.found, "\"bb\"") == 0,
		"a name that comes twice, however it is written");
}

int
main(void)
{
	cs_json *json;

	start_tests();
	for (size_t i = 0; i < COUNT(good); i++)
		CHECK(read_json(good[i], &json), "%zu is JSON", i);
	for (size_t i = 0; i < COUNT(bad); i++)
		if (!CHECK(!read_json(bad[i].text, &json) && ctx.error.code == CS_MALFORMED && strstr(ctx.error.message, bad[i].message) &&
					ctx.error.offset == bad[i].offset,
				"bad %zu is refused: %s", i, bad[i].message))
			printf("# %s at %zu\n", ctx.error.message, ctx.error.offset);
	test_strings();
	test_unique();
	test_tree();
	test_limits();
	return end_tests();
}
