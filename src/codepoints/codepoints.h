/*
 * codepoints.h - the numbers of CoRIM and of what it stands on, each written once. The tables of src/model take their keys and tags from
 * here and give them their names; everything else, SQL included (the Makefile puts the number where SQL says @CS_TRIPLE_REFERENCE@),
 * takes the number from here and asks the tables for the name.
 *
 * A key that no code has to know by number stands in its table alone: adding a measurement value is a row in rules_measurement.c.
 */
#ifndef CS_CODEPOINTS_H
#define CS_CODEPOINTS_H

/* CBOR tags, named for their rules in src/model. */
enum
{
	CS_TAG_DATE_TIME = 0,		/* tdate, RFC 8949 section 3.4.1 */
	CS_TAG_EPOCH_TIME = 1,		/* time, RFC 8949 section 3.4.2 */
	CS_TAG_BIGNUM = 2,			/* RFC 8949 section 3.4.3 */
	CS_TAG_NEGATIVE_BIGNUM = 3, /* as above */
	CS_TAG_COSE_SIGN1 = 18,		/* RFC 9052 section 2 */
	CS_TAG_BASE64URL = 21,		/* RFC 8949 section 3.4.5.2 */
	CS_TAG_BASE64 = 22,			/* as above */
	CS_TAG_BASE16 = 23,			/* as above */
	CS_TAG_URI = 32,			/* RFC 8949 section 3.4.5.3 */
	CS_TAG_UUID = 37,			/* RFC 9562 */
	CS_TAG_IPV4 = 52,			/* RFC 9164 section 5 */
	CS_TAG_IPV6 = 54,			/* as above */
	CS_TAG_COSE_SIGN = 98,		/* RFC 9052 section 2 */
	CS_TAG_OID = 111,			/* RFC 9090 */
	CS_TAG_SWID = 1398229316,	/* RFC 9393 section 8: a CoSWID on its own; in a CoRIM it has 505 */

	/* draft-ietf-rats-corim section 12.4 */
	CS_TAG_CORIM_500 = 500, /* around 502 or 501, up to draft-ietf-rats-corim-06 */
	CS_TAG_UNSIGNED_CORIM_MAP = 501,
	CS_TAG_SIGNED_CORIM_502 = 502, /* around COSE_Sign1, up to draft-ietf-rats-corim-06 */
	CS_TAG_CONCISE_SWID_TAG = 505,
	CS_TAG_CONCISE_MID_TAG = 506,
	CS_TAG_CONCISE_TA_STORES = 507, /* draft-ietf-rats-concise-ta-stores section 3.1.1 */
	CS_TAG_CONCISE_TL_TAG = 508,
	CS_TAG_UEID = 550,
	CS_TAG_IMPL_ID = 551, /* of draft-birkholz-rats-corim; became 560 */
	CS_TAG_SVN = 552,
	CS_TAG_MIN_SVN = 553,
	CS_TAG_PKIX_BASE64_KEY = 554,
	CS_TAG_PKIX_BASE64_CERT = 555,
	CS_TAG_PKIX_BASE64_CERT_PATH = 556,
	CS_TAG_KEY_THUMBPRINT = 557,
	CS_TAG_COSE_KEY = 558,
	CS_TAG_CERT_THUMBPRINT = 559,
	CS_TAG_BYTES = 560,
	CS_TAG_CERT_PATH_THUMBPRINT = 561,
	CS_TAG_PKIX_ASN1DER_CERT = 562,
	CS_TAG_MASKED_RAW_VALUE = 563,
	CS_TAG_INT_RANGE = 564,
	CS_TAG_NUMBER_RANGE = 565,
	CS_TAG_SET = 566, /* of numbers, texts or byte strings */

	CS_TAG_PSA_600 = 600,				 /* implementation id (became 560) or refval id, of PSA's and CCA's first drafts */
	CS_TAG_PSA_REFVAL_ID = 601,			 /* draft-tschofenig-rats-psa-endorsements */
	CS_TAG_CCA_PLATFORM_CONFIG_ID = 602, /* draft-ydb-rats-cca-endorsements */

	CS_TAG_ETIME = 1001, /* RFC 9581 section 3 */

