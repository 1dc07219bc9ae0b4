/*
 * per_schema.c - what a session remembers of each store or federation (per_schema.h).
 */
#include "per_schema.h"

void *
cs_per_schema(HTAB **all, const char *name, Size size, void (*listen)(void), Oid schema)
{
	char *entry;
	bool found;

	if (*all == NULL)
	{
		HASHCTL ctl = { .keysize = sizeof(Oid), .entrysize = size };

		*all = hash_create(name, 16, &ctl, HASH_ELEM | HASH_BLOBS);
		if (listen != NULL)
			listen();
	}
	entry = hash_search(*all, &schema, HASH_ENTER, &found);
	if (!found)
		memset(entry + sizeof(Oid), 0, size - sizeof(Oid));
	return entry;
}
