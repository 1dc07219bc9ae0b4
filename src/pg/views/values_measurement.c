/*
 * values_measurement.c - a measurement-map as typed columns (draft-ietf-rats-corim section 5.1.4.5), those of sql/measurement_columns.def.
 * What has no column of its own is in "other", and everything is in "measurement", in the one form in which that type is compared.
 *
 * The model's row names a value, and so its column; how it is filled follows from the column's type. Here are functions for the values that
 * are more than one column, or of a form of their own.
 */
#include "values.h"

#include <sys/socket.h>

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/inet.h"
#include "utils/json.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/rangetypes.h"
#include "utils/typcache.h"
#include "utils/uuid.h"

#include "codepoints/version_scheme.h"
#include "pg/types/item_text.h"
#include "match/values.h"
#include "pg/types/type_io.h"

#define COLUMN(name, type, comment) COL_##name,
enum
{
#include "../../../sql/measurement_columns.def"
	COLUMNS
};
#undef COLUMN

#define COLUMN(name, type, comment) #name,
static const char *const column_names[COLUMNS] = {
#include "../../../sql/measurement_columns.def"
};
#undef COLUMN

/* A row, and where the columns of the measurement begin in it. */
typedef struct target
{
	cs_value_rows *rows;
	int first;
} target;

#define COLUMN(t, c) (t)->rows, (t)->first + (COL_##c)

static bool
plain_bytes(const cs_item *item, cs_span *out)
{
	cs_ctx ctx;

	cs_pg_ctx_stored(&ctx);
	return cs_is(item, CS_BSTR) && cs_string(&ctx, item, out);
}

/* {0: version, ? 1: scheme}; the scheme by its registered name where it has one */
static void
set_version(target *t, const cs_item *value)
{
	cs_item part;
	const cs_version_scheme *scheme;

	if (cs_map_get(value, CS_VERSION_VERSION, &part))
		cs_row_text(COLUMN(t, version), &part);
	if (!cs_map_get(value, CS_VERSION_VERSION_SCHEME, &part))
		return;
	scheme = cs_version_scheme_of(&part);
	cs_row_set(COLUMN(t, version_scheme), scheme != NULL ? CStringGetTextDatum(scheme->registered) : cs_pg_item_text(&part));
}

/* svn: uint, 552(uint); min-svn: 553(uint) */
static void
set_svn(target *t, const cs_item *value)
{
	cs_item number = cs_is(value, CS_TAG) ? cs_tag_content(value) : *value;

	if (cs_is_tag(value, CS_TAG_MIN_SVN))
		cs_row_uint(COLUMN(t, min_svn), &number);
	else
		cs_row_uint(COLUMN(t, svn), &number);
}

/* All of them, and the first as columns. */
static void
set_digests(target *t, const cs_item *digests)
{
	cs_item first = *digests, part;

	cs_row_item(COLUMN(t, digests), digests);
	if (cs_array_get(digests, 0, &part) && cs_is(&part, CS_ARRAY))
		first = part;
	if (!cs_is(&first, CS_ARRAY) || !cs_array_get(&first, 0, &part))
		return;
	cs_row_digest_alg(COLUMN(t, digest_alg), &part);
	if (cs_array_get(&first, 1, &part))
		cs_row_bytes(COLUMN(t, digest), &part);
}

/* The standard's name of a flag; else its number. */
static const char *
flag_name(const cs_item *key)
{
	int64 number;
	const char *name = cs_int64(key, &number) ? cs_rule_member_name(&cs_rule_flags_map, number) : NULL;

	return name != NULL ? name : cs_pg_edn(key);
}

/* Bits of earlier drafts (doc/legacy.md) have no names that mean the same: NULL. */
static void
set_flags(target *t, const cs_item *flags)
{
	cs_iter it = cs_iterate(flags);
	cs_item key, value;
	StringInfoData json;
	bool on;

	if (!cs_is(flags, CS_MAP))
		return;
	initStringInfo(&json);
	while (cs_next_pair(&it, &key, &value))
	{
		appendStringInfoChar(&json, json.len == 0 ? '{' : ',');
		escape_json(&json, flag_name(&key));
		appendStringInfoChar(&json, ':');
		if (cs_is_bool(&value, &on))
			appendStringInfoString(&json, on ? "true" : "false");
		else
			escape_json(&json, cs_pg_edn(&value));
	}
	appendStringInfoString(&json, json.len == 0 ? "{}" : "}");
	cs_row_set(COLUMN(t, flags), DirectFunctionCall1(jsonb_in, CStringGetDatum(json.data)));
}

