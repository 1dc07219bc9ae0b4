/*
 * rules.h - inside src/model only: the macros that tables are written with, and the rules that several tables share.
 *
 * A table reads like the CDDL that it mirrors: fields in the order of their keys, names as the standard writes them. A legacy
 * form is one more alternative, marked .legacy with a name that doc/legacy.md explains. Each rules_*.c ends in a
 * NULL-terminated list of its rules, through which cs_rule_by_name finds them.
 *
 *	rules_common.c		what CoRIM, CoMID, CoTL and CoTS share: identifiers, digests, keys, times, entities
 *	rules_comid.c		concise-mid-tag, environments, triples
 *	rules_series.c		what all conditions of a conditional endorsement series have in common
 *	rules_measurement.c	measurement-map and the values in it
 *	rules_corim.c		corim-map, corim-meta-map, signed-corim, the document
 *	rules_cose.c		COSE_Key, header maps (protected-corim-header-map too), cwt-claims
 *	rules_coswid.c, rules_cotl.c, rules_cots.c, rules_cmw.c, rules_coserv.c, rules_discovery.c, rules_ect.c
 */
#ifndef CS_RULES_H
#define CS_RULES_H

#include "schema.h"

#define CS_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* Members: of a map by integer key, of a map by text key, of a record by position. */
#define FIELD(k, n, r) { .key = (k), .name = (n), .rule = &(r) }
#define OPT(k, n, r) { .key = (k), .name = (n), .rule = &(r), .optional = true }
/* A value of measurement-values-map, with the rule that compares it. */
#define VALUE(k, n, r, c) { .key = (k), .name = (n), .rule = &(r), .optional = true, .comparison = CS_COMPARE_##c }
#define TEXT_FIELD(t, r) { .text = (t), .name = (t), .rule = &(r) }
#define TEXT_OPT(t, r) { .text = (t), .name = (t), .rule = &(r), .optional = true }
#define AT(n, r) { .name = (n), .rule = &(r) }
#define OPT_AT(n, r) { .name = (n), .rule = &(r), .optional = true }

/*
 * Rules. sym is the C symbol (put static before the macro for one that only its file uses), n the CDDL name, s the section.
 * What follows goes into the rule as it stands: .extensible = true, .non_empty = true, .legacy = "...", .check = ...
 */
#define RULE(sym, k, n, s, ...) const cs_rule sym = { .name = (n), .kind = (k), .section = (s), __VA_ARGS__ }
#define ANY(sym, n, s, ...) RULE(sym, CS_ANY, n, s, __VA_ARGS__)
#define INTEGER(sym, n, s, lo, hi, ...) RULE(sym, CS_INTEGER, n, s, .min = (lo), .max = (hi), __VA_ARGS__)
#define UINT(sym, n, s, ...) INTEGER(sym, n, s, 0, INT64_MAX, __VA_ARGS__)		  /* INT64_MAX: no upper bound */
#define INT(sym, n, s, ...) INTEGER(sym, n, s, INT64_MIN, INT64_MAX, __VA_ARGS__) /* INT64_MIN: no lower bound */
#define BYTES(sym, n, s, ...) RULE(sym, CS_BYTES, n, s, .max = -1, __VA_ARGS__)
#define BYTES_SIZE(sym, n, s, lo, hi, ...) RULE(sym, CS_BYTES, n, s, .min = (lo), .max = (hi), __VA_ARGS__)
#define BYTES_CBOR(sym, n, s, r, ...) RULE(sym, CS_BYTES, n, s, .max = -1, .of = &(r), __VA_ARGS__)
#define TEXT(sym, n, s, ...) RULE(sym, CS_TEXT, n, s, .max = -1, __VA_ARGS__)
#define LITERAL(sym, n, s, t, ...) RULE(sym, CS_TEXT, n, s, .max = -1, .literal = (t), __VA_ARGS__)
#define BOOL(sym, n, s, ...) RULE(sym, CS_BOOL, n, s, __VA_ARGS__)
#define TAGGED(sym, n, s, number, r, ...) RULE(sym, CS_TAGGED, n, s, .tag = (number), .of = &(r), __VA_ARGS__)
#define CHOICE(sym, n, s, alternatives, ...) \
	RULE(sym, CS_CHOICE, n, s, .choices = (alternatives), .choice_count = CS_LENGTH(alternatives), __VA_ARGS__)
