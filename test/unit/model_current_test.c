/*
 * model_current_test.c - triples in the forms of today: each legacy form and what it becomes, what has none, and every triple of the
 * corpus.
 */
#include "model/current.h"

#include "model/corim.h"

#include "model_vectors.h"

static cs_arena arena;
static cs_ctx ctx;

typedef struct triple_vector
{
	int64_t kind;
	const char *profile; /* NULL: none */
	const char *was;
	const char *is;	  /* NULL: has no current form */
	const char *none; /* then why */
} triple_vector;

#define ENV "{0: {1: \"A\"}}"
#define PSA "http://arm.com/psa/iot/1"
#define CCA "http://arm.com/cca/ssd/1"
#define RV(measurement) "[" ENV ", [" measurement "]]"
#define H "h'0303030303030303030303030303030303030303030303030303030303030303'"

static const triple_vector vectors[] = {
	/* nothing to do but to encode deterministically, and to name digest algorithms as CoRIM does */
	{ 0, NULL, RV("{0: \"x\", 1: {1: 552(3)}}"), RV("{0: \"x\", 1: {1: 552(3)}}"), NULL },
	{ 0, NULL, "[_ {_ 0: {1: (_ \"A\", \"B\")}}, [{1: {2: [[1, " H "]], 1: 3}, 0: \"x\"}]]",
		"[{0: {1: \"AB\"}}, [{0: \"x\", 1: {1: 3, 2: [[1, " H "]]}}]]", NULL },
	{ 0, NULL, RV("{1: {2: [[\"SHA-256\", " H "]]}}"), RV("{1: {2: [[1, " H "]]}}"), NULL },
	{ 0, NULL, RV("{1: {2: [[-16, " H "]]}}"), RV("{1: {2: [[1, " H "]]}}"), NULL },
	{ 0, NULL, RV("{1: {2: [[\"acme\", h'00']]}}"), RV("{1: {2: [[\"acme\", h'00']]}}"), NULL },
	{ 0, NULL, RV("{1: {14: {0: [[\"sha-256\", " H "]]}}}"), RV("{1: {14: {0: [[1, " H "]]}}}"), NULL },
	{ 3, NULL, "[" ENV ", [557([\"sha-256\", " H "])]]", "[" ENV ", [557([1, " H "])]]", NULL },
	/* Arm's drafts have the text */
	{ 0, "tag:arm.com,2025:psa#1.0.0", RV("{1: {2: [[1, " H "]]}}"), RV("{1: {2: [[\"sha-256\", " H "]]}}"), NULL },
	/* forms of lists */
	{ 0, NULL, "[" ENV ", {1: {1: 3}}]", RV("{1: {1: 3}}"), NULL },
	{ 10, NULL, "[[[" ENV ", {1: {1: 3}}]], [[" ENV ", {1: {11: \"n\"}}]]]",
		"[[[" ENV ", [{1: {1: 3}}]]], [[" ENV ", [{1: {11: \"n\"}}]]]]", NULL },
	{ 0, NULL, RV("{1: {2: [1, " H "]}}"), RV("{1: {2: [[1, " H "]]}}"), NULL },
	{ 0, NULL, RV("{1: {2: [\"sha-256\", " H "]}}"), RV("{1: {2: [[1, " H "]]}}"), NULL },
	{ 0, NULL, RV("{1: {1: 3}, 2: 554(\"k\")}"), RV("{1: {1: 3}, 2: [554(\"k\")]}"), NULL },
	/* identifiers */
	{ 0, NULL, "[{0: {0: 600(h'0102')}}, [{1: {1: 3}}]]", "[{0: {0: 560(h'0102')}}, [{1: {1: 3}}]]", NULL },
	{ 0, NULL, "[{0: {0: 551(h'0102')}}, [{1: {1: 3}}]]", "[{0: {0: 560(h'0102')}}, [{1: {1: 3}}]]", NULL },
	{ 0, NULL, "[{0: {0: 111(h'06032a0304')}}, [{1: {1: 3}}]]", "[{0: {0: 111(h'2a0304')}}, [{1: {1: 3}}]]", NULL },
	{ 0, NULL, "[{1: h'31fb5abf023e4992aa4e95f9c1503bfa'}, [{1: {1: 3}}]]", "[{1: 37(h'31fb5abf023e4992aa4e95f9c1503bfa')}, [{1: {1: 3}}]]",
		NULL },
	{ 0, NULL, "[{0: {2: \"M\"}}, [{1: {1: 3}}]]", NULL, "model-without-vendor" },
	/* values */
	{ 0, NULL, RV("{1: {4: h'0102'}}"), RV("{1: {4: 560(h'0102')}}"), NULL },
	{ 0, NULL, RV("{1: {3: 5}}"), NULL, "flag-bits" },
	{ 0, NULL, RV("{1: {2: [[1, " H "], [\"sha-256\", " H "]]}}"), NULL, "repeated-digest-algorithm" },
	/* keys */
	{ 3, NULL, "[" ENV ", [{0: \"MFkw\"}]]", "[" ENV ", [554(\"-----BEGIN PUBLIC KEY-----\\nMFkw\\n-----END PUBLIC KEY-----\")]]", NULL },
	{ 3, NULL, "[" ENV ", [{0: \"-----BEGIN PUBLIC KEY-----\\nMFkw\\n-----END PUBLIC KEY-----\"}]]",
		"[" ENV ", [554(\"-----BEGIN PUBLIC KEY-----\\nMFkw\\n-----END PUBLIC KEY-----\")]]", NULL },
	{ 3, NULL, "[" ENV ", [{0: \"MFkw\", 1: [\"MIIB\"]}]]", NULL, "verification-key-map" },
	{ 3, NULL, "[" ENV ", [{0: \"not base 64\"}]]", NULL, "verification-key-map" },
	/* measurement keys of PSA and CCA */
	{ 0, PSA, RV("{0: 601({1: \"BL\", 4: \"1.0\", 5: " H "}), 1: {2: [[1, " H "]]}}"),
		RV("{0: \"psa.software-component\", 1: {0: {0: \"1.0\"}, 2: [[\"sha-256\", " H "]], 11: \"BL\", 13: [560(" H ")]}}"), NULL },
	{ 0, NULL, RV("{0: 600({5: " H "}), 1: {2: [[1, " H "]]}}"),
		RV("{0: \"psa.software-component\", 1: {2: [[1, " H "]], 13: [560(" H ")]}}"), NULL },
	{ 0, CCA, RV("{0: 601({1: \"RSE\", 5: " H "}), 1: {2: [1, " H "]}}, {0: 602(\"cfg\"), 1: {4: 560(h'cafe')}}"),
		RV("{0: \"cca.software-component\", 1: {2: [[\"sha-256\", " H "]], 11: \"RSE\", 13: [560(" H ")]}}, "
		   "{0: \"cca.platform-config\", 1: {4: 563([h'cafe', h'ffff'])}}"),
		NULL },
	{ 0, NULL, RV("{0: 602({1: \"cfg\"}), 1: {4: h'cafe', 5: h'ff00'}}"),
		RV("{0: \"cca.platform-config\", 1: {4: 563([h'cafe', h'ff00'])}}"), NULL },
	{ 0, PSA, RV("{0: 601({1: \"BL\", 5: " H "}), 1: {2: [[1, " H "]], 11: \"other\"}}"), NULL, "tag-601" },
	{ 0, PSA, RV("{0: 601({1: \"BL\", 5: " H ", 9: 1}), 1: {2: [[1, " H "]]}}"), NULL, "tag-601" },
	{ 0, CCA, RV("{0: 602(\"cfg\"), 1: {1: 3}}"), NULL, "tag-602" },
	/* several in one triple: what cannot be said leaves out the whole */
	{ 0, NULL, "[{0: {0: 600(h'0102')}}, [{1: {4: h'01'}}, {1: {3: 5}}]]", NULL, "flag-bits" },
	{ 99, NULL, "[_ 1]", "[1]", NULL },
};

