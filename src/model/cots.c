/*
 * cots.c - what a trust anchor store says of environments (draft-ietf-rats-concise-ta-stores section 3.2.1).
 */
#include "cots.h"

enum
{
	STORE_ENVIRONMENTS = 2,
	GROUP_ENVIRONMENT = 0,
	GROUP_ENVIRONMENT_FROM_1 = 1
};

cs_iter
cs_cots_stores(const cs_item *content)
{
	if (cs_is(content, CS_ARRAY))
		return cs_iterate(content);
	return (cs_iter) { .next = content->p, .limit = content->limit, .left = 1 };
}

cs_iter
cs_cots_groups(const cs_item *store, uint64_t *count)
{
	cs_item environments;

	*count = 0;
	if (!cs_is(store, CS_MAP) || !cs_map_get(store, STORE_ENVIRONMENTS, &environments) || !cs_is(&environments, CS_ARRAY))
		return (cs_iter) { .left = 0 };
	*count = cs_count(&environments);
	return cs_iterate(&environments);
}

/* Keys counted from 1 are a legacy form: 1 is an environment-map then, and else an abbreviated-swid-tag. */
bool
cs_cots_environment(cs_ctx *ctx, const cs_item *group, cs_item *environment)
{
	bool found = cs_is(group, CS_MAP) && cs_map_get(group, GROUP_ENVIRONMENT, environment) && cs_is(environment, CS_MAP);

	if (!found && cs_is(group, CS_MAP) && cs_map_get(group, GROUP_ENVIRONMENT_FROM_1, environment) && cs_is(environment, CS_MAP))
	{
		cs_span span = cs_item_span(environment);

		ctx->error.code = CS_OK;
		found = cs_validate(ctx, &cs_rule_environment_map, span.data, span.len, true);
		if (!found && ctx->error.code == CS_NO_MEMORY)
			return false;
	}
	if (!found)
		environment->p = NULL;
	return true;
}
