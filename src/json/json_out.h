/*
 * json_out.h - inside src/model only: what the files that write JSON share. The functions that put something return false where it
 * would be read as something else, or memory is out; what they wrote until then the caller takes back.
 */
#ifndef CS_JSON_OUT_H
#define CS_JSON_OUT_H

#include "json_rules.h"
#include "model/profile.h"

typedef struct cs_json_writer
{
	cs_ctx *ctx;
	cs_buf *out;
	const cs_profile *profile; /* of the map that is being written, or of one around it; NULL: none that is built in */
	uint64_t ticks;
	uint32_t depth;
} cs_json_writer;

/* How a value was written. */
typedef enum cs_json_form
{
	CS_JSON_FAILED,
	CS_JSON_PLAIN,
	CS_JSON_NAMED,
	CS_JSON_OTHER
} cs_json_form;

/* json_out.c: any value. */
extern cs_json_form cs_json_put_item(cs_json_writer *w, const cs_json_rules *rules, const cs_item *item);

/* json_out_object.c: the rule that will read an item of rule as an object, NULL when none; and the object. */
extern const cs_rule *cs_json_object_rule(const cs_json_rules *rules, const cs_rule *rule, const cs_item *item);
extern bool cs_json_put_object(cs_json_writer *w, const cs_json_rules *rules, const cs_rule *rule, const cs_item *item);

/* json_out_scalar.c */

#define CS_JSON_KIND(kind) (UINT32_C(1) << (kind))

/* Will a plain value of this kind be read by a rule of one of these kinds? */
extern bool cs_json_is_read_by(const cs_json_rules *rules, cs_json_kind kind, uint32_t kinds);
/* The rule that reads this string. */
extern const cs_rule *cs_json_string_rule(const cs_json_rules *rules, cs_span text);

extern bool cs_json_put_integer(cs_json_writer *w, const cs_json_rules *rules, const cs_rule *rule, const cs_item *item);
extern bool cs_json_put_number(cs_json_writer *w, const cs_json_rules *rules, const cs_item *item);
extern bool cs_json_write_time(cs_json_writer *w, const cs_json_rules *rules, const cs_item *item);
extern bool cs_json_put_text(cs_json_writer *w, const cs_json_rules *rules, const cs_item *item);
extern bool cs_json_write_bytes(cs_json_writer *w, const cs_json_rules *rules, cs_span bytes);
extern bool cs_json_put_bignum(cs_json_writer *w, const cs_item *item);

#endif
