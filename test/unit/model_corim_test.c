/* model_corim_test.c - documents taken apart: envelopes, signer metadata, tags, triples, and values as C has them. */
#include "model/corim.h"

#include "tap.h"

#include <string.h>

static cs_arena arena;
static cs_ctx ctx;

static cs_span
bytes_of(const char *edn)
{
	cs_buf buf;

	cs_buf_init(&buf, &ctx);
	if (!cs_edn_parse(&ctx, edn, strlen(edn), &buf) || !cs_check(&ctx, buf.data, buf.len))
		printf("# %s: %s\n", edn, ctx.error.message);
	return cs_buf_span(&buf);
}

static cs_item
item_of(const char *edn)
{
	cs_span bytes = bytes_of(edn);

	return cs_item_at(bytes.data, bytes.len);
}

/* ---- envelopes ---- */

#define SIGN "[h'', {}, h'', h'']"

static void
test_document(void)
{
	static const struct
	{
		const char *edn;
		cs_envelope envelope;
		const char *legacy[3];
	} good[] = {
		{ "501({})", CS_ENV_UNSIGNED, { NULL } },
		{ "18(" SIGN ")", CS_ENV_SIGN1, { NULL } },
		{ "{}", CS_ENV_UNSIGNED, { "untagged-corim-map", NULL } },
		{ "98(" SIGN ")", CS_ENV_SIGN, { "cose-sign", NULL } },
		{ "500(501({}))", CS_ENV_UNSIGNED, { "tag-500", NULL } },
		{ "500(18(" SIGN "))", CS_ENV_SIGN1, { "tag-500", NULL } },
		{ "502(18(" SIGN "))", CS_ENV_SIGN1, { "tag-502", NULL } },
		{ "500(502(18(" SIGN ")))", CS_ENV_SIGN1, { "tag-500", "tag-502", NULL } },
	};
	static const char *const bad[] = { "[]", "5", "18({})", "18([1, 2, 3])", "501([])", "502(501({}))", "500(5)", "98(5)", "502({})",
		"500(500(501({})))", "506(h'')" };

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
	{
		cs_span bytes = bytes_of(good[i].edn);
		cs_document doc;
		size_t n = 0;

		CHECK(cs_document_open(&ctx, bytes.data, bytes.len, true, &doc) && doc.envelope == good[i].envelope, "opens %s", good[i].edn);
		for (; good[i].legacy[n]; n++)
			CHECK(n < doc.legacy_count && strcmp(doc.legacy[n], good[i].legacy[n]) == 0, "  legacy form %s", good[i].legacy[n]);
		CHECK(doc.legacy_count == n, "  and no other");
		if (doc.envelope == CS_ENV_UNSIGNED)
			CHECK(cs_is(&doc.corim, CS_MAP) && cs_is_tag(&doc.payload, 501) == (strcmp(good[i].edn, "{}") != 0), "  payload and map");
		CHECK(cs_document_open(&ctx, bytes.data, bytes.len, false, &doc) == (n == 0) && (n == 0 || ctx.error.code == CS_LEGACY_REFUSED),
			"  with legacy forms off %s", n == 0 ? "too" : "refused");
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
	{
		cs_span bytes = bytes_of(bad[i]);
		cs_document doc;

		CHECK(!cs_document_open(&ctx, bytes.data, bytes.len, true, &doc) && ctx.error.code == CS_INVALID && ctx.error.has_offset &&
				ctx.error.found[0],
			"%s is no document", bad[i]);
	}
}

/* ---- signer metadata ---- */

static void
test_signer_meta(void)
{
	cs_signer_meta meta;
	cs_item header = item_of("{8: <<{0: {0: \"ACME\", 1: 32(\"https://acme.example\")}, 1: {0: 1(10.5), 1: 1(20.5)}}>>}");

	CHECK(cs_signer_meta_read(&ctx, &header, &meta) && meta.has_meta && !meta.has_claims, "corim-meta alone");
	CHECK(meta.signer_name.len == 4 && memcmp(meta.signer_name.data, "ACME", 4) == 0 && meta.signer_uri.len == 20, "name and URI");
	CHECK(meta.validity.not_before == 11 && meta.validity.not_after == 20, "fractions never widen the validity");

	header = item_of("{15: {1: \"ACME\", 4: 20, 5: 10}}");
	CHECK(cs_signer_meta_read(&ctx, &header, &meta) && !meta.has_meta && meta.has_claims && meta.signer_name.len == 4 &&
			meta.validity.not_before == 10 && meta.validity.not_after == 20,
		"CWT-Claims alone");

	header = item_of("{8: <<{0: {0: \"ACME\"}, 1: {1: 1(20)}}>>, 15: {1: \"ACME\", 4: 20}}");
	CHECK(cs_signer_meta_read(&ctx, &header, &meta) && meta.has_meta && meta.has_claims, "both that agree");
	header = item_of("{8: <<{0: {0: \"ACME\"}}>>, 15: {1: \"EMCA\"}}");
	CHECK(!cs_signer_meta_read(&ctx, &header, &meta) && ctx.error.code == CS_INVALID && strstr(ctx.error.found, "EMCA"),
		"both with another name");
	header = item_of("{8: <<{0: {0: \"ACME\"}, 1: {1: 1(20)}}>>, 15: {1: \"ACME\", 4: 21}}");
	CHECK(!cs_signer_meta_read(&ctx, &header, &meta) && ctx.error.code == CS_INVALID, "both with another validity");
	header = item_of("{8: <<{0: {0: \"ACME\"}, 1: {1: 1(20)}}>>, 15: {1: \"ACME\"}}");
	CHECK(!cs_signer_meta_read(&ctx, &header, &meta), "a validity in only one of both");
	header = item_of("{1: -7}");
	CHECK(cs_signer_meta_read(&ctx, &header, &meta) && !meta.has_meta && !meta.has_claims && meta.signer_name.len == 0, "neither");
	header = item_of("{8: <<{0: {}}>>}");
	CHECK(!cs_signer_meta_read(&ctx, &header, &meta) && strstr(ctx.error.path, "corim-meta-map.signer"), "corim-meta without a name");
	header = item_of("{8: {0: {0: \"ACME\"}}}");
	CHECK(!cs_signer_meta_read(&ctx, &header, &meta), "corim-meta that is no byte string");
	header = item_of("{8: h'ff'}");
	CHECK(!cs_signer_meta_read(&ctx, &header, &meta), "corim-meta that is no CBOR");
	header = item_of("{15: {4: 20}}");
	CHECK(!cs_signer_meta_read(&ctx, &header, &meta), "CWT-Claims without issuer");
}

/* ---- a whole CoRIM ---- */

#define UUID "h'31fb5abf023e4992aa4e95f9c1503bfa'"
#define ENV(v) "{0: {1: \"" v "\"}}"
#define MEAS "[{1: {11: \"a\"}}]"
#define KEYS "[554(\"k\")]"

static const char *const corim_edn =
	"501({0: " UUID ", 3: 111(h'2a0304'), 4: {0: 1(100), 1: 1(200)}, 1: ["
	"	506(<<{1: {0: \"first\", 1: 3}, 4: {"
	"		0: [[" ENV("r0") ", " MEAS "], [" ENV(
		"r1") ", " MEAS "]],"
			  "		1: [[" ENV(
				  "e0") ", " MEAS "]],"
						"		2: [[" ENV(
							"i0") ", " KEYS "]],"
								  "		3: [[" ENV(
									  "a0") ", " KEYS ", {0: 1}]],"
											"		4: [[" ENV("t0") ", [" ENV("t1") ", " ENV(
												"t2") "]]],"
													  "		5: [[" ENV("d0") ", [" ENV(
														  "d1") "]]],"
																"		6: [[" ENV(
																	"s0") ", [\"swid\"]]],"
																		  "		8: [[[" ENV(
																			  "c0") ", []], [[" MEAS ", " MEAS "]]]],"
																					"		10: [[[[" ENV("x0") ", " MEAS "], [" ENV(
																						"x1") ", " MEAS
																							  "]], [[" ENV(
																								  "x2") ", " MEAS "]]]],"
																										"		-7: [[1, 2]]}}>>),"
																										"	505(<<{0: \"swid\", 1: "
																										"\"name\", 2: {31: \"ACME\", 33: "
																										"1}, 12: 9, 13: \"1\"}>>),"
																										"	508(<<{0: {0: " UUID
																										", 1: 1}, 1: [{0: \"first\"}], 2: "
																										"{1: 1(300)}}>>),"
																										"	999(\"kept\"),"
																										"	506(<<{1: {0: \"second\"}, 4: "
																										"{0: [[" ENV("r2") ", " MEAS
																														   "]]}}>>)]})";

static void
test_corim(void)
{
	cs_span bytes = bytes_of(corim_edn);
	cs_corim corim;
	static const struct
	{
		cs_tag_kind kind;
		uint64_t number;
		const char *id;
		uint64_t version;
	} tags[] = {
		{ CS_TAG_COMID, 506, "first", 3 },
		{ CS_TAG_COSWID, 505, "swid", 9 },
		{ CS_TAG_COTL, 508, "31fb5abf-023e-4992-aa4e-95f9c1503bfa", 1 },
		{ CS_TAG_OTHER, 999, NULL, 0 },
		{ CS_TAG_COMID, 506, "second", 0 },
	};

	if (!CHECK(cs_corim_open(&ctx, bytes.data, bytes.len, false, &corim), "a CoRIM with every kind of tag"))
	{
		printf("# %s at %s\n", ctx.error.message, ctx.error.path);
		return;
	}
	CHECK(corim.has_profile && cs_is_tag(&corim.profile, 111), "profile as it came");
	CHECK(corim.validity.not_before == 100 && corim.validity.not_after == 200, "rim-validity");
	CHECK(corim.legacy_count == 0, "no legacy form");
	CHECK(corim.tag_count == 5, "five tags");
	for (size_t i = 0; i < corim.tag_count && i < 5; i++)
	{
		const cs_tag *tag = &corim.tags[i];
		cs_buf id;

		cs_buf_init(&id, &ctx);
		CHECK(tag->kind == tags[i].kind && tag->number == tags[i].number &&
				(tag->has_tag_version ? tag->tag_version.arg : 0) == tags[i].version && tag->has_id == (tags[i].id != NULL),
			"tag %zu is a %s", i, cs_tag_kind_name(tags[i].kind));
		if (tag->has_id)
			CHECK(cs_id_text(&ctx, &tag->tag_id, &id) && id.len == strlen(tags[i].id) && memcmp(id.data, tags[i].id, id.len) == 0,
				"  with id %s", tags[i].id);
	}
}

typedef struct seen
{
	char text[1024];
	uint64_t count;
} seen;

static bool
see_environment(cs_ctx *c, const cs_item *environment, void *data)
{
	seen *s = data;
	cs_item class, vendor;
	size_t len = strlen(s->text);

	(void) c;
	if (cs_map_get(environment, 0, &class) && cs_map_get(&class, 1, &vendor))
		snprintf(s->text + len, sizeof(s->text) - len, "%.*s ", (int) vendor.arg, (const char *) vendor.content);
	return true;
}

static bool
see_triple(cs_ctx *c, const cs_triple *triple, void *data)
{
	seen *s = data;
	size_t len = strlen(s->text);
	const char *name = cs_triple_kind_name(triple->kind);

	CHECK(triple->ordinal == s->count++, "triple %llu in order", (unsigned long long) triple->ordinal);
	snprintf(s->text + len, sizeof(s->text) - len, "%zu:%s:", triple->tag, name ? name : "?");
	if (triple->has_environment)
		see_environment(c, &triple->environment, s);
	return cs_triple_environments(c, triple, see_environment, s);
}

static bool
stop_at_once(cs_ctx *c, const cs_triple *triple, void *data)
{
	(void) triple;
	++*(int *) data;
	return cs_fail(c, CS_UNSUPPORTED, "stop");
}

static void
test_triples(void)
{
	cs_span bytes = bytes_of(corim_edn);
	cs_corim corim;
	seen s = { 0 };
	int calls = 0;
	const char *expected =
		"0:reference-triples:r0 0:reference-triples:r1 0:endorsed-triples:e0 0:identity-triples:i0 "
		"0:attest-key-triples:a0 0:dependency-triples:t0 t1 t2 0:membership-triples:d0 d1 0:coswid-triples:s0 "
		"0:conditional-endorsement-series-triples:c0 0:conditional-endorsement-triples:x0 x1 x2 0:?:4:reference-triples:r2 ";

	if (!cs_corim_open(&ctx, bytes.data, bytes.len, false, &corim))
		return;
	CHECK(cs_corim_triples(&ctx, &corim, see_triple, &s), "all triples");
	CHECK(strcmp(s.text, expected) == 0, "with their subjects and further environments");
	if (strcmp(s.text, expected) != 0)
		printf("# %s\n", s.text);
	CHECK(!cs_corim_triples(&ctx, &corim, stop_at_once, &calls) && calls == 1 && ctx.error.code == CS_UNSUPPORTED, "a callback stops");
}

static void
test_legacy_corim(void)
{
	cs_span bytes = bytes_of("{0: \"id\", 3: [\"https://acme.example\"], 1: [<<506({1: {0: \"a\"}, 4: {0: [[{0: {0: 600(h'00')}}, "
							 "{1: {2: [1, h'00']}}]], 8: [[[{0: {1: \"v\"}}, {1: {1: 1}}], [[{1: {1: 1}}, {1: {1: 2}}]]]]}})>>, "
							 "507([{2: [{2: \"n\"}], 6: {0: [[2, h'30']]}}])]}");
	static const char *const names[] = { "untagged-corim-map", "bstr-tag", "inline-tag", "tag-600", "single-measurement-map",
		"single-digest", "profile-list", "untagged-profile" };
	cs_corim corim;
	seen s = { 0 };

	if (!CHECK(cs_corim_open(&ctx, bytes.data, bytes.len, true, &corim), "a CoRIM in the manner of the first drafts"))
	{
		printf("# %s at %s\n", ctx.error.message, ctx.error.path);
		return;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
	{
		bool there = false;

		for (size_t j = 0; j < corim.legacy_count; j++)
			there |= strcmp(corim.legacy[j], names[i]) == 0;
		CHECK(there, "legacy form %s is told", names[i]);
	}
	CHECK(corim.legacy_count == sizeof(names) / sizeof(names[0]), "each once, got %zu", corim.legacy_count);
	CHECK(corim.has_profile && cs_text_is(&corim.profile, "https://acme.example"), "the profile out of its list");
	CHECK(corim.tag_count == 2 && corim.tags[0].kind == CS_TAG_COMID && cs_is(&corim.tags[0].content, CS_MAP), "the tag out of its bytes");
	CHECK(corim.tag_count == 2 && corim.tags[1].kind == CS_TAG_COTS, "a CoTS");
	CHECK(cs_corim_triples(&ctx, &corim, see_triple, &s) && strstr(s.text, "series-triples:v "),
		"a common condition's environment is the subject");
	CHECK(!cs_corim_open(&ctx, bytes.data, bytes.len, false, &corim) && ctx.error.code == CS_LEGACY_REFUSED && ctx.error.hint[0],
		"refused with legacy forms off, with a hint");
}

/* ---- values ---- */

static void
test_times(void)
{
	static const struct
	{
		const char *edn;
		bool ok;
		int64_t down, up;
	} times[] = {
		{ "1(0)", true, 0, 0 },
		{ "1(-1)", true, -1, -1 },
		{ "5", true, 5, 5 },
		{ "1(1.25)", true, 1, 2 },
		{ "1(-1.25)", true, -2, -1 },
		{ "0(\"1970-01-01T00:00:00Z\")", true, 0, 0 },
		{ "0(\"2026-11-21T23:22:27Z\")", true, 1795303347, 1795303347 },
		{ "0(\"2024-02-29T00:00:00.001+01:00\")", true, 1709161200, 1709161201 },
		{ "0(\"1969-12-31T23:59:59-00:01\")", true, 59, 59 },
		{ "0(\"0001-01-01T00:00:00Z\")", true, -62135596800, -62135596800 },
		{ "1(9223372036854775807)", true, INT64_MAX, INT64_MAX },
		{ "1(9223372036854775808)", false, 0, 0 },
		{ "1(1e300)", false, 0, 0 },
		{ "1(NaN)", false, 0, 0 },
		{ "1(-Infinity)", false, 0, 0 },
		{ "0(5)", false, 0, 0 },
		{ "0(\"2023-02-29T00:00:00Z\")", false, 0, 0 },
		{ "0(\"2023-01-01T24:00:00Z\")", false, 0, 0 },
		{ "0(\"2023-01-01T00:00:00\")", false, 0, 0 },
		{ "0(\"2023-01-01 00:00:00Z\")", false, 0, 0 },
		{ "0(\"2023-01-01T00:00:00.Z\")", false, 0, 0 },
		{ "0(\"2023-01-01T00:00:00+1:00\")", false, 0, 0 },
		{ "\"2023-01-01T00:00:00Z\"", false, 0, 0 },
		{ "2(h'01')", false, 0, 0 },
		{ "null", false, 0, 0 },
	};

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
	{
		cs_item item = item_of(times[i].edn);
		int64_t down = 0, up = 0;
		bool ok = cs_time_read(&ctx, &item, false, &down) && cs_time_read(&ctx, &item, true, &up);

		CHECK(ok == times[i].ok && (!ok || (down == times[i].down && up == times[i].up)), "time %s: %lld, %lld", times[i].edn,
			(long long) down, (long long) up);
	}
}

static void
check_text(bool (*text)(cs_ctx *, const cs_item *, cs_buf *), const char *edn, const char *expected)
{
	cs_item item = item_of(edn);
	cs_buf out;
	bool ok;

	cs_buf_init(&out, &ctx);
	ok = text(&ctx, &item, &out);
	if (expected == NULL)
		CHECK(!ok, "%s has no text", edn);
	else
		CHECK(ok && out.len == strlen(expected) && memcmp(out.data, expected, out.len) == 0, "%s is %s", edn, expected);
}

static void
test_texts(void)
{
	check_text(cs_profile_text, "\"https://acme.example/p\"", "https://acme.example/p");
	check_text(cs_profile_text, "32(\"https://acme.example/p\")", "https://acme.example/p");
	check_text(cs_profile_text, "111(h'2a0304')", "1.2.3.4");
	check_text(cs_profile_text, "111(h'06032a0304')", "1.2.3.4");
	check_text(cs_profile_text, "h'2a0304'", "1.2.3.4");
	check_text(cs_profile_text, "111(h'6086480186f84d01')", "2.16.840.1.113741.1");
	check_text(cs_profile_text, "111(h'69 83ffffffffffffffffffffffffffffffffff7f')", "2.25.340282366920938463463374607431768211455");
	check_text(cs_profile_text, "111(h'69 84ffffffffffffffffffffffffffffffffffff7f')", NULL);
	check_text(cs_profile_text, "111(h'2a83')", NULL);
	check_text(cs_profile_text, "111(h'')", NULL);
	check_text(cs_profile_text, "5", NULL);
	check_text(cs_id_text, "\"tag\"", "tag");
	check_text(cs_id_text, "(_ \"t\", \"ag\")", "tag");
	check_text(cs_id_text, UUID, "31fb5abf-023e-4992-aa4e-95f9c1503bfa");
	check_text(cs_id_text, "h'00'", NULL);
	check_text(cs_id_text, "1", NULL);
}

int
main(void)
{
	static void (*const tests[])(
		void) = { test_document, test_signer_meta, test_corim, test_triples, test_legacy_corim, test_times, test_texts };

	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
	{
		cs_arena_init(&arena, &ctx);
		tests[i]();
		cs_arena_free(&arena);
	}
	return tap_done();
}
