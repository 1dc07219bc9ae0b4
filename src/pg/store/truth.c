/*
 * truth.c - what a row of truth says, what it is called, and the guard of the table (truth.h).
 */
#include "truth.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "storage/lmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "cose/cose.h"
#include "pg/base/settings.h"
#include "pg/base/store.h"
#include "pg/base/trigger.h"
#include "settle.h"

PG_FUNCTION_INFO_V1(coserv_truth_guard);
PG_FUNCTION_INFO_V1(coserv_truth_document);
PG_FUNCTION_INFO_V1(coserv_truth_authority);

#define FORM 1

typedef struct cs_truth_form
{
	const char *table;
	const char *columns[CS_TRUTH_MAX_COLUMNS + 1];
} cs_truth_form;

/* Once released, a list only ever grows at its end: a body that is shorter has nulls there. */
static const cs_truth_form forms[CS_TRUTH_KINDS] = {
	[CS_TRUTH_DOCUMENT] = { "manifest", { NULL } },
	[CS_TRUTH_AUTHORITY] = { "authority",
		{ "key", "name", "shown_as", "valid_from", "valid_until", "environments", "profiles", "kinds", "tag_ids", "accepts_unsigned",
			"accepts_legacy", "accepts_cose_sign", "check_issuer", "activates", "note", "key_purposes", "strict_profile",
			"chains_judged_at" } },
	[CS_TRUTH_REVOCATION] = { "revocation",
		{ "manifest", "authority_id", "tag_id", "tag_version", "undoes", "effective_from", "reason", "forgets" } },
	[CS_TRUTH_POLICY] = { "policy", { "require_cotl", "refuse_older", "notify", "generation" } },
	[CS_TRUTH_PROFILE] = { "profile", { "profile", "codepoint", "name", "comparison" } },
	[CS_TRUTH_CRL] = { "crl", { "authority_id", "der", "chain" } },
	[CS_TRUTH_TAKEN_BACK] = { "taken_back", { "truths", "reason" } },
};

static bool writing = false;
static bool arriving = false;
static Oid arrival_store;
static cs_truth arrival;

const char *
cs_truth_table(cs_truth_kind kind)
{
	return kind > 0 && kind < CS_TRUTH_KINDS ? forms[kind].table : NULL;
}

cs_truth_kind
cs_truth_kind_of(const char *table)
{
	for (int kind = 1; kind < CS_TRUTH_KINDS; kind++)
		if (strcmp(forms[kind].table, table) == 0)
			return (cs_truth_kind) kind;
	return 0;
}

const char *const *
cs_truth_columns(cs_truth_kind kind)
{
	return forms[kind].columns;
}

/* --- what it is called --- */

void
cs_uuid_of(const uint8_t digest[32], pg_uuid_t *id)
{
	memcpy(id->data, digest, UUID_LEN);
	id->data[6] = (id->data[6] & 0x0f) | 0x80;
	id->data[8] = (id->data[8] & 0x3f) | 0x80;
}

void
cs_uuid_of_bytes(cs_span bytes, pg_uuid_t *id)
{
	uint8_t digest[32];
	cs_ctx ctx;

	cs_pg_ctx_stored(&ctx);
	cs_pg_require(cs_sha256(&ctx, bytes, digest), &ctx, NULL);
	cs_uuid_of(digest, id);
}

void
cs_truth_identify(cs_truth *truth)
{
	uint8_t digest[32];
	cs_buf head;
	cs_ctx ctx;

	cs_pg_ctx_stored(&ctx);
	cs_pg_require(cs_sha256(&ctx, cs_pg_span(truth->body), digest), &ctx, NULL);
	cs_buf_init(&head, &ctx);
	cs_put_array(&head, 3);
	cs_put_int(&head, truth->kind);
	if (truth->has_moment)
		cs_put_int(&head, truth->moment);
	else
		cs_put_null(&head);
	cs_put_bytes(&head, digest, sizeof(digest));
	cs_pg_require(cs_buf_ok(&head), &ctx, NULL);
	cs_uuid_of_bytes(cs_buf_span(&head), &truth->id);
}

/* --- bodies --- */

