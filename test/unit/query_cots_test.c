/*
 * query_cots_test.c - which trust anchor stores a query for trust anchors concerns.
 */
#include "query_edn.h"

#define STORE(groups) "{2: [" groups "], 6: {0: [[2, h'30']]}}"

static bool
concerned(const char *selector, const char *store)
{
	char text[512];
	cs_span query_bytes, store_bytes = edn(store);
	cs_item item = cs_item_at(store_bytes.data, store_bytes.len);
	cs_query query;
	bool yes;

	snprintf(text, sizeof(text), "{0: \"tag:p\", 1: {0: 1, 1: %s, 2: 0}}", selector);
	query_bytes = edn(text);
	if (!cs_query_read(&ctx, query_bytes.data, query_bytes.len, CS_QUERY_LEGACY, &query) ||
		!cs_query_concerns_store(&ctx, &query, &item, &yes))
		abort();
	return yes;
}

int
main(void)
{
	static const char acme[] = "{0: [[{1: \"ACME\"}]]}", model[] = "{0: [[{1: \"ACME\", 2: \"M\"}]]}",
					  both[] = "{0: [[{1: \"OTHER\"}], [{1: \"ACME\"}]]}", instance[] = "{1: [[560(h'01')]]}";

	cs_arena_init(&arena, &ctx);
	CHECK(concerned(acme, STORE("")) && concerned(instance, STORE("")), "a store for every environment");
	CHECK(concerned(acme, STORE("{0: {0: {1: \"ACME\"}}}")), "the environment that is asked about");
	CHECK(concerned(acme, STORE("{0: {0: {1: \"ACME\", 2: \"M\"}}}")), "one that the selector selects");
	CHECK(concerned(model, STORE("{0: {0: {1: \"ACME\"}}}")), "one that contains what is asked about");
	CHECK(concerned(both, STORE("{0: {0: {1: \"ACME\"}}}")), "one selector of two");
	CHECK(concerned(acme, STORE("{2: \"x\"}, {0: {0: {1: \"OTHER\"}}}, {0: {0: {1: \"ACME\"}}}")), "one environment of two");
	CHECK(concerned(acme, STORE("{1: {0: {1: \"ACME\"}}}")), "keys counted from 1");
	CHECK(concerned(instance, STORE("{0: {1: 560(h'01'), 0: {1: \"ACME\"}}}")), "an instance");
	CHECK(!concerned(acme, STORE("{0: {0: {1: \"OTHER\"}}}")), "not another vendor's");
	CHECK(!concerned(model, STORE("{0: {0: {1: \"ACME\", 2: \"N\"}}}")), "nor another model's");
	CHECK(!concerned(instance, STORE("{0: {1: 560(h'02')}}")), "nor another instance's");
	CHECK(!concerned(acme, STORE("{2: \"ACME\"}")), "nor one for whoever has a name");
	CHECK(!concerned(acme, STORE("{1: {0: \"ACME\", 2: {31: \"ACME\", 33: 1}}}")), "nor one for a CoSWID");
	cs_arena_free(&arena);
	return tap_done();
}
