/*
 * seems.c - a document that came wrapped: as text of another encoding, armoured, compressed, with marks before it or a new line behind
 * it. It is refused, as only its bytes were signed; the hint says what it seems to be and what gives the bytes.
 */
#include "seems.h"

#include <stdio.h>
#include <string.h>

#include "cbor/item.h"

#define ENOUGH 4096 /* bytes: what text is made of shows in its beginning */
#define TEXT "convert_from(document, 'UTF8')"

static bool
blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool
begins(cs_span data, const void *with, size_t len)
{
	return data.len >= len && memcmp(data.data, with, len) == 0;
}

static cs_span
trimmed(cs_span data)
{
	while (data.len > 0 && blank(data.data[0]))
		data = (cs_span) { data.data + 1, data.len - 1 };
	while (data.len > 0 && blank(data.data[data.len - 1]))
		data.len--;
	return data;
}

/* ---- compressed, marked ---- */

static const char *
packed_form(cs_span data)
{
	static const struct
	{
		const char *magic;
		size_t len;
		const char *name;
	} forms[] = {
		{ "\x1f\x8b", 2, "gzip" },
		{ "PK\x03\x04", 4, "a zip archive" },
		{ "\x28\xb5\x2f\xfd", 4, "zstd" },
		{ "\xfd\x37zXZ\x00", 6, "xz" },
		{ "BZh", 3, "bzip2" },
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (begins(data, forms[i].magic, forms[i].len))
			return forms[i].name;
	return NULL;
}

static bool
say(char hint[CS_TEXT_MAX], const char *what, const char *call)
{
	snprintf(hint, CS_TEXT_MAX, "It seems to be %s. Load %s.", what, call);
	return true;
}

static bool
say_key(char hint[CS_TEXT_MAX], const char *what)
{
	snprintf(
		hint, CS_TEXT_MAX, "It seems to be %s, as keys, certificates and CRLs are: those belong into the tables authority and crl.", what);
	return true;
}

/* ---- text ---- */

static bool
all_are(cs_span text, const char *allowed, bool or_blank)
{
	for (size_t i = 0; i < text.len && i < ENOUGH; i++)
		if (!(or_blank && blank(text.data[i])) && (text.data[i] == 0 || strchr(allowed, text.data[i]) == NULL))
			return false;
	return text.len > 0;
}

static size_t
without_blanks(cs_span text)
{
	size_t count = 0;

	for (size_t i = 0; i < text.len; i++)
		count += !blank(text.data[i]);
	return count;
}

#define HEX "0123456789abcdefABCDEF"
#define ALPHANUMERIC "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

static bool
seems_hexadecimal(cs_span text, char hint[CS_TEXT_MAX])
{
	bool prefixed = begins(text, "\\x", 2) || begins(text, "0x", 2);
	cs_span digits = { text.data + (prefixed ? 2 : 0), text.len - (prefixed ? 2 : 0) };

	if (!all_are(digits, HEX, true) || without_blanks(digits) % 2 != 0 || digits.len < 8)
		return false;
	return say(hint, "hexadecimal", prefixed ? "decode(substr(" TEXT ", 3), 'hex')" : "decode(" TEXT ", 'hex')");
}

static bool
seems_base64(cs_span text, char hint[CS_TEXT_MAX])
{
	static const char *const padding[] = { "", "", " || '=='", " || '='" };
	char call[160];
	size_t count = without_blanks(text);

	if (text.len < 8 || count % 4 == 1)
		return false;
	if (all_are(text, ALPHANUMERIC "+/=", true))
		snprintf(call, sizeof(call), "decode(" TEXT "%s, 'base64')", padding[count % 4]);
	else if (all_are(text, ALPHANUMERIC "-_=", true))
		snprintf(call, sizeof(call), "decode(translate(" TEXT ", '-_', '+/')%s, 'base64')", padding[count % 4]);
	else
		return false;
	return say(hint, "base64", call);
}

/* JSON has names in quotes. In EDN the keys of a CoRIM are numbers; it starts with a tag or a comment where not with a map. */
static bool
seems_notation(cs_span text, char hint[CS_TEXT_MAX])
{
	size_t i = 0;

	if (text.data[0] == '{')
	{
		cs_span inside = trimmed((cs_span) { text.data + 1, text.len - 1 });

		if (inside.len > 0 && (inside.data[0] == '"' || inside.data[0] == '}'))
			return say(hint, "JSON", TEXT "::jsonb::coserv.corim");
		return say(hint, "diagnostic notation (EDN)", TEXT "::coserv.corim");
	}
	if (text.data[0] == '/' || text.data[0] == '#' || text.data[0] == '[')
		return say(hint, "diagnostic notation (EDN)", TEXT "::coserv.corim");
	while (i < text.len && text.data[i] >= '0' && text.data[i] <= '9')
		i++;
	return i > 0 && i < text.len && text.data[i] == '(' && say(hint, "diagnostic notation (EDN)", TEXT "::coserv.corim");
}

static bool
is_text(cs_span data)
{
	for (size_t i = 0; i < data.len && i < ENOUGH; i++)
		if (data.data[i] < 0x20 && !blank(data.data[i]))
			return false;
	return data.len > 0;
}

/* What the tool makes a CoRIM of, or what nothing does. */
static bool
seems_convertible(cs_span text, char hint[CS_TEXT_MAX])
{
	cs_span inside = trimmed((cs_span) { text.data + 1, text.len - 1 });
	const char *what = NULL;

	if (text.data[0] == '<' && text.len > 1 && text.data[1] != '<')
		what = "XML. coserv convert makes CoRIMs of RIMs of the TCG and of NVIDIA";
	else if (text.data[0] == '{' && begins(inside, "\"", 1) && memmem(text.data, text.len, "\"tags\"", 6) == NULL)
		what = "JSON, and no CoRIM's. coserv convert makes CoRIMs of keylime's policies and of in-toto statements";
	if (what != NULL)
		snprintf(hint, CS_TEXT_MAX, "It seems to be %s (doc/convert.md).", what);
	return what != NULL;
}

static bool
seems_text(cs_span text, char hint[CS_TEXT_MAX])
{
	if (!is_text(text))
		return false;
	if (seems_convertible(text, hint))
		return true;
	if (memmem(text.data, text.len < ENOUGH ? text.len : ENOUGH, " KEY-----", 9) != NULL)
		return say_key(hint, "PEM");
	if (memmem(text.data, text.len < ENOUGH ? text.len : ENOUGH, "-----BEGIN ", 11) != NULL)
		return say(hint, "PEM", "decode(regexp_replace(" TEXT ", '-----[^-]+-----', '', 'g'), 'base64')");
	return seems_hexadecimal(text, hint) || seems_notation(text, hint) || seems_base64(text, hint);
}

/* ---- all of them ---- */

/* A whole item, with nothing behind it but blanks: text editors and shells add them. */
static bool
seems_followed(cs_span data, char hint[CS_TEXT_MAX])
{
	char call[64];
	cs_ctx ctx;

	if (data.len == 0 || !blank(data.data[data.len - 1]))
		return false;
	/* cs_check allocates nothing, so that a context without an allocator will do */
	memset(&ctx, 0, sizeof(ctx));
	ctx.limits = (cs_limits) { CS_DEFAULT_MAX_DEPTH, CS_DEFAULT_MAX_ITEMS, CS_DEFAULT_MAX_SIZE };
	for (size_t len = data.len; len > 0 && blank(data.data[len - 1]) && data.len - len < 4;)
		if (cs_check(&ctx, data.data, --len))
		{
			snprintf(call, sizeof(call), "substr(document, 1, %zu)", len);
			return say(hint, "a document with a new line behind its end", call);
		}
	return false;
}

bool
cs_seems(cs_span document, char hint[CS_TEXT_MAX])
{
	const char *packed = packed_form(document);

	if (packed)
	{
		snprintf(hint, CS_TEXT_MAX, "It seems to be compressed: %s. Unpack it before it is loaded.", packed);
		return true;
	}
	if (begins(document, "\xef\xbb\xbf", 3))
		return say(hint, "a document behind a byte order mark", "substr(document, 4)");
	if (begins(document, "\xff\xfe", 2) || begins(document, "\xfe\xff", 2))
	{
		snprintf(hint, CS_TEXT_MAX, "It seems to be text in UTF-16. Write it in UTF-8, or as the bytes that it stands for.");
		return true;
	}
	if (begins(document, "\x30\x82", 2))
	{
		return say_key(hint, "DER");
	}
	return seems_followed(document, hint) || seems_text(trimmed(document), hint);
}

/* ---- notations ---- */

bool
cs_looks_like_edn(const char *text)
{
	text += strspn(text, " \t\r\n");
	if (*text == '{' || *text == '[' || *text == '/' || *text == '#' || (text[0] == '<' && text[1] == '<'))
		return true;
	if (*text < '0' || *text > '9')
		return false;
	text += strspn(text, "0123456789_");
	return *text == '(';
}

bool
cs_looks_like_json(cs_span text)
{
	size_t at = 0;

	while (at < text.len && blank(text.data[at]))
		at++;
	if (at == text.len || text.data[at++] != '{')
		return false;
	while (at < text.len && blank(text.data[at]))
		at++;
	return at < text.len && text.data[at] == '"';
}
