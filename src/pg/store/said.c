/*
 * said.c - the triggers of the tables authority, revocation, policy and profile: what is written there is said in truth, with a moment
 * of the store's clock where order matters; what truth brings is written there (truth.h). History is kept: only an authority is ever
 * changed, and of what was said of it the last counts.
 */
#include "settle.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "common/hashfn.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#include "pg/base/store.h"
#include "pg/base/sweep.h"
#include "pg/base/trigger.h"

PG_FUNCTION_INFO_V1(coserv_said_guard);
PG_FUNCTION_INFO_V1(coserv_said);

/* A row on its way into its table, or out of it. */
typedef struct cs_said
{
	TriggerData *trigger;
	Relation table;
	TupleDesc desc;
	Oid store;
	cs_truth_kind kind;
	HeapTuple tuple; /* as it shall be; of a DELETE, as it was */
	cs_as_owner self;
} cs_said;

static void
open_said(FunctionCallInfo fcinfo, const char *name, cs_said *said)
{
	TriggerData *trigger = cs_row_trigger(fcinfo, name);

	*said = (cs_said) { .trigger = trigger, .table = trigger->tg_relation, .desc = RelationGetDescr(trigger->tg_relation) };
	said->store = RelationGetNamespace(said->table);
	said->kind = cs_truth_kind_of(RelationGetRelationName(said->table));
	said->tuple = cs_trigger_row(trigger);
	if (said->kind == 0)
		ereport(ERROR,
			(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				errmsg("table \"%s\" is none of a coserv store", RelationGetRelationName(said->table))));
}

static int
number_of(const cs_said *said, const char *name)
{
	int number = SPI_fnumber(said->desc, name);

	if (number <= 0)
		ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_COLUMN),
				errmsg("table %s of a coserv store has no column \"%s\"", RelationGetRelationName(said->table), name)));
	return number;
}

static Datum
value_of(const cs_said *said, HeapTuple tuple, const char *name, bool *isnull)
{
	return heap_getattr(tuple, number_of(said, name), said->desc, isnull);
}

static void
set_value(cs_said *said, const char *name, Datum value, bool isnull)
{
	int number = number_of(said, name);

	said->tuple = heap_modify_tuple_by_cols(said->tuple, said->desc, 1, &number, &value, &isnull);
}

static void
begin(cs_said *said)
{
	cs_become_owner(RelationGetRelid(said->table), &said->self);
	cs_spi_connect();
}

static void
end(cs_said *said)
{
	SPI_finish();
	cs_become_self(&said->self);
}

/* --- what it says --- */

/* The body that the row says, in the current memory context. */
static Datum
body_of(const cs_said *said)
{
	const char *const *columns = cs_truth_columns(said->kind);
	Datum values[CS_TRUTH_MAX_COLUMNS];
	bool nulls[CS_TRUTH_MAX_COLUMNS];
	Oid types[CS_TRUTH_MAX_COLUMNS];
	int count = 0;

	for (; columns[count] != NULL; count++)
	{
		values[count] = value_of(said, said->tuple, columns[count], &nulls[count]);
		types[count] = SPI_gettypeid(said->desc, number_of(said, columns[count]));
	}
	return cs_truth_body(count, values, nulls, types);
}

/* That an authority is no more: its key alone. */
static Datum
removal_of(const cs_said *said)
{
	Datum key;
	bool isnull;
	Oid type = SPI_gettypeid(said->desc, number_of(said, "key"));

	key = value_of(said, said->tuple, "key", &isnull);
	return cs_truth_body(1, &key, &isnull, &type);
}

/* --- the guard --- */

/* Raise where a person writes; say so and skip the row where a worker does. */
static Datum
refuse(const cs_said *said, const char *what, const char *hint)
{
	ereport(cs_is_replicating() ? WARNING : ERROR,
		(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE), errmsg(what, RelationGetRelationName(said->table)), errhint("%s", hint)));
	return PointerGetDatum(NULL);
}

static bool
same_key(const cs_said *said)
{
	bool anull, bnull;
	Datum a = value_of(said, said->trigger->tg_trigtuple, "key", &anull);
	Datum b = value_of(said, said->trigger->tg_newtuple, "key", &bnull);

	return !anull && !bnull && cs_span_eq(cs_pg_span(a), cs_pg_span(b));
}

