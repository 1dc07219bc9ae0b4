/*
 * signing_file.h - files of secrets, and the one that binds signing keys to stores (coserv.signing_keys_file; doc/operations.md, "The keys
 * that sign results"): a line a key, with database, store, owner of the store, state, key, and a kid where the key is not to have its
 * own. Blanks stand between fields, quotes around what has blanks, and what follows a # is a comment.
 */
#ifndef CS_PG_SIGNING_FILE_H
#define CS_PG_SIGNING_FILE_H

#include "pg/base/pg_support.h"

/* Which content a path had: renaming another file over it, or writing into it, changes this. */
typedef struct cs_file_state
{
	uint64 device;
	uint64 inode;
	int64 size;
	int64 modified; /* nanoseconds since 1970 */
	int64 changed;	/* the same of the inode */
} cs_file_state;

/* False when there is no such file. */
extern bool cs_file_state_now(const char *path, cs_file_state *state);
extern bool cs_file_state_same(const cs_file_state *a, const cs_file_state *b);

/*
 * All of a file that nobody but the server's account can read (or root's, which its group may read), palloc'd, and the state that the
 * content had. On failure the answer's data is NULL and *why is set: a clause that names no path. The caller wipes it.
 */
extern cs_span cs_read_secret_file(const char *path, cs_file_state *state, const char **why);

typedef enum cs_key_state
{
	CS_KEY_ANNOUNCED, /* in discovery; signs nothing yet, or nothing more */
	CS_KEY_SIGNING,	  /* in discovery, and signs */
	CS_KEY_WITHDRAWN  /* never used, whatever other lines say */
} cs_key_state;

typedef struct cs_key_line
{
	int number; /* of the line, from 1 */
	char *database;
	char *store;
	char *owner;
	cs_key_state state;
	char *key; /* path or URI */
	char *kid; /* NULL: the key's own */
} cs_key_line;

extern const char *cs_key_state_name(cs_key_state state);
/* A URI of a provider, and no path? */
extern bool cs_key_is_uri(const char *key);

/* The lines of the file, palloc'd; false with *why for the first one that is wrong. Of one database, store and owner one key signs. */
extern bool cs_read_key_lines(cs_span text, cs_key_line **lines, int *count, const char **why);

#endif
