/*
 * json_test.c - documents as JSON and back: vectors of what each form looks like, what is refused and where, what the tables must keep so
 * that forms stay apart, and every file of the corpus ($COSERV_CORPUS, else ../shared/corpus beside the checkout).
 */
#include "json/json.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "json/json_rules.h"
#include "model/schema_walk.h"
#include "tap.h"

#define DEFAULT_CORPUS "../../../shared/corpus"
#define MAX_FILE (8 * 1024 * 1024)

static cs_arena arena;
static cs_ctx ctx;

static const cs_rule *
rule_of(const char *name)
{
	/* "corim" is the name of one more rule. */
	return strcmp(name, "document") == 0 ? &cs_rule_corim_document : cs_rule_by_name(name);
}

static bool
parse(const char *edn, cs_buf *out)
{
	cs_buf_init(out, &ctx);
	return cs_edn_parse(&ctx, edn, strlen(edn), out) && cs_check(&ctx, out->data, out->len);
}

/* ---- both ways ---- */

typedef struct vector
{
	const char *rule;
	const char *edn;
	const char *json;
} vector;

#define UUID "h'31fb5abf023e4992aa4e95f9c1503bfa'"
#define UUID_TEXT "31fb5abf-023e-4992-aa4e-95f9c1503bfa"

