/*
 * diff.c - diff: what one CoRIM says that another does not. What it says is its id, profile and validity, its tags, and its triples by tag,
 * kind and environment; of reference and endorsed values each measurement by its mkey. Neither order nor encoding matters, as everything is
 * compared in deterministic encoding; a signature is no part of what is said.
 */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

#include "document/document.h"
#include "match/match.h"

/* One statement: said is what is compared among those of one subject, and subject is what it is about. */
typedef struct cs_statement
{
	cs_span subject; /* deterministic: [tag id, kind, environment, mkey or null], or text of a document's own member */
	cs_span said;
	const cs_rule *rule; /* of said; NULL: by none */
} cs_statement;

typedef struct cs_saying
{
	cs_ctx *ctx;
	const cs_corim *corim;
	cs_statement *statements;
	size_t count;
	size_t room;
} cs_saying;

static bool
add(cs_saying *all, const cs_buf *subject, const cs_buf *said, const cs_rule *rule)
{
	if (!cs_buf_ok(subject) || !cs_buf_ok(said))
		return false;
	if (all->count == all->room)
	{
		size_t room = all->room * 2 + 16;
		cs_statement *more = cs_resize(all->ctx, all->statements, all->room, room, sizeof(cs_statement));

		if (more == NULL)
			return false;
		all->statements = more;
		all->room = room;
	}
	all->statements[all->count++] = (cs_statement) { cs_buf_span(subject), cs_buf_span(said), rule };
	return true;
}

/* [tag id, kind, environment, mkey] */
static bool
put_subject(cs_saying *all, const cs_triple *triple, const cs_item *mkey, cs_buf *out)
{
	const cs_tag *tag = &all->corim->tags[triple->tag];

	cs_buf_init(out, all->ctx);
	cs_put_array(out, 4);
	if (!tag->has_id)
		cs_put_null(out);
	else if (!cs_deterministic(all->ctx, &tag->tag_id, out))
		return false;
	cs_put_int(out, triple->kind);
	if (!triple->has_environment)
		cs_put_null(out);
	else if (!cs_env_canonical(all->ctx, &triple->environment, out))
		return false;
	if (mkey == NULL)
		cs_put_null(out);
	else if (!cs_deterministic(all->ctx, mkey, out))
		return false;
	return cs_buf_ok(out);
}

/* Each measurement of a reference or endorsed triple by itself. */
static bool
add_measurements(cs_saying *all, const cs_triple *triple, const cs_item *measurements)
{
	cs_iter it = cs_iterate(measurements);
	cs_item measurement, mkey;

	while (cs_next(&it, &measurement))
	{
		cs_buf subject, said;

		cs_buf_init(&said, all->ctx);
		if (!put_subject(all, triple, cs_map_get(&measurement, 0, &mkey) ? &mkey : NULL, &subject) ||
			!cs_deterministic(all->ctx, &measurement, &said) || !add(all, &subject, &said, &cs_rule_measurement_map))
			return false;
	}
	return true;
}

static bool
add_triple(cs_ctx *ctx, const cs_triple *triple, void *data)
{
	cs_saying *all = data;
	cs_item measurements;
	cs_buf subject, said;

	if ((triple->kind == CS_TRIPLE_REFERENCE || triple->kind == CS_TRIPLE_ENDORSED) && cs_array_get(&triple->record, 1, &measurements) &&
		cs_is(&measurements, CS_ARRAY))
		return add_measurements(all, triple, &measurements);
	cs_buf_init(&said, ctx);
	return put_subject(all, triple, NULL, &subject) && cs_deterministic(ctx, &triple->record, &said) &&
		add(all, &subject, &said, cs_rule_triple(triple->kind));
}

/* A member of the corim-map, or of a tag, that is no triple. */
static bool
add_member(cs_saying *all, const char *name, const cs_item *of, int64_t key, const cs_rule *rule)
{
	const cs_field *field = cs_rule_member(rule, key);
	cs_buf subject, said;
	cs_item value;

	if (!cs_map_get(of, key, &value))
		return true;
	cs_buf_init(&subject, all->ctx);
	cs_buf_init(&said, all->ctx);
	cs_put_cstr(&subject, name);
	return cs_deterministic(all->ctx, &value, &said) && add(all, &subject, &said, field != NULL ? field->rule : NULL);
}

