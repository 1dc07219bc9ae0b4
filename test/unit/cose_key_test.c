/*
 * cose_key_test.c - keys in each form that a person has them, what is refused, thumbprints of the RFCs, and which keys name which.
 */
#include "cose_make.h"
#include "cbor/edn.h"

static const cs_span none = { NULL, 0 };

/* RFC 8037 appendix A.1. */
#define ED25519_X "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
#define ED25519_JWK "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\",\"x\":\"" ED25519_X "\"}"
/* The example of RFC 9679, whose key is the third of RFC 9052 appendix C.7.2. */
#define P256_X "65eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de439c08551d"
#define P256_Y "1e52ed75701163f7f9e40ddf9f341b3dc9ba860af7e0ca7ca7e9eecd0084d19c"
#define P256_X64 "Ze2loSV3wrroKUN_4zhwGhCqo3Xhu1td4QjeQ5wIVR0"
#define P256_Y64 "HlLtdXARY_f55A3fnzQbPcm6hgr34Mp8p-nuzQCE0Zw"
#define P256_PUBLIC "\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" P256_X64 "\",\"y\":\"" P256_Y64 "\""
#define P256_JWK "{" P256_PUBLIC ",\"d\":\"r_kHyZ-a06rmxM3yESK84r1otSg-aQcVStkRhA-iCM8\"}"
/* RFC 7517 appendix A.2, whose public half is that of RFC 7638 section 3.1. */
#define RSA_N                                                                                                                            \
	"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5"     \
	"JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-" \
	"bFTWh"                                                                                                                              \
	"AI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
#define RSA_PRIVATE_JWK                                                                                                                    \
	"{\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":\"AQAB\",\"d\":\"X4cTteJY_gn4FYPsXB8rdXix5vwsg1FLN5E3EaG6RJoVH-HLLKD9M7d"                  \
	"x5oo7GURknchnrRweUkC7hT5fJLM0WbFAKNLWY2vv7B6NqXSzUvxT0_YSfqijwp3RTzlBaCxWp4doFk5N2o8Gy_nHNKroADIkJ46pRUohsXywbReAdYaMwFs9tv8d_"       \
	"cPVY3i07"                                                                                                                             \
	"a3t8MN6TNwm0dSawm9v47UiCl3Sk5ZiG7xojPLu4sbg1U2jx4IBTNBznbJSzFHK66jT8bgkuqsk0GjskDJk19Z4qwjwbsnn4j2WBii3RL-"                           \
	"Us2lGVkY8fkFzme1z0HbIkfz0Y6"                                                                                                          \
	"mqnOYtqc0X4jfcKoAC8Q\",\"p\":\"83i-7IvMGXoMXCskv73TKr8637FiO7Z27zv8oj6pbWUQyLPQBQxtPVnwD20R-60eTDmD2ujnMt5PoqMrm8RfmNhVWDtjjMmCMjOpS" \
	"XicFHj7XOuVIYQyqVWlWEh6dN36GVZYk93N8Bc9vY41xy8B9RzzOGVQzXvNEvn7O0nVbfs\",\"q\":\"3dfOR9cuYq-0S-"                                      \
	"mkFLzgItgMEfFzB2q3hWehMuG0oCuqnb3vobLy"                                                                                               \
	"umqjVZQO1dIrdwgTnCdpYzBcOfW5r370AFXjiWft_NGEiovonizhKpo9VVS78TzFgxkIdrecRezsZ-1kYd_s1qDbxtkDEgfAITAG9LUnADun4vIcb6yelxk\",\"dp\":"    \
	"\"G4s"                                                                                                                                \
	"PXkc6Ya9y8oJW9_ILj4xuppu0lzi_H7VTkS8xj5SdX3coE0oimYwxIi2emTAue0UOa5dpgFGyBJ4c8tQ2VF402XRugKDTP8akYhFo5tAA77Qe_"                       \
	"NmtuYZc3C3m3I24G2GvR5sS"                                                                                                              \
	"DxUyAN2zq8Lfn9EUms6rY3Ob8YeiKkTiBj0\",\"dq\":\"s9lAH9fggBsoFR8Oac2R_E2gw282rT2kGOAhvIllETE1efrA6huUUvMfBcMpn8lqeW6vzznYY5SSQF7pMdC_"  \
	"agI3"                                                                                                                                 \
	"nG8Ibp1BUb0JUiraRNqUfLhcQb_d9GF4Dh7e74WbRsobRonujTYN1xCaP6TO61jvWrX-L18txXw494Q_cgk\",\"qi\":\"GyM_p6JrXySiz1toFgKbWV-"               \
	"JdI3jQ4ypu9rbMWx3"                                                                                                                    \
	"rQJBfmt0FoYzgUIZEVFEcOqwemRN81zoDAaa-Bk0KWNGDjJHZDdDmFhW3AN7lI-puxk_"                                                                 \
	"mHZGJ11rxyR8O55XLSe3SPmRfKwZI6yU24ZxvQKFYItdldUKGzO6Ia6zTKhAVRU\"}"

