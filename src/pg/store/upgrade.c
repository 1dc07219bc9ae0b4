/*
 * upgrade.c - upgrade_store(): a store that an older version made gets the form of this one.
 *
 * Steps (sql/steps) change its tables. Everything else is the template's: its statements run again, CREATE as CREATE OR REPLACE, and
 * what is there already of tables and indexes is left as it is. So grants, policies, columns, indexes and views that users added stay.
 * What the server cannot replace, a function with another result or a view with other columns, is dropped with what depends on it and
 * made anew with its grants, where all that depends on it is the template's too.
 */
#include "template.h"

#include "access/table.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/parsenodes.h"
#include "parser/parse_func.h"
#include "parser/parse_type.h"
#include "parser/parser.h"
#include "storage/lmgr.h"
#include "tcop/dest.h"
#include "tcop/utility.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/resowner.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "limit.h"
#include "pg/base/store.h"
#include "roles.h"

PG_FUNCTION_INFO_V1(coserv_upgrade_store);
PG_FUNCTION_INFO_V1(coserv_store_form);

typedef struct cs_upgrade
{
	Oid store;
	const char *name;
	const char *template; /* the store's own */
	List *statements;	  /* of RawStmt */
	List *grants;		  /* of char *: for what had to be dropped */
} cs_upgrade;

/* --- which form it has --- */

/* store_form(store regnamespace) -> integer; NULL: the schema is no store, or does not say */
Datum
coserv_store_form(PG_FUNCTION_ARGS)
{
	int form = cs_store_form(PG_GETARG_OID(0));

	if (form == 0)
		PG_RETURN_NULL();
	PG_RETURN_INT32(form);
}

static int
require_form(const cs_upgrade *upgrade)
{
	int form = cs_store_form(upgrade->store);

	if (form <= 0)
		ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE), errmsg("store \"%s\" does not say which form it has", upgrade->name),
				errdetail("Its function form() is missing, or was replaced."),
				errhint("Make it again as the version of coserv had it that made the store.")));
	if (form > cs_store_current_form())
		cs_store_require_form(upgrade->store);
	return form;
}

/* --- what the template makes --- */

static Oid
relation_of(const cs_upgrade *upgrade, const RangeVar *relation)
{
	return get_relname_relid(relation->relname, upgrade->store);
}

static Oid
function_of(const CreateFunctionStmt *statement)
{
	ObjectWithArgs *object = makeNode(ObjectWithArgs);
	ListCell *cell;

	object->objname = statement->funcname;
	foreach (cell, statement->parameters)
	{
		const FunctionParameter *parameter = lfirst_node(FunctionParameter, cell);

		if (parameter->mode != FUNC_PARAM_OUT && parameter->mode != FUNC_PARAM_TABLE)
			object->objargs = lappend(object->objargs, parameter->argType);
	}
	return LookupFuncWithArgs(OBJECT_FUNCTION, object, true);
}

/* OIDs of its tables and views, or of its functions, as far as they are there. */
static List *
objects_of(const cs_upgrade *upgrade, bool functions)
{
	List *oids = NIL;
	ListCell *cell;

	foreach (cell, upgrade->statements)
	{
		Node *statement = lfirst_node(RawStmt, cell)->stmt;
		Oid oid = InvalidOid;

		if (functions)
			oid = IsA(statement, CreateFunctionStmt) ? function_of((CreateFunctionStmt *) statement) : InvalidOid;
		else if (IsA(statement, CreateStmt))
			oid = relation_of(upgrade, ((CreateStmt *) statement)->relation);
		else if (IsA(statement, ViewStmt))
			oid = relation_of(upgrade, ((ViewStmt *) statement)->view);
		if (OidIsValid(oid))
			oids = lappend_oid(oids, oid);
	}
	return oids;
}

static Datum
oid_array(List *oids)
{
	Datum *values = palloc(sizeof(Datum) * (size_t) Max(list_length(oids), 1));
	int count = 0;
	ListCell *cell;

	foreach (cell, oids)
		values[count++] = ObjectIdGetDatum(lfirst_oid(cell));
	return PointerGetDatum(construct_array(values, count, OIDOID, sizeof(Oid), true, TYPALIGN_INT));
}

/* --- locks --- */

/* The first that somebody else has, or InvalidOid: then all are locked. */
static Oid
try_all(List *relations, Oid locked)
{
	ListCell *cell, *back;

	foreach (cell, relations)
	{
		Oid relation = lfirst_oid(cell);

		if (relation == locked || ConditionalLockRelationOid(relation, AccessExclusiveLock))
			continue;
		foreach (back, relations)
		{
			if (back == cell)
				break;
			if (lfirst_oid(back) != locked)
				UnlockRelationOid(lfirst_oid(back), AccessExclusiveLock);
		}
		return relation;
	}
	return InvalidOid;
}

