/*
 * cose.h - COSE_Sign1 and COSE_Sign (RFC 9052 section 4), keys and algorithms (RFC 9053), certificates and CRLs (RFC 5280, RFC 9360),
 * over OpenSSL 3.
 *
 * No function here calls the context's allocator or its interrupt hook while an OpenSSL handle of its own is open, each clears
 * OpenSSL's error queue before and after, and none touches OpenSSL's globals. The one handle that outlives a call is a cs_signer's.
 */
#ifndef CS_COSE_H
#define CS_COSE_H

#include "cbor/deterministic.h"
#include "codepoints/codepoints.h"
#include "codepoints/cose_alg.h"

typedef enum cs_cose_kind
{
	CS_COSE_SIGN1,
	CS_COSE_SIGN,	   /* the body of a COSE_Sign: headers and payload alone */
	CS_COSE_SIGNATURE, /* one signature of a COSE_Sign, with the body's payload and outer protected header beside it */
	CS_COSE_NONE	   /* no COSE at all: a vendor's signature over the payload's own bytes, whose certificates stand in certs */
} cs_cose_kind;

/* A COSE_Sign1, or one signature of a COSE_Sign, taken apart; spans and items point into the document. */
typedef struct cs_sign1
{
	cs_cose_kind kind;
	const uint8_t *origin;	 /* where offsets of errors count from */
	cs_item protected_item;	 /* the bstr */
	cs_span protected_bytes; /* content of the bstr, as it came: what Sig_structure takes (empty for h'A0', see below) */
	cs_span protected_raw;	 /* the same, also where it is h'A0' */
	bool has_protected;		 /* an empty bstr or an empty map counts as none */
	cs_item protected_map;	 /* when has_protected */
	cs_item unprotected;	 /* map */
	bool detached;			 /* payload is nil */
	cs_span payload;
	cs_span signature;
	bool has_alg;
	int64_t alg;		/* protected alg (1); unprotected is never believed */
	cs_span kid;		/* protected or unprotected (4); empty when absent */
	cs_span body_bytes; /* of a CS_COSE_SIGNATURE: outer protected header, as protected_* are its own */
	cs_span body_raw;
	cs_span *certs; /* of a CS_COSE_NONE, the signer's first; payload, signature, alg and has_alg are all else that it has */
	size_t cert_count;
} cs_sign1;

/* item: the array, or 18(array). An empty protected header given as h'A0' is signed as h'' (RFC 9052 section 3): both ways
 * of Sig_structure are tried on verifying where that is the case. CS_INVALID: also for a label twice, in one header or in both.
 * crit (2) naming a parameter that is not understood: CS_UNSUPPORTED. Understood: 1, 2, 3, 4, 8, 15, 32, 33, 34, 258, 259, 260.
 * A text under label 2 is passed over (doc/conformance.md, decision 1): it is the content type of a signed CoSERV result. A protected alg
 * that is a text or no algorithm that is known: CS_UNSUPPORTED. x5chain, x5bag and x5t must be what RFC 9360 has them to be, the
 * certificates readable (CS_BAD_KEY), the key of the first of x5chain one that verifies, and x5t its digest (CS_BAD_SIGNATURE). Hash
 * envelopes: RFC 9995 section 4. Offsets count from item. */
extern bool cs_sign1_parse(cs_ctx *ctx, const cs_item *item, cs_sign1 *out);

/* How to read: offsets from origin (NULL: from the item), and, where fault is set, past the first fault. It is told each in ctx->error. */
typedef struct cs_cose_reader
{
	const uint8_t *origin;
	void (*fault)(cs_ctx *ctx, void *data);
	void *data;
} cs_cose_reader;

/* cs_sign1_parse in that way: false when there was any fault, and what could be read is in out then. */
extern bool cs_sign1_read(cs_ctx *ctx, const cs_item *item, const cs_cose_reader *how, cs_sign1 *out);

