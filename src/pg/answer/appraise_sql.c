/*
 * appraise_sql.c - appraise(), verdict() and what explain() shows: the ACS over what a store holds, fetched environment by environment.
 */
#include "execute.h"

#include "access/htup_details.h"
#include "appraise/appraise.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "model/corim.h"
#include "port/pg_bswap.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "appraise_sql.h"
#include "gather.h"
#include "pg/store/profile_sql.h"
#include "pg/base/rows.h"
#include "pg/base/settings.h"
#include "pg/store/reading.h"
#include "pg/base/store.h"
#include "pg/types/crypto_key.h"
#include "measured_files.h"
#include "selection.h"
#include "verified_keys.h"

PG_FUNCTION_INFO_V1(coserv_appraise);
PG_FUNCTION_INFO_V1(coserv_verdict);

/* Kinds of triples that an appraisal uses as they are, those with conditions of their own last; of CoSWID links (6) it uses the files. */
static const int16 appraised_kinds[] = { CS_TRIPLE_REFERENCE, CS_TRIPLE_ENDORSED, CS_TRIPLE_IDENTITY, CS_TRIPLE_ATTEST_KEY,
	CS_TRIPLE_DEPENDENCY, CS_TRIPLE_MEMBERSHIP, CS_TRIPLE_CONDITIONAL_ENDORSEMENT, CS_TRIPLE_CONDITIONAL_ENDORSEMENT_SERIES };

#define CONDITIONAL_KINDS 2
#define OTHER_KINDS (lengthof(appraised_kinds) - CONDITIONAL_KINDS)

/* Whose row a relation is; its bytes are also the relation's sort key, or the beginning of it. */
typedef struct cs_source
{
	pg_uuid_t manifest;
	uint32 ordinal_be;
} cs_source;

typedef struct cs_job
{
	cs_ctx *ctx;
	Oid store;
	TimestampTz as_of;
	cs_reading reading;
	cs_rows *rows;
	const cs_store_profiles *profiles;
	cs_verified_keys keys;
	bool explaining;
	cs_gathering *gathering; /* of a federation; NULL: a store */
} cs_job;

/* Of a triple, beside whose row it is: the store that has it, which knows what revokes the certificates of its keys. */
typedef struct cs_triple_source
{
	cs_source source;
	Oid store;				 /* InvalidOid: at another server */
	const cs_member *member; /* of a federation */
} cs_triple_source;

#define TRIAL_COLUMNS 11

/* A copy in the context's memory, which outlives SPI's. */
static cs_span
keep(cs_ctx *ctx, cs_span s)
{
	void *copy = cs_memdup(ctx, s.data, s.len);

	cs_pg_require(copy != NULL, ctx, NULL);
	return (cs_span) { copy, s.len };
}

static cs_span
profile_of(cs_ctx *ctx, Datum text)
{
	cs_span utf8 = cs_pg_utf8_text(text);
	cs_buf buf;

	cs_buf_init(&buf, ctx);
	cs_pg_require(cs_profile_item(ctx, utf8, &buf) && cs_buf_ok(&buf), ctx, "profile");
	return cs_buf_span(&buf);
}

typedef struct cs_fetching
{
	cs_acs *acs;
	cs_job *job;
	bool has_links; /* to CoSWID tags, of a federation */
} cs_fetching;

static void
add_relation(const cs_selected *row, void *data)
{
	cs_fetching *fetching = data;
	cs_job *job = fetching->job;
	cs_triple_source *of_triple = cs_alloc(job->ctx, 1, sizeof(cs_triple_source));
	cs_source *source;
	cs_relation relation;

	cs_pg_require(of_triple != NULL, job->ctx, NULL);
	source = &of_triple->source;
	of_triple->store = job->gathering != NULL ? row->store : job->store;
	of_triple->member = row->member;
	source->manifest = *DatumGetUUIDP(row->values[SEL_MANIFEST]);
	source->ordinal_be = pg_hton32((uint32) DatumGetInt32(row->values[SEL_ORDINAL]));
	relation.kind = DatumGetInt16(row->values[SEL_KIND]);
	relation.record = keep(job->ctx, cs_pg_span(row->values[SEL_CONTENT]));
	relation.authority = cs_pg_key_list_of(job->ctx, row->values[SEL_SHOWN]);
	relation.profile = row->nulls[SEL_PROFILE] ? (cs_span) { NULL, 0 } : profile_of(job->ctx, row->values[SEL_PROFILE]);
	relation.order = (cs_span) { (const uint8_t *) source, sizeof(cs_source) };
	relation.source = source;
	cs_pg_require(cs_acs_add_relation(fetching->acs, &relation), job->ctx, "triple");
}

