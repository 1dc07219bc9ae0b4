/*
 * cose_sign_test.c - COSE_Sign1 made and verified with each algorithm, and each way in which it must not verify.
 */
#include <openssl/rsa.h>

#include "cose_make.h"
#include "cbor/edn.h"

static const cs_span none = { NULL, 0 };
static const cs_span payload = { (const uint8_t *) "reference values", 16 };

static cs_span
edn(const char *text)
{
	cs_buf out;

	cs_buf_init(&out, &ctx);
	if (!cs_edn_parse(&ctx, text, strlen(text), &out))
	{
		fprintf(stderr, "%s: %s\n", text, ctx.error.message);
		abort();
	}
	return cs_buf_span(&out);
}

static cs_span
sign(cs_span key, const char *protected_map, const char *unprotected_map, bool detached)
{
	cs_signer *signer;
	cs_buf out;
	bool ok;

	cs_buf_init(&out, &ctx);
	if (!cs_signer_open(&ctx, key, &signer))
		return none;
	ok = cs_signer_sign1(&ctx, signer, edn(protected_map), edn(unprotected_map), payload, detached, &out);
	cs_signer_free(signer);
	return ok ? cs_buf_span(&out) : none;
}

static cs_span
exported(bool (*export)(cs_ctx *, const cs_signer *, cs_span, cs_buf *), cs_span private_key)
{
	cs_signer *signer;
	cs_buf out;
	bool ok;

	cs_buf_init(&out, &ctx);
	ok = cs_signer_open(&ctx, private_key, &signer) && export(&ctx, signer, text_span("kid"), &out);
	cs_signer_free(signer);
	return ok ? cs_buf_span(&out) : none;
}

/* A Sign1 whose parts are whatever they are; sign_as: the protected bytes that are signed. */
static cs_span
forge(EVP_PKEY *pkey, const EVP_MD *md, cs_span protected_bytes, cs_span sign_as, bool pkcs1)
{
	uint8_t signature[1024];
	size_t len = sizeof(signature);
	EVP_MD_CTX *mctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pctx;
	cs_buf message, out;

	cs_buf_init(&message, &ctx);
	cs_put_array(&message, 4);
	cs_put_cstr(&message, "Signature1");
	cs_put_bytes(&message, sign_as.data, sign_as.len);
	cs_put_bytes(&message, "", 0);
	cs_put_bytes(&message, payload.data, payload.len);
	EVP_DigestSignInit(mctx, &pctx, md, NULL, pkey);
	if (pkcs1)
		EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PADDING);
	if (EVP_DigestSign(mctx, signature, &len, message.data, message.len) != 1)
		abort();
	EVP_MD_CTX_free(mctx);
	cs_buf_init(&out, &ctx);
	cs_put_tag(&out, 18);
	cs_put_array(&out, 4);
	cs_put_bytes(&out, protected_bytes.data, protected_bytes.len);
	cs_put_map(&out, 0);
	cs_put_bytes(&out, payload.data, payload.len);
	cs_put_bytes(&out, signature, len);
	return cs_buf_span(&out);
}

static void
check_algorithm(const char *kind, const char *algorithm)
{
	EVP_PKEY *pkey = make_key(kind), *stranger = make_key(kind);
	cs_span pem = private_pem(pkey, false), document = sign(pem, "{3: \"application/rim+cbor\"}", "{4: h'01'}", false);
	cs_sign1 sign1;
	cs_key key;

	CHECK(document.data && open_sign1(document, &sign1) && sign1.has_alg && strcmp(cs_alg_name(sign1.alg), algorithm) == 0 &&
			sign1.kid.len == 1 && cs_span_eq(sign1.payload, payload),
		"%s signs %s", kind, algorithm);
	CHECK(open_key(public_pem(pkey), &key) && verifies(document, &key), "%s: verifies with the PEM", kind);
	CHECK(open_key(public_der(pkey), &key) && verifies(document, &key), "%s: verifies with the DER", kind);
	CHECK(open_key(exported(cs_public_jwk, pem), &key) && verifies(document, &key), "%s: verifies with the JWK", kind);
	CHECK(open_key(exported(cs_public_cose_key, pem), &key) && verifies(document, &key) && key.alg == sign1.alg,
		"%s: verifies with the COSE_Key, which is bound", kind);
	CHECK(open_key(public_pem(stranger), &key) && !verifies(document, &key) && ctx.error.code == CS_BAD_SIGNATURE,
		"%s: does not verify with another key", kind);
	if (strncmp(kind, "ED", 2) != 0)
		CHECK(verifies(sign(private_pem(pkey, true), "{}", "{}", false), (open_key(public_pem(pkey), &key), &key)),
			"%s: signs from the traditional PEM", kind);
	else
		CHECK(cs_span_eq(document, sign(pem, "{3: \"application/rim+cbor\"}", "{4: h'01'}", false)), "%s: deterministic", kind);
	EVP_PKEY_free(pkey);
	EVP_PKEY_free(stranger);
}

