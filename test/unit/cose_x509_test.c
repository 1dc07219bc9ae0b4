/*
 * cose_x509_test.c - certificate chains that must lead to their anchor, and each way in which one must not.
 */
#include "cose_make.h"

#define NOW INT64_C(1750000000)

/* One chain leaf, intermediate, root; each test changes one thing of it. */
typedef struct pki
{
	EVP_PKEY *root_key, *middle_key, *leaf_key;
	cs_span certs[3];
	cs_key root;
} pki;

static cs_key
key_of(cs_span cert)
{
	cs_key key;

	if (!cs_key_from_cert(&ctx, cert, &key))
		abort();
	return key;
}

static cs_key
bare_key_of(EVP_PKEY *pkey)
{
	cs_key key;

	if (!open_key(public_der(pkey), &key))
		abort();
	return key;
}

static pki
make_pki(const char *middle_constraints, const char *middle_usage, const char *leaf_usage, const EVP_MD *leaf_md)
{
	pki p = { make_key("P-384"), make_key("P-256"), make_key("P-256"), { { NULL, 0 } }, { .alg = 0 } };

	p.certs[0] = make_cert("leaf", p.leaf_key, "middle", p.middle_key, NULL, leaf_usage, leaf_md);
	p.certs[1] = make_cert("middle", p.middle_key, "root", p.root_key, middle_constraints, middle_usage, EVP_sha256());
	p.certs[2] = make_cert("root", p.root_key, "root", p.root_key, "critical,CA:TRUE", "keyCertSign", EVP_sha384());
	p.root = key_of(p.certs[2]);
	return p;
}

static void
drop_pki(pki *p)
{
	EVP_PKEY_free(p->root_key);
	EVP_PKEY_free(p->middle_key);
	EVP_PKEY_free(p->leaf_key);
}

static bool
holds(const cs_span *certs, size_t count, const cs_key *anchor, int64_t at)
{
	ctx.error.found[0] = 0;
	return cs_chain_verify(&ctx, certs, count, anchor, at);
}

static bool
fails(const cs_span *certs, size_t count, const cs_key *anchor, int64_t at)
{
	return !holds(certs, count, anchor, at) && ctx.error.code == CS_BAD_SIGNATURE && ctx.error.found[0];
}

static void
check_good(void)
{
	pki p = make_pki("critical,CA:TRUE", "keyCertSign", "digitalSignature", EVP_sha256());
	cs_key middle = key_of(p.certs[1]), leaf = key_of(p.certs[0]), bare_root = bare_key_of(p.root_key),
		   bare_middle = bare_key_of(p.middle_key), bare_leaf = bare_key_of(p.leaf_key);

	CHECK(holds(p.certs, 3, &p.root, NOW) && holds(p.certs, 2, &p.root, NOW), "to the root, which the chain may leave out");
	CHECK(holds(p.certs, 3, &middle, NOW) && holds(p.certs, 2, &middle, NOW) && holds(p.certs, 1, &middle, NOW), "to the intermediate");
	CHECK(holds(p.certs, 3, &leaf, NOW) && holds(p.certs, 1, &leaf, NOW), "to the leaf itself");
	CHECK(holds(p.certs, 3, &bare_root, NOW) && holds(p.certs, 2, &bare_root, NOW), "to the root's key");
	CHECK(holds(p.certs, 2, &bare_middle, NOW) && holds(p.certs, 1, &bare_middle, NOW), "to the intermediate's key");
	CHECK(holds(p.certs, 1, &bare_leaf, NOW), "to the leaf's key");
	CHECK(fails(p.certs, 1, &p.root, NOW), "not with a gap: %s", ctx.error.found);
	CHECK(fails(p.certs, 1, &bare_root, NOW), "not with a gap to a key: %s", ctx.error.found);
	CHECK(holds(p.certs, 3, &p.root, MADE_FROM) && fails(p.certs, 3, &p.root, MADE_FROM - 1), "not before: %s", ctx.error.found);
	CHECK(holds(p.certs, 3, &p.root, MADE_TO - 1) && fails(p.certs, 3, &p.root, MADE_TO + 1), "not after: %s", ctx.error.found);
	CHECK(fails(p.certs, 1, &bare_leaf, MADE_TO + 1), "nor with the leaf's key: %s", ctx.error.found);
	CHECK(!cs_chain_verify(&ctx, p.certs, 0, &p.root, NOW) && ctx.error.code == CS_INVALID, "nothing is no chain");
	CHECK(fails((cs_span[]) { text_span("0\0"), p.certs[1] }, 2, &p.root, NOW), "no certificate: %s", ctx.error.found);
	CHECK(fails((cs_span[]) { join(p.certs[0], text_span("x")), p.certs[1] }, 2, &p.root, NOW), "bytes behind a certificate: %s",
		ctx.error.found);
	ctx.limits.max_depth = 2;
	CHECK(!cs_chain_verify(&ctx, p.certs, 3, &p.root, NOW) && ctx.error.code == CS_LIMIT, "longer than the limit");
	ctx.limits.max_depth = CS_DEFAULT_MAX_DEPTH;
	drop_pki(&p);
}

