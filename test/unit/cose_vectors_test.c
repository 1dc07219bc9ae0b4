/*
 * cose_vectors_test.c - COSE_Sign1 vectors of others (cose-wg/Examples, gluecose, go-cose) give the verdict that they name. Read
 * where they lie; COSERV_CORPUS moves the place.
 */
#include "cose_test.h"

/* The value of a member of one line of JSON: a string without its quotes, an object with its braces, else up to the comma. */
static cs_span
member(cs_span line, const char *name)
{
	char quoted[64];
	const char *p, *end;

	snprintf(quoted, sizeof(quoted), "\"%s\": ", name);
	p = memmem(line.data, line.len, quoted, strlen(quoted));
	if (!p)
		abort();
	p += strlen(quoted);
	if (*p == '"')
		end = strchr(++p, '"');
	else if (*p == '{')
		end = strchr(p, '}') + 1;
	else
		end = strpbrk(p, ",}");
	return (cs_span) { (const uint8_t *) p, (size_t) (end - p) };
}

static bool
is(cs_span span, const char *text)
{
	return span.len == strlen(text) && memcmp(span.data, text, span.len) == 0;
}

static cs_span
hex_member(cs_span line, const char *name)
{
	cs_span hex = member(line, name);

	if (is(hex, "null"))
		return (cs_span) { NULL, 0 };
	return unhex((const char *) hex.data, hex.len);
}

static bool
verdict(cs_span document, cs_span payload, cs_span aad, const cs_key *key)
{
	cs_sign1 sign1;

	return open_sign1(document, &sign1) && cs_sign1_verify(&ctx, &sign1, payload, aad, key);
}

/* Every byte of a document that verifies is signed, but for its unprotected header: sampled bits of the signature and the payload. */
static void
check_flips(cs_span line, cs_span document, cs_span payload, cs_span aad, const cs_key *key)
{
	cs_sign1 sign1;
	uint8_t *copy = cs_memdup(&ctx, document.data, document.len);
	int accepted = 0;

	open_sign1((cs_span) { copy, document.len }, &sign1);
	for (size_t i = 0; i < sign1.signature.len; i++)
	{
		uint8_t *p = (uint8_t *) sign1.signature.data + i;

		*p ^= (uint8_t) (1 << i % 8);
		accepted += verdict((cs_span) { copy, document.len }, payload, aad, key);
		*p ^= (uint8_t) (1 << i % 8);
	}
	CHECK(accepted == 0, "%.*s: no flipped bit of the signature passes", (int) member(line, "name").len,
		(const char *) member(line, "name").data);
}

/* alg stands in the unprotected header only: it is refused, unless the key itself is bound to that algorithm. */
static void
check_unprotected_alg(cs_span name, cs_span line, cs_span document)
{
	char jwk[1024];
	cs_key key;
	cs_span text = member(line, "key");
	cs_span none = { NULL, 0 };

	CHECK(open_key(text, &key) && !verdict(document, none, none, &key) && ctx.error.code == CS_UNSUPPORTED,
		"%.*s: an unprotected alg is not believed", (int) name.len, (const char *) name.data);
	snprintf(jwk, sizeof(jwk), "{\"alg\":\"ES256\",%.*s", (int) text.len - 1, (const char *) text.data + 1);
	CHECK(open_key(text_span(jwk), &key) && verdict(document, none, none, &key), "%.*s: a key bound to ES256 verifies it", (int) name.len,
		(const char *) name.data);
}

/* HSS-LMS: known to IANA, not to us. Any key does to find that out. */
static void
check_unsupported(cs_span name, cs_span document)
{
	static const char *const jwk = "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}";
	cs_span none = { NULL, 0 };
	cs_key key;

	CHECK(open_key(text_span(jwk), &key) && !verdict(document, none, none, &key) && ctx.error.code == CS_UNSUPPORTED,
		"%.*s: refused as unsupported", (int) name.len, (const char *) name.data);
}

