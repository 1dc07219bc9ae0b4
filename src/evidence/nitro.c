/*
 * nitro.c - AWS Nitro Enclaves attestation documents: a COSE_Sign1 whose payload brings the signer's certificate and its issuers along
 * (AWS, "Verifying the root of trust"). The mapping is coserv's.
 */
#include <string.h>

#include "job.h"

#define PCRS 32

static bool
invalid(cs_job *job, const char *what)
{
	return cs_fail(job->ctx, CS_INVALID, "Nitro attestation document: %s", what);
}

/* A member that is a byte string; null counts as absent. */
static bool
member(cs_job *job, const cs_item *map, const char *name, bool needed, cs_span *out)
{
	cs_item value;

	*out = (cs_span) { NULL, 0 };
	if (!cs_map_get_text(map, name, &value) || cs_is_null(&value))
		return !needed || cs_fail(job->ctx, CS_INVALID, "Nitro attestation document has no %s", name);
	if (!cs_is(&value, CS_BSTR))
		return cs_fail(job->ctx, CS_INVALID, "%s of the Nitro attestation document is no byte string", name);
	return cs_string(job->ctx, &value, out);
}

/* certificate, and cabundle from the root on */
static bool
certs_of(cs_job *job, const cs_item *map, cs_span **certs, size_t *count)
{
	cs_span *given, leaf, der;
	size_t given_count;
	cs_item list, item;
	cs_iter it;

	if (!member(job, map, "certificate", true, &leaf) || !cs_job_certs(job, (cs_span) { NULL, 0 }, &given, &given_count))
		return false;
	if (!cs_map_get_text(map, "cabundle", &list) || !cs_is(&list, CS_ARRAY) || cs_count(&list) == 0)
		return invalid(job, "it has no cabundle");
	if (cs_count(&list) + given_count + 1 > job->ctx->limits.max_depth)
		return cs_fail(job->ctx, CS_LIMIT, "there are more certificates than the limit on depth");
	*certs = cs_alloc(job->ctx, (size_t) cs_count(&list) + given_count + 1, sizeof(cs_span));
	if (!*certs)
		return false;
	(*certs)[0] = leaf;
	*count = 1;
	it = cs_iterate(&list);
	while (cs_next(&it, &item))
	{
		if (!cs_is(&item, CS_BSTR))
			return invalid(job, "a certificate of its cabundle is no byte string");
		if (!cs_string(job->ctx, &item, &der))
			return false;
		(*certs)[(*count)++] = der;
	}
	if (given_count > 0)
		memcpy(*certs + *count, given, given_count * sizeof(cs_span));
	*count += given_count;
	return true;
}

static bool
add_pcrs(cs_job *job, cs_evidence_ect *ect, const cs_item *map)
{
	cs_item pcrs, key, value;
	uint64_t index;
	cs_span digest;
	cs_iter it;
	cs_mval mval;

	if (!cs_map_get_text(map, "pcrs", &pcrs) || !cs_is(&pcrs, CS_MAP) || cs_count(&pcrs) == 0)
		return invalid(job, "it has no pcrs");
	it = cs_iterate(&pcrs);
	while (cs_next_pair(&it, &key, &value))
	{
		if (!cs_uint64(&key, &index) || index >= PCRS || !cs_is(&value, CS_BSTR))
			return invalid(job, "a PCR is no number below 32 with a byte string");
		if (!cs_string(job->ctx, &value, &digest))
			return false;
		if (digest.len != 48)
			return invalid(job, "a PCR has not the 48 bytes of SHA-384");
		cs_mval_start(job, &mval);
		cs_mval_digest(&mval, 7, digest);
		if (!cs_ect_element_uint(job, ect, index, &mval))
			return false;
	}
	return true;
}

static bool
add_raw(cs_job *job, cs_evidence_ect *ect, const cs_item *map, const char *name)
{
	cs_span value;
	cs_mval mval;

	if (!member(job, map, name, false, &value))
		return false;
	if (!value.data)
		return true;
	cs_mval_start(job, &mval);
	cs_mval_bytes(&mval, CS_MVAL_RAW_VALUE, CS_TAG_BYTES, value);
	return cs_ect_element_text(job, ect, name, &mval);
}

/* class AWS, Nitro Enclaves; instance the module_id's text */
static bool
environment_of(cs_job *job, const cs_item *map, cs_span *out)
{
	static const char vendor[] = "AWS", model[] = "Nitro Enclaves";
	cs_environment_parts parts = CS_NO_ENVIRONMENT;
	cs_item id, digest;
	cs_span text;

	if (!cs_map_get_text(map, "module_id", &id) || !cs_is(&id, CS_TSTR) || !cs_string(job->ctx, &id, &text) || text.len == 0)
		return invalid(job, "it has no module_id");
	if (!cs_map_get_text(map, "digest", &digest) || !cs_text_is(&digest, "SHA384"))
		return cs_fail(job->ctx, CS_UNSUPPORTED, "PCRs of the Nitro attestation document are not SHA384");
	parts.vendor = (cs_span) { (const uint8_t *) vendor, sizeof(vendor) - 1 };
	parts.model = (cs_span) { (const uint8_t *) model, sizeof(model) - 1 };
	return cs_tagged_bytes(job, CS_TAG_BYTES, text, &parts.instance) && cs_put_environment(job, &parts, out);
}

bool
cs_evidence_nitro(cs_job *job, cs_span bytes, const cs_attester *by)
{
	cs_statement statement = { .sign1 = NULL };
	cs_span environment, nonce, *certs = NULL;
	cs_evidence_ect *ect;
	cs_attester signer;
	cs_sign1 sign1;
	cs_item item, map;

	(void) by; /* a document says itself who signed it */
	if (!cs_check(job->ctx, bytes.data, bytes.len))
		return false;
	item = cs_item_at(bytes.data, bytes.len);
	if (!cs_job_sign1(job, &item, &sign1) || !cs_claims_open(job, sign1.payload, "Nitro attestation document", &map) ||
		!environment_of(job, &map, &environment) || !certs_of(job, &map, &certs, &statement.cert_count) ||
		!member(job, &map, "nonce", false, &nonce))
		return false;
	statement.sign1 = &sign1;
	statement.certs = certs;
	if (!cs_attester_find(job, environment, &statement, &signer) || (nonce.data && !cs_attester_nonce(job, &signer, nonce, false)))
		return false;
	ect = cs_ect_add(job, environment, (cs_span) { NULL, 0 }, &signer);
	return ect && add_pcrs(job, ect, &map) && add_raw(job, ect, &map, "public_key") && add_raw(job, ect, &map, "user_data");
}
