/*
 * key.c - $crypto-key-type-choice (draft-ietf-rats-corim, "Crypto Keys") read into a key that verifies, and compared with what signed.
 */
#include <string.h>

#include <openssl/crypto.h>

#include "internal.h"

static bool
bad(cs_ctx *ctx, const char *message)
{
	return cs_cose_fail(ctx, CS_BAD_KEY, "crypto-key", NULL, "%s", message);
}

static bool
decode(cs_ctx *ctx, cs_span base64, cs_span *der)
{
	uint8_t *out = cs_alloc(ctx, base64.len / 4 + 1, 3);

	if (!out)
		return false;
	der->data = out;
	return cs_base64_decode(ctx, base64, out, &der->len) ||
		cs_cose_fail(ctx, CS_MALFORMED, "crypto-key", NULL, "text is neither PEM nor base64");
}

static bool
count_blocks(cs_ctx *ctx, cs_span text, const char *want, size_t *count)
{
	cs_pem pem;
	bool broken;

	for (*count = 0; cs_pem_next(&text, &pem, &broken); (*count)++)
		if (!cs_pem_label_is(&pem, want))
		{
			cs_cose_fail(ctx, CS_BAD_KEY, "crypto-key", NULL, "PEM block is not the %s that belongs here", want);
			return cs_fail_found(ctx, "%.*s", (int) pem.label.len, (const char *) pem.label.data);
		}
	return !broken || cs_cose_fail(ctx, CS_MALFORMED, "crypto-key", NULL, "PEM block has no proper end");
}

bool
cs_pem_blocks(cs_ctx *ctx, cs_span text, const char *want, cs_span **der, size_t *count)
{
	cs_pem pem;
	bool broken;

	if (!count_blocks(ctx, text, want, count))
		return false;
	if (*count > ctx->limits.max_depth)
		return cs_cose_fail(ctx, CS_LIMIT, "crypto-key", NULL, "certificate chain is longer than the limit on depth");
	*der = cs_alloc(ctx, *count + 1, sizeof(cs_span));
	if (!*der)
		return false;
	if (*count == 0)
	{
		*count = 1; /* base64 without its lines */
		return decode(ctx, text, &(*der)[0]);
	}
	for (size_t i = 0; i < *count && cs_pem_next(&text, &pem, &broken); i++)
		if (!decode(ctx, pem.body, &(*der)[i]))
			return false;
	return true;
}

static bool
from_spki(cs_ctx *ctx, cs_span spki, cs_key *out)
{
	cs_public checked;

	out->spki = spki;
	return cs_public_of_spki(ctx, spki, &checked);
}

bool
cs_key_from_cert(cs_ctx *ctx, cs_span cert_der, cs_key *out)
{
	uint8_t *spki = cs_alloc(ctx, cert_der.len + 1, 1);
	cs_cert_facts facts;
	cs_reason reason;

	memset(out, 0, sizeof(*out));
	if (!spki)
		return false;
	if (!cs_cert_read(cert_der, spki, &facts, &reason))
		return cs_cose_fail(ctx, CS_BAD_KEY, "certificate", &reason, "certificate is no DER certificate that OpenSSL can read");
	out->cert = cert_der;
	out->has_not_after = true;
	out->not_before = facts.not_before;
	out->not_after = facts.not_after;
	return from_spki(ctx, (cs_span) { spki, facts.spki_len }, out);
}

/* One COSE_Key, or a COSE_KeySet that holds one. */
static bool
from_cose_key(cs_ctx *ctx, const cs_item *content, cs_key *out)
{
	cs_item map = *content;
	cs_public key;
	cs_span spki;
	int64_t alg;

	if (cs_is(content, CS_ARRAY))
	{
		if (cs_count(content) != 1)
		{
			bad(ctx, "COSE_KeySet does not hold exactly one key");
			return cs_fail_hint(ctx, "name each key on its own");
		}
		cs_array_get(content, 0, &map);
	}
	if (!cs_cose_key_public(ctx, &map, &key, &alg) || !cs_public_spki(ctx, &key, &spki))
		return false;
	out->spki = spki;
	out->alg = alg;
	return true;
}

static bool
from_text(cs_ctx *ctx, const cs_item *content, uint64_t tag, cs_key *out)
{
	cs_span text, *der;
	size_t count;

	if (!cs_is(content, CS_TSTR))
		return cs_cose_fail(ctx, CS_INVALID, "crypto-key", NULL, "content of tag %d is no text", (int) tag);
	if (!cs_string(ctx, content, &text) ||
		!cs_pem_blocks(ctx, text, tag == CS_TAG_PKIX_BASE64_KEY ? "PUBLIC KEY" : "CERTIFICATE", &der, &count))
		return false;
	if (tag != 556 && count != 1)
		return bad(ctx, "more than one PEM block in a tag that holds one");
	return tag == CS_TAG_PKIX_BASE64_KEY ? from_spki(ctx, der[0], out) : cs_key_from_cert(ctx, der[0], out);
}

