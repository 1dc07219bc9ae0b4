/*
 * rules_cose.c - COSE as CoRIM uses it: COSE_Key, header maps, CWT claims, and the envelope of several signers
 * (RFC 9052 sections 3, 4.1 and 7; RFC 9597; draft-ietf-rats-corim section 4.2).
 */
#include "codepoints/cose_alg.h"
#include "rules.h"

#define CORIM_SIGNED "draft-ietf-rats-corim section 4.2"

static const cs_rule *const label_choices[] = { &cs_rule_int, &cs_rule_text };
CHOICE(cs_rule_cose_label, "cose-label", "RFC 9052 section 1.5", label_choices);

static LIST(key_ops, "key_ops", "RFC 9052 section 7.1", 1, cs_rule_int_or_text);

/* The labels below 0 mean something else for each kty, so they are any; src/cose reads them. */
static const cs_field cose_key_fields[] = {
	FIELD(1, "kty", cs_rule_int_or_text),
	OPT(2, "kid", cs_rule_bytes),
	OPT(3, "alg", cs_rule_int_or_text),
	OPT(4, "key_ops", key_ops),
	OPT(5, "Base IV", cs_rule_bytes),
};
STRUCT(cs_rule_cose_key, "COSE_Key", "RFC 9052 section 7", cose_key_fields, .extensible = true);

/* Labels are integers or text, whatever else a header map holds. */
static bool
check_labels(cs_ctx *ctx, const cs_item *item)
{
	cs_iter it = cs_iterate(item);
	cs_item label, value;

	while (cs_next_pair(&it, &label, &value))
		if (!cs_rule_may_be(&cs_rule_cose_label, &label))
		{
			char found[64];

			cs_describe(&label, found, sizeof(found));
			cs_fail(ctx, CS_INVALID, "a COSE header label must be an integer or text");
			return cs_fail_found(ctx, "%s", found);
		}
	return true;
}

/*
 * { * cose-label => any }. The names are for annotation: no CDDL of CoRIM or CoSERV says more of them than any, and what
 * they hold matters only to src/cose, which reads them itself.
 */
#define OTHER_LABELS OPT(4, "kid", cs_rule_any), OPT(5, "IV", cs_rule_any), OPT(6, "Partial IV", cs_rule_any)
#define X509_LABELS                                                                                                          \
	OPT(16, "typ", cs_rule_any), OPT(CS_HEADER_X5BAG, "x5bag", cs_rule_any), OPT(CS_HEADER_X5CHAIN, "x5chain", cs_rule_any), \
		OPT(CS_HEADER_X5T, "x5t", cs_rule_any), OPT(35, "x5u", cs_rule_any)

static const cs_field header_map_fields[] = {
	OPT(CS_HEADER_ALG, "alg", cs_rule_any),
	OPT(CS_HEADER_CRIT, "crit", cs_rule_any),
	OPT(CS_HEADER_CONTENT_TYPE, "content type", cs_rule_any),
	OTHER_LABELS,
	OPT(CS_HEADER_CWT_CLAIMS, "CWT-Claims", cs_rule_any),
	X509_LABELS,
};
STRUCT(cs_rule_cose_header_map, "header_map", "RFC 9052 section 3", header_map_fields, .extensible = true, .check = check_labels);

static const cs_field cwt_claims_fields[] = {
	FIELD(CS_CLAIM_ISS, "iss", cs_rule_text),
	OPT(CS_CLAIM_SUB, "sub", cs_rule_text),
	OPT(CS_CLAIM_EXP, "exp", cs_rule_number),
	OPT(CS_CLAIM_NBF, "nbf", cs_rule_number),
};
STRUCT(cs_rule_cwt_claims, "cwt-claims", CORIM_SIGNED ".2", cwt_claims_fields, .extensible = true);

static const char *
cose_alg_name(const cs_item *alg)
{
	int64_t number;

	return cs_int64(alg, &number) ? cs_alg_name(number) : NULL;
}

INT(cs_rule_cose_alg, "int", CORIM_SIGNED ".1", .value_name = cose_alg_name);

static BYTES_CBOR(corim_meta, "corim-meta", CORIM_SIGNED ".3", cs_rule_corim_meta_map);
static LITERAL(rim_cbor, "content-type", CORIM_SIGNED ".1", "application/rim+cbor");

