/* cbor_edn_test.c - extended diagnostic notation: RFC 8949 appendix A and the encoding indicators both ways, what else is read,
	what is
 * refused and where, annotated and pretty output. */
#include "cbor_support.h"

static cs_buf out;

static bool
parse(const char *text, size_t len)
{
	char *exact = cs_memdup(&ctx, text, len);

	cs_buf_init(&out, &ctx);
	return cs_edn_parse(&ctx, exact, len, &out);
}

/* A text that fits a line of TAP. */
static const char *
shown(const char *text)
{
	char *line = cs_strndup(&ctx, text, strlen(text));

	for (char *p = line; *p != '\0'; p++)
		*p = *p == '\n' || *p == '\r' ? '|' : *p;
	return line;
}

/* The text of bytes, NUL-terminated, or the error. */
static const char *
print(cs_span bytes, const cs_edn_style *style)
{
	cs_item item = item_of(bytes);
	cs_buf text;

	cs_buf_init(&text, &ctx);
	if (!cs_edn_print(&ctx, &item, style, &text))
		return ctx.error.message;
	return cs_strndup(&ctx, text.data, text.len);
}

/* What is printed so, and parses back. */
static void
check_both_ways(void)
{
	static const struct
	{
		const char *hex;
		const char *text;
	} vectors[] = {
		/* RFC 8949 appendix A */
		{ "00", "0" },
		{ "01", "1" },
		{ "0a", "10" },
		{ "17", "23" },
		{ "1818", "24" },
		{ "1819", "25" },
		{ "1864", "100" },
		{ "1903e8", "1000" },
		{ "1a000f4240", "1000000" },
		{ "1b000000e8d4a51000", "1000000000000" },
		{ "1bffffffffffffffff", "18446744073709551615" },
		{ "c249010000000000000000", "2(h'010000000000000000')" },
		{ "3bffffffffffffffff", "-18446744073709551616" },
		{ "c349010000000000000000", "3(h'010000000000000000')" },
		{ "20", "-1" },
		{ "29", "-10" },
		{ "3863", "-100" },
		{ "3903e7", "-1000" },
		{ "f90000", "0.0" },
		{ "f98000", "-0.0" },
		{ "f93c00", "1.0" },
		{ "fb3ff199999999999a", "1.1" },
		{ "f93e00", "1.5" },
		{ "f97bff", "65504.0" },
		{ "fa47c35000", "100000.0" },
		{ "fa7f7fffff", "3.4028234663852886e+38" },
		{ "fb7e37e43c8800759c", "1.0e+300" },
		{ "f90001", "5.9604644775390625e-08" },
		{ "f90400", "6.103515625e-05" },
		{ "f9c400", "-4.0" },
		{ "fbc010666666666666", "-4.1" },
		{ "f97c00", "Infinity" },
		{ "f97e00", "NaN" },
		{ "f9fc00", "-Infinity" },
		{ "fa7f800000", "Infinity_2" },
		{ "fa7fc00000", "NaN_2" },
		{ "faff800000", "-Infinity_2" },
		{ "fb7ff0000000000000", "Infinity_3" },
		{ "fb7ff8000000000000", "NaN_3" },
		{ "fbfff0000000000000", "-Infinity_3" },
		{ "f4", "false" },
		{ "f5", "true" },
		{ "f6", "null" },
		{ "f7", "undefined" },
		{ "f0", "simple(16)" },
		{ "f8ff", "simple(255)" },
		{ "c074323031332d30332d32315432303a30343a30305a", "0(\"2013-03-21T20:04:00Z\")" },
		{ "c11a514b67b0", "1(1363896240)" },
		{ "c1fb41d452d9ec200000", "1(1363896240.5)" },
		{ "d74401020304", "23(h'01020304')" },
		{ "d818456449455446", "24(h'6449455446')" },
		{ "d82076687474703a2f2f7777772e6578616d706c652e636f6d", "32(\"http://www.example.com\")" },
		{ "40", "h''" },
		{ "4401020304", "h'01020304'" },
		{ "60", "\"\"" },
		{ "6161", "\"a\"" },
		{ "6449455446", "\"IETF\"" },
		{ "62225c", "\"\\\"\\\\\"" },
		{ "62c3bc", "\"\303\274\"" },
		{ "63e6b0b4", "\"\346\260\264\"" },
		{ "64f0908591", "\"\360\220\205\221\"" },
		{ "80", "[]" },
		{ "83010203", "[1, 2, 3]" },
		{ "8301820203820405", "[1, [2, 3], [4, 5]]" },
		{ "a0", "{}" },
		{ "a201020304", "{1: 2, 3: 4}" },
		{ "a26161016162820203", "{\"a\": 1, \"b\": [2, 3]}" },
		{ "826161a161626163", "[\"a\", {\"b\": \"c\"}]" },
		{ "5f42010243030405ff", "(_ h'0102', h'030405')" },
		{ "7f657374726561646d696e67ff", "(_ \"strea\", \"ming\")" },
		{ "9fff", "[_ ]" },
		{ "9f018202039f0405ffff", "[_ 1, [2, 3], [_ 4, 5]]" },
		{ "83018202039f0405ff", "[1, [2, 3], [_ 4, 5]]" },
		{ "bf61610161629f0203ffff", "{_ \"a\": 1, \"b\": [_ 2, 3]}" },
		{ "bf6346756ef563416d7421ff", "{_ \"Fun\": true, \"Amt\": -2}" },
		/* heads that are longer than they need be */
		{ "1800", "0_0" },
		{ "190001", "1_1" },
		{ "1a000000ff", "255_2" },
		{ "1b0000000000000000", "0_3" },
		{ "3800", "-1_0" },
		{ "3b0000000000000000", "-1_3" },
		{ "580101", "h'01'_0" },
		{ "78016"
		  "1",
			"\"a\"_0" },
		{ "5b0000000000000000", "h''_3" },
		{ "9800", "[_0 ]" },
		{ "980101", "[_0 1]" },
		{ "b80101f5", "{_0 1: true}" },
		{ "bb0000000000000000", "{_3 }" },
		{ "bfff", "{_ }" },
		{ "d90001f6", "1_1(null)" },
		{ "d81200", "18_0(0)" },
		{ "5fff", "''_" },
		{ "7fff", "\"\"_" },
		{ "5f40ff", "(_ h'')" },
		{ "7f60ff", "(_ \"\")" },
		{ "5f580101ff", "(_ h'01'_0)" },
		{ "7f790000ff", "(_ \"\"_1)" },
		/* floats in every width, NaNs */
		{ "fa3fc00000", "1.5_2" },
		{ "fb3ff8000000000000", "1.5_3" },
		{ "fb47efffffe0000000", "3.4028234663852886e+38_3" },
		{ "fa3dcccccd", "0.10000000149011612" },
		{ "fb0000000000000001", "5.0e-324" },
		{ "fb3ff0000000000001", "1.0000000000000002" },
		{ "fb7fefffffffffffff", "1.7976931348623157e+308" },
		{ "f97e01", "float'7e01'" },
		{ "f9fe00", "float'fe00'" },
		{ "f97c01", "float'7c01'" },
		{ "fa7fc00001", "float'7fc00001'" },
		{ "fb7ff0000000000001", "float'7ff0000000000001'" },
		/* texts */
		{ "680a0d09080c00017f", "\"\\n\\r\\t\\b\\f\\u0000\\u0001\\u007f\"" },
		{ "d2844040a040", "18([h'', h'', {}, h''])" },
		{ "a1f5a1f4f6", "{true: {false: null}}" },
		{ "a1820102a0", "{[1, 2]: {}}" },
		{ "e0", "simple(0)" },
		{ "f820", "simple(32)" },
	};

	for (size_t i = 0; i < COUNT(vectors); i++)
	{
		cs_span bytes = unhex(vectors[i].hex);
		const char *text = vectors[i].text;
		const char *printed;

		if (!CHECK(cs_check(&ctx, bytes.data, bytes.len), "%s", vectors[i].hex))
			continue;
		printed = print(bytes, NULL);
		CHECK(strcmp(printed, text) == 0, "%s is printed as %s", vectors[i].hex, printed);
		CHECK(parse(text, strlen(text)) && cs_span_eq(cs_buf_span(&out), bytes), "and read from %s", text);
	}
}

