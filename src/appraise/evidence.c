/*
 * evidence.c - Evidence into the ACS (draft-ietf-rats-corim, "Evidence" under "Internal Representation" and "Input
 * Transformation"): an ECT, an ae-item, or an array of either. "For successful transformation, Evidence MUST contain a relevant value for
 * all the mandatory Evidence-ECT attributes."
 */
#include "acs.h"

/* The elements of an Evidence ECT, member by member, so that nothing that is not known gets into the ACS. */
static bool
read_elements(cs_acs *acs, const cs_item *list, cs_span *out)
{
	element_builder builder;
	cs_iter it = cs_iterate(list);
	cs_item map, mkey, claims;
	cs_span id;

	cs_acs_elements_start(acs->ctx, &builder);
	while (cs_next(&it, &map))
	{
		cs_acs_tick(acs);
		id = (cs_span) { NULL, 0 };
		if (cs_map_get_text(&map, "element-id", &mkey) && !cs_mkey_canonical(acs->ctx, &mkey, &id))
			return false;
		if (!cs_map_get_text(&map, "element-claims", &claims) || !cs_is(&claims, CS_MAP))
			return cs_fail(acs->ctx, CS_INVALID, "element of the evidence has no element-claims");
		if (!cs_acs_elements_add(&builder, id, cs_item_span(&claims)))
			return false;
	}
	return cs_acs_elements_finish(&builder, out);
}

static bool
missing(cs_acs *acs, const char *member)
{
	return cs_fail(acs->ctx, CS_INVALID, "evidence has no %s", member);
}

static bool
read_ect(cs_acs *acs, const cs_item *ect)
{
	ect_parts parts = { .cmtype = CS_CMTYPE_EVIDENCE, .key_type = -1 };
	cs_item member;
	int64_t cmtype;

	if (cs_map_get_text(ect, "cmtype", &member) && (!cs_int64(&member, &cmtype) || cmtype != CS_CMTYPE_EVIDENCE))
		return cs_fail(acs->ctx, CS_INVALID, "cmtype of evidence must be 2");
	if (!cs_map_get_text(ect, "environment", &member) || !cs_is(&member, CS_MAP))
		return missing(acs, "environment");
	if (!cs_acs_canonical_environment(acs->ctx, &member, &parts.environment))
		return false;
	if (!cs_map_get_text(ect, "authority", &member) || !cs_is(&member, CS_ARRAY) || cs_count(&member) == 0)
		return missing(acs, "authority");
	parts.authority = cs_item_span(&member);
	if (cs_map_get_text(ect, "profile", &member))
		parts.profile = cs_item_span(&member);
	if (!cs_map_get_text(ect, "element-list", &member) || !cs_is(&member, CS_ARRAY) || cs_count(&member) == 0)
		return missing(acs, "element-list");
	return read_elements(acs, &member, &parts.element_list) && cs_acs_propose(acs, &parts, NULL);
}

/* An ECT, or an ae-item: {"addition": an ECT or an array of them}. */
static bool
read_item(cs_acs *acs, const cs_item *item)
{
	cs_item addition, ect;
	cs_iter it;

	if (!cs_is(item, CS_MAP))
		return cs_fail(acs->ctx, CS_INVALID, "evidence must be an ECT, an ae-item or an array of those");
	if (!cs_map_get_text(item, "addition", &addition))
		return read_ect(acs, item);
	if (!cs_is(&addition, CS_ARRAY))
		return read_ect(acs, &addition);
	it = cs_iterate(&addition);
	while (cs_next(&it, &ect))
	{
		if (!read_ect(acs, &ect))
			return false;
	}
	return true;
}

bool
cs_acs_read_evidence(cs_acs *acs, const uint8_t *evidence, size_t len)
{
	cs_item given = cs_item_at(evidence, len), whole, item;
	cs_span canonical;
	cs_iter it;

	if (!cs_validate(acs->ctx, &cs_rule_evidence, evidence, len, true) || !cs_acs_canonical(acs->ctx, &given, &canonical))
		return false;
	whole = cs_item_at(canonical.data, canonical.len);
	if (!cs_is(&whole, CS_ARRAY))
		return read_item(acs, &whole);
	it = cs_iterate(&whole);
	while (cs_next(&it, &item))
	{
		if (!read_item(acs, &item))
			return false;
	}
	return true;
}
