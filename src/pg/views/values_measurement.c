/*
 * values_measurement.c - a measurement-map as typed columns (draft-ietf-rats-corim section 5.1.4.5), in the order of
 * coserv.measurements (sql/65_values.sql). What has no column of its own is in "other", and everything is in "measurement".
 */
#include "values.h"

#include <sys/socket.h>

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/inet.h"
#include "utils/json.h"
#include "utils/jsonb.h"
#include "utils/rangetypes.h"
#include "utils/typcache.h"
#include "utils/uuid.h"

#include "codepoints/version_scheme.h"
#include "pg/types/item_text.h"
#include "match/values.h"
#include "pg/types/type_io.h"

enum
{
	MKEY,
	NAME,
	VERSION,
	VERSION_SCHEME,
	SVN,
	MIN_SVN,
	DIGEST_ALG,
	DIGEST,
	DIGESTS,
	FLAGS,
	RAW_VALUE,
	RAW_VALUE_MASK,
	MAC,
	IP,
	SERIAL_NUMBER,
	UEID,
	UUID,
	CRYPTOKEYS,
	INTEGRITY_REGISTERS,
	INT_RANGE,
	AUTHORIZED_BY,
	MEASUREMENT,
	OTHER
};

/* A row, and where the columns of the measurement begin in it. */
typedef struct target
{
	cs_value_rows *rows;
	int first;
} target;

#define COLUMN(t, c) (t)->rows, (t)->first + (c)

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

	if (cs_map_get(value, 0, &part))
		cs_row_text(COLUMN(t, VERSION), &part);
	if (!cs_map_get(value, 1, &part))
		return;
	scheme = cs_version_scheme_of(&part);
	cs_row_set(COLUMN(t, VERSION_SCHEME), scheme != NULL ? CStringGetTextDatum(scheme->registered) : cs_pg_item_text(&part));
}

/* svn: uint, 552(uint); min-svn: 553(uint) */
static void
set_svn(target *t, const cs_item *value)
{
	cs_item number = cs_is(value, CS_TAG) ? cs_tag_content(value) : *value;

	cs_row_uint(COLUMN(t, cs_is_tag(value, CS_TAG_MIN_SVN) ? MIN_SVN : SVN), &number);
}

/* All of them, and the first as columns. */
static void
set_digests(target *t, const cs_item *digests)
{
	cs_item first = *digests, part;

	cs_row_item(COLUMN(t, DIGESTS), digests);
	if (cs_array_get(digests, 0, &part) && cs_is(&part, CS_ARRAY))
		first = part;
	if (!cs_is(&first, CS_ARRAY) || !cs_array_get(&first, 0, &part))
		return;
	cs_row_digest_alg(COLUMN(t, DIGEST_ALG), &part);
	if (cs_array_get(&first, 1, &part))
		cs_row_bytes(COLUMN(t, DIGEST), &part);
}

/* The standard's name of a flag; else its number. */
static const char *
flag_name(const cs_item *key)
{
	int64 number;
	const char *name = cs_int64(key, &number) ? cs_rule_member_name(&cs_rule_flags_map, number) : NULL;

	return name != NULL ? name : cs_pg_edn(key, false, NULL);
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
			escape_json(&json, cs_pg_edn(&value, false, NULL));
	}
	appendStringInfoString(&json, json.len == 0 ? "{}" : "}");
	cs_row_set(COLUMN(t, FLAGS), DirectFunctionCall1(jsonb_in, CStringGetDatum(json.data)));
}

