/*
 * json.h - reading JSON (RFC 8259) strictly into a tree, and writing its strings. What JSON stands for is other rooms' business.
 */
#ifndef CS_JSON_H
#define CS_JSON_H

#include "writer.h"

typedef enum cs_json_kind
{
	CS_JSON_NULL,
	CS_JSON_BOOL,
	CS_JSON_NUMBER,
	CS_JSON_STRING,
	CS_JSON_ARRAY,
	CS_JSON_OBJECT
} cs_json_kind;

typedef struct cs_json cs_json;
struct cs_json
{
	cs_json_kind kind;
	bool boolean;
	size_t count;	/* elements or members */
	cs_span name;	/* decoded; of a member of an object */
	cs_span text;	/* a string, decoded; a number as it is written */
	cs_span raw;	/* the value as it is written, from its first character to its last */
	cs_json *first; /* of the elements or members */
	cs_json *next;	/* beside it */
};

/*
 * One value and nothing behind it. Strings point into text where no escape is in them, so that secrets are not copied about. Members keep
 * their order, and one name may come twice. CS_MALFORMED with the offset; CS_LIMIT beyond max_size bytes, max_items values, or
 * twice max_depth levels (JSON says with two levels what CBOR says with one, such as a tag).
 */
extern bool cs_json_parse(cs_ctx *ctx, cs_span text, cs_json **out);

/* The first member of that name; NULL when there is none, or json is no object. */
extern cs_json *cs_json_get(const cs_json *json, const char *name);
/* Does no object in it have one name twice? CS_INVALID with the name, where it is so: what reads the other one reads something else. */
extern bool cs_json_require_unique(cs_ctx *ctx, const cs_json *json);
static inline bool
cs_json_is(cs_span span, const char *text)
{
	size_t len = __builtin_strlen(text);

	return span.len == len && __builtin_memcmp(span.data, text, len) == 0;
}

/* A string in quotes, escaped as far as it must be; utf8 is valid. */
extern void cs_put_json_string(cs_buf *out, cs_span utf8);

#endif
