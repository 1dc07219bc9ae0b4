/*
 * core.h - what every room of the PostgreSQL-free core shares: memory, limits, errors.
 *
 * A cs_ctx is given to every function that can fail or allocate. Such a function returns false (or NULL) after it has
 * filled ctx->error, and leaves its outputs undefined. Memory comes from the caller's allocator and is never given back
 * one piece at a time by the callee's caller: the owner of the context drops it as a whole (a MemoryContext in the
 * backend, a cs_arena elsewhere). The allocator and the interrupt hook may jump out (ereport): so neither is called
 * while a handle of another library is open.
 */
#ifndef CS_CORE_H
#define CS_CORE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Kinds of error; src/pg maps each to one SQLSTATE (doc/sql.md, "Errors"). */
typedef enum cs_code
{
	CS_OK = 0,
	CS_MALFORMED,	   /* not well-formed CBOR, EDN, JSON, PEM or DER */
	CS_INVALID,		   /* well-formed, but breaks a rule of a specification */
	CS_LIMIT,		   /* a bound (depth, size, count) was reached */
	CS_UNSUPPORTED,	   /* known and left out on purpose, or an unknown algorithm */
	CS_BAD_KEY,		   /* a key that cannot be used, or not for this */
	CS_BAD_SIGNATURE,  /* a signature, chain or digest that does not verify */
	CS_UNTRUSTED,	   /* signed by nobody that the store trusts */
	CS_EXPIRED,		   /* outside its validity */
	CS_OUT_OF_SCOPE,   /* an authority speaks outside its remit */
	CS_LEGACY_REFUSED, /* a legacy form while coserv.accept_legacy is off */
	CS_NO_MEMORY,
	CS_CODES
} cs_code;

#define CS_PATH_MAX 256
#define CS_TEXT_MAX 256

/*
 * One error. message is one sentence without a full stop, lower case first (PostgreSQL's style); path names the place by
 * the standard's names, e.g. "corim-map.tags[0].concise-mid-tag.triples.reference-triples[2].ref-env.class"; found says
 * what stood there; rule names the CDDL rule that was broken; hint the remedy. Empty strings where there is nothing to say.
 */
typedef struct cs_error
{
	cs_code code;
	bool has_offset;
	size_t offset; /* bytes from the start of the document */
	char path[CS_PATH_MAX];
	char rule[64];
	char message[CS_TEXT_MAX];
	char found[CS_TEXT_MAX];
	char hint[CS_TEXT_MAX];
} cs_error;

typedef struct cs_limits
{
	uint32_t max_depth; /* nesting of arrays, maps, tags and embedded CBOR; CS_HARD_MAX_DEPTH at most */
	uint64_t max_items; /* data items in one document */
	uint64_t max_size;	/* bytes of one document or output */
} cs_limits;

#define CS_DEFAULT_MAX_DEPTH 64
/* No setting goes beyond this: what reads checked bytes keeps one word a level on its stack and needs no memory. */
#define CS_HARD_MAX_DEPTH 1024
#define CS_DEFAULT_MAX_ITEMS UINT64_C(4000000)
#define CS_DEFAULT_MAX_SIZE (UINT64_C(64) * 1024 * 1024)

typedef struct cs_ctx cs_ctx;
struct cs_ctx
{
	void *(*alloc)(void *actx, size_t size);
	void *(*resize)(void *actx, void *p, size_t old_size, size_t new_size);
	void (*release)(void *actx, void *p); /* may do nothing */
	void *actx;
	void (*interrupt)(void *actx); /* NULL, or called after some work: every few thousand items, every CS_WORK_AT_ONCE bytes */
	uint64_t work;				   /* since it was called for bytes */
	cs_limits limits;
	cs_error error;
};

/* A run of bytes that somebody else owns. */
typedef struct cs_span
{
	const uint8_t *data;
	size_t len;
} cs_span;

/* malloc-backed arena for everything outside the backend: unit tests, fuzzers, tools. */
typedef struct cs_arena
{
	struct cs_arena_block *blocks;
} cs_arena;

extern void cs_arena_init(cs_arena *arena, cs_ctx *ctx); /* also sets default limits and no interrupt */
extern void cs_arena_free(cs_arena *arena);

/* Checked allocation: NULL and CS_NO_MEMORY when the product overflows or memory is out. */
extern void *cs_alloc(cs_ctx *ctx, size_t count, size_t size);
extern void *cs_resize(cs_ctx *ctx, void *p, size_t old_count, size_t new_count, size_t size);
extern void *cs_memdup(cs_ctx *ctx, const void *p, size_t len);
extern char *cs_strndup(cs_ctx *ctx, const void *p, size_t len); /* NUL-terminated copy */

/* What may be nested, limits.max_depth within CS_HARD_MAX_DEPTH. */
static inline uint32_t
cs_depth_limit(const cs_ctx *ctx)
{
	return ctx->limits.max_depth < CS_HARD_MAX_DEPTH ? ctx->limits.max_depth : CS_HARD_MAX_DEPTH;
}

/* Call the interrupt hook once in a few thousand calls; *ticks is the caller's counter. */
static inline void
cs_tick(cs_ctx *ctx, uint64_t *ticks)
{
	if ((++*ticks & 0xfff) == 0 && ctx->interrupt != NULL)
		ctx->interrupt(ctx->actx);
}

/* Bytes between two calls of the interrupt hook: a fraction of a millisecond, whatever is done with them. */
#define CS_WORK_AT_ONCE 65536

/* Count work on so many bytes, where one item may have any number. */
static inline void
cs_work(cs_ctx *ctx, uint64_t bytes)
{
	ctx->work += bytes;
	if (ctx->work < CS_WORK_AT_ONCE)
		return;
	ctx->work = 0;
	if (ctx->interrupt != NULL)
		ctx->interrupt(ctx->actx);
}

/* Fill ctx->error and return false, so that a caller can write: return cs_fail(...). */
extern bool cs_fail(cs_ctx *ctx, cs_code code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
extern bool cs_fail_at(cs_ctx *ctx, cs_code code, size_t offset, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* Add to the error that is already there; both return false. */
extern bool cs_fail_found(cs_ctx *ctx, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
extern bool cs_fail_hint(cs_ctx *ctx, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * An error as people read it, in SQL and outside alike. cs_error_message: "invalid WHAT: message", where what is not NULL and the bytes are
 * at fault, else "WHAT: message". cs_error_detail: "At byte 7, corim-map.id (rule id): found ..."; false where there is nothing to say.
 */
#define CS_SENTENCE_MAX (CS_PATH_MAX + 2 * CS_TEXT_MAX + 160)
extern void cs_error_message(const cs_error *error, const char *what, char text[CS_SENTENCE_MAX]);
extern bool cs_error_detail(const cs_error *error, char text[CS_SENTENCE_MAX]);

/* "malformed", "invalid", ...: the code's name, for tests and for coserv.inspect. */
extern const char *cs_code_name(cs_code code);

static inline bool
cs_span_eq(cs_span a, cs_span b)
{
	return a.len == b.len && (a.len == 0 || __builtin_memcmp(a.data, b.data, a.len) == 0);
}

#endif
