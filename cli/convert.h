/*
 * convert.h - what the readers of convert share: a vendor's document that is no CBOR, verified, becomes a CoMID's triples (doc/convert.md).
 */
#ifndef CLI_CONVERT_H
#define CLI_CONVERT_H

#include "cli.h"

/* What a document says, as far as a CoRIM can say it. Spans are cli's memory. */
typedef struct cli_rim
{
	const char *format;	 /* what it was: "TCG RIM", "keylime runtime policy", "in-toto statement" */
	const char *id;		 /* corim-id and tag-id; NULL: the document's digest */
	uint64_t version;	 /* tag-version */
	const char *creator; /* entity-name; NULL: the signer's */
	cs_buf triples;		 /* reference-triple-records, one behind the other */
	size_t triple_count;
	bool has_not_before, has_not_after;
	int64_t not_before, not_after;
	size_t left_out; /* told on standard error, each */
} cli_rim;

/* Who signed, once it is verified. spki empty: nobody. */
typedef struct cli_signature_of
{
	cs_span spki;
	const char *name; /* the certificate's subject, RFC 4514; NULL for a bare key */
} cli_signature_of;

/* ---- convert_trust.c ---- */

/* The keys by which a document may be verified: each of --key, and that of certs[0] where certs lead to one of --key at --at. */
typedef struct cli_candidates
{
	cs_key keys[CLI_MAX_KEYS + 1];
	const char *names[CLI_MAX_KEYS + 1];
	size_t count;
	char why[CS_SENTENCE_MAX]; /* why certs lead nowhere; "" */
} cli_candidates;
extern int cli_candidates_of(cs_cli *cli, const cs_span *certs, size_t count, cli_candidates *out);
/* CLI_NO, after it has said which document none of the candidates signed. */
extern int cli_no_candidate(cs_cli *cli, const cli_candidates *candidates, const char *what);

/* ---- the formats: CLI_OK, or after they have said why not ---- */

extern int cli_convert_swid(cs_cli *cli, cs_span document, cli_rim *rim, cli_signature_of *signature);
/* DSSE, a Sigstore bundle, or a bare policy or statement beside --signature, or with --unverified. */
extern int cli_convert_dsse(cs_cli *cli, cs_span document, cli_rim *rim, cli_signature_of *signature);

/* ---- convert.c ---- */

/* The CoRIM that document becomes, unsigned, appended; by --key, --at and the like of cli, whose first file is how errors name it. */
extern int cli_convert_bytes(cs_cli *cli, cs_span document, cs_buf *out);

/* [environment-map, [{? mkey, mval with these digests}]] as a further triple; mkey is an item, empty for none. */
extern void cli_rim_put(cli_rim *rim, cs_span environment, cs_span mkey, cs_span digests);
/* class of vendor and model; --environment in its place where it was given. */
extern int cli_rim_environment(cs_cli *cli, const char *vendor, const char *model, cs_span *environment);
extern void cli_left_out(cs_cli *cli, cli_rim *rim, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* [alg, digest] by a name as people write it ("sha256", "SHA-384") or, where name is empty, by the length; false for one that a CoRIM has
 * no number or name for. Appended. */
extern bool cli_put_digest(cs_cli *cli, const char *name, const char *hex, cs_buf *out);
extern int cli_malformed(cs_cli *cli, const char *what, const char *found);

#endif