/* A COSE_Sign (RFC 9052 section 4.1): the body's headers and payload, and its signatures, each with the body's payload beside it. */
typedef struct cs_sign
{
	cs_sign1 body; /* no signature, alg or kid */
	cs_sign1 *signatures;
	size_t count; /* at least one */
} cs_sign;

/* item: the array, or 98(array). A signature whose crit or alg is not understood is left out, as others may hold; when none is left,
 * its CS_UNSUPPORTED. Otherwise as cs_sign1_parse. CS_LIMIT when there are more than limits.max_depth. */
extern bool cs_sign_parse(cs_ctx *ctx, const cs_item *item, cs_sign *out);
extern bool cs_sign_read(cs_ctx *ctx, const cs_item *item, const cs_cose_reader *how, cs_sign *out);

/* Where an error is; member is a literal. */
#define CS_COSE_PATH(sign1, member)                                \
	((sign1)->kind == CS_COSE_SIGN1			? "COSE_Sign1." member \
			: (sign1)->kind == CS_COSE_SIGN ? "COSE_Sign." member  \
			: (sign1)->kind == CS_COSE_NONE ? "document." member   \
											: "COSE_Signature." member)

/* A header parameter, protected or unprotected. */
extern bool cs_sign1_header(const cs_sign1 *sign1, int64_t label, cs_item *value);

/*
 * A public key. der is a SubjectPublicKeyInfo; cert the DER certificate it came from, if any. All memory is the context's:
 * OpenSSL handles are made and freed within one call.
 */
typedef struct cs_key
{
	cs_span spki;	/* DER SubjectPublicKeyInfo */
	cs_span cert;	/* DER certificate; empty when none */
	int64_t alg;	/* the only algorithm the key may be used with, 0 when any that fits its type */
	bool accept_rs; /* the caller's choice: verify RS256, RS384 and RS512, else CS_UNSUPPORTED. Readers set false */
	/* The caller's choice too: purposes that a signer's certificate may be limited to (RFC 5280 section 4.2.1.12), as dotted OIDs behind
	 * which a NULL stands. Readers set NULL: none. */
	const char *const *purposes;
	bool has_not_after; /* of the certificate */
	int64_t not_before;
	int64_t not_after;
} cs_key;

/* Text or bytes that a person has at hand: PEM SPKI, PKCS#1, certificate or chain (leaf first, each certifying the one before), with text
 * around it (RFC 7468 section 5.2), a line of OpenSSH, JWK (JSON),
 * COSE_Key (CBOR or its EDN), DER SPKI or certificate, base64 of these, or a $crypto-key-type-choice (CBOR or EDN), thumbprints and
 * tagged-bytes too. Private halves are refused (CS_BAD_KEY), and so are keys that cannot verify (type, curve, RSA below 2048 bits,
 * key_ops, use) and thumbprints below 128 bits.
 * Output: a $crypto-key-type-choice as canonical CBOR: 554(PEM), 555(PEM), 556(PEM chain), 558(COSE_Key), 562(DER), or the one that
 * came. PEM is written afresh, the text of a choice that came is kept. What comes out goes in again and comes out the same. */
extern bool cs_key_import(cs_ctx *ctx, const uint8_t *data, size_t len, cs_buf *crypto_key);

/* $crypto-key-type-choice -> key. Thumbprints (557, 559, 561) and tagged-bytes (560) hold no key: CS_BAD_KEY. 554 may lack its PEM
 * lines, 556 reads as its first certificate, a COSE_KeySet must hold one key. CS_UNSUPPORTED for any other tag. */
extern bool cs_key_read(cs_ctx *ctx, const cs_item *crypto_key, cs_key *out);

/* Verify with one key: external_aad may be empty; payload stands in for that of the structure when it is detached (CS_INVALID when
 * its data is NULL then), and is not looked at when it is not. Without a protected alg, that of the key is taken; when the key
 * names none either, CS_UNSUPPORTED. ES256, ES384 and ES512 take any P- curve (RFC 9053 section 2.1), secp256k1 only ES256K.
 * CS_BAD_SIGNATURE; CS_UNSUPPORTED for an algorithm that is not known; CS_BAD_KEY when the key does not fit the algorithm
 * (curve, type, RSA below 2048 bits). */
