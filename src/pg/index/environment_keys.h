/*
 * environment_keys.h - the keys that environments are found by, in the index (environment_gin.c) and in a list.
 */
#ifndef CS_ENVIRONMENT_KEYS_H
#define CS_ENVIRONMENT_KEYS_H

#include "pg/base/pg_support.h"

/* The key of an environment that has no attribute. */
#define CS_ENVIRONMENT_EMPTY_KEY UINT64CONST(0x656d7074790a)

/*
 * 64-bit hashes of an environment's attributes, palloc'd, none of them marked as its anchor: the one that says most. What is contained in
 * an environment has one of that environment's attributes as its anchor, or none at all. Hashes may collide: whatever is found is
 * rechecked.
 *
 * An instance or a class-id says so much that asking for what stands beside it costs more than rechecking it: common keys have long lists
 * of rows. narrows[i] says whether attribute i is worth asking for beside the anchor.
 */
typedef struct cs_environment_keys
{
	uint64 *values;
	bool *narrows;
	size_t count;
	size_t anchor; /* which of them is; 0 when there is none */
} cs_environment_keys;
extern cs_environment_keys cs_environment_keys_of(const cs_item *environment);

#endif
