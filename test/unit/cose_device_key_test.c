/*
 * cose_device_key_test.c - which keys of attest-key and identity triples a verified key or certificate chain verifies.
 */
#include "cose_make.h"
#include "cose/device_key.h"

#define NOW INT64_C(1750000000)
#define PATH "certificate path: "

static cs_item
choice(cs_span given)
{
	cs_buf out;

	cs_buf_init(&out, &ctx);
	if (!cs_key_import(&ctx, given.data, given.len, &out))
		abort();
	return cs_item_at(out.data, out.len);
}

/* 557, 559 or 561 over data, sha-256 */
static cs_item
thumbprint(uint64_t tag, cs_span data)
{
	uint8_t digest[32];
	cs_buf out;

	cs_buf_init(&out, &ctx);
	if (!cs_sha256(&ctx, data, digest))
		abort();
	cs_put_tag(&out, tag);
	cs_put_array(&out, 2);
	cs_put_uint(&out, 1);
	cs_put_bytes(&out, digest, sizeof(digest));
	return cs_item_at(out.data, out.len);
}

static cs_item
identifier(const char *text)
{
	cs_buf out;

	cs_buf_init(&out, &ctx);
	cs_put_tag(&out, 560);
	cs_put_bytes(&out, text, strlen(text));
	return cs_item_at(out.data, out.len);
}

static cs_item
path_of(const cs_span *certs, size_t count)
{
	cs_span text = text_span("");

	for (size_t i = 0; i < count; i++)
		text = join(text, cert_pem(certs[i]));
	return choice(text);
}

static cs_device_key
ask(cs_item listed, cs_item stated, cs_key_purpose purpose, int64_t at)
{
	cs_device_key key;

	if (!cs_device_key_verified(&ctx, &listed, &stated, purpose, at, &key))
		abort();
	return key;
}

static void
yes(cs_item listed, cs_item stated, size_t certs, const char *what)
{
	cs_device_key key = ask(listed, stated, CS_KEY_TYPE_ATTEST_KEY, NOW);

	CHECK(key.verified && key.count == certs, "%s%s%s", what, key.verified ? "" : ": ", key.verified ? "" : key.reason);
}

static void
no(cs_item listed, cs_item stated, int64_t at, const char *reason, const char *what)
{
	cs_device_key key = ask(listed, stated, CS_KEY_TYPE_ATTEST_KEY, at);

	CHECK(!key.verified && key.count == 0 && strncmp(key.reason, reason, strlen(reason)) == 0, "%s: %s", what, key.reason);
}

#define ANOTHER "no verified key is this one"

static void
check_keys(void)
{
	EVP_PKEY *key = make_key("P-256"), *other = make_key("P-256");
	cs_item mine = choice(public_pem(key)), his = choice(public_pem(other));
	cs_span spki = public_der(key);

	yes(mine, mine, 0, "a key by itself");
	yes(thumbprint(557, spki), mine, 0, "a thumbprint by its key");
	yes(mine, thumbprint(557, spki), 0, "a key by its thumbprint");
	yes(thumbprint(557, spki), thumbprint(557, spki), 0, "a thumbprint by itself");
	yes(identifier("ak"), identifier("ak"), 0, "an identifier by itself");
	no(mine, his, NOW, ANOTHER, "another key");
	no(thumbprint(557, spki), his, NOW, ANOTHER, "another key's thumbprint");
	no(his, thumbprint(557, spki), NOW, ANOTHER, "a key by another's thumbprint");
	no(identifier("ak"), identifier("bk"), NOW, ANOTHER, "another identifier");
	no(identifier("ak"), mine, NOW, ANOTHER, "an identifier says nothing of a key");
	no(mine, identifier("ak"), NOW, ANOTHER, "nor does a key of an identifier");
	no(thumbprint(559, spki), mine, NOW, ANOTHER, "the thumbprint of a certificate is none of a key");
	EVP_PKEY_free(key);
	EVP_PKEY_free(other);
}

typedef struct device
{
	EVP_PKEY *root_key, *id_key, *alias_key;
	cs_span certs[3]; /* alias, device identity, root */
	cs_item chain;
} device;

