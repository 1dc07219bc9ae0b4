/*
 * audit_seal.c - seal_audit() and verify_audit(): a seal's root is that of the Merkle tree (cose/merkle.h) over the rows it covers, in the
 * order of their ids and the seal itself as the last leaf (cose/audit_leaf.h). Since when what is known is in a tree of its own, whose root
 * is in the seal: seals cover it by moments, one after another, so that nothing need be marked.
 */
#include "audit.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "storage/lock.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/timestamp.h"

#include "cose/audit_leaf.h"
#include "pg/base/rows.h"
#include "pg/base/store.h"
#include "pg/store/reading.h"
#include "pg/store/settle.h"

PG_FUNCTION_INFO_V1(coserv_seal_audit);
PG_FUNCTION_INFO_V1(coserv_verify_audit);

#define ROWS_AT_ONCE 1000
#define UNIX_EPOCH_USECS ((int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY)

/* Columns of CS_STMT_SEAL_ROWS. */
enum
{
	ROW_ID,
	ROW_AT,
	ROW_WHO,
	ROW_SESSION,
	ROW_ACTION,
	ROW_OBJECT,
	ROW_DIGEST,
	ROW_DETAIL,
	ROW_COLUMNS
};

/* Columns of CS_STMT_SEALS. */
enum
{
	SEAL_NUMBER,
	SEAL_PREVIOUS,
	SEAL_ROOT,
	SEAL_ROWS,
	SEAL_AT,
	SEAL_BY,
	SEAL_UNTIL,
	SEAL_EPOCHS,
	SEAL_EPOCH_ROOT,
	SEAL_COLUMNS
};

/* Columns of CS_STMT_EPOCHS. */
enum
{
	EPOCH_TABLE,
	EPOCH_ID,
	EPOCH_ORDINAL,
	EPOCH_KNOWN_AT,
	EPOCH_SAYS,
	EPOCH_COLUMNS
};

typedef struct cs_seal
{
	int64 number;
	Datum previous; /* bytea */
	bool is_first;	/* previous is NULL */
	int64 rows;
	TimestampTz at;
	char *by;
	bool has_epochs;
	TimestampTz until;
	int64 epochs;
	Datum epoch_root; /* bytea */
} cs_seal;

static void
require(bool ok, const cs_ctx *ctx)
{
	if (!ok)
		cs_pg_report(&ctx->error, "audit");
}

/* NULL as the core has it: data NULL. */
static cs_span
text_of(Datum text, bool isnull)
{
	return isnull ? (cs_span) { NULL, 0 } : cs_pg_utf8_text(text);
}

static cs_span
bytes_of(Datum bytes, bool isnull)
{
	return isnull ? (cs_span) { NULL, 0 } : cs_pg_span(bytes);
}

static void
add_row(cs_merkle *tree, HeapTuple row, TupleDesc desc)
{
	MemoryContext old, scratch = cs_pg_scratch_begin(&old);
	Datum values[ROW_COLUMNS];
	bool nulls[ROW_COLUMNS];
	cs_ctx ctx;
	cs_buf leaf;

	for (int i = 0; i < ROW_COLUMNS; i++)
		values[i] = SPI_getbinval(row, desc, i + 1, &nulls[i]);
	cs_pg_ctx_stored(&ctx);
	cs_buf_init(&leaf, &ctx);
	cs_put_audit_row(&leaf,
		&(cs_audit_row) { .id = DatumGetInt64(values[ROW_ID]),
			.at = DatumGetTimestampTz(values[ROW_AT]) + UNIX_EPOCH_USECS,
			.who = text_of(values[ROW_WHO], nulls[ROW_WHO]),
			.session = text_of(values[ROW_SESSION], nulls[ROW_SESSION]),
			.action = text_of(values[ROW_ACTION], nulls[ROW_ACTION]),
			.object = text_of(values[ROW_OBJECT], nulls[ROW_OBJECT]),
			.digest = bytes_of(values[ROW_DIGEST], nulls[ROW_DIGEST]),
			.detail = text_of(values[ROW_DETAIL], nulls[ROW_DETAIL]) });
	require(cs_buf_ok(&leaf) && cs_merkle_add(&ctx, tree, cs_buf_span(&leaf)), &ctx);
	cs_pg_scratch_end(scratch, old);
}