static void
put_value(cs_buf *buf, Datum value, Oid type)
{
	Oid function;
	bool is_varlena;
	cs_span span;

	if (type == TEXTOID)
	{
		span = cs_pg_utf8_text(value);
		cs_put_text(buf, (const char *) span.data, span.len);
		return;
	}
	if (type == BYTEAOID)
		span = cs_pg_span(value);
	else
	{
		getTypeBinaryOutputInfo(type, &function, &is_varlena);
		span = cs_pg_view(OidSendFunctionCall(function, value));
	}
	cs_put_bytes(buf, span.data, span.len);
}

static void
put_array(cs_buf *buf, Datum array, Oid element)
{
	Datum *values;
	bool *nulls;
	int16 length;
	bool by_value;
	char align;
	int count;

	get_typlenbyvalalign(element, &length, &by_value, &align);
	deconstruct_array(DatumGetArrayTypeP(array), element, length, by_value, align, &values, &nulls, &count);
	cs_put_array(buf, (uint64_t) count);
	for (int i = 0; i < count; i++)
	{
		if (nulls[i])
			cs_put_null(buf);
		else
			put_value(buf, values[i], element);
	}
}

static Datum
finish(cs_ctx *ctx, cs_buf *buf)
{
	cs_pg_require(cs_buf_ok(buf), ctx, NULL);
	return cs_pg_make(cs_buf_span(buf));
}

Datum
cs_truth_body(int count, const Datum *values, const bool *nulls, const Oid *types)
{
	cs_buf buf;
	cs_ctx ctx;

	cs_pg_ctx_stored(&ctx);
	cs_buf_init(&buf, &ctx);
	cs_put_array(&buf, (uint64_t) count + 1);
	cs_put_uint(&buf, FORM);
	for (int i = 0; i < count; i++)
	{
		Oid element = nulls[i] ? InvalidOid : get_element_type(types[i]);

		if (nulls[i])
			cs_put_null(&buf);
		else if (OidIsValid(element))
			put_array(&buf, values[i], element);
		else
			put_value(&buf, values[i], types[i]);
	}
	return finish(&ctx, &buf);
}

pg_noreturn static void
no_body(const char *what)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_BINARY_REPRESENTATION), errmsg("a row of truth is not what it should be: %s", what)));
}

/* The array behind the version; the body's bytes live as long as the caller's datum. False where it is none. */
static bool
find_array(cs_span bytes, uint64_t *form, uint64_t *count, cs_iter *it)
{
	cs_item array, version;
	cs_ctx ctx;

	cs_pg_ctx_stored(&ctx);
	if (!cs_check(&ctx, bytes.data, bytes.len))
		return false;
	array = cs_item_at(bytes.data, bytes.len);
	if (!cs_is(&array, CS_ARRAY) || array.indefinite || cs_count(&array) == 0)
		return false;
	*it = cs_iterate(&array);
	*count = cs_count(&array) - 1;
	return cs_next(it, &version) && cs_uint64(&version, form);
}

static cs_iter
open_body(cs_span bytes, uint64_t *count)
{
	uint64_t form;
	cs_iter it;

	if (!find_array(bytes, &form, count, &it))
		no_body("no array");
	if (form != FORM)
		ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("a row of truth has a form that this version does not know"),
				errhint("Update the extension here.")));
	return it;
}

static Datum
read_value(const cs_item *item, Oid type)
{
	Oid function, io_parameter;
	StringInfoData bytes;
	cs_span span;
	cs_ctx ctx;
	Datum value;

	cs_pg_ctx_stored(&ctx);
	if (!cs_is(item, type == TEXTOID ? CS_TSTR : CS_BSTR))
		no_body("a value of another type");
	cs_pg_require(cs_string(&ctx, item, &span), &ctx, NULL);
	if (type == TEXTOID)
		return cs_pg_make_text(span);
	if (type == BYTEAOID)
		return cs_pg_make(span);
	getTypeBinaryInputInfo(type, &function, &io_parameter);
	initStringInfo(&bytes);
	appendBinaryStringInfo(&bytes, (const char *) span.data, (int) span.len);
	value = OidReceiveFunctionCall(function, &bytes, io_parameter, -1);
	if (bytes.cursor != bytes.len)
		no_body("more than a value");
	return value;
}