/* What else is read. */
static void
check_read(void)
{
	static const struct
	{
		const char *text;
		const char *hex;
	} vectors[] = {
		{ " \t\r\n0 ", "00" },
		{ "+1", "01" },
		{ "-0", "00" },
		{ "007", "07" },
		{ "0x1267", "191267" },
		{ "0X1f", "181f" },
		{ "0o11147", "191267" },
		{ "0b1001001100111", "191267" },
		{ "-0x10", "2f" },
		{ "1_i", "01" },
		{ "-24_i", "37" },
		{ "0xff_1", "1900ff" },
		{ "18446744073709551616", "c249010000000000000000" },
		{ "-18446744073709551617", "c349010000000000000000" },
		{ "-18446744073709551616", "3bffffffffffffffff" },
		{ "0x10000000000000000", "c249010000000000000000" },
		{ "-0x10000000000000000", "3bffffffffffffffff" },
		{ "00000000000000000000000000000001", "01" },
		{ "340282366920938463463374607431768211456", "c2510100000000000000000000000000000000" },
		{ "-340282366920938463463374607431768211457", "c3510100000000000000000000000000000000" },
		{ "1.", "f93c00" },
		{ ".5", "f93800" },
		{ "1e2", "f95640" },
		{ "1E+2", "f95640" },
		{ "-1.5e-1", "fbbfc3333333333333" },
		{ "0x1.8p0", "f93e00" },
		{ "0x18p-4", "f93e00" },
		{ "-0x1p-24", "f98001" },
		{ "1.0_1", "f93c00" },
		{ "1.1_3", "fb3ff199999999999a" },
		{ "1e-400", "f90000" },
		{ "NaN_1", "f97e00" },
		{ "simple(0x14)", "f4" },
		{ "simple( 255 )", "f8ff" },
		{ "simple(23)", "f7" },
		{ "h'01 02\n03'", "43010203" },
		{ "h'A/ a comment /b # more\n cd'", "42abcd" },
		{ "h'AbCd'", "42abcd" },
		{ "h'0 1'", "4101" },
		{ "b64'EjRWeA'", "4412345678" },
		{ "b64'EjRWeA=='", "4412345678" },
		{ "b64'-_+/'", "43fbffbf" },
		{ "b64'\n Ej RW # x\n eA = = '", "4412345678" },
		{ "b64''", "40" },
		{ "b32'MZXW6==='", "43666f6f" },
		{ "b32'mzxw6'", "43666f6f" },
		{ "h32'CPNMU'", "43666f6f" },
		{ "''", "40" },
		{ "'hello'", "4568656c6c6f" },
		{ "'it\\'s \"'",
			"4669742773"
			"2022" },
		{ "\"it's\"", "6469742773" },
		{ "'\303\274'", "42c3bc" },
		{ "\"a\nb\"", "63610a62" },
		{ "\"a\r\nb\"", "63610a62" },
		{ "\"\\u00fc\\u6c34\"", "65c3bce6b0b4" },
		{ "\"\\ud800\\udd51\"", "64f0908591" },
		{ "\"\\u{10151}\\u{6f}\\u{0}\"", "66f09085916f00" },
		{ "\"\\/\\\"\"", "622f22" },
		{ "<<>>", "40" },
		{ "<<1, 2>>", "420102" },
		{ "<<\"a\" null>>", "436161f6" },
		{ "<< << 1 >> >>", "424101" },
		{ "<<1>>_1", "59000101" },
		{ "'a' + \"b\" + h'63'", "43616263" },
		{ "\"a\" + h'c3' + h'bc'", "6361c3bc" },
		{ "\"Hello \" \"world\"", "6b48656c6c6f20776f726c64" },
		{ "32(\"a\" / and / \"b\")", "d820626162" },
		{ "h'01' h'02'", "420102" },
		{ "(_ \"a\" + \"b\" \"c\",)", "7f6261626163ff" },
		{ "[\"a\" \"b\"]", "8261616162" },
		{ "[\"a\" + \"b\"]", "81626162" },
		{ "[\"a\" +1]", "82616101" },
		{ "{1: \"n\" \"x\": \"a\"}", "a201616e61786161" },
		{ "[1 2 3]", "83010203" },
		{ "[1, 2, 3,]", "83010203" },
		{ "[ ]", "80" },
		{ "{1: 2, }", "a10102" },
		{ "[_1 1]", "99000101" },
		{ "[_i 1]", "8101" },
		{ "[_1]", "990000" },
		{ "/a/[/b/1/c/,/d/2/e/]/f/", "820102" },
		{ "1 # one", "01" },
		{ "# one\n1", "01" },
		{ "/*** a b ***/ 1", "01" },
		{ "/* a/b */ 1", "01" },
		{ "[-1]", "8120" },
		{ "1( 2 )", "c102" },
		{ "6(7(8))", "c6c708" },
		{ "18446744073709551615(0)", "dbffffffffffffffff00" },
		{ "dt'1969-07-21T02:56:16Z'", "3a00d80caf" },
		{ "dt'1969-07-21T02:56:16.5Z'", "fbc16b0195f0000000" },
		{ "DT'1969-07-21T02:56:16Z'", "c13a00d80caf" },
		{ "dt'2024-01-01T00:00:00Z'", "1a65920080" },
		{ "dt'2024-02-29t01:30:00+01:30'", "1a65dfc900" },
		{ "dt'1970-01-01T00:00:00-00:01'", "183c" },
		{ "ip'192.0.2.42'", "44c000022a" },
		{ "IP'192.0.2.42'", "d83444c000022a" },
		{ "IP'192.0.2.0/24'", "d83482181843c00002" },
		{ "ip'2001:db8::42'", "5020010db8000000000000000000000042" },
		{ "IP'2001:db8::/64'",
			"d83682184044"
			"20010db8" },
		{ "ip'192.0.2.255/25'", "82181944c0000280" },
		{ "ip'10.255.255.255/12'", "820c420af0" },
		{ "ip'0.0.0.0/0'", "820040" },
		{ "float'7E01'", "f97e01" },
		{ "float'3fc00000'", "fa3fc00000" },
	};

	for (size_t i = 0; i < COUNT(vectors); i++)
	{
		CHECK(parse(vectors[i].text, strlen(vectors[i].text)) && same(cs_buf_span(&out), vectors[i].hex), "%s is %s",
			shown(vectors[i].text), vectors[i].hex);
		CHECK(cs_check(&ctx, out.data, out.len), "which is well-formed");
	}
}

