/*
 * json.h - reading one flat JSON object, member by member (see json.c). Private to this room.
 */
#ifndef CS_COSE_JSON_H
#define CS_COSE_JSON_H

#include "internal.h"

typedef struct cs_json
{
	cs_ctx	   *ctx;
	const uint8_t *start;
	const uint8_t *p;
	const uint8_t *end;
	bool		first;			/* no member came yet */
	bool		array_first;	/* no element of the open array came yet */
} cs_json;

typedef enum cs_json_kind
{
	CS_JSON_STRING, CS_JSON_ARRAY, CS_JSON_OBJECT, CS_JSON_OTHER
} cs_json_kind;

/* All three: false is CS_MALFORMED with the offset, or no memory. */
extern bool cs_json_begin(cs_ctx *ctx, cs_span text, cs_json *json);
/* The next member, or *end behind the object, where nothing may follow. Behind an array its elements must be read; an object
 * stays where it is, and the reader with it. */
extern bool cs_json_member(cs_json *json, cs_span *name, cs_json_kind *kind, cs_span *value, bool *end);
extern bool cs_json_element(cs_json *json, cs_span *value, bool *end);	/* a string */

#endif