static Datum
read_array(const cs_item *item, Oid element)
{
	int16 length;
	bool by_value;
	char align;
	cs_iter it = cs_iterate(item);
	cs_item child;
	int count = 0, bound;
	Datum *values;

	if (!cs_is(item, CS_ARRAY) || item->indefinite || cs_count(item) > 1000000)
		no_body("a list of another form");
	bound = (int) cs_count(item);
	values = palloc(sizeof(Datum) * (size_t) Max(bound, 1));
	while (cs_next(&it, &child))
		if (!cs_is_null(&child))
			values[count++] = read_value(&child, element);
	get_typlenbyvalalign(element, &length, &by_value, &align);
	return PointerGetDatum(construct_array(values, count, element, length, by_value, align));
}

void
cs_truth_read(Datum body, int max, const Oid *types, int *count, Datum *values, bool *nulls)
{
	uint64_t length;
	cs_iter it = open_body(cs_pg_span(body), &length);
	cs_item item;

	for (*count = 0; *count < max && cs_next(&it, &item); ++*count)
	{
		int i = *count;
		Oid element = get_element_type(types[i]);

		nulls[i] = cs_is_null(&item);
		if (!nulls[i])
			values[i] = OidIsValid(element) ? read_array(&item, element) : read_value(&item, types[i]);
	}
	if (length > (uint64_t) max)
		ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("a row of truth says more than this version knows"),
				errhint("Update the extension here.")));
}

Datum
cs_truth_document(cs_span document, cs_span payload, const pg_uuid_t *authority)
{
	cs_buf buf;
	cs_ctx ctx;

	cs_pg_ctx_stored(&ctx);
	cs_buf_init(&buf, &ctx);
	cs_put_array(&buf, 4);
	cs_put_uint(&buf, FORM);
	cs_put_bytes(&buf, document.data, document.len);
	if (payload.data != NULL)
		cs_put_bytes(&buf, payload.data, payload.len);
	else
		cs_put_null(&buf);
	if (authority != NULL)
		cs_put_bytes(&buf, authority->data, UUID_LEN);
	else
		cs_put_null(&buf);
	return finish(&ctx, &buf);
}

static bool
bytes_or_nothing(cs_iter *it, cs_span *span)
{
	cs_item item;
	cs_ctx ctx;

	*span = (cs_span) { NULL, 0 };
	cs_pg_ctx_stored(&ctx);
	return cs_next(it, &item) && (cs_is_null(&item) || (cs_is(&item, CS_BSTR) && cs_string(&ctx, &item, span)));
}

static bool
find_document(cs_iter *it, cs_span *document, cs_span *payload, cs_span *authority)
{
	return bytes_or_nothing(it, document) && bytes_or_nothing(it, payload) && bytes_or_nothing(it, authority) && document->data != NULL &&
		(authority->data == NULL || authority->len == UUID_LEN);
}

bool
cs_truth_find_document(Datum body, cs_span *document, cs_span *payload)
{
	uint64_t form, count;
	cs_span authority;
	cs_iter it;

	return find_array(cs_pg_span(body), &form, &count, &it) && form == FORM && find_document(&it, document, payload, &authority);
}

void
cs_truth_read_document(Datum body, cs_span *document, cs_span *payload, pg_uuid_t **authority)
{
	uint64_t count;
	cs_iter it = open_body(cs_pg_span(body), &count);
	cs_span id;

	if (!find_document(&it, document, payload, &id))
		no_body("no document");
	*authority = id.data == NULL ? NULL : memcpy(palloc(sizeof(pg_uuid_t)), id.data, UUID_LEN);
}

/* --- the clock --- */

static TimestampTz
last_seen(Oid store, TimestampTz bound)
{
	Datum arg = TimestampTzGetDatum(bound);
	bool isnull = true;
	Datum moment = 0;

	cs_run_latest(store, CS_STMT_LAST_MOMENT, &arg, NULL);
	if (SPI_processed > 0)
		moment = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull);
	return isnull ? DT_NOBEGIN : DatumGetTimestampTz(moment);
}

TimestampTz
cs_truth_draw(Oid store)
{
	static TimestampTz drawn = DT_NOBEGIN;
	static Oid of_store = InvalidOid;
	TimestampTz now, seen, bound;
	LOCKTAG tag;

	cs_store_lock_tag(&tag, store, CS_LOCK_ORDER);
	(void) LockAcquire(&tag, ExclusiveLock, false, false);
	now = GetCurrentTimestamp();
	bound = now + (TimestampTz) cs_setting_max_clock_ahead * USECS_PER_SEC;
	seen = last_seen(store, bound);
	/* rows of the statement at hand are not written yet */
	if (of_store == store && drawn > seen && drawn <= bound)
		seen = drawn;
	of_store = store;
	drawn = seen >= now ? seen + 1 : now;
	return drawn;
}

