/*
 * expiring.c - which of the things that bound a document or an authority ends when: coserv.validities and coserv.key_validity, for the
 * store's function expiring().
 */
#include "verify.h"

#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

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
put_validity(ReturnSetInfo *set, const char *bound, const cs_validity *validity)
{
	Datum		values[3] = {CStringGetTextDatum(bound)};
	bool		nulls[3] = {false};

	if (!validity->has_not_before && !validity->has_not_after)
		return;
	fill(validity, &values[1], &nulls[1]);
	tuplestore_putvalues(set->setResult, set->setDesc, values, nulls);
}

static cs_validity
of_certificate(const cs_key *key)
{
	return (cs_validity) {.has_not_before = key->has_not_after,.has_not_after = key->has_not_after,
	.not_before = key->not_before,.not_after = key->not_after};
}

static void
put_certificates(ReturnSetInfo *set, cs_ctx *ctx, const cs_sign1 *sign1)
{
	cs_span    *certs;
	size_t		count;

	if (!cs_sign1_x5chain(ctx, sign1, &certs, &count))
		cs_pg_report(&ctx->error, "CoRIM");
	for (size_t i = 0; i < count; i++)
	{
		cs_key		key;
		cs_validity validity;

		if (!cs_key_from_cert(ctx, certs[i], &key))
			cs_pg_report(&ctx->error, "CoRIM");
		validity = of_certificate(&key);
		put_validity(set, "certificate", &validity);
	}
}

/* validities(document bytea) -> setof (bound text, not_before timestamptz, not_after timestamptz): rim, signature, certificate */
Datum
coserv_validities(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *set;
	cs_verified document;
	cs_ctx		ctx;

	InitMaterializedSRF(fcinfo, 0);
	set = (ReturnSetInfo *) fcinfo->resultinfo;
	cs_pg_ctx(&ctx);
	if (!cs_open_document(&ctx, CS_PG_GETARG_SPAN(0), true, &document))
		cs_pg_report(&ctx.error, "CoRIM");
	put_validity(set, "rim", &document.corim.validity);
	if (document.envelope.envelope != CS_ENV_UNSIGNED)
	{
		put_validity(set, "signature", &document.signer.validity);
		put_certificates(set, &ctx, &document.sign1);
	}
	PG_RETURN_NULL();
}

/* key_validity(key crypto_key) -> (not_before timestamptz, not_after timestamptz): of its certificate; nulls for what is none */
Datum
coserv_key_validity(PG_FUNCTION_ARGS)
{
	cs_item		crypto_key = cs_pg_item(PG_GETARG_DATUM(0));
	Datum		values[2];
	bool		nulls[2];
	cs_validity validity = {0};
	TupleDesc	desc;
	cs_key		key;
	cs_ctx		ctx;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	cs_pg_ctx_stored(&ctx);
	if (cs_key_read(&ctx, &crypto_key, &key))
		validity = of_certificate(&key);
	fill(&validity, values, nulls);
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls));
}
