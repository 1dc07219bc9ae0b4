/*
 * load.c - the triggers on a store's table manifest, and load(). Writing a manifest is what verifies it: the document goes to truth, and
 * the row says what this region makes of it. What does not verify is an error; of what arrives, arrive.c makes a row of set_aside.
 */
#include "pg/trust/verify_row.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "storage/proc.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "derive.h"
#include "load.h"
#include "model/never.h"
#include "pg/base/probe.h"
#include "pg/base/rows.h"
#include "pg/base/settings.h"
#include "pg/base/store.h"
#include "pg/base/trigger.h"
#include "pg/base/times.h"
#include "pg/history/lifecycle.h"
#include "pg/store/plain.h"
#include "pg/store/settle.h"
#include "pg/trust/crl.h"
#include "pg/trust/opened.h"

PG_FUNCTION_INFO_V1(coserv_manifest_verify);
PG_FUNCTION_INFO_V1(coserv_manifest_derive);
PG_FUNCTION_INFO_V1(coserv_load);

/*
 * Documents of one statement that a region takes from its own loaders: anybody can make more of them. Those that other regions have taken
 * come in as well: all regions choose among the same.
 */
#define MAX_DOCUMENTS 8

/* What the last INSERT came to, for load(). */
static pg_uuid_t last_id;
static bool last_was_there;

/* True while the row of a statement gets another document, or another scope. */
static bool updating = false;

/* The document of the last row, for the trigger behind it; of the transaction's memory. */
static struct
{
	pg_uuid_t truth;
	Datum body; /* 0: none */
	LocalTransactionId transaction;
} last_body;

static LocalTransactionId
transaction_number(void)
{
#if PG_VERSION_NUM >= 170000
	return MyProc->vxid.lxid;
#else
	return MyProc->lxid;
#endif
}

static int
column_number(TupleDesc desc, const char *name, int after)
{
	int number = cs_column_number(desc, name, after);

	if (number <= 0)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_COLUMN), errmsg("table manifest of a coserv store has no column \"%s\"", name)));
	return number;
}

static Datum
column(HeapTuple tuple, TupleDesc desc, const char *name, bool *isnull)
{
	return heap_getattr(tuple, column_number(desc, name, 0), desc, isnull);
}

/* What was loaded and can never match: inspect() has it as warnings. */
static void
tell_doubts(const cs_corim *corim, const cs_validity *signature)
{
	char message[CS_TEXT_MAX];

	if (signature->has_not_after && cs_never_time((double) signature->not_after, message))
		ereport(NOTICE, (errmsg("%s", message), errdetail("At the end of the signature's validity.")));
	for (size_t i = 0; i < corim->doubt_count; i++)
	{
		const cs_doubt *doubt = &corim->doubts[i];

		if (doubt->times == 1)
			ereport(NOTICE, (errmsg("%s", doubt->message), errdetail("At %s.", doubt->path)));
		else
			ereport(NOTICE,
				(errmsg("%s", doubt->message), errdetail("%llu times, first at %s.", (unsigned long long) doubt->times, doubt->path)));
	}
}

static cs_span
span_column(HeapTuple tuple, TupleDesc desc, const char *name)
{
	bool isnull;
	Datum value = column(tuple, desc, name, &isnull);

	return isnull ? (cs_span) { NULL, 0 } : cs_pg_span(value);
}

/* --- the document of a row --- */

static void
remember_body(const cs_truth *truth)
{
	MemoryContext old = MemoryContextSwitchTo(TopTransactionContext);

	if (last_body.transaction == transaction_number() && last_body.body != (Datum) 0)
		pfree(DatumGetPointer(last_body.body));
	last_body.body = PointerGetDatum(PG_DETOAST_DATUM_COPY(truth->body));
	last_body.truth = truth->id;
	last_body.transaction = transaction_number();
	MemoryContextSwitchTo(old);
}