/* The authority that a name means; an id that is given goes before it. */
static void
resolve_authority(cs_said *said)
{
	bool isnull, id_null;
	Datum name = value_of(said, said->tuple, "authority", &isnull);
	Datum id = value_of(said, said->tuple, "authority_id", &id_null);
	HeapTuple row = NULL;

	if (isnull && id_null)
		return;
	if (id_null)
	{
		cs_run_latest(said->store, CS_STMT_AUTHORITY_BY_NAME, &name, NULL);
		if (SPI_processed == 0)
			ereport(ERROR,
				(errcode(ERRCODE_FOREIGN_KEY_VIOLATION), errmsg("authority \"%s\" does not exist", cs_pg_shown(name)),
					errhint("Insert it into the store's table authority.")));
		if (SPI_processed > 1)
			ereport(ERROR,
				(errcode(ERRCODE_CARDINALITY_VIOLATION),
					errmsg("there are %d authorities with the name \"%s\"", (int) SPI_processed, cs_pg_shown(name)),
					errhint("Say which by authority_id.")));
		id = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &id_null);
		set_value(said, "authority_id", id, false);
		return;
	}
	cs_run_latest(said->store, CS_STMT_AUTHORITY_BY_ID, &id, NULL);
	if (SPI_processed > 0)
		row = SPI_tuptable->vals[0];
	set_value(said, "authority", row ? SPI_getbinval(row, SPI_tuptable->tupdesc, 2, &isnull) : (Datum) 0, row == NULL);
}

/* What a policy is not told stays as it is. */
static void
complete_policy(cs_said *said)
{
	static const char *const columns[] = { "require_cotl", "refuse_older", "notify", "generation" };
	bool isnull;
	HeapTuple last = NULL;
	TupleDesc desc = NULL;

	cs_run_latest(said->store, CS_STMT_LAST_POLICY, NULL, NULL);
	if (SPI_processed > 0)
	{
		last = SPI_tuptable->vals[0];
		desc = SPI_tuptable->tupdesc;
	}
	for (int i = 0; i < (int) lengthof(columns); i++)
	{
		(void) value_of(said, said->tuple, columns[i], &isnull);
		if (isnull)
			set_value(said, columns[i], last ? SPI_getbinval(last, desc, i + 1, &isnull) : BoolGetDatum(false), false);
	}
}

/* Here a name means one key: else nobody could tell what is meant. */
static void
require_own_name(cs_said *said, const pg_uuid_t *id)
{
	bool isnull;
	Datum name = value_of(said, said->tuple, "name", &isnull);

	if (isnull)
		return;
	cs_run_latest(said->store, CS_STMT_AUTHORITY_BY_NAME, &name, NULL);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		Datum other = SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &isnull);

		if (memcmp(DatumGetUUIDP(other)->data, id->data, UUID_LEN) != 0)
			ereport(ERROR,
				(errcode(ERRCODE_UNIQUE_VIOLATION), errmsg("authority \"%s\" has another key", cs_pg_shown(name)),
					errhint("Give the new key a name of its own.")));
	}
}

static pg_uuid_t
id_of_key(const cs_said *said)
{
	pg_uuid_t id;
	bool isnull;
	Datum key = value_of(said, said->tuple, "key", &isnull);

	if (isnull)
		ereport(ERROR, (errcode(ERRCODE_NOT_NULL_VIOLATION), errmsg("an authority needs a key")));
	cs_uuid_of_bytes(cs_pg_span(key), &id);
	return id;
}

static void
require_no_other_authority(cs_said *said, const pg_uuid_t *id)
{
	Datum arg = UUIDPGetDatum(id);

	cs_run_latest(said->store, CS_STMT_AUTHORITY_BY_ID, &arg, NULL);
	if (SPI_processed == 0)
		return;
	ereport(ERROR,
		(errcode(ERRCODE_UNIQUE_VIOLATION),
			errmsg("the key is that of authority \"%s\" already", SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2)),
			errhint("Update that row: name, shown_as, validity and scope may change.")));
}

/* Does order matter? Then whoever says it holds the order until the commit. */
static bool
is_ordered(cs_truth_kind kind)
{
	return kind == CS_TRUTH_AUTHORITY || kind == CS_TRUTH_POLICY || kind == CS_TRUTH_PROFILE;
}

/* Only the owner has something erased; and that is for good. */
static void
require_may_forget(const cs_said *said)
{
	bool forgets_null, undoes_null, isnull;
	Datum forgets = value_of(said, said->tuple, "forgets", &forgets_null);
	Datum undoes = value_of(said, said->tuple, "undoes", &undoes_null);

	if (!forgets_null && DatumGetBool(forgets) && !has_privs_of_role(said->self.user, RelationGetForm(said->table)->relowner))
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE), errmsg("only the owner of a store has something forgotten")));
	if (undoes_null)
		return;
	cs_run_latest(said->store, CS_STMT_UNDOABLE, &undoes, NULL);
	if (SPI_processed > 0 && DatumGetBool(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 3, &isnull)))
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE), errmsg("what was forgotten stays forgotten")));
}

