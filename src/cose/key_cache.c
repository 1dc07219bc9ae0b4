/*
 * key_cache.c - the keys that were used last, as OpenSSL has them. A store verifies most of its documents with a handful of keys, and
 * OpenSSL 3 takes longer to read one (it looks for a decoder each time) than to verify a signature with it.
 *
 * The cache belongs to the process: PostgreSQL's backends have one thread. It holds public keys only, and none that failed.
 */
#include <string.h>

#include "internal.h"

#define SLOTS 8
#define SLOT_BYTES 600 /* of a SubjectPublicKeyInfo: RSA of 4096 bits has 550 */

typedef struct cs_slot
{
	EVP_PKEY *pkey; /* NULL: free */
	uint64_t used;	/* when last */
	size_t len;
	uint8_t spki[SLOT_BYTES];
	cs_public components;
} cs_slot;

static cs_slot slots[SLOTS];
static uint64_t uses = 0;

static cs_slot *
find(cs_span spki)
{
	for (int i = 0; i < SLOTS; i++)
		if (slots[i].pkey && slots[i].len == spki.len && memcmp(slots[i].spki, spki.data, spki.len) == 0)
			return &slots[i];
	return NULL;
}

/* Into the slot that was not used for the longest time. */
static void
keep(cs_span spki, EVP_PKEY *pkey, const cs_public *components)
{
	cs_slot *slot = &slots[0];

	if (spki.len > SLOT_BYTES || EVP_PKEY_up_ref(pkey) != 1)
		return;
	for (int i = 1; i < SLOTS; i++)
		if (slots[i].used < slot->used)
			slot = &slots[i];
	EVP_PKEY_free(slot->pkey);
	slot->pkey = pkey;
	slot->used = ++uses;
	slot->len = spki.len;
	memcpy(slot->spki, spki.data, spki.len);
	slot->components = *components;
}

EVP_PKEY *
cs_public_key(cs_span spki, cs_public *components, const char **wrong)
{
	const uint8_t *p = spki.data;
	cs_slot *slot = find(spki);
	EVP_PKEY *pkey;

	if (slot && EVP_PKEY_up_ref(slot->pkey) == 1)
	{
		slot->used = ++uses;
		*components = slot->components;
		return slot->pkey;
	}
	*wrong = "key is no DER SubjectPublicKeyInfo that OpenSSL can read";
	pkey = d2i_PUBKEY(NULL, &p, (long) spki.len);
	if (pkey && p == spki.data + spki.len && !(*wrong = cs_public_from_pkey(pkey, components)))
	{
		keep(spki, pkey, components);
		return pkey;
	}
	EVP_PKEY_free(pkey);
	return NULL;
}