extern bool cs_sign1_verify(cs_ctx *ctx, const cs_sign1 *sign1, cs_span payload, cs_span external_aad, const cs_key *key);
/*
 * What is signed: the Sig_structure without external_aad, a header that is empty as h''; payload as for cs_sign1_verify. Of a CS_COSE_NONE
 * the payload itself. Memory is ctx's.
 */
extern bool cs_sign1_signed(cs_ctx *ctx, const cs_sign1 *sign1, cs_span payload, cs_span *out);

/* x5chain (33) of protected or unprotected header: the certificates, leaf first. *count 0 when absent. CS_INVALID; CS_LIMIT when there
 * are more than limits.max_depth; CS_BAD_SIGNATURE when x5t (34) stands beside it and is not the digest of the leaf. */
extern bool cs_sign1_x5chain(cs_ctx *ctx, const cs_sign1 *sign1, cs_span **certs, size_t *count);
extern bool cs_key_from_cert(cs_ctx *ctx, cs_span cert_der, cs_key *out);

/*
 * Does this certificate chain (leaf first) lead to the anchor, and does each certificate hold at time at (seconds)?
 * OpenSSL's path validation with the anchor as the only trust anchor (a partial chain is allowed: the anchor need not be
 * self-signed) at security level 2 (112 bits). An anchor without a certificate is a key: that of a certificate in the chain, the leaf
 * included, or one that signed a certificate in it. requireExplicitPolicy (RFC 5280 section 4.2.1.11) is enforced, and no certificate of
 * the path may have a key that cs_key_read refuses for its weakness. The leaf must be one that may sign: cs_cert_may_sign.
 * CS_BAD_SIGNATURE with OpenSSL's reason in found, expired certificates included. Whether the leaf's key signed a document is another
 * question: ask cs_sign1_verify with cs_key_from_cert(certs[0]).
 */
extern bool cs_chain_verify(cs_ctx *ctx, const cs_span *certs, size_t count, const cs_key *anchor, int64_t at);

/* The same, with what was found: the time in which every certificate of the path holds, the anchor included where it is one. at
 * CS_ANY_TIME asks about no time, and the path may then hold at none (not_before behind not_after). */
#define CS_ANY_TIME INT64_MIN
typedef struct cs_path
{
	int64_t not_before;
	int64_t not_after;
	int length; /* certificates up to the anchor, or up to the one that it signed: 1 for the leaf */
} cs_path;
extern bool cs_chain_path(cs_ctx *ctx, const cs_span *certs, size_t count, const cs_key *anchor, int64_t at, cs_path *out);
/* The same for the certificate of one who signs CRLs: nothing is asked of its key usage here (cs_crl_verify asks). */
extern bool cs_issuer_path(cs_ctx *ctx, const cs_span *certs, size_t count, const cs_key *anchor, int64_t at, cs_path *out);

/*
 * May this certificate's key sign documents? It is none of a device's attestation key (PCK, VCEK, VLEK), which signs Evidence alone; its
 * key usage, where it has one, must allow digitalSignature (RFC 5280 section 4.2.1.3);
 * its extended key usage, where it has one, must name anyExtendedKeyUsage or one of purposes (section 4.2.1.12; NULL: none).
 * CS_BAD_SIGNATURE with the reason in found, CS_BAD_KEY when it cannot be read.
 */
extern bool cs_cert_may_sign(cs_ctx *ctx, cs_span cert, const char *const *purposes);

/* Does its extended key usage name this purpose (a dotted OID) itself? CS_BAD_KEY. */
extern bool cs_cert_has_purpose(cs_ctx *ctx, cs_span cert, const char *purpose, bool *yes);