static cs_span
import(cs_span data)
{
	cs_buf out;

	cs_buf_init(&out, &ctx);
	return cs_key_import(&ctx, data.data, data.len, &out) ? cs_buf_span(&out) : none;
}

static cs_span
edn(const char *text)
{
	cs_buf out;

	cs_buf_init(&out, &ctx);
	if (!cs_edn_parse(&ctx, text, strlen(text), &out))
		abort();
	return cs_buf_span(&out);
}

/* The tag that comes out, 0 when it is refused; what comes out goes in again and comes out the same, as CBOR and as EDN. */
static uint64_t
imported_tag(cs_span data)
{
	static const cs_edn_style style = { false, NULL };
	cs_span choice = import(data);
	cs_item item;
	cs_buf text;

	if (!choice.data)
		return 0;
	item = cs_item_at(choice.data, choice.len);
	cs_buf_init(&text, &ctx);
	if (!cs_require_deterministic(&ctx, choice.data, choice.len) || !cs_span_eq(import(choice), choice) ||
		!cs_edn_print(&ctx, &item, &style, &text) || !cs_span_eq(import(cs_buf_span(&text)), choice))
		return 1;
	return item.arg;
}

static void
check_forms(void)
{
	EVP_PKEY *pkey = make_key("P-256"), *ca = make_key("P-384");
	cs_span leaf = make_cert("leaf", pkey, "ca", ca, NULL, "digitalSignature", EVP_sha256()),
			root = make_cert("ca", ca, "ca", ca, "critical,CA:TRUE", NULL, EVP_sha384()), pem = public_pem(pkey), bare, crlf;
	cs_buf text;
	cs_key key, same;

	CHECK(imported_tag(pem) == 554, "PEM key");
	CHECK(imported_tag(join(text_span("A key:\n"), pem)) == 554 && cs_span_eq(import(join(text_span("A key:\n"), pem)), import(pem)),
		"PEM key behind text");
	bare = (cs_span) { pem.data + 27, pem.len - 27 - 25 };
	CHECK(imported_tag(bare) == 554 && cs_span_eq(import(bare), import(pem)), "base64 of a key without its lines");
	CHECK(imported_tag(public_der(pkey)) == 554 && cs_span_eq(import(public_der(pkey)), import(pem)), "DER key");
	CHECK(imported_tag(cert_pem(leaf)) == 555, "PEM certificate");
	CHECK(imported_tag(join(cert_pem(leaf), cert_pem(root))) == 556, "PEM chain");
	CHECK(imported_tag(join(cert_pem(root), cert_pem(leaf))) == 0 && ctx.error.code == CS_BAD_KEY && ctx.error.hint[0],
		"PEM chain in the wrong order: %s", ctx.error.message);
	CHECK(imported_tag(leaf) == 562, "DER certificate");
	CHECK(
		open_key(leaf, &key) && key.has_not_after && key.not_before == MADE_FROM && key.not_after == MADE_TO, "validity of a certificate");
	CHECK(
		open_key(join(cert_pem(leaf), cert_pem(root)), &same) && cs_span_eq(key.cert, same.cert) && cs_span_eq(key.spki, public_der(pkey)),
		"a chain reads as its first certificate");

	cs_buf_init(&text, &ctx);
	cs_put_tag(&text, 554);
	cs_put_text(&text, (const char *) bare.data, bare.len);
	CHECK(imported_tag(cs_buf_span(&text)) == 554 && cs_span_eq(import(cs_buf_span(&text)), cs_buf_span(&text)),
		"554 without its lines is kept as it came");
	crlf = text_span(
		"-----BEGIN PUBLIC KEY-----\r\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\r\n-----END PUBLIC KEY-----\r\n");
	CHECK(imported_tag(crlf) == 554, "PEM with CR LF");
	EVP_PKEY_free(pkey);
	EVP_PKEY_free(ca);
}