static void
check_refused(void)
{
	static const struct
	{
		const char *text;
		size_t offset;
		cs_code code;
	} vectors[] = {
		{ "", 0, CS_MALFORMED },
		{ "  ", 2, CS_MALFORMED },
		{ "1 2", 2, CS_MALFORMED },
		{ "1,", 1, CS_MALFORMED },
		{ "[1", 2, CS_MALFORMED },
		{ "[1,,2]", 3, CS_MALFORMED },
		{ "[,1]", 1, CS_MALFORMED },
		{ "{1}", 2, CS_MALFORMED },
		{ "{1:}", 3, CS_MALFORMED },
		{ "{1 2}", 3, CS_MALFORMED },
		{ "{1:2", 4, CS_MALFORMED },
		{ "]", 0, CS_MALFORMED },
		{ "\"a", 0, CS_MALFORMED },
		{ "'a", 0, CS_MALFORMED },
		{ "h'0", 0, CS_MALFORMED },
		{ "h'0'", 0, CS_MALFORMED },
		{ "h'0g'", 3, CS_MALFORMED },
		{ "h'00 /x'", 5, CS_MALFORMED },
		{ "b64'A'", 0, CS_MALFORMED },
		{ "b64'A!'", 5, CS_MALFORMED },
		{ "b64'EjRWeB'", 0, CS_MALFORMED },
		{ "b32'1'", 4, CS_MALFORMED },
		{ "\"\\x\"", 2, CS_MALFORMED },
		{ "\"\\u12\"", 5, CS_MALFORMED },
		{ "\"\\ud800\"", 3, CS_MALFORMED },
		{ "\"\\udc00\"", 3, CS_MALFORMED },
		{ "\"\\ud800\\u0041\"", 3, CS_MALFORMED },
		{ "\"\\u{110000}\"", 4, CS_MALFORMED },
		{ "\"\\u{}\"", 4, CS_MALFORMED },
		{ "\"\\u{d800}\"", 4, CS_MALFORMED },
		{ "\"\001\"", 1, CS_MALFORMED },
		{ "\"a\" + h'c3'", 0, CS_MALFORMED },
		{ "\303\274", 0, CS_MALFORMED },
		{ "\"\303\274\", 1", 3, CS_MALFORMED },
		{ "\"\303\274\" \377", 4, CS_MALFORMED },
		{ "/ a", 0, CS_MALFORMED },
		{ "1 /*", 2, CS_MALFORMED },
		{ "/*/ 1", 0, CS_MALFORMED },
		{ "// a\n1", 0, CS_UNSUPPORTED },
		{ "...", 0, CS_UNSUPPORTED },
		{ "[1, ...]", 4, CS_UNSUPPORTED },
		{ "h'12...34'", 4, CS_UNSUPPORTED },
		{ "\"a\" + ...", 6, CS_UNSUPPORTED },
		{ "`a`", 0, CS_UNSUPPORTED },
		{ "foo'x'", 0, CS_UNSUPPORTED },
		{ "dt<<1>>", 0, CS_UNSUPPORTED },
		{ "h`00`", 0, CS_UNSUPPORTED },
		{ "foo", 0, CS_MALFORMED },
		{ "True", 0, CS_MALFORMED },
		{ "nulls", 0, CS_MALFORMED },
		{ "-", 0, CS_MALFORMED },
		{ "+-1", 0, CS_MALFORMED },
		{ "1x", 0, CS_MALFORMED },
		{ "0x", 0, CS_MALFORMED },
		{ "0b2", 0, CS_MALFORMED },
		{ "0o8", 0, CS_MALFORMED },
		{ "1e", 0, CS_MALFORMED },
		{ ".", 0, CS_MALFORMED },
		{ "0x1.8", 0, CS_MALFORMED },
		{ "1e400", 0, CS_MALFORMED },
		{ "-Inf", 0, CS_MALFORMED },
		{ "24_i", 0, CS_MALFORMED },
		{ "256_0", 0, CS_MALFORMED },
		{ "65536_1", 0, CS_MALFORMED },
		{ "4294967296_2", 0, CS_MALFORMED },
		{ "1_", 0, CS_MALFORMED },
		{ "1_4", 1, CS_MALFORMED },
		{ "1_x", 1, CS_MALFORMED },
		{ "1.1_1", 0, CS_MALFORMED },
		{ "1.1_2", 0, CS_MALFORMED },
		{ "1.0_0", 0, CS_MALFORMED },
		{ "1.0_", 0, CS_MALFORMED },
		{ "18446744073709551616_3", 20, CS_MALFORMED },
		{ "h'01'_", 0, CS_MALFORMED },
		{ "\"a\"_", 0, CS_MALFORMED },
		{ "\"a\"_0 + \"b\"", 0, CS_MALFORMED },
		{ "(_ )", 3, CS_MALFORMED },
		{ "(_ 1)", 3, CS_MALFORMED },
		{ "(_ \"a\", 'b')", 8, CS_MALFORMED },
		{ "(_ ''_)", 3, CS_MALFORMED },
		{ "(_ \"a\"", 6, CS_MALFORMED },
		{ "(1)", 0, CS_MALFORMED },
		{ "1(2", 3, CS_MALFORMED },
		{ "1(2,3)", 3, CS_MALFORMED },
		{ "1()", 2, CS_MALFORMED },
		{ "-1(2)", 0, CS_MALFORMED },
		{ "0x1(2)", 0, CS_MALFORMED },
		{ "18446744073709551616(1)", 0, CS_MALFORMED },
		{ "1_(2)", 0, CS_MALFORMED },
		{ "<<1", 3, CS_MALFORMED },
		{ "<<1>", 3, CS_MALFORMED },
		{ "simple(24)", 0, CS_MALFORMED },
		{ "simple(256)", 0, CS_MALFORMED },
		{ "simple(1", 8, CS_MALFORMED },
		{ "simple(-1)", 7, CS_MALFORMED },
		{ "simple()", 7, CS_MALFORMED },
		{ "simple(1.0)", 0, CS_MALFORMED },
		{ "dt'2024-01-01'", 0, CS_MALFORMED },
		{ "dt'2023-02-29T00:00:00Z'", 0, CS_MALFORMED },
		{ "dt'2024-01-01T24:00:00Z'", 0, CS_MALFORMED },
		{ "dt'2024-01-01T00:00:00'", 0, CS_MALFORMED },
		{ "dt'2024-01-01T00:00:00.Z'", 0, CS_MALFORMED },
		{ "dt'2024-01-01T00:00:00Zx'", 0, CS_MALFORMED },
		{ "ip'1.2.3'", 0, CS_MALFORMED },
		{ "ip'1.2.3.4/33'", 0, CS_MALFORMED },
		{ "ip'1.2.3.4/'", 0, CS_MALFORMED },
		{ "ip'::1/129'", 0, CS_MALFORMED },
		{ "float'7e'", 0, CS_MALFORMED },
		{ "float'7g00'", 0, CS_MALFORMED },
		{ "[1, h'0']", 4, CS_MALFORMED },
		{ "${payload}", 0, CS_MALFORMED },
	};

	for (size_t i = 0; i < COUNT(vectors); i++)
	{
		bool ok = parse(vectors[i].text, strlen(vectors[i].text));

		CHECK(!ok && ctx.error.code == vectors[i].code && ctx.error.has_offset && ctx.error.offset == vectors[i].offset,
			"%s is refused at %zu: %s, found %s", shown(vectors[i].text), ctx.error.offset, ctx.error.message, ctx.error.found);
	}
	CHECK(!parse("\0", 1) && !parse("1\0", 2) && !parse("\"a\0b\"", 5), "a NUL is refused");
}

