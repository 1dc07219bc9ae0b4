/* vendors_microsoft_test.c - Microsoft's endorsements of utility VMs: what they become, and what is wrong with others. */
#include "cbor_support.h"
#include "model/corim.h"
#include "vendors/vendors.h"

#define MEASUREMENT "abababababababababababababababababababababababababababababababababababababababababababababababab"
#define JSON(svn, measurement) "'{\"x-ms-sevsnpvm-guestsvn\":\"" svn "\",\"x-ms-sevsnpvm-launchmeasurement\":\"" measurement "\"}'"
#define GOOD JSON("7", MEASUREMENT)
#define DID "did:x509:0:sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA::eku:1.2.3"
#define TEXTS "\"iss\": \"" DID "\", \"feed\": \"F\""
#define PLAIN "1: -7, 3: \"application/json\""
#define UVM(header, unprotected, payload) "18([<<{" header "}>>, {" unprotected "}, " payload ", h'00'])"

static bool
open_edn(const char *edn, const cs_vendor_format **format, cs_vendor_document *out)
{
	cs_buf buf;

	cs_buf_init(&buf, &ctx);
	if (!cs_edn_parse(&ctx, edn, strlen(edn), &buf))
		return false;
	*format = cs_vendor_format_of(cs_buf_span(&buf));
	return *format != NULL && cs_vendor_open(&ctx, *format, cs_buf_span(&buf), (cs_span) { NULL, 0 }, out);
}

static bool
compare(cs_ctx *c, const cs_triple *triple, void *data)
{
	static const char *const want[] = {
		"[{0: {0: 111(h'2b060104019c780301')}}, [{0: 641, 1: {2: [[7, h'" MEASUREMENT "']]}}]]",
		"[{0: {0: 111(h'2b060104019c780302')}}, [{0: 641, 1: {2: [[7, h'" MEASUREMENT "']]}}]]",
		"[[[{0: {0: 111(h'2b060104019c780301')}}, [{0: 641, 1: {2: [[7, h'" MEASUREMENT "']]}}]]], [[{0: {0: "
		"111(h'2b060104019c780301')}}, [{0: \"uvm\", 1: {1: 552(7), 11: \"F\"}}]]]]",
		"[[[{0: {0: 111(h'2b060104019c780302')}}, [{0: 641, 1: {2: [[7, h'" MEASUREMENT "']]}}]]], [[{0: {0: "
		"111(h'2b060104019c780302')}}, [{0: \"uvm\", 1: {1: 552(7), 11: \"F\"}}]]]]",
	};
	size_t *seen = data;
	cs_buf text;

	cs_buf_init(&text, c);
	if (!cs_edn_print(c, &triple->record, NULL, &text))
		return false;
	CHECK(*seen < COUNT(want) && strlen(want[*seen]) == text.len && memcmp(want[*seen], text.data, text.len) == 0, "triple %zu: %.*s",
		*seen, (int) text.len, (const char *) text.data);
	(*seen)++;
	return true;
}

static void
becomes(const char *edn, const char *what)
{
	const cs_vendor_format *format = NULL;
	cs_vendor_document document;
	size_t seen = 0;
	cs_corim corim;
	cs_buf name;

	cs_buf_init(&name, &ctx);
	CHECK(open_edn(edn, &format, &document) && cs_check(&ctx, document.corim.data, document.corim.len) &&
			cs_corim_open(&ctx, document.corim.data, document.corim.len, false, &corim) && corim.doubt_count == 0 &&
			cs_id_text(&ctx, &corim.id, &name) && name.len == strlen("microsoft-uvm/F/" MEASUREMENT) &&
			memcmp(name.data, "microsoft-uvm/F/" MEASUREMENT, name.len) == 0 && cs_corim_triples(&ctx, &corim, compare, &seen) && seen == 4,
		"%s", what);
	if (ctx.error.code != CS_OK)
		printf("# %s\n", ctx.error.message);
	ctx.error = (cs_error) { 0 };
}

