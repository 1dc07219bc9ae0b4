/*
 * intel_tcb_info.c - Intel's TCB info, versions 2 and 3 (Intel SGX and TDX PCS API, version 4, "Get SGX TCB Info", "Get TDX TCB Info"):
 * a series over the platform's SVNs, of TDX another one over the module's, and references for the module (doc/vendors.md).
 */
#include <stdio.h>
#include <string.h>

#include "cbor/text.h"
#include "intel.h"

#define MAX_PCESVN 65535

typedef struct tcb_info
{
	cs_intel common;
	bool tdx;
	char model[13]; /* FMSPC in upper case, as Evidence has it */
	char pceid[5];
	const cs_json *levels;
	const cs_json *modules; /* tdxModuleIdentities; NULL: none */
	const cs_json *module;	/* tdxModule; NULL: none */
} tcb_info;

static void
put_hex(cs_span bytes, char *out)
{
	for (size_t i = 0; i < bytes.len; i++)
		snprintf(out + 2 * i, 3, "%02X", bytes.data[i]);
}

static bool
read_id(cs_ctx *ctx, tcb_info *t)
{
	const cs_where *where = t->common.where;
	const cs_json *id;

	if (t->common.version == 2)
		return true;
	id = cs_member(ctx, where, t->common.body, "id", CS_JSON_STRING);
	if (id == NULL)
		return false;
	t->tdx = cs_json_is(id->text, "TDX");
	return t->tdx || cs_json_is(id->text, "SGX") || cs_member_fail(ctx, CS_IN(where, "id"), CS_UNSUPPORTED, "SGX or TDX was expected");
}

static bool
read_names(cs_ctx *ctx, tcb_info *t)
{
	const cs_where *where = t->common.where;
	const cs_json *body = t->common.body;
	cs_span fmspc, pceid;
	uint64_t type;

	if (!cs_member_hex(ctx, where, body, "fmspc", 6, &fmspc) || !cs_member_hex(ctx, where, body, "pceId", 2, &pceid) ||
		!cs_member_uint(ctx, where, body, "tcbType", 1000, &type))
		return false;
	if (type != 0)
		return cs_member_fail(
			ctx, CS_IN(where, "tcbType"), CS_UNSUPPORTED, "how levels of type %llu compare is not known", (unsigned long long) type);
	put_hex(fmspc, t->model);
	put_hex(pceid, t->pceid);
	t->levels = cs_member(ctx, where, body, "tcbLevels", CS_JSON_ARRAY);
	if (t->levels == NULL)
		return false;
	if (t->levels->count == 0)
		return cs_member_fail(ctx, CS_IN(where, "tcbLevels"), CS_INVALID, "there is no TCB level");
	return !t->tdx ||
		(cs_member_if_any(ctx, where, body, "tdxModule", CS_JSON_OBJECT, &t->module) &&
			cs_member_if_any(ctx, where, body, "tdxModuleIdentities", CS_JSON_ARRAY, &t->modules));
}

/* ---- the SVNs of a level ---- */

static bool
read_components(cs_ctx *ctx, const cs_where *where, const cs_json *tcb, const char *name, uint64_t svns[CS_INTEL_SVNS])
{
	const cs_json *list = cs_member(ctx, where, tcb, name, CS_JSON_ARRAY);
	const cs_where *at = CS_IN(where, name);
	size_t i = 0;

	if (list == NULL)
		return false;
	if (list->count != CS_INTEL_SVNS)
		return cs_member_fail(ctx, at, CS_INVALID, "%d components were expected", CS_INTEL_SVNS);
	for (const cs_json *component = list->first; component != NULL; component = component->next, i++)
	{
		if (component->kind != CS_JSON_OBJECT)
			return cs_member_fail(ctx, CS_AT(at, i), CS_INVALID, "an object was expected");
		if (!cs_member_uint(ctx, CS_AT(at, i), component, "svn", 255, &svns[i]))
			return false;
	}
	return true;
}

/* Version 2: a member each, sgxtcbcomp01svn to sgxtcbcomp16svn. */
static bool
read_numbered(cs_ctx *ctx, const cs_where *where, const cs_json *tcb, uint64_t svns[CS_INTEL_SVNS])
{
	char name[32];

	for (int i = 0; i < CS_INTEL_SVNS; i++)
	{
		snprintf(name, sizeof(name), "sgxtcbcomp%02dsvn", i + 1);
		if (!cs_member_uint(ctx, where, tcb, name, 255, &svns[i]))
			return false;
	}
	return true;
}

