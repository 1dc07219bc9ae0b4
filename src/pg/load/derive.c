/*
 * derive.c - what a document holds, as rows: for a store's derived tables (derive.h), and as the functions coserv.tags, coserv.tag_links,
 * coserv.triples, coserv.triple_environments and coserv.triple_conditions. They validate, and verify no signature.
 */
#include "derive.h"

#include "cbor/bignum.h"
#include "cbor/deterministic.h"
#include "match/match.h"
#include "model/current.h"
#include "common/hashfn.h"
#include "utils/builtins.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "pg/trust/opened.h"
#include "pg/base/rows.h"
#include "pg/base/sweep.h"
#include "pg/base/times.h"
#include "pg/index/conditions.h"
#include "pg/store/settle.h"
#include "search_chunks.h"

PG_FUNCTION_INFO_V1(coserv_tags);
PG_FUNCTION_INFO_V1(coserv_tag_links);
PG_FUNCTION_INFO_V1(coserv_triples);
PG_FUNCTION_INFO_V1(coserv_triple_environments);
PG_FUNCTION_INFO_V1(coserv_triple_conditions);
PG_FUNCTION_INFO_V1(coserv_triple_asks);

/* An environment in the form in which the type environment stores it. */
static Datum
environment_datum(const cs_item *item)
{
	cs_ctx ctx;
	cs_buf buf;

	cs_pg_ctx(&ctx);
	cs_buf_init(&buf, &ctx);
	if (!cs_env_canonical(&ctx, item, &buf))
		cs_pg_report(&ctx.error, "environment");
	return cs_pg_make_bytea(&buf);
}

static Datum
id_datum(const cs_item *id)
{
	cs_ctx ctx;
	cs_buf text;

	cs_pg_ctx(&ctx);
	cs_buf_init(&text, &ctx);
	if (!cs_id_text(&ctx, id, &text) || !cs_buf_ok(&text))
		cs_pg_report(&ctx.error, "tag");
	return cs_pg_make_text(cs_buf_span(&text));
}

