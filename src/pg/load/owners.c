/*
 * owners.c - whose statements are, where a signature leads to several authorities (pg/trust/owner.h): decided again at the commit of
 * whatever bears on it, for all statements of a signer at once where that tells. The statement stays what it is, as it goes by what was
 * signed and by whose key; whose it was stays in what was foreseen before.
 */
#include "load.h"

#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/uuid.h"
#include "catalog/pg_type.h"

#include "pg/store/settle.h"
#include "pg/trust/opened.h"
#include "pg/trust/verify_row.h"

/* Columns of CS_STMT_SIGNED and CS_STMT_SIGNED_BY. */
typedef struct cs_signed
{
	pg_uuid_t id;
	pg_uuid_t truth;
	pg_uuid_t authority;
	pg_uuid_t signer;
	bool withdrawn;
} cs_signed;

/* A document of a statement. */
typedef struct cs_signed_document
{
	pg_uuid_t truth;
	Datum digest;
	pg_uuid_t signer;
} cs_signed_document;

/* To whom a signer leads. */
typedef struct cs_candidates
{
	cs_candidate *all;
	int count;
	pg_uuid_t signer;
} cs_candidates;

static pg_uuid_t
uuid_column(SPITupleTable *rows, uint64 row, int column)
{
	bool isnull;

	return *DatumGetUUIDP(SPI_getbinval(rows->vals[row], rows->tupdesc, column, &isnull));
}

static bool
same(const pg_uuid_t *a, const pg_uuid_t *b)
{
	return memcmp(a, b, UUID_LEN) == 0;
}

/* A signer that an older form of the store did not know: every statement of it is looked at by itself. */
static bool
is_unknown(const pg_uuid_t *signer)
{
	static const pg_uuid_t unknown = { { 0 } };

	return same(signer, &unknown);
}

/* To whom a document of a statement leads, in the current memory context. */
static cs_candidates
candidates_of(Oid store, const pg_uuid_t *statement, const pg_uuid_t *truth)
{
	MemoryContext caller = CurrentMemoryContext;
	cs_candidates out = { .count = 0 };
	cs_candidate *all;
	cs_span document, payload;
	pg_uuid_t *in_name_of;
	cs_verified v;
	cs_ctx ctx;

	cs_spi_connect();
	cs_truth_read_document(cs_load_body(store, truth), &document, &payload, &in_name_of);
	cs_pg_ctx_stored(&ctx);
	if (payload.data != NULL ? cs_open_with_payload(&ctx, document, payload, true, &v) : cs_opened_document(&ctx, document, true, &v))
	{
		v.must_be = statement->data;
		out.count = cs_find_candidates(&ctx, store, &v, &all);
		memcpy(out.signer.data, v.signer_id, UUID_LEN);
	}
	if (out.count > 0)
		out.all = memcpy(MemoryContextAlloc(caller, sizeof(cs_candidate) * (Size) out.count), all, sizeof(cs_candidate) * (Size) out.count);
	SPI_finish();
	return out;
}

/* What an older form of the store did not know is known now, where anybody vouches for it. */
static void
remember_signer(Oid store, const cs_signed *statement, const cs_candidates *candidates)
{
	Datum args[2] = { UUIDPGetDatum(&statement->id), UUIDPGetDatum(&candidates->signer) };

	if (is_unknown(&statement->signer) && candidates->count > 0)
		(void) cs_load_update_manifest(store, CS_STMT_MANIFEST_SIGNER, args, NULL);
}

/* A revocation of a tag is of one authority's: whoever has another one speak is told what answers again. */
static void
warn_of_tags(Oid store, Datum id, Datum authority, Datum name)
{
	Datum args[2] = { id, authority };

	if (cs_is_replicating())
		return;
	cs_run_latest(store, CS_STMT_TAGS_REVOKED_NO_MORE, args, NULL);
	for (uint64 i = 0; i < SPI_processed; i++)
		ereport(WARNING,
			(errmsg("tag \"%s\", which is revoked of authority \"%s\", is authority \"%s\"'s now, and is not revoked of that one",
				 SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1),
				 SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 2), cs_pg_shown(name)),
				errhint("Revoke the tag of that authority, too.")));
}

