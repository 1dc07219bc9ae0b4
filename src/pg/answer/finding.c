/*
 * finding.c - what a store says of a statement and its authority (finding.h).
 */
#include "finding.h"

#include "utils/datum.h"
#include "utils/timestamp.h"

bool
cs_may_keep(const cs_finding *finding)
{
	return cs_reading_keeps(finding->reading) && cs_lookup_is_unlimited(finding->lookup) && !cs_lookup_has_failed(finding->lookup);
}

static Datum
copy(Datum value)
{
	return datumCopy(value, false, -1);
}

static bool
find_authority(cs_finding *f, Datum authority)
{
	cs_kept_statement *it = &f->last;
	Datum keys[2] = { authority, TimestampTzGetDatum(f->reading->known) }, values[CS_LOOKUP_COLUMNS];
	bool nulls[CS_LOOKUP_COLUMNS];

	if (!cs_lookup_row(f->lookup, CS_LOOKUP_AUTHORITY_LIFE, keys, values, nulls))
		return false;
	cs_foreseen_from(&it->epoch, values[CS_AUTHORITY_LIFE_KNOWN_AT]);
	it->of_authority = copy(values[CS_AUTHORITY_LIFE_COUNTS]);
	it->shown_as = copy(values[CS_AUTHORITY_LIFE_SHOWN_AS]);
	it->authority = copy(values[CS_AUTHORITY_LIFE_NAME]);
	it->authority_id = *DatumGetUUIDP(authority);
	return true;
}

static bool
find_life(cs_finding *f, Datum manifest)
{
	cs_kept_statement *it = &f->last;
	Datum keys[2] = { manifest, TimestampTzGetDatum(f->reading->known) }, values[CS_LOOKUP_COLUMNS];
	bool nulls[CS_LOOKUP_COLUMNS];

	if (!cs_lookup_row(f->lookup, CS_LOOKUP_MANIFEST_LIFE, keys, values, nulls))
		return false;
	cs_foreseen_from(&it->epoch, values[CS_MANIFEST_LIFE_KNOWN_AT]);
	it->of_manifest = copy(values[CS_MANIFEST_LIFE_COUNTS]);
	it->truth = *DatumGetUUIDP(values[CS_MANIFEST_LIFE_TRUTH]);
	return find_authority(f, values[CS_MANIFEST_LIFE_AUTHORITY]);
}

static bool
find_manifest(cs_finding *f, Datum manifest)
{
	cs_kept_statement *it = &f->last;
	Datum values[CS_LOOKUP_COLUMNS];
	bool nulls[CS_LOOKUP_COLUMNS];

	if (!cs_lookup_row(f->lookup, CS_LOOKUP_MANIFEST, &manifest, values, nulls))
		return false;
	it->profile = nulls[CS_MANIFEST_PROFILE] ? 0 : copy(values[CS_MANIFEST_PROFILE]);
	it->has_not_before = !nulls[CS_MANIFEST_NOT_BEFORE];
	it->not_before = it->has_not_before ? DatumGetTimestampTz(values[CS_MANIFEST_NOT_BEFORE]) : 0;
	it->is_signed = DatumGetBool(values[CS_MANIFEST_IS_ANSWERED_SIGNED]);
	return find_life(f, manifest);
}

static void
find(cs_finding *f, const pg_uuid_t *manifest)
{
	const cs_kept_statement *kept = cs_may_keep(f) ? cs_kept_find_statement(f->reading->kept, manifest, f->reading->known) : NULL;
	pg_uuid_t id = *manifest;

	if (kept != NULL)
	{
		f->last = *kept;
		return;
	}
	f->last = (cs_kept_statement) { .manifest = id, .epoch = cs_foreseen_by(f->reading) };
	f->last.foreseen = find_manifest(f, UUIDPGetDatum(&id));
	if (cs_may_keep(f))
		cs_keep_statement(f->reading->kept, &f->last);
}

const cs_kept_statement *
cs_find_statement(cs_finding *finding, const pg_uuid_t *manifest)
{
	if (!finding->asked || memcmp(&finding->last.manifest, manifest, UUID_LEN) != 0)
		find(finding, manifest);
	finding->asked = true;
	return finding->last.foreseen ? &finding->last : NULL;
}