/* 560(bytes), 563([value, mask]), bytes */
static void
set_raw_value(target *t, const cs_item *value)
{
	cs_item content = cs_is(value, CS_TAG) ? cs_tag_content(value) : *value;
	cs_item part;

	if (!cs_is(&content, CS_ARRAY))
		cs_row_bytes(COLUMN(t, raw_value), &content);
	else
	{
		if (cs_array_get(&content, 0, &part))
			cs_row_bytes(COLUMN(t, raw_value), &part);
		if (cs_array_get(&content, 1, &part))
			cs_row_bytes(COLUMN(t, raw_value_mask), &part);
	}
}

static void
set_raw_value_mask(target *t, const cs_item *value)
{
	cs_row_bytes(COLUMN(t, raw_value_mask), value);
}

/* EUI-48 becomes EUI-64 as PostgreSQL's own casts do it, so that a literal of six bytes compares equal. */
static void
set_mac(target *t, const cs_item *value)
{
	cs_span bytes;
	macaddr8 *mac;

	if (!plain_bytes(value, &bytes) || (bytes.len != 6 && bytes.len != 8))
		return;
	mac = palloc0(sizeof(macaddr8));
	mac->a = bytes.data[0];
	mac->b = bytes.data[1];
	mac->c = bytes.data[2];
	mac->d = bytes.len == 6 ? 0xff : bytes.data[3];
	mac->e = bytes.len == 6 ? 0xfe : bytes.data[4];
	mac->f = bytes.data[bytes.len - 3];
	mac->g = bytes.data[bytes.len - 2];
	mac->h = bytes.data[bytes.len - 1];
	cs_row_set(COLUMN(t, mac), PointerGetDatum(mac));
}

/* 4 or 16 bytes, also in tags 52 and 54 (RFC 9164) */
static void
set_ip(target *t, const cs_item *value)
{
	cs_item content = cs_is(value, CS_TAG) ? cs_tag_content(value) : *value;
	cs_span bytes;
	inet *ip;

	if (!plain_bytes(&content, &bytes) || (bytes.len != 4 && bytes.len != 16))
		return;
	ip = palloc0(sizeof(inet));
	ip_family(ip) = bytes.len == 4 ? PGSQL_AF_INET : PGSQL_AF_INET6;
	ip_bits(ip) = ip_maxbits(ip);
	memcpy(ip_addr(ip), bytes.data, bytes.len);
	SET_INET_VARSIZE(ip);
	cs_row_set(COLUMN(t, ip), InetPGetDatum(ip));
}

static void
set_uuid(target *t, const cs_item *value)
{
	cs_span bytes;
	pg_uuid_t *uuid;

	if (!plain_bytes(value, &bytes) || bytes.len != UUID_LEN)
		return;
	uuid = palloc(sizeof(pg_uuid_t));
	memcpy(uuid->data, bytes.data, UUID_LEN);
	cs_row_set(COLUMN(t, uuid), UUIDPGetDatum(uuid));
}

/* False for what int8range cannot have as a bound; its canonical form ends one above the largest member. */
static bool
read_bound(const cs_item *item, bool lower, RangeBound *out)
{
	int64 value = 0;

	*out = (RangeBound) { .infinite = cs_is_null(item), .inclusive = !cs_is_null(item), .lower = lower };
	if (!out->infinite && (!cs_int64(item, &value) || value == PG_INT64_MAX))
		return false;
	out->val = Int64GetDatum(value);
	return true;
}

static void
set_range(cs_value_rows *rows, int column, Oid range_type, RangeBound *lower, RangeBound *upper)
{
	TypeCacheEntry *type = lookup_type_cache(range_type, TYPECACHE_RANGE_INFO);
	RangeType *range;

#if PG_VERSION_NUM >= 160000
	range = make_range(type, lower, upper, false, NULL);
#else
	range = make_range(type, lower, upper, false);
#endif
	cs_row_set(rows, column, RangeTypePGetDatum(range));
}

