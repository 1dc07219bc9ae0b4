/*
 * jsonb_text.h - the text of a jsonb, which can be cancelled and has a bound: PostgreSQL's own writes a gigabyte of zeros for a few bytes
 * of 1e131071 before it gives up, and listens to nobody meanwhile.
 */
#ifndef CS_JSONB_TEXT_H
#define CS_JSONB_TEXT_H

#include "pg/base/pg_support.h"

#include "utils/jsonb.h"

/* UTF-8, whatever the server's encoding is; beyond max_size of its context the buffer fails with CS_LIMIT. */
extern void cs_pg_put_jsonb(cs_buf *out, Jsonb *json);

#endif