static void
check_refused(void)
{
	static const struct
	{
		const char *text;
		cs_code code; /* CS_OK: taken */
	} cases[] = {
		{ "{" P256_PUBLIC "}", CS_OK },
		{ " {\n" P256_PUBLIC
		  ", \"alg\" : \"ES256\", \"use\":\"sig\", \"kid\":\"\\u0031\\ud83d\\ude00\", \"ext\":true, \"x5c\":[\"MII\", \"MII\"],"
		  "\"iat\":-1.5e3, \"nbf\":null }\n",
			CS_OK },
		{ "{" P256_PUBLIC ", \"key_ops\":[\"verify\"]}", CS_OK },
		{ "{" P256_PUBLIC ", \"key_ops\":[\"sign\"]}", CS_BAD_KEY },
		{ "{" P256_PUBLIC ", \"key_ops\":[]}", CS_BAD_KEY },
		{ "{" P256_PUBLIC ", \"use\":\"enc\"}", CS_BAD_KEY },
		{ "{" P256_PUBLIC ", \"alg\":\"ES384\"}", CS_BAD_KEY },
		{ "{" P256_PUBLIC ", \"alg\":\"EdDSA\"}", CS_BAD_KEY },
		{ "{" P256_PUBLIC ", \"alg\":\"ECDH-ES\"}", CS_BAD_KEY },
		{ "{" P256_PUBLIC ", \"alg\":7}", CS_BAD_KEY },
		{ "{" P256_PUBLIC ", \"x\":\"" P256_X64 "\"}", CS_BAD_KEY },
		{ "{" P256_PUBLIC ", \"a\":{}}", CS_BAD_KEY },
		{ "{" P256_PUBLIC ",}", CS_MALFORMED },
		{ "{" P256_PUBLIC "} x", CS_MALFORMED },
		{ "{" P256_PUBLIC ", \"a\":01}", CS_MALFORMED },
		{ "{" P256_PUBLIC ", \"a\":\"\\ud800\"}", CS_MALFORMED },
		{ "{" P256_PUBLIC ", \"a\":\"\\q\"}", CS_MALFORMED },
		{ "{" P256_PUBLIC ", \"a\":[\"b\"", CS_MALFORMED },
		{ "{" P256_PUBLIC, CS_MALFORMED },
		{ P256_JWK, CS_BAD_KEY },
		{ ED25519_JWK, CS_BAD_KEY },
		{ RSA_PRIVATE_JWK, CS_BAD_KEY },
		{ "{\"kty\":\"oct\",\"k\":\"AAAA\"}", CS_BAD_KEY },
		{ "{\"keys\":[]}", CS_BAD_KEY },
		{ "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" P256_Y64 "\",\"y\":\"" P256_X64 "\"}", CS_BAD_KEY },
		{ "{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"" P256_X64 "\",\"y\":\"" P256_Y64 "\"}", CS_BAD_KEY },
		{ "{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"" ED25519_X "\"}", CS_BAD_KEY },
		{ "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" ED25519_X "=\"}", CS_BAD_KEY },
		{ "{\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":\"AQAB\"}", CS_OK },
		{ "{\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":\"AQAB\",\"alg\":\"RS256\"}", CS_OK },
		{ "{\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":\"AQ\"}", CS_BAD_KEY },
		{ "{\"kty\":\"RSA\",\"n\":\"" RSA_N "\"}", CS_BAD_KEY },
		{ "{\"kty\":\"RSA\",\"n\":\"" P256_X64 "\",\"e\":\"AQAB\"}", CS_BAD_KEY },
		{ "{1: 2, -1: 1, -2: h'" P256_X "', -3: h'" P256_Y "'}", CS_OK },
		{ "558({1: 2, -1: 1, -2: h'" P256_X "', -3: h'" P256_Y "'})", CS_OK },
		{ "558([{1: 2, -1: 1, -2: h'" P256_X "', -3: h'" P256_Y "'}])", CS_OK },
		{ "558([])", CS_BAD_KEY },
		{ "/ a key / {1: \"EC2\", -1: \"P-256\", -2: h'" P256_X "', -3: h'" P256_Y "', 2: 'kid', 3: -7, 4: [2], \"x\": 1}", CS_OK },
		{ "{1: 2, -1: 1, -2: h'" P256_X "', -3: false}", CS_OK },
		{ "{1: 2, -1: 1, -2: h'" P256_X "', -3: null}", CS_BAD_KEY },
		{ "{1: 2, -1: 1, -2: h'" P256_X "', -3: h'" P256_X "'}", CS_BAD_KEY },
		{ "{1: 2, -1: 1, -2: h'" P256_X "00', -3: h'" P256_Y "'}", CS_BAD_KEY },
		{ "{1: 2, -1: 1, -2: h'" P256_X "', -3: h'" P256_Y "', -4: h'00'}", CS_BAD_KEY },
		{ "{1: 2, -1: 1, -2: h'" P256_X "', -3: h'" P256_Y "', 4: [1]}", CS_BAD_KEY },
		{ "{1: 2, -1: 1, -2: h'" P256_X "', -3: h'" P256_Y "', 3: -8}", CS_BAD_KEY },
		{ "{1: 2, -1: 1, -2: h'" P256_X "', -3: h'" P256_Y "', 3: -47}", CS_BAD_KEY },
		{ "{1: 2, -1: 8, -2: h'" P256_X "', -3: h'" P256_Y "'}", CS_BAD_KEY },
		{ "{1: 2, -1: 6, -2: h'" P256_X "', -3: h'" P256_Y "'}", CS_BAD_KEY },
		{ "{1: 2, -1: 1, -1: 1, -2: h'" P256_X "', -3: h'" P256_Y "'}", CS_INVALID },
		{ "{1: 4, -1: h'0102030405060708'}", CS_BAD_KEY },
		{ "{-1: 1}", CS_BAD_KEY },
		{ "557([1, h'496bd8afadf307e5b08c64b0421bf9dc01528a344a43bda88fadd1669da253ec'])", CS_OK },
		{ "559([\"sha-256\", h'496bd8afadf307e5b08c64b0421bf9dc01528a344a43bda88fadd1669da253ec'])", CS_OK },
		{ "561([-16, h'496bd8afadf307e5b08c64b0421bf9dc01528a344a43bda88fadd1669da253ec'])", CS_OK },
		{ "557([1, h'496bd8'])", CS_INVALID },
		{ "557([6, h'496bd8af'])", CS_BAD_KEY },
		{ "557([99, h'496bd8af'])", CS_UNSUPPORTED },
		{ "557(h'496bd8af')", CS_INVALID },
		{ "560(h'0102')", CS_OK },
		{ "560(h'')", CS_INVALID },
		{ "560(\"x\")", CS_INVALID },
		{ "563(h'0102')", CS_UNSUPPORTED },
		{ "562(\"x\")", CS_INVALID },
		{ "562(h'3000')", CS_BAD_KEY },
		{ "554(h'00')", CS_INVALID },
		{ "554(\"\")", CS_BAD_KEY },
		{ "554(\"!\")", CS_MALFORMED },
		{ "", CS_MALFORMED },
		{ "  ", CS_MALFORMED },
		{ "hello", CS_MALFORMED },
		{ "-----BEGIN PUBLIC KEY-----", CS_MALFORMED },
		{ "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END CERTIFICATE-----", CS_MALFORMED },
		{ "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", CS_BAD_KEY },
		{ "-----BEGIN NONSENSE-----\nAAAA\n-----END NONSENSE-----", CS_BAD_KEY },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		uint64_t tag = imported_tag(text_span(cases[i].text));
		bool ok = cases[i].code == CS_OK ? tag > 1 : tag == 0 && ctx.error.code == cases[i].code;

		CHECK(ok, "%.120s: %s", cases[i].text, tag ? "taken" : ctx.error.message);
		if (!ok)
			printf("# tag %d, %s: %s (%s)\n", (int) tag, cs_code_name(ctx.error.code), ctx.error.message, ctx.error.found);
	}
}