/* --- writing --- */

bool
cs_truth_write(Oid store, const cs_truth *truth)
{
	Datum args[4] = { UUIDPGetDatum(&truth->id), Int16GetDatum((int16) truth->kind), TimestampTzGetDatum(truth->moment), truth->body };
	const char nulls[5] = { ' ', ' ', truth->has_moment ? ' ' : 'n', ' ', '\0' };
	bool outer = writing;
	uint64 written;

	PG_TRY();
	{
		writing = true;
		if (SPI_execute_plan(cs_store_plan(store, CS_STMT_TRUTH_INSERT), args, nulls, false, 0) != SPI_OK_INSERT)
			elog(ERROR, "could not write to truth");
		written = SPI_processed;
	}
	PG_FINALLY();
	{
		writing = outer;
	}
	PG_END_TRY();
	return written > 0;
}

bool
cs_truth_is_writing(void)
{
	return writing;
}

bool
cs_truth_is_here(Oid store, const pg_uuid_t *id)
{
	Datum arg = UUIDPGetDatum(id);

	cs_run_latest(store, CS_STMT_TRUTH_ANY, &arg, NULL);
	return SPI_processed > 0;
}

void
cs_truth_begin_arrival(Oid store, const cs_truth *truth)
{
	arriving = true;
	arrival_store = store;
	arrival = *truth;
}

void
cs_truth_end_arrival(void)
{
	arriving = false;
}

bool
cs_truth_peek_arrival(Oid store, cs_truth_kind kind)
{
	return arriving && arrival_store == store && arrival.kind == kind;
}

bool
cs_truth_take_arrival(Oid store, cs_truth_kind kind, cs_truth *truth)
{
	if (!cs_truth_peek_arrival(store, kind))
		return false;
	*truth = arrival;
	arriving = false;
	return true;
}

static Oid inferring = InvalidOid;

void
cs_truth_begin_inference(Oid store)
{
	inferring = store;
}

void
cs_truth_end_inference(void)
{
	inferring = InvalidOid;
}

bool
cs_truth_is_inferring(Oid store)
{
	return OidIsValid(inferring) && inferring == store;
}

static bool
change(Oid store, cs_statement statement, Datum *args)
{
	bool outer = writing;

	PG_TRY();
	{
		writing = true;
		cs_run_latest(store, statement, args, NULL);
	}
	PG_FINALLY();
	{
		writing = outer;
	}
	PG_END_TRY();
	return SPI_processed > 0;
}

bool
cs_truth_erase(Oid store, cs_statement statement, Datum id)
{
	return change(store, statement, &id);
}

bool
cs_truth_restore(Oid store, const cs_truth *truth)
{
	Datum args[2] = { UUIDPGetDatum(&truth->id), truth->body };

	return change(store, CS_STMT_TRUTH_RESTORE, args);
}

/* --- the guard --- */

/* A document that was forgotten where it comes from: there is nothing to take in. */
static bool
is_erased(TriggerData *trigger)
{
	TupleDesc desc = RelationGetDescr(trigger->tg_relation);
	bool kind_null, body_null;
	Datum kind = SPI_getbinval(trigger->tg_trigtuple, desc, SPI_fnumber(desc, "kind"), &kind_null);

	(void) SPI_getbinval(trigger->tg_trigtuple, desc, SPI_fnumber(desc, "body"), &body_null);
	return body_null && !kind_null && DatumGetInt16(kind) == CS_TRUTH_DOCUMENT;
}

