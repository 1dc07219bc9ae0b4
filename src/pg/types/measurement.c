/*
 * measurement.c - the type measurement: a measurement-map (draft-ietf-rats-corim section 5.1.4.2) in deterministic encoding, and
 * its rule of comparison.
 */
#include "type_io.h"

#include "utils/builtins.h"

#include "item_text.h"
#include "match/match.h"

const cs_pg_type cs_pg_measurement = { .name = "measurement", .canonical = cs_deterministic, .rule = &cs_rule_measurement_map };

PG_FUNCTION_INFO_V1(cs_measurement_in);
PG_FUNCTION_INFO_V1(cs_measurement_recv);
PG_FUNCTION_INFO_V1(cs_measurement_from);
PG_FUNCTION_INFO_V1(cs_measurement_describe);
PG_FUNCTION_INFO_V1(cs_measurement_contains);
PG_FUNCTION_INFO_V1(cs_measurement_contained);
PG_FUNCTION_INFO_V1(cs_measurement_key);
PG_FUNCTION_INFO_V1(cs_measurement_key_type);
PG_FUNCTION_INFO_V1(cs_measurement_values);

Datum
cs_measurement_in(PG_FUNCTION_ARGS)
{
	return cs_pg_type_in(fcinfo, &cs_pg_measurement);
}

Datum
cs_measurement_recv(PG_FUNCTION_ARGS)
{
	return cs_pg_type_recv(fcinfo, &cs_pg_measurement);
}

Datum
cs_measurement_from(PG_FUNCTION_ARGS)
{
	return cs_pg_type_from(fcinfo, &cs_pg_measurement);
}

Datum
cs_measurement_describe(PG_FUNCTION_ARGS)
{
	cs_item item = cs_pg_item(PG_GETARG_DATUM(0));

	return cs_pg_edn_text(&item, true, &cs_rule_measurement_map);
}

/* entry @> condition; without a profile, and without authority, so that a condition with authorized-by is not satisfied. */
Datum
cs_measurement_contains(PG_FUNCTION_ARGS)
{
	cs_item entry = cs_pg_item(PG_GETARG_DATUM(0));
	cs_item condition = cs_pg_item(PG_GETARG_DATUM(1));

	PG_RETURN_BOOL(cs_measurement_satisfies(NULL, &entry, &condition, NULL, NULL));
}

Datum
cs_measurement_contained(PG_FUNCTION_ARGS)
{
	cs_item condition = cs_pg_item(PG_GETARG_DATUM(0));
	cs_item entry = cs_pg_item(PG_GETARG_DATUM(1));

	PG_RETURN_BOOL(cs_measurement_satisfies(NULL, &entry, &condition, NULL, NULL));
}

Datum
cs_measurement_key(PG_FUNCTION_ARGS)
{
	cs_item item = cs_pg_item(PG_GETARG_DATUM(0));
	cs_item mkey;

	if (!cs_map_get(&item, CS_MEASUREMENT_MKEY, &mkey))
		PG_RETURN_NULL();
	return cs_pg_item_text(&mkey);
}

Datum
cs_measurement_key_type(PG_FUNCTION_ARGS)
{
	cs_item item = cs_pg_item(PG_GETARG_DATUM(0));
	cs_item mkey;

	if (!cs_map_get(&item, CS_MEASUREMENT_MKEY, &mkey))
		PG_RETURN_NULL();
	return cs_pg_item_kind(&mkey);
}

Datum
cs_measurement_values(PG_FUNCTION_ARGS)
{
	cs_item item = cs_pg_item(PG_GETARG_DATUM(0));
	cs_item mval;

	if (!cs_map_get(&item, CS_MEASUREMENT_MVAL, &mval))
		PG_RETURN_NULL();
	return cs_pg_make(cs_item_span(&mval));
}
