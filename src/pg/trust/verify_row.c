/*
 * verify_row.c - verify a document, and what it says as columns of manifest (verify_row.h).
 */
#include "verify_row.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "opened.h"
#include "pg/base/times.h"

const char *const cs_column_names[CS_COLUMNS] = { "id", "document", "payload", "authority", "authority_id", "scope", "truth", "digest",
	"is_signed", "is_answered_signed", "corim_id", "profile", "signer_name", "format", "generation", "not_before", "not_after", "legacy",
	"withdrawn", "loaded_by", "signer" };

static void
set_text(cs_manifest_row *row, cs_manifest_column which, const cs_buf *text)
{
	if (!cs_buf_ok(text))
		cs_pg_report(&text->ctx->error, NULL);
	cs_manifest_set(row, which, cs_pg_make_text(cs_buf_span(text)));
}

static Datum
uuid_datum(const uint8_t id[16])
{
	return UUIDPGetDatum(memcpy(palloc(sizeof(pg_uuid_t)), id, sizeof(pg_uuid_t)));
}

static Datum
legacy_array(const cs_verified *v)
{
	Datum names[2 * CS_MAX_LEGACY];

	for (size_t i = 0; i < v->legacy_count; i++)
		names[i] = CStringGetTextDatum(v->legacy[i]);
	return PointerGetDatum(construct_array(names, (int) v->legacy_count, TEXTOID, -1, false, TYPALIGN_INT));
}

void
cs_describe_row(cs_ctx *ctx, const cs_verified *v, cs_manifest_row *row)
{
	cs_buf text;

	bool is_signed = v->envelope.envelope != CS_ENV_UNSIGNED;

	cs_manifest_set(row, CS_COL_ID, uuid_datum(v->statement));
	cs_manifest_set(row, CS_COL_AUTHORITY, CStringGetTextDatum(v->authority));
	cs_manifest_set(row, CS_COL_AUTHORITY_ID, uuid_datum(v->authority_id));
	cs_manifest_set(row, CS_COL_SCOPE, uuid_datum(v->authority_scope));
	cs_manifest_set(row, CS_COL_SIGNER, uuid_datum(v->signer_id));
	cs_manifest_set(row, CS_COL_IS_SIGNED, BoolGetDatum(is_signed));
	cs_manifest_set(row, CS_COL_IS_ANSWERED_SIGNED, BoolGetDatum(is_signed && !cs_is_collection(v)));
	cs_manifest_set(row, CS_COL_LEGACY, legacy_array(v));
	cs_buf_init(&text, ctx);
	if (!cs_id_text(ctx, &v->corim.id, &text))
		cs_pg_report(&ctx->error, "CoRIM");
	set_text(row, CS_COL_CORIM_ID, &text);
	if (v->corim.has_profile)
	{
		cs_buf_init(&text, ctx);
		if (!cs_profile_text(ctx, &v->corim.profile, &text))
			cs_pg_report(&ctx->error, "CoRIM");
		set_text(row, CS_COL_PROFILE, &text);
	}
	if (v->signer.signer_name.len > 0)
		cs_manifest_set(row, CS_COL_SIGNER_NAME, cs_pg_make_text(v->signer.signer_name));
	cs_manifest_set(row, CS_COL_FORMAT, CStringGetTextDatum(v->vendor ? v->vendor->format->name : "corim"));
	if (v->vendor && v->vendor->has_generation)
		cs_manifest_set(row, CS_COL_GENERATION, Int32GetDatum((int32) v->vendor->generation));
	if (v->validity.has_not_before)
		cs_manifest_set(row, CS_COL_NOT_BEFORE, TimestampTzGetDatum(cs_pg_timestamp(v->validity.not_before)));
	if (v->validity.has_not_after)
		cs_manifest_set(row, CS_COL_NOT_AFTER, TimestampTzGetDatum(cs_pg_timestamp(v->validity.not_after)));
}

bool
cs_verify_document(cs_ctx *ctx, Oid store, cs_span document, cs_span payload, const cs_verifying *how, cs_verified *out)
{
	bool ok = payload.data != NULL ? cs_open_with_payload(ctx, document, payload, how->accept_legacy, out)
								   : cs_opened_document(ctx, document, how->accept_legacy, out);

	if (!ok)
		return false;
	out->as_history = how->as_history;
	out->signature = (size_t) how->signature;
	out->must_be = how->statement ? how->statement->data : NULL;
	return cs_find_authority(ctx, store, how->only, how->only_id, cs_pg_unix_time(GetCurrentTransactionStartTimestamp()), out);
}