/* int, 564([min, max]) with null for an open end; beyond int8 it stays in the measurement */
static void
set_int_range(target *t, const cs_item *value)
{
	cs_item pair = cs_is(value, CS_TAG) ? cs_tag_content(value) : *value;
	cs_item min = pair, max = pair;
	RangeBound lower, upper;

	if (cs_is(&pair, CS_ARRAY) && (!cs_array_get(&pair, 0, &min) || !cs_array_get(&pair, 1, &max)))
		return;
	if (!read_bound(&min, true, &lower) || !read_bound(&max, false, &upper) ||
		(!lower.infinite && !upper.infinite && DatumGetInt64(lower.val) > DatumGetInt64(upper.val)))
		return;
	set_range(COLUMN(t, int_range), INT8RANGEOID, &lower, &upper);
}

/* --- by the column's type --- */

/* The column of this name; -1 when there is none. */
static int
column_named(const char *name)
{
	for (int i = 0; i < COLUMNS; i++)
		if (strcmp(column_names[i], name) == 0)
			return i;
	return -1;
}

/* name and suffix, as SQL has them; -1 when there is no such column. */
static int
column_of_value(const char *name, const char *suffix)
{
	char *column = psprintf("%s%s", name, suffix);

	for (char *p = column; *p != '\0'; p++)
		if (*p == '-')
			*p = '_';
	return column_named(column);
}