static cs_span
edn(const char *text)
{
	cs_buf buf;

	cs_buf_init(&buf, &ctx);
	if (!cs_edn_parse(&ctx, text, strlen(text), &buf))
		printf("# %s: %s\n", text, ctx.error.message);
	return cs_buf_span(&buf);
}

static const cs_profile *
profile_of(const char *text)
{
	return text != NULL ? cs_profile_find(text, strlen(text)) : NULL;
}

static void
check_triple_vector(const triple_vector *v)
{
	cs_span was = edn(v->was), is;
	cs_item record = cs_item_at(was.data, was.len);
	const char *none;
	cs_buf out;
	bool ok;

	cs_buf_init(&out, &ctx);
	ok = cs_current_triple(&ctx, v->kind, &record, profile_of(v->profile), &out, &none);
	if (v->is == NULL)
	{
		if (!CHECK(ok && none != NULL && strcmp(none, v->none) == 0 && out.len == 0, "no current form: %s", v->was))
			printf("# %s, %s\n", ctx.error.message, none ? none : "one");
		return;
	}
	is = edn(v->is);
	if (!CHECK(ok && none == NULL && cs_span_eq(cs_buf_span(&out), is), "%s", v->was))
		printf("# %s, %s\n", ctx.error.message, none ? none : "written otherwise");
}