/* Several files of one link: told apart by their records. */
static void
add_file(const cs_file *file, cs_span record, void *data)
{
	cs_fetching *f = data;
	cs_ctx *ctx = f->job->ctx;
	cs_source *source = cs_alloc(ctx, 1, sizeof(cs_source) + record.len);
	cs_relation relation = { .kind = CS_TRIPLE_COSWID, .record = record, .source = source };

	cs_pg_require(source != NULL, ctx, NULL);
	source->manifest = *DatumGetUUIDP(file->values[FILE_MANIFEST]);
	source->ordinal_be = pg_hton32((uint32) DatumGetInt32(file->values[FILE_ORDINAL]));
	memcpy(source + 1, record.data, record.len);
	relation.order = (cs_span) { (const uint8_t *) source, sizeof(cs_source) + record.len };
	relation.authority = cs_pg_key_list_of(ctx, file->values[FILE_SHOWN_AS]);
	if (!file->nulls[FILE_PROFILE])
		relation.profile = profile_of(ctx, file->values[FILE_PROFILE]);
	cs_pg_require(cs_acs_add_relation(f->acs, &relation), ctx, "file of a CoSWID tag");
}

static void
fetch_kinds(cs_fetching *fetching, cs_span environment, const int16 *kinds, int kind_count, const cs_holdings *holdings)
{
	const cs_job *job = fetching->job;
	cs_selection selection = { .store = job->store,
		.reading = &job->reading,
		.operator= CS_ASK_CONTAINED,
		.asked = cs_pg_make(environment),
		.any = true,
		.holdings = holdings,
		.kinds = kinds,
		.kind_count = kind_count };

	cs_select(&selection, add_relation, fetching);
}

/* A member that has linked tags is asked for their files. */
static void
add_gathered(const cs_selected *row, void *data)
{
	if (DatumGetInt16(row->values[SEL_KIND]) == CS_TRIPLE_COSWID)
		((cs_fetching *) data)->has_links = true;
	else
		add_relation(row, data);
}

/* All that names the environments; unless it is to be explained what did not match, without what asks for more. */
static bool
fetch(cs_acs *acs, const cs_span *environments, size_t count, void *data)
{
	cs_job *job = data;
	cs_fetching fetching = { .acs = acs, .job = job };

	if (job->gathering != NULL)
	{
		cs_gather_relations(job->gathering, environments, count, add_gathered, &fetching);
		for (size_t i = 0; fetching.has_links && i < count; i++)
			cs_measured_files(job->ctx, acs, job->store, job->gathering, environments[i], job->as_of, add_file, &fetching);
		return true;
	}
	for (size_t i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		fetch_kinds(&fetching, environments[i], appraised_kinds, job->explaining ? lengthof(appraised_kinds) : OTHER_KINDS, NULL);
		cs_measured_files(job->ctx, acs, job->store, NULL, environments[i], job->as_of, add_file, &fetching);
	}
	return true;
}

/* What asks for one of these elements, which are new. */
static bool
fetch_conditional(cs_acs *acs, cs_span environment, const cs_element *elements, size_t count, void *data)
{
	cs_fetching fetching = { .acs = acs, .job = data };
	MemoryContext old, scratch = cs_pg_scratch_begin(&old);
	cs_holdings holdings = { 0 };

	for (size_t i = 0; i < count; i++)
	{
		cs_item claims = cs_item_at(elements[i].claims.data, elements[i].claims.len), authority;

		if (elements[i].authority.len > 0)
			authority = cs_item_at(elements[i].authority.data, elements[i].authority.len);
		cs_hold_element(&holdings, elements[i].id, &claims, elements[i].authority.len > 0 ? &authority : NULL);
	}
	fetch_kinds(&fetching, environment, &appraised_kinds[OTHER_KINDS], CONDITIONAL_KINDS, &holdings);
	cs_pg_scratch_end(scratch, old);
	return true;
}

static const cs_profile *
find_profile(cs_acs *acs, const char *text, size_t len, void *data)
{
	return cs_store_profile_find(((cs_job *) data)->profiles, text, len);
}

bool
cs_relation_source(const cs_relation *relation, const pg_uuid_t **manifest, int32 *ordinal)
{
	const cs_source *source = relation ? relation->source : NULL;

	if (source == NULL)
		return false;
	*manifest = &source->manifest;
	*ordinal = (int32) pg_ntoh32(source->ordinal_be);
	return true;
}

