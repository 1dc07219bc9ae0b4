/*
 * crl.c - certificate revocation lists (RFC 5280 section 5): what they revoke, and who signed them.
 *
 * Read twice: once for how much there is, so that memory is got outside of the regions, and once for what it says.
 */
#include <stdio.h>
#include <string.h>

#include <openssl/x509v3.h>

#include "internal.h"

const char *
cs_crl_reason_name(int reason)
{
	static const char *const names[] = { "unspecified", "keyCompromise", "cACompromise", "affiliationChanged", "superseded",
		"cessationOfOperation", "certificateHold", "unused (7)", "removeFromCRL", "privilegeWithdrawn", "aACompromise" };

	return reason >= 0 && reason < (int) (sizeof(names) / sizeof(names[0])) ? names[reason] : "unknown reason";
}

/* Exactly one CRL. Region. */
static X509_CRL *
load(cs_span der)
{
	const uint8_t *p = der.data;
	X509_CRL *crl = der.len > INT32_MAX ? NULL : d2i_X509_CRL(NULL, &p, (long) der.len);

	if (crl && p != der.data + der.len)
	{
		X509_CRL_free(crl);
		return NULL;
	}
	return crl;
}

/* Region. A critical extension that is not understood makes the whole list unusable (RFC 5280 section 5.2). */
static const char *
check_extensions(X509_CRL *crl)
{
	ISSUING_DIST_POINT *idp = X509_CRL_get_ext_d2i(crl, NID_issuing_distribution_point, NULL, NULL);
	bool indirect = idp && idp->indirectCRL > 0;

	ISSUING_DIST_POINT_free(idp);
	if (indirect)
		return "indirect CRLs are not supported";
	for (int i = 0; i < X509_CRL_get_ext_count(crl); i++)
	{
		X509_EXTENSION *extension = X509_CRL_get_ext(crl, i);
		int nid = OBJ_obj2nid(X509_EXTENSION_get_object(extension));

		if (nid == NID_delta_crl)
			return "delta CRLs are not supported";
		if (X509_EXTENSION_get_critical(extension) && nid != NID_issuing_distribution_point)
			return "a critical extension of the CRL is not understood";
	}
	return NULL;
}

/* Region. */
static const char *
check_entry(const X509_REVOKED *entry)
{
	for (int i = 0; i < X509_REVOKED_get_ext_count(entry); i++)
	{
		X509_EXTENSION *extension = X509_REVOKED_get_ext(entry, i);
		int nid = OBJ_obj2nid(X509_EXTENSION_get_object(extension));

		if (X509_EXTENSION_get_critical(extension) && nid != NID_crl_reason && nid != NID_invalidity_date)
			return "a critical extension of an entry of the CRL is not understood";
	}
	return NULL;
}

typedef struct reading
{
	cs_crl *out;
	uint8_t *bytes; /* issuer and serials, one behind the other: room for the CRL's length */
	size_t room;
	size_t used;
	char issuer_text[CS_NAME_TEXT];
} reading;

/* Region. Room for what an ASN.1 string holds; false when there is none, which no CRL of that length can make happen. */
static bool
keep(reading *r, const ASN1_STRING *string, cs_span *span)
{
	size_t len = (size_t) ASN1_STRING_length(string);

	if (len > r->room - r->used)
		return false;
	memcpy(r->bytes + r->used, ASN1_STRING_get0_data(string), len);
	*span = (cs_span) { r->bytes + r->used, len };
	r->used += len;
	return true;
}

/* Region. */
static const char *
read_entry(reading *r, const X509_REVOKED *entry, cs_crl_entry *out)
{
	ASN1_ENUMERATED *reason = X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, NULL, NULL);

	out->reason = reason ? (int) ASN1_ENUMERATED_get(reason) : 0;
	ASN1_ENUMERATED_free(reason);
	if (!keep(r, X509_REVOKED_get0_serialNumber(entry), &out->serial) ||
		!cs_asn1_seconds(X509_REVOKED_get0_revocationDate(entry), &out->revoked_at))
		return "an entry of the CRL cannot be read";
	return check_entry(entry);
}

/* Region. */
static const char *
read_head(reading *r, X509_CRL *crl)
{
	uint8_t *p = r->bytes;
	int len = i2d_X509_NAME(X509_CRL_get_issuer(crl), NULL);
	const ASN1_TIME *next = X509_CRL_get0_nextUpdate(crl);

	if (len <= 0 || (size_t) len > r->room || i2d_X509_NAME(X509_CRL_get_issuer(crl), &p) != len)
		return "issuer of the CRL cannot be read";
	r->out->issuer = (cs_span) { r->bytes, (size_t) len };
	r->used = (size_t) len;
	cs_x509_name_text(X509_CRL_get_issuer(crl), r->issuer_text, sizeof(r->issuer_text));
	r->out->has_next_update = next != NULL;
	if (!cs_asn1_seconds(X509_CRL_get0_lastUpdate(crl), &r->out->this_update) || (next && !cs_asn1_seconds(next, &r->out->next_update)))
		return "times of the CRL cannot be read";
	return NULL;
}

