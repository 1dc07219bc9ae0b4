/* match_support.h - EDN into items, for tests whose vectors are EDN. */
#ifndef MATCH_SUPPORT_H
#define MATCH_SUPPORT_H

#include <string.h>

#include "cbor/deterministic.h"
#include "cbor/edn.h"
#include "match/match.h"
#include "tap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static cs_arena arena;
static cs_ctx ctx;

/* Double quotes of EDN as single ones, which read better in C: the byte strings that EDN has for those are not used here. */
static const char *
requoted(const char *text)
{
	char *copy = cs_strndup(&ctx, text, strlen(text));

	for (char *p = copy; *p != '\0'; p++)
	{
		if (*p == '\'' && p > copy && p[-1] == 'h' && (p - 1 == copy || strchr(" ([,:", p[-2]) != NULL))
			p = strchr(p + 1, '\'');
		else if (*p == '\'')
			*p = '"';
	}
	return copy;
}

/* Deterministic encoding of EDN; a test that cannot be read fails and goes on with null. */
static cs_span
edn(const char *quoted)
{
	const char *text = requoted(quoted);
	cs_buf written, canonical;
	cs_item item;

	cs_buf_init(&written, &ctx);
	cs_buf_init(&canonical, &ctx);
	if (cs_edn_parse(&ctx, text, strlen(text), &written) && cs_check(&ctx, written.data, written.len))
	{
		item = cs_item_at(written.data, written.len);
		if (cs_deterministic(&ctx, &item, &canonical))
			return cs_buf_span(&canonical);
	}
	CHECK(false, "EDN %s: %s", text, ctx.error.message);
	return (cs_span) { (const uint8_t *) "\xf6", 1 };
}

static inline cs_item
item(const char *text)
{
	cs_span bytes = edn(text);

	return cs_item_at(bytes.data, bytes.len);
}

static inline const cs_profile *
profile(const char *id)
{
	return id ? cs_profile_find(id, strlen(id)) : NULL;
}

#endif
