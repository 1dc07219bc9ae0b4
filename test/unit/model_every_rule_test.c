/*
 * model_every_rule_test.c - each rule of the tables: an item made by it is taken, and that item broken in each way that the rule forbids
 * is refused with an error that says where, by which rule, and what was found. What only a check of its own forbids has vectors by hand
 * in the other tests.
 */
#include "model/corim.h"
#include "model/rules.h"

#include "tap.h"

#include <string.h>

#define DEPTH 24

static cs_arena arena;
static cs_ctx ctx;

/* Rules with a check that an item of required members alone does not pass, and one that does. */
static const struct
{
	const char *rule;
	const char *edn;
} by_hand[] = {
	{ "protected-corim-header-map", "{1: -7, 3: \"application/rim+cbor\", 15: {1: \"ACME\"}}" },
	{ "signed-coserv-protected-hdr", "{1: -7, 3: \"application/coserv+cbor\"}" },
	{ "media-type", "\"text/plain\"" },
	{ "version", "\"1.0.0\"" },
	{ "capability", "{1: \"text/plain\", 2: [\"source\"]}" },
	{ "api-endpoints", "{\"CoSERVRequestResponse\": \"/coserv/{query}\"}" },
	{ "query", "{0: 2, 1: {0: [[{1: \"ACME\"}]]}, 2: 0}" },
	{ "environment-selector-map", "{0: [[{1: \"ACME\"}]]}" },
	{ "results", "{0: [], 10: 0(\"2030-01-01T00:00:00Z\")}" },
	{ "evidence",
		"{\"environment\": {0: {1: \"ACME\"}}, \"element-list\": [{\"element-claims\": {1: 1}}], \"authority\": [560(h'00')], \"cmtype\": "
		"2}" },
	{ "corim-cbor-collection",
		"{\"__cmwc_t\": \"tag:ietf.org,2026:corim\", \"a\": [\"application/rim+cbor\", << 501({0: \"a\", 1: [999(0)]}) >>]}" },
};

static const cs_rule *const *const lists[] = { cs_rules_common, cs_rules_comid, cs_rules_measurement, cs_rules_corim, cs_rules_cose,
	cs_rules_coswid, cs_rules_cotl, cs_rules_cots, cs_rules_cmw, cs_rules_coserv, cs_rules_discovery, cs_rules_ect };

/* ---- an item of a rule ---- */

static void make(cs_buf *out, const cs_rule *rule, int depth);

static void
make_string(cs_buf *out, const cs_rule *rule, uint64_t size)
{
	static const char xs[2048] = "";
	char text[2048];

	memset(text, 'x', sizeof(text));
	if (rule->kind == CS_TEXT)
		cs_put_text(out, text, size);
	else
		cs_put_bytes(out, xs, size);
}

static const char *
by_hand_of(const cs_rule *rule)
{
	for (size_t i = 0; i < CS_LENGTH(by_hand); i++)
		if (strcmp(by_hand[i].rule, rule->name) == 0)
			return by_hand[i].edn;
	return NULL;
}

static void
make_embedded(cs_buf *out, const cs_rule *rule, int depth)
{
	cs_buf inner;

	cs_buf_init(&inner, &ctx);
	make(&inner, rule->of, depth);
	cs_put_bytes(out, inner.data, inner.len);
}

static void
put_key(cs_buf *out, const cs_field *field)
{
	if (field->text)
		cs_put_cstr(out, field->text);
	else
		cs_put_int(out, field->key);
}

static bool
is_made(const cs_rule *rule, size_t i)
{
	size_t required = 0;

	for (size_t j = 0; j < rule->field_count; j++)
		required += !rule->fields[j].optional;
	return !rule->fields[i].optional || (required == 0 && rule->non_empty && i == 0);
}

/* leave: a required member that is left out, SIZE_MAX none; extra: one unknown is added; twice: the first comes again. */
static void
make_struct(cs_buf *out, const cs_rule *rule, size_t leave, bool extra, bool twice, int depth)
{
	uint64_t count = 0;

	for (size_t i = 0; i < rule->field_count; i++)
		count += is_made(rule, i) && i != leave;
	cs_put_map(out, count + extra + twice);
	for (size_t i = 0; i < rule->field_count; i++)
	{
		if (!is_made(rule, i) || i == leave)
			continue;
		for (int n = 0; n < 1 + twice; n++)
		{
			put_key(out, &rule->fields[i]);
			make(out, rule->fields[i].rule, depth);
		}
		twice = false;
	}
	if (extra)
	{
		cs_put_int(out, 32767);
		cs_put_null(out);
	}
}

