/*
 * evidence_nitro_test.c - Nitro attestation documents made here: what they become, and what is refused.
 */
#include "evidence_make.h"

static EVP_PKEY *root, *enclave, *stranger;
static cs_span root_cert, leaf;

#define PCR "h'303132333435363738393a3b3c3d3e3f303132333435363738393a3b3c3d3e3f303132333435363738393a3b3c3d3e3f'"
#define DOCUMENT                                                                                                               \
	"{\"module_id\": \"i-1-enc2\", \"digest\": \"SHA384\", \"timestamp\": 1750000000000, \"pcrs\": {0: " PCR ", 4: " PCR "}, " \
	"\"certificate\": LEAF, \"cabundle\": [ROOT], \"public_key\": null, \"user_data\": h'0102', \"nonce\": 'nonce'}"

static const char *
hex(cs_span span)
{
	char *text = cs_alloc(&ctx, span.len * 2 + 4, 1);

	strcpy(text, "h'");
	for (size_t i = 0; i < span.len; i++)
		sprintf(text + 2 + 2 * i, "%02x", span.data[i]);
	return strcat(text, "'");
}

static cs_span
make(const char *document, EVP_PKEY *signer)
{
	cs_span whole;

	if (strstr(document, "LEAF"))
		document = with(document, "LEAF", hex(leaf));
	if (strstr(document, "ROOT"))
		document = with(document, "ROOT", hex(root_cert));
	whole = sign1(signer, edn(document));
	return cut((cs_span) { whole.data + 1, whole.len - 1 }, whole.len - 1); /* without its tag, as AWS has it */
}

static void
check_good(void)
{
	cs_span good = make(DOCUMENT, enclave);

	ACCEPTED("aws-nitro", good, "a document");
	keep_seed("evidence_nitro", "document", good);
	CHECK(
		out.count == 1 && is_environment(0, "{0: {1: \"AWS\", 2: \"Nitro Enclaves\"}, 1: 560(h'692d312d656e6332')}") && authorities(0) == 2,
		"of its module, under the authority of its certificates");
	CHECK(is_element(0, 0, "0", "{2: [[7, " PCR "]]}") && is_element(0, 1, "4", "{2: [[7, " PCR "]]}") &&
			is_element(0, 2, "\"user_data\"", "{4: 560(h'0102')}"),
		"its PCRs and user data");
	given.has_nonce = true;
	given.nonce = text_span("nonce");
	ACCEPTED("aws-nitro", good, "its nonce");
	given.nonce = text_span("other");
	REFUSED("aws-nitro", good, CS_EXPIRED, "another", "the nonce of another");
	REFUSED("aws-nitro", make(with(DOCUMENT, "'nonce'", "null"), enclave), CS_EXPIRED, "no nonce", "no nonce");
	given.has_nonce = false;
}

static void
check_bad(void)
{
	static const struct
	{
		const char *what, *from, *by;
		cs_code code;
		const char *words;
	} cases[] = {
		{ "no module_id", "\"module_id\": \"i-1-enc2\", ", "", CS_INVALID, "module_id" },
		{ "another digest", "SHA384", "SHA1", CS_UNSUPPORTED, "SHA384" },
		{ "no pcrs", "\"pcrs\": {0: " PCR ", 4: " PCR "}, ", "", CS_INVALID, "pcrs" },
		{ "a PCR of one byte", "4: " PCR, "4: h'00'", CS_INVALID, "48 bytes" },
		{ "PCR 32", "4: " PCR, "32: " PCR, CS_INVALID, "below 32" },
		{ "a PCR twice", "4: " PCR, "0: " PCR, CS_INVALID, "duplicate" },
		{ "a certificate that is text", "LEAF", "\"\"", CS_INVALID, "no byte string" },
		{ "no certificate", "\"certificate\": LEAF, ", "", CS_INVALID, "certificate" },
		{ "no cabundle", "\"cabundle\": [ROOT], ", "", CS_INVALID, "cabundle" },
		{ "a cabundle of numbers", "[ROOT]", "[1]", CS_INVALID, "cabundle" },
		{ "user data that are text", "h'0102'", "\"x\"", CS_INVALID, "user_data" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		REFUSED("aws-nitro", make(with(DOCUMENT, cases[i].from, cases[i].by), enclave), cases[i].code, cases[i].words, cases[i].what);
}

static void
check_hostile(void)
{
	cs_span good = make(DOCUMENT, enclave), other = make_cert_with("Enclave", stranger, "Root", stranger, false, NULL);

	check_truncated("aws-nitro", good, 13);
	CHECK(unnoticed_flips("aws-nitro", good, 0, good.len, 17) == 0, "aws-nitro: no flipped bit passes");
	REFUSED(
		"aws-nitro", make(DOCUMENT, stranger), CS_BAD_SIGNATURE, "verifies with no key", "signed by another key than its certificate's");
	REFUSED("aws-nitro", make(with(DOCUMENT, "LEAF", hex(other)), stranger), CS_UNTRUSTED, "lead to no key", "a certificate of another");
	given.at = MADE_TO + 1;
	REFUSED("aws-nitro", good, CS_UNTRUSTED, "lead to no key", "a certificate that has expired");
	given.at = MADE_FROM - 1;
	REFUSED("aws-nitro", good, CS_UNTRUSTED, "lead to no key", "a certificate that does not hold yet");
	given.at = AT;
	given.key_count = 0;
	REFUSED("aws-nitro", good, CS_UNTRUSTED, "lead to no key", "nobody is trusted: its own root is not");
	trust(root_cert);
	given.unverified = true;
	ACCEPTED("aws-nitro", make(DOCUMENT, stranger), "signed by another, where the caller wants it");
	CHECK(authorities(0) == 0 && has_note(0, "not verified"), "without authority");
	given.unverified = false;
}

int
main(void)
{
	cs_arena_init(&arena, &ctx);
	root = make_key("P-384");
	enclave = make_key("P-384");
	stranger = make_key("P-384");
	root_cert = make_cert_with("Root", root, "Root", root, true, NULL);
	leaf = make_cert_with("Enclave", enclave, "Root", root, false, NULL);
	forget();
	trust(root_cert);
	check_good();
	check_bad();
	check_hostile();
	EVP_PKEY_free(root);
	EVP_PKEY_free(enclave);
	EVP_PKEY_free(stranger);
	cs_arena_free(&arena);
	return tap_done();
}
