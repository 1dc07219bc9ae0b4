/*
 * coserv_type.c - the type coserv: a CoSERV query or result, signed or not, byte for byte (draft-ietf-rats-coserv section 4).
 */
#include "type_io.h"

#include "utils/builtins.h"

const cs_pg_type cs_pg_coserv = { .name = "coserv", .rule = &cs_rule_coserv_any };

PG_FUNCTION_INFO_V1(cs_coserv_in);
PG_FUNCTION_INFO_V1(cs_coserv_recv);
PG_FUNCTION_INFO_V1(cs_coserv_from);
PG_FUNCTION_INFO_V1(cs_coserv_describe);

Datum
cs_coserv_in(PG_FUNCTION_ARGS)
{
	return cs_pg_type_in(fcinfo, &cs_pg_coserv);
}

Datum
cs_coserv_recv(PG_FUNCTION_ARGS)
{
	return cs_pg_type_recv(fcinfo, &cs_pg_coserv);
}

Datum
cs_coserv_from(PG_FUNCTION_ARGS)
{
	return cs_pg_type_from(fcinfo, &cs_pg_coserv);
}

Datum
cs_coserv_describe(PG_FUNCTION_ARGS)
{
	cs_item item = cs_pg_item(PG_GETARG_DATUM(0));

	return cs_pg_edn_text(&item, true, &cs_rule_coserv_any);
}