/* Make it this authority's, by this document; false: the authority may not say it. */
static bool
take_under(Oid store, const pg_uuid_t *id, const cs_signed_document *by, const pg_uuid_t *authority)
{
	cs_verifying how = { .only_id = authority, .accept_legacy = true, .as_history = true, .statement = id };
	cs_manifest_row row = { { 0 } };
	cs_span document, payload;
	pg_uuid_t *in_name_of;
	cs_verified v;
	cs_ctx ctx;
	Datum args[9];
	char nulls[10] = "         ";

	for (int i = 0; i < CS_COLUMNS; i++)
		row.nulls[i] = true;
	cs_truth_read_document(cs_load_body(store, &by->truth), &document, &payload, &in_name_of);
	cs_pg_ctx_stored(&ctx);
	if (!cs_verify_document(&ctx, store, document, payload, &how, &v) || memcmp(v.statement, id, UUID_LEN) != 0)
		return false;
	cs_describe_row(&ctx, &v, &row);
	args[0] = UUIDPGetDatum(id);
	args[1] = row.values[CS_COL_AUTHORITY];
	args[2] = row.values[CS_COL_AUTHORITY_ID];
	args[3] = row.values[CS_COL_SCOPE];
	args[4] = row.values[CS_COL_SIGNER];
	args[5] = UUIDPGetDatum(&by->truth);
	args[6] = by->digest;
	args[7] = row.values[CS_COL_NOT_BEFORE];
	args[8] = row.values[CS_COL_NOT_AFTER];
	nulls[7] = row.nulls[CS_COL_NOT_BEFORE] ? 'n' : ' ';
	nulls[8] = row.nulls[CS_COL_NOT_AFTER] ? 'n' : ' ';
	(void) cs_load_update_manifest(store, CS_STMT_MANIFEST_OWNER, args, nulls);
	warn_of_tags(store, args[0], args[2], args[1]);
	args[1] = args[2];
	cs_settle_moves(store, id, args[1]);
	cs_run_latest(store, CS_STMT_TAG_OWNER, args, NULL);
	cs_settle_later(store, CS_TRUTH_DOCUMENT, id);
	return true;
}

/* The first who may say it has it. Whoever has it and is first has been asked already (load.c). */
static void
decide(Oid store, const cs_signed *statement, const cs_candidates *candidates)
{
	cs_signed_document by = { .truth = statement->truth };
	Datum id = UUIDPGetDatum(&statement->id);
	bool isnull, done = false;

	cs_spi_connect();
	for (int i = 0; i < candidates->count && !done; i++)
	{
		const pg_uuid_t *authority = &candidates->all[i].authority;

		if (same(authority, &statement->authority))
		{
			done = !statement->withdrawn;
			continue;
		}
		if (by.digest == (Datum) 0)
		{
			cs_run_latest(store, CS_STMT_MANIFEST_ANY, &id, NULL);
			by.digest = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &isnull);
		}
		done = take_under(store, &statement->id, &by, authority);
	}
	SPI_finish();
	CHECK_FOR_INTERRUPTS();
}

/* --- of several documents --- */

static int
read_documents(Oid store, const pg_uuid_t *id, cs_signed_document **out)
{
	Datum arg = UUIDPGetDatum(id);
	int count;

	cs_run_latest(store, CS_STMT_DOCUMENTS_OF, &arg, NULL);
	count = (int) SPI_processed;
	*out = palloc(sizeof(cs_signed_document) * (Size) Max(count, 1));
	for (int i = 0; i < count; i++)
	{
		bool isnull;

		(*out)[i].truth = uuid_column(SPI_tuptable, (uint64) i, 1);
		(*out)[i].digest = SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 2, &isnull);
		(*out)[i].signer = uuid_column(SPI_tuptable, (uint64) i, 3);
	}
	return count;
}

