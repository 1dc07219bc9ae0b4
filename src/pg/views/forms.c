/*
 * forms.c - what the outside of a signed document holds, as SQL: its certificates, the members of a collection, the form in which
 * it is conveyed; and what a CRL says.
 */
#include "pg/answer/execute.h"
#include "pg/trust/opened.h"
#include "pg/base/rows.h"
#include "pg/base/times.h"

#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

PG_FUNCTION_INFO_V1(coserv_certificates);
PG_FUNCTION_INFO_V1(coserv_is_document);
PG_FUNCTION_INFO_V1(coserv_collection_members);
PG_FUNCTION_INFO_V1(coserv_media_type);
PG_FUNCTION_INFO_V1(coserv_vendor_formats);
PG_FUNCTION_INFO_V1(coserv_content_of);
PG_FUNCTION_INFO_V1(coserv_conveyed);
PG_FUNCTION_INFO_V1(coserv_is_conveyed_signed);
PG_FUNCTION_INFO_V1(coserv_crl_entries);
PG_FUNCTION_INFO_V1(coserv_is_crl);
PG_FUNCTION_INFO_V1(coserv_crl_reason);
PG_FUNCTION_INFO_V1(coserv_certificate_revocation_id);

static const cs_span nothing = { NULL, 0 };

static void
put_certificate(cs_ctx *ctx, cs_rows *rows, int *ordinal, cs_span der)
{
	cs_certificate cert;
	Datum values[7];
	bool nulls[7] = { false };

	/* what cannot be read leads nowhere: it may stand behind a signer whose bare key is trusted */
	if (!cs_certificate_read(ctx, der, &cert))
		return;
	values[0] = Int32GetDatum((*ordinal)++);
	values[1] = cs_pg_make(cert.issuer);
	values[2] = cs_pg_make(cert.serial);
	cs_set_text(values, nulls, 3, cert.issuer_text);
	cs_set_text(values, nulls, 4, cert.subject_text);
	values[5] = TimestampTzGetDatum(cs_pg_timestamp(cert.not_before));
	values[6] = TimestampTzGetDatum(cs_pg_timestamp(cert.not_after));
	cs_rows_put(rows, values, nulls);
}

/* Only a bag has to be asked whose key made the signature. */
static bool
certificates_of(cs_ctx *ctx, const cs_sign1 *sign1, cs_span detached, cs_span **certs, size_t *count)
{
	cs_item bag;

	return cs_sign1_header(sign1, CS_HEADER_X5BAG, &bag) ? cs_sign1_certs(ctx, sign1, detached, true, certs, count)
														 : cs_sign1_x5chain(ctx, sign1, certs, count);
}

/* What is not signed has no signatures, and that is no error. */
static bool
open_signed(cs_ctx *ctx, cs_span document, cs_span payload, cs_verified *v)
{
	if (payload.data != NULL && cs_content_of(document, payload).data == payload.data)
		return cs_open_with_payload(ctx, document, payload, true, v);
	return cs_open_signatures(ctx, document, payload, v) || ctx->error.code == CS_OK;
}

static cs_span
payload_argument(FunctionCallInfo fcinfo)
{
	return PG_ARGISNULL(1) ? (cs_span) { NULL, 0 } : CS_PG_GETARG_SPAN(1);
}

/* certificates(document bytea, payload bytea) -> (ordinal, issuer, serial, issuer_name, subject, not_before, not_after) */
Datum
coserv_certificates(PG_FUNCTION_ARGS)
{
	cs_rows *rows = cs_rows_result(fcinfo);
	cs_verified v;
	cs_ctx ctx;
	int ordinal = 0;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	cs_pg_ctx(&ctx);
	cs_pg_require(open_signed(&ctx, CS_PG_GETARG_SPAN(0), payload_argument(fcinfo), &v), &ctx, "CoRIM");
	for (size_t i = 0; i < v.signature_count; i++)
	{
		cs_span *certs;
		size_t count;

		/* of several signatures the one that counts is another */
		if (!certificates_of(&ctx, &v.signatures[i], v.detached, &certs, &count))
		{
			cs_pg_require(v.signature_count > 1, &ctx, "CoRIM");
			continue;
		}
		for (size_t n = 0; n < count; n++)
			put_certificate(&ctx, rows, &ordinal, certs[n]);
	}
	PG_RETURN_NULL();
}

