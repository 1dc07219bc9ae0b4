/*
 * appraise_verdict_test.c - what Reference Values say of each element of the Evidence.
 */
#include <stdlib.h>

#include "appraise_support.h"

typedef struct seen
{
	size_t count;
	cs_verdict verdicts[8];
} seen;

static bool
see(cs_acs *acs, const cs_verdict *verdict, void *data)
{
	seen *s = data;

	(void) acs;
	s->verdicts[s->count++] = *verdict;
	return true;
}

#define EVIDENCE(elements) "{'environment': {0: {1: 'A', 2: 'M'}}, 'element-list': [" elements "], 'cmtype': 2, 'authority': [560(h'a7')]}"

static const triple references[] = {
	{ 0, "1", "[560(h'01')]", NULL, "[{0: {1: 'A'}}, [{0: 1, 1: {1: 1, 11: 'x', 8: 's'}}]]" },
	{ 0, "2", "[560(h'02')]", NULL, "[{0: {1: 'A'}}, [{0: 1, 1: {1: 2, 11: 'x'}}]]" },
	{ 0, "3", "[560(h'03')]", NULL, "[{0: {1: 'B'}}, [{0: 2, 1: {1: 2}}]]" },
	{ 1, "4", "[560(h'04')]", NULL, "[{0: {1: 'A'}}, [{0: 3, 1: {1: 2}}]]" },
};

static void
ask(const char *evidence, bool reversed, seen *out)
{
	store s = { .triples = references, .count = 4, .reversed = reversed };
	cs_acs *acs = appraise(evidence, &s);

	out->count = 0;
	if (!acs || !cs_acs_verdicts(acs, see, out))
	{
		printf("Bail out! %s\n", ctx.error.message);
		exit(1);
	}
}

static bool
is(const cs_verdict *v, cs_standing standing, const char *order, size_t speakers)
{
	return v->standing == standing && v->speakers == speakers &&
		(order == NULL ? v->relation == NULL
					   : v->relation && cs_span_eq(v->relation->order, (cs_span) { (const uint8_t *) order, strlen(order) }));
}

static void
check(bool reversed)
{
	seen s;

	ask(EVIDENCE("{'element-id': 1, 'element-claims': {1: 2, 11: 'x'}}"), reversed, &s);
	CHECK(s.count == 1 && is(&s.verdicts[0], CS_CORROBORATED, "2", 2), "corroborated by the one that is so, of two that speak of it");
	ask(EVIDENCE("{'element-id': 1, 'element-claims': {1: 99, 11: 'x'}}"), reversed, &s);
	CHECK(is(&s.verdicts[0], CS_CONTRADICTED, "2", 2) && strcmp(s.verdicts[0].why.path, "svn") == 0,
		"contradicted by the one that differs least");
	ask(EVIDENCE("{'element-id': 1, 'element-claims': {1: 1, 11: 'x', 8: 't'}}"), reversed, &s);
	CHECK(is(&s.verdicts[0], CS_CONTRADICTED, "1", 2) && strcmp(s.verdicts[0].why.path, "serial-number") == 0,
		"which is another for other Evidence");
	ask(EVIDENCE("{'element-id': 1, 'element-claims': {1: 1, 11: 'y', 8: 's'}}"), reversed, &s);
	CHECK(is(&s.verdicts[0], CS_UNSPOKEN, NULL, 0), "a reference of another name is of another element");
	ask(EVIDENCE("{'element-id': 2, 'element-claims': {1: 2}}, {'element-id': 3, 'element-claims': {1: 2}}, {'element-claims': {1: 2}}"),
		reversed, &s);
	CHECK(s.count == 3 && is(&s.verdicts[0], CS_UNSPOKEN, NULL, 0) && is(&s.verdicts[1], CS_UNSPOKEN, NULL, 0) &&
			is(&s.verdicts[2], CS_UNSPOKEN, NULL, 0),
		"another environment, an endorsement and no element-id speak of nothing");
}

int
main(void)
{
	cs_arena_init(&arena, &ctx);
	check(false);
	check(true);
	cs_arena_free(&arena);
	return tap_done();
}
