/*
 * sweep.h - what is gone leaves the indexes that answer now, without waiting for VACUUM. What a newer version supersedes counts no more
 * for who asks now, but its entries stay, and GIN has no hints that would pass them over: each look-up would visit all of them.
 */
#ifndef CS_PG_SWEEP_H
#define CS_PG_SWEEP_H

#include "lookup.h"

/* Looking costs as much as there are entries: of acts that leave so few each, one in some is to look. The dice are of the caller's. */
extern bool cs_sweep_is_due(uint32 dice, uint32 left);

/*
 * Removes all entries of rows that are gone from a table's live indexes by environment, where there are many for this one: the work is in
 * proportion to the table, and so many must have come since the last time. Not where VACUUM is at work, or no such index is to be had.
 */
extern void cs_sweep(Oid store, cs_lookup_table table, Datum environment);

#endif