/* Keys that OpenSSL reads and that verify nothing here. */
static void
check_weak(void)
{
	static const char *const kinds[] = { "RSA1024", "P-224", "X25519" };

	for (int i = 0; i < 3; i++)
	{
		EVP_PKEY *pkey = make_key(kinds[i]);

		CHECK(imported_tag(public_pem(pkey)) == 0 && ctx.error.code == CS_BAD_KEY, "%s: %s", kinds[i], ctx.error.message);
		CHECK(imported_tag(private_pem(pkey, false)) == 0 && ctx.error.code == CS_BAD_KEY && ctx.error.hint[0], "%s private: %s", kinds[i],
			ctx.error.hint);
		EVP_PKEY_free(pkey);
	}
}

/* One kid, byte for byte, in the COSE_Key and in the JWK: the one that was given, else the thumbprint of RFC 9679. */
static void
check_exported(const char *private_jwk, const char *thumbprint, const char *given)
{
	cs_span none = { NULL, 0 };
	char member[256];
	cs_signer *signer;
	cs_span kid, got;
	cs_buf out;
	cs_item map, value;

	CHECK(cs_signer_open(&ctx, text_span(private_jwk), &signer), "private JWK");
	cs_buf_init(&out, &ctx);
	CHECK(cs_signer_kid(&ctx, signer, &out) && cs_span_eq(cs_buf_span(&out), text_span(thumbprint)), "RFC 9679: %.*s", (int) out.len,
		(char *) out.data);
	kid = text_span(given ? given : thumbprint);
	cs_buf_init(&out, &ctx);
	CHECK(cs_public_jwk(&ctx, signer, kid, &out), "public JWK");
	cs_put_byte(&out, 0);
	snprintf(member, sizeof(member), "\"kid\":\"%s\"", (const char *) kid.data);
	CHECK(strstr((char *) out.data, member) && !strstr((char *) out.data, "\"d\""), "kid of the JWK: %s", out.data);
	CHECK(imported_tag((cs_span) { out.data, out.len - 1 }) == 558, "and it goes in");
	cs_buf_init(&out, &ctx);
	CHECK(cs_public_cose_key(&ctx, signer, kid, &out) && cs_require_deterministic(&ctx, out.data, out.len), "public COSE_Key");
	map = cs_item_at(out.data, out.len);
	CHECK(cs_map_get(&map, 2, &value) && cs_string(&ctx, &value, &got) && cs_span_eq(got, kid), "kid of the COSE_Key");
	CHECK(imported_tag(cs_buf_span(&out)) == 558, "and it goes in");
	cs_buf_init(&out, &ctx);
	CHECK(cs_public_cose_key(&ctx, signer, none, &out) && (map = cs_item_at(out.data, out.len), !cs_map_get(&map, 2, &value)), "no kid");
	cs_buf_init(&out, &ctx);
	CHECK(!cs_public_jwk(&ctx, signer, text_span("a \"quote\""), &out) && ctx.error.code == CS_INVALID,
		"a kid that JSON would have to escape");
	cs_signer_free(signer);
}

