/*
 * model_ect_test.c - ECTs, Evidence and the relations by their tables: vectors that keep a rule and vectors that break it, and
 * the examples of the draft in the corpus.
 */
#include "model_vectors.h"

#define ENV "\"environment\": {0: {1: \"ACME\"}}"
#define ELEMENTS "\"element-list\": [{\"element-id\": \"fw\", \"element-claims\": {1: 552(1)}}]"
#define AUTHORITY "\"authority\": [560(h'01')]"
#define EVIDENCE ENV ", " ELEMENTS ", " AUTHORITY
#define PROFILE "\"profile\": 32(\"tag:a.example,2026:p\")"
#define KEY "\"key-list\": [554(\"k\")], \"key-type\": 0"

static const vector ect_vectors[] = {
	GOOD("ECT", "{}"),
	GOOD("ECT", "{\"cmtype\": 2}"),
	GOOD("ECT", "{" EVIDENCE ", \"cmtype\": 0, " PROFILE "}"),
	GOOD("ECT", "{" ENV ", " AUTHORITY ", \"members\": [{0: {1: \"A\"}}, {2: 560(h'01')}]}"),
	GOOD("ECT", "{" ENV ", \"trustees\": [{1: 560(h'01')}]}"),
	GOOD("ECT", "{" ENV ", \"key-id\": 1, " KEY "}"),
	GOOD("ACS", "[{\"cmtype\": 2}, {" ENV "}]"),
	BAD("ACS", "[]", "ACS", "ACS", "array of 0 elements"),
	BAD("ECT", "{\"cmtype\": 3}", "ECT.cmtype", "cm-type", "3"),
	BAD("ECT", "{\"environment\": {}}", "ECT.environment", "environment-map", "map of 0 members"),
	BAD("ECT", "{\"element-list\": []}", "ECT.element-list", "element-list", "array of 0 elements"),
	BAD("ECT", "{\"element-list\": [{\"element-id\": 1}]}", "ECT.element-list[0]", "element-map", "map of 1 member"),
	BAD("ECT", "{\"element-list\": [{\"element-claims\": {}}]}", "ECT.element-list[0].element-claims", "measurement-values-map",
		"map of 0 members"),
	BAD("ECT", "{\"element-list\": [{\"element-claims\": {11: \"n\"}, \"mkey\": 1}]}", "ECT.element-list[0]", "element-map", "\"mkey\""),
	BAD("ECT", "{\"authority\": []}", "ECT.authority", NULL, "array of 0 elements"),
	BAD("ECT", "{\"members\": []}", "ECT.members", NULL, "array of 0 elements"),
	BAD("ECT", "{" ENV ", \"members\": [{1: 560(h'01')}], \"trustees\": [{1: 560(h'01')}]}", "ECT", "ECT", "map of 3 members"),
	BAD("ECT", "{" ENV ", \"cmtype\": 1, " KEY "}", "ECT", "ECT", "map of 4 members"),
	BAD("ECT", "{\"key-type\": 2}", "ECT.key-type", "key-type", "2"),
	BAD("ECT", "{0: {0: {1: \"A\"}}}", "ECT", "ECT", "0"),
};

#define OBSERVED(values) "{" ENV ", " AUTHORITY ", \"element-list\": [{\"element-claims\": " values "}]}"

static const vector evidence_vectors[] = {
	GOOD("evidence", OBSERVED("{16: true, 17: 1.5, 18: \"a\", 19: h'01'}")),
	BAD("evidence", OBSERVED("{17: 565([1, 2])}"), "Evidence-addition-ECT.element-list[0].element-claims", "measurement-values-map",
		"map of 1 member"),
	BAD("evidence", OBSERVED("{18: 566([\"a\", \"b\"])}"), "Evidence-addition-ECT.element-list[0].element-claims", "measurement-values-map",
		"map of 1 member"),
	GOOD("ECT", OBSERVED("{18: 566([\"a\", \"b\"])}")),
	GOOD("evidence", "{" EVIDENCE ", \"cmtype\": 2, " PROFILE "}"),
	GOOD("evidence", "{" EVIDENCE "}"),
	GOOD("evidence", "{\"addition\": {" EVIDENCE ", \"cmtype\": 2}}"),
	GOOD("evidence", "[{" EVIDENCE "}, {\"addition\": {" EVIDENCE "}}]"),
	BAD("evidence", "[]", "ae", "ae", "array of 0 elements"),
	BAD("evidence", "7", "evidence", "evidence", "7"),
	BAD("evidence", "{" EVIDENCE ", \"cmtype\": 1}", "Evidence-addition-ECT.cmtype", "cm-type", "1"),
	BAD("evidence", "{" ELEMENTS ", " AUTHORITY "}", "Evidence-addition-ECT", "Evidence-addition-ECT", "map of 2 members"),
	BAD("evidence", "{" ENV ", " AUTHORITY "}", "Evidence-addition-ECT", "Evidence-addition-ECT", "map of 2 members"),
	BAD("evidence", "{" ENV ", " ELEMENTS "}", "Evidence-addition-ECT", "Evidence-addition-ECT", "map of 2 members"),
	BAD("evidence", "[{" EVIDENCE "}, {}]", "ae[1]", "Evidence-addition-ECT", "map of 0 members"),
	BAD("evidence", "{\"addition\": {" ENV "}}", "Evidence-addition-ECT.addition", "Evidence-addition-ECT", "map of 1 member"),
	BAD("evidence", "{\"addition\": {" EVIDENCE "}, " ENV "}", "Evidence-addition-ECT", "Evidence-addition-ECT", "map of 2 members"),
	BAD("evidence", "{" EVIDENCE ", \"members\": [{1: 560(h'01')}]}", "Evidence-addition-ECT", "Evidence-addition-ECT", "\"members\""),
};

