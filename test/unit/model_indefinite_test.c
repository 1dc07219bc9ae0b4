/*
 * model_indefinite_test.c - a walk says the same of a document whatever the lengths are written like: each vector twice in a list, with
 * arrays, maps and the byte strings that hold CBOR of definite and of indefinite length, one kind of them or all.
 */
#include "model/schema_walk.h"

#include "model_corim_vectors.h"
#include "tap.h"

#include <string.h>

static cs_arena arena;
static cs_ctx ctx;

typedef enum form
{
	ARRAYS = 1,
	MAPS = 2,
	EMBEDDED = 4,
	ALL = 7
} form;

static void rewrite(const cs_item *item, int forms, cs_buf *out);

static void
rewrite_children(const cs_item *item, int forms, cs_buf *out)
{
	cs_iter it = cs_iterate(item);
	cs_item child;

	while (cs_next(&it, &child))
		rewrite(&child, forms, out);
	cs_put_byte(out, 0xff);
}

/* In two chunks. */
static void
rewrite_embedded(const cs_item *content, int forms, cs_buf *out)
{
	cs_buf bytes;

	cs_buf_init(&bytes, &ctx);
	rewrite(content, forms, &bytes);
	if (!(forms & EMBEDDED))
	{
		cs_put_bytes(out, bytes.data, bytes.len);
		return;
	}
	cs_put_byte(out, 0x5f);
	cs_put_bytes(out, bytes.data, 1);
	cs_put_bytes(out, bytes.data + 1, bytes.len - 1);
	cs_put_byte(out, 0xff);
}

static void
rewrite(const cs_item *item, int forms, cs_buf *out)
{
	cs_ctx sub = ctx;
	cs_iter it = cs_iterate(item);
	cs_item child;

	if (cs_is(item, CS_ARRAY) && (forms & ARRAYS))
	{
		cs_put_byte(out, 0x9f);
		rewrite_children(item, forms, out);
	}
	else if (cs_is(item, CS_MAP) && (forms & MAPS))
	{
		cs_put_byte(out, 0xbf);
		rewrite_children(item, forms, out);
	}
	else if (cs_is(item, CS_BSTR) && !item->indefinite && cs_check(&sub, item->content, (size_t) item->arg) && *item->content >= 0x80)
	{
		child = cs_item_at(item->content, (size_t) item->arg);
		rewrite_embedded(&child, forms, out);
	}
	else if (item->major >= CS_ARRAY && item->major <= CS_TAG && !item->indefinite)
	{
		cs_put_raw(out, item->p, (size_t) (item->content - item->p));
		while (cs_next(&it, &child))
			rewrite(&child, forms, out);
	}
	else
		cs_put_item(out, item);
}

typedef struct seen
{
	cs_buf events; /* each with its path */
	cs_error error;
	bool ok;
} seen;

static bool
record(cs_walk *walk, cs_event event, const cs_rule *rule, const char *name, const cs_item *item)
{
	seen *s = walk->data;
	char path[CS_PATH_MAX];

	cs_walk_path(walk, path, sizeof(path));
	cs_put_fmt(&s->events, "%d %s %s %s %d", event, path, rule->name, name ? name : "-", item->major);
	if (event == CS_FAULT)
		cs_put_fmt(&s->events, " %s: %s", walk->ctx->error.path, walk->ctx->error.message);
	cs_put_byte(&s->events, '\n');
	return true;
}

/* What a walk sees of [item, item]. */
static void
walk_twice(const cs_rule *rule, const cs_item *item, int forms, bool all_faults, seen *out)
{
	cs_rule list = { .name = "list", .kind = CS_LIST, .max = -1, .of = rule };
	cs_walk walk = { .ctx = &ctx, .visit = record, .data = out, .accept_legacy = true, .all_faults = all_faults };
	cs_buf buf;
	cs_item root;

	cs_buf_init(&out->events, &ctx);
	cs_buf_init(&buf, &ctx);
	cs_put_byte(&buf, forms & ARRAYS ? 0x9f : 0x82);
	rewrite(item, forms, &buf);
	rewrite(item, forms, &buf);
	if (forms & ARRAYS)
		cs_put_byte(&buf, 0xff);
	if (!cs_check(&ctx, buf.data, buf.len))
		CHECK(false, "rewritten: %s", ctx.error.message);
	ctx.error = (cs_error) { .code = CS_OK };
	root = cs_item_at(buf.data, buf.len);
	out->ok = cs_walk_rule(&walk, &list, &root);
	out->error = ctx.error;
}

static void
test_vector(const vector *v, const cs_item *item, bool all_faults)
{
	static const int forms_of[] = { ARRAYS, MAPS, EMBEDDED, ALL };
	const cs_rule *rule = cs_rule_by_name(v->rule);
	seen definite, other;

	walk_twice(rule, item, 0, all_faults, &definite);
	CHECK(definite.ok == (v->message == NULL), "%s %s: %s", v->rule, v->edn, definite.ok ? "taken twice" : definite.error.path);
	for (size_t i = 0; i < CS_LENGTH(forms_of); i++)
	{
		int forms = forms_of[i];

		/* A protected header is asked for a hash envelope's member (258) before anything is allocated: not in chunks. */
		if ((forms & EMBEDDED) && strstr(v->edn, "258: "))
			continue;
		walk_twice(rule, item, forms, all_faults, &other);
		CHECK(other.ok == definite.ok && strcmp(other.error.path, definite.error.path) == 0 &&
				strcmp(other.error.message, definite.error.message) == 0 &&
				cs_span_eq(cs_buf_span(&other.events), cs_buf_span(&definite.events)),
			"  the same in form %d%s", forms, all_faults ? ", all faults" : "");
	}
}

int
main(void)
{
	for (size_t i = 0; i < CS_LENGTH(vectors); i++)
	{
		const vector *v = &vectors[i];
		cs_buf buf;
		cs_item item;

		cs_arena_init(&arena, &ctx);
		cs_buf_init(&buf, &ctx);
		if (CHECK(cs_edn_parse(&ctx, v->edn, strlen(v->edn), &buf), "%s", v->edn))
		{
			item = cs_item_at(buf.data, buf.len);
			test_vector(v, &item, false);
			test_vector(v, &item, true);
		}
		cs_arena_free(&arena);
	}
	return tap_done();
}
