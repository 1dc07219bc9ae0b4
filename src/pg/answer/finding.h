/*
 * finding.h - what a store says of a statement and its authority at a moment, by look-ups, and by what is kept where that may be used.
 */
#ifndef CS_PG_FINDING_H
#define CS_PG_FINDING_H

#include "pg/base/pg_support.h"

#include "pg/base/lookup.h"
#include "pg/store/reading.h"

typedef struct cs_finding
{
	cs_lookup *lookup;
	const cs_reading *reading;
	bool asked;
	cs_kept_statement last; /* where asked: what was found last */
} cs_finding;

/* May what is kept be used, and more be kept? No more so after any look-up that forgets it, nor for a caller who has not all rights. */
extern bool cs_may_keep(const cs_finding *finding);

/*
 * The statement and its authority as last foreseen by what the reading knows: valid until another is asked for, but for what Datums point
 * to, which lives in the current memory context or is kept. NULL: it was not foreseen then. False in nothing: cs_lookup_end() says whether
 * all was looked up.
 */
extern const cs_kept_statement *cs_find_statement(cs_finding *finding, const pg_uuid_t *manifest);

#endif
