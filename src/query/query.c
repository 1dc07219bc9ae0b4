/*
 * query.c - a CoSERV query read into a selection (draft-ietf-rats-coserv sections 4.1 to 4.3 and 4.5).
 *
 * The model's tables say what a query looks like; here is what they cannot say (no results, deterministic, which draft) and the
 * taking apart. Selectors are brought into the form that environments are compared in, so that a query that was let pass although
 * it is not deterministic (doc/conformance.md, decision 21), or that names something as older drafts did, selects the same.
 */
#include "query.h"

#include "codepoints/codepoints.h"
#include "model/corim.h"

static bool
refuse_results(cs_ctx *ctx, const uint8_t *data, const cs_item *coserv)
{
	cs_item results;

	if (!cs_map_get(coserv, CS_COSERV_RESULTS, &results))
		return true;
	cs_fail_at(ctx, CS_INVALID, (size_t) (results.p - data), "a query must not have results in it");
	return cs_fail_hint(ctx, "Send the query alone: keys 0 (profile) and 1 (query).");
}

/* profile = comid.oid-type / ~uri: both without a tag, where a CoRIM has tag 111 around an OID. */
static bool
read_profile(cs_ctx *ctx, const cs_item *profile, cs_span *text)
{
	cs_buf buf;
	cs_item item = *profile;

	if (cs_is(profile, CS_BSTR))
	{
		cs_buf tagged;

		cs_buf_init(&tagged, ctx);
		cs_put_tag(&tagged, CS_TAG_OID);
		cs_put_item(&tagged, profile);
		if (!cs_buf_ok(&tagged))
			return false;
		item = cs_item_at(tagged.data, tagged.len);
	}
	cs_buf_init(&buf, ctx);
	if (!cs_profile_text(ctx, &item, &buf) || !cs_buf_ok(&buf))
		return false;
	*text = cs_buf_span(&buf);
	return true;
}

/* Only clients that know no other form ask so, and they compare identifiers by their bytes. */
static bool
is_old_identifier(int64_t which, const cs_item *element)
{
	cs_item id;

	return which == CS_ENVIRONMENT_CLASS && cs_map_get(element, CS_CLASS_CLASS_ID, &id) && cs_is_tag(&id, CS_TAG_PSA_600);
}

/* One stateful environment: [class / instance / group, ? measurements]; which is the selector's key, and the environment's. */
static bool
read_selector(cs_ctx *ctx, int64_t which, const cs_item *stateful, cs_selector *out)
{
	cs_buf buf;
	cs_buf canonical;
	cs_item element;
	cs_item environment;

	if (!cs_array_get(stateful, 0, &element))
		return cs_fail(ctx, CS_INVALID, "an environment of the selector is empty");
	cs_buf_init(&buf, ctx);
	cs_put_map(&buf, 1);
	cs_put_int(&buf, which);
	cs_put_item(&buf, &element);
	if (!cs_buf_ok(&buf))
		return false;
	environment = cs_item_at(buf.data, buf.len);
	cs_buf_init(&canonical, ctx);
	if (!cs_env_canonical(ctx, &environment, &canonical))
		return false;
	out->environment = cs_buf_span(&canonical);

	out->measurements = (cs_span) { NULL, 0 };
	if (!cs_array_get(stateful, 1, &element))
		return true;
	cs_buf_init(&buf, ctx);
	if (!cs_deterministic(ctx, &element, &buf) || !cs_buf_ok(&buf))
		return false;
	out->measurements = cs_buf_span(&buf);
	return true;
}

static bool
read_selectors(cs_ctx *ctx, const cs_item *map, cs_query *out)
{
	cs_iter it = cs_iterate(map);
	cs_item key;
	cs_item list;
	cs_item stateful;
	cs_item element;
	int64_t which;

	if (!cs_next_pair(&it, &key, &list) || !cs_int64(&key, &which))
		return cs_fail(ctx, CS_INVALID, "the environment selector is empty");
	out->selectors = cs_alloc(ctx, (size_t) cs_count(&list), sizeof(cs_selector));
	if (out->selectors == NULL)
		return false;
	it = cs_iterate(&list);
	while (cs_next(&it, &stateful))
	{
		if (!read_selector(ctx, which, &stateful, &out->selectors[out->selector_count++]))
			return false;
		out->speaks_old |= cs_array_get(&stateful, 0, &element) && is_old_identifier(which, &element);
	}
	return cs_query_hash_selectors(ctx, out);
}

static bool
read_rim_id(cs_ctx *ctx, const cs_item *pair, cs_rim_id *out)
{
	cs_item kind;
	cs_buf buf;
	int64_t number;

	if (!cs_array_get(pair, 0, &kind) || !cs_int64(&kind, &number) || !cs_array_get(pair, 1, &out->id))
		return cs_fail(ctx, CS_INVALID, "a RIM identifier is a kind and an identifier");
	out->kind = (cs_rim_kind) number;
	cs_buf_init(&buf, ctx);
	if (!cs_id_text(ctx, &out->id, &buf) || !cs_buf_ok(&buf))
		return false;
	out->text = cs_buf_span(&buf);
	return true;
}

