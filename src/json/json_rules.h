/*
 * json_rules.h - inside src/model only: what a JSON value stands for, given the rules that can hold where it stands. json_in.c reads by it;
 * json_out.c asks it whether what it is about to write will be read as what it is.
 *
 * Plain forms stand for what the standards have today. A legacy form is named, {"type": ..., "legacy": ..., "value": ...}, unless it
 * differs from today's in nothing that shows.
 */
#ifndef CS_JSON_RULES_H
#define CS_JSON_RULES_H

#include "cbor/json.h"
#include "model/rules.h"

#define CS_JSON_ALTERNATIVES 16 /* json_test holds the tables to it */

/* Members with a meaning of their own, whatever the map. */
#define CS_JSON_CBOR "cbor" /* the one member of an escape form; with a colon, the beginning of an escaped key */
#define CS_JSON_TYPE "type"
#define CS_JSON_LEGACY "legacy"
#define CS_JSON_VALUE "value"
#define CS_JSON_ENCODED "encoded"
#define CS_JSON_KEY CS_JSON_CBOR ":"
#define CS_JSON_BSTR "bstr"
#define CS_JSON_TSTR "tstr"

/* The alternatives that are left once choices are taken apart. */
typedef struct cs_json_rules
{
	const cs_rule *rule[CS_JSON_ALTERNATIVES];
	uint32_t count;
	bool legacy; /* they were named, so that a legacy form may be plain */
} cs_json_rules;

/* What there is to tell alternatives apart: the kind of the JSON value, the characters of a string, the members of an object. */
typedef struct cs_json_shape
{
	cs_json_kind kind;
	cs_span text;
	bool (*has)(const struct cs_json_shape *shape, const char *name); /* NULL: nothing that a table names */
	const void *data;
	const cs_rule *rule;
} cs_json_shape;

extern void cs_json_rules_add(cs_json_rules *rules, const cs_rule *rule);
extern cs_json_rules cs_json_rules_of(const cs_rule *rule);

/* The rule that a plain value of this shape is read by; NULL when none. A CS_TAGGED one: by its content, the tag goes unsaid. */
extern const cs_rule *cs_json_pick(const cs_json_rules *rules, const cs_json_shape *shape);
/* The rule that an item is written by; NULL when none fits its head. */
extern const cs_rule *cs_json_resolve(cs_ctx *ctx, const cs_json_rules *rules, const cs_item *item);

/* {"type": ...} is one of the forms here, and no member of a map of that name. */
extern bool cs_json_has_types(const cs_json_rules *rules);
/* The alternatives that cs_rule_type_name calls so, of that legacy form (NULL: none); all are tags, or none is. False
 * when there are none. */
extern bool cs_json_named(const cs_json_rules *rules, cs_span name, const cs_span *legacy, cs_json_rules *out);

/* What can stand inside. Without alternatives: any. */
extern void cs_json_in_tag(const cs_json_rules *rules, uint64_t tag, cs_json_rules *out);
extern void cs_json_in_list(const cs_json_rules *rules, cs_json_rules *out);
extern void cs_json_in_bytes(const cs_json_rules *rules, cs_json_rules *out);
extern void cs_json_in_field(const cs_json_rules *rules, const cs_rule *rule, const cs_field *field, cs_json_rules *out);

extern bool cs_json_is_embedded(const cs_rule *rule); /* a byte string with .cbor */
/* Does a plain text key mean a member that a table has? */
extern bool cs_json_names_field(const cs_json_rules *rules, cs_span name);
extern bool cs_json_is_integer(cs_span text); /* digits as a key has them */
/* The number that a name stands for in an enumeration; -1 when in none. */
extern int64_t cs_json_enumerated(const cs_rule *rule, cs_span name);

#define CS_JSON_LAST_SECOND INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

/* json_text.c: byte strings and times as text. False where a rule's own notation does not say these bytes, or there is no such text. */
extern bool cs_json_put_bytes(cs_ctx *ctx, const cs_rule *rule, cs_span bytes, cs_buf *out);
extern bool cs_json_get_bytes(cs_ctx *ctx, const cs_rule *rule, cs_span text, cs_buf *out);
extern bool cs_json_get_time(cs_ctx *ctx, cs_span text, int64_t *seconds);
extern const char *cs_json_bytes_notation(const cs_rule *rule); /* for messages */

#endif
