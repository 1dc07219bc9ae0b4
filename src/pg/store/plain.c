/*
 * plain.c - documents on which nothing bears but their own validity (plain.h).
 */
#include "plain.h"

#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "pg/base/probe.h"

typedef struct cs_looking
{
	cs_probe *probe;
	cs_plain_manifest manifest;
	pg_uuid_t scope;
	int32 ordinal;			   /* of the tag at hand */
	bool revoked_certificates; /* some CRL revokes any */
} cs_looking;

static bool
linked(cs_looking *looking, Datum tag_id, const char *relation)
{
	Datum keys[2] = { tag_id, CStringGetTextDatum(relation) };

	return cs_probe_any(looking->probe, CS_PROBE_LINKED, keys);
}

static bool
is_namesake(const Datum *values, const bool *nulls, void *data)
{
	const cs_looking *looking = data;

	return memcmp(DatumGetUUIDP(values[0]), &looking->manifest.id, UUID_LEN) != 0 || DatumGetInt32(values[1]) != looking->ordinal;
}

static bool
has_namesake(const Datum *values, const bool *nulls, void *data)
{
	cs_looking *looking = data;
	Datum keys[3] = { values[CS_PROBE_TAG_ID], values[CS_PROBE_TAG_AUTHORITY], values[CS_PROBE_TAG_KIND] };

	looking->ordinal = DatumGetInt32(values[CS_PROBE_TAG_ORDINAL]);
	return !nulls[CS_PROBE_TAG_ID] && cs_probe_each(looking->probe, CS_PROBE_VERSIONS, keys, is_namesake, looking);
}

/* Does anything bear on a tag besides its manifest? */
static bool
is_spoken_of(const Datum *values, const bool *nulls, void *data)
{
	cs_looking *looking = data;
	Datum revoked[2] = { values[CS_PROBE_TAG_AUTHORITY], values[CS_PROBE_TAG_ID] };

	if (strcmp(TextDatumGetCString(values[CS_PROBE_TAG_KIND]), "cotl") == 0)
		return true;
	if (nulls[CS_PROBE_TAG_ID])
		return false;
	return has_namesake(values, nulls, data) || cs_probe_any(looking->probe, CS_PROBE_REVOKED_TAG, revoked) ||
		linked(looking, values[CS_PROBE_TAG_ID], "replaces") || linked(looking, values[CS_PROBE_TAG_ID], "activates");
}

static bool
speaks_of_others(const Datum *values, const bool *nulls, void *data)
{
	char *relation = TextDatumGetCString(values[0]);

	return strcmp(relation, "replaces") == 0 || strcmp(relation, "activates") == 0;
}

static bool
is_of_scope(const Datum *values, const bool *nulls, void *data)
{
	return memcmp(DatumGetUUIDP(values[0]), &((cs_looking *) data)->scope, UUID_LEN) == 0;
}

/* False where the manifest's own row says more than its validity. */
static bool
take_manifest(const Datum *values, const bool *nulls, void *data)
{
	cs_looking *looking = data;
	cs_plain_manifest *manifest = &looking->manifest;

	manifest->truth = *DatumGetUUIDP(values[CS_PROBE_MANIFEST_TRUTH]);
	manifest->authority = *DatumGetUUIDP(values[CS_PROBE_MANIFEST_AUTHORITY]);
	looking->scope = *DatumGetUUIDP(values[CS_PROBE_MANIFEST_SCOPE]);
	manifest->not_before = nulls[CS_PROBE_MANIFEST_NOT_BEFORE] ? DT_NOBEGIN : DatumGetTimestampTz(values[CS_PROBE_MANIFEST_NOT_BEFORE]);
	manifest->not_after = nulls[CS_PROBE_MANIFEST_NOT_AFTER] ? DT_NOEND : DatumGetTimestampTz(values[CS_PROBE_MANIFEST_NOT_AFTER]);
	return nulls[CS_PROBE_MANIFEST_GENERATION] && nulls[CS_PROBE_MANIFEST_WITHDRAWN];
}

