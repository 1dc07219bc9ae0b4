/*
 * rules_corim.c - corim-map, its signer's metadata, and the envelopes a document comes in (draft-ietf-rats-corim section 4).
 */
#include "rules.h"

#include <string.h>

#define CORIM "draft-ietf-rats-corim section 4."

/* ---- corim-map ---- */

static const cs_rule *const corim_id_choices[] = { &cs_rule_text, &cs_rule_uuid_type };
static CHOICE(corim_id_type_choice, "corim-id-type-choice", CORIM "1.1", corim_id_choices, .extensible = true);

/* A tag is a byte string of CBOR in a tag. Tools before draft -03 put the map into the tag, and that into a byte string. */
static BYTES_CBOR(coswid_bytes, "tagged-concise-swid-tag", CORIM "1.2", cs_rule_concise_swid_tag);
static BYTES_CBOR(comid_bytes, "tagged-concise-mid-tag", CORIM "1.2", cs_rule_concise_mid_tag);
static BYTES_CBOR(cotl_bytes, "tagged-concise-tl-tag", CORIM "1.2", cs_rule_concise_tl_tag);
static const cs_rule *const cots_choices[] = { &cs_rule_concise_ta_stores, &cs_rule_concise_ta_store_map };
static CHOICE(cots, "concise-ta-stores", "draft-ietf-rats-concise-ta-stores section 3.1.1", cots_choices);
static BYTES_CBOR(cots_bytes, "tagged-concise-ta-stores", "draft-ietf-rats-concise-ta-stores section 3.1.1", cots);

static TAGGED(tagged_coswid, "tagged-concise-swid-tag", CORIM "1.2", CS_TAG_CONCISE_SWID_TAG, coswid_bytes);
static TAGGED(tagged_comid, "tagged-concise-mid-tag", CORIM "1.2", CS_TAG_CONCISE_MID_TAG, comid_bytes);
static TAGGED(tagged_cotl, "tagged-concise-tl-tag", CORIM "1.2", CS_TAG_CONCISE_TL_TAG, cotl_bytes);
static TAGGED(
	tagged_cots, "tagged-concise-ta-stores", "draft-ietf-rats-concise-ta-stores section 3.1.1", CS_TAG_CONCISE_TA_STORES, cots_bytes);
static TAGGED(
	inline_coswid, "tagged-concise-swid-tag", CORIM "1.2", CS_TAG_CONCISE_SWID_TAG, cs_rule_concise_swid_tag, .legacy = "inline-tag");
static TAGGED(inline_comid, "tagged-concise-mid-tag", CORIM "1.2", CS_TAG_CONCISE_MID_TAG, cs_rule_concise_mid_tag, .legacy = "inline-tag");
static TAGGED(inline_cotl, "tagged-concise-tl-tag", CORIM "1.2", CS_TAG_CONCISE_TL_TAG, cs_rule_concise_tl_tag, .legacy = "inline-tag");
static TAGGED(inline_cots, "tagged-concise-ta-stores", CORIM "1.2", CS_TAG_CONCISE_TA_STORES, cots, .legacy = "inline-tag");

static const cs_rule *const tag_choices[] = { &tagged_coswid, &tagged_comid, &tagged_cotl, &tagged_cots, &inline_coswid, &inline_comid,
	&inline_cotl, &inline_cots };
static CHOICE(tagged_tag, "concise-tag-type-choice", CORIM "1.2", tag_choices, .extensible = true);
static BYTES_CBOR(bytes_tag, "concise-tag-type-choice", CORIM "1.2", tagged_tag, .legacy = "bstr-tag");
static const cs_rule *const concise_tag_choices[] = { &tagged_tag, &bytes_tag };
static CHOICE(concise_tag_type_choice, "concise-tag-type-choice", CORIM "1.2", concise_tag_choices, .extensible = true);
static LIST(tags, "tags", CORIM "1.2", 1, concise_tag_type_choice);

static LIST(uris, "href", CORIM "1.3", 1, cs_rule_uri);
static const cs_rule *const href_choices[] = { &cs_rule_uri, &uris };
static CHOICE(href, "href", CORIM "1.3", href_choices);
static LIST(thumbprints, "thumbprint", CORIM "1.3", 1, cs_rule_digest);
static const cs_rule *const thumbprint_choices[] = { &cs_rule_digest, &thumbprints };
static CHOICE(thumbprint, "thumbprint", CORIM "1.3", thumbprint_choices);
static const cs_field locator_fields[] = {
	FIELD(0, "href", href),
	OPT(1, "thumbprint", thumbprint),
};
static STRUCT(corim_locator_map, "corim-locator-map", CORIM "1.3", locator_fields);
static LIST(dependent_rims, "dependent-rims", CORIM "1.3", 1, corim_locator_map);

