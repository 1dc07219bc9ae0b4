/*
 * core.c - memory and errors for every room of the PostgreSQL-free core: checked allocation over the caller's allocator, the
 * malloc-backed arena that stands in for it outside the backend, and the one error that a context carries.
 */
#include "core.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One allocation of an arena; a block each, so that a sanitizer sees the bounds of every one. */
struct cs_arena_block
{
	struct cs_arena_block *next;
	struct cs_arena_block *prev;
	_Alignas(max_align_t) unsigned char data[];
};

static struct cs_arena_block *
block_of(void *p)
{
	return (struct cs_arena_block *) ((unsigned char *) p - offsetof(struct cs_arena_block, data));
}

static void
arena_link(cs_arena *arena, struct cs_arena_block *block)
{
	block->prev = NULL;
	block->next = arena->blocks;
	if (arena->blocks != NULL)
		arena->blocks->prev = block;
	arena->blocks = block;
}

static void
arena_unlink(cs_arena *arena, struct cs_arena_block *block)
{
	if (block->prev != NULL)
		block->prev->next = block->next;
	else
		arena->blocks = block->next;
	if (block->next != NULL)
		block->next->prev = block->prev;
}

static void *
arena_alloc(void *actx, size_t size)
{
	struct cs_arena_block *block;

	if (size > SIZE_MAX - sizeof(*block))
		return NULL;
	block = malloc(sizeof(*block) + size);
	if (block == NULL)
		return NULL;
	arena_link(actx, block);
	return block->data;
}

static void *
arena_resize(void *actx, void *p, size_t old_size, size_t new_size)
{
	struct cs_arena_block *block = block_of(p);
	struct cs_arena_block *moved;

	(void) old_size;
	if (new_size > SIZE_MAX - sizeof(*block))
		return NULL;
	arena_unlink(actx, block);
	moved = realloc(block, sizeof(*block) + new_size);
	arena_link(actx, moved != NULL ? moved : block);
	return moved != NULL ? moved->data : NULL;
}

static void
arena_release(void *actx, void *p)
{
	struct cs_arena_block *block;

	if (p == NULL)
		return;
	block = block_of(p);
	arena_unlink(actx, block);
	free(block);
}

void
cs_arena_init(cs_arena *arena, cs_ctx *ctx)
{
	arena->blocks = NULL;
	memset(ctx, 0, sizeof(*ctx));
	ctx->alloc = arena_alloc;
	ctx->resize = arena_resize;
	ctx->release = arena_release;
	ctx->actx = arena;
	ctx->limits.max_depth = CS_DEFAULT_MAX_DEPTH;
	ctx->limits.max_items = CS_DEFAULT_MAX_ITEMS;
	ctx->limits.max_size = CS_DEFAULT_MAX_SIZE;
}

void
cs_arena_free(cs_arena *arena)
{
	while (arena->blocks != NULL)
	{
		struct cs_arena_block *block = arena->blocks;

		arena->blocks = block->next;
		free(block);
	}
}

/* The product, at least 1, so that an empty thing has an address too. */
static bool
checked_size(cs_ctx *ctx, size_t count, size_t size, size_t *product)
{
	if (__builtin_mul_overflow(count, size, product))
		return cs_fail(ctx, CS_NO_MEMORY, "size of a memory request overflows");
	if (*product == 0)
		*product = 1;
	return true;
}

void *
cs_alloc(cs_ctx *ctx, size_t count, size_t size)
{
	size_t product;
	void *p;

	if (!checked_size(ctx, count, size, &product))
		return NULL;
	p = ctx->alloc(ctx->actx, product);
	if (p == NULL)
		cs_fail(ctx, CS_NO_MEMORY, "out of memory");
	return p;
}

void *
cs_resize(cs_ctx *ctx, void *p, size_t old_count, size_t new_count, size_t size)
{
	size_t old_product;
	size_t new_product;
	void *moved;

	if (p == NULL)
		return cs_alloc(ctx, new_count, size);
	if (!checked_size(ctx, old_count, size, &old_product) || !checked_size(ctx, new_count, size, &new_product))
		return NULL;
	moved = ctx->resize(ctx->actx, p, old_product, new_product);
	if (moved == NULL)
		cs_fail(ctx, CS_NO_MEMORY, "out of memory");
	return moved;
}

void *
cs_memdup(cs_ctx *ctx, const void *p, size_t len)
{
	void *copy = cs_alloc(ctx, len, 1);

	if (copy != NULL && len > 0)
		memcpy(copy, p, len);
	return copy;
}