static device
make_device(const char *constraints, const char *usage, const char *purposes, const char *critical)
{
	device d = { make_key("P-384"), make_key("P-256"), make_key("P-256"), { { NULL, 0 }, { NULL, 0 }, { NULL, 0 } }, { 0 } };

	d.certs[0] = make_cert_for("alias", d.alias_key, "device", d.id_key, NULL, usage, purposes, critical, EVP_sha256());
	d.certs[1] = make_cert_for("device", d.id_key, "root", d.root_key, constraints, "keyCertSign", NULL, critical, EVP_sha256());
	d.certs[2] = make_cert("root", d.root_key, "root", d.root_key, "critical,CA:TRUE", "keyCertSign", EVP_sha384());
	d.chain = path_of(d.certs, 2);
	return d;
}

static void
drop_device(device *d)
{
	EVP_PKEY_free(d->root_key);
	EVP_PKEY_free(d->id_key);
	EVP_PKEY_free(d->alias_key);
}

static void
check_chains(void)
{
	device d = make_device("critical,CA:TRUE", "digitalSignature", NULL, NULL);
	device e = make_device("critical,CA:TRUE", "digitalSignature", NULL, NULL);
	cs_item stranger = choice(e.certs[0]);
	cs_item alias = choice(public_pem(d.alias_key)), alias_cert = choice(d.certs[0]), root = choice(d.certs[2]);

	yes(alias_cert, alias_cert, 2, "a certificate by itself");
	yes(alias, d.chain, 2, "the key of a chain's first certificate");
	yes(alias_cert, d.chain, 3, "a chain's first certificate");
	yes(alias_cert, alias, 1, "a certificate by its key");
	yes(thumbprint(557, public_der(d.alias_key)), d.chain, 2, "the thumbprint of the first key");
	yes(thumbprint(559, d.certs[0]), d.chain, 2, "the thumbprint of the first certificate");
	yes(thumbprint(559, d.certs[1]), d.chain, 2, "the thumbprint of the second");
	yes(thumbprint(561, join(d.certs[0], d.certs[1])), d.chain, 2, "the thumbprint of the path");
	yes(choice(d.certs[1]), d.chain, 3, "a certificate that the chain leads to");
	yes(choice(public_pem(d.id_key)), d.chain, 2, "its key");
	yes(root, d.chain, 3, "a certificate beyond the chain's last");
	yes(choice(public_pem(d.root_key)), d.chain, 2, "the key beyond the chain's last");
	yes(path_of(d.certs + 1, 2), d.chain, 4, "a listed path, which holds too");
	yes(path_of(d.certs, 3), alias, 3, "a listed path by the key of its first certificate");

	no(choice(e.certs[1]), d.chain, NOW, PATH, "a certificate that the chain does not lead to");
	no(choice(public_pem(e.id_key)), d.chain, NOW, PATH, "a key that the chain does not lead to");
	no(thumbprint(559, e.certs[1]), d.chain, NOW, ANOTHER, "a thumbprint of none of the chain");
	no(thumbprint(561, join(d.certs[1], d.certs[0])), d.chain, NOW, ANOTHER, "the thumbprint of another path");
	no(choice(d.certs[1]), stranger, NOW, PATH, "not even alone");
	no(alias, stranger, NOW, PATH, "another's certificate and a key");
	no(thumbprint(559, d.certs[1]), stranger, NOW, ANOTHER, "another's certificate and a thumbprint");
	no(alias_cert, d.chain, MADE_TO + 1, PATH, "a chain that has expired");
	no(alias_cert, d.chain, MADE_FROM - 1, PATH, "a chain that does not hold yet");
	no(alias_cert, alias, MADE_TO + 1, PATH, "an expired certificate, though its key was used");
	drop_device(&e);
	drop_device(&d);
}

/* A chain that somebody put together: his own certificate, and the listed one behind it. */
static void
check_grafts(void)
{
	device d = make_device("critical,CA:TRUE", "digitalSignature", NULL, NULL),
		   e = make_device("critical,CA:TRUE", "digitalSignature", NULL, NULL);
	cs_span certs[2] = { e.certs[0], d.certs[1] };
	cs_span text = join(cert_pem(certs[0]), cert_pem(certs[1]));
	cs_buf out;
	cs_item graft;

	/* cs_key_import refuses it; a value may come as CBOR too */
	cs_buf_init(&out, &ctx);
	cs_put_tag(&out, 556);
	cs_put_text(&out, (const char *) text.data, text.len);
	graft = cs_item_at(out.data, out.len);
	no(choice(d.certs[1]), graft, NOW, PATH, "a grafted chain and the certificate");
	no(choice(public_pem(d.id_key)), graft, NOW, PATH, "a grafted chain and the key");
	no(thumbprint(559, d.certs[1]), graft, NOW, PATH, "a grafted chain and the thumbprint");
	drop_device(&e);
	drop_device(&d);
}

