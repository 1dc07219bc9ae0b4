/*
 * current.c - a triple as the drafts of today have it (current.h). The walker says where a legacy form stands; each form that can be said
 * today has a function here that says it. Whether the whole is current is not believed but checked, by the walker again.
 */
#include "current.h"

#include "codepoints/codepoints.h"
#include "codepoints/digest_alg.h"
#include "rules.h"

#include <string.h>

#define PSA_COMPONENT "psa.software-component" /* draft-fdb-rats-psa-endorsements, "Reference Values" */
#define CCA_COMPONENT "cca.software-component" /* draft-ydb-rats-cca-endorsements, "CCA Platform Software Components" */
#define CCA_CONFIG "cca.platform-config"	   /* the same, "CCA Platform Configuration" */

/* Something to be written in another way than as it came. */
typedef struct place
{
	const uint8_t *p;
	const char *form; /* name of the legacy form; NULL: one of the following */
	bool measurement;
	bool digest;
} place;

typedef struct writer
{
	cs_ctx *ctx;
	cs_buf *out;
	place *places; /* in document order */
	size_t count;
	size_t capacity;
	bool digest_names; /* algorithms of digests as text */
	bool is_cca;
	const char *none;
} writer;

static void put(writer *w, const cs_item *item);

static bool
note(writer *w, place found)
{
	if (w->count == w->capacity)
	{
		size_t capacity = w->capacity == 0 ? 16 : w->capacity * 2;
		place *grown = cs_alloc(w->ctx, capacity, sizeof(place));

		if (grown == NULL)
			return false;
		if (w->count > 0)
			memcpy(grown, w->places, w->count * sizeof(place));
		w->places = grown;
		w->capacity = capacity;
	}
	w->places[w->count++] = found;
	return true;
}

static bool
visit(cs_walk *walk, cs_event event, const cs_rule *rule, const char *name, const cs_item *item)
{
	writer *w = walk->data;

	if (event == CS_LEGACY)
	{
		w->is_cca |= strcmp(name, "tag-602") == 0;
		return note(w, (place) { .p = item->p, .form = name });
	}
	if (event == CS_ENTER && rule->fields == cs_rule_measurement_map.fields)
		return note(w, (place) { .p = item->p, .measurement = true });
	if (event == CS_ENTER && rule == &cs_rule_digest)
		return note(w, (place) { .p = item->p, .digest = true });
	return true;
}

/* The first place of an item, of several that it may have. */
static const place *
find(const writer *w, const cs_item *item)
{
	size_t low = 0, high = w->count;

	while (low < high)
	{
		size_t middle = low + (high - low) / 2;

		if (w->places[middle].p < item->p)
			low = middle + 1;
		else
			high = middle;
	}
	return low < w->count && w->places[low].p == item->p ? &w->places[low] : NULL;
}

static const char *
form_of(const writer *w, const cs_item *item)
{
	const place *at = find(w, item);

	for (; at != NULL && at < w->places + w->count && at->p == item->p; at++)
		if (at->form != NULL)
			return at->form;
	return NULL;
}

static bool
is_measurement(const writer *w, const cs_item *item)
{
	const place *at = find(w, item);

	for (; at != NULL && at < w->places + w->count && at->p == item->p; at++)
		if (at->measurement)
			return true;
	return false;
}

static bool
is_digest(const writer *w, const cs_item *item)
{
	const place *at = find(w, item);

	for (; at != NULL && at < w->places + w->count && at->p == item->p; at++)
		if (at->digest)
			return true;
	return false;
}

static void
put_children(writer *w, const cs_item *item)
{
	cs_iter it;
	cs_item key, child;

	switch (item->major)
	{
		case CS_ARRAY:
			cs_put_array(w->out, cs_count(item));
			for (it = cs_iterate(item); cs_next(&it, &child);)
				put(w, &child);
			break;
		case CS_MAP:
			cs_put_map(w->out, cs_count(item));
			for (it = cs_iterate(item); cs_next_pair(&it, &key, &child);)
			{
				cs_put_item(w->out, &key);
				put(w, &child);
			}
			break;
		case CS_TAG:
			cs_put_tag(w->out, item->arg);
			child = cs_tag_content(item);
			put(w, &child);
			break;
		default:
			cs_put_item(w->out, item);
	}
}

