/*
 * values.h - inside src/match: the rules of comparison for one kind of value each (draft-ietf-rats-corim, "Comparison of a
 * Single Measurement Values Map Attribute"), and what they share.
 *
 * Each rule says whether entry satisfies condition. When it does not and why is not NULL, *why holds the reason, both values and
 * the path below the value ("" or "[3]"); whoever calls puts its own name in front of that path.
 */
#ifndef CS_VALUES_H
#define CS_VALUES_H

#include "cbor/number.h"
#include "match.h"

/*
 * Bounds of what cannot be compared in linear time. Beyond them nothing matches: nobody measures one object with so many
 * algorithms or signs with so many keys, and an operator that cannot fail must not run for hours either.
 */
#define CS_MATCH_MAX_DIGESTS 256
#define CS_MATCH_MAX_KEYS 1024
#define CS_MATCH_MAX_SET 1024

/* What was compared of an entry that satisfies the condition, appended in deterministic encoding. */
typedef void (*cs_narrowing)(cs_buf *out, const cs_item *entry, const cs_item *condition);
typedef bool (*cs_value_rule)(const cs_item *entry, const cs_item *condition, cs_mismatch *why);

/* One row a cs_comparison (comparisons.c). */
typedef struct cs_comparing
{
	const char *name;
	cs_value_rule satisfies;
	cs_narrowing narrow; /* NULL: the whole value was compared */
} cs_comparing;

extern const cs_comparing *cs_comparing_of(cs_comparison comparison); /* NULL for CS_COMPARE_NOT */

/* uint, 552(uint), or the minimum 553(uint); false for anything else. */
extern bool cs_svn_read(const cs_item *item, uint64_t *value, bool *minimum);
extern bool cs_svn_satisfies(const cs_item *entry, const cs_item *condition, cs_mismatch *why);
extern bool cs_version_satisfies(const cs_item *entry, const cs_item *condition, cs_mismatch *why);
extern bool cs_digests_satisfy(const cs_item *entry, const cs_item *condition, cs_mismatch *why);
extern bool cs_flags_satisfy(const cs_item *entry, const cs_item *condition, cs_mismatch *why);
/* mask: of key 5 on the condition's side, or NULL. */
extern bool cs_raw_value_satisfies(const cs_item *entry, const cs_item *condition, const cs_item *mask, cs_mismatch *why);
extern bool cs_mask_satisfies(const cs_item *entry, const cs_item *condition, cs_mismatch *why);
extern bool cs_cryptokeys_satisfy(const cs_item *entry, const cs_item *condition, cs_mismatch *why);
extern bool cs_integrity_registers_satisfy(const cs_item *entry, const cs_item *condition, cs_mismatch *why);
extern bool cs_int_range_satisfies(const cs_item *entry, const cs_item *condition, cs_mismatch *why);
extern bool cs_equal_satisfies(const cs_item *entry, const cs_item *condition, cs_mismatch *why);
extern bool cs_matcher_satisfies(const cs_item *entry, const cs_item *condition, cs_mismatch *why);
extern bool cs_minimum_satisfies(const cs_item *entry, const cs_item *condition, cs_mismatch *why);
extern bool cs_set_satisfies(const cs_item *entry, const cs_item *condition, cs_mismatch *why);
extern bool cs_expression_satisfies(const cs_item *entry, const cs_item *condition, cs_mismatch *why);
extern bool cs_digest_set_satisfies(const cs_item *entry, const cs_item *condition, cs_mismatch *why);
extern bool cs_digest_superset_satisfies(const cs_item *entry, const cs_item *condition, cs_mismatch *why);
extern bool cs_text_set_satisfies(const cs_item *entry, const cs_item *condition, cs_mismatch *why);
extern bool cs_text_superset_satisfies(const cs_item *entry, const cs_item *condition, cs_mismatch *why);
extern bool cs_instant_satisfies(const cs_item *entry, const cs_item *condition, cs_mismatch *why);
extern bool cs_padded_mask_satisfies(const cs_item *entry, const cs_item *condition, cs_mismatch *why);
extern bool cs_expression_svns_satisfy(const cs_item *entry, const cs_item *condition, cs_mismatch *why);

extern void cs_digests_narrow(cs_buf *out, const cs_item *entry, const cs_item *condition);
extern void cs_flags_narrow(cs_buf *out, const cs_item *entry, const cs_item *condition);
extern void cs_registers_narrow(cs_buf *out, const cs_item *entry, const cs_item *condition);
extern void cs_cryptokeys_narrow(cs_buf *out, const cs_item *entry, const cs_item *condition);
extern void cs_digest_set_narrow(cs_buf *out, const cs_item *entry, const cs_item *condition);
extern void cs_digest_superset_narrow(cs_buf *out, const cs_item *entry, const cs_item *condition);
extern void cs_text_superset_narrow(cs_buf *out, const cs_item *entry, const cs_item *condition);

/* The set of a digest expression, 60020([operator, set]); false when it is none. */
extern bool cs_expression_set(const cs_item *expression, int64_t *op, cs_item *set);

/* 560(bytes), or bytes without a tag (a legacy form); 563([value, mask]). */
extern bool cs_raw_value_read(const cs_item *item, cs_span *out);
extern bool cs_raw_value_read_masked(const cs_item *item, cs_span *value, cs_span *mask);

/* The content of an OID in tag 111, without the DER header that some writers leave on it; false for what holds no bytes. */
extern bool cs_oid_content(const cs_item *oid, cs_span *out);

/* One digest record [alg, value]: alg is an integer or a text, value a byte string. */
typedef struct cs_digest
{
	cs_item alg;
	cs_span value;
} cs_digest;

extern bool cs_digest_read(const cs_item *record, cs_digest *out);
extern bool cs_digest_same_alg(const cs_digest *a, const cs_digest *b);

/* Digests under their iterator: a list of records, or one record that is not in a list (a legacy form). */
typedef struct cs_digest_iter
{
	cs_iter it;
	cs_item single;
	bool is_single;
	bool malformed; /* set by cs_digest_next when it stopped at something that is no digest */
} cs_digest_iter;

extern bool cs_digest_iterate(const cs_item *digests, cs_digest_iter *it); /* false when it is no array */
extern bool cs_digest_next(cs_digest_iter *it, cs_digest *out);

/* Definite string content; false for anything else. Deterministic encodings have no other strings. */
static inline bool
cs_plain_string(const cs_item *item, cs_major major, cs_span *out)
{
	if (item->major != major || item->indefinite)
		return false;
	*out = (cs_span) { item->content, (size_t) item->arg };
	return true;
}

static inline bool
cs_same_item(const cs_item *a, const cs_item *b)
{
	return cs_span_eq(cs_item_span(a), cs_item_span(b));
}

/*
 * A member of a map in deterministic encoding, searched for from where the last search ended: two maps are compared in one
 * pass. Ask for keys in the order of the encoding.
 */
typedef struct cs_map_cursor
{
	cs_iter it;
	cs_item key;
	cs_item value;
	bool at_end;
} cs_map_cursor;

extern cs_map_cursor cs_map_cursor_at(const cs_item *map);
extern bool cs_map_cursor_find(cs_map_cursor *cursor, const cs_item *key, cs_item *value);

/* Fill why (when it is not NULL) and return false. found may be NULL: absent. */
extern bool cs_mismatched(cs_mismatch *why, const char *reason, const cs_item *wanted, const cs_item *found);
/* Put a name in front of why->path; NULL is let be. */
extern void cs_mismatch_within(cs_mismatch *why, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