/* Region. */
static const char *
read_all(reading *r, X509_CRL *crl)
{
	STACK_OF(X509_REVOKED) *revoked = X509_CRL_get_REVOKED(crl);
	const char *wrong = check_extensions(crl);

	if (!wrong)
		wrong = read_head(r, crl);
	for (size_t i = 0; !wrong && i < r->out->count; i++)
		wrong = read_entry(r, sk_X509_REVOKED_value(revoked, (int) i), &r->out->entries[i]);
	return wrong;
}

static bool
count_entries(cs_ctx *ctx, cs_span der, size_t *count)
{
	cs_reason reason;
	X509_CRL *crl;

	cs_ossl_enter();
	crl = load(der);
	if (crl)
	{
		int n = sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl));

		*count = n > 0 ? (size_t) n : 0;
	}
	X509_CRL_free(crl);
	cs_ossl_leave(&reason);
	return crl || cs_cose_fail(ctx, CS_MALFORMED, NULL, &reason, "bytes are no DER CRL");
}

bool
cs_crl_read(cs_ctx *ctx, cs_span der, cs_crl *out)
{
	reading r = { .out = out, .room = der.len };
	const char *wrong = "bytes are no DER CRL";
	cs_reason reason;
	X509_CRL *crl;

	memset(out, 0, sizeof(*out));
	if (der.len > ctx->limits.max_size)
		return cs_fail(ctx, CS_LIMIT, "CRL is larger than the limit on documents");
	if (!count_entries(ctx, der, &out->count))
		return false;
	out->entries = cs_alloc(ctx, out->count + 1, sizeof(cs_crl_entry));
	r.bytes = cs_alloc(ctx, der.len, 1);
	if (!out->entries || !r.bytes)
		return false;
	cs_ossl_enter();
	crl = load(der);
	if (crl)
		wrong = read_all(&r, crl);
	X509_CRL_free(crl);
	cs_ossl_leave(&reason);
	if (wrong)
		return cs_cose_fail(ctx, CS_UNSUPPORTED, NULL, &reason, "%s", wrong);
	out->issuer_text = cs_strndup(ctx, r.issuer_text, strlen(r.issuer_text));
	return out->issuer_text != NULL;
}

/* OpenSSL asks certificates for 112 bits of security, and CRLs for nothing. */
static bool
is_weak(const X509_CRL *crl)
{
	int md = NID_undef;

	return OBJ_find_sigid_algs(X509_CRL_get_signature_nid(crl), &md, NULL) == 1 && (md == NID_sha1 || md == NID_md5);
}

/* Region. */
static const char *
check_signer(X509_CRL *crl, const cs_key *issuer)
{
	const uint8_t *p = issuer->spki.data;
	X509 *cert = issuer->cert.len > 0 ? cs_x509_load(issuer->cert) : NULL;
	EVP_PKEY *key = d2i_PUBKEY(NULL, &p, (long) issuer->spki.len);
	const char *wrong = NULL;

	if (cert && X509_NAME_cmp(X509_get_subject_name(cert), X509_CRL_get_issuer(crl)) != 0)
		wrong = "the CRL names another issuer than the certificate's subject";
	else if (cert && !(X509_get_key_usage(cert) & KU_CRL_SIGN))
		wrong = "key usage of the issuer's certificate does not allow to sign CRLs";
	else if (is_weak(crl))
		wrong = "the CRL is signed over SHA-1 or MD5";
	else if (!key || X509_CRL_verify(crl, key) != 1)
		wrong = "the signature of the CRL does not verify with its issuer's key";
	EVP_PKEY_free(key);
	X509_free(cert);
	return wrong;
}

bool
cs_crl_verify(cs_ctx *ctx, cs_span der, const cs_key *issuer)
{
	const char *wrong = "bytes are no DER CRL";
	cs_reason reason;
	X509_CRL *crl;

	cs_ossl_enter();
	crl = load(der);
	if (crl)
		wrong = check_signer(crl, issuer);
	X509_CRL_free(crl);
	cs_ossl_leave(&reason);
	return wrong == NULL || cs_cose_fail(ctx, CS_BAD_SIGNATURE, NULL, &reason, "%s", wrong);
}