/* CoRIM: "SHOULD use the integer" ("Comparison for digests entries"); Arm's drafts: "The alg entry MUST use the text encoding". */
static void
put_digest(writer *w, const cs_item *digest)
{
	cs_item name, value;
	const cs_digest_alg *alg;

	if (!cs_array_get(digest, 0, &name) || !cs_array_get(digest, 1, &value) || (alg = cs_digest_alg_of(&name)) == NULL ||
		alg->named_information == 0)
	{
		put_children(w, digest);
		return;
	}
	cs_put_array(w->out, 2);
	if (w->digest_names)
		cs_put_cstr(w->out, alg->names[0]);
	else
		cs_put_int(w->out, alg->named_information);
	cs_put_item(w->out, &value);
}

/* ---- measurement keys of Arm's first drafts ---- */

/* Members of a measurement-values-map that stood in its key. */
static uint64_t
component_members(const cs_item *id)
{
	cs_item value;

	return (uint64_t) cs_map_get(id, 4, &value) + cs_map_get(id, 1, &value) + cs_map_get(id, 5, &value);
}

static void
put_component_members(writer *w, const cs_item *id)
{
	cs_item value;

	if (cs_map_get(id, 4, &value))
	{
		cs_put_int(w->out, CS_MVAL_VERSION);
		cs_put_map(w->out, 1);
		cs_put_int(w->out, 0);
		cs_put_item(w->out, &value);
	}
	if (cs_map_get(id, 1, &value))
	{
		cs_put_int(w->out, CS_MVAL_NAME);
		cs_put_item(w->out, &value);
	}
	if (cs_map_get(id, 5, &value))
	{
		cs_put_int(w->out, CS_MVAL_CRYPTOKEYS);
		cs_put_array(w->out, 1);
		cs_put_tag(w->out, CS_TAG_BYTES);
		cs_put_item(w->out, &value);
	}
}

/* mkey 600 or 601: type, version and signer are values now. */
static bool
put_component(writer *w, const cs_item *mval, const cs_item *id)
{
	cs_iter it;
	cs_item key, value;

	if (component_members(id) != cs_count(id) || cs_map_get(mval, CS_MVAL_VERSION, &value) || cs_map_get(mval, CS_MVAL_NAME, &value) ||
		cs_map_get(mval, CS_MVAL_CRYPTOKEYS, &value))
		return false;
	cs_put_cstr(w->out, w->is_cca ? CCA_COMPONENT : PSA_COMPONENT);
	cs_put_int(w->out, CS_MEASUREMENT_MVAL);
	cs_put_map(w->out, cs_count(mval) + cs_count(id));
	put_component_members(w, id);
	for (it = cs_iterate(mval); cs_next_pair(&it, &key, &value);)
	{
		cs_put_item(w->out, &key);
		put(w, &value);
	}
	return true;
}

/* A raw value without a mask is one of which each bit counts. */
static bool
put_masked(writer *w, const cs_item *raw, const cs_item *mask)
{
	cs_item content = cs_is(raw, CS_TAG) ? cs_tag_content(raw) : *raw;
	cs_span bytes;

	if (cs_is_tag(raw, CS_TAG_MASKED_RAW_VALUE))
	{
		cs_put_item(w->out, raw);
		return true;
	}
	if (!cs_is(&content, CS_BSTR) || !cs_string(w->ctx, &content, &bytes))
		return false;
	cs_put_tag(w->out, CS_TAG_MASKED_RAW_VALUE);
	cs_put_array(w->out, 2);
	cs_put_bytes(w->out, bytes.data, bytes.len);
	if (mask != NULL)
		cs_put_item(w->out, mask);
	else
	{
		uint8_t *ones = cs_alloc(w->ctx, bytes.len > 0 ? bytes.len : 1, 1);

		if (ones == NULL)
			return false;
		memset(ones, 0xff, bytes.len);
		cs_put_bytes(w->out, ones, bytes.len);
	}
	return true;
}

