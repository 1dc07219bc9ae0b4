/*
 * members.c - the tables member and placement of a federation (members.h), read straight, and what they say of a query.
 */
#include "members.h"

#include "access/genam.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "foreign/foreign.h"
#include "lib/stringinfo.h"
#include "commands/defrem.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "cose/cose.h"
#include "match/match.h"
#include "pg/base/store.h"

/* Columns of the two tables (sql/federation/10_tables.sql). */
enum
{
	MEMBER_NAME,
	MEMBER_SERVER,
	MEMBER_STORE
};
enum
{
	PLACEMENT_AUTHORITY,
	PLACEMENT_MEMBER,
	PLACEMENT_ENVIRONMENTS,
	PLACEMENT_PROFILES,
	PLACEMENT_VALID_FROM,
	PLACEMENT_VALID_UNTIL
};

/* Anybody may make a schema with tables of these names, and an owner may change his: what is read straight is looked at first. */
typedef struct cs_column_form
{
	Oid type; /* InvalidOid: coserv.environment[] */
	bool nullable;
} cs_column_form;

static const cs_column_form member_columns[] = {
	[MEMBER_NAME] = { TEXTOID, false }, [MEMBER_SERVER] = { NAMEOID, true }, [MEMBER_STORE] = { NAMEOID, false }
};
static const cs_column_form placement_columns[] = { [PLACEMENT_AUTHORITY] = { UUIDOID, false },
	[PLACEMENT_MEMBER] = { TEXTOID, false },
	[PLACEMENT_ENVIRONMENTS] = { InvalidOid, true },
	[PLACEMENT_PROFILES] = { TEXTARRAYOID, true },
	[PLACEMENT_VALID_FROM] = { TIMESTAMPTZOID, false },
	[PLACEMENT_VALID_UNTIL] = { TIMESTAMPTZOID, false } };

bool
cs_is_federation(Oid schema)
{
	return OidIsValid(get_relname_relid("placement", schema)) && OidIsValid(get_relname_relid("member", schema)) &&
		!OidIsValid(get_relname_relid("truth", schema));
}

pg_noreturn static void
refuse_schema(Oid schema)
{
	ereport(ERROR,
		(errcode(ERRCODE_INVALID_SCHEMA_NAME), errmsg("schema \"%s\" is not a federation", cs_store_name(schema)),
			errhint("Create one with SELECT coserv.create_federation('name', ARRAY['member', ...]).")));
}

void
cs_federation_require(Oid schema)
{
	if (!cs_is_federation(schema))
		refuse_schema(schema);
}

void
cs_member_require_form(int32 form)
{
	if (form != CS_MEMBER_FORM)
		ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("this member speaks form %d, and is asked in form %d", CS_MEMBER_FORM, form),
				errhint("Bring the extension to one version at all servers of the federation.")));
}

pg_noreturn static void
refuse_table(Relation table)
{
	ereport(ERROR,
		(errcode(ERRCODE_WRONG_OBJECT_TYPE),
			errmsg("table \"%s\" of \"%s\" is not as a federation is made with it", RelationGetRelationName(table),
				get_namespace_name(RelationGetNamespace(table)))));
}

static void
require_columns(Relation table, const cs_column_form *columns, int count)
{
	const TupleDesc desc = RelationGetDescr(table);

	if (table->rd_rel->relkind != RELKIND_RELATION || desc->natts < count)
		refuse_table(table);
	for (int i = 0; i < count; i++)
	{
		Oid type = OidIsValid(columns[i].type) ? columns[i].type : get_array_type(cs_type_oid("environment"));

		if (TupleDescAttr(desc, i)->atttypid != type)
			refuse_table(table);
	}
}

/* Calls back for each row that the active snapshot sees. */
static void
read_table(Oid oid, const cs_column_form *columns, int count, void (*each)(const Datum *row, const bool *nulls, void *data), void *data)
{
	Relation table = table_open(oid, AccessShareLock);
	Datum *values = palloc(sizeof(Datum) * RelationGetDescr(table)->natts);
	bool *nulls = palloc(sizeof(bool) * RelationGetDescr(table)->natts);
	SysScanDesc scan;
	HeapTuple row;

	require_columns(table, columns, count);
	scan = systable_beginscan(table, InvalidOid, false, GetActiveSnapshot(), 0, NULL);
	while (HeapTupleIsValid(row = systable_getnext(scan)))
	{
		heap_deform_tuple(row, RelationGetDescr(table), values, nulls);
		for (int i = 0; i < count; i++)
			if (nulls[i] && !columns[i].nullable)
				refuse_table(table);
		each(values, nulls, data);
	}
	systable_endscan(scan);
	table_close(table, AccessShareLock);
}

typedef struct reading
{
	cs_federation *federation;
	int room;
} reading;

