/*
 * query_select_test.c - selection by environment (doc/conformance.md, decision 15) and by state (doc/conformance.md, decision 16).
 */
#include "query_edn.h"

static cs_item
canonical_environment(const char *text)
{
	cs_item item = canonical(text);
	cs_buf buf;

	cs_buf_init(&buf, &ctx);
	if (!cs_env_canonical(&ctx, &item, &buf))
	{
		printf("Bail out! %s: %s\n", ctx.error.message, text);
		exit(1);
	}
	return cs_item_at(buf.data, buf.len);
}

/* As the operator asks: the bytes' selectors alone. */
static bool
bytes_select(cs_span bytes, const cs_item *environment)
{
	cs_query q;

	return cs_query_read_selectors(&ctx, bytes.data, bytes.len, &q) && cs_query_selects(&q, environment);
}

/* The selector's key and its entries, asked of an environment in three ways, which must agree. */
static bool
selects(const char *selector, const char *environment, bool *agree)
{
	char text[1024];
	cs_item env = canonical_environment(environment);
	cs_query q;
	cs_span bytes;
	bool answer;
	bool contained = false;

	snprintf(text, sizeof(text), "{0: " PROFILE ", 1: {0: 2, 1: %s, 2: 0}}", selector);
	bytes = edn(text);
	if (!cs_query_read(&ctx, bytes.data, bytes.len, CS_QUERY_LEGACY, &q))
	{
		printf("Bail out! %s: %s\n", ctx.error.message, text);
		exit(1);
	}
	answer = cs_query_selects(&q, &env);
	for (size_t i = 0; i < q.selector_count; i++)
	{
		cs_item wanted = cs_item_at(q.selectors[i].environment.data, q.selectors[i].environment.len);

		contained |= cs_env_satisfies(&env, &wanted);
	}
	*agree = bytes_select(bytes, &env) == answer && contained == answer;
	return answer;
}

static const struct
{
	const char *selector;
	const char *environment;
	bool expected;
} cases[] = {
	{ "{0: [[{0: 560(h'01')}]]}", "{0: {0: 560(h'01')}}", true },
	{ "{0: [[{0: 560(h'01')}]]}", "{0: {0: 560(h'01'), 1: \"ACME\", 2: \"M\", 3: 0, 4: 1}, 1: 560(h'02'), 2: 560(h'03')}", true },
	{ "{0: [[{0: 560(h'01')}]]}", "{0: {0: 560(h'02')}}", false },
	{ "{0: [[{0: 560(h'01')}]]}", "{0: {0: 560(h'0101')}}", false },
	{ "{0: [[{0: 560(h'31FB5ABF023E4992AA4E95F9C1503BFA')}]]}", "{0: {0: 37(h'31FB5ABF023E4992AA4E95F9C1503BFA')}}", false },
	{ "{0: [[{0: 560(h'01')}]]}", "{0: {1: \"ACME\"}}", false },
	{ "{0: [[{0: 560(h'01')}]]}", "{1: 560(h'01')}", false },
	{ "{0: [[{1: \"ACME\"}]]}", "{0: {0: 560(h'01'), 1: \"ACME\"}}", true },
	{ "{0: [[{1: \"ACME\"}]]}", "{0: {0: 560(h'01'), 1: \"ACME Inc\"}}", false },
	{ "{0: [[{1: \"ACME\"}]]}", "{0: {2: \"ACME\"}}", false },
	{ "{0: [[{1: \"ACME\", 2: \"M\"}]]}", "{0: {1: \"ACME\", 2: \"N\"}}", false },
	{ "{0: [[{1: \"ACME\", 2: \"M\"}]]}", "{0: {1: \"ACME\"}}", false },
	{ "{0: [[{0: 560(h'01'), 1: \"A\", 2: \"M\", 3: 1, 4: 2}]]}", "{0: {0: 560(h'01'), 1: \"A\", 2: \"M\", 3: 1, 4: 2}}", true },
	{ "{0: [[{3: 0}]]}", "{0: {1: \"A\"}}", false },
	{ "{0: [[{3: 0}]]}", "{0: {1: \"A\", 3: 0}}", true },
	{ "{0: [[{2: \"M\", 4: 7}]]}", "{0: {1: \"A\", 2: \"M\", 3: 0, 4: 7}}", true },
	/* alternatives */
	{ "{0: [[{0: 560(h'01')}], [{1: \"B\"}]]}", "{0: {1: \"B\"}}", true },
	{ "{0: [[{0: 560(h'01')}], [{1: \"B\"}]]}", "{0: {1: \"C\"}}", false },
	/* instances and groups */
	{ "{1: [[550(h'02DEADBEEFDEAD')]]}", "{0: {1: \"A\"}, 1: 550(h'02DEADBEEFDEAD')}", true },
	{ "{1: [[550(h'02DEADBEEFDEAD')]]}", "{1: 550(h'02DEADBEEFDEAE')}", false },
	{ "{1: [[560(h'01')]]}", "{2: 560(h'01')}", false },
	{ "{1: [[560(h'01')], [560(h'02')]]}", "{1: 560(h'02')}", true },
	{ "{2: [[560(h'01')]]}", "{2: 560(h'01')}", true },
	{ "{2: [[560(h'01')]]}", "{0: {1: \"A\"}, 1: 560(h'01')}", false },
	/* identifiers of older drafts, on either side */
	{ "{0: [[{0: 600(h'01')}]]}", "{0: {0: 560(h'01')}}", true },
	{ "{0: [[{0: 560(h'01')}]]}", "{0: {0: 600(h'01')}}", true },
	{ "{0: [[{0: 600(h'01')}]]}", "{0: {0: 600(h'01')}}", true },
	{ "{0: [[{0: 600(h'01')}]]}", "{0: {0: 560(h'02')}}", false },
	{ "{0: [[{0: 111(h'06032A0304')}]]}", "{0: {0: 111(h'2A0304')}}", true },
	{ "{0: [[{0: 111(h'2A0304')}]]}", "{0: {0: 111(h'06032A0304')}}", true },
	{ "{0: [[{0: 111(h'06042A0304')}]]}", "{0: {0: 111(h'2A0304')}}", false },
	{ "{0: [[{0: 111(h'06032A0304')}]]}", "{0: {0: 111(h'060506032A0304')}}", false },
	{ "{0: [[{0: 111(h'06032A0305')}]]}", "{0: {0: 111(h'2A0304')}}", false },
	{ "{0: [[{0: 111(h'06032A0304')}]]}", "{0: {0: 560(h'2A0304')}}", false },
};

