/*
 * seems.h - what bytes that are no document seem to be, and what to call then; in which notation text is.
 */
#ifndef CS_DOCUMENT_SEEMS_H
#define CS_DOCUMENT_SEEMS_H

#include "cbor/core.h"

/* A sentence for a hint, in SQL where SQL can help; false when they seem to be nothing that is known. Looks at a few thousand bytes. */
extern bool cs_seems(cs_span document, char hint[CS_TEXT_MAX]);

/*
 * Does text, NUL-terminated, look like a document in EDN: a map, an array, embedded CBOR, a tag with its parenthesis, or a comment
 * before?
 */
extern bool cs_looks_like_edn(const char *text);
/* Does it look like JSON of a CoRIM or CoSERV: an object, whose first member has a text for a name? */
extern bool cs_looks_like_json(cs_span text);

#endif