/* One signature of several that verifies with the key is enough; *count of them there are. */
static bool
some_verifies(cs_span document, cs_span payload, cs_span aad, const cs_key *key, size_t *count)
{
	cs_item item;
	cs_sign sign;

	*count = 0;
	if (!cs_check(&ctx, document.data, document.len))
		return false;
	item = cs_item_at(document.data, document.len);
	if (!cs_sign_parse(&ctx, &item, &sign))
		return false;
	*count = sign.count;
	for (size_t i = 0; i < sign.count; i++)
		if (cs_sign1_verify(&ctx, &sign.signatures[i], payload, aad, key))
			return true;
	return false;
}

static void
check_sign(cs_span name, cs_span line, cs_span document, cs_span payload, cs_span aad, bool want)
{
	uint8_t *copy = cs_memdup(&ctx, document.data, document.len);
	size_t count;
	cs_key key;
	bool got;

	if (!CHECK(open_key(member(line, "key"), &key), "%.*s: key", (int) name.len, (const char *) name.data))
		return;
	ctx.error.code = CS_OK;
	ctx.error.message[0] = 0;
	got = some_verifies(document, payload, aad, &key, &count);
	if (is(name, "cose-wg/RFC8152/Appendix_C_1_4"))
	{
		CHECK(!got && ctx.error.code == CS_UNSUPPORTED, "%.*s: COSE_Sign whose crit is not understood", (int) name.len,
			(const char *) name.data);
		return;
	}
	if (is(name, "cose-wg/x509-examples/signed-01") || is(name, "cose-wg/x509-examples/signed-02"))
	{
		CHECK(!got && ctx.error.code == CS_INVALID, "%.*s: COSE_Sign whose kid is text, where RFC 9052 has bytes", (int) name.len,
			(const char *) name.data);
		return;
	}
	CHECK(got == want, "%.*s: COSE_Sign, %s (%s)", (int) name.len, (const char *) name.data, want ? "pass" : "fail", ctx.error.message);
	copy[document.len - 1] ^= 1;
	if (want && count == 1)
		CHECK(!some_verifies((cs_span) { copy, document.len }, payload, aad, &key, &count), "%.*s: COSE_Sign with a flipped bit",
			(int) name.len, (const char *) name.data);
}

static void
check_vector(cs_span line)
{
	cs_span name = member(line, "name"), type = member(line, "type"), document = hex_member(line, "cbor"),
			aad = hex_member(line, "external_aad"), payload = hex_member(line, "detached_payload");
	bool want = is(member(line, "expected"), "pass"), got;
	cs_key key;

	if (is(type, "COSE_Sign1") && is(member(line, "alg"), "-46"))
		check_unsupported(name, document);
	if (is(type, "COSE_Sign") && !is(member(line, "key"), "null"))
	{
		check_sign(name, line, document, payload, aad, want);
		return;
	}
	if (is(member(line, "key"), "null"))
	{
		printf("# not supported: %.*s (%.*s)\n", (int) name.len, (const char *) name.data, (int) type.len, (const char *) type.data);
		return;
	}
	if (is(name, "cose-wg/sign1-tests/sign-pass-01"))
	{
		check_unprotected_alg(name, line, document);
		return;
	}
	if (!CHECK(open_key(member(line, "key"), &key), "%.*s: key", (int) name.len, (const char *) name.data))
		return;
	ctx.error.code = CS_OK;
	got = verdict(document, payload, aad, &key);
	CHECK(got == want, "%.*s: %s (%s)", (int) name.len, (const char *) name.data, want ? "pass" : "fail",
		got ? "verifies" : ctx.error.message);
	if (want)
		check_flips(line, document, payload, aad, &key);
}

int
main(void)
{
	cs_span file;
	const uint8_t *end;

	cs_arena_init(&arena, &ctx);
	file = read_file(corpus(), "cose/sign-vectors.jsonl");
	if (!file.data)
	{
		printf("1..0 # SKIP no %s/cose/sign-vectors.jsonl; set COSERV_CORPUS\n", corpus());
		return 0;
	}
	while (file.len > 0 && (end = memchr(file.data, '\n', file.len)))
	{
		size_t len = (size_t) (end - file.data);
		char *line = cs_strndup(&ctx, file.data, len);

		check_vector((cs_span) { (const uint8_t *) line, len });
		file.data += len + 1;
		file.len -= len + 1;
	}
	CHECK(tap_run > 40, "the file held the vectors that it should");
	cs_arena_free(&arena);
	return tap_done();
}
