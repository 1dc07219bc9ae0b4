/*
 * store_plan.c - the plans that are kept for a store's statements (statements.c). They are generic: planning anew would cost more than the
 * look-ups themselves.
 */
#include "statements.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

typedef struct cs_plan_key
{
	Oid store;
	int32 statement;
} cs_plan_key;

typedef struct cs_plan_entry
{
	cs_plan_key key;
	char schema[NAMEDATALEN]; /* as the plan's text has it */
	SPIPlanPtr plan;
} cs_plan_entry;

static HTAB *plans = NULL;

char *
cs_store_name(Oid store)
{
	char *name = get_namespace_name(store);

	if (name == NULL)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_SCHEMA), errmsg("schema with OID %u does not exist", store)));
	return name;
}

char *
cs_store_expand(const char *text, const char *schema_name)
{
	static const char name_mark[] = "@store@";
	static const char literal_mark[] = "@store_literal@";
	const char *name = quote_identifier(schema_name);
	const char *literal = quote_literal_cstr(name);
	StringInfoData out;

	initStringInfo(&out);
	while (*text)
	{
		const char *mark = strstr(text, "@store");

		if (mark == NULL)
			break;
		appendBinaryStringInfo(&out, text, (int) (mark - text));
		if (strncmp(mark, name_mark, sizeof(name_mark) - 1) == 0)
		{
			appendStringInfoString(&out, name);
			text = mark + sizeof(name_mark) - 1;
		}
		else
		{
			Assert(strncmp(mark, literal_mark, sizeof(literal_mark) - 1) == 0);
			appendStringInfoString(&out, literal);
			text = mark + sizeof(literal_mark) - 1;
		}
	}
	appendStringInfoString(&out, text);
	return out.data;
}

Oid
cs_type_oid(const char *name)
{
	Oid schema = get_namespace_oid("coserv", false);
	Oid type = GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum(name), ObjectIdGetDatum(schema));

	if (!OidIsValid(type))
		elog(ERROR, "type coserv.%s does not exist", name);
	return type;
}

Oid
cs_parameter_type(const char *name)
{
	static const struct
	{
		const char *name;
		Oid type;
	} builtin[] = {
		{ "text", TEXTOID },
		{ "uuid", UUIDOID },
		{ "bytea", BYTEAOID },
		{ "int2[]", INT2ARRAYOID },
		{ "timestamptz", TIMESTAMPTZOID },
		{ "int4", INT4OID },
		{ "int8", INT8OID },
		{ "numeric", NUMERICOID },
		{ "json", JSONOID },
		{ "int2", INT2OID },
		{ "bool", BOOLOID },
		{ "uuid[]", UUIDARRAYOID },
		{ "text[]", TEXTARRAYOID },
		{ "bytea[]", BYTEAARRAYOID },
		{ "tstzmultirange", TSTZMULTIRANGEOID },
		{ "regrole", REGROLEOID },
	};

	if (strcmp(name, "coserv.environment[]") == 0)
		return get_array_type(cs_type_oid("environment"));
	if (strncmp(name, "coserv.", 7) == 0)
		return cs_type_oid(name + 7);
	for (size_t i = 0; i < lengthof(builtin); i++)
		if (strcmp(builtin[i].name, name) == 0)
			return builtin[i].type;
	elog(ERROR, "unknown parameter type %s", name);
}

void
cs_store_require(Oid store)
{
	if (!OidIsValid(get_relname_relid("truth", store)) || !OidIsValid(get_relname_relid("triple_environment", store)))
		ereport(ERROR,
			(errcode(ERRCODE_INVALID_SCHEMA_NAME), errmsg("schema \"%s\" is not a coserv store", cs_store_name(store)),
				errhint("Create one with SELECT coserv.create_store('name').")));
}

/* Over tables that federations have, too. */
static bool
has_federations_too(cs_statement statement)
{
	return statement == CS_STMT_PROFILE_MEMBERS || statement == CS_STMT_LOG_ANSWER;
}

static SPIPlanPtr
prepare(Oid store, const char *schema, cs_statement statement)
{
	const cs_statement_text *text = &cs_statement_texts[statement];
	Oid types[lengthof(text->types)];
	int count = 0;
	SPIPlanPtr plan;

	if (!has_federations_too(statement) || !OidIsValid(get_relname_relid("placement", store)))
	{
		cs_store_require(store);
		cs_store_require_form(store);
	}
	while (count < (int) lengthof(text->types) && text->types[count] != NULL)
	{
		types[count] = cs_parameter_type(text->types[count]);
		count++;
	}
	plan = SPI_prepare_cursor(cs_store_expand(text->sql, schema), count, types, CURSOR_OPT_GENERIC_PLAN);
	if (plan == NULL || SPI_keepplan(plan) != 0)
		elog(ERROR, "could not prepare statement %d of a store: %s", (int) statement, SPI_result_code_string(SPI_result));
	return plan;
}

SPIPlanPtr
cs_store_plan(Oid store, cs_statement statement)
{
	cs_plan_key key = { store, (int32) statement };
	char *schema = cs_store_name(store);
	cs_plan_entry *entry;

	if (plans == NULL)
	{
		HASHCTL ctl = { .keysize = sizeof(cs_plan_key), .entrysize = sizeof(cs_plan_entry) };

		plans = hash_create("coserv plans", 64, &ctl, HASH_ELEM | HASH_BLOBS);
	}
	entry = hash_search(plans, &key, HASH_FIND, NULL);
	if (entry != NULL && strcmp(entry->schema, schema) == 0)
		return entry->plan;
	if (entry != NULL)
	{
		SPI_freeplan(entry->plan);
		hash_search(plans, &key, HASH_REMOVE, NULL);
	}
	{
		SPIPlanPtr plan = prepare(store, schema, statement);

		entry = hash_search(plans, &key, HASH_ENTER, NULL);
		strlcpy(entry->schema, schema, NAMEDATALEN);
		entry->plan = plan;
		return plan;
	}
}

uint64
cs_store_run(Oid store, cs_statement statement, Datum *args, const char *nulls, bool read_only, long most)
{
	int result = SPI_execute_plan(cs_store_plan(store, statement), args, nulls, read_only, most);

	if (result < 0)
		elog(ERROR, "statement %d of a store failed: %s", (int) statement, SPI_result_code_string(result));
	return SPI_processed;
}

uint64
cs_run_latest(Oid store, cs_statement statement, Datum *args, const char *nulls)
{
	Snapshot snapshot = IsolationUsesXactSnapshot() ? GetLatestSnapshot() : InvalidSnapshot;
	int result = SPI_execute_snapshot(cs_store_plan(store, statement), args, nulls, snapshot, InvalidSnapshot, false, true, 0);

	if (result < 0)
		elog(ERROR, "statement %d of a store failed: %s", (int) statement, SPI_result_code_string(result));
	return SPI_processed;
}

void
cs_spi_connect(void)
{
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
}
