/*
 * rules_cots.c - Concise Trust Anchor Stores, the content of tag 507 (draft-ietf-rats-concise-ta-stores section 3).
 */
#include "rules.h"

#define S "draft-ietf-rats-concise-ta-stores section 3."

/* 3.1.3: the format of a trust anchor says what its bytes are; a socket, so further ones are kept. */
static const char *const pkix_ta_type_names[] = { "pkix-cert", "pkix-tainfo", "pkix-spki" };
static INTEGER(pkix_ta_type, "$pkix-ta-type", S "1.3", 0, INT64_MAX, NAMED(pkix_ta_type_names));

static const cs_field trust_anchor_fields[] = {
	AT("format", pkix_ta_type),
	AT("data", cs_rule_bytes),
};
static RECORD(trust_anchor, "trust-anchor", S "1.3", trust_anchor_fields);
static LIST(tas, "tas", S "1.3", 1, trust_anchor);
static LIST(cas, "cas", S "1.3", 1, cs_rule_bytes);

static const cs_field cas_and_tas_fields[] = {
	FIELD(0, "tas", tas),
	OPT(1, "cas", cas),
};
static STRUCT(cas_and_tas_map, "cas-and-tas-map", S "1.3", cas_and_tas_fields);

/*
 * 3.2.1. The text counts the members from 0; every known encoder, and the draft's own encoded example, from 1. An empty map
 * would stand for nothing; an empty list stands for every environment.
 */
static const cs_field environment_group_fields[] = {
	OPT(0, "environment-map", cs_rule_environment_map),
	OPT(1, "abbreviated-swid-tag", cs_rule_abbreviated_swid_tag),
	OPT(2, "named-ta-store", cs_rule_text),
};
static STRUCT(environment_group, "environment-group-list-map", S "2.1", environment_group_fields, .non_empty = true);

static const cs_field environment_group_from_1_fields[] = {
	OPT(1, "environment-map", cs_rule_environment_map),
	OPT(2, "abbreviated-swid-tag", cs_rule_abbreviated_swid_tag),
	OPT(3, "named-ta-store", cs_rule_text),
};
static STRUCT(environment_group_from_1, "environment-group-list-map", S "2.1", environment_group_from_1_fields, .non_empty = true,
	.legacy = "cots-environment-keys-from-1");

static const cs_rule *const environment_group_choices[] = { &environment_group, &environment_group_from_1 };
static CHOICE(environment_group_list_map, "environment-group-list-map", S "2.1", environment_group_choices);
static LIST(environment_group_list, "environment-group-list", S "2.1", 0, environment_group_list_map);

/* 3.3: purposes are an open set; a claims-set is EAT's, by label. */
static LIST(purposes, "purposes", S "3.1", 1, cs_rule_text);
static TABLE(claims_set, "claims-set-claims", S "3.2", 1, cs_rule_int_or_text, cs_rule_any);
static LIST(claims_sets, "claims-set-claims", S "3.2", 1, claims_set);

/* 3.1.2 */
static const cs_field concise_ta_store_fields[] = {
	OPT(0, "language", cs_rule_text),
	OPT(1, "store-identity", cs_rule_tag_identity_map),
	FIELD(2, "environments", environment_group_list),
	OPT(3, "purposes", purposes),
	OPT(4, "perm-claims", claims_sets),
	OPT(5, "excl-claims", claims_sets),
	FIELD(6, "keys", cas_and_tas_map),
};
STRUCT(cs_rule_concise_ta_store_map, "concise-ta-store-map", S "1.2", concise_ta_store_fields);

LIST(cs_rule_concise_ta_stores, "concise-ta-stores", S "1.1", 1, cs_rule_concise_ta_store_map);

const cs_rule *const cs_rules_cots[] = { &cs_rule_concise_ta_stores, &cs_rule_concise_ta_store_map, &environment_group_list_map,
	&cas_and_tas_map, &trust_anchor, NULL };