static bool
has_readable_certificates(cs_ctx *ctx, const cs_verified *v)
{
	cs_span *certs;
	size_t count;

	return v->signature_count != 1 || certificates_of(ctx, &v->signatures[0], v->detached, &certs, &count);
}

/* is_document(document bytea, payload bytea) -> boolean; payload may be NULL. What was handed in is taken apart by itself, as it is
 * derived. */
Datum
coserv_is_document(PG_FUNCTION_ARGS)
{
	cs_span payload = payload_argument(fcinfo);
	cs_span document;
	cs_verified v;
	cs_ctx ctx;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	document = CS_PG_GETARG_SPAN(0);
	cs_pg_ctx(&ctx);
	if (!open_signed(&ctx, document, payload, &v) || !has_readable_certificates(&ctx, &v))
		PG_RETURN_BOOL(false);
	PG_RETURN_BOOL(cs_opened_document(&ctx, cs_content_of(document, payload), true, &v));
}

/* collection_members(document bytea) -> (ordinal, label, content) */
Datum
coserv_collection_members(PG_FUNCTION_ARGS)
{
	cs_rows *rows = cs_rows_result(fcinfo);
	cs_item members, label;
	cs_span content;
	cs_verified v;
	cs_iter it;
	cs_ctx ctx;

	cs_pg_ctx(&ctx);
	if (!cs_open_signatures(&ctx, CS_PG_GETARG_SPAN(0), nothing, &v) || !cs_is_collection(&v))
	{
		cs_pg_require(ctx.error.code == CS_OK, &ctx, "CoRIM");
		ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("the document is no signed collection of CoRIMs"),
				errhint("That is a COSE_Sign1 whose content type is application/cmw+cbor.")));
	}
	cs_pg_require(cs_collection_open(&ctx, &v, &members), &ctx, "collection");
	it = cs_iterate(&members);
	for (int32 i = 0; cs_next_member(&ctx, &it, &label, &content); i++)
	{
		Datum values[3] = { Int32GetDatum(i), cs_pg_make(cs_item_span(&label)), cs_pg_make(content) };
		bool nulls[3] = { false };

		cs_rows_put(rows, values, nulls);
	}
	PG_RETURN_NULL();
}

/* A detached payload back in its place: what is signed stays the same (RFC 9052 section 4.4). */
static void
attach(cs_ctx *ctx, const cs_verified *v, cs_span payload, cs_buf *out)
{
	cs_item part;

	cs_buf_init(out, ctx);
	cs_put_tag(out, v->envelope.envelope == CS_ENV_SIGN ? 98 : 18);
	cs_put_array(out, 4);
	for (uint64_t i = 0; i < 4; i++)
	{
		cs_array_get(&v->envelope.cose, i, &part);
		if (i == 2)
			cs_put_bytes(out, payload.data, payload.len);
		else
			cs_put_item(out, &part);
	}
}

/* vendor_formats() -> setof (format, media_type, signer) */
Datum
coserv_vendor_formats(PG_FUNCTION_ARGS)
{
	cs_rows *rows = cs_rows_result(fcinfo);
	const cs_vendor_format *format;

	for (size_t i = 0; (format = cs_vendor_format_at(i)) != NULL; i++)
	{
		Datum values[3] = { 0 };
		bool nulls[3] = { false };

		cs_set_text(values, nulls, 0, format->name);
		cs_set_text(values, nulls, 1, format->media_type);
		cs_set_text(values, nulls, 2, format->signer);
		cs_rows_put(rows, values, nulls);
	}
	PG_RETURN_NULL();
}

/* media_type(document bytea, is_signed boolean) -> text */
Datum
coserv_media_type(PG_FUNCTION_ARGS)
{
	return CStringGetTextDatum(cs_media_type(CS_PG_GETARG_SPAN(0), PG_GETARG_BOOL(1)));
}

/* content_of(document bytea, payload bytea) -> bytea; payload may be NULL */
Datum
coserv_content_of(PG_FUNCTION_ARGS)
{
	cs_span document;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	document = CS_PG_GETARG_SPAN(0);
	PG_RETURN_DATUM(PG_GETARG_DATUM(cs_content_of(document, payload_argument(fcinfo)).data == document.data ? 0 : 1));
}