/* ---- a whole document ---- */

static bool
is_as_it_came(cs_ctx *c, const cs_triple *triple, const cs_profile *profile)
{
	const char *none;
	cs_buf current, same;

	cs_buf_init(&current, c);
	cs_buf_init(&same, c);
	return cs_current_triple(c, triple->kind, &triple->record, profile, &current, &none) && none == NULL &&
		cs_deterministic(c, &triple->record, &same) && cs_span_eq(cs_buf_span(&current), cs_buf_span(&same));
}

/* cs_is_current of a document with this triple alone: true for no triple that is written otherwise. */
static void
check_document_of(const triple_vector *v)
{
	size_t room = strlen(v->was) + 128;
	char *text = cs_alloc(&ctx, room, 1);
	cs_triple triple = { .kind = v->kind };
	cs_corim corim;
	cs_span bytes, was = edn(v->was);

	snprintf(text, room, "501({0: \"a\", 1: [506(<<{1: {0: \"b\"}, 4: {%d: [%s]}}>>)]})", (int) v->kind, v->was);
	bytes = edn(text);
	triple.record = cs_item_at(was.data, was.len);
	CHECK(cs_corim_open(&ctx, bytes.data, bytes.len, true, &corim) &&
			cs_is_current(&corim, profile_of(v->profile)) == is_as_it_came(&ctx, &triple, profile_of(v->profile)),
		"of a document: %s", v->was);
}

/* ---- the corpus: each triple has a current form, which is its own, or a reason ---- */

static unsigned triples, without, current;

static bool
check_as_it_came(cs_ctx *c, const cs_triple *triple, void *data)
{
	current++;
	return is_as_it_came(c, triple, data);
}

static bool
check_triple(cs_ctx *c, const cs_triple *triple, void *data)
{
	const cs_profile *profile = data;
	const char *none, *again;
	cs_buf out, twice;
	cs_item item;
	bool ok;

	cs_buf_init(&out, c);
	cs_buf_init(&twice, c);
	triples++;
	ok = cs_current_triple(c, triple->kind, &triple->record, profile, &out, &none);
	if (ok && none != NULL)
	{
		without++;
		return true;
	}
	item = cs_item_at(out.data, out.len);
	ok = ok && cs_current_triple(c, triple->kind, &item, profile, &twice, &again) && again == NULL &&
		cs_span_eq(cs_buf_span(&out), cs_buf_span(&twice));
	if (!ok)
		CHECK(false, "a triple of kind %lld is current after one step: %s", (long long) triple->kind, c->error.message);
	return ok;
}

static bool
check_document(const char *path)
{
	size_t len;
	uint8_t *data = read_file(path, &len);
	cs_document document;
	cs_corim corim;
	cs_item item;
	bool ok = true;

	cs_arena_init(&arena, &ctx);
	if (data && cs_check(&ctx, data, len) && cs_document_open(&ctx, data, len, true, &document) && document.envelope == CS_ENV_UNSIGNED)
	{
		item = cs_item_at(data, len);
		if (cs_corim_open(&ctx, data, len, true, &corim))
		{
			const cs_profile *profile = cs_profile_of_document(&ctx, &item);

			ok = cs_corim_triples(&ctx, &corim, check_triple, (void *) profile) &&
				(!cs_is_current(&corim, profile) || cs_corim_triples(&ctx, &corim, check_as_it_came, (void *) profile));
		}
	}
	cs_arena_free(&arena);
	free(data);
	return ok;
}

static void
check_corpus_triples(void)
{
	struct dirent *entry;
	char path[1024];
	DIR *dir;
	bool ok = true;

	snprintf(path, sizeof(path), "%s/corim", corpus());
	dir = opendir(path);
	if (dir == NULL)
	{
		printf("ok %d - # SKIP no corpus at %s (COSERV_CORPUS)\n", ++tap_run, path);
		return;
	}
	while ((entry = readdir(dir)))
	{
		snprintf(path, sizeof(path), "%s/corim/%s", corpus(), entry->d_name);
		ok &= check_document(path);
	}
	closedir(dir);
	CHECK(ok && triples > 400 && current > 50 && without < triples / 10,
		"triples of the corpus: %u, without a current form: %u, of current documents: %u", triples, without, current);
}

int
main(void)
{
	cs_arena_init(&arena, &ctx);
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
	{
		check_triple_vector(&vectors[i]);
		check_document_of(&vectors[i]);
	}
	cs_arena_free(&arena);
	check_corpus_triples();
	return tap_done();
}