static void
put_source(const cs_relation *relation, Datum *values, bool *nulls)
{
	const pg_uuid_t *manifest;
	int32 ordinal;

	nulls[0] = nulls[1] = !cs_relation_source(relation, &manifest, &ordinal);
	if (nulls[0])
		return;
	values[0] = UUIDPGetDatum(manifest);
	values[1] = Int32GetDatum(ordinal);
}

/* A key of a triple whose condition matched: no condition of its own. */
static void
put_key(cs_job *job, const cs_relation *relation, size_t index, cs_span crypto_key, const cs_device_key *verdict)
{
	Datum values[TRIAL_COLUMNS] = { 0 };
	bool nulls[TRIAL_COLUMNS] = { false, false, false, true, false, false, verdict->verified, false, true, true, true };

	put_source(relation, &values[0], &nulls[0]);
	values[2] = Int16GetDatum((int16) relation->kind);
	values[4] = BoolGetDatum(verdict->verified);
	values[5] = CStringGetTextDatum(psprintf("key-list[%zu]", index));
	values[6] = CStringGetTextDatum(verdict->reason);
	values[7] = cs_pg_make(crypto_key);
	cs_rows_put(job->rows, values, nulls);
}

typedef struct cs_revoking
{
	const cs_job *job;
	const cs_triple_source *source;
} cs_revoking;

static bool
is_revoked(const pg_uuid_t *manifest, cs_span issuer, cs_span serial, void *data)
{
	const cs_revoking *r = data;

	if (!OidIsValid(r->source->store))
		return cs_gather_is_revoked(r->job->gathering, r->source->member, manifest, issuer, serial);
	return cs_certificate_is_revoked(r->source->store, manifest, issuer, serial, r->job->as_of);
}

static bool
verify_key(cs_acs *acs, const cs_relation *relation, size_t index, cs_span crypto_key, int key_type, bool *verified, void *data)
{
	cs_job *job = data;
	const cs_triple_source *source = relation->source;
	cs_revoking revoking = { .job = job, .source = source };
	cs_item listed = cs_item_at(crypto_key.data, crypto_key.len);
	cs_device_key verdict;

	(void) acs;
	if (!cs_verified_keys_verify(job->ctx, &job->keys, &source->source.manifest, &listed, (cs_key_purpose) key_type, job->as_of, is_revoked,
			&revoking, &verdict))
		return false;
	if (job->explaining)
		put_key(job, relation, index, crypto_key, &verdict);
	*verified = verdict.verified;
	return true;
}

/* Arguments 3 and 4: the keys that the caller verified, and who the caller is. */
static void
read_keys(FunctionCallInfo fcinfo, cs_job *job, cs_appraisal *how)
{
	cs_verified_keys verifier;

	job->keys = (cs_verified_keys) { NULL, 0 };
	if (!PG_ARGISNULL(3))
		cs_verified_keys_read(job->ctx, PG_GETARG_DATUM(3), &job->keys);
	if (PG_ARGISNULL(4))
		return;
	cs_verified_keys_read(job->ctx, PG_GETARG_DATUM(4), &verifier);
	if (verifier.count > 0)
		how->verifier = cs_pg_key_list(job->ctx, verifier.keys, verifier.count);
}

/*
 * Appraise Evidence (argument 1 of fcinfo) against a store; the job's rows take rows from trial() or afterwards. NULL when an argument
 * that is needed is null.
 */
static cs_acs *
run(FunctionCallInfo fcinfo, cs_ctx *ctx, cs_job *job, bool (*trial)(cs_acs *, const cs_trial *, void *))
{
	cs_appraisal how = { .fetch = fetch,
		.trial = trial,
		.profile = find_profile,
		.data = job,
		.max_ects = cs_setting_max_ects,
		.max_rounds = cs_setting_max_rounds,
		.verify_key = verify_key };
	cs_span evidence;
	cs_acs *acs;
	int guc_nest;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		return NULL;
	evidence = CS_PG_GETARG_SPAN(1);
	cs_pg_ctx(ctx);
	job->ctx = ctx;
	job->store = PG_GETARG_OID(0);
	job->as_of = PG_ARGISNULL(2) ? 0 : PG_GETARG_TIMESTAMPTZ(2);
	job->explaining = trial != NULL;
	job->gathering = cs_is_federation(job->store) ? cs_gathering_begin(job->store, PG_ARGISNULL(2) ? NULL : &job->as_of, false) : NULL;
	how.fetch_conditional = job->explaining || job->gathering != NULL ? NULL : fetch_conditional;
	read_keys(fcinfo, job, &how);
	acs = cs_acs_new(ctx, evidence.data, evidence.len);
	cs_pg_require(acs != NULL, ctx, "evidence");
	if (job->gathering != NULL)
		job->as_of = PG_ARGISNULL(2) ? GetCurrentTimestamp() : job->as_of; /* each member has its own, and keeps it */
	else
	{
		job->reading = cs_begin_reading(job->store, PG_ARGISNULL(2) ? NULL : &job->as_of);
		job->as_of = job->reading.as_of;
	}
	guc_nest = cs_begin_statements();
	cs_spi_connect();
	job->profiles = cs_store_profiles_read(ctx, job->store, job->as_of);
	cs_pg_require(cs_appraise(acs, &how), ctx, "appraisal");
	SPI_finish();
	cs_end_statements(guc_nest);
	if (job->gathering == NULL)
		cs_end_reading(&job->reading);
	return acs;
}