static const char *const role_names[] = { NULL, "manifest-creator", "manifest-signer" };
static INT(corim_role, "corim-role-type-choice", CORIM "1.5", NAMED(role_names));
static LIST(corim_roles, "role", CORIM "1.5", 1, corim_role);
static const cs_field entity_fields[] = {
	FIELD(0, "entity-name", cs_rule_entity_name_type_choice),
	OPT(1, "reg-id", cs_rule_uri),
	FIELD(2, "role", corim_roles),
};
static STRUCT(corim_entity_map, "corim-entity-map", CORIM "1.5", entity_fields, .extensible = true);

static bool
has_role(const cs_item *entity, int64_t role)
{
	cs_item roles, child;
	cs_iter it;
	int64_t value;

	if (!cs_map_get(entity, 2, &roles) || !cs_is(&roles, CS_ARRAY))
		return false;
	for (it = cs_iterate(&roles); cs_next(&it, &child);)
		if (cs_int64(&child, &value) && value == role)
			return true;
	return false;
}

/* "MUST NOT contain two entities with the manifest-signer role" */
static bool
check_entities(cs_ctx *ctx, const cs_item *item)
{
	cs_iter it = cs_iterate(item);
	cs_item entity;
	bool seen = false;

	while (cs_next(&it, &entity))
	{
		if (!has_role(&entity, 2))
			continue;
		if (seen)
			return cs_fail(ctx, CS_INVALID, "more than one entity has the role manifest-signer (2)");
		seen = true;
	}
	return true;
}

static LIST(entities, "entities", CORIM "1.5", 1, corim_entity_map, .check = check_entities);

static const cs_field corim_fields[] = {
	FIELD(CS_CORIM_ID, "id", corim_id_type_choice),
	FIELD(CS_CORIM_TAGS, "tags", tags),
	OPT(2, "dependent-rims", dependent_rims),
	OPT(CS_CORIM_PROFILE, "profile", cs_rule_profile_type_choice),
	OPT(CS_CORIM_RIM_VALIDITY, "rim-validity", cs_rule_validity_map),
	OPT(5, "entities", entities),
};
STRUCT(cs_rule_corim_map, "corim-map", CORIM "1", corim_fields, .extensible = true);

static TAGGED(tagged_corim, "tagged-unsigned-corim-map", CORIM "1", CS_TAG_UNSIGNED_CORIM_MAP, cs_rule_corim_map);
static STRUCT(untagged_corim, "corim-map", CORIM "1", corim_fields, .extensible = true, .legacy = "untagged-corim-map");
static TAGGED(tag_500_corim, "tagged-concise-rim-type-choice", "draft-ietf-rats-corim-06 section 4", CS_TAG_CORIM_500, tagged_corim,
	.legacy = "tag-500");
static const cs_rule *const unsigned_choices[] = { &tagged_corim, &untagged_corim, &tag_500_corim };
CHOICE(cs_rule_tagged_unsigned_corim_map, "tagged-unsigned-corim-map", CORIM "1", unsigned_choices);

/* ---- signed-corim ---- */

static const cs_field signer_fields[] = {
	FIELD(0, "signer-name", cs_rule_entity_name_type_choice),
	OPT(1, "signer-uri", cs_rule_uri),
};
static STRUCT(corim_signer_map, "corim-signer-map", CORIM "2.3.1", signer_fields, .extensible = true);
static LIST(signer_list, "corim-signer-map", "draft-birkholz-rats-corim", 1, corim_signer_map, .legacy = "signer-list");
static const cs_rule *const signer_choices[] = { &corim_signer_map, &signer_list };
static CHOICE(signer, "corim-signer-map", CORIM "2.3.1", signer_choices);

/* Times as text under tag 0, as one vendor's published documents have them. */
static bool
has_tdate(const cs_item *item)
{
	cs_item value;

	return cs_is(item, CS_MAP) && cs_map_get(item, 1, &value) && cs_is_tag(&value, CS_TAG_DATE_TIME);
}

static const cs_field tdate_validity_fields[] = {
	OPT(0, "not-before", cs_rule_tdate),
	FIELD(1, "not-after", cs_rule_tdate),
};
static STRUCT(tdate_validity, "validity-map", CORIM "7.3", tdate_validity_fields, .suits = has_tdate, .legacy = "validity-as-text");
static const cs_rule *const signature_validity_choices[] = { &tdate_validity, &cs_rule_validity_map };
static CHOICE(signature_validity, "validity-map", CORIM "7.3", signature_validity_choices);