static void
test_selects(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		bool agree;
		bool answer = selects(cases[i].selector, cases[i].environment, &agree);

		CHECK(answer == cases[i].expected && agree, "%s %s %s", cases[i].selector, cases[i].expected ? "selects" : "does not select",
			cases[i].environment);
	}
}

/* The same selector among so many others that they are looked up, not tried. */
static bool
many_select(const char *selector, const cs_item *environment)
{
	cs_buf text;
	cs_query q;
	cs_span bytes;

	cs_buf_init(&text, &ctx);
	cs_put_str(&text, "{0: " PROFILE ", 1: {0: 2, 1: ");
	cs_put_raw(&text, (const uint8_t *) selector, strlen(selector) - 2);
	for (int i = 0; i < 40; i++)
		cs_put_fmt(&text, selector[1] == '0' ? ", [{1: \"other %d\"}]" : ", [560(h'ffff%02d')]", i);
	cs_put_str(&text, "]}, 2: 0}}");
	cs_put_byte(&text, 0);
	bytes = edn((const char *) text.data);
	return cs_query_read_selectors(&ctx, bytes.data, bytes.len, &q) && q.by_hash != NULL && cs_query_selects(&q, environment);
}

/* Each of the selectors above, asked of each environment, and of one with more in its class than there is room for. */
static void
test_many_selectors(void)
{
	static const size_t count = sizeof(cases) / sizeof(cases[0]);
	size_t same = 0, selected = 0;

	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j <= count; j++)
		{
			const char *environment = j < count
				? cases[j].environment
				: "{0: {0: 560(h'01'), 1: \"ACME\", 2: \"M\", 3: 0, 4: 1, 5: 0, 6: 0, 7: 0}, 1: 560(h'02'), 2: 560(h'01')}";
			cs_item env = canonical_environment(environment);
			char text[1024];
			bool one;

			snprintf(text, sizeof(text), "{0: " PROFILE ", 1: {0: 2, 1: %s, 2: 0}}", cases[i].selector);
			one = bytes_select(edn(text), &env);
			selected += one;
			same += many_select(cases[i].selector, &env) == one;
		}
	CHECK(same == count * (count + 1) && selected > count, "among many selectors each selects the same");
}

