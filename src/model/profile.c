/*
 * profile.c - the profiles that are built in, finding one, and asking it.
 */
#include "profiles.h"

#include <string.h>

#include "corim.h"

static const cs_profile *const profiles[] = {
	&cs_profile_psa,
	&cs_profile_psa_first,
	&cs_profile_cca_platform,
	&cs_profile_cca_platform_first,
	&cs_profile_cca_realm,
	&cs_profile_cca_realm_first,
	&cs_profile_snp,
	&cs_profile_intel,
	&cs_profile_poe,
	&cs_profile_sfr,
	&cs_profile_tpm,
	&cs_profile_azure,
};

static bool
is_id(const char *id, const char *text, size_t len)
{
	size_t size = strlen(id);

	if (size > 0 && id[size - 1] == '*')
		return len >= size - 1 && memcmp(id, text, size - 1) == 0;
	return len == size && memcmp(id, text, size) == 0;
}

bool
cs_profile_has_id(const cs_profile *profile, const char *text, size_t len)
{
	for (const char *const *id = profile->ids; *id != NULL; id++)
		if (is_id(*id, text, len))
			return true;
	return false;
}

const cs_profile *
cs_profile_find(const char *text, size_t len)
{
	for (size_t i = 0; i < CS_LENGTH(profiles); i++)
		if (cs_profile_has_id(profiles[i], text, len))
			return profiles[i];
	return NULL;
}

const cs_profile *
cs_profile_at(size_t index)
{
	return index < CS_LENGTH(profiles) ? profiles[index] : NULL;
}

static const cs_field *
own_member(const cs_profile *profile, const cs_rule *rule, int64_t key)
{
	for (size_t i = 0; i < profile->extension_count; i++)
	{
		const cs_profile_extension *extension = &profile->extensions[i];

		for (size_t j = 0; extension->rule == rule && j < extension->field_count; j++)
			if (extension->fields[j].key == key)
				return &extension->fields[j];
	}
	return NULL;
}

const cs_field *
cs_profile_member(const cs_profile *profile, const cs_rule *rule, int64_t key)
{
	const cs_field *field = NULL;

	for (; profile != NULL && field == NULL; profile = profile->base)
		field = own_member(profile, rule, key);
	return field;
}

cs_comparison
cs_profile_comparison(const cs_profile *profile, int64_t codepoint)
{
	const cs_field *field;

	for (; profile != NULL; profile = profile->base)
	{
		field = own_member(profile, &cs_rule_measurement_values_map, codepoint);
		if (field != NULL && field->comparison != CS_COMPARE_NOT)
			return field->comparison;
	}
	field = cs_rule_member(&cs_rule_measurement_values_map, codepoint);
	return field != NULL ? field->comparison : CS_COMPARE_NOT;
}

const char *
cs_profile_member_name(const cs_profile *profile, const cs_rule *rule, int64_t key)
{
	const cs_field *field = cs_profile_member(profile, rule, key);

	return field != NULL ? field->name : NULL;
}

const cs_field *
cs_profile_member_named(const cs_profile *profile, const cs_rule *rule, const char *name, size_t len)
{
	for (; profile != NULL; profile = profile->base)
		for (size_t i = 0; i < profile->extension_count; i++)
		{
			const cs_profile_extension *extension = &profile->extensions[i];

			for (size_t j = 0; extension->rule == rule && j < extension->field_count; j++)
				if (strlen(extension->fields[j].name) == len && memcmp(extension->fields[j].name, name, len) == 0)
					return &extension->fields[j];
		}
	return NULL;
}

const cs_profile *
cs_profile_with(const cs_rule *rule, const char *name, size_t len)
{
	for (size_t i = 0; i < CS_LENGTH(profiles); i++)
		if (cs_profile_member_named(profiles[i], rule, name, len))
			return profiles[i];
	return NULL;
}

const cs_rule *
cs_profile_narrower(const cs_profile *profile, const cs_rule *rule)
{
	for (; profile != NULL; profile = profile->base)
		for (size_t i = 0; i < profile->record_count; i++)
			if (profile->records[i].rule == rule)
				return profile->records[i].narrower;
	return NULL;
}

