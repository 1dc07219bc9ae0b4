/*
 * profiles_ocp.c - the names of OCP S.A.F.E.'s Short Form Report (OCP-Security-SAFE, Documentation/corim_profile): what a reviewer
 * found, as one value of a conditional endorsement.
 */
#include "profiles.h"

#define SFR "OCP S.A.F.E. SFR CoRIM profile 0.1"

static const cs_field manifest_entry_fields[] = {
	FIELD(0, "filename", cs_rule_text),
	FIELD(1, "file-hash", cs_rule_digests_type),
};
static STRUCT(manifest_entry, "manifest-entry", SFR, manifest_entry_fields);
static LIST(manifest_entries, "manifest", SFR, 1, manifest_entry);
static const cs_field src_manifest_fields[] = {
	FIELD(0, "manifest-digest", cs_rule_digests_type),
	FIELD(1, "manifest", manifest_entries),
};
static STRUCT(src_manifest, "src-manifest", SFR, src_manifest_fields);

static const cs_field fw_identifier_fields[] = {
	OPT(0, "fw-version", cs_rule_version_map),
	OPT(1, "fw-file-digests", cs_rule_digests_type),
	OPT(2, "repo-tag", cs_rule_text),
	OPT(3, "src-manifest", src_manifest),
};
static STRUCT(fw_identifier, "fw-identifier", SFR, fw_identifier_fields, .non_empty = true);
static LIST(fw_identifiers, "fw-identifiers", SFR, 1, fw_identifier);

static const cs_field cvss_fields[] = {
	FIELD(0, "cvss-score", cs_rule_text),
	FIELD(1, "cvss-vector", cs_rule_text),
	OPT(2, "cvss-version", cs_rule_text),
};
static STRUCT(cvss, "cvss", SFR, cvss_fields);
static const cs_field issue_fields[] = {
	FIELD(0, "title", cs_rule_text),
	FIELD(1, "description", cs_rule_text),
	FIELD(2, "assessment", cvss),
	OPT(3, "cwe", cs_rule_text),
	OPT(4, "cve", cs_rule_text),
};
static STRUCT(issue_entry, "issue-entry", SFR, issue_fields, .extensible = true);
static LIST(issues, "issues", SFR, 1, issue_entry);

static const cs_field sfr_fields[] = {
	FIELD(0, "review-framework-version", cs_rule_text),
	FIELD(1, "report-version", cs_rule_text),
	FIELD(2, "completion-date", cs_rule_time),
	FIELD(3, "scope-number", cs_rule_int),
	OPT(4, "fw-identifiers", fw_identifiers),
	OPT(5, "issues", issues),
	OPT(6, "solid-version", cs_rule_text),
};
static STRUCT(sfr_map, "ocp-safe-sfr-map", SFR, sfr_fields, .extensible = true);

static const cs_field mval[] = {
	OPT(-1, "ocp-safe-sfr", sfr_map),
};
static const cs_profile_extension extensions[] = {
	EXTENDS(cs_rule_measurement_values_map, mval),
};
/* The specification says 42623, the bytes that it and its tools give for that are those of 47639. */
static const char *const ids[] = { "1.3.6.1.4.1.42623.1.1", "1.3.6.1.4.1.47639.1.1", NULL };

const cs_profile cs_profile_sfr = {
	.name = "ocp-safe-sfr", .title = "OCP S.A.F.E. Short Form Report", .ids = ids, .source = SFR, EXTENSIONS(extensions)
};