typedef struct svns
{
	uint64_t platform[CS_INTEL_SVNS];
	uint64_t pcesvn;
	uint64_t tee[CS_INTEL_SVNS]; /* of TDX */
} svns;

static bool
read_svns(cs_ctx *ctx, const tcb_info *t, const cs_where *where, const cs_json *tcb, svns *out)
{
	return (t->common.version == 2 ? read_numbered(ctx, where, tcb, out->platform)
								   : read_components(ctx, where, tcb, "sgxtcbcomponents", out->platform)) &&
		cs_member_uint(ctx, where, tcb, "pcesvn", MAX_PCESVN, &out->pcesvn) &&
		(!t->tdx || read_components(ctx, where, tcb, "tdxtcbcomponents", out->tee));
}

/* ---- selections ---- */

/* {0: mkey, 1: {codepoint: */
static void
put_measurement(cs_buf *out, const char *mkey, int64_t codepoint)
{
	cs_put_map(out, mkey ? 2 : 1);
	if (mkey)
	{
		cs_put_uint(out, CS_MEASUREMENT_MKEY);
		cs_put_cstr(out, mkey);
	}
	cs_put_uint(out, CS_MEASUREMENT_MVAL);
	cs_put_map(out, 1);
	cs_put_int(out, codepoint);
}

static void
put_platform(cs_buf *out, const svns *s)
{
	put_measurement(out, NULL, CS_INTEL_TCB_COMP_SVN);
	cs_put_array(out, CS_INTEL_SVNS);
	for (int i = 0; i < CS_INTEL_SVNS; i++)
		cs_intel_put_numeric(out, CS_OPERATOR_GE, s->platform[i]);
	put_measurement(out, "pcesvn", CS_INTEL_ISVSVN);
	cs_intel_put_numeric(out, CS_OPERATOR_GE, s->pcesvn);
}

/* The module's major version stands in TEE_TCB_SVN[1]: where it is not 0, its identity judges components 0 and 1. */
static void
put_tee(cs_buf *out, const svns *s, bool by_identity)
{
	put_measurement(out, "tee_tcb_svn", CS_INTEL_TCB_COMP_SVN);
	cs_put_array(out, CS_INTEL_SVNS);
	cs_intel_put_numeric(out, CS_OPERATOR_GE, by_identity ? 0 : s->tee[0]);
	cs_intel_put_numeric(out, by_identity ? CS_OPERATOR_GT : CS_OPERATOR_EQ, 0);
	for (int i = 2; i < CS_INTEL_SVNS; i++)
		cs_intel_put_numeric(out, CS_OPERATOR_GE, s->tee[i]);
}

/* ---- series ---- */

/* [[environment, claims], [ */
static void
begin_series(const tcb_info *t, uint64_t entries, cs_buf *out)
{
	cs_put_array(out, 2);
	cs_put_array(out, 2);
	cs_put_class(out, CS_INTEL_VENDOR, t->model);
	cs_put_array(out, 1);
	cs_put_map(out, 1);
	cs_put_uint(out, CS_MEASUREMENT_MVAL);
	cs_put_map(out, 2);
	cs_put_int(out, CS_INTEL_MODEL);
	cs_put_cstr(out, t->tdx ? "TDX" : "SGX");
	cs_put_int(out, CS_INTEL_PCEID);
	cs_put_cstr(out, t->pceid);
	cs_put_array(out, entries);
}

static bool
put_entry(cs_ctx *ctx, const tcb_info *t, const cs_where *where, const cs_json *level, const svns *s, bool by_identity, cs_buf *out)
{
	cs_put_array(out, 2);
	cs_put_array(out, t->tdx ? 3 : 2);
	put_platform(out, s);
	if (t->tdx)
		put_tee(out, s, by_identity);
	return cs_intel_put_addition(ctx, &t->common, where, level, NULL, (cs_span) { NULL, 0 }, out);
}

/* Of TDX a level is one entry for modules of major version 0 and one for those that have an identity; never do both match. */
static bool
put_level(cs_ctx *ctx, const tcb_info *t, const cs_where *where, const cs_json *level, uint64_t *entries, cs_buf *out)
{
	const cs_json *tcb;
	svns s;

	if (level->kind != CS_JSON_OBJECT)
		return cs_member_fail(ctx, where, CS_INVALID, "an object was expected");
	tcb = cs_member(ctx, where, level, "tcb", CS_JSON_OBJECT);
	if (tcb == NULL || !read_svns(ctx, t, CS_IN(where, "tcb"), tcb, &s))
		return false;
	if (!t->tdx || s.tee[1] == 0)
	{
		(*entries)++;
		if (!put_entry(ctx, t, where, level, &s, false, out))
			return false;
	}
	if (!t->tdx || t->modules == NULL)
		return true;
	(*entries)++;
	return put_entry(ctx, t, where, level, &s, true, out);
}