static const vector vectors[] = {
	/* maps and records by their names, tags by theirs */
	{ "environment-map", "{0: {0: 37(" UUID "), 1: \"ACME\", 3: 7}, 1: 550(h'02deadbeefdead')}",
		"{\"class\":{\"class-id\":{\"type\":\"uuid\",\"value\":\"" UUID_TEXT "\"},\"vendor\":\"ACME\",\"layer\":7},"
		"\"instance\":{\"type\":\"ueid\",\"value\":\"02deadbeefdead\"}}" },
	{ "environment-map", "{2: 560(h'00ff')}", "{\"group\":{\"type\":\"bytes\",\"value\":\"00ff\"}}" },
	{ "class-map", "{0: 111(h'2b06010401')}", "{\"class-id\":{\"type\":\"oid\",\"value\":\"1.3.6.1.4.1\"}}" },
	{ "class-map", "{0: 111(h'06052b06010401')}",
		"{\"class-id\":{\"type\":\"oid\",\"value\":{\"type\":\"oid\",\"legacy\":\"der-oid\",\"value\":\"1.3.6.1.4.1\"}}}" },
	{ "class-map", "{0: 111(h'80')}", "{\"class-id\":{\"type\":\"oid\",\"value\":{\"type\":\"bstr\",\"value\":\"80\"}}}" },
	{ "reference-triple-record", "[{0: {1: \"A\"}}, [{1: {1: 552(2), 2: [[1, h'aa'], [\"x\", h'bb']]}}]]",
		"{\"ref-env\":{\"class\":{\"vendor\":\"A\"}},\"ref-claims\":[{\"mval\":{\"svn\":{\"type\":\"svn\",\"value\":2},"
		"\"digests\":[{\"alg\":1,\"val\":\"aa\"},{\"alg\":\"x\",\"val\":\"bb\"}]}}]}" },
	{ "measurement-values-map", "{16: false, 17: 1.5, 18: \"a\", 19: h'0a'}",
		"{\"bool\":false,\"number\":1.5,\"text\":\"a\",\"bytes\":\"0a\"}" },
	{ "measurement-values-map", "{17: 565([null, 2.5]), 18: 566([\"a\", \"b\"]), 19: 566([h'01', h''])}",
		"{\"number\":{\"type\":\"number-range\",\"value\":{\"min\":null,\"max\":2.5}},"
		"\"text\":{\"type\":\"text-set\",\"value\":[\"a\",\"b\"]},\"bytes\":{\"type\":\"bytes-set\",\"value\":[\"01\",\"\"]}}" },
	{ "measurement-values-map", "{17: 566([1, 2])}", "{\"number\":{\"type\":\"number-set\",\"value\":[1,2]}}" },
	{ "version-map", "{0: \"1\", 1: 5}", "{\"version\":\"1\",\"version-scheme\":\"binary\"}" },
	{ "version-map", "{0: \"1\", 1: 16384}", "{\"version\":\"1\",\"version-scheme\":\"semver\"}" },
	{ "measurement-values-map", "{1: 3, 4: 563([h'01', h'ff']), 14: {0: [[1, h'aa']], \"0\": [[1, h'bb']]}, 15: 564([null, 5])}",
		"{\"svn\":3,\"raw-value\":{\"type\":\"masked-raw-value\",\"value\":{\"value\":\"01\",\"mask\":\"ff\"}},"
		"\"integrity-registers\":{\"0\":[{\"alg\":1,\"val\":\"aa\"}],\"cbor:\\\"0\\\"\":[{\"alg\":1,\"val\":\"bb\"}]},"
		"\"int-range\":{\"type\":\"int-range\",\"value\":{\"min\":null,\"max\":5}}}" },
	{ "identity-triple-record", "[{2: 37(" UUID ")}, [554(\"k\"), 557([1, h'aa'])]]",
		"{\"environment\":{\"group\":{\"type\":\"uuid\",\"value\":\"" UUID_TEXT "\"}},\"key-list\":[{\"type\":\"pkix-base64-key\","
		"\"value\":\"k\"},{\"type\":\"key-thumbprint\",\"value\":{\"alg\":1,\"val\":\"aa\"}}]}" },
	/* text or bytes, a name or text */
	{ "tag-identity-map", "{0: \"" UUID_TEXT "\"}", "{\"tag-id\":\"" UUID_TEXT "\"}" },
	{ "tag-identity-map", "{0: " UUID "}", "{\"tag-id\":{\"type\":\"uuid\",\"value\":\"" UUID_TEXT "\"}}" },
	{ "tag-identity-map", "{0: h'01'}", "{\"tag-id\":{\"type\":\"bstr\",\"value\":\"01\"}}" },
	{ "comid-entity-map", "{0: \"A\", 1: 32(\"a:b\"), 2: [0, 1, 9, -1]}",
		"{\"entity-name\":\"A\",\"reg-id\":\"a:b\",\"role\":[\"tag-creator\",\"creator\",9,-1]}" },
	{ "entity-entry", "{31: \"A\", 33: [1, \"licensor\", \"other\"]}",
		"{\"entity-name\":\"A\",\"role\":[\"tag-creator\",{\"type\":\"text\",\"value\":\"licensor\"},\"other\"]}" },
	{ "profile-type-choice", "32(\"a:b\")", "{\"type\":\"uri\",\"value\":\"a:b\"}" },
	/* times, numbers */
	{ "validity-map", "{0: 1(1767225600), 1: 1(1.5)}", "{\"not-before\":\"2026-01-01T00:00:00Z\",\"not-after\":1.5}" },
	{ "validity-map", "{0: 1(-1), 1: 1(2.0)}", "{\"not-before\":-1,\"not-after\":{\"type\":1,\"value\":{\"cbor\":\"2.0\"}}}" },
	{ "validity-map", "{1: 1767225600}", "{\"not-after\":{\"type\":\"time\",\"legacy\":\"untagged-time\",\"value\":1767225600}}" },
	{ "measurement-values-map", "{1: 18446744073709551615, 15: -18446744073709551616}",
		"{\"svn\":18446744073709551615,\"int-range\":-18446744073709551616}" },
	/* what no table knows, and what JSON cannot say */
	{ "measurement-values-map", "{-77: 60010([2, h'00']), 100: {1: \"a\", \"b\": true, \"1\": null, \"type\": 1, h'00': undefined}}",
		"{\"100\":{\"1\":\"a\",\"cbor:h'00'\":{\"cbor\":\"undefined\"},\"cbor:\\\"1\\\"\":null,\"b\":true,\"cbor:\\\"type\\\"\":1},"
		"\"-77\":{\"type\":60010,\"value\":[2,{\"type\":\"bstr\",\"value\":\"00\"}]}}" },
	{ "measurement-values-map", "{100: [NaN, -Infinity, 1.0, 0.5, \"a\\u0000b\", simple(99), 1e300]}",
		"{\"100\":[{\"cbor\":\"NaN\"},{\"cbor\":\"-Infinity\"},{\"cbor\":\"1.0\"},0.5,{\"cbor\":\"\\\"a\\\\u0000b\\\"\"},"
		"{\"cbor\":\"simple(99)\"},{\"cbor\":\"1.0e+300\"}]}" },
	{ "measurement-values-map", "{100: [18446744073709551616, -18446744073709551617, 2(h'01'), 2(h'00ffffffffffffffffff')]}",
		"{\"100\":[18446744073709551616,-18446744073709551617,{\"type\":2,\"value\":{\"type\":\"bstr\",\"value\":\"01\"}},"
		"{\"type\":2,\"value\":{\"type\":\"bstr\",\"value\":\"00ffffffffffffffffff\"}}]}" },
	{ "class-map", "{1: \"A\", 99: 1, \"vendor\": 2, \"x\": 3}",
		"{\"vendor\":\"A\",\"cbor:99\":1,\"cbor:\\\"x\\\"\":3,\"cbor:\\\"vendor\\\"\":2}" },
	{ "class-map", "{1: 2, 3: \"x\"}", "{\"vendor\":{\"cbor\":\"2\"},\"layer\":{\"type\":\"tstr\",\"value\":\"x\"}}" },
	{ "environment-map", "17", "{\"cbor\":\"17\"}" },
	/* legacy forms */
	{ "concise-mid-tag", "{1: {0: \"t\"}, 2: {0: \"A\", 2: 1}, 4: {0: []}}",
		"{\"tag-identity\":{\"tag-id\":\"t\"},\"entities\":{\"type\":\"comid-entity-map\",\"legacy\":\"single-entity\",\"value\":"
		"{\"entity-name\":\"A\",\"role\":{\"type\":\"comid-role-type-choice\",\"legacy\":\"single-role\",\"value\":\"creator\"}}},"
		"\"triples\":{\"reference-triples\":[]}}" },
	{ "class-map", "{2: \"M\"}", "{\"model\":\"M\"}" },
	/* documents: tags that go unsaid, embedded CBOR, its encoding where it matters */
	{ "document", "501({0: \"i\", 1: [508(<<{0: {0: \"t\"}, 1: [{0: \"u\"}], 2: {1: 1(0)}}>>), 60000(h'01'), 506(h'ff')]})",
		"{\"id\":\"i\",\"tags\":[{\"type\":\"concise-tl-tag\",\"value\":{\"tag-identity\":{\"tag-id\":\"t\"},\"tags-list\":[{\"tag-id\":"
		"\"u\"}],"
		"\"tl-validity\":{\"not-after\":\"1970-01-01T00:00:00Z\"}}},{\"type\":60000,\"value\":{\"type\":\"bstr\",\"value\":\"01\"}},"
		"{\"type\":\"concise-mid-tag\",\"value\":\"ff\"}]}" },
	{ "document", "501({0: \"i\", 1: [506(<<{4: {}, 1: {0: \"t\"}}>>)]})",
		"{\"id\":\"i\",\"tags\":[{\"type\":\"concise-mid-tag\",\"value\":{\"tag-identity\":{\"tag-id\":\"t\"},\"triples\":{},"
		"\"encoded\":\"a204a001a1006174\"}}]}" },
	{ "document", "500(501({0: \"i\", 1: []}))",
		"{\"type\":\"concise-rim-type-choice\",\"legacy\":\"tag-500\",\"value\":{\"id\":\"i\",\"tags\":[]}}" },
	{ "document", "{0: \"i\", 1: [<<506(<<{}>>)>>]}",
		"{\"type\":\"corim-map\",\"legacy\":\"untagged-corim-map\",\"value\":{\"id\":\"i\",\"tags\":[{\"type\":\"concise-tag-type-choice\","
		"\"legacy\":\"bstr-tag\",\"value\":{\"type\":\"concise-mid-tag\",\"value\":{}}}]}}" },
	{ "document", "501({0: \"i\", 1: [], \"protected\": 1})", "{\"id\":\"i\",\"tags\":[],\"protected\":1}" },
	{ "document", "501({\"protected\": 1})", "{\"type\":\"unsigned-corim-map\",\"value\":{\"protected\":1}}" },
	{ "document", "18([<<{1: -7, 3: \"application/rim+cbor\"}>>, {4: h'00'}, <<501({0: \"i\", 1: []})>>, h'face'])",
		"{\"protected\":{\"alg\":-7,\"content-type\":\"application/"
		"rim+cbor\"},\"unprotected\":{\"kid\":{\"type\":\"bstr\",\"value\":\"00\"}},"
		"\"payload\":{\"id\":\"i\",\"tags\":[]},\"signature\":\"face\"}" },
	{ "document", "18([<<{3: \"application/rim+cbor\", 1: -7}>>, {}, <<501_2({1: [], 0: \"i\"})>>, h''])",
		"{\"protected\":{\"alg\":-7,\"content-type\":\"application/"
		"rim+cbor\",\"encoded\":\"a203746170706c69636174696f6e2f72696d2b63626f720126\"},"
		"\"unprotected\":{},\"payload\":{\"id\":\"i\",\"tags\":[],\"encoded\":\"da000001f5a20180006169\"},\"signature\":\"\"}" },
	{ "document", "18([<<{1: -7, 258: -16, 259: \"application/rim+cbor\"}>>, {}, h'00ff', h'face'])",
		"{\"protected\":{\"alg\":-7,\"payload_hash_alg\":-16,\"payload_preimage_content_type\":\"application/rim+cbor\"},"
		"\"unprotected\":{},\"payload\":\"00ff\",\"signature\":\"face\"}" },
	{ "document", "18([<<{1: -7}>>, {}, null, h'face'])",
		"{\"protected\":{\"alg\":-7},\"unprotected\":{},\"payload\":null,\"signature\":\"face\"}" },
	{ "coserv-any", "{0: h'2a03', 1: {0: 2, 1: {0: [[{1: \"A\"}]]}, 2: 0}}",
		"{\"profile\":{\"type\":\"oid\",\"value\":\"1.2.3\"},\"query\":{\"artifact-type\":\"reference-values\",\"environment-selector\":"
		"{\"class\":[{\"class\":{\"vendor\":\"A\"}}]},\"result-type\":\"collected-artifacts\"}}" },
	{ "coserv-any", "18([h'a0', {}, h'00', h''])", "{\"protected\":{},\"unprotected\":{},\"payload\":\"00\",\"signature\":\"\"}" },
	{ "cbor-cmw", "{\"a\": [\"application/rim+cbor\", h'00', 3], \"ind\": [60, h''], 5: [0, h'01'], \"__cmwc_t\": \"tag:x\"}",
		"{\"5\":{\"type\":0,\"value\":\"01\"},\"a\":{\"type\":\"application/rim+cbor\",\"value\":\"00\",\"ind\":3},"
		"\"cbor:\\\"ind\\\"\":{\"type\":60,\"value\":\"\"},\"__cmwc_t\":\"tag:x\"}" },
};

