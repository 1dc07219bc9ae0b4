/*
 * ect.c - Environment-Claims Tuples as formats put them together, each checked by the tables of src/model before it comes out.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "job.h"
#include "match/match.h"

bool
cs_tagged_bytes(cs_job *job, uint64_t tag, cs_span bytes, cs_span *out)
{
	cs_buf buf;

	cs_buf_init(&buf, job->ctx);
	cs_put_tag(&buf, tag);
	cs_put_bytes(&buf, bytes.data, bytes.len);
	*out = cs_buf_span(&buf);
	return cs_buf_ok(&buf);
}

static void
put_class_text(cs_buf *buf, uint64_t key, cs_span text)
{
	if (text.data == NULL)
		return;
	cs_put_uint(buf, key);
	cs_put_text(buf, (const char *) text.data, text.len);
}

static void
put_class_number(cs_buf *buf, uint64_t key, int64_t number)
{
	if (number < 0)
		return;
	cs_put_uint(buf, key);
	cs_put_uint(buf, (uint64_t) number);
}

static void
put_class(cs_buf *buf, const cs_environment_parts *parts, uint64_t members)
{
	cs_put_uint(buf, 0);
	cs_put_map(buf, members);
	if (parts->class_id.data)
	{
		cs_put_uint(buf, 0);
		cs_put_raw(buf, parts->class_id.data, parts->class_id.len);
	}
	put_class_text(buf, 1, parts->vendor);
	put_class_text(buf, 2, parts->model);
	put_class_number(buf, 3, parts->layer);
	put_class_number(buf, 4, parts->index);
}

bool
cs_put_environment(cs_job *job, const cs_environment_parts *parts, cs_span *out)
{
	uint64_t members = (uint64_t) (parts->class_id.data != NULL) + (parts->vendor.data != NULL) + (parts->model.data != NULL) +
		(parts->layer >= 0) + (parts->index >= 0);
	cs_buf buf;

	*out = job->given->environment;
	if (members == 0 && parts->instance.data == NULL)
		return out->len > 0 || cs_fail(job->ctx, CS_INVALID, "evidence does not say what it is of: name its environment");
	cs_buf_init(&buf, job->ctx);
	cs_put_map(&buf, (uint64_t) (members > 0) + (parts->instance.data != NULL));
	if (members > 0)
		put_class(&buf, parts, members);
	if (parts->instance.data)
	{
		cs_put_uint(&buf, 1);
		cs_put_raw(&buf, parts->instance.data, parts->instance.len);
	}
	*out = cs_buf_span(&buf);
	return cs_buf_ok(&buf);
}

/* ---- measurement-values-map ---- */

void
cs_mval_start(cs_job *job, cs_mval *mval)
{
	cs_buf_init(&mval->body, job->ctx);
	mval->pairs = 0;
}

void
cs_mval_key(cs_mval *mval, int64_t codepoint)
{
	cs_put_int(&mval->body, codepoint);
	mval->pairs++;
}

void
cs_mval_digest(cs_mval *mval, uint64_t alg, cs_span value)
{
	cs_mval_key(mval, CS_MVAL_DIGESTS);
	cs_put_array(&mval->body, 1);
	cs_put_array(&mval->body, 2);
	cs_put_uint(&mval->body, alg);
	cs_put_bytes(&mval->body, value.data, value.len);
}

void
cs_mval_bytes(cs_mval *mval, int64_t codepoint, uint64_t tag, cs_span value)
{
	cs_mval_key(mval, codepoint);
	if (tag != 0)
		cs_put_tag(&mval->body, tag);
	cs_put_bytes(&mval->body, value.data, value.len);
}

void
cs_mval_uint(cs_mval *mval, int64_t codepoint, uint64_t value)
{
	cs_mval_key(mval, codepoint);
	cs_put_uint(&mval->body, value);
}

void
cs_mval_svn(cs_mval *mval, uint64_t value)
{
	cs_mval_key(mval, CS_MVAL_SVN);
	cs_put_tag(&mval->body, CS_TAG_SVN);
	cs_put_uint(&mval->body, value);
}

