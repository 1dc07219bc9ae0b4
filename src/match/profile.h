/*
 * profile.h - what a profile adds: names for the model's tables and rules of comparison. A profile is one table; the list of
 * all of them is in profile.c.
 */
#ifndef CS_PROFILE_H
#define CS_PROFILE_H

#include "match.h"

typedef struct cs_profile_value
{
	int64_t		codepoint;		/* in the measurement-values-map */
	const char *name;
	bool		(*satisfies) (const cs_item *entry, const cs_item *condition, cs_mismatch *why);
} cs_profile_value;

typedef struct cs_profile
{
	const char *name;			/* "psa" */
	const char *const *ids;		/* canonical profile texts (cs_profile_text), NULL-terminated; a trailing * matches any rest */
	const cs_profile_value *values;
	size_t		value_count;
} cs_profile;

/* By canonical text; NULL when no profile of that name is known. */
extern const cs_profile *cs_profile_find(const char *text, size_t len);

#endif