static const char names[][12] = { "root", "zero", "one", "key/slash", "element", "content", "inner" };

/* States are the names themselves. */
static const void *
note(const cs_edn_notes *notes, const void *state, const cs_item *key, uint64_t index, const cs_item *child, const char **name,
	bool *embedded)
{
	const char *chosen;

	(void) notes;
	if (key != NULL)
		chosen = key->major == CS_TSTR ? NULL : names[1 + (key->arg < 3 ? key->arg : 2)];
	else
		chosen = strcmp(state, "content") == 0 ? names[6] : child->major == CS_BSTR ? names[5] : names[4];
	*name = index == 7 ? NULL : chosen;
	*embedded = child->major == CS_BSTR;
	return chosen;
}

static void
check_style(void)
{
	static const cs_edn_notes notes = { .root = names[0], .note = note };
	static const cs_edn_style line = { false, &notes };
	static const cs_edn_style pretty = { true, &notes };
	static const cs_edn_style plain = { true, NULL };
	cs_span map = unhex("a4000101820203024101616180");
	cs_span tagged = unhex("d901f5a1008143a10001");
	cs_span wide = unhex("8182"
						 "5820000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
						 "5820000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");

	CHECK(strcmp(print(map, &line),
			  "{/ zero / 0: 1, / one / 1: [/ element / 2, / element / 3], / key|slash / 2: << / element / 1 >>, \"a\": []}") == 0,
		"one line: %s", print(map, &line));
	CHECK(
		strcmp(print(map, &pretty),
			"{\n  / zero / 0: 1,\n  / one / 1: [/ element / 2, / element / 3],\n  / key|slash / 2: << / element / 1 >>,\n  \"a\": []\n}") ==
			0,
		"one a line");
	CHECK(strcmp(print(tagged, &pretty), "501(/ element / {\n  / zero / 0: [/ content / << / inner / {/ zero / 0: 1} >>]\n})") == 0,
		"a tag: %s", shown(print(tagged, &pretty)));
	CHECK(strcmp(print(tagged, &plain), "501({\n  0: [h'a10001']\n})") == 0, "no names");
	CHECK(strcmp(print(wide, &plain),
			  "[\n  [\n    h'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',\n"
			  "    h'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'\n  ]\n]") == 0,
		"what is too wide for a line");
	CHECK(strcmp(print(unhex("8142a1ff"), &line), "[/ content / h'a1ff']") == 0, "what is no CBOR stays hexadecimal");
	CHECK(strcmp(print(unhex("81420000"), &line), "[/ content / h'0000']") == 0, "two items stay hexadecimal");
	CHECK(strcmp(print(unhex("8140"), &line), "[/ content / h'']") == 0, "nothing stays hexadecimal");
	CHECK(strcmp(print(unhex("8158021800"), &line), "[/ content / << / inner / 0_0 >>_0]") == 0, "indicators in and behind: %s",
		print(unhex("8158021800"), &line));
	CHECK(strcmp(print(unhex("9fa0ff"), &plain), "[_\n  {}\n]") == 0, "indefinite: %s", shown(print(unhex("9fa0ff"), &plain)));
	CHECK(parse("[_\n  {}\n]", 9) && same(cs_buf_span(&out), "9fa0ff"), "and read");
}

