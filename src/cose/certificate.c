/*
 * certificate.c - what a certificate says of itself and of its subject (RFC 5280 section 4), as bytes and text.
 */
#include <stdio.h>
#include <string.h>

#include <openssl/x509v3.h>

#include "internal.h"

/* RFC 4514, with UTF-8 as it is: an attribute's control characters stay escaped. */
void
cs_x509_name_text(const X509_NAME *name, char *out, size_t room)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long len = 0;

	if (bio && X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) >= 0)
		len = BIO_get_mem_data(bio, &text);
	if (len < 0)
		len = 0;
	if ((size_t) len >= room)
		len = (long) cs_utf8_prefix((const uint8_t *) text, room - 1);
	if (len > 0)
		memcpy(out, text, (size_t) len);
	out[len] = 0;
	BIO_free(bio);
}

typedef struct facts
{
	uint8_t *issuer; /* room for the certificate's length */
	int issuer_len;
	uint8_t *serial; /* the same */
	size_t serial_len;
	char issuer_text[CS_NAME_TEXT];
	char subject_text[CS_NAME_TEXT];
	int64_t not_before;
	int64_t not_after;
} facts;

/* Region. */
static bool
read_facts(cs_span der, facts *out)
{
	X509 *cert = cs_x509_load(der);
	uint8_t *p = out->issuer;
	bool ok = false;

	if (cert)
	{
		const ASN1_INTEGER *serial = X509_get0_serialNumber(cert);

		out->serial_len = (size_t) ASN1_STRING_length(serial);
		out->issuer_len = i2d_X509_NAME(X509_get_issuer_name(cert), NULL);
		ok = out->serial_len <= der.len && out->issuer_len > 0 && (size_t) out->issuer_len <= der.len &&
			i2d_X509_NAME(X509_get_issuer_name(cert), &p) == out->issuer_len &&
			cs_asn1_seconds(X509_get0_notBefore(cert), &out->not_before) && cs_asn1_seconds(X509_get0_notAfter(cert), &out->not_after);
	}
	if (ok)
	{
		memcpy(out->serial, ASN1_STRING_get0_data(X509_get0_serialNumber(cert)), out->serial_len);
		cs_x509_name_text(X509_get_issuer_name(cert), out->issuer_text, sizeof(out->issuer_text));
		cs_x509_name_text(X509_get_subject_name(cert), out->subject_text, sizeof(out->subject_text));
	}
	X509_free(cert);
	return ok;
}

bool
cs_certificate_read(cs_ctx *ctx, cs_span der, cs_certificate *out)
{
	cs_reason reason;
	facts f;
	bool ok;

	f.issuer = cs_alloc(ctx, der.len + 1, 1);
	f.serial = cs_alloc(ctx, der.len + 1, 1);
	if (!f.issuer || !f.serial)
		return false;
	cs_ossl_enter();
	ok = read_facts(der, &f);
	cs_ossl_leave(&reason);
	if (!ok)
		return cs_cose_fail(ctx, CS_BAD_KEY, "certificate", &reason, "certificate cannot be read");
	*out = (cs_certificate) { .issuer = { f.issuer, (size_t) f.issuer_len },
		.serial = { f.serial, f.serial_len },
		.issuer_text = cs_strndup(ctx, f.issuer_text, strlen(f.issuer_text)),
		.subject_text = cs_strndup(ctx, f.subject_text, strlen(f.subject_text)),
		.not_before = f.not_before,
		.not_after = f.not_after };
	return out->issuer_text && out->subject_text;
}

static bool
string_is(const ASN1_STRING *string, cs_span name)
{
	return string && ASN1_STRING_length(string) >= 0 &&
		cs_span_eq((cs_span) { ASN1_STRING_get0_data(string), (size_t) ASN1_STRING_length(string) }, name);
}

/* An attribute of the subject may be in any of X.520's character sets. Region. */
static bool
subject_has(X509 *cert, int nid, cs_span name)
{
	const X509_NAME *subject = X509_get_subject_name(cert);
	bool yes = false;

	for (int at = -1; !yes && (at = X509_NAME_get_index_by_NID(subject, nid, at)) >= 0;)
	{
		unsigned char *utf8 = NULL;
		int len = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));

		yes = len >= 0 && cs_span_eq((cs_span) { utf8, (size_t) len }, name);
		OPENSSL_free(utf8);
	}
	return yes;
}

/* Region. */
static bool
alternative_is(const GENERAL_NAME *alternative, cs_span name)
{
	switch (alternative->type)
	{
		case GEN_URI:
			return string_is(alternative->d.uniformResourceIdentifier, name);
		case GEN_DNS:
			return string_is(alternative->d.dNSName, name);
		case GEN_EMAIL:
			return string_is(alternative->d.rfc822Name, name);
		default:
			return false;
	}
}

/* Region. */
static bool
has_name(X509 *cert, cs_span name)
{
	GENERAL_NAMES *alternatives = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	bool yes = subject_has(cert, NID_commonName, name) || subject_has(cert, NID_organizationName, name);

	for (int i = 0; !yes && i < sk_GENERAL_NAME_num(alternatives); i++)
		yes = alternative_is(sk_GENERAL_NAME_value(alternatives, i), name);
	GENERAL_NAMES_free(alternatives);
	return yes;
}

bool
cs_certificate_has_name(cs_ctx *ctx, cs_span der, cs_span name, bool *yes)
{
	cs_reason reason;
	X509 *cert;
	bool ok;

	cs_ossl_enter();
	cert = cs_x509_load(der);
	ok = cert != NULL;
	*yes = ok && name.len > 0 && has_name(cert, name);
	X509_free(cert);
	cs_ossl_leave(&reason);
	return ok || cs_cose_fail(ctx, CS_BAD_KEY, "certificate", &reason, "certificate cannot be read");
}

/* Region: NULL where there is none, or more than one. */
static ASN1_STRING *
only_common_name(X509 *cert)
{
	const X509_NAME *subject = X509_get_subject_name(cert);
	int first = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);

	if (first < 0 || X509_NAME_get_index_by_NID(subject, NID_commonName, first) >= 0)
		return NULL;
	return X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, first));
}

bool
cs_certificate_common_name(cs_ctx *ctx, cs_span der, cs_span *name)
{
	unsigned char *utf8 = NULL;
	ASN1_STRING *value;
	cs_reason reason;
	X509 *cert;
	int len;
	bool ok;

	*name = (cs_span) { NULL, 0 };
	cs_ossl_enter();
	cert = cs_x509_load(der);
	ok = cert != NULL;
	value = ok ? only_common_name(cert) : NULL;
	len = value != NULL ? ASN1_STRING_to_UTF8(&utf8, value) : 0;
	if (len > 0)
		*name = (cs_span) { cs_memdup(ctx, utf8, (size_t) len), (size_t) len };
	OPENSSL_free(utf8);
	X509_free(cert);
	cs_ossl_leave(&reason);
	if (!ok)
		return cs_cose_fail(ctx, CS_BAD_KEY, "certificate", &reason, "certificate cannot be read");
	return len <= 0 || name->data != NULL;
}