static void
show_error(void)
{
	printf("# %s, at %s, found %s\n", ctx.error.message, ctx.error.path, ctx.error.found);
}

static void
show(const char *what, const cs_buf *buf)
{
	printf("# %s: ", what);
	for (size_t i = 0; i < buf->len && i < 400; i++)
		printf(strcmp(what, "json") == 0 ? "%c" : "%02x", buf->data[i]);
	printf("\n");
}

static bool
same_text(const cs_buf *buf, const char *text)
{
	return buf->len == strlen(text) && memcmp(buf->data, text, buf->len) == 0;
}

static void
test_vector(const vector *v)
{
	const cs_rule *rule = rule_of(v->rule);
	cs_buf bytes, canonical, json, back;
	cs_item item;

	cs_buf_init(&json, &ctx);
	cs_buf_init(&back, &ctx);
	cs_buf_init(&canonical, &ctx);
	if (!CHECK(rule && parse(v->edn, &bytes), "%s %.60s is an item", v->rule, v->edn))
		return;
	item = cs_item_at(bytes.data, bytes.len);
	if (!CHECK(cs_json_write(&ctx, rule, &item, &json) && same_text(&json, v->json), "%s %.60s as JSON", v->rule, v->edn))
	{
		show_error();
		show("json", &json);
	}
	if (!CHECK(cs_json_read(&ctx, rule, (cs_span) { (const uint8_t *) v->json, strlen(v->json) }, &back) &&
				cs_deterministic(&ctx, &item, &canonical) && cs_span_eq(cs_buf_span(&back), cs_buf_span(&canonical)),
			"and back"))
	{
		show_error();
		show("bytes", &back);
	}
}