Datum
cs_load_body(Oid store, const pg_uuid_t *truth)
{
	Datum arg = UUIDPGetDatum(truth);
	bool isnull = true;
	Datum body = 0;

	if (last_body.body != (Datum) 0 && last_body.transaction == transaction_number() && memcmp(&last_body.truth, truth, UUID_LEN) == 0)
		return last_body.body;
	cs_run_latest(store, CS_STMT_TRUTH_BODY, &arg, NULL);
	if (SPI_processed > 0)
		body = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull);
	if (isnull)
		ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
				errmsg("truth does not hold the document %s", DatumGetCString(DirectFunctionCall1(uuid_out, arg)))));
	return PointerGetDatum(PG_DETOAST_DATUM(body));
}

/* --- verifying --- */

/* A row that is about to be inserted. */
typedef struct cs_loading
{
	TriggerData *trigger;
	Relation manifest;
	TupleDesc desc;
	Oid store;
	bool arrives;
	cs_truth truth;
	cs_span document;
	cs_span payload;
	char *only;
	pg_uuid_t *only_id;
	uint8_t digest[32];
	cs_verified verified;
	cs_manifest_row row;
	cs_as_owner self;
} cs_loading;

static void
set_text_array(cs_manifest_row *row)
{
	cs_manifest_set(row, CS_COL_LEGACY, PointerGetDatum(construct_empty_array(TEXTOID)));
}

static void
read_row(cs_loading *loading)
{
	HeapTuple tuple = loading->trigger->tg_trigtuple;
	bool isnull;
	Datum value;
	cs_ctx ctx;

	for (int i = 0; i < CS_COLUMNS; i++)
	{
		loading->row.attnums[i] = column_number(loading->desc, cs_column_names[i], i > 0 ? loading->row.attnums[i - 1] : 0);
		loading->row.nulls[i] = true;
	}
	set_text_array(&loading->row);
	loading->document = span_column(tuple, loading->desc, "document");
	loading->payload = span_column(tuple, loading->desc, "payload");
	if (loading->document.data == NULL)
		ereport(ERROR, (errcode(ERRCODE_NOT_NULL_VIOLATION), errmsg("a manifest needs a document")));
	value = column(tuple, loading->desc, "authority", &isnull);
	loading->only = isnull ? NULL : TextDatumGetCString(value);
	value = column(tuple, loading->desc, "authority_id", &isnull);
	loading->only_id = isnull ? NULL : DatumGetUUIDP(value);
	cs_pg_ctx(&ctx);
	if (!cs_sha256(&ctx, loading->document, loading->digest))
		cs_pg_report(&ctx.error, NULL);
}

static bool
is_accepted(const cs_loading *loading)
{
	Datum arg = UUIDPGetDatum(&loading->truth.id);

	if (!cs_probe_once(loading->store, CS_PROBE_TRUTH, &arg))
		return false;
	cs_run_latest(loading->store, CS_STMT_TRUTH_ACCEPTED, &arg, NULL);
	return SPI_processed > 0;
}

/* What stands in truth. Of a signed document it does not matter in whose name it came. */
static void
identify(cs_loading *loading, const pg_uuid_t *in_name_of)
{
	if (loading->arrives)
		return;
	loading->truth = (cs_truth) { .kind = CS_TRUTH_DOCUMENT };
	loading->truth.body = cs_truth_document(loading->document, loading->payload, in_name_of);
	cs_truth_identify(&loading->truth);
}

/*
 * What arrives was verified elsewhere at its time, and what is here was so here: what has expired or was revoked meanwhile is history,
 * which says itself when it answers.
 */