	/* draft-cds-rats-intel-corim-profile: expressions, [operator, operand] */
	CS_TAG_NUMERIC_EXPRESSION = 60010,
	CS_TAG_SET_DIGEST_EXPRESSION = 60020,
	CS_TAG_SET_TSTR_EXPRESSION = 60021
};

/* corim-map (draft-ietf-rats-corim section 4.1). */
enum
{
	CS_CORIM_ID = 0,
	CS_CORIM_TAGS = 1,
	CS_CORIM_PROFILE = 3,
	CS_CORIM_RIM_VALIDITY = 4
};

/* concise-mid-tag, tag-identity-map, linked-tag-map (draft-ietf-rats-corim section 5.1) and concise-tl-tag (section 6.1). */
enum
{
	CS_COMID_TAG_IDENTITY = 1,
	CS_COMID_LINKED_TAGS = 3,
	CS_COMID_TRIPLES = 4
};
enum
{
	CS_IDENTITY_TAG_ID = 0,
	CS_IDENTITY_TAG_VERSION = 1
};
enum
{
	CS_LINK_LINKED_TAG_ID = 0,
	CS_LINK_TAG_REL = 1
};
enum
{
	CS_COTL_TAG_IDENTITY = 0,
	CS_COTL_TAGS_LIST = 1,
	CS_COTL_TL_VALIDITY = 2
};

/* validity-map (draft-ietf-rats-corim section 7.3) and version-map (section 5.1.4.5.3). */
enum
{
	CS_VALIDITY_NOT_BEFORE = 0,
	CS_VALIDITY_NOT_AFTER = 1
};
enum
{
	CS_VERSION_VERSION = 0,
	CS_VERSION_VERSION_SCHEME = 1
};

/* coserv, query and results (draft-ietf-rats-coserv sections 4, 4.3 and 4.4). */
enum
{
	CS_COSERV_PROFILE = 0,
	CS_COSERV_QUERY = 1,
	CS_COSERV_RESULTS = 2
};
enum
{
	CS_QUERY_ARTIFACT_TYPE = 0,
	CS_QUERY_ENVIRONMENT_SELECTOR = 1,
	CS_QUERY_RESULT_TYPE = 2,
	CS_QUERY_RIM_SELECTOR = 3,
	/* of drafts up to -02 (doc/conformance.md, decision 4) */
	CS_QUERY_02_TIMESTAMP = 2,
	CS_QUERY_02_RESULT_TYPE = 3
};
enum
{
	CS_RESULTS_RVQ = 0,
	CS_RESULTS_EVQ = 1,
	CS_RESULTS_CEQ = 2,
	CS_RESULTS_AKQ = 3,
	CS_RESULTS_TAS = 4,
	CS_RESULTS_RIMS = 5,
	CS_RESULTS_EXPIRY = 10,
	CS_RESULTS_SOURCE_ARTIFACTS = 11
};

/* Kinds of triple: keys of the triples-map (draft-ietf-rats-corim section 5.1.4). */
enum
{
	CS_TRIPLE_REFERENCE = 0,
	CS_TRIPLE_ENDORSED = 1,
	CS_TRIPLE_IDENTITY = 2,
	CS_TRIPLE_ATTEST_KEY = 3,
	CS_TRIPLE_DEPENDENCY = 4,
	CS_TRIPLE_MEMBERSHIP = 5,
	CS_TRIPLE_COSWID = 6,
	CS_TRIPLE_CONDITIONAL_ENDORSEMENT_SERIES = 8,
	CS_TRIPLE_CONDITIONAL_ENDORSEMENT = 10
};

/* environment-map and class-map (draft-ietf-rats-corim sections 5.1.4.1 and 5.1.4.2). */
enum
{
	CS_ENVIRONMENT_CLASS = 0,
	CS_ENVIRONMENT_INSTANCE = 1,
	CS_ENVIRONMENT_GROUP = 2
};
enum
{
	CS_CLASS_CLASS_ID = 0,
	CS_CLASS_VENDOR = 1,
	CS_CLASS_MODEL = 2,
	CS_CLASS_LAYER = 3,
	CS_CLASS_INDEX = 4
};

