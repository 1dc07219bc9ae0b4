/*
 * job.h - inside src/evidence: one reading of Evidence, and the pieces that every format is put together from.
 */
#ifndef CS_EVIDENCE_JOB_H
#define CS_EVIDENCE_JOB_H

#include "cose/certs.h"
#include "evidence.h"
#include "model/schema.h"

typedef struct cs_job
{
	cs_ctx *ctx;
	const cs_evidence_given *given;
	cs_evidence *out;
	size_t capacity;
	bool pending;	/* ECTs are signed when all is read */
	uint32_t depth; /* of what is wrapped in one another */
	uint64_t ticks; /* for the interrupt hook */
} cs_job;

/* ---- attester.c, signature.c: who signed, and does the caller trust him ---- */

/* What is signed: a COSE_Sign1, or bytes beside their signature. */
typedef struct cs_statement
{
	const cs_sign1 *sign1; /* or NULL, and then: */
	int64_t alg;
	cs_span message;
	cs_span signature;	  /* in COSE's form */
	const cs_span *certs; /* that may have signed, in any order: of the Evidence and of the caller */
	size_t cert_count;
} cs_statement;

typedef struct cs_attester
{
	bool verified;
	const char *why; /* when not verified */
	cs_span authority;
	cs_span key;
	cs_span spki; /* of the key that signed; empty when no signature verifies */
	cs_span cert; /* its certificate, where there is one */
	bool has_nonce;
	cs_span nonce;
} cs_attester;

/* What a statement, or a path of certificates, is worth by each key of the caller's. */
typedef struct cs_signers
{
	bool speaks;		 /* the key of path[0] signed; else path[0] is what its issuers say */
	cs_span *path;		 /* of the certificate that signed, or speaks */
	size_t path_len;	 /* 0: no certificate's key did */
	size_t cert_count;	 /* that were tried */
	cs_span spki;		 /* of path[0] */
	cs_attester *of_key; /* for each of the caller's keys */
	const char *why;	 /* when nobody can be found at all */
} cs_signers;
extern bool cs_signers_find(cs_job *job, const cs_statement *statement, cs_signers *out);
/* Of what certs[0] says: its issuers speak, up to a key of the caller's; it does itself where that key is its own. */
extern bool cs_signers_of_certs(cs_job *job, const cs_span *certs, size_t count, cs_signers *out);
/* environment: what the Evidence says it is of; keys that are bound to another do not count. False: an error, or what did not verify and
 * the caller did not ask for. */