static const struct
{
	const char *edn;
	cs_code code;
	const char *message;
	const char *path;
} bad[] = {
	{ UVM(PLAIN ", " TEXTS, "", JSON("x", MEASUREMENT)), CS_INVALID, "a whole number in digits was expected", "x-ms-sevsnpvm-guestsvn" },
	{ UVM(PLAIN ", " TEXTS, "", JSON("", MEASUREMENT)), CS_INVALID, "a whole number in digits was expected", "x-ms-sevsnpvm-guestsvn" },
	{ UVM(PLAIN ", " TEXTS, "", JSON("1234567890", MEASUREMENT)), CS_INVALID, "a whole number in digits was expected",
		"x-ms-sevsnpvm-guestsvn" },
	{ UVM(PLAIN ", " TEXTS, "", JSON("7", "ab")), CS_INVALID, "96 hexadecimal digits were expected", "x-ms-sevsnpvm-launchmeasurement" },
	{ UVM(PLAIN ", " TEXTS, "", "'{\"x-ms-sevsnpvm-launchmeasurement\":1}'"), CS_INVALID, "member \"x-ms-sevsnpvm-guestsvn\" is missing",
		"" },
	{ UVM(PLAIN ", " TEXTS, "", "'sorry: \"x-ms-sevsnpvm-launchmeasurement\"'"), CS_MALFORMED, NULL, "" },
	{ UVM(PLAIN ", \"iss\": \"" DID "\"", "", GOOD), CS_INVALID, "the protected header of a UVM endorsement has no feed", "" },
	{ UVM(PLAIN ", \"feed\": \"" DID "\"", "", GOOD), CS_INVALID, "the protected header of a UVM endorsement has no iss", "" },
	{ UVM(PLAIN ", \"iss\": 1, \"feed\": \"" DID "\"", "", GOOD), CS_INVALID, "iss in the protected header is no text", "" },
	{ UVM("3: \"application/json\", " TEXTS, "", GOOD), CS_INVALID, "the protected header names no algorithm", "" },
	{ UVM(PLAIN ", \"iss\": \"" DID "x\", \"feed\": \"F\"", "", GOOD), CS_UNSUPPORTED, "iss is no did:x509 of one CA and one purpose (eku)",
		"" },
	{ UVM(PLAIN ", " TEXTS, "", "null"), CS_UNSUPPORTED, "a UVM endorsement whose payload is apart is not read", "" },
	{ UVM("1: -7, 258: -16, 259: \"application/json\", " TEXTS, "", "h'00'"), CS_UNSUPPORTED,
		"a UVM endorsement whose payload is apart is not read", "" },
};

static void
test_bad(void)
{
	for (size_t i = 0; i < COUNT(bad); i++)
	{
		const cs_vendor_format *format = NULL;
		cs_vendor_document document;
		bool opened = open_edn(bad[i].edn, &format, &document);

		CHECK(!opened && format != NULL && ctx.error.code == bad[i].code &&
				(bad[i].message == NULL || strcmp(ctx.error.message, bad[i].message) == 0) && strcmp(ctx.error.path, bad[i].path) == 0,
			"%zu: %s at %s", i, ctx.error.message, ctx.error.path);
		ctx.error = (cs_error) { 0 };
	}
}

/* A CoRIM may have such an issuer, and any texts in it. */
static void
test_what_they_are_not(void)
{
	static const char *const others[] = { UVM("1: -7, 3: \"application/rim+cbor\", 15: {1: \"" DID "\", 2: \"F\"}", "",
											  "'application/json'"),
		UVM("1: -7, 3: \"application/json\"", "", "null"), "[<<{" PLAIN ", " TEXTS "}>>, {}, null, h'00']",
		"18([{3: \"application/json\", " TEXTS "}, {}, null, h'00'])", "18(\"application/json " DID "\")" };

	for (size_t i = 0; i < COUNT(others); i++)
	{
		const cs_vendor_format *format = NULL;
		cs_vendor_document document;

		CHECK(!open_edn(others[i], &format, &document) && format == NULL && ctx.error.code == CS_OK, "%zu is no UVM endorsement", i);
	}
}

int
main(void)
{
	start_tests();
	becomes(UVM(PLAIN ", " TEXTS, "", GOOD), "iss and feed as texts");
	becomes(UVM(PLAIN ", 15: {1: \"" DID "\", 2: \"F\"}", "394: [h'd2']", GOOD), "as claims of CWT Claims, and a receipt beside");
	test_bad();
	test_what_they_are_not();
	return end_tests();
}
