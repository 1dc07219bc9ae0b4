/* cose_test.h - what the tests of the cose room share: an arena, files, hex, the corpus, and taking a Sign1 out of its wrappers. */
#ifndef COSE_TEST_H
#define COSE_TEST_H

#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "cose/cose.h"

static cs_arena arena;
static cs_ctx ctx;

static inline cs_span
text_span(const char *text)
{
	return (cs_span) { (const uint8_t *) text, strlen(text) };
}

static inline const char *
corpus(void)
{
	const char *dir = getenv("COSERV_CORPUS");

	return dir ? dir : "../../../shared/corpus";
}

/* data NULL when the file is not there. */
static inline cs_span
read_file(const char *dir, const char *name)
{
	char path[1024];
	cs_span none = { NULL, 0 };
	uint8_t *data;
	long len;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "rb");
	if (!f)
		return none;
	fseek(f, 0, SEEK_END);
	len = ftell(f);
	rewind(f);
	data = cs_alloc(&ctx, (size_t) len + 1, 1);
	if (fread(data, 1, (size_t) len, f) != (size_t) len)
		abort();
	data[len] = 0;
	fclose(f);
	return (cs_span) { data, (size_t) len };
}

static inline cs_span
unhex(const char *hex, size_t len)
{
	uint8_t *out = cs_alloc(&ctx, len / 2 + 1, 1);

	for (size_t i = 0; i + 1 < len; i += 2)
	{
		char two[3] = { hex[i], hex[i + 1], 0 };

		out[i / 2] = (uint8_t) strtoul(two, NULL, 16);
	}
	return (cs_span) { out, len / 2 };
}

/* Tags 500, 501 and 502 around the Sign1 are passed over. */
static inline bool
open_sign1(cs_span document, cs_sign1 *out)
{
	cs_item item;

	if (!cs_check(&ctx, document.data, document.len))
		return false;
	item = cs_item_at(document.data, document.len);
	while (cs_is(&item, CS_TAG) && item.arg >= 500 && item.arg <= 502)
		item = cs_tag_content(&item);
	return cs_sign1_parse(&ctx, &item, out);
}

static inline bool
open_key(cs_span text, cs_key *out)
{
	cs_buf choice;
	cs_item item;

	cs_buf_init(&choice, &ctx);
	if (!cs_key_import(&ctx, text.data, text.len, &choice))
		return false;
	item = cs_item_at(choice.data, choice.len);
	return cs_key_read(&ctx, &item, out);
}

static inline bool
verifies(cs_span document, const cs_key *key)
{
	cs_span none = { NULL, 0 };
	cs_sign1 sign1;

	return open_sign1(document, &sign1) && cs_sign1_verify(&ctx, &sign1, none, none, key);
}

#endif
