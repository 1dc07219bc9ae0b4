/*
 * profile_strict.c - a CoRIM held to all that its profile demands (profile.h, cs_corim_keeps_profile).
 */
#include <stdio.h>

#include "corim.h"
#include "profile.h"
#include "rules.h"
#include "schema_walk.h"

static bool
check(cs_walk *walk, const cs_rule *rule, const cs_item *item)
{
	cs_walk inner = { .ctx = walk->ctx,
		.accept_legacy = true,
		.origin = walk->origin,
		.profile = walk->profile,
		.frame = walk->frame,
		.depth = walk->depth };

	return cs_walk_rule(&inner, rule, item);
}

static bool
visit(cs_walk *walk, cs_event event, const cs_rule *rule, const char *name, const cs_item *item)
{
	const cs_rule *narrower = NULL;
	const cs_field *field;
	int64_t key;

	(void) name;
	if (event == CS_ENTER)
		narrower = cs_profile_narrower(walk->profile, rule);
	else if (event == CS_UNKNOWN && walk->frame->step == CS_STEP_KEY && cs_int64(walk->frame->key, &key) &&
		(field = cs_profile_member(walk->profile, rule, key)) != NULL)
		narrower = field->rule;
	return narrower == NULL || check(walk, narrower, item);
}

bool
cs_corim_keeps_profile(cs_ctx *ctx, const cs_corim *corim)
{
	cs_walk walk = { .ctx = ctx, .visit = visit, .accept_legacy = true };
	char message[sizeof(ctx->error.message)];

	if (corim->has_profile)
		walk.profile = cs_profile_of_member(ctx, &corim->profile);
	if (walk.profile == NULL || cs_walk_rule(&walk, &cs_rule_corim_map, &corim->map))
		return true;
	snprintf(message, sizeof(message), "it is not as profile %s has it: %.200s", walk.profile->name, ctx->error.message);
	snprintf(ctx->error.message, sizeof(ctx->error.message), "%s", message);
	return false;
}
