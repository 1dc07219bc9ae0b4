/* model_schema_test.c - the walker and the tables of CoRIM and CoMID, by vectors and by what a visitor sees. */
#include "model/schema_walk.h"

#include "model_corim_vectors.h"
#include "tap.h"

#include <string.h>

static cs_arena arena;
static cs_ctx ctx;

static bool
parse(const char *edn, cs_item *item)
{
	cs_buf buf;

	cs_buf_init(&buf, &ctx);
	if (!cs_edn_parse(&ctx, edn, strlen(edn), &buf) || !cs_check(&ctx, buf.data, buf.len))
	{
		printf("# %s: %s\n", edn, ctx.error.message);
		return false;
	}
	*item = cs_item_at(buf.data, buf.len);
	return true;
}

/* "a|b" is met by either. */
static bool
has(const char *text, const char *part)
{
	const char *bar = strchr(part, '|');
	char first[256];

	if (bar == NULL)
		return strstr(text, part) != NULL;
	snprintf(first, sizeof(first), "%.*s", (int) (bar - part), part);
	return strstr(text, first) != NULL || has(text, bar + 1);
}

/* What a visitor saw, one word an event. */
typedef struct log
{
	char text[4096];
	const char *legacy;
	int faults;
	int stop_after;
} event_log;

static bool
record(cs_walk *walk, cs_event event, const cs_rule *rule, const char *name, const cs_item *item)
{
	static const char *const events[] = { "enter", "leave", "unknown", "legacy", "fault" };
	event_log *seen = walk->data;
	size_t len = strlen(seen->text);
	char path[CS_PATH_MAX];

	(void) item;
	if (event == CS_LEGACY)
		seen->legacy = name;
	seen->faults += event == CS_FAULT;
	cs_walk_path(walk, path, sizeof(path));
	if (event >= CS_UNKNOWN)
		snprintf(seen->text + len, sizeof(seen->text) - len, "%s %s %s; ", events[event], path, event == CS_LEGACY ? name : rule->name);
	if (seen->stop_after > 0 && --seen->stop_after == 0)
		return cs_fail(walk->ctx, CS_UNSUPPORTED, "stopped");
	return true;
}

static bool
walk(const cs_rule *rule, const cs_item *item, bool accept_legacy, bool all_faults, event_log *seen)
{
	cs_walk w = { .ctx = &ctx, .visit = record, .data = seen, .accept_legacy = accept_legacy, .all_faults = all_faults };
	int stop_after = seen->stop_after;

	*seen = (event_log) { .stop_after = stop_after };
	return cs_walk_rule(&w, rule, item);
}

static void
check_good(const vector *v, const cs_rule *rule, const cs_item *item)
{
	event_log seen = { 0 };

	CHECK(walk(rule, item, true, false, &seen), "%s takes %s%s%s", v->rule, v->edn, ctx.error.message[0] ? "" : "", "");
	if (v->legacy == NULL)
	{
		CHECK(seen.legacy == NULL, "  no legacy form in it");
		CHECK(walk(rule, item, false, false, &seen), "  with legacy forms off too");
		return;
	}
	CHECK(seen.legacy != NULL && strcmp(seen.legacy, v->legacy) == 0, "  as legacy form %s", v->legacy);
	CHECK(!walk(rule, item, false, false, &seen) && ctx.error.code == CS_LEGACY_REFUSED && has(ctx.error.message, v->legacy),
		"  refused with legacy forms off");
}

static void
check_bad(const vector *v, const cs_rule *rule, const cs_item *item)
{
	event_log seen = { 0 };
	bool ok = walk(rule, item, true, false, &seen);
	bool right = !ok && ctx.error.code == CS_INVALID && has(ctx.error.message, v->message) && strcmp(ctx.error.path, v->path) == 0 &&
		strcmp(ctx.error.rule, v->broken) == 0 && has(ctx.error.found, v->found) && ctx.error.has_offset;

	CHECK(right, "%s refuses %s", v->rule, v->edn);
	if (!right)
		printf("# %s: \"%s\" at \"%s\" rule \"%s\" found \"%s\"\n", ok ? "taken" : cs_code_name(ctx.error.code), ctx.error.message,
			ctx.error.path, ctx.error.rule, ctx.error.found);
	CHECK(!walk(rule, item, true, true, &seen) && seen.faults >= 1, "  and tells all faults");
}

static void
test_vectors(void)
{
	for (size_t i = 0; i < CS_LENGTH(vectors); i++)
	{
		const vector *v = &vectors[i];
		const cs_rule *rule = cs_rule_by_name(v->rule);
		cs_item item;

		cs_arena_init(&arena, &ctx);
		if (CHECK(rule != NULL, "there is a rule %s", v->rule) && parse(v->edn, &item))
		{
			if (v->message == NULL)
				check_good(v, rule, &item);
			else
				check_bad(v, rule, &item);
		}
		cs_arena_free(&arena);
	}
}

