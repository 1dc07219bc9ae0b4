/*
 * rules_ect.c - Environment-Claims Tuples and the relations made of them (draft-ietf-rats-corim section 8.3.2), with the text
 * keys that the draft prints them with: what Evidence comes in as, and what the ACS goes out as.
 */
#include "profile.h"
#include "rules.h"

#define S "draft-ietf-rats-corim section 8.3.2."

/* ---- what ECTs are made of ---- */

static const cs_field element_map_fields[] = {
	TEXT_OPT("element-id", cs_rule_measured_element_type_choice),
	TEXT_FIELD("element-claims", cs_rule_measurement_values_map),
};
static STRUCT(element_map, "element-map", S "1.1", element_map_fields);
static LIST(element_list, "element-list", S "1.1", 1, element_map);

/* Evidence is what was observed: a set or a range stands in conditions alone (draft-ietf-rats-corim, pull request 716). */
static bool
check_bare(cs_ctx *ctx, const cs_item *item)
{
	cs_iter it = cs_iterate(item);
	cs_item key, value;
	int64_t codepoint;

	while (cs_next_pair(&it, &key, &value))
		if (cs_is(&value, CS_TAG) && cs_int64(&key, &codepoint) && cs_profile_comparison(NULL, codepoint) == CS_COMPARE_MATCHER)
			return cs_fail(ctx, CS_INVALID, "%s (%lld) is a bare value in Evidence: sets and ranges are conditions",
				cs_rule_member_name(&cs_rule_measurement_values_map, codepoint), (long long) codepoint);
	return true;
}

static const cs_rule *const observed_choices[] = { &cs_rule_measurement_values_map };
static CHOICE(observed_values, "measurement-values-map", S "2.1", observed_choices, .check = check_bare);
static const cs_field observed_element_fields[] = {
	TEXT_OPT("element-id", cs_rule_measured_element_type_choice),
	TEXT_FIELD("element-claims", observed_values),
};
static STRUCT(observed_element, "element-map", S "2.1", observed_element_fields);
static LIST(observed_elements, "element-list", S "2.1", 1, observed_element);

static const char *const cm_type_names[] = {
	[CS_CMTYPE_REFERENCE_VALUES] = "reference-values", [CS_CMTYPE_ENDORSEMENTS] = "endorsements", [CS_CMTYPE_EVIDENCE] = "evidence"
};
static INTEGER(cm_type, "cm-type", S "1.1", 0, 2, NAMED(cm_type_names));
static INTEGER(reference_values, "cm-type", S "1.1", CS_CMTYPE_REFERENCE_VALUES, CS_CMTYPE_REFERENCE_VALUES, NAMED(cm_type_names));
static INTEGER(endorsements, "cm-type", S "1.1", CS_CMTYPE_ENDORSEMENTS, CS_CMTYPE_ENDORSEMENTS, NAMED(cm_type_names));
static INTEGER(evidence, "cm-type", S "1.1", CS_CMTYPE_EVIDENCE, CS_CMTYPE_EVIDENCE, NAMED(cm_type_names));

const char *
cs_cmtype_name(int64_t cmtype)
{
	return cs_rule_value_name(&cm_type, cmtype);
}

static const char *const key_type_names[] = { [CS_KEY_TYPE_ATTEST_KEY] = "attest-key", [CS_KEY_TYPE_IDENTITY_KEY] = "identity-key" };
static INTEGER(key_type, "key-type", S "1.4", 0, 1, NAMED(key_type_names));

/* ---- ECT = E-ECT / M-ECT / T-ECT / K-ECT: one map, whose members say which of the four it is ---- */

static bool
check_one_specialization(cs_ctx *ctx, const cs_item *item)
{
	static const struct
	{
		const char *member;
		unsigned bit;
	} special[] = {
		{ "element-list", 1 },
		{ "cmtype", 1 },
		{ "members", 2 },
		{ "trustees", 4 },
		{ "key-id", 8 },
		{ "key-list", 8 },
		{ "key-type", 8 },
	};
	unsigned found = 0;
	cs_item value;

	for (size_t i = 0; i < CS_LENGTH(special); i++)
		if (cs_map_get_text(item, special[i].member, &value))
			found |= special[i].bit;
	return (found & (found - 1)) == 0 || cs_fail(ctx, CS_INVALID, "an ECT is of elements, of members, of trustees or of keys: one of them");
}

