/*
 * direct_rim.c - documents under a RIM identifier by look-ups (rim.h): what CS_STMT_RIM_CORIM and CS_STMT_RIM_TAG (store_plan.c) say, step
 * by step. The tests hold both to the same bytes.
 */
#include "rim.h"

#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/timestamp.h"

#include "finding.h"
#include "pg/store/life.h"

/* What has the identifier: a statement, or a tag of it, of one version. */
typedef struct cs_version
{
	cs_rim rim; /* what it goes before others by */
	int32 ordinal;
	pg_uuid_t truth;
	bool is_signed;
	Datum counts; /* multirange */
} cs_version;

typedef struct cs_search
{
	cs_finding finding;
	const cs_rim_id *id;
	Datum profile; /* text */
	Datum *authorities;
	int authority_count;
	bool of_any_authority;
	cs_version *versions;
	int count;
	int room;
} cs_search;

static cs_version *
next_version(cs_search *s)
{
	if (s->count == s->room)
	{
		s->room = s->room == 0 ? 4 : s->room * 2;
		s->versions = s->versions == NULL ? palloc_array(cs_version, s->room) : repalloc_array(s->versions, cs_version, s->room);
	}
	memset(&s->versions[s->count], 0, sizeof(cs_version));
	return &s->versions[s->count++];
}

static void
found_corim(Datum *values, bool *nulls, void *data)
{
	next_version(data)->rim.manifest = *DatumGetUUIDP(values[CS_CORIM_MANIFEST]);
}

static void
found_tag(Datum *values, bool *nulls, void *data)
{
	static const char *const kinds[] = { [CS_RIM_COMID] = "comid", [CS_RIM_COSWID] = "coswid" };
	cs_search *s = data;
	const char *kind = kinds[s->id->kind];
	cs_span is = cs_pg_span(values[CS_TAG_KIND]);
	cs_version *version;

	if (is.len != strlen(kind) || memcmp(is.data, kind, is.len) != 0)
		return;
	version = next_version(s);
	version->rim.manifest = *DatumGetUUIDP(values[CS_TAG_MANIFEST]);
	version->rim.tag_version = PointerGetDatum(PG_DETOAST_DATUM_COPY(values[CS_TAG_VERSION]));
	version->ordinal = DatumGetInt32(values[CS_TAG_ORDINAL]);
}

static bool
is_asked(const cs_search *s, const cs_kept_statement *it)
{
	if (it->profile != 0 && !DatumGetBool(DirectFunctionCall2Coll(texteq, DEFAULT_COLLATION_OID, it->profile, s->profile)))
		return false;
	for (int i = 0; i < s->authority_count; i++)
		if (memcmp(DatumGetUUIDP(s->authorities[i]), &it->authority_id, UUID_LEN) == 0)
			return true;
	return s->of_any_authority;
}

/* The same whatever replaces it. */
static Datum
of_tag(cs_search *s, const cs_version *version, Datum counts)
{
	pg_uuid_t manifest = version->rim.manifest;
	Datum keys[3] = { UUIDPGetDatum(&manifest), Int32GetDatum(version->ordinal), TimestampTzGetDatum(s->finding.reading->known) };
	Datum values[CS_LOOKUP_COLUMNS];
	bool nulls[CS_LOOKUP_COLUMNS];

	if (!cs_lookup_row(s->finding.lookup, CS_LOOKUP_TAG_NEWEST, keys, values, nulls))
		return counts;
	return cs_life_of_both(counts, values[CS_TAG_NEWEST_COUNTS]);
}

/* When it counts; false where it never does, or was not asked for. */
static bool
find_version(cs_search *s, cs_version *version)
{
	const cs_kept_statement *it = cs_find_statement(&s->finding, &version->rim.manifest);

	if (it == NULL || !is_asked(s, it))
		return false;
	version->truth = it->truth;
	version->is_signed = it->is_signed;
	version->counts = cs_life_of_both(it->of_manifest, it->of_authority);
	if (version->rim.tag_version != 0)
		version->counts = of_tag(s, version, version->counts);
	else
	{
		version->rim.has_not_before = true;
		version->rim.not_before = it->has_not_before ? it->not_before : DT_NOBEGIN;
	}
	return true;
}

static void
look_up(cs_search *s)
{
	bool by_tag = s->id->kind != CS_RIM_CORIM;
	int kept = 0;

	cs_lookup_rows(
		s->finding.lookup, by_tag ? CS_LOOKUP_TAG : CS_LOOKUP_CORIM, cs_pg_make_text(s->id->text), by_tag ? found_tag : found_corim, s);
	for (int i = 0; i < s->count; i++)
		if (find_version(s, &s->versions[i]))
			s->versions[kept++] = s->versions[i];
	s->count = kept;
}

/* The newest that counts, until it ends, or one begins that goes before it. */
static bool
choose(cs_search *s, cs_found_rim *out)
{
	TimestampTz as_of = s->finding.reading->as_of, until, ends = DT_NOEND;
	cs_version *best = NULL;

	for (int i = 0; i < s->count; i++)
		if (cs_life_until(s->versions[i].counts, as_of, &until) && (best == NULL || cs_rim_goes_before(&s->versions[i].rim, &best->rim)))
		{
			best = &s->versions[i];
			ends = until;
		}
	if (best == NULL)
		return false;
	for (int i = 0; i < s->count; i++)
		if (cs_rim_goes_before(&s->versions[i].rim, &best->rim))
			ends = Min(ends, cs_life_begins_after(s->versions[i].counts, as_of));
	*out = (cs_found_rim) { .rim = best->rim, .truth = best->truth, .is_signed = best->is_signed };
	out->rim.has_not_after = true;
	out->rim.not_after = ends;
	return true;
}

static void
read_authorities(cs_search *s, Datum authorities)
{
	bool *nulls;

	s->of_any_authority = authorities == 0;
	if (authorities != 0)
		deconstruct_array(
			DatumGetArrayTypeP(authorities), UUIDOID, UUID_LEN, false, TYPALIGN_CHAR, &s->authorities, &nulls, &s->authority_count);
}

bool
cs_find_rim_directly(Oid store, const cs_query *query, const cs_rim_id *id, const cs_reading *reading, Datum authorities, cs_found_rim *out)
{
	cs_search s = { .finding = { .reading = reading }, .id = id };
	MemoryContext old, scratch;
	bool done;

	scratch = cs_pg_scratch_begin(&old);
	s.finding.lookup = cs_lookup_begin(store, false);
	done = s.finding.lookup != NULL;
	if (done)
	{
		s.profile = cs_pg_make_text(query->profile);
		read_authorities(&s, authorities);
		look_up(&s);
		done = cs_lookup_end(s.finding.lookup);
	}
	if (done)
	{
		out->rim.found = choose(&s, out);
		MemoryContextSwitchTo(old);
		if (out->rim.found && out->rim.tag_version != 0)
			out->rim.tag_version = datumCopy(out->rim.tag_version, false, -1);
	}
	cs_pg_scratch_end(scratch, old);
	return done;
}
