/*
 * evidence_sql.c - coserv.evidence() and coserv.evidence_ects(): what src/evidence makes of what an Attester sent, as rows and as the
 * ECTs that appraise() takes.
 */
#include "pg/base/pg_support.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

#include "evidence/evidence.h"
#include "model/corim.h"
#include "pg/base/times.h"

PG_FUNCTION_INFO_V1(coserv_evidence);
PG_FUNCTION_INFO_V1(coserv_evidence_ects);
PG_FUNCTION_INFO_V1(coserv_evidence_formats);

/* Arguments of both functions. */
enum
{
	ARG_FORMAT,
	ARG_EVIDENCE,
	ARG_KEYS,
	ARG_CERTIFICATES,
	ARG_SIGNATURE,
	ARG_REGISTERS,
	ARG_EVENT_LOG,
	ARG_NONCE,
	ARG_AT,
	ARG_UNVERIFIED,
	ARG_KEY_ENVIRONMENTS,
	ARG_KNOWN_ENVIRONMENT
};

enum
{
	COL_ECT,
	COL_ENVIRONMENT,
	COL_ELEMENT,
	COL_AUTHORITY,
	COL_PROFILE,
	COL_VERIFIED_KEYS,
	COL_NONCE,
	COL_NOTES,
	COLUMNS
};

static cs_span
optional(FunctionCallInfo fcinfo, int arg)
{
	return PG_ARGISNULL(arg) ? (cs_span) { NULL, 0 } : CS_PG_GETARG_SPAN(arg);
}

/* The elements of an array argument; *count 0 when it is null. */
static void
deconstruct(FunctionCallInfo fcinfo, int arg, Datum **elements, bool **nulls, int *count)
{
	ArrayType *array;

	*count = 0;
	if (PG_ARGISNULL(arg))
		return;
	array = PG_GETARG_ARRAYTYPE_P(arg);
	deconstruct_array(array, ARR_ELEMTYPE(array), -1, false, TYPALIGN_INT, elements, nulls, count);
}

/* keys, and beside each the environment that it is bound to, or null */
static void
read_keys(FunctionCallInfo fcinfo, cs_ctx *ctx, cs_evidence_given *given)
{
	Datum *keys, *environments;
	bool *null_keys, *null_environments;
	int count, bound;
	cs_evidence_key *out;

	deconstruct(fcinfo, ARG_KEYS, &keys, &null_keys, &count);
	deconstruct(fcinfo, ARG_KEY_ENVIRONMENTS, &environments, &null_environments, &bound);
	if (bound != 0 && bound != count)
		ereport(ERROR,
			(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR), errmsg("key_environments must have an element for each of keys"),
				errdetail("There are %d keys and %d environments.", count, bound)));
	out = cs_alloc(ctx, (size_t) count + 1, sizeof(cs_evidence_key));
	cs_pg_require(out != NULL, ctx, NULL);
	for (int i = 0; i < count; i++)
	{
		if (null_keys[i])
			ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("a key in an array of keys must not be null")));
		out[i].key = cs_pg_item(keys[i]);
		out[i].is_bound = bound > 0 && !null_environments[i];
		if (out[i].is_bound)
			out[i].environment = cs_pg_item(environments[i]);
	}
	given->keys = out;
	given->key_count = (size_t) count;
}

/* False when an argument that is needed is null. */
static bool
read_evidence(FunctionCallInfo fcinfo, cs_ctx *ctx, cs_evidence *out)
{
	cs_evidence_given given = { { NULL, 0 } };

	if (PG_ARGISNULL(ARG_FORMAT) || PG_ARGISNULL(ARG_EVIDENCE) || PG_ARGISNULL(ARG_AT))
		return false;
	cs_pg_ctx(ctx);
	given.evidence = CS_PG_GETARG_SPAN(ARG_EVIDENCE);
	given.certificates = optional(fcinfo, ARG_CERTIFICATES);
	given.signature = optional(fcinfo, ARG_SIGNATURE);
	given.registers = optional(fcinfo, ARG_REGISTERS);
	given.event_log = optional(fcinfo, ARG_EVENT_LOG);
	given.environment = optional(fcinfo, ARG_KNOWN_ENVIRONMENT);
	given.has_nonce = !PG_ARGISNULL(ARG_NONCE);
	given.nonce = optional(fcinfo, ARG_NONCE);
	given.at = cs_pg_unix_time(PG_GETARG_TIMESTAMPTZ(ARG_AT));
	given.unverified = !PG_ARGISNULL(ARG_UNVERIFIED) && PG_GETARG_BOOL(ARG_UNVERIFIED);
	read_keys(fcinfo, ctx, &given);
	cs_pg_require(cs_evidence_read(ctx, text_to_cstring(PG_GETARG_TEXT_PP(ARG_FORMAT)), &given, out), ctx, "evidence");
	return true;
}

static void
put(Datum *values, bool *nulls, int column, cs_span span)
{
	nulls[column] = span.len == 0;
	if (span.len > 0)
		values[column] = cs_pg_make(span);
}

static void
put_profile(cs_ctx *ctx, Datum *values, bool *nulls, cs_span profile)
{
	cs_item item;
	cs_buf text;

	nulls[COL_PROFILE] = profile.len == 0;
	if (profile.len == 0)
		return;
	item = cs_item_at(profile.data, profile.len);
	cs_buf_init(&text, ctx);
	cs_pg_require(cs_profile_text(ctx, &item, &text) && cs_buf_ok(&text), ctx, "profile");
	values[COL_PROFILE] = cs_pg_make_text(cs_buf_span(&text));
}