/* ---- what JSON may look like, without being written so ---- */

static const vector readings[] = {
	{ "class-map", "{1: \"A\", 3: 7}", " { \"layer\" : 7.0 , \"vendor\" : \"\\u0041\" } " },
	{ "class-map", "{1: \"A\", 3: 7000}", "{\"1\": \"A\", \"3\": 7e3}" },
	{ "class-map", "{1: 'A'}", "{\"cbor:1\": {\"cbor\": \"'A' \"}}" },
	{ "class-map", "{0: 37(" UUID ")}", "{\"class-id\": {\"value\": \"31FB5ABF-023E-4992-AA4E-95F9C1503BFA\", \"type\": \"uuid\"}}" },
	{ "class-map", "{0: 37(" UUID ")}", "{\"class-id\": {\"type\": 37, \"value\": \"" UUID_TEXT "\"}}" },
	{ "validity-map", "{1: 1(1767225600)}", "{\"not-after\": \"2026-01-01T02:00:00.000+02:00\"}" },
	{ "comid-entity-map", "{0: \"A\", 2: [0]}", "{\"entity-name\": \"A\", \"role\": [0]}" },
	{ "measurement-values-map", "{1: 552(3), 100: -0.25}", "{\"svn\": {\"type\": \"svn\", \"value\": 3}, \"100\": -2.5e-1}" },
	{ "measurement-values-map", "{11: \"\xf0\x9d\x84\x9e\"}", "{\"name\": \"\\ud834\\udd1e\"}" },
};

