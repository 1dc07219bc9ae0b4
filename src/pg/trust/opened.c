/*
 * opened.c - remembers the last document that was opened in this transaction, by its bytes.
 */
#include "opened.h"

#include "utils/memutils.h"

typedef struct cs_opened
{
	MemoryContext memory;
	cs_span bytes;
	cs_verified document;
	MemoryContextCallback forget;
} cs_opened;

static cs_opened *last = NULL;

static void
forget_last(void *opened)
{
	if (last == opened)
		last = NULL;
}

/* A copy of the bytes in memory of its own, taken apart; NULL with ctx->error. */
static cs_opened *
open_copy(cs_ctx *ctx, cs_span document)
{
	MemoryContext memory = AllocSetContextCreate(TopTransactionContext, "coserv document", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(memory);
	cs_opened *opened = palloc0(sizeof(cs_opened));
	uint8_t *copy = palloc(Max(document.len, 1));
	cs_ctx own;
	bool ok;

	cs_pg_ctx(&own);
	memcpy(copy, document.data, document.len);
	ok = cs_open_document(&own, (cs_span) { copy, document.len }, true, &opened->document);
	MemoryContextSwitchTo(old);
	if (!ok)
	{
		ctx->error = own.error;
		MemoryContextDelete(memory);
		return NULL;
	}
	opened->memory = memory;
	opened->bytes = (cs_span) { copy, document.len };
	opened->forget.func = forget_last;
	opened->forget.arg = opened;
	MemoryContextRegisterResetCallback(memory, &opened->forget);
	return opened;
}

bool
cs_opened_document(cs_ctx *ctx, cs_span document, bool accept_legacy, cs_verified *out)
{
	if (last == NULL || !cs_span_eq(last->bytes, document))
	{
		if (last != NULL)
			MemoryContextDelete(last->memory);
		last = open_copy(ctx, document);
		if (last == NULL)
			return false;
	}
	/* the error that names the form and its place takes another look */
	if (last->document.legacy_count > 0 && !accept_legacy)
		return cs_open_document(ctx, document, false, out);
	*out = last->document;
	return true;
}

bool
cs_opened_take(cs_ctx *ctx, cs_span document, cs_verified *out)
{
	if (!cs_opened_document(ctx, document, true, out))
		return false;
	MemoryContextSetParent(last->memory, CurrentMemoryContext);
	last = NULL;
	return true;
}
