/*
 * json_in.h - inside src/model only: what the files that read JSON share.
 */
#ifndef CS_JSON_IN_H
#define CS_JSON_IN_H

#include "json_rules.h"
#include "model/profile.h"

/* Where a value stands; lives on the reader's stack. */
typedef struct cs_json_place
{
	const struct cs_json_place *up;
	const cs_json *json;
	uint64_t index; /* in an array; a member has a name */
} cs_json_place;

typedef struct cs_json_reader
{
	cs_ctx *ctx;
	const cs_profile *profile; /* of the map that is being read, or of one around it; NULL: none that is built in */
	uint64_t ticks;
	uint32_t depth;
} cs_json_reader;

/* json_in.c: any value. */
extern bool cs_json_read_value(cs_json_reader *r, const cs_json_rules *rules, const cs_json_place *at, cs_buf *out);

/* json_in_object.c: an object as a map, or as an array with named positions. */
extern bool cs_json_read_map(cs_json_reader *r, const cs_json_rules *rules, const cs_rule *rule, const cs_json_place *at, cs_buf *out);
extern bool cs_json_read_record(cs_json_reader *r, const cs_json_rules *rules, const cs_rule *rule, const cs_json_place *at, cs_buf *out);

/* json_in_scalar.c. All of these return false. Adds the place, and what stands there unless that is said already, to the error. */
extern bool cs_json_locate(cs_json_reader *r, const cs_json_place *at);
extern bool
cs_json_fail(cs_json_reader *r, const cs_json_place *at, cs_code code, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* What could stand there: plain forms and types. */
extern bool cs_json_fail_expected(cs_json_reader *r, const cs_json_rules *rules, const cs_json_place *at);
extern const char *cs_json_wants(const cs_rule *rule);

/* Diagnostic notation. */
extern bool cs_json_read_notation(cs_json_reader *r, cs_span text, const cs_json_place *at, cs_buf *out);
/* A number or a string, by the rule that cs_json_pick gave. */
extern bool cs_json_read_number(cs_json_reader *r, const cs_rule *rule, const cs_json_place *at, cs_buf *out);
extern bool cs_json_read_string(cs_json_reader *r, const cs_rule *rule, const cs_json_place *at, cs_buf *out);
/* A string as the number that the profile calls so as measurement key. */
extern bool cs_json_read_mkey(cs_json_reader *r, const cs_json_place *at, cs_buf *out);

#endif