static void
verify(cs_loading *loading)
{
	bool lenient = loading->arrives;
	cs_verifying how;
	cs_ctx ctx;

	cs_pg_ctx(&ctx);
	identify(loading, NULL);
	lenient = lenient || is_accepted(loading);
	how = (cs_verifying) { .only = loading->only,
		.only_id = loading->only_id,
		.accept_legacy = cs_setting_accept_legacy,
		.as_history = lenient,
		.signature = loading->truth.signature };
	if (!cs_verify_document(&ctx, loading->store, loading->document, loading->payload, &how, &loading->verified) ||
		(!lenient && !cs_require_valid(&ctx, &loading->verified, cs_pg_unix_time(GetCurrentTransactionStartTimestamp()))))
		cs_pg_report(&ctx.error, "CoRIM");
	if (!lenient)
		tell_doubts(&loading->verified.corim, &loading->verified.signer.validity);
	if (loading->verified.envelope.envelope == CS_ENV_UNSIGNED)
		identify(loading, (const pg_uuid_t *) loading->verified.authority_id);
	else
		cs_settle_known(loading->store, loading->verified.authorities_known);
	cs_describe_row(&ctx, &loading->verified, &loading->row);
	cs_manifest_set(&loading->row, CS_COL_TRUTH, UUIDPGetDatum(&loading->truth.id));
	cs_manifest_set(&loading->row, CS_COL_DIGEST, cs_pg_make((cs_span) { loading->digest, 32 }));
	cs_manifest_set(&loading->row, CS_COL_LOADED_BY, CStringGetTextDatum(GetUserNameFromId(loading->self.user, false)));
}

/* --- a statement that is there --- */

bool
cs_load_update_manifest(Oid store, cs_statement statement, Datum *args, const char *nulls)
{
	PG_TRY();
	{
		updating = true;
		cs_run_latest(store, statement, args, nulls);
	}
	PG_FINALLY();
	{
		updating = false;
	}
	PG_END_TRY();
	return SPI_processed > 0;
}

/* Is it one of the further documents? Else: is there room for it? */
static bool
is_further_document(const cs_loading *loading)
{
	Datum further[2] = { UUIDPGetDatum(&loading->truth.id), loading->row.values[CS_COL_ID] };
	Datum args[2] = { loading->row.values[CS_COL_ID], Int32GetDatum(MAX_DOCUMENTS - 1) };

	cs_run_latest(loading->store, CS_STMT_MANIFEST_DOCUMENT_ANY, further, NULL);
	if (SPI_processed > 0)
		return true;
	if (loading->arrives)
		return false;
	cs_run_latest(loading->store, CS_STMT_MANIFEST_DOCUMENTS, args, NULL);
	if (SPI_processed >= MAX_DOCUMENTS - 1)
		ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("there are %d documents of the statement already", MAX_DOCUMENTS),
				errdetail("They differ in what nobody signed.")));
	return false;
}

/* At the commit, each of several signatures is made a statement. */
static void
wait_for_signatures(Oid store, const pg_uuid_t *truth, const cs_verified *document)
{
	if (document->signature_count > 1)
		cs_settle_signatures(store, truth);
}

/* False: somebody has said the same. Then the bytes are there, also where they were forgotten for what another had signed in them. */
static bool
write_truth(const cs_loading *loading)
{
	Datum id = UUIDPGetDatum(&loading->truth.id);

	if (cs_truth_write(loading->store, &loading->truth))
		return true;
	if (cs_truth_restore(loading->store, &loading->truth))
		cs_run_latest(loading->store, CS_STMT_NOT_ASIDE, &id, NULL);
	return false;
}

/* A statement that is there: which document answers, and whose it is. */
typedef struct cs_there
{
	Datum truth;
	Datum digest;
	Datum authority;
	Datum signer;
} cs_there;

/* Whose is it, by either document? Where they lead to different ones, that is found at the commit, with which document answers. */
static bool
is_of_the_same(const cs_loading *loading, const cs_there *there)
{
	const cs_manifest_row *row = &loading->row;

	return memcmp(DatumGetUUIDP(row->values[CS_COL_SIGNER]), DatumGetUUIDP(there->signer), UUID_LEN) == 0 &&
		memcmp(DatumGetUUIDP(row->values[CS_COL_AUTHORITY_ID]), DatumGetUUIDP(there->authority), UUID_LEN) == 0;
}