char *
cs_strndup(cs_ctx *ctx, const void *p, size_t len)
{
	char *copy;

	if (len == SIZE_MAX)
	{
		cs_fail(ctx, CS_NO_MEMORY, "size of a memory request overflows");
		return NULL;
	}
	copy = cs_alloc(ctx, len + 1, 1);
	if (copy != NULL)
	{
		if (len > 0)
			memcpy(copy, p, len);
		copy[len] = '\0';
	}
	return copy;
}

/* A text that was cut must not end in half a character: messages go to clients that check their encoding. */
static void __attribute__((format(printf, 2, 0)))
format_text(char *text, const char *fmt, va_list args)
{
	int len = vsnprintf(text, CS_TEXT_MAX, fmt, args);
	size_t end;

	if (len < CS_TEXT_MAX)
		return;
	end = CS_TEXT_MAX - 1;
	while (end > 0 && ((unsigned char) text[end - 1] & 0xc0) == 0x80)
		end--;
	if (end > 0 && (unsigned char) text[end - 1] >= 0xc0)
		end--;
	text[end] = '\0';
}

static void
start_error(cs_ctx *ctx, cs_code code)
{
	cs_error *e = &ctx->error;

	e->code = code;
	e->has_offset = false;
	e->offset = 0;
	e->path[0] = e->rule[0] = e->message[0] = e->found[0] = e->hint[0] = '\0';
}

bool
cs_fail(cs_ctx *ctx, cs_code code, const char *fmt, ...)
{
	va_list args;

	start_error(ctx, code);
	va_start(args, fmt);
	format_text(ctx->error.message, fmt, args);
	va_end(args);
	return false;
}

bool
cs_fail_at(cs_ctx *ctx, cs_code code, size_t offset, const char *fmt, ...)
{
	va_list args;

	start_error(ctx, code);
	ctx->error.has_offset = true;
	ctx->error.offset = offset;
	va_start(args, fmt);
	format_text(ctx->error.message, fmt, args);
	va_end(args);
	return false;
}

bool
cs_fail_found(cs_ctx *ctx, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	format_text(ctx->error.found, fmt, args);
	va_end(args);
	return false;
}

bool
cs_fail_hint(cs_ctx *ctx, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	format_text(ctx->error.hint, fmt, args);
	va_end(args);
	return false;
}

/* "invalid corim: ..." says nothing about a document that is well-formed and out of date, or too large. */
static const char *
opening(cs_code code)
{
	return code == CS_MALFORMED || code == CS_INVALID ? "invalid " : "";
}

void
cs_error_message(const cs_error *error, const char *what, char text[CS_SENTENCE_MAX])
{
	const char *message = error->message[0] ? error->message : cs_code_name(error->code);

	if (what != NULL)
		snprintf(text, CS_SENTENCE_MAX, "%s%.64s: %s", opening(error->code), what, message);
	else
		snprintf(text, CS_SENTENCE_MAX, "%s", message);
}

bool
cs_error_detail(const cs_error *error, char text[CS_SENTENCE_MAX])
{
	char place[CS_PATH_MAX + 64] = "";
	char rule[80] = "";
	bool starts;

	if (error->has_offset)
		snprintf(place, sizeof(place), "At byte %zu%s%s", error->offset, error->path[0] ? ", " : "", error->path);
	else if (error->path[0])
		snprintf(place, sizeof(place), "At %s", error->path);
	if (error->rule[0])
		snprintf(rule, sizeof(rule), "%s(rule %s)", place[0] ? " " : "", error->rule);
	starts = place[0] == '\0' && rule[0] == '\0';
	if (starts && error->found[0] == '\0')
		return false;
	snprintf(text, CS_SENTENCE_MAX, "%s%s%s%s.", place, rule, error->found[0] == '\0' ? "" : starts ? "Found " : ": found ", error->found);
	return true;
}

const char *
cs_code_name(cs_code code)
{
	static const char *const names[CS_CODES] = { [CS_OK] = "ok",
		[CS_MALFORMED] = "malformed",
		[CS_INVALID] = "invalid",
		[CS_LIMIT] = "limit",
		[CS_UNSUPPORTED] = "unsupported",
		[CS_BAD_KEY] = "bad-key",
		[CS_BAD_SIGNATURE] = "bad-signature",
		[CS_UNTRUSTED] = "untrusted",
		[CS_EXPIRED] = "expired",
		[CS_OUT_OF_SCOPE] = "out-of-scope",
		[CS_LEGACY_REFUSED] = "legacy-refused",
		[CS_NO_MEMORY] = "no-memory" };

	return (unsigned) code < CS_CODES ? names[code] : "unknown";
}
