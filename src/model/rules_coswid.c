/*
 * rules_coswid.c - CoSWID (RFC 9393 section 2), and the abbreviated tag that CoTS makes of it.
 *
 * Every map of CoSWID carries global-attributes, any label with text or integers, beside its own extension point: so all of
 * them are extensible.
 */
#include "rules.h"

#define S "RFC 9393 section 2."

/* one-or-more<T> = T / [ 2* T ]. A list of one, which many encoders write, can mean nothing else and is read too. */
#define ONE_OR_MORE(sym, n, s, r)                                        \
	static LIST(sym##_list, n, s, 1, r);                                 \
	static const cs_rule *const sym##_choices[] = { &(r), &sym##_list }; \
	static CHOICE(sym, n, s, sym##_choices)

/* $something /= int / text, the integers named as far as the RFC does. */
#define INT_OR_TEXT(sym, n, s, lo, hi, names)                                    \
	static INTEGER(sym##_int, n, s, lo, hi, NAMED(names));                       \
	static const cs_rule *const sym##_choices[] = { &sym##_int, &cs_rule_text }; \
	static CHOICE(sym, n, s, sym##_choices)

/* 2.9.1 */
static const cs_field hash_entry_fields[] = {
	AT("hash-alg-id", cs_rule_int),
	AT("hash-value", cs_rule_bytes),
};
static RECORD(hash_entry, "hash-entry", S "9.1", hash_entry_fields);

/* 2.6 */
static const char *const role_names[] = { NULL, "tag-creator", "software-creator", "aggregator", "distributor", "licensor", "maintainer" };
INT_OR_TEXT(role, "$role", S "6", INT64_MIN, INT64_MAX, role_names);
ONE_OR_MORE(roles, "one-or-more<$role>", S "6", role);

static const cs_field entity_entry_fields[] = {
	OPT(15, "lang", cs_rule_text),
	FIELD(31, "entity-name", cs_rule_text),
	OPT(32, "reg-id", cs_rule_uri),
	FIELD(33, "role", roles),
	OPT(34, "thumbprint", hash_entry),
};
static STRUCT(entity_entry, "entity-entry", S "6", entity_entry_fields, .extensible = true);
ONE_OR_MORE(entities, "one-or-more<entity-entry>", S "3", entity_entry);

/* 2.7 */
static const char *const ownership_names[] = { NULL, "abandon", "private", "shared" };
static const char *const rel_names[] = { NULL, "ancestor", "component", "feature", "installationmedia", "packageinstaller", "parent",
	"patches", "requires", "see-also", "supersedes", "supplemental" };
static const char *const use_names[] = { NULL, "optional", "required", "recommended" };
INT_OR_TEXT(ownership, "$ownership", S "7", INT64_MIN, INT64_MAX, ownership_names);
INT_OR_TEXT(rel, "$rel", S "7", -256, 64436, rel_names);
INT_OR_TEXT(use, "$use", S "7", INT64_MIN, INT64_MAX, use_names);

static const cs_field link_entry_fields[] = {
	OPT(10, "media", cs_rule_text),
	OPT(15, "lang", cs_rule_text),
	OPT(37, "artifact", cs_rule_text),
	FIELD(38, "href", cs_rule_uri),
	OPT(39, "ownership", ownership),
	FIELD(40, "rel", rel),
	OPT(41, "media-type", cs_rule_text),
	OPT(42, "use", use),
};
static STRUCT(link_entry, "link-entry", S "7", link_entry_fields, .extensible = true);
ONE_OR_MORE(links, "one-or-more<link-entry>", S "3", link_entry);

/* 2.8 */
static const cs_rule *const generator_choices[] = { &cs_rule_text, &cs_rule_uuid_type };
static CHOICE(generator, "generator", S "8", generator_choices);

static const cs_field software_meta_entry_fields[] = {
	OPT(15, "lang", cs_rule_text),
	OPT(43, "activation-status", cs_rule_text),
	OPT(44, "channel-type", cs_rule_text),
	OPT(45, "colloquial-version", cs_rule_text),
	OPT(46, "description", cs_rule_text),
	OPT(47, "edition", cs_rule_text),
	OPT(48, "entitlement-data-required", cs_rule_bool),
	OPT(49, "entitlement-key", cs_rule_text),
	OPT(50, "generator", generator),
	OPT(51, "persistent-id", cs_rule_text),
	OPT(52, "product", cs_rule_text),
	OPT(53, "product-family", cs_rule_text),
	OPT(54, "revision", cs_rule_text),
	OPT(55, "summary", cs_rule_text),
	OPT(56, "unspsc-code", cs_rule_text),
	OPT(57, "unspsc-version", cs_rule_text),
};
static STRUCT(software_meta_entry, "software-meta-entry", S "8", software_meta_entry_fields, .extensible = true);
ONE_OR_MORE(software_meta, "one-or-more<software-meta-entry>", S "3", software_meta_entry);

/* 2.9.2 */
#define FILESYSTEM_ITEM                                                                     \
	OPT(CS_SWID_KEY, "key", cs_rule_bool), OPT(CS_SWID_LOCATION, "location", cs_rule_text), \
		FIELD(CS_SWID_FS_NAME, "fs-name", cs_rule_text), OPT(CS_SWID_ROOT, "root", cs_rule_text)

static const cs_field file_entry_fields[] = {
	OPT(CS_SWID_HASH, "hash", hash_entry),
	OPT(15, "lang", cs_rule_text),
	OPT(CS_SWID_SIZE, "size", cs_rule_uint),
	OPT(CS_SWID_FILE_VERSION, "file-version", cs_rule_text),
	FILESYSTEM_ITEM,
};
static STRUCT(file_entry, "file-entry", S "9.2", file_entry_fields, .extensible = true);
ONE_OR_MORE(files, "one-or-more<file-entry>", S "9.2", file_entry);

/* A directory holds directories. */
static const cs_rule path_elements;

static const cs_field directory_entry_fields[] = {
	OPT(15, "lang", cs_rule_text),
	FILESYSTEM_ITEM,
	OPT(CS_SWID_PATH_ELEMENTS, "path-elements", path_elements),
};
static STRUCT(directory_entry, "directory-entry", S "9.2", directory_entry_fields, .extensible = true);
ONE_OR_MORE(directories, "one-or-more<directory-entry>", S "9.2", directory_entry);

#define PATH_ELEMENTS_GROUP OPT(CS_SWID_DIRECTORY, "directory", directories), OPT(CS_SWID_FILE, "file", files)

static const cs_field path_elements_fields[] = { PATH_ELEMENTS_GROUP };
static STRUCT(path_elements, "path-elements", S "9.2", path_elements_fields);

static const cs_field process_entry_fields[] = {
	OPT(15, "lang", cs_rule_text),
	FIELD(27, "process-name", cs_rule_text),
	OPT(28, "pid", cs_rule_integer),
};
static STRUCT(process_entry, "process-entry", S "9.2", process_entry_fields, .extensible = true);
ONE_OR_MORE(processes, "one-or-more<process-entry>", S "9.2", process_entry);

static const cs_field resource_entry_fields[] = {
	OPT(15, "lang", cs_rule_text),
	FIELD(29, "type", cs_rule_text),
};
static STRUCT(resource_entry, "resource-entry", S "9.2", resource_entry_fields, .extensible = true);
ONE_OR_MORE(resources, "one-or-more<resource-entry>", S "9.2", resource_entry);

#define RESOURCE_COLLECTION PATH_ELEMENTS_GROUP, OPT(18, "process", processes), OPT(19, "resource", resources)

/* 2.9.3 */
static const cs_field payload_entry_fields[] = {
	OPT(15, "lang", cs_rule_text),
	RESOURCE_COLLECTION,
};
static STRUCT(payload_entry, "payload-entry", S "9.3", payload_entry_fields, .extensible = true);

/* 2.9.4 */
static const cs_field evidence_entry_fields[] = {
	OPT(15, "lang", cs_rule_text),
	RESOURCE_COLLECTION,
	OPT(CS_SWID_LOCATION, "location", cs_rule_text),
	OPT(35, "date", cs_rule_time),
	OPT(36, "device-id", cs_rule_text),
};
static STRUCT(evidence_entry, "evidence-entry", S "9.4", evidence_entry_fields, .extensible = true);

static bool
is_true(const cs_item *tag, int64_t key)
{
	cs_item value;
	bool yes;

	return cs_map_get(tag, key, &value) && cs_is_bool(&value, &yes) && yes;
}

/* 2.3: payload-or-evidence is a choice of groups. 2.4: "the patch and supplemental items MUST NOT both be set to true". */
static bool
check_co_constraints(cs_ctx *ctx, const cs_item *item)
{
	cs_item value;

	if (cs_map_get(item, CS_SWID_PAYLOAD, &value) && cs_map_get(item, CS_SWID_EVIDENCE, &value))
		return cs_fail(ctx, CS_INVALID, "a CoSWID tag has a payload (6) or evidence (3), not both");
	if (is_true(item, 9) && is_true(item, 11))
		return cs_fail(ctx, CS_INVALID, "a CoSWID tag is a patch (9) or supplemental (11), not both");
	return true;
}

/* 2.4: primary tags, which are neither corpus, patch nor supplemental, and corpus tags have a software-version; files
 * without it are read. */
static bool
lacks_software_version(const cs_item *item)
{
	cs_item value;

	return cs_is(item, CS_MAP) && !cs_map_get(item, CS_SWID_SOFTWARE_VERSION, &value) &&
		(is_true(item, 8) || (!is_true(item, 9) && !is_true(item, 11)));
}

static bool
has_software_version(const cs_item *item)
{
	return !lacks_software_version(item);
}

static const cs_rule *const tag_id_choices[] = { &cs_rule_text, &cs_rule_uuid_type };
static CHOICE(tag_id, "tag-id", S "3", tag_id_choices);

/* An abbreviated tag may leave out what a whole one needs: NEEDS is FIELD or OPT. */
#define CONCISE_SWID_MEMBERS(NEEDS)                                                                                         \
	NEEDS(0, "tag-id", tag_id), NEEDS(1, "software-name", cs_rule_text), NEEDS(2, "entity", entities),                      \
		OPT(CS_SWID_EVIDENCE, "evidence", evidence_entry), OPT(4, "link", links), OPT(5, "software-meta", software_meta),   \
		OPT(CS_SWID_PAYLOAD, "payload", payload_entry), OPT(8, "corpus", cs_rule_bool), OPT(9, "patch", cs_rule_bool),      \
		OPT(10, "media", cs_rule_text), OPT(11, "supplemental", cs_rule_bool), NEEDS(12, "tag-version", cs_rule_integer),   \
		OPT(CS_SWID_SOFTWARE_VERSION, "software-version", cs_rule_text), OPT(14, "version-scheme", cs_rule_version_scheme), \
		OPT(15, "lang", cs_rule_text)

static const cs_field concise_swid_tag_fields[] = { CONCISE_SWID_MEMBERS(FIELD) };
static STRUCT(concise_swid_tag, "concise-swid-tag", S "3", concise_swid_tag_fields, .extensible = true, .check = check_co_constraints,
	.suits = has_software_version);
static STRUCT(tag_without_version, "concise-swid-tag", S "4", concise_swid_tag_fields, .extensible = true, .check = check_co_constraints,
	.suits = lacks_software_version, .legacy = "no-software-version");
static const cs_rule *const concise_swid_tag_choices[] = { &concise_swid_tag, &tag_without_version };
CHOICE(cs_rule_concise_swid_tag, "concise-swid-tag", S "3", concise_swid_tag_choices);
TAGGED(cs_rule_tagged_coswid, "tagged-coswid", S "8", CS_TAG_SWID, cs_rule_concise_swid_tag);

static const cs_field abbreviated_swid_tag_fields[] = { CONCISE_SWID_MEMBERS(OPT) };
STRUCT(cs_rule_abbreviated_swid_tag, "abbreviated-swid-tag", "draft-ietf-rats-concise-ta-stores section 3.2.2", abbreviated_swid_tag_fields,
	.extensible = true, .check = check_co_constraints);

const cs_rule *const cs_rules_coswid[] = { &cs_rule_concise_swid_tag, &cs_rule_tagged_coswid, &cs_rule_abbreviated_swid_tag, &entity_entry,
	&link_entry, &software_meta_entry, &payload_entry, &evidence_entry, &directory_entry, &file_entry, &process_entry, &resource_entry,
	&hash_entry, NULL };
