/*
 * sort.h - sorting what a document may have millions of. The C library's qsort ends when it has ended, and takes memory that a jump out of
 * it would lose; this one calls the interrupt hook, with all its memory from the context.
 */
#ifndef CS_SORT_H
#define CS_SORT_H

#include "core.h"

/* Stable, n log n comparisons at most, n where it is sorted already. False: CS_NO_MEMORY, and the order is as it was. */
extern bool cs_sort(cs_ctx *ctx, void *items, size_t count, size_t size, int (*compare)(const void *, const void *));

#endif