/* What is wrong with a row that arrives; NULL: nothing. */
static const char *
fault_of(TriggerData *trigger, pg_uuid_t *id, int16 *kind)
{
	TupleDesc desc = RelationGetDescr(trigger->tg_relation);
	bool id_null, kind_null, moment_null, body_null;
	Datum id_value = SPI_getbinval(trigger->tg_trigtuple, desc, SPI_fnumber(desc, "id"), &id_null);
	Datum kind_value = SPI_getbinval(trigger->tg_trigtuple, desc, SPI_fnumber(desc, "kind"), &kind_null);
	Datum moment = SPI_getbinval(trigger->tg_trigtuple, desc, SPI_fnumber(desc, "moment"), &moment_null);
	Datum body = SPI_getbinval(trigger->tg_trigtuple, desc, SPI_fnumber(desc, "body"), &body_null);
	cs_truth truth;

	memset(id, 0, sizeof(*id));
	*kind = kind_null ? 0 : DatumGetInt16(kind_value);
	if (!id_null)
		*id = *DatumGetUUIDP(id_value);
	if (id_null || kind_null || body_null)
		return "a row of truth lacks its id, kind or body";
	truth =
		(cs_truth) { .kind = (cs_truth_kind) *kind, .has_moment = !moment_null, .moment = moment_null ? 0 : DatumGetTimestampTz(moment) };
	truth.body = body;
	cs_truth_identify(&truth);
	if (memcmp(truth.id.data, id->data, UUID_LEN) != 0)
		return "the row is not the one that its id was made from";
	return NULL;
}

static void
set_forged_aside(Oid store, Oid table, const pg_uuid_t *id, int16 kind, const char *reason)
{
	Datum args[3] = { UUIDPGetDatum(id), Int16GetDatum(kind), CStringGetTextDatum(reason) };
	cs_as_owner self;

	ereport(WARNING, (errmsg("a row of truth was set aside: %s", reason)));
	cs_become_owner(table, &self);
	if (SPI_execute_plan(cs_store_plan(store, CS_STMT_SET_ASIDE), args, NULL, false, 0) < 0)
		elog(ERROR, "could not set a row aside");
	cs_become_self(&self);
}

/* What a worker brings: forged rows do not come in, and what came another way before is no conflict. */
static bool
may_come_in(TriggerData *trigger)
{
	Oid store = RelationGetNamespace(trigger->tg_relation);
	Oid table = RelationGetRelid(trigger->tg_relation);
	pg_uuid_t id;
	int16 kind;
	const char *fault = fault_of(trigger, &id, &kind);
	cs_as_owner self;
	bool here;

	cs_spi_connect();
	if (fault != NULL)
	{
		set_forged_aside(store, table, &id, kind, fault);
		SPI_finish();
		return false;
	}
	cs_become_owner(table, &self);
	here = cs_truth_is_here(store, &id);
	cs_become_self(&self);
	SPI_finish();
	return !here;
}

/* BEFORE INSERT OR UPDATE OR DELETE ON truth FOR EACH ROW */
Datum
coserv_truth_guard(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = cs_row_trigger(fcinfo, "coserv.truth_guard");

	if (writing)
		return PointerGetDatum(cs_trigger_row(trigger));
	if (cs_is_replicating())
	{
		if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event) && !is_erased(trigger) && may_come_in(trigger))
			return PointerGetDatum(trigger->tg_trigtuple);
		return PointerGetDatum(NULL);
	}
	ereport(ERROR,
		(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE), errmsg("truth is written by the triggers of a store's other tables alone"),
			errhint("Write to authority, manifest, revocation, policy, profile or crl. A data-only restore needs --disable-triggers.")));
}

/* truth_document(body bytea) -> (document bytea, payload bytea): of a row of kind 1; NULL for any other bytes */
Datum
coserv_truth_document(PG_FUNCTION_ARGS)
{
	cs_span document, payload;
	Datum values[2];
	bool nulls[2] = { false };
	TupleDesc desc;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	if (!cs_truth_find_document(PG_GETARG_DATUM(0), &document, &payload))
		PG_RETURN_NULL();
	values[0] = cs_pg_make(document);
	nulls[1] = payload.data == NULL;
	if (!nulls[1])
		values[1] = cs_pg_make(payload);
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls));
}

/* truth_authority(body bytea) -> uuid: of a row of kind 2, whose first column is the key; NULL for any other bytes */
Datum
coserv_truth_authority(PG_FUNCTION_ARGS)
{
	pg_uuid_t *id = palloc(sizeof(pg_uuid_t));
	uint64_t form, count;
	cs_span key;
	cs_iter it;

	if (!find_array(cs_pg_span(PG_GETARG_DATUM(0)), &form, &count, &it) || form != FORM || !bytes_or_nothing(&it, &key) || key.data == NULL)
		PG_RETURN_NULL();
	cs_uuid_of_bytes(key, id);
	PG_RETURN_UUID_P(id);
}
