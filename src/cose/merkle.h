/*
 * merkle.h - the root of a Merkle tree over a list of byte strings (RFC 6962 section 2.1), with SHA-256. Leaves come one by one; what
 * is kept grows with the logarithm of their number.
 */
#ifndef CS_MERKLE_H
#define CS_MERKLE_H

#include "cose.h"

#define CS_MERKLE_HASH 32

typedef struct cs_merkle
{
	uint64_t count; /* leaves so far */
	/* roots of complete subtrees: nodes[i] is one of 2^i leaves, and is there where bit i of count is set */
	uint8_t nodes[64][CS_MERKLE_HASH];
} cs_merkle;

extern void cs_merkle_init(cs_merkle *tree);
/* CS_NO_MEMORY, or what cs_sha256 reports. */
extern bool cs_merkle_add(cs_ctx *ctx, cs_merkle *tree, cs_span leaf);
/* MTH of what was added so far; of nothing, the hash of nothing. More may be added afterwards. */
extern bool cs_merkle_root(cs_ctx *ctx, const cs_merkle *tree, uint8_t root[CS_MERKLE_HASH]);

#endif
