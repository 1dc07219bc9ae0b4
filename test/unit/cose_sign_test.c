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

static char *
hex_of(cs_span bytes)
{
	char *hex = cs_alloc(&ctx, bytes.len * 2 + 1, 1);

	for (size_t i = 0; i < bytes.len; i++)
		snprintf(hex + 2 * i, 3, "%02x", bytes.data[i]);
	return hex;
}

/* What certificates a header holds: how many count, or -1 when it is refused with that code. %1$s is a certificate, %2$s another, %3$s the
 * SHA-256 of the first. */
static void
check_x5chain_header(void)
{
	static const struct
	{
		const char *what, *headers;
		int count;
		cs_code code;
	} cases[] = {
		{ "no x5chain", "<<{1: -7}>>, {}", 0, CS_OK },
		{ "x5chain of one", "<<{1: -7, 33: h'%1$s'}>>, {}", 1, CS_OK },
		{ "x5chain of two", "<<{1: -7, 33: [h'%1$s', h'%2$s']}>>, {}", 2, CS_OK },
		{ "x5chain of one in an array", "<<{1: -7, 33: [h'%1$s']}>>, {}", 1, CS_OK },
		{ "but in no further one", "<<{1: -7, 33: [[h'%1$s']]}>>, {}", -1, CS_INVALID },
		{ "an unprotected x5chain that no x5t protects counts as none", "<<{1: -7}>>, {33: [h'%1$s', h'0203']}", 0, CS_OK },
		{ "an unprotected x5chain whose leaf a protected x5t names", "<<{1: -7, 34: [-16, h'%3$s']}>>, {33: [h'%1$s', h'%2$s']}", 2,
			CS_OK },
		{ "x5chain []", "<<{1: -7, 33: []}>>, {}", -1, CS_INVALID },
		{ "x5chain [1]", "<<{1: -7, 33: [1]}>>, {}", -1, CS_INVALID },
		{ "x5chain {}", "<<{1: -7, 33: {}}>>, {}", -1, CS_INVALID },
		{ "x5chain of text", "<<{1: -7, 33: \"x\"}>>, {}", -1, CS_INVALID },
		{ "x5chain of no certificate", "<<{1: -7, 33: h'0102'}>>, {}", -1, CS_BAD_KEY },
		{ "x5chain of no certificate behind one", "<<{1: -7, 33: [h'%1$s', h'0102']}>>, {}", -1, CS_BAD_KEY },
		{ "x5bag of no certificate", "<<{1: -7, 32: h'0102'}>>, {}", -1, CS_BAD_KEY },
		{ "x5t is the digest of the leaf", "<<{1: -7, 33: h'%1$s', 34: [-16, h'%3$s']}>>, {}", 1, CS_OK },
		{ "x5t is of another leaf", "<<{1: -7, 33: h'%2$s', 34: [-16, h'%3$s']}>>, {}", -1, CS_BAD_SIGNATURE },
		{ "x5t alone", "<<{1: -7, 34: [-16, h'%3$s']}>>, {}", 0, CS_OK },
		{ "x5t alone that is none", "<<{1: -7, 34: h'%3$s'}>>, {}", -1, CS_INVALID },
		{ "x5t alone that is no digest", "<<{1: -7, 34: [-16, 5]}>>, {}", -1, CS_INVALID },
	};
	EVP_PKEY *pkey = make_key("P-256");
	cs_span cert = make_cert("a", pkey, "a", pkey, NULL, NULL, EVP_sha256()),
			other = make_cert("b", pkey, "b", pkey, NULL, NULL, EVP_sha256());
	uint8_t digest[32];
	char text[8192], headers[6000], *const hex[] = { hex_of(cert), hex_of(other), NULL };

	CHECK(cs_sha256(&ctx, cert, digest), "a digest");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		cs_span *certs;
		size_t count;
		cs_sign1 sign1;

		snprintf(headers, sizeof(headers), cases[i].headers, hex[0], hex[1], hex_of((cs_span) { digest, 32 }));
		snprintf(text, sizeof(text), "[%s, h'', h'']", headers);
		if (cases[i].count < 0)
			CHECK(!open_sign1(edn(text), &sign1) && ctx.error.code == cases[i].code && ctx.error.has_offset, "%s: %s", cases[i].what,
				ctx.error.message);
		else
			CHECK(open_sign1(edn(text), &sign1) && cs_sign1_x5chain(&ctx, &sign1, &certs, &count) && count == (size_t) cases[i].count, "%s",
				cases[i].what);
	}
	EVP_PKEY_free(pkey);
}

/* RFC 9995 section 4, each way */
static void
check_hash_envelope_headers(void)
{
	static const struct
	{
		const char *what, *headers;
		cs_code code;
	} cases[] = {
		{ "a hash envelope", "<<{1: -7, 258: -16, 259: \"application/rim+cbor\", 260: \"https://x\"}>>, {}", CS_OK },
		{ "payload_hash_alg unprotected", "<<{1: -7}>>, {258: -16}", CS_INVALID },
		{ "payload_preimage_content_type unprotected", "<<{1: -7, 258: -16}>>, {259: \"application/rim+cbor\"}", CS_INVALID },
		{ "payload_location unprotected", "<<{1: -7, 258: -16}>>, {260: \"https://x\"}", CS_INVALID },
		{ "content type beside it, protected", "<<{1: -7, 3: 0, 258: -16}>>, {}", CS_INVALID },
		{ "content type beside it, unprotected", "<<{1: -7, 258: -16}>>, {3: 0}", CS_INVALID },
		{ "payload_location without a hash envelope", "<<{1: -7}>>, {260: \"https://x\"}", CS_OK },
		{ "a digest of 64 bits", "<<{1: -7, 258: -15}>>, {}", CS_UNSUPPORTED },
		{ "a hash algorithm of named information", "<<{1: -7, 258: 1}>>, {}", CS_UNSUPPORTED },
		{ "a hash algorithm that is text", "<<{1: -7, 258: \"sha-256\"}>>, {}", CS_UNSUPPORTED },
	};
	char text[512];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		cs_sign1 sign1;
		bool ok;

		snprintf(text, sizeof(text), "18([%s, h'', h''])", cases[i].headers);
		ok = open_sign1(edn(text), &sign1);
		CHECK(ok == (cases[i].code == CS_OK) && (ok || ctx.error.code == cases[i].code), "%s: %s", cases[i].what,
			ok ? "parses" : ctx.error.message);
	}
}