/* Two variants and, across both, at least one of two members: not what a table of members can say. */
static bool
check_protected_corim_header(cs_ctx *ctx, const cs_item *item)
{
	cs_item value;
	bool content_type = cs_map_get(item, CS_HEADER_CONTENT_TYPE, &value);
	bool hash_alg = cs_map_get(item, CS_HEADER_PAYLOAD_HASH_ALG, &value);
	bool preimage_type = cs_map_get(item, CS_HEADER_PREIMAGE_CONTENT_TYPE, &value);

	if (!cs_map_get(item, CS_HEADER_CORIM_META, &value) && !cs_map_get(item, CS_HEADER_CWT_CLAIMS, &value))
		return cs_fail(ctx, CS_INVALID, "a signed CoRIM needs corim-meta (8) or CWT-Claims (15) in its protected header");
	if (hash_alg != preimage_type)
		return cs_fail(ctx, CS_INVALID, "payload_hash_alg (258) and payload_preimage_content_type (259) come together or not at all");
	if (content_type && hash_alg)
		return cs_fail(ctx, CS_INVALID, "content-type (3) has no place in the header of a hash envelope (258, 259)");
	if (!content_type && !hash_alg)
		return cs_fail(ctx, CS_INVALID, "content-type (3) is missing from the protected header");
	return check_labels(ctx, item);
}

static const cs_field protected_corim_header_fields[] = {
	FIELD(CS_HEADER_ALG, "alg", cs_rule_cose_alg),
	OPT(CS_HEADER_CRIT, "crit", cs_rule_any),
	OPT(3, "content-type", rim_cbor),
	OTHER_LABELS,
	OPT(8, "corim-meta", corim_meta),
	OPT(CS_HEADER_CWT_CLAIMS, "CWT-Claims", cs_rule_cwt_claims),
	X509_LABELS,
	OPT(258, "payload_hash_alg", cs_rule_int),
	OPT(259, "payload_preimage_content_type", rim_cbor),
	OPT(260, "payload_location", cs_rule_text),
};
STRUCT(cs_rule_protected_corim_header_map, "protected-corim-header-map", CORIM_SIGNED ".1", protected_corim_header_fields,
	.extensible = true, .check = check_protected_corim_header);

/*
 * COSE_Sign around a CoRIM is not in the draft. It is read because it is in the field (one CoRIM, several reviewers, the
 * outer header empty); src/cose and the store decide whether it counts.
 */
static BYTES_SIZE(no_headers, "empty_or_serialized_map", "RFC 9052 section 3", 0, 0);
static BYTES_CBOR(serialized_headers, "empty_or_serialized_map", "RFC 9052 section 3", cs_rule_cose_header_map);
static const cs_rule *const protected_choices[] = { &no_headers, &serialized_headers };
static CHOICE(any_protected, "empty_or_serialized_map", "RFC 9052 section 3", protected_choices);

static const cs_field cose_signature_fields[] = {
	AT("protected", any_protected),
	AT("unprotected", cs_rule_cose_header_map),
	AT("signature", cs_rule_bytes),
};
static RECORD(cose_signature, "COSE_Signature", "RFC 9052 section 4.1", cose_signature_fields);
static LIST(cose_signatures, "signatures", "RFC 9052 section 4.1", 1, cose_signature);

static BYTES_CBOR(corim_payload, "payload", "RFC 9052 section 4.1", cs_rule_tagged_unsigned_corim_map);
static const cs_rule *const payload_choices[] = { &cs_rule_null, &corim_payload };
static CHOICE(sign_payload, "payload", "RFC 9052 section 4.1", payload_choices);

static const cs_field cose_sign_fields[] = {
	AT("protected", any_protected),
	AT("unprotected", cs_rule_cose_header_map),
	AT("payload", sign_payload),
	AT("signatures", cose_signatures),
};
static RECORD(cose_sign, "COSE_Sign", "RFC 9052 section 4.1", cose_sign_fields);
TAGGED(cs_rule_cose_sign_tagged, "COSE_Sign_Tagged", "RFC 9052 section 4.1", CS_TAG_COSE_SIGN, cose_sign, .legacy = "cose-sign");

const cs_rule *const cs_rules_cose[] = { &cs_rule_cose_key, &cs_rule_cose_label, &cs_rule_cose_header_map, &cs_rule_cwt_claims,
	&cs_rule_protected_corim_header_map, &cose_signature, &cs_rule_cose_sign_tagged, NULL };