void
cs_mval_version(cs_mval *mval, const char *version, uint64_t scheme)
{
	cs_mval_key(mval, CS_MVAL_VERSION);
	cs_put_map(&mval->body, scheme == 0 ? 1 : 2);
	cs_put_uint(&mval->body, 0);
	cs_put_cstr(&mval->body, version);
	if (scheme == 0)
		return;
	cs_put_uint(&mval->body, 1);
	cs_put_uint(&mval->body, scheme);
}

void
cs_mval_flag(cs_mval *mval, int flag, bool value)
{
	cs_mval_key(mval, CS_MVAL_FLAGS);
	cs_put_map(&mval->body, 1);
	cs_put_int(&mval->body, flag);
	cs_put_bool(&mval->body, value);
}

/* ---- ECTs ---- */

/* An item of that rule in deterministic encoding; the error names the rule's path. */
static bool
accept(cs_job *job, const cs_rule *rule, cs_span given, cs_span *out)
{
	cs_item item;
	cs_buf buf;

	if (!cs_validate(job->ctx, rule, given.data, given.len, true))
		return false;
	item = cs_item_at(given.data, given.len);
	cs_buf_init(&buf, job->ctx);
	if (rule == &cs_rule_environment_map ? !cs_env_canonical(job->ctx, &item, &buf) : !cs_deterministic(job->ctx, &item, &buf))
		return false;
	*out = cs_buf_span(&buf);
	return cs_buf_ok(&buf);
}

static bool
push(cs_job *job, cs_evidence_ect *ect)
{
	cs_evidence *out = job->out;

	if (out->count >= job->ctx->limits.max_items)
		return cs_fail(job->ctx, CS_LIMIT, "evidence has too many elements");
	if (out->count == job->capacity)
	{
		size_t capacity = job->capacity == 0 ? 8 : job->capacity * 2;
		cs_evidence_ect **ects = cs_resize(job->ctx, out->ects, job->capacity, capacity, sizeof(*ects));

		if (!ects)
			return false;
		out->ects = ects;
		job->capacity = capacity;
	}
	out->ects[out->count++] = ect;
	return true;
}

cs_evidence_ect *
cs_ect_add(cs_job *job, cs_span environment, cs_span profile, const cs_attester *signer)
{
	cs_evidence_ect *ect = cs_alloc(job->ctx, 1, sizeof(*ect));

	cs_tick(job->ctx, &job->ticks);
	if (!ect)
		return NULL;
	memset(ect, 0, sizeof(*ect));
	if (!accept(job, &cs_rule_environment_map, environment, &ect->environment))
		return NULL;
	if (profile.len > 0 && !cs_validate(job->ctx, cs_rule_by_name("profile-type-choice"), profile.data, profile.len, true))
		return NULL;
	ect->profile = profile;
	if (signer && !cs_ect_sign(job, ect, signer))
		return NULL;
	return push(job, ect) ? ect : NULL;
}

bool
cs_ect_sign(cs_job *job, cs_evidence_ect *ect, const cs_attester *signer)
{
	ect->has_nonce = signer->has_nonce;
	ect->nonce = signer->nonce;
	if (!signer->verified)
		return cs_ect_note(job, ect, "not verified: %s", signer->why);
	ect->authority = signer->authority;
	ect->verified_key = signer->key;
	return true;
}

