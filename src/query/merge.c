/*
 * merge.c - several results of one query as one (merge.h).
 */
#include "merge.h"

#include <inttypes.h>
#include <string.h>

#include "cbor/deterministic.h"
#include "codepoints/codepoints.h"
#include "model/corim.h"
#include "result.h"

struct cs_merge
{
	cs_ctx *ctx;
	cs_query query;
	cs_result *result;
	size_t count;
};

cs_merge *
cs_merge_new(cs_ctx *ctx)
{
	cs_merge *merge = cs_alloc(ctx, 1, sizeof(cs_merge));

	if (merge != NULL)
		*merge = (cs_merge) { .ctx = ctx };
	return merge;
}

size_t
cs_merge_count(const cs_merge *merge)
{
	return merge->count;
}

/* The query that a result echoes, as whoever sent it wrote it. */
static bool
begin(cs_merge *merge, const cs_item *profile, const cs_item *query)
{
	cs_buf asked;

	cs_buf_init(&asked, merge->ctx);
	cs_put_map(&asked, 2);
	cs_put_int(&asked, CS_COSERV_PROFILE);
	cs_put_item(&asked, profile);
	cs_put_int(&asked, CS_COSERV_QUERY);
	cs_put_item(&asked, query);
	if (!cs_buf_ok(&asked) || !cs_query_read(merge->ctx, asked.data, asked.len, CS_QUERY_LAX | CS_QUERY_LEGACY, &merge->query))
		return false;
	merge->result = cs_result_new_merged(merge->ctx, &merge->query);
	return merge->result != NULL;
}

static bool
require_same(cs_merge *merge, const cs_item *profile, const cs_item *query)
{
	if (!cs_span_eq(cs_item_span(profile), merge->query.profile_item))
		return cs_fail(merge->ctx, CS_INVALID, "result %zu is of another profile than result 1", merge->count + 1);
	if (!cs_span_eq(cs_item_span(query), merge->query.query_item))
		return cs_fail(merge->ctx, CS_INVALID, "result %zu answers another query than result 1", merge->count + 1);
	return true;
}

/* The kind of triple in the quads under a key of the results. */
static int64_t
kind_of(int64_t key)
{
	switch (key)
	{
		case CS_RESULTS_RVQ:
			return CS_TRIPLE_REFERENCE;
		case CS_RESULTS_EVQ:
			return CS_TRIPLE_ENDORSED;
		case CS_RESULTS_CEQ:
			return CS_TRIPLE_CONDITIONAL_ENDORSEMENT;
		default:
			return CS_TRIPLE_ATTEST_KEY;
	}
}

static bool
add_quad(cs_merge *merge, int64_t key, const cs_item *quad)
{
	cs_item authorities, content;

	if (!cs_map_get(quad, 1, &authorities) || !cs_map_get(quad, 2, &content))
		return cs_fail(merge->ctx, CS_INVALID, "a quad of result %zu is incomplete", merge->count + 1);
	if (merge->query.result_type == CS_SOURCE)
		return cs_fail(
			merge->ctx, CS_INVALID, "result %zu holds collected artifacts, and the query asks for source artifacts", merge->count + 1);
	return key == CS_RESULTS_TAS ? cs_result_add_cots(merge->result, cs_item_span(&authorities), cs_item_span(&content))
								 : cs_result_add_quad(merge->result, kind_of(key), cs_item_span(&authorities), cs_item_span(&content));
}

static bool
add_source(cs_merge *merge, int64_t key, const cs_item *record)
{
	(void) key;
	if (merge->query.result_type == CS_COLLECTED)
		return cs_fail(
			merge->ctx, CS_INVALID, "result %zu holds source artifacts, and the query asks for collected ones", merge->count + 1);
	return cs_result_add_record(merge->result, cs_item_span(record));
}

static bool
add_list(cs_merge *merge, int64_t key, const cs_item *list, bool (*add)(cs_merge *, int64_t, const cs_item *))
{
	cs_iter it = cs_iterate(list);
	cs_item element;

	while (cs_next(&it, &element))
	{
		cs_work(merge->ctx, cs_item_size(&element));
		if (!add(merge, key, &element))
			return false;
	}
	return true;
}

static bool
add_rims(cs_merge *merge, const cs_item *rims)
{
	cs_iter it = cs_iterate(rims);
	cs_item label, rim;

	while (cs_next_pair(&it, &label, &rim))
	{
		cs_buf shortest; /* so that one identifier is one key */

		cs_buf_init(&shortest, merge->ctx);
		if (!cs_deterministic(merge->ctx, &label, &shortest) || !cs_buf_ok(&shortest) ||
			!cs_result_add_labelled(merge->result, cs_buf_span(&shortest), cs_item_span(&rim)))
			return false;
	}
	return true;
}

/* Whole seconds, the one that has begun: nothing is said to hold longer than it was. */
static bool
add_expiry(cs_merge *merge, const cs_item *expiry)
{
	cs_item content = cs_tag_content(expiry);
	cs_span text, fraction;
	int64_t seconds;

	if (!cs_string(merge->ctx, &content, &text))
		return false;
	if (!cs_date_time_read(text, &seconds, &fraction))
		return cs_fail(merge->ctx, CS_INVALID, "the expiry of result %zu is no date", merge->count + 1);
	cs_result_expires(merge->result, seconds);
	return true;
}

static bool
add_results(cs_merge *merge, const cs_item *results)
{
	cs_iter it = cs_iterate(results);
	cs_item key, value;
	int64_t number;
	bool ok = true;

	while (ok && cs_next_pair(&it, &key, &value))
	{
		if (!cs_int64(&key, &number))
			continue;
		if (number == CS_RESULTS_EXPIRY)
			ok = add_expiry(merge, &value);
		else if (number == CS_RESULTS_RIMS)
			ok = add_rims(merge, &value);
		else
			ok = add_list(merge, number, &value, number == CS_RESULTS_SOURCE_ARTIFACTS ? add_source : add_quad);
	}
	return ok;
}

bool
cs_merge_add(cs_merge *merge, const uint8_t *data, size_t len, unsigned options)
{
	cs_ctx *ctx = merge->ctx;
	cs_item coserv, profile, query, results;

	if (!cs_check(ctx, data, len))
		return false;
	coserv = cs_item_at(data, len);
	if (cs_is_tag(&coserv, CS_TAG_COSE_SIGN1))
	{
		cs_fail(ctx, CS_UNSUPPORTED, "result %zu is signed, and a signature holds for what was signed alone", merge->count + 1);
		return cs_fail_hint(ctx, "Verify it, merge its payload, and sign what comes out.");
	}
	if (!cs_validate(ctx, &cs_rule_coserv, data, len, (options & CS_QUERY_LEGACY) != 0))
		return false;
	if (!cs_map_get(&coserv, CS_COSERV_RESULTS, &results))
		return cs_fail(ctx, CS_INVALID, "result %zu is a query: it holds no results", merge->count + 1);
	if (!cs_map_get(&coserv, CS_COSERV_PROFILE, &profile) || !cs_map_get(&coserv, CS_COSERV_QUERY, &query))
		return cs_fail(ctx, CS_INVALID, "result %zu has no profile or no query", merge->count + 1);
	if (!(merge->result == NULL ? begin(merge, &profile, &query) : require_same(merge, &profile, &query)) || !add_results(merge, &results))
		return false;
	merge->count++;
	return true;
}

bool
cs_merge_finish(cs_merge *merge, cs_buf *out)
{
	if (merge->result == NULL)
		return cs_fail(merge->ctx, CS_INVALID, "there is no result to merge");
	return cs_result_finish_merged(merge->result, out);
}