bool
cs_key_read(cs_ctx *ctx, const cs_item *crypto_key, cs_key *out)
{
	cs_item content;
	cs_span der;

	memset(out, 0, sizeof(*out));
	if (!cs_is(crypto_key, CS_TAG))
		return cs_cose_fail(ctx, CS_INVALID, "crypto-key", NULL, "crypto key has no tag");
	content = cs_tag_content(crypto_key);
	switch (crypto_key->arg)
	{
		case CS_TAG_PKIX_BASE64_KEY:
		case CS_TAG_PKIX_BASE64_CERT:
		case CS_TAG_PKIX_BASE64_CERT_PATH:
			return from_text(ctx, &content, crypto_key->arg, out);
		case CS_TAG_COSE_KEY:
			return from_cose_key(ctx, &content, out);
		case CS_TAG_PKIX_ASN1DER_CERT:
			if (!cs_is(&content, CS_BSTR))
				return cs_cose_fail(ctx, CS_INVALID, "crypto-key", NULL, "content of tag 562 is no byte string");
			return cs_string(ctx, &content, &der) && cs_key_from_cert(ctx, der, out);
		case CS_TAG_KEY_THUMBPRINT:
		case CS_TAG_CERT_THUMBPRINT:
		case CS_TAG_BYTES:
		case CS_TAG_CERT_PATH_THUMBPRINT:
			return bad(ctx, "a thumbprint or identifier holds no key");
		default:
			return cs_cose_fail(ctx, CS_UNSUPPORTED, "crypto-key", NULL, "tag is not one of crypto-key-type-choice");
	}
}

/* What signed, as cs_key_names is told of it: a certificate, or a bare SubjectPublicKeyInfo. */
typedef struct subject
{
	cs_span cert;
	cs_span spki;
} subject;

static bool
read_subject(cs_ctx *ctx, cs_span der, subject *out)
{
	uint8_t *spki = cs_alloc(ctx, der.len + 1, 1);
	cs_cert_facts facts;
	cs_reason unused;

	*out = (subject) { { NULL, 0 }, der };
	if (!spki)
		return false;
	if (cs_cert_read(der, spki, &facts, &unused))
		*out = (subject) { der, { spki, facts.spki_len } };
	return true;
}

/* digest = [alg, bytes]: does it name data? One that is short or unknown names nothing. */
static bool
thumbprint_names(cs_ctx *ctx, const cs_item *digest, cs_span data, bool *yes)
{
	cs_item alg, value;
	cs_span want;
	cs_buf got;
	const cs_digest_alg *known;

	*yes = false;
	if (!cs_is(digest, CS_ARRAY) || cs_count(digest) != 2)
		return true;
	cs_array_get(digest, 0, &alg);
	cs_array_get(digest, 1, &value);
	known = cs_digest_alg_of(&alg);
	if (known == NULL || known->size < CS_THUMBPRINT_MIN || !cs_is(&value, CS_BSTR))
		return true;
	cs_buf_init(&got, ctx);
	if (!cs_string(ctx, &value, &want) || !cs_digest(ctx, &alg, data, &got))
		return false;
	*yes = want.len == got.len && CRYPTO_memcmp(want.data, got.data, got.len) == 0;
	return true;
}

static bool
path_names(cs_ctx *ctx, const cs_item *digest, const cs_span *certs, size_t count, bool *yes)
{
	cs_buf path;

	cs_buf_init(&path, ctx);
	for (size_t i = 0; i < count; i++)
		cs_put_raw(&path, certs[i].data, certs[i].len);
	return cs_buf_ok(&path) && thumbprint_names(ctx, digest, cs_buf_span(&path), yes);
}

/* Certificate against certificate by their bytes, else key against key. */
static bool
key_names(cs_ctx *ctx, const cs_item *crypto_key, const subject *who, bool *yes)
{
	cs_key key;

	if (!cs_key_read(ctx, crypto_key, &key))
		return false;
	if (key.cert.len > 0 && who->cert.len > 0)
		*yes = cs_span_eq(key.cert, who->cert);
	else
		*yes = cs_spki_same(key.spki, who->spki);
	return true;
}

/* A COSE_KeySet names what any of its keys names. */
static bool
key_set_names(cs_ctx *ctx, const cs_item *set, const subject *who, bool *yes)
{
	cs_iter it = cs_iterate(set);
	cs_item map;
	cs_public key;
	cs_span spki;
	int64_t alg;

	while (!*yes && cs_next(&it, &map))
	{
		if (!cs_cose_key_public(ctx, &map, &key, &alg) || !cs_public_spki(ctx, &key, &spki))
			return false;
		*yes = cs_spki_same(spki, who->spki);
	}
	return true;
}

bool
cs_key_names(cs_ctx *ctx, const cs_item *crypto_key, const cs_span *certs, size_t count, bool *yes)
{
	cs_item content;
	subject who;

	*yes = false;
	if (!cs_is(crypto_key, CS_TAG) || count == 0)
		return true;
	if (!read_subject(ctx, certs[0], &who))
		return false;
	content = cs_tag_content(crypto_key);
	switch (crypto_key->arg)
	{
		case CS_TAG_KEY_THUMBPRINT:
			return thumbprint_names(ctx, &content, who.spki, yes);
		case CS_TAG_CERT_THUMBPRINT:
			return who.cert.len == 0 || thumbprint_names(ctx, &content, who.cert, yes);
		case CS_TAG_CERT_PATH_THUMBPRINT:
			return path_names(ctx, &content, certs, count, yes);
		case CS_TAG_COSE_KEY:
			if (cs_is(&content, CS_ARRAY))
				return key_set_names(ctx, &content, &who, yes);
			return key_names(ctx, crypto_key, &who, yes);
		case CS_TAG_PKIX_BASE64_KEY:
		case CS_TAG_PKIX_BASE64_CERT:
		case CS_TAG_PKIX_BASE64_CERT_PATH:
		case CS_TAG_PKIX_ASN1DER_CERT:
			return key_names(ctx, crypto_key, &who, yes);
		default:
			return true;
	}
}