static bool
put_levels(cs_ctx *ctx, const tcb_info *t, cs_buf *out)
{
	const cs_where *at = CS_IN(t->common.where, "tcbLevels");
	uint64_t entries = 0;
	size_t i = 0;
	cs_buf list;

	cs_buf_init(&list, ctx);
	for (const cs_json *level = t->levels->first; level != NULL; level = level->next, i++)
		if (!put_level(ctx, t, CS_AT(at, i), level, &entries, &list))
			return false;
	if (entries == 0)
		return cs_member_fail(ctx, at, CS_INVALID, "levels ask for a version of the TDX module that nothing identifies");
	begin_series(t, entries, out);
	cs_put_raw(out, list.data, list.len);
	return cs_buf_ok(&list);
}

/* ---- modules ---- */

/* TDX_01: the major version in hexadecimal digits. */
static bool
module_version(cs_ctx *ctx, const cs_where *where, const cs_json *module, cs_span *name, uint64_t *version)
{
	const cs_json *id = cs_member(ctx, where, module, "id", CS_JSON_STRING);
	int high, low;

	if (id == NULL)
		return false;
	*name = id->text;
	if (name->len == 6 && memcmp(name->data, "TDX_", 4) == 0)
	{
		high = cs_hex_digit(name->data[4]);
		low = cs_hex_digit(name->data[5]);
		*version = (uint64_t) (high < 0 || low < 0 ? 0 : high << 4 | low);
		if (*version > 0)
			return true;
	}
	return cs_member_fail(ctx, CS_IN(where, "id"), CS_INVALID, "TDX_ and two hexadecimal digits were expected, not 00");
}

static bool
put_module_level(cs_ctx *ctx, const tcb_info *t, const cs_where *where, const cs_json *level, cs_span name, uint64_t version, cs_buf *out)
{
	const cs_json *tcb;
	uint64_t isvsvn;

	if (level->kind != CS_JSON_OBJECT)
		return cs_member_fail(ctx, where, CS_INVALID, "an object was expected");
	tcb = cs_member(ctx, where, level, "tcb", CS_JSON_OBJECT);
	if (tcb == NULL || !cs_member_uint(ctx, CS_IN(where, "tcb"), tcb, "isvsvn", 255, &isvsvn))
		return false;
	cs_put_array(out, 2);
	cs_put_array(out, 1);
	put_measurement(out, "tee_tcb_svn", CS_INTEL_TCB_COMP_SVN);
	cs_put_array(out, CS_INTEL_SVNS);
	cs_intel_put_numeric(out, CS_OPERATOR_GE, isvsvn);
	cs_intel_put_numeric(out, CS_OPERATOR_EQ, version);
	for (int i = 2; i < CS_INTEL_SVNS; i++)
		cs_intel_put_numeric(out, CS_OPERATOR_GE, 0);
	return cs_intel_put_addition(ctx, &t->common, where, level, "tdx_module", name, out);
}

/* A series for each module, in the environment of the platform: it is this FMSPC's. */
static bool
put_module(cs_ctx *ctx, const tcb_info *t, const cs_where *where, const cs_json *module, cs_buf *out)
{
	const cs_json *levels;
	const cs_where *at = CS_IN(where, "tcbLevels");
	uint64_t version;
	cs_span name;
	size_t i = 0;

	if (module->kind != CS_JSON_OBJECT)
		return cs_member_fail(ctx, where, CS_INVALID, "an object was expected");
	levels = cs_member(ctx, where, module, "tcbLevels", CS_JSON_ARRAY);
	if (levels == NULL || !module_version(ctx, where, module, &name, &version))
		return false;
	if (levels->count == 0)
		return cs_member_fail(ctx, at, CS_INVALID, "there is no TCB level");
	begin_series(t, levels->count, out);
	for (const cs_json *level = levels->first; level != NULL; level = level->next, i++)
		if (!put_module_level(ctx, t, CS_AT(at, i), level, name, version, out))
			return false;
	return true;
}

