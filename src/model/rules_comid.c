/*
 * rules_comid.c - concise-mid-tag: environments, measurements and triples (draft-ietf-rats-corim section 5). Values of a
 * measurement are in rules_measurement.c.
 */
#include "rules.h"

#define COMID "draft-ietf-rats-corim section 5.1."

/* ---- identity, entities, linked tags ---- */

static const char *const role_names[] = { "tag-creator", "creator", "maintainer" };
static INT(comid_role, "comid-role-type-choice", COMID "2", NAMED(role_names));
static LIST(comid_roles, "role", COMID "2", 1, comid_role);
static INT(single_role, "comid-role-type-choice", COMID "2", NAMED(role_names), .legacy = "single-role");
static const cs_rule *const comid_roles_choices[] = { &comid_roles, &single_role };
static CHOICE(comid_roles_choice, "role", COMID "2", comid_roles_choices);

static const cs_field comid_entity_fields[] = {
	FIELD(0, "entity-name", cs_rule_entity_name_type_choice),
	OPT(1, "reg-id", cs_rule_uri),
	FIELD(2, "role", comid_roles_choice),
};
STRUCT(cs_rule_comid_entity_map, "comid-entity-map", COMID "2", comid_entity_fields, .extensible = true);
static LIST(comid_entities, "entities", COMID "2", 1, cs_rule_comid_entity_map);
static STRUCT(single_entity, "comid-entity-map", COMID "2", comid_entity_fields, .extensible = true, .legacy = "single-entity");
static const cs_rule *const comid_entities_choices[] = { &comid_entities, &single_entity };
static CHOICE(comid_entities_choice, "entities", COMID "2", comid_entities_choices);

static const char *const tag_rel_names[] = { "supplements", "replaces" };
static INT(tag_rel, "tag-rel-type-choice", COMID "3", NAMED(tag_rel_names));
static const cs_field linked_tag_fields[] = {
	FIELD(CS_LINK_LINKED_TAG_ID, "linked-tag-id", cs_rule_tag_id_type_choice),
	FIELD(CS_LINK_TAG_REL, "tag-rel", tag_rel),
};
static STRUCT(linked_tag_map, "linked-tag-map", COMID "3", linked_tag_fields);
static LIST(linked_tags, "linked-tags", COMID "3", 1, linked_tag_map);

/* ---- environments ---- */

/* Identifiers of PSA's and CCA's first drafts, beside the 560 of today. */
static TAGGED(psa_impl_id, "tagged-implementation-id-type", "draft-tschofenig-rats-psa-endorsements", CS_TAG_PSA_600, cs_rule_bytes,
	.legacy = "tag-600");
static TAGGED(impl_id, "tagged-impl-id-type", "draft-birkholz-rats-corim", CS_TAG_IMPL_ID, cs_rule_bytes, .legacy = "tag-551");
static BYTES_SIZE(untagged_uuid, "uuid-type", "draft-birkholz-rats-corim", 16, 16, .legacy = "untagged-uuid");

static const cs_rule *const class_id_choices[] = { &cs_rule_tagged_oid_type, &cs_rule_tagged_uuid_type, &cs_rule_tagged_bytes, &psa_impl_id,
	&impl_id, &untagged_uuid };
CHOICE(cs_rule_class_id_type_choice, "class-id-type-choice", COMID "4.2", class_id_choices, .extensible = true);

/* "If populated, vendor MUST also be populated" (model); files without it are read. */
static bool
lacks_vendor(const cs_item *item)
{
	cs_item value;

	return cs_map_get(item, CS_CLASS_MODEL, &value) && !cs_map_get(item, CS_CLASS_VENDOR, &value);
}

static bool
has_vendor(const cs_item *item)
{
	return !lacks_vendor(item);
}

static const cs_field class_fields[] = {
	OPT(CS_CLASS_CLASS_ID, "class-id", cs_rule_class_id_type_choice),
	OPT(CS_CLASS_VENDOR, "vendor", cs_rule_text),
	OPT(CS_CLASS_MODEL, "model", cs_rule_text),
	OPT(CS_CLASS_LAYER, "layer", cs_rule_uint),
	OPT(CS_CLASS_INDEX, "index", cs_rule_uint),
};
static STRUCT(class_map, "class-map", COMID "4.2", class_fields, .non_empty = true, .suits = has_vendor);
static STRUCT(class_without_vendor, "class-map", COMID "4.2", class_fields, .suits = lacks_vendor, .legacy = "model-without-vendor");
static const cs_rule *const class_choices[] = { &class_map, &class_without_vendor };
CHOICE(cs_rule_class_map, "class-map", COMID "4.2", class_choices);

static const cs_rule *const instance_id_choices[] = { &cs_rule_tagged_ueid_type, &cs_rule_tagged_uuid_type, &cs_rule_tagged_bytes,
	&cs_rule_tagged_pkix_base64_key_type, &cs_rule_tagged_pkix_base64_cert_type, &cs_rule_tagged_cose_key_type,
	&cs_rule_tagged_key_thumbprint_type, &cs_rule_tagged_cert_thumbprint_type, &cs_rule_tagged_pkix_asn1der_cert_type, &untagged_uuid };
