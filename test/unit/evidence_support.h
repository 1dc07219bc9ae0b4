/* evidence_support.h - what the tests of the evidence room share: tokens and certificates made on the spot, and what becomes of them. */
#ifndef EVIDENCE_SUPPORT_H
#define EVIDENCE_SUPPORT_H

#include "cbor/edn.h"
#include "cose_make.h"
#include "evidence/evidence.h"

#define AT INT64_C(1750000000) /* made certificates hold then */

static cs_evidence out;
static cs_evidence_given given;
static cs_evidence_key keys[8];

/* The key, certificate or thumbprint that text or DER holds, as one whom the caller trusts. */
static inline void
trust(cs_span key)
{
	cs_buf buf;

	cs_buf_init(&buf, &ctx);
	if (!cs_key_import(&ctx, key.data, key.len, &buf))
		abort();
	keys[given.key_count] = (cs_evidence_key) { .key = cs_item_at(buf.data, buf.len) };
	given.keys = keys;
	given.key_count++;
}

static inline void
forget(void)
{
	memset(&given, 0, sizeof(given));
	given.at = AT;
}

static inline cs_span
edn(const char *text)
{
	cs_buf buf;

	cs_buf_init(&buf, &ctx);
	if (!cs_edn_parse(&ctx, text, strlen(text), &buf) || !cs_buf_ok(&buf))
	{
		printf("Bail out! the test's own notation is wrong: %s at %zu: %s\n", ctx.error.message, ctx.error.offset, text);
		exit(1);
	}
	return cs_buf_span(&buf);
}

/* text with each from put in place of by */
static inline char *
with(const char *text, const char *from, const char *by)
{
	size_t room = strlen(text) + strlen(by) * (strlen(text) / strlen(from) + 1) + 1;
	char *result = cs_alloc(&ctx, room, 1), *end = result;
	const char *found;
	bool any = false;

	while ((found = strstr(text, from)) != NULL)
	{
		memcpy(end, text, (size_t) (found - text));
		end += found - text;
		memcpy(end, by, strlen(by));
		end += strlen(by);
		text = found + strlen(from);
		any = true;
	}
	if (!any)
	{
		printf("Bail out! nothing to replace: %s\n", from);
		exit(1);
	}
	memcpy(end, text, strlen(text) + 1);
	return result;
}

static inline cs_span
copy_of(cs_span span)
{
	return (cs_span) { cs_memdup(&ctx, span.data, span.len), span.len };
}

/* the same bytes with one bit flipped */
static inline cs_span
flipped(cs_span span, size_t at)
{
	cs_span copy = copy_of(span);

	((uint8_t *) copy.data)[at] ^= 1;
	return copy;
}

static inline cs_span
cut(cs_span span, size_t len)
{
	return (cs_span) { cs_memdup(&ctx, span.data, len), len }; /* a copy, so that a sanitizer sees what reads on */
}

static inline cs_span
sign1(EVP_PKEY *key, cs_span payload)
{
	cs_span none = { NULL, 0 };
	cs_signer *signer;
	cs_buf buf;

	cs_buf_init(&buf, &ctx);
	if (!cs_signer_open(&ctx, private_pem(key, false), &signer) || !cs_signer_sign1(&ctx, signer, none, none, payload, false, &buf))
		abort();
	cs_signer_free(signer);
	return cs_buf_span(&buf);
}

/* ECDSA as COSE has it: r and s side by side, size bytes each. */
static inline cs_span
ecdsa(EVP_PKEY *key, const char *md, cs_span message, size_t size)
{
	EVP_MD_CTX *mctx = EVP_MD_CTX_new();
	uint8_t der[256], *raw = cs_alloc(&ctx, 2, size);
	const uint8_t *p = der;
	size_t len = sizeof(der);
	ECDSA_SIG *sig;

	if (EVP_DigestSignInit_ex(mctx, NULL, md, NULL, NULL, key, NULL) != 1 ||
		EVP_DigestSign(mctx, der, &len, message.data, message.len) != 1)
		abort();
	sig = d2i_ECDSA_SIG(NULL, &p, (long) len);
	BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, (int) size);
	BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + size, (int) size);
	ECDSA_SIG_free(sig);
	EVP_MD_CTX_free(mctx);
	return (cs_span) { raw, 2 * size };
}

/* x and y side by side */
static inline cs_span
point_of(EVP_PKEY *key)
{
	uint8_t *bytes = NULL;
	size_t len = EVP_PKEY_get1_encoded_public_key(key, &bytes);
	cs_span span = { cs_memdup(&ctx, bytes + 1, len - 1), len - 1 };

	OPENSSL_free(bytes);
	return span;
}

typedef struct extension
{
	const char *oid;
	cs_span value; /* of extnValue; data NULL ends a list */
} extension;