/* Queries that were let pass although they are not deterministic, as the operator meets them. */
static void
test_lax_bytes(void)
{
	static const struct
	{
		const char *query;
		bool expected;
		const char *what;
	} lax[] = {
		{ "{1: {2: 0, 1: {0: [[{1: \"ACME\", 0: 560(h'0102')}]]}, 0: 2}, 0: \"p:\"}", true, "order of keys" },
		{ "{0: \"p:\", 1: {0: 2, 1: {_ 0: [_ [_ {_ 0: 560_3((_ h'01', h'', h'02')), 1: (_ \"AC\", \"ME\")}]]}, 2: 0}}", true,
			"indefinite lengths" },
		{ "{0: \"p:\", 1: {0: 2, 1: {0_1: [[{0_0: 560_3(h'0102'_2), 1_1: \"ACME\"_0}]]}, 2: 0}}", true, "long heads" },
		{ "{0: \"p:\", 1: {0: 2, 1: {0: [[{1: (_ \"AC\")}]]}, 2: 0}}", false, "a string in chunks that is shorter" },
		{ "{0: \"p:\", 1: {0: 2, 1: {0: [[{1: (_ \"ACME\", \"x\")}]]}, 2: 0}}", false, "a string in chunks that is longer" },
		{ "{0: \"p:\", 1: {0: 2, 1: {0: [[{1: \"\"_}]]}, 2: 0}}", false, "no chunks" },
		{ "{0: \"p:\", 1: {3: [[2, \"a\"]]}}", false, "RIM identifiers select no environment" },
	};
	cs_item env = canonical("{0: {0: 560(h'0102'), 1: \"ACME\"}}");

	for (size_t i = 0; i < sizeof(lax) / sizeof(lax[0]); i++)
	{
		cs_span bytes = edn(lax[i].query);
		cs_query q;

		CHECK(bytes_select(bytes, &env) == lax[i].expected, "lax bytes: %s", lax[i].what);
		CHECK(
			cs_query_read(&ctx, bytes.data, bytes.len, CS_QUERY_LAX | CS_QUERY_LEGACY, &q) && cs_query_selects(&q, &env) == lax[i].expected,
			"lax, read: %s", lax[i].what);
	}
	CHECK(bytes_select(edn("{0: \"p:\", 1: {0: 2, 1: {0: [[{1: \"ACME\"}]]}, 2: 0}, 2: {0: []}}"), &env), "a result selects as its query");
	CHECK(!bytes_select(edn("18([h'', {}, h'', h''])"), &env), "what is signed selects nothing");
}

/* measurements: the query's, NULL for none; record: a triple of that kind. */
static bool
agrees(const char *environment, const char *measurements, int64_t kind, const char *record)
{
	cs_item env = canonical(environment);
	cs_item item = canonical(record);
	cs_selector selector = { cs_item_span(&env), { NULL, 0 } };

	if (measurements != NULL)
	{
		cs_item m = canonical(measurements);

		selector.measurements = cs_item_span(&m);
	}
	return cs_query_state_agrees(&ctx, &selector, kind, &item, NULL);
}

#define ENV "{0: {1: \"ACME\"}}"
#define OTHER "{0: {1: \"Other\"}}"
#define KEY_A "560(h'aa')"
#define KEY_B "560(h'bb')"

