/*
 * evidence.h - what Attesters send, made into Environment-Claims Tuples (draft-ietf-rats-corim section 8.3.2.1; doc/evidence.md says what
 * becomes of each field, by which draft).
 *
 * A format is a function from bytes, and keys, to ECTs and to what was verified. Nothing that does not verify makes an ECT, unless the
 * caller asks for it, and then without authority. No root is built in: what verifies is what the caller trusts.
 */
#ifndef CS_EVIDENCE_H
#define CS_EVIDENCE_H

#include "cbor/writer.h"

/* A key that the caller trusts: one that signs Evidence, or one that a chain of certificates must lead to, or the thumbprint of such a
 * certificate. */
typedef struct cs_evidence_key
{
	cs_item key; /* $crypto-key-type-choice */
	/* When set, an environment-map: the key counts only for Evidence whose environment contains it, as a condition's (match.h). */
	bool is_bound;
	cs_item environment;
} cs_evidence_key;

/* What is handed in. Empty spans are absent. Everything must live as long as what comes out. */
typedef struct cs_evidence_given
{
	cs_span evidence;
	cs_span certificates; /* PEM, or DER one behind the other, in any order: those that the Evidence does not bring */
	cs_span signature;	  /* where it stands apart from what is signed */
	cs_span registers;	  /* values of PCRs, where they stand apart from the quote over them */
	cs_span event_log;	  /* from which registers are replayed */
	const cs_evidence_key *keys;
	size_t key_count;
	cs_span environment; /* environment-map of what the caller knows the Evidence to be of, where it does not say it itself */
	bool has_nonce;
	cs_span nonce;	 /* what the Evidence must answer */
	int64_t at;		 /* the moment at which chains are judged, seconds since 1970 */
	bool unverified; /* make ECTs, without authority, of what does not verify too */
} cs_evidence_given;

typedef struct cs_evidence_element
{
	cs_span mkey; /* empty when absent */
	cs_span mval; /* measurement-values-map */
} cs_evidence_element;

/* All CBOR here is in deterministic encoding. */
typedef struct cs_evidence_ect
{
	cs_span environment; /* environment-map */
	cs_span profile;	 /* $profile-type-choice; empty when none */
	cs_evidence_element *elements;
	size_t element_count;
	cs_span authority;	  /* array of 558(COSE_Key), the signer first, then each issuer up to a key of the caller's; empty: not verified */
	cs_span verified_key; /* $crypto-key-type-choice that signed, for verified_keys of an appraisal; empty: not verified */
	bool has_nonce;
	cs_span nonce; /* as the Evidence has it */
	const char **notes;
	size_t note_count;
} cs_evidence_ect;

typedef struct cs_evidence
{
	cs_evidence_ect **ects; /* in the order of the Evidence */
	size_t count;
} cs_evidence;

/*
 * Errors: CS_MALFORMED and CS_INVALID for bytes that are not of the format; CS_LIMIT; CS_UNSUPPORTED for what is left out, and for a format
 * that is not known; CS_BAD_SIGNATURE where a signature, a chain or a binding does not hold; CS_UNTRUSTED where no key of the caller's
 * leads to what signed; CS_EXPIRED where the nonce is another. The last three are notes of the ECT where unverified is set.
 */
extern bool cs_evidence_read(cs_ctx *ctx, const char *format, const cs_evidence_given *given, cs_evidence *out);

/* An array of ECTs, as cs_acs_new takes it; those without authority too, which it refuses. Appended. */
extern bool cs_evidence_put_ects(const cs_evidence *evidence, cs_buf *out);

typedef struct cs_evidence_format
{
	const char *name;
	const char *title;
	const char *media_type; /* by which a CMW names it; NULL: by none */
	const char *source;		/* whose mapping to ECTs it is */
	const char *takes;		/* further arguments, beside keys: "certificates", "signature, registers"; NULL: none */
	const char *refused;	/* NULL, or why the format is known and not read */
} cs_evidence_format;

/* In order; NULL behind the last. */
extern const cs_evidence_format *cs_evidence_format_at(size_t index);

#endif
