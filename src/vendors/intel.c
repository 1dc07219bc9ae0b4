/*
 * intel.c - what Intel's signed JSON has in common (intel.h): a member, and an ECDSA signature over its very bytes.
 */
#include "intel.h"

#include <stdio.h>
#include <string.h>

#define MAX_GENERATION 1000000
#define GENERATIONS_REPLACED 32 /* Intel keeps three or so alive */
#define SIGNER "Intel SGX TCB Signing"

/* 2.16.840.1.113741.1.16.1 */
static const char profile_oid[] = "\x60\x86\x48\x01\x86\xf8\x4d\x01\x10\x01";

bool
cs_intel_is(cs_span document, const char *quoted)
{
	size_t at = 0;

	while (at < document.len && strchr(" \t\r\n", document.data[at]) != NULL && document.data[at] != 0)
		at++;
	return at < document.len && document.data[at] == '{' && memmem(document.data, document.len, quoted, strlen(quoted)) != NULL;
}

/* What Intel signs likewise and what is none of these forms, with what to do instead. */
static bool
refuse_others(cs_ctx *ctx, const cs_json *json)
{
	static const struct
	{
		const char *name, *why, *hint;
	} others[] = {
		{ "qeIdentity", "identities of version 1 are not read: they have no TCB levels",
			"Ask Intel's service for it by version 4 of its API, as coserv mirror does." },
		{ "tcbEvaluationDataNumbers", "a list of generations vouches for nothing",
			"Which generation answers is said by set_policy(generation => ...); the highest does without." },
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (cs_json_get(json, others[i].name) != NULL)
		{
			cs_member_fail(ctx, CS_IN(NULL, others[i].name), CS_UNSUPPORTED, "%s", others[i].why);
			return cs_fail_hint(ctx, "%s", others[i].hint);
		}
	return true;
}

static bool
read_version(cs_ctx *ctx, cs_intel *in)
{
	if (!cs_member_uint(ctx, in->where, in->body, "version", 1000, &in->version))
		return false;
	if (in->version >= in->versions[0] && in->version <= in->versions[1])
		return true;
	cs_member_fail(
		ctx, CS_IN(in->where, "version"), CS_UNSUPPORTED, "version %llu of %s is not read", (unsigned long long) in->version, in->kind);
	return cs_fail_hint(ctx, "Version %llu is what Intel's service gives by version 4 of its API.", (unsigned long long) in->versions[1]);
}

static bool
read_common(cs_ctx *ctx, cs_intel *in)
{
	if (!read_version(ctx, in) || !cs_member_time(ctx, in->where, in->body, "issueDate", &in->issue_date) ||
		!cs_member_time(ctx, in->where, in->body, "nextUpdate", &in->next_update) ||
		!cs_member_uint(ctx, in->where, in->body, "tcbEvaluationDataNumber", MAX_GENERATION, &in->evaluation))
		return false;
	return in->issue_date < in->next_update || cs_member_fail(ctx, in->where, CS_INVALID, "nextUpdate is not behind issueDate");
}

bool
cs_intel_open(cs_ctx *ctx, cs_span document, const char *name, cs_intel *in, cs_vendor_document *out)
{
	cs_json *json;

	if (!cs_json_parse(ctx, document, &json) || !cs_json_require_unique(ctx, json) || !refuse_others(ctx, json))
		return false;
	in->body = cs_member(ctx, NULL, json, name, CS_JSON_OBJECT);
	if (in->body == NULL || !cs_member_hex(ctx, NULL, json, "signature", 64, &out->signature.signature))
		return false;
	out->signature.alg = CS_ALG_ES256;
	out->signature.payload = in->body->raw;
	cs_buf_init(&in->triples, ctx);
	return read_common(ctx, in);
}

/* Generations of one thing replace those before them, as long as they count themselves. */
static bool
older_generations(cs_ctx *ctx, const cs_intel *in, cs_derived *derived)
{
	size_t count = in->evaluation < GENERATIONS_REPLACED ? (size_t) in->evaluation : GENERATIONS_REPLACED;
	const char **ids = cs_alloc(ctx, count + 1, sizeof(*ids));

	if (ids == NULL)
		return false;
	for (size_t i = 0; i < count; i++)
	{
		char id[80];
		int len = snprintf(id, sizeof(id), "%s/%llu", in->family, (unsigned long long) (in->evaluation - 1 - i));

		ids[i] = cs_strndup(ctx, id, (size_t) len);
		if (ids[i] == NULL)
			return false;
	}
	derived->replaces = ids;
	derived->replaces_count = count;
	return true;
}

bool
cs_intel_finish(cs_ctx *ctx, const cs_intel *in, cs_vendor_document *out)
{
	char id[80];
	cs_derived derived = { .tag_id = id,
		.tag_version = (uint64_t) in->issue_date,
		.profile_oid = profile_oid,
		.profile_oid_len = sizeof(profile_oid) - 1,
		.has_validity = true,
		.not_before = in->issue_date,
		.not_after = in->next_update,
		.kinds = in->kinds,
		.triples = cs_buf_span(&in->triples) };

	if (!cs_buf_ok(&in->triples) || !older_generations(ctx, in, &derived))
		return false;
	snprintf(id, sizeof(id), "%s/%llu", in->family, (unsigned long long) in->evaluation);
	out->has_generation = true;
	out->generation = (int64_t) in->evaluation;
	return cs_derived_corim(ctx, &derived, &out->corim);
}

bool
cs_intel_may_sign(
	cs_ctx *ctx, const cs_vendor_document *document, const cs_span *certs, size_t count, const char *const *purposes, bool *yes)
{
	const cs_span name = { (const uint8_t *) SIGNER, sizeof(SIGNER) - 1 };

	(void) document;
	(void) count;
	(void) purposes;
	return cs_certificate_has_name(ctx, certs[0], name, yes);
}

void
cs_intel_put_numeric(cs_buf *buf, uint64_t operator, uint64_t value)
{
	cs_put_tag(buf, CS_TAG_NUMERIC_EXPRESSION);
	cs_put_array(buf, 2);
	cs_put_uint(buf, operator);
	cs_put_uint(buf, value);
}

void
cs_intel_put_masked(cs_buf *buf, cs_span value, cs_span mask)
{
	cs_put_tag(buf, CS_TAG_MASKED_RAW_VALUE);
	cs_put_array(buf, 2);
	cs_put_bytes(buf, value.data, value.len);
	cs_put_bytes(buf, mask.data, mask.len);
}

/* ---- a TCB level ---- */

static bool
put_advisories(cs_ctx *ctx, const cs_where *where, const cs_json *advisories, cs_buf *out)
{
	size_t i = 0;

	cs_put_int(out, CS_INTEL_ADVISORY_IDS);
	cs_put_array(out, advisories->count);
	for (const cs_json *id = advisories->first; id != NULL; id = id->next, i++)
	{
		if (id->kind != CS_JSON_STRING)
			return cs_member_fail(ctx, CS_AT(where, i), CS_INVALID, "a string was expected");
		cs_put_text(out, (const char *) id->text.data, id->text.len);
	}
	return true;
}

bool
cs_intel_put_addition(
	cs_ctx *ctx, const cs_intel *in, const cs_where *where, const cs_json *level, const char *mkey, cs_span name, cs_buf *out)
{
	const cs_json *date = cs_member(ctx, where, level, "tcbDate", CS_JSON_STRING);
	const cs_json *status = cs_member(ctx, where, level, "tcbStatus", CS_JSON_STRING);
	const cs_json *advisories;
	int64_t unused;

	if (date == NULL || status == NULL || !cs_member_time(ctx, where, level, "tcbDate", &unused) ||
		!cs_member_if_any(ctx, where, level, "advisoryIDs", CS_JSON_ARRAY, &advisories))
		return false;
	cs_put_array(out, 1);
	cs_put_map(out, mkey ? 2 : 1);
	if (mkey)
	{
		cs_put_uint(out, CS_MEASUREMENT_MKEY);
		cs_put_cstr(out, mkey);
	}
	cs_put_uint(out, CS_MEASUREMENT_MVAL);
	cs_put_map(out, 3 + (name.len > 0 ? 1 : 0) + (advisories ? 1 : 0));
	if (name.len > 0)
	{
		cs_put_uint(out, CS_MVAL_NAME);
		cs_put_text(out, (const char *) name.data, name.len);
	}
	cs_put_int(out, CS_INTEL_TCBDATE);
	cs_put_text(out, (const char *) date->text.data, date->text.len);
	cs_put_int(out, CS_INTEL_TCB_EVAL_NUM);
	cs_put_uint(out, in->evaluation);
	cs_put_int(out, CS_INTEL_TCB_STATUS);
	cs_put_array(out, 1);
	cs_put_text(out, (const char *) status->text.data, status->text.len);
	return advisories == NULL || put_advisories(ctx, CS_IN(where, "advisoryIDs"), advisories, out);
}
