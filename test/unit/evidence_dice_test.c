/*
 * evidence_dice_test.c - DICE Evidence in chains of certificates made here: what it becomes, and what is refused.
 */
#include "evidence_make.h"

#define TCB_INFO "2.23.133.5.4.1"
#define UEID "2.23.133.5.4.4"
#define MULTI "2.23.133.5.4.5"
#define MULTI_COMP "2.23.133.5.4.8"
#define CMW "2.23.133.5.4.9"

static EVP_PKEY *root, *layer0, *alias, *stranger;
static cs_span root_cert, layer0_cert;

static cs_span
fwids(const char *oid)
{
	return der(0xa6, der(0x30, both(der(0x06, bytes_of(oid)), der(0x04, bytes_of("00112233")))));
}

/* vendor "V", model "M", svn 5, layer 1, index 0, a FWID, flags as given */
static cs_span
members(const char *flags, const char *mask)
{
	cs_span all = both(der(0x80, text_span("V")), der(0x81, text_span("M")));

	all = both(all, both(der(0x82, text_span("1.0")), der(0x83, bytes_of("05"))));
	all = both(all, both(der(0x84, bytes_of("01")), der(0x85, bytes_of("00"))));
	all = both(all, fwids("608648016503040202"));
	if (flags)
		all = both(all, der(0x87, bytes_of(flags)));
	all = both(all, der(0x88, bytes_of("cafe")));
	if (mask)
		all = both(all, der(0x8a, bytes_of(mask)));
	return all;
}

static cs_span
chain_of(const extension *extensions, EVP_PKEY *issuer)
{
	return both(make_cert_with("Alias", alias, "Layer 0", issuer, false, extensions), both(layer0_cert, root_cert));
}

static cs_span
tcb_info(cs_span content)
{
	return chain_of((extension[]) { { TCB_INFO, der(0x30, content) }, { UEID, der(0x30, der(0x04, bytes_of("01020304050607"))) },
						{ NULL, { NULL, 0 } } },
		layer0);
}

#define ENVIRONMENT "{0: {1: \"V\", 2: \"M\", 3: 1, 4: 0}, 1: 550(h'01020304050607')}"