/* 560(bytes), 563([value, mask]), bytes */
static void
set_raw_value(target *t, const cs_item *value)
{
	cs_item content = cs_is(value, CS_TAG) ? cs_tag_content(value) : *value;
	cs_item part;

	if (!cs_is(&content, CS_ARRAY))
		cs_row_bytes(COLUMN(t, RAW_VALUE), &content);
	else
	{
		if (cs_array_get(&content, 0, &part))
			cs_row_bytes(COLUMN(t, RAW_VALUE), &part);
		if (cs_array_get(&content, 1, &part))
			cs_row_bytes(COLUMN(t, RAW_VALUE_MASK), &part);
	}
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
	cs_row_set(COLUMN(t, MAC), PointerGetDatum(mac));
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
	cs_row_set(COLUMN(t, IP), InetPGetDatum(ip));
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
	cs_row_set(COLUMN(t, UUID), UUIDPGetDatum(uuid));
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

/* int, 564([min, max]) with null for an open end; beyond int8 it stays in the measurement */
static void
set_int_range(target *t, const cs_item *value)
{
	cs_item pair = cs_is(value, CS_TAG) ? cs_tag_content(value) : *value;
	cs_item min = pair, max = pair;
	RangeBound lower, upper;
	TypeCacheEntry *type;
	RangeType *range;

	if (cs_is(&pair, CS_ARRAY) && (!cs_array_get(&pair, 0, &min) || !cs_array_get(&pair, 1, &max)))
		return;
	if (!read_bound(&min, true, &lower) || !read_bound(&max, false, &upper) ||
		(!lower.infinite && !upper.infinite && DatumGetInt64(lower.val) > DatumGetInt64(upper.val)))
		return;
	type = lookup_type_cache(INT8RANGEOID, TYPECACHE_RANGE_INFO);
#if PG_VERSION_NUM >= 160000
	range = make_range(type, &lower, &upper, false, NULL);
#else
	range = make_range(type, &lower, &upper, false);
#endif
	cs_row_set(COLUMN(t, INT_RANGE), RangeTypePGetDatum(range));
}

/* Columns of one codepoint; false when it has none. */
static bool
set_value(target *t, int64 codepoint, const cs_item *value)
{
	switch (codepoint)
	{
		case 0:
			set_version(t, value);
			return true;
		case 1:
			set_svn(t, value);
			return true;
		case 2:
			set_digests(t, value);
			return true;
		case 3:
			set_flags(t, value);
			return true;
		case 4:
			set_raw_value(t, value);
			return true;
		case 5:
			cs_row_bytes(COLUMN(t, RAW_VALUE_MASK), value);
			return true;
		case 6:
			set_mac(t, value);
			return true;
		case 7:
			set_ip(t, value);
			return true;
		case 8:
			cs_row_text(COLUMN(t, SERIAL_NUMBER), value);
			return true;
		case 9:
			cs_row_bytes(COLUMN(t, UEID), value);
			return true;
		case 10:
			set_uuid(t, value);
			return true;
		case 11:
			cs_row_text(COLUMN(t, NAME), value);
			return true;
		case 13:
			cs_row_keys(COLUMN(t, CRYPTOKEYS), value);
			return true;
		case 14:
			cs_row_item(COLUMN(t, INTEGRITY_REGISTERS), value);
			return true;
		case 15:
			set_int_range(t, value);
			return true;
		default:
			return false;
	}
}

/* The members that have no column, as a map. */
static void
set_other(target *t, const cs_item *mval, uint64_t count)
{
	static const int64 first_free = 16;
	cs_iter it = cs_iterate(mval);
	cs_item key, value;
	int64 codepoint;
	cs_ctx ctx;
	cs_buf map;

	cs_pg_ctx_stored(&ctx);
	cs_buf_init(&map, &ctx);
	cs_put_map(&map, count);
	while (cs_next_pair(&it, &key, &value))
	{
		if (cs_int64(&key, &codepoint) && codepoint >= 0 && codepoint < first_free && codepoint != 12)
			continue;
		cs_put_item(&map, &key);
		cs_put_item(&map, &value);
	}
	cs_row_set(COLUMN(t, OTHER), cs_pg_make_bytea(&map));
}

void
cs_row_measurement(cs_value_rows *rows, int column, const cs_item *measurement)
{
	target t = { rows, column };
	cs_item mval, key, value;
	cs_iter it;
	int64 codepoint;
	uint64_t others = 0;

	cs_row_item(COLUMN(&t, MEASUREMENT), measurement);
	if (cs_map_get(measurement, CS_MEASUREMENT_MKEY, &value))
		cs_row_set(COLUMN(&t, MKEY), cs_pg_item_text(&value));
	if (cs_map_get(measurement, CS_MEASUREMENT_AUTHORIZED_BY, &value))
		cs_row_keys(COLUMN(&t, AUTHORIZED_BY), &value);
	if (!cs_map_get(measurement, CS_MEASUREMENT_MVAL, &mval) || !cs_is(&mval, CS_MAP))
		return;
	for (it = cs_iterate(&mval); cs_next_pair(&it, &key, &value);)
		others += !cs_int64(&key, &codepoint) || !set_value(&t, codepoint, &value);
	if (others > 0)
		set_other(&t, &mval, others);
}
