/*
 * corim.h - a CoRIM document taken apart: envelope, map, tags, triples (draft-ietf-rats-corim sections 4 and 5).
 *
 * Everything here points into the document's own bytes (or into memory of the context where a string was chunked).
 */
#ifndef CS_CORIM_H
#define CS_CORIM_H

#include "schema.h"

typedef struct cs_validity
{
	bool has_not_before;
	bool has_not_after;
	int64_t not_before; /* seconds since 1970; fractions rounded so that validity never grows */
	int64_t not_after;
} cs_validity;

typedef enum cs_envelope
{
	CS_ENV_UNSIGNED, /* 501(corim-map) or a bare corim-map */
	CS_ENV_SIGN1,	 /* 18([...]) */
	CS_ENV_SIGN,	 /* 98([...]) */
	CS_ENV_VENDOR	 /* a vendor's own form: never of cs_document_open */
} cs_envelope;

#define CS_MAX_LEGACY 32 /* doc/legacy.md has fewer names */

/* The outside of a document: which envelope, and where the COSE structure or the corim-map is. */
typedef struct cs_document
{
	cs_envelope envelope;
	cs_item cose;					   /* the COSE_Sign1 or COSE_Sign array, untagged; when signed */
	cs_item payload;				   /* when unsigned, what cs_corim_open takes: 501(corim-map), or the bare map of a legacy form */
	cs_item corim;					   /* the corim-map in it; when unsigned */
	const char *legacy[CS_MAX_LEGACY]; /* names of legacy forms of the envelope, e.g. "tag-500", "tag-502", "untagged-corim-map" */
	size_t legacy_count;
} cs_document;

/* data must have passed cs_check. CS_INVALID when it is no CoRIM document at all. */
extern bool cs_document_open(cs_ctx *ctx, const uint8_t *data, size_t len, bool accept_legacy, cs_document *out);

/* Signer metadata of a protected header: corim-meta (8) and CWT-Claims (15), sections 4.2.2 and 4.2.3. */
typedef struct cs_signer_meta
{
	bool has_meta;
	bool has_claims;
	cs_span signer_name; /* signer-name, or iss; empty when neither is there */
	cs_span signer_uri;
	cs_validity validity; /* the narrower of signature-validity and nbf/exp */
} cs_signer_meta;

/* header: the protected header map as an item. Both present must agree (doc/conformance.md, decision 12), else CS_INVALID. Offsets count
 * from the map. */
extern bool cs_signer_meta_read(cs_ctx *ctx, const cs_item *header, cs_signer_meta *out);

typedef enum cs_tag_kind
{
	CS_TAG_COMID,
	CS_TAG_COSWID,
	CS_TAG_COTL,
	CS_TAG_COTS,
	CS_TAG_OTHER
} cs_tag_kind;

extern const char *cs_tag_kind_name(cs_tag_kind kind); /* "comid", "coswid", "cotl", "cots", "other" */

typedef struct cs_tag
{
	cs_tag_kind kind;
	uint64_t number; /* the CBOR tag it came in; 0 when none */
	cs_item content; /* the tag's map (embedded CBOR opened) */
	bool has_id;
	cs_item tag_id; /* tstr or bstr(16) */
	bool has_tag_version;
	cs_item tag_version; /* an integer, of a CoSWID's perhaps negative or a bignum; without one it is 0 */
	bool has_links;
	cs_item links; /* an array: linked-tags of a CoMID, tags-list of a CoTL; each names a tag by its key 0 */
} cs_tag;

/* What can never match (never.h), once a sentence, where it stands first. */
typedef struct cs_doubt
{
	char message[CS_TEXT_MAX];
	char path[CS_PATH_MAX];
	uint64_t times;
} cs_doubt;

#define CS_MAX_DOUBTS 8 /* sentences; those of more are not kept */