static void
check_good(void)
{
	cs_span good = tcb_info(members("0010", "00f8")), register_list;

	ACCEPTED("dice", good, "a TcbInfo");
	keep_seed("evidence_dice", "tcb-info", good);
	CHECK(out.count == 1 && is_environment(0, ENVIRONMENT), "its class, and the Ueid as instance");
	CHECK(is_element(0, 0, "",
			  "{0: {0: \"1.0\"}, 1: 552(5), 2: [[7, h'00112233']], 3: {0: true, 1: true, 2: false, 3: true, 4: true}, 4: 560(h'cafe')}"),
		"its values; the debug bit says that it is debugged");
	CHECK(authorities(0) == 2, "under the authority of the issuers, not of the certificate's own key");
	ACCEPTED("dice", tcb_info(members("00a0", "00e0")), "recovery and not configured");
	CHECK(is_element(0, 0, "", "{0: {0: \"1.0\"}, 1: 552(5), 2: [[7, h'00112233']], 3: {0: false, 1: true, 2: true}, 4: 560(h'cafe')}"),
		"under their mask");
	ACCEPTED("dice", tcb_info(members("00", NULL)), "flags without a mask");
	CHECK(is_element(0, 0, "",
			  "{0: {0: \"1.0\"}, 1: 552(5), 2: [[7, h'00112233']], 3: {0: true, 1: true, 2: false, 3: false, 4: true, 5: true, 6: true, 7: "
			  "true, 8: true}, 4: 560(h'cafe')}"),
		"all speak");
	ACCEPTED("dice",
		chain_of((extension[]) { { MULTI,
									 der(0x30,
										 both(der(0x30, both(fwids("608648016503040201"), der(0x89, text_span("FMC_INFO")))),
											 der(0x30, der(0x89, bytes_of("6086480186f84d010f0402"))))) },
					 { NULL, { NULL, 0 } } },
			layer0),
		"a MultiTcbInfo");
	keep_seed("evidence_dice", "multi",
		chain_of((extension[]) { { MULTI, der(0x30, der(0x30, both(fwids("608648016503040201"), der(0x89, text_span("FMC_INFO"))))) },
					 { NULL, { NULL, 0 } } },
			layer0));
	CHECK(out.count == 2 && is_environment(0, "{0: {0: 560(h'464d435f494e464f')}}") &&
			is_environment(1, "{0: {0: 111(h'6086480186f84d010f0402')}}"),
		"an ECT each; a type that is an OID is one");
	register_list = der(0xab,
		der(0x30,
			both(der(0x81, bytes_of("03")),
				der(0xa2, der(0x30, both(der(0x06, bytes_of("608648016503040202")), der(0x04, bytes_of("01"))))))));
	ACCEPTED("dice", tcb_info(both(der(0x80, text_span("V")), register_list)), "integrity registers");
	CHECK(is_element(0, 0, "", "{14: {3: [[7, h'01']]}}"), "by number");
	ACCEPTED("dice",
		chain_of((extension[]) { { CMW, der(0x30, der(0x04, edn("571({0: {0: [[{0: {1: \"V\"}}, [{1: {1: 552(7)}}]]]}})"))) },
					 { NULL, { NULL, 0 } } },
			layer0),
		"Concise Evidence");
	CHECK(is_environment(0, "{0: {1: \"V\"}}") && authorities(0) == 2, "under the issuers' authority");
	ACCEPTED("dice", both(root_cert, both(bytes_of("0000"), both(layer0_cert, tcb_info(members(NULL, NULL))))),
		"certificates in another order, zeros between");
	given.key_count = 0;
	trust(layer0_cert);
	ACCEPTED("dice", good, "an issuer that the caller trusts");
	CHECK(authorities(0) == 1, "is the only authority");
	given.key_count = 0;
	trust(root_cert);
}

