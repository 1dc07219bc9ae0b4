/*
 * triples.h - what triples are sought by, as SQL and members at other servers say it.
 */
#ifndef CS_PG_TRIPLES_H
#define CS_PG_TRIPLES_H

#include "selection.h"

/* By cs_sought_by: the argument "what" of coserv.federation_triples and coserv.member_triples. */
extern const char *const cs_sought_names[];

/*
 * From the arguments what (text), asked (bytea) and kinds (smallint[]), asked and kinds possibly null. False: nobody speaks of a null.
 * Errors: 22023 for another what, 22004 for a kind that is null, and those of the type that asked is of.
 */
extern bool cs_sought_of(NullableDatum what, NullableDatum asked, NullableDatum kinds, cs_sought *out);

extern bool cs_sought_has_kind(const cs_sought *sought, int16 kind);
/* kinds as text of the type int2[]; there are some. */
extern char *cs_sought_kinds_text(const cs_sought *sought);

#endif
