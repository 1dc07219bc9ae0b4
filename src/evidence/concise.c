/*
 * concise.c - TCG DICE Concise Evidence: 571(concise-evidence-map) and 570(spdm-toc) (draft-ietf-rats-evidence-trans, "Transforming TCG
 * Concise Evidence"), bare, in a COSE_Sign1, or in the measurements claim of an EAT.
 */
#include "job.h"

enum
{
	TAG_SPDM_TOC = 570,
	TAG_CONCISE_EVIDENCE = 571,
	TRIPLES_EVIDENCE = 0,
	TRIPLES_IDENTITY = 1,
	TRIPLES_ATTEST_KEY = 5,
	CLAIM_NONCE = 10,
	CLAIM_MEASUREMENTS = 273,
	CLAIM_UEID = 256,
	CLAIM_HWMODEL = 259,
};

static bool
invalid(cs_job *job, const char *what)
{
	return cs_fail(job->ctx, CS_INVALID, "concise evidence: %s", what);
}

/* A measurement-map; its authorized-by is who vouches for a reference, which Evidence has none of. */
static bool
add_measurement(cs_job *job, cs_evidence_ect *ect, const cs_item *map)
{
	cs_item mkey, mval, authorized;
	bool has_key = cs_map_get(map, 0, &mkey);
	cs_span claims;
	cs_mval built;

	if (!cs_is(map, CS_MAP) || !cs_map_get(map, 1, &mval) || !cs_is(&mval, CS_MAP))
		return invalid(job, "a measurement has no mval");
	if (!cs_deterministic(job->ctx, &mval, (cs_mval_start(job, &built), &built.body)) || !cs_buf_ok(&built.body))
		return false;
	claims = cs_buf_span(&built.body);
	mval = cs_item_at(claims.data, claims.len);
	built.pairs = cs_count(&mval);
	/* the members alone: cs_ect_element writes the head */
	built.body.data = (uint8_t *) mval.content;
	built.body.len = claims.len - (size_t) (mval.content - claims.data);
	if (cs_map_get(map, 2, &authorized) && !cs_ect_note(job, ect, "authorized-by of a measurement is left out: Evidence is its signer's"))
		return false;
	return cs_ect_element(job, ect, has_key ? cs_item_span(&mkey) : (cs_span) { NULL, 0 }, &built);
}

static bool
add_keys(cs_job *job, cs_evidence_ect *ect, const cs_item *keys, const char *type)
{
	cs_span list = cs_item_span(keys);
	cs_mval mval;

	cs_mval_start(job, &mval);
	cs_mval_key(&mval, CS_MVAL_CRYPTOKEYS);
	cs_put_raw(&mval.body, list.data, list.len);
	return cs_ect_note(job, ect, "cryptokeys are %s keys", type) && cs_ect_element(job, ect, (cs_span) { NULL, 0 }, &mval);
}

/* [environment-map, [+ measurement-map]] or [environment-map, [+ $crypto-key-type-choice]] */
static bool
read_record(cs_job *job, const cs_item *record, int64_t kind, cs_span profile, const cs_attester *by)
{
	cs_item environment, list, member;
	cs_evidence_ect *ect;
	cs_iter it;

	if (!cs_is(record, CS_ARRAY) || cs_count(record) < 2 || !cs_array_get(record, 0, &environment) || !cs_array_get(record, 1, &list) ||
		!cs_is(&environment, CS_MAP) || !cs_is(&list, CS_ARRAY) || cs_count(&list) == 0)
		return invalid(job, "a triple is not an environment and a list");
	ect = cs_ect_add(job, cs_item_span(&environment), profile, by);
	if (!ect)
		return false;
	if (kind != TRIPLES_EVIDENCE)
		return add_keys(job, ect, &list, kind == TRIPLES_IDENTITY ? "identity" : "attestation");
	it = cs_iterate(&list);
	while (cs_next(&it, &member))
	{
		if (!add_measurement(job, ect, &member))
			return false;
	}
	return true;
}