typedef struct cs_corim
{
	cs_item map;
	cs_item id; /* tstr or bstr(16) */
	bool has_profile;
	cs_item profile;	  /* as it came: tstr, 32(tstr), 111(bstr) */
	cs_validity validity; /* rim-validity */
	cs_tag *tags;
	size_t tag_count;
	const char *legacy[CS_MAX_LEGACY];
	size_t legacy_count;
	bool has_unnumbered_digests; /* with an algorithm that has a number (digest_alg.h), and is not named by it */
	bool has_unnamed_digests;	 /* nor by the first of its names */
	cs_doubt *doubts;
	size_t doubt_count;
} cs_corim;

/*
 * Validate a payload (501(map), or a bare map as a legacy form, which is told as one; already checked) by the tables and take
 * it apart.
 * Errors as cs_walk_rule.
 */
extern bool cs_corim_open(cs_ctx *ctx, const uint8_t *data, size_t len, bool accept_legacy, cs_corim *out);

/* One triple: a record of a list in a CoMID's triples-map. */
typedef struct cs_triple
{
	size_t tag;			  /* index into cs_corim.tags */
	int64_t kind;		  /* key in the triples-map: CS_TRIPLE_REFERENCE, ... */
	uint64_t ordinal;	  /* position in document order over the whole CoRIM, from 0 */
	cs_item record;		  /* the triple, verbatim */
	cs_item environment;  /* its subject: ref-env, condition, environment, domain-id, the common condition's
								 * environment (series), the first condition's environment (conditional) */
	bool has_environment; /* false for kinds that no table knows */
} cs_triple;

/* Where a kind of triple keeps its subject; false where nobody knows. record: a validated one. */
extern bool cs_triple_subject(int64_t kind, const cs_item *record, cs_item *environment);

/* Names: "reference-triples", ...; NULL when unknown. */
extern const char *cs_triple_kind_name(int64_t kind);

/* Calls back for every triple in document order; a false answer stops (ctx->error is the callback's). */
extern bool
cs_corim_triples(cs_ctx *ctx, const cs_corim *corim, bool (*each)(cs_ctx *ctx, const cs_triple *triple, void *data), void *data);
/* Calls back for each further environment a triple names: other conditions and endorsements of 10, members of 5, trustees of 4. */
extern bool
cs_triple_environments(cs_ctx *ctx, const cs_triple *triple, bool (*each)(cs_ctx *ctx, const cs_item *environment, void *data), void *data);

/* A profile compares by value: text and 32(text) are the same, 111 with and without the DER header too (doc/conformance.md, decision 7).
 * Appends the canonical form: the text, or the dotted OID as "oid:1.2.3" has it without prefix: "1.2.3". */
extern bool cs_profile_text(cs_ctx *ctx, const cs_item *profile, cs_buf *out);
/* The other way: 111(oid) for a dotted OID, else 32(text). Appended. */
extern bool cs_profile_item(cs_ctx *ctx, cs_span text, cs_buf *out);
/* An id (tstr or bstr(16)) as text: the text itself, or the UUID's canonical form. */
extern bool cs_id_text(cs_ctx *ctx, const cs_item *id, cs_buf *out);
/* A validity-map, or any time (tag 1, tag 0, bare). */
extern bool cs_validity_read(cs_ctx *ctx, const cs_item *map, cs_validity *out);
/* Both in one, for what says when it holds: *validity gets the later beginning and the earlier end. */
extern void cs_narrow(cs_validity *validity, const cs_validity *by);
extern bool cs_time_read(cs_ctx *ctx, const cs_item *item, bool round_up, int64_t *seconds);
/* 2026-11-21T23:22:27.5+01:00 (RFC 3339), whole seconds since 1970 and the digits of their fraction, which points into text. */
extern bool cs_date_time_read(cs_span text, int64_t *seconds, cs_span *fraction);
/* The characters of an RFC 3339 time in UTC, 2026-01-31T12:00:00Z. seconds: from 1970 to the end of 9999. */
extern void cs_put_date_time(cs_buf *out, int64_t seconds);

#endif