static int64
add_rows(Oid store, int64 number, bool read_only, cs_merkle *tree)
{
	Datum arg = Int64GetDatum(number);
	Portal portal = SPI_cursor_open(NULL, cs_store_plan(store, CS_STMT_SEAL_ROWS), &arg, NULL, read_only);
	int64 count = 0;

	for (;;)
	{
		SPI_cursor_fetch(portal, true, ROWS_AT_ONCE);
		if (SPI_processed == 0)
			break;
		for (uint64 i = 0; i < SPI_processed; i++, count++)
			add_row(tree, SPI_tuptable->vals[i], SPI_tuptable->tupdesc);
		SPI_freetuptable(SPI_tuptable);
		CHECK_FOR_INTERRUPTS();
	}
	SPI_cursor_close(portal);
	return count;
}

static Datum
tree_root(const cs_merkle *tree)
{
	uint8_t root[CS_MERKLE_HASH];
	cs_ctx ctx;

	cs_pg_ctx_stored(&ctx);
	require(cs_merkle_root(&ctx, tree, root), &ctx);
	return cs_pg_make((cs_span) { root, sizeof root });
}

static Datum
root_of(cs_merkle *tree, const cs_seal *seal)
{
	cs_ctx ctx;
	cs_buf leaf;

	cs_pg_ctx_stored(&ctx);
	cs_buf_init(&leaf, &ctx);
	cs_put_audit_seal(&leaf,
		&(cs_audit_seal) { .number = seal->number,
			.previous = bytes_of(seal->previous, seal->is_first),
			.rows = seal->rows,
			.at = seal->at + UNIX_EPOCH_USECS,
			.by = cs_pg_utf8(seal->by, strlen(seal->by)),
			.has_epochs = seal->has_epochs,
			.known_until = seal->until + UNIX_EPOCH_USECS,
			.epochs = seal->epochs,
			.epoch_root = bytes_of(seal->epoch_root, !seal->has_epochs) });
	require(cs_buf_ok(&leaf) && cs_merkle_add(&ctx, tree, cs_buf_span(&leaf)), &ctx);
	return tree_root(tree);
}

/* --- epochs --- */

/* Those known from a moment behind one and up to another, in their order. */
typedef struct cs_epochs
{
	Portal portal;
	SPITupleTable *rows;
	uint64 count, next;
} cs_epochs;

static void
open_epochs(cs_epochs *epochs, Oid store, TimestampTz after, TimestampTz until)
{
	Datum args[2] = { TimestampTzGetDatum(after), TimestampTzGetDatum(until) };

	*epochs = (cs_epochs) { .portal = SPI_cursor_open(NULL, cs_store_plan(store, CS_STMT_EPOCHS), args, NULL, true) };
}

static bool
next_epoch_until(cs_epochs *epochs, TimestampTz until)
{
	bool isnull;

	if (epochs->next == epochs->count)
	{
		CHECK_FOR_INTERRUPTS();
		if (epochs->rows != NULL)
			SPI_freetuptable(epochs->rows);
		SPI_cursor_fetch(epochs->portal, true, ROWS_AT_ONCE);
		epochs->rows = SPI_tuptable;
		epochs->count = SPI_processed;
		epochs->next = 0;
	}
	return epochs->next < epochs->count &&
		DatumGetTimestampTz(SPI_getbinval(epochs->rows->vals[epochs->next], epochs->rows->tupdesc, EPOCH_KNOWN_AT + 1, &isnull)) <= until;
}

static void
add_epoch(cs_merkle *tree, HeapTuple row, TupleDesc desc)
{
	MemoryContext old, scratch = cs_pg_scratch_begin(&old);
	Datum values[EPOCH_COLUMNS];
	bool nulls[EPOCH_COLUMNS];
	cs_ctx ctx;
	cs_buf leaf;

	for (int i = 0; i < EPOCH_COLUMNS; i++)
		values[i] = SPI_getbinval(row, desc, i + 1, &nulls[i]);
	cs_pg_ctx_stored(&ctx);
	cs_buf_init(&leaf, &ctx);
	cs_put_audit_epoch(&leaf,
		&(cs_audit_epoch) { .of_table = text_of(values[EPOCH_TABLE], false),
			.id = { DatumGetUUIDP(values[EPOCH_ID])->data, UUID_LEN },
			.has_ordinal = !nulls[EPOCH_ORDINAL],
			.ordinal = nulls[EPOCH_ORDINAL] ? 0 : DatumGetInt32(values[EPOCH_ORDINAL]),
			.known_at = DatumGetTimestampTz(values[EPOCH_KNOWN_AT]) + UNIX_EPOCH_USECS,
			.says = text_of(values[EPOCH_SAYS], nulls[EPOCH_SAYS]) });
	require(cs_buf_ok(&leaf) && cs_merkle_add(&ctx, tree, cs_buf_span(&leaf)), &ctx);
	cs_pg_scratch_end(scratch, old);
}