static void
test_reading(const vector *v)
{
	cs_buf bytes, back;

	cs_buf_init(&back, &ctx);
	if (!CHECK(parse(v->edn, &bytes) &&
				cs_json_read(&ctx, rule_of(v->rule), (cs_span) { (const uint8_t *) v->json, strlen(v->json) }, &back) &&
				cs_span_eq(cs_buf_span(&back), cs_buf_span(&bytes)),
			"%s is read", v->json))
	{
		show_error();
		show("bytes", &back);
	}
}

/* ---- refused ---- */

static const struct
{
	const char *rule;
	const char *json;
	const char *message;
	const char *path;
	const char *found;
} bad[] = {
	{ "class-map", "{\"vendro\": \"A\"}", "class-map has no member", "$.vendro", "\"vendro\"" },
	{ "class-map", "{\"99\": 1}", "class-map has no member", "$.\"99\"", "\"99\"" },
	{ "class-map", "{\"vendor\": 1}", "expected a string", "$.vendor", "1" },
	{ "class-map", "{\"layer\": 1.5}", "should be an integer", "$.layer", "1.5" },
	{ "class-map", "{\"layer\": 1e30}", "without exponent", "$.layer", "1e30" },
	{ "class-map", "[]", "expected an object", "$", "an array" },
	{ "class-map", "{\"vendor\": \"A\", \"cbor:1\": \"B\"}", "duplicate map key", "$", "an object" },
	{ "class-map", "{\"vendor\": \"A\", \"vendor\": \"B\"}", "duplicate map key", "$", "an object" },
	{ "class-map", "{\"cbor:(\": 1}", "", "$.\"cbor:(\"", "" },
	{ "class-map", "{\"class-id\": \"" UUID_TEXT "\"}", "expected the type \"oid\", \"uuid\", \"bytes\"", "$.\"class-id\"", "" },
	{ "class-map", "{\"class-id\": {\"type\": \"uiud\", \"value\": \"\"}}", "expected the type", "$.\"class-id\"", "the type \"uiud\"" },
	{ "class-map", "{\"class-id\": {\"type\": \"uuid\"}}", "wants \"value\"", "$.\"class-id\"", "" },
	{ "class-map", "{\"class-id\": {\"type\": \"uuid\", \"value\": \"\", \"x\": 1}}", "and nothing else", "$.\"class-id\"", "" },
	{ "class-map", "{\"class-id\": {\"type\": \"uuid\", \"value\": \"31fb5abf\"}}", "expected a UUID", "$.\"class-id\".value",
		"\"31fb5abf\"" },
	{ "class-map", "{\"class-id\": {\"type\": \"oid\", \"value\": \"1.2.x\"}}", "expected an object identifier", "$.\"class-id\".value",
		"" },
	{ "class-map", "{\"class-id\": {\"type\": \"bytes\", \"value\": \"0\"}}", "expected hexadecimal digits", "$.\"class-id\".value",
		"\"0\"" },
	{ "class-map", "{\"class-id\": {\"type\": -1, \"value\": \"0\"}}", "unsigned integer", "$.\"class-id\"", "" },
	{ "class-map", "{\"class-id\": {\"type\": 1.5, \"value\": \"0\"}}", "unsigned integer", "$.\"class-id\"", "" },
	{ "class-map", "{\"class-id\": {\"type\": \"uuid\", \"legacy\": \"x\", \"value\": \"\"}}", "expected the type", "$.\"class-id\"",
		"of an unknown legacy form" },
	{ "class-map", "{\"class-id\": {\"cbor\": \"h'0\"}}", "", "$.\"class-id\".cbor", "" },
	{ "class-map", "{\"class-id\": {\"cbor\": \"1\", \"x\": 1}}", "alone in its object", "$.\"class-id\"", "" },
	{ "class-map", "{\"class-id\": {\"cbor\": 1}}", "diagnostic notation", "$.\"class-id\"", "" },
	{ "validity-map", "{\"not-after\": \"tomorrow\"}", "expected a time", "$.\"not-after\"", "\"tomorrow\"" },
	{ "validity-map", "{\"not-after\": \"2026-01-01T00:00:00.5Z\"}", "whole seconds", "$.\"not-after\"", "" },
	{ "validity-map", "{\"not-after\": null}", "expected a time", "$.\"not-after\"", "null" },
	{ "comid-entity-map", "{\"entity-name\": \"A\", \"role\": [\"creator\", \"editor\"]}", "expected an integer or its name", "$.role[1]",
		"\"editor\"" },
	{ "reference-triple-record", "{\"ref-claims\": []}", "\"ref-env\" is missing", "$", "" },
	{ "reference-triple-record", "{\"ref-env\": {}, \"ref-claim\": []}", "\"ref-claims\" is missing", "$", "" },
	{ "reference-triple-record", "{\"ref-env\": {}, \"ref-claims\": [], \"x\": 1}", "no member of such a name", "$", "" },
	{ "document", "{\"id\": \"i\", \"tags\": [{\"tag-identity\": {}}]}", "expected the type \"concise-swid-tag\"", "$.tags[0]", "" },
	{ "document",
		"{\"id\": \"i\", \"tags\": [{\"type\": \"concise-mid-tag\", \"value\": {\"triples\": {\"reference-triples\": "
		"[{\"ref-env\": {\"class\": {\"index\": \"one\"}}, \"ref-claims\": []}]}}}]}",
		"expected an integer", "$.tags[0].value.triples.\"reference-triples\"[0].\"ref-env\".class.index", "\"one\"" },
	{ "document", "{\"id\": \"i\", \"tags\": [{\"type\": \"concise-mid-tag\", \"value\": {\"triples\": {}, \"encoded\": \"a1\"}}]}", "",
		"$.tags[0].value.encoded", "" },
	{ "document", "{\"id\": \"i\", \"tags\": [{\"type\": \"concise-mid-tag\", \"value\": {\"triples\": {}, \"encoded\": \"a0\"}}]}",
		"not an encoding of what stands beside it", "$.tags[0].value.encoded", "\"a0\"" },
	{ "document", "{\"id\": \"i\", \"tags\": [], \"encoded\": \"a0\"}", "not an encoding of what stands beside it", "$.encoded", "\"a0\"" },
	{ "document", "{\"id\": \"i\",}", "malformed JSON", "", "" },
	{ "document", "", "malformed JSON", "", "" },
};

