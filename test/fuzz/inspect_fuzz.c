/*
 * inspect_fuzz.c - any bytes are inspected. What must hold: an answer always; offsets inside the document or just behind it; texts that
 * are UTF-8; at least one error exactly when the document, read as what it was taken for, breaks a rule, or load() would refuse it.
 */
#include "document/document.h"
#include "inspect/inspect.h"

#include <stdlib.h>
#include <string.h>

#define NOW INT64_C(1800000000)

extern int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool ok)
{
	if (!ok)
		abort();
}

static void
is_text(const char *text)
{
	must(text == NULL || (text[0] != '\0' && cs_utf8_valid((const uint8_t *) text, strlen(text))));
}

static size_t
look_at(const cs_inspection *inspection, size_t size)
{
	size_t errors = 0;

	must(inspection->count <= CS_MAX_FINDINGS + CS_MAX_NOTES + 1);
	for (size_t i = 0; i < inspection->count; i++)
	{
		const cs_finding *finding = &inspection->findings[i];

		errors += finding->severity == CS_SEVERITY_ERROR;
		must(finding->message != NULL && finding->times > 0 && (!finding->has_offset || finding->offset <= size));
		is_text(finding->message);
		is_text(finding->path);
		is_text(finding->found);
	}
	return errors;
}

/* As load() has it, signature and trust apart, and a payload that it would ask for. */
static bool
loads(cs_ctx *ctx, cs_span bytes)
{
	cs_verified document;
	cs_item members;

	if (!cs_open_envelope(ctx, bytes, true, &(cs_cose_reader) { 0 }, &document))
		return false;
	if (cs_is_collection(&document))
		return cs_collection_open(ctx, &document, &members) && cs_require_valid(ctx, &document, NOW);
	return cs_wants_payload(&document) ? cs_require_valid(ctx, &document, NOW)
									   : cs_open_document(ctx, bytes, true, &document) && cs_require_valid(ctx, &document, NOW);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cs_inspection inspection;
	cs_arena arena;
	cs_ctx ctx;
	size_t errors;

	cs_arena_init(&arena, &ctx);
	must(cs_inspect(&ctx, data, size, NOW, &inspection));
	errors = look_at(&inspection, size);
	if (inspection.rule == &cs_rule_corim_document)
		must(loads(&ctx, (cs_span) { data, size }) == (errors == 0));
	else if (errors == 0)
	{
		cs_walk walk = { .ctx = &ctx, .accept_legacy = true };
		cs_item item;

		must(inspection.rule != NULL && cs_check(&ctx, data, size));
		item = cs_item_at(data, size);
		must(cs_walk_rule(&walk, inspection.rule, &item));
	}
	cs_arena_free(&arena);
	return 0;
}