/* mkey 602, whose label no draft of today has room for. */
static bool
put_config(writer *w, const cs_item *mval)
{
	cs_item raw, mask;
	bool has_mask = cs_map_get(mval, CS_MVAL_RAW_VALUE_MASK, &mask);

	if (!cs_map_get(mval, CS_MVAL_RAW_VALUE, &raw) || cs_count(mval) != 1 + (uint64_t) has_mask)
		return false;
	cs_put_cstr(w->out, CCA_CONFIG);
	cs_put_int(w->out, CS_MEASUREMENT_MVAL);
	cs_put_map(w->out, 1);
	cs_put_int(w->out, CS_MVAL_RAW_VALUE);
	return put_masked(w, &raw, has_mask ? &mask : NULL);
}

static void
put_measurement(writer *w, const cs_item *measurement)
{
	cs_item mkey, mval, key, value, id;
	cs_iter it;

	if (!cs_map_get(measurement, CS_MEASUREMENT_MKEY, &mkey) || form_of(w, &mkey) == NULL || !cs_is(&mkey, CS_TAG) ||
		mkey.arg < CS_TAG_PSA_600 || mkey.arg > CS_TAG_CCA_PLATFORM_CONFIG_ID || !cs_map_get(measurement, CS_MEASUREMENT_MVAL, &mval))
	{
		put_children(w, measurement);
		return;
	}
	cs_put_map(w->out, cs_count(measurement));
	cs_put_int(w->out, CS_MEASUREMENT_MKEY);
	id = cs_tag_content(&mkey);
	if (!(mkey.arg == CS_TAG_CCA_PLATFORM_CONFIG_ID ? put_config(w, &mval) : put_component(w, &mval, &id)))
		w->none = form_of(w, &mkey);
	for (it = cs_iterate(measurement); cs_next_pair(&it, &key, &value);)
		if (!cs_is(&key, CS_UINT) || key.arg > CS_MEASUREMENT_MVAL)
		{
			cs_put_item(w->out, &key);
			put(w, &value);
		}
}

/* ---- the other forms ---- */

static void
put_in_list(writer *w, const cs_item *item)
{
	cs_put_array(w->out, 1);
	if (is_measurement(w, item))
		put_measurement(w, item);
	else if (cs_is(item, CS_ARRAY))
		put_digest(w, item);
	else
		put_children(w, item);
}

static void
put_in_tag_of_bytes(writer *w, const cs_item *item)
{
	cs_item content = cs_is(item, CS_TAG) ? cs_tag_content(item) : *item;

	cs_put_tag(w->out, CS_TAG_BYTES);
	cs_put_item(w->out, &content);
}

static void
put_uuid(writer *w, const cs_item *item)
{
	cs_put_tag(w->out, CS_TAG_UUID);
	cs_put_item(w->out, item);
}

/* 06 len, of which the rule has made sure. */
static void
put_oid(writer *w, const cs_item *item)
{
	cs_span der;

	if (cs_string(w->ctx, item, &der) && der.len > 2)
		cs_put_bytes(w->out, der.data + 2, der.len - 2);
	else
		w->none = "der-oid";
}

static bool
is_base64(cs_span text)
{
	for (size_t i = 0; i < text.len; i++)
	{
		uint8_t c = text.data[i];

		if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/' || c == '='))
			return false;
	}
	return text.len > 0;
}

/* SubjectPublicKeyInfo in base64, as tag 554 has it now (RFC 7468 section 13). */
static void
put_pem(writer *w, cs_span base64)
{
	cs_buf pem;

	cs_buf_init(&pem, w->ctx);
	cs_put_str(&pem, "-----BEGIN PUBLIC KEY-----\n");
	for (size_t i = 0; i < base64.len; i += 64)
	{
		cs_put_raw(&pem, base64.data + i, base64.len - i < 64 ? base64.len - i : 64);
		cs_put_byte(&pem, '\n');
	}
	cs_put_str(&pem, "-----END PUBLIC KEY-----");
	cs_put_tag(w->out, CS_TAG_PKIX_BASE64_KEY);
	if (cs_buf_ok(&pem))
		cs_put_text(w->out, (const char *) pem.data, pem.len);
}