static int64
add_epochs(cs_epochs *epochs, TimestampTz until, cs_merkle *tree)
{
	int64 count = 0;

	for (; next_epoch_until(epochs, until); epochs->next++, count++)
		add_epoch(tree, epochs->rows->vals[epochs->next], epochs->rows->tupdesc);
	return count;
}

/* Whoever seals and whoever verifies reads them as the same text. */
static int
begin_texts(void)
{
	int nest = NewGUCNestLevel();

	(void) set_config_option("datestyle", "ISO", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	(void) set_config_option("timezone", "UTC", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	return nest;
}

/* --- seal_audit --- */

/* One at a time, to the end of the transaction; what is visible is looked up behind it. */
static void
lock_seals(Oid store)
{
	LOCKTAG tag;

	cs_store_lock_tag(&tag, store, CS_LOCK_SEAL);
	(void) LockAcquire(&tag, ExclusiveLock, false, false);
}

static void
start_seal(Oid store, cs_seal *seal)
{
	bool isnull;
	Datum until;

	*seal = (cs_seal) {
		.number = 1, .is_first = true, .at = GetCurrentTimestamp(), .by = GetUserNameFromId(GetUserId(), false), .until = DT_NOBEGIN
	};
	cs_store_run(store, CS_STMT_SEAL_LAST, NULL, NULL, false, 1);
	if (SPI_processed == 0)
		return;
	seal->number = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull)) + 1;
	seal->previous = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &isnull);
	seal->is_first = false;
	until = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 3, &isnull);
	if (!isnull)
		seal->until = DatumGetTimestampTz(until);
}

/* Of what is known all that no seal covers, but for what is committed just now. */
static void
seal_epochs(Oid store, cs_seal *seal)
{
	cs_reading reading = cs_begin_reading_whole(store);
	int guc_nest = cs_begin_statements();
	TimestampTz after = seal->until;
	cs_merkle tree;
	cs_epochs epochs;

	if (reading.known > after)
	{
		cs_merkle_init(&tree);
		open_epochs(&epochs, store, after, reading.known);
		seal->epochs = add_epochs(&epochs, reading.known, &tree);
		SPI_cursor_close(epochs.portal);
		seal->has_epochs = seal->epochs > 0;
		seal->until = reading.known;
		seal->epoch_root = tree_root(&tree);
	}
	cs_end_statements(guc_nest);
	cs_end_reading(&reading);
}

static int64
mark_rows(Oid store, int64 number)
{
	Datum arg = Int64GetDatum(number);

	cs_store_run(store, CS_STMT_SEAL_MARK, &arg, NULL, false, 0);
	return (int64) SPI_processed;
}

static Datum
write_seal(Oid store, cs_seal *seal)
{
	Datum args[9] = { Int64GetDatum(seal->number), seal->previous };
	char nulls[] = "         ";
	cs_merkle tree;

	cs_merkle_init(&tree);
	if (add_rows(store, seal->number, false, &tree) != seal->rows)
		ereport(ERROR, (errcode(ERRCODE_T_R_SERIALIZATION_FAILURE), errmsg("the rows to be sealed changed meanwhile")));
	args[2] = root_of(&tree, seal);
	args[3] = Int64GetDatum(seal->rows);
	args[4] = TimestampTzGetDatum(seal->at);
	args[5] = CStringGetTextDatum(seal->by);
	args[6] = TimestampTzGetDatum(seal->until);
	args[7] = Int64GetDatum(seal->epochs);
	args[8] = seal->epoch_root;
	nulls[1] = seal->is_first ? 'n' : ' ';
	nulls[6] = nulls[7] = nulls[8] = seal->has_epochs ? ' ' : 'n';
	cs_store_run(store, CS_STMT_SEAL_INSERT, args, nulls, false, 0);
	return args[2];
}

