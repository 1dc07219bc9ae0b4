/*
 * cose_merkle_test.c - roots of Merkle trees are those of RFC 6962: the eight leaves that implementations of Certificate
 * Transparency share as test vectors, and a tree that is neither small nor complete.
 */
#include "cose_test.h"

#include "cose/merkle.h"

static const char *const leaves[] = { "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f" };

static const char *const roots[] = { "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
	"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
	"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
	"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
	"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328" };

static bool
root_is(const cs_merkle *tree, const char *hex)
{
	cs_span wanted = unhex(hex, strlen(hex));
	uint8_t root[CS_MERKLE_HASH];

	return cs_merkle_root(&ctx, tree, root) && cs_span_eq((cs_span) { root, sizeof root }, wanted);
}

static void
test_vectors(void)
{
	cs_merkle tree;

	cs_merkle_init(&tree);
	CHECK(root_is(&tree, roots[0]), "no leaf");
	for (size_t i = 0; i < sizeof leaves / sizeof leaves[0]; i++)
	{
		CHECK(cs_merkle_add(&ctx, &tree, unhex(leaves[i], strlen(leaves[i]))) && root_is(&tree, roots[i + 1]), "%zu leaves", i + 1);
		CHECK(root_is(&tree, roots[i + 1]), "asking for the root changes nothing");
	}
}

static void
test_many(void)
{
	cs_merkle tree;
	bool ok = true;

	cs_merkle_init(&tree);
	for (unsigned i = 0; i < 1000; i++)
	{
		uint8_t leaf[2] = { (uint8_t) (i & 0xff), (uint8_t) (i >> 8) };

		ok &= cs_merkle_add(&ctx, &tree, (cs_span) { leaf, 2 });
	}
	CHECK(ok && root_is(&tree, "457ae06fcc47779e58e3c15b7e8b49c026d5f362b1db62d97c46e604602fc254"), "a thousand leaves");
}

int
main(void)
{
	cs_arena_init(&arena, &ctx);
	test_vectors();
	test_many();
	cs_arena_free(&arena);
	return tap_done();
}