bool
cs_ect_element(cs_job *job, cs_evidence_ect *ect, cs_span mkey, cs_mval *mval)
{
	cs_evidence_element *elements;
	cs_item map, item;
	cs_span whole;
	cs_buf buf;

	cs_tick(job->ctx, &job->ticks);
	if (mval->body.failed || mval->pairs == 0)
		return !mval->body.failed;
	cs_buf_init(&buf, job->ctx);
	cs_put_map(&buf, mkey.len > 0 ? 2 : 1);
	if (mkey.len > 0)
	{
		cs_put_uint(&buf, 0);
		cs_put_raw(&buf, mkey.data, mkey.len);
	}
	cs_put_uint(&buf, 1);
	cs_put_map(&buf, mval->pairs);
	cs_put_raw(&buf, mval->body.data, mval->body.len);
	if (!cs_buf_ok(&buf) || !accept(job, &cs_rule_measurement_map, cs_buf_span(&buf), &whole))
		return false;
	/* doubles at powers of two: room for as many as the next one */
	elements = ect->elements;
	if ((ect->element_count & (ect->element_count - 1)) == 0)
		elements =
			cs_resize(job->ctx, elements, ect->element_count, ect->element_count == 0 ? 1 : ect->element_count * 2, sizeof(*elements));
	if (!elements)
		return false;
	ect->elements = elements;
	map = cs_item_at(whole.data, whole.len);
	elements[ect->element_count] = (cs_evidence_element) { { NULL, 0 }, { NULL, 0 } };
	if (cs_map_get(&map, 0, &item))
		elements[ect->element_count].mkey = cs_item_span(&item);
	if (cs_map_get(&map, 1, &item))
		elements[ect->element_count].mval = cs_item_span(&item);
	ect->element_count++;
	return true;
}

bool
cs_ect_element_uint(cs_job *job, cs_evidence_ect *ect, uint64_t mkey, cs_mval *mval)
{
	cs_buf buf;

	cs_buf_init(&buf, job->ctx);
	cs_put_uint(&buf, mkey);
	return cs_buf_ok(&buf) && cs_ect_element(job, ect, cs_buf_span(&buf), mval);
}

bool
cs_ect_element_text(cs_job *job, cs_evidence_ect *ect, const char *mkey, cs_mval *mval)
{
	cs_buf buf;

	cs_buf_init(&buf, job->ctx);
	cs_put_cstr(&buf, mkey);
	return cs_buf_ok(&buf) && cs_ect_element(job, ect, cs_buf_span(&buf), mval);
}

bool
cs_ect_note(cs_job *job, cs_evidence_ect *ect, const char *fmt, ...)
{
	const char **notes = cs_resize(job->ctx, ect->notes, ect->note_count, ect->note_count + 1, sizeof(*notes));
	char text[CS_TEXT_MAX];
	va_list args;

	if (!notes)
		return false;
	ect->notes = notes;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	notes[ect->note_count] = cs_strndup(job->ctx, text, cs_utf8_prefix((const uint8_t *) text, strlen(text)));
	return notes[ect->note_count++] != NULL;
}

/* ---- as appraisals take them ---- */

static void
put_member(cs_buf *out, const char *name, cs_span item)
{
	cs_put_cstr(out, name);
	cs_put_raw(out, item.data, item.len);
}

static void
put_ect(const cs_evidence_ect *ect, cs_buf *out)
{
	cs_put_map(out, 3 + (uint64_t) (ect->authority.len > 0) + (ect->profile.len > 0));
	put_member(out, "environment", ect->environment);
	cs_put_cstr(out, "element-list");
	cs_put_array(out, ect->element_count);
	for (size_t i = 0; i < ect->element_count; i++)
	{
		cs_put_map(out, ect->elements[i].mkey.len > 0 ? 2 : 1);
		if (ect->elements[i].mkey.len > 0)
			put_member(out, "element-id", ect->elements[i].mkey);
		put_member(out, "element-claims", ect->elements[i].mval);
	}
	cs_put_cstr(out, "cmtype");
	cs_put_uint(out, 2);
	if (ect->authority.len > 0)
		put_member(out, "authority", ect->authority);
	if (ect->profile.len > 0)
		put_member(out, "profile", ect->profile);
}

bool
cs_evidence_put_ects(const cs_evidence *evidence, cs_buf *out)
{
	size_t with_elements = 0;

	for (size_t i = 0; i < evidence->count; i++)
		with_elements += evidence->ects[i]->element_count > 0;
	cs_put_array(out, with_elements);
	for (size_t i = 0; i < evidence->count; i++)
		if (evidence->ects[i]->element_count > 0)
			put_ect(evidence->ects[i], out);
	return cs_buf_ok(out);
}
