/*
 * sign.c - sign(): CoRIMs, with a key that the caller holds.
 */
#include "pg/trust/verify.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "document/signing.h"
#include "pg/base/times.h"

PG_FUNCTION_INFO_V1(coserv_sign);

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

static bool
flag(FunctionCallInfo fcinfo, int arg)
{
	return !PG_ARGISNULL(arg) && PG_GETARG_BOOL(arg);
}

/* The elements of x5chain, which must hold some. */
static void
read_x5chain(cs_ctx *ctx, ArrayType *certs, cs_signing *signing)
{
	Datum *elements;
	bool *nulls;
	int count;
	cs_span *chain;

	deconstruct_array(certs, BYTEAOID, -1, false, TYPALIGN_INT, &elements, &nulls, &count);
	if (count == 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("x5chain holds no certificate")));
	chain = cs_alloc(ctx, (size_t) count, sizeof(cs_span));
	cs_pg_require(chain != NULL, ctx, NULL);
	for (int i = 0; i < count; i++)
	{
		if (nulls[i])
			ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("x5chain holds a null")));
		chain[i] = cs_pg_span(elements[i]);
	}
	signing->x5chain = chain;
	signing->x5chain_count = (size_t) count;
}

static bool
has_time(FunctionCallInfo fcinfo, int arg, int64_t *seconds)
{
	if (PG_ARGISNULL(arg))
		return false;
	*seconds = cs_pg_unix_time(PG_GETARG_TIMESTAMPTZ(arg));
	return true;
}

static void
read_signing(FunctionCallInfo fcinfo, cs_ctx *ctx, cs_signing *out)
{
	*out = (cs_signing) { .hash_envelope = flag(fcinfo, ARG_HASH_ENVELOPE), .detached = flag(fcinfo, ARG_DETACHED) };
	out->signer_name = cs_pg_utf8_text(PG_GETARG_DATUM(ARG_SIGNER));
	if (!PG_ARGISNULL(ARG_SIGNER_URI))
		out->signer_uri = cs_pg_utf8_text(PG_GETARG_DATUM(ARG_SIGNER_URI));
	if (!PG_ARGISNULL(ARG_METADATA))
		out->metadata = text_to_cstring(PG_GETARG_TEXT_PP(ARG_METADATA));
	out->validity.has_not_before = has_time(fcinfo, ARG_NOT_BEFORE, &out->validity.not_before);
	out->validity.has_not_after = has_time(fcinfo, ARG_NOT_AFTER, &out->validity.not_after);
	out->has_kid = !PG_ARGISNULL(ARG_KID);
	if (out->has_kid)
		out->kid = CS_PG_GETARG_SPAN(ARG_KID);
	if (!PG_ARGISNULL(ARG_X5CHAIN))
		read_x5chain(ctx, PG_GETARG_ARRAYTYPE_P(ARG_X5CHAIN), out);
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
 * sign(document document, private_key text, signer_name text, x5chain bytea[], not_before timestamptz, not_after timestamptz,
 * metadata text, hash_envelope boolean, detached boolean, kid bytea, signer_uri text) -> corim. Not strict: NULLs behind the third
 * mean "leave it out".
 */
Datum
coserv_sign(PG_FUNCTION_ARGS)
{
	cs_span document, payload;
	cs_signing signing;
	cs_ctx ctx;
	cs_buf header, out;

	if (PG_ARGISNULL(ARG_DOCUMENT) || PG_ARGISNULL(ARG_KEY))
		PG_RETURN_NULL();
	if (PG_ARGISNULL(ARG_SIGNER))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("a signed CoRIM needs a signer name")));
	cs_pg_ctx(&ctx);
	read_signing(fcinfo, &ctx, &signing);
	cs_pg_require(
		cs_signing_read(&ctx, CS_PG_GETARG_SPAN(ARG_DOCUMENT), &document) && cs_signing_payload(&ctx, document, &signing, &payload), &ctx,
		"CoRIM");
	cs_buf_init(&header, &ctx);
	cs_pg_require(cs_signing_header(&ctx, &signing, &payload, &header), &ctx, NULL);
	cs_buf_init(&out, &ctx);
	sign_payload(&ctx, cs_pg_utf8_text(PG_GETARG_DATUM(ARG_KEY)), cs_buf_span(&header), payload, signing.detached, &out);
	return cs_pg_make_bytea(&out);
}