/* A DER certificate with extensions of any kind. */
static inline cs_span
make_cert_with(const char *subject, EVP_PKEY *key, const char *issuer, EVP_PKEY *issuer_key, bool ca, const extension *extensions)
{
	cs_span plain =
		make_cert(subject, key, issuer, issuer_key, ca ? "critical,CA:TRUE" : NULL, ca ? "critical,keyCertSign" : NULL, EVP_sha256());
	const uint8_t *p = plain.data;
	X509 *cert = d2i_X509(NULL, &p, (long) plain.len);
	BIO *bio = BIO_new(BIO_s_mem());

	for (size_t i = 0; extensions && extensions[i].value.data; i++)
	{
		ASN1_OBJECT *object = OBJ_txt2obj(extensions[i].oid, 1);
		ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
		X509_EXTENSION *one;

		ASN1_OCTET_STRING_set(value, extensions[i].value.data, (int) extensions[i].value.len);
		one = X509_EXTENSION_create_by_OBJ(NULL, object, 0, value);
		if (!one || !X509_add_ext(cert, one, -1))
			abort();
		X509_EXTENSION_free(one);
		ASN1_OCTET_STRING_free(value);
		ASN1_OBJECT_free(object);
	}
	if (!X509_sign(cert, issuer_key, EVP_sha256()))
		abort();
	i2d_X509_bio(bio, cert);
	X509_free(cert);
	return bio_span(bio);
}

static inline cs_span
bytes_of(const char *hex)
{
	return unhex(hex, strlen(hex));
}

static inline void
put_le(uint8_t *at, uint64_t value, size_t len)
{
	for (size_t i = 0; i < len; i++)
		at[i] = (uint8_t) (value >> 8 * i);
}

static inline bool
reads(const char *format, cs_span evidence)
{
	given.evidence = evidence;
	return cs_evidence_read(&ctx, format, &given, &out);
}

static inline const char *
edn_of(cs_span span)
{
	cs_edn_style style = { false, NULL };
	cs_item item;
	cs_buf buf;

	if (span.len == 0)
		return "";
	item = cs_item_at(span.data, span.len);
	cs_buf_init(&buf, &ctx);
	if (!cs_edn_print(&ctx, &item, &style, &buf))
		abort();
	cs_put_byte(&buf, 0);
	return (const char *) buf.data;
}

#define ACCEPTED(format, evidence, what) \
	CHECK(reads(format, evidence), "%s: %s (%s%s%s)", format, what, ctx.error.message, ctx.error.found[0] ? ": " : "", ctx.error.found)

/* It is refused with that code and those words in the message. */
static inline bool
refused(const char *format, cs_span evidence, cs_code kind, const char *words)
{
	return !reads(format, evidence) && ctx.error.code == kind && strstr(ctx.error.message, words) != NULL;
}

static inline void
check_refused(bool ok, const char *format, const char *what, int line)
{
	tap_check(ok, __FILE__, line, "%s: %s (%s: %s)", format, what, cs_code_name(ctx.error.code), ctx.error.message);
}

#define REFUSED(format, evidence, kind, words, what) check_refused(refused(format, evidence, kind, words), format, what, __LINE__)

/* Every shorter one is refused, and none reads past its end. */
static inline void
check_truncated(const char *format, cs_span evidence, size_t step)
{
	bool all = true;

	for (size_t len = 0; len < evidence.len; len += step)
		all &= !reads(format, cut(evidence, len));
	CHECK(all, "%s: no truncation of it is read", format);
}

/* Every flipped byte is noticed: a signature is over all of it, and what is not signed is checked. */
static inline size_t
unnoticed_flips(const char *format, cs_span evidence, size_t from, size_t to, size_t step)
{
	size_t count = 0;

	for (size_t at = from; at < to; at += step)
		count += reads(format, flipped(evidence, at));
	return count;
}

static inline bool
is_environment(size_t ect, const char *text)
{
	return ect < out.count && strcmp(edn_of(out.ects[ect]->environment), text) == 0;
}

static inline bool
is_element(size_t ect, size_t element, const char *mkey, const char *mval)
{
	const cs_evidence_element *e;

	if (ect >= out.count || element >= out.ects[ect]->element_count)
		return false;
	e = &out.ects[ect]->elements[element];
	if (strcmp(edn_of(e->mkey), mkey) == 0 && strcmp(edn_of(e->mval), mval) == 0)
		return true;
	printf("# found %s: %s\n", edn_of(e->mkey), edn_of(e->mval));
	return false;
}

static inline size_t
authorities(size_t ect)
{
	cs_item list;

	if (ect >= out.count || out.ects[ect]->authority.len == 0)
		return 0;
	list = cs_item_at(out.ects[ect]->authority.data, out.ects[ect]->authority.len);
	return (size_t) cs_count(&list);
}

/* A note of the ECT has those words. */
static inline bool
has_note(size_t ect, const char *words)
{
	for (size_t i = 0; ect < out.count && i < out.ects[ect]->note_count; i++)
		if (strstr(out.ects[ect]->notes[i], words))
			return true;
	return false;
}

/* With COSERV_SEEDS, what the tests make goes there: COSERV_SEEDS=../fuzz/corpus makes the seeds of the fuzzers anew. */
static inline void
keep_seed(const char *target, const char *name, cs_span seed)
{
	const char *dir = getenv("COSERV_SEEDS");
	char path[1024];
	FILE *f;

	if (!dir)
		return;
	snprintf(path, sizeof(path), "%s/%s/%s", dir, target, name);
	f = fopen(path, "wb");
	if (!f || fwrite(seed.data, 1, seed.len, f) != seed.len || fclose(f) != 0)
		abort();
}

#endif
