/*
 * served.c - lists of profiles (served.h).
 */
#include "served.h"

#include "pg/base/store.h"

static int
compare(cs_span a, cs_span b)
{
	size_t n = Min(a.len, b.len);
	int order = n == 0 ? 0 : memcmp(a.data, b.data, n);

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

bool
cs_has_profile(const List *profiles, cs_span profile)
{
	ListCell *cell;

	foreach (cell, profiles)
		if (cs_span_eq(*(cs_span *) lfirst(cell), profile))
			return true;
	return false;
}

List *
cs_add_profile(List *profiles, cs_span profile)
{
	cs_span *copy;
	int at = 0;

	if (cs_has_profile(profiles, profile))
		return profiles;
	while (at < list_length(profiles) && compare(*(cs_span *) list_nth(profiles, at), profile) < 0)
		at++;
	copy = palloc(sizeof(cs_span));
	copy->data = memcpy(palloc(profile.len + 1), profile.data, profile.len);
	copy->len = profile.len;
	return list_insert_nth(profiles, at, copy);
}

List *
cs_profiles_of_store(Oid store)
{
	MemoryContext memory = CurrentMemoryContext;
	List *profiles = NIL;
	bool isnull;

	cs_spi_connect();
	cs_store_run(store, CS_STMT_PROFILES, NULL, NULL, true, 0);
	MemoryContextSwitchTo(memory);
	for (uint64 i = 0; i < SPI_processed; i++)
		profiles = cs_add_profile(profiles, cs_pg_utf8_text(SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &isnull)));
	SPI_finish();
	return profiles;
}