static void
check_depth(void)
{
	size_t levels = 100000;
	char *text = cs_alloc(&ctx, levels, 1);
	const char *const openings[] = { "[", "1(", "<<", "{", "[_" };
	uint8_t deep[CS_HARD_MAX_DEPTH + 1];
	const char *printed;

	for (size_t i = 0; i < COUNT(openings); i++)
	{
		size_t len = strlen(openings[i]);

		for (size_t at = 0; at + len <= levels; at += len)
			memcpy(text + at, openings[i], len);
		CHECK(!parse(text, levels) && ctx.error.code == CS_LIMIT && ctx.error.offset == (CS_DEFAULT_MAX_DEPTH + 1) * len,
			"%s...: %s at %zu", openings[i], ctx.error.message, ctx.error.offset);
	}
	memset(deep, 0x81, sizeof(deep));
	deep[CS_HARD_MAX_DEPTH] = 0;
	ctx.limits.max_depth = UINT32_MAX;
	printed = print((cs_span) { deep, sizeof(deep) }, &(cs_edn_style) { true, NULL });
	CHECK(
		parse(printed, strlen(printed)) && out.len == sizeof(deep) && memcmp(out.data, deep, out.len) == 0, "%d levels", CS_HARD_MAX_DEPTH);
	ctx.limits.max_depth = CS_DEFAULT_MAX_DEPTH;
	CHECK(strstr(print((cs_span) { deep, sizeof(deep) }, NULL), "nested deeper") != NULL, "too deep to print");
}

