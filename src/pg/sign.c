/*
 * sign.c - signing: results with the server's key (coserv.signing_key_file), CoRIMs with a key that the caller holds.
 */
#include "execute.h"

#include "cose/cose.h"

#include <sys/stat.h>

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "storage/fd.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "settings.h"
#include "verify.h"

PG_FUNCTION_INFO_V1(coserv_sign);
PG_FUNCTION_INFO_V1(coserv_public_key);

#define MAX_KEY_FILE 65536

/* What was read, and from where: once a backend, and again when the setting names another file. */
static char *key_path = NULL;
static uint8_t *key_bytes = NULL;
static size_t key_length = 0;

static void
forget_key(void)
{
	if (key_bytes)
	{
		explicit_bzero(key_bytes, key_length);
		pfree(key_bytes);
	}
	if (key_path)
		pfree(key_path);
	key_bytes = NULL;
	key_path = NULL;
	key_length = 0;
}

static void
read_key(const char *path)
{
	FILE	   *file = AllocateFile(path, PG_BINARY_R);
	struct stat st;

	/* the path is the superuser's business: the error does not tell it */
	if (file == NULL || fstat(fileno(file), &st) != 0 || !S_ISREG(st.st_mode) || st.st_size <= 0 || st.st_size > MAX_KEY_FILE)
		ereport(ERROR,
				(errcode(ERRCODE_CONFIG_FILE_ERROR),
				 errmsg("could not read the key file of coserv.signing_key_file"),
				 errhint("It is a PEM private key that the server's user can read.")));
	key_bytes = MemoryContextAlloc(TopMemoryContext, (Size) st.st_size);
	key_length = (size_t) st.st_size;
	key_path = MemoryContextStrdup(TopMemoryContext, path);
	if (fread(key_bytes, 1, key_length, file) != key_length)
	{
		forget_key();
		ereport(ERROR,
				(errcode(ERRCODE_CONFIG_FILE_ERROR),
				 errmsg("could not read the key file of coserv.signing_key_file")));
	}
	FreeFile(file);
}

cs_span
cs_signing_key(void)
{
	const char *path = cs_setting_signing_key_file;

	if (path == NULL || path[0] == '\0')
	{
		forget_key();
		return (cs_span) {NULL, 0};
	}
	if (key_path == NULL || strcmp(key_path, path) != 0)
	{
		forget_key();
		read_key(path);
	}
	return (cs_span) {key_bytes, key_length};
}

static void
require(bool ok, const cs_ctx *ctx, const char *what)
{
	if (!ok)
		cs_pg_report(&ctx->error, what);
}

void
cs_sign_answer(cs_ctx *ctx, cs_span answer, cs_span key, cs_buf *out)
{
	static const uint8_t no_headers[] = {0xa0};
	cs_buf		public,
				header;
	cs_item		cose_key,
				kid;

	cs_buf_init(&public, ctx);
	require(cs_public_cose_key(ctx, key, &public) && cs_buf_ok(&public), ctx, "signing key");
	cose_key = cs_item_at(public.data, public.len);

	/* the media type stands under 3 (content type), whatever the draft's CDDL says (spec-notes decision 1) */
	cs_buf_init(&header, ctx);
	cs_put_map(&header, 2);
	cs_put_int(&header, 3);
	cs_put_cstr(&header, CS_COSERV_CBOR);
	cs_put_int(&header, 4);
	if (cs_map_get(&cose_key, 2, &kid))
		cs_put_item(&header, &kid);
	else
		cs_put_bytes(&header, "", 0);
	require(cs_buf_ok(&header), ctx, NULL);
	cs_buf_init(out, ctx);
	require(cs_sign1_sign(ctx, key, cs_buf_span(&header), (cs_span) {no_headers, sizeof(no_headers)}, answer, false, out) &&
			cs_buf_ok(out), ctx, "signing key");
}