/* What was said of it last, as long as its moment lies ahead, would count in place of what is said now, here and elsewhere. */
static void
require_latest(cs_said *said, TimestampTz now)
{
	bool isnull = true;
	Datum args[2] = { 0 }, last = 0;

	if (said->kind == CS_TRUTH_AUTHORITY && !TRIGGER_FIRED_BY_INSERT(said->trigger->tg_event))
		last = value_of(said, said->trigger->tg_trigtuple, "moment", &isnull);
	else if (said->kind != CS_TRUTH_AUTHORITY)
	{
		if (said->kind == CS_TRUTH_PROFILE)
		{
			args[0] = value_of(said, said->tuple, "profile", &isnull);
			args[1] = value_of(said, said->tuple, "codepoint", &isnull);
		}
		cs_run_latest(said->store, said->kind == CS_TRUTH_POLICY ? CS_STMT_POLICY_MOMENT : CS_STMT_PROFILE_MOMENT, args, NULL);
		last = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull);
	}
	if (!isnull && DatumGetTimestampTz(last) > now)
		ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				errmsg("what was said of it last has a moment that lies too far ahead: %s", timestamptz_to_str(DatumGetTimestampTz(last))),
				errhint("A clock ran ahead when it was said. Function end_clock_ahead() of the store has it said now.")));
}

/* What is said here and now. */
static void
say(cs_said *said, cs_truth *truth)
{
	pg_uuid_t key;

	truth->kind = said->kind;
	truth->has_moment = true;
	truth->moment = is_ordered(said->kind) ? cs_truth_draw(said->store) : GetCurrentTimestamp();
	if (is_ordered(said->kind))
		require_latest(said, truth->moment);
	if (said->kind == CS_TRUTH_REVOCATION)
	{
		resolve_authority(said);
		require_may_forget(said);
		set_value(said, "said_here", BoolGetDatum(true), false);
	}
	if (said->kind == CS_TRUTH_POLICY)
		complete_policy(said);
	if (said->kind == CS_TRUTH_AUTHORITY)
	{
		key = id_of_key(said);
		require_own_name(said, &key);
		if (TRIGGER_FIRED_BY_INSERT(said->trigger->tg_event))
			require_no_other_authority(said, &key);
	}
	truth->body = body_of(said);
	cs_truth_identify(truth);
}

/* Of what it may say, so that another name or validity does not have everything verified again. */
static pg_uuid_t
scope_of(const cs_said *said)
{
	static const char *const columns[] = { "environments", "profiles", "kinds", "tag_ids", "accepts_unsigned", "accepts_legacy",
		"accepts_cose_sign", "check_issuer", "key_purposes", "strict_profile", "chains_judged_at" };
	Datum values[lengthof(columns)];
	bool nulls[lengthof(columns)];
	Oid types[lengthof(columns)];
	pg_uuid_t scope;

	for (size_t i = 0; i < lengthof(columns); i++)
	{
		values[i] = value_of(said, said->tuple, columns[i], &nulls[i]);
		types[i] = SPI_gettypeid(said->desc, number_of(said, columns[i]));
	}
	cs_uuid_of_bytes(cs_pg_span(cs_truth_body(lengthof(columns), values, nulls, types)), &scope);
	return scope;
}

static void
stamp(cs_said *said, const cs_truth *truth)
{
	static const char *const by[CS_TRUTH_KINDS] = { [CS_TRUTH_AUTHORITY] = "added_by",
		[CS_TRUTH_REVOCATION] = "revoked_by",
		[CS_TRUTH_POLICY] = "set_by",
		[CS_TRUTH_PROFILE] = "added_by",
		[CS_TRUTH_TAKEN_BACK] = "said_by" };
	pg_uuid_t id = truth->id;
	bool isnull;

	if (said->kind == CS_TRUTH_AUTHORITY)
	{
		pg_uuid_t scope = scope_of(said);

		id = id_of_key(said);
		set_value(said, "truth", UUIDPGetDatum(&truth->id), false);
		set_value(said, "scope", UUIDPGetDatum(&scope), false);
	}
	set_value(said, "id", UUIDPGetDatum(&id), false);
	set_value(said, "moment", TimestampTzGetDatum(truth->moment), false);
	if (TRIGGER_FIRED_BY_INSERT(said->trigger->tg_event))
	{
		set_value(said, "known_at", TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()), false);
		set_value(said, by[said->kind], CStringGetTextDatum(GetUserNameFromId(said->self.user, false)), false);
	}
	else
		set_value(said, "known_at", value_of(said, said->trigger->tg_trigtuple, "known_at", &isnull), false);
}