static int told;

static void
count_faults(cs_ctx *at, void *data)
{
	size_t *offsets = data;

	CHECK(at->error.has_offset, "%s", at->error.message);
	offsets[told++] = at->error.offset;
}

/* Every fault of the headers with its place in the document. */
static void
check_all_faults(void)
{
	size_t offsets[16];
	cs_cose_reader how = { .fault = count_faults, .data = offsets };
	cs_span document = edn("18([<<{1: -99, 2: [], 4: 5, 258: -15, 33: []}>>, {4: h'', 260: 1, -1.5: 0}, 5, 6])");
	static const uint8_t wanted[] = { 0x38, 0x80, 0x05, 0x2e, 0xf9, 0x04, 0x01, 0x80, 0x05, 0x06 };
	cs_item item = cs_item_at(document.data, document.len);
	cs_sign1 sign1;
	int left = 0;

	CHECK(!cs_sign1_read(&ctx, &item, &how, &sign1), "faults");
	for (int i = 0; i < told; i++)
		for (size_t j = 0; j < sizeof(wanted); j++)
			if (document.data[offsets[i]] == wanted[j])
			{
				left |= 1 << j;
				break;
			}
	CHECK(told == 10, "each is told: %d", told);
	CHECK((left & 0x7f) == 0x7f && left >= 0x200, "and where it stands: %x", (unsigned) left);
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

/* ---- signed elsewhere ---- */

static cs_span
signed_elsewhere(EVP_PKEY *pkey, const EVP_MD *md, cs_span message)
{
	EVP_MD_CTX *mctx = EVP_MD_CTX_new();
	size_t len = 1024;
	uint8_t *signature = cs_alloc(&ctx, len, 1);

	if (EVP_DigestSignInit(mctx, NULL, md, NULL, pkey) != 1 || EVP_DigestSign(mctx, signature, &len, message.data, message.len) != 1)
		abort();
	EVP_MD_CTX_free(mctx);
	return (cs_span) { signature, len };
}

static void
check_elsewhere(const char *kind, const EVP_MD *md, bool detached)
{
	EVP_PKEY *pkey = make_key(kind), *other = make_key(kind);
	cs_span apart = detached ? payload : none;
	cs_span message = { NULL, 0 };
	cs_sign1 parsed;
	int64_t alg;
	cs_item item;
	cs_key key;
	cs_buf draft, out;

	open_key(public_pem(pkey), &key);
	cs_buf_init(&draft, &ctx);
	cs_buf_init(&out, &ctx);
	CHECK(cs_key_algorithm(&ctx, &key, &alg) && cs_sign1_draft(&ctx, alg, edn("{4: h'01'}"), none, payload, detached, &draft),
		"%s: a draft for whoever has the key", kind);
	item = cs_item_at(draft.data, draft.len);
	CHECK(cs_sign1_parse(&ctx, &item, &parsed) && cs_sign1_to_be_signed(&ctx, &parsed, apart, &message), "%s: says what to sign", kind);
	CHECK(!cs_sign1_verify(&ctx, &parsed, apart, none, &key), "%s: the draft itself does not verify", kind);
	CHECK(!cs_sign1_complete(&ctx, &parsed, apart, signed_elsewhere(other, md, message), &key, &out) && out.len == 0,
		"%s: another key's signature does not go in", kind);
	CHECK(cs_sign1_complete(&ctx, &parsed, apart, signed_elsewhere(pkey, md, message), &key, &out), "%s: the right one does", kind);
	item = cs_item_at(out.data, out.len);
	CHECK(cs_sign1_parse(&ctx, &item, &parsed) && cs_sign1_verify(&ctx, &parsed, apart, none, &key), "%s: and verifies", kind);
	CHECK(!cs_sign1_to_be_signed(&ctx, &parsed, apart, &message), "%s: once", kind);
	EVP_PKEY_free(pkey);
	EVP_PKEY_free(other);
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
	check_hash_envelope_headers();
	check_all_faults();
	check_truncated(sign(private_pem(ec, false), "{4: h'0102'}", "{33: h'01'}", false));
	check_bad_signers(ec);
	check_elsewhere("P-256", EVP_sha256(), false);
	check_elsewhere("P-384", EVP_sha384(), true);
	check_elsewhere("P-521", EVP_sha512(), false);
	check_elsewhere("ED25519", NULL, false);
	CHECK(ERR_peek_error() == 0, "OpenSSL's error queue is empty");
	EVP_PKEY_free(ec);
	EVP_PKEY_free(rsa);
	cs_arena_free(&arena);
	return tap_done();
}