/* The same was signed, in another document: of several the one with the smallest digest answers. */
static void
add_document(cs_loading *loading, const cs_there *there)
{
	const cs_manifest_row *row = &loading->row;
	cs_span old = cs_pg_span(there->digest);
	int order = old.len == 32 ? memcmp(loading->digest, old.data, 32) : 1;
	bool same = is_of_the_same(loading, there);
	/* the same bytes with other certificates beside them: in every region the same one answers */
	bool smaller = same && (order < 0 || (order == 0 && memcmp(&loading->truth.id, DatumGetUUIDP(there->truth), UUID_LEN) < 0));
	Datum further[4] = { smaller ? there->truth : row->values[CS_COL_TRUTH], row->values[CS_COL_ID],
		smaller ? there->digest : row->values[CS_COL_DIGEST], row->values[CS_COL_SIGNER] };
	Datum main[5] = { row->values[CS_COL_ID], row->values[CS_COL_TRUTH], row->values[CS_COL_DIGEST], row->values[CS_COL_NOT_BEFORE],
		row->values[CS_COL_NOT_AFTER] };
	const char nulls[6] = { ' ', ' ', ' ', row->nulls[CS_COL_NOT_BEFORE] ? 'n' : ' ', row->nulls[CS_COL_NOT_AFTER] ? 'n' : ' ', '\0' };

	if (!loading->arrives)
		(void) write_truth(loading);
	cs_run_latest(loading->store, CS_STMT_MANIFEST_DOCUMENT_ADD, further, NULL);
	if (smaller)
		(void) cs_load_update_manifest(loading->store, CS_STMT_MANIFEST_DOCUMENT_IS, main, nulls);
	cs_derive_certificates(
		loading->store, (const pg_uuid_t *) loading->verified.statement, &loading->truth.id, loading->document, loading->payload);
	cs_settle_later(loading->store, CS_TRUTH_DOCUMENT, (const pg_uuid_t *) loading->verified.statement);
	if (!same)
		cs_settle_owner(loading->store, (const pg_uuid_t *) loading->verified.statement);
	wait_for_signatures(loading->store, &loading->truth.id, &loading->verified);
}

/* Is the statement here? Then the row is not to be inserted. */
static bool
is_here(cs_loading *loading)
{
	Datum id = loading->row.values[CS_COL_ID];
	cs_there there;
	bool isnull;

	if (!cs_probe_once(loading->store, CS_PROBE_MANIFEST, &id))
		return false;
	cs_run_latest(loading->store, CS_STMT_MANIFEST_ANY, &id, NULL);
	if (SPI_processed == 0)
		return false;
	there.truth = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull);
	there.digest = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &isnull);
	there.authority = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 3, &isnull);
	there.signer = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 4, &isnull);
	if (memcmp(DatumGetUUIDP(there.truth), &loading->truth.id, UUID_LEN) != 0 && !is_further_document(loading))
		add_document(loading, &there);
	return true;
}

/* --- the triggers --- */

/* What the server log has of a refusal, whatever was said against the document. */
static void
say_which_document(void *arg)
{
	const uint8_t *digest = arg;
	char hex[2 * 32 + 1];

	for (int i = 0; i < 32; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	errcontext("document with SHA-256 %s, SQLSTATE %s", hex, unpack_sql_state(geterrcode()));
}

static Datum
refuse(const char *what, const char *hint)
{
	ereport(cs_is_replicating() ? WARNING : ERROR,
		(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE), errmsg("%s", what), errhint("%s", hint)));
	return PointerGetDatum(NULL);
}

