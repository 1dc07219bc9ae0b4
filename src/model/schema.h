/*
 * schema.h - the CDDL of CoRIM, CoMID, CoSWID, CoTL, CoTS, CMW, COSE headers, CoSERV and ECTs, written down once as tables.
 *
 * A CDDL rule is one cs_rule; a member of a map or record is one cs_field. One walker (cs_walk) over those tables
 * validates, names the path of an error and finds things; annotated EDN and JSON use the same tables. A new codepoint or
 * a vendor's profile is a new row, never a new parser. Members that no table knows are kept and reported as notes.
 */
#ifndef CS_SCHEMA_H
#define CS_SCHEMA_H

#include "cbor/deterministic.h"
#include "cbor/edn.h"
#include "codepoints/codepoints.h"

typedef enum cs_kind
{
	CS_ANY,		/* any item */
	CS_INTEGER, /* int: min/max give the range that is allowed (inclusive) */
	CS_BYTES,	/* bstr: min/max give the size; of != NULL: .cbor of that rule */
	CS_TEXT,	/* tstr: min/max give the size in bytes; literal != NULL: exactly that text */
	CS_BOOL,
	CS_NULL,
	CS_NUMBER,	/* int / float */
	CS_TIME,	/* time: #6.1(number), bare number (legacy), tdate #6.0(tstr) where tag is 0 */
	CS_TAGGED,	/* #6.tag(of) */
	CS_CHOICE,	/* the first of choices[] that fits; told apart by cheap look-ahead on major type and tag */
	CS_RECORD,	/* array with named positions: fields[] */
	CS_LIST,	/* [ min*max of ] */
	CS_STRUCT,	/* map with known keys: fields[] */
	CS_TABLE,	/* { min*max key => of } */
	CS_SEQUENCE /* record whose fields[] may be absent from the end */
} cs_kind;

/*
 * When a value satisfies a condition: which rule of src/match compares a member of measurement-values-map, the standard's or a profile's
 * (draft-ietf-rats-corim section 8.3.4.4.5). A member without one matches nothing (doc/conformance.md, decision 32).
 */
typedef enum cs_comparison
{
	CS_COMPARE_NOT = 0,
	CS_COMPARE_EQUAL,			/* the same encoding */
	CS_COMPARE_VERSION,			/* version-map */
	CS_COMPARE_SVN,				/* svn, min-svn */
	CS_COMPARE_DIGESTS,			/* all common algorithms */
	CS_COMPARE_FLAGS,			/* flag by flag */
	CS_COMPARE_MASK,			/* raw values, under the condition's mask */
	CS_COMPARE_KEYS,			/* cryptokeys, by position */
	CS_COMPARE_REGISTERS,		/* digests of integrity registers */
	CS_COMPARE_INT_RANGE,		/* integers and ranges of them, on either side */
	CS_COMPARE_MATCHER,			/* the same value, or in a set or a range of the condition (bool, number, text, bytes) */
	CS_COMPARE_MINIMUM,			/* an integer not below the condition's */
	CS_COMPARE_SET,				/* in the condition's array */
	CS_COMPARE_EXPRESSION,		/* equal, or as the tag of the condition says; [operator, number] among them (Intel) */
	CS_COMPARE_EXPRESSION_SVNS, /* the same at each of sixteen positions */
	CS_COMPARE_DIGEST_SET,		/* sets of digests: equal, or in the condition's (mem), or not (nmem) (Intel) */
	CS_COMPARE_DIGEST_SUPERSET, /* the same with the other meaning of mem: the condition's are all there */
	CS_COMPARE_TEXT_SET,		/* the same of texts */
	CS_COMPARE_TEXT_SUPERSET,
	CS_COMPARE_INSTANT,		/* the same moment, or one that the condition bounds */
	CS_COMPARE_PADDED_MASK, /* raw values, under a mask of any length (Intel) */
	CS_COMPARISONS
} cs_comparison;

struct cs_rule;

typedef struct cs_field
{
	int64_t key;	  /* map key; ignored where text is set and in records */
	const char *text; /* text map key (ECTs, discovery, __cmwc_t), or NULL */
	const char *name; /* the standard's name */
	const struct cs_rule *rule;
	bool optional;
	cs_comparison comparison; /* of members of measurement-values-map */
} cs_field;

typedef struct cs_rule
{
	const char *name; /* the CDDL rule's name */
	cs_kind kind;
	int64_t min;
	int64_t max; /* -1: no upper bound, for sizes and counts */
	uint64_t tag;
	const struct cs_rule *of;
	const struct cs_rule *key; /* CS_TABLE */
	const cs_field *fields;
	size_t field_count;
	const struct cs_rule *const *choices;
	size_t choice_count;
	bool extensible; /* unknown keys, tags or positions are kept (noted), not refused */
	bool non_empty;	 /* a struct needs at least one member */
	const char *literal;
	const char *legacy; /* matching this rule is a legacy form of that name (doc/legacy.md) */
	/* What no table can say: a check behind the others. Fills ctx->error with message and found, returns false. */
	bool (*check)(cs_ctx *ctx, const cs_item *item);
	/*
	 * What no look-ahead on types can say where an alternative of a choice shares its shape with another: is it this one? Of those that
	 * have the same fields or the same of, an item suits one at most.
	 */
	bool (*suits)(const cs_item *item);
	const char *const *value_names; /* names of enumerated integers 0.. value_name_count-1, NULL for gaps */
	size_t value_name_count;
	bool (*value_at)(
		size_t index, int64_t *number, const char **name); /* the same where a table of codepoints/ has them; false behind the last */
	const char *(*value_name)(const cs_item *item);		   /* for annotation alone: names that JSON does not have; or NULL */
	const char *section;								   /* "draft-ietf-rats-corim section 5.1.1" */
} cs_rule;