static void
check_hostile(void)
{
	size_t len = 2000000;
	char *text = cs_alloc(&ctx, len, 1);
	double start = seconds();
	uint64_t items = ctx.limits.max_items;

	memset(text, '1', len);
	CHECK(!parse(text, len) && ctx.error.code == CS_LIMIT, "an integer of two million digits: %s", ctx.error.message);
	CHECK(parse(text, 10000), "one of ten thousand");
	text[1] = '.';
	CHECK(parse(text, len), "a float of two million digits");
	memset(text, '/', len);
	CHECK(!parse(text, len), "slashes");
	memset(text, '"', len);
	CHECK(parse(text, len) && same(cs_buf_span(&out), "60"), "a million empty strings, concatenated");
	memset(text, '1', len);
	for (size_t i = 0; i < len; i += 2)
		text[i] = ' ';
	text[0] = '[';
	text[len - 1] = ']';
	CHECK(parse(text, len) && cs_check(&ctx, out.data, out.len), "an array of a million");
	ctx.limits.max_items = 1000;
	CHECK(!parse(text, len) && ctx.error.code == CS_LIMIT, "and a thousand may be: %s", ctx.error.message);
	ctx.limits.max_items = items;
	ctx.limits.max_size = 1000;
	CHECK(!parse(text, len) && ctx.error.code == CS_LIMIT, "or a thousand bytes: %s", ctx.error.message);
	ctx.limits.max_size = CS_DEFAULT_MAX_SIZE;
	CHECK(seconds() - start < 30, "quick");
}

int
main(void)
{
	start_tests();
	check_both_ways();
	check_read();
	check_refused();
	check_style();
	check_depth();
	check_hostile();
	return end_tests();
}
