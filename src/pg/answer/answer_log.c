/*
 * answer_log.c - rows of a store's table answer.
 */
#include "answer_log.h"

#include "access/xact.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

#include "pg/base/store.h"

static void
insert_answer(Oid store, cs_span query, const uint8_t *digest, bool is_signed)
{
	Datum args[] = { cs_pg_make(query), cs_pg_make((cs_span) { digest, 32 }), BoolGetDatum(is_signed) };

	cs_spi_connect();
	cs_store_run(store, CS_STMT_LOG_ANSWER, args, NULL, false, 0);
	SPI_finish();
}

/* In a subtransaction: what is wrong with the row is not the answer's. */
bool
cs_log_answer(Oid store, cs_span query, const uint8_t *digest, bool is_signed)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	volatile bool logged = false;

	if (XactReadOnly)
		return false;
	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		insert_answer(store, query, digest, is_signed);
		ReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		CurrentResourceOwner = owner;
		logged = true;
	}
	PG_CATCH();
	{
		ErrorData *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		CurrentResourceOwner = owner;
		if (error->sqlerrcode == ERRCODE_QUERY_CANCELED)
			ReThrowError(error);
		ereport(WARNING, (errcode(error->sqlerrcode), errmsg("the answer could not be put on record: %s", error->message)));
	}
	PG_END_TRY();
	return logged;
}