static bool
read_triples(cs_job *job, const cs_item *triples, cs_span profile, const cs_attester *by)
{
	static const int64_t kinds[] = { TRIPLES_EVIDENCE, TRIPLES_IDENTITY, TRIPLES_ATTEST_KEY };
	size_t before = job->out->count;
	cs_item list, record;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
	{
		cs_iter it;

		if (!cs_map_get(triples, kinds[i], &list))
			continue;
		if (!cs_is(&list, CS_ARRAY))
			return invalid(job, "triples are no list");
		it = cs_iterate(&list);
		while (cs_next(&it, &record))
		{
			if (!read_record(job, &record, kinds[i], profile, by))
				return false;
		}
	}
	if (job->out->count == before)
		return cs_fail(job->ctx, CS_UNSUPPORTED,
			"concise evidence has only triples that no Evidence ECT can hold (dependencies, memberships, CoSWID)");
	for (int64_t kind = 2; kind <= 4; kind++)
		if (cs_map_get(triples, kind, &list) &&
			!cs_ect_note(job, job->out->ects[before], "%s triples are left out",
				kind == 2		? "dependency"
					: kind == 3 ? "membership"
								: "CoSWID"))
			return false;
	return true;
}

static bool
read_map(cs_job *job, const cs_item *map, const cs_attester *by)
{
	cs_span profile = { NULL, 0 };
	cs_item triples, value;

	if (!cs_is(map, CS_MAP) || !cs_map_get(map, 0, &triples) || !cs_is(&triples, CS_MAP))
		return invalid(job, "there are no ev-triples");
	if (cs_map_get(map, 2, &value))
		profile = cs_item_span(&value);
	return read_triples(job, &triples, profile, by);
}

/* 570({0: [+ 571]}); rim-locators (1) tell where Reference Values are, which is not Evidence. */
static bool
read_toc(cs_job *job, const cs_item *toc, const cs_attester *by)
{
	cs_item list, member;
	cs_iter it;

	if (!cs_is(toc, CS_MAP) || !cs_map_get(toc, 0, &list) || !cs_is(&list, CS_ARRAY) || cs_count(&list) == 0)
		return invalid(job, "spdm-toc has no tagged-concise-evidence");
	it = cs_iterate(&list);
	while (cs_next(&it, &member))
	{
		cs_item map;

		if (!cs_is_tag(&member, TAG_CONCISE_EVIDENCE))
			return invalid(job, "spdm-toc holds something else than tagged-concise-evidence");
		map = cs_tag_content(&member);
		if (!read_map(job, &map, by))
			return false;
	}
	return true;
}

/* What the token is of, for measurements that do not say it: its ueid is the instance, its hardware model the class (ours). Empty when
 * it has neither. */
static bool
token_environment(cs_job *job, const cs_item *token, cs_span *out)
{
	cs_environment_parts parts = CS_NO_ENVIRONMENT;
	cs_span ueid, model;

	*out = (cs_span) { NULL, 0 };
	if (!cs_claim_bytes(job, token, CLAIM_UEID, false, "ueid", &ueid) ||
		!cs_claim_bytes(job, token, CLAIM_HWMODEL, false, "hwmodel", &model))
		return false;
	if (ueid.data && !cs_tagged_bytes(job, CS_TAG_UEID, ueid, &parts.instance))
		return false;
	if (model.data && !cs_tagged_bytes(job, CS_TAG_BYTES, model, &parts.class_id))
		return false;
	return (!ueid.data && !model.data) || cs_put_environment(job, &parts, out);
}

/* The measurements claim of an EAT (RFC 9711 section 4.2.16): [+ [content-format or media type, bytes]]. */
static bool
read_measurements(cs_job *job, const cs_item *token, const cs_item *list, const cs_attester *by)
{
	size_t before = job->out->count;
	cs_item record, type, value;
	cs_iter it = cs_iterate(list);
	cs_span bytes, environment;

	if (!token_environment(job, token, &environment))
		return false;

	while (cs_next(&it, &record))
	{
		if (!cs_is(&record, CS_ARRAY) || !cs_array_get(&record, 0, &type) || !cs_array_get(&record, 1, &value) || !cs_is(&value, CS_BSTR) ||
			!cs_string(job->ctx, &value, &bytes))
			return invalid(job, "a measurement of the token is not a type and bytes");
		if ((cs_is(&type, CS_UINT) && type.arg == CS_FORMAT_CONCISE_EVIDENCE) || cs_text_is(&type, CS_TYPE_CONCISE_EVIDENCE))
		{
			if (!cs_evidence_concise(job, bytes, by))
				return false;
		}
		else if (cs_text_is(&type, CS_TYPE_MEASURED_COMPONENT) && !cs_evidence_component(job, bytes, environment, true, by))
			return false;
	}
	return job->out->count > before ||
		cs_fail(job->ctx, CS_UNSUPPORTED, "measurements of the token are in no format that is read (concise evidence, measured component)");
}

