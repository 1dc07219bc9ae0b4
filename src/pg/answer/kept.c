/*
 * kept.c - what is kept of an appraisal (sql/store/58_kept.sql): of each environment of the final ACS what Reference Values say of its
 * elements, whose triples took part, a digest of all that, and what it is found by when a triple comes or goes that could touch it.
 */
#include "appraise_sql.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "cose/cose.h"
#include "pg/index/touch_keys.h"

PG_FUNCTION_INFO_V1(coserv_appraisal);
PG_FUNCTION_INFO_V1(coserv_keep_nothing);

/* columns of coserv.appraisal */
enum
{
	COL_MOMENT,
	COL_ENVIRONMENT,
	COL_VERDICT,
	COL_MANIFESTS,
	COL_DIGEST,
	COL_OFFERS,
	COL_KEYS,
	COLUMNS
};

static const char *const standings[] = {
	[CS_UNSPOKEN] = "unspoken", [CS_CONTRADICTED] = "contradicted", [CS_CORROBORATED] = "corroborated"
};

typedef struct kept
{
	cs_ctx *ctx;
	cs_acs *acs;
	cs_verdict *verdicts;
	size_t verdict_count;
	size_t verdict_room;
	const cs_verdict **ordered; /* by environment, in the order of the Evidence within one */
	const cs_ect **ects;		/* by environment */
	size_t ect_count;
} kept;

/* What is of one environment: of kept's ects those from .. to - 1, of its verdicts those from said_from .. said_to - 1. */
typedef struct part
{
	kept *k;
	cs_span environment;
	size_t from, to;
	size_t said_from, said_to;
} part;

static bool
add_verdict(cs_acs *acs, const cs_verdict *verdict, void *data)
{
	kept *k = data;

	if (k->verdict_count == k->verdict_room)
	{
		k->verdict_room = k->verdict_room > 0 ? 2 * k->verdict_room : 16;
		k->verdicts = k->verdicts ? repalloc_array(k->verdicts, cs_verdict, k->verdict_room) : palloc_array(cs_verdict, k->verdict_room);
	}
	k->verdicts[k->verdict_count++] = *verdict;
	return true;
}

static int
compare_spans(cs_span a, cs_span b)
{
	size_t shared = Min(a.len, b.len);
	int order = shared > 0 ? memcmp(a.data, b.data, shared) : 0;

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

/* By environment; within one in the order of their encodings, so that the same ACS has the same digest. */
static int
compare_ects(const void *a, const void *b)
{
	const cs_ect *x = *(const cs_ect *const *) a, *y = *(const cs_ect *const *) b;
	int order = compare_spans(x->environment, y->environment);

	return order != 0 ? order : compare_spans(x->encoded, y->encoded);
}

static int
compare_verdicts(const void *a, const void *b)
{
	const cs_verdict *x = *(const cs_verdict *const *) a, *y = *(const cs_verdict *const *) b;
	int order = compare_spans(x->ect->environment, y->ect->environment);

	return order != 0 ? order : (x > y) - (x < y);
}

static void
read_acs(kept *k)
{
	k->ect_count = cs_acs_count(k->acs);
	k->ects = palloc_array(const cs_ect *, k->ect_count + 1);
	for (size_t i = 0; i < k->ect_count; i++)
		k->ects[i] = cs_acs_get(k->acs, i);
	qsort(k->ects, k->ect_count, sizeof *k->ects, compare_ects);
	cs_pg_require(cs_acs_verdicts(k->acs, add_verdict, k), k->ctx, "appraisal");
	k->ordered = palloc_array(const cs_verdict *, k->verdict_count + 1);
	for (size_t i = 0; i < k->verdict_count; i++)
		k->ordered[i] = &k->verdicts[i];
	qsort(k->ordered, k->verdict_count, sizeof *k->ordered, compare_verdicts);
}

/* The next environment of the ACS; begins with nulls. False when there is none. */
static bool
next_part(part *p)
{
	kept *k = p->k;

	if (p->to == k->ect_count)
		return false;
	p->from = p->to;
	p->environment = k->ects[p->from]->environment;
	while (p->to < k->ect_count && cs_span_eq(k->ects[p->to]->environment, p->environment))
		p->to++;
	p->said_from = p->said_to;
	while (p->said_to < k->verdict_count && cs_span_eq(k->ordered[p->said_to]->ect->environment, p->environment))
		p->said_to++;
	return true;
}

/* {? "mkey": mkey, "standing": text, ? "manifest": text, ? "ordinal": int, ? "path": text, ? "reason": text} */
static void
put_verdict(cs_buf *buf, const cs_verdict *v)
{
	const pg_uuid_t *manifest;
	int32 ordinal;
	bool has_source = cs_relation_source(v->relation, &manifest, &ordinal);
	bool contradicted = v->standing == CS_CONTRADICTED;
	bool has_path = contradicted && v->why.path[0] != '\0', has_reason = contradicted && v->why.reason != NULL;

	cs_put_map(buf, 1 + (v->element_id.len > 0) + 2 * has_source + has_path + has_reason);
	if (v->element_id.len > 0)
	{
		cs_put_cstr(buf, "mkey");
		cs_put_raw(buf, v->element_id.data, v->element_id.len);
	}
	cs_put_cstr(buf, "standing");
	cs_put_cstr(buf, standings[v->standing]);
	if (has_source)
	{
		cs_put_cstr(buf, "manifest");
		cs_put_cstr(buf, DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(manifest))));
		cs_put_cstr(buf, "ordinal");
		cs_put_int(buf, ordinal);
	}
	if (has_path)
	{
		cs_put_cstr(buf, "path");
		cs_put_cstr(buf, v->why.path);
	}
	if (has_reason)
	{
		cs_put_cstr(buf, "reason");
		cs_put_cstr(buf, v->why.reason);
	}
}

