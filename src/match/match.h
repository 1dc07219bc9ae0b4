/*
 * match.h - CoRIM's rules of comparison (draft-ietf-rats-corim, "Rules of Comparison").
 *
 * Every function here works on deterministic encodings of validated items and is total: no error, no allocation (but for the two
 * that write to a cs_buf). That is what lets the SQL operators over it be LEAKPROOF. "entry" is what is known (ACS-ECT),
 * "condition" what is asked (C-ECT).
 */
#ifndef CS_MATCH_H
#define CS_MATCH_H

#include "model/profile.h"

/* The attributes of an environment-map, as paths. More than one row a path only for extension keys. */
typedef enum cs_env_path
{
	CS_PATH_CLASS_ID,
	CS_PATH_VENDOR,
	CS_PATH_MODEL,
	CS_PATH_LAYER,
	CS_PATH_INDEX,
	CS_PATH_INSTANCE,
	CS_PATH_GROUP,
	CS_PATH_OTHER /* any other key: value covers key and value */
} cs_env_path;

typedef struct cs_env_attr
{
	cs_env_path path;
	cs_span value; /* deterministic encoding of the leaf; for CS_PATH_OTHER of the key and the leaf */
	bool in_class; /* where a CS_PATH_OTHER lies */
} cs_env_attr;

/* Fills attrs (at most max) and returns how many there are, in the order of the encoding. */
extern size_t cs_env_attrs(const cs_item *environment, cs_env_attr *attrs, size_t max);

/* Attribute Path Containment: every attribute of condition is in entry, with the same value. */
extern bool cs_env_satisfies(const cs_item *entry, const cs_item *condition);

/*
 * The one form in which environments are compared and indexed: deterministic encoding, with legacy identifiers in their current
 * form (doc/legacy.md): 600(bytes) and 551(bytes) of old PSA and CCA files as 560(bytes), 16 bytes without a tag
 * as 37(bytes), OIDs in tag 111 without the DER header. Appends; errors as cs_deterministic.
 */
extern bool cs_env_canonical(cs_ctx *ctx, const cs_item *environment, cs_buf *out);

/* Why a comparison failed: the first path of the condition that did not hold, and both values (empty span: absent). */
typedef struct cs_mismatch
{
	char path[CS_PATH_MAX];
	cs_span wanted;
	cs_span found;
	const char *reason; /* static text: "no such attribute", "digests differ", "below the minimum", ... */
} cs_mismatch;

/* cs_env_satisfies that says why not; why->path is e.g. "class.vendor". */
extern bool cs_env_compare(const cs_item *entry, const cs_item *condition, cs_mismatch *why);

/* measurement-values-map, each member by the comparison that its row in the model names (cs_profile_comparison); profile may be NULL; why
 * may be NULL. What has none matches nothing (doc/conformance.md, decision 32). */
extern bool cs_mval_satisfies(const cs_profile *profile, const cs_item *entry, const cs_item *condition, cs_mismatch *why);
/*
 * Of an entry that satisfies the condition, what was compared (doc/conformance.md, decision 22): the condition's codepoints with the
 * entry's values, and of those, by their comparison, its flags, its registers, the digests under its algorithms and as many keys as it has,
 * under whatever codepoint. Appends a measurement-values-map in deterministic encoding. The one function here that writes; false when out
 * has failed.
 */
extern bool cs_mval_narrow(const cs_profile *profile, const cs_item *entry, const cs_item *condition, cs_buf *out);
/* measurement-map: mkey both absent or equal, mval, and authorized-by of the condition among authority (an array of
 * $crypto-key-type-choice, or NULL when the entry has none). */
extern bool cs_measurement_satisfies(
	const cs_profile *profile, const cs_item *entry, const cs_item *condition, const cs_item *authority, cs_mismatch *why);
/* The same mkey, be its OID written with the DER header or without it (mkeys in deterministic encoding). */
extern bool cs_mkey_same(const cs_item *a, const cs_item *b);
/* Its current form, in mkey's own memory or the context's. */
extern bool cs_mkey_canonical(cs_ctx *ctx, const cs_item *mkey, cs_span *out);
/* Every key of wanted is among keys (arrays of $crypto-key-type-choice). */
extern bool cs_authority_satisfies(const cs_item *keys, const cs_item *wanted);
/* One value by its codepoint in the measurement-values-map. mask: of key 5 on the condition's side, or NULL. */
extern bool cs_value_satisfies(
	const cs_profile *profile, int64_t codepoint, const cs_item *entry, const cs_item *condition, const cs_item *mask, cs_mismatch *why);

/* The name of a comparison, "digests"; NULL for CS_COMPARE_NOT. */
extern const char *cs_comparison_name(cs_comparison comparison);
/* The other way, for what a user's profile says; CS_COMPARE_NOT when there is none of that name. */
extern cs_comparison cs_comparison_named(const char *name);

#endif