static bool
read_rims(cs_ctx *ctx, const cs_item *list, cs_query *out)
{
	cs_iter it = cs_iterate(list);
	cs_item pair;

	out->by_rim = true;
	out->rims = cs_alloc(ctx, (size_t) cs_count(list), sizeof(cs_rim_id));
	if (out->rims == NULL)
		return false;
	while (cs_next(&it, &pair))
		if (!read_rim_id(ctx, &pair, &out->rims[out->rim_count++]))
			return false;
	return true;
}

static bool
read_map(cs_ctx *ctx, const cs_item *query, cs_query *out)
{
	cs_item value;
	int64_t number;
	bool is_02 = cs_map_get(query, CS_QUERY_02_TIMESTAMP, &value) && cs_is_tag(&value, CS_TAG_DATE_TIME);

	if (!is_02 && cs_map_get(query, CS_QUERY_RIM_SELECTOR, &value))
		return read_rims(ctx, &value, out);
	if (!cs_map_get(query, CS_QUERY_ARTIFACT_TYPE, &value) || !cs_int64(&value, &number))
		return cs_fail(ctx, CS_INVALID, "the query has no artifact type");
	out->artifact = (cs_artifact) number;
	if (!cs_map_get(query, is_02 ? CS_QUERY_02_RESULT_TYPE : CS_QUERY_RESULT_TYPE, &value) || !cs_int64(&value, &number))
		return cs_fail(ctx, CS_INVALID, "the query has no result type");
	out->result_type = (cs_result_type) number;
	if (!cs_map_get(query, CS_QUERY_ENVIRONMENT_SELECTOR, &value))
		return cs_fail(ctx, CS_INVALID, "the query has no environment selector");
	return read_selectors(ctx, &value, out);
}

bool
cs_query_read(cs_ctx *ctx, const uint8_t *data, size_t len, unsigned options, cs_query *out)
{
	cs_walk walk = { .ctx = ctx, .accept_legacy = (options & CS_QUERY_LEGACY) != 0 };
	bool is_valid = (options & CS_QUERY_TYPED) && walk.accept_legacy;
	cs_item coserv;
	cs_item profile;
	cs_item query;

	*out = (cs_query) { 0 };
	if (!is_valid && !cs_check(ctx, data, len))
		return false;
	coserv = cs_item_at(data, len);
	is_valid = is_valid && cs_is(&coserv, CS_MAP); /* a signed one is valid, too */
	if (!refuse_results(ctx, data, &coserv))
		return false;
	if (!(options & CS_QUERY_LAX) && !cs_require_deterministic(ctx, data, len))
		return cs_fail_hint(ctx, "Queries are encoded deterministically (RFC 8949, section 4.2), so that they can be cache keys.");
	if (!is_valid && !cs_walk_rule(&walk, &cs_rule_coserv, &coserv))
		return false;
	if (!cs_map_get(&coserv, CS_COSERV_PROFILE, &profile) || !cs_map_get(&coserv, CS_COSERV_QUERY, &query))
		return cs_fail(ctx, CS_INVALID, "a query has a profile and a query");
	out->profile_item = cs_item_span(&profile);
	out->query_item = cs_item_span(&query);
	return read_profile(ctx, &profile, &out->profile) && read_map(ctx, &query, out);
}

bool
cs_query_read_selectors(cs_ctx *ctx, const uint8_t *data, size_t len, cs_query *out)
{
	cs_item coserv = cs_item_at(data, len);
	cs_item query;
	cs_item selector;

	*out = (cs_query) { 0 };
	if (!cs_map_get(&coserv, CS_COSERV_QUERY, &query) || !cs_map_get(&query, CS_QUERY_ENVIRONMENT_SELECTOR, &selector) ||
		!cs_is(&selector, CS_MAP) || read_selectors(ctx, &selector, out))
		return true;
	*out = (cs_query) { 0 };
	return ctx->error.code != CS_NO_MEMORY;
}

bool
cs_query_put_selectors(const cs_query *query, size_t from, size_t count, cs_buf *out)
{
	for (size_t i = 0; i < count; i++)
	{
		cs_item environment = cs_item_at(query->selectors[from + i].environment.data, query->selectors[from + i].environment.len);
		cs_iter it = cs_iterate(&environment);
		cs_item which, element;

		if (!cs_next_pair(&it, &which, &element))
			return cs_fail(out->ctx, CS_INVALID, "an environment of the selector is empty");
		if (i == 0)
		{
			cs_put_map(out, 1);
			cs_put_int(out, CS_COSERV_QUERY);
			cs_put_map(out, 1);
			cs_put_int(out, CS_QUERY_ENVIRONMENT_SELECTOR);
			cs_put_map(out, 1);
			cs_put_item(out, &which);
			cs_put_array(out, count);
		}
		cs_put_array(out, 1);
		cs_put_item(out, &element);
	}
	return cs_buf_ok(out);
}
