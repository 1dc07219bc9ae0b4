/*
 * expiring.c - which of the things that bound a document or an authority ends when: coserv.validities and coserv.key_validity, for the
 * store's function expiring().
 */
#include "pg/trust/verify.h"
#include "pg/base/rows.h"
#include "pg/base/times.h"

#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(coserv_validities);
PG_FUNCTION_INFO_V1(coserv_key_validity);

static void
fill(const cs_validity *validity, Datum *values, bool *nulls)
{
	nulls[0] = !validity->has_not_before;
	values[0] = TimestampTzGetDatum(validity->has_not_before ? cs_pg_timestamp(validity->not_before) : 0);
	nulls[1] = !validity->has_not_after;
	values[1] = TimestampTzGetDatum(validity->has_not_after ? cs_pg_timestamp(validity->not_after) : 0);
}

static void
put_validity(cs_rows *rows, const char *bound, const cs_validity *validity)
{
	Datum values[3] = { CStringGetTextDatum(bound) };
	bool nulls[3] = { false };

	if (!validity->has_not_before && !validity->has_not_after)
		return;
	fill(validity, &values[1], &nulls[1]);
	cs_rows_put(rows, values, nulls);
}

static cs_validity
of_certificate(const cs_key *key)
{
	return (cs_validity) { .has_not_before = key->has_not_after,
		.has_not_after = key->has_not_after,
		.not_before = key->not_before,
		.not_after = key->not_after };
}

/* validities(document bytea, payload bytea) -> setof (bound text, not_before timestamptz, not_after timestamptz); payload may be NULL */
Datum
coserv_validities(PG_FUNCTION_ARGS)
{
	cs_span payload = { NULL, 0 };
	cs_rows *rows = cs_rows_result(fcinfo);
	cs_verified document;
	cs_ctx ctx;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	if (!PG_ARGISNULL(1))
		payload = CS_PG_GETARG_SPAN(1);
	cs_pg_ctx_stored(&ctx);
	if (!cs_open_with_payload(&ctx, CS_PG_GETARG_SPAN(0), payload, true, &document))
		cs_pg_report(&ctx.error, "CoRIM");
	put_validity(rows, "rim", &document.corim.validity);
	if (document.envelope.envelope != CS_ENV_UNSIGNED)
		put_validity(rows, "signature", &document.signer.validity);
	PG_RETURN_NULL();
}

/* key_validity(key crypto_key) -> (not_before timestamptz, not_after timestamptz): of its certificate; nulls for what is none */
Datum
coserv_key_validity(PG_FUNCTION_ARGS)
{
	cs_item crypto_key = cs_pg_item(PG_GETARG_DATUM(0));
	Datum values[2];
	bool nulls[2];
	cs_validity validity = { 0 };
	TupleDesc desc;
	cs_key key;
	cs_ctx ctx;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	cs_pg_ctx_stored(&ctx);
	if (cs_key_read(&ctx, &crypto_key, &key))
		validity = of_certificate(&key);
	fill(&validity, values, nulls);
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls));
}
