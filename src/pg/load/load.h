/*
 * load.h - what load.c has for the other files of the room.
 */
#ifndef CS_PG_LOAD_H
#define CS_PG_LOAD_H

#include "pg/store/truth.h"

/* The body of a row of truth, detoasted. SPI must be connected, as the owner of the store's tables. Raises where it is not there. */
extern Datum cs_load_body(Oid store, const pg_uuid_t *truth);

/* Is it said against a document, or against who loads it? Not what befell the server or the statement. (try_load.c) */
extern bool cs_is_refusal(int sqlstate);

#endif
