/*
 * kept.c - what a backend keeps of a store from one answer to the next, and when it forgets it (kept.h).
 */
#include "kept.h"

#include "access/xact.h"
#include "commands/trigger.h"
#include "common/hashfn.h"
#include "storage/proc.h"
#include "utils/datum.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "pg/base/per_schema.h"

PG_FUNCTION_INFO_V1(coserv_forget);

/* Beyond so many all is forgotten: some megabytes. */
#define STATEMENTS_MOST 8192
#define TAGS_MOST 16384
#define PLACES_MOST 16384

/*
 * What is told is told of a table: this one, since hardly anybody opens it, and who has a table open must read the catalogs again whenever
 * something is told of it.
 */
#define TOLD_OF "authority_removed"

static HTAB *kept_stores = NULL;
static uint64 told = 0; /* how often something was told of any table */

static void
forget(Datum arg, Oid relation)
{
	HASH_SEQ_STATUS all;
	cs_kept *kept;

	told++;
	hash_seq_init(&all, kept_stores);
	while ((kept = hash_seq_search(&all)) != NULL)
		for (size_t i = 0; !kept->stale && i < lengthof(kept->watched); i++)
			kept->stale = !OidIsValid(relation) || relation == kept->watched[i];
}

/* forget() trigger: AFTER any event, FOR EACH STATEMENT */
Datum
coserv_forget(PG_FUNCTION_ARGS)
{
	const TriggerData *trigger = (const TriggerData *) fcinfo->context;
	Oid told_of;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_FOR_STATEMENT(trigger->tg_event))
		ereport(
			ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED), errmsg("coserv.forget is a statement trigger of a coserv store")));
	told_of = get_relname_relid(TOLD_OF, RelationGetNamespace(trigger->tg_relation));
	if (OidIsValid(told_of))
		CacheInvalidateRelcacheByRelid(told_of);
	PG_RETURN_POINTER(NULL);
}

/* Which transaction's one snapshot is read under. */
static LocalTransactionId
reading_transaction(void)
{
	if (!IsolationUsesXactSnapshot())
		return InvalidLocalTransactionId;
#if PG_VERSION_NUM >= 170000
	return MyProc->vxid.lxid;
#else
	return MyProc->lxid;
#endif
}

