/*
 * json.h - documents as JSON and back, by the tables that validate them (doc/json.md says what it looks like).
 *
 * Both directions choose the alternative of a choice by the same functions (json_rules.h), so that what is written reads back to the same
 * item; what no name or plain form stands for is written in an escape form, {"cbor": "<EDN>"}.
 *
 * A map that names a profile which is built in (corim-map, coserv, ECTs) lends its names to what is inside; both directions find it in the
 * same member of the same map.
 */
#ifndef CS_MODEL_JSON_H
#define CS_MODEL_JSON_H

#include "model/schema.h"

/*
 * Append the JSON of item, which may be any item, by rule. Never holds U+0000. CS_INVALID "duplicate map key"; CS_LIMIT.
 */
extern bool cs_json_write(cs_ctx *ctx, const cs_rule *rule, const cs_item *item, cs_buf *out);

/*
 * The other way: appends what cs_deterministic makes of the item that was written; a signed document (tag 18 or 98, in 500 or 502 too)
 * comes back byte for byte. The result is well-formed; whether it keeps the rule is for the caller to validate. CS_MALFORMED (JSON,
 * EDN), CS_INVALID with a path like $.tags[0].value."tag-identity", CS_LIMIT.
 */
extern bool cs_json_read(cs_ctx *ctx, const cs_rule *rule, cs_span json, cs_buf *out);

#endif