static void
check_flipped(void)
{
	pki p = make_pki("critical,CA:TRUE", NULL, NULL, EVP_sha256());
	int accepted = 0;

	CHECK(holds(p.certs, 2, &p.root, NOW), "without key usage");
	for (int c = 0; c < 2; c++)
		for (size_t i = 0; i < p.certs[c].len; i += 3)
		{
			uint8_t *byte = (uint8_t *) p.certs[c].data + i;

			*byte ^= 1;
			accepted += holds(p.certs, 2, &p.root, NOW);
			*byte ^= 1;
		}
	CHECK(accepted == 0, "no flipped bit passes");
	drop_pki(&p);
}

static void
check_bad(void)
{
	static const struct
	{
		const char *what;
		const char *constraints;
		const char *middle_usage;
		const char *leaf_usage;
		bool sha1;
	} cases[] = {
		{ "an intermediate that is no CA", "critical,CA:FALSE", NULL, NULL, false },
		{ "an intermediate without basicConstraints", NULL, NULL, NULL, false },
		{ "an intermediate that is CA by key usage alone", NULL, "keyCertSign", NULL, false },
		{ "an intermediate that may not sign certificates", "critical,CA:TRUE", "digitalSignature", NULL, false },
		{ "a leaf that may not sign", "critical,CA:TRUE", NULL, "keyAgreement", false },
		{ "a leaf signed with SHA-1", "critical,CA:TRUE", NULL, NULL, true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		pki p = make_pki(cases[i].constraints, cases[i].middle_usage, cases[i].leaf_usage, cases[i].sha1 ? EVP_sha1() : EVP_sha256());

		CHECK(fails(p.certs, 2, &p.root, NOW), "%s: %s", cases[i].what, ctx.error.found);
		drop_pki(&p);
	}
}

/* Somebody puts certificates of the anchor beside a leaf of his own. */
static void
check_attacker(void)
{
	pki p = make_pki("critical,CA:TRUE", "keyCertSign", "digitalSignature", EVP_sha256());
	EVP_PKEY *own = make_key("P-256");
	cs_key bare_root = bare_key_of(p.root_key), bare_middle = bare_key_of(p.middle_key);
	cs_span chain[3] = { make_cert("leaf", own, "middle", own, NULL, NULL, EVP_sha256()), p.certs[1], p.certs[2] },
			around[2] = { make_cert("leaf", own, "fake", own, NULL, NULL, EVP_sha256()),
				make_cert("fake", p.middle_key, "fake", own, "critical,CA:TRUE", NULL, EVP_sha256()) },
			root = make_cert("root", own, "root", own, "critical,CA:TRUE", NULL, EVP_sha256()),
			under[2] = { make_cert("leaf", own, "root", own, NULL, NULL, EVP_sha256()), root };

	CHECK(fails(chain, 3, &p.root, NOW), "own leaf under true certificates: %s", ctx.error.found);
	CHECK(fails(chain, 3, &bare_root, NOW) && fails(chain, 3, &bare_middle, NOW), "nor to a key: %s", ctx.error.found);
	CHECK(fails(around, 2, &bare_middle, NOW), "own certificate around the anchor's key: %s", ctx.error.found);
	CHECK(fails(under, 2, &p.root, NOW), "own root of the same name: %s", ctx.error.found);
	EVP_PKEY_free(own);
	drop_pki(&p);
}

/* Dates of certificates against OpenSSL's own idea of them, years apart and around leap days. */
static void
check_dates(void)
{
	static const int64_t times[] = { 0, 68169600, 951782400, 951868800, 1709164800, 1709251199, 2524607999, 4107542400, 253402300799 };
	EVP_PKEY *pkey = make_key("ED25519");

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
	{
		cs_span der = make_cert("dates", pkey, "dates", pkey, NULL, NULL, NULL);
		const uint8_t *p = der.data;
		X509 *cert = d2i_X509(NULL, &p, (long) der.len);
		BIO *bio = BIO_new(BIO_s_mem());
		cs_key key;

		ASN1_TIME_set(X509_getm_notBefore(cert), (time_t) times[i]);
		ASN1_TIME_set(X509_getm_notAfter(cert), (time_t) times[i]);
		X509_sign(cert, pkey, NULL);
		i2d_X509_bio(bio, cert);
		X509_free(cert);
		key = key_of(bio_span(bio));
		CHECK(key.not_before == times[i] && key.not_after == times[i], "%lld", (long long) times[i]);
	}
	EVP_PKEY_free(pkey);
}

/* One certificate for a key under a root, whose extended key usage says what it is for. */
static void
check_purposes(void)
{
	static const struct
	{
		const char *what, *purposes;
		const char *allowed[2];
		bool holds;
	} cases[] = {
		{ "no extended key usage", NULL, { NULL }, true },
		{ "anyExtendedKeyUsage", "anyExtendedKeyUsage", { NULL }, true },
		{ "serverAuth", "serverAuth", { NULL }, false },
		{ "codeSigning and clientAuth", "codeSigning,clientAuth", { NULL }, false },
		{ "serverAuth and any", "serverAuth,anyExtendedKeyUsage", { NULL }, true },
		{ "critical codeSigning", "critical,codeSigning", { NULL }, false },
		{ "codeSigning, which is allowed", "clientAuth,codeSigning", { "1.3.6.1.5.5.7.3.3", NULL }, true },
		{ "codeSigning where another is allowed", "codeSigning", { "1.3.6.1.5.5.7.3.1", NULL }, false },
		{ "a purpose of one's own, which is allowed", "1.3.6.1.4.1.99999.1", { "1.3.6.1.4.1.99999.1", NULL }, true },
		{ "a purpose that another begins with", "1.3.6.1.4.1.99999.1", { "1.3.6.1.4.1.99999.10", NULL }, false },
	};
	EVP_PKEY *root = make_key("P-384"), *leaf = make_key("P-256");
	cs_span anchor = make_cert("root", root, "root", root, "critical,CA:TRUE", "keyCertSign", EVP_sha384());

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		cs_span cert = make_cert_for("leaf", leaf, "root", root, NULL, NULL, cases[i].purposes, NULL, EVP_sha256());
		cs_key key = key_of(anchor), own = key_of(cert);

		key.purposes = own.purposes = cases[i].allowed;
		CHECK(cases[i].holds ? holds(&cert, 1, &key, NOW) : fails(&cert, 1, &key, NOW) && ctx.error.hint[0], "%s: %s", cases[i].what,
			ctx.error.found);
		CHECK(holds(&cert, 1, &own, NOW) == cases[i].holds, "%s, pinned and in a chain", cases[i].what);
		CHECK(cs_cert_may_sign(&ctx, cert, cases[i].allowed) == cases[i].holds, "%s, pinned", cases[i].what);
	}
	CHECK(!cs_cert_may_sign(&ctx, anchor, NULL) && ctx.error.code == CS_BAD_SIGNATURE, "a CA's key signs certificates alone: %s",
		ctx.error.found);
	CHECK(!cs_cert_may_sign(&ctx, text_span("0"), NULL) && ctx.error.code == CS_BAD_KEY, "no certificate");
	EVP_PKEY_free(root);
	EVP_PKEY_free(leaf);
}

