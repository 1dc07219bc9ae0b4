/*
 * key_identity.c - what a $crypto-key-type-choice stands for (draft-ietf-rats-corim section 5.1.4.6; key_identity.h). Keys that are
 * stored are told apart without parsing them; only the one that is asked about is read.
 */
#include "internal.h"
#include "key_identity.h"

enum
{
	KEY_OTHER = 0,		 /* deterministic encoding of the choice */
	KEY_SPKI = 1,		 /* DER SubjectPublicKeyInfo */
	KEY_CERT = 2,		 /* DER certificate */
	KEY_SPKI_DIGEST = 3, /* of 557 */
	KEY_CERT_DIGEST = 4, /* of 559 */
	KEY_PATH_DIGEST = 5	 /* of 561 */
};

static bool
put(cs_buf *out, uint8_t what, cs_span bytes)
{
	cs_put_byte(out, what);
	cs_put_raw(out, bytes.data, bytes.len);
	return cs_buf_ok(out);
}

/* The first block of 554, 555 and 556, which may lack its PEM lines. */
static bool
put_text(cs_ctx *ctx, const cs_item *content, uint64_t tag, cs_buf *out)
{
	cs_span text;
	cs_span *der;
	size_t count;

	return cs_is(content, CS_TSTR) && cs_string(ctx, content, &text) &&
		cs_pem_blocks(ctx, text, tag == CS_TAG_PKIX_BASE64_KEY ? "PUBLIC KEY" : "CERTIFICATE", &der, &count) && der[0].len > 0 &&
		put(out, tag == CS_TAG_PKIX_BASE64_KEY ? KEY_SPKI : KEY_CERT, der[0]);
}

static bool
put_digest(cs_ctx *ctx, const cs_item *content, uint64_t tag, cs_buf *out)
{
	cs_item value;
	cs_span bytes;

	return cs_is(content, CS_ARRAY) && cs_array_get(content, 1, &value) && cs_is(&value, CS_BSTR) && cs_string(ctx, &value, &bytes) &&
		put(out,
			tag == CS_TAG_KEY_THUMBPRINT		? KEY_SPKI_DIGEST
				: tag == CS_TAG_CERT_THUMBPRINT ? KEY_CERT_DIGEST
												: KEY_PATH_DIGEST,
			bytes);
}

static bool
put_known(cs_ctx *ctx, const cs_item *crypto_key, cs_buf *out)
{
	cs_item content;
	cs_span der;

	if (!cs_is(crypto_key, CS_TAG))
		return false;
	content = cs_tag_content(crypto_key);
	switch (crypto_key->arg)
	{
		case CS_TAG_PKIX_BASE64_KEY:
		case CS_TAG_PKIX_BASE64_CERT:
		case CS_TAG_PKIX_BASE64_CERT_PATH:
			return put_text(ctx, &content, crypto_key->arg, out);
		case CS_TAG_KEY_THUMBPRINT:
		case CS_TAG_CERT_THUMBPRINT:
		case CS_TAG_CERT_PATH_THUMBPRINT:
			return put_digest(ctx, &content, crypto_key->arg, out);
		case CS_TAG_PKIX_ASN1DER_CERT:
			return cs_is(&content, CS_BSTR) && cs_string(ctx, &content, &der) && put(out, KEY_CERT, der);
		default:
			return false;
	}
}

bool
cs_key_identity(cs_ctx *ctx, const cs_item *crypto_key, cs_buf *out)
{
	size_t start = out->len;

	if (put_known(ctx, crypto_key, out))
		return true;
	if (!cs_buf_ok(out))
		return false;
	out->len = start;
	cs_put_byte(out, KEY_OTHER);
	return cs_deterministic(ctx, crypto_key, out) && cs_buf_ok(out);
}

/* --- what is asked about --- */

typedef struct collector
{
	cs_ctx *ctx;
	cs_span *spans;
	size_t count;
} collector;

static bool
collect(collector *c, uint8_t what, cs_span bytes)
{
	cs_buf buf;

	cs_buf_init(&buf, c->ctx);
	if (!put(&buf, what, bytes))
		return false;
	c->spans[c->count++] = cs_buf_span(&buf);
	return true;
}

/* Its digests under the algorithms that thumbprints have. */
static bool
collect_digests(collector *c, uint8_t what, cs_span der)
{
	static const uint8_t algorithms[] = { 1, 7, 8 }; /* sha-256, sha-384, sha-512 as CBOR integers */

	for (size_t i = 0; i < sizeof(algorithms); i++)
	{
		cs_item alg = cs_item_at(&algorithms[i], 1);
		cs_buf digest;

		cs_buf_init(&digest, c->ctx);
		if (!cs_digest(c->ctx, &alg, der, &digest) || !collect(c, what, cs_buf_span(&digest)))
			return false;
	}
	return true;
}

bool
cs_key_identities(cs_ctx *ctx, const cs_item *crypto_key, cs_span out[CS_KEY_IDENTITIES], size_t *count)
{
	collector c = { ctx, out, 0 };
	cs_buf own;
	cs_key key;

	*count = 0;
	cs_buf_init(&own, ctx);
	if (!cs_key_identity(ctx, crypto_key, &own))
		return false;
	out[c.count++] = cs_buf_span(&own);
	/* What cannot be read is still found as it stands. */
	if (cs_key_read(ctx, crypto_key, &key) &&
		(!collect(&c, KEY_SPKI, key.spki) || !collect_digests(&c, KEY_SPKI_DIGEST, key.spki) ||
			(key.cert.len > 0 && (!collect(&c, KEY_CERT, key.cert) || !collect_digests(&c, KEY_CERT_DIGEST, key.cert)))))
		return false;
	*count = c.count;
	return true;
}