CHOICE(cs_rule_instance_id_type_choice, "instance-id-type-choice", COMID "4.3", instance_id_choices, .extensible = true);

static const cs_rule *const group_id_choices[] = { &cs_rule_tagged_uuid_type, &cs_rule_tagged_bytes, &untagged_uuid };
CHOICE(cs_rule_group_id_type_choice, "group-id-type-choice", COMID "4.4", group_id_choices, .extensible = true);

static const cs_field environment_fields[] = {
	OPT(CS_ENVIRONMENT_CLASS, "class", cs_rule_class_map),
	OPT(CS_ENVIRONMENT_INSTANCE, "instance", cs_rule_instance_id_type_choice),
	OPT(CS_ENVIRONMENT_GROUP, "group", cs_rule_group_id_type_choice),
};
STRUCT(cs_rule_environment_map, "environment-map", COMID "4.1", environment_fields, .non_empty = true);
LIST(cs_rule_environment_list, "environments", COMID "4.1", 1, cs_rule_environment_map);

/* ---- triples ---- */

static const cs_field reference_fields[] = {
	AT("ref-env", cs_rule_environment_map),
	AT("ref-claims", cs_rule_measurement_list),
};
RECORD(cs_rule_reference_triple_record, "reference-triple-record", COMID "5", reference_fields);

static const cs_field endorsed_fields[] = {
	AT("condition", cs_rule_environment_map),
	AT("endorsement", cs_rule_measurement_list),
};
RECORD(cs_rule_endorsed_triple_record, "endorsed-triple-record", COMID "6", endorsed_fields);

static const cs_field stateful_environment_fields[] = {
	AT("environment", cs_rule_environment_map),
	AT("claims-list", cs_rule_measurement_list),
};
RECORD(cs_rule_stateful_environment_record, "stateful-environment-record", COMID "7", stateful_environment_fields);
static LIST(conditions, "conditions", COMID "7", 1, cs_rule_stateful_environment_record);
static LIST(endorsements, "endorsements", COMID "7", 1, cs_rule_endorsed_triple_record);
static const cs_field conditional_endorsement_fields[] = {
	AT("conditions", conditions),
	AT("endorsements", endorsements),
};
RECORD(cs_rule_conditional_endorsement_triple_record, "conditional-endorsement-triple-record", COMID "7", conditional_endorsement_fields);

/* The claims of the common condition may be none, in contrast to every other list of measurements. */
static const cs_field common_condition_fields[] = {
	AT("environment", cs_rule_environment_map),
	AT("claims-list", cs_rule_measurement_list_or_none),
	OPT_AT("authorized-by", cs_rule_key_list),
};
static SEQUENCE(common_condition, "common-condition", COMID "8", common_condition_fields);

static const cs_field series_fields[] = {
	AT("condition", cs_rule_measurement_list),
	AT("addition", cs_rule_measurement_list),
};
static RECORD(conditional_series_record, "conditional-series-record", COMID "8", series_fields);
static LIST(series, "series", COMID "8", 1, conditional_series_record, .check = cs_check_series);
static const cs_field conditional_endorsement_series_fields[] = {
	AT("common-condition", common_condition),
	AT("series", series),
};
RECORD(cs_rule_conditional_endorsement_series_triple_record, "conditional-endorsement-series-triple-record", COMID "8",
	conditional_endorsement_series_fields);

/* verification-key-map of draft-birkholz-rats-corim: a PEM key or bare base64, and perhaps its chain */
static LIST(key_chain, "chain", "draft-birkholz-rats-corim", 1, cs_rule_text);
static const cs_field verification_key_fields[] = {
	FIELD(0, "key", cs_rule_text),
	OPT(1, "cert", key_chain),
};
static STRUCT(
	verification_key_map, "verification-key-map", "draft-birkholz-rats-corim", verification_key_fields, .legacy = "verification-key-map");
static const cs_rule *const triple_key_choices[] = { &cs_rule_crypto_key, &verification_key_map };
static CHOICE(triple_key, "crypto-key-type-choice", COMID "4.6", triple_key_choices, .extensible = true);
static LIST(triple_keys, "key-list", COMID "9", 1, triple_key);

static const cs_field key_condition_fields[] = {
	OPT(CS_KEY_CONDITION_MKEY, "mkey", cs_rule_measured_element_type_choice),
	OPT(CS_KEY_CONDITION_AUTHORIZED_BY, "authorized-by", cs_rule_key_list),
};
static STRUCT(key_conditions, "conditions", COMID "9", key_condition_fields, .non_empty = true);
static const cs_field key_triple_fields[] = {
	AT("environment", cs_rule_environment_map),
	AT("key-list", triple_keys),
	OPT_AT("conditions", key_conditions),
};
SEQUENCE(cs_rule_identity_triple_record, "identity-triple-record", COMID "9", key_triple_fields);
SEQUENCE(cs_rule_attest_key_triple_record, "attest-key-triple-record", COMID "10", key_triple_fields);

