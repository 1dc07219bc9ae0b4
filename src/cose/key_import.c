/*
 * key_import.c - whatever form a person has a public key in, made into one $crypto-key-type-choice. What comes out goes in again
 * and comes out the same.
 */
#include <string.h>

#include "internal.h"
#include "cbor/edn.h"

#define PKCS1 "RSA PUBLIC KEY"

static bool
blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* DER: one SEQUENCE whose length is that of the data. A CBOR item that starts with 30 is one byte long, and no text is DER by chance. */
static bool
is_der(cs_span data)
{
	size_t len = 0, head = 2;

	if (data.len < 2 || data.data[0] != 0x30)
		return false;
	if (data.data[1] < 0x80)
		return data.len == 2u + data.data[1];
	head += data.data[1] & 0x7f;
	if (head > 6 || data.len < head)
		return false;
	for (size_t i = 2; i < head; i++)
		len = len << 8 | data.data[i];
	return data.len - head == len;
}

/* 554 of a SubjectPublicKeyInfo. */
static bool
put_key(cs_ctx *ctx, cs_span spki, cs_buf *out)
{
	cs_buf pem;

	cs_buf_init(&pem, ctx);
	cs_put_pem(&pem, "PUBLIC KEY", spki);
	if (!cs_buf_ok(&pem))
		return false;
	cs_put_tag(out, CS_TAG_PKIX_BASE64_KEY);
	cs_put_text(out, (const char *) pem.data, pem.len);
	return cs_buf_ok(out);
}

/* 554 for a key, 562 for a certificate. */
static bool
import_der(cs_ctx *ctx, cs_span der, cs_buf *out)
{
	uint8_t *spki = cs_alloc(ctx, der.len, 1);
	cs_cert_facts facts;
	cs_reason unused;
	cs_public key;

	if (!spki)
		return false;
	if (cs_cert_read(der, spki, &facts, &unused))
	{
		cs_put_tag(out, CS_TAG_PKIX_ASN1DER_CERT);
		cs_put_bytes(out, der.data, der.len);
		return cs_buf_ok(out);
	}
	/* what is wrong with a SubjectPublicKeyInfo is the error where it is nothing else either */
	if (!cs_public_of_spki(ctx, der, &key) && !cs_foreign_der(ctx, der, &der))
		return false;
	return put_key(ctx, der, out);
}

/* The label of the first block says what the file is; a private key is named before anything else is looked at. */
static bool
pem_label(cs_ctx *ctx, cs_span text, const char **label)
{
	cs_pem pem;
	bool broken;
	cs_span next = text;

	*label = NULL;
	while (cs_pem_next(&next, &pem, &broken))
	{
		if (pem.label.len >= 11 && memcmp(pem.label.data + pem.label.len - 11, "PRIVATE KEY", 11) == 0)
			return cs_fail_as_private(ctx, "PEM");
		if (cs_pem_label_is(&pem, "CERTIFICATE REQUEST") || cs_pem_label_is(&pem, "NEW CERTIFICATE REQUEST"))
			return cs_fail_as_request(ctx);
		if (cs_pem_label_is(&pem, "TRUSTED CERTIFICATE"))
		{
			cs_cose_fail(ctx, CS_BAD_KEY, "PEM", NULL, "PEM holds a certificate with OpenSSL's own trust settings");
			return cs_fail_hint(ctx, "give the certificate alone: openssl x509 -in FILE");
		}
		if (!*label)
			*label = cs_pem_label_is(&pem, PKCS1) ? PKCS1 : cs_pem_label_is(&pem, "PUBLIC KEY") ? "PUBLIC KEY" : "CERTIFICATE";
	}
	return !broken || cs_cose_fail(ctx, CS_MALFORMED, "PEM", NULL, "PEM block has no proper end");
}

static bool
import_pem(cs_ctx *ctx, cs_span text, cs_buf *out)
{
	const char *label;
	cs_span *der;
	size_t count;
	cs_buf pem;

	if (!pem_label(ctx, text, &label) || !cs_pem_blocks(ctx, text, label, &der, &count))
		return false;
	if (label[0] != 'C' && count != 1)
		return cs_cose_fail(ctx, CS_BAD_KEY, "PEM", NULL, "PEM holds more than one public key");
	if (strcmp(label, PKCS1) == 0)
		return import_der(ctx, der[0], out);
	cs_buf_init(&pem, ctx);
	for (size_t i = 0; i < count; i++)
		cs_put_pem(&pem, label, der[i]);
	if (!cs_buf_ok(&pem))
		return false;
	cs_put_tag(out, label[0] == 'P' ? 554 : count == 1 ? 555 : 556);
	cs_put_text(out, (const char *) pem.data, pem.len);
	return cs_buf_ok(out);
}

/* COSE_Key, COSE_KeySet of one, or a choice that has its tag already. */
static bool
import_item(cs_ctx *ctx, const cs_item *item, cs_buf *out)
{
	if (!cs_is(item, CS_TAG))
		cs_put_tag(out, CS_TAG_COSE_KEY);
	return cs_deterministic(ctx, item, out) && cs_buf_ok(out);
}

static bool
import_cbor(cs_ctx *ctx, cs_span data, cs_buf *out)
{
	cs_item item;

	if (!cs_check(ctx, data.data, data.len))
		return false;
	item = cs_item_at(data.data, data.len);
	return import_item(ctx, &item, out);
}

static bool
import_edn(cs_ctx *ctx, cs_span text, cs_buf *out)
{
	cs_buf cbor;

	cs_buf_init(&cbor, ctx);
	return cs_edn_parse(ctx, (const char *) text.data, text.len, &cbor) && import_cbor(ctx, cs_buf_span(&cbor), out);
}