static void
make_array(cs_buf *out, const cs_rule *rule, uint64_t count, int depth)
{
	cs_put_array(out, count);
	for (uint64_t i = 0; i < count; i++)
		make(out, rule->kind == CS_LIST ? rule->of : i < rule->field_count ? rule->fields[i].rule : &cs_rule_null, depth);
}

static size_t
required_fields(const cs_rule *rule)
{
	size_t n = 0;

	for (size_t i = 0; i < rule->field_count; i++)
		if (!rule->fields[i].optional)
			n = i + 1;
	return n;
}

static uint64_t
least(const cs_rule *rule)
{
	return rule->min > 0 ? (uint64_t) rule->min : 0;
}

static const cs_rule *
alternative(const cs_rule *rule)
{
	for (size_t i = 0; i < rule->choice_count; i++)
		if (!rule->choices[i]->legacy)
			return rule->choices[i];
	return rule->choices[0];
}

static void
make_table(cs_buf *out, const cs_rule *rule, int depth)
{
	cs_put_map(out, least(rule));
	for (uint64_t i = 0; i < least(rule); i++)
	{
		cs_put_int(out, (int64_t) i);
		make(out, rule->of, depth);
	}
}

static void
make(cs_buf *out, const cs_rule *rule, int depth)
{
	const char *edn = by_hand_of(rule);

	if (depth == 0 || !cs_buf_ok(out))
		return;
	if (edn != NULL)
	{
		CHECK(cs_edn_parse(&ctx, edn, strlen(edn), out), "EDN of %s", rule->name);
		return;
	}
	switch (rule->kind)
	{
		case CS_ANY:
		case CS_NUMBER:
			cs_put_int(out, 1);
			break;
		case CS_INTEGER:
			cs_put_int(out, rule->min > 0 ? rule->min : rule->max < 0 ? rule->max : 0);
			break;
		case CS_BYTES:
			if (rule->of)
				make_embedded(out, rule, depth - 1);
			else
				make_string(out, rule, least(rule));
			break;
		case CS_TEXT:
			if (rule->literal)
				cs_put_cstr(out, rule->literal);
			else
				make_string(out, rule, least(rule));
			break;
		case CS_BOOL:
			cs_put_bool(out, true);
			break;
		case CS_NULL:
			cs_put_null(out);
			break;
		case CS_TIME:
			cs_put_tag(out, rule->tag);
			if (rule->tag == 0)
				cs_put_cstr(out, "2030-01-01T00:00:00Z");
			else
				cs_put_int(out, 1893456000);
			break;
		case CS_TAGGED:
			cs_put_tag(out, rule->tag);
			make(out, rule->of, depth - 1);
			break;
		case CS_CHOICE:
			make(out, alternative(rule), depth - 1);
			break;
		case CS_RECORD:
		case CS_SEQUENCE:
			make_array(out, rule, required_fields(rule), depth - 1);
			break;
		case CS_LIST:
			make_array(out, rule, least(rule), depth - 1);
			break;
		case CS_STRUCT:
			make_struct(out, rule, SIZE_MAX, false, false, depth - 1);
			break;
		case CS_TABLE:
			make_table(out, rule, depth - 1);
			break;
	}
}

/* ---- taken and refused ---- */

static bool
takes(const cs_rule *rule, const cs_buf *bytes)
{
	memset(&ctx.error, 0, sizeof(ctx.error));
	return cs_buf_ok(bytes) && cs_validate(&ctx, rule, bytes->data, bytes->len, true);
}

static void
refuses(const cs_rule *rule, const cs_buf *bytes, const char *how)
{
	bool ok = takes(rule, bytes);

	CHECK(!ok && (ctx.error.code == CS_INVALID || ctx.error.code == CS_UNSUPPORTED) && ctx.error.path[0] && ctx.error.rule[0] &&
			ctx.error.found[0] && ctx.error.message[0] && ctx.error.has_offset,
		"%s refuses %s", rule->name, how);
	if (ok)
		printf("# taken\n");
	else if (ctx.error.code != CS_INVALID || !ctx.error.path[0] || !ctx.error.rule[0] || !ctx.error.found[0])
		printf("# %s at %s, rule %s, found %s\n", ctx.error.message, ctx.error.path, ctx.error.rule, ctx.error.found);
}

static cs_buf
fresh(void)
{
	cs_buf buf;

	cs_buf_init(&buf, &ctx);
	return buf;
}

