/*
 * result.c - building a result set (draft-ietf-rats-coserv section 4.4).
 *
 * Each list of the result is a list of encoded elements (elements.h).
 */
#include "result.h"

#include <inttypes.h>
#include <string.h>

#include "elements.h"
#include "model/corim.h"

/* Keys of the results map; the lists are numbered by them. */
enum
{
	RVQ = 0,
	EVQ = 1,
	CEQ = 2,
	AKQ = 3,
	TAS = 4,
	RIMS = 5,
	EXPIRY = 10,
	SOURCE_ARTIFACTS = 11
};

struct cs_result
{
	cs_ctx *ctx;
	const cs_query *query;
	cs_elements quads[TAS + 1];
	cs_elements sources;
	cs_elements rims;
	bool merges; /* the order is that of the bytes, not that in which they were added; RIMs contradict each other rather than hide */
	bool has_not_after;
	int64_t not_after;
};

cs_ctx *
cs_result_ctx(const cs_result *result)
{
	return result->ctx;
}

cs_result *
cs_result_new(cs_ctx *ctx, const cs_query *query)
{
	cs_result *result = cs_alloc(ctx, 1, sizeof(cs_result));

	if (result == NULL)
		return NULL;
	memset(result, 0, sizeof(*result));
	result->ctx = ctx;
	result->query = query;
	for (int i = 0; i <= TAS; i++)
		cs_elements_init(&result->quads[i], ctx);
	cs_elements_init(&result->sources, ctx);
	cs_elements_init(&result->rims, ctx);
	return result;
}

cs_result *
cs_result_new_merged(cs_ctx *ctx, const cs_query *query)
{
	cs_result *result = cs_result_new(ctx, query);

	if (result != NULL)
		result->merges = true;
	return result;
}

static bool
add_quad(cs_result *result, int key, cs_span authorities, cs_span content)
{
	cs_elements *l = &result->quads[key];
	size_t start = l->bytes.len;

	cs_put_map(&l->bytes, 2);
	cs_put_uint(&l->bytes, 1);
	cs_put_raw(&l->bytes, authorities.data, authorities.len);
	cs_put_uint(&l->bytes, 2);
	cs_put_raw(&l->bytes, content.data, content.len);
	return cs_elements_close(l, start, 0);
}

static bool
wants_collected(const cs_result *result)
{
	return !result->query->by_rim && result->query->result_type != CS_SOURCE;
}

static bool
wants_sources(const cs_result *result)
{
	return !result->query->by_rim && result->query->result_type != CS_COLLECTED;
}

bool
cs_result_add_quad(cs_result *result, int64_t kind, cs_span authorities, cs_span triple)
{
	cs_artifact artifact = result->query->artifact;
	int key;

	if (result->query->by_rim)
		return cs_fail(result->ctx, CS_INVALID, "triples are no answer to a query by RIM identifier");
	if (kind == CS_TRIPLE_REFERENCE && artifact == CS_REFERENCE_VALUES)
		key = RVQ;
	else if (kind == CS_TRIPLE_ENDORSED && artifact == CS_ENDORSED_VALUES)
		key = EVQ;
	else if (kind == CS_TRIPLE_CONDITIONAL_ENDORSEMENT && artifact == CS_ENDORSED_VALUES)
		key = CEQ;
	else if (kind == CS_TRIPLE_ATTEST_KEY && artifact == CS_TRUST_ANCHORS)
		key = AKQ;
	else
		return cs_fail(result->ctx, CS_INVALID, "triples of kind %" PRId64 " are no answer to artifact type %d", kind, artifact);
	return !wants_collected(result) || add_quad(result, key, authorities, triple);
}

bool
cs_result_add_cots(cs_result *result, cs_span authorities, cs_span cots)
{
	if (result->query->by_rim || result->query->artifact != CS_TRUST_ANCHORS)
		return cs_fail(result->ctx, CS_INVALID, "trust anchor stores are no answer to this query");
	return !wants_collected(result) || add_quad(result, TAS, authorities, cots);
}

/* A CMW record (draft-ietf-rats-msg-wrap section 3.1). */
static void
put_record(cs_buf *buf, const char *media_type, cs_span document)
{
	cs_put_array(buf, 2);
	cs_put_cstr(buf, media_type);
	cs_put_bytes(buf, document.data, document.len);
}