/* conveyed(document bytea, payload bytea) -> bytea */
Datum
coserv_conveyed(PG_FUNCTION_ARGS)
{
	cs_verified v;
	cs_item hash;
	cs_ctx ctx;
	cs_buf out;

	cs_pg_ctx(&ctx);
	if (!cs_open_signatures(&ctx, CS_PG_GETARG_SPAN(0), nothing, &v))
	{
		/* what is not signed was conveyed as it is */
		cs_pg_require(ctx.error.code == CS_OK, &ctx, "CoRIM");
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	if (cs_is_collection(&v))
		PG_RETURN_DATUM(PG_GETARG_DATUM(1));
	if (v.vendor || !v.sign1.detached || (v.sign1.has_protected && cs_map_get(&v.sign1.protected_map, CS_HEADER_PAYLOAD_HASH_ALG, &hash)))
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	attach(&ctx, &v, CS_PG_GETARG_SPAN(1), &out);
	return cs_pg_make_bytea(&out);
}

/* is_conveyed_signed(document bytea) -> boolean */
Datum
coserv_is_conveyed_signed(PG_FUNCTION_ARGS)
{
	cs_verified v;
	cs_ctx ctx;

	cs_pg_ctx(&ctx);
	PG_RETURN_BOOL(cs_open_signatures(&ctx, CS_PG_GETARG_SPAN(0), nothing, &v) && !cs_is_collection(&v));
}

/* crl_entries(der bytea) -> (issuer, serial, revoked_at, reason) */
Datum
coserv_crl_entries(PG_FUNCTION_ARGS)
{
	cs_rows *rows = cs_rows_result(fcinfo);
	MemoryContext old;
	cs_crl crl;
	cs_ctx ctx;
	Datum issuer;

	cs_pg_ctx(&ctx);
	cs_pg_require(cs_crl_read(&ctx, CS_PG_GETARG_SPAN(0), &crl), &ctx, "CRL");
	issuer = cs_pg_make(crl.issuer);
	old = MemoryContextSwitchTo(cs_rows_memory(rows));
	for (size_t i = 0; i < crl.count; i++)
	{
		Datum values[4] = { issuer, cs_pg_make(crl.entries[i].serial), TimestampTzGetDatum(cs_pg_timestamp(crl.entries[i].revoked_at)),
			Int16GetDatum((int16) crl.entries[i].reason) };
		bool nulls[4] = { false };

		cs_rows_put(rows, values, nulls);
	}
	MemoryContextSwitchTo(old);
	PG_RETURN_NULL();
}

/* is_crl(der bytea) -> boolean */
Datum
coserv_is_crl(PG_FUNCTION_ARGS)
{
	cs_crl crl;
	cs_ctx ctx;

	cs_pg_ctx(&ctx);
	PG_RETURN_BOOL(cs_crl_read(&ctx, CS_PG_GETARG_SPAN(0), &crl));
}

Datum
coserv_crl_reason(PG_FUNCTION_ARGS)
{
	return CStringGetTextDatum(cs_crl_reason_name(PG_GETARG_INT16(0)));
}

static void
put_be64(cs_buf *buf, uint64_t value)
{
	for (int shift = 56; shift >= 0; shift -= 8)
		cs_put_byte(buf, (uint8_t) (value >> shift));
}

/* certificate_revocation_id(manifest uuid, issuer bytea, serial bytea, revoked_at timestamptz) -> uuid; DER delimits the issuer, and
 * what stands around the serial has a fixed length */
Datum
coserv_certificate_revocation_id(PG_FUNCTION_ARGS)
{
	cs_span issuer = CS_PG_GETARG_SPAN(1), serial = CS_PG_GETARG_SPAN(2);
	uint8_t digest[32];
	cs_ctx ctx;
	cs_buf said;

	cs_pg_ctx(&ctx);
	cs_buf_init(&said, &ctx);
	cs_put_raw(&said, PG_GETARG_UUID_P(0)->data, UUID_LEN);
	cs_put_raw(&said, issuer.data, issuer.len);
	cs_put_raw(&said, serial.data, serial.len);
	put_be64(&said, (uint64_t) cs_pg_unix_time(PG_GETARG_TIMESTAMPTZ(3)));
	cs_pg_require(cs_buf_ok(&said) && cs_sha256(&ctx, cs_buf_span(&said), digest), &ctx, NULL);
	return cs_pg_make_uuid(digest);
}