/* y as a sign (RFC 9053 section 7.1.1) is the same key as y in full. */
static void
check_compressed(void)
{
	cs_key full, compressed, other;

	CHECK(open_key(text_span("{1: 2, -1: 1, -2: h'" P256_X "', -3: h'" P256_Y "'}"), &full) &&
			open_key(text_span("{1: 2, -1: 1, -2: h'" P256_X "', -3: false}"), &compressed) && cs_span_eq(full.spki, compressed.spki),
		"compressed point");
	CHECK(open_key(text_span("{1: 2, -1: 1, -2: h'" P256_X "', -3: true}"), &other) && !cs_span_eq(full.spki, other.spki),
		"the other compressed point");
}

static bool
names(const char *head, cs_span bytes, const cs_span *certs, size_t count)
{
	cs_span choice;
	cs_item item;
	cs_buf text;
	bool yes;

	cs_buf_init(&text, &ctx);
	cs_put_str(&text, head);
	for (size_t i = 0; i < bytes.len; i++)
		cs_put_fmt(&text, "%02x", bytes.data[i]);
	cs_put_str(&text, strchr(head, '[') ? "'])" : "')");
	cs_put_byte(&text, 0);
	choice = edn((char *) text.data);
	item = cs_item_at(choice.data, choice.len);
	return cs_key_names(&ctx, &item, certs, count, &yes) && yes;
}

static bool
imported_names(cs_span data, const cs_span *certs, size_t count)
{
	cs_span choice = import(data);
	cs_item item = cs_item_at(choice.data, choice.len);
	bool yes;

	return cs_key_names(&ctx, &item, certs, count, &yes) && yes;
}

/* What names a key without holding it. */
static void
check_no_key(void)
{
	static const char *const texts[] = { "557([2, h'000102030405060708090a0b0c0d0e0f'])", "559([2, h'000102030405060708090a0b0c0d0e0f'])",
		"561([2, h'000102030405060708090a0b0c0d0e0f'])", "560(h'01')" };

	for (int i = 0; i < 4; i++)
	{
		cs_span choice = import(text_span(texts[i]));
		cs_item item = cs_item_at(choice.data, choice.len);
		cs_key key;

		CHECK(!cs_key_read(&ctx, &item, &key) && ctx.error.code == CS_BAD_KEY, "%s holds no key", texts[i]);
	}
}

static cs_span
sha256(cs_span data)
{
	uint8_t *out = cs_alloc(&ctx, 32, 1);

	cs_sha256(&ctx, data, out);
	return (cs_span) { out, 32 };
}

