/*
 * sign.c - sign(): CoRIMs, with a key that the caller holds.
 */
#include "pg/trust/verify.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "pg/base/times.h"

PG_FUNCTION_INFO_V1(coserv_sign);

#define RIM_CONTENT "application/rim+cbor"

/* Arguments of coserv_sign. */
enum
{
	ARG_DOCUMENT,
	ARG_KEY,
	ARG_SIGNER,
	ARG_X5CHAIN,
	ARG_NOT_BEFORE,
	ARG_NOT_AFTER,
	ARG_METADATA,
	ARG_HASH_ENVELOPE,
	ARG_DETACHED,
	ARG_KID,
	ARG_SIGNER_URI
};

/* A protected header under construction: pairs are counted as they are put. */
typedef struct cs_header
{
	cs_buf pairs;
	uint64_t count;
} cs_header;

static cs_buf *
put_label(cs_header *header, int64_t label)
{
	header->count++;
	cs_put_int(&header->pairs, label);
	return &header->pairs;
}

static void
put_pg_text(cs_buf *buf, Datum text)
{
	cs_span utf8 = cs_pg_utf8_text(text);

	cs_put_text(buf, (const char *) utf8.data, utf8.len);
}

/* iss, and exp and nbf where they are given (section 4.2.2) */
static void
put_cwt_claims(cs_header *header, FunctionCallInfo fcinfo)
{
	cs_buf *buf = put_label(header, CS_HEADER_CWT_CLAIMS);

	cs_put_map(buf, 1 + !PG_ARGISNULL(ARG_NOT_BEFORE) + !PG_ARGISNULL(ARG_NOT_AFTER));
	cs_put_int(buf, 1);
	put_pg_text(buf, PG_GETARG_DATUM(ARG_SIGNER));
	if (!PG_ARGISNULL(ARG_NOT_AFTER))
	{
		cs_put_int(buf, 4);
		cs_put_int(buf, cs_pg_unix_time(PG_GETARG_TIMESTAMPTZ(ARG_NOT_AFTER)));
	}
	if (!PG_ARGISNULL(ARG_NOT_BEFORE))
	{
		cs_put_int(buf, 5);
		cs_put_int(buf, cs_pg_unix_time(PG_GETARG_TIMESTAMPTZ(ARG_NOT_BEFORE)));
	}
}

static void
put_time(cs_buf *buf, int64_t key, TimestampTz t)
{
	cs_put_int(buf, key);
	cs_put_tag(buf, CS_TAG_EPOCH_TIME);
	cs_put_int(buf, cs_pg_unix_time(t));
}

/* corim-meta-map: signer and signature-validity, whose not-after must be there (section 4.2.3) */
static void
put_corim_meta(cs_ctx *ctx, cs_header *header, FunctionCallInfo fcinfo)
{
	bool has_uri = !PG_ARGISNULL(ARG_SIGNER_URI);
	bool is_bounded = !PG_ARGISNULL(ARG_NOT_AFTER);
	cs_buf meta;

	if (!is_bounded && !PG_ARGISNULL(ARG_NOT_BEFORE))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("corim-meta with not_before needs not_after")));
	cs_buf_init(&meta, ctx);
	cs_put_map(&meta, 1 + is_bounded);
	cs_put_int(&meta, 0);
	cs_put_map(&meta, 1 + has_uri);
	cs_put_int(&meta, 0);
	put_pg_text(&meta, PG_GETARG_DATUM(ARG_SIGNER));
	if (has_uri)
	{
		cs_put_int(&meta, 1);
		cs_put_tag(&meta, CS_TAG_URI);
		put_pg_text(&meta, PG_GETARG_DATUM(ARG_SIGNER_URI));
	}
	if (is_bounded)
	{
		cs_put_int(&meta, 1);
		cs_put_map(&meta, 1 + !PG_ARGISNULL(ARG_NOT_BEFORE));
		if (!PG_ARGISNULL(ARG_NOT_BEFORE))
			put_time(&meta, 0, PG_GETARG_TIMESTAMPTZ(ARG_NOT_BEFORE));
		put_time(&meta, 1, PG_GETARG_TIMESTAMPTZ(ARG_NOT_AFTER));
	}
	cs_pg_require(cs_buf_ok(&meta), ctx, NULL);
	cs_put_bytes(put_label(header, CS_HEADER_CORIM_META), meta.data, meta.len);
}

static void
put_signer(cs_ctx *ctx, cs_header *header, FunctionCallInfo fcinfo)
{
	/* Known readers want one or the other, so both are written where corim-meta can say it: its validity has an end (section 4.2.3). */
	bool has_no_end = !PG_ARGISNULL(ARG_NOT_BEFORE) && PG_ARGISNULL(ARG_NOT_AFTER);
	char *metadata = !PG_ARGISNULL(ARG_METADATA) ? text_to_cstring(PG_GETARG_TEXT_PP(ARG_METADATA)) : has_no_end ? "cwt-claims" : "both";
	bool both = strcmp(metadata, "both") == 0;
	bool meta = both || strcmp(metadata, "corim-meta") == 0;
	bool claims = both || strcmp(metadata, "cwt-claims") == 0;

	if (!meta && !claims)
		ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("unknown metadata \"%s\"", metadata),
				errhint("It is cwt-claims, corim-meta or both.")));
	if (!meta && !PG_ARGISNULL(ARG_SIGNER_URI))
		ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("signer_uri has no place in CWT claims"),
				errhint("Choose metadata corim-meta or both.")));
	if (meta)
		put_corim_meta(ctx, header, fcinfo);
	if (claims)
		put_cwt_claims(header, fcinfo);
}