/* EDN of a choice starts with its tag number and a parenthesis, after comments at most; that of a COSE_Key with a brace. */
static bool
looks_like_edn(cs_span text)
{
	size_t i = 0;

	if (text.data[0] == '{' || text.data[0] == '[' || text.data[0] == '#' || (text.data[0] == '/' && text.len > 1 && text.data[1] == ' '))
		return true;
	while (i < text.len && text.data[i] >= '0' && text.data[i] <= '9')
		i++;
	return i > 0 && i < text.len && (text.data[i] == '(' || text.data[i] == '_');
}

static bool
import_base64(cs_ctx *ctx, cs_span text, cs_buf *out)
{
	cs_span *der;
	size_t count;

	if (!cs_pem_blocks(ctx, text, "PUBLIC KEY", &der, &count))
	{
		cs_cose_fail(ctx, CS_MALFORMED, NULL, NULL, "key is in no form that is known");
		return cs_fail_hint(ctx, "known are PEM, JWK, COSE_Key, DER, OpenSSH's lines and a tagged crypto-key-type-choice");
	}
	return import_der(ctx, der[0], out);
}

static bool
import_any(cs_ctx *ctx, cs_span data, cs_buf *out)
{
	cs_span spki;

	if (is_der(data))
		return import_der(ctx, data, out);
	if (data.len >= 3 && memcmp(data.data, "\xef\xbb\xbf", 3) == 0) /* a byte order mark */
		data = (cs_span) { data.data + 3, data.len - 3 };
	if (data.len > 0 && data.data[0] >= 0x80)
		return import_cbor(ctx, data, out);
	while (data.len > 0 && blank(data.data[0]))
	{
		data.data++;
		data.len--;
	}
	if (data.len == 0)
		return cs_cose_fail(ctx, CS_MALFORMED, NULL, NULL, "key is empty");
	if (cs_text_looks_like_jwk(data))
	{
		cs_put_tag(out, CS_TAG_COSE_KEY);
		return cs_jwk_to_cose_key(ctx, data, out);
	}
	/* text may stand around a block (RFC 7468 section 5.2); a choice in EDN has its lines within its text */
	if (cs_has_pem_line(data) && !(data.data[0] >= '0' && data.data[0] <= '9' && looks_like_edn(data)))
		return import_pem(ctx, data, out);
	if (looks_like_edn(data))
		return import_edn(ctx, data, out);
	if (cs_has_pem(data))
		return import_pem(ctx, data, out);
	if (cs_looks_like_ssh(data))
		return cs_foreign_ssh(ctx, data, &spki) && put_key(ctx, spki, out);
	return import_base64(ctx, data, out);
}

/* A thumbprint is a digest of an algorithm that is known, whole, and long enough to name a key. */
static bool
check_thumbprint(cs_ctx *ctx, const cs_item *digest)
{
	cs_item alg, value;
	cs_span bytes;
	const cs_digest_alg *known;

	if (!cs_is(digest, CS_ARRAY) || cs_count(digest) != 2 || !cs_array_get(digest, 0, &alg) || !cs_array_get(digest, 1, &value) ||
		!cs_is(&value, CS_BSTR))
		return cs_cose_fail(ctx, CS_INVALID, "crypto-key", NULL, "thumbprint is not an algorithm and a byte string");
	known = cs_digest_alg_of(&alg);
	if (known == NULL)
		return cs_cose_fail(ctx, CS_UNSUPPORTED, "crypto-key", NULL, "digest algorithm of the thumbprint is not known");
	if (known->size < CS_THUMBPRINT_MIN)
		return cs_cose_fail(ctx, CS_BAD_KEY, "crypto-key", NULL, "thumbprint is too short to name a key");
	if (!cs_string(ctx, &value, &bytes))
		return false;
	return bytes.len == known->size ||
		cs_cose_fail(ctx, CS_INVALID, "crypto-key", NULL, "thumbprint has the wrong length for its algorithm");
}

/* 556: "The certificates MUST be concatenated in order so that each directly certifies the one preceding." */
static bool
check_path(cs_ctx *ctx, const cs_item *content)
{
	cs_span text, *der;
	size_t count;

	return cs_string(ctx, content, &text) && cs_pem_blocks(ctx, text, "CERTIFICATE", &der, &count) && cs_chain_in_order(ctx, der, count);
}

static bool
check_choice(cs_ctx *ctx, const cs_item *crypto_key)
{
	cs_item content;
	cs_key key;

	content = cs_tag_content(crypto_key);
	switch (crypto_key->arg)
	{
		case CS_TAG_KEY_THUMBPRINT:
		case CS_TAG_CERT_THUMBPRINT:
		case CS_TAG_CERT_PATH_THUMBPRINT:
			return check_thumbprint(ctx, &content);
		case CS_TAG_BYTES:
			return (cs_is(&content, CS_BSTR) && cs_item_size(&content) > 1) ||
				cs_cose_fail(ctx, CS_INVALID, "crypto-key", NULL, "content of tag 560 is no byte string, or an empty one");
		default:
			return cs_key_read(ctx, crypto_key, &key) && (crypto_key->arg != 556 || check_path(ctx, &content));
	}
}

bool
cs_key_import(cs_ctx *ctx, const uint8_t *data, size_t len, cs_buf *crypto_key)
{
	size_t start = crypto_key->len;
	cs_item item;

	if (len > ctx->limits.max_size)
		return cs_cose_fail(ctx, CS_LIMIT, NULL, NULL, "key is longer than the limit");
	if (!import_any(ctx, (cs_span) { data, len }, crypto_key))
		return false;
	item = cs_item_at(crypto_key->data + start, crypto_key->len - start);
	return check_choice(ctx, &item);
}
