/*
 * edn.h - extended diagnostic notation (RFC 8949 section 8, RFC 8610 appendix G, draft-ietf-cbor-edn-literals), both ways.
 *
 * What is printed parses back to the same bytes: encoding indicators (_i, _0 to _3, _ for indefinite) are written where a
 * head is not the shortest, NaN payloads as float'7e01', strings that are not UTF-8 cannot occur (cs_check).
 * Read: integers (decimal, 0x, 0o, 0b, beyond 64 bits as bignum tags), floats (decimal, hex, Infinity, NaN), h'', b64'' (both
 * alphabets, padding or not), b32'', h32'', '' (bytes of the text), <<>>, tags, simple(n), true/false/null/undefined,
 * indefinite containers and strings, concatenation with +, and of adjacent string literals, optional commas,
 * comments / / (with stars inside too) and #, no //; app-extensions dt'' DT'' ip'' IP'' float''. An ellipsis is refused
 * (CS_UNSUPPORTED), and so are raw strings, app-sequences and application extensions that are not named here.
 *
 * RFC 8610 concatenates string literals that stand side by side, the newer draft makes commas optional: between two strings
 * they cannot both be had. Side by side they are concatenated where only one item can stand (alone, in the parentheses of a tag),
 * and are two items in arrays, maps, << >> and (_ ). The first of a concatenation decides between text and bytes.
 */
#ifndef CS_EDN_H
#define CS_EDN_H

#include "writer.h"

/* Parse exactly one item; its encoding as written is appended to out. CS_MALFORMED, CS_LIMIT, CS_UNSUPPORTED with the offset in
 * characters (not bytes, where text has others than ASCII). << >> counts as a level, and what is in it as items. */
extern bool cs_edn_parse(cs_ctx *ctx, const char *text, size_t len, cs_buf *out);

/*
 * Names for annotated output. note() is asked for each child of a container: state is what it returned for the parent (root
 * at the top), key the map key (NULL in an array), index its position in an array. It returns the state of the child and
 * may set *name to a comment that is printed before it, and *embedded to true when a byte string holds CBOR that should be
 * shown as << >> when it is well-formed. Any pointer may be NULL.
 * The content of a tag and the item in a byte string with embedded CBOR are children too: key NULL, index 0. A child of a map
 * has the position of its pair as index. Below a child whose state is NULL nobody is asked.
 */
typedef struct cs_edn_notes cs_edn_notes;
struct cs_edn_notes
{
	const void *root;
	const void *(*note)(const cs_edn_notes *notes, const void *state, const cs_item *key, uint64_t index, const cs_item *child,
		const char **name, bool *embedded);
	/* NULL, or asked for the comment behind an integer, a text or a byte string with this state, as in 16384 / semver
	 * /; may answer NULL. */
	const char *(*value)(const cs_edn_notes *notes, const void *state, const cs_item *item);
	const void *data; /* the callbacks' own */
};

typedef struct cs_edn_style
{
	bool pretty;			   /* one element a line, two spaces a level; else one line */
	const cs_edn_notes *notes; /* NULL: no comments */
} cs_edn_style;

extern bool cs_edn_print(cs_ctx *ctx, const cs_item *item, const cs_edn_style *style, cs_buf *out);

#endif
