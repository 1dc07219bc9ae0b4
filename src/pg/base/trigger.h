/*
 * trigger.h - how a function that is a trigger of a store's tables starts.
 */
#ifndef CS_PG_TRIGGER_H
#define CS_PG_TRIGGER_H

#include "pg_support.h"

#include "commands/trigger.h"

/* The trigger that a function was called as, which is one FOR EACH ROW; name is the function's. Raises 39P01 for any other call. */
extern TriggerData *cs_row_trigger(FunctionCallInfo fcinfo, const char *name);

/* The row as it will be, of an UPDATE the new one. */
static inline HeapTuple
cs_trigger_row(const TriggerData *trigger)
{
	return TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ? trigger->tg_newtuple : trigger->tg_trigtuple;
}

#endif
