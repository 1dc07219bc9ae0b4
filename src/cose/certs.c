/*
 * certs.c - certificates as Evidence brings them: one behind the other, in any order, with the Evidence in their extensions.
 */
#include <string.h>

#include <openssl/x509v3.h>

#include "certs.h"
#include "internal.h"

/* The length of the DER SEQUENCE at the start of bytes, head included; 0 when there is none as a whole. */
static size_t
sequence_size(cs_span bytes)
{
	size_t len, octets;

	if (bytes.len < 2 || bytes.data[0] != 0x30)
		return 0;
	len = bytes.data[1];
	if (len < 0x80)
		return len + 2 <= bytes.len ? len + 2 : 0;
	octets = len & 0x7f;
	if (octets < 1 || octets > 4 || bytes.len < 2 + octets)
		return 0;
	len = 0;
	for (size_t i = 0; i < octets; i++)
		len = len << 8 | bytes.data[2 + i];
	return len <= bytes.len - 2 - octets ? len + 2 + octets : 0;
}

/* Devices write certificates into buffers that are longer. */
static cs_span
skip_zeros(cs_span bytes)
{
	while (bytes.len > 0 && bytes.data[0] == 0)
		bytes = (cs_span) { bytes.data + 1, bytes.len - 1 };
	return bytes;
}

static bool
split_der(cs_ctx *ctx, cs_span bytes, cs_span **certs, size_t *count)
{
	*certs = cs_alloc(ctx, (size_t) ctx->limits.max_depth + 1, sizeof(cs_span));
	*count = 0;
	if (!*certs)
		return false;
	for (bytes = skip_zeros(bytes); bytes.len > 0; bytes = skip_zeros(bytes))
	{
		size_t size = sequence_size(bytes);

		if (size == 0)
			return cs_cose_fail(ctx, CS_MALFORMED, "certificates", NULL, "certificates are neither PEM nor DER");
		if (*count == ctx->limits.max_depth)
			return cs_cose_fail(ctx, CS_LIMIT, "certificates", NULL, "there are more certificates than the limit on depth");
		(*certs)[(*count)++] = (cs_span) { bytes.data, size };
		bytes = (cs_span) { bytes.data + size, bytes.len - size };
	}
	return true;
}

bool
cs_certs_split(cs_ctx *ctx, cs_span bytes, cs_span **certs, size_t *count)
{
	if (!cs_has_pem(bytes))
		return split_der(ctx, bytes, certs, count);
	return cs_pem_blocks(ctx, bytes, "CERTIFICATE", certs, count);
}

/* The index of one that may have issued chain[of] and is not in the path yet; -1 when there is none. Region. */
static int
issuer_of(STACK_OF(X509) *all, int of, const bool *used)
{
	for (int i = 0; i < sk_X509_num(all); i++)
		if (!used[i] && cs_x509_may_issue(sk_X509_value(all, i), sk_X509_value(all, of)))
			return i;
	return -1;
}

bool
cs_certs_path(cs_ctx *ctx, const cs_span *certs, size_t count, size_t first, cs_span *out, size_t *out_count)
{
	bool *used = cs_alloc(ctx, count + 1, sizeof(bool));
	STACK_OF(X509) *all;
	cs_reason reason;

	*out_count = 0;
	if (!used)
		return false;
	memset(used, 0, count + 1);
	cs_ossl_enter();
	all = cs_x509_load_all(certs, count);
	for (int at = all ? (int) first : -1; at >= 0; at = issuer_of(all, at, used))
	{
		used[at] = true;
		out[(*out_count)++] = certs[at];
	}
	sk_X509_pop_free(all, X509_free);
	cs_ossl_leave(&reason);
	return *out_count > 0 || cs_cose_fail(ctx, CS_BAD_KEY, "certificates", &reason, "a certificate cannot be read");
}

/* Region. The length of the value, -1 when there is none, -2 when the certificate cannot be read. */
static long
read_extension(cs_span cert, const char *oid, uint8_t *out)
{
	X509 *x509 = cs_x509_load(cert);
	ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
	long len = -2;

	if (x509 && object)
	{
		int at = X509_get_ext_by_OBJ(x509, object, -1);
		const ASN1_OCTET_STRING *value = at < 0 ? NULL : X509_EXTENSION_get_data(X509_get_ext(x509, at));

		len = value ? (long) ASN1_STRING_length(value) : -1;
		if (len > 0 && (size_t) len <= cert.len)
			memcpy(out, ASN1_STRING_get0_data(value), (size_t) len);
	}
	ASN1_OBJECT_free(object);
	X509_free(x509);
	return len;
}

