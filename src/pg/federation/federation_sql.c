/*
 * federation_sql.c - making and dropping a federation. Its SQL is sql/federation, which the build turns into federation_template.h.
 */
#include "members.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"
#include "utils/regproc.h"
#include "utils/varlena.h"

#include "federation_template.h"
#include "pg/base/store.h"
#include "pg/store/making.h"
#include "pg/store/truth.h"

PG_FUNCTION_INFO_V1(coserv_create_federation);
PG_FUNCTION_INFO_V1(coserv_drop_federation);
PG_FUNCTION_INFO_V1(coserv_authority_id);
PG_FUNCTION_INFO_V1(coserv_federation_digest);

/* 'store' or 'server.store', quoted as SQL has it. */
static void
add_member(const char *federation, const char *text)
{
	List *parts = stringToQualifiedNameList(text CS_SOFT_ERROR);
	const char *store = strVal(llast(parts));
	const char *server = list_length(parts) == 2 ? strVal(linitial(parts)) : NULL;
	char *sql;

	if (list_length(parts) > 2)
		ereport(ERROR,
			(errcode(ERRCODE_INVALID_NAME), errmsg("\"%s\" names no member", text),
				errhint("A member is a store of this database, 'store', or of a foreign server, 'server.store'.")));
	if (server == NULL)
		cs_store_require(get_namespace_oid(store, false));
	sql = psprintf("INSERT INTO %s.member (name, server, store) VALUES (%s, %s, %s)", quote_identifier(federation),
		quote_literal_cstr(text), server != NULL ? quote_literal_cstr(server) : "NULL", quote_literal_cstr(store));
	if (SPI_execute(sql, false, 0) != SPI_OK_INSERT)
		elog(ERROR, "could not run: %s", sql);
}

/* create_federation(name text, members text[]) -> regnamespace */
Datum
coserv_create_federation(PG_FUNCTION_ARGS)
{
	Oid schema = cs_make_schema(PG_GETARG_DATUM(0), federation_template);
	char *name = cs_store_name(schema);
	Datum *members;
	bool *nulls;
	int count;

	deconstruct_array(PG_GETARG_ARRAYTYPE_P(1), TEXTOID, -1, false, TYPALIGN_INT, &members, &nulls, &count);
	cs_spi_connect();
	for (int i = 0; i < count; i++)
	{
		if (nulls[i])
			ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("a member's name must not be null")));
		add_member(name, TextDatumGetCString(members[i]));
	}
	SPI_finish();
	PG_RETURN_OID(schema);
}

/* drop_federation(name text): the schema with everything in it, when it is a federation. */
Datum
coserv_drop_federation(PG_FUNCTION_ARGS)
{
	cs_unmake_schema(PG_GETARG_DATUM(0), cs_federation_require);
	PG_RETURN_VOID();
}

/* authority_id(key crypto_key) -> uuid */
Datum
coserv_authority_id(PG_FUNCTION_ARGS)
{
	pg_uuid_t *id = palloc(sizeof(pg_uuid_t));

	cs_uuid_of_bytes(CS_PG_GETARG_SPAN(0), id);
	PG_RETURN_UUID_P(id);
}

/* federation_digest(federation regnamespace) -> text */
Datum
coserv_federation_digest(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(cs_federation_digest(cs_federation_read(PG_GETARG_OID(0), GetCurrentTimestamp()))));
}