static bool
read_item(cs_job *job, const cs_item *item, const cs_attester *by)
{
	cs_item content, list;

	if (cs_is_tag(item, TAG_SPDM_TOC) || cs_is_tag(item, TAG_CONCISE_EVIDENCE))
	{
		content = cs_tag_content(item);
		return item->arg == TAG_SPDM_TOC ? read_toc(job, &content, by) : read_map(job, &content, by);
	}
	if (cs_is(item, CS_MAP) && cs_map_get(item, CLAIM_MEASUREMENTS, &list) && cs_is(&list, CS_ARRAY))
		return read_measurements(job, item, &list, by);
	return read_map(job, item, by);
}

/* A key that is bound to an environment counts for the ECTs of it: each ECT has its signer. */
static bool
sign_each(cs_job *job, size_t from, const cs_statement *statement, const cs_item *payload)
{
	cs_signers signers;
	cs_attester signer;
	cs_item nonce;
	cs_span bytes;

	if (from < job->out->count && !cs_signers_find(job, statement, &signers))
		return false;
	for (size_t i = from; i < job->out->count; i++)
	{
		if (!cs_signers_choose(job, &signers, job->out->ects[i]->environment, &signer))
			return false;
		if (cs_is(payload, CS_MAP) && cs_map_get(payload, CLAIM_NONCE, &nonce) && cs_is(&nonce, CS_BSTR) &&
			(!cs_string(job->ctx, &nonce, &bytes) || !cs_attester_nonce(job, &signer, bytes, false)))
			return false;
		if (!cs_ect_sign(job, job->out->ects[i], &signer))
			return false;
	}
	return true;
}

static bool
canonical(cs_job *job, cs_span bytes, cs_item *out)
{
	cs_item item;
	cs_buf buf;

	if (!cs_check(job->ctx, bytes.data, bytes.len))
		return false;
	item = cs_item_at(bytes.data, bytes.len);
	cs_buf_init(&buf, job->ctx);
	if (!cs_deterministic(job->ctx, &item, &buf) || !cs_buf_ok(&buf))
		return false;
	*out = cs_item_at(buf.data, buf.len);
	return true;
}

static bool
read_signed(cs_job *job, const cs_item *item)
{
	size_t before = job->out->count;
	cs_statement statement = { .sign1 = NULL };
	cs_sign1 sign1;
	cs_item payload;
	cs_span *certs;

	if (!cs_job_sign1(job, item, &sign1) || !canonical(job, sign1.payload, &payload) ||
		!cs_job_x5chain(job, &sign1, &certs, &statement.cert_count))
		return false;
	statement.sign1 = &sign1;
	statement.certs = certs;
	job->pending = true;
	if (!read_item(job, &payload, NULL))
		return false;
	job->pending = false;
	return sign_each(job, before, &statement, &payload);
}

bool
cs_evidence_concise(cs_job *job, cs_span bytes, const cs_attester *by)
{
	cs_attester signer;
	cs_item item;

	if (++job->depth > job->ctx->limits.max_depth)
		return cs_fail(job->ctx, CS_LIMIT, "evidence is wrapped too often");
	if (!cs_check(job->ctx, bytes.data, bytes.len))
		return false;
	item = cs_item_at(bytes.data, bytes.len);
	while (cs_is_tag(&item, 55799) || cs_is_tag(&item, 61)) /* self-described CBOR, CWT */
		item = cs_tag_content(&item);
	if (job->pending && (cs_is_tag(&item, 17) || cs_is_tag(&item, CS_TAG_COSE_SIGN1)))
		return cs_fail(job->ctx, CS_UNSUPPORTED, "a signature inside of signed evidence is not read");
	if (cs_is_tag(&item, 17) || cs_is_tag(&item, CS_TAG_COSE_SIGN1))
		return read_signed(job, &item);
	if (!canonical(job, bytes, &item))
		return false;
	if (by || job->pending)
		return read_item(job, &item, by);
	return cs_attester_none(job, "concise evidence is not signed: a COSE_Sign1, a certificate or a token around it is", &signer) &&
		read_item(job, &item, &signer);
}