/* Those of all documents, each authority where it stands first. */
static cs_candidates
merge(cs_candidates a, cs_candidates b)
{
	cs_candidates out = { .all = palloc(sizeof(cs_candidate) * (Size) (a.count + b.count + 1)) };
	int count = 0;

	for (int i = 0; i < a.count; i++)
		out.all[count++] = a.all[i];
	for (int i = 0; i < b.count; i++)
		out.all[count++] = b.all[i];
	qsort(out.all, (size_t) count, sizeof(cs_candidate), cs_compare_candidates);
	for (int i = 0; i < count; i++)
	{
		bool before = false;

		for (int k = 0; k < out.count; k++)
			before |= same(&out.all[k].authority, &out.all[i].authority);
		if (!before)
			out.all[out.count++] = out.all[i];
	}
	return out;
}

/* The document that answers now stands among the further ones, and the other way round. */
static void
exchange(Oid store, const pg_uuid_t *id, const cs_signed_document *answered, const cs_signed_document *answers)
{
	Datum further[4] = { UUIDPGetDatum(&answered->truth), UUIDPGetDatum(id), answered->digest, UUIDPGetDatum(&answered->signer) };
	Datum main[2] = { UUIDPGetDatum(&answers->truth), further[1] };

	if (same(&answered->truth, &answers->truth))
		return;
	cs_run_latest(store, CS_STMT_MANIFEST_DOCUMENT_ADD, further, NULL);
	cs_run_latest(store, CS_STMT_MANIFEST_DOCUMENT_DROP, main, NULL);
}

static cs_signed_document
answering_document(Oid store, const pg_uuid_t *id)
{
	Datum arg = UUIDPGetDatum(id);
	cs_signed_document out;
	bool isnull;

	cs_run_latest(store, CS_STMT_MANIFEST_ANY, &arg, NULL);
	out.truth = uuid_column(SPI_tuptable, 0, 1);
	out.digest = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &isnull);
	out.signer = uuid_column(SPI_tuptable, 0, 4);
	return out;
}

/* The first who may say it by any of the documents has it, and of those by which he may the first answers. */
static void
decide_by_all(Oid store, const pg_uuid_t *id)
{
	cs_signed_document answered, *documents;
	cs_candidates candidates = { .count = 0 };
	bool done = false;
	int count;

	cs_spi_connect();
	answered = answering_document(store, id);
	count = read_documents(store, id, &documents);
	for (int i = 0; i < count; i++)
		candidates = merge(candidates, candidates_of(store, id, &documents[i].truth));
	for (int i = 0; i < candidates.count && !done; i++)
		for (int k = 0; k < count && !done; k++)
		{
			done = take_under(store, id, &documents[k], &candidates.all[i].authority);
			if (done)
				exchange(store, id, &answered, &documents[k]);
		}
	SPI_finish();
	CHECK_FOR_INTERRUPTS();
}

static void
decide_those_by_all(Oid store, Datum statements)
{
	SPITupleTable *rows;
	uint64 count;

	cs_run_latest(store, CS_STMT_SIGNED_TWICE, &statements, statements ? NULL : "n");
	rows = SPI_tuptable;
	count = SPI_processed;
	for (uint64 i = 0; i < count; i++)
	{
		pg_uuid_t id = uuid_column(rows, i, 1);

		decide_by_all(store, &id);
	}
}

/* --- which statements --- */

