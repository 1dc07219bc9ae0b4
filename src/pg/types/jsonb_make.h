/*
 * jsonb_make.h - a jsonb of the text that the core wrote, which can be cancelled: PostgreSQL's own input reads a text of 60 MB, or sorts a
 * million keys, and listens to nobody meanwhile.
 */
#ifndef CS_JSONB_MAKE_H
#define CS_JSONB_MAKE_H

#include "pg/base/pg_support.h"

/*
 * A jsonb in the current memory context. json is UTF-8, and one value as cs_put_json_string and its callers write it, so not what a user
 * wrote. As jsonb_in does: the last of equal keys counts; untranslatable_character for U+0000, and where the server's encoding has no such
 * character; program_limit_exceeded for a string beyond what jsonb holds.
 */
extern Datum cs_pg_make_jsonb(cs_span json);

#endif
