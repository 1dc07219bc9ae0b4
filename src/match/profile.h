/*
 * profile.h - what a profile adds to comparison: a rule for each member of measurement-values-map that is its own. The names are the
 * model's (profile_names.h), shared by pointer; a profile that only names things has no table here. The list is in profile.c.
 */
#ifndef CS_PROFILE_H
#define CS_PROFILE_H

#include "model/profile_names.h"
#include "match.h"

typedef struct cs_profile_value
{
	int64_t codepoint; /* in the measurement-values-map; its name is that of cs_profile_member_name */
	bool (*satisfies)(const cs_item *entry, const cs_item *condition, cs_mismatch *why);
} cs_profile_value;

typedef struct cs_profile cs_profile;
struct cs_profile
{
	const cs_profile_names *names;
	const cs_profile_value *values;
	size_t value_count;
	const cs_profile *base; /* asked for what this one has no rule for; NULL: none */
};

/* By canonical text; NULL when no profile of that name is known. */
extern const cs_profile *cs_profile_find(const char *text, size_t len);

/* The rules of comparison that a user's profile can give to its members, by name: "equal", "minimum", "mask", "set"; NULL for any other. */
typedef bool (*cs_profile_rule)(const cs_item *entry, const cs_item *condition, cs_mismatch *why);
extern cs_profile_rule cs_profile_rule_named(const char *name);

#endif