/* What Reference Values say of each element, in the order of the Evidence. */
static Datum
verdict_of(const part *p)
{
	cs_buf buf;

	cs_buf_init(&buf, p->k->ctx);
	cs_put_array(&buf, p->said_to - p->said_from);
	for (size_t i = p->said_from; i < p->said_to; i++)
		put_verdict(&buf, p->k->ordered[i]);
	return cs_pg_make_bytea(&buf);
}

/* What came of it, and not whose document says so: another with the same values changes nothing. */
static Datum
digest_of(const part *p)
{
	cs_ctx *ctx = p->k->ctx;
	uint8_t digest[32];
	cs_buf buf;

	cs_buf_init(&buf, ctx);
	for (size_t i = p->said_from; i < p->said_to; i++)
	{
		const cs_verdict *v = p->k->ordered[i];

		cs_put_bytes(&buf, v->element_id.data, v->element_id.len);
		cs_put_bytes(&buf, v->claims.data, v->claims.len);
		cs_put_uint(&buf, v->standing);
	}
	for (size_t i = p->from; i < p->to; i++)
		cs_put_bytes(&buf, p->k->ects[i]->encoded.data, p->k->ects[i]->encoded.len);
	cs_pg_require(cs_buf_ok(&buf) && cs_sha256(ctx, cs_buf_span(&buf), digest), ctx, NULL);
	return cs_pg_make((cs_span) { digest, sizeof(digest) });
}

static int
compare_uuids(const void *a, const void *b)
{
	return memcmp(DatumGetUUIDP(*(const Datum *) a), DatumGetUUIDP(*(const Datum *) b), UUID_LEN);
}

static Datum
uuid_array(Datum *ids, int count)
{
	int kept = 0;

	qsort(ids, (size_t) count, sizeof(Datum), compare_uuids);
	for (int i = 0; i < count; i++)
		if (kept == 0 || compare_uuids(&ids[kept - 1], &ids[i]) != 0)
			ids[kept++] = ids[i];
	return PointerGetDatum(construct_array(ids, kept, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR));
}

/* The manifests whose triples took part: that added to the ACS, that corroborate, that differ least from what they contradict. */
static Datum
manifests_of(const part *p)
{
	Datum *ids = palloc_array(Datum, p->to - p->from + p->said_to - p->said_from + 1);
	const pg_uuid_t *manifest;
	int32 ordinal;
	int count = 0;

	for (size_t i = p->from; i < p->to; i++)
		if (cs_relation_source(p->k->ects[i]->relation, &manifest, &ordinal))
			ids[count++] = UUIDPGetDatum(manifest);
	for (size_t i = p->said_from; i < p->said_to; i++)
		if (cs_relation_source(p->k->ordered[i]->relation, &manifest, &ordinal))
			ids[count++] = UUIDPGetDatum(manifest);
	return uuid_array(ids, count);
}

/* Calls back for each element-map that has claims. Corroborated Evidence is in the Evidence. */
static void
each_element(const part *p, void (*each)(const cs_item *map, const cs_item *claims, void *data), void *data)
{
	cs_item item, list, map, claims;
	cs_iter it;

	for (size_t i = p->from; i < p->to; i++)
	{
		const cs_ect *ect = p->k->ects[i];

		CHECK_FOR_INTERRUPTS();
		item = cs_item_at(ect->encoded.data, ect->encoded.len);
		if (ect->cmtype == CS_CMTYPE_REFERENCE_VALUES || !cs_map_get_text(&item, "element-list", &list))
			continue;
		for (it = cs_iterate(&list); cs_next(&it, &map);)
			if (cs_map_get_text(&map, "element-claims", &claims))
				each(&map, &claims, data);
	}
}

static void
count_element(const cs_item *map, const cs_item *claims, void *data)
{
	++*(uint64 *) data;
}

static void
put_element(const cs_item *map, const cs_item *claims, void *data)
{
	cs_buf *buf = data;
	cs_item id;
	bool has_id = cs_map_get_text(map, "element-id", &id);

	cs_put_map(buf, has_id ? 2 : 1);
	if (has_id)
	{
		cs_put_int(buf, CS_MEASUREMENT_MKEY);
		cs_put_item(buf, &id);
	}
	cs_put_int(buf, CS_MEASUREMENT_MVAL);
	cs_put_item(buf, claims);
}

