/*
 * head.h - the head of an HTTP/1.1 request (RFC 9112), read strictly: what one server reads so and another otherwise is refused, since a
 * proxy in front might be the other one. It knows neither sockets nor memory, so that it can be fuzzed.
 */
#ifndef GATEWAY_HEAD_H
#define GATEWAY_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GW_MAX_TARGET 65536 /* bytes of path and query string */
#define GW_MAX_HEAD (GW_MAX_TARGET + 16384)
#define GW_MAX_HEADERS 100

typedef struct gw_text
{
	const char *data;
	size_t len;
} gw_text;

typedef struct gw_header
{
	gw_text name, value; /* value without white space around it */
} gw_header;

typedef struct gw_head
{
	gw_text method;
	gw_text target; /* origin form: what is behind the authority of an absolute one; "*" of OPTIONS */
	gw_header headers[GW_MAX_HEADERS];
	size_t header_count;
	bool keep_alive; /* never with HTTP/1.0 */
	bool chunked;
	bool expects_continue;
	bool http_1_0;
	uint64_t length; /* of the body, when it is not chunked */
} gw_head;

/*
 * Where the head in data[0..len) ends, behind its empty line; 0: not yet. scanned: 0 at first, then as it was left, so that bytes that come
 * one by one are not read over and over. A line that does not end with CR LF, or a control character: -1.
 */
extern long gw_head_end(const char *data, size_t len, size_t *scanned);

/* data[0..len) is a whole head. 0, or the status of the refusal with *why, a sentence. Texts point into data. */
extern int gw_head_read(const char *data, size_t len, gw_head *head, const char **why);

/* The first header of that name, ignoring case; NULL: none. */
extern const gw_text *gw_head_find(const gw_head *head, const char *name);

/* A line of a chunked body, without its CR LF: its size; -1: none. */
extern int64_t gw_chunk_size(const char *line, size_t len);

extern bool gw_is_token(const char *text, size_t len);
extern bool gw_equals(gw_text text, const char *word); /* ignoring case */

#endif