static void
put_x5chain(cs_header *header, ArrayType *certs)
{
	Datum *elements;
	bool *nulls;
	int count;
	cs_buf *buf;

	deconstruct_array(certs, BYTEAOID, -1, false, TYPALIGN_INT, &elements, &nulls, &count);
	if (count == 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("x5chain holds no certificate")));
	buf = put_label(header, CS_HEADER_X5CHAIN);
	if (count > 1)
		cs_put_array(buf, (uint64_t) count);
	for (int i = 0; i < count; i++)
	{
		cs_span der;

		if (nulls[i])
			ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("x5chain holds a null")));
		der = cs_pg_span(elements[i]);
		cs_put_bytes(buf, der.data, der.len);
	}
}

/* What is signed is a tagged corim-map: 501(map) (section 4.2). Where the payload stays with the caller it is what he gave. */
static cs_span
payload_of(cs_ctx *ctx, cs_span document, bool is_callers)
{
	cs_verified opened;
	cs_buf payload;

	cs_pg_require(cs_open_document(ctx, document, true, &opened), ctx, "CoRIM");
	if (opened.envelope.envelope != CS_ENV_UNSIGNED)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("the CoRIM is signed already")));
	cs_buf_init(&payload, ctx);
	cs_put_tag(&payload, CS_TAG_UNSIGNED_CORIM_MAP);
	cs_put_item(&payload, &opened.envelope.corim);
	cs_pg_require(cs_buf_ok(&payload), ctx, NULL);
	if (is_callers && !cs_span_eq(cs_buf_span(&payload), document))
		ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("a CoRIM that is signed apart from its signature has to be 501(corim-map)")));
	return cs_buf_span(&payload);
}

/* payload_hash_alg and payload_preimage_content_type (RFC 9995 section 2) instead of content-type; the payload is the digest. */
static cs_span
put_hash_envelope(cs_ctx *ctx, cs_header *header, cs_span payload)
{
	uint8_t *digest = palloc(32);

	cs_put_int(put_label(header, CS_HEADER_PAYLOAD_HASH_ALG), -16);
	cs_put_cstr(put_label(header, CS_HEADER_PREIMAGE_CONTENT_TYPE), RIM_CONTENT);
	cs_pg_require(cs_sha256(ctx, payload, digest), ctx, NULL);
	return (cs_span) { digest, 32 };
}

static bool
flag(FunctionCallInfo fcinfo, int arg)
{
	return !PG_ARGISNULL(arg) && PG_GETARG_BOOL(arg);
}

static void
put_kid(cs_header *header, cs_span kid)
{
	cs_put_bytes(put_label(header, CS_HEADER_KID), kid.data, kid.len);
}

/* The key is OpenSSL's, not the statement's: it is given back whatever happens. */
static void
sign_payload(cs_ctx *ctx, cs_span private_key, cs_span headers, cs_span payload, bool detached, cs_buf *out)
{
	static const uint8_t no_headers[] = { 0xa0 };
	cs_signer *volatile signer = NULL;
	cs_signer *opened = NULL;

	PG_TRY();
	{
		bool ok = cs_signer_open(ctx, private_key, &opened);

		signer = opened;
		cs_pg_require(ok && cs_signer_sign1(ctx, opened, headers, (cs_span) { no_headers, sizeof(no_headers) }, payload, detached, out),
			ctx, "signing key");
	}
	PG_FINALLY();
	{
		cs_signer_free(signer);
	}
	PG_END_TRY();
}

/*
 * sign(document corim, private_key text, signer_name text, x5chain bytea[], not_before timestamptz, not_after timestamptz,
 * metadata text, hash_envelope boolean, detached boolean, kid bytea, signer_uri text) -> corim. Not strict: NULLs behind the third
 * mean "leave it out".
 */
Datum
coserv_sign(PG_FUNCTION_ARGS)
{
	bool detached = flag(fcinfo, ARG_DETACHED);
	bool hash_envelope = flag(fcinfo, ARG_HASH_ENVELOPE);
	cs_header header = { .count = 0 };
	cs_span payload;
	cs_ctx ctx;
	cs_buf map, out;

	if (PG_ARGISNULL(ARG_DOCUMENT) || PG_ARGISNULL(ARG_KEY))
		PG_RETURN_NULL();
	if (PG_ARGISNULL(ARG_SIGNER))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("a signed CoRIM needs a signer name")));
	cs_pg_ctx(&ctx);
	payload = payload_of(&ctx, CS_PG_GETARG_SPAN(ARG_DOCUMENT), detached || hash_envelope);
	cs_buf_init(&header.pairs, &ctx);
	if (hash_envelope)
		payload = put_hash_envelope(&ctx, &header, payload);
	else
		cs_put_cstr(put_label(&header, CS_HEADER_CONTENT_TYPE), RIM_CONTENT);
	if (!PG_ARGISNULL(ARG_KID))
		put_kid(&header, CS_PG_GETARG_SPAN(ARG_KID));
	put_signer(&ctx, &header, fcinfo);
	if (!PG_ARGISNULL(ARG_X5CHAIN))
		put_x5chain(&header, PG_GETARG_ARRAYTYPE_P(ARG_X5CHAIN));
	cs_buf_init(&map, &ctx);
	cs_put_map(&map, header.count);
	cs_put_raw(&map, header.pairs.data, header.pairs.len);
	cs_pg_require(cs_buf_ok(&header.pairs) && cs_buf_ok(&map), &ctx, NULL);
	cs_buf_init(&out, &ctx);
	sign_payload(&ctx, cs_pg_utf8_text(PG_GETARG_DATUM(ARG_KEY)), cs_buf_span(&map), payload, detached, &out);
	return cs_pg_make_bytea(&out);
}