bool
cs_result_add_source(cs_result *result, const char *media_type, cs_span document)
{
	cs_elements *l = &result->sources;
	size_t start = l->bytes.len;

	if (!wants_sources(result))
		return true;
	put_record(&l->bytes, media_type, document);
	return cs_elements_close(l, start, 0);
}

bool
cs_result_add_record(cs_result *result, cs_span record)
{
	cs_elements *l = &result->sources;
	size_t start = l->bytes.len;

	if (!wants_sources(result))
		return cs_fail(result->ctx, CS_INVALID, "source artifacts are no answer to this query");
	cs_put_raw(&l->bytes, record.data, record.len);
	return cs_elements_close(l, start, 0);
}

bool
cs_result_add_labelled(cs_result *result, cs_span label, cs_span rim)
{
	cs_elements *l = &result->rims;
	size_t start = l->bytes.len;

	if (!result->query->by_rim)
		return cs_fail(result->ctx, CS_INVALID, "RIMs are no answer to a query by environment");
	cs_put_raw(&l->bytes, label.data, label.len);
	cs_put_raw(&l->bytes, rim.data, rim.len);
	return cs_elements_close(l, start, label.len);
}

/* A CMW: a record, or where a chain stands beside the document a collection of both. */
static void
put_conveyed(cs_buf *buf, const char *media_type, cs_span document, const char *chain_type, cs_span chain)
{
	if (chain.len > 0)
	{
		cs_put_map(buf, 2);
		cs_put_cstr(buf, "chain");
		put_record(buf, chain_type, chain);
		cs_put_cstr(buf, "document");
	}
	put_record(buf, media_type, document);
}

bool
cs_result_add_rim_and_chain(
	cs_result *result, const cs_rim_id *id, const char *media_type, cs_span document, const char *chain_type, cs_span chain)
{
	static const char reserved[] = "__cmwc_t"; /* in a CMW collection this is its type, never a label */
	cs_elements *l = &result->rims;
	size_t start = l->bytes.len;
	size_t key_len;

	if (!result->query->by_rim)
		return cs_fail(result->ctx, CS_INVALID, "RIMs are no answer to a query by environment");
	if (id->text.len == sizeof(reserved) - 1 && memcmp(id->text.data, reserved, id->text.len) == 0)
		return cs_fail(result->ctx, CS_UNSUPPORTED, "a RIM named \"%s\" cannot be told from the type of a CMW collection", reserved);
	cs_put_text(&l->bytes, (const char *) id->text.data, id->text.len);
	key_len = l->bytes.len - start;
	put_conveyed(&l->bytes, media_type, document, chain_type, chain);
	return cs_elements_close(l, start, key_len);
}

bool
cs_result_add_rim(cs_result *result, const cs_rim_id *id, const char *media_type, cs_span document)
{
	return cs_result_add_rim_and_chain(result, id, media_type, document, NULL, (cs_span) { NULL, 0 });
}

void
cs_result_expires(cs_result *result, int64_t not_after)
{
	if (result->has_not_after && result->not_after <= not_after)
		return;
	result->has_not_after = true;
	result->not_after = not_after;
}

/* key => [elements] */
static bool
put_list(const cs_result *result, cs_buf *out, int key, cs_elements *l)
{
	cs_put_int(out, key);
	return cs_elements_put(l, out, CS_ARRAY, result->merges ? CS_BY_KEY : CS_AS_ADDED);
}

/* rims => { label => record }, by label */
static bool
put_rims(const cs_result *result, cs_buf *out, cs_elements *l)
{
	cs_put_int(out, RIMS);
	if (cs_elements_put(l, out, CS_MAP, result->merges ? CS_BY_KEY_ALONE : CS_BY_KEY))
		return true;
	if (result->ctx->error.code == CS_INVALID)
		cs_fail_hint(result->ctx, "Stores have different RIMs under one identifier: ask each of them by another query.");
	return false;
}

#define LAST_SECOND INT64_C(253402300799) /* 9999-12-31T23:59:59Z: what RFC 3339 can write */

