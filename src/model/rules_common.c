/*
 * rules_common.c - the prelude of CDDL, and the types that CoRIM, CoMID, CoTL and CoTS share
 * (draft-ietf-rats-corim section 7 and where sections 4 and 5 define what others use).
 */
#include "cbor/bignum.h"
#include "codepoints/digest_alg.h"
#include "codepoints/version_scheme.h"
#include "corim.h"
#include "rules.h"

#define CORIM "draft-ietf-rats-corim section "
#define PRELUDE "RFC 8610 appendix D"

ANY(cs_rule_any, "any", PRELUDE);
INT(cs_rule_int, "int", PRELUDE);
UINT(cs_rule_uint, "uint", PRELUDE);
BYTES(cs_rule_bytes, "bytes", PRELUDE);
TEXT(cs_rule_text, "text", PRELUDE);
BOOL(cs_rule_bool, "bool", PRELUDE);

/* "integer = int / bigint" */
static BYTES_SIZE(bignum, "bytes", PRELUDE, 1, CS_MAX_BIGNUM);
static TAGGED(biguint, "biguint", PRELUDE, CS_TAG_BIGNUM, bignum);
static TAGGED(bignint, "bignint", PRELUDE, CS_TAG_NEGATIVE_BIGNUM, bignum);
static const cs_rule *const integer_choices[] = { &cs_rule_int, &biguint, &bignint };
CHOICE(cs_rule_integer, "integer", PRELUDE, integer_choices);

RULE(cs_rule_null, CS_NULL, "null", PRELUDE);
RULE(cs_rule_number, CS_NUMBER, "number", PRELUDE);
RULE(cs_rule_time, CS_TIME, "time", PRELUDE, .tag = 1);
RULE(cs_rule_tdate, CS_TIME, "tdate", PRELUDE, .tag = 0);

static const cs_rule *const int_or_text_choices[] = { &cs_rule_int, &cs_rule_text };
CHOICE(cs_rule_int_or_text, "int / text", PRELUDE, int_or_text_choices);

static TAGGED(tagged_uri, "uri", PRELUDE, CS_TAG_URI, cs_rule_text);
static TEXT(untagged_uri, "uri", PRELUDE, .legacy = "untagged-uri");
static const cs_rule *const uri_choices[] = { &tagged_uri, &untagged_uri };
CHOICE(cs_rule_uri, "uri", PRELUDE, uri_choices);

/* 7.6: tag 111 holds the content of the BER encoding (RFC 9090); real files also hold the whole of it. */
static bool
has_der_header(const cs_item *item)
{
	return !item->indefinite && item->arg > 2 && item->arg < 130 && item->content[0] == 0x06 && item->content[1] == item->arg - 2;
}

static bool
has_no_der_header(const cs_item *item)
{
	return !has_der_header(item);
}

static bool
check_oid(cs_ctx *ctx, const cs_item *item)
{
	cs_span oid;
	bool starts = true;

	if (!cs_string(ctx, item, &oid))
		return false;
	for (size_t i = has_der_header(item) ? 2 : 0; i < oid.len; i++)
	{
		if (starts && oid.data[i] == 0x80)
			return cs_fail(ctx, CS_INVALID, "arc of an object identifier starts with a padding byte");
		starts = (oid.data[i] & 0x80) == 0;
	}
	return starts || cs_fail(ctx, CS_INVALID, "object identifier ends inside an arc");
}

static BYTES_SIZE(plain_oid, "oid-type", CORIM "7.6", 1, -1, .suits = has_no_der_header, .check = check_oid);
static BYTES(der_oid, "oid-type", CORIM "7.6", .suits = has_der_header, .check = check_oid, .legacy = "der-oid");
static const cs_rule *const oid_choices[] = { &plain_oid, &der_oid };
CHOICE(cs_rule_oid_type, "oid-type", CORIM "7.6", oid_choices);
TAGGED(cs_rule_tagged_oid_type, "tagged-oid-type", CORIM "7.6", CS_TAG_OID, cs_rule_oid_type);

