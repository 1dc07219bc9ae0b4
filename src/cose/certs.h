/*
 * certs.h - what Evidence needs of keys and certificates beside COSE: signatures that stand in no COSE structure, certificates that come
 * in a heap, what an extension holds, and how a signer is written down.
 */
#ifndef CS_CERTS_H
#define CS_CERTS_H

#include "device_key.h"

/*
 * Verify a signature over message. alg and the form of the signature are COSE's (ECDSA: r and s side by side, each as long as the curve's
 * coordinates). RS256 and its like pass: who says so is the format, not a document. CS_BAD_SIGNATURE; CS_BAD_KEY when the key does not fit;
 * CS_UNSUPPORTED for an algorithm that is not known.
 */
extern bool cs_signature_verify(cs_ctx *ctx, int64_t alg, cs_span message, cs_span signature, const cs_key *key);

/*
 * The certificates in PEM (any text around the blocks), or in DER one behind the other, zeros between them and behind the last. At most
 * limits.max_depth, else CS_LIMIT. CS_MALFORMED. Whether each can be read is not asked.
 */
extern bool cs_certs_split(cs_ctx *ctx, cs_span bytes, cs_span **certs, size_t *count);
/* From certs[first] on, each followed by its issuer by name, as far as they lead; what leads nowhere is left out. CS_BAD_KEY for a
 * certificate that cannot be read. out has room for count. */
extern bool cs_certs_path(cs_ctx *ctx, const cs_span *certs, size_t count, size_t first, cs_span *out, size_t *out_count);
/* The value of an extension by its dotted OID: the content of extnValue; data NULL when there is none. The bytes are the context's.
 * CS_BAD_KEY. */
extern bool cs_certificate_extension(cs_ctx *ctx, cs_span cert, const char *oid, cs_span *value);

/* What is signed of a certificate (RFC 5280 section 4.1), and how: alg is COSE's, 0 for any other than RSA-PSS with a digest and a salt of
 * its length. Spans point into der. CS_BAD_KEY. */
typedef struct cs_certificate_parts
{
	cs_span tbs;
	cs_span signature;
	int64_t alg;
} cs_certificate_parts;
extern bool cs_certificate_take_apart(cs_ctx *ctx, cs_span der, cs_certificate_parts *out);
/* The same certificates in PEM, one behind the other. Appended. Errors of cs_certs_split. */
extern bool cs_put_chain(cs_ctx *ctx, cs_span chain, cs_buf *out);

/* Text in base64 or base64url, padded or not, white space passed over. CS_MALFORMED. */
extern bool cs_base64_text(cs_ctx *ctx, cs_span text, cs_span *out);

/* cs_device_key_verified where stated is certificates, the signer's first. CS_NO_PURPOSE: the first one's key was not used, and may be
 * a CA's. */
#define CS_NO_PURPOSE INT64_C(-1)
extern bool cs_device_certs_verified(
	cs_ctx *ctx, const cs_item *listed, const cs_span *certs, size_t count, cs_key_purpose purpose, int64_t at, cs_device_key *out);

/* A key as 558(COSE_Key) with its required members alone (RFC 9679 section 4). Appended. CS_BAD_KEY. */
extern bool cs_put_spki(cs_ctx *ctx, cs_span spki, cs_buf *out);
/* Certificates as a $crypto-key-type-choice: 562 of one, 556 of several. Appended. */
extern void cs_put_certs(cs_ctx *ctx, const cs_span *certs, size_t count, cs_buf *out);

#endif
