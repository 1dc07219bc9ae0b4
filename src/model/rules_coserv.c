/*
 * rules_coserv.c - CoSERV queries and results, signed or not (draft-ietf-rats-coserv section 4).
 */
#include "rules.h"

#define S "draft-ietf-rats-coserv section 4."

/* 4.2: no tag around either form, other than in a CoRIM. */
static const cs_rule *const profile_choices[] = { &cs_rule_oid_type, &cs_rule_text };
static CHOICE(profile, "profile", S "2", profile_choices);

/* ---- 4.3 query ---- */

static const char *const artifact_type_names[] = { "endorsed-values", "trust-anchors", "reference-values" };
static INTEGER(artifact_type, "artifact-type", S "3.1.1", 0, 2, NAMED(artifact_type_names));

static const cs_field stateful_class_fields[] = {
	AT("class", cs_rule_class_map),
	OPT_AT("measurements", cs_rule_measurement_list),
};
static const cs_field stateful_instance_fields[] = {
	AT("instance", cs_rule_instance_id_type_choice),
	OPT_AT("measurements", cs_rule_measurement_list),
};
static const cs_field stateful_group_fields[] = {
	AT("group", cs_rule_group_id_type_choice),
	OPT_AT("measurements", cs_rule_measurement_list),
};
static SEQUENCE(stateful_class, "stateful-class", S "3.1.2", stateful_class_fields);
static SEQUENCE(stateful_instance, "stateful-instance", S "3.1.2", stateful_instance_fields);
static SEQUENCE(stateful_group, "stateful-group", S "3.1.2", stateful_group_fields);
static LIST(classes, "class", S "3.1.2", 1, stateful_class);
static LIST(instances, "instance", S "3.1.2", 1, stateful_instance);
static LIST(groups, "group", S "3.1.2", 1, stateful_group);

static bool
check_one_selector(cs_ctx *ctx, const cs_item *item)
{
	return cs_count(item) == 1 ||
		cs_fail(ctx, CS_INVALID, "a query selects by class (0), by instance (1) or by group (2): exactly one of them");
}

static const cs_field environment_selector_fields[] = {
	OPT(0, "class", classes),
	OPT(1, "instance", instances),
	OPT(2, "group", groups),
};
static STRUCT(environment_selector_map, "environment-selector-map", S "3.1.2", environment_selector_fields, .check = check_one_selector);

static const char *const result_type_names[] = { "collected-artifacts", "source-artifacts", "both" };
static INTEGER(result_type, "result-type", S "3.1.3", 0, 2, NAMED(result_type_names));

/* The identifiers of all three kinds are text or a UUID. */
static const char *const rim_kind_names[] = { "comid", "coswid", "corim" };
static INTEGER(rim_kind, "rim-kind", S "3.2.1", 0, 2, NAMED(rim_kind_names));
static const cs_field rim_selector_id_fields[] = {
	AT("kind", rim_kind),
	AT("id", cs_rule_tag_id_type_choice),
};
static RECORD(rim_selector_id, "rim-selector-id", S "3.2.1", rim_selector_id_fields);
static LIST(rim_selector, "rim-selector", S "3.2.1", 1, rim_selector_id);

static const cs_field query_fields[] = {
	OPT(CS_QUERY_ARTIFACT_TYPE, "artifact-type", artifact_type),
	OPT(CS_QUERY_ENVIRONMENT_SELECTOR, "environment-selector", environment_selector_map),
	OPT(CS_QUERY_RESULT_TYPE, "result-type", result_type),
	OPT(CS_QUERY_RIM_SELECTOR, "rim-selector", rim_selector),
};

/* By environment or by RIM identifier: a choice of two groups in one map. */
static bool
check_query(cs_ctx *ctx, const cs_item *item)
{
	cs_item value;

	if (cs_map_get(item, CS_QUERY_RIM_SELECTOR, &value))
		return cs_count(item) == 1 || cs_fail(ctx, CS_INVALID, "a query is by environment (0, 1, 2) or by RIM identifier (3), not both");
	for (size_t i = 0; i < 3; i++)
		if (!cs_map_get(item, query_fields[i].key, &value))
			return cs_fail(
				ctx, CS_INVALID, "member %s (%d) is missing from a query by environment", query_fields[i].name, (int) query_fields[i].key);
	return true;
}

static STRUCT(query_now, "query", S "3", query_fields, .check = check_query);

/* Drafts up to -02 knew no query by RIM identifier, and had a timestamp where result-type is now (doc/conformance.md, decision 4). */
static bool
has_timestamp(const cs_item *item)
{
	cs_item value;

	return cs_is(item, CS_MAP) && cs_map_get(item, CS_QUERY_02_TIMESTAMP, &value) && cs_is_tag(&value, CS_TAG_DATE_TIME);
}

