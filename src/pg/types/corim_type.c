/*
 * corim_type.c - the type corim: a whole CoRIM document, byte for byte as it was signed. Input looks at the envelope only; what
 * is inside is validated when it is loaded, with its signature.
 */
#include "type_io.h"

#include "utils/builtins.h"

#include "model/corim.h"
#include "pg/base/settings.h"

static bool check_envelope(cs_ctx *ctx, cs_span bytes);

const cs_pg_type cs_pg_corim = { .name = "corim", .check = check_envelope };

PG_FUNCTION_INFO_V1(cs_corim_in);
PG_FUNCTION_INFO_V1(cs_corim_recv);
PG_FUNCTION_INFO_V1(cs_corim_from);
PG_FUNCTION_INFO_V1(cs_corim_describe);

static bool
check_envelope(cs_ctx *ctx, cs_span bytes)
{
	cs_document document;

	return cs_document_open(ctx, bytes.data, bytes.len, cs_setting_accept_legacy, &document);
}

Datum
cs_corim_in(PG_FUNCTION_ARGS)
{
	return cs_pg_type_in(fcinfo, &cs_pg_corim);
}

Datum
cs_corim_recv(PG_FUNCTION_ARGS)
{
	return cs_pg_type_recv(fcinfo, &cs_pg_corim);
}

Datum
cs_corim_from(PG_FUNCTION_ARGS)
{
	return cs_pg_type_from(fcinfo, &cs_pg_corim);
}

Datum
cs_corim_describe(PG_FUNCTION_ARGS)
{
	cs_item item = cs_pg_item(PG_GETARG_DATUM(0));

	return cs_pg_edn_text(&item, true, &cs_rule_corim_document);
}
