/*
 * texts.h - inside src/document: identifiers that a store keeps as text.
 */
#ifndef CS_DOCUMENT_TEXTS_H
#define CS_DOCUMENT_TEXTS_H

#include "model/corim.h"

/* id, profile, ids of tags and of what they link to have a text form, without U+0000. CS_INVALID; offsets count from content's start. */
extern bool cs_check_texts(cs_ctx *ctx, cs_span content, const cs_corim *corim);

#endif