/* All elements of an environment as one record: [environment, [ * measurement-map ]], as the operator class triple_ops takes it. */
static Datum
offers_of(const part *p)
{
	uint64 count = 0;
	cs_buf buf;

	cs_buf_init(&buf, p->k->ctx);
	each_element(p, count_element, &count);
	cs_put_array(&buf, 2);
	cs_put_raw(&buf, p->environment.data, p->environment.len);
	cs_put_array(&buf, count);
	each_element(p, put_element, &buf);
	return cs_pg_make_bytea(&buf);
}

typedef struct key_list
{
	cs_ctx *ctx;
	Datum *keys;
	int count;
	int room;
} key_list;

static void
add_key(key_list *list, int64 key)
{
	if (list->count == list->room)
	{
		list->room *= 2;
		list->keys = repalloc_array(list->keys, Datum, list->room);
	}
	list->keys[list->count++] = Int64GetDatum(key);
}

/* As measured_files.c has it: an element with digests is of the file that its name is, or its mkey where it has none. */
static void
add_file(const cs_item *map, const cs_item *claims, void *data)
{
	key_list *list = data;
	cs_item digests, name;
	cs_span path;

	if (!cs_map_get(claims, CS_MVAL_DIGESTS, &digests))
		return;
	if (!cs_map_get(claims, CS_MVAL_NAME, &name) && !cs_map_get_text(map, "element-id", &name))
		return;
	if (cs_is(&name, CS_TSTR) && cs_string(list->ctx, &name, &path))
		add_key(list, cs_touch_key(CS_TOUCH_FILE, path));
}

static int
compare_keys(const void *a, const void *b)
{
	int64 x = DatumGetInt64(*(const Datum *) a), y = DatumGetInt64(*(const Datum *) b);

	return (x > y) - (x < y);
}

static Datum
keys_of(const part *p)
{
	key_list list = { .ctx = p->k->ctx, .keys = palloc_array(Datum, 16), .room = 16 };
	int used = 0;

	for (size_t i = p->said_from; i < p->said_to; i++)
	{
		const cs_verdict *v = p->k->ordered[i];

		if (v->standing != CS_CORROBORATED)
			add_key(&list, cs_touch_key(v->standing == CS_UNSPOKEN ? CS_TOUCH_UNSPOKEN : CS_TOUCH_CONTRADICTED, v->element_id));
	}
	each_element(p, add_file, &list);
	qsort(list.keys, (size_t) list.count, sizeof(Datum), compare_keys);
	for (int i = 0; i < list.count; i++)
		if (used == 0 || compare_keys(&list.keys[used - 1], &list.keys[i]) != 0)
			list.keys[used++] = list.keys[i];
	return PointerGetDatum(construct_array(list.keys, used, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

static void
put_part(const part *p, cs_rows *rows, TimestampTz moment)
{
	Datum values[COLUMNS] = { [COL_MOMENT] = TimestampTzGetDatum(moment) };
	bool nulls[COLUMNS] = { false };

	/* what has no environment is found by none */
	nulls[COL_ENVIRONMENT] = nulls[COL_OFFERS] = p->environment.len == 0;
	if (p->environment.len > 0)
	{
		values[COL_ENVIRONMENT] = cs_pg_make(p->environment);
		values[COL_OFFERS] = offers_of(p);
	}
	values[COL_VERDICT] = verdict_of(p);
	values[COL_MANIFESTS] = manifests_of(p);
	values[COL_DIGEST] = digest_of(p);
	values[COL_KEYS] = keys_of(p);
	cs_rows_put(rows, values, nulls);
}

/*
 * appraisal(store regnamespace, evidence cbor, as_of timestamptz, verified_keys crypto_key[], verifier crypto_key[]) -> setof (moment,
 * environment, verdict cbor, manifests uuid[], digest bytea, offers cbor, keys bigint[])
 */
Datum
coserv_appraisal(PG_FUNCTION_ARGS)
{
	cs_rows *rows = cs_rows_result(fcinfo);
	TimestampTz moment;
	kept k = { .verdicts = NULL };
	part p = { .k = &k };
	cs_ctx ctx;

	k.ctx = &ctx;
	k.acs = cs_appraise_arguments(fcinfo, &ctx, &moment);
	if (k.acs == NULL)
		PG_RETURN_NULL();
	read_acs(&k);
	while (next_part(&p))
	{
		CHECK_FOR_INTERRUPTS();
		put_part(&p, rows, moment);
	}
	PG_RETURN_NULL();
}

/* keep_nothing() -> interval: the error where a store keeps no Evidence */
Datum
coserv_keep_nothing(PG_FUNCTION_ARGS)
{
	ereport(ERROR,
		(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE), errmsg("the store keeps no Evidence"),
			errhint("Its owner or an administrator says for how long it shall: keep_evidence_for('90 days').")));
}