/* A tag that holds no triples is compared whole. */
static bool
add_tag(cs_saying *all, const cs_tag *tag)
{
	cs_buf subject, said;

	cs_buf_init(&subject, all->ctx);
	cs_buf_init(&said, all->ctx);
	cs_put_array(&subject, 2);
	cs_put_cstr(&subject, cs_tag_kind_name(tag->kind));
	if (!tag->has_id)
		cs_put_null(&subject);
	else if (!cs_deterministic(all->ctx, &tag->tag_id, &subject))
		return false;
	if (tag->kind == CS_TAG_COMID)
		cs_put_uint(&said, tag->has_tag_version ? tag->tag_version.arg : 0); /* a uint, as the rule of a CoMID has it */
	else if (!cs_deterministic(all->ctx, &tag->content, &said))
		return false;
	return add(all, &subject, &said,
		tag->kind == CS_TAG_COSWID	   ? &cs_rule_concise_swid_tag
			: tag->kind == CS_TAG_COTL ? &cs_rule_concise_tl_tag
									   : NULL);
}

static int
by_meaning(const void *left, const void *right)
{
	const cs_statement *a = left, *b = right;
	size_t least = a->subject.len < b->subject.len ? a->subject.len : b->subject.len;
	int order = memcmp(a->subject.data, b->subject.data, least);

	if (order != 0 || a->subject.len != b->subject.len)
		return order != 0 ? order : a->subject.len < b->subject.len ? -1 : 1;
	least = a->said.len < b->said.len ? a->said.len : b->said.len;
	order = memcmp(a->said.data, b->said.data, least);
	return order != 0 ? order : (a->said.len > b->said.len) - (a->said.len < b->said.len);
}

static int
read_saying(cs_cli *cli, const char *file, cs_saying *all)
{
	static const struct
	{
		const char *name;
		int64_t key;
	} members[] = { { "id", 0 }, { "dependent-rims", 2 }, { "profile", 3 }, { "rim-validity", 4 }, { "entities", 5 } };
	cs_verified *opened = cs_alloc(&cli->ctx, 1, sizeof(cs_verified));
	cs_span written, document;
	bool ok = opened != NULL;

	*all = (cs_saying) { .ctx = &cli->ctx };
	if (!cli_read_file(cli, file, &written))
		return CLI_TROUBLE;
	if (!ok || !cli_document(cli, written, &document) || !cs_open_document(&cli->ctx, document, true, opened))
		return cli_refuse(cli, file, "CoRIM");
	all->corim = &opened->corim;
	for (size_t i = 0; ok && i < sizeof(members) / sizeof(members[0]); i++)
		ok = add_member(all, members[i].name, &opened->corim.map, members[i].key, &cs_rule_corim_map);
	for (size_t i = 0; ok && i < opened->corim.tag_count; i++)
		ok = add_tag(all, &opened->corim.tags[i]);
	if (!ok || !cs_corim_triples(&cli->ctx, &opened->corim, add_triple, all))
		return cli_refuse(cli, file, NULL);
	qsort(all->statements, all->count, sizeof(cs_statement), by_meaning);
	return CLI_OK;
}

static bool
put_edn(cs_buf *out, cs_span bytes, const cs_rule *rule)
{
	cs_item item = cs_item_at(bytes.data, bytes.len);
	cs_edn_notes notes = cs_rule_notes_for(rule, NULL);
	cs_edn_style style = { false, rule != NULL ? &notes : NULL };

	return cs_edn_print(out->ctx, &item, &style, out);
}

/* "tag "acme-fw", reference-triples, {...}, mkey 1", or the name of a member. */
static bool
put_about(cs_buf *out, cs_span subject)
{
	cs_item item = cs_item_at(subject.data, subject.len), part;
	const char *kind = NULL;
	int64_t number;

	if (!cs_is(&item, CS_ARRAY) || cs_count(&item) != 4)
		return put_edn(out, subject, NULL);
	cs_put_str(out, "tag ");
	if (!cs_array_get(&item, 0, &part) || !put_edn(out, cs_item_span(&part), NULL))
		return false;
	if (cs_array_get(&item, 1, &part) && cs_int64(&part, &number))
		kind = cs_triple_kind_name(number);
	cs_put_fmt(out, ", %s, ", kind != NULL ? kind : "triples of an unknown kind");
	if (!cs_array_get(&item, 2, &part) || !put_edn(out, cs_item_span(&part), cs_is_null(&part) ? NULL : &cs_rule_environment_map))
		return false;
	if (!cs_array_get(&item, 3, &part) || cs_is_null(&part))
		return true;
	cs_put_str(out, ", mkey ");
	return put_edn(out, cs_item_span(&part), NULL);
}

