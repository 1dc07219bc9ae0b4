/*
 * pg_support.c - memory, errors and varlenas between the core and the backend (pg_support.h).
 */
#include "pg_support.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/uuid.h"

#include "cbor/edn.h"
#include "settings.h"

#define LONGEST_SHOWN 200 /* bytes */

/* --- memory --- */

/* A null answer makes the core report CS_NO_MEMORY; palloc itself would say "invalid memory alloc request" beyond 1 GB. */
static void *
pg_alloc(void *actx, size_t size)
{
	if (!AllocSizeIsValid(size))
		return NULL;
	return MemoryContextAllocExtended((MemoryContext) actx, size, MCXT_ALLOC_NO_OOM);
}

static void *
pg_resize(void *actx, void *p, size_t old_size, size_t new_size)
{
	if (p == NULL)
		return pg_alloc(actx, new_size);
	if (!AllocSizeIsValid(new_size))
		return NULL;
	return repalloc(p, new_size);
}

static void
pg_release(void *actx, void *p)
{
	if (p != NULL)
		pfree(p);
}

static void
pg_interrupt(void *actx)
{
	CHECK_FOR_INTERRUPTS();
	check_stack_depth();
}

static void
ctx_init(cs_ctx *ctx)
{
	memset(ctx, 0, sizeof(*ctx));
	ctx->alloc = pg_alloc;
	ctx->resize = pg_resize;
	ctx->release = pg_release;
	ctx->actx = CurrentMemoryContext;
	ctx->interrupt = pg_interrupt;
}

void
cs_pg_ctx(cs_ctx *ctx)
{
	ctx_init(ctx);
	ctx->limits.max_depth = cs_setting_max_depth;
	ctx->limits.max_items = cs_setting_max_items;
	ctx->limits.max_size = cs_setting_max_document_size;
}

void
cs_pg_ctx_stored(cs_ctx *ctx)
{
	ctx_init(ctx);
	ctx->limits.max_depth = CS_HARD_MAX_DEPTH;
	ctx->limits.max_items = CS_HARD_MAX_ITEMS;
	ctx->limits.max_size = MaxAllocSize - VARHDRSZ;
}

MemoryContext
cs_pg_scratch_begin(MemoryContext *old)
{
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext, "coserv scratch", ALLOCSET_SMALL_SIZES);

	*old = MemoryContextSwitchTo(scratch);
	return scratch;
}

void
cs_pg_scratch_end(MemoryContext scratch, MemoryContext old)
{
	MemoryContextSwitchTo(old);
	MemoryContextDelete(scratch);
}

/* --- errors --- */

int
cs_pg_sqlstate(cs_code code)
{
	switch (code)
	{
		case CS_MALFORMED:
			return ERRCODE_INVALID_BINARY_REPRESENTATION;
		case CS_INVALID:
			return ERRCODE_INVALID_PARAMETER_VALUE;
		case CS_LIMIT:
			return ERRCODE_PROGRAM_LIMIT_EXCEEDED;
		case CS_UNSUPPORTED:
			return ERRCODE_FEATURE_NOT_SUPPORTED;
		case CS_BAD_KEY:
			return ERRCODE_CS_BAD_KEY;
		case CS_BAD_SIGNATURE:
			return ERRCODE_CS_BAD_SIGNATURE;
		case CS_UNTRUSTED:
			return ERRCODE_CS_UNTRUSTED;
		case CS_EXPIRED:
			return ERRCODE_CS_EXPIRED;
		case CS_OUT_OF_SCOPE:
			return ERRCODE_CS_OUT_OF_SCOPE;
		case CS_LEGACY_REFUSED:
			return ERRCODE_CS_LEGACY_REFUSED;
		case CS_NO_MEMORY:
			return ERRCODE_OUT_OF_MEMORY;
		case CS_OK:
		case CS_CODES:
			break;
	}
	return ERRCODE_INTERNAL_ERROR;
}

/* Text of an error may quote a document, so it may hold what the server's encoding cannot. */
static char *
server_text(const char *utf8)
{
	size_t len = strlen(utf8);
	char *out;
	size_t i;

	if (GetDatabaseEncoding() == PG_UTF8 && pg_verify_mbstr(PG_UTF8, utf8, len, true))
		return pstrdup(utf8);
	out = pstrdup(utf8);
	for (i = 0; i < len; i++)
		if (IS_HIGHBIT_SET(out[i]))
			out[i] = '?';
	return out;
}