extern bool cs_signers_choose(cs_job *job, const cs_signers *signers, cs_span environment, cs_attester *out);
/* Both at once. */
extern bool cs_attester_find(cs_job *job, cs_span environment, const cs_statement *statement, cs_attester *out);
/* Did this certificate's key sign? CS_BAD_KEY when it cannot be read. */
extern bool cs_attester_has_cert(cs_job *job, const cs_attester *signer, cs_span cert, bool *yes);
/* Signed with a key that something verified vouches for, and with no other: the message verifies with it, and what vouches is from. */
extern bool cs_attester_vouched(cs_job *job, const cs_statement *statement, cs_span crypto_key, const cs_attester *from, cs_attester *out);
/* ctx->error is why it is not verified, where the caller takes what is not; else false. */
extern bool cs_attester_doubts(cs_job *job, cs_attester *signer);
/* Takes back that it is verified, or is the error that code says. */
extern bool cs_attester_doubt(cs_job *job, cs_attester *signer, cs_code code, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* The same of an ECT that is there already. */
extern bool cs_attester_refute(cs_job *job, cs_evidence_ect *ect, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* No signature: fails unless the caller asks for what is not verified. */
extern bool cs_attester_none(cs_job *job, const char *why, cs_attester *out);
/* The nonce of the Evidence, compared with the caller's where there is one. padded: shorter ones are followed by zeros. */
extern bool cs_attester_nonce(cs_job *job, cs_attester *signer, cs_span nonce, bool padded);
/* The certificates of the Evidence and the caller's, one list. */
extern bool cs_job_certs(cs_job *job, cs_span evidence_certs, cs_span **certs, size_t *count);
/* The same of a COSE_Sign1 and its x5chain. */
extern bool cs_job_x5chain(cs_job *job, const cs_sign1 *sign1, cs_span **certs, size_t *count);

/* ---- ect.c: what comes out ---- */

/* An environment-map: class-id and instance are encoded items; spans with data NULL and numbers below 0 are left out. */
typedef struct cs_environment_parts
{
	cs_span class_id;
	cs_span vendor;
	cs_span model;
	int64_t layer;
	int64_t index;
	cs_span instance;
} cs_environment_parts;
#define CS_NO_ENVIRONMENT { .layer = -1, .index = -1 }
/* Without any part it is what the caller knows. */
extern bool cs_put_environment(cs_job *job, const cs_environment_parts *parts, cs_span *out);
/* tag(bytes), as an item of its own */
extern bool cs_tagged_bytes(cs_job *job, uint64_t tag, cs_span bytes, cs_span *out);

/* A measurement-values-map, its members in any order: cs_mval_key, and then the value into body. */
typedef struct cs_mval
{
	cs_buf body;
	uint64_t pairs;
} cs_mval;
extern void cs_mval_start(cs_job *job, cs_mval *mval);
extern void cs_mval_key(cs_mval *mval, int64_t codepoint);
extern void cs_mval_digest(cs_mval *mval, uint64_t alg, cs_span value); /* digests of one */
extern void cs_mval_bytes(cs_mval *mval, int64_t codepoint, uint64_t tag, cs_span value);
extern void cs_mval_uint(cs_mval *mval, int64_t codepoint, uint64_t value);
extern void cs_mval_svn(cs_mval *mval, uint64_t value);							  /* 552 */
extern void cs_mval_version(cs_mval *mval, const char *version, uint64_t scheme); /* scheme 0: none */
extern void cs_mval_flag(cs_mval *mval, int flag, bool value);					  /* flags of one */

/* Appends an ECT. environment and profile are items; NULL when it is not one, or for lack of memory. signer NULL: cs_ect_sign follows. */
extern cs_evidence_ect *cs_ect_add(cs_job *job, cs_span environment, cs_span profile, const cs_attester *signer);
extern bool cs_ect_sign(cs_job *job, cs_evidence_ect *ect, const cs_attester *signer);
/* mkey: an item, or empty. An mval without members makes no element. */
extern bool cs_ect_element(cs_job *job, cs_evidence_ect *ect, cs_span mkey, cs_mval *mval);
extern bool cs_ect_element_uint(cs_job *job, cs_evidence_ect *ect, uint64_t mkey, cs_mval *mval);
extern bool cs_ect_element_text(cs_job *job, cs_evidence_ect *ect, const char *mkey, cs_mval *mval);
extern bool cs_ect_note(cs_job *job, cs_evidence_ect *ect, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* ---- bytes.c: structures of fixed layout, each length compared with what is left ---- */

typedef struct cs_bytes
{
	const uint8_t *p;
	size_t left;
	bool failed; /* something ran past the end; what was read since is zero */
} cs_bytes;
extern cs_bytes cs_bytes_of(cs_span span);
extern cs_span cs_bytes_take(cs_bytes *in, size_t len);
extern uint64_t cs_bytes_le(cs_bytes *in, size_t len); /* len 1 to 8 */
extern uint64_t cs_bytes_be(cs_bytes *in, size_t len);
extern uint64_t cs_le(cs_span span); /* at most 8 bytes */
extern bool cs_all_zero(cs_span span);

/* DER (ITU-T X.690), definite lengths in their shortest form. */
typedef struct cs_tlv
{
	uint8_t tag; /* the identifier octet: class, constructed, number; numbers above 30 are refused */
	cs_span content;
	cs_span whole;
} cs_tlv;
extern bool cs_der_next(cs_span *in, cs_tlv *out); /* false: nothing left, or not DER */

/* ---- the claims of a token ---- */

/* bytes: CBOR of one map. In deterministic encoding, so that no claim stands in it twice. */
extern bool cs_claims_open(cs_job *job, cs_span bytes, const char *what, cs_item *out);
extern bool cs_claim_bytes(cs_job *job, const cs_item *claims, int64_t key, bool needed, const char *name, cs_span *out);
extern bool cs_claim_text(cs_job *job, const cs_item *claims, int64_t key, bool needed, const char *name, cs_span *out);
/* The named-information number of a digest algorithm in text; 0 when it has none. */
extern uint64_t cs_digest_number(cs_job *job, cs_span name);
/* hash of data by that number */
extern bool cs_job_digest(cs_job *job, uint64_t alg, cs_span data, cs_span *out);
/* The COSE_Sign1 in an item, with or without its tag. */
extern bool cs_job_sign1(cs_job *job, const cs_item *item, cs_sign1 *out);

#define CS_TYPE_CONCISE_EVIDENCE "application/ce+cbor"
#define CS_FORMAT_CONCISE_EVIDENCE 10571 /* its CoAP Content-Format */
#define CS_TYPE_MEASURED_COMPONENT "application/measured-component+cbor"

/* ---- what may stand in other Evidence: by is who signed that; NULL with job->pending: who signed is asked when all is read ---- */

extern bool cs_evidence_concise(cs_job *job, cs_span bytes, const cs_attester *by);
/* environment: of the token around it */
extern bool cs_evidence_component(cs_job *job, cs_span bytes, cs_span environment, bool in_token, const cs_attester *by);
/* By the media type that a CMW names it with; content_format -1: it is the text. */
extern bool cs_evidence_of_type(cs_job *job, cs_span media_type, int64_t content_format, cs_span bytes, const cs_attester *by);

/* ---- formats: job->given.evidence, or what a CMW holds ---- */

typedef bool (*cs_format_reader)(cs_job *job, cs_span bytes, const cs_attester *by);
extern bool cs_evidence_cmw(cs_job *job, cs_span bytes, const cs_attester *by);
extern bool cs_evidence_psa(cs_job *job, cs_span bytes, const cs_attester *by);
extern bool cs_evidence_cca(cs_job *job, cs_span bytes, const cs_attester *by);
extern bool cs_evidence_snp(cs_job *job, cs_span bytes, const cs_attester *by);
extern bool cs_evidence_dice(cs_job *job, cs_span bytes, const cs_attester *by);
extern bool cs_evidence_sgx(cs_job *job, cs_span bytes, const cs_attester *by);
extern bool cs_evidence_tdx(cs_job *job, cs_span bytes, const cs_attester *by);
extern bool cs_evidence_tpm_quote(cs_job *job, cs_span bytes, const cs_attester *by);
extern bool cs_evidence_event_log(cs_job *job, cs_span bytes, const cs_attester *by);
extern bool cs_evidence_nvidia(cs_job *job, cs_span bytes, const cs_attester *by);
extern bool cs_evidence_spdm(cs_job *job, cs_span bytes, const cs_attester *by);
extern bool cs_evidence_component_format(cs_job *job, cs_span bytes, const cs_attester *by);
extern bool cs_evidence_nitro(cs_job *job, cs_span bytes, const cs_attester *by);

/* ---- arm.c: what PSA and CCA have in common ---- */

/* {class-id 560(implementation id), instance 550(instance id)} */
extern bool cs_arm_environment(cs_job *job, cs_span implementation, cs_span instance, cs_span *out);
/* An element a component: list is an array of maps {1 type, 2 value, 4 version, 5 signer, 6 alg}. */
extern bool cs_arm_components(cs_job *job, cs_evidence_ect *ect, const cs_item *list, const char *mkey, uint64_t default_alg);
/* 32(text) */
extern bool cs_profile_uri(cs_job *job, const char *uri, cs_span *out);

#endif