static bool
seals_nothing(const cs_seal *seal)
{
	return seal->rows == 0 && !seal->has_epochs;
}

/* Seals what can be seen; 0 where nothing was unsealed. */
static Datum
seal_rows(Oid store, cs_seal *seal)
{
	start_seal(store, seal);
	seal_epochs(store, seal);
	seal->rows = mark_rows(store, seal->number);
	return seals_nothing(seal) ? (Datum) 0 : write_seal(store, seal);
}

static void
seal_guarded(Oid store, cs_seal *seal, Datum *root)
{
	PG_TRY();
	{
		cs_audit_begin_sealing();
		*root = seal_rows(store, seal);
	}
	PG_FINALLY();
	{
		cs_audit_end_sealing();
	}
	PG_END_TRY();
}

/* seal_audit(store regnamespace) -> (seal bigint, root bytea, rows bigint); nulls and 0 where there is nothing to seal */
Datum
coserv_seal_audit(PG_FUNCTION_ARGS)
{
	Oid store = PG_GETARG_OID(0);
	MemoryContext caller = CurrentMemoryContext;
	Datum values[3];
	bool nulls[3] = { false };
	TupleDesc desc;
	cs_seal seal;
	int nest;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	lock_seals(store);
	cs_spi_connect();
	nest = begin_texts();
	seal_guarded(store, &seal, &values[1]);
	AtEOXact_GUC(true, nest);
	values[0] = Int64GetDatum(seal.number);
	values[2] = Int64GetDatum(seal.rows);
	nulls[0] = nulls[1] = seals_nothing(&seal);
	if (!seals_nothing(&seal))
	{
		MemoryContext spi = MemoryContextSwitchTo(caller);

		values[1] = cs_pg_make(cs_pg_span(values[1]));
		MemoryContextSwitchTo(spi);
	}
	SPI_finish();
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls));
}

/* --- verify_audit --- */

/* A problem with a seal; expected and found are what contradicts, or 0. */
static void
put_problem(cs_rows *rows, int64 seal, const char *problem, Datum expected, Datum found)
{
	Datum values[4] = { Int64GetDatum(seal), CStringGetTextDatum(problem), expected, found };
	bool nulls[4] = { false, false, expected == (Datum) 0, found == (Datum) 0 };

	cs_rows_put(rows, values, nulls);
}

typedef struct cs_chain
{
	Oid store;
	cs_rows *rows;
	cs_epochs epochs;			  /* all of them, as far as they were not looked at */
	int64 next;					  /* number that the next seal must have */
	uint8_t root[CS_MERKLE_HASH]; /* of the seal before it */
} cs_chain;

static bool
is_chained(const cs_chain *chain, const cs_seal *seal)
{
	if (chain->next == 1)
		return seal->is_first;
	return !seal->is_first && cs_span_eq(cs_pg_span(seal->previous), (cs_span) { chain->root, sizeof chain->root });
}

/* What is known is what the seal covers; what is known from before and was slipped in is among it, as it is in no seal before. */
static void
verify_epochs(cs_chain *chain, const cs_seal *seal)
{
	cs_merkle tree;
	int64 count;
	Datum root;

	if (!seal->has_epochs)
		return;
	cs_merkle_init(&tree);
	count = add_epochs(&chain->epochs, seal->until, &tree);
	root = tree_root(&tree);
	if (count != seal->epochs)
		put_problem(chain->rows, seal->number,
			psprintf("it covers " INT64_FORMAT " epochs, and " INT64_FORMAT " are there", seal->epochs, count), seal->epoch_root, root);
	else if (!cs_span_eq(cs_pg_span(seal->epoch_root), cs_pg_span(root)))
		put_problem(chain->rows, seal->number, "an epoch was changed or exchanged: when something counted", seal->epoch_root, root);
}