static const cs_field domain_membership_fields[] = {
	AT("domain-id", cs_rule_environment_map),
	AT("members", cs_rule_environment_list),
};
RECORD(cs_rule_domain_membership_triple_record, "domain-membership-triple-record", COMID "11.1", domain_membership_fields);

static const cs_field trust_dependency_fields[] = {
	AT("domain-id", cs_rule_environment_map),
	AT("trustees", cs_rule_environment_list),
};
RECORD(cs_rule_trust_dependency_triple_record, "trust-dependency-triple-record", COMID "11.2", trust_dependency_fields);

static LIST(coswid_tag_ids, "tag-ids", COMID "12", 1, cs_rule_tag_id_type_choice);
static const cs_field coswid_fields[] = {
	AT("environment", cs_rule_environment_map),
	AT("tag-ids", coswid_tag_ids),
};
RECORD(cs_rule_coswid_triple_record, "coswid-triple-record", COMID "12", coswid_fields);

static LIST(reference_triples, "reference-triples", COMID "4", 1, cs_rule_reference_triple_record);
static LIST(endorsed_triples, "endorsed-triples", COMID "4", 1, cs_rule_endorsed_triple_record);
static LIST(identity_triples, "identity-triples", COMID "4", 1, cs_rule_identity_triple_record);
static LIST(attest_key_triples, "attest-key-triples", COMID "4", 1, cs_rule_attest_key_triple_record);
static LIST(dependency_triples, "dependency-triples", COMID "4", 1, cs_rule_trust_dependency_triple_record);
static LIST(membership_triples, "membership-triples", COMID "4", 1, cs_rule_domain_membership_triple_record);
static LIST(coswid_triples, "coswid-triples", COMID "4", 1, cs_rule_coswid_triple_record);
static LIST(conditional_endorsement_series_triples, "conditional-endorsement-series-triples", COMID "4", 1,
	cs_rule_conditional_endorsement_series_triple_record);
static LIST(
	conditional_endorsement_triples, "conditional-endorsement-triples", COMID "4", 1, cs_rule_conditional_endorsement_triple_record);

static const cs_field triples_fields[] = {
	OPT(CS_TRIPLE_REFERENCE, "reference-triples", reference_triples),
	OPT(CS_TRIPLE_ENDORSED, "endorsed-triples", endorsed_triples),
	OPT(CS_TRIPLE_IDENTITY, "identity-triples", identity_triples),
	OPT(CS_TRIPLE_ATTEST_KEY, "attest-key-triples", attest_key_triples),
	OPT(CS_TRIPLE_DEPENDENCY, "dependency-triples", dependency_triples),
	OPT(CS_TRIPLE_MEMBERSHIP, "membership-triples", membership_triples),
	OPT(CS_TRIPLE_COSWID, "coswid-triples", coswid_triples),
	OPT(CS_TRIPLE_CONDITIONAL_ENDORSEMENT_SERIES, "conditional-endorsement-series-triples", conditional_endorsement_series_triples),
	OPT(CS_TRIPLE_CONDITIONAL_ENDORSEMENT, "conditional-endorsement-triples", conditional_endorsement_triples),
};
STRUCT(cs_rule_triples_map, "triples-map", COMID "4", triples_fields, .extensible = true, .non_empty = true);

static const cs_field comid_fields[] = {
	OPT(0, "language", cs_rule_text),
	FIELD(CS_COMID_TAG_IDENTITY, "tag-identity", cs_rule_tag_identity_map),
	OPT(2, "entities", comid_entities_choice),
	OPT(CS_COMID_LINKED_TAGS, "linked-tags", linked_tags),
	FIELD(CS_COMID_TRIPLES, "triples", cs_rule_triples_map),
};
STRUCT(cs_rule_concise_mid_tag, "concise-mid-tag", "draft-ietf-rats-corim section 5.1", comid_fields, .extensible = true);

const cs_rule *
cs_rule_triple(int64_t kind)
{
	for (size_t i = 0; i < CS_LENGTH(triples_fields); i++)
		if (triples_fields[i].key == kind)
			return triples_fields[i].rule->of;
	return NULL;
}

const cs_rule *const cs_rules_comid[] = { &cs_rule_comid_entity_map, &linked_tag_map, &cs_rule_class_id_type_choice, &cs_rule_class_map,
	&cs_rule_instance_id_type_choice, &cs_rule_group_id_type_choice, &cs_rule_environment_map, &cs_rule_reference_triple_record,
	&cs_rule_endorsed_triple_record, &cs_rule_stateful_environment_record, &cs_rule_conditional_endorsement_triple_record,
	&conditional_series_record, &cs_rule_conditional_endorsement_series_triple_record, &cs_rule_identity_triple_record,
	&cs_rule_attest_key_triple_record, &cs_rule_domain_membership_triple_record, &cs_rule_trust_dependency_triple_record,
	&cs_rule_coswid_triple_record, &cs_rule_triples_map, &cs_rule_concise_mid_tag, NULL };
