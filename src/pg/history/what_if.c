/*
 * what_if.c - something is done in a subtransaction, looked at, and rolled back.
 */
#include "pg/base/pg_support.h"

#include "access/xact.h"
#include "utils/resowner.h"

#include "lifecycle.h"

static void
roll_back(MemoryContext context, ResourceOwner owner)
{
	RollbackAndReleaseCurrentSubTransaction();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
}

void
cs_what_if(void (*act)(void *data), void *data)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		act(data);
		roll_back(context, owner);
	}
	PG_CATCH();
	{
		ErrorData *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		roll_back(context, owner);
		ReThrowError(error);
	}
	PG_END_TRY();
}