bool
cs_certificate_extension(cs_ctx *ctx, cs_span cert, const char *oid, cs_span *value)
{
	uint8_t *out = cs_alloc(ctx, cert.len + 1, 1);
	cs_reason reason;
	long len;

	*value = (cs_span) { NULL, 0 };
	if (!out)
		return false;
	cs_ossl_enter();
	len = read_extension(cert, oid, out);
	cs_ossl_leave(&reason);
	if (len == -2)
		return cs_cose_fail(ctx, CS_BAD_KEY, "certificate", &reason, "certificate is no DER certificate that OpenSSL can read");
	if (len >= 0)
		*value = (cs_span) { out, (size_t) len };
	return true;
}

bool
cs_put_spki(cs_ctx *ctx, cs_span spki, cs_buf *out)
{
	cs_public key;

	if (!cs_public_of_spki(ctx, spki, &key))
		return false;
	cs_put_tag(out, CS_TAG_COSE_KEY);
	cs_put_cose_key(out, &key, (cs_span) { NULL, 0 }, 0, false);
	return cs_buf_ok(out);
}

void
cs_put_certs(cs_ctx *ctx, const cs_span *certs, size_t count, cs_buf *out)
{
	cs_buf pem;

	if (count == 1)
	{
		cs_put_tag(out, CS_TAG_PKIX_ASN1DER_CERT);
		cs_put_bytes(out, certs[0].data, certs[0].len);
		return;
	}
	cs_buf_init(&pem, ctx);
	for (size_t i = 0; i < count; i++)
		cs_put_pem(&pem, "CERTIFICATE", certs[i]);
	cs_put_tag(out, CS_TAG_PKIX_BASE64_CERT_PATH);
	cs_put_text(out, (const char *) pem.data, pem.len);
	out->failed |= pem.failed;
}

/* Region. COSE's number of the algorithm that the certificate is signed with; 0: none that is read. */
static bool
signed_with(cs_span der, int64_t *alg)
{
	X509 *x509 = cs_x509_load(der);
	int digest = NID_undef, scheme = NID_undef;
	bool ok = x509 && X509_get_signature_info(x509, &digest, &scheme, NULL, NULL) == 1;

	X509_free(x509);
	*alg = 0;
	if (scheme == NID_rsassaPss)
		*alg = digest == NID_sha256 ? CS_ALG_PS256 : digest == NID_sha384 ? CS_ALG_PS384 : digest == NID_sha512 ? CS_ALG_PS512 : 0;
	return ok;
}

/* SEQUENCE { tbsCertificate SEQUENCE, signatureAlgorithm SEQUENCE, signature BIT STRING }, as OpenSSL has read it. */
static bool
slice(cs_span der, cs_certificate_parts *out)
{
	size_t head = der.len < 2 ? 0 : der.data[1] < 0x80 ? 2 : 2 + (der.data[1] & 0x7f), algorithm, bits;
	cs_span rest;

	if (head == 0 || head > der.len)
		return false;
	rest = (cs_span) { der.data + head, der.len - head };
	out->tbs = (cs_span) { rest.data, sequence_size(rest) };
	rest = (cs_span) { rest.data + out->tbs.len, rest.len - out->tbs.len };
	algorithm = sequence_size(rest);
	rest = (cs_span) { rest.data + algorithm, rest.len - algorithm };
	bits = rest.len < 2 ? 0 : rest.data[1] < 0x80 ? 2 : 2 + (rest.data[1] & 0x7f);
	if (out->tbs.len == 0 || algorithm == 0 || bits == 0 || rest.data[0] != 0x03 || bits >= rest.len || rest.data[bits] != 0)
		return false;
	out->signature = (cs_span) { rest.data + bits + 1, rest.len - bits - 1 };
	return true;
}

bool
cs_certificate_take_apart(cs_ctx *ctx, cs_span der, cs_certificate_parts *out)
{
	cs_reason reason;
	bool ok;

	cs_ossl_enter();
	ok = signed_with(der, &out->alg);
	cs_ossl_leave(&reason);
	return (ok && slice(der, out)) || cs_cose_fail(ctx, CS_BAD_KEY, "certificate", &reason, "certificate cannot be read");
}

bool
cs_put_chain(cs_ctx *ctx, cs_span chain, cs_buf *out)
{
	cs_span *certs;
	size_t count;

	if (!cs_certs_split(ctx, chain, &certs, &count))
		return false;
	for (size_t i = 0; i < count; i++)
		cs_put_pem(out, "CERTIFICATE", certs[i]);
	return cs_buf_ok(out);
}

bool
cs_base64_text(cs_ctx *ctx, cs_span text, cs_span *out)
{
	uint8_t *bytes = cs_alloc(ctx, text.len / 4 + 1, 3);

	if (!bytes)
		return false;
	out->data = bytes;
	return cs_base64_decode(ctx, text, bytes, &out->len) || cs_fail(ctx, CS_MALFORMED, "text is no base64");
}