BYTES_SIZE(cs_rule_uuid_type, "uuid-type", CORIM "7.4", 16, 16);
TAGGED(cs_rule_tagged_uuid_type, "tagged-uuid-type", CORIM "7.4", CS_TAG_UUID, cs_rule_uuid_type);
BYTES_SIZE(cs_rule_ueid_type, "ueid-type", CORIM "7.5", 7, 33);
TAGGED(cs_rule_tagged_ueid_type, "tagged-ueid-type", CORIM "7.5", CS_TAG_UEID, cs_rule_ueid_type);
TAGGED(cs_rule_tagged_bytes, "tagged-bytes", CORIM "7.8", CS_TAG_BYTES, cs_rule_bytes);

/*
 * 7.7: each algorithm once. Many files name one twice, to say "either"; they are read, and match nothing. Nobody has more
 * algorithms than the bound, which keeps the comparing of each with each small.
 */
#define MAX_ALGORITHMS 64

static bool
same_algorithm(const cs_item *a, const cs_item *b)
{
	const cs_digest_alg *known = cs_digest_alg_of(a);

	return known != NULL ? known == cs_digest_alg_of(b) : cs_span_eq(cs_item_span(a), cs_item_span(b));
}

static bool
repeats_algorithm(const cs_item *item)
{
	cs_iter it = cs_iterate(item);
	cs_item digest, algorithm, earlier;

	if (cs_count(item) > MAX_ALGORITHMS)
		return true;
	while (cs_next(&it, &digest))
	{
		cs_iter before = cs_iterate(item);

		if (!cs_array_get(&digest, 0, &algorithm))
			return false;
		while (cs_next(&before, &earlier) && earlier.p < digest.p)
			if (cs_array_get(&earlier, 0, &earlier) && same_algorithm(&earlier, &algorithm))
				return true;
	}
	return false;
}

static bool
names_algorithms_once(const cs_item *item)
{
	return !repeats_algorithm(item);
}

static const char *
digest_algorithm_name(const cs_item *alg)
{
	const cs_digest_alg *known = cs_digest_alg_of(alg);

	return known != NULL ? known->names[0] : NULL;
}

static INT(digest_algorithm, "int", CORIM "7.7", .value_name = digest_algorithm_name);
static const cs_rule *const digest_algorithm_choices[] = { &digest_algorithm, &cs_rule_text };
static CHOICE(digest_alg, "int / text", CORIM "7.7", digest_algorithm_choices);
static const cs_field digest_fields[] = {
	AT("alg", digest_alg),
	AT("val", cs_rule_bytes),
};
RECORD(cs_rule_digest, "digest", CORIM "7.7", digest_fields);
static LIST(digest_list, "digests-type", CORIM "7.7", 1, cs_rule_digest, .suits = names_algorithms_once);
static LIST(
	repeated_digests, "digests-type", CORIM "7.7", 1, cs_rule_digest, .suits = repeats_algorithm, .legacy = "repeated-digest-algorithm");
static RECORD(single_digest, "digests-type", CORIM "7.7", digest_fields, .legacy = "single-digest");
static const cs_rule *const digests_choices[] = { &digest_list, &repeated_digests, &single_digest };
CHOICE(cs_rule_digests_type, "digests-type", CORIM "7.7", digests_choices);

/* 7.3: an interval that ends before it begins is refused (doc/conformance.md, decision 33). */
static bool
check_validity(cs_ctx *ctx, const cs_item *item)
{
	cs_item before, after;
	int64_t from, to;

	if (!cs_map_get(item, CS_VALIDITY_NOT_BEFORE, &before) || !cs_map_get(item, CS_VALIDITY_NOT_AFTER, &after))
		return true;
	if (!cs_time_read(ctx, &before, false, &from) || !cs_time_read(ctx, &after, false, &to))
		return false;
	return from <= to || cs_fail(ctx, CS_INVALID, "validity ends before it begins");
}

