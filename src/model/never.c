/*
 * never.c - values that are valid and can never do what their author means: digests that are none of their algorithm, masks that do not
 * fit, times in milliseconds. They are loaded and kept, and whoever loads or inspects is told.
 */
#include "never.h"

#include <stdio.h>
#include <string.h>

#include "codepoints/digest_alg.h"
#include "rules.h"

/* Seconds since 1970 of the year 5138: what is beyond it was 1973 in milliseconds. */
#define FAR_FUTURE 1e11

static bool
is_plain_bytes(const cs_item *item)
{
	return cs_is(item, CS_BSTR) && !item->indefinite;
}

static bool
check_digest(const cs_item *digest, char message[CS_TEXT_MAX])
{
	const cs_digest_alg *known;
	cs_item alg, value;
	char found[64];

	if (!cs_array_get(digest, 0, &alg) || !cs_array_get(digest, 1, &value))
		return false;
	known = cs_digest_alg_of(&alg);
	if (known == NULL)
	{
		cs_describe(&alg, found, sizeof(found));
		snprintf(message, CS_TEXT_MAX, "digest algorithm %s is not known: nothing but the same bytes matches it", found);
		return true;
	}
	if (!is_plain_bytes(&value) || value.arg == known->size)
		return false;
	snprintf(message, CS_TEXT_MAX, "a digest of %llu byte%s is none of %s, which has %zu: no digest matches it",
		(unsigned long long) value.arg, value.arg == 1 ? "" : "s", known->names[0], known->size);
	return true;
}

static bool
check_mask(const cs_item *value, const cs_item *mask, char message[CS_TEXT_MAX])
{
	if (!is_plain_bytes(value) || !is_plain_bytes(mask) || value->arg == mask->arg)
		return false;
	snprintf(message, CS_TEXT_MAX, "a mask of %llu byte%s does not fit a raw value of %llu: it matches nothing",
		(unsigned long long) mask->arg, mask->arg == 1 ? "" : "s", (unsigned long long) value->arg);
	return true;
}

static bool
check_masked(const cs_item *record, char message[CS_TEXT_MAX])
{
	cs_item value, mask;

	return cs_array_get(record, 0, &value) && cs_array_get(record, 1, &mask) && check_mask(&value, &mask, message);
}

/* raw-value (4) and raw-value-mask-DEPRECATED (5) */
static bool
check_values(const cs_item *values, char message[CS_TEXT_MAX])
{
	cs_item value, mask;

	if (!cs_map_get(values, CS_MVAL_RAW_VALUE_MASK, &mask) || !cs_map_get(values, CS_MVAL_RAW_VALUE, &value))
		return false;
	if (cs_is_tag(&value, CS_TAG_BYTES))
		value = cs_tag_content(&value);
	return check_mask(&value, &mask, message);
}

bool
cs_never_time(double seconds, char message[CS_TEXT_MAX])
{
	if (!(seconds > FAR_FUTURE))
		return false;
	snprintf(message, CS_TEXT_MAX, "a time of %.0f seconds since 1970 seems to be one in milliseconds", seconds);
	return true;
}

static bool
check_time(const cs_item *time, char message[CS_TEXT_MAX])
{
	cs_item number = cs_is_tag(time, CS_TAG_EPOCH_TIME) ? cs_tag_content(time) : *time;
	double seconds;
	int64_t whole;

	if (cs_int64(&number, &whole))
		seconds = (double) whole;
	else if (!cs_is_float(&number, &seconds))
		return false;
	return cs_never_time(seconds, message);
}

static bool
check_claims(const cs_item *claims, char message[CS_TEXT_MAX])
{
	cs_item time;

	return (cs_map_get(claims, CS_CLAIM_EXP, &time) && check_time(&time, message)) ||
		(cs_map_get(claims, CS_CLAIM_NBF, &time) && check_time(&time, message));
}

bool
cs_never(const cs_rule *rule, const cs_item *item, char message[CS_TEXT_MAX])
{
	if (rule == &cs_rule_digest)
		return check_digest(item, message);
	if (rule == &cs_rule_masked_raw_value)
		return check_masked(item, message);
	if (rule == &cs_rule_measurement_values_map)
		return check_values(item, message);
	if (rule == &cs_rule_cwt_claims)
		return check_claims(item, message);
	return rule->kind == CS_TIME && rule->tag == CS_TAG_EPOCH_TIME && check_time(item, message);
}