static const cs_field ect_fields[] = {
	TEXT_OPT("environment", cs_rule_environment_map),
	TEXT_OPT("authority", cs_rule_key_list),
	TEXT_OPT("profile", cs_rule_profile_type_choice),
	TEXT_OPT("element-list", element_list),
	TEXT_OPT("cmtype", cm_type),
	TEXT_OPT("members", cs_rule_environment_list),
	TEXT_OPT("trustees", cs_rule_environment_list),
	TEXT_OPT("key-id", cs_rule_measured_element_type_choice),
	TEXT_OPT("key-list", cs_rule_key_list),
	TEXT_OPT("key-type", key_type),
};
STRUCT(cs_rule_ect, "ECT", S "1", ect_fields, .check = check_one_specialization);
static LIST(acs, "ACS", S "3", 1, cs_rule_ect);

/* ---- Evidence ---- */

/* cmtype may be left out where everything is Evidence (src/appraise/appraise.h). */
static const cs_field evidence_addition_fields[] = {
	TEXT_FIELD("environment", cs_rule_environment_map),
	TEXT_FIELD("element-list", observed_elements),
	TEXT_FIELD("authority", cs_rule_key_list),
	TEXT_OPT("cmtype", evidence),
	TEXT_OPT("profile", cs_rule_profile_type_choice),
};
static STRUCT(evidence_addition, "Evidence-addition-ECT", S "2.1", evidence_addition_fields);

static const cs_field ae_item_fields[] = { TEXT_FIELD("addition", evidence_addition) };
static STRUCT(ae_item, "ae-item", S "2.1", ae_item_fields);

/* An ECT or an ae-item around it: one map, so that an error names the member that is missing and not the other form. */
static bool
check_evidence_item(cs_ctx *ctx, const cs_item *item)
{
	cs_item value;

	if (cs_map_get_text(item, "addition", &value))
		return cs_count(item) == 1 || cs_fail(ctx, CS_INVALID, "an ae-item has an addition and nothing else");
	for (size_t i = 0; i < CS_LENGTH(evidence_addition_fields); i++)
		if (!evidence_addition_fields[i].optional && !cs_map_get_text(item, evidence_addition_fields[i].text, &value))
			return cs_fail(ctx, CS_INVALID, "member \"%s\" is missing from the Evidence", evidence_addition_fields[i].text);
	return true;
}

static const cs_field evidence_item_fields[] = {
	TEXT_OPT("addition", evidence_addition),
	TEXT_OPT("environment", cs_rule_environment_map),
	TEXT_OPT("element-list", observed_elements),
	TEXT_OPT("authority", cs_rule_key_list),
	TEXT_OPT("cmtype", evidence),
	TEXT_OPT("profile", cs_rule_profile_type_choice),
};
static STRUCT(evidence_item, "Evidence-addition-ECT", S "2.1", evidence_item_fields, .check = check_evidence_item);
static LIST(ae, "ae", S "2.1", 1, evidence_item);
static const cs_rule *const evidence_choices[] = { &evidence_item, &ae };
CHOICE(cs_rule_evidence, "evidence", S "2.1", evidence_choices);

/* ---- relations ---- */

