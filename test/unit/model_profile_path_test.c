/*
 * model_profile_path_test.c - the names of a profile in paths: of members that the standard's table does not have, and of faults below
 * them.
 */
#include "model/profiles.h"
#include "model/rules.h"
#include "model/schema_walk.h"

#include <string.h>

#include "tap.h"

#define INTEL "2.16.840.1.113741.1.16.1"

static cs_arena arena;
static cs_ctx ctx;
static char seen[CS_PATH_MAX];

/* The path of the last member that no table knows, or of the first fault in the value that the profile has for it. */
static bool
visit(cs_walk *walk, cs_event event, const cs_rule *rule, const char *name, const cs_item *item)
{
	cs_walk inner = { .ctx = walk->ctx, .accept_legacy = true, .profile = walk->profile, .frame = walk->frame, .depth = walk->depth };
	const cs_field *field;
	int64_t key;

	(void) name;
	if (event != CS_UNKNOWN)
		return true;
	cs_walk_path(walk, seen, sizeof(seen));
	field = cs_int64(walk->frame->key, &key) ? cs_profile_member(walk->profile, rule, key) : NULL;
	if (field && !cs_walk_rule(&inner, field->rule, item))
		snprintf(seen, sizeof(seen), "%s", inner.ctx->error.path);
	return true;
}

static void
check_path(const cs_profile *profile, const char *edn, const char *path)
{
	cs_walk walk = { .ctx = &ctx, .visit = visit, .accept_legacy = true, .profile = profile };
	cs_buf bytes;
	cs_item item;

	cs_buf_init(&bytes, &ctx);
	if (!CHECK(cs_edn_parse(&ctx, edn, strlen(edn), &bytes) && cs_check(&ctx, bytes.data, bytes.len), "%s is an item", edn))
		return;
	item = cs_item_at(bytes.data, bytes.len);
	seen[0] = '\0';
	CHECK(cs_walk_rule(&walk, &cs_rule_measurement_map, &item) && strcmp(seen, path) == 0, "%s in %s (%s)", path, edn, seen);
}

int
main(void)
{
	const cs_profile *intel;

	cs_arena_init(&arena, &ctx);
	intel = cs_profile_find(INTEL, strlen(INTEL));
	check_path(intel, "{1: {-73: 5}}", "measurement-map.mval.tee.isvsvn");
	check_path(NULL, "{1: {-73: 5}}", "measurement-map.mval[-73]");
	check_path(&cs_profile_psa, "{1: {-73: 5}}", "measurement-map.mval[-73]");
	check_path(&cs_profile_psa, "{1: {100: \"n\"}}", "measurement-map.mval.psa-cert-num");
	check_path(intel, "{1: {100: \"n\"}}", "measurement-map.mval[100]");
	check_path(intel, "{1: {\"tee.isvsvn\": 5}}", "measurement-map.mval[\"tee.isvsvn\"]");
	check_path(intel, "{1: {3: {-73: true}}}", "measurement-map.mval.flags[-73]");
	/* below */
	check_path(intel, "{1: {-73: \"5\"}}", "measurement-map.mval.tee.isvsvn");
	check_path(intel, "{1: {-73: 60010([2, \"5\"])}}", "measurement-map.mval.tee.isvsvn.reference-value");
	check_path(intel, "{1: {-84: 60020([6, [[1, h'aa'], [1, 2]]])}}", "measurement-map.mval.tee.mrsigner.set[1].val");
	check_path(intel, "{1: {-91: [558({})]}}", "measurement-map.mval.tee.cryptokeys[0].COSE_Key");
	cs_arena_free(&arena);
	return tap_done();
}
