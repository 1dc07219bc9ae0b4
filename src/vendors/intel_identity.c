/*
 * intel_identity.c - Intel's enclave identities, version 2 (Intel SGX and TDX PCS API, version 4, "Get Quoting Enclave Identity"): QE,
 * TD_QE and QVE, as a reference triple and a series over ISVSVN (doc/vendors.md).
 */
#include <stdio.h>
#include <string.h>

#include "intel.h"

#define MAX_ISV 65535

typedef struct identity
{
	cs_intel common;
	const char *id;
	const char *model; /* of the environment, as Evidence has it */
	cs_span miscselect, miscselect_mask;
	cs_span attributes, attributes_mask;
	cs_span mrsigner;
	uint64_t isvprodid;
	const cs_json *levels;
} identity;

static bool
read_id(cs_ctx *ctx, identity *e)
{
	static const struct
	{
		const char *id, *model;
	} ids[] = { { "QE", "SGX QE TCB" }, { "TD_QE", "TDX QE TCB" }, { "QVE", "SGX QVE" } };
	const cs_json *id = cs_member(ctx, e->common.where, e->common.body, "id", CS_JSON_STRING);

	if (id == NULL)
		return false;
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		if (cs_json_is(id->text, ids[i].id))
		{
			e->id = ids[i].id;
			e->model = ids[i].model;
			return true;
		}
	return cs_member_fail(ctx, CS_IN(e->common.where, "id"), CS_UNSUPPORTED, "QE, TD_QE or QVE was expected");
}

static bool
read_values(cs_ctx *ctx, identity *e)
{
	const cs_where *where = e->common.where;
	const cs_json *body = e->common.body;

	if (!cs_member_hex(ctx, where, body, "miscselect", 4, &e->miscselect) ||
		!cs_member_hex(ctx, where, body, "miscselectMask", 4, &e->miscselect_mask) ||
		!cs_member_hex(ctx, where, body, "attributes", 16, &e->attributes) ||
		!cs_member_hex(ctx, where, body, "attributesMask", 16, &e->attributes_mask) ||
		!cs_member_hex(ctx, where, body, "mrsigner", 32, &e->mrsigner) ||
		!cs_member_uint(ctx, where, body, "isvprodid", MAX_ISV, &e->isvprodid))
		return false;
	e->levels = cs_member(ctx, where, body, "tcbLevels", CS_JSON_ARRAY);
	return e->levels != NULL &&
		(e->levels->count > 0 || cs_member_fail(ctx, CS_IN(where, "tcbLevels"), CS_INVALID, "there is no TCB level"));
}

/* [environment, [{1: {-81, -82, -84, -85}}]]: a reference triple, and the condition of the series alike. */
static void
put_enclave(const identity *e, cs_buf *out)
{
	cs_put_array(out, 2);
	cs_put_class(out, CS_INTEL_VENDOR, e->model);
	cs_put_array(out, 1);
	cs_put_map(out, 1);
	cs_put_uint(out, CS_MEASUREMENT_MVAL);
	cs_put_map(out, 4);
	cs_put_int(out, CS_INTEL_MISCSELECT);
	cs_intel_put_masked(out, e->miscselect, e->miscselect_mask);
	cs_put_int(out, CS_INTEL_ATTRIBUTES);
	cs_intel_put_masked(out, e->attributes, e->attributes_mask);
	cs_put_int(out, CS_INTEL_MRSIGNER);
	cs_put_array(out, 2);
	cs_put_uint(out, CS_ALG_SHA256);
	cs_put_bytes(out, e->mrsigner.data, e->mrsigner.len);
	cs_put_int(out, CS_INTEL_ISVPRODID);
	cs_put_uint(out, e->isvprodid);
}

static bool
put_level(cs_ctx *ctx, const identity *e, const cs_where *where, const cs_json *level, cs_buf *out)
{
	const cs_json *tcb;
	uint64_t isvsvn;

	if (level->kind != CS_JSON_OBJECT)
		return cs_member_fail(ctx, where, CS_INVALID, "an object was expected");
	tcb = cs_member(ctx, where, level, "tcb", CS_JSON_OBJECT);
	if (tcb == NULL || !cs_member_uint(ctx, CS_IN(where, "tcb"), tcb, "isvsvn", MAX_ISV, &isvsvn))
		return false;
	cs_put_array(out, 2);
	cs_put_array(out, 1);
	cs_put_map(out, 1);
	cs_put_uint(out, CS_MEASUREMENT_MVAL);
	cs_put_map(out, 1);
	cs_put_int(out, CS_INTEL_ISVSVN);
	cs_intel_put_numeric(out, CS_OPERATOR_GE, isvsvn);
	return cs_intel_put_addition(ctx, &e->common, where, level, NULL, (cs_span) { NULL, 0 }, out);
}

static bool
put_triples(cs_ctx *ctx, identity *e)
{
	const cs_where *at = CS_IN(e->common.where, "tcbLevels");
	cs_buf *out = &e->common.triples;
	size_t i = 0;

	e->common.kinds = 2;
	cs_put_uint(out, CS_TRIPLE_REFERENCE);
	cs_put_array(out, 1);
	put_enclave(e, out);
	cs_put_uint(out, CS_TRIPLE_CONDITIONAL_ENDORSEMENT_SERIES);
	cs_put_array(out, 1);
	cs_put_array(out, 2);
	put_enclave(e, out);
	cs_put_array(out, e->levels->count);
	for (const cs_json *level = e->levels->first; level != NULL; level = level->next, i++)
		if (!put_level(ctx, e, CS_AT(at, i), level, out))
			return false;
	return true;
}

static bool
is_identity(cs_span document)
{
	return cs_intel_is(document, "\"enclaveIdentity\"") || cs_intel_is(document, "\"qeIdentity\"");
}

static bool
open_identity(cs_ctx *ctx, cs_span document, cs_vendor_document *out)
{
	identity e = { .common = { .where = CS_IN(NULL, "enclaveIdentity"), .kind = "enclave identities", .versions = { 2, 2 } } };
	char family[64];

	if (!cs_intel_open(ctx, document, "enclaveIdentity", &e.common, out) || !read_id(ctx, &e) || !read_values(ctx, &e) ||
		!put_triples(ctx, &e))
		return false;
	snprintf(family, sizeof(family), "intel-enclave-identity/%s", e.id);
	e.common.family = family;
	return cs_intel_finish(ctx, &e.common, out);
}

const cs_vendor_format cs_vendor_intel_enclave_identity = {
	.name = "intel-enclave-identity",
	.media_type = "application/x.intel-enclave-identity+json",
	.signer = "Intel SGX TCB Signing",
	.is = is_identity,
	.open = open_identity,
	.may_sign = cs_intel_may_sign,
};
