/*
 * load.h - what load.c has for the other files of the room.
 */
#ifndef CS_PG_LOAD_H
#define CS_PG_LOAD_H

#include "pg/store/truth.h"

/* The body of a row of truth, detoasted. SPI must be connected, as the owner of the store's tables. Raises where it is not there. */
extern Datum cs_load_body(Oid store, const pg_uuid_t *truth);

/*
 * Raises RA009 where the statement is to be forgotten: for a session always, so that it is the same in every region; for what arrives where
 * this region erases. forget.c.
 */
#define CS_FORGOTTEN MAKE_SQLSTATE('R', 'A', '0', '0', '9')
extern void cs_load_require_unforgotten(Oid store, const pg_uuid_t *statement, bool arrives);

/* Moments behind this one lie too far ahead. (ahead.c) */
extern TimestampTz cs_load_ahead(void);
/* Make of a row of truth what it says, as of one that arrives; raises what is said against it. (arrive.c) */
extern void cs_load_say(Oid store, const cs_truth *truth);

/*
 * Of a document with several signatures each that an authority vouches for is made a statement, also where another one was forgotten.
 * Answers how many it has. (signatures.c)
 */
extern int cs_load_statements(Oid store, const cs_truth *truth);
/*
 * As cs_load_say, in a subtransaction. NULL: it was taken in; else what is said against it, and whether it was forgotten. Raises what
 * befell the server. (arrive.c)
 */
extern char *cs_load_attempt(Oid store, const cs_truth *truth, bool *forgotten);

/* Runs a statement that updates table manifest; its trigger lets that pass. Answers whether a row was. (load.c) */
extern bool cs_load_update_manifest(Oid store, cs_statement statement, Datum *args, const char *nulls);

/* Is it said against a document, or against who loads it? Not what befell the server or the statement. (try_load.c) */
extern bool cs_is_refusal(int sqlstate);

#endif