static void
test_bad(size_t i)
{
	cs_span json = { (const uint8_t *) bad[i].json, strlen(bad[i].json) };
	cs_buf out;
	bool read;

	cs_buf_init(&out, &ctx);
	read = cs_json_read(&ctx, rule_of(bad[i].rule), json, &out);
	if (!CHECK(!read && ctx.error.code != CS_OK && ctx.error.message[0] && strstr(ctx.error.message, bad[i].message) &&
				strcmp(ctx.error.path, bad[i].path) == 0 && strstr(ctx.error.found, bad[i].found),
			"%.80s is refused", bad[i].json))
		show_error();
}

/* ---- bounds ---- */

static void
test_bounds(void)
{
	static char deep[4000];
	cs_buf out, json;
	cs_item item;

	memset(deep, '[', sizeof(deep));
	cs_buf_init(&out, &ctx);
	CHECK(!cs_json_read(&ctx, &cs_rule_any, (cs_span) { (const uint8_t *) deep, sizeof(deep) }, &out) && ctx.error.code == CS_LIMIT,
		"deep nesting is an error");
	ctx.limits.max_items = 10;
	CHECK(
		!cs_json_read(&ctx, &cs_rule_any, (cs_span) { (const uint8_t *) "[1,2,3,4,5,6,7,8,9,10]", 22 }, &out) && ctx.error.code == CS_LIMIT,
		"too many values are an error");
	ctx.limits.max_items = CS_DEFAULT_MAX_ITEMS;
	CHECK(parse("{1: 2, 1_0: 3}", &out), "a map with a key twice");
	item = cs_item_at(out.data, out.len);
	cs_buf_init(&json, &ctx);
	CHECK(!cs_json_write(&ctx, &cs_rule_any, &item, &json) && strstr(ctx.error.message, "duplicate"), "has no JSON");
	ctx.limits.max_size = 100;
	cs_buf_init(&json, &ctx);
	CHECK(parse("[h'00112233445566778899', h'00112233445566778899', h'00112233445566778899']", &out), "an item of 34 bytes");
	item = cs_item_at(out.data, out.len);
	CHECK(!cs_json_write(&ctx, &cs_rule_any, &item, &json) && ctx.error.code == CS_LIMIT, "whose JSON is longer than may be");
	ctx.limits.max_size = CS_DEFAULT_MAX_SIZE;
}