static bool
put_json_edn(cs_buf *out, const char *name, bool about, cs_span bytes)
{
	cs_buf text;

	cs_buf_init(&text, out->ctx);
	if (!(about ? put_about(&text, bytes) : put_edn(&text, bytes, NULL)))
		return false;
	cs_put_byte(&text, 0);
	if (!cs_buf_ok(&text))
		return false;
	cli_put_member(out, name, (const char *) text.data);
	return true;
}

static bool
put_change(cs_cli *cli, cs_buf *out, const cs_statement *was, const cs_statement *is)
{
	cs_span subject = was != NULL ? was->subject : is->subject;

	if (cli->json)
	{
		cs_put_byte(out, '{');
		cli_put_member(out, "change", was == NULL ? "added" : is == NULL ? "removed" : "changed");
		if (!put_json_edn(out, "about", true, subject) || (was != NULL && !put_json_edn(out, "old", false, was->said)) ||
			(is != NULL && !put_json_edn(out, "new", false, is->said)))
			return false;
		cs_put_str(out, "}\n");
		return true;
	}
	cs_put_str(out, "@ ");
	if (!put_about(out, subject))
		return false;
	cs_put_byte(out, '\n');
	for (int side = 0; side < 2; side++)
	{
		const cs_statement *statement = side == 0 ? was : is;

		if (statement == NULL)
			continue;
		cs_put_str(out, side == 0 ? "- " : "+ ");
		if (!put_edn(out, statement->said, statement->rule))
			return false;
		cs_put_byte(out, '\n');
	}
	return true;
}

/* Both are sorted: of one subject, what both say goes first, and what is left over is paired in its order. */
static bool
compare(cs_cli *cli, const cs_saying *old, const cs_saying *new, cs_buf *out)
{
	size_t i = 0, k = 0;

	while (i < old->count || k < new->count)
	{
		const cs_statement *was = i < old->count ? &old->statements[i] : NULL;
		const cs_statement *is = k < new->count ? &new->statements[k] : NULL;
		int order = was == NULL ? 1 : is == NULL ? -1 : by_meaning(was, is);
		bool alone_old = i + 1 >= old->count || !cs_span_eq(old->statements[i + 1].subject, was != NULL ? was->subject : (cs_span) { 0 });
		bool alone_new = k + 1 >= new->count || !cs_span_eq(new->statements[k + 1].subject, is != NULL ? is->subject : (cs_span) { 0 });

		if (order == 0)
			i++, k++;
		else if (was != NULL && is != NULL && cs_span_eq(was->subject, is->subject) && alone_old && alone_new)
		{
			if (!put_change(cli, out, was, is))
				return false;
			i++, k++;
		}
		else if (order < 0)
		{
			if (!put_change(cli, out, was, NULL))
				return false;
			i++;
		}
		else
		{
			if (!put_change(cli, out, NULL, is))
				return false;
			k++;
		}
	}
	return cs_buf_ok(out);
}

int
cli_diff(cs_cli *cli)
{
	cs_saying old, new;
	cs_buf out;
	int status = read_saying(cli, cli->files[0], &old);

	if (status == CLI_OK)
		status = read_saying(cli, cli->files[1], &new);
	if (status != CLI_OK)
		return CLI_TROUBLE; /* as diff does: 1 means that they differ */
	cs_buf_init(&out, &cli->ctx);
	if (!compare(cli, &old, &new, &out))
		return cli_refuse(cli, cli->files[1], NULL);
	status = out.len > 0 ? CLI_NO : CLI_OK;
	return cli_write(cli, cs_buf_span(&out)) == CLI_OK ? status : CLI_TROUBLE;
}