static Datum
version_datum(const cs_item *version)
{
	cs_ctx ctx;
	cs_buf text;

	cs_pg_ctx(&ctx);
	cs_buf_init(&text, &ctx);
	if (version == NULL || !cs_put_integer_digits(&text, version))
		cs_put_byte(&text, '0');
	return DirectFunctionCall3(
		numeric_in, CStringGetDatum(pnstrdup((const char *) text.data, text.len)), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
}

/* tl-validity of a CoTL (draft-ietf-rats-corim, CoTL) */
static void
tl_validity(const cs_tag *tag, Datum *values, bool *nulls)
{
	cs_validity validity = { 0 };
	cs_item map;
	cs_ctx ctx;

	cs_pg_ctx(&ctx);
	if (tag->kind == CS_TAG_COTL && cs_map_get(&tag->content, CS_COTL_TL_VALIDITY, &map) && !cs_validity_read(&ctx, &map, &validity))
		cs_pg_report(&ctx.error, "tl-validity");
	nulls[0] = !validity.has_not_before;
	values[0] = TimestampTzGetDatum(cs_pg_timestamp(validity.not_before));
	nulls[1] = !validity.has_not_after;
	values[1] = TimestampTzGetDatum(cs_pg_timestamp(validity.not_after));
}

static const char *const tag_columns[] = { "ordinal", "kind", "tag_id", "tag_version", "not_before", "not_after", NULL };

static void
put_tag(cs_rows *rows, size_t ordinal, const cs_tag *tag)
{
	MemoryContext old = MemoryContextSwitchTo(cs_rows_memory(rows));
	Datum values[6] = { 0 };
	bool nulls[6] = { false };

	values[0] = Int32GetDatum((int32) ordinal);
	values[1] = CStringGetTextDatum(cs_tag_kind_name(tag->kind));
	nulls[2] = !tag->has_id;
	if (tag->has_id)
		values[2] = id_datum(&tag->tag_id);
	values[3] = version_datum(tag->has_tag_version ? &tag->tag_version : NULL);
	tl_validity(tag, &values[4], &nulls[4]);
	MemoryContextSwitchTo(old);
	cs_rows_put(rows, values, nulls);
}

static const char *const link_columns[] = { "ordinal", "relation", "tag_id", "tag_version", NULL };

static void
put_link(cs_rows *rows, size_t ordinal, const char *relation, const cs_item *identity)
{
	MemoryContext old;
	Datum values[4] = { 0 };
	bool nulls[4] = { false };
	cs_item id, version;

	if (!cs_map_get(identity, CS_IDENTITY_TAG_ID, &id))
		return;
	old = MemoryContextSwitchTo(cs_rows_memory(rows));
	values[0] = Int32GetDatum((int32) ordinal);
	values[1] = CStringGetTextDatum(relation);
	values[2] = id_datum(&id);
	nulls[3] = strcmp(relation, "activates") != 0 || !cs_map_get(identity, CS_IDENTITY_TAG_VERSION, &version);
	if (!nulls[3])
		values[3] = version_datum(&version);
	MemoryContextSwitchTo(old);
	cs_rows_put(rows, values, nulls);
}

/* linked-tag-map: {0: linked-tag-id, 1: tag-rel}; the names of tag-rel 0 and 1, others by number */
static const char *
link_relation(const cs_item *link)
{
	int64_t number;
	cs_item rel;

	if (!cs_map_get(link, CS_LINK_TAG_REL, &rel) || !cs_int64(&rel, &number))
		return "unknown";
	return number == 0 ? "supplements" : number == 1 ? "replaces" : psprintf("%lld", (long long) number);
}

static void
put_links(cs_rows *rows, size_t ordinal, const cs_tag *tag)
{
	cs_item item;
	cs_iter it;

	if (!tag->has_links)
		return;
	it = cs_iterate(&tag->links);
	while (cs_next(&it, &item))
		put_link(rows, ordinal, tag->kind == CS_TAG_COTL ? "activates" : link_relation(&item), &item);
}

static const char *const triple_columns[] = { "ordinal", "tag", "kind", "environment", "content", "current", NULL };

/* The profile of a document, where it is one that is built in; else NULL. */
static const cs_profile *
known_profile(cs_ctx *ctx, const cs_corim *corim)
{
	cs_buf text;

	if (!corim->has_profile)
		return NULL;
	cs_buf_init(&text, ctx);
	cs_pg_require(cs_profile_text(ctx, &corim->profile, &text) && cs_buf_ok(&text), ctx, "profile");
	return cs_profile_find((const char *) text.data, text.len);
}

/* How a document's triples are brought to current forms. */
typedef struct cs_currency
{
	const cs_profile *profile;
	bool is_current; /* they are, but for their encoding */
} cs_currency;

static cs_currency
currency_of(cs_ctx *ctx, const cs_corim *corim)
{
	cs_currency currency = { .profile = known_profile(ctx, corim) };

	currency.is_current = cs_is_current(corim, currency.profile);
	return currency;
}

/* The triple in current forms, in the current memory context; false where that is what it is. CBOR null: it has none. */
static bool
current_form(const cs_triple *triple, const cs_currency *currency, Datum *current)
{
	static const uint8_t null[] = { 0xf6 };
	MemoryContext old, scratch;
	const char *none = NULL;
	bool differs;
	cs_buf out;
	cs_ctx ctx;

	cs_pg_ctx_stored(&ctx);
	if (currency->is_current && cs_is_deterministic(&ctx, &triple->record))
		return false;
	scratch = cs_pg_scratch_begin(&old);
	cs_buf_init(&out, &ctx);
	cs_pg_require(currency->is_current ? cs_deterministic(&ctx, &triple->record, &out) && cs_buf_ok(&out)
									   : cs_current_triple(&ctx, triple->kind, &triple->record, currency->profile, &out, &none),
		&ctx, "triple");
	differs = none != NULL || !cs_span_eq(cs_buf_span(&out), cs_item_span(&triple->record));
	MemoryContextSwitchTo(old);
	if (differs)
		*current = none == NULL ? cs_pg_make_bytea(&out) : cs_pg_make((cs_span) { null, sizeof(null) });
	cs_pg_scratch_end(scratch, old);
	return differs;
}

static void
put_triple(cs_rows *rows, const cs_triple *triple, const cs_currency *currency)
{
	MemoryContext old;
	Datum values[6] = { 0 };
	bool nulls[6] = { false };

	/* a kind beyond smallint belongs to no specification: kept in the document, no row to look it up by */
	if (triple->kind < PG_INT16_MIN || triple->kind > PG_INT16_MAX)
		return;
	old = MemoryContextSwitchTo(cs_rows_memory(rows));
	values[0] = Int32GetDatum((int32) triple->ordinal);
	values[1] = Int32GetDatum((int32) triple->tag);
	values[2] = Int16GetDatum((int16) triple->kind);
	nulls[3] = !triple->has_environment;
	if (triple->has_environment)
		values[3] = environment_datum(&triple->environment);
	values[4] = cs_pg_make(cs_item_span(&triple->record));
	nulls[5] = !current_form(triple, currency, &values[5]);
	MemoryContextSwitchTo(old);
	cs_rows_put(rows, values, nulls);
}

static const char *const environment_columns[] = { "ordinal", "environment", "kind", NULL };

typedef struct cs_environments
{
	cs_rows *rows;
	const cs_triple *triple;
} cs_environments;

static bool
put_environment(cs_ctx *ctx, const cs_item *environment, void *data)
{
	cs_environments *environments = data;
	MemoryContext old = MemoryContextSwitchTo(cs_rows_memory(environments->rows));
	Datum values[3] = { Int32GetDatum((int32) environments->triple->ordinal), environment_datum(environment),
		Int16GetDatum((int16) environments->triple->kind) };
	bool nulls[3] = { false };

	MemoryContextSwitchTo(old);
	cs_rows_put(environments->rows, values, nulls);
	return true;
}

static bool
put_environments(cs_ctx *ctx, const cs_triple *triple, cs_rows *rows)
{
	cs_environments environments = { rows, triple };

	return cs_triple_environments(ctx, triple, put_environment, &environments);
}

static const char *const condition_columns[] = { "ordinal", "anchor", "key", "minimum", NULL };

static void
put_conditions(cs_rows *rows, const cs_triple *triple)
{
	MemoryContext old, scratch;
	cs_asks asks = { 0 };

	if (!cs_keeps_asks(triple->kind))
		return;
	scratch = cs_pg_scratch_begin(&old);
	cs_asks_of(triple->kind, &triple->record, &asks);
	for (int i = 0; i < asks.count; i++)
	{
		const cs_ask *ask = &asks.all[i];
		Datum values[4] = { Int32GetDatum((int32) triple->ordinal) };
		bool nulls[4] = { false };

		MemoryContextSwitchTo(cs_rows_memory(rows));
		values[1] = Int64GetDatum((int64) ask->anchor);
		values[2] = Int64GetDatum((int64) ask->key);
		values[3] = Int64GetDatum(ask->minimum);
		MemoryContextSwitchTo(scratch);
		cs_rows_put(rows, values, nulls);
	}
	cs_pg_scratch_end(scratch, old);
}

/* --- into the tables --- */

typedef struct cs_derivation
{
	cs_rows *triples;
	cs_currency currency;
	cs_rows *environments;
	cs_rows *conditions;
	cs_search_chunks chunks;
} cs_derivation;

static bool
derive_triple(cs_ctx *ctx, const cs_triple *triple, void *data)
{
	cs_derivation *to = data;

	put_triple(to->triples, triple, &to->currency);
	put_conditions(to->conditions, triple);
	cs_search_chunks_triple(&to->chunks, triple);
	return put_environments(ctx, triple, to->environments);
}

/* The commit locks what the tags say something of. */
static void
touch(Oid store, const cs_item *id)
{
	MemoryContext old, scratch = cs_pg_scratch_begin(&old);
	cs_buf text;
	cs_ctx ctx;

	cs_pg_ctx(&ctx);
	cs_buf_init(&text, &ctx);
	if (!cs_id_text(&ctx, id, &text) || !cs_buf_ok(&text))
		cs_pg_report(&ctx.error, "tag");
	cs_settle_touch(store, cs_buf_span(&text));
	cs_pg_scratch_end(scratch, old);
}

static void
touch_tag(Oid store, const cs_tag *tag)
{
	cs_item item, id;
	cs_iter it;

	if (tag->has_id)
		touch(store, &tag->tag_id);
	if (!tag->has_links)
		return;
	it = cs_iterate(&tag->links);
	while (cs_next(&it, &item))
		if (cs_map_get(&item, CS_IDENTITY_TAG_ID, &id))
			touch(store, &id);
}

static void
derive_tags(Oid store, const cs_corim *corim, cs_rows *tags, cs_rows *links)
{
	for (size_t i = 0; i < corim->tag_count; i++)
	{
		touch_tag(store, &corim->tags[i]);
		put_tag(tags, i, &corim->tags[i]);
		put_links(links, i, &corim->tags[i]);
	}
}

static cs_rows *
derived_table(cs_writing *writing, const char *table, const char *const *columns, Datum manifest)
{
	cs_rows *rows = cs_rows_table(writing, table, columns);

	cs_rows_also(rows, "manifest", manifest);
	return rows;
}

/* Of rows that may count. */
static cs_rows *
live_table(cs_writing *writing, const char *table, const char *const *columns, Datum manifest)
{
	cs_rows *rows = derived_table(writing, table, columns, manifest);

	cs_rows_also(rows, "live", BoolGetDatum(true));
	return rows;
}

void
cs_derive(Oid store, Datum manifest, const cs_verified *document, Datum authority)
{
	static const char *const key_columns[] = { "tag", "first", "last", "keys", NULL };
	cs_writing *writing = cs_begin_writing(store);
	cs_rows *tags = live_table(writing, "tag", tag_columns, manifest);
	cs_derivation to;
	cs_ctx ctx;

	cs_rows_also(tags, "authority", authority);
	derive_tags(store, &document->corim, tags, derived_table(writing, "tag_link", link_columns, manifest));
	to.triples = live_table(writing, "triple", triple_columns, manifest);
	to.environments = live_table(writing, "triple_environment", environment_columns, manifest);
	to.conditions = live_table(writing, "triple_condition", condition_columns, manifest);
	cs_pg_ctx_stored(&ctx);
	to.currency = currency_of(&ctx, &document->corim);
	cs_search_chunks_begin(&to.chunks, &ctx, derived_table(writing, "search_key", key_columns, manifest));
	if (!cs_corim_triples(&ctx, &document->corim, derive_triple, &to))
		cs_pg_report(&ctx.error, "CoRIM");
	cs_search_chunks_end(&to.chunks, &document->corim);
	cs_end_writing(writing);
}

/* --- what stands in the way --- */

/* Of the environments that a document has in a table, one: each as likely as any other. */
typedef struct cs_drawn
{
	uint32 count;
	cs_item environment;
} cs_drawn;

typedef struct cs_superseded
{
	uint32 dice;
	cs_drawn about; /* what a triple is about, and what it names besides */
	cs_drawn further;
} cs_superseded;

static void
draw(cs_superseded *superseded, cs_drawn *drawn, const cs_item *environment)
{
	drawn->count++;
	superseded->dice = hash_bytes_uint32(superseded->dice);
	if (superseded->dice % drawn->count == 0)
		drawn->environment = *environment;
}

static bool
draw_further(cs_ctx *ctx, const cs_item *environment, void *data)
{
	cs_superseded *superseded = data;

	draw(superseded, &superseded->further, environment);
	return true;
}

static bool
draw_triple(cs_ctx *ctx, const cs_triple *triple, void *data)
{
	cs_superseded *superseded = data;

	if (triple->has_environment)
		draw(superseded, &superseded->about, &triple->environment);
	return cs_triple_environments(ctx, triple, draw_further, superseded);
}

static void
sweep_drawn(Oid store, cs_lookup_table table, const cs_superseded *superseded, const cs_drawn *drawn)
{
	if (drawn->count > 0 && cs_sweep_is_due(superseded->dice, drawn->count))
		cs_sweep(store, table, environment_datum(&drawn->environment));
}

void
cs_sweep_superseded(Oid store, const pg_uuid_t *manifest, const cs_verified *document)
{
	MemoryContext old, scratch = cs_pg_scratch_begin(&old);
	cs_superseded superseded = { .dice = hash_bytes(manifest->data, UUID_LEN) };
	cs_ctx ctx;

	cs_pg_ctx_stored(&ctx);
	cs_pg_require(cs_corim_triples(&ctx, &document->corim, draw_triple, &superseded), &ctx, "CoRIM");
	sweep_drawn(store, CS_LOOKUP_TRIPLE, &superseded, &superseded.about);
	sweep_drawn(store, CS_LOOKUP_TRIPLE_ENVIRONMENT, &superseded, &superseded.further);
	cs_pg_scratch_end(scratch, old);
}

/* --- as functions --- */

static void
open_argument(FunctionCallInfo fcinfo, cs_ctx *ctx, cs_verified *document)
{
	cs_pg_ctx(ctx);
	if (!cs_opened_document(ctx, CS_PG_GETARG_SPAN(0), true, document))
		cs_pg_report(&ctx->error, "CoRIM");
}

/* tags(document bytea) -> (ordinal, kind, tag_id, tag_version, not_before, not_after) */
Datum
coserv_tags(PG_FUNCTION_ARGS)
{
	cs_rows *rows = cs_rows_result(fcinfo);
	cs_verified document;
	cs_ctx ctx;

	open_argument(fcinfo, &ctx, &document);
	for (size_t i = 0; i < document.corim.tag_count; i++)
		put_tag(rows, i, &document.corim.tags[i]);
	PG_RETURN_NULL();
}

/* tag_links(document bytea) -> (ordinal, relation, tag_id, tag_version): linked-tags of CoMIDs, tags-list of CoTLs */
Datum
coserv_tag_links(PG_FUNCTION_ARGS)
{
	cs_rows *rows = cs_rows_result(fcinfo);
	cs_verified document;
	cs_ctx ctx;

	open_argument(fcinfo, &ctx, &document);
	for (size_t i = 0; i < document.corim.tag_count; i++)
		put_links(rows, i, &document.corim.tags[i]);
	PG_RETURN_NULL();
}

typedef struct cs_shown
{
	cs_rows *rows;
	cs_currency currency;
} cs_shown;

static bool
show_triple(cs_ctx *ctx, const cs_triple *triple, void *data)
{
	cs_shown *shown = data;

	put_triple(shown->rows, triple, &shown->currency);
	return true;
}

static bool
show_environments(cs_ctx *ctx, const cs_triple *triple, void *data)
{
	return put_environments(ctx, triple, ((cs_shown *) data)->rows);
}

static Datum
show(FunctionCallInfo fcinfo, bool (*each)(cs_ctx *ctx, const cs_triple *triple, void *data))
{
	cs_shown shown = { .rows = cs_rows_result(fcinfo) };
	cs_verified document;
	cs_ctx ctx;

	open_argument(fcinfo, &ctx, &document);
	shown.currency = currency_of(&ctx, &document.corim);
	if (!cs_corim_triples(&ctx, &document.corim, each, &shown))
		cs_pg_report(&ctx.error, "CoRIM");
	PG_RETURN_NULL();
}

/* triples(document bytea) -> (ordinal, tag, kind, environment, content, current) */
Datum
coserv_triples(PG_FUNCTION_ARGS)
{
	return show(fcinfo, show_triple);
}

static bool
show_conditions(cs_ctx *ctx, const cs_triple *triple, void *data)
{
	put_conditions(((cs_shown *) data)->rows, triple);
	return true;
}

/* triple_environments(document bytea) -> (ordinal, environment, kind) */
Datum
coserv_triple_environments(PG_FUNCTION_ARGS)
{
	return show(fcinfo, show_environments);
}

/* triple_conditions(document bytea) -> (ordinal, anchor, key, minimum) */
Datum
coserv_triple_conditions(PG_FUNCTION_ARGS)
{
	return show(fcinfo, show_conditions);
}

/* triple_asks(kind smallint, content cbor) -> (anchor, key, minimum) */
Datum
coserv_triple_asks(PG_FUNCTION_ARGS)
{
	cs_rows *rows = cs_rows_result(fcinfo);
	cs_item record = cs_pg_item(PG_GETARG_DATUM(1));
	cs_asks asks = { 0 };

	if (cs_keeps_asks(PG_GETARG_INT16(0)))
		cs_asks_of(PG_GETARG_INT16(0), &record, &asks);
	for (int i = 0; i < asks.count; i++)
	{
		Datum values[3] = { Int64GetDatum((int64) asks.all[i].anchor), Int64GetDatum((int64) asks.all[i].key),
			Int64GetDatum(asks.all[i].minimum) };
		bool nulls[3] = { false };

		cs_rows_put(rows, values, nulls);
	}
	PG_RETURN_NULL();
}