/* Where in its step a query's answers expire: not all at once, and in every region the same (FNV-1a). */
static int64_t
phase_of(const cs_query *query, int64_t step)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < query->query_item.len; i++)
		hash = (hash ^ query->query_item.data[i]) * UINT64_C(1099511628211);
	return (int64_t) (hash % (uint64_t) step);
}

/* Cut to the last end of a step that lies behind now, so that it is the same for a while. */
static int64_t
expiry_of(const cs_result *result, int64_t now, int64_t ttl)
{
	int64_t step = ttl / 2 > 0 ? ttl / 2 : 1;
	int64_t beyond;
	int64_t expiry;

	if (ttl < 0)
		ttl = 0;
	if (now < 0)
		now = 0;
	expiry = now > LAST_SECOND || ttl > LAST_SECOND - now ? LAST_SECOND : now + ttl;
	beyond = (expiry % step + step - phase_of(result->query, step)) % step;
	if (expiry - beyond > now)
		expiry -= beyond;
	if (result->has_not_after && result->not_after < expiry)
		expiry = result->not_after;
	return expiry < 0 ? 0 : expiry;
}

/* #6.0(tdate) in UTC. seconds: 0 to LAST_SECOND. */
static void
put_date(cs_buf *out, int64_t seconds)
{
	cs_put_tag(out, CS_TAG_DATE_TIME);
	cs_put_byte(out, 0x60 + 20); /* the head of 20 characters */
	cs_put_date_time(out, seconds);
}

/* The lists of the artifact type (doc/conformance.md, decision 11: there also when they are empty). */
static bool
put_result_set(cs_result *result, cs_buf *out)
{
	switch (result->query->artifact)
	{
		case CS_REFERENCE_VALUES:
			return put_list(result, out, RVQ, &result->quads[RVQ]);
		case CS_ENDORSED_VALUES:
			return put_list(result, out, EVQ, &result->quads[EVQ]) && put_list(result, out, CEQ, &result->quads[CEQ]);
		case CS_TRUST_ANCHORS:
			return put_list(result, out, AKQ, &result->quads[AKQ]) &&
				(result->quads[TAS].count == 0 || put_list(result, out, TAS, &result->quads[TAS]));
	}
	return cs_fail(result->ctx, CS_INVALID, "artifact type %d is unknown", result->query->artifact);
}

static uint64_t
result_set_members(const cs_result *result)
{
	if (result->query->artifact == CS_ENDORSED_VALUES)
		return 2;
	return result->query->artifact == CS_TRUST_ANCHORS && result->quads[TAS].count > 0 ? 2 : 1;
}

/* source-artifacts cannot be empty: a source query that found nothing gets the empty result set. */
static bool
put_results(cs_result *result, int64_t expiry, cs_buf *out)
{
	bool has_sources = result->sources.count > 0;
	bool has_set = wants_collected(result) || !has_sources;

	if (result->query->by_rim)
	{
		cs_put_map(out, 2);
		if (!put_rims(result, out, &result->rims))
			return false;
	}
	else
	{
		cs_put_map(out, (has_set ? result_set_members(result) : 0) + 1 + (has_sources ? 1 : 0));
		if (has_set && !put_result_set(result, out))
			return false;
	}
	cs_put_int(out, EXPIRY);
	put_date(out, expiry);
	return !has_sources || put_list(result, out, SOURCE_ARTIFACTS, &result->sources);
}

static bool
put_coserv(cs_result *result, int64_t expiry, cs_buf *out)
{
	const cs_query *query = result->query;

	cs_put_map(out, 3);
	cs_put_int(out, 0);
	cs_put_raw(out, query->profile_item.data, query->profile_item.len);
	cs_put_int(out, 1);
	cs_put_raw(out, query->query_item.data, query->query_item.len);
	cs_put_int(out, 2);
	return put_results(result, expiry, out) && cs_buf_ok(out);
}

bool
cs_result_finish(cs_result *result, int64_t now, int64_t ttl, cs_buf *out, int64_t *expiry)
{
	*expiry = expiry_of(result, now, ttl);
	return put_coserv(result, *expiry, out);
}

bool
cs_result_finish_merged(cs_result *result, cs_buf *out)
{
	int64_t expiry = result->has_not_after ? result->not_after : 0;

	return put_coserv(result, expiry < 0 ? 0 : expiry > LAST_SECOND ? LAST_SECOND : expiry, out);
}