/* measurement-map (draft-ietf-rats-corim section 5.1.4.5). */
enum
{
	CS_MEASUREMENT_MKEY = 0,
	CS_MEASUREMENT_MVAL = 1,
	CS_MEASUREMENT_AUTHORIZED_BY = 2
};

/* measurement-values-map, those that code has to know by number (draft-ietf-rats-corim section 5.1.4.5): the others are in their table. */
enum
{
	CS_MVAL_VERSION = 0,
	CS_MVAL_SVN = 1,
	CS_MVAL_DIGESTS = 2,
	CS_MVAL_FLAGS = 3,
	CS_MVAL_RAW_VALUE = 4,
	CS_MVAL_RAW_VALUE_MASK = 5, /* belongs to 4 */
	CS_MVAL_NAME = 11,
	CS_MVAL_CRYPTOKEYS = 13,
	CS_MVAL_INTEGRITY_REGISTERS = 14,
	CS_MVAL_INT_RANGE = 15
};

/* Conditions of attest-key and identity triples (draft-ietf-rats-corim section 5.1.9). */
enum
{
	CS_KEY_CONDITION_MKEY = 0,
	CS_KEY_CONDITION_AUTHORIZED_BY = 1
};

/* Members of ECTs that are enumerated (draft-ietf-rats-corim section 8.3.2.1). */
enum
{
	CS_CMTYPE_REFERENCE_VALUES = 0,
	CS_CMTYPE_ENDORSEMENTS = 1,
	CS_CMTYPE_EVIDENCE = 2
};
enum
{
	CS_KEY_TYPE_ATTEST_KEY = 0,
	CS_KEY_TYPE_IDENTITY_KEY = 1
};

/* Operators of Intel's expressions (draft-cds-rats-intel-corim-profile). */
enum
{
	CS_OPERATOR_EQ = 0,
	CS_OPERATOR_GT = 1,
	CS_OPERATOR_GE = 2,
	CS_OPERATOR_LT = 3,
	CS_OPERATOR_LE = 4,
	CS_OPERATOR_MEM = 6,
	CS_OPERATOR_NMEM = 7
};

/* COSE header parameters (RFC 9052 section 3.1, RFC 9360, RFC 9597, RFC 9995, draft-ietf-rats-corim section 4.2.1). */
enum
{
	CS_HEADER_ALG = 1,
	CS_HEADER_CRIT = 2,
	CS_HEADER_CONTENT_TYPE = 3,
	CS_HEADER_KID = 4,
	CS_HEADER_CORIM_META = 8,
	CS_HEADER_CWT_CLAIMS = 15,
	CS_HEADER_X5BAG = 32,
	CS_HEADER_X5CHAIN = 33,
	CS_HEADER_X5T = 34,
	CS_HEADER_PAYLOAD_HASH_ALG = 258,
	CS_HEADER_PREIMAGE_CONTENT_TYPE = 259,
	CS_HEADER_PAYLOAD_LOCATION = 260
};

/* CWT claims (RFC 8392 section 4). */
enum
{
	CS_CLAIM_ISS = 1,
	CS_CLAIM_SUB = 2,
	CS_CLAIM_EXP = 4,
	CS_CLAIM_NBF = 5
};

/* CoSWID (RFC 9393 section 2). */
enum
{
	CS_SWID_TAG_ID = 0,
	CS_SWID_SOFTWARE_NAME = 1,
	CS_SWID_EVIDENCE = 3,
	CS_SWID_PAYLOAD = 6,
	CS_SWID_HASH = 7,
	CS_SWID_TAG_VERSION = 12,
	CS_SWID_SOFTWARE_VERSION = 13,
	CS_SWID_DIRECTORY = 16,
	CS_SWID_FILE = 17,
	CS_SWID_SIZE = 20,
	CS_SWID_FILE_VERSION = 21,
	CS_SWID_KEY = 22,
	CS_SWID_LOCATION = 23,
	CS_SWID_FS_NAME = 24,
	CS_SWID_ROOT = 25,
	CS_SWID_PATH_ELEMENTS = 26
};

#endif
