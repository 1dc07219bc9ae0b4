/*
 * owner.c - the order among the authorities that a signature leads to, and what a session remembers of their keys (owner.h).
 */
#include "owner.h"

#include "executor/spi.h"
#include "utils/array.h"
#include "catalog/pg_type.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "cose/cose.h"
#include "pg/base/store.h"

/* Beyond so many, all is forgotten: some hundred kilobytes. */
#define MOST 4096

int
cs_compare_candidates(const void *a, const void *b)
{
	const cs_candidate *x = a, *y = b;

	if (x->could_speak != y->could_speak)
		return x->could_speak ? -1 : 1;
	if (x->end != y->end)
		return x->end > y->end ? -1 : 1;
	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	if (x->length != y->length)
		return x->length < y->length ? -1 : 1;
	return memcmp(&x->authority, &y->authority, UUID_LEN);
}

void
cs_candidates_rights(Oid store, cs_candidate *candidates, int count)
{
	Datum *ids = palloc(sizeof(Datum) * (Size) Max(count, 1));
	TimestampTz said = DT_NOBEGIN;
	Datum arg;

	for (int i = 0; i < count; i++)
		ids[i] = UUIDPGetDatum(&candidates[i].authority);
	arg = PointerGetDatum(construct_array(ids, count, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR));
	cs_run_latest(store, CS_STMT_AUTHORITY_RIGHTS, &arg, NULL);
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		HeapTuple tuple = SPI_tuptable->vals[row];
		TupleDesc desc = SPI_tuptable->tupdesc;
		bool isnull;
		const pg_uuid_t *id = DatumGetUUIDP(SPI_getbinval(tuple, desc, 1, &isnull));

		said = DatumGetTimestampTz(SPI_getbinval(tuple, desc, 4, &isnull));
		for (int i = 0; i < count; i++)
			if (memcmp(id, &candidates[i].authority, UUID_LEN) == 0)
			{
				candidates[i].begin = Max(candidates[i].begin, DatumGetTimestampTz(SPI_getbinval(tuple, desc, 2, &isnull)));
				candidates[i].end = Min(candidates[i].end, DatumGetTimestampTz(SPI_getbinval(tuple, desc, 3, &isnull)));
			}
	}
	for (int i = 0; i < count; i++)
	{
		candidates[i].could_speak = candidates[i].begin <= said && said < candidates[i].end;
		if (candidates[i].end <= candidates[i].begin)
		{
			candidates[i].begin = DT_NOEND;
			candidates[i].end = DT_NOBEGIN;
		}
	}
}

/* --- what is remembered --- */

static HTAB *
remembering(HTAB *table, const char *name, Size key, Size entry)
{
	HASHCTL ctl = { .keysize = key, .entrysize = entry, .hcxt = TopMemoryContext };

	if (table != NULL && hash_get_num_entries(table) < MOST)
		return table;
	if (table != NULL)
		hash_destroy(table);
	return hash_create(name, 64, &ctl, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

/* The digest of an authority's public key. */
typedef struct known_key
{
	pg_uuid_t authority; /* the key */
	bool is_key;		 /* else a thumbprint, or what cannot be read */
	uint8_t digest[32];
} known_key;

static void
read_key(const cs_item *key, known_key *known)
{
	cs_key read;
	cs_ctx ctx;

	cs_pg_ctx_stored(&ctx);
	known->is_key = cs_key_read(&ctx, key, &read);
	if (known->is_key)
		cs_pg_require(cs_sha256(&ctx, read.spki, known->digest), &ctx, NULL);
}

bool
cs_authority_has_key(const pg_uuid_t *authority, const cs_item *key, const uint8_t digest[32])
{
	static HTAB *keys = NULL;
	known_key *known;
	bool found;

	keys = remembering(keys, "coserv keys of authorities", sizeof(pg_uuid_t), sizeof(known_key));
	known = hash_search(keys, authority, HASH_FIND, NULL);
	if (known == NULL)
	{
		known_key new = { .authority = *authority };

		read_key(key, &new);
		known = hash_search(keys, authority, HASH_ENTER, &found);
		*known = new;
	}
	return known->is_key && memcmp(known->digest, digest, sizeof(known->digest)) == 0;
}

typedef struct known_lead
{
	struct
	{
		pg_uuid_t signer;
		pg_uuid_t authority;
		pg_uuid_t scope;
	} of; /* the key */
	bool leads;
} known_lead;

static HTAB *leads = NULL;

static known_lead
lead_of(const uint8_t signer[16], const pg_uuid_t *authority, const pg_uuid_t *scope)
{
	known_lead key = { .of = { .authority = *authority, .scope = *scope } };

	memcpy(key.of.signer.data, signer, UUID_LEN);
	return key;
}

bool
cs_lead_is_remembered(const uint8_t signer[16], const pg_uuid_t *authority, const pg_uuid_t *scope, bool *is)
{
	known_lead key = lead_of(signer, authority, scope), *known;

	leads = remembering(leads, "coserv leads to authorities", sizeof(key.of), sizeof(known_lead));
	known = hash_search(leads, &key.of, HASH_FIND, NULL);
	if (known != NULL)
		*is = known->leads;
	return known != NULL;
}

void
cs_remember_lead(const uint8_t signer[16], const pg_uuid_t *authority, const pg_uuid_t *scope, bool is)
{
	known_lead key = lead_of(signer, authority, scope), *known;

	known = hash_search(leads, &key.of, HASH_ENTER, NULL);
	known->leads = is;
}