/* NULL: the statement is there. */
static HeapTuple
load_row(cs_loading *loading)
{
	MemoryContext caller = CurrentMemoryContext;
	HeapTuple tuple = NULL;
	bool here;

	/* a loader need not be allowed to read whom the store trusts */
	cs_become_owner(RelationGetRelid(loading->manifest), &loading->self);
	cs_spi_connect();
	verify(loading);
	cs_load_require_unforgotten(loading->store, (const pg_uuid_t *) loading->verified.statement, loading->arrives);
	here = is_here(loading);
	/* whoever is just loading the same is waited for */
	if (!here && !loading->arrives && !write_truth(loading))
		here = is_here(loading);
	memcpy(last_id.data, loading->verified.statement, UUID_LEN);
	last_was_there = here;
	if (!here && loading->verified.has_rivals)
		cs_settle_owner(loading->store, (const pg_uuid_t *) loading->verified.statement);
	if (!here)
	{
		remember_body(&loading->truth);
		MemoryContextSwitchTo(caller);
		tuple = heap_modify_tuple_by_cols(
			loading->trigger->tg_trigtuple, loading->desc, CS_COLUMNS, loading->row.attnums, loading->row.values, loading->row.nulls);
	}
	SPI_finish();
	cs_become_self(&loading->self);
	return tuple;
}

/* BEFORE INSERT OR UPDATE OR DELETE ON manifest FOR EACH ROW */
Datum
coserv_manifest_verify(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = cs_row_trigger(fcinfo, "coserv.manifest_verify");
	cs_loading loading = { .trigger = trigger, .manifest = trigger->tg_relation, .desc = RelationGetDescr(trigger->tg_relation) };
	ErrorContextCallback context = { .callback = say_which_document, .arg = loading.digest };
	HeapTuple tuple;

	if (TRIGGER_FIRED_BY_DELETE(trigger->tg_event))
		return refuse("a manifest is never deleted", "Revoke it.");
	if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
		return updating ? PointerGetDatum(trigger->tg_newtuple)
						: refuse("a manifest is never changed", "Load the other document; it is a manifest of its own.");
	loading.store = RelationGetNamespace(loading.manifest);
	loading.arrives = cs_truth_take_arrival(loading.store, CS_TRUTH_DOCUMENT, &loading.truth);
	if (!loading.arrives && cs_is_replicating())
		return refuse("a row of manifest came by replication, and was skipped", "Publish the table truth alone.");
	read_row(&loading);
	context.previous = error_context_stack;
	error_context_stack = &context;
	tuple = load_row(&loading);
	error_context_stack = context.previous;
	return PointerGetDatum(tuple);
}

static bool
refuses_older(Oid store)
{
	return cs_run_latest(store, CS_STMT_REFUSES_OLDER, NULL, NULL) > 0;
}

/*
 * Anti-rollback: a tag that is older than what is there is history from the start, and whoever loads it is told; or it is refused, by
 * policy. What other regions have accepted is not: documents may come here in another order.
 */
static void
guard_against_rollback(Oid store, Datum id)
{
	SPITupleTable *tags;
	uint64 count;
	bool refuse, isnull;

	count = cs_run_latest(store, CS_STMT_OLDER_TAGS, &id, NULL);
	tags = SPI_tuptable;
	refuse = count > 0 && !cs_is_replicating() && refuses_older(store);
	for (uint64 i = 0; i < count; i++)
	{
		char *tag_id = cs_pg_shown(SPI_getbinval(tags->vals[i], tags->tupdesc, 1, &isnull));
		char *version = SPI_getvalue(tags->vals[i], tags->tupdesc, 2);

		if (refuse)
			ereport(ERROR,
				(errcode(MAKE_SQLSTATE('R', 'A', '0', '0', '8')),
					errmsg("tag \"%s\" version %s is older than one that is there", tag_id, version),
					errhint("The policy refuse_older of the store refuses it.")));
		if (!cs_is_replicating())
			ereport(WARNING,
				(errmsg(
					"tag \"%s\" version %s is older than one that is there, and answers nothing while that one counts", tag_id, version)));
	}
}

