/* vendors_intel_test.c - Intel's TCB infos and identities: what they become, and what is wrong with those that become nothing. */
#include "cbor/json.h"
#include "cbor_support.h"
#include "model/corim.h"
#include "vendors/vendors.h"

#define SIG                                                                                                                                \
	"\"signature\":\"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff00112233445566778899" \
	"aabbccddeeff\""
#define SVN4(n) "{\"svn\":" n "},{\"svn\":" n "},{\"svn\":" n "},{\"svn\":" n "}"
#define SVNS(n) "[" SVN4(n) "," SVN4(n) "," SVN4(n) "," SVN4(n) "]"
#define DATES "\"issueDate\":\"2026-01-12T00:00:00Z\",\"nextUpdate\":\"2026-02-11T00:00:00Z\","
#define NAMES "\"fmspc\":\"90c06f000000\",\"pceId\":\"0a00\",\"tcbType\":0,\"tcbEvaluationDataNumber\":2,"
#define LEVEL(svn, more) \
	"{\"tcb\":{\"sgxtcbcomponents\":" SVNS(svn) ",\"pcesvn\":13" more "},\"tcbDate\":\"2024-11-13T00:00:00Z\",\"tcbStatus\":\"UpToDate\"}"
#define SGX_BODY "{\"id\":\"SGX\",\"version\":3," DATES NAMES "\"tcbLevels\":[" LEVEL("2", "") "]}"
#define ZERO48 "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
#define MODULE "\"mrsigner\":\"" ZERO48 "\",\"attributes\":\"0000000000000000\",\"attributesMask\":\"FFFFFFFFFFFFFFFF\""
#define TDX_BODY(tee)                                                                                                                      \
	"{\"id\":\"TDX\",\"version\":3," DATES NAMES "\"tdxModule\":{" MODULE "},\"tdxModuleIdentities\":[{\"id\":\"TDX_0a\"," MODULE          \
	",\"tcbLevels\":[{\"tcb\":{\"isvsvn\":6},\"tcbDate\":\"2024-11-13T00:00:00Z\",\"tcbStatus\":\"UpToDate\",\"advisoryIDs\":[\"A\"]}]}]," \
	"\"tcbLevels\":[" LEVEL("2", ",\"tdxtcbcomponents\":" SVNS(tee)) "]}"
#define QE_BODY                                                                                                                           \
	"{\"id\":\"TD_QE\",\"version\":2," DATES "\"tcbEvaluationDataNumber\":0,\"miscselect\":\"00000000\",\"miscselectMask\":\"FFFFFFFF\"," \
	"\"attributes\":\"11000000000000000000000000000000\",\"attributesMask\":\"FBFFFFFFFFFFFFFF0000000000000000\",\"mrsigner\":"           \
	"\"DC9E2A7C6F948F17474E34A7FC43ED030F7C1563F1BABDDF6340C82E0E54A8C5\",\"isvprodid\":2,\"tcbLevels\":[{\"tcb\":{\"isvsvn\":4},"        \
	"\"tcbDate\":\"2024-11-13T00:00:00Z\",\"tcbStatus\":\"UpToDate\"}]}"

#define GE16                                                                                                                    \
	"[60010([2, 2]), 60010([2, 2]), 60010([2, 2]), 60010([2, 2]), 60010([2, 2]), 60010([2, 2]), 60010([2, 2]), 60010([2, 2]), " \
	"60010([2, 2]), 60010([2, 2]), 60010([2, 2]), 60010([2, 2]), 60010([2, 2]), 60010([2, 2]), 60010([2, 2]), 60010([2, 2])]"
#define GE14(n)                                                                                                                      \
	"60010([2, " n "]), 60010([2, " n "]), 60010([2, " n "]), 60010([2, " n "]), 60010([2, " n "]), 60010([2, " n "]), "             \
	"60010([2, " n "]), 60010([2, " n "]), 60010([2, " n "]), 60010([2, " n "]), 60010([2, " n "]), 60010([2, " n "]), 60010([2, " n \
	"]), 60010([2, " n "])]"
#define PLATFORM "{1: {-125: " GE16 "}}, {0: \"pcesvn\", 1: {-73: 60010([2, 13])}}"
#define ADDED "-72: \"2024-11-13T00:00:00Z\", -86: 2, -88: [\"UpToDate\"]"
#define CONDITION(tee) "[{0: {1: \"Intel Corporation\", 2: \"90C06F000000\"}}, [{1: {-71: \"" tee "\", -80: \"0A00\"}}]]"

static bool
open_text(const char *text, cs_vendor_document *out)
{
	cs_span document = { cs_memdup(&ctx, text, strlen(text)), strlen(text) };
	const cs_vendor_format *format = cs_vendor_format_of(document);

	return format != NULL && cs_vendor_open(&ctx, format, document, (cs_span) { NULL, 0 }, out);
}