/* Rows of statements, those of one authority and signer behind one another; given: to whom all of them lead, where that is known. */
static void
decide_each(Oid store, SPITupleTable *rows, uint64 count, const cs_candidates *given)
{
	cs_candidates found = { .count = 0 };
	cs_signed last = { { { 0 } } };

	for (uint64 i = 0; i < count; i++)
	{
		bool isnull;
		cs_signed is = { uuid_column(rows, i, 1), uuid_column(rows, i, 2), uuid_column(rows, i, 3), uuid_column(rows, i, 4),
			DatumGetBool(SPI_getbinval(rows->vals[i], rows->tupdesc, 5, &isnull)) };

		if (given == NULL && (is_unknown(&is.signer) || !same(&is.signer, &last.signer) || !same(&is.authority, &last.authority)))
		{
			if (found.all != NULL)
				pfree(found.all);
			found = candidates_of(store, &is.id, &is.truth);
			remember_signer(store, &is, &found);
		}
		last = is;
		decide(store, &is, given ? given : &found);
	}
}

static bool
is_among(const pg_uuid_t *id, const pg_uuid_t *authorities, int count)
{
	for (int i = 0; i < count; i++)
		if (same(id, &authorities[i]))
			return true;
	return false;
}

/*
 * Does what became of these authorities bear on what leads to these candidates, and is at whom it is? With what is said of any, truth knows
 * of a later moment, and another may be the first.
 */
static bool
bears_on(const pg_uuid_t *owner, const cs_candidates *candidates, const pg_uuid_t *authorities, int count)
{
	bool bears = is_among(owner, authorities, count) || (candidates->count > 0 && !same(&candidates->all[0].authority, owner)),
		 others = false;

	for (int i = 0; i < candidates->count; i++)
	{
		others |= !same(&candidates->all[i].authority, owner);
		bears |= is_among(&candidates->all[i].authority, authorities, count);
	}
	return bears && others;
}

static void
decide_signer(Oid store, SPITupleTable *signers, uint64 row, const pg_uuid_t *authorities, int count)
{
	pg_uuid_t owner = uuid_column(signers, row, 1), signer = uuid_column(signers, row, 2), example = uuid_column(signers, row, 3),
			  truth = uuid_column(signers, row, 4);
	Datum args[2] = { UUIDPGetDatum(&owner), UUIDPGetDatum(&signer) };
	cs_candidates candidates = { .count = 0 };
	bool each = is_unknown(&signer);

	cs_spi_connect();
	if (!each)
		candidates = candidates_of(store, &example, &truth);
	if (each || bears_on(&owner, &candidates, authorities, count))
	{
		cs_run_latest(store, CS_STMT_SIGNED_BY, args, NULL);
		decide_each(store, SPI_tuptable, SPI_processed, each ? NULL : &candidates);
	}
	SPI_finish();
	CHECK_FOR_INTERRUPTS();
}

static pg_uuid_t *
ids_of(Datum array, int *count)
{
	Datum *values;
	pg_uuid_t *ids;

	deconstruct_array(DatumGetArrayTypeP(array), UUIDOID, UUID_LEN, false, TYPALIGN_CHAR, &values, NULL, count);
	ids = palloc_extended(sizeof(pg_uuid_t) * (Size) Max(*count, 1), MCXT_ALLOC_HUGE);
	for (int i = 0; i < *count; i++)
		ids[i] = *DatumGetUUIDP(values[i]);
	return ids;
}

void
cs_load_owners(Oid store, Datum authorities, Datum statements)
{
	int authority_count, statement_count;
	pg_uuid_t *ids = ids_of(authorities, &authority_count);
	SPITupleTable *rows;
	uint64 count;

	(void) ids_of(statements, &statement_count);
	if (authority_count > 0)
	{
		cs_run_latest(store, CS_STMT_SIGNERS, NULL, NULL);
		rows = SPI_tuptable;
		count = SPI_processed;
		for (uint64 i = 0; i < count; i++)
			decide_signer(store, rows, i, ids, authority_count);
		decide_those_by_all(store, 0);
	}
	if (statement_count > 0)
	{
		cs_run_latest(store, CS_STMT_SIGNED, &statements, NULL);
		decide_each(store, SPI_tuptable, SPI_processed, NULL);
		decide_those_by_all(store, statements);
	}
}