/* Both count, as neither is newer: whoever signed them said two things by one name. Whoever loads the second is told. */
static void
warn_of_twins(Oid store, Datum id)
{
	SPITupleTable *tags;
	uint64 count;
	bool isnull;

	if (cs_is_replicating())
		return;
	count = cs_run_latest(store, CS_STMT_TWIN_TAGS, &id, NULL);
	tags = SPI_tuptable;
	for (uint64 i = 0; i < count; i++)
		ereport(WARNING,
			(errmsg("tag \"%s\" version %s is there with other content: both count",
				 cs_pg_shown(SPI_getbinval(tags->vals[i], tags->tupdesc, 1, &isnull)), SPI_getvalue(tags->vals[i], tags->tupdesc, 2)),
				errhint("Its signer should give a changed tag a higher version. Function conflicts() lists both; one of them may be "
						"revoked.")));
}

/* A revocation of a manifest withdraws that statement; its signer has signed the same anew. */
static void
tell_what_was_revoked(Oid store, Datum id)
{
	SPITupleTable *tags;
	uint64 count;
	bool isnull;

	if (cs_is_replicating())
		return;
	count = cs_run_latest(store, CS_STMT_TAGS_SAID_AGAIN, &id, NULL);
	tags = SPI_tuptable;
	for (uint64 i = 0; i < count; i++)
		ereport(NOTICE,
			(errmsg("tag \"%s\" version %s says what manifest %s said, which is revoked",
				 cs_pg_shown(SPI_getbinval(tags->vals[i], tags->tupdesc, 1, &isnull)), SPI_getvalue(tags->vals[i], tags->tupdesc, 2),
				 SPI_getvalue(tags->vals[i], tags->tupdesc, 3)),
				errhint("Revoking a manifest does not withdraw what it says from others; revoking the tag, or this version of it, does.")));
}

static void
derive(Oid store, HeapTuple tuple, TupleDesc desc)
{
	bool isnull;
	pg_uuid_t id = *DatumGetUUIDP(column(tuple, desc, "id", &isnull));
	pg_uuid_t truth = *DatumGetUUIDP(column(tuple, desc, "truth", &isnull));
	Datum body = cs_load_body(store, &truth);
	cs_span document, payload;
	pg_uuid_t *in_name_of;
	cs_verified v;
	cs_ctx ctx;

	cs_truth_read_document(body, &document, &payload, &in_name_of);
	cs_pg_ctx(&ctx);
	/* a payload that was handed in is a CoRIM in itself, but for the certificates of a vendor's document */
	cs_pg_require(cs_opened_take(&ctx, cs_content_of(document, payload), &v), &ctx, "CoRIM");
	cs_derive(store, UUIDPGetDatum(&id), &v, column(tuple, desc, "authority_id", &isnull));
	cs_derive_certificates(store, &id, &truth, document, payload);
	cs_settle_later(store, CS_TRUTH_DOCUMENT, &id);
	wait_for_signatures(store, &truth, &v);
	if (!cs_has_namesakes(store, &id))
		return;
	cs_sweep_superseded(store, &id, &v);
	guard_against_rollback(store, UUIDPGetDatum(&id));
	warn_of_twins(store, UUIDPGetDatum(&id));
	tell_what_was_revoked(store, UUIDPGetDatum(&id));
}

/* AFTER INSERT ON manifest FOR EACH ROW: derived rows are written as the table's owner. */
Datum
coserv_manifest_derive(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = cs_row_trigger(fcinfo, "coserv.manifest_derive");
	Relation manifest = trigger->tg_relation;
	cs_as_owner self;

	cs_become_owner(RelationGetRelid(manifest), &self);
	cs_spi_connect();
	derive(RelationGetNamespace(manifest), trigger->tg_trigtuple, RelationGetDescr(manifest));
	SPI_finish();
	cs_become_self(&self);
	return PointerGetDatum(NULL);
}

/* --- what an authority may say has changed --- */