static void
add_member(const Datum *row, const bool *nulls, void *data)
{
	reading *r = data;
	cs_federation *f = r->federation;
	cs_member *member;

	if (f->count == r->room)
	{
		r->room *= 2;
		f->members = repalloc(f->members, sizeof(cs_member) * r->room);
	}
	member = &f->members[f->count++];
	memset(member, 0, sizeof(*member));
	member->name = TextDatumGetCString(row[MEMBER_NAME]);
	member->server = nulls[MEMBER_SERVER] ? NULL : pstrdup(NameStr(*DatumGetName(row[MEMBER_SERVER])));
	member->store = pstrdup(NameStr(*DatumGetName(row[MEMBER_STORE])));
	if (member->server == NULL)
		member->schema = get_namespace_oid(member->store, false); /* whoever asks it looks whether it is a store */
}

/* The table's constraint may be gone. */
static void
refuse_null(bool isnull)
{
	if (isnull)
		ereport(ERROR,
			(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("a placement of a federation has a null among its environments or profiles")));
}

static void
read_environments(cs_placement *placement, Datum array)
{
	ArrayType *a = DatumGetArrayTypeP(array);
	Datum *elements;
	bool *nulls;

	deconstruct_array(a, ARR_ELEMTYPE(a), -1, false, TYPALIGN_INT, &elements, &nulls, &placement->environment_count);
	placement->environments = palloc(sizeof(cs_item) * Max(placement->environment_count, 1));
	for (int i = 0; i < placement->environment_count; i++)
	{
		refuse_null(nulls[i]);
		placement->environments[i] = cs_pg_item(datumCopy(elements[i], false, -1));
	}
}

static void
read_profiles(cs_placement *placement, Datum array)
{
	Datum *elements;
	bool *nulls;

	deconstruct_array(DatumGetArrayTypeP(array), TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &placement->profile_count);
	placement->profiles = palloc(sizeof(cs_span) * Max(placement->profile_count, 1));
	for (int i = 0; i < placement->profile_count; i++)
	{
		refuse_null(nulls[i]);
		placement->profiles[i] = cs_pg_utf8_text(datumCopy(elements[i], false, -1));
	}
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const cs_member *) a)->name, ((const cs_member *) b)->name);
}

static cs_member *
find_member(cs_federation *f, const char *name)
{
	cs_member wanted = { .name = name };

	return bsearch(&wanted, f->members, (size_t) f->count, sizeof(cs_member), by_name);
}

static void
add_placement(const Datum *row, const bool *nulls, void *data)
{
	reading *r = data;
	cs_member *member;
	cs_placement *placement;

	member = find_member(r->federation, TextDatumGetCString(row[PLACEMENT_MEMBER]));
	if (member == NULL)
		return; /* the foreign key is gone, or its trigger did not run */
	if ((member->placement_count & (member->placement_count - 1)) == 0)
	{
		int room = Max(member->placement_count * 2, 1);

		member->placements =
			member->placements == NULL ? palloc(sizeof(cs_placement)) : repalloc(member->placements, sizeof(cs_placement) * room);
	}
	placement = &member->placements[member->placement_count++];
	memset(placement, 0, sizeof(*placement));
	placement->valid_from = DatumGetTimestampTz(row[PLACEMENT_VALID_FROM]);
	placement->valid_until = DatumGetTimestampTz(row[PLACEMENT_VALID_UNTIL]);
	placement->authority = *DatumGetUUIDP(row[PLACEMENT_AUTHORITY]);
	if (!nulls[PLACEMENT_ENVIRONMENTS])
		read_environments(placement, row[PLACEMENT_ENVIRONMENTS]);
	if (!nulls[PLACEMENT_PROFILES])
		read_profiles(placement, row[PLACEMENT_PROFILES]);
}

cs_federation *
cs_federation_read_all(Oid schema)
{
	reading r = { .federation = palloc0(sizeof(cs_federation)), .room = 8 };
	Oid member = get_relname_relid("member", schema), placement = get_relname_relid("placement", schema);

	if (!OidIsValid(member) || !OidIsValid(placement))
		refuse_schema(schema);
	r.federation->schema = schema;
	r.federation->members = palloc(sizeof(cs_member) * r.room);
	read_table(member, member_columns, lengthof(member_columns), add_member, &r);
	qsort(r.federation->members, (size_t) r.federation->count, sizeof(cs_member), by_name);
	read_table(placement, placement_columns, lengthof(placement_columns), add_placement, &r);
	return r.federation;
}

static bool
covers_profile(const cs_placement *placement, cs_span profile)
{
	for (int i = 0; i < placement->profile_count; i++)
		if (cs_span_eq(placement->profiles[i], profile))
			return true;
	return placement->profiles == NULL;
}

static bool
covers_environment(const cs_placement *placement, const cs_item *environment)
{
	for (int i = 0; environment != NULL && i < placement->environment_count; i++)
		if (cs_env_satisfies(environment, &placement->environments[i]))
			return true;
	return placement->environments == NULL;
}

bool
cs_member_has(const cs_member *member, const pg_uuid_t *authority)
{
	for (int i = 0; i < member->placement_count; i++)
		if (memcmp(&member->placements[i].authority, authority, UUID_LEN) == 0)
			return true;
	return false;
}