/* ---- what the tables must keep ---- */

static const cs_rule *seen[1024];
static size_t seen_count;

/* Names that are no form of an escape, and one member a name. */
static bool
names_apart(const cs_rule *rule)
{
	for (size_t i = 0; i < rule->field_count; i++)
	{
		const char *name = rule->fields[i].name;
		cs_span span = { (const uint8_t *) name, strlen(name) };

		if (cs_json_is_integer(span) || strncmp(name, CS_JSON_CBOR, 4) == 0 || strcmp(name, CS_JSON_ENCODED) == 0)
			return false;
		for (size_t k = 0; k < i; k++)
			if (strcmp(rule->fields[k].name, name) == 0)
				return false;
	}
	return true;
}

static size_t
alternatives(const cs_rule *rule)
{
	size_t n = 0;

	if (rule->kind != CS_CHOICE)
		return 1;
	for (size_t i = 0; i < rule->choice_count; i++)
		n += alternatives(rule->choices[i]);
	return n;
}

static void
test_tables(const cs_rule *rule)
{
	if (rule == NULL)
		return;
	for (size_t i = 0; i < seen_count; i++)
		if (seen[i] == rule)
			return;
	seen[seen_count++] = rule;
	if (!names_apart(rule))
		CHECK(false, "%s: its members have names of their own", rule->name);
	if (alternatives(rule) > CS_JSON_ALTERNATIVES)
		CHECK(false, "%s: alternatives fit", rule->name);
	if (strcmp(rule->name, CS_JSON_BSTR) == 0 || strcmp(rule->name, CS_JSON_TSTR) == 0)
		CHECK(false, "%s: a rule has the name of an escape form", rule->name);
	test_tables(rule->of);
	test_tables(rule->key);
	for (size_t i = 0; i < rule->field_count; i++)
		test_tables(rule->fields[i].rule);
	for (size_t i = 0; i < rule->choice_count; i++)
		test_tables(rule->choices[i]);
}

static void
test_all_tables(void)
{
	static const char *const roots[] = { "coserv-any", "evidence", "ACS", "concise-ta-stores", "corim-cbor-collection", "signed-cbor-cmw",
		"rv-item", "ev-item", "evs-item", "key-item", "domain-item", "td-item" };

	test_tables(&cs_rule_corim_document);
	test_tables(&cs_rule_discovery);
	for (size_t i = 0; i < CS_LENGTH(roots); i++)
		test_tables(cs_rule_by_name(roots[i]));
	CHECK(seen_count > 200 && seen_count < CS_LENGTH(seen), "the tables keep their names apart (%zu rules)", seen_count);
}

