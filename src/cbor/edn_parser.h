/*
 * edn_parser.h - the parser of extended diagnostic notation, inside the cbor room only: what its files share.
 *
 * Each function reads at parser->at and appends the encoding to parser->out. Lengths and counts are known only behind the
 * content, so that heads are put in afterwards (cs_edn_put_head).
 */
#ifndef CS_EDN_PARSER_H
#define CS_EDN_PARSER_H

#include "edn.h"
#include "text.h"
#include "head.h"

typedef struct cs_edn_parser
{
	cs_ctx *ctx;
	cs_buf *out;
	const char *text;
	const char *at;
	const char *end;
	uint64_t items;
	uint64_t ticks;
	uint32_t depth;
} cs_edn_parser;

/* Encoding indicators: how long a head is. 24 to 27 stand for themselves (_0 to _3). */
#define CS_EDN_SHORTEST (-1) /* none was written */
#define CS_EDN_IMMEDIATE 0	 /* _i: in the first byte */
#define CS_EDN_INDEFINITE 31 /* _ */

/* The character at parser->at + ahead, or -1 behind the end. */
static inline int
cs_edn_peek(const cs_edn_parser *parser, size_t ahead)
{
	return (size_t) (parser->end - parser->at) > ahead ? (unsigned char) parser->at[ahead] : -1;
}

static inline bool
cs_edn_looking_at(const cs_edn_parser *parser, const char *text)
{
	size_t len = __builtin_strlen(text);

	return (size_t) (parser->end - parser->at) >= len && __builtin_memcmp(parser->at, text, len) == 0;
}

/* Returns false, with the offset in characters of at and what is found there. */
extern bool cs_edn_fail(cs_edn_parser *parser, cs_code code, const char *at, const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Skip blanks and comments. */
extern bool cs_edn_space(cs_edn_parser *parser);
/* The encoding indicator at parser->at, or CS_EDN_SHORTEST. */
extern bool cs_edn_indicator(cs_edn_parser *parser, int *indicator);
/* Insert a head in front of what was appended to out since it was offset bytes long; start is where the literal begins. */
extern bool cs_edn_put_head(cs_edn_parser *parser, size_t offset, cs_major major, uint64_t arg, int indicator, const char *start);

/* One item. lone: nothing else can stand beside it, so that adjacent string literals are concatenated. */
extern bool cs_edn_item(cs_edn_parser *parser, bool lone);
/* Items up to closing ("]" or ">>"), which is consumed; *count of them. */
extern bool cs_edn_items(cs_edn_parser *parser, const char *closing, uint64_t *count);

/* edn_string.c */
extern bool cs_edn_at_string(const cs_edn_parser *parser);
extern bool cs_edn_string(cs_edn_parser *parser, bool lone);
extern bool cs_edn_stream_string(cs_edn_parser *parser); /* (_ ...) */
/* A quoted literal's text with its escapes resolved, appended to to; parser->at is behind the opening quote. */
extern bool cs_edn_quoted(cs_edn_parser *parser, char quote, cs_buf *to);

/* edn_base.c: h'', b64'', b32'', h32'' */
extern bool cs_edn_at_based(const cs_edn_parser *parser);
extern bool cs_edn_based(cs_edn_parser *parser);

/* edn_number.c: integers, floats, Infinity and NaN, and the tags that begin like integers */
extern bool cs_edn_number(cs_edn_parser *parser);
extern bool cs_edn_nonfinite(cs_edn_parser *parser, double value, const char *start);

/* edn_app.c: prefix'...' that is no byte string */
extern bool cs_edn_application(cs_edn_parser *parser, cs_span prefix);

#endif
