/*
 * inspect_current.c - triples that no draft of today can say: they count, and collected artifacts leave them out (model/current.h).
 */
#include "inspect_parts.h"

#include "model/current.h"

#include <string.h>

/* The kind of which this rule is the record; -1 for other rules. */
static int64_t
kind_of(const cs_rule *rule)
{
	static const int64_t kinds[] = { CS_TRIPLE_REFERENCE, CS_TRIPLE_ENDORSED, CS_TRIPLE_ATTEST_KEY, CS_TRIPLE_CONDITIONAL_ENDORSEMENT };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (rule == cs_rule_triple(kinds[i]))
			return kinds[i];
	return -1;
}

bool
cs_inspect_current(cs_inspector *in, const cs_walk *walk, const cs_rule *rule, const cs_item *item)
{
	int64_t kind = kind_of(rule);
	cs_error before = in->ctx->error;
	char path[CS_PATH_MAX];
	cs_place place = { path, item->p, rule->name, rule->section, NULL };
	const char *none = NULL;
	cs_buf out;
	bool told;

	if (kind < 0 || in->out->rule == &cs_rule_coserv || in->out->rule == &cs_rule_signed_coserv)
		return true;
	cs_buf_init(&out, in->ctx);
	/* what is not even valid is told by the walk */
	told = cs_current_triple(in->ctx, kind, item, in->profile, &out, &none);
	if (!told && in->ctx->error.code == CS_NO_MEMORY)
		return !(in->no_memory = true);
	in->ctx->error = before;
	if (none == NULL)
		return true;
	cs_walk_path(walk, path, sizeof(path));
	return cs_inspect_add(
		in, CS_SEVERITY_WARNING, &place, "legacy form \"%s\" cannot be said today: collected artifacts leave this triple out", none);
}