/*
 * The certificates that come with a signature (RFC 9360), the one whose key made it first: x5chain in its order, and behind it what
 * of x5bag (32) leads on by name. Without x5chain the first is the one that x5t names, else the one of x5bag whose key verifies.
 * The signature is verified with it; payload as for cs_sign1_verify. *count 0 when there are none: nothing was verified then.
 * Errors of cs_sign1_x5chain and cs_sign1_verify; CS_BAD_SIGNATURE when none of x5bag is the one.
 */
extern bool cs_sign1_certs(cs_ctx *ctx, const cs_sign1 *sign1, cs_span payload, bool accept_rs, cs_span **certs, size_t *count);
/* x5t, where it is there, must be the digest of this certificate. CS_BAD_SIGNATURE, CS_INVALID, CS_UNSUPPORTED. */
extern bool cs_sign1_x5t_is(cs_ctx *ctx, const cs_sign1 *sign1, cs_span cert);

/* What a certificate says (certificate.c). */
typedef struct cs_certificate
{
	cs_span issuer;			 /* DER Name */
	cs_span serial;			 /* magnitude, big-endian, without leading zeros */
	const char *issuer_text; /* RFC 4514, UTF-8; cut at 1 kB */
	const char *subject_text;
	int64_t not_before;
	int64_t not_after;
} cs_certificate;
extern bool cs_certificate_read(cs_ctx *ctx, cs_span der, cs_certificate *out); /* CS_BAD_KEY */
/* Is name the subject's CN or O, or a URI, DNS name or e-mail address of subjectAltName, byte for byte? CS_BAD_KEY. */
extern bool cs_certificate_has_name(cs_ctx *ctx, cs_span der, cs_span name, bool *yes);
/* The subject's commonName in UTF-8; empty where there is none, or more than one. The bytes are the context's. CS_BAD_KEY. */
extern bool cs_certificate_common_name(cs_ctx *ctx, cs_span der, cs_span *name);

/* A CRL (RFC 5280 section 5): what it revokes, in its order. Memory is the context's. */
typedef struct cs_crl_entry
{
	cs_span serial; /* as in cs_certificate */
	int64_t revoked_at;
	int reason; /* CRLReason; 0 (unspecified) when it says none */
} cs_crl_entry;
typedef struct cs_crl
{
	cs_span issuer; /* DER Name */
	const char *issuer_text;
	int64_t this_update;
	bool has_next_update;
	int64_t next_update;
	cs_crl_entry *entries;
	size_t count;
} cs_crl;
/* CS_MALFORMED; CS_UNSUPPORTED for delta and indirect CRLs and for critical extensions that are not understood; CS_LIMIT. */
extern bool cs_crl_read(cs_ctx *ctx, cs_span der, cs_crl *out);
/* Is it signed with that key, and, where the key is a certificate, does it name its subject as issuer, and may it sign CRLs?
 * CS_BAD_SIGNATURE. */
extern bool cs_crl_verify(cs_ctx *ctx, cs_span der, const cs_key *issuer);
extern const char *cs_crl_reason_name(int reason); /* RFC 5280 section 5.3.1 */

/* Does this crypto key name that certificate or key? 554/555/556/558/562 by SPKI or certificate, 557 by the digest of the SPKI
 * DER, 559 by the digest of the certificate DER, 561 by the digest over the chain as it came. certs[0] is asked about, a certificate
 * or a bare SubjectPublicKeyInfo, and nothing else of the chain but for 561: anybody can put another's certificate behind his own.
 * Certificates are compared by their bytes, a certificate and a key by the key; a digest below 128 bits, 560 and unknown tags name
 * nothing. An authority that is a thumbprint of a CA: ask for each certs[i], and let cs_chain_verify lead to the one that is named. */
extern bool cs_key_names(cs_ctx *ctx, const cs_item *crypto_key, const cs_span *certs, size_t count, bool *yes);