static const cs_field validity_fields[] = {
	OPT(CS_VALIDITY_NOT_BEFORE, "not-before", cs_rule_time),
	FIELD(CS_VALIDITY_NOT_AFTER, "not-after", cs_rule_time),
};
STRUCT(cs_rule_validity_map, "validity-map", CORIM "7.3", validity_fields, .check = check_validity);

static const cs_rule *const entity_name_choices[] = { &cs_rule_text };
CHOICE(cs_rule_entity_name_type_choice, "entity-name-type-choice", CORIM "7.2", entity_name_choices, .extensible = true);

/* 4.1.4 and, for the list of earlier drafts, draft-ietf-rats-corim-01 section 2.1.4 */
static TEXT(untagged_profile, "profile-type-choice", CORIM "4.1.4", .legacy = "untagged-profile");
static BYTES(untagged_oid, "oid-type", CORIM "4.1.4", .legacy = "untagged-oid", .check = check_oid);
static const cs_rule *const listed_profile_choices[] = { &tagged_uri, &cs_rule_tagged_oid_type, &untagged_profile, &untagged_oid };
static CHOICE(listed_profile, "profile-type-choice", CORIM "4.1.4", listed_profile_choices, .extensible = true);
/* A list of one: which of several profiles should hold, nobody says. */
static RULE(
	profile_list, CS_LIST, "profile-type-choice", CORIM "4.1.4", .min = 1, .max = 1, .of = &listed_profile, .legacy = "profile-list");
static const cs_rule *const profile_choices[] = { &tagged_uri, &cs_rule_tagged_oid_type, &untagged_profile, &profile_list };
CHOICE(cs_rule_profile_type_choice, "profile-type-choice", CORIM "4.1.4", profile_choices, .extensible = true);

static const cs_rule *const tag_id_choices[] = { &cs_rule_text, &cs_rule_uuid_type };
CHOICE(cs_rule_tag_id_type_choice, "tag-id-type-choice", CORIM "5.1.1.1", tag_id_choices, .extensible = true);
UINT(cs_rule_tag_version_type, "tag-version-type", CORIM "5.1.1.2");

static const cs_field tag_identity_fields[] = {
	FIELD(CS_IDENTITY_TAG_ID, "tag-id", cs_rule_tag_id_type_choice),
	OPT(CS_IDENTITY_TAG_VERSION, "tag-version", cs_rule_tag_version_type),
};
STRUCT(cs_rule_tag_identity_map, "tag-identity-map", CORIM "5.1.1", tag_identity_fields);

static bool
version_scheme_at(size_t index, int64_t *number, const char **name)
{
	const cs_version_scheme *scheme = cs_version_scheme_at(index);

	if (scheme == NULL)
		return false;
	*number = scheme->number;
	*name = scheme->name;
	return true;
}

static INT(version_scheme_number, "version-scheme", "RFC 9393 section 4.1", .value_at = version_scheme_at);
static const cs_rule *const version_scheme_choices[] = { &version_scheme_number, &cs_rule_text };
CHOICE(cs_rule_version_scheme, "version-scheme", "RFC 9393 section 4.1", version_scheme_choices);