static const struct
{
	const char *measurements;
	int64_t kind;
	const char *record;
	bool expected;
	const char *what;
} states[] = {
	{ NULL, 0, "[" ENV ", [{1: {1: 1}}]]", true, "no state asked for" },
	{ NULL, 10, "[[[" ENV ", [{1: {1: 1}}]]], [[" ENV ", [{1: {1: 2}}]]]]", true, "no state asked for, with a condition" },
	{ "[{1: {11: \"A\"}}]", 0, "[" ENV ", [{1: {11: \"B\"}}, {1: {2: [[1, h'aa']], 11: \"A\"}}]]", true, "some measurement satisfies" },
	{ "[{1: {11: \"A\"}}]", 0, "[" ENV ", [{1: {11: \"B\"}}]]", false, "no measurement satisfies" },
	{ "[{1: {11: \"A\"}}, {1: {11: \"B\"}}]", 1, "[" ENV ", [{1: {11: \"B\"}}, {1: {11: \"A\"}}]]", true, "each is satisfied by some" },
	{ "[{1: {11: \"A\"}}, {1: {11: \"B\"}}]", 1, "[" ENV ", [{1: {11: \"A\"}}]]", false, "one is not" },
	{ "[{1: {2: [[1, h'aa']], 11: \"A\"}}]", 0, "[" ENV ", [{1: {11: \"A\"}}, {1: {2: [[1, h'aa']]}}]]", false, "not spread over two" },
	{ "[{0: 1, 1: {11: \"A\"}}]", 0, "[" ENV ", [{0: 1, 1: {11: \"A\"}}]]", true, "the same mkey" },
	{ "[{0: 1, 1: {11: \"A\"}}]", 0, "[" ENV ", [{0: 2, 1: {11: \"A\"}}]]", false, "another mkey" },
	{ "[{0: 1, 1: {11: \"A\"}}]", 0, "[" ENV ", [{1: {11: \"A\"}}]]", false, "no mkey" },
	/* the state is the entry, what the artifact says the condition */
	{ "[{1: {1: 5}}]", 0, "[" ENV ", [{1: {1: 553(3)}}]]", true, "svn 5 meets a minimum of 3" },
	{ "[{1: {1: 5}}]", 0, "[" ENV ", [{1: {1: 7}}]]", false, "svn 5 is not 7" },
	{ "[{1: {1: 5}}]", 0, "[" ENV ", [{1: {1: 553(7)}}]]", false, "svn 5 is below a minimum of 7" },
	{ "[{1: {1: 553(3)}}]", 0, "[" ENV ", [{1: {1: 5}}]]", false, "a minimum is no state of svn 5" },
	{ "[{1: {1: 5}}]", 1, "[" ENV ", [{1: {1: 553(3)}}]]", true, "endorsed values alike" },
	{ "[{1: {1: 5}}]", 0, "[" ENV ", [{1: {1: 553(3), 11: \"A\"}}]]", true, "what the state does not name is not asked" },
	{ "[{1: {1: 5, 11: \"A\"}}]", 0, "[" ENV ", [{1: {1: 553(3)}}]]", false, "what the state names is said" },
	{ "[{1: {4: 560(h'0f')}}]", 0, "[" ENV ", [{1: {4: 563([h'ff', h'0f'])}}]]", true, "a mask that the value passes" },
	{ "[{1: {4: 560(h'0e')}}]", 0, "[" ENV ", [{1: {4: 563([h'ff', h'0f'])}}]]", false, "... and one that it does not" },
	{ "[{1: {4: 560(h'0f')}}]", 0, "[" ENV ", [{1: {4: 560(h'ff'), 5: h'0f'}}]]", true, "the mask of old" },
	{ "[{1: {15: 6}}]", 0, "[" ENV ", [{1: {15: 564([5, 10])}}]]", true, "a range that holds it" },
	{ "[{1: {15: 11}}]", 0, "[" ENV ", [{1: {15: 564([5, 10])}}]]", false, "... and one that does not" },
	{ "[{1: {11: \"A\"}, 2: [" KEY_A ", " KEY_B "]}]", 0, "[" ENV ", [{1: {11: \"A\"}, 2: [" KEY_A "]}]]", true,
		"an authority that the state names" },
	{ "[{1: {11: \"A\"}, 2: [" KEY_A "]}]", 0, "[" ENV ", [{1: {11: \"A\"}, 2: [" KEY_A ", " KEY_B "]}]]", false,
		"one that it does not name" },
	{ "[{1: {11: \"A\"}, 2: [" KEY_A "]}]", 0, "[" ENV ", [{1: {11: \"A\"}}]]", true, "the artifact wants no authority" },
	{ "[{1: {11: \"A\"}}]", 0, "[" ENV ", [{1: {11: \"A\"}, 2: [" KEY_A "]}]]", true, "the state names no authority" },
	/* conditional endorsements: the condition asks */
	{ "[{1: {1: 3, 11: \"A\"}}]", 10, "[[[" ENV ", [{1: {1: 553(2)}}]]], [[" ENV ", [{1: {1: 9}}]]]]", true,
		"the state meets the condition" },
	{ "[{1: {1: 1}}]", 10, "[[[" ENV ", [{1: {1: 553(2)}}]]], [[" ENV ", [{1: {1: 9}}]]]]", false, "the state does not" },
	{ "[{1: {11: \"A\"}}]", 10, "[[[" ENV ", [{1: {1: 553(2)}}]]], [[" ENV ", [{1: {1: 9}}]]]]", false, "the state says nothing of it" },
	{ "[{1: {1: 3}}]", 10, "[[[" ENV ", [{1: {1: 3}}, {1: {11: \"A\"}}]]], [[" ENV ", [{1: {1: 9}}]]]]", false,
		"every claim of the condition" },
	{ "[{1: {1: 3}}]", 10, "[[[" OTHER ", [{1: {1: 7}}]], [" ENV ", [{1: {1: 3}}]]], [[" ENV ", [{1: {1: 9}}]]]]", true,
		"another environment's condition says nothing" },
	{ "[{1: {1: 3}}]", 10, "[[[" OTHER ", [{1: {1: 7}}]], [" ENV ", [{1: {1: 4}}]]], [[" ENV ", [{1: {1: 9}}]]]]", false,
		"... and its own does" },
	{ "[{1: {1: 3}}]", 10, "[[[{0: {0: 560(h'01'), 1: \"ACME\"}}, [{1: {1: 4}}]]], [[" ENV ", [{1: {1: 9}}]]]]", false,
		"a condition on a narrower environment" },
	{ "[{1: {1: 3}}]", 10, "[[[{0: {0: 600(h'01'), 1: \"ACME\"}}, [{1: {1: 4}}]]], [[" ENV ", [{1: {1: 9}}]]]]", false,
		"... which names itself as old drafts did" },
	{ "[{1: {1: 3}}]", 10, "[[[" ENV ", [{1: {1: 3}, 2: [" KEY_A "]}]]], [[" ENV ", [{1: {1: 9}}]]]]", false,
		"a condition that wants an authority" },
	{ "[{1: {1: 3}, 2: [" KEY_A "]}]", 10, "[[[" ENV ", [{1: {1: 3}, 2: [" KEY_A "]}]]], [[" ENV ", [{1: {1: 9}}]]]]", true,
		"... that the query names" },
	/* keys */
	{ "[{0: 1, 1: {1: 3}}]", 3, "[" ENV ", [" KEY_A "]]", true, "a key without conditions" },
	{ "[{0: 1, 1: {1: 3}}]", 3, "[" ENV ", [" KEY_A "], {0: 1}]", true, "a key for that mkey" },
	{ "[{0: 1, 1: {1: 3}}]", 2, "[" ENV ", [" KEY_A "], {0: 2}]", false, "a key for another mkey" },
	{ "[{1: {1: 3}}]", 3, "[" ENV ", [" KEY_A "], {0: 1}]", false, "a key for an mkey, and none asked for" },
	{ "[{0: 1, 1: {1: 3}, 2: [" KEY_A "]}]", 3, "[" ENV ", [" KEY_A "], {0: 1, 1: [" KEY_A "]}]", true,
		"a key for that mkey and authority" },
	{ "[{0: 1, 1: {1: 3}}, {0: 2, 1: {1: 3}, 2: [" KEY_A "]}]", 3, "[" ENV ", [" KEY_A "], {0: 1, 1: [" KEY_A "]}]", false,
		"not spread over two measurements" },
	{ "[{1: {1: 3}, 2: [" KEY_A "]}]", 3, "[" ENV ", [" KEY_A "], {1: [" KEY_A "]}]", true, "a key for an authority" },
	{ "[{1: {1: 3}, 2: [" KEY_B "]}]", 3, "[" ENV ", [" KEY_A "], {1: [" KEY_A "]}]", false, "a key for another authority" },
	/* series: in source artifacts */
	{ "[{1: {1: 3, 11: \"A\"}}]", 8, "[[" ENV ", [{1: {11: \"A\"}}]], [[[{1: {1: 2}}], [{1: {1: 9}}]], [[{1: {1: 3}}], [{1: {1: 9}}]]]]",
		true, "some item of a series applies" },
	{ "[{1: {1: 4, 11: \"A\"}}]", 8, "[[" ENV ", [{1: {11: \"A\"}}]], [[[{1: {1: 2}}], [{1: {1: 9}}]], [[{1: {1: 3}}], [{1: {1: 9}}]]]]",
		false, "no item of a series applies" },
	{ "[{1: {1: 3, 11: \"B\"}}]", 8, "[[" ENV ", [{1: {11: \"A\"}}]], [[[{1: {1: 3}}], [{1: {1: 9}}]]]]", false,
		"the common condition does not hold" },
	{ "[{1: {1: 3}}]", 5, "[" ENV ", [" OTHER "]]", true, "a kind without state" },
};

static void
test_states(void)
{
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		CHECK(agrees(ENV, states[i].measurements, states[i].kind, states[i].record) == states[i].expected, "kind %d: %s",
			(int) states[i].kind, states[i].what);
}

int
main(void)
{
	cs_arena_init(&arena, &ctx);
	test_selects();
	test_many_selectors();
	test_lax_bytes();
	test_states();
	cs_arena_free(&arena);
	return tap_done();
}