/* ---- the corpus ---- */

static const char *corpus;
static uint8_t file_bytes[MAX_FILE];

static size_t
read_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	size_t len = file ? fread(file_bytes, 1, sizeof(file_bytes), file) : 0;

	if (file)
		fclose(file);
	return len;
}

static bool
is_signed(const uint8_t *data, size_t len)
{
	cs_item item = cs_item_at(data, len);

	while (cs_is_tag(&item, 500) || cs_is_tag(&item, 502))
		item = cs_tag_content(&item);
	return cs_is_tag(&item, 18) || cs_is_tag(&item, 98);
}

/* Also what the rule refuses goes there and back; only a key that is there twice has no JSON. */
static void
test_file(const char *path, const char *name, const cs_rule *rule, size_t *count)
{
	size_t len = read_file(path);
	cs_buf json, back, canonical;
	cs_item item;
	bool valid, ok;

	if (len == 0 || !cs_check(&ctx, file_bytes, len))
		return;
	item = cs_item_at(file_bytes, len);
	cs_buf_init(&json, &ctx);
	cs_buf_init(&back, &ctx);
	cs_buf_init(&canonical, &ctx);
	valid = cs_validate(&ctx, rule, file_bytes, len, true);
	if (!valid && !cs_deterministic(&ctx, &item, &canonical))
		return;
	canonical.len = 0;
	*count += valid;
	ok = cs_json_write(&ctx, rule, &item, &json) && cs_json_read(&ctx, rule, cs_buf_span(&json), &back) &&
		cs_deterministic(&ctx, &item, &canonical);
	if (is_signed(file_bytes, len))
		ok = CHECK(ok && back.len == len && memcmp(back.data, file_bytes, len) == 0, "%s to JSON and back byte for byte", name);
	else
		ok = CHECK(ok && cs_span_eq(cs_buf_span(&back), cs_buf_span(&canonical)), "%s to JSON and back%s", name,
			valid ? "" : " (though the rule refuses it)");
	if (!ok)
		show_error();
}

static void
test_folder(const char *folder, const char *rule)
{
	char path[1024];
	struct dirent *entry;
	DIR *dir;
	size_t count = 0;

	snprintf(path, sizeof(path), "%s/%s", corpus, folder);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)) != NULL)
	{
		if (strstr(entry->d_name, ".cbor") == NULL)
			continue;
		snprintf(path, sizeof(path), "%s/%s/%s", corpus, folder, entry->d_name);
		cs_arena_free(&arena);
		cs_arena_init(&arena, &ctx);
		test_file(path, entry->d_name, rule_of(rule), &count);
	}
	if (dir)
		closedir(dir);
	CHECK(count > 0, "the corpus has files in %s that are read (%zu)", folder, count);
}

static void
test_corpus(void)
{
	static const char *const folders[][2] = {
		{ "corim", "document" },
		{ "comid", "concise-mid-tag" },
		{ "coswid", "concise-swid-tag" },
		{ "cotl", "concise-tl-tag" },
		{ "coserv-query", "coserv-any" },
		{ "coserv-result", "coserv-any" },
		{ "signed", "document" },
	};
	DIR *dir;

	corpus = getenv("COSERV_CORPUS");
	if (corpus == NULL)
		corpus = DEFAULT_CORPUS;
	dir = opendir(corpus);
	if (dir == NULL)
	{
		printf("ok %d # SKIP no corpus at %s (COSERV_CORPUS names another place)\n", ++tap_run, corpus);
		return;
	}
	closedir(dir);
	for (size_t i = 0; i < CS_LENGTH(folders); i++)
		test_folder(folders[i][0], folders[i][1]);
}

int
main(void)
{
	cs_arena_init(&arena, &ctx);
	for (size_t i = 0; i < CS_LENGTH(vectors); i++)
		test_vector(&vectors[i]);
	for (size_t i = 0; i < CS_LENGTH(readings); i++)
		test_reading(&readings[i]);
	for (size_t i = 0; i < CS_LENGTH(bad); i++)
		test_bad(i);
	test_bounds();
	test_all_tables();
	test_corpus();
	cs_arena_free(&arena);
	return tap_done();
}