static void
check_detached_and_aad(cs_span pem, const cs_key *key)
{
	cs_span document = sign(pem, "{}", "{}", true);
	cs_sign1 sign1;

	CHECK(open_sign1(document, &sign1) && sign1.detached && cs_sign1_verify(&ctx, &sign1, payload, none, key), "detached: verifies");
	CHECK(!cs_sign1_verify(&ctx, &sign1, none, none, key) && ctx.error.code == CS_INVALID, "detached: payload is wanted");
	CHECK(!cs_sign1_verify(&ctx, &sign1, text_span("other"), none, key) && ctx.error.code == CS_BAD_SIGNATURE,
		"detached: of another payload");
	document = sign(pem, "{}", "{}", false);
	CHECK(open_sign1(document, &sign1) && cs_sign1_verify(&ctx, &sign1, text_span("other"), none, key),
		"attached: the given payload is not looked at");
	CHECK(!cs_sign1_verify(&ctx, &sign1, none, text_span("aad"), key) && ctx.error.code == CS_BAD_SIGNATURE, "external_aad counts");
}

/* The header says one algorithm, the signature is of another, or of a key that does not fit. */
static void
check_algorithms(EVP_PKEY *ec, EVP_PKEY *rsa)
{
	cs_span es384 = edn("{1: -35}"), rs256 = edn("{1: -257}");
	cs_key ec_key, rsa_key, bound;
	cs_span document;

	open_key(public_pem(ec), &ec_key);
	open_key(public_pem(rsa), &rsa_key);
	document = sign(private_pem(ec, false), "{}", "{}", false);
	bound = ec_key;
	bound.alg = CS_ALG_ES384;
	CHECK(!verifies(document, &bound) && ctx.error.code == CS_BAD_KEY, "a key bound to another algorithm: %s", ctx.error.message);
	CHECK(!verifies(document, &rsa_key) && ctx.error.code == CS_BAD_KEY, "ES256 with an RSA key: %s", ctx.error.message);
	document = forge(rsa, EVP_sha256(), es384, es384, true);
	CHECK(!verifies(document, &ec_key) && ctx.error.code == CS_BAD_SIGNATURE, "signature of another length: %s", ctx.error.message);
	document = forge(rsa, EVP_sha256(), rs256, rs256, true);
	CHECK(!verifies(document, &rsa_key) && ctx.error.code == CS_UNSUPPORTED && ctx.error.hint[0], "RS256 is refused: %s", ctx.error.hint);
	rsa_key.accept_rs = true;
	CHECK(verifies(document, &rsa_key), "RS256 verifies where the caller accepts it");
	document = forge(rsa, EVP_sha256(), edn("{1: -37}"), edn("{1: -37}"), true);
	CHECK(!verifies(document, &rsa_key) && ctx.error.code == CS_BAD_SIGNATURE, "PS256 is not satisfied by PKCS #1 v1.5");
}