static Datum
write_row(cs_said *said)
{
	MemoryContext caller = CurrentMemoryContext;
	cs_truth truth;
	bool arrives = cs_truth_take_arrival(said->store, said->kind, &truth);
	Datum result;

	if (!arrives && cs_is_replicating())
		return refuse(said, "a row of %s came by replication, and was skipped", "Publish the table truth alone.");
	begin(said);
	if (!arrives)
		say(said, &truth);
	else if (said->kind == CS_TRUTH_REVOCATION)
		resolve_authority(said);
	stamp(said, &truth);
	MemoryContextSwitchTo(caller);
	result = PointerGetDatum(heap_copytuple(said->tuple));
	end(said);
	return result;
}

/* While moments are taken back: what they order stands behind everything else. */
static bool taking_back = false;

static void
take_back(const cs_said *said)
{
	static const cs_statement statements[] = { CS_STMT_TAKE_BACK_SAID, CS_STMT_TAKE_BACK_AUTHORITY, CS_STMT_TAKE_BACK_REMOVED,
		CS_STMT_TAKE_BACK_POLICY, CS_STMT_TAKE_BACK_PROFILE, CS_STMT_TAKE_BACK_ASIDE };
	bool isnull;
	Datum truths = value_of(said, said->tuple, "truths", &isnull);

	PG_TRY();
	{
		taking_back = true;
		for (size_t i = 0; i < lengthof(statements); i++)
			cs_run_latest(said->store, statements[i], &truths, NULL);
	}
	PG_FINALLY();
	{
		taking_back = false;
	}
	PG_END_TRY();
	cs_settle_retry(said->store, NULL);
}

static bool
is_inferred(const cs_said *said)
{
	bool isnull = true;

	if (said->kind == CS_TRUTH_REVOCATION && cs_truth_is_inferring(said->store))
		(void) value_of(said, said->tuple, "id", &isnull);
	return !isnull;
}

/* BEFORE INSERT OR UPDATE OR DELETE ON authority, revocation, policy, profile, taken_back FOR EACH ROW */
Datum
coserv_said_guard(PG_FUNCTION_ARGS)
{
	cs_said said;

	open_said(fcinfo, "coserv.said_guard", &said);
	if (TRIGGER_FIRED_BY_DELETE(said.trigger->tg_event))
	{
		if (said.kind != CS_TRUTH_AUTHORITY)
			return refuse(&said, "rows of %s are never deleted", "Add a row that takes it back.");
		if (cs_is_replicating() && !cs_truth_peek_arrival(said.store, said.kind))
			return refuse(&said, "a deletion from %s came by replication, and was skipped", "Publish the table truth alone.");
		return PointerGetDatum(said.tuple);
	}
	if (TRIGGER_FIRED_BY_UPDATE(said.trigger->tg_event))
	{
		if (taking_back || cs_is_marking(said.store))
			return PointerGetDatum(said.tuple);
		if (said.kind != CS_TRUTH_AUTHORITY)
			return refuse(&said, "rows of %s are never changed", "Add a row that takes it back.");
		if (!same_key(&said))
			return refuse(
				&said, "the key of an %s is never changed", "Insert another authority; revoke or delete this one if it no longer counts.");
	}
	else if (is_inferred(&said))
		return PointerGetDatum(said.tuple);
	return write_row(&said);
}

/* --- and what follows --- */

static void
settle_row(const cs_said *said)
{
	bool isnull;
	Datum id = value_of(said, said->tuple, "id", &isnull);

	cs_settle_later(said->store, said->kind, DatumGetUUIDP(id));
}

/* Who removes it may not know what it has said. */
static void
tell_what_becomes(const cs_said *said, Datum id)
{
	bool isnull;
	int64 count;

	cs_run_latest(said->store, CS_STMT_SAID_BY, &id, NULL);
	count = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	if (count > 0)
		ereport(NOTICE,
			(errmsg(
				 "manifests of authority \"%s\": " INT64_FORMAT, TextDatumGetCString(value_of(said, said->tuple, "name", &isnull)), count),
				errdetail("From the commit on they answer nothing, but for those that another authority may say: they are tried under it."),
				errhint("Their documents stay. Insert the authority again to have them answer again.")));
}

