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
#define EPOCHS_MOST 24576
#define PLACES_MOST 16384

/* Of a statement, or of a tag of it, all epochs that are kept. */
typedef struct foreseen_key
{
	pg_uuid_t manifest;
	int32 ordinal;
} foreseen_key;

typedef struct foreseen
{
	foreseen_key key; /* first: what it is found by */
	cs_kept_epoch *epochs;
} foreseen;

#define OF_STATEMENT (-1) /* ordinals of tags are not negative */

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
	kept->triggers_run = kept->has_visible = kept->has_past = kept->has_policy = false;
	kept->epochs = 0;
	kept->generation++;
	MemoryContextReset(kept->memory);
	kept->foreseen = make_table("coserv foreseen", sizeof(foreseen_key), sizeof(foreseen), kept->memory);
	kept->places = make_table("coserv places", sizeof(uint64), sizeof(cs_kept_places), kept->memory);
	watch(kept);
	kept->stale = false;
}

static bool
is_full(const cs_kept *kept)
{
	return kept->epochs > EPOCHS_MOST || hash_get_num_entries(kept->places) > PLACES_MOST;
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

static foreseen_key
key_of(const pg_uuid_t *manifest, int32 ordinal)
{
	foreseen_key key = { .manifest = *manifest, .ordinal = ordinal };

	return key;
}

static const cs_kept_epoch *
find_epoch(cs_kept *kept, foreseen_key key, TimestampTz known)
{
	const foreseen *entry = hash_search(kept->foreseen, &key, HASH_FIND, NULL);
	const cs_kept_epoch *epoch = entry == NULL ? NULL : entry->epochs;

	while (epoch != NULL && !cs_kept_covers(epoch, known))
		epoch = epoch->next;
	return epoch;
}

const cs_kept_statement *
cs_kept_find_statement(cs_kept *kept, const pg_uuid_t *manifest, TimestampTz known)
{
	return (const cs_kept_statement *) find_epoch(kept, key_of(manifest, OF_STATEMENT), known);
}

const cs_kept_tag *
cs_kept_find_tag(cs_kept *kept, const pg_uuid_t *manifest, int32 ordinal, TimestampTz known)
{
	return (const cs_kept_tag *) find_epoch(kept, key_of(manifest, ordinal), known);
}

static foreseen *
entry_of(cs_kept *kept, foreseen_key key)
{
	bool found;
	foreseen *entry = hash_search(kept->foreseen, &key, HASH_ENTER, &found);

	if (!found)
		entry->epochs = NULL;
	return entry;
}

/* Is it kept, but for later moments? Then for these, too. */
static bool
is_known_longer(const foreseen *entry, const cs_kept_epoch *epoch)
{
	cs_kept_epoch *own = entry->epochs;

	while (own != NULL && own->from != epoch->from)
		own = own->next;
	if (own != NULL)
		own->until = Max(own->until, epoch->until);
	return own != NULL;
}

/* A copy: size bytes, which begin with the epoch. */
static void
add_epoch(cs_kept *kept, foreseen *entry, const cs_kept_epoch *epoch, Size size)
{
	cs_kept_epoch *own = memcpy(palloc(size), epoch, size);

	own->next = entry->epochs;
	entry->epochs = own;
	kept->epochs++;
}

static void
copy(Datum *value)
{
	*value = *value == 0 ? *value : datumCopy(*value, false, -1);
}

void
cs_keep_statement(cs_kept *kept, const cs_kept_statement *statement)
{
	foreseen *entry = entry_of(kept, key_of(&statement->manifest, OF_STATEMENT));
	MemoryContext old = MemoryContextSwitchTo(kept->memory);
	cs_kept_statement own = *statement;

	if (!is_known_longer(entry, &own.epoch))
	{
		copy(&own.of_manifest);
		copy(&own.of_authority);
		copy(&own.profile);
		copy(&own.shown_as);
		copy(&own.authority);
		add_epoch(kept, entry, &own.epoch, sizeof(own));
	}
	MemoryContextSwitchTo(old);
}

void
cs_keep_tag(cs_kept *kept, const cs_kept_tag *tag)
{
	foreseen *entry = entry_of(kept, key_of(&tag->manifest, tag->ordinal));
	MemoryContext old = MemoryContextSwitchTo(kept->memory);
	cs_kept_tag own = *tag;

	if (!is_known_longer(entry, &own.epoch))
	{
		copy(&own.counts);
		copy(&own.activated);
		add_epoch(kept, entry, &own.epoch, sizeof(own));
	}
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

	return found != NULL && found->table == table && found->how == how && cs_span_eq(found->asked, bytes) ? found : NULL;
}

/* Of two that have the same hash, the later one. */
void
cs_keep_places(cs_kept *kept, int table, unsigned how, Datum asked, const ItemPointerData *places, int count)
{
	MemoryContext old = MemoryContextSwitchTo(kept->memory);
	cs_span bytes = cs_pg_span(asked);
	cs_kept_places own = { .hash = hash_of(table, how, bytes), .table = table, .how = how, .count = count }, *entry;

	own.places = palloc(sizeof(ItemPointerData) * (Size) count + bytes.len);
	own.asked = (cs_span) { memcpy(own.places + count, bytes.data, bytes.len), bytes.len };
	memcpy(own.places, places, sizeof(ItemPointerData) * (Size) count);
	entry = hash_search(kept->places, &own.hash, HASH_ENTER, NULL);
	*entry = own;
	MemoryContextSwitchTo(old);
}
