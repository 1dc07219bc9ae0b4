/*
 * rules_cmw.c - Conceptual Message Wrappers in CBOR (draft-ietf-rats-msg-wrap sections 3 and 4.1), and the collection that
 * carries CoRIMs (draft-ietf-rats-corim section 4.3.1).
 */
#include "rules.h"

#include <string.h>

#define S "draft-ietf-rats-msg-wrap section "
#define COLLECTION_TYPE "__cmwc_t"

/* ---- Content-Type, by the ABNF of RFC 9193 that the draft takes over ---- */

typedef struct scan
{
	const uint8_t *p;
	const uint8_t *end;
} scan;

static bool
is_alnum(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* One or more of the letters, the digits and the characters of others. */
static bool
scan_word(scan *s, const char *others)
{
	const uint8_t *start = s->p;

	while (s->p < s->end && (is_alnum(*s->p) || (*s->p != 0 && strchr(others, *s->p))))
		s->p++;
	return s->p > start;
}

static bool
scan_char(scan *s, uint8_t c)
{
	if (s->p == s->end || *s->p != c)
		return false;
	s->p++;
	return true;
}

/* restricted-name */
static bool
scan_name(scan *s)
{
	const uint8_t *start = s->p;

	return s->p < s->end && is_alnum(*s->p) && scan_word(s, "!#$&-^_.+") && s->p - start <= 127;
}

/* quoted-string, behind its opening quote */
static bool
scan_quoted(scan *s)
{
	while (s->p < s->end && *s->p != '"')
	{
		if (*s->p == '\\')
			s->p++;
		if (s->p == s->end || *s->p < ' ' || *s->p > '~')
			return false;
		s->p++;
	}
	return scan_char(s, '"');
}

static bool
scan_content_type(scan *s)
{
	static const char token[] = "!#$%&'*+-.^_`|~";

	if (!scan_name(s) || !scan_char(s, '/') || !scan_name(s))
		return false;
	while (s->p < s->end)
	{
		while (scan_char(s, ' '))
			;
		if (!scan_char(s, ';'))
			return false;
		while (scan_char(s, ' '))
			;
		if (!scan_word(s, token) || !scan_char(s, '='))
			return false;
		if (!(scan_char(s, '"') ? scan_quoted(s) : scan_word(s, token)))
			return false;
	}
	return true;
}

static bool
check_media_type(cs_ctx *ctx, const cs_item *item)
{
	cs_span text;
	scan s;

	if (!cs_string(ctx, item, &text))
		return false;
	s = (scan) { text.data, text.data + text.len };
	return scan_content_type(&s) || cs_fail(ctx, CS_INVALID, "text is not a media type");
}

TEXT(cs_rule_media_type, "media-type", S "3.1", .check = check_media_type);

/* ---- record ---- */

static INTEGER(content_format, "coap-content-format-type", S "3.1", 0, 65535);
static const cs_rule *const record_type_choices[] = { &content_format, &cs_rule_media_type };
static CHOICE(record_type, "type", S "3.1", record_type_choices);

/* Bits: 0 reference values, 1 endorsements, 2 evidence, 3 attestation results, 4 appraisal policy. Zero says nothing. */
static INTEGER(cm_indicator, "ind", S "3.1.1", 1, 31);

static const cs_field cbor_record_fields[] = {
	AT("type", record_type),
	AT("value", cs_rule_bytes),
	OPT_AT("ind", cm_indicator),
};
SEQUENCE(cs_rule_cbor_record, "cbor-record", S "3.1", cbor_record_fields);

/* ---- tag: TN() of a CoAP Content-Format (RFC 9277 appendix B) around a byte string; which ones there are is open ---- */

static bool
check_cbor_tag(cs_ctx *ctx, const cs_item *item)
{
	cs_item content;

	if (!cs_is(item, CS_TAG))
		return true;
	if (item->arg < 1668546817 || item->arg > 1668612095)
		return cs_fail(ctx, CS_INVALID, "tag is not one of a CoAP Content-Format (1668546817 to 1668612095)");
	content = cs_tag_content(item);
	return cs_is(&content, CS_BSTR) || cs_fail(ctx, CS_INVALID, "the tag of a conceptual message holds a byte string");
}

/* ---- collection: a table whose one reserved label holds text, every other a CMW ---- */

static bool
check_collection(cs_ctx *ctx, const cs_item *item)
{
	cs_iter it = cs_iterate(item);
	cs_item label, value;
	size_t entries = 0;

	while (cs_next_pair(&it, &label, &value))
	{
		bool type = cs_text_is(&label, COLLECTION_TYPE);

		if (type != cs_is(&value, CS_TSTR))
			return cs_fail(ctx, CS_INVALID,
				type ? "the type of a collection (" COLLECTION_TYPE ") is a URI or an OID in text"
					 : "text stands in a collection only under " COLLECTION_TYPE);
		entries += !type;
	}
	return entries > 0 || cs_fail(ctx, CS_INVALID, "a collection needs at least one conceptual message");
}

static TEXT(collection_type, COLLECTION_TYPE, S "3.3");

static const cs_rule cbor_collection;
static const cs_rule *const collection_choices[] = { &cs_rule_cbor_record, &cbor_collection, &collection_type };
static CHOICE(collection_member, "cbor-cmw", S "3.3", collection_choices, .extensible = true, .check = check_cbor_tag);
static TABLE(cbor_collection, "cbor-collection", S "3.3", 1, cs_rule_cose_label, collection_member, .check = check_collection);

static const cs_rule *const cbor_cmw_choices[] = { &cs_rule_cbor_record, &cbor_collection };
CHOICE(cs_rule_cbor_cmw, "cbor-cmw", S "3", cbor_cmw_choices, .extensible = true, .check = check_cbor_tag);

/* ---- signed ---- */

static LITERAL(cmw_content_type, "cty", S "4.1", "application/cmw+cbor");
static const cs_field signed_header_fields[] = {
	FIELD(1, "alg", cs_rule_int),
	FIELD(3, "cty", cmw_content_type),
};
static STRUCT(signed_header, "signed-cbor-cmw-protected-hdr", S "4.1", signed_header_fields, .extensible = true);
static BYTES_CBOR(signed_protected, "protected", S "4.1", signed_header);
static BYTES_CBOR(signed_payload, "payload", S "4.1", cs_rule_cbor_cmw);
static const cs_field signed_cmw_fields[] = {
	AT("protected", signed_protected),
	AT("unprotected", cs_rule_cose_header_map),
	AT("payload", signed_payload),
	AT("signature", cs_rule_bytes),
};
static RECORD(signed_cbor_cmw, "signed-cbor-cmw", S "4.1", signed_cmw_fields);

/* ---- CoRIMs in a collection; the type's authority is the RFC that the draft will be, so only its end is known ---- */

static bool
check_corim_collection(cs_ctx *ctx, const cs_item *item)
{
	cs_item type;
	cs_span text;

	if (!check_collection(ctx, item))
		return false;
	if (!cs_map_get_text(item, COLLECTION_TYPE, &type))
		return cs_fail(ctx, CS_INVALID, "a collection of CoRIMs needs its type under " COLLECTION_TYPE);
	if (!cs_string(ctx, &type, &text))
		return false;
	if (text.len > 10 && memcmp(text.data, "tag:", 4) == 0 && memcmp(text.data + text.len - 6, ":corim", 6) == 0)
		return true;
	return cs_fail(ctx, CS_INVALID, "the type of a collection of CoRIMs is tag:...:corim");
}

static BYTES_CBOR(tagged_corim, "tagged-corim-map", "draft-ietf-rats-corim section 4.3.1", cs_rule_tagged_unsigned_corim_map);
static const cs_field corim_record_fields[] = {
	AT("type", record_type),
	AT("value", tagged_corim),
};
static RECORD(corim_record, "cbor-record", "draft-ietf-rats-corim section 4.3.1", corim_record_fields);
static const cs_rule *const corim_collection_choices[] = { &corim_record, &collection_type };
static CHOICE(corim_collection_member, "cbor-cmw", "draft-ietf-rats-corim section 4.3.1", corim_collection_choices);
static TABLE(corim_cbor_collection, "corim-cbor-collection", "draft-ietf-rats-corim section 4.3.1", 2, cs_rule_cose_label,
	corim_collection_member, .check = check_corim_collection);

const cs_rule *const cs_rules_cmw[] = { &cs_rule_cbor_cmw, &cs_rule_cbor_record, &cbor_collection, &cs_rule_media_type, &signed_cbor_cmw,
	&corim_cbor_collection, NULL };