const char *
cs_profile_mkey_name(const cs_profile *profile, uint64_t mkey)
{
	for (; profile != NULL; profile = profile->base)
		for (size_t i = 0; i < profile->mkey_count; i++)
			if (profile->mkeys[i].key >= 0 && (uint64_t) profile->mkeys[i].key == mkey)
				return profile->mkeys[i].name;
	return NULL;
}

bool
cs_profile_mkey_named(const cs_profile *profile, const char *name, size_t len, uint64_t *mkey)
{
	for (; profile != NULL; profile = profile->base)
		for (size_t i = 0; i < profile->mkey_count; i++)
			if (strlen(profile->mkeys[i].name) == len && memcmp(profile->mkeys[i].name, name, len) == 0)
			{
				*mkey = (uint64_t) profile->mkeys[i].key;
				return true;
			}
	return false;
}

/* ---- the profile of a map ---- */

const cs_field *
cs_profile_field(const cs_rule *rule)
{
	for (size_t i = 0; rule->kind == CS_STRUCT && i < rule->field_count; i++)
		if (strcmp(rule->fields[i].name, "profile") == 0)
			return &rule->fields[i];
	return NULL;
}

/* Of several, as earlier drafts had them, the first. */
const cs_profile *
cs_profile_of_member(cs_ctx *ctx, const cs_item *profile)
{
	cs_error error = ctx->error;
	cs_item one = *profile;
	const cs_profile *found = NULL;
	cs_buf text;

	if (cs_is(profile, CS_ARRAY) && !cs_array_get(profile, 0, &one))
		return NULL;
	cs_buf_init(&text, ctx);
	if (cs_profile_text(ctx, &one, &text) && cs_buf_ok(&text))
		found = cs_profile_find((const char *) text.data, text.len);
	if (ctx->release && text.data)
		ctx->release(ctx->actx, text.data);
	ctx->error = error;
	return found;
}

/* ---- the profile of a document ---- */

#define MAX_ENVELOPES 8

static bool
open_payload(cs_ctx *ctx, const cs_item *cose, cs_item *payload)
{
	cs_item bytes;
	cs_span span;

	if (!cs_array_get(cose, 2, &bytes) || !cs_is(&bytes, CS_BSTR) || !cs_string(ctx, &bytes, &span) || span.len == 0 ||
		!cs_check(ctx, span.data, span.len))
		return false;
	*payload = cs_item_at(span.data, span.len);
	return true;
}

/* Of a corim-map, whose tags are an array, or of a coserv map, whose query, under the same key, is a map. */
static bool
profile_of_map(const cs_item *map, cs_item *profile)
{
	cs_item one;

	if (!cs_map_get(map, CS_CORIM_TAGS, &one))
		return false;
	if (cs_is(&one, CS_MAP))
		return cs_map_get(map, CS_COSERV_PROFILE, profile) && (cs_is(profile, CS_TSTR) || cs_is(profile, CS_BSTR));
	if (!cs_is(&one, CS_ARRAY) || !cs_map_get(map, CS_CORIM_PROFILE, profile))
		return false;
	return !cs_is(profile, CS_ARRAY) || cs_array_get(profile, 0, profile);
}

bool
cs_document_profile(cs_ctx *ctx, const cs_item *item, cs_item *profile)
{
	cs_item at = *item;

	for (int i = 0; i < MAX_ENVELOPES && cs_is(&at, CS_TAG); i++)
	{
		bool cose = at.arg == CS_TAG_COSE_SIGN1 || at.arg == CS_TAG_COSE_SIGN;

		if (!cose && (at.arg < CS_TAG_CORIM_500 || at.arg > CS_TAG_SIGNED_CORIM_502))
			return false;
		at = cs_tag_content(&at);
		if (cose && (!cs_is(&at, CS_ARRAY) || !open_payload(ctx, &at, &at)))
			return false;
	}
	return cs_is(&at, CS_MAP) && profile_of_map(&at, profile);
}

const cs_profile *
cs_profile_of_document(cs_ctx *ctx, const cs_item *item)
{
	cs_item profile;

	return cs_document_profile(ctx, item, &profile) ? cs_profile_of_member(ctx, &profile) : NULL;
}
