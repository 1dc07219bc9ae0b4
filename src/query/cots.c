/*
 * cots.c - does a trust anchor store (draft-ietf-rats-concise-ta-stores section 3.2.1) apply to what a query asks about?
 *
 * Its environments say where it applies: an empty list everywhere. An environment of it may say more than a selector does, as that
 * of any triple that the selector selects, or less: a vendor's trust anchors hold for each of his products. Groups that are a CoSWID
 * or a name say nothing of environments.
 */
#include "model/cots.h"
#include "query.h"

static bool
concerns(const cs_query *query, const cs_item *environment)
{
	for (size_t i = 0; i < query->selector_count; i++)
	{
		cs_item asked = cs_item_at(query->selectors[i].environment.data, query->selectors[i].environment.len);

		if (cs_env_satisfies(environment, &asked) || cs_env_satisfies(&asked, environment))
			return true;
	}
	return false;
}

bool
cs_query_concerns_store(cs_ctx *ctx, const cs_query *query, const cs_item *store, bool *yes)
{
	uint64_t count;
	cs_iter it = cs_cots_groups(store, &count);
	cs_item group, environment;
	cs_buf canonical;

	*yes = count == 0;
	while (!*yes && cs_next(&it, &group))
	{
		if (!cs_cots_environment(ctx, &group, &environment))
			return false;
		if (environment.p == NULL)
			continue;
		cs_buf_init(&canonical, ctx);
		if (!cs_env_canonical(ctx, &environment, &canonical) || !cs_buf_ok(&canonical))
			return false;
		environment = cs_item_at(canonical.data, canonical.len);
		*yes = concerns(query, &environment);
	}
	return true;
}