static Datum
notes_of(const cs_evidence_ect *ect)
{
	Datum *texts = palloc(sizeof(Datum) * (ect->note_count + 1));

	for (size_t i = 0; i < ect->note_count; i++)
		texts[i] = cs_pg_make_text((cs_span) { (const uint8_t *) ect->notes[i], strlen(ect->notes[i]) });
	return PointerGetDatum(construct_array(texts, (int) ect->note_count, TEXTOID, -1, false, TYPALIGN_INT));
}

/* measurement-map {? 0: mkey, 1: mval} */
static cs_span
measurement_of(cs_ctx *ctx, const cs_evidence_element *element)
{
	cs_buf buf;

	cs_buf_init(&buf, ctx);
	cs_put_map(&buf, element->mkey.len > 0 ? 2 : 1);
	if (element->mkey.len > 0)
	{
		cs_put_uint(&buf, 0);
		cs_put_raw(&buf, element->mkey.data, element->mkey.len);
	}
	cs_put_uint(&buf, 1);
	cs_put_raw(&buf, element->mval.data, element->mval.len);
	cs_pg_require(cs_buf_ok(&buf), ctx, NULL);
	return cs_buf_span(&buf);
}

static void
put_rows(cs_ctx *ctx, ReturnSetInfo *set, int number, const cs_evidence_ect *ect)
{
	Oid keys_type = TupleDescAttr(set->setDesc, COL_VERIFIED_KEYS)->atttypid;
	Datum values[COLUMNS] = { 0 };
	bool nulls[COLUMNS] = { false };

	values[COL_ECT] = Int32GetDatum(number);
	put(values, nulls, COL_ENVIRONMENT, ect->environment);
	put(values, nulls, COL_AUTHORITY, ect->authority);
	put_profile(ctx, values, nulls, ect->profile);
	nulls[COL_VERIFIED_KEYS] = ect->verified_key.len == 0;
	if (ect->verified_key.len > 0)
	{
		Datum key = cs_pg_make(ect->verified_key);

		values[COL_VERIFIED_KEYS] = PointerGetDatum(construct_array(&key, 1, get_element_type(keys_type), -1, false, TYPALIGN_INT));
	}
	nulls[COL_NONCE] = !ect->has_nonce;
	if (ect->has_nonce)
		values[COL_NONCE] = cs_pg_make(ect->nonce);
	values[COL_NOTES] = notes_of(ect);
	for (size_t i = 0; i < ect->element_count; i++)
	{
		put(values, nulls, COL_ELEMENT, measurement_of(ctx, &ect->elements[i]));
		tuplestore_putvalues(set->setResult, set->setDesc, values, nulls);
	}
	if (ect->element_count > 0)
		return;
	nulls[COL_ELEMENT] = true;
	tuplestore_putvalues(set->setResult, set->setDesc, values, nulls);
}

/* evidence(format text, evidence bytea, keys crypto_key[], certificates bytea, signature bytea, registers bytea, event_log bytea,
 * expected_nonce bytea, at timestamptz, unverified boolean, key_environments environment[], known_environment environment) -> setof
 * (ect, environment, element, authority, profile, verified_keys, nonce, notes) */
Datum
coserv_evidence(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *set = (ReturnSetInfo *) fcinfo->resultinfo;
	MemoryContext old, scratch;
	cs_evidence evidence;
	cs_ctx ctx;

	InitMaterializedSRF(fcinfo, 0);
	scratch = cs_pg_scratch_begin(&old);
	if (read_evidence(fcinfo, &ctx, &evidence))
		for (size_t i = 0; i < evidence.count; i++)
		{
			CHECK_FOR_INTERRUPTS();
			put_rows(&ctx, set, (int) i, evidence.ects[i]);
		}
	cs_pg_scratch_end(scratch, old);
	return (Datum) 0;
}

/* evidence_ects(the same) -> cbor */
Datum
coserv_evidence_ects(PG_FUNCTION_ARGS)
{
	cs_evidence evidence;
	cs_ctx ctx;
	cs_buf buf;

	if (!read_evidence(fcinfo, &ctx, &evidence))
		PG_RETURN_NULL();
	cs_buf_init(&buf, &ctx);
	cs_pg_require(cs_evidence_put_ects(&evidence, &buf), &ctx, "evidence");
	return cs_pg_make(cs_buf_span(&buf));
}

static void
put_text(Datum *values, bool *nulls, int column, const char *text)
{
	nulls[column] = text == NULL;
	if (text)
		values[column] = CStringGetTextDatum(text);
}

/* evidence_formats() -> setof (format, title, media_type, source, takes, refused) */
Datum
coserv_evidence_formats(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *set = (ReturnSetInfo *) fcinfo->resultinfo;
	const cs_evidence_format *format;

	InitMaterializedSRF(fcinfo, 0);
	for (size_t i = 0; (format = cs_evidence_format_at(i)) != NULL; i++)
	{
		Datum values[6] = { 0 };
		bool nulls[6];

		put_text(values, nulls, 0, format->name);
		put_text(values, nulls, 1, format->title);
		put_text(values, nulls, 2, format->media_type);
		put_text(values, nulls, 3, format->source);
		put_text(values, nulls, 4, format->takes);
		put_text(values, nulls, 5, format->refused);
		tuplestore_putvalues(set->setResult, set->setDesc, values, nulls);
	}
	return (Datum) 0;
}