/* Every rule of these tables has a vector of each kind; nothing breaks "any". */
static void
test_coverage(const cs_rule *const *list)
{
	for (; *list; list++)
	{
		int good = 0, bad = 0;

		for (size_t i = 0; i < CS_LENGTH(vectors); i++)
			if (strcmp(vectors[i].rule, (*list)->name) == 0)
				*(vectors[i].message ? &bad : &good) += 1;
		CHECK(good > 0 && (bad > 0 || (*list)->kind == CS_ANY), "%s has vectors that keep and that break it", (*list)->name);
		CHECK((*list)->field_count <= CS_MAX_FIELDS, "%s is within the walker's bound", (*list)->name);
		CHECK((*list)->section != NULL, "%s names its section", (*list)->name);
	}
}

static void
test_all_faults(void)
{
	cs_item item;
	event_log seen = { 0 };

	cs_arena_init(&arena, &ctx);
	if (parse(
			"{0: 5, 1: [506(<<{1: {}, 4: {0: [[{}, []], " REF ", [" ENV ", [{1: {8: 1, 11: 2}}]]]}}>>), 7], 4: {0: 1(2), 1: 1(1)}}", &item))
	{
		CHECK(!walk(&cs_rule_corim_map, &item, true, true, &seen), "faults make the walk fail");
		CHECK(seen.faults == 8, "all eight faults are told, got %d", seen.faults);
		CHECK(strcmp(ctx.error.path, "corim-map.id") == 0, "the error is the first of them");
		CHECK(has(seen.text, "fault corim-map.tags[0].concise-mid-tag.tag-identity tag-identity-map; "), "an identity without id");
		CHECK(has(seen.text, "reference-triples[0].ref-claims "), "an empty list");
		CHECK(has(seen.text, "reference-triples[2].ref-claims[0].mval.name "), "both faults of one map");
		CHECK(has(seen.text, "fault corim-map.rim-validity validity-map; "), "and what lies behind");
	}
	cs_arena_free(&arena);
}

static void
test_events(void)
{
	cs_item item;
	event_log seen = { 0 };

	cs_arena_init(&arena, &ctx);
	if (parse("{0: \"id\", 1: [999(1), 506(<<{1: {0: \"id\"}, 4: {0: [[{1: 565(1)}, [{1: {-72: 1, 3: {-1: 0}}}]]], 77: 0}}>>)], \"x\": 1}",
			&item))
	{
		CHECK(walk(&cs_rule_corim_map, &item, false, false, &seen), "unknown members and tags are kept");
		CHECK(strcmp(seen.text,
				  "unknown corim-map.tags[0] concise-tag-type-choice; "
				  "unknown corim-map.tags[1].concise-mid-tag.triples.reference-triples[0].ref-env.instance instance-id-type-choice; "
				  "unknown corim-map.tags[1].concise-mid-tag.triples.reference-triples[0].ref-claims[0].mval[-72] measurement-values-map; "
				  "unknown corim-map.tags[1].concise-mid-tag.triples.reference-triples[0].ref-claims[0].mval.flags[-1] flags-map; "
				  "unknown corim-map.tags[1].concise-mid-tag.triples[77] triples-map; "
				  "unknown corim-map[\"x\"] corim-map; ") == 0,
			"and told, each with its path");
		seen.stop_after = 3;
		CHECK(!walk(&cs_rule_corim_map, &item, false, false, &seen) && ctx.error.code == CS_UNSUPPORTED, "a visitor can stop the walk");
	}
	cs_arena_free(&arena);
}

static void
test_offsets(void)
{
	cs_item item;
	event_log seen = { 0 };

	cs_arena_init(&arena, &ctx);
	if (parse("{0: \"id\", 1: [506(h'a1 01 a1 00 05')]}", &item))
	{
		CHECK(!walk(&cs_rule_corim_map, &item, true, false, &seen), "a fault in embedded CBOR");
		/* a2 00 62 'i' 'd' 01 81 d9 01fa 45 | a1 01 a1 00 05 */
		CHECK(ctx.error.has_offset && ctx.error.offset == 15, "offset counts from the document's start, got %zu", ctx.error.offset);
	}
	if (parse("{0: \"id\", 1: [506((_ h'a101', h'a10005'))]}", &item))
	{
		CHECK(!walk(&cs_rule_corim_map, &item, true, false, &seen), "a fault in embedded CBOR that came in chunks");
		CHECK(ctx.error.has_offset && ctx.error.offset == 10, "offset is that of the string, got %zu", ctx.error.offset);
	}
	cs_arena_free(&arena);
}