typedef struct expected
{
	const char *const *triples;
	size_t seen;
	bool ok;
} expected;

static bool
compare(cs_ctx *c, const cs_triple *triple, void *data)
{
	expected *want = data;
	cs_buf text;

	cs_buf_init(&text, c);
	cs_put_fmt(&text, "%d ", (int) triple->kind);
	if (!cs_edn_print(c, &triple->record, NULL, &text))
		return false;
	if (want->triples[want->seen] == NULL || strlen(want->triples[want->seen]) != text.len ||
		memcmp(want->triples[want->seen], text.data, text.len) != 0)
	{
		printf("# got %.*s\n", (int) text.len, (const char *) text.data);
		want->ok = false;
	}
	if (want->triples[want->seen] != NULL)
		want->seen++;
	return true;
}

static void
becomes(const char *text, const char *id, const char *const *triples, const char *what)
{
	expected want = { triples, 0, true };
	cs_vendor_document document;
	cs_corim corim;
	cs_buf name;

	cs_buf_init(&name, &ctx);
	CHECK(open_text(text, &document) && cs_check(&ctx, document.corim.data, document.corim.len) &&
			cs_corim_open(&ctx, document.corim.data, document.corim.len, false, &corim) && corim.doubt_count == 0 &&
			cs_id_text(&ctx, &corim.id, &name) && name.len == strlen(id) && memcmp(name.data, id, name.len) == 0 &&
			corim.validity.not_before == 1768176000 && corim.validity.not_after == 1770768000 &&
			cs_corim_triples(&ctx, &corim, compare, &want) && want.ok && want.triples[want.seen] == NULL,
		"%s", what);
}

static void
test_what_they_become(void)
{
	static const char *const sgx[] = { "8 [" CONDITION("SGX") ", [[[" PLATFORM "], [{1: {" ADDED "}}]]]]", NULL };

	becomes("{\"tcbInfo\":" SGX_BODY "," SIG "}", "intel-tcb-info/SGX/90C06F000000/0A00/2", sgx, "a TCB info of SGX");
	becomes(" {" SIG ", \"tcbInfo\" : " SGX_BODY "}\n", "intel-tcb-info/SGX/90C06F000000/0A00/2", sgx, "its members in another order");
}

static void
test_tdx(void)
{
	static const char *const both[] = { "0 [{0: {1: \"Intel Corporation\", 2: \"TDX SEAM\"}}, [{1: {11: \"TDX_0a\", -82: "
										"563([h'0000000000000000', h'ffffffffffffffff']), -84: [7, h'" ZERO48 "']}}]]",
		"8 [" CONDITION("TDX") ", [[[" PLATFORM ", {0: \"tee_tcb_svn\", 1: {-125: [60010([2, 0]), 60010([0, 0]), " GE14(
			"0") "}}], [{1: {" ADDED "}}]], "
				 "[[" PLATFORM ", {0: \"tee_tcb_svn\", 1: {-125: [60010([2, 0]), 60010([1, 0]), " GE14("0") "}}], [{1: {" ADDED "}}]]]]",
		"8 [" CONDITION("TDX") ", [[[{0: \"tee_tcb_svn\", 1: {-125: [60010([2, 6]), 60010([0, 10]), " GE14(
			"0") "}}], "
				 "[{0: \"tdx_module\", 1: {11: \"TDX_0a\", " ADDED ", -89: [\"A\"]}}]]]]",
		NULL };
	static const char *const one = "8 [" CONDITION(
		"TDX") ", [[[" PLATFORM ", {0: \"tee_tcb_svn\", 1: {-125: [60010([2, 0]), 60010([1, 0]), " GE14("3") "}}], [{1: {" ADDED "}}]]]]";
	const char *with_module[4] = { both[0], one, both[2], NULL };

	becomes("{\"tcbInfo\":" TDX_BODY("0") "," SIG "}", "intel-tcb-info/TDX/90C06F000000/0A00/2", both, "of TDX: both sorts of modules");
	becomes("{\"tcbInfo\":" TDX_BODY("3") "," SIG "}", "intel-tcb-info/TDX/90C06F000000/0A00/2", with_module,
		"a level that asks for a major version has no other");
}

