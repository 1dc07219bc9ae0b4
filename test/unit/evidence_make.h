/* evidence_make.h - bytes put together: little-endian and big-endian numbers, DER; and who vouches for a signer in every format. */
#ifndef EVIDENCE_MAKE_H
#define EVIDENCE_MAKE_H

#include "evidence_support.h"

static inline cs_span
both(cs_span a, cs_span b)
{
	uint8_t *bytes = cs_alloc(&ctx, a.len + b.len + 1, 1);

	if (a.len > 0)
		memcpy(bytes, a.data, a.len);
	if (b.len > 0)
		memcpy(bytes + a.len, b.data, b.len);
	return (cs_span) { bytes, a.len + b.len };
}

static inline cs_span
le(uint64_t value, size_t len)
{
	uint8_t bytes[8];

	put_le(bytes, value, len);
	return copy_of((cs_span) { bytes, len });
}

static inline cs_span
be(uint64_t value, size_t len)
{
	uint8_t bytes[8];

	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t) (value >> 8 * (len - 1 - i));
	return copy_of((cs_span) { bytes, len });
}

/* identifier octet, length and content */
static inline cs_span
der(uint8_t tag, cs_span content)
{
	uint8_t head[4] = { tag, (uint8_t) content.len };
	size_t len = 2;

	if (content.len > 0xff)
	{
		head[1] = 0x82;
		head[2] = (uint8_t) (content.len >> 8);
		head[3] = (uint8_t) content.len;
		len = 4;
	}
	else if (content.len > 0x7f)
	{
		head[1] = 0x81;
		head[2] = (uint8_t) content.len;
		len = 3;
	}
	return both((cs_span) { head, len }, content);
}

/* Neither accepted nor refused for another reason than that nobody vouches for who signed. */
static inline bool
is_not_vouched_for(const char *format, cs_span evidence)
{
	return !reads(format, evidence) && (ctx.error.code == CS_UNTRUSTED || ctx.error.code == CS_BAD_SIGNATURE);
}

#define NOT_VOUCHED_FOR(what) check_refused(is_not_vouched_for(format, evidence), format, what, __LINE__)

/*
 * Evidence that signer has signed, and that brings no certificates of its own: it is its signer's as far as certificates lead from his
 * key to one that the caller trusts, at the moment that is asked about, whoever else there is of the same names.
 */
static inline void
check_chains(const char *format, cs_span evidence, EVP_PKEY *signer)
{
	cs_evidence_given before = given;
	cs_evidence_key trusted = keys[0];
	EVP_PKEY *root_key = make_key("P-384"), *middle_key = make_key("P-384"), *other = make_key("P-384");
	cs_span root = make_cert_with("The root", root_key, "The root", root_key, true, NULL);
	cs_span other_root = make_cert_with("The root", other, "The root", other, true, NULL);
	cs_span middle = make_cert_with("The middle", middle_key, "The root", root_key, true, NULL);
	cs_span other_middle = make_cert_with("The middle", middle_key, "The root", other, true, NULL);
	cs_span no_ca = make_cert_with("The middle", middle_key, "The root", root_key, false, NULL);
	cs_span leaf = make_cert_with("GH100 A01", signer, "The middle", middle_key, false, NULL);
	cs_span swapped = make_cert_with("GH100 A01", other, "The middle", middle_key, false, NULL);
	cs_span forged = make_cert_with("GH100 A01", signer, "The middle", other, false, NULL);

	given.key_count = 0;
	trust(root);
	given.certificates = both(leaf, middle);
	ACCEPTED(format, evidence, "certificates lead to a root that is trusted");
	CHECK(authorities(0) == 3, "%s: signer, issuer and root are its authority", format);
	for (int late = 0; late < 2; late++)
	{
		given.at = late ? MADE_TO + 1 : MADE_FROM - 1;
		NOT_VOUCHED_FOR(late ? "certificates that have expired" : "certificates that do not hold yet");
	}
	given.at = MADE_TO - 1;
	ACCEPTED(format, evidence, "just before they expire");
	given.at = before.at;
	given.certificates = leaf;
	NOT_VOUCHED_FOR("an issuer that is missing");
	given.certificates = both(leaf, other_middle);
	NOT_VOUCHED_FOR("a chain of another root of the same name");
	given.certificates = both(leaf, no_ca);
	NOT_VOUCHED_FOR("an issuer that may issue nothing");
	given.certificates = both(swapped, middle);
	NOT_VOUCHED_FOR("a key that was swapped for another in the certificate");
	given.certificates = both(forged, middle);
	NOT_VOUCHED_FOR("a certificate that another signed in the issuer's name");
	given.certificates = both(leaf, middle);
	given.key_count = 0;
	NOT_VOUCHED_FOR("nobody is trusted");
	trust(other_root);
	NOT_VOUCHED_FOR("another root of the same name");
	given.key_count = 0;
	trust(public_pem(root_key));
	ACCEPTED(format, evidence, "the root's key is trusted, without its certificate");
	keys[0].is_bound = true;
	keys[0].environment = cs_item_at(edn("{0: {1: \"of another\"}}").data, edn("{0: {1: \"of another\"}}").len);
	NOT_VOUCHED_FOR("the root speaks of another environment");
	keys[0].is_bound = false;
	given = before;
	keys[0] = trusted;
	EVP_PKEY_free(root_key);
	EVP_PKEY_free(middle_key);
	EVP_PKEY_free(other);
}

#endif