static void
test_bounds(void)
{
	char edn[2048] = "";
	cs_item item;
	event_log seen = { 0 };
	cs_buf buf;

	/* CoRIM in a signed CoRIM is as deep as its levels together. */
	cs_arena_init(&arena, &ctx);
	snprintf(edn, sizeof(edn), "18([" HEADER ", {}, <<501(" CORIM ")>>, h'00'])");
	if (parse(edn, &item))
	{
		ctx.limits.max_depth = 12;
		CHECK(!walk(&cs_rule_corim_document, &item, true, false, &seen) && ctx.error.code == CS_LIMIT,
			"embedded CBOR counts towards the depth");
		ctx.limits.max_depth = 64;
		CHECK(walk(&cs_rule_corim_document, &item, true, false, &seen), "and passes within it");
	}
	/* Many keys in no order, one of them twice in another width. */
	cs_buf_init(&buf, &ctx);
	cs_put_map(&buf, 20001);
	for (int i = 20000; i > 0; i--)
	{
		cs_put_int(&buf, -i);
		cs_put_uint(&buf, 0);
	}
	cs_put_raw(&buf, "\x3b\0\0\0\0\0\0\0\x05\x00", 10);
	item = cs_item_at(buf.data, buf.len);
	CHECK(cs_check(&ctx, buf.data, buf.len) && !walk(&cs_rule_measurement_values_map, &item, true, false, &seen) &&
			has(ctx.error.message, "duplicate map key -6") && ctx.error.offset == buf.len - 10,
		"a duplicate among many keys, in another encoding");
	cs_arena_free(&arena);
}

static void
test_notes(void)
{
	cs_item item;
	cs_buf out;
	cs_edn_notes notes = cs_rule_notes(&cs_rule_corim_document);
	cs_edn_style style = { false, &notes };
	const char *expected =
		"501({/ id / 0: \"id\", / tags / 1: [506(<< / concise-mid-tag / {/ tag-identity / 1: {/ tag-id / 0: \"id\"}, "
		"/ entities / 2: [{/ entity-name / 0: \"A\", / role / 2: [1 / creator /]}], / triples / 4: {/ reference-triples / 0: "
		"[[/ ref-env / {/ class / 0: {/ vendor / 1: \"ACME\"}}, / ref-claims / [{/ mval / 1: {/ svn / 1: 552(1), -72: 5}}]]]}} >>)]})";

	cs_arena_init(&arena, &ctx);
	cs_buf_init(&out, &ctx);
	if (parse("501({0: \"id\", 1: [506(<<{1: {0: \"id\"}, 2: [{0: \"A\", 2: [1]}], 4: {0: [[" ENV ", [{1: {1: 552(1), -72: 5}}]]]}}>>)]})",
			&item) &&
		CHECK(cs_edn_print(&ctx, &item, &style, &out), "annotated notation"))
	{
		bool same = out.len == strlen(expected) && memcmp(out.data, expected, out.len) == 0;

		CHECK(same, "names what the tables know");
		if (!same)
			printf("# %.*s\n", (int) out.len, (const char *) out.data);
	}
	cs_arena_free(&arena);
}

/* ---- doc/legacy.md explains every name that the tables have ---- */

static const cs_rule *walked[1024];
static size_t walked_count;
static char document[65536];

static void
check_documented(const cs_rule *rule)
{
	char row[80];

	for (size_t i = 0; i < walked_count; i++)
		if (walked[i] == rule)
			return;
	if (walked_count == CS_LENGTH(walked))
		return;
	walked[walked_count++] = rule;
	snprintf(row, sizeof(row), "\n| `%s` |", rule->legacy ? rule->legacy : "");
	if (rule->legacy)
		CHECK(strstr(document, row), "doc/legacy.md has %s (%s)", rule->legacy, rule->name);
	if (rule->of)
		check_documented(rule->of);
	if (rule->key)
		check_documented(rule->key);
	for (size_t i = 0; i < rule->field_count; i++)
		check_documented(rule->fields[i].rule);
	for (size_t i = 0; i < rule->choice_count; i++)
		check_documented(rule->choices[i]);
}

static void
test_documented(void)
{
	static const char *const places[] = { "../../doc/legacy.md", "doc/legacy.md", "../../../doc/legacy.md" };
	FILE *file = NULL;

	for (size_t i = 0; file == NULL && i < CS_LENGTH(places); i++)
		file = fopen(places[i], "r");
	if (!CHECK(file != NULL, "doc/legacy.md is there"))
		return;
	document[fread(document, 1, sizeof(document) - 1, file)] = '\0';
	fclose(file);
	check_documented(&cs_rule_corim_document);
	CHECK(walked_count > 100 && walked_count < CS_LENGTH(walked), "all tables were walked (%zu rules)", walked_count);
}

int
main(void)
{
	test_documented();
	test_vectors();
	test_coverage(cs_rules_common);
	test_coverage(cs_rules_comid);
	test_coverage(cs_rules_measurement);
	test_coverage(cs_rules_corim);
	test_all_faults();
	test_events();
	test_offsets();
	test_bounds();
	test_notes();
	CHECK(cs_rule_by_name("no-such-rule") == NULL, "an unknown name has no rule");
	CHECK(cs_rule_triple(10) == &cs_rule_conditional_endorsement_triple_record && cs_rule_triple(7) == NULL, "triples by their key");
	return tap_done();
}
