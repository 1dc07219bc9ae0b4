/*
 * evidence_fuzz.h - what the fuzzers of the evidence room share: bytes as one format, with no key and with a fixed one, and everything
 * that is asked for anyway. What is read passes the tables, comes the same twice, and has no authority: nothing is signed with the
 * fixed key.
 */
#ifndef EVIDENCE_FUZZ_H
#define EVIDENCE_FUZZ_H

#include <stdlib.h>
#include <string.h>

#include "cose/cose.h"
#include "evidence/evidence.h"
#include "model/schema.h"

static const char key_text[] = "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"Ze2loSV3wrroKUN_4zhwGhCqo3Xhu1td4QjeQ5wIVR0\","
							   "\"y\":\"HlLtdXARY_f55A3fnzQbPcm6hgr34Mp8p-nuzQCE0Zw\"}";

/* {0: {1: "x"}}: of what, where the format does not say it */
static const uint8_t environment[] = { 0xa1, 0x00, 0xa1, 0x01, 0x61, 'x' };

static void
require(bool condition)
{
	if (!condition)
		abort();
}

static cs_evidence_key
fixed_key(cs_ctx *ctx)
{
	cs_evidence_key key = { .is_bound = false };
	cs_buf buf;

	cs_buf_init(&buf, ctx);
	require(cs_key_import(ctx, (const uint8_t *) key_text, sizeof(key_text) - 1, &buf));
	key.key = cs_item_at(buf.data, buf.len);
	return key;
}

static void
check_unverified(cs_ctx *ctx, const char *format, const cs_evidence_given *given)
{
	cs_evidence evidence, again;
	cs_buf first, second;

	if (!cs_evidence_read(ctx, format, given, &evidence))
		return;
	cs_buf_init(&first, ctx);
	cs_buf_init(&second, ctx);
	for (size_t i = 0; i < evidence.count; i++)
	{
		require(evidence.ects[i]->authority.len == 0 && evidence.ects[i]->verified_key.len == 0 && evidence.ects[i]->note_count > 0);
		require(cs_validate(ctx, &cs_rule_environment_map, evidence.ects[i]->environment.data, evidence.ects[i]->environment.len, true));
	}
	require(cs_evidence_put_ects(&evidence, &first) && cs_check(ctx, first.data, first.len));
	require(cs_evidence_read(ctx, format, given, &again) && cs_evidence_put_ects(&again, &second));
	require(cs_span_eq(cs_buf_span(&first), cs_buf_span(&second)));
}

static int
fuzz_evidence(const char *format, const uint8_t *data, size_t size)
{
	cs_evidence_given given = {
		.evidence = { data, size }, .at = INT64_C(1750000000), .environment = { environment, sizeof(environment) }
	};
	cs_evidence_key key;
	cs_evidence evidence;
	cs_arena arena;
	cs_ctx ctx;

	cs_arena_init(&arena, &ctx);
	ctx.limits.max_size = 1 << 20;
	given.unverified = true;
	check_unverified(&ctx, format, &given);
	given.unverified = false;
	key = fixed_key(&ctx);
	given.keys = &key;
	given.key_count = 1;
	if (cs_evidence_read(&ctx, format, &given, &evidence))
		require(evidence.count == 0);
	cs_arena_free(&arena);
	return 0;
}

#define FUZZ_EVIDENCE(format)                                    \
	extern int LLVMFuzzerTestOneInput(const uint8_t *, size_t);  \
	int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) \
	{                                                            \
		return fuzz_evidence(format, data, size);                \
	}

#endif