static const cs_field meta_fields[] = {
	FIELD(0, "signer", signer),
	OPT(1, "signature-validity", signature_validity),
};
STRUCT(cs_rule_corim_meta_map, "corim-meta-map", CORIM "2.3", meta_fields);

/* The payload is a digest when the protected header has payload_hash_alg (258); so much of it is read ahead. */
static bool
is_hash_envelope(const cs_item *item)
{
	cs_ctx ctx;
	cs_item protected, header, value;

	if (!cs_array_get(item, 0, &protected) || !cs_is(&protected, CS_BSTR) || protected.indefinite || protected.arg == 0)
		return false;
	/* cs_check allocates nothing, so that a context without an allocator will do. */
	memset(&ctx, 0, sizeof(ctx));
	ctx.limits = (cs_limits) { CS_DEFAULT_MAX_DEPTH, CS_DEFAULT_MAX_ITEMS, CS_DEFAULT_MAX_SIZE };
	if (!cs_check(&ctx, protected.content, (size_t) protected.arg))
		return false;
	header = cs_item_at(protected.content, (size_t) protected.arg);
	return cs_map_get(&header, CS_HEADER_PAYLOAD_HASH_ALG, &value);
}

static bool
is_inline(const cs_item *item)
{
	return !is_hash_envelope(item);
}

static BYTES_CBOR(protected_header, "protected", CORIM "2", cs_rule_protected_corim_header_map);
static BYTES_CBOR(payload_bytes, "payload", CORIM "2", cs_rule_tagged_unsigned_corim_map);
static const cs_rule *const payload_choices[] = { &payload_bytes, &cs_rule_null };
static CHOICE(payload, "payload", CORIM "2", payload_choices);
static BYTES(hash_envelope_digest, "hash-envelope-digest", CORIM "2");
static const cs_rule *const digest_payload_choices[] = { &hash_envelope_digest, &cs_rule_null };
static CHOICE(digest_payload, "payload", CORIM "2", digest_payload_choices);

static const cs_field sign1_fields[] = {
	AT("protected", protected_header),
	AT("unprotected", cs_rule_cose_header_map),
	AT("payload", payload),
	AT("signature", cs_rule_bytes),
};
static const cs_field hash_envelope_fields[] = {
	AT("protected", protected_header),
	AT("unprotected", cs_rule_cose_header_map),
	AT("payload", digest_payload),
	AT("signature", cs_rule_bytes),
};
static RECORD(sign1, "COSE-Sign1-corim", CORIM "2", sign1_fields, .suits = is_inline);
static RECORD(hash_envelope, "COSE-Sign1-corim", CORIM "2", hash_envelope_fields, .suits = is_hash_envelope);
static const cs_rule *const sign1_choices[] = { &sign1, &hash_envelope };
static CHOICE(cose_sign1_corim, "COSE-Sign1-corim", CORIM "2", sign1_choices);
TAGGED(cs_rule_signed_corim, "signed-corim", CORIM "2", CS_TAG_COSE_SIGN1, cose_sign1_corim);

/* ---- the document ---- */

/* Up to draft -06: 500 around either form, 502 around the signed one. */
static const cs_rule *const in_502_choices[] = { &cs_rule_signed_corim, &cs_rule_cose_sign_tagged };
static CHOICE(in_502, "signed-corim", "draft-ietf-rats-corim-06 section 4.2", in_502_choices);
static TAGGED(tag_502, "tagged-signed-corim", "draft-ietf-rats-corim-06 section 4.2", CS_TAG_SIGNED_CORIM_502, in_502, .legacy = "tag-502");
static const cs_rule *const in_500_choices[] = { &tagged_corim, &cs_rule_signed_corim, &cs_rule_cose_sign_tagged, &tag_502 };
static CHOICE(in_500, "concise-rim-type-choice", "draft-ietf-rats-corim-06 section 4", in_500_choices);
static TAGGED(
	tag_500, "tagged-concise-rim-type-choice", "draft-ietf-rats-corim-06 section 4", CS_TAG_CORIM_500, in_500, .legacy = "tag-500");
static const cs_rule *const document_choices[] = { &tagged_corim, &cs_rule_signed_corim, &cs_rule_cose_sign_tagged, &tag_500, &tag_502,
	&untagged_corim };
CHOICE(cs_rule_corim_document, "corim", "draft-ietf-rats-corim section 4", document_choices);

const cs_rule *const cs_rules_corim[] = { &corim_locator_map, &corim_entity_map, &cs_rule_corim_map, &cs_rule_tagged_unsigned_corim_map,
	&corim_signer_map, &cs_rule_corim_meta_map, &cose_sign1_corim, &cs_rule_signed_corim, &cs_rule_corim_document, &tagged_coswid,
	&tagged_comid, &tagged_cotl, &concise_tag_type_choice, NULL };
