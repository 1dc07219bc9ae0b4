/*
 * never.h - values that are valid and can never do what their author means.
 */
#ifndef CS_NEVER_H
#define CS_NEVER_H

#include "schema.h"

/* Of an item that a walk enters, and its rule: a sentence that says why, or false. */
extern bool cs_never(const cs_rule *rule, const cs_item *item, char message[CS_TEXT_MAX]);
/* The same of a time. */
extern bool cs_never_time(double seconds, char message[CS_TEXT_MAX]);

#endif
