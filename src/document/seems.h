/*
 * seems.h - what bytes that are no document seem to be, and what to call then.
 */
#ifndef CS_DOCUMENT_SEEMS_H
#define CS_DOCUMENT_SEEMS_H

#include "cbor/core.h"

/* A sentence for a hint, in SQL where SQL can help; false when they seem to be nothing that is known. Looks at a few thousand bytes. */
extern bool cs_seems(cs_span document, char hint[CS_TEXT_MAX]);

#endif