/*
 * What a walk meets. Called in document order; returning false stops the walk (the callback has filled ctx->error).
 * A CHOICE makes no events: its alternative does. A tag and its content, and a byte string and the CBOR in it, are two items, the
 * inner one without a name.
 */
typedef enum cs_event
{
	CS_ENTER,	/* an item whose head fits rule; name is its field's name or NULL in a list */
	CS_LEAVE,	/* behind the children of a container that was entered */
	CS_UNKNOWN, /* a member that no table knows, or an unknown tag; rule is the container's, or the choice's */
	CS_LEGACY,	/* a legacy form was read; name is its name */
	CS_FAULT	/* only where walk->all_faults: ctx->error holds it, the walk goes on at the next sibling */
} cs_event;

typedef struct cs_walk cs_walk;
struct cs_walk
{
	cs_ctx *ctx;
	bool (*visit)(cs_walk *walk, cs_event event, const cs_rule *rule, const char *name, const cs_item *item);
	void *data; /* the visitor's own */
	bool accept_legacy;
	bool all_faults;
	const uint8_t *origin;			  /* start of the outermost document, for offsets; NULL: the item that the walk starts from */
	const struct cs_profile *profile; /* whose names paths have for members that no table knows (profile.h); NULL: none */
	/* the walker's own */
	struct cs_walk_frame *frame;
	uint32_t depth;
	uint32_t trial; /* > 0: an alternative of a choice is being tried */
	uint32_t quiet; /* > 0: the visitor is not called */
	uint64_t steps;
	uint64_t faults;	/* reported so far */
	bool skip;			/* the content of a byte string cannot be entered */
	const uint8_t *end; /* of the item that was walked last, or NULL: spares those who iterate from skipping it again */
	cs_error *first;	/* all_faults: the first of them */
};

/*
 * Walk one checked item by a rule. Duplicate keys in a STRUCT or TABLE are a fault. Byte strings with .cbor are checked and
 * entered. Errors: CS_INVALID, CS_LIMIT, CS_LEGACY_REFUSED, with path, rule, offset and what was found. With all_faults the
 * answer is false when there was any, and ctx->error is the first.
 */
extern bool cs_walk_rule(cs_walk *walk, const cs_rule *rule, const cs_item *item);
/* Path of the item being visited, e.g. "corim-map.tags[0].concise-mid-tag.triples.reference-triples[2]". */
extern void cs_walk_path(const cs_walk *walk, char *path, size_t size);

/* Check and walk whole bytes, no visitor. */
extern bool cs_validate(cs_ctx *ctx, const cs_rule *rule, const uint8_t *data, size_t len, bool accept_legacy);

/* Annotations for cs_edn_print by this rule (comments "/ name /"). */
extern cs_edn_notes cs_rule_notes(const cs_rule *rule);

/* The rules that other rooms start from (src/model/rules_*.c has the tables, one file a specification). */
extern const cs_rule cs_rule_corim_document; /* anything that can be loaded: envelopes, signed, tagged, bare */
extern const cs_rule cs_rule_corim_map;
extern const cs_rule cs_rule_signed_corim;
extern const cs_rule cs_rule_protected_corim_header_map;
extern const cs_rule cs_rule_concise_mid_tag;
extern const cs_rule cs_rule_concise_swid_tag;
extern const cs_rule cs_rule_tagged_coswid; /* a CoSWID on its own */
extern const cs_rule cs_rule_concise_tl_tag;
extern const cs_rule cs_rule_environment_map;
extern const cs_rule cs_rule_measurement_map;
extern const cs_rule cs_rule_measurement_values_map;
extern const cs_rule cs_rule_flags_map;
extern const cs_rule cs_rule_class_map;	 /* with its legacy form */
extern const cs_rule cs_rule_crypto_key; /* $crypto-key-type-choice */
extern const cs_rule cs_rule_cose_key;
extern const cs_rule cs_rule_coserv; /* query or result, unsigned */
extern const cs_rule cs_rule_signed_coserv;
extern const cs_rule cs_rule_coserv_any; /* either of the two */
extern const cs_rule cs_rule_discovery;	 /* coserv-well-known-info, CBOR */
extern const cs_rule cs_rule_ect;
extern const cs_rule cs_rule_evidence;				/* an ECT, an array of ECTs, an ae-item, an array of ae-items */
extern const cs_rule *cs_rule_triple(int64_t kind); /* record of one triple by triples-map key; NULL when unknown */

/* The word for a rule among the alternatives of a type choice, in JSON and in SQL: tagged-uuid-type is "uuid". */
extern cs_span cs_rule_type_name(const cs_rule *rule);
/* The rule of a tag, wherever it is met first in the tables; NULL when no standard here has it. */
extern const cs_rule *cs_rule_of_tag(uint64_t tag);

/* The name of an integer that the rule enumerates, and the other way; NULL and -1 for any other. */
extern const char *cs_rule_value_name(const cs_rule *rule, int64_t value);
extern int64_t cs_rule_value_named(const cs_rule *rule, cs_span name);
extern bool cs_rule_enumerates(const cs_rule *rule);

/* The member of a map with known keys (of a choice: of its first alternative that is one) under an integer key; NULL when there is none. */
extern const cs_field *cs_rule_member(const cs_rule *rule, int64_t key);
extern const char *cs_rule_member_name(const cs_rule *rule, int64_t key);
/* The name of a cm-type (CS_CMTYPE_EVIDENCE: "evidence"); NULL for any other number. */
extern const char *cs_cmtype_name(int64_t cmtype);

/* Every rule by its CDDL name, for cs_validate by name in tests and coserv.inspect; NULL when there is none. */
extern const cs_rule *cs_rule_by_name(const char *name);

#endif
