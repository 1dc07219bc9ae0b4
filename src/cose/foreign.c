/*
 * foreign.c - public keys in forms that CoRIM does not have: PKCS#1 (RFC 8017 appendix A.1.1) and the lines of OpenSSH (RFC 4253 section
 * 6.6, RFC 5656, RFC 8709). They are read; of what is no public key at all it is said what it is.
 */
#include <stdio.h>
#include <string.h>

#include "internal.h"

/* ---- DER ---- */

typedef enum der_form
{
	DER_UNKNOWN,
	DER_PKCS1,
	DER_REQUEST,
	DER_PRIVATE
} der_form;

/* Region. *spki has room for der.len + 64 bytes. */
static der_form
read_der(cs_span der, uint8_t *spki, size_t *len)
{
	const uint8_t *p = der.data;
	EVP_PKEY *pkey = der.len > INT32_MAX ? NULL : d2i_PublicKey(EVP_PKEY_RSA, NULL, &p, (long) der.len);
	der_form form = DER_UNKNOWN;
	X509_REQ *request = NULL;

	if (pkey && p == der.data + der.len && i2d_PUBKEY(pkey, NULL) <= (int) der.len + 64)
	{
		*len = (size_t) i2d_PUBKEY(pkey, &spki);
		form = DER_PKCS1;
	}
	EVP_PKEY_free(pkey);
	p = der.data;
	if (form == DER_UNKNOWN && (request = d2i_X509_REQ(NULL, &p, (long) der.len)))
		form = DER_REQUEST;
	X509_REQ_free(request);
	p = der.data;
	pkey = form == DER_UNKNOWN ? d2i_AutoPrivateKey(NULL, &p, (long) der.len) : NULL;
	if (pkey)
		form = DER_PRIVATE;
	EVP_PKEY_free(pkey);
	return form;
}

bool
cs_fail_as_private(cs_ctx *ctx, const char *what)
{
	cs_cose_fail(ctx, CS_BAD_KEY, what, NULL, "%s holds a private key", what);
	return cs_fail_hint(ctx, "give the public half: openssl pkey -in FILE -pubout");
}

bool
cs_fail_as_request(cs_ctx *ctx)
{
	cs_cose_fail(ctx, CS_BAD_KEY, NULL, NULL, "this is a certificate request, which nobody has signed yet");
	return cs_fail_hint(ctx, "give the certificate, or the key alone: openssl req -in FILE -noout -pubkey");
}

bool
cs_foreign_der(cs_ctx *ctx, cs_span der, cs_span *spki)
{
	uint8_t *out = cs_alloc(ctx, der.len + 64, 1);
	cs_reason unused;
	der_form form;

	if (!out)
		return false;
	spki->data = out;
	cs_ossl_enter();
	form = read_der(der, out, &spki->len);
	cs_ossl_leave(&unused);
	if (form == DER_REQUEST)
		return cs_fail_as_request(ctx);
	if (form == DER_PRIVATE)
		return cs_fail_as_private(ctx, "DER");
	return form == DER_PKCS1;
}

/* ---- OpenSSH ---- */

static const char *const ssh_types[] = { "ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521" };

static bool
word_is(cs_span word, const char *text)
{
	return word.len == strlen(text) && memcmp(word.data, text, word.len) == 0;
}

static cs_span
next_word(cs_span *line)
{
	cs_span word;
	size_t i = 0;

	while (line->len > 0 && (line->data[0] == ' ' || line->data[0] == '\t'))
		*line = (cs_span) { line->data + 1, line->len - 1 };
	while (i < line->len && line->data[i] > ' ')
		i++;
	word = (cs_span) { line->data, i };
	*line = (cs_span) { line->data + i, line->len - i };
	return word;
}

bool
cs_looks_like_ssh(cs_span text)
{
	cs_span word = next_word(&text);

	for (size_t i = 0; i < sizeof(ssh_types) / sizeof(ssh_types[0]); i++)
		if (word_is(word, ssh_types[i]))
			return true;
	return false;
}

/* A string of RFC 4251 section 5: four bytes of length, and so many. */
static bool
next_string(cs_span *blob, cs_span *out)
{
	uint32_t len;

	if (blob->len < 4)
		return false;
	len = (uint32_t) blob->data[0] << 24 | (uint32_t) blob->data[1] << 16 | (uint32_t) blob->data[2] << 8 | blob->data[3];
	if (len > blob->len - 4)
		return false;
	*out = (cs_span) { blob->data + 4, len };
	*blob = (cs_span) { blob->data + 4 + len, blob->len - 4 - len };
	return true;
}

static bool
take_number(cs_span mpint, uint8_t *out, size_t room, size_t *len)
{
	while (mpint.len > 0 && mpint.data[0] == 0)
		mpint = (cs_span) { mpint.data + 1, mpint.len - 1 };
	if (mpint.len == 0 || mpint.len > room)
		return false;
	memcpy(out, mpint.data, mpint.len);
	*len = mpint.len;
	return true;
}

static bool
read_blob(cs_span blob, cs_public *key)
{
	static const char *const curves[] = { "P-256", "P-384", "P-521" };
	cs_span type, first, second;

	memset(key, 0, sizeof(*key));
	if (!next_string(&blob, &type) || !next_string(&blob, &first))
		return false;
	if (word_is(type, ssh_types[0]))
	{
		key->kty = CS_KTY_OKP;
		key->curve = cs_curve_by_id(CS_CURVE_ED25519);
		if (first.len != key->curve->size || blob.len > 0)
			return false;
		memcpy(key->x, first.data, first.len);
		return true;
	}
	if (!next_string(&blob, &second) || blob.len > 0)
		return false;
	if (word_is(type, ssh_types[1]))
	{
		key->kty = CS_KTY_RSA;
		return take_number(first, key->e, sizeof(key->e), &key->e_len) && take_number(second, key->n, sizeof(key->n), &key->n_len);
	}
	for (size_t i = 0; i < 3; i++)
		if (word_is(type, ssh_types[2 + i]))
			key->curve = cs_curve_by_name((cs_span) { (const uint8_t *) curves[i], 5 });
	if (key->curve == NULL || second.len != 1 + 2 * key->curve->size || second.data[0] != 4)
		return false;
	key->kty = CS_KTY_EC2;
	memcpy(key->x, second.data + 1, key->curve->size);
	memcpy(key->y, second.data + 1 + key->curve->size, key->curve->size);
	return true;
}

bool
cs_foreign_ssh(cs_ctx *ctx, cs_span text, cs_span *spki)
{
	cs_span base64;
	cs_public key;
	uint8_t *blob;
	size_t len;

	(void) next_word(&text);
	base64 = next_word(&text);
	blob = cs_alloc(ctx, base64.len + 3, 1);
	if (!blob)
		return false;
	if (!cs_base64_decode(ctx, base64, blob, &len) || !read_blob((cs_span) { blob, len }, &key))
	{
		cs_cose_fail(ctx, CS_MALFORMED, NULL, NULL, "line of OpenSSH holds no key that can be read");
		return cs_fail_hint(ctx, "ssh-keygen -e -m PKCS8 -f FILE writes keys of RSA and ECDSA as PEM");
	}
	return cs_public_spki(ctx, &key, spki);
}
