/*
 * cose_signed_test.c - signed CoRIMs of others: what signed/SIGNED.tsv says verifies does, with each form of its key, and with one bit
 * flipped it does not; certificate chains lead to their root, in their time, and to no other. COSERV_CORPUS moves the place.
 */
#include "cose_test.h"

#define IN_VALIDITY INT64_C(1800000000) /* 2027-01-15: the certificates hold from 2026-05-05 to 2053-09-20 */

/* Flips bits of part, which lies in document, each step-th of them; how many pass? */
static int
flips(cs_span document, cs_span part, size_t step, const cs_key *key)
{
	int accepted = 0;

	for (size_t bit = 0; bit < part.len * 8; bit += step)
	{
		uint8_t *p = (uint8_t *) part.data + bit / 8;

		*p ^= (uint8_t) (1 << bit % 8);
		accepted += verifies(document, key);
		*p ^= (uint8_t) (1 << bit % 8);
	}
	return accepted;
}

static void
check_flips(const char *name, cs_span document, const cs_key *key, bool thorough)
{
	cs_sign1 sign1;

	open_sign1(document, &sign1);
	CHECK(flips(document, sign1.signature, thorough ? 1 : 61, key) == 0, "%s: signature flipped (%s)", name,
		thorough ? "each bit" : "sampled");
	CHECK(flips(document, sign1.protected_raw, thorough ? 7 : 97, key) == 0, "%s: protected header flipped", name);
	CHECK(flips(document, sign1.payload, sign1.payload.len * 8 / 5 + 1, key) == 0, "%s: payload flipped", name);
	CHECK(verifies(document, key), "%s: verifies again when all is put back", name);
}

static void
check_key_forms(const char *name, cs_span document, const char *pem)
{
	static const char *const forms[] = { "pem", "jwk", "cose_key" };

	for (int i = 0; i < 3; i++)
	{
		char file[256];
		cs_key key;

		snprintf(file, sizeof(file), "%.*s%s", (int) (strlen(pem) - 3), pem, forms[i]);
		CHECK(open_key(read_file(corpus(), file), &key) && verifies(document, &key), "%s: verifies with the %s", name, forms[i]);
	}
}

static cs_key
cert_key(const char *file)
{
	cs_key key;

	if (!open_key(read_file(corpus(), file), &key))
		abort();
	return key;
}

static void
check_chain(const char *name, cs_span document)
{
	cs_key root = cert_key("signed/certs/veraison-corim-store.root.cert.pem"),
		   intermediate = cert_key("signed/certs/veraison-corim-store.int.cert.pem"),
		   leaf = cert_key("signed/certs/veraison-corim-store.leaf.cert.pem"), bare = root, other, signer;
	cs_sign1 sign1;
	cs_span *certs = NULL;
	size_t count = 0;

	if (!CHECK(open_sign1(document, &sign1) && cs_sign1_x5chain(&ctx, &sign1, &certs, &count) && count > 0, "%s: has x5chain", name))
		return;
	CHECK(cs_key_from_cert(&ctx, certs[0], &signer) && verifies(document, &signer), "%s: verifies with its first certificate", name);
	CHECK(cs_chain_verify(&ctx, certs, count, &root, IN_VALIDITY), "%s: leads to the root", name);
	CHECK(cs_chain_verify(&ctx, certs, count, &intermediate, IN_VALIDITY), "%s: leads to the intermediate", name);
	CHECK(cs_chain_verify(&ctx, certs, count, &leaf, IN_VALIDITY), "%s: leads to the leaf", name);
	bare.cert = (cs_span) { NULL, 0 };
	CHECK(cs_chain_verify(&ctx, certs, count, &bare, IN_VALIDITY), "%s: leads to the root's bare key", name);
	bare.spki = leaf.spki;
	CHECK(cs_chain_verify(&ctx, certs, count, &bare, IN_VALIDITY), "%s: leads to the leaf's bare key", name);

	CHECK(root.has_not_after && cs_chain_verify(&ctx, certs, count, &root, root.not_before) &&
			!cs_chain_verify(&ctx, certs, count, &root, root.not_before - 1),
		"%s: does not hold before (%s)", name, ctx.error.found);
	CHECK(!cs_chain_verify(&ctx, certs, count, &root, root.not_after + 1) && ctx.error.code == CS_BAD_SIGNATURE,
		"%s: does not hold after (%s)", name, ctx.error.found);
	CHECK(!cs_chain_verify(&ctx, certs, count, &bare, root.not_after + 1), "%s: nor does it with a bare key", name);
	other = cert_key("signed/keys/51b944cdfa54.pem");
	CHECK(!cs_chain_verify(&ctx, certs, count, &other, IN_VALIDITY), "%s: does not lead to another key (%s)", name, ctx.error.found);
	if (count > 1)
	{
		cs_span gap[1] = { certs[0] };

		CHECK(!cs_chain_verify(&ctx, gap, 1, &root, IN_VALIDITY), "%s: has no gap (%s)", name, ctx.error.found);
	}
}

static void
check_row(char *line, int *files)
{
	char *column[7] = { NULL };
	cs_span document;
	cs_key key;

	for (int i = 0; i < 7 && line; i++)
		column[i] = strsep(&line, "\t");
	if (!column[6] || strcmp(column[4], "VERIFIES") != 0)
		return;
	document = read_file(corpus(), column[0]);
	if (!CHECK(document.data && open_key(read_file(corpus(), column[3]), &key) && verifies(document, &key), "%s: verifies", column[0]))
	{
		printf("# %s: %s\n", cs_code_name(ctx.error.code), ctx.error.message);
		return;
	}
	check_key_forms(column[0], document, column[3]);
	check_flips(column[0], document, &key, ++*files <= 3);
	if (*column[6])
		check_chain(column[0], document);
}

int
main(void)
{
	cs_span table;
	char *rest, *line;
	int files = 0;

	cs_arena_init(&arena, &ctx);
	table = read_file(corpus(), "signed/SIGNED.tsv");
	if (!table.data)
	{
		printf("1..0 # SKIP no %s/signed/SIGNED.tsv; set COSERV_CORPUS\n", corpus());
		return 0;
	}
	rest = cs_strndup(&ctx, table.data, table.len);
	while ((line = strsep(&rest, "\n")))
		check_row(line, &files);
	CHECK(files > 30, "%d files verify", files);
	cs_arena_free(&arena);
	return tap_done();
}
