/*
 * component.c - measured components (draft-ietf-rats-eat-measured-component): {1 id, 2 digest or 5 raw value, 3 authorities, 4 flags}. The
 * mapping to ECTs is coserv's (doc/evidence.md): the draft has none.
 */
#include "job.h"

static bool
invalid(cs_job *job, const char *what)
{
	return cs_fail(job->ctx, CS_INVALID, "measured component: %s", what);
}

/* [name, ? [version, ? scheme]] */
static bool
add_id(cs_job *job, const cs_item *map, cs_mval *mval)
{
	cs_item id, name, version, text;
	cs_span span;

	if (!cs_map_get(map, 1, &id) || !cs_is(&id, CS_ARRAY) || !cs_array_get(&id, 0, &name) || !cs_is(&name, CS_TSTR))
		return invalid(job, "it has no id");
	span = cs_item_span(&name);
	cs_mval_key(mval, CS_MVAL_NAME);
	cs_put_raw(&mval->body, span.data, span.len);
	if (!cs_array_get(&id, 1, &version))
		return true;
	if (!cs_is(&version, CS_ARRAY) || !cs_array_get(&version, 0, &text) || !cs_is(&text, CS_TSTR) || cs_count(&version) > 2)
		return invalid(job, "its version is no version and scheme");
	cs_mval_key(mval, CS_MVAL_VERSION);
	cs_put_map(&mval->body, cs_count(&version));
	cs_put_uint(&mval->body, 0);
	cs_put_item(&mval->body, &text);
	if (cs_array_get(&version, 1, &text))
	{
		cs_put_uint(&mval->body, 1);
		cs_put_item(&mval->body, &text);
	}
	return true;
}

static bool
add_measurement(cs_job *job, const cs_item *map, cs_mval *mval)
{
	cs_item digest, raw;
	bool digested = cs_map_get(map, 2, &digest), is_raw = cs_map_get(map, 5, &raw);

	if (digested == is_raw)
		return invalid(job, "it has not one of digest (2) and raw value (5)");
	cs_mval_key(mval, digested ? CS_MVAL_DIGESTS : CS_MVAL_RAW_VALUE);
	if (digested)
		cs_put_array(&mval->body, 1);
	else if (cs_is(&raw, CS_BSTR))
		cs_put_tag(&mval->body, CS_TAG_BYTES);
	cs_put_item(&mval->body, digested ? &digest : &raw);
	return true;
}

/* 560(id) each, as signers of components of PSA are */
static bool
add_authorities(cs_job *job, const cs_item *map, cs_mval *mval)
{
	cs_item list, id;
	cs_iter it;

	if (!cs_map_get(map, 3, &list))
		return true;
	if (!cs_is(&list, CS_ARRAY) || cs_count(&list) == 0)
		return invalid(job, "its authorities are no list");
	cs_mval_key(mval, CS_MVAL_CRYPTOKEYS);
	cs_put_array(&mval->body, cs_count(&list));
	it = cs_iterate(&list);
	while (cs_next(&it, &id))
	{
		if (!cs_is(&id, CS_BSTR))
			return invalid(job, "an authority is no byte string");
		cs_put_tag(&mval->body, CS_TAG_BYTES);
		cs_put_item(&mval->body, &id);
	}
	return true;
}

bool
cs_evidence_component(cs_job *job, cs_span bytes, cs_span environment, bool in_token, const cs_attester *by)
{
	cs_item map, value;
	cs_evidence_ect *ect;
	cs_mval mval;

	if (!cs_claims_open(job, bytes, "measured component", &map))
		return false;
	cs_mval_start(job, &mval);
	if (!add_id(job, &map, &mval) || !add_measurement(job, &map, &mval) || !add_authorities(job, &map, &mval))
		return false;
	/* "If the profile of the EAT is not known to the consumer and [they] include authorities and/or profile flags, the consumer MUST
	 * reject the EAT." */
	if (in_token && (cs_map_get(&map, 3, &value) || cs_map_get(&map, 4, &value)))
		return cs_fail(
			job->ctx, CS_UNSUPPORTED, "authorities and flags of measured components need a profile of the token, and none is known");
	if (environment.len == 0)
		return cs_fail(job->ctx, CS_INVALID, "measured component does not say what it is of, and neither does a token around it");
	ect = cs_ect_add(job, environment, (cs_span) { NULL, 0 }, by);
	return ect && cs_ect_element(job, ect, (cs_span) { NULL, 0 }, &mval);
}

/* Alone, of what the caller says. */
bool
cs_evidence_component_format(cs_job *job, cs_span bytes, const cs_attester *by)
{
	cs_attester nobody;

	if (by || job->pending)
		return cs_evidence_component(job, bytes, job->given->environment, false, by);
	return cs_attester_none(job, "a measured component is not signed: a token around it is", &nobody) &&
		cs_evidence_component(job, bytes, job->given->environment, false, &nobody);
}