static void
remember_removal(const cs_said *said, const cs_truth *truth)
{
	bool isnull;
	Datum args[3] = { value_of(said, said->tuple, "id", &isnull), TimestampTzGetDatum(truth->moment), UUIDPGetDatum(&truth->id) };

	cs_run_latest(said->store, CS_STMT_AUTHORITY_REMOVED, args, NULL);
	tell_what_becomes(said, args[0]);
}

/* What was revoked before has left entries behind, as what is superseded has. */
static void
sweep_revoked(const cs_said *said)
{
	static const char *const columns[] = { "manifest", "authority_id", "tag_id" };
	bool isnull;
	pg_uuid_t *id = DatumGetUUIDP(value_of(said, said->tuple, "id", &isnull));
	Datum args[lengthof(columns)];
	char nulls[lengthof(columns) + 1] = { 0 };

	if (!cs_sweep_is_due(hash_bytes(id->data, UUID_LEN), 1))
		return;
	for (size_t i = 0; i < lengthof(columns); i++)
	{
		args[i] = value_of(said, said->tuple, columns[i], &isnull);
		nulls[i] = isnull ? 'n' : ' ';
	}
	cs_run_latest(said->store, CS_STMT_REVOKED_ENVIRONMENT, args, nulls);
	if (SPI_processed > 0)
		cs_sweep(said->store, CS_LOOKUP_TRIPLE, SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
}

/* The row of truth that says what the row says. */
static void
write_truth(cs_said *said)
{
	bool isnull;
	cs_truth truth = { .kind = said->kind, .has_moment = said->kind != CS_TRUTH_CRL };
	pg_uuid_t given;

	if (TRIGGER_FIRED_BY_DELETE(said->trigger->tg_event))
	{
		truth.moment = cs_truth_draw(said->store);
		require_latest(said, truth.moment);
		truth.body = removal_of(said);
		cs_truth_identify(&truth);
		(void) cs_truth_write(said->store, &truth);
		remember_removal(said, &truth);
		return;
	}
	given = *DatumGetUUIDP(value_of(said, said->tuple, said->kind == CS_TRUTH_AUTHORITY ? "truth" : "id", &isnull));
	if (truth.has_moment)
		truth.moment = DatumGetTimestampTz(value_of(said, said->tuple, "moment", &isnull));
	truth.body = body_of(said);
	cs_truth_identify(&truth);
	if (memcmp(truth.id.data, given.data, UUID_LEN) != 0)
	{
		/* what arrives is in truth already, in the form that it came in */
		if (cs_truth_is_here(said->store, &given))
			return;
		ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				errmsg("a trigger has changed a row of %s that was about to be said", RelationGetRelationName(said->table))));
	}
	(void) cs_truth_write(said->store, &truth);
}

/* AFTER INSERT OR UPDATE OR DELETE FOR EACH ROW ON authority; AFTER INSERT ON revocation, policy, profile, crl, taken_back */
Datum
coserv_said(PG_FUNCTION_ARGS)
{
	cs_said said;
	cs_truth arrival;
	bool isnull;

	open_said(fcinfo, "coserv.said", &said);
	if (TRIGGER_FIRED_BY_UPDATE(said.trigger->tg_event))
	{
		Datum before = value_of(&said, said.trigger->tg_trigtuple, "truth", &isnull);
		Datum after = value_of(&said, said.tuple, "truth", &isnull);

		/* marked as known, at the commit */
		if (memcmp(DatumGetUUIDP(before)->data, DatumGetUUIDP(after)->data, UUID_LEN) == 0)
			return PointerGetDatum(NULL);
	}
	if (said.kind == CS_TRUTH_REVOCATION)
	{
		(void) value_of(&said, said.tuple, "moment", &isnull);
		if (isnull) /* inferred from a CRL */
		{
			cs_settle_inferred(said.store, DatumGetUUIDP(value_of(&said, said.tuple, "id", &isnull)));
			return PointerGetDatum(NULL);
		}
	}
	settle_row(&said);
	if (TRIGGER_FIRED_BY_DELETE(said.trigger->tg_event) && cs_truth_take_arrival(said.store, said.kind, &arrival))
		return PointerGetDatum(NULL);
	begin(&said);
	write_truth(&said);
	if (said.kind == CS_TRUTH_TAKEN_BACK)
		take_back(&said);
	if (said.kind == CS_TRUTH_REVOCATION)
		sweep_revoked(&said);
	end(&said);
	return PointerGetDatum(NULL);
}