extern bool cs_sha256(cs_ctx *ctx, cs_span data, uint8_t out[32]);
/* alg: integer or text digest identifier of named-information (1 to 12) or COSE (-15 to -17, -43, -44); CS_UNSUPPORTED when unknown. */
extern bool cs_digest(cs_ctx *ctx, const cs_item *alg, cs_span data, cs_buf *out);

/*
 * A private key that is held open, for one signature or for many. Its memory is OpenSSL's, not the context's: cs_signer_free wipes and
 * frees it, and is owed for each that was opened. What it signs with: P-256 ES256, P-384 ES384, P-521 ES512, secp256k1 ES256K, Ed25519
 * and Ed448 EdDSA, RSA PS256, or what the JWK's alg says. It is checked against its public half when it is opened, by a signature.
 */
typedef struct cs_signer cs_signer;
/* private_key: PEM PKCS#8, SEC1 or PKCS#1, or a JWK with d. CS_BAD_KEY. *out is NULL then. */
extern bool cs_signer_open(cs_ctx *ctx, cs_span private_key, cs_signer **out);
/* By a URI that a provider of OpenSSL reads: pkcs11: (RFC 7512). CS_BAD_KEY; CS_UNSUPPORTED when none does. No error holds the URI, in
 * which a PIN may be. */
extern bool cs_signer_open_uri(cs_ctx *ctx, const char *uri, cs_signer **out);
extern void cs_signer_free(cs_signer *signer); /* NULL too */
/* headers: the protected map, encoded, without alg, which is added. Both maps may be empty spans, and are written in deterministic
 * encoding. out gets 18([...]) with the payload inside, or nil when detached. Deterministic where the algorithm is. CS_BAD_KEY when
 * OpenSSL cannot sign; CS_INVALID for headers that cs_sign1_parse would refuse. */
extern bool cs_signer_sign1(
	cs_ctx *ctx, const cs_signer *signer, cs_span protected_map, cs_span unprotected_map, cs_span payload, bool detached, cs_buf *out);
/*
 * Signing where this process cannot: a token elsewhere. cs_sign1_draft writes what cs_signer_sign1 would, with an empty signature, for the
 * algorithm alg; cs_sign1_to_be_signed says what to sign (Sig_structure, whole: alg says with which digest); cs_sign1_complete puts the
 * signature in, r and s side by side or the DER that most tokens give, once it verifies with key. payload is that of a detached one.
 * CS_INVALID for a draft that has a signature; CS_BAD_SIGNATURE; CS_BAD_KEY where alg does not fit the key.
 */
extern bool
cs_sign1_draft(cs_ctx *ctx, int64_t alg, cs_span protected_map, cs_span unprotected_map, cs_span payload, bool detached, cs_buf *out);
extern bool cs_sign1_to_be_signed(cs_ctx *ctx, const cs_sign1 *draft, cs_span payload, cs_span *message);
extern bool cs_sign1_complete(cs_ctx *ctx, const cs_sign1 *draft, cs_span payload, cs_span signature, const cs_key *key, cs_buf *out);
/* What a key signs with where it says nothing itself, as a cs_signer would. CS_BAD_KEY. */
extern bool cs_key_algorithm(cs_ctx *ctx, const cs_key *key, int64_t *alg);
/* The kid of a key that was given none: its thumbprint by RFC 9679 (SHA-256), base64url without padding. */
extern bool cs_signer_kid(cs_ctx *ctx, const cs_signer *signer, cs_buf *out);
/* The public half as COSE_Key map (CBOR) or JWK (JSON text) with this kid, byte for byte the same in both. CS_INVALID for a kid of
 * anything but printable ASCII without spaces, quotes and backslashes. */
extern bool cs_public_cose_key(cs_ctx *ctx, const cs_signer *signer, cs_span kid, cs_buf *out);
extern bool cs_public_jwk(cs_ctx *ctx, const cs_signer *signer, cs_span kid, cs_buf *out);

#endif
