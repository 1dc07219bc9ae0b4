/*
 * codepoints_test.c - algorithms and schemes under all their numbers and names, and those that are none.
 */
#include "cbor_support.h"

#include "codepoints/cose_alg.h"
#include "codepoints/digest_alg.h"
#include "codepoints/version_scheme.h"

/* EDN into an item. */
static cs_item
item(const char *text)
{
	cs_buf buf;

	cs_buf_init(&buf, &ctx);
	CHECK(cs_edn_parse(&ctx, text, strlen(text), &buf) && cs_check(&ctx, buf.data, buf.len), "%s is read", text);
	return cs_item_at(buf.data, buf.len);
}

/* Of each algorithm: how it is named, and its registered name; NULL for what names none. */
static void
check_digests(void)
{
	static const struct
	{
		const char *alg;
		const char *name;
		size_t size;
	} rows[] = {
		{ "1", "sha-256", 32 },
		{ "-16", "sha-256", 32 },
		{ "\"sha-256\"", "sha-256", 32 },
		{ "\"SHA-256\"", "sha-256", 32 },
		{ "\"sha256\"", "sha-256", 32 },
		{ "\"Sha256\"", "sha-256", 32 },
		{ "2", "sha-256-128", 16 },
		{ "3", "sha-256-120", 15 },
		{ "4", "sha-256-96", 12 },
		{ "5", "sha-256-64", 8 },
		{ "-15", "sha-256-64", 8 },
		{ "\"SHA-256/64\"", "sha-256-64", 8 },
		{ "6", "sha-256-32", 4 },
		{ "7", "sha-384", 48 },
		{ "-43", "sha-384", 48 },
		{ "\"sha384\"", "sha-384", 48 },
		{ "8", "sha-512", 64 },
		{ "-44", "sha-512", 64 },
		{ "\"SHA512\"", "sha-512", 64 },
		{ "9", "sha3-224", 28 },
		{ "10", "sha3-256", 32 },
		{ "11", "sha3-384", 48 },
		{ "12", "sha3-512", 64 },
		{ "\"sha3-512\"", "sha3-512", 64 },
		{ "-17", "sha-512/256", 32 },
		{ "\"SHA-512/256\"", "sha-512/256", 32 },
		{ "0", NULL, 0 },
		{ "13", NULL, 0 },
		{ "-14", NULL, 0 },
		{ "-1", NULL, 0 },
		{ "\"sha-1\"", NULL, 0 },
		{ "\"\"", NULL, 0 },
		{ "\"sha-25\"", NULL, 0 },
		{ "\"sha-2560\"", NULL, 0 },
		{ "h'01'", NULL, 0 },
		{ "18446744073709551615", NULL, 0 },
		{ "1.0", NULL, 0 },
		{ "null", NULL, 0 },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
	{
		cs_item alg = item(rows[i].alg);
		const cs_digest_alg *known = cs_digest_alg_of(&alg);

		CHECK(rows[i].name == NULL ? known == NULL
								   : known != NULL && strcmp(known->names[0], rows[i].name) == 0 && known->size == rows[i].size,
			"digest algorithm %s is %s", rows[i].alg, rows[i].name ? rows[i].name : "none");
	}
}

/* No two rows share a number or a name, whatever its case. */
static void
check_digest_table(void)
{
	const cs_digest_alg *alg;

	for (size_t i = 0; (alg = cs_digest_alg_at(i)) != NULL; i++)
	{
		char text[40];
		cs_item number, name;

		snprintf(text, sizeof text, "\"%s\"", alg->names[0]);
		name = item(text);
		snprintf(text, sizeof text, "%d", alg->named_information != 0 ? alg->named_information : alg->cose);
		number = item(text);
		CHECK(cs_digest_alg_of(&name) == alg && cs_digest_alg_of(&number) == alg && alg->size > 0 && alg->hash != NULL &&
				alg->reference != NULL,
			"%s has one row", alg->names[0]);
		CHECK(cs_digest_alg_is_cose(alg, &number) == (alg->named_information == 0), "named information's number of %s is not COSE's",
			alg->names[0]);
	}
}

static void
check_schemes(void)
{
	static const struct
	{
		const char *scheme;
		int64_t number;
	} rows[] = {
		{ "1", 1 },
		{ "\"multipartnumeric\"", 1 },
		{ "2", 2 },
		{ "\"multipartnumeric+suffix\"", 2 },
		{ "\"multipartnumeric-suffix\"", 2 },
		{ "3", 3 },
		{ "\"decimal\"", 4 },
		{ "5", 5 },
		{ "\"binary\"", 5 },
		{ "16384", 16384 },
		{ "\"semver\"", 16384 },
		{ "0", -1 },
		{ "6", -1 },
		{ "-1", -1 },
		{ "\"SEMVER\"", -1 },
		{ "\"multipartnumeric suffix\"", -1 },
		{ "h'01'", -1 },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
	{
		cs_item given = item(rows[i].scheme);
		const cs_version_scheme *known = cs_version_scheme_of(&given);

		CHECK((known == NULL ? -1 : known->number) == rows[i].number, "version scheme %s is %lld", rows[i].scheme,
			(long long) rows[i].number);
	}
}

static void
check_signatures(void)
{
	static const cs_span lower = { (const uint8_t *) "es256", 5 };

	CHECK(strcmp(cs_alg_name(CS_ALG_ES256), "ES256") == 0 && strcmp(cs_alg_name(CS_ALG_ED448), "Ed448") == 0, "algorithms have names");
	CHECK(
		cs_alg_name(0) == NULL && cs_alg_name(-65535) == NULL && cs_algorithm_by_name(lower) == NULL, "others have none, and case counts");
	for (int64_t id = -300; id < 300; id++)
	{
		const char *name = cs_alg_name(id);
		cs_span text = { (const uint8_t *) name, name != NULL ? strlen(name) : 0 };

		if (name != NULL)
			CHECK(cs_algorithm_by_name(text) == cs_algorithm_by_id(id), "%s is one row", name);
	}
}

int
main(void)
{
	start_tests();
	check_digests();
	check_digest_table();
	check_schemes();
	check_signatures();
	return end_tests();
}
