/*
 * document_type.c - the type document: bytes that a function is to judge, of which nothing has been checked. It shares bytea's output,
 * receive and send. Its text is EDN or hexadecimal digits, as people write documents; text that does not look like either, as JSON, stands
 * for its own bytes, so that the function can say what it seems to be.
 */
#include "type_io.h"

#include "utils/jsonb.h"

#include "document/seems.h"
#include "jsonb_text.h"

PG_FUNCTION_INFO_V1(cs_document_in);
PG_FUNCTION_INFO_V1(cs_document_from_jsonb);

Datum
cs_document_in(PG_FUNCTION_ARGS)
{
	const char *text = PG_GETARG_CSTRING(0);
	bool is_hex = text[0] == '\\' && text[1] == 'x';
	cs_ctx ctx;
	cs_span bytes;

	if (!is_hex && (!cs_looks_like_edn(text) || cs_looks_like_json((cs_span) { (const uint8_t *) text, strlen(text) })))
		return cs_pg_make(cs_pg_utf8(text, strlen(text)));
	cs_pg_ctx(&ctx);
	if (!cs_pg_parse_text(&ctx, text, &bytes))
		cs_pg_report(&ctx.error, "document");
	return cs_pg_make(bytes);
}

Datum
cs_document_from_jsonb(PG_FUNCTION_ARGS)
{
	cs_ctx ctx;
	cs_buf text;

	cs_pg_ctx(&ctx);
	cs_buf_init(&text, &ctx);
	cs_pg_put_jsonb(&text, PG_GETARG_JSONB_P(0));
	return cs_pg_make_bytea(&text);
}