static void
break_integer(const cs_rule *rule)
{
	cs_buf below = fresh(), above = fresh();

	if (rule->min != INT64_MIN)
	{
		cs_put_int(&below, rule->min - 1);
		refuses(rule, &below, "an integer below its minimum");
	}
	if (rule->max != INT64_MAX)
	{
		cs_put_int(&above, rule->max + 1);
		refuses(rule, &above, "an integer above its maximum");
	}
}

static void
break_string(const cs_rule *rule)
{
	cs_buf shorter = fresh(), longer = fresh(), other = fresh();

	if (rule->literal)
	{
		cs_put_cstr(&other, "something else");
		refuses(rule, &other, "another text");
	}
	if (least(rule) > 0)
	{
		make_string(&shorter, rule, least(rule) - 1);
		refuses(rule, &shorter, "a string that is too short");
	}
	if (rule->max >= 0 && rule->max < 2048)
	{
		make_string(&longer, rule, (uint64_t) rule->max + 1);
		refuses(rule, &longer, "a string that is too long");
	}
	if (rule->of)
	{
		cs_put_bytes(&other, "\xff", 1);
		refuses(rule, &other, "bytes that are no CBOR");
	}
}

static void
break_array(const cs_rule *rule)
{
	uint64_t few = rule->kind == CS_LIST ? least(rule) : required_fields(rule);
	cs_buf shorter = fresh(), longer = fresh();

	if (few > 0)
	{
		make_array(&shorter, rule, few - 1, DEPTH);
		refuses(rule, &shorter, "an array that is too short");
	}
	if (rule->kind != CS_LIST ? !rule->extensible : rule->max >= 0)
	{
		make_array(&longer, rule, rule->kind == CS_LIST ? (uint64_t) rule->max + 1 : rule->field_count + 1, DEPTH);
		refuses(rule, &longer, "an array that is too long");
	}
}

static void
break_map(const cs_rule *rule)
{
	cs_buf extra = fresh(), twice = fresh(), empty = fresh();

	for (size_t i = 0; rule->kind == CS_STRUCT && i < rule->field_count; i++)
	{
		cs_buf without = fresh();

		if (rule->fields[i].optional)
			continue;
		make_struct(&without, rule, i, false, false, DEPTH);
		refuses(rule, &without, rule->fields[i].name);
	}
	if (rule->kind == CS_STRUCT && !rule->extensible)
	{
		make_struct(&extra, rule, SIZE_MAX, true, false, DEPTH);
		refuses(rule, &extra, "a member that it does not have");
	}
	if (rule->kind == CS_STRUCT && (required_fields(rule) > 0 || rule->non_empty))
	{
		make_struct(&twice, rule, SIZE_MAX, false, true, DEPTH);
		refuses(rule, &twice, "a key twice");
	}
	if (rule->kind == CS_TABLE ? rule->min > 0 : rule->non_empty)
	{
		cs_put_map(&empty, 0);
		refuses(rule, &empty, "an empty map");
	}
}

/* A simple value that no rule but any knows, and another tag than the one that is wanted. */
static void
break_type(const cs_rule *rule)
{
	cs_buf simple = fresh(), tagged = fresh();

	cs_put_raw(&simple, "\xf0", 1);
	if (rule->kind != CS_ANY)
		refuses(rule, &simple, "another type");
	if (rule->kind == CS_TAGGED)
	{
		cs_put_tag(&tagged, 60999);
		make(&tagged, rule->of, DEPTH);
		refuses(rule, &tagged, "another tag");
	}
}

static void
test_rule(const cs_rule *rule)
{
	cs_buf good = fresh();

	make(&good, rule, DEPTH);
	if (!CHECK(takes(rule, &good), "%s takes what is made by it", rule->name))
		printf("# %s at %s, rule %s, found %s\n", ctx.error.message, ctx.error.path, ctx.error.rule, ctx.error.found);
	break_type(rule);
	switch (rule->kind)
	{
		case CS_INTEGER:
			break_integer(rule);
			break;
		case CS_BYTES:
		case CS_TEXT:
			break_string(rule);
			break;
		case CS_RECORD:
		case CS_SEQUENCE:
		case CS_LIST:
			break_array(rule);
			break;
		case CS_STRUCT:
		case CS_TABLE:
			break_map(rule);
			break;
		default:
			break;
	}
}

int
main(void)
{
	cs_arena_init(&arena, &ctx);
	for (size_t i = 0; i < CS_LENGTH(lists); i++)
		for (const cs_rule *const *rule = lists[i]; *rule; rule++)
			test_rule(*rule);
	cs_arena_free(&arena);
	return tap_done();
}