static const cs_field query_02_fields[] = {
	FIELD(CS_QUERY_ARTIFACT_TYPE, "artifact-type", artifact_type),
	FIELD(CS_QUERY_ENVIRONMENT_SELECTOR, "environment-selector", environment_selector_map),
	FIELD(2, "timestamp", cs_rule_tdate),
	FIELD(CS_QUERY_02_RESULT_TYPE, "result-type", result_type),
};
static STRUCT(
	query_02, "query-02", "draft-ietf-rats-coserv-02 section 4.1", query_02_fields, .suits = has_timestamp, .legacy = "query-timestamp");
static const cs_rule *const query_choices[] = { &query_02, &query_now };
static CHOICE(query, "query", S "3", query_choices);

/* ---- 4.4 result set ---- */

/* A quad is a triple and who says so. */
#define QUAD(sym, n, member, r)                    \
	static const cs_field sym##_fields[] = {       \
		FIELD(1, "authorities", cs_rule_key_list), \
		FIELD(2, member, r),                       \
	};                                             \
	static STRUCT(sym, n, S "4", sym##_fields);    \
	static LIST(sym##_list, n, S "4", 0, sym)

QUAD(refval_quad, "refval-quad", "rv-triple", cs_rule_reference_triple_record);
QUAD(endval_quad, "endval-quad", "ev-triple", cs_rule_endorsed_triple_record);
QUAD(cond_endval_quad, "cond-endval-quad", "ce-triple", cs_rule_conditional_endorsement_triple_record);
QUAD(ak_quad, "ak-quad", "ak-triple", cs_rule_attest_key_triple_record);

/* The CDDL has only a placeholder for cots: one store or a list of them, as CoTS defines both (doc/conformance.md, decision 2). */
static const cs_rule *const cots_choices[] = { &cs_rule_concise_ta_store_map, &cs_rule_concise_ta_stores };
static CHOICE(cots, "cots", S "4", cots_choices);
QUAD(cots_stmt, "cots-stmt", "cots", cots);

static LIST(source_artifacts, "source-artifacts", S "4", 1, cs_rule_cbor_record);

/* A cbor-collection that may be empty: "An empty set is also a valid result" (section 3.4.2). */
static TABLE(rims, "rims", S "4", 0, cs_rule_cose_label, cs_rule_cbor_cmw);

static const cs_field results_fields[] = {
	OPT(CS_RESULTS_RVQ, "rvq", refval_quad_list),
	OPT(CS_RESULTS_EVQ, "evq", endval_quad_list),
	OPT(CS_RESULTS_CEQ, "ceq", cond_endval_quad_list),
	OPT(CS_RESULTS_AKQ, "akq", ak_quad_list),
	OPT(CS_RESULTS_TAS, "tas", cots_stmt_list),
	OPT(CS_RESULTS_RIMS, "rims", rims),
	FIELD(CS_RESULTS_EXPIRY, "expiry", cs_rule_tdate),
	OPT(CS_RESULTS_SOURCE_ARTIFACTS, "source-artifacts", source_artifacts),
};

/* What a result set holds, as a bit for each artifact type, in the numbering of artifact-type. */
static unsigned
result_artifacts(const cs_item *results)
{
	static const uint8_t type[] = { 2, 0, 0, 1, 1 }; /* by result key */
	unsigned found = 0;
	cs_item value;

	for (int key = 0; key < (int) CS_LENGTH(type); key++)
		if (cs_map_get(results, key, &value))
			found |= 1U << type[key];
	return found;
}

/* environment-result or rim-result, and one of three result-sets in the first. tas may be absent (doc/conformance.md, decision 2). */
static bool
check_results(cs_ctx *ctx, const cs_item *item)
{
	unsigned artifacts = result_artifacts(item);
	cs_item value;
	bool source = cs_map_get(item, CS_RESULTS_SOURCE_ARTIFACTS, &value);
	bool by_rim = cs_map_get(item, CS_RESULTS_RIMS, &value);

	if (by_rim && (source || artifacts))
		return cs_fail(ctx, CS_INVALID, "results are of a query by environment or of one by RIM identifier (5), not of both");
	if (!by_rim && !source && !artifacts)
		return cs_fail(ctx, CS_INVALID, "results hold neither artifacts (0 to 4, 11) nor RIMs (5)");
	if (artifacts & (artifacts - 1))
		return cs_fail(ctx, CS_INVALID, "results mix artifact types");
	if (cs_map_get(item, CS_RESULTS_EVQ, &value) != cs_map_get(item, CS_RESULTS_CEQ, &value))
		return cs_fail(ctx, CS_INVALID, "evq (1) and ceq (2) come together");
	if (cs_map_get(item, CS_RESULTS_TAS, &value) && !cs_map_get(item, CS_RESULTS_AKQ, &value))
		return cs_fail(ctx, CS_INVALID, "tas (4) comes with akq (3)");
	return true;
}

static STRUCT(results, "results", S "4", results_fields, .check = check_results);

/* ---- 4 ---- */

/* The results must be of the query that they come with (section 3.4.1). */
static bool
check_results_of_query(cs_ctx *ctx, const cs_item *item)
{
	cs_item asked, answer, value;
	uint64_t type;

	if (!cs_map_get(item, CS_COSERV_RESULTS, &answer) || !cs_map_get(item, CS_COSERV_QUERY, &asked))
		return true;
	if ((cs_map_get(&asked, CS_QUERY_RIM_SELECTOR, &value) && cs_is(&value, CS_ARRAY)) != cs_map_get(&answer, CS_RESULTS_RIMS, &value))
		return cs_fail(ctx, CS_INVALID, "the results are of another kind than the query: by environment, by RIM identifier");
	if (!cs_map_get(&asked, CS_QUERY_ARTIFACT_TYPE, &value) || !cs_uint64(&value, &type))
		return true;
	if (result_artifacts(&answer) & ~(1U << type))
		return cs_fail(
			ctx, CS_INVALID, "the results hold artifacts of another type than the query asks for (%s)", artifact_type_names[type]);
	return true;
}

static const cs_field coserv_fields[] = {
	FIELD(CS_COSERV_PROFILE, "profile", profile),
	FIELD(CS_COSERV_QUERY, "query", query),
	OPT(CS_COSERV_RESULTS, "results", results),
};
STRUCT(cs_rule_coserv, "coserv", "draft-ietf-rats-coserv section 4", coserv_fields, .check = check_results_of_query);

/* ---- 4.6 signed ---- */

/* The CDDL puts the content type under 2, which is crit in COSE; everyone uses 3. Both are read (doc/conformance.md, decision 1). */
static LITERAL(content_type, "cty", S "6", "application/coserv+cbor");
static LIST(crit, "crit", "RFC 9052 section 3.1", 1, cs_rule_cose_label);
static const cs_rule *const label_2_choices[] = { &content_type, &crit };
static CHOICE(label_2, "cty", S "6", label_2_choices);

static bool
check_content_type(cs_ctx *ctx, const cs_item *item)
{
	cs_item value;

	if (cs_map_get(item, CS_HEADER_CONTENT_TYPE, &value) || (cs_map_get(item, CS_HEADER_CRIT, &value) && cs_is(&value, CS_TSTR)))
		return true;
	cs_fail(ctx, CS_INVALID, "the content type is missing from the protected header");
	return cs_fail_hint(ctx, "A signed CoSERV has \"application/coserv+cbor\" under label 3.");
}

static const cs_field protected_header_fields[] = {
	FIELD(CS_HEADER_ALG, "alg", cs_rule_cose_alg),
	OPT(CS_HEADER_CRIT, "cty or crit", label_2),
	OPT(CS_HEADER_CONTENT_TYPE, "cty", content_type),
	OPT(CS_HEADER_KID, "kid", cs_rule_bytes),
	OPT(CS_HEADER_X5CHAIN, "x5chain", cs_rule_any),
};
static STRUCT(
	protected_header, "signed-coserv-protected-hdr", S "6", protected_header_fields, .extensible = true, .check = check_content_type);
static BYTES_CBOR(protected, "protected", S "6", protected_header);
static BYTES_CBOR(payload, "payload", S "6", cs_rule_coserv);

static const cs_field signed_coserv_fields[] = {
	AT("protected", protected),
	AT("unprotected", cs_rule_cose_header_map),
	AT("payload", payload),
	AT("signature", cs_rule_bytes),
};
static RECORD(cose_sign1, "signed-coserv", S "6", signed_coserv_fields);
TAGGED(cs_rule_signed_coserv, "signed-coserv", S "6", CS_TAG_COSE_SIGN1, cose_sign1);

static const cs_rule *const coserv_any_choices[] = { &cs_rule_coserv, &cs_rule_signed_coserv };
CHOICE(cs_rule_coserv_any, "coserv-any", "draft-ietf-rats-coserv section 4", coserv_any_choices);

const cs_rule *const cs_rules_coserv[] = { &cs_rule_coserv_any, &cs_rule_coserv, &cs_rule_signed_coserv, &query, &query_now, &query_02,
	&environment_selector_map, &stateful_class, &stateful_instance, &stateful_group, &rim_selector_id, &results, &refval_quad, &endval_quad,
	&cond_endval_quad, &ak_quad, &cots_stmt, &protected_header, NULL };