static bool
is_plain(cs_looking *looking)
{
	Datum id = UUIDPGetDatum(&looking->manifest.id), authority = UUIDPGetDatum(&looking->manifest.authority);
	cs_probe *probe = looking->probe;

	return cs_probe_each(probe, CS_PROBE_MANIFEST, &id, take_manifest, looking) &&
		cs_probe_each(probe, CS_PROBE_AUTHORITY, &authority, is_of_scope, looking) &&
		!cs_probe_any(probe, CS_PROBE_REVOKED_MANIFEST, &id) && !cs_probe_any(probe, CS_PROBE_MANIFEST_LIFE, &id) &&
		!(looking->revoked_certificates && cs_probe_any(probe, CS_PROBE_CERTIFICATES, &id)) &&
		!cs_probe_each(probe, CS_PROBE_LINKS, &id, speaks_of_others, looking) &&
		!cs_probe_each(probe, CS_PROBE_TAGS, &id, is_spoken_of, looking);
}

static int
compare_manifests(const void *a, const void *b)
{
	return memcmp(&((const cs_plain_manifest *) a)->id, &((const cs_plain_manifest *) b)->id, UUID_LEN);
}

/* What waits may wait twice. */
static void
each_once(cs_plain *plain)
{
	int count = 0;

	qsort(plain->manifests, (size_t) plain->count, sizeof(cs_plain_manifest), compare_manifests);
	for (int i = 0; i < plain->count; i++)
		if (count == 0 || compare_manifests(&plain->manifests[count - 1], &plain->manifests[i]) != 0)
			plain->manifests[count++] = plain->manifests[i];
	plain->count = count;
}

void
cs_find_plain(Oid store, const cs_ids *waiting, cs_plain *plain, cs_ids *rest)
{
	cs_looking looking;
	bool all_by_statements;

	*plain = (cs_plain) { .manifests = palloc_extended(sizeof(cs_plain_manifest) * (Size) Max(waiting->count, 1), MCXT_ALLOC_HUGE) };
	CommandCounterIncrement();
	looking.probe = cs_probe_begin(store);
	looking.revoked_certificates = cs_probe_any(looking.probe, CS_PROBE_REVOKED_CERTIFICATE, NULL);
	all_by_statements = cs_probe_any(looking.probe, CS_PROBE_COTLS, NULL) || cs_probe_any(looking.probe, CS_PROBE_UNSETTLED, NULL);
	for (int i = 0; i < waiting->count; i++)
	{
		MemoryContext old, scratch = cs_pg_scratch_begin(&old);
		bool is;

		looking.manifest.id = waiting->ids[i];
		is = !all_by_statements && is_plain(&looking);
		MemoryContextSwitchTo(old);
		if (is)
			plain->manifests[plain->count++] = looking.manifest;
		else
			cs_ids_add(rest, &waiting->ids[i]);
		cs_pg_scratch_end(scratch, old);
	}
	cs_probe_end(looking.probe);
	each_once(plain);
}

void
cs_foresee_plain(cs_writing *writing, const cs_plain *plain, TimestampTz moment, TimestampTz known, cs_ids *rest)
{
	static const char *const columns[] = { "manifest", "counts", "authority", "truth", NULL };
	bool nulls[4] = { false };
	cs_rows *rows = cs_rows_table(writing, "manifest_life", columns);

	cs_rows_also(rows, "known_at", TimestampTzGetDatum(known));
	for (int i = 0; i < plain->count; i++)
	{
		const cs_plain_manifest *manifest = &plain->manifests[i];
		TimestampTz from = Max(manifest->not_before, moment);
		MemoryContext old;
		Datum values[4] = { UUIDPGetDatum(&manifest->id), 0, UUIDPGetDatum(&manifest->authority), UUIDPGetDatum(&manifest->truth) };

		if (manifest->not_after <= from)
		{
			cs_ids_add(rest, &manifest->id);
			continue;
		}
		old = MemoryContextSwitchTo(cs_rows_memory(rows));
		values[1] = cs_life_between(from, manifest->not_after);
		MemoryContextSwitchTo(old);
		cs_rows_put(rows, values, nulls);
	}
}

bool
cs_has_namesakes(Oid store, const pg_uuid_t *manifest)
{
	cs_looking looking = { .probe = cs_probe_begin(store), .manifest = { .id = *manifest } };
	Datum id = UUIDPGetDatum(manifest);
	bool has = cs_probe_each(looking.probe, CS_PROBE_TAGS, &id, has_namesake, &looking);

	cs_probe_end(looking.probe);
	return has;
}
