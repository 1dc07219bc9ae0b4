/*
 * accept.c - proactive negotiation over Accept (RFC 9110 section 12.5.1).
 *
 * The header is read anew for each offer, so that nothing is allocated. Beyond the grammar, "*" for any type and q=.5 without
 * its zero are understood, since the HTTP client of older Java sends them.
 */
#include "http.h"

#include <string.h>

typedef struct cursor
{
	const char *p;
	const char *end;
} cursor;

typedef struct range
{
	cs_span type; /* either may be "*" */
	cs_span subtype;
	bool has_profile;
	bool profile_quoted;
	cs_span profile; /* between the quotes, escapes still in it */
	int q;			 /* thousandths */
} range;

static bool
is_token_char(char c)
{
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
		return true;
	return c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL;
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char) (c - 'A' + 'a') : c;
}

static bool
equals_ignoring_case(cs_span a, const char *text, size_t len)
{
	if (a.len != len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (lower((char) a.data[i]) != lower(text[i]))
			return false;
	return true;
}

static bool
is_star(cs_span s)
{
	return s.len == 1 && s.data[0] == '*';
}

static void
skip_blank(cursor *c)
{
	while (c->p < c->end && (*c->p == ' ' || *c->p == '\t'))
		c->p++;
}

static bool
take(cursor *c, char wanted)
{
	if (c->p == c->end || *c->p != wanted)
		return false;
	c->p++;
	return true;
}

static bool
take_token(cursor *c, cs_span *out)
{
	const char *start = c->p;

	while (c->p < c->end && is_token_char(*c->p))
		c->p++;
	*out = (cs_span) { (const uint8_t *) start, (size_t) (c->p - start) };
	return out->len > 0;
}

/* Behind the opening quote. */
static bool
take_quoted(cursor *c, cs_span *out)
{
	const char *start = c->p;

	for (; c->p < c->end && *c->p != '"'; c->p++)
	{
		if (*c->p == '\\' && ++c->p == c->end)
			return false;
		if (((unsigned char) *c->p < 0x20 && *c->p != '\t') || *c->p == 0x7f)
			return false;
	}
	*out = (cs_span) { (const uint8_t *) start, (size_t) (c->p - start) };
	return take(c, '"');
}

/* weight: 0 or 1 with at most three decimals, and not above 1 */
static bool
parse_q(cs_span text, int *q)
{
	size_t i = 0;
	int value = 0;
	int unit = 100;

	if (text.len > 0 && (text.data[0] == '0' || text.data[0] == '1'))
		value = text.data[i++] == '1' ? 1000 : 0;
	if (i < text.len)
	{
		if (text.data[i++] != '.' || text.len - i > 3 || (i == 1 && text.len == 1))
			return false;
		for (; i < text.len; i++, unit /= 10)
		{
			if (text.data[i] < '0' || text.data[i] > '9')
				return false;
			value += (text.data[i] - '0') * unit;
		}
	}
	*q = value;
	return text.len > 0 && value <= 1000;
}

/* *( OWS ";" OWS [ name "=" value ] ); others than q and profile restrict nothing here. The first of each counts. */
static bool
take_parameters(cursor *c, range *r)
{
	bool has_q = false;

	for (;;)
	{
		cs_span name;
		cs_span value;
		bool quoted;

		skip_blank(c);
		if (!take(c, ';'))
			return true;
		skip_blank(c);
		if (c->p == c->end || *c->p == ';' || *c->p == ',')
			continue;
		if (!take_token(c, &name) || !take(c, '='))
			return false;
		quoted = take(c, '"');
		if (quoted ? !take_quoted(c, &value) : !take_token(c, &value))
			return false;
		if (!has_q && equals_ignoring_case(name, "q", 1))
		{
			has_q = true;
			if (quoted || !parse_q(value, &r->q))
				return false;
		}
		else if (!r->has_profile && equals_ignoring_case(name, "profile", 7))
		{
			r->has_profile = true;
			r->profile_quoted = quoted;
			r->profile = value;
		}
	}
}

static bool
take_range(cursor *c, range *r)
{
	*r = (range) { .q = 1000 };
	if (!take_token(c, &r->type))
		return false;
	if (take(c, '/'))
	{
		if (!take_token(c, &r->subtype))
			return false;
	}
	else if (is_star(r->type))
		r->subtype = r->type;
	else
		return false;
	if (is_star(r->type) && !is_star(r->subtype))
		return false;
	return take_parameters(c, r);
}

/* The value of the parameter, unquoted. Case counts: profiles are URIs and OIDs. */
static bool
profile_equals(const range *r, const char *profile)
{
	size_t n = 0;
	size_t len = strlen(profile);

	for (size_t i = 0; i < r->profile.len; i++, n++)
	{
		if (r->profile_quoted && r->profile.data[i] == '\\')
			i++; /* take_quoted made sure that something follows */
		if (n == len || (char) r->profile.data[i] != profile[n])
			return false;
	}
	return n == len;
}

/* How closely the range names the offer: 0 not at all, else the larger the closer. */
static int
closeness(const range *r, const cs_offer *offer)
{
	const char *slash = strchr(offer->type, '/');
	size_t type_len = slash == NULL ? strlen(offer->type) : (size_t) (slash - offer->type);
	const char *subtype = slash == NULL ? "" : slash + 1;
	int close = 1;

	if (!is_star(r->type))
	{
		if (!equals_ignoring_case(r->type, offer->type, type_len))
			return 0;
		close = 3;
	}
	if (!is_star(r->subtype))
	{
		if (!equals_ignoring_case(r->subtype, subtype, strlen(subtype)))
			return 0;
		close = 5;
	}
	if (!r->has_profile)
		return close;
	return offer->profile != NULL && profile_equals(r, offer->profile) ? close + 1 : 0;
}

/* The weight of an offer by the range that names it most closely: thousandths, 0 when none does; -1 for a header that cannot be
 * parsed. */
static int
weigh(const char *accept, size_t len, const cs_offer *offer)
{
	cursor c = { accept, accept + len };
	range r;
	int best = 0;
	int q = 0;

	for (;;)
	{
		int close;

		skip_blank(&c);
		if (c.p == c.end)
			return q;
		if (take(&c, ','))
			continue; /* an empty element (RFC 9110 section 5.6.1.2) */
		if (!take_range(&c, &r) || (c.p != c.end && *c.p != ','))
			return -1;
		close = closeness(&r, offer);
		if (close > best || (close == best && close > 0 && r.q > q))
		{
			best = close;
			q = r.q;
		}
	}
}

static bool
is_blank(const char *accept, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (accept[i] != ' ' && accept[i] != '\t')
			return false;
	return true;
}

int
cs_accept_negotiate(const char *accept, size_t len, const cs_offer *offers, size_t count)
{
	int best = -1;
	int best_q = 0;

	if (accept == NULL || is_blank(accept, len))
		return count > 0 ? 0 : -1;
	for (size_t i = 0; i < count; i++)
	{
		int q = weigh(accept, len, &offers[i]);

		if (q < 0)
			return -2;
		if (q > best_q)
		{
			best = (int) i;
			best_q = q;
		}
	}
	return best;
}
