/*
 * type_io.h - what all six types have in common: a varlena whose content is one CBOR item, checked when it is made.
 */
#ifndef CS_PG_TYPE_IO_H
#define CS_PG_TYPE_IO_H

#include "pg/base/pg_support.h"

#include "model/schema.h"

struct cs_profile;

typedef struct cs_pg_type
{
	const char *name; /* of the SQL type, for messages */
	/* cs_deterministic or what else makes the form that is stored; NULL: verbatim */
	bool (*canonical)(cs_ctx *ctx, const cs_item *item, cs_buf *out);
	const cs_rule *rule;					   /* what the item must be; NULL: any */
	bool (*check)(cs_ctx *ctx, cs_span bytes); /* in place of rule, where there is more to it; NULL otherwise */
} cs_pg_type;

extern const cs_pg_type cs_pg_cbor;
extern const cs_pg_type cs_pg_environment;
extern const cs_pg_type cs_pg_measurement;
extern const cs_pg_type cs_pg_crypto_key;
extern const cs_pg_type cs_pg_corim;
extern const cs_pg_type cs_pg_coserv;

/* Check bytes and give the content of the stored value: bytes itself, or its canonical form in memory of ctx. */
extern bool cs_pg_type_accept(cs_ctx *ctx, const cs_pg_type *type, cs_span bytes, cs_span *stored);

/* A value of the type from bytes; reports errors. */
extern Datum cs_pg_type_make(const cs_pg_type *type, cs_span bytes);

/* Text form: "\x" and hex, or EDN; the bytes are not checked further. text is in the server's encoding. */
extern bool cs_pg_parse_text(cs_ctx *ctx, const char *text, cs_span *bytes);

/* Bodies of the SQL functions type_in(cstring), type_recv(internal) and of casts from bytea, cbor or another of the types. */
extern Datum cs_pg_type_in(FunctionCallInfo fcinfo, const cs_pg_type *type);
extern Datum cs_pg_type_recv(FunctionCallInfo fcinfo, const cs_pg_type *type);
extern Datum cs_pg_type_from(FunctionCallInfo fcinfo, const cs_pg_type *type);

/* EDN of an item in the server's encoding, palloc'd. */
extern char *cs_pg_edn(const cs_item *item);
/* The same as text; with names where rule is not NULL. */
extern Datum cs_pg_edn_text(const cs_item *item, bool pretty, const cs_rule *rule);
/* Pretty, with the names of this profile in place of the document's own; NULL: none. */
extern Datum cs_pg_edn_text_with(const cs_item *item, const cs_rule *rule, const struct cs_profile *profile);

/* The rule of that CDDL name (text); reports an error when there is none. */
extern const cs_rule *cs_pg_rule(Datum name);

/* "integer", "bytes", "text", "array", "map", "tag", "boolean", "null", "undefined", "float" or "simple". */
extern const char *cs_pg_type_name(const cs_item *item);

#endif