/* All tables and views at once: who waits for one of them holds none of the others, so that nobody who loads or reads is in a deadlock. */
static void
lock_all(List *relations)
{
	Oid locked = InvalidOid, busy;

	while (OidIsValid(busy = try_all(relations, locked)))
	{
		if (OidIsValid(locked))
			UnlockRelationOid(locked, AccessExclusiveLock);
		CHECK_FOR_INTERRUPTS();
		LockRelationOid(busy, AccessExclusiveLock);
		locked = busy;
	}
}

/* --- tables: what no step has brought there --- */

static void
wrong_table(const cs_upgrade *upgrade, const char *table, const char *what)
{
	ereport(ERROR,
		(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE), errmsg("cannot upgrade store \"%s\": table %s %s", upgrade->name, table, what),
			errdetail("No step brings that: something other than coserv has changed the table."),
			errhint("Make the table as it was, and upgrade again.")));
}

static bool
must_not_be_null(const ColumnDef *column)
{
	ListCell *cell;

	if (column->is_not_null)
		return true;
	foreach (cell, column->constraints)
	{
		ConstrType type = lfirst_node(Constraint, cell)->contype;

		if (type == CONSTR_NOTNULL || type == CONSTR_PRIMARY)
			return true;
	}
	return false;
}

static void
require_column(const cs_upgrade *upgrade, Relation table, const ColumnDef *column)
{
	AttrNumber number = get_attnum(RelationGetRelid(table), column->colname);
	int32 modifier;
	Oid type;
	Form_pg_attribute attribute;

	typenameTypeIdAndMod(NULL, column->typeName, &type, &modifier);
	if (number == InvalidAttrNumber)
		wrong_table(upgrade, RelationGetRelationName(table), psprintf("has no column \"%s\"", column->colname));
	attribute = TupleDescAttr(RelationGetDescr(table), number - 1);
	if (attribute->atttypid != type || attribute->atttypmod != modifier)
		wrong_table(upgrade, RelationGetRelationName(table),
			psprintf("has column \"%s\" of type %s, not %s", column->colname,
				format_type_with_typemod(attribute->atttypid, attribute->atttypmod), format_type_with_typemod(type, modifier)));
	if (must_not_be_null(column) && !attribute->attnotnull)
		wrong_table(upgrade, RelationGetRelationName(table), psprintf("lets column \"%s\" be null", column->colname));
}

static bool
is_primary(const Constraint *constraint)
{
	return constraint->contype == CONSTR_PRIMARY;
}

static bool
has_primary(const CreateStmt *statement)
{
	ListCell *cell, *of_column;

	foreach (cell, statement->tableElts)
	{
		Node *element = lfirst(cell);

		if (IsA(element, Constraint) && is_primary((Constraint *) element))
			return true;
		if (!IsA(element, ColumnDef))
			continue;
		foreach (of_column, ((ColumnDef *) element)->constraints)
			if (is_primary(lfirst_node(Constraint, of_column)))
				return true;
	}
	return false;
}

static void
require_table(const cs_upgrade *upgrade, const CreateStmt *statement)
{
	Relation table = table_open(relation_of(upgrade, statement->relation), AccessShareLock);
	ListCell *cell;

	foreach (cell, statement->tableElts)
		if (IsA(lfirst(cell), ColumnDef))
			require_column(upgrade, table, lfirst_node(ColumnDef, cell));
	list_free(RelationGetIndexList(table));
	if (has_primary(statement) && !OidIsValid(table->rd_pkindex))
		wrong_table(upgrade, RelationGetRelationName(table), "has no primary key");
	table_close(table, AccessShareLock);
}

/* --- what cannot be replaced --- */

/*
 * Objects that go with function or view $2 of class $1, at any depth: what each is where it is none of the template's ($3 relations, $4
 * functions), and the statements that grant what it grants. A row type belongs to its view.
 */
