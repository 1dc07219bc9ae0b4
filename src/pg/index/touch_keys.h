/*
 * touch_keys.h - the keys by which kept Evidence is found that a triple could touch (sql/store/58_kept.sql): 64-bit hashes of what would
 * have to be there for the triple to change what is said of it. Necessary conditions, never sufficient ones: what is found is appraised.
 */
#ifndef CS_PG_TOUCH_KEYS_H
#define CS_PG_TOUCH_KEYS_H

#include "pg/base/pg_support.h"

/* What a key is of. On disk, as the hashes are: changing one takes an upgrade of stores. */
typedef enum cs_touch
{
	CS_TOUCH_UNSPOKEN,	   /* the mkey of an element of the Evidence that no Reference Value speaks of */
	CS_TOUCH_CONTRADICTED, /* the mkey of one that only others than it speak of */
	CS_TOUCH_FILE		   /* the path of an element that may be a measured file */
} cs_touch;

/* bytes: an mkey in deterministic encoding (empty: none), or a path in UTF-8. */
extern int64 cs_touch_key(cs_touch what, cs_span bytes);

#endif
