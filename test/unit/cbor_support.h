/* cbor_support.h - what the tests of the cbor room share: hexadecimal literals, a context, a clock. */
#ifndef CBOR_SUPPORT_H
#define CBOR_SUPPORT_H

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cbor/deterministic.h"
#include "cbor/edn.h"
#include "tap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static cs_arena arena;
static cs_ctx ctx;

/* Bytes of a hexadecimal literal, in an allocation as long as they are, so that a sanitizer sees a read behind them. */
static inline cs_span
unhex(const char *hex)
{
	size_t len = strlen(hex) / 2;
	uint8_t *bytes = cs_alloc(&ctx, len, 1);

	for (size_t i = 0; i < len; i++)
	{
		unsigned byte = 0;

		sscanf(hex + 2 * i, "%2x", &byte);
		bytes[i] = (uint8_t) byte;
	}
	return (cs_span) { bytes, len };
}

static inline cs_item
item_of(cs_span bytes)
{
	return cs_item_at(bytes.data, bytes.len);
}

static inline bool
same(cs_span a, const char *hex)
{
	return cs_span_eq(a, unhex(hex));
}

/* That this process ran for, however busy the machine is. */
static inline double
seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

static inline void
start_tests(void)
{
	cs_arena_init(&arena, &ctx);
}

static inline int
end_tests(void)
{
	cs_arena_free(&arena);
	return tap_done();
}

#endif