static void
check_names(void)
{
	EVP_PKEY *pkey = make_key("P-256"), *ca = make_key("P-256");
	cs_span chain[2], reissued, spki = public_der(pkey);

	chain[0] = make_cert("leaf", pkey, "ca", ca, NULL, NULL, EVP_sha256());
	chain[1] = make_cert("ca", ca, "ca", ca, "CA:TRUE", NULL, EVP_sha256());
	reissued = make_cert("again", pkey, "ca", ca, NULL, NULL, EVP_sha256());
	CHECK(imported_names(public_pem(pkey), chain, 2) && imported_names(public_pem(pkey), &spki, 1), "554 names the key");
	CHECK(!imported_names(public_pem(ca), chain, 2), "554 of the issuer does not name the signer");
	CHECK(imported_names(cert_pem(chain[0]), chain, 2) && imported_names(chain[0], chain, 2) && imported_names(chain[0], &spki, 1),
		"555 and 562 name the certificate, and its bare key");
	CHECK(!imported_names(reissued, chain, 2) && !imported_names(chain[1], chain, 2), "562 of another certificate does not");
	CHECK(imported_names(join(cert_pem(chain[0]), cert_pem(chain[1])), chain, 2), "556 names the signer");
	CHECK(names("557([1, h'", sha256(spki), chain, 2) && names("557([\"sha-256\", h'", sha256(spki), &spki, 1), "557 names the key");
	CHECK(!names("557([7, h'", sha256(spki), chain, 2) && !names("557([1, h'", sha256(chain[0]), chain, 2), "557 of something else");
	CHECK(names("557([2, h'", (cs_span) { sha256(spki).data, 16 }, chain, 2), "557 truncated to 128 bits");
	CHECK(!names("557([6, h'", (cs_span) { sha256(spki).data, 4 }, chain, 2), "557 truncated to 32 bits names nothing");
	CHECK(names("559([-16, h'", sha256(chain[0]), chain, 2) && !names("559([-16, h'", sha256(chain[1]), chain, 2), "559 names the leaf");
	CHECK(!names("559([1, h'", sha256(spki), &spki, 1), "559 names no bare key");
	CHECK(names("561([1, h'", sha256(join(chain[0], chain[1])), chain, 2), "561 names the path");
	CHECK(!names("561([1, h'", sha256(join(chain[0], chain[1])), chain, 1), "561 does not name a part of it");
	CHECK(!names("560(h'", spki, chain, 2), "560 names nothing");
	CHECK(!imported_names(public_pem(pkey), chain, 0), "nobody is named by nothing");
	EVP_PKEY_free(pkey);
	EVP_PKEY_free(ca);
}

static void
check_digests(void)
{
	static const struct
	{
		const char *alg;
		const char *hex; /* of "abc" (FIPS 180-4, FIPS 202) */
	} cases[] = {
		{ "1", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "-16", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "\"sha-256\"", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "\"SHA256\"", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "2", "ba7816bf8f01cfea414140de5dae2223" },
		{ "3", "ba7816bf8f01cfea414140de5dae22" },
		{ "4", "ba7816bf8f01cfea414140de" },
		{ "5", "ba7816bf8f01cfea" },
		{ "6", "ba7816bf" },
		{ "-15", "ba7816bf8f01cfea" },
		{ "7", "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7" },
		{ "-43", "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7" },
		{ "8",
			"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca4"
			"9f" },
		{ "-44",
			"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca4"
			"9f" },
		{ "9", "e642824c3f8cf24ad09234ee7d3c766fc9a3a5168d0c94ad73b46fdf" },
		{ "\"sha3-256\"", "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532" },
		{ "11", "ec01498288516fc926459f58e2c6ad8df9b473cb0fc08c2596da7cf0e49be4b298d88cea927ac7f539f1edf228376d25" },
		{ "12",
			"b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53"
			"f0" },
		{ "-17", "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23" },
	};
	static const char *const unknown[] = { "0", "13", "-14", "\"md5\"", "\"sha-2560\"", "h'01'", "null" };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]) + 7; i++)
	{
		bool known = i < sizeof(cases) / sizeof(cases[0]);
		const char *name = known ? cases[i].alg : unknown[i - sizeof(cases) / sizeof(cases[0])];
		cs_span alg = edn(name);
		cs_item item = cs_item_at(alg.data, alg.len);
		cs_buf out;
		bool ok;

		cs_buf_init(&out, &ctx);
		ok = cs_digest(&ctx, &item, text_span("abc"), &out);
		CHECK(known ? ok && cs_span_eq(cs_buf_span(&out), unhex(cases[i].hex, strlen(cases[i].hex)))
					: !ok && ctx.error.code == CS_UNSUPPORTED,
			"digest %s", name);
	}
}