char *
cs_pg_detail(const cs_error *error)
{
	char text[CS_SENTENCE_MAX];

	return cs_error_detail(error, text) ? server_text(text) : NULL;
}

static int
error_fields(const cs_error *error, const char *what)
{
	char *detail = cs_pg_detail(error);
	char message[CS_SENTENCE_MAX];

	cs_error_message(error, what, message);
	errmsg("%s", server_text(message));
	if (detail != NULL)
		errdetail("%s", detail);
	if (error->hint[0])
		errhint("%s", server_text(error->hint));
	else if (error->code == CS_LIMIT)
		errhint("Limits are settings, which a superuser can raise: coserv.max_depth, coserv.max_items, coserv.max_document_size.");
	return 0;
}

void
cs_pg_report_as(int sqlstate, const cs_error *error, const char *what)
{
	ereport(ERROR, (errcode(sqlstate), error_fields(error, what)));
	pg_unreachable();
}

void
cs_pg_report(const cs_error *error, const char *what)
{
	cs_pg_report_as(cs_pg_sqlstate(error->code), error, what);
}

void
cs_pg_report_input(fmNodePtr escontext, const cs_error *error, const char *what)
{
	int sqlstate = error->code == CS_MALFORMED ? ERRCODE_INVALID_TEXT_REPRESENTATION : cs_pg_sqlstate(error->code);

#if PG_VERSION_NUM >= 160000
	if (error->code == CS_NO_MEMORY)
		escontext = NULL;
	errsave(escontext, (errcode(sqlstate), error_fields(error, what)));
#else
	ereport(ERROR, (errcode(sqlstate), error_fields(error, what)));
#endif
}

/* --- varlenas and text --- */

Datum
cs_pg_make(cs_span bytes)
{
	struct varlena *v;

	if (bytes.len > MaxAllocSize - VARHDRSZ)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("value of %zu bytes is too large", bytes.len)));
	v = palloc(bytes.len + VARHDRSZ);
	SET_VARSIZE(v, bytes.len + VARHDRSZ);
	if (bytes.len > 0)
		memcpy(VARDATA(v), bytes.data, bytes.len);
	if (bytes.len > CS_WORK_AT_ONCE)
		CHECK_FOR_INTERRUPTS();
	return PointerGetDatum(v);
}

Datum
cs_pg_make_bytea(const cs_buf *buf)
{
	if (!cs_buf_ok(buf))
		cs_pg_report(&buf->ctx->error, NULL);
	return cs_pg_make(cs_buf_span(buf));
}

Datum
cs_pg_make_uuid(const uint8_t digest[32])
{
	pg_uuid_t *id = palloc(sizeof(pg_uuid_t));

	memcpy(id->data, digest, UUID_LEN);
	id->data[6] = (id->data[6] & 0x0f) | 0x80;
	id->data[8] = (id->data[8] & 0x3f) | 0x80;
	return UUIDPGetDatum(id);
}

static void
refuse_nul(cs_span utf8)
{
	if (utf8.len > 0 && memchr(utf8.data, 0, utf8.len) != NULL)
		ereport(ERROR, (errcode(ERRCODE_UNTRANSLATABLE_CHARACTER), errmsg("text with the character U+0000 cannot be converted to text")));
}

char *
cs_pg_cstring(cs_span utf8)
{
	refuse_nul(utf8);
	return pg_any_to_server(pnstrdup((const char *) utf8.data, utf8.len), utf8.len, PG_UTF8);
}

Datum
cs_pg_make_text(cs_span utf8)
{
	if (GetDatabaseEncoding() != PG_UTF8)
		return CStringGetTextDatum(cs_pg_cstring(utf8));
	refuse_nul(utf8);
	return cs_pg_make(utf8);
}

cs_span
cs_pg_utf8(const char *text, size_t len)
{
	char *utf8 = pg_server_to_any(text, len, PG_UTF8);

	return (cs_span) { (const uint8_t *) utf8, utf8 == text ? len : strlen(utf8) };
}

cs_span
cs_pg_utf8_text(Datum text)
{
	cs_span s = cs_pg_span(text);

	return cs_pg_utf8((const char *) s.data, s.len);
}

char *
cs_pg_shown(Datum text)
{
	cs_span s = cs_pg_span(text);
	int len = pg_mbcliplen((const char *) s.data, (int) s.len, LONGEST_SHOWN);

	return psprintf("%.*s%s", len, (const char *) s.data, len < (int) s.len ? "..." : "");
}
