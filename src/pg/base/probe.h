/*
 * probe.h - whether there is a row in a table of a store, straight by a B-tree: a load asks a dozen such questions, to nearly all of which
 * the answer is no, and starting a plan for each costs several times what the look-up does.
 *
 * For the extension itself, as the owner of the tables (cs_become_owner): no right and no policy of row-level security is asked about.
 * What it sees is what the latest snapshot sees, and what this transaction has written, in every isolation level. Where an index is not
 * there (or not usable) the table is read.
 */
#ifndef CS_PG_PROBE_H
#define CS_PG_PROBE_H

#include "pg_support.h"

/* By these keys, in this order; in brackets the columns of what is found. */
typedef enum cs_probe_what
{
	CS_PROBE_TRUTH,				  /* id */
	CS_PROBE_MANIFEST,			  /* id [CS_PROBE_MANIFEST_...] */
	CS_PROBE_MANIFEST_LIFE,		  /* manifest */
	CS_PROBE_AUTHORITIES,		  /* all [id uuid, truth uuid] */
	CS_PROBE_AUTHORITY,			  /* id [scope uuid] */
	CS_PROBE_REVOKED_AUTHORITY,	  /* authority_id */
	CS_PROBE_REVOKED_MANIFEST,	  /* manifest */
	CS_PROBE_REVOKED_TAG,		  /* authority_id, tag_id */
	CS_PROBE_TAGS,				  /* manifest [CS_PROBE_TAG_...] */
	CS_PROBE_VERSIONS,			  /* tag_id, authority, kind [manifest uuid, ordinal int4] */
	CS_PROBE_LINKS,				  /* manifest [relation text] */
	CS_PROBE_LINKED,			  /* tag_id, relation */
	CS_PROBE_COTLS,				  /* any that were there at a commit before */
	CS_PROBE_CERTIFICATES,		  /* manifest */
	CS_PROBE_REVOKED_CERTIFICATE, /* any */
	CS_PROBE_UNSETTLED,			  /* any */
	CS_PROBE_POLICY,			  /* any */
	CS_PROBE_KINDS
} cs_probe_what;

enum
{
	CS_PROBE_MANIFEST_TRUTH,
	CS_PROBE_MANIFEST_AUTHORITY,
	CS_PROBE_MANIFEST_SCOPE,
	CS_PROBE_MANIFEST_NOT_BEFORE,
	CS_PROBE_MANIFEST_NOT_AFTER,
	CS_PROBE_MANIFEST_GENERATION,
	CS_PROBE_MANIFEST_WITHDRAWN
};
enum
{
	CS_PROBE_TAG_ID,
	CS_PROBE_TAG_AUTHORITY,
	CS_PROBE_TAG_KIND,
	CS_PROBE_TAG_ORDINAL
};

#define CS_PROBE_COLUMNS 7

typedef struct cs_probe cs_probe;

extern cs_probe *cs_probe_begin(Oid store);
extern void cs_probe_end(cs_probe *probe);

/* Is one there? */
extern bool cs_probe_any(cs_probe *probe, cs_probe_what what, const Datum *keys);
/* The same, of this one question alone. */
extern bool cs_probe_once(Oid store, cs_probe_what what, const Datum *keys);

/*
 * Calls back for each row until one answers true, which is the answer then. Values are those of the tuple in place: valid during the call,
 * which may probe for something else.
 */
typedef bool (*cs_probe_found)(const Datum *values, const bool *nulls, void *data);
extern bool cs_probe_each(cs_probe *probe, cs_probe_what what, const Datum *keys, cs_probe_found each, void *data);

#endif
