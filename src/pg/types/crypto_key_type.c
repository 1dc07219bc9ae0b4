/*
 * crypto_key_type.c - the type crypto_key: a $crypto-key-type-choice (draft-ietf-rats-corim section 5.1.4.1.4) in deterministic
 * encoding. Text also goes in as PEM, JWK or COSE_Key, which is what people have at hand; bytes also as DER or COSE_Key.
 */
#include "crypto_key.h"
#include "type_io.h"

#include "parser/scansup.h"
#include "utils/builtins.h"

#include "cose/cose.h"
#include "item_text.h"

const cs_pg_type cs_pg_crypto_key = { .name = "crypto_key", .canonical = cs_deterministic, .rule = &cs_rule_crypto_key };

PG_FUNCTION_INFO_V1(cs_crypto_key_in);
PG_FUNCTION_INFO_V1(cs_crypto_key_recv);
PG_FUNCTION_INFO_V1(cs_crypto_key_from);
PG_FUNCTION_INFO_V1(cs_crypto_key_from_bytea);
PG_FUNCTION_INFO_V1(cs_crypto_key_describe);
PG_FUNCTION_INFO_V1(cs_crypto_key_type);
PG_FUNCTION_INFO_V1(cs_crypto_key_text);

/* What cs_key_import knows and a $crypto-key-type-choice, which is always tagged, cannot begin with. */
static bool
import(cs_ctx *ctx, cs_span given, cs_span *stored)
{
	cs_buf buf;

	cs_buf_init(&buf, ctx);
	return cs_key_import(ctx, given.data, given.len, &buf) && cs_buf_ok(&buf) &&
		cs_pg_type_accept(ctx, &cs_pg_crypto_key, cs_buf_span(&buf), stored);
}

/* A tag at the start: the choice itself. Anything else: DER, or a COSE_Key map. */
static bool
accept_bytes(cs_ctx *ctx, cs_span bytes, cs_span *stored)
{
	if (bytes.len > 0 && bytes.data[0] >> 5 == CS_TAG)
		return cs_pg_type_accept(ctx, &cs_pg_crypto_key, bytes, stored);
	return import(ctx, bytes, stored);
}

/* PEM, with text before it too, JWK, a COSE_Key, a line of OpenSSH; and not a choice in EDN, which starts with its tag. */
static bool
is_file_or_line(const char *text)
{
	return *text == '-' || *text == '{' || strncmp(text, "ssh-", 4) == 0 || strncmp(text, "ecdsa-", 6) == 0 ||
		(!(*text >= '0' && *text <= '9') && strstr(text, "\n-----BEGIN ") != NULL);
}

static bool
accept_text(cs_ctx *ctx, const char *text, cs_span *stored)
{
	cs_span bytes;

	while (scanner_isspace(*text))
		text++;
	if (is_file_or_line(text))
		return import(ctx, cs_pg_utf8(text, strlen(text)), stored);
	return cs_pg_parse_text(ctx, text, &bytes) && accept_bytes(ctx, bytes, stored);
}

Datum
cs_crypto_key_in(PG_FUNCTION_ARGS)
{
	cs_ctx ctx;
	cs_span stored;

	cs_pg_ctx(&ctx);
	if (accept_text(&ctx, PG_GETARG_CSTRING(0), &stored))
		return cs_pg_make(stored);
	cs_pg_report_input(fcinfo->context, &ctx.error, cs_pg_crypto_key.name);
	PG_RETURN_NULL();
}

Datum
cs_crypto_key_recv(PG_FUNCTION_ARGS)
{
	return cs_pg_type_recv(fcinfo, &cs_pg_crypto_key);
}

Datum
cs_crypto_key_from(PG_FUNCTION_ARGS)
{
	return cs_pg_type_from(fcinfo, &cs_pg_crypto_key);
}

Datum
cs_crypto_key_from_bytea(PG_FUNCTION_ARGS)
{
	cs_ctx ctx;
	cs_span stored;

	cs_pg_ctx(&ctx);
	if (!accept_bytes(&ctx, CS_PG_GETARG_SPAN(0), &stored))
		cs_pg_report(&ctx.error, cs_pg_crypto_key.name);
	return cs_pg_make(stored);
}

Datum
cs_crypto_key_describe(PG_FUNCTION_ARGS)
{
	cs_item item = cs_pg_item(PG_GETARG_DATUM(0));

	return cs_pg_edn_text(&item, true, &cs_rule_crypto_key);
}

Datum
cs_crypto_key_type(PG_FUNCTION_ARGS)
{
	cs_item item = cs_pg_item(PG_GETARG_DATUM(0));

	return cs_pg_item_kind(&item);
}

/* What is inside the tag: PEM, hex, or EDN of a thumbprint or a COSE_Key. */
Datum
cs_crypto_key_text(PG_FUNCTION_ARGS)
{
	cs_item item = cs_pg_item(PG_GETARG_DATUM(0));

	return cs_pg_item_text(&item);
}

cs_span
cs_pg_key_list(cs_ctx *ctx, const cs_item *keys, size_t count)
{
	cs_buf buf;

	cs_buf_init(&buf, ctx);
	cs_put_array(&buf, count);
	for (size_t i = 0; i < count; i++)
		cs_put_item(&buf, &keys[i]);
	cs_pg_require(cs_buf_ok(&buf), ctx, NULL);
	return cs_buf_span(&buf);
}