/* Keys that anybody can sign for are no keys, in whatever form they come. */
static void
refuses(EVP_PKEY *pkey, const char *what, const char *why)
{
	cs_key key;

	CHECK(!open_key(public_der(pkey), &key) && ctx.error.code == CS_BAD_KEY && strstr(ctx.error.message, why), "%s: %s", what,
		ctx.error.message);
	EVP_PKEY_free(pkey);
}

static void
accepts(EVP_PKEY *pkey, const char *what)
{
	cs_key key;

	CHECK(open_key(public_der(pkey), &key), "%s", what);
	EVP_PKEY_free(pkey);
}

/* y of the eight points of small order on edwards25519, of four on edwards448, and what stands behind p - 1. */
static void
check_small_order(void)
{
	static const char *const y25519[] = { "0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05" };
	uint8_t y[57];

	for (size_t i = 0; i < sizeof(y25519) / sizeof(y25519[0]); i++)
		for (int sign = 0; sign < 2; sign++)
		{
			memcpy(y, unhex(y25519[i], 64).data, 32);
			y[31] |= (uint8_t) (sign << 7);
			refuses(make_raw_key("ED25519", y, 32), "Ed25519, small order", "small order");
		}
	memset(y, 0xff, 32);
	y[0] = 0xed; /* p, which is 0 */
	refuses(make_raw_key("ED25519", y, 32), "Ed25519, y = p", "RFC 8032");
	y[0] = 0xeb; /* p - 2 */
	accepts(make_raw_key("ED25519", y, 32), "Ed25519, y = p - 2");
	memset(y, 0, 57);
	refuses(make_raw_key("ED448", y, 57), "Ed448, y = 0", "small order");
	y[0] = 1;
	refuses(make_raw_key("ED448", y, 57), "Ed448, y = 1", "small order");
	y[56] = 0x80;
	refuses(make_raw_key("ED448", y, 57), "Ed448, y = 1, sign", "small order");
	memset(y, 0xff, 56);
	y[0] = 0xfe;
	y[28] = 0xfe;
	y[56] = 0;
	refuses(make_raw_key("ED448", y, 57), "Ed448, y = p - 1", "small order");
	y[0] = 0xff;
	refuses(make_raw_key("ED448", y, 57), "Ed448, y = p", "RFC 8032");
}

/* RFC 8017 section 3.1; RFC 5480 section 2.1.1 */
static void
check_parameters(void)
{
	refuses(make_rsa_key_of("1", NULL), "RSA, e = 1", "exponent");
	refuses(make_rsa_key_of("2", NULL), "RSA, e = 2", "exponent");
	refuses(make_rsa_key_of("65536", NULL), "RSA, e = 65536", "exponent");
	refuses(make_rsa_key_of("18446744073709551617", NULL), "RSA, e = 2^64 + 1", "64 bits");
	accepts(make_rsa_key_of("3", NULL), "RSA, e = 3");
	accepts(make_rsa_key_of("65537", NULL), "RSA, e = 65537");
	refuses(make_explicit_key(), "P-256, explicit parameters", "explicit");
}

/* The same SubjectPublicKeyInfo, in whatever form the key came? */
static void
same_key(cs_span form, EVP_PKEY *pkey, const char *what)
{
	cs_key key;

	ctx.error.message[0] = '\0';
	CHECK(open_key(form, &key) && cs_span_eq(key.spki, public_der(pkey)), "%s: %s", what, ctx.error.message);
}

static void
refused(cs_span form, const char *what, const char *why)
{
	cs_key key;

	CHECK(!open_key(form, &key) && strstr(ctx.error.message, why) && ctx.error.hint[0], "%s: %s (%s)", what, ctx.error.message,
		ctx.error.hint);
}

static cs_span
around(const char *before, cs_span text, const char *behind)
{
	return join(join(text_span(before), text), text_span(behind));
}

static cs_span
pkcs1(EVP_PKEY *pkey, bool pem)
{
	unsigned char *der = NULL;
	int len = i2d_PublicKey(pkey, &der);
	BIO *bio = BIO_new(BIO_s_mem());

	if (pem)
		PEM_write_bio(bio, "RSA PUBLIC KEY", "", der, len);
	else
		BIO_write(bio, der, len);
	OPENSSL_free(der);
	return bio_span(bio);
}