bool
cs_member_believed(const cs_member *member, const pg_uuid_t *authority, const cs_item *environment, cs_span profile)
{
	for (int i = 0; i < member->placement_count; i++)
	{
		const cs_placement *placement = &member->placements[i];

		if (memcmp(&placement->authority, authority, UUID_LEN) == 0 && covers_profile(placement, profile) &&
			covers_environment(placement, environment))
			return true;
	}
	return false;
}

#define MOST_ATTRIBUTES 32

typedef struct cs_attributes
{
	cs_env_attr all[MOST_ATTRIBUTES];
	size_t count;
} cs_attributes;

/* Where an environment has more attributes than these, nobody knows of the others. */
static void
read_attributes(const cs_item *environment, cs_attributes *out)
{
	out->count = Min(cs_env_attrs(environment, out->all, MOST_ATTRIBUTES), MOST_ATTRIBUTES);
}

/* Is there no environment that contains both? */
static bool
contradict(const cs_attributes *a, const cs_item *environment)
{
	cs_attributes b;

	read_attributes(environment, &b);
	for (size_t i = 0; i < a->count; i++)
		for (size_t k = 0; k < b.count; k++)
			if (a->all[i].path == b.all[k].path && a->all[i].path != CS_PATH_OTHER && !cs_span_eq(a->all[i].value, b.all[k].value))
				return true;
	return false;
}

/* Could an environment be selected, and a member be believed when it says something of that? */
static bool
may_speak_of(const cs_member *member, const cs_attributes *selector, cs_span profile)
{
	for (int i = 0; i < member->placement_count; i++)
	{
		const cs_placement *placement = &member->placements[i];

		for (int k = 0; covers_profile(placement, profile) && k < placement->environment_count; k++)
			if (!contradict(selector, &placement->environments[k]))
				return true;
	}
	return false;
}

/* Whatever environment is asked for. Documents without a profile answer too (doc/conformance.md, decision 27), but none is believed where
 * profiles are named. */
static bool
may_speak(const cs_member *member, cs_span profile, bool by_subject)
{
	for (int i = 0; i < member->placement_count; i++)
		if (covers_profile(&member->placements[i], profile) && (!by_subject || member->placements[i].environments == NULL))
			return true;
	return false;
}

bool *
cs_members_to_ask(const cs_federation *federation, const cs_query *query, bool by_subject)
{
	bool *to_ask = palloc(sizeof(bool) * Max(federation->count, 1));

	for (int m = 0; m < federation->count; m++)
		to_ask[m] = may_speak(&federation->members[m], query->profile, by_subject);
	for (size_t i = 0; by_subject && i < query->selector_count; i++)
	{
		cs_item environment = cs_item_at(query->selectors[i].environment.data, query->selectors[i].environment.len);
		cs_attributes selector;

		CHECK_FOR_INTERRUPTS();
		read_attributes(&environment, &selector);
		for (int m = 0; m < federation->count; m++)
			to_ask[m] = to_ask[m] || may_speak_of(&federation->members[m], &selector, query->profile);
	}
	return to_ask;
}

Datum
cs_member_authorities(const cs_member *member)
{
	Datum *ids = palloc(sizeof(Datum) * Max(member->placement_count, 1));

	for (int i = 0; i < member->placement_count; i++)
		ids[i] = UUIDPGetDatum(&member->placements[i].authority);
	return PointerGetDatum(construct_array(ids, member->placement_count, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR));
}

char *
cs_member_authorities_text(const cs_member *member)
{
	StringInfoData out;

	initStringInfo(&out);
	for (int i = 0; i < member->placement_count; i++)
		appendStringInfo(&out, "%c%s", i == 0 ? '{' : ',',
			DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(&member->placements[i].authority))));
	appendStringInfoString(&out, member->placement_count == 0 ? "{}" : "}");
	return out.data;
}

/* Where a server is, as its options say: another host behind the same name is another member. */
static void
put_server(cs_buf *out, const char *name)
{
	ForeignServer *server = GetForeignServerByName(name, true);
	ListCell *cell;

	cs_put_cstr(out, name);
	foreach (cell, server != NULL ? server->options : NIL)
	{
		DefElem *option = lfirst(cell);

		cs_put_cstr(out, option->defname);
		cs_put_cstr(out, defGetString(option));
	}
}

char *
cs_federation_digest(const cs_federation *federation)
{
	uint8_t digest[32];
	StringInfoData hex;
	cs_buf said;
	cs_ctx ctx;

	cs_pg_ctx_stored(&ctx);
	cs_buf_init(&said, &ctx);
	for (int i = 0; i < federation->count; i++)
	{
		const cs_member *member = &federation->members[i];

		cs_put_array(&said, 3);
		cs_put_cstr(&said, member->name);
		cs_put_cstr(&said, member->store);
		if (member->server != NULL)
			put_server(&said, member->server);
		else
			cs_put_null(&said);
	}
	cs_pg_require(cs_buf_ok(&said) && cs_sha256(&ctx, cs_buf_span(&said), digest), &ctx, NULL);
	initStringInfo(&hex);
	for (int i = 0; i < 8; i++)
		appendStringInfo(&hex, "%02x", digest[i]);
	return hex.data;
}
