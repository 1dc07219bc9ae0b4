/*
 * cmw.c - Conceptual Message Wrappers (draft-ietf-rats-msg-wrap): records, tags and collections, in CBOR and in JSON, signed and not.
 * What is wrapped is read in its own format, by its media type or CoAP Content-Format.
 */
#include <string.h>

#include "cbor/json.h"
#include "job.h"

enum
{
	TN_ZERO = 1668546817, /* the tag of CoAP Content-Format 0 (RFC 9277 appendix B) */
	TN_LAST = 1668612095,
	IND_EVIDENCE = 4 /* bit 2 of cm-ind */
};

static bool
invalid(cs_job *job, const char *what)
{
	return cs_fail(job->ctx, CS_INVALID, "conceptual message wrapper: %s", what);
}

static bool
unknown_label(const cs_item *label)
{
	return !cs_text_is(label, "__cmwc_t");
}

static bool read_cbor(cs_job *job, const cs_item *item, const cs_attester *by);

/* [type, value, ? ind]: what is said not to be Evidence is passed over. */
static bool
read_record(cs_job *job, const cs_item *record, const cs_attester *by)
{
	cs_item type, value, ind;
	cs_span name = { NULL, 0 }, bytes;
	int64_t format = -1;

	if (!cs_array_get(record, 0, &type) || !cs_array_get(record, 1, &value) || !cs_is(&value, CS_BSTR) || cs_count(record) > 3)
		return invalid(job, "a record is not a type and bytes");
	if (cs_array_get(record, 2, &ind) && cs_is(&ind, CS_UINT) && (ind.arg & IND_EVIDENCE) == 0)
		return true;
	if (!cs_string(job->ctx, &value, &bytes))
		return false;
	if (cs_is(&type, CS_UINT) && type.arg <= 65535)
		format = (int64_t) type.arg;
	else if (!cs_is(&type, CS_TSTR))
		return invalid(job, "a type is neither a media type nor a content format");
	else if (!cs_string(job->ctx, &type, &name))
		return false;
	return cs_evidence_of_type(job, name, format, bytes, by);
}

static bool
read_collection(cs_job *job, const cs_item *map, const cs_attester *by)
{
	cs_iter it = cs_iterate(map);
	cs_item label, value;

	while (cs_next_pair(&it, &label, &value))
	{
		if (unknown_label(&label) && !read_cbor(job, &value, by))
			return false;
	}
	return true;
}

static bool
read_cbor(cs_job *job, const cs_item *item, const cs_attester *by)
{
	cs_item content;
	cs_span bytes;

	if (++job->depth > job->ctx->limits.max_depth)
		return cs_fail(job->ctx, CS_LIMIT, "evidence is wrapped too often");
	if (cs_is(item, CS_ARRAY))
		return read_record(job, item, by);
	if (cs_is(item, CS_MAP))
		return read_collection(job, item, by);
	if (!cs_is(item, CS_TAG) || item->arg < TN_ZERO || item->arg > TN_LAST)
		return invalid(job, "it is no record, tag or collection");
	content = cs_tag_content(item);
	if (!cs_is(&content, CS_BSTR))
		return invalid(job, "a tag holds no byte string");
	/* RFC 9277: formats from 64999 on and a gap before them are not in order; those that are read lie below */
	return cs_string(job->ctx, &content, &bytes) &&
		cs_evidence_of_type(job, (cs_span) { NULL, 0 }, (int64_t) (item->arg - TN_ZERO), bytes, by);
}

/* ---- JSON ---- */

static bool
read_json(cs_job *job, const cs_json *json, const cs_attester *by)
{
	const cs_json *type = json->first, *value;
	cs_span bytes;

	if (++job->depth > job->ctx->limits.max_depth)
		return cs_fail(job->ctx, CS_LIMIT, "evidence is wrapped too often");
	if (json->kind == CS_JSON_OBJECT)
	{
		for (const cs_json *member = json->first; member; member = member->next)
			if (!cs_json_is(member->name, "__cmwc_t") && !read_json(job, member, by))
				return false;
		return true;
	}
	value = type ? type->next : NULL;
	if (json->kind != CS_JSON_ARRAY || !value || type->kind != CS_JSON_STRING || value->kind != CS_JSON_STRING)
		return invalid(job, "it is no record or collection");
	if (value->next && value->next->kind == CS_JSON_NUMBER && value->next->text.len == 1 &&
		!((value->next->text.data[0] - '0') & IND_EVIDENCE))
		return true;
	return cs_base64_text(job->ctx, value->text, &bytes) && cs_evidence_of_type(job, type->text, -1, bytes, by);
}

/* ---- signed: COSE_Sign1 around a CMW (section 4.1) ---- */

static bool
read_signed(cs_job *job, const cs_item *item)
{
	cs_statement statement = { .sign1 = NULL };
	cs_item payload;
	cs_attester signer;
	cs_sign1 sign1;
	cs_span *certs;

	if (!cs_job_sign1(job, item, &sign1) || !cs_check(job->ctx, sign1.payload.data, sign1.payload.len) ||
		!cs_job_x5chain(job, &sign1, &certs, &statement.cert_count))
		return false;
	statement.sign1 = &sign1;
	statement.certs = certs;
	payload = cs_item_at(sign1.payload.data, sign1.payload.len);
	/* a collection is of no one environment: keys that are bound to one do not count for it */
	return cs_attester_find(job, (cs_span) { NULL, 0 }, &statement, &signer) && read_cbor(job, &payload, &signer);
}

bool
cs_evidence_cmw(cs_job *job, cs_span bytes, const cs_attester *by)
{
	size_t before = job->out->count;
	cs_json *json;
	cs_item item;

	if (bytes.len > 0 && (bytes.data[0] == '[' || bytes.data[0] == '{'))
	{
		if (!cs_json_parse(job->ctx, bytes, &json) || !read_json(job, json, by))
			return false;
	}
	else
	{
		if (!cs_check(job->ctx, bytes.data, bytes.len))
			return false;
		item = cs_item_at(bytes.data, bytes.len);
		if (cs_is_tag(&item, CS_TAG_COSE_SIGN1) ? !read_signed(job, &item) : !read_cbor(job, &item, by))
			return false;
	}
	return job->out->count > before || cs_fail(job->ctx, CS_UNSUPPORTED, "conceptual message wrapper holds no evidence");
}