/* false for what the type cannot hold */
static bool
scalar_datum(Oid type, const cs_item *item, Datum *out)
{
	const char *text;
	cs_span bytes;
	double real;
	bool flag;

	switch (type)
	{
		case BOOLOID:
			if (!cs_is_bool(item, &flag))
				return false;
			*out = BoolGetDatum(flag);
			return true;
		case NUMERICOID:
			if (cs_is_float(item, &real))
				text = DatumGetCString(DirectFunctionCall1(float8out, Float8GetDatum(real)));
			else if (cs_is_int(item))
				text = cs_pg_edn(item);
			else
				return false;
			/* The shortest digits of a float: a cast to numeric keeps fifteen. */
			*out = DirectFunctionCall3(numeric_in, CStringGetDatum(text), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
			return true;
		case TEXTOID:
			if (!cs_is(item, CS_TSTR))
				return false;
			*out = cs_pg_item_text(item);
			return true;
		case BYTEAOID:
			if (!plain_bytes(item, &bytes))
				return false;
			*out = cs_pg_make(bytes);
			return true;
		default:
			return false;
	}
}

static void
set_typed(target *t, int column, const cs_item *value)
{
	Oid type = TupleDescAttr(cs_rows_desc(t->rows->rows), t->first + column)->atttypid;
	Datum datum;

	if (scalar_datum(type, value, &datum))
		cs_row_set(t->rows, t->first + column, datum);
	else if (OidIsValid(get_element_type(type)))
		cs_row_keys(t->rows, t->first + column, value);
	else if (type != BOOLOID && type != NUMERICOID && type != TEXTOID && type != BYTEAOID)
		cs_row_item(t->rows, t->first + column, value);
}

/* 566: an array of the bare column's type */
static void
set_alternatives(target *t, const char *name, const cs_item *set)
{
	int column = column_of_value(name, "_set");
	cs_item list = cs_tag_content(set), member;
	cs_iter it = cs_iterate(&list);
	Oid type;
	int16 length;
	bool by_value;
	char align;
	Datum *members;
	int count = 0;

	if (column < 0 || !cs_is(&list, CS_ARRAY))
		return;
	type = get_element_type(TupleDescAttr(cs_rows_desc(t->rows->rows), t->first + column)->atttypid);
	get_typlenbyvalalign(type, &length, &by_value, &align);
	members = palloc(sizeof(Datum) * (cs_count(&list) + 1));
	while (cs_next(&it, &member))
		count += scalar_datum(type, &member, &members[count]);
	cs_row_set(t->rows, t->first + column, PointerGetDatum(construct_array(members, count, type, length, by_value, align)));
}

/* 565([min, max]) with null for an open end */
static void
set_number_range(target *t, const char *name, const cs_item *range)
{
	int column = column_of_value(name, "_range");
	cs_item pair = cs_tag_content(range), bound;
	RangeBound bounds[2];

	if (column < 0 || !cs_is(&pair, CS_ARRAY) || cs_count(&pair) != 2)
		return;
	for (int i = 0; i < 2; i++)
	{
		cs_array_get(&pair, (uint64_t) i, &bound);
		bounds[i] = (RangeBound) { .infinite = cs_is_null(&bound), .inclusive = !cs_is_null(&bound), .lower = i == 0 };
		if (!bounds[i].infinite && !scalar_datum(NUMERICOID, &bound, &bounds[i].val))
			return;
	}
	set_range(t->rows, t->first + column, NUMRANGEOID, &bounds[0], &bounds[1]);
}

/* Values with a function of their own, by the model's names. */
static const struct
{
	const char *name;
	void (*set)(target *t, const cs_item *value);
} own_forms[] = {
	{ "version", set_version },
	{ "svn", set_svn },
	{ "digests", set_digests },
	{ "flags", set_flags },
	{ "raw-value", set_raw_value },
	{ "raw-value-mask-DEPRECATED", set_raw_value_mask },
	{ "mac-addr", set_mac },
	{ "ip-addr", set_ip },
	{ "uuid", set_uuid },
	{ "int-range", set_int_range },
};

/* Columns of one value; false when it has none. */
static bool
set_value(target *t, const cs_field *field, const cs_item *value)
{
	int column;

	for (size_t i = 0; i < lengthof(own_forms); i++)
		if (strcmp(own_forms[i].name, field->name) == 0)
		{
			own_forms[i].set(t, value);
			return true;
		}
	column = column_of_value(field->name, "");
	if (column < 0)
		column = column_of_value(field->name, "_value");
	if (column < 0)
		return false;
	if (cs_is_tag(value, CS_TAG_SET))
		set_alternatives(t, field->name, value);
	else if (cs_is_tag(value, CS_TAG_NUMBER_RANGE))
		set_number_range(t, field->name, value);
	else
		set_typed(t, column, value);
	return true;
}

static void
set_other(target *t, const cs_buf *members, uint64_t count)
{
	cs_ctx ctx;
	cs_buf map;

	cs_pg_ctx_stored(&ctx);
	cs_buf_init(&map, &ctx);
	cs_put_map(&map, count);
	cs_put_raw(&map, members->data, members->len);
	cs_row_set(COLUMN(t, other), cs_pg_make_bytea(&map));
}

static bool
put_columns(target *t, const cs_item *key, const cs_item *value)
{
	int64 codepoint;
	const cs_field *field = cs_int64(key, &codepoint) ? cs_rule_member(&cs_rule_measurement_values_map, codepoint) : NULL;

	return field != NULL && set_value(t, field, value);
}

static void
set_measurement(cs_value_rows *rows, int column, const cs_item *measurement)
{
	cs_ctx ctx;
	cs_buf canonical;

	cs_pg_ctx_stored(&ctx);
	cs_buf_init(&canonical, &ctx);
	if (!cs_deterministic(&ctx, measurement, &canonical) || !cs_buf_ok(&canonical))
		cs_pg_report(&ctx.error, NULL);
	cs_row_set(rows, column, cs_pg_make(cs_buf_span(&canonical)));
}

void
cs_row_measurement(cs_value_rows *rows, int column, const cs_item *measurement)
{
	target t = { rows, column };
	cs_item mval, key, value;
	cs_iter it;
	cs_buf other;
	uint64_t others = 0;
	cs_ctx ctx;

	set_measurement(COLUMN(&t, measurement), measurement);
	if (cs_map_get(measurement, CS_MEASUREMENT_MKEY, &value))
		cs_row_set(COLUMN(&t, mkey), cs_pg_item_text(&value));
	if (cs_map_get(measurement, CS_MEASUREMENT_AUTHORIZED_BY, &value))
		cs_row_keys(COLUMN(&t, authorized_by), &value);
	if (!cs_map_get(measurement, CS_MEASUREMENT_MVAL, &mval) || !cs_is(&mval, CS_MAP))
		return;
	/* The members that have no column, as a map. */
	cs_pg_ctx_stored(&ctx);
	cs_buf_init(&other, &ctx);
	for (it = cs_iterate(&mval); cs_next_pair(&it, &key, &value);)
		if (!put_columns(&t, &key, &value))
		{
			cs_put_item(&other, &key);
			cs_put_item(&other, &value);
			others++;
		}
	if (others > 0)
		set_other(&t, &other, others);
}
