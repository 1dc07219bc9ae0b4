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

const char *const cs_column_names[CS_COLUMNS] = { "id", "authority", "digest", "is_signed", "corim_id", "profile", "signer_name",
	"not_before", "not_after", "legacy", "refused", "shown_as", "known_at", "loaded_by" };

static void
set_text(cs_row *row, cs_column which, const cs_buf *text)
{
	if (!cs_buf_ok(text))
		cs_pg_report(&text->ctx->error, NULL);
	cs_row_set(row, which, cs_pg_make_text(cs_buf_span(text)));
}

Datum
cs_manifest_id(cs_span document, cs_span payload, const uint8_t digest[32])
{
	cs_verified v;
	uint8_t both[64], joint[32];
	cs_ctx ctx;

	cs_pg_ctx(&ctx);
	if (payload.data == NULL || !cs_open_signatures(&ctx, document, &v) || !cs_is_collection(&v))
		return cs_pg_make_uuid(digest);
	memcpy(both, digest, 32);
	if (!cs_sha256(&ctx, payload, both + 32) || !cs_sha256(&ctx, (cs_span) { both, sizeof(both) }, joint))
		cs_pg_report(&ctx.error, NULL);
	return cs_pg_make_uuid(joint);
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
cs_describe_row(cs_ctx *ctx, const cs_verified *v, cs_row *row)
{
	cs_buf text;

	cs_row_set(row, CS_COL_IS_SIGNED, BoolGetDatum(v->envelope.envelope != CS_ENV_UNSIGNED));
	cs_row_set(row, CS_COL_LEGACY, legacy_array(v));
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
		cs_row_set(row, CS_COL_SIGNER_NAME, cs_pg_make_text(v->signer.signer_name));
	if (v->validity.has_not_before)
		cs_row_set(row, CS_COL_NOT_BEFORE, TimestampTzGetDatum(cs_pg_timestamp(v->validity.not_before)));
	if (v->validity.has_not_after)
		cs_row_set(row, CS_COL_NOT_AFTER, TimestampTzGetDatum(cs_pg_timestamp(v->validity.not_after)));
	if (v->authority)
	{
		cs_row_set(row, CS_COL_AUTHORITY, CStringGetTextDatum(v->authority));
		cs_row_set(row, CS_COL_SHOWN_AS, cs_pg_make(v->shown_as));
	}
}

bool
cs_verify_document(
	cs_ctx *ctx, Oid store, cs_span document, cs_span payload, const char *only, bool accept_legacy, bool lenient, cs_verified *out)
{
	bool ok = payload.data != NULL ? cs_open_with_payload(ctx, document, payload, accept_legacy, out)
								   : cs_opened_document(ctx, document, accept_legacy, out);

	if (!ok)
		return false;
	out->as_history = lenient;
	return cs_find_authority(ctx, store, only, cs_pg_unix_time(GetCurrentTransactionStartTimestamp()), out);
}