static void
test_identity(void)
{
#define ENCLAVE                                                                                              \
	"[{0: {1: \"Intel Corporation\", 2: \"TDX QE TCB\"}}, [{1: {-81: 563([h'00000000', h'ffffffff']), -82: " \
	"563([h'11000000000000000000000000000000', h'fbffffffffffffff0000000000000000']), -84: [1, "             \
	"h'dc9e2a7c6f948f17474e34a7fc43ed030f7c1563f1babddf6340c82e0e54a8c5'], -85: 2}}]]"
	static const char *const want[] = { "0 " ENCLAVE,
		"8 [" ENCLAVE ", [[[{1: {-73: 60010([2, 4])}}], [{1: {-72: \"2024-11-13T00:00:00Z\", -86: 0, -88: [\"UpToDate\"]}}]]]]", NULL };

	becomes("{\"enclaveIdentity\":" QE_BODY "," SIG "}", "intel-enclave-identity/TD_QE/0", want, "an enclave identity");
}

static void
test_signature(void)
{
	cs_vendor_document d;

	CHECK(open_text("{\"tcbInfo\": " SGX_BODY " ," SIG "}", &d) && d.signature.payload.len == strlen(SGX_BODY) &&
			memcmp(d.signature.payload.data, SGX_BODY, strlen(SGX_BODY)) == 0 && d.signature.signature.len == 64 &&
			d.signature.alg == CS_ALG_ES256,
		"what is signed is the member as it stands");
	CHECK(d.has_generation && d.generation == 2, "its generation");
	CHECK(open_text("{\"tcbInfo\": " SGX_BODY " ," SIG ",\"more\":[{}]}", &d), "members that nobody knows are passed over");
}

static const struct
{
	const char *text;
	cs_code code;
	const char *message;
	const char *path;
} bad[] = {
	{ "{\"tcbInfo\":" SGX_BODY "}", CS_INVALID, "member \"signature\" is missing", "" },
	{ "{\"tcbInfo\":[]," SIG "}", CS_INVALID, "an object was expected, not an array", "tcbInfo" },
	{ "{\"tcbInfo\":{}," SIG "}", CS_INVALID, "member \"version\" is missing", "tcbInfo" },
	{ "{\"tcbInfo\":{\"version\":2}," SIG "}", CS_INVALID, "member \"issueDate\" is missing", "tcbInfo" },
	{ "{\"tcbInfo\":{\"version\":1}," SIG "}", CS_UNSUPPORTED, "version 1 of TCB infos is not read", "tcbInfo.version" },
	{ "{\"enclaveIdentity\":{\"version\":1}," SIG "}", CS_UNSUPPORTED, "version 1 of enclave identities is not read",
		"enclaveIdentity.version" },
	{ "{\"qeIdentity\":{\"version\":1}," SIG "}", CS_UNSUPPORTED, "identities of version 1 are not read: they have no TCB levels",
		"qeIdentity" },
	{ "{\"tcbEvaluationDataNumbers\":{\"id\":\"SGX\"}," SIG "}", CS_UNSUPPORTED, "a list of generations vouches for nothing",
		"tcbEvaluationDataNumbers" },
	{ "{\"tcbInfo\":" SGX_BODY ",\"signature\":\"00\"}", CS_INVALID, "128 hexadecimal digits were expected", "signature" },
	{ "{\"tcbInfo\":" SGX_BODY ",\"tcbInfo\":1," SIG "}", CS_INVALID, "a member comes twice in an object of JSON", "" },
	{ "{\"tcbInfo\":" SGX_BODY "," SIG "} x", CS_MALFORMED, "malformed JSON: something stands behind the value", "" },
	{ "{\"tcbInfo\":{\"version\":4," DATES "\"tcbEvaluationDataNumber\":2}," SIG "}", CS_UNSUPPORTED, "version 4 of TCB infos is not read",
		"tcbInfo.version" },
	{ "{\"tcbInfo\":{\"version\":3," DATES "\"tcbEvaluationDataNumber\":2.5}," SIG "}", CS_INVALID,
		"a whole number from 0 to 1000000 was expected", "tcbInfo.tcbEvaluationDataNumber" },
	{ "{\"tcbInfo\":{\"version\":3," DATES "\"tcbEvaluationDataNumber\":1000001}," SIG "}", CS_INVALID,
		"a whole number from 0 to 1000000 was expected", "tcbInfo.tcbEvaluationDataNumber" },
	{ "{\"tcbInfo\":{\"version\":3,\"issueDate\":\"2026-02-12T00:00:00Z\",\"nextUpdate\":\"2026-02-11T00:00:00Z\","
	  "\"tcbEvaluationDataNumber\":2}," SIG "}",
		CS_INVALID, "nextUpdate is not behind issueDate", "tcbInfo" },
	{ "{\"tcbInfo\":{\"version\":3,\"issueDate\":\"yesterday\",\"nextUpdate\":\"2026-02-11T00:00:00Z\",\"tcbEvaluationDataNumber\":2}," SIG
	  "}",
		CS_INVALID, "a time was expected, as RFC 3339 has it", "tcbInfo.issueDate" },
	{ "{\"tcbInfo\":{\"id\":\"SEV\",\"version\":3," DATES NAMES "\"tcbLevels\":[]}," SIG "}", CS_UNSUPPORTED, "SGX or TDX was expected",
		"tcbInfo.id" },
	{ "{\"tcbInfo\":{\"id\":\"SGX\",\"version\":3," DATES NAMES "\"tcbLevels\":[]}," SIG "}", CS_INVALID, "there is no TCB level",
		"tcbInfo.tcbLevels" },
	{ "{\"tcbInfo\":{\"id\":\"SGX\",\"version\":3," DATES NAMES "\"tcbLevels\":[1]}," SIG "}", CS_INVALID, "an object was expected",
		"tcbInfo.tcbLevels[0]" },
	{ "{\"tcbInfo\":{\"id\":\"SGX\",\"version\":3," DATES NAMES "\"tcbLevels\":[" LEVEL("256", "") "]}," SIG "}", CS_INVALID,
		"a whole number from 0 to 255 was expected", "tcbInfo.tcbLevels[0].tcb.sgxtcbcomponents[0].svn" },
	{ "{\"tcbInfo\":{\"id\":\"SGX\",\"version\":3," DATES NAMES "\"tcbLevels\":[{\"tcb\":{\"sgxtcbcomponents\":[],\"pcesvn\":1}}]}," SIG
	  "}",
		CS_INVALID, "16 components were expected", "tcbInfo.tcbLevels[0].tcb.sgxtcbcomponents" },
	{ "{\"tcbInfo\":{\"version\":2," DATES NAMES "\"tcbLevels\":[{\"tcb\":{\"sgxtcbcomp01svn\":1}}]}," SIG "}", CS_INVALID,
		"member \"sgxtcbcomp02svn\" is missing", "tcbInfo.tcbLevels[0].tcb" },
	{ "{\"tcbInfo\":{\"id\":\"TDX\",\"version\":3," DATES NAMES "\"tdxModuleIdentities\":[{\"id\":\"TDX_00\"," MODULE
	  ",\"tcbLevels\":[1]}],\"tcbLevels\":[" LEVEL("2", ",\"tdxtcbcomponents\":" SVNS("0")) "]}," SIG "}",
		CS_INVALID, "TDX_ and two hexadecimal digits were expected, not 00", "tcbInfo.tdxModuleIdentities[0].id" },
	{ "{\"tcbInfo\":{\"id\":\"TDX\",\"version\":3," DATES NAMES "\"tcbLevels\":[" LEVEL("2", ",\"tdxtcbcomponents\":" SVNS("1")) "]}," SIG
																																 "}",
		CS_INVALID, "levels ask for a version of the TDX module that nothing identifies", "tcbInfo.tcbLevels" },
	{ "{\"enclaveIdentity\":{\"id\":\"QE\",\"version\":1," DATES "\"tcbEvaluationDataNumber\":0}," SIG "}", CS_UNSUPPORTED,
		"version 1 of enclave identities is not read", "enclaveIdentity.version" },
	{ "{\"enclaveIdentity\":{\"id\":\"XE\",\"version\":2," DATES "\"tcbEvaluationDataNumber\":0}," SIG "}", CS_UNSUPPORTED,
		"QE, TD_QE or QVE was expected", "enclaveIdentity.id" },
};

