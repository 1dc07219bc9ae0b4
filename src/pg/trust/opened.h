/*
 * opened.h - the document that a transaction works on, taken apart once. Loading asks for it again and again: to verify it, and
 * for each table that is derived from it.
 */
#ifndef CS_PG_OPENED_H
#define CS_PG_OPENED_H

#include "verify.h"

/*
 * As cs_open_document. What *out points to lives until the transaction ends, or until another document is opened: a caller
 * keeps nothing of it beyond its own return.
 */
extern bool cs_opened_document(cs_ctx *ctx, cs_span document, bool accept_legacy, cs_verified *out);

/*
 * The same for who is the last to ask, and runs what may open others meanwhile (triggers): what *out points to lives as long as the
 * current memory context. Legacy forms are accepted.
 */
extern bool cs_opened_take(cs_ctx *ctx, cs_span document, cs_verified *out);

#endif
