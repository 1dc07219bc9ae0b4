/*
 * verify_row.h - a document that is verified, as the columns of its row in a store's table manifest: for the trigger that writes them
 * (load.c), and for who looks whether they still hold (check.c).
 */
#ifndef CS_PG_VERIFY_ROW_H
#define CS_PG_VERIFY_ROW_H

#include "verify.h"

/* Columns of manifest that the trigger computes. */
typedef enum cs_manifest_column
{
	CS_COL_ID,
	CS_COL_DOCUMENT,
	CS_COL_PAYLOAD,
	CS_COL_AUTHORITY,
	CS_COL_AUTHORITY_ID,
	CS_COL_SCOPE,
	CS_COL_TRUTH,
	CS_COL_DIGEST,
	CS_COL_IS_SIGNED,
	CS_COL_IS_ANSWERED_SIGNED,
	CS_COL_CORIM_ID,
	CS_COL_PROFILE,
	CS_COL_SIGNER_NAME,
	CS_COL_FORMAT,
	CS_COL_GENERATION,
	CS_COL_NOT_BEFORE,
	CS_COL_NOT_AFTER,
	CS_COL_LEGACY,
	CS_COL_WITHDRAWN,
	CS_COL_LOADED_BY,
	CS_COL_SIGNER,
	CS_COLUMNS
} cs_manifest_column;

extern const char *const cs_column_names[CS_COLUMNS];

typedef struct cs_manifest_row
{
	int attnums[CS_COLUMNS];
	Datum values[CS_COLUMNS];
	bool nulls[CS_COLUMNS];
} cs_manifest_row;

static inline void
cs_manifest_set(cs_manifest_row *row, cs_manifest_column which, Datum value)
{
	row->values[which] = value;
	row->nulls[which] = false;
}

/* How a document is verified: what cs_find_authority takes (verify.h); NULL, 0 and false leave it open. */
typedef struct cs_verifying
{
	const char *only;
	const pg_uuid_t *only_id;
	bool accept_legacy;
	bool as_history;
	int signature;
	const pg_uuid_t *statement;
} cs_verifying;

/*
 * cs_open_with_payload or, where payload is none, cs_opened_document; and cs_find_authority, now being the start of the transaction. Runs
 * as the current user. False with ctx->error.
 */
extern bool cs_verify_document(cs_ctx *ctx, Oid store, cs_span document, cs_span payload, const cs_verifying *how, cs_verified *out);

/* What a verified document says about itself and who vouches for it: id, authority to scope, is_signed to legacy. */
extern void cs_describe_row(cs_ctx *ctx, const cs_verified *document, cs_manifest_row *row);

#endif