#define RELATION(sym, n, s, wanted, added)   \
	static const cs_field sym##_fields[] = { \
		TEXT_FIELD("condition", wanted),     \
		TEXT_FIELD("addition", added),       \
	};                                       \
	static STRUCT(sym, n, s, sym##_fields)

static const cs_field refval_condition_fields[] = {
	TEXT_FIELD("environment", cs_rule_environment_map),
	TEXT_FIELD("element-list", element_list),
	TEXT_OPT("authority", cs_rule_key_list),
};
static const cs_field refval_addition_fields[] = {
	TEXT_FIELD("environment", cs_rule_environment_map),
	TEXT_OPT("element-list", element_list),
	TEXT_FIELD("authority", cs_rule_key_list),
	TEXT_FIELD("cmtype", reference_values),
	TEXT_OPT("profile", cs_rule_profile_type_choice),
};
static STRUCT(refval_condition, "Reference-Value-condition-ECT", S "2.2", refval_condition_fields);
static STRUCT(refval_addition, "Reference-Value-addition-ECT", S "2.2", refval_addition_fields);
RELATION(rv_item, "rv-item", S "2.2", refval_condition, refval_addition);

static const cs_field endval_condition_fields[] = {
	TEXT_FIELD("environment", cs_rule_environment_map),
	TEXT_OPT("element-list", element_list),
	TEXT_OPT("authority", cs_rule_key_list),
};
static const cs_field endval_addition_fields[] = {
	TEXT_FIELD("environment", cs_rule_environment_map),
	TEXT_FIELD("element-list", element_list),
	TEXT_FIELD("authority", cs_rule_key_list),
	TEXT_FIELD("cmtype", endorsements),
	TEXT_OPT("profile", cs_rule_profile_type_choice),
};
static STRUCT(endval_condition, "Endorsement-condition-ECT", S "2.3", endval_condition_fields);
static STRUCT(endval_addition, "Endorsement-addition-ECT", S "2.3", endval_addition_fields);
static LIST(endval_conditions, "condition", S "2.3", 1, endval_condition);
static LIST(endval_additions, "addition", S "2.3", 1, endval_addition);
RELATION(ev_item, "ev-item", S "2.3", endval_conditions, endval_additions);

static const cs_field series_item_fields[] = {
	AT("condition", endval_conditions),
	AT("addition", endval_additions),
};
static RECORD(series_item, "series-item", S "2.3", series_item_fields);
static LIST(series, "series", S "2.3", 1, series_item);
static const cs_field evs_item_fields[] = { TEXT_FIELD("series", series) };
static STRUCT(evs_item, "evs-item", S "2.3", evs_item_fields);

static RULE(one_key, CS_LIST, "key-list", S "2.4", .min = 1, .max = 1, .of = &cs_rule_crypto_key);
#define KEY_MEMBERS(keys)                                                                                           \
	TEXT_FIELD("environment", cs_rule_environment_map), TEXT_FIELD("authority", cs_rule_key_list),                  \
		TEXT_OPT("profile", cs_rule_profile_type_choice), TEXT_OPT("key-id", cs_rule_measured_element_type_choice), \
		TEXT_FIELD("key-list", keys), TEXT_FIELD("key-type", key_type)

static const cs_field key_condition_fields[] = { KEY_MEMBERS(cs_rule_key_list) };
static const cs_field key_addition_fields[] = { KEY_MEMBERS(one_key) };
static STRUCT(key_condition, "Key-condition-ECT", S "2.4", key_condition_fields);
static STRUCT(key_addition, "Key-addition-ECT", S "2.4", key_addition_fields);
RELATION(key_item, "key-item", S "2.4", key_condition, key_addition);

static const cs_field domain_condition_fields[] = {
	TEXT_FIELD("members", cs_rule_environment_list),
	TEXT_FIELD("authority", cs_rule_key_list),
	TEXT_OPT("profile", cs_rule_profile_type_choice),
};
static const cs_field domain_addition_fields[] = {
	TEXT_FIELD("environment", cs_rule_environment_map),
	TEXT_FIELD("authority", cs_rule_key_list),
	TEXT_OPT("profile", cs_rule_profile_type_choice),
	TEXT_FIELD("members", cs_rule_environment_list),
};
static STRUCT(domain_condition, "Domain-condition-ECT", S "2.5", domain_condition_fields);
static STRUCT(domain_addition, "Domain-addition-ECT", S "2.5", domain_addition_fields);
RELATION(domain_item, "domain-item", S "2.5", domain_condition, domain_addition);

static const cs_field trust_dependency_fields[] = {
	TEXT_FIELD("environment", cs_rule_environment_map),
	TEXT_FIELD("authority", cs_rule_key_list),
	TEXT_OPT("profile", cs_rule_profile_type_choice),
	TEXT_FIELD("trustees", cs_rule_environment_list),
};
static STRUCT(trust_dependency, "Trust-Dependency-ECT", S "2.6", trust_dependency_fields);
RELATION(td_item, "td-item", S "2.6", trust_dependency, trust_dependency);

const cs_rule *const cs_rules_ect[] = { &cs_rule_ect, &cs_rule_evidence, &acs, &element_map, &ae_item, &rv_item, &ev_item, &evs_item,
	&series_item, &key_item, &domain_item, &td_item, NULL };
