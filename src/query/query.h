/*
 * query.h - a CoSERV query (draft-ietf-rats-coserv sections 4.3 and 4.5) read into a selection.
 */
#ifndef CS_QUERY_H
#define CS_QUERY_H

#include "match/match.h"

typedef enum cs_artifact
{
	CS_ENDORSED_VALUES = 0,
	CS_TRUST_ANCHORS = 1,
	CS_REFERENCE_VALUES = 2
} cs_artifact;
typedef enum cs_result_type
{
	CS_COLLECTED = 0,
	CS_SOURCE = 1,
	CS_BOTH = 2
} cs_result_type;

/* One stateful environment of a selector: the environment it stands for, as an environment-map as cs_env_canonical has it
 * ({0: class}, {1: instance} or {2: group}), and its measurements (deterministic array; empty span when none). */
typedef struct cs_selector
{
	cs_span environment;
	cs_span measurements;
} cs_selector;

typedef enum cs_rim_kind
{
	CS_RIM_COMID = 0,
	CS_RIM_COSWID = 1,
	CS_RIM_CORIM = 2
} cs_rim_kind;

typedef struct cs_rim_id
{
	cs_rim_kind kind;
	cs_item id;	  /* tstr or bstr */
	cs_span text; /* canonical text: the text, or the UUID (what manifest.corim_id and tag.tag_id hold) */
} cs_rim_id;

/* A selector, and the sum of the hashes of its environment's attributes (select.c). */
typedef struct cs_selector_hash
{
	uint64_t hash;
	const cs_selector *selector;
} cs_selector_hash;

typedef struct cs_query
{
	cs_span profile_item; /* as it came: tstr or bstr, for the echo */
	cs_span profile;	  /* canonical text, as cs_profile_text has it */
	cs_span query_item;	  /* the query map as it came */
	bool by_rim;
	bool speaks_old; /* a selector names an implementation id as drafts of PSA and CCA did before 2025 (tag 600) */
	cs_artifact artifact;
	cs_result_type result_type;
	cs_selector *selectors;
	size_t selector_count;
	cs_selector_hash *by_hash; /* sorted; NULL where there are few */
	cs_rim_id *rims;
	size_t rim_count;
} cs_query;

/* It need not be deterministic; it may hold forms of older drafts, the timestamp of drafts up to -02 among them (doc/conformance.md,
 * decisions 21 and 4). */
#define CS_QUERY_LAX 1U
#define CS_QUERY_LEGACY 2U
/* It is a value of the type coserv: what the model's tables say of it was found to hold, but for forms of older drafts. */
#define CS_QUERY_TYPED 4U

/* Read a query; options are CS_QUERY_*. A document with results in it is no query: CS_INVALID. */
extern bool cs_query_read(cs_ctx *ctx, const uint8_t *data, size_t len, unsigned options, cs_query *out);

/*
 * The selectors alone, of a query or a result (a validated coserv-map) in whatever encoding; the rest of *out stays empty. What has no
 * environment selector, as a signed result or a query by RIM identifier, has none. False only for lack of memory.
 */
extern bool cs_query_read_selectors(cs_ctx *ctx, const uint8_t *data, size_t len, cs_query *out);

/* Some of a query's selectors, at least one, as cs_query_read_selectors reads them: {1: {1: {0: [[class], ...]}}}; without their state. */
extern bool cs_query_put_selectors(const cs_query *query, size_t from, size_t count, cs_buf *out);

/* Makes by_hash; part of reading a query. */
extern bool cs_query_hash_selectors(cs_ctx *ctx, cs_query *query);

/*
 * Is this environment (as cs_env_canonical has it) selected by any selector's environment (section 4.3.1.2; doc/conformance.md, decision
 * 15)? Each field that is set must be there and equal, what is not set is any. Total; no allocation. For by_rim: false.
 */
extern bool cs_query_selects(const cs_query *query, const cs_item *environment);
/* The same for one selector: which of them a triple answers, for cs_query_state_agrees. */
extern bool cs_selector_selects(const cs_selector *selector, const cs_item *environment);

/* Does a trust anchor store (a validated concise-ta-store-map) apply to what the query asks about (cots.c)? False only
 * for lack of memory. */
extern bool cs_query_concerns_store(cs_ctx *ctx, const cs_query *query, const cs_item *store, bool *yes);

/*
 * Does the state agree (doc/conformance.md, decision 16)? record is the triple in deterministic encoding, kind its key. True when the
 * selector has no measurements. For 8, which only source artifacts contain: the common condition and one item of the series. Kinds that say
 * nothing about state (4, 5, 6, unknown ones): true.
 */
extern bool
cs_query_state_agrees(cs_ctx *ctx, const cs_selector *selector, int64_t kind, const cs_item *record, const struct cs_profile *profile);

#endif
