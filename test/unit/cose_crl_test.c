/*
 * cose_crl_test.c - CRLs and what certificates say of themselves: read, verified with the right issuer, refused otherwise.
 */
#include "cose_make.h"

static EVP_PKEY *ca_key;
static cs_span ca;

/* A CRL of the CA that revokes serials 1 to count, the n-th at MADE_FROM + n; extension in the words of openssl.cnf, or none. */
static cs_span
make_crl(int count, int nid, const char *extension, const EVP_MD *md)
{
	const uint8_t *p = ca.data;
	X509 *issuer = d2i_X509(NULL, &p, (long) ca.len);
	X509_CRL *crl = X509_CRL_new();
	BIO *bio = BIO_new(BIO_s_mem());
	ASN1_TIME *time = ASN1_TIME_new();

	X509_CRL_set_version(crl, 1);
	X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer));
	X509_CRL_set1_lastUpdate(crl, ASN1_TIME_set(time, (time_t) MADE_FROM));
	X509_CRL_set1_nextUpdate(crl, ASN1_TIME_set(time, (time_t) MADE_TO));
	for (int i = 1; i <= count; i++)
	{
		X509_REVOKED *entry = X509_REVOKED_new();
		ASN1_INTEGER *serial = ASN1_INTEGER_new();
		ASN1_ENUMERATED *reason = ASN1_ENUMERATED_new();

		ASN1_INTEGER_set(serial, i);
		X509_REVOKED_set_serialNumber(entry, serial);
		X509_REVOKED_set_revocationDate(entry, ASN1_TIME_set(time, (time_t) MADE_FROM + i));
		ASN1_ENUMERATED_set(reason, 1);
		if (i % 2)
			X509_REVOKED_add1_ext_i2d(entry, NID_crl_reason, reason, 0, 0);
		X509_CRL_add0_revoked(crl, entry);
		ASN1_INTEGER_free(serial);
		ASN1_ENUMERATED_free(reason);
	}
	if (extension)
	{
		X509V3_CTX v3;
		X509_EXTENSION *e;

		X509V3_set_ctx(&v3, issuer, NULL, NULL, crl, 0);
		X509V3_set_ctx_nodb(&v3);
		e = X509V3_EXT_conf_nid(NULL, &v3, nid, extension);
		if (!e || !X509_CRL_add_ext(crl, e, -1))
			abort();
		X509_EXTENSION_free(e);
	}
	X509_CRL_sort(crl);
	if (!X509_CRL_sign(crl, ca_key, md))
		abort();
	i2d_X509_CRL_bio(bio, crl);
	ASN1_TIME_free(time);
	X509_CRL_free(crl);
	X509_free(issuer);
	return bio_span(bio);
}

static cs_key
key_of(cs_span cert)
{
	cs_key key;

	if (!cs_key_from_cert(&ctx, cert, &key))
		abort();
	return key;
}

static void
check_reading(void)
{
	cs_span der = make_crl(3, 0, NULL, EVP_sha256());
	cs_certificate issuer;
	cs_crl crl;

	CHECK(
		cs_crl_read(&ctx, der, &crl) && crl.count == 3 && crl.this_update == MADE_FROM && crl.has_next_update && crl.next_update == MADE_TO,
		"a CRL of three");
	CHECK(strcmp(crl.issuer_text, "CN=ca") == 0 && cs_certificate_read(&ctx, ca, &issuer) && cs_span_eq(issuer.issuer, crl.issuer),
		"its issuer is the subject of the CA, byte for byte");
	for (size_t i = 0; i < crl.count; i++)
		CHECK(crl.entries[i].serial.len == 1 && crl.entries[i].serial.data[0] == i + 1 &&
				crl.entries[i].revoked_at == MADE_FROM + 1 + (int64_t) i && crl.entries[i].reason == (i % 2 ? 0 : 1),
			"entry %zu: serial, date and reason", i);
	CHECK(cs_crl_read(&ctx, make_crl(0, 0, NULL, EVP_sha256()), &crl) && crl.count == 0, "an empty CRL");
	CHECK(!cs_crl_read(&ctx, (cs_span) { der.data, der.len - 1 }, &crl) && ctx.error.code == CS_MALFORMED, "cut off");
	CHECK(!cs_crl_read(&ctx, join(der, text_span("x")), &crl) && ctx.error.code == CS_MALFORMED, "bytes behind it");
	CHECK(!cs_crl_read(&ctx, text_span(""), &crl) && ctx.error.code == CS_MALFORMED, "nothing");
	CHECK(!cs_crl_read(&ctx, ca, &crl) && ctx.error.code == CS_MALFORMED, "a certificate");
	CHECK(!cs_crl_read(&ctx, make_crl(1, NID_delta_crl, "critical,DER:020101", EVP_sha256()), &crl) && ctx.error.code == CS_UNSUPPORTED,
		"a delta CRL");
	CHECK(!cs_crl_read(&ctx, make_crl(1, NID_issuing_distribution_point, "critical,indirectCRL:TRUE", EVP_sha256()), &crl) &&
			ctx.error.code == CS_UNSUPPORTED,
		"an indirect CRL");
	CHECK(cs_crl_read(&ctx, make_crl(1, NID_issuing_distribution_point, "critical,onlyuser:TRUE", EVP_sha256()), &crl),
		"a CRL of user certificates");
	CHECK(!cs_crl_read(&ctx, make_crl(1, NID_subject_alt_name, "critical,DNS:x", EVP_sha256()), &crl) && ctx.error.code == CS_UNSUPPORTED,
		"a critical extension that is not understood");
}

