/*
 * profile.h - what a CoRIM profile adds: members of maps, with the rules of their values, how those compare, and the names of measurement
 * keys that are numbers (draft-ietf-rats-corim section 4.1.4). doc/profiles.md says what each entry rests on.
 *
 * One table a profile, in profiles_*.c. Annotated EDN, JSON, inspection, the paths of errors and src/match ask the functions here. For a
 * member that the table of rule does not have, cs_profile_member gives name, rule and comparison as if it had it; cs_profile_member_named
 * is the other way. A user's own profile is a cs_profile that src/pg builds from rows; everything here takes it as well.
 */
#ifndef CS_PROFILE_NAMES_H
#define CS_PROFILE_NAMES_H

#include "schema.h"

/* Members added to one map. */
typedef struct cs_profile_extension
{
	const cs_rule *rule;	/* the map that is extended */
	const cs_field *fields; /* key, name and rule of the value */
	size_t field_count;
} cs_profile_extension;

/* A record of the CDDL, and what the profile demands of one: a narrower rule. */
typedef struct cs_profile_record
{
	const cs_rule *rule;
	const cs_rule *narrower;
} cs_profile_record;

typedef struct cs_profile cs_profile;
struct cs_profile
{
	const char *name;		/* "intel" */
	const char *title;		/* for people: "Intel Profile for Remote Attestation" */
	const char *const *ids; /* canonical texts (cs_profile_text), NULL-terminated; a trailing * matches any rest */
	const char *source;		/* where the names are from */
	const cs_profile_extension *extensions;
	size_t extension_count;
	const cs_field *mkeys; /* key and name of measured-element numbers */
	size_t mkey_count;
	const cs_profile_record *records;
	size_t record_count;
	const cs_profile *base; /* asked when this one does not know; NULL: none */
};

/* By canonical text; NULL when no profile of that name is built in. */
extern const cs_profile *cs_profile_find(const char *text, size_t len);
/* All that are built in, in order; NULL behind the last. */
extern const cs_profile *cs_profile_at(size_t index);
/* Is text one of the profile's ids? */
extern bool cs_profile_has_id(const cs_profile *profile, const char *text, size_t len);

/* The member that the profile adds to a map of that rule under key; NULL when it adds none. profile may be NULL. */
extern const cs_field *cs_profile_member(const cs_profile *profile, const cs_rule *rule, int64_t key);
/*
 * How a member of measurement-values-map compares: as the profile says, or a profile that it builds on, else as the standard does. profile
 * may be NULL. What nobody compares, or nobody knows: CS_COMPARE_NOT.
 */
extern cs_comparison cs_profile_comparison(const cs_profile *profile, int64_t codepoint);
extern const char *cs_profile_member_name(const cs_profile *profile, const cs_rule *rule, int64_t key);
extern const cs_field *cs_profile_member_named(const cs_profile *profile, const cs_rule *rule, const char *name, size_t len);
/* A built-in profile that has a member of this name in a map of that rule; NULL when none has. */
extern const cs_profile *cs_profile_with(const cs_rule *rule, const char *name, size_t len);
/*
 * What a profile demands of the records of that rule beyond the CDDL, as a rule that narrows it; NULL: nothing. Nothing is refused for it
 * but by who asks: inspect() warns, and load() where the authority says so. profile may be NULL.
 */
extern const cs_rule *cs_profile_narrower(const cs_profile *profile, const cs_rule *rule);
struct cs_corim;
/* Is a CoRIM all that its profile, where it is built in, demands? False with the first fault as the error. */
extern bool cs_corim_keeps_profile(cs_ctx *ctx, const struct cs_corim *corim);
/* The name of a number as measurement key (mkey); NULL when it has none. profile may be NULL. */
extern const char *cs_profile_mkey_name(const cs_profile *profile, uint64_t mkey);
/* The other way; false when the profile calls no number so. profile may be NULL. */
extern bool cs_profile_mkey_named(const cs_profile *profile, const char *name, size_t len, uint64_t *mkey);

/* The member in which maps of that rule name their profile (corim-map, coserv, ECTs); NULL when they name none. */
extern const cs_field *cs_profile_field(const cs_rule *rule);
/* The built-in profile that such a member's value names; NULL when there is none. Leaves ctx->error as it is. */
extern const cs_profile *cs_profile_of_member(cs_ctx *ctx, const cs_item *profile);

/*
 * The profile that a document names: of a CoRIM in any of its envelopes, or of a CoSERV query or result. False when it names none, or
 * the bytes are no such document; then ctx->error means nothing. item must have passed cs_check.
 */
extern bool cs_document_profile(cs_ctx *ctx, const cs_item *item, cs_item *profile);
/* The same, looked up among those that are built in; NULL when there is none or it is not known. */
extern const cs_profile *cs_profile_of_document(cs_ctx *ctx, const cs_item *item);

/* cs_rule_notes that knows the profile's names too; profile may be NULL. */
extern cs_edn_notes cs_rule_notes_for(const cs_rule *rule, const cs_profile *profile);

#endif