static cs_span
request(EVP_PKEY *pkey, bool pem)
{
	X509_REQ *made = X509_REQ_new();
	BIO *bio = BIO_new(BIO_s_mem());

	X509_REQ_set_pubkey(made, pkey);
	X509_REQ_sign(made, pkey, EVP_sha256());
	if (pem)
		PEM_write_bio_X509_REQ(bio, made);
	else
		i2d_X509_REQ_bio(bio, made);
	X509_REQ_free(made);
	return bio_span(bio);
}

static void
put_ssh(cs_buf *blob, const void *data, size_t len)
{
	uint8_t head[4] = { 0, 0, (uint8_t) (len >> 8), (uint8_t) len };

	cs_put_raw(blob, head, 4);
	cs_put_raw(blob, data, len);
}

static cs_span
ssh_line(const char *type, cs_span first, cs_span second)
{
	cs_buf blob;
	char text[2048];
	unsigned char base64[1500];

	cs_buf_init(&blob, &ctx);
	put_ssh(&blob, type, strlen(type));
	put_ssh(&blob, first.data, first.len);
	if (second.data)
		put_ssh(&blob, second.data, second.len);
	EVP_EncodeBlock(base64, blob.data, (int) blob.len);
	snprintf(text, sizeof(text), "%s %s somebody@somewhere\n", type, (char *) base64);
	return (cs_span) { cs_memdup(&ctx, text, strlen(text)), strlen(text) };
}

/* What people have at hand: read, or told what it is. */
static void
check_forms_at_hand(void)
{
	EVP_PKEY *ec = make_key("P-256"), *rsa = make_key("RSA2048"), *ed = make_key("ED25519");
	cs_span none = { NULL, 0 }, der = public_der(ed), ec_der = public_der(ec);
	uint8_t n[257] = { 0 }, e[3] = { 1, 0, 1 };
	BIGNUM *modulus = NULL;

	same_key(around("Bag Attributes\n    friendlyName: acme\n", public_pem(ec), "the end\n"), ec, "text around PEM");
	same_key(around("# the key of ACME\n", public_pem(ec), ""), ec, "a comment before PEM");
	same_key(around("/ EDN it is not /\n", public_pem(ec), ""), ec, "a slash before PEM");
	same_key(around("\xef\xbb\xbf", public_pem(ec), ""), ec, "a byte order mark before PEM");
	same_key(pkcs1(rsa, true), rsa, "PKCS#1, PEM");
	same_key(pkcs1(rsa, false), rsa, "PKCS#1, DER");
	same_key(ssh_line("ssh-ed25519", (cs_span) { der.data + der.len - 32, 32 }, none), ed, "OpenSSH, Ed25519");
	same_key(ssh_line("ecdsa-sha2-nistp256", text_span("nistp256"), (cs_span) { ec_der.data + ec_der.len - 65, 65 }), ec, "OpenSSH, ECDSA");
	EVP_PKEY_get_bn_param(rsa, OSSL_PKEY_PARAM_RSA_N, &modulus);
	BN_bn2bin(modulus, n + 1);
	BN_free(modulus);
	same_key(ssh_line("ssh-rsa", (cs_span) { e, 3 }, (cs_span) { n, 257 }), rsa, "OpenSSH, RSA");
	refused(text_span("ssh-ed25519 AAAA"), "OpenSSH, cut", "OpenSSH");
	refused(request(ec, true), "a certificate request, PEM", "request");
	refused(request(ec, false), "a certificate request, DER", "request");
	refused(private_pem(ec, true), "a private key, PEM", "private key");
	refused(text_span("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n"), "OpenSSH's private key",
		"private key");
	refused(text_span("-----BEGIN TRUSTED CERTIFICATE-----\nAAAA\n-----END TRUSTED CERTIFICATE-----\n"), "a trusted certificate",
		"trust settings");
	EVP_PKEY_free(ec);
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(ed);
}

int
main(void)
{
	cs_arena_init(&arena, &ctx);
	check_small_order();
	check_forms_at_hand();
	check_parameters();
	check_forms();
	check_refused();
	check_weak();
	check_exported(ED25519_JWK, "hm7vvWcYyIRs193-Q_x0qx2qxFOP-FFOouwtQQpBV0M", NULL);
	check_exported(P256_JWK, "SWvYr63zB-WwjGSwQhv53AFSijRKQ72oj63RZp2iU-w", "2026-11");
	check_exported(RSA_PRIVATE_JWK, "ViIOHC5ZFlNRzWjijUEN-gTLqu7TxKfcSc2M2K7Q6mw", NULL);
	check_compressed();
	check_no_key();
	check_names();
	check_digests();
	CHECK(ERR_peek_error() == 0, "OpenSSL's error queue is empty");
	cs_arena_free(&arena);
	return tap_done();
}