#define DROPPED                                                                                                                         \
	"WITH RECURSIVE gone (classid, objid) AS (SELECT $1, $2 UNION SELECT CASE d.classid WHEN 'pg_rewrite'::regclass THEN"               \
	" 'pg_class'::regclass::oid ELSE d.classid END, COALESCE((SELECT r.ev_class FROM pg_rewrite r WHERE d.classid = "                   \
	"'pg_rewrite'::regclass"                                                                                                            \
	" AND r.oid = d.objid), d.objid) FROM gone g JOIN pg_depend d ON d.refclassid = g.classid AND d.refobjid = g.objid),"               \
	" acl (object, acl, columns) AS (SELECT format('TABLE %s', c.oid::regclass), c.relacl, '' FROM gone g JOIN pg_class c ON c.oid = "  \
	"g.objid"                                                                                                                           \
	"  WHERE g.classid = 'pg_class'::regclass UNION ALL SELECT format('TABLE %s', a.attrelid::regclass), a.attacl, format(' (%I)', "    \
	"a.attname)"                                                                                                                        \
	"  FROM gone g JOIN pg_attribute a ON a.attrelid = g.objid WHERE g.classid = 'pg_class'::regclass"                                  \
	"  UNION ALL SELECT format('FUNCTION %s', p.oid::regprocedure), p.proacl, '' FROM gone g JOIN pg_proc p ON p.oid = g.objid"         \
	"  WHERE g.classid = 'pg_proc'::regclass)"                                                                                          \
	" SELECT pg_describe_object(g.classid, g.objid, 0), NULL FROM gone g WHERE g.classid <> 'pg_type'::regclass AND NOT"                \
	" (g.classid = 'pg_class'::regclass AND g.objid = ANY ($3) OR g.classid = 'pg_proc'::regclass AND g.objid = ANY ($4))"              \
	" UNION ALL SELECT NULL, format('REVOKE ALL ON %s FROM PUBLIC', object) FROM acl WHERE acl IS NOT NULL AND columns = ''"            \
	" UNION ALL SELECT NULL, format('GRANT %s%s ON %s TO %s%s', x.privilege_type, columns, object, CASE x.grantee WHEN 0 THEN 'PUBLIC'" \
	"  ELSE quote_ident(pg_get_userbyid(x.grantee)) END, CASE WHEN x.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)"               \
	"  FROM acl, aclexplode(acl) x WHERE acl IS NOT NULL"

static void
drop(cs_upgrade *upgrade, Oid class, Oid object)
{
	MemoryContext caller = CurrentMemoryContext;
	Oid types[4] = { OIDOID, OIDOID, OIDARRAYOID, OIDARRAYOID };
	Datum args[4] = { ObjectIdGetDatum(class), ObjectIdGetDatum(object), oid_array(objects_of(upgrade, false)),
		oid_array(objects_of(upgrade, true)) };
	ObjectAddress address = { .classId = class, .objectId = object };

	if (SPI_execute_with_args(DROPPED, 4, types, args, NULL, false, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read what depends on an object of a store");
	MemoryContextSwitchTo(caller);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		char *other = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1);

		if (other != NULL)
			ereport(ERROR,
				(errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
					errmsg("cannot upgrade store \"%s\": %s cannot be made anew", upgrade->name, getObjectDescription(&address, false)),
					errdetail("It is another one in this version, and %s depends on it.", other),
					errhint("Drop that, upgrade, and make it again.")));
		upgrade->grants = lappend(upgrade->grants, SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 2));
	}
	performDeletion(&address, DROP_CASCADE, PERFORM_DELETION_QUIETLY);
	CommandCounterIncrement();
}

/* --- the template again --- */

static void
run_statement(const cs_upgrade *upgrade, RawStmt *raw)
{
	PlannedStmt *planned = makeNode(PlannedStmt);

	planned->commandType = CMD_UTILITY;
	planned->utilityStmt = copyObjectImpl(raw->stmt);
	planned->stmt_location = raw->stmt_location;
	planned->stmt_len = raw->stmt_len;
	PushActiveSnapshot(GetTransactionSnapshot());
	ProcessUtility(planned, upgrade->template, false, PROCESS_UTILITY_QUERY, NULL, NULL, None_Receiver, NULL);
	PopActiveSnapshot();
	CommandCounterIncrement();
}

/* What it would replace; class of the object. InvalidOid: nothing, or it can be replaced whatever it is. */
static Oid
replaced_by(const cs_upgrade *upgrade, Node *statement, Oid *class)
{
	*class = IsA(statement, ViewStmt) ? RelationRelationId : ProcedureRelationId;
	if (IsA(statement, ViewStmt))
		return relation_of(upgrade, ((ViewStmt *) statement)->view);
	return IsA(statement, CreateFunctionStmt) ? function_of((CreateFunctionStmt *) statement) : InvalidOid;
}

/* False where the server says that this is another object. */
static bool
replace(const cs_upgrade *upgrade, RawStmt *raw)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	volatile bool replaced = true;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		run_statement(upgrade, raw);
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		int code = geterrcode();

		if (code != ERRCODE_INVALID_FUNCTION_DEFINITION && code != ERRCODE_INVALID_TABLE_DEFINITION)
			PG_RE_THROW();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		replaced = false;
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	return replaced;
}