cs_acs *
cs_appraise_arguments(FunctionCallInfo fcinfo, cs_ctx *ctx, TimestampTz *as_of)
{
	cs_job job = { .rows = NULL };
	cs_acs *acs = run(fcinfo, ctx, &job, NULL);

	*as_of = job.as_of;
	return acs;
}

static void
put_ect(cs_job *job, const cs_ect *ect)
{
	const char *cmtype = cs_cmtype_name(ect->cmtype);
	Datum values[8] = { 0 };
	bool nulls[8] = { false };

	values[0] = cs_pg_make(ect->encoded);
	nulls[1] = cmtype == NULL;
	if (cmtype)
		values[1] = CStringGetTextDatum(cmtype);
	nulls[2] = ect->environment.len == 0;
	if (!nulls[2])
		values[2] = cs_pg_make(ect->environment);
	nulls[3] = ect->authority.len == 0;
	if (!nulls[3])
		values[3] = cs_pg_make(ect->authority);
	nulls[4] = ect->profile.len == 0;
	if (!nulls[4])
	{
		cs_item profile = cs_item_at(ect->profile.data, ect->profile.len);
		cs_buf text;

		cs_buf_init(&text, job->ctx);
		cs_pg_require(cs_profile_text(job->ctx, &profile, &text) && cs_buf_ok(&text), job->ctx, "profile");
		values[4] = cs_pg_make_text(cs_buf_span(&text));
	}
	put_source(ect->relation, &values[5], &nulls[5]);
	values[7] = Int32GetDatum((int32) ect->round);
	cs_rows_put(job->rows, values, nulls);
}

/* appraise(store regnamespace, evidence cbor, as_of timestamptz, verified_keys crypto_key[], verifier crypto_key[]) -> setof (ect, cmtype,
 * environment, authority, profile, manifest, ordinal, round) */
Datum
coserv_appraise(PG_FUNCTION_ARGS)
{
	cs_ctx ctx;
	cs_job job = { .rows = cs_rows_result(fcinfo) };
	cs_acs *acs = run(fcinfo, &ctx, &job, NULL);

	for (size_t i = 0; acs && i < cs_acs_count(acs); i++)
	{
		CHECK_FOR_INTERRUPTS();
		put_ect(&job, cs_acs_get(acs, i));
	}
	PG_RETURN_NULL();
}

static bool
put_trial(cs_acs *acs, const cs_trial *trial, void *data)
{
	cs_job *job = data;
	Datum values[TRIAL_COLUMNS] = { 0 };
	bool nulls[TRIAL_COLUMNS] = { false };

	put_source(trial->relation, &values[0], &nulls[0]);
	values[2] = Int16GetDatum((int16) trial->relation->kind);
	values[3] = Int32GetDatum((int32) trial->condition);
	values[4] = BoolGetDatum(trial->matched);
	nulls[5] = trial->matched || trial->why.path[0] == '\0';
	if (!nulls[5])
		values[5] = CStringGetTextDatum(trial->why.path);
	nulls[6] = trial->matched || trial->why.reason == NULL;
	if (!nulls[6])
		values[6] = CStringGetTextDatum(trial->why.reason);
	nulls[7] = trial->matched || trial->why.wanted.len == 0;
	if (!nulls[7])
		values[7] = cs_pg_make(trial->why.wanted);
	nulls[8] = trial->matched || trial->why.found.len == 0;
	if (!nulls[8])
		values[8] = cs_pg_make(trial->why.found);
	nulls[9] = trial->ect == SIZE_MAX || cs_acs_get(acs, trial->ect)->environment.len == 0;
	if (!nulls[9])
		values[9] = cs_pg_make(cs_acs_get(acs, trial->ect)->environment);
	nulls[10] = trial->matched || trial->differing == SIZE_MAX;
	values[10] = Int32GetDatum((int32) Min(trial->differing, PG_INT32_MAX));
	cs_rows_put(job->rows, values, nulls);
	return true;
}