/* A row of CS_STMT_MANIFESTS_OF. */
typedef struct cs_again
{
	pg_uuid_t id;
	pg_uuid_t truth;
	bool was_withdrawn;
	Datum times[2]; /* not_before, not_after */
	bool no_time[2];
} cs_again;

/* Why it may not be said any more; NULL: it may, and holds then. */
static char *
why_withdrawn(Oid store, const cs_again *again, const pg_uuid_t *authority, cs_validity *validity)
{
	cs_verifying how = { .only_id = authority, .accept_legacy = true, .as_history = true, .statement = &again->id };
	cs_span document, payload;
	pg_uuid_t *in_name_of;
	cs_verified v;
	cs_ctx ctx;
	char *detail;

	cs_truth_read_document(cs_load_body(store, &again->truth), &document, &payload, &in_name_of);
	cs_pg_ctx_stored(&ctx);
	if (cs_verify_document(&ctx, store, document, payload, &how, &v))
	{
		*validity = v.validity;
		return NULL;
	}
	detail = cs_pg_detail(&ctx.error);
	return detail ? psprintf("%s (%s)", ctx.error.message, detail) : pstrdup(ctx.error.message);
}

static void
read_again(HeapTuple row, TupleDesc desc, cs_again *again)
{
	bool isnull;

	again->id = *DatumGetUUIDP(SPI_getbinval(row, desc, 1, &isnull));
	again->truth = *DatumGetUUIDP(SPI_getbinval(row, desc, 2, &isnull));
	(void) SPI_getbinval(row, desc, 3, &isnull);
	again->was_withdrawn = !isnull;
	for (int i = 0; i < 2; i++)
		again->times[i] = SPI_getbinval(row, desc, 4 + i, &again->no_time[i]);
}

/* When chains are judged is the authority's to say, so that what it says may hold at other times now. True: it does. */
static bool
take_validity(cs_again *again, const cs_validity *validity)
{
	const Datum times[2] = { TimestampTzGetDatum(cs_pg_timestamp(validity->not_before)),
		TimestampTzGetDatum(cs_pg_timestamp(validity->not_after)) };
	const bool no_time[2] = { !validity->has_not_before, !validity->has_not_after };
	bool changed = false;

	for (int i = 0; i < 2; i++)
	{
		changed |= no_time[i] != again->no_time[i] || (!no_time[i] && times[i] != again->times[i]);
		again->times[i] = times[i];
		again->no_time[i] = no_time[i];
	}
	return changed;
}

static void
verify_manifest_again(Oid store, const pg_uuid_t *authority, Datum scope, cs_again *again)
{
	MemoryContext old, scratch = cs_pg_scratch_begin(&old);
	cs_validity validity;
	char *why = why_withdrawn(store, again, authority, &validity);
	bool changed = why == NULL && take_validity(again, &validity);
	Datum args[5] = { UUIDPGetDatum(&again->id), scope, why ? CStringGetTextDatum(why) : (Datum) 0, again->times[0], again->times[1] };
	const char nulls[6] = { ' ', ' ', why ? ' ' : 'n', again->no_time[0] ? 'n' : ' ', again->no_time[1] ? 'n' : ' ', '\0' };

	(void) cs_load_update_manifest(store, CS_STMT_MANIFEST_SCOPE, args, nulls);
	if (changed || again->was_withdrawn != (why != NULL))
		cs_settle_later(store, CS_TRUTH_DOCUMENT, &again->id);
	cs_pg_scratch_end(scratch, old);
	CHECK_FOR_INTERRUPTS();
}

