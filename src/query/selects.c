/*
 * selects.c - does a query's selector select an environment? (draft-ietf-rats-coserv section 4.3.1.2, decision 15)
 *
 * Each field that is set must be there and equal; what is not set is any. Entries are alternatives. A query that was read has its
 * selectors as environments, and Attribute Path Containment is the answer. An index recheck has the query's bytes only and must be
 * total and allocate nothing: most of this file is the same answer on whatever encoding the query came in.
 */
#include "query.h"

#include <string.h>

enum
{
	ENVIRONMENT_CLASS = 0,
	CLASS_ID = 0
};

/* Tags of identifiers, those of older drafts too (cs_env_canonical). */
enum
{
	TAG_UUID = 37,
	TAG_OID = 111,
	TAG_IMPL_ID = 551,
	TAG_BYTES = 560,
	TAG_IMPLEMENTATION_ID = 600
};

/* Strings of which either may come in chunks: equal in content. */
static bool
same_string(const cs_item *a, const cs_item *b)
{
	cs_iter ia;
	cs_iter ib;
	cs_item ca;
	cs_item cb;
	const uint8_t *pa = NULL;
	const uint8_t *pb = NULL;
	uint64_t la = 0;
	uint64_t lb = 0;

	if (!a->indefinite && !b->indefinite)
		return a->arg == b->arg && memcmp(a->content, b->content, (size_t) a->arg) == 0;
	if (!b->indefinite)
		return same_string(b, a);
	/* b has chunks; walk both, a as one chunk where it is definite */
	ib = cs_iterate(b);
	if (a->indefinite)
		ia = cs_iterate(a);
	else
	{
		ia = (cs_iter) { 0 };
		pa = a->content;
		la = a->arg;
	}
	for (;;)
	{
		uint64_t n;

		while (la == 0 && a->indefinite && cs_next(&ia, &ca))
		{
			pa = ca.content;
			la = ca.arg;
		}
		while (lb == 0 && cs_next(&ib, &cb))
		{
			pb = cb.content;
			lb = cb.arg;
		}
		if (la == 0 || lb == 0)
			return la == lb;
		n = la < lb ? la : lb;
		if (memcmp(pa, pb, (size_t) n) != 0)
			return false;
		pa += n;
		pb += n;
		la -= n;
		lb -= n;
	}
}

static bool same_value(const cs_item *a, const cs_item *b);

/* Arrays, and maps whose pairs come in the same order: a map in another order is no match here (the query was not
 * deterministic, and sorting would need memory). */
static bool
same_children(const cs_item *a, const cs_item *b)
{
	cs_iter ia = cs_iterate(a);
	cs_iter ib = cs_iterate(b);
	cs_item ca;
	cs_item cb;

	for (;;)
	{
		bool more = cs_next(&ia, &ca);

		if (more != cs_next(&ib, &cb))
			return false;
		if (!more)
			return true;
		if (!same_value(&ca, &cb))
			return false;
	}
}

static bool
same_simple(const cs_item *a, const cs_item *b)
{
	double x;
	double y;

	if (cs_is_float(a, &x) && cs_is_float(b, &y))
		return memcmp(&x, &y, sizeof(x)) == 0;
	return a->info == b->info && a->arg == b->arg;
}

/* Equal whatever the heads look like: the depth is bounded, for both sides have passed cs_check. */
static bool
same_value(const cs_item *a, const cs_item *b)
{
	cs_item ca;
	cs_item cb;

	if (a->major != b->major)
		return false;
	switch ((cs_major) a->major)
	{
		case CS_UINT:
		case CS_NINT:
			return a->arg == b->arg;
		case CS_BSTR:
		case CS_TSTR:
			return same_string(a, b);
		case CS_ARRAY:
		case CS_MAP:
			return same_children(a, b);
		case CS_TAG:
			if (a->arg != b->arg)
				return false;
			ca = cs_tag_content(a);
			cb = cs_tag_content(b);
			return same_value(&ca, &cb);
		case CS_SIMPLE:
			return same_simple(a, b);
	}
	return false;
}

static uint64_t
string_size(const cs_item *string)
{
	cs_iter it;
	cs_item chunk;
	uint64_t size = 0;

	if (!string->indefinite)
		return string->arg;
	it = cs_iterate(string);
	while (cs_next(&it, &chunk))
		size += chunk.arg;
	return size;
}