static const vector relation_vectors[] = {
	GOOD("rv-item", "{\"condition\": {" ENV ", " ELEMENTS "}, \"addition\": {" ENV ", " AUTHORITY ", \"cmtype\": 0}}"),
	BAD("rv-item", "{\"condition\": {" ENV "}, \"addition\": {" ENV ", " AUTHORITY ", \"cmtype\": 0}}", "rv-item.condition",
		"Reference-Value-condition-ECT", "map of 1 member"),
	BAD("rv-item", "{\"condition\": {" ENV ", " ELEMENTS "}, \"addition\": {" ENV ", " AUTHORITY ", \"cmtype\": 1}}",
		"rv-item.addition.cmtype", "cm-type", "1"),
	BAD("rv-item", "{\"condition\": {" ENV ", " ELEMENTS "}}", "rv-item", "rv-item", "map of 1 member"),
	GOOD("ev-item", "{\"condition\": [{" ENV "}], \"addition\": [{" EVIDENCE ", \"cmtype\": 1}]}"),
	BAD("ev-item", "{\"condition\": [], \"addition\": [{" EVIDENCE ", \"cmtype\": 1}]}", "ev-item.condition", "condition",
		"array of 0 elements"),
	BAD("ev-item", "{\"condition\": [{" ENV "}], \"addition\": [{" EVIDENCE "}]}", "ev-item.addition[0]", "Endorsement-addition-ECT",
		"map of 3 members"),
	GOOD("evs-item", "{\"series\": [[[{" ENV "}], [{" EVIDENCE ", \"cmtype\": 1}]]]}"),
	BAD("evs-item", "{\"series\": []}", "evs-item.series", "series", "array of 0 elements"),
	BAD("evs-item", "{\"series\": [[[{" ENV "}]]]}", "evs-item.series[0]", "series-item", "array of 1 element"),
	GOOD("key-item",
		"{\"condition\": {" ENV ", " AUTHORITY ", \"key-list\": [554(\"k\"), 554(\"l\")], \"key-type\": 1}, \"addition\": {" ENV
		", " AUTHORITY ", " KEY "}}"),
	BAD("key-item",
		"{\"condition\": {" ENV ", " AUTHORITY ", " KEY "}, \"addition\": {" ENV ", " AUTHORITY
		", \"key-list\": [554(\"k\"), 554(\"l\")], \"key-type\": 1}}",
		"key-item.addition.key-list", "key-list", "array of 2 elements"),
	GOOD("domain-item",
		"{\"condition\": {\"members\": [{1: 560(h'01')}], " AUTHORITY "}, \"addition\": {" ENV ", " AUTHORITY
		", \"members\": [{1: 560(h'01')}]}}"),
	BAD("domain-item",
		"{\"condition\": {" ENV ", \"members\": [{1: 560(h'01')}], " AUTHORITY "}, \"addition\": {" ENV ", " AUTHORITY
		", \"members\": [{1: 560(h'01')}]}}",
		"domain-item.condition", "Domain-condition-ECT", "\"environment\""),
	GOOD("td-item",
		"{\"condition\": {" ENV ", " AUTHORITY ", \"trustees\": [{1: 560(h'01')}]}, \"addition\": {" ENV ", " AUTHORITY
		", \"trustees\": [{1: 560(h'01')}]}}"),
	BAD("td-item", "{\"condition\": {" ENV ", " AUTHORITY "}, \"addition\": {" ENV ", " AUTHORITY ", \"trustees\": [{1: 560(h'01')}]}}",
		"td-item.condition", "Trust-Dependency-ECT", "map of 2 members"),
};

/* The draft generates these from its CDDL, where a digest may also be the base64url text that JSON has. */
#define JSON_DIGEST(file) { file, CS_INVALID, "bytes", NULL, "a generated example with a digest as JSON writes it" }

static const exception generated[] = {
	JSON_DIGEST("intrep-rel-ae-1"),
	JSON_DIGEST("intrep-rel-rv-1"),
	JSON_DIGEST("intrep-rel-ev-1"),
	JSON_DIGEST("intrep-rel-evs-1"),
	JSON_DIGEST("intrep-rel-key-1"),
	{ "intrep-rel-domain-1", CS_OK, NULL, "model-without-vendor", "a generated example whose class has a model and no vendor" },
};

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

int
main(void)
{
	check_vectors(ect_vectors, LENGTH(ect_vectors));
	check_vectors(evidence_vectors, LENGTH(evidence_vectors));
	check_vectors(relation_vectors, LENGTH(relation_vectors));
	check_corpus("ACS", "other", "intrep-acs-", NULL, NULL, 0);
	check_corpus("evidence", "other", "intrep-rel-ae-", NULL, generated, LENGTH(generated));
	check_corpus("ae-item", "other", "intrep-rel-ae-", NULL, generated, LENGTH(generated));
	check_corpus("rv-item", "other", "intrep-rel-rv-", NULL, generated, LENGTH(generated));
	check_corpus("ev-item", "other", "intrep-rel-ev-", NULL, generated, LENGTH(generated));
	check_corpus("evs-item", "other", "intrep-rel-evs-", NULL, generated, LENGTH(generated));
	check_corpus("key-item", "other", "intrep-rel-key-", NULL, generated, LENGTH(generated));
	check_corpus("domain-item", "other", "intrep-rel-domain-", NULL, generated, LENGTH(generated));
	return tap_done();
}