static void
verify_seal(cs_chain *chain, HeapTuple row, TupleDesc desc)
{
	Datum values[SEAL_COLUMNS];
	bool nulls[SEAL_COLUMNS];
	cs_merkle tree;
	cs_seal seal;
	Datum root;
	cs_span kept;
	int64 count;

	for (int i = 0; i < SEAL_COLUMNS; i++)
		values[i] = SPI_getbinval(row, desc, i + 1, &nulls[i]);
	seal = (cs_seal) { .number = DatumGetInt64(values[SEAL_NUMBER]),
		.previous = values[SEAL_PREVIOUS],
		.is_first = nulls[SEAL_PREVIOUS],
		.rows = DatumGetInt64(values[SEAL_ROWS]),
		.at = DatumGetTimestampTz(values[SEAL_AT]),
		.by = TextDatumGetCString(values[SEAL_BY]),
		.has_epochs = !nulls[SEAL_UNTIL] && !nulls[SEAL_EPOCHS] && !nulls[SEAL_EPOCH_ROOT],
		.until = nulls[SEAL_UNTIL] ? DT_NOBEGIN : DatumGetTimestampTz(values[SEAL_UNTIL]),
		.epochs = nulls[SEAL_EPOCHS] ? 0 : DatumGetInt64(values[SEAL_EPOCHS]),
		.epoch_root = values[SEAL_EPOCH_ROOT] };
	for (; chain->next < seal.number; chain->next++)
		put_problem(chain->rows, chain->next, "the seal is missing", (Datum) 0, (Datum) 0);
	if (!is_chained(chain, &seal))
		put_problem(chain->rows, seal.number, "it does not follow the seal before it",
			chain->next == 1 ? (Datum) 0 : cs_pg_make((cs_span) { chain->root, sizeof chain->root }),
			seal.is_first ? (Datum) 0 : seal.previous);
	cs_merkle_init(&tree);
	count = add_rows(chain->store, seal.number, true, &tree);
	root = root_of(&tree, &seal);
	kept = cs_pg_span(values[SEAL_ROOT]);
	if (count != seal.rows)
		put_problem(chain->rows, seal.number, psprintf("it covers " INT64_FORMAT " rows, and " INT64_FORMAT " are there", seal.rows, count),
			values[SEAL_ROOT], root);
	else if (!cs_span_eq(kept, cs_pg_span(root)))
		put_problem(chain->rows, seal.number, "a row was changed or exchanged, or the seal itself", values[SEAL_ROOT], root);
	verify_epochs(chain, &seal);
	chain->next = seal.number + 1;
	memset(chain->root, 0, sizeof chain->root);
	memcpy(chain->root, kept.data, Min(kept.len, sizeof chain->root));
}

static void
verify_seals(cs_chain *chain)
{
	Portal portal = SPI_cursor_open(NULL, cs_store_plan(chain->store, CS_STMT_SEALS), NULL, NULL, true);

	for (;;)
	{
		SPITupleTable *seals;
		uint64 count;

		SPI_cursor_fetch(portal, true, ROWS_AT_ONCE);
		seals = SPI_tuptable;
		count = SPI_processed;
		if (count == 0)
			break;
		for (uint64 i = 0; i < count; i++)
			verify_seal(chain, seals->vals[i], seals->tupdesc);
		SPI_freetuptable(seals);
	}
	SPI_cursor_close(portal);
}

/* Rows that say they are sealed by what is no seal. */
static void
find_orphans(const cs_chain *chain)
{
	cs_store_run(chain->store, CS_STMT_SEAL_ORPHANS, NULL, NULL, true, 0);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		bool isnull;
		int64 seal = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &isnull));
		int64 rows = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 2, &isnull));

		put_problem(chain->rows, seal, psprintf(INT64_FORMAT " rows name it, and it is not there", rows), (Datum) 0, (Datum) 0);
	}
}

/* verify_audit(store regnamespace) -> setof (seal bigint, problem text, expected bytea, found bytea) */
Datum
coserv_verify_audit(PG_FUNCTION_ARGS)
{
	cs_chain chain = { .store = PG_GETARG_OID(0), .rows = cs_rows_result(fcinfo), .next = 1 };
	int nest;

	cs_spi_connect();
	nest = begin_texts();
	open_epochs(&chain.epochs, chain.store, DT_NOBEGIN, DT_NOEND);
	verify_seals(&chain);
	find_orphans(&chain);
	SPI_cursor_close(chain.epochs.portal);
	AtEOXact_GUC(true, nest);
	SPI_finish();
	PG_RETURN_NULL();
}