/* The OID behind the DER header that some writers leave on it; false when there is none. */
static bool
behind_der_header(const cs_item *oid, cs_item *arcs)
{
	*arcs = cs_tag_content(oid);
	if (!cs_is(arcs, CS_BSTR) || arcs->indefinite || arcs->arg < 3 || arcs->arg > 129 || arcs->content[0] != 0x06 ||
		arcs->content[1] != arcs->arg - 2)
		return false;
	arcs->content += 2;
	arcs->arg -= 2;
	return true;
}

/* value is in the form of cs_env_canonical; wanted means what that function would make of it. */
static bool
same_identifier(const cs_item *wanted, const cs_item *value)
{
	cs_item a = *wanted;
	cs_item b = *value;
	uint64_t tag;

	if (cs_is_tag(wanted, TAG_OID) && behind_der_header(wanted, &a))
		tag = TAG_OID;
	else if ((cs_is_tag(wanted, TAG_IMPLEMENTATION_ID) || cs_is_tag(wanted, TAG_IMPL_ID)) &&
		(a = cs_tag_content(wanted), cs_is(&a, CS_BSTR)))
		tag = TAG_BYTES;
	else if (cs_is(wanted, CS_BSTR) && string_size(wanted) == 16)
		tag = TAG_UUID;
	else
		return same_value(wanted, value);
	if (!cs_is_tag(value, tag))
		return false;
	b = cs_tag_content(value);
	return same_value(&a, &b);
}

static bool
is_class_id(const cs_item *key)
{
	return cs_is(key, CS_UINT) && key->arg == CLASS_ID;
}

/*
 * Every field of wanted is in class with the same value. The search goes on where the last field was found and wraps
 * around once, so that two maps in deterministic order are walked once together.
 */
static bool
class_holds(const cs_item *class, const cs_item *wanted)
{
	cs_iter fields = cs_iterate(wanted);
	cs_iter at = cs_iterate(class);
	uint64_t count = cs_count(class);
	cs_item key;
	cs_item value;

	while (cs_next_pair(&fields, &key, &value))
	{
		cs_item class_key;
		cs_item class_value;
		uint64_t left = count;
		bool found = false;

		while (!found && left-- > 0)
		{
			if (!cs_next_pair(&at, &class_key, &class_value))
			{
				at = cs_iterate(class);
				if (!cs_next_pair(&at, &class_key, &class_value))
					return false;
			}
			found = same_value(&key, &class_key);
		}
		if (!found || !(is_class_id(&key) ? same_identifier : same_value)(&value, &class_value))
			return false;
	}
	return true;
}

/* which: the selector's key, which is the environment-map's (0 class, 1 instance, 2 group). */
static bool
environment_holds(const cs_item *environment, int64_t which, const cs_item *wanted)
{
	cs_item value;

	if (!cs_map_get(environment, which, &value))
		return false;
	if (which == ENVIRONMENT_CLASS && cs_is(wanted, CS_MAP) && cs_is(&value, CS_MAP))
		return class_holds(&value, wanted);
	return same_identifier(wanted, &value);
}

bool
cs_selector_selects(const cs_selector *selector, const cs_item *environment)
{
	cs_item wanted = cs_item_at(selector->environment.data, selector->environment.len);

	return cs_env_satisfies(environment, &wanted);
}

bool
cs_query_selects(const cs_query *query, const cs_item *environment)
{
	for (size_t i = 0; i < query->selector_count; i++)
		if (cs_selector_selects(&query->selectors[i], environment))
			return true;
	return false;
}

bool
cs_coserv_selects(const uint8_t *query, size_t len, const cs_item *environment)
{
	cs_item coserv;
	cs_item map;
	cs_item selector;
	cs_item key;
	cs_item list;
	cs_item stateful;
	cs_item wanted;
	cs_iter it;
	int64_t which;

	if (len == 0)
		return false;
	coserv = cs_item_at(query, len);
	if (!cs_map_get(&coserv, 1, &map) || !cs_map_get(&map, 1, &selector) || !cs_is(&selector, CS_MAP))
		return false;
	it = cs_iterate(&selector);
	if (!cs_next_pair(&it, &key, &list) || !cs_int64(&key, &which) || !cs_is(&list, CS_ARRAY))
		return false;
	it = cs_iterate(&list);
	while (cs_next(&it, &stateful))
		if (cs_array_get(&stateful, 0, &wanted) && environment_holds(environment, which, &wanted))
			return true;
	return false;
}