/* RFC 9052 section 4.4: an empty protected header is signed as h'', and implementations that signed h'a0' are met half-way. */
static void
check_empty_header(void)
{
	EVP_PKEY *pkey = make_key("ED25519");
	cs_span empty = edn("{}");
	cs_key key, bound;

	open_key(public_pem(pkey), &key);
	bound = key;
	bound.alg = CS_ALG_EDDSA;
	CHECK(verifies(forge(pkey, NULL, none, none, false), &bound), "h'' signed as h''");
	CHECK(verifies(forge(pkey, NULL, empty, none, false), &bound), "h'a0' signed as h''");
	CHECK(verifies(forge(pkey, NULL, empty, empty, false), &bound), "h'a0' signed as h'a0'");
	CHECK(!verifies(forge(pkey, NULL, none, empty, false), &bound) && ctx.error.code == CS_BAD_SIGNATURE, "h'' not signed as h'a0'");
	CHECK(!verifies(forge(pkey, NULL, none, none, false), &key) && ctx.error.code == CS_UNSUPPORTED, "without any algorithm: %s",
		ctx.error.message);
	EVP_PKEY_free(pkey);
}

static void
check_structures(void)
{
	static const struct
	{
		const char *text;
		cs_code code; /* CS_OK: parses */
	} cases[] = {
		{ "[<<{1: -7}>>, {}, h'00', h'00']", CS_OK },
		{ "18([<<{1: -7}>>, {}, null, h'00'])", CS_OK },
		{ "18([(_ h'a1', h'0126'), {_ }, (_ h'00'), (_ h'')])", CS_OK },
		{ "98([<<{1: -7}>>, {}, h'00', h'00'])", CS_INVALID },
		{ "18(18([<<{1: -7}>>, {}, h'00', h'00']))", CS_INVALID },
		{ "18([<<{1: -7}>>, {}, h'00'])", CS_INVALID },
		{ "18([<<{1: -7}>>, {}, h'00', h'00', h'00'])", CS_INVALID },
		{ "18({})", CS_INVALID },
		{ "18([{1: -7}, {}, h'00', h'00'])", CS_INVALID },
		{ "18([<<[1, -7]>>, {}, h'00', h'00'])", CS_INVALID },
		{ "18([h'a1', {}, h'00', h'00'])", CS_MALFORMED },
		{ "18([h'a000', {}, h'00', h'00'])", CS_MALFORMED },
		{ "18([<<{1: -7}>>, [], h'00', h'00'])", CS_INVALID },
		{ "18([<<{1: -7}>>, {}, \"00\", h'00'])", CS_INVALID },
		{ "18([<<{1: -7}>>, {}, undefined, h'00'])", CS_INVALID },
		{ "18([<<{1: -7}>>, {}, h'00', null])", CS_INVALID },
		{ "18([<<{1: -7, 1: -7}>>, {}, h'00', h'00'])", CS_INVALID },
		{ "18([<<{1: -7}>>, {4: h'', 4: h''}, h'00', h'00'])", CS_INVALID },
		{ "18([<<{1: -7, 4: h'01'}>>, {4: h'01'}, h'00', h'00'])", CS_INVALID },
		{ "18([<<{1: -7, 4: h'01'}>>, {4_0: h'01'}, h'00', h'00'])", CS_INVALID },
		{ "18([<<{1: -7, h'01': 1}>>, {}, h'00', h'00'])", CS_INVALID },
		{ "18([<<{1: -7, 1.5: 1}>>, {}, h'00', h'00'])", CS_INVALID },
		{ "18([<<{1: \"ES256\"}>>, {}, h'00', h'00'])", CS_UNSUPPORTED },
		{ "18([<<{1: [-7]}>>, {}, h'00', h'00'])", CS_INVALID },
		{ "18([<<{1: -7, 4: \"kid\"}>>, {}, h'00', h'00'])", CS_INVALID },
		{ "18([<<{1: -7, 2: [3], 3: 0}>>, {}, h'00', h'00'])", CS_OK },
		{ "18([<<{1: -7, 2: \"application/coserv+cbor\"}>>, {}, h'00', h'00'])", CS_OK },
		{ "18([<<{1: -7, 2: []}>>, {}, h'00', h'00'])", CS_INVALID },
		{ "18([<<{1: -7, 2: 3, 3: 0}>>, {}, h'00', h'00'])", CS_INVALID },
		{ "18([<<{1: -7, 2: [3]}>>, {3: 0}, h'00', h'00'])", CS_INVALID },
		{ "18([<<{1: -7, 2: [{}]}>>, {}, h'00', h'00'])", CS_INVALID },
		{ "18([<<{1: -7}>>, {2: [3], 3: 0}, h'00', h'00'])", CS_INVALID },
		{ "18([<<{1: -7, 2: [5], 5: h'00'}>>, {}, h'00', h'00'])", CS_UNSUPPORTED },
		{ "18([<<{1: -7, 2: [\"x\"], \"x\": 1}>>, {}, h'00', h'00'])", CS_UNSUPPORTED },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		cs_sign1 sign1;
		bool ok = open_sign1(edn(cases[i].text), &sign1);

		CHECK(ok == (cases[i].code == CS_OK) && (ok || ctx.error.code == cases[i].code), "%s: %s", cases[i].text,
			ok ? "parses" : ctx.error.message);
	}
}

