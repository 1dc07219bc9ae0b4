/*
 * triples.c - triples, and files in CoSWID tags, of all members of a federation, for its views and its reverse look-up
 * (sql/federation/40_views.sql, 45_reverse.sql).
 */
#include "triples.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/timestamp.h"

#include "gather.h"
#include "pg/base/rows.h"
#include "pg/types/type_io.h"

PG_FUNCTION_INFO_V1(coserv_federation_triples);
PG_FUNCTION_INFO_V1(coserv_federation_files);

const char *const cs_sought_names[] = { "all", "environment", "digest", "key", "measurement" };

static Datum
asked_of(cs_sought_by by, NullableDatum asked)
{
	static const cs_pg_type *const types[] = {
		[CS_BY_ENVIRONMENT] = &cs_pg_environment, [CS_BY_KEY] = &cs_pg_crypto_key, [CS_BY_MEASUREMENT] = &cs_pg_measurement
	};

	if (by == CS_BY_DIGEST)
		return PointerGetDatum(PG_DETOAST_DATUM(asked.value));
	return cs_pg_type_make(types[by], cs_pg_span(asked.value));
}

bool
cs_sought_of(NullableDatum what, NullableDatum asked, NullableDatum kinds, cs_sought *out)
{
	const char *name = what.isnull ? "" : TextDatumGetCString(what.value);
	int by = 0;

	while (by < (int) lengthof(cs_sought_names) && strcmp(cs_sought_names[by], name) != 0)
		by++;
	if (by == (int) lengthof(cs_sought_names))
		ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("triples are not sought by \"%s\"", name),
				errhint("They are by environment, digest, key or measurement; or all.")));
	if (by == CS_BY_ENVIRONMENT && asked.isnull)
		by = CS_BY_NOTHING;
	*out = (cs_sought) { .by = by, .kinds = kinds.isnull ? 0 : PointerGetDatum(PG_DETOAST_DATUM(kinds.value)) };
	if (out->kinds != 0 && array_contains_nulls(DatumGetArrayTypeP(out->kinds)))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("a kind of triples is null")));
	if (by == CS_BY_NOTHING)
		return true;
	if (!asked.isnull)
		out->asked = asked_of(by, asked);
	return !asked.isnull;
}

bool
cs_sought_has_kind(const cs_sought *sought, int16 kind)
{
	Datum *kinds;
	bool *nulls, has = false;
	int count;

	if (sought->kinds == 0)
		return true;
	deconstruct_array(DatumGetArrayTypeP(sought->kinds), INT2OID, sizeof(int16), true, TYPALIGN_SHORT, &kinds, &nulls, &count);
	for (int i = 0; i < count; i++)
		has |= DatumGetInt16(kinds[i]) == kind;
	return has;
}

char *
cs_sought_kinds_text(const cs_sought *sought)
{
	return OidOutputFunctionCall(F_ARRAY_OUT, sought->kinds);
}

#define MOST_COLUMNS 13

/* These columns of what a member answered, and whose row it is. */
static void
put_columns(cs_rows *rows, const Datum *from, const bool *from_nulls, const int *columns, int count, const cs_member *member)
{
	Datum values[MOST_COLUMNS + 1];
	bool nulls[MOST_COLUMNS + 1] = { false };

	for (int i = 0; i < count; i++)
	{
		values[i] = from[columns[i]];
		nulls[i] = from_nulls[columns[i]];
	}
	values[count] = CStringGetTextDatum(member->name);
	cs_rows_put(rows, values, nulls);
}

static void
put_triple(const cs_selected *row, void *data)
{
	static const int columns[] = { SEL_KIND, SEL_ENVIRONMENT, SEL_CONTENT, SEL_AUTHORITY, SEL_PROFILE, SEL_NOT_BEFORE, SEL_NOT_AFTER,
		SEL_MANIFEST, SEL_ORDINAL };

	StaticAssertStmt(lengthof(columns) <= MOST_COLUMNS, "there is room");
	put_columns(data, row->values, row->nulls, columns, lengthof(columns), row->member);
}

/* federation_triples(federation regnamespace, what text, asked bytea, kinds smallint[], as_of timestamptz) -> setof record; not strict */
Datum
coserv_federation_triples(PG_FUNCTION_ARGS)
{
	TimestampTz as_of = PG_ARGISNULL(4) ? 0 : PG_GETARG_TIMESTAMPTZ(4);
	cs_rows *rows = cs_rows_result(fcinfo);
	cs_sought sought;

	if (PG_ARGISNULL(0) || !cs_sought_of(fcinfo->args[1], fcinfo->args[2], fcinfo->args[3], &sought))
		PG_RETURN_NULL();
	cs_gather_sought(cs_gathering_begin(PG_GETARG_OID(0), PG_ARGISNULL(4) ? NULL : &as_of, false), &sought, put_triple, rows);
	PG_RETURN_NULL();
}

static void
put_file(const cs_file *file, void *data)
{
	static const int columns[] = { FILE_SOURCE, FILE_ENVIRONMENT, FILE_PATH, FILE_VERSION, FILE_DIGEST_ALG, FILE_DIGEST, FILE_AUTHORITY,
		FILE_PROFILE, FILE_NOT_BEFORE, FILE_NOT_AFTER, FILE_MANIFEST, FILE_ORDINAL, FILE_POSITION };

	StaticAssertStmt(lengthof(columns) <= MOST_COLUMNS, "there is room");
	put_columns(data, file->values, file->nulls, columns, lengthof(columns), file->member);
}

/* federation_files(federation regnamespace, digest bytea, as_of timestamptz) -> setof record; not strict */
Datum
coserv_federation_files(PG_FUNCTION_ARGS)
{
	TimestampTz as_of = PG_ARGISNULL(2) ? 0 : PG_GETARG_TIMESTAMPTZ(2);
	cs_rows *rows = cs_rows_result(fcinfo);

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	cs_gather_files(cs_gathering_begin(PG_GETARG_OID(0), PG_ARGISNULL(2) ? NULL : &as_of, false), CS_PG_GETARG_SPAN(1), 0, put_file, rows);
	PG_RETURN_NULL();
}