/* Statements that make something make it again; false where the statement needs not run. */
static bool
prepare_statement(const cs_upgrade *upgrade, Node *statement)
{
	switch (nodeTag(statement))
	{
		case T_CreateFunctionStmt:
			((CreateFunctionStmt *) statement)->replace = true;
			return true;
		case T_ViewStmt:
			((ViewStmt *) statement)->replace = true;
			return true;
		case T_CreateTrigStmt:
			((CreateTrigStmt *) statement)->replace = true;
			return true;
		case T_CreateStmt:
			return !OidIsValid(relation_of(upgrade, ((CreateStmt *) statement)->relation));
		case T_IndexStmt:
			return !OidIsValid(get_relname_relid(((IndexStmt *) statement)->idxname, upgrade->store));
		case T_AlterTableStmt:
		case T_CommentStmt:
			return true;
		default:
			elog(ERROR, "a store's template has a statement that cannot be run again: %d", (int) nodeTag(statement));
	}
}

/* False: something had to be dropped, and what depended on it may have been made before. */
static bool
run_template(cs_upgrade *upgrade)
{
	ListCell *cell;

	foreach (cell, upgrade->statements)
	{
		RawStmt *raw = lfirst_node(RawStmt, cell);
		Oid class, object;

		CHECK_FOR_INTERRUPTS();
		if (!prepare_statement(upgrade, raw->stmt))
		{
			if (IsA(raw->stmt, CreateStmt))
				require_table(upgrade, (CreateStmt *) raw->stmt);
			continue;
		}
		object = replaced_by(upgrade, raw->stmt, &class);
		if (!OidIsValid(object))
			run_statement(upgrade, raw);
		else if (!replace(upgrade, raw))
		{
			drop(upgrade, class, object);
			return false;
		}
	}
	return true;
}

/* --- all of it --- */

static void
say_which_step(void *arg)
{
	errcontext("step of a coserv store to form %d", *(const int *) arg + 1);
}

static void
run_steps(const cs_upgrade *upgrade, int form)
{
	ErrorContextCallback context = { .previous = error_context_stack, .callback = say_which_step, .arg = &form };

	error_context_stack = &context;
	for (; form < cs_store_current_form(); form++)
		cs_store_run_sql(cs_store_expand(cs_store_step(form), upgrade->name));
	error_context_stack = context.previous;
}

static int
upgrade_as_owner(cs_upgrade *upgrade)
{
	List *granted;
	ListCell *cell;
	int form;

	lock_all(objects_of(upgrade, false));
	form = require_form(upgrade);
	granted = cs_roles_granted(upgrade->store);
	run_steps(upgrade, form);
	while (!run_template(upgrade))
		;
	foreach (cell, upgrade->grants)
		cs_store_run_sql(lfirst(cell));
	cs_roles_grant_again(upgrade->store, granted);
	cs_limits_renew(upgrade->store);
	return form;
}

static Oid
owner_of(Oid schema)
{
	HeapTuple tuple = SearchSysCache1(NAMESPACEOID, ObjectIdGetDatum(schema));
	Oid owner;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for schema %u", schema);
	owner = ((Form_pg_namespace) GETSTRUCT(tuple))->nspowner;
	ReleaseSysCache(tuple);
	return owner;
}

/* upgrade_store(name text) -> integer: the form that it had */
Datum
coserv_upgrade_store(PG_FUNCTION_ARGS)
{
	cs_upgrade upgrade = { .name = cs_store_checked_name(PG_GETARG_DATUM(0)) };
	Oid user;
	int sec_context, form, nest;

	upgrade.store = get_namespace_oid(upgrade.name, false);
	cs_store_require(upgrade.store);
	cs_store_require_owner(upgrade.store);
	cs_spi_connect();
	nest = NewGUCNestLevel();
	(void) set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	(void) set_config_option("client_min_messages", "warning", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	upgrade.template = cs_store_expand(cs_store_template(), upgrade.name);
	upgrade.statements = raw_parser(upgrade.template, RAW_PARSE_DEFAULT);
	/* what is made belongs to whom the store belongs, whoever upgrades it */
	GetUserIdAndSecContext(&user, &sec_context);
	SetUserIdAndSecContext(owner_of(upgrade.store), sec_context | SECURITY_LOCAL_USERID_CHANGE);
	form = upgrade_as_owner(&upgrade);
	SetUserIdAndSecContext(user, sec_context);
	AtEOXact_GUC(true, nest);
	SPI_finish();
	PG_RETURN_INT32(form);
}