static void
check_bad(void)
{
	static const uint8_t pad[1];
	const struct
	{
		const char *what;
		cs_span content;
		cs_code code;
		const char *words;
	} cases[] = {
		{ "nothing", (cs_span) { pad, 0 }, CS_INVALID, "empty" },
		{ "overwritten bytes", bytes_of("44444444"), CS_MALFORMED, "DER" },
		{ "a CompositeDeviceID of RIoT", der(0x02, bytes_of("01")), CS_UNSUPPORTED, "RIoT" },
		{ "members out of order", both(der(0x81, text_span("M")), der(0x80, text_span("V"))), CS_INVALID, "out of order" },
		{ "a member twice", both(der(0x80, text_span("V")), der(0x80, text_span("W"))), CS_INVALID, "twice" },
		{ "a member that is unknown", both(der(0x80, text_span("V")), der(0x8c, bytes_of("00"))), CS_INVALID, "unknown" },
		{ "a negative svn", both(der(0x80, text_span("V")), der(0x83, bytes_of("ff"))), CS_INVALID, "negative" },
		{ "an svn of 72 bits", both(der(0x80, text_span("V")), der(0x83, bytes_of("010000000000000000"))), CS_INVALID, "64 bits" },
		{ "a vendor that is no text", both(der(0x80, bytes_of("ff")), der(0x83, bytes_of("01"))), CS_INVALID, "UTF-8" },
		{ "a mask without flags", both(der(0x80, text_span("V")), der(0x8a, bytes_of("00f0"))), CS_INVALID, "no flags" },
		{ "flags of nine unused bits", both(der(0x80, text_span("V")), der(0x87, bytes_of("09f0"))), CS_INVALID, "BIT STRING" },
		{ "an unknown hash", both(der(0x80, text_span("V")), fwids("2b0e03021a")), CS_UNSUPPORTED, "FWID" },
		{ "a FWID of nothing", both(der(0x80, text_span("V")), der(0xa6, (cs_span) { pad, 0 })), CS_INVALID, "empty" },
		{ "no class and no instance", der(0x83, bytes_of("01")), CS_INVALID, "" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		REFUSED("dice", chain_of((extension[]) { { TCB_INFO, der(0x30, cases[i].content) }, { NULL, { NULL, 0 } } }, layer0), cases[i].code,
			cases[i].words, cases[i].what);
	REFUSED("dice", chain_of(NULL, layer0), CS_UNSUPPORTED, "no certificate holds", "certificates without DICE");
	REFUSED("dice", chain_of((extension[]) { { MULTI_COMP, der(0x30, bytes_of("")) }, { NULL, { NULL, 0 } } }, layer0), CS_UNSUPPORTED,
		"MultiTcbInfoComp", "what is left out");
	REFUSED("dice", chain_of((extension[]) { { UEID, bytes_of("44444444") }, { NULL, { NULL, 0 } } }, layer0), CS_MALFORMED, "Ueid",
		"an Ueid that is none");
}

static void
check_hostile(void)
{
	cs_span good = tcb_info(members("0010", "00f8"));
	size_t leaf = good.len - layer0_cert.len - root_cert.len;

	check_truncated("dice", cut(good, leaf), 17);
	CHECK(unnoticed_flips("dice", good, 0, leaf, 11) == 0, "dice: no flipped bit of the leaf passes");
	REFUSED("dice", chain_of((extension[]) { { TCB_INFO, der(0x30, members(NULL, NULL)) }, { NULL, { NULL, 0 } } }, stranger), CS_UNTRUSTED,
		"lead to no key", "a leaf that another signed in the issuer's name");
	given.key_count = 0;
	REFUSED("dice", good, CS_UNTRUSTED, "lead to no key", "nobody is trusted");
	trust(public_pem(stranger));
	REFUSED("dice", good, CS_UNTRUSTED, "lead to no key", "another root");
	given.key_count = 0;
	trust(root_cert);
	given.at = MADE_TO + 1;
	REFUSED("dice", good, CS_UNTRUSTED, "lead to no key", "certificates that have expired");
	given.at = MADE_FROM - 1;
	REFUSED("dice", good, CS_UNTRUSTED, "lead to no key", "certificates that do not hold yet");
	given.at = AT;
	given.has_nonce = true;
	given.nonce = text_span("x");
	REFUSED("dice", good, CS_EXPIRED, "no nonce", "a nonce, which certificates do not answer");
	given.has_nonce = false;
	keys[0].is_bound = true;
	keys[0].environment = cs_item_at(edn("{0: {1: \"W\"}}").data, edn("{0: {1: \"W\"}}").len);
	REFUSED("dice", good, CS_UNTRUSTED, "lead to no key", "a root that speaks of another vendor");
	keys[0].is_bound = false;
	given.unverified = true;
	ACCEPTED("dice", chain_of((extension[]) { { TCB_INFO, der(0x30, members(NULL, NULL)) }, { NULL, { NULL, 0 } } }, stranger),
		"a stranger's, where the caller wants it");
	CHECK(authorities(0) == 0 && has_note(0, "not verified"), "without authority");
	given.unverified = false;
}

int
main(void)
{
	cs_arena_init(&arena, &ctx);
	root = make_key("P-256");
	layer0 = make_key("P-256");
	alias = make_key("P-256");
	stranger = make_key("P-256");
	root_cert = make_cert_with("Root", root, "Root", root, true, NULL);
	layer0_cert = make_cert_with("Layer 0", layer0, "Root", root, true, NULL);
	forget();
	trust(root_cert);
	check_good();
	check_bad();
	check_hostile();
	EVP_PKEY_free(root);
	EVP_PKEY_free(layer0);
	EVP_PKEY_free(alias);
	EVP_PKEY_free(stranger);
	cs_arena_free(&arena);
	return tap_done();
}