/* What was left out, and why: a condition that was not matched against anything. */
static void
put_note(cs_job *job, const cs_note *note)
{
	Datum values[TRIAL_COLUMNS] = { 0 };
	bool nulls[TRIAL_COLUMNS] = { false, false, false, true, false, true, false, true, true, true, true };

	put_source(note->relation, &values[0], &nulls[0]);
	values[2] = Int16GetDatum((int16) note->relation->kind);
	values[4] = BoolGetDatum(false);
	values[6] = CStringGetTextDatum(note->reason);
	cs_rows_put(job->rows, values, nulls);
}

/* An environment that no Reference Value names: no triple's row. */
static bool
put_unspoken(cs_acs *acs, cs_span environment, void *data)
{
	cs_job *job = data;
	Datum values[TRIAL_COLUMNS] = { 0 };
	bool nulls[TRIAL_COLUMNS] = { true, true, false, true, false, true, false, true, true, false, true };

	(void) acs;
	values[2] = Int16GetDatum(CS_TRIPLE_REFERENCE);
	values[4] = BoolGetDatum(false);
	values[6] = CStringGetTextDatum("no Reference Value names this environment");
	values[9] = cs_pg_make(environment);
	cs_rows_put(job->rows, values, nulls);
	return true;
}

void
cs_explain(FunctionCallInfo fcinfo, cs_rows *rows)
{
	cs_ctx ctx;
	cs_job job = { .rows = rows };
	cs_acs *acs = run(fcinfo, &ctx, &job, put_trial);

	for (size_t i = 0; acs && i < cs_acs_note_count(acs); i++)
		put_note(&job, cs_acs_note(acs, i));
	if (acs)
		cs_pg_require(cs_acs_unspoken(acs, put_unspoken, &job), &ctx, "appraisal");
}

#define VERDICT_COLUMNS 12

static void
put_item(Datum *values, bool *nulls, int column, cs_span item)
{
	nulls[column] = item.len == 0;
	if (item.len > 0)
		values[column] = cs_pg_make(item);
}

static bool
put_verdict(cs_acs *acs, const cs_verdict *verdict, void *data)
{
	static const char *const standings[] = {
		[CS_UNSPOKEN] = "unspoken", [CS_CONTRADICTED] = "contradicted", [CS_CORROBORATED] = "corroborated"
	};
	bool contradicted = verdict->standing == CS_CONTRADICTED;
	cs_job *job = data;
	Datum values[VERDICT_COLUMNS] = { 0 };
	bool nulls[VERDICT_COLUMNS] = { false };

	CHECK_FOR_INTERRUPTS();
	put_item(values, nulls, 0, verdict->ect->environment);
	put_item(values, nulls, 1, verdict->element_id);
	put_item(values, nulls, 2, verdict->claims);
	values[3] = CStringGetTextDatum(standings[verdict->standing]);
	put_source(verdict->relation, &values[4], &nulls[4]);
	put_item(values, nulls, 6, verdict->relation ? verdict->relation->authority : (cs_span) { NULL, 0 });
	values[7] = Int64GetDatum((int64) verdict->speakers);
	nulls[8] = !contradicted || verdict->why.path[0] == '\0';
	if (!nulls[8])
		values[8] = CStringGetTextDatum(verdict->why.path);
	nulls[9] = !contradicted || verdict->why.reason == NULL;
	if (!nulls[9])
		values[9] = CStringGetTextDatum(verdict->why.reason);
	put_item(values, nulls, 10, contradicted ? verdict->why.wanted : (cs_span) { NULL, 0 });
	put_item(values, nulls, 11, contradicted ? verdict->why.found : (cs_span) { NULL, 0 });
	cs_rows_put(job->rows, values, nulls);
	return true;
}

/* verdict(store regnamespace, evidence cbor, as_of timestamptz, verified_keys crypto_key[], verifier crypto_key[]) -> setof (environment,
 * mkey, mval, standing, manifest, ordinal, authority, speakers, path, reason, wanted, found) */
Datum
coserv_verdict(PG_FUNCTION_ARGS)
{
	cs_ctx ctx;
	cs_job job = { .rows = cs_rows_result(fcinfo) };
	cs_acs *acs = run(fcinfo, &ctx, &job, NULL);

	if (acs)
		cs_pg_require(cs_acs_verdicts(acs, put_verdict, &job), &ctx, "appraisal");
	PG_RETURN_NULL();
}