static void
check_restrictions(void)
{
	static const struct
	{
		const char *constraints;
		const char *usage;
		const char *purposes;
		bool attests;
		bool identifies;
	} cases[] = {
		{ "critical,CA:TRUE", NULL, NULL, true, true },
		{ "critical,CA:TRUE", "keyAgreement", NULL, false, false },
		{ "critical,CA:FALSE", "digitalSignature", NULL, false, false },
		{ "critical,CA:TRUE", NULL, "serverAuth", true, true },
		{ "critical,CA:TRUE", NULL, "2.23.133.5.4.100.9", true, false },
		{ "critical,CA:TRUE", NULL, "2.23.133.8.3", true, false },
		{ "critical,CA:TRUE", NULL, "2.23.133.5.4.100.6,serverAuth", false, true },
		{ "critical,CA:TRUE", NULL, "2.23.133.5.4.100.12", false, false },
		{ "critical,CA:TRUE", NULL, "2.23.133.5.4.100.12,anyExtendedKeyUsage", true, true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		device d = make_device(cases[i].constraints, cases[i].usage, cases[i].purposes, NULL);
		cs_item listed = choice(d.certs[1]);
		cs_device_key attests = ask(listed, d.chain, CS_KEY_TYPE_ATTEST_KEY, NOW),
					  identifies = ask(listed, d.chain, CS_KEY_TYPE_IDENTITY_KEY, NOW);

		CHECK(attests.verified == cases[i].attests && identifies.verified == cases[i].identifies, "restrictions %zu: %s; %s", i,
			attests.reason, identifies.reason);
		drop_device(&d);
	}
}

static void
check_critical(void)
{
	device dice = make_device("critical,CA:TRUE", "digitalSignature", NULL, "2.23.133.5.4.5"),
		   other = make_device("critical,CA:TRUE", "digitalSignature", NULL, "2.23.133.5.40.5");
	cs_key root;

	yes(choice(dice.certs[2]), dice.chain, 3, "critical extensions of DICE");
	yes(choice(dice.certs[0]), choice(public_pem(dice.alias_key)), 1, "in a listed certificate too");
	no(choice(other.certs[2]), other.chain, NOW, PATH "unhandled critical extension", "others");
	no(choice(other.certs[0]), choice(public_pem(other.alias_key)), NOW, PATH "unhandled critical extension", "others, listed");
	no(choice(dice.certs[2]), dice.chain, MADE_TO + 1, PATH "certificate has expired", "and nothing else is passed over");
	CHECK(cs_key_from_cert(&ctx, dice.certs[2], &root) && !cs_chain_verify(&ctx, dice.certs, 2, &root, NOW),
		"documents are signed with no such certificates");
	drop_device(&dice);
	drop_device(&other);
}

static void
check_unreadable(void)
{
	static const uint8_t nothing[] = { 0xd9, 0x02, 0x2a, 0x61, 'x' }, /* 554("x") */
		unknown[] = { 0xd9, 0x03, 0xe7, 0x41, 0 },					  /* 999(h'00') */
		no_tag[] = { 0x00 };
	cs_item items[] = { cs_item_at(nothing, sizeof(nothing)), cs_item_at(unknown, sizeof(unknown)), cs_item_at(no_tag, sizeof(no_tag)) };
	EVP_PKEY *key = make_key("P-256");
	cs_item mine = choice(public_pem(key));

	for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++)
	{
		no(items[i], mine, NOW, ANOTHER, "a listed key that cannot be read");
		no(mine, items[i], NOW, ANOTHER, "a stated key that cannot be read");
	}
	EVP_PKEY_free(key);
}

int
main(void)
{
	cs_arena_init(&arena, &ctx);
	check_keys();
	check_chains();
	check_grafts();
	check_restrictions();
	check_critical();
	check_unreadable();
	CHECK(ERR_peek_error() == 0, "OpenSSL's error queue is empty");
	cs_arena_free(&arena);
	return tap_done();
}