/* exp/nbf of the CWT claims and the signer's name: at least iss is needed (section 4.2.2) */
static void
put_cwt_claims(cs_buf *header, const char *issuer, FunctionCallInfo fcinfo, int not_before, int not_after)
{
	cs_span		name = cs_pg_utf8(issuer, strlen(issuer));

	cs_put_int(header, 15);
	cs_put_map(header, 1 + !PG_ARGISNULL(not_before) + !PG_ARGISNULL(not_after));
	cs_put_int(header, 1);
	cs_put_text(header, (const char *) name.data, name.len);
	if (!PG_ARGISNULL(not_after))
	{
		cs_put_int(header, 4);
		cs_put_int(header, cs_pg_unix_time(PG_GETARG_TIMESTAMPTZ(not_after)));
	}
	if (!PG_ARGISNULL(not_before))
	{
		cs_put_int(header, 5);
		cs_put_int(header, cs_pg_unix_time(PG_GETARG_TIMESTAMPTZ(not_before)));
	}
}

static void
put_x5chain(cs_buf *header, ArrayType *certs)
{
	Datum	   *elements;
	bool	   *nulls;
	int			count;

	deconstruct_array(certs, BYTEAOID, -1, false, TYPALIGN_INT, &elements, &nulls, &count);
	if (count == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("x5chain holds no certificate")));
	cs_put_int(header, 33);
	if (count > 1)
		cs_put_array(header, (uint64_t) count);
	for (int i = 0; i < count; i++)
	{
		cs_span		der;

		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("x5chain holds a null")));
		der = cs_pg_span(elements[i]);
		cs_put_bytes(header, der.data, der.len);
	}
}

/* What is signed is a tagged corim-map: 501(map) (section 4.2). */
static cs_span
payload_of(cs_ctx *ctx, cs_span document)
{
	cs_verified opened;
	cs_buf		payload;

	require(cs_open_document(ctx, document, true, &opened), ctx, "CoRIM");
	if (opened.envelope.envelope != CS_ENV_UNSIGNED)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the CoRIM is signed already")));
	cs_buf_init(&payload, ctx);
	cs_put_tag(&payload, 501);
	cs_put_item(&payload, &opened.envelope.corim);
	require(cs_buf_ok(&payload), ctx, NULL);
	return cs_buf_span(&payload);
}

/*
 * sign(document corim, private_key text, signer_name text, x5chain bytea[], not_before timestamptz, not_after timestamptz)
 * -> corim. Not strict: NULLs behind the second mean "leave it out".
 */
Datum
coserv_sign(PG_FUNCTION_ARGS)
{
	static const uint8_t no_headers[] = {0xa0};
	bool		has_chain = !PG_ARGISNULL(3);
	cs_span		key;
	cs_ctx		ctx;
	cs_buf		header,
				out;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	if (PG_ARGISNULL(2))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("a signed CoRIM needs a signer name")));
	key = cs_pg_utf8_text(PG_GETARG_DATUM(1));
	cs_pg_ctx(&ctx);
	cs_buf_init(&header, &ctx);
	cs_put_map(&header, 2 + has_chain);
	cs_put_int(&header, 3);
	cs_put_cstr(&header, "application/rim+cbor");
	put_cwt_claims(&header, text_to_cstring(PG_GETARG_TEXT_PP(2)), fcinfo, 4, 5);
	if (has_chain)
		put_x5chain(&header, PG_GETARG_ARRAYTYPE_P(3));
	require(cs_buf_ok(&header), &ctx, NULL);
	cs_buf_init(&out, &ctx);
	require(cs_sign1_sign(&ctx, key, cs_buf_span(&header), (cs_span) {no_headers, sizeof(no_headers)},
						  payload_of(&ctx, CS_PG_GETARG_SPAN(0)), false, &out), &ctx, "signing key");
	return cs_pg_make_bytea(&out);
}

/* public_key() -> crypto_key: the public half of the server's signing key; NULL when there is none. */
Datum
coserv_public_key(PG_FUNCTION_ARGS)
{
	cs_span		key = cs_signing_key();
	cs_ctx		ctx;
	cs_buf		cose_key;

	if (key.len == 0)
		PG_RETURN_NULL();
	cs_pg_ctx(&ctx);
	cs_buf_init(&cose_key, &ctx);
	cs_put_tag(&cose_key, 558);
	require(cs_public_cose_key(&ctx, key, &cose_key), &ctx, "signing key");
	return cs_pg_make_bytea(&cose_key);
}