/* 5.1.4.6 */
TAGGED(cs_rule_tagged_pkix_base64_key_type, "tagged-pkix-base64-key-type", CORIM "5.1.4.6", CS_TAG_PKIX_BASE64_KEY, cs_rule_text);
TAGGED(cs_rule_tagged_pkix_base64_cert_type, "tagged-pkix-base64-cert-type", CORIM "5.1.4.6", CS_TAG_PKIX_BASE64_CERT, cs_rule_text);
static TAGGED(pkix_base64_cert_path, "tagged-pkix-base64-cert-path-type", CORIM "5.1.4.6", CS_TAG_PKIX_BASE64_CERT_PATH, cs_rule_text);
TAGGED(cs_rule_tagged_key_thumbprint_type, "tagged-key-thumbprint-type", CORIM "5.1.4.6", CS_TAG_KEY_THUMBPRINT, cs_rule_digest);
TAGGED(cs_rule_tagged_cose_key_type, "tagged-cose-key-type", CORIM "5.1.4.6", CS_TAG_COSE_KEY, cs_rule_cose_key_or_set);
TAGGED(cs_rule_tagged_cert_thumbprint_type, "tagged-cert-thumbprint-type", CORIM "5.1.4.6", CS_TAG_CERT_THUMBPRINT, cs_rule_digest);
static TAGGED(cert_path_thumbprint, "tagged-cert-path-thumbprint-type", CORIM "5.1.4.6", CS_TAG_CERT_PATH_THUMBPRINT, cs_rule_digest);
TAGGED(cs_rule_tagged_pkix_asn1der_cert_type, "tagged-pkix-asn1der-cert-type", CORIM "5.1.4.6", CS_TAG_PKIX_ASN1DER_CERT, cs_rule_bytes);

/* The CDDL has COSE_Key; the text says "COSE_Key or COSE_KeySet". */
static LIST(cose_key_set, "COSE_KeySet", "RFC 9052 section 7", 1, cs_rule_cose_key);
static const cs_rule *const cose_key_choices[] = { &cs_rule_cose_key, &cose_key_set };
CHOICE(cs_rule_cose_key_or_set, "COSE_Key", CORIM "5.1.4.6", cose_key_choices);

static const cs_rule *const crypto_key_choices[] = { &cs_rule_tagged_pkix_base64_key_type, &cs_rule_tagged_pkix_base64_cert_type,
	&pkix_base64_cert_path, &cs_rule_tagged_cose_key_type, &cs_rule_tagged_pkix_asn1der_cert_type, &cs_rule_tagged_key_thumbprint_type,
	&cs_rule_tagged_cert_thumbprint_type, &cert_path_thumbprint, &cs_rule_tagged_bytes };
CHOICE(cs_rule_crypto_key, "crypto-key-type-choice", CORIM "5.1.4.6", crypto_key_choices, .extensible = true);
LIST(cs_rule_key_list, "key-list", CORIM "5.1.4.6", 1, cs_rule_crypto_key);

const cs_rule *const cs_rules_common[] = { &cs_rule_any, &cs_rule_int, &cs_rule_integer, &cs_rule_uint, &cs_rule_bytes, &cs_rule_text,
	&cs_rule_bool, &cs_rule_null, &cs_rule_number, &cs_rule_int_or_text, &cs_rule_uri, &cs_rule_time, &cs_rule_tdate, &cs_rule_oid_type,
	&cs_rule_tagged_oid_type, &cs_rule_uuid_type, &cs_rule_tagged_uuid_type, &cs_rule_ueid_type, &cs_rule_tagged_ueid_type,
	&cs_rule_tagged_bytes, &cs_rule_digest, &cs_rule_digests_type, &cs_rule_validity_map, &cs_rule_entity_name_type_choice,
	&cs_rule_profile_type_choice, &cs_rule_tag_id_type_choice, &cs_rule_tag_version_type, &cs_rule_tag_identity_map,
	&cs_rule_version_scheme, &cs_rule_tagged_pkix_base64_key_type, &cs_rule_tagged_pkix_base64_cert_type, &pkix_base64_cert_path,
	&cs_rule_tagged_key_thumbprint_type, &cs_rule_tagged_cose_key_type, &cs_rule_tagged_cert_thumbprint_type, &cert_path_thumbprint,
	&cs_rule_tagged_pkix_asn1der_cert_type, &cs_rule_crypto_key, &cs_rule_key_list, NULL };