void
cs_load_verify_again(Oid store, const pg_uuid_t *authority)
{
	Datum args[2] = { UUIDPGetDatum(authority), 0 };
	bool isnull;
	SPITupleTable *rows;
	uint64 count;

	cs_run_latest(store, CS_STMT_AUTHORITY_BY_ID, args, NULL);
	if (SPI_processed == 0)
		return;
	args[1] = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 3, &isnull);
	cs_run_latest(store, CS_STMT_MANIFESTS_OF, args, NULL);
	rows = SPI_tuptable;
	count = SPI_processed;
	for (uint64 i = 0; i < count; i++)
	{
		cs_again again;

		read_again(rows->vals[i], rows->tupdesc, &again);
		/* what was read for one is not kept until the last */
		cs_spi_connect();
		verify_manifest_again(store, authority, args[1], &again);
		SPI_finish();
	}
}

/* --- load() --- */

/* What is there and does not answer would else look as if it did. */
static void
tell_if_lapsed(Oid store)
{
	Datum arg = UUIDPGetDatum(&last_id);
	Oid truth = get_relname_relid("truth", store);
	cs_as_owner self;

	cs_become_owner(truth, &self);
	cs_run_latest(store, CS_STMT_MANIFEST_LAPSED, &arg, NULL);
	cs_become_self(&self);
	if (SPI_processed > 0)
		ereport(NOTICE,
			(errmsg("the document is there already, and answers nothing now"),
				errdetail("It is not valid now, revoked, superseded, or withdrawn from its authority.")));
}

/* A vendor's document keeps where others keep their payload what came beside it (document/document.h). */
NullableDatum
cs_load_beside(NullableDatum document, NullableDatum payload, NullableDatum chain)
{
	if (chain.isnull)
		return payload;
	if (!payload.isnull)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("a document has a payload or a chain beside it, not both")));
	if (cs_vendor_format_of(cs_pg_span(document.value)) == NULL)
		ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("a chain was given for a document that is in no vendor's form"),
				errhint("A CoRIM holds its certificates itself, in x5chain.")));
	return chain;
}

/*
 * load(store regnamespace, document bytea, authority text, payload bytea, chain bytea) -> uuid; not strict: what follows document may be
 * NULL
 */
Datum
coserv_load(PG_FUNCTION_ARGS)
{
	Oid store;
	Datum args[3] = { 0 };
	char nulls[4] = "   ";
	NullableDatum beside;
	int guc_nest;
	pg_uuid_t *id;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	store = PG_GETARG_OID(0);
	args[0] = PointerGetDatum(PG_GETARG_BYTEA_PP(1));
	beside = cs_load_beside(fcinfo->args[1], fcinfo->args[3], fcinfo->args[4]);
	if (PG_ARGISNULL(2))
		nulls[1] = 'n';
	else
		args[1] = PointerGetDatum(PG_GETARG_TEXT_PP(2));
	if (beside.isnull)
		nulls[2] = 'n';
	else
		args[2] = PointerGetDatum(PG_DETOAST_DATUM_PACKED(beside.value));
	id = palloc(sizeof(pg_uuid_t));
	guc_nest = cs_begin_statements();
	cs_spi_connect();
	last_was_there = false;
	if (SPI_execute_plan(cs_store_plan(store, nulls[2] == 'n' ? CS_STMT_MANIFEST_INSERT : CS_STMT_MANIFEST_INSERT_PAYLOAD), args, nulls,
			false, 0) != SPI_OK_INSERT)
		elog(ERROR, "could not insert a manifest");
	*id = last_id;
	if (last_was_there)
		tell_if_lapsed(store);
	SPI_finish();
	cs_end_statements(guc_nest);
	PG_RETURN_UUID_P(id);
}

NullableDatum
cs_load(NullableDatum store, NullableDatum document, NullableDatum authority, NullableDatum payload, NullableDatum chain)
{
	const NullableDatum given[] = { store, document, authority, payload, chain };
	LOCAL_FCINFO(call, lengthof(given));
	NullableDatum id;

	InitFunctionCallInfoData(*call, NULL, lengthof(given), InvalidOid, NULL, NULL);
	memcpy(call->args, given, sizeof(given));
	id.value = coserv_load(call);
	id.isnull = call->isnull;
	return id;
}