static void
check_verifying(void)
{
	EVP_PKEY *other_key = make_key("P-256");
	cs_span der = make_crl(2, 0, NULL, EVP_sha256()),
			other = make_cert("ca", other_key, "ca", other_key, "critical,CA:TRUE", NULL, EVP_sha256()),
			renamed = make_cert("other", ca_key, "other", ca_key, "critical,CA:TRUE", NULL, EVP_sha256()),
			no_crls = make_cert("ca", ca_key, "ca", ca_key, "critical,CA:TRUE", "keyCertSign", EVP_sha256());
	cs_key key = key_of(ca), bare = key;
	int accepted = 0;

	bare.cert = (cs_span) { NULL, 0 };
	CHECK(cs_crl_verify(&ctx, der, &key) && cs_crl_verify(&ctx, der, &bare), "verifies with its issuer's certificate and with its key");
	key = key_of(other);
	CHECK(!cs_crl_verify(&ctx, der, &key) && ctx.error.code == CS_BAD_SIGNATURE, "not with another key of the same name");
	key = key_of(renamed);
	CHECK(!cs_crl_verify(&ctx, der, &key) && ctx.error.code == CS_BAD_SIGNATURE, "not under another name: %s", ctx.error.message);
	key = key_of(no_crls);
	CHECK(!cs_crl_verify(&ctx, der, &key) && ctx.error.code == CS_BAD_SIGNATURE, "not with a certificate that may not: %s",
		ctx.error.message);
	key = key_of(ca);
	CHECK(!cs_crl_verify(&ctx, make_crl(1, 0, NULL, EVP_sha1()), &key) && ctx.error.code == CS_BAD_SIGNATURE, "not over SHA-1");
	for (size_t i = 0; i < der.len; i++)
	{
		uint8_t *byte = (uint8_t *) der.data + i;

		*byte ^= 1;
		accepted += cs_crl_verify(&ctx, der, &key);
		*byte ^= 1;
	}
	CHECK(accepted == 0, "no flipped bit passes");
	EVP_PKEY_free(other_key);
}

static void
check_names(void)
{
	bool yes = false;
	cs_certificate cert;

	CHECK(cs_certificate_has_name(&ctx, ca, text_span("ca"), &yes) && yes, "CN");
	CHECK(cs_certificate_has_name(&ctx, ca, text_span("c"), &yes) && !yes, "not a part of it");
	CHECK(cs_certificate_has_name(&ctx, ca, text_span(""), &yes) && !yes, "no name is no name");
	CHECK(!cs_certificate_has_name(&ctx, text_span("x"), text_span("x"), &yes) && ctx.error.code == CS_BAD_KEY, "no certificate");
	CHECK(cs_certificate_read(&ctx, ca, &cert) && cert.serial.len == 1 && cert.serial.data[0] == 1 + 'c' &&
			strcmp(cert.subject_text, "CN=ca") == 0 && cert.not_before == MADE_FROM && cert.not_after == MADE_TO,
		"what a certificate says");
	CHECK(!cs_certificate_read(&ctx, text_span(""), &cert) && ctx.error.code == CS_BAD_KEY, "nothing is no certificate");
}

int
main(void)
{
	cs_arena_init(&arena, &ctx);
	ca_key = make_key("P-256");
	ca = make_cert("ca", ca_key, "ca", ca_key, "critical,CA:TRUE", "keyCertSign,cRLSign", EVP_sha256());
	check_reading();
	check_verifying();
	check_names();
	CHECK(ERR_peek_error() == 0, "OpenSSL's error queue is empty");
	EVP_PKEY_free(ca_key);
	cs_arena_free(&arena);
	return tap_done();
}