#define RECORD(sym, n, s, f, ...) RULE(sym, CS_RECORD, n, s, .fields = (f), .field_count = CS_LENGTH(f), __VA_ARGS__)
#define SEQUENCE(sym, n, s, f, ...) RULE(sym, CS_SEQUENCE, n, s, .fields = (f), .field_count = CS_LENGTH(f), __VA_ARGS__)
#define STRUCT(sym, n, s, f, ...) RULE(sym, CS_STRUCT, n, s, .fields = (f), .field_count = CS_LENGTH(f), __VA_ARGS__)
#define LIST(sym, n, s, lo, r, ...) RULE(sym, CS_LIST, n, s, .min = (lo), .max = -1, .of = &(r), __VA_ARGS__)
#define TABLE(sym, n, s, lo, k, r, ...) RULE(sym, CS_TABLE, n, s, .min = (lo), .max = -1, .key = &(k), .of = &(r), __VA_ARGS__)
/* Names of enumerated values: .value_names and .value_name_count */
#define NAMED(array) .value_names = (array), .value_name_count = CS_LENGTH(array)

/* The prelude of CDDL (RFC 8610 appendix D). */
extern const cs_rule cs_rule_any;
extern const cs_rule cs_rule_int;
extern const cs_rule cs_rule_integer; /* int, or a bignum (tags 2 and 3) of CS_MAX_BIGNUM bytes at most */
extern const cs_rule cs_rule_uint;
extern const cs_rule cs_rule_bytes;
extern const cs_rule cs_rule_text;
extern const cs_rule cs_rule_bool;
extern const cs_rule cs_rule_null;
extern const cs_rule cs_rule_number;	  /* int / float */
extern const cs_rule cs_rule_int_or_text; /* tstr / int */
extern const cs_rule cs_rule_uri;		  /* #6.32(tstr); bare text is the legacy form "untagged-uri" */
extern const cs_rule cs_rule_time;		  /* #6.1(number); a bare number is the legacy form "untagged-time" */
extern const cs_rule cs_rule_tdate;		  /* #6.0(tstr) */

/* rules_common.c: draft-ietf-rats-corim, "Common Types" and what CoMID and others take from one another */
extern const cs_rule cs_rule_oid_type;		  /* bytes: BER content of an OID; a DER header in front is legacy */
extern const cs_rule cs_rule_tagged_oid_type; /* 111 */
extern const cs_rule cs_rule_uuid_type;
extern const cs_rule cs_rule_tagged_uuid_type; /* 37 */
extern const cs_rule cs_rule_ueid_type;
extern const cs_rule cs_rule_tagged_ueid_type; /* 550 */
extern const cs_rule cs_rule_tagged_bytes;	   /* 560 */
extern const cs_rule cs_rule_digest;		   /* eatmc.digest: [alg: int / text, val: bytes] */
extern const cs_rule cs_rule_digests_type;
extern const cs_rule cs_rule_validity_map;
extern const cs_rule cs_rule_entity_name_type_choice;
extern const cs_rule cs_rule_profile_type_choice; /* in a CoRIM: uri / 111; bare text is legacy */
extern const cs_rule cs_rule_tag_id_type_choice;  /* tstr / uuid-type */
extern const cs_rule cs_rule_tag_version_type;
extern const cs_rule cs_rule_tag_identity_map;
extern const cs_rule cs_rule_version_scheme;				/* coswid.$version-scheme: int / text */
extern const cs_rule cs_rule_key_list;						/* [ + $crypto-key-type-choice ]; cs_rule_crypto_key is in schema.h */
extern const cs_rule cs_rule_tagged_pkix_base64_key_type;	/* 554 */
extern const cs_rule cs_rule_tagged_pkix_base64_cert_type;	/* 555 */
extern const cs_rule cs_rule_tagged_cose_key_type;			/* 558 */
extern const cs_rule cs_rule_cose_key_or_set;				/* content of 558 */
extern const cs_rule cs_rule_tagged_key_thumbprint_type;	/* 557 */
extern const cs_rule cs_rule_tagged_cert_thumbprint_type;	/* 559 */
extern const cs_rule cs_rule_tagged_pkix_asn1der_cert_type; /* 562 */

