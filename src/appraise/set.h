/*
 * set.h - inside src/appraise: a set of byte strings that numbers its members from 0 in the order they came. What the ACS looks
 * things up by (environments, encodings, groups, elements) is such a set.
 */
#ifndef CS_SET_H
#define CS_SET_H

#include "cbor/core.h"

typedef struct cs_set
{
	cs_ctx *ctx;
	cs_span *members;
	uint64_t *hashes;
	size_t count;
	size_t capacity;
	size_t *slots; /* member + 1, or 0; a power of two of them, at most half full */
	size_t slot_count;
} cs_set;

#define CS_SET_NONE SIZE_MAX

extern void cs_set_init(cs_set *set, cs_ctx *ctx);
extern size_t cs_set_find(const cs_set *set, cs_span bytes); /* CS_SET_NONE when it is no member */
/* The bytes must outlive the set, unless copy. *fresh (may be NULL): it was no member before. */
extern bool cs_set_add(cs_set *set, cs_span bytes, bool copy, size_t *index, bool *fresh);

#endif