/* requireExplicitPolicy: each certificate of the path must name a policy that the others know (RFC 5280 section 4.2.1.11). */
static void
check_policies(void)
{
	EVP_PKEY *root_key = make_key("P-384"), *middle_key = make_key("P-256"), *leaf_key = make_key("P-256");
	cs_key root = key_of(make_cert("root", root_key, "root", root_key, "critical,CA:TRUE", "keyCertSign", EVP_sha384()));
	static const struct
	{
		const char *what, *middle, *leaf;
		bool holds;
	} cases[] = {
		{ "no policy is asked for", NULL, NULL, true },
		{ "a policy is asked for, and the leaf has it", "1.3.6.1.4.1.99999.2", "1.3.6.1.4.1.99999.2", true },
		{ "a policy is asked for, and the leaf has none", "1.3.6.1.4.1.99999.2", NULL, false },
		{ "a policy is asked for, and the leaf has another", "1.3.6.1.4.1.99999.2", "1.3.6.1.4.1.99999.3", false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		cert_extensions of_leaf = { .policies = cases[i].leaf },
						of_middle = { .constraints = "critical,CA:TRUE",
							.policies = cases[i].middle,
							.policy_constraints = cases[i].middle ? "critical,requireExplicitPolicy:0" : NULL };
		cs_span chain[2] = { make_cert_saying("leaf", leaf_key, "middle", middle_key, &of_leaf, EVP_sha256()),
			make_cert_saying("middle", middle_key, "root", root_key, &of_middle, EVP_sha256()) };

		CHECK(cases[i].holds ? holds(chain, 2, &root, NOW) : fails(chain, 2, &root, NOW), "%s: %s", cases[i].what, ctx.error.found);
	}
	EVP_PKEY_free(root_key);
	EVP_PKEY_free(middle_key);
	EVP_PKEY_free(leaf_key);
}

/* Keys that anybody could sign for, of the signer and of who certified him. */
static void
check_weak_keys(void)
{
	EVP_PKEY *root_key = make_key("P-384"), *leaf_key = make_key("P-256"), *middle_key = make_explicit_key();
	cs_key root = key_of(make_cert("root", root_key, "root", root_key, "critical,CA:TRUE", "keyCertSign", EVP_sha384())), key;
	cs_span chain[2] = { make_cert("leaf", leaf_key, "middle", middle_key, NULL, NULL, EVP_sha256()),
		make_cert("middle", middle_key, "root", root_key, "critical,CA:TRUE", NULL, EVP_sha256()) };

	CHECK(fails(chain, 2, &root, NOW), "an issuer with explicit parameters: %s", ctx.error.found);
	CHECK(!cs_key_from_cert(&ctx, chain[1], &key) && ctx.error.code == CS_BAD_KEY, "a certificate with them: %s", ctx.error.message);
	CHECK(!open_key(public_pem(middle_key), &key) && ctx.error.code == CS_BAD_KEY, "a key with them: %s", ctx.error.message);
	EVP_PKEY_free(middle_key);
	middle_key = make_rsa_key_of("1", "1");
	chain[1] = make_cert("middle", middle_key, "root", root_key, "critical,CA:TRUE", NULL, EVP_sha256());
	chain[0] = make_cert("leaf", leaf_key, "middle", middle_key, NULL, NULL, EVP_sha256());
	CHECK(fails(chain, 2, &root, NOW), "an issuer with RSA exponent 1, whose signatures anybody makes: %s", ctx.error.found);
	EVP_PKEY_free(root_key);
	EVP_PKEY_free(leaf_key);
	EVP_PKEY_free(middle_key);
}

int
main(void)
{
	cs_arena_init(&arena, &ctx);
	check_good();
	check_flipped();
	check_bad();
	check_attacker();
	check_dates();
	check_purposes();
	check_policies();
	check_weak_keys();
	CHECK(ERR_peek_error() == 0, "OpenSSL's error queue is empty");
	cs_arena_free(&arena);
	return tap_done();
}