static void
test_bad(void)
{
	for (size_t i = 0; i < COUNT(bad); i++)
	{
		cs_vendor_document d;
		bool opened = open_text(bad[i].text, &d);

		if (opened || ctx.error.code != bad[i].code || strcmp(ctx.error.message, bad[i].message) != 0 ||
			strcmp(ctx.error.path, bad[i].path) != 0)
			printf("# %zu: %s at %s\n", i, ctx.error.message, ctx.error.path);
		CHECK(!opened && ctx.error.code == bad[i].code && strcmp(ctx.error.message, bad[i].message) == 0 &&
				strcmp(ctx.error.path, bad[i].path) == 0,
			"%s", bad[i].message);
		CHECK(ctx.error.code != CS_UNSUPPORTED || strstr(bad[i].message, "expected") || ctx.error.hint[0] != '\0', "what to do instead");
		ctx.error = (cs_error) { 0 };
	}
}

static void
test_what_they_are_not(void)
{
	static const char *const others[] = { "", "{", "{}", "[\"tcbInfo\"]", "x{\"tcbInfo\":1}", "\xd9\x01\xf5\xa0" };

	for (size_t i = 0; i < COUNT(others); i++)
		CHECK(cs_vendor_format_of((cs_span) { (const uint8_t *) others[i], strlen(others[i]) }) == NULL, "no form of a vendor");
}

int
main(void)
{
	start_tests();
	test_what_they_become();
	test_tdx();
	test_identity();
	test_signature();
	test_bad();
	test_what_they_are_not();
	return end_tests();
}
