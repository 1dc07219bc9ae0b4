/*
 * merkle.c - the root of a Merkle tree (merkle.h). A leaf's hash begins with 00 and a node's with 01, so that no list has the
 * root of another (RFC 6962 section 2.1).
 */
#include "merkle.h"

#include <string.h>

void
cs_merkle_init(cs_merkle *tree)
{
	tree->count = 0;
}

static bool
hash_leaf(cs_ctx *ctx, cs_span leaf, uint8_t out[CS_MERKLE_HASH])
{
	cs_buf bytes;
	bool ok;

	cs_buf_init(&bytes, ctx);
	cs_put_byte(&bytes, 0x00);
	cs_put_raw(&bytes, leaf.data, leaf.len);
	ok = cs_buf_ok(&bytes) && cs_sha256(ctx, cs_buf_span(&bytes), out);
	if (bytes.data != NULL)
		ctx->release(ctx->actx, bytes.data);
	return ok;
}

static bool
hash_node(cs_ctx *ctx, const uint8_t left[CS_MERKLE_HASH], const uint8_t right[CS_MERKLE_HASH], uint8_t out[CS_MERKLE_HASH])
{
	uint8_t bytes[1 + 2 * CS_MERKLE_HASH];

	bytes[0] = 0x01;
	memcpy(bytes + 1, left, CS_MERKLE_HASH);
	memcpy(bytes + 1 + CS_MERKLE_HASH, right, CS_MERKLE_HASH);
	return cs_sha256(ctx, (cs_span) { bytes, sizeof bytes }, out);
}

bool
cs_merkle_add(cs_ctx *ctx, cs_merkle *tree, cs_span leaf)
{
	uint8_t hash[CS_MERKLE_HASH];
	int height = 0;

	if (!hash_leaf(ctx, leaf, hash))
		return false;
	for (; tree->count >> height & 1; height++)
		if (!hash_node(ctx, tree->nodes[height], hash, hash))
			return false;
	memcpy(tree->nodes[height], hash, CS_MERKLE_HASH);
	tree->count++;
	return true;
}

bool
cs_merkle_root(cs_ctx *ctx, const cs_merkle *tree, uint8_t root[CS_MERKLE_HASH])
{
	bool started = false;

	if (tree->count == 0)
		return cs_sha256(ctx, (cs_span) { root, 0 }, root);
	/* what is incomplete hangs to the right of the next larger complete subtree */
	for (int height = 0; height < 64; height++)
	{
		if (!(tree->count >> height & 1))
			continue;
		if (!started)
			memcpy(root, tree->nodes[height], CS_MERKLE_HASH);
		else if (!hash_node(ctx, tree->nodes[height], root, root))
			return false;
		started = true;
	}
	return true;
}
