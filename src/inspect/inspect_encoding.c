/*
 * inspect_encoding.c - where a document is not in core deterministic encoding (RFC 8949 section 4.2.1): no fault of a CoRIM, but two
 * tools that re-encode it will not agree on its bytes.
 */
#include "cbor/floats.h"
#include "cbor/head.h"
#include "inspect_parts.h"

#include <string.h>

static bool
tell(cs_inspector *in, const cs_walk *walk, const cs_rule *rule, const uint8_t *p, const char *message)
{
	char path[CS_PATH_MAX] = "";
	cs_place place = { path, p, rule != NULL ? rule->name : NULL, CS_ENCODING_SECTION, NULL };

	if (walk != NULL)
		cs_walk_path(walk, path, sizeof(path));
	return cs_inspect_add(in, in->is_query ? CS_SEVERITY_ERROR : CS_SEVERITY_NOTE, &place, "not deterministic: %s", message);
}

static bool
is_long_float(const cs_item *item)
{
	uint64_t bits;

	return item->major == CS_SIMPLE && item->info >= CS_HALF && item->info <= 27 &&
		cs_float_shortest(cs_float_value(item->info, item->arg), &bits) != item->info;
}

static bool
check_head(cs_inspector *in, const cs_walk *walk, const cs_rule *rule, const cs_item *item)
{
	if (item->indefinite)
		return tell(in, walk, rule, item->p, "indefinite length");
	if (item->major == CS_SIMPLE ? is_long_float(item) : !cs_head_is_shortest(item))
		return tell(in, walk, rule, item->p, "head longer than it need be");
	return true;
}

static int
compare(cs_span a, cs_span b)
{
	int order = memcmp(a.data, b.data, a.len < b.len ? a.len : b.len);

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static bool
check_keys(cs_inspector *in, const cs_walk *walk, const cs_rule *rule, const cs_item *map)
{
	cs_iter it = cs_iterate(map);
	cs_item key, value;
	cs_span last = { 0 };

	while (cs_next_pair(&it, &key, &value))
	{
		cs_span span = cs_item_span(&key);

		cs_tick(in->ctx, &in->ticks);
		if (!check_head(in, walk, rule, &key))
			return false;
		if (last.data != NULL && compare(last, span) > 0)
			return tell(in, walk, rule, key.p, "map keys out of order");
		last = span;
	}
	return true;
}

static bool
check_item(cs_inspector *in, const cs_walk *walk, const cs_rule *rule, const cs_item *item)
{
	return check_head(in, walk, rule, item) && (!cs_is(item, CS_MAP) || check_keys(in, walk, rule, item));
}

/* Every item from p to end in turn: heads follow one another, so that nothing need be recursed into. */
static bool
check_below(cs_inspector *in, const cs_walk *walk, const cs_rule *rule, const cs_item *item)
{
	const uint8_t *end = cs_item_end(item);
	const uint8_t *p = item->content;

	if (item->major == CS_BSTR || item->major == CS_TSTR)
		return true;
	while (p < end)
	{
		cs_item at;

		cs_tick(in->ctx, &in->ticks);
		if (*p == 0xff)
		{
			p++;
			continue;
		}
		at = cs_item_at(p, (size_t) (end - p));
		if (!check_item(in, walk, rule, &at))
			return false;
		p = at.major == CS_BSTR || at.major == CS_TSTR ? cs_item_end(&at) : at.content;
	}
	return true;
}

bool
cs_inspect_encoding(cs_inspector *in, const cs_walk *walk, const cs_rule *rule, const cs_item *item, bool of_all)
{
	return check_item(in, walk, rule, item) && (!of_all || check_below(in, walk, rule, item));
}