/* {0: text}; a chain of certificates beside the key has no place today. */
static void
put_verification_key(writer *w, const cs_item *item)
{
	static const char begin[] = "-----BEGIN ";
	cs_item key;
	cs_span text;

	if (cs_count(item) != 1 || !cs_map_get(item, 0, &key) || !cs_string(w->ctx, &key, &text))
		w->none = "verification-key-map";
	else if (text.len >= sizeof(begin) && memcmp(text.data, begin, sizeof(begin) - 1) == 0)
	{
		cs_put_tag(w->out, CS_TAG_PKIX_BASE64_KEY);
		cs_put_text(w->out, (const char *) text.data, text.len);
	}
	else if (is_base64(text))
		put_pem(w, text);
	else
		w->none = "verification-key-map";
}

static const struct
{
	const char *form;
	void (*put)(writer *w, const cs_item *item);
} rewritings[] = {
	{ "single-measurement-map", put_in_list },
	{ "single-key", put_in_list },
	{ "single-digest", put_in_list },
	{ "tag-551", put_in_tag_of_bytes },
	{ "tag-600", put_in_tag_of_bytes },
	{ "untagged-raw-value", put_in_tag_of_bytes },
	{ "untagged-uuid", put_uuid },
	{ "der-oid", put_oid },
	{ "verification-key-map", put_verification_key },
};

static void
put(writer *w, const cs_item *item)
{
	const char *form = form_of(w, item);

	if (w->none != NULL)
		return;
	if (form == NULL)
	{
		if (is_measurement(w, item))
			put_measurement(w, item);
		else if (is_digest(w, item))
			put_digest(w, item);
		else
			put_children(w, item);
		return;
	}
	for (size_t i = 0; i < CS_LENGTH(rewritings); i++)
		if (strcmp(rewritings[i].form, form) == 0)
		{
			rewritings[i].put(w, item);
			return;
		}
	w->none = form;
}

static const char *
first_form(const writer *w)
{
	for (size_t i = 0; i < w->count; i++)
		if (w->places[i].form != NULL)
			return w->places[i].form;
	return "unknown";
}

/* Is what was written valid today? Leaves ctx->error as it was, unless it says that memory is out or a limit was reached. */
static bool
is_current(cs_ctx *ctx, const cs_rule *rule, const cs_buf *out, bool *valid)
{
	cs_error before = ctx->error;

	*valid = cs_validate(ctx, rule, out->data, out->len, false);
	if (!*valid && (ctx->error.code == CS_NO_MEMORY || ctx->error.code == CS_LIMIT))
		return false;
	ctx->error = before;
	return true;
}

static bool
is_of(const cs_profile *profile, const char *start)
{
	return profile != NULL && strncmp(profile->name, start, strlen(start)) == 0;
}

static bool
wants_digest_names(const cs_profile *profile)
{
	return is_of(profile, "cca") || is_of(profile, "psa");
}

bool
cs_is_current(const cs_corim *corim, const cs_profile *profile)
{
	return corim->legacy_count == 0 && !(wants_digest_names(profile) ? corim->has_unnamed_digests : corim->has_unnumbered_digests);
}

bool
cs_current_triple(cs_ctx *ctx, int64_t kind, const cs_item *record, const cs_profile *profile, cs_buf *out, const char **none)
{
	const cs_rule *rule = cs_rule_triple(kind);
	cs_buf plain;
	writer w = { .ctx = ctx, .out = &plain, .is_cca = is_of(profile, "cca"), .digest_names = wants_digest_names(profile) };
	cs_walk walk = { .ctx = ctx, .visit = visit, .data = &w, .accept_legacy = true };
	cs_item item;
	bool valid;

	*none = NULL;
	if (rule == NULL)
		return cs_deterministic(ctx, record, out) && cs_buf_ok(out);
	if (!cs_walk_rule(&walk, rule, record))
		return false;
	cs_buf_init(&plain, ctx);
	put(&w, record);
	if (!cs_buf_ok(&plain))
		return false;
	if (w.none == NULL)
	{
		item = cs_item_at(plain.data, plain.len);
		if (!cs_deterministic(ctx, &item, out) || !cs_buf_ok(out) || !is_current(ctx, rule, out, &valid))
			return false;
		if (valid)
			return true;
		out->len = 0;
		w.none = first_form(&w);
	}
	*none = w.none;
	return true;
}