static void
check_x5chain_header(void)
{
	cs_sign1 sign1;
	cs_span *certs;
	size_t count;
	static const char *const bad[] = { "[]", "[1]", "{}", "\"x\"" };
	char text[512];

	CHECK(open_sign1(edn("[<<{1: -7}>>, {}, h'', h'']"), &sign1) && cs_sign1_x5chain(&ctx, &sign1, &certs, &count) && count == 0,
		"no x5chain");
	CHECK(open_sign1(edn("[<<{1: -7, 33: h'0102'}>>, {}, h'', h'']"), &sign1) && cs_sign1_x5chain(&ctx, &sign1, &certs, &count) &&
			count == 1 && certs[0].len == 2,
		"x5chain of one");
	CHECK(open_sign1(edn("[<<{1: -7, 33: [h'01', h'0203']}>>, {}, h'', h'']"), &sign1) && cs_sign1_x5chain(&ctx, &sign1, &certs, &count) &&
			count == 2 && certs[1].len == 2,
		"x5chain of two");
	CHECK(open_sign1(edn("[<<{1: -7, 33: [h'0102']}>>, {}, h'', h'']"), &sign1) && cs_sign1_x5chain(&ctx, &sign1, &certs, &count) &&
			count == 1 && certs[0].len == 2,
		"x5chain of one in an array");
	CHECK(open_sign1(edn("[<<{1: -7, 33: [[h'0102']]}>>, {}, h'', h'']"), &sign1) && !cs_sign1_x5chain(&ctx, &sign1, &certs, &count) &&
			ctx.error.code == CS_INVALID,
		"but in no further one");
	CHECK(open_sign1(edn("[<<{1: -7}>>, {33: [h'01', h'0203']}, h'', h'']"), &sign1) && cs_sign1_x5chain(&ctx, &sign1, &certs, &count) &&
			count == 0,
		"an unprotected x5chain that no x5t protects counts as none");
	CHECK(open_sign1(edn("[<<{1: -7, 34: [-16, h'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad']}>>, "
						 "{33: [h'616263', h'0203']}, h'', h'']"),
			  &sign1) &&
			cs_sign1_x5chain(&ctx, &sign1, &certs, &count) && count == 2,
		"an unprotected x5chain whose leaf a protected x5t names");
	for (int i = 0; i < 4; i++)
	{
		snprintf(text, sizeof(text), "[<<{1: -7, 33: %s}>>, {}, h'', h'']", bad[i]);
		CHECK(open_sign1(edn(text), &sign1) && !cs_sign1_x5chain(&ctx, &sign1, &certs, &count) && ctx.error.code == CS_INVALID,
			"x5chain %s", bad[i]);
	}
	CHECK(open_sign1(edn("[<<{1: -7, 33: h'616263', 34: [-16, "
						 "h'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad']}>>, {}, h'', h'']"),
			  &sign1) &&
			cs_sign1_x5chain(&ctx, &sign1, &certs, &count),
		"x5t is the digest of the leaf");
	CHECK(open_sign1(edn("[<<{1: -7, 33: h'616264', 34: [-16, "
						 "h'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad']}>>, {}, h'', h'']"),
			  &sign1) &&
			!cs_sign1_x5chain(&ctx, &sign1, &certs, &count) && ctx.error.code == CS_BAD_SIGNATURE,
		"x5t is of another leaf");
}

/* Every document that is cut short is an error, not a crash. */
static void
check_truncated(cs_span document)
{
	int passed = 0;

	for (size_t len = 0; len < document.len; len++)
	{
		cs_sign1 sign1;
		cs_span cut = { cs_memdup(&ctx, document.data, len + 1), len };

		passed += open_sign1(cut, &sign1);
	}
	CHECK(passed == 0, "no cut document parses");
}