/* rules_comid.c */
extern const cs_rule cs_rule_class_id_type_choice;
extern const cs_rule cs_rule_instance_id_type_choice;
extern const cs_rule cs_rule_group_id_type_choice;
extern const cs_rule cs_rule_environment_list; /* [ + environment-map ] */
extern const cs_rule cs_rule_comid_entity_map;
extern const cs_rule cs_rule_triples_map;
extern const cs_rule cs_rule_reference_triple_record;					   /* 0 */
extern const cs_rule cs_rule_endorsed_triple_record;					   /* 1 */
extern const cs_rule cs_rule_identity_triple_record;					   /* 2 */
extern const cs_rule cs_rule_attest_key_triple_record;					   /* 3 */
extern const cs_rule cs_rule_trust_dependency_triple_record;			   /* 4 */
extern const cs_rule cs_rule_domain_membership_triple_record;			   /* 5 */
extern const cs_rule cs_rule_coswid_triple_record;						   /* 6 */
extern const cs_rule cs_rule_conditional_endorsement_series_triple_record; /* 8 */
extern const cs_rule cs_rule_conditional_endorsement_triple_record;		   /* 10 */
extern const cs_rule cs_rule_stateful_environment_record;

/* rules_measurement.c */
extern const cs_rule cs_rule_measured_element_type_choice;
extern const cs_rule cs_rule_mkey_number;			   /* uint as mkey: a profile may have a name for it */
extern const cs_rule cs_rule_measurement_list;		   /* [ + measurement-map ]; one without the list is legacy */
extern const cs_rule cs_rule_measurement_list_or_none; /* [ * measurement-map ] */
extern const cs_rule cs_rule_authorized_by;			   /* key-list; a single key is legacy */
extern const cs_rule cs_rule_masked_raw_value;
extern const cs_rule cs_rule_version_map;

/* rules_corim.c */
extern const cs_rule cs_rule_corim_meta_map;
extern const cs_rule cs_rule_tagged_unsigned_corim_map; /* 501; 500 and bare maps are legacy */

/* rules_cose.c: what rules_corim.c and rules_coserv.c take from there (cs_rule_cose_key is in schema.h) */
extern const cs_rule cs_rule_cose_label;	  /* int / tstr */
extern const cs_rule cs_rule_cose_header_map; /* { * cose-label => any }: any unprotected header */
extern const cs_rule cs_rule_cwt_claims;
extern const cs_rule cs_rule_cose_alg; /* int, with the names of signature algorithms */

extern const cs_rule cs_rule_cose_sign_tagged; /* 98 around a CoRIM: not in the draft, so a legacy form */

/* rules_coswid.c */
extern const cs_rule cs_rule_abbreviated_swid_tag; /* CoTS: concise-swid-tag whose members may all be absent */

/* rules_cots.c */
extern const cs_rule cs_rule_concise_ta_stores; /* content of tag 507 */
extern const cs_rule cs_rule_concise_ta_store_map;

/* rules_series.c */
extern bool cs_check_series(cs_ctx *ctx, const cs_item *series);

/* rules_cmw.c */
extern const cs_rule cs_rule_media_type; /* text that is a Content-Type (RFC 9193) */
extern const cs_rule cs_rule_cbor_record;
extern const cs_rule cs_rule_cbor_cmw;

/* One list a file, NULL-terminated. */
extern const cs_rule *const cs_rules_common[];
extern const cs_rule *const cs_rules_comid[];
extern const cs_rule *const cs_rules_measurement[];
extern const cs_rule *const cs_rules_corim[];
extern const cs_rule *const cs_rules_cose[];
extern const cs_rule *const cs_rules_coswid[];
extern const cs_rule *const cs_rules_cotl[];
extern const cs_rule *const cs_rules_cots[];
extern const cs_rule *const cs_rules_cmw[];
extern const cs_rule *const cs_rules_coserv[];
extern const cs_rule *const cs_rules_discovery[];
extern const cs_rule *const cs_rules_ect[];

/* Looks ahead at major types and tags, deeper only at what tells alternatives apart: may this item be of that rule? */
extern bool cs_rule_may_be(const cs_rule *rule, const cs_item *item);
/* What an item is, in a few words, for cs_error.found: "text string of 4 bytes", "tag 600", "-7". */
extern void cs_describe(const cs_item *item, char *out, size_t size);

#endif
