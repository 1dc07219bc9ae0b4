/*
 * item_text.h - identifiers as text, for views and for people.
 */
#ifndef CS_PG_ITEM_TEXT_H
#define CS_PG_ITEM_TEXT_H

#include "pg/base/pg_support.h"

/*
 * An identifier of any of the standards' choices as text: a UUID in its canonical form, an OID dotted, other bytes as
 * lower-case hex, text as it is, integers in decimal, all of them without their tag; anything else as EDN.
 */
extern Datum cs_pg_item_text(const cs_item *item);

/* The text itself; as EDN where text cannot hold it: U+0000, and what the database's encoding does not have. */
extern Datum cs_pg_shown_text(cs_span utf8);

/* Which choice it is, by the standards' names: "uuid", "oid", "ueid", "bytes", "pkix-base64-key", ...; "tag-N" for a tag that
 * no standard here names, else the CBOR type. */
extern Datum cs_pg_item_kind(const cs_item *item);

#endif