static HTAB *
make_table(const char *name, Size key, Size entry, MemoryContext memory)
{
	HASHCTL ctl = { .keysize = key, .entrysize = entry, .hcxt = memory };

	return hash_create(name, 256, &ctl, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

/* Nothing may be told of them before they are watched, but after they were looked for. */
static void
watch(cs_kept *kept)
{
	static const char *const tables[] = { TOLD_OF, "truth", "settled", "policy", "manifest", "manifest_life", "authority_life", "tag_life",
		"triple", "triple_environment" };
	uint64 before;

	StaticAssertStmt(lengthof(tables) == lengthof(kept->watched), "each is watched");
	do
	{
		before = told;
		for (size_t i = 0; i < lengthof(tables); i++)
			kept->watched[i] = get_relname_relid(tables[i], kept->store);
	} while (before != told);
}

static void
empty(cs_kept *kept)
{
	kept->triggers_run = kept->has_visible = kept->has_policy = false;
	kept->generation++;
	MemoryContextReset(kept->memory);
	kept->statements = make_table("coserv statements", sizeof(pg_uuid_t), sizeof(cs_kept_statement), kept->memory);
	kept->tags = make_table("coserv tags", offsetof(cs_kept_tag, foreseen), sizeof(cs_kept_tag), kept->memory);
	kept->places = make_table("coserv places", sizeof(uint64), sizeof(cs_kept_places), kept->memory);
	watch(kept);
	kept->stale = false;
}

static bool
is_full(const cs_kept *kept)
{
	return hash_get_num_entries(kept->statements) > STATEMENTS_MOST || hash_get_num_entries(kept->tags) > TAGS_MOST ||
		hash_get_num_entries(kept->places) > PLACES_MOST;
}

static void
listen(void)
{
	CacheRegisterRelcacheCallback(forget, (Datum) 0);
}

cs_kept *
cs_kept_of(Oid store)
{
	cs_kept *kept = cs_per_schema(&kept_stores, "coserv kept", sizeof(cs_kept), listen, store);

	if (kept->memory == NULL)
	{
		/* whatever goes wrong from here on, the next call begins anew */
		kept->stale = true;
		kept->memory = AllocSetContextCreate(CacheMemoryContext, "coserv kept", ALLOCSET_DEFAULT_SIZES);
	}
	if (kept->stale || is_full(kept) || kept->transaction != reading_transaction())
	{
		kept->stale = true;
		kept->transaction = reading_transaction();
		empty(kept);
	}
	return kept;
}

const cs_kept_statement *
cs_kept_find_statement(cs_kept *kept, const pg_uuid_t *manifest)
{
	return hash_search(kept->statements, manifest, HASH_FIND, NULL);
}

static cs_kept_tag
key_of(const pg_uuid_t *manifest, int32 ordinal)
{
	cs_kept_tag key = { .manifest = *manifest, .ordinal = ordinal };

	return key;
}

const cs_kept_tag *
cs_kept_find_tag(cs_kept *kept, const pg_uuid_t *manifest, int32 ordinal)
{
	cs_kept_tag key = key_of(manifest, ordinal);

	return hash_search(kept->tags, &key, HASH_FIND, NULL);
}

static Datum
copy(Datum value)
{
	return value == 0 ? value : datumCopy(value, false, -1);
}

void
cs_keep_statement(cs_kept *kept, const cs_kept_statement *statement)
{
	MemoryContext old = MemoryContextSwitchTo(kept->memory);
	cs_kept_statement own = *statement, *entry;

	own.of_manifest = copy(own.of_manifest);
	own.of_authority = copy(own.of_authority);
	own.profile = copy(own.profile);
	own.shown_as = copy(own.shown_as);
	own.authority = copy(own.authority);
	entry = hash_search(kept->statements, &own.manifest, HASH_ENTER, NULL);
	*entry = own;
	MemoryContextSwitchTo(old);
}

void
cs_keep_tag(cs_kept *kept, const cs_kept_tag *tag)
{
	MemoryContext old = MemoryContextSwitchTo(kept->memory);
	cs_kept_tag own = *tag, *entry;

	own.counts = copy(own.counts);
	own.activated = copy(own.activated);
	entry = hash_search(kept->tags, &own, HASH_ENTER, NULL);
	*entry = own;
	MemoryContextSwitchTo(old);
}

static uint64
hash_of(int table, unsigned how, cs_span asked)
{
	return hash_bytes_extended(asked.data, (int) asked.len, (uint64) table << 32 | how);
}

const cs_kept_places *
cs_kept_find_places(cs_kept *kept, int table, unsigned how, Datum asked)
{
	cs_span bytes = cs_pg_span(asked);
	uint64 hash = hash_of(table, how, bytes);
	const cs_kept_places *found = hash_search(kept->places, &hash, HASH_FIND, NULL);

	return found != NULL && found->table == table && found->how == how && cs_span_eq(cs_pg_span(found->asked), bytes) ? found : NULL;
}

/* Of two that have the same hash, the later one. */
void
cs_keep_places(cs_kept *kept, int table, unsigned how, Datum asked, const ItemPointerData *places, int count)
{
	MemoryContext old = MemoryContextSwitchTo(kept->memory);
	cs_span bytes = cs_pg_span(asked);
	cs_kept_places own = { .hash = hash_of(table, how, bytes), .table = table, .how = how, .count = count }, *entry;

	own.asked = cs_pg_make(bytes);
	own.places = palloc(sizeof(ItemPointerData) * (Size) (count + 1));
	memcpy(own.places, places, sizeof(ItemPointerData) * (Size) count);
	entry = hash_search(kept->places, &own.hash, HASH_ENTER, NULL);
	*entry = own;
	MemoryContextSwitchTo(old);
}