static bool
put_series(cs_ctx *ctx, tcb_info *t)
{
	cs_buf *out = &t->common.triples;
	size_t i = 0;

	t->common.kinds++;
	cs_put_uint(out, CS_TRIPLE_CONDITIONAL_ENDORSEMENT_SERIES);
	cs_put_array(out, 1 + (t->modules ? t->modules->count : 0));
	if (!put_levels(ctx, t, out))
		return false;
	for (const cs_json *module = t->modules ? t->modules->first : NULL; module != NULL; module = module->next, i++)
		if (!put_module(ctx, t, CS_AT(CS_IN(t->common.where, "tdxModuleIdentities"), i), module, out))
			return false;
	return true;
}

/* [{0: {vendor, "TDX SEAM"}}, [{1: {11: name, -82: attributes under their mask, -84: mrsigner}}]] */
static bool
put_reference(cs_ctx *ctx, const cs_where *where, const cs_json *module, cs_buf *out)
{
	cs_span attributes, mask, mrsigner;
	const cs_json *id;

	if (module->kind != CS_JSON_OBJECT)
		return cs_member_fail(ctx, where, CS_INVALID, "an object was expected");
	if (!cs_member_if_any(ctx, where, module, "id", CS_JSON_STRING, &id) ||
		!cs_member_hex(ctx, where, module, "attributes", 8, &attributes) ||
		!cs_member_hex(ctx, where, module, "attributesMask", 8, &mask) || !cs_member_hex(ctx, where, module, "mrsigner", 48, &mrsigner))
		return false;
	cs_put_array(out, 2);
	cs_put_class(out, CS_INTEL_VENDOR, "TDX SEAM");
	cs_put_array(out, 1);
	cs_put_map(out, 1);
	cs_put_uint(out, CS_MEASUREMENT_MVAL);
	cs_put_map(out, id ? 3 : 2);
	if (id)
	{
		cs_put_uint(out, CS_MVAL_NAME);
		cs_put_text(out, (const char *) id->text.data, id->text.len);
	}
	cs_put_int(out, CS_INTEL_ATTRIBUTES);
	cs_intel_put_masked(out, attributes, mask);
	cs_put_int(out, CS_INTEL_MRSIGNER);
	cs_put_array(out, 2);
	cs_put_uint(out, CS_ALG_SHA384);
	cs_put_bytes(out, mrsigner.data, mrsigner.len);
	return true;
}

/* tdxModule names no version, so that it would speak for those that have an identity too: it counts only where none has. */
static bool
put_references(cs_ctx *ctx, tcb_info *t)
{
	cs_buf *out = &t->common.triples;
	size_t i = 0;

	if (t->modules == NULL && t->module == NULL)
		return true;
	if (t->modules != NULL && t->modules->count == 0)
		return cs_member_fail(ctx, CS_IN(t->common.where, "tdxModuleIdentities"), CS_INVALID, "there is no identity in it");
	t->common.kinds++;
	cs_put_uint(out, CS_TRIPLE_REFERENCE);
	cs_put_array(out, t->modules ? t->modules->count : 1);
	if (t->modules == NULL)
		return put_reference(ctx, CS_IN(t->common.where, "tdxModule"), t->module, out);
	for (const cs_json *module = t->modules->first; module != NULL; module = module->next, i++)
		if (!put_reference(ctx, CS_AT(CS_IN(t->common.where, "tdxModuleIdentities"), i), module, out))
			return false;
	return true;
}

/* ---- the form ---- */

static bool
is_tcb_info(cs_span document)
{
	return cs_intel_is(document, "\"tcbInfo\"") || cs_intel_is(document, "\"tcbEvaluationDataNumbers\"");
}

static bool
open_tcb_info(cs_ctx *ctx, cs_span document, cs_vendor_document *out)
{
	tcb_info t = { .common = { .where = CS_IN(NULL, "tcbInfo"), .kind = "TCB infos", .versions = { 2, 3 } } };
	char family[64];

	if (!cs_intel_open(ctx, document, "tcbInfo", &t.common, out) || !read_id(ctx, &t) || !read_names(ctx, &t) || !put_references(ctx, &t) ||
		!put_series(ctx, &t))
		return false;
	snprintf(family, sizeof(family), "intel-tcb-info/%s/%s/%s", t.tdx ? "TDX" : "SGX", t.model, t.pceid);
	t.common.family = family;
	return cs_intel_finish(ctx, &t.common, out);
}

const cs_vendor_format cs_vendor_intel_tcb_info = {
	.name = "intel-tcb-info",
	.media_type = "application/x.intel-tcb-info+json",
	.signer = "Intel SGX TCB Signing",
	.is = is_tcb_info,
	.open = open_tcb_info,
	.may_sign = cs_intel_may_sign,
};
