/*
 * plain.h - documents on which nothing bears but their own validity, as is the rule: nobody has said anything of them or of their tags, and
 * they say nothing of others'. Their life is their validity, and nothing else changes; so their commit runs none of the statements that
 * foresee all the rest (life.h).
 */
#ifndef CS_PG_PLAIN_H
#define CS_PG_PLAIN_H

#include "life.h"
#include "pg/base/rows.h"

typedef struct cs_plain_manifest
{
	pg_uuid_t id;
	pg_uuid_t authority;
	pg_uuid_t truth;
	TimestampTz not_before; /* DT_NOBEGIN, DT_NOEND: none */
	TimestampTz not_after;
} cs_plain_manifest;

typedef struct cs_plain
{
	cs_plain_manifest *manifests;
	int count;
} cs_plain;

/*
 * Of manifests that wait those that are plain; the others are added to *rest. Under the locks of the commit (settle.h), which what follows
 * holds as well; as the owner of the store's tables.
 */
extern void cs_find_plain(Oid store, const cs_ids *waiting, cs_plain *plain, cs_ids *rest);

/* Inserts their life from a moment on, known from another one or the same (settle.h). What has ended by then is added to *rest instead. */
extern void cs_foresee_plain(cs_writing *writing, const cs_plain *plain, TimestampTz moment, TimestampTz known, cs_ids *rest);

/* Is there another tag of the same id, kind and authority, in this manifest or in another? The latest snapshot's. */
extern bool cs_has_namesakes(Oid store, const pg_uuid_t *manifest);

#endif
