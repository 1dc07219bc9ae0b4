/*
 * trigger.c - how a function that is a trigger of a store's tables starts (trigger.h).
 */
#include "trigger.h"

TriggerData *
cs_row_trigger(FunctionCallInfo fcinfo, const char *name)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_FOR_ROW(trigger->tg_event))
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED), errmsg("%s is a row trigger of a coserv store", name)));
	return trigger;
}