/* SEC 1 of one key with the point of another in it. */
static cs_span
mismatched_pem(void)
{
	EVP_PKEY *a = make_key("P-256"), *b = make_key("P-256");
	uint8_t *der = NULL;
	cs_span other = public_der(b);
	int len = i2d_PrivateKey(a, &der);
	cs_buf pem;
	uint8_t text[1024];

	memcpy(der + len - 65, other.data + other.len - 65, 65);
	EVP_EncodeBlock(text, der, len);
	cs_buf_init(&pem, &ctx);
	cs_put_fmt(&pem, "-----BEGIN EC PRIVATE KEY-----\n%s\n-----END EC PRIVATE KEY-----\n", (char *) text);
	OPENSSL_free(der);
	EVP_PKEY_free(a);
	EVP_PKEY_free(b);
	return cs_buf_span(&pem);
}

static void
check_bad_signers(EVP_PKEY *ec)
{
	cs_span pem = private_pem(ec, false);
	cs_signer *signer;
	const struct
	{
		const char *what;
		cs_span key;
	} keys[] = {
		{ "public PEM", public_pem(ec) },
		{ "encrypted PEM", encrypted_pem(ec) },
		{ "text", text_span("secret") },
		{ "nothing", none },
		{ "a cut PEM", { pem.data, pem.len - 30 } },
		{ "a JWK without d", exported(cs_public_jwk, pem) },
		{ "a JWK of two halves",
			text_span("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\","
					  "\"x\":\"GURYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}") },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		CHECK(!sign(keys[i].key, "{}", "{}", false).data && ctx.error.code == CS_BAD_KEY, "no signature with %s: %s", keys[i].what,
			ctx.error.message);
	CHECK(!sign(mismatched_pem(), "{}", "{}", false).data && ctx.error.code == CS_BAD_KEY, "no signature with the halves of two keys: %s",
		ctx.error.message);
	CHECK(!sign(pem, "{1: -7}", "{}", false).data && ctx.error.code == CS_INVALID, "alg is ours to say");
	CHECK(!cs_signer_open_uri(&ctx, "pkcs12:token=coserv;pin-value=1234", &signer) && !signer && ctx.error.code == CS_UNSUPPORTED &&
			strstr(ctx.error.message, "pkcs12") && !strstr(ctx.error.message, "1234"),
		"no signature without the provider: %s", ctx.error.message);
	CHECK(!cs_signer_open_uri(&ctx, "/etc/key", &signer) && ctx.error.code == CS_BAD_KEY, "a path is no URI");
	CHECK(!sign(pem, "{4: h'01'}", "{4: h'01'}", false).data && ctx.error.code == CS_INVALID, "no label in both headers");
	CHECK(!sign(pem, "{4: h'01', 4: h'02'}", "{}", false).data && ctx.error.code == CS_INVALID, "no label twice");
}

int
main(void)
{
	static const char *const kinds[][2] = {
		{ "P-256", "ES256" },
		{ "P-384", "ES384" },
		{ "P-521", "ES512" },
		{ "secp256k1", "ES256K" },
		{ "ED25519", "EdDSA" },
		{ "ED448", "EdDSA" },
		{ "RSA2048", "PS256" },
		{ "RSA3072", "PS256" },
	};
	EVP_PKEY *ec, *rsa;
	cs_key key;

	cs_arena_init(&arena, &ctx);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		check_algorithm(kinds[i][0], kinds[i][1]);
	ec = make_key("P-256");
	rsa = make_key("RSA2048");
	open_key(public_pem(ec), &key);
	check_detached_and_aad(private_pem(ec, false), &key);
	check_algorithms(ec, rsa);
	check_empty_header();
	check_structures();
	check_x5chain_header();
	check_truncated(sign(private_pem(ec, false), "{4: h'0102'}", "{33: h'01'}", false));
	check_bad_signers(ec);
	CHECK(ERR_peek_error() == 0, "OpenSSL's error queue is empty");
	EVP_PKEY_free(ec);
	EVP_PKEY_free(rsa);
	cs_arena_free(&arena);
	return tap_done();
}
