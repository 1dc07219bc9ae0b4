/*
 * pg_support.h - between the core and the backend: a cs_ctx over palloc, cs_error -> ereport, varlena -> cs_span and back.
 *
 * Includes postgres.h: the first header of every file in src/pg. Memory discipline: a context allocates in the memory
 * context that is current when it is made; what runs once a row and makes garbage runs inside cs_pg_scratch_begin/end.
 */
#ifndef CS_PG_SUPPORT_H
#define CS_PG_SUPPORT_H

#include "postgres.h"

/* PG_TRY's own variables are not clean under -Wextra of gcc */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wclobbered"
#endif

#include "fmgr.h"
#include "utils/memutils.h"
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

#include "cbor/writer.h"

/* The argument for soft errors that functions of the server have from 16 on. */
#if PG_VERSION_NUM >= 160000
#define CS_SOFT_ERROR , NULL
#else
#define CS_SOFT_ERROR
#endif

#ifndef pg_noreturn
#define pg_noreturn __attribute__((noreturn))
#endif

/* SQLSTATEs of class RA (remote attestation), where no standard code says it. doc/sql.md, "Errors". */
#define ERRCODE_CS_BAD_SIGNATURE MAKE_SQLSTATE('R', 'A', '0', '0', '1')
#define ERRCODE_CS_UNTRUSTED MAKE_SQLSTATE('R', 'A', '0', '0', '2')
#define ERRCODE_CS_EXPIRED MAKE_SQLSTATE('R', 'A', '0', '0', '3')
#define ERRCODE_CS_OUT_OF_SCOPE MAKE_SQLSTATE('R', 'A', '0', '0', '4')
#define ERRCODE_CS_LEGACY_REFUSED MAKE_SQLSTATE('R', 'A', '0', '0', '5')
#define ERRCODE_CS_BAD_KEY MAKE_SQLSTATE('R', 'A', '0', '0', '6')
#define ERRCODE_CS_SIGNER_METADATA MAKE_SQLSTATE('R', 'A', '0', '0', '7')

/*
 * Allocates in CurrentMemoryContext through palloc, never more than MaxAllocSize at once (CS_NO_MEMORY instead); limits
 * from the settings; the interrupt hook is CHECK_FOR_INTERRUPTS. cs_pg_ctx_stored is for values that were checked on input:
 * its limits are only those that no setting can exceed, so that lowering a setting never breaks an operator or an index.
 */
extern void cs_pg_ctx(cs_ctx *ctx);
extern void cs_pg_ctx_stored(cs_ctx *ctx);

/*
 * ereport(ERROR) with the SQLSTATE of error->code, "invalid <what>: <message>" (or "<what>: <message>" where "invalid" says
 * nothing), DETAIL with offset, path, rule and what was found, HINT. what NULL: the message alone.
 */
pg_noreturn extern void cs_pg_report(const cs_error *error, const char *what);
/* For calls of the core that need nothing else when they fail. */
static inline void
cs_pg_require(bool ok, const cs_ctx *ctx, const char *what)
{
	if (!ok)
		cs_pg_report(&ctx->error, what);
}

/* The same with a SQLSTATE of the caller's. */
pg_noreturn extern void cs_pg_report_as(int sqlstate, const cs_error *error, const char *what);
/* For type input functions: CS_MALFORMED is 22P02 (text), and escontext (fcinfo->context) gets a soft error where the
 * server knows those (16 on). Returns only after a soft error. */
extern void cs_pg_report_input(fmNodePtr escontext, const cs_error *error, const char *what);
extern int cs_pg_sqlstate(cs_code code);
/* The DETAIL of an error, palloc'd in the server's encoding; NULL when there is nothing to say. */
extern char *cs_pg_detail(const cs_error *error);

/* A short-lived context for one call: everything allocated between is dropped at end (and at an error, with its parent). */
extern MemoryContext cs_pg_scratch_begin(MemoryContext *old);
extern void cs_pg_scratch_end(MemoryContext scratch, MemoryContext old);

/* Content of a varlena that is detoasted already (its header may be short). */
static inline cs_span
cs_pg_view(const void *varlena)
{
	return (cs_span) { (const uint8_t *) VARDATA_ANY(varlena), VARSIZE_ANY_EXHDR(varlena) };
}

/* The same, detoasted where needed: the bytes live as long as the datum or the current memory context. Functions that run
 * in long-lived contexts (btree, hash) take PG_GETARG_BYTEA_PP, cs_pg_view and PG_FREE_IF_COPY instead. */
static inline cs_span
cs_pg_span(Datum d)
{
	return cs_pg_view(PG_DETOAST_DATUM_PACKED(d));
}

#define CS_PG_GETARG_SPAN(n) cs_pg_span(PG_GETARG_DATUM(n))

/* The item that a stored value of any of the types is; the bytes as for cs_pg_span. */
static inline cs_item
cs_pg_item(Datum d)
{
	cs_span s = cs_pg_span(d);

	return cs_item_at(s.data, s.len);
}

/* A new varlena with these bytes in CurrentMemoryContext. Errors: program_limit_exceeded beyond 1 GB. */
extern Datum cs_pg_make(cs_span bytes);
extern Datum cs_pg_make_bytea(const cs_buf *buf); /* reports buf's failure, when it failed */

/* A uuid of version 8 (RFC 9562 section 5.8) from the first 16 bytes of a digest: the same bytes have the same uuid in every region. */
extern Datum cs_pg_make_uuid(const uint8_t digest[32]);

/* UTF-8 of the core <-> text of the server's encoding. */
extern char *cs_pg_cstring(cs_span utf8);
extern Datum cs_pg_make_text(cs_span utf8); /* untranslatable_character for U+0000 */
extern cs_span cs_pg_utf8(const char *text, size_t len);
extern cs_span cs_pg_utf8_text(Datum text);

/* A text for a message: as it is, or its start and dots where it is longer than anybody reads; palloc'd, in the server's encoding. */
extern char *cs_pg_shown(Datum text);

#endif
