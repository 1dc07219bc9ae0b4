/*
 * signing_keys.c - which keys sign a store's results, and what they sign. The file of coserv.signing_keys_file and the files of keys that
 * it names are looked at (stat) at each use: every backend finds a rotation at its next answer. A key is parsed and checked when its file
 * is read, and held open by OpenSSL until that changes; no private half is ever in memory of PostgreSQL but while it is parsed.
 */
#include "signing_keys.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_namespace.h"
#include "commands/dbcommands.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

#include "execute.h"
#include "pg/base/settings.h"
#include "pg/base/store.h"
#include "pg/federation/members.h"

PG_FUNCTION_INFO_V1(coserv_execute_signed);
PG_FUNCTION_INFO_V1(coserv_result_verification_keys);

/* A line and, where it was needed, its key. */
typedef struct cs_held
{
	cs_key_line line;
	cs_signing_key key;
	char *thumbprint;
	cs_signer *signer; /* NULL while none is held */
	cs_file_state state;
	MemoryContext memory; /* of what is read from the key */
} cs_held;

static MemoryContext file_memory = NULL; /* of all below; NULL while no file is read */
static char *file_path = NULL;
static cs_file_state file_state;
static cs_held *held = NULL;
static int held_count = 0;

static void
let_go(cs_held *h)
{
	cs_signer_free(h->signer);
	h->signer = NULL;
	if (h->memory)
		MemoryContextReset(h->memory);
}

static void
forget_file(void)
{
	for (int i = 0; i < held_count; i++)
		let_go(&held[i]);
	held_count = 0;
	held = NULL;
	file_path = NULL;
	if (file_memory)
		MemoryContextDelete(file_memory);
	file_memory = NULL;
}

static void
keep_lines(const char *path, const cs_file_state *state, const cs_key_line *lines, int count)
{
	cs_held *all;

	file_path = pstrdup(path);
	file_state = *state;
	all = palloc0(Max(count, 1) * sizeof(cs_held));
	for (int i = 0; i < count; i++)
		all[i].line = lines[i];
	held = all;
	held_count = count;
}

/* Why the file cannot be used; NULL when it was read. What was read before is forgotten in any case. */
static const char *
read_file(const char *path)
{
	MemoryContext old = CurrentMemoryContext;
	cs_file_state state;
	cs_key_line *lines;
	const char *why;
	cs_span text;
	int count;

	forget_file();
	file_memory = AllocSetContextCreate(TopMemoryContext, "coserv signing keys", ALLOCSET_SMALL_SIZES);
	MemoryContextSwitchTo(file_memory);
	text = cs_read_secret_file(path, &state, &why);
	if (text.data)
	{
		if (cs_read_key_lines(text, &lines, &count, &why))
			keep_lines(path, &state, lines, count);
		explicit_bzero((void *) text.data, text.len); /* a URI may hold a PIN */
	}
	MemoryContextSwitchTo(old);
	if (!why)
		return NULL;
	why = pstrdup(why);
	forget_file();
	return why;
}

/* The same, when it is another file or another content than at the last use. */
static const char *
refresh_file(const char *path)
{
	cs_file_state now;

	if (file_path && strcmp(file_path, path) == 0 && cs_file_state_now(path, &now) && cs_file_state_same(&now, &file_state))
		return NULL;
	return read_file(path);
}

/* What is public of a key, for discovery and headers. */
static bool
describe(cs_ctx *ctx, cs_held *h)
{
	cs_buf thumbprint, cose_key, jwk;

	cs_buf_init(&thumbprint, ctx);
	cs_buf_init(&cose_key, ctx);
	cs_buf_init(&jwk, ctx);
	if (!cs_signer_kid(ctx, h->signer, &thumbprint))
		return false;
	h->thumbprint = pnstrdup((const char *) thumbprint.data, thumbprint.len);
	h->key.kid = h->line.kid ? (cs_span) { (const uint8_t *) h->line.kid, strlen(h->line.kid) } : cs_buf_span(&thumbprint);
	if (!cs_public_cose_key(ctx, h->signer, h->key.kid, &cose_key) || !cs_public_jwk(ctx, h->signer, h->key.kid, &jwk))
		return false;
	h->key.cose_key = cs_buf_span(&cose_key);
	h->key.jwk = cs_buf_span(&jwk);
	h->key.line = &h->line;
	h->key.signer = h->signer;
	return true;
}

/* Opens what a file holds; the text is wiped whatever happens. */
static bool
open_text(cs_ctx *ctx, cs_span text, cs_signer **signer)
{
	bool ok = false;

	PG_TRY();
	{
		ok = cs_signer_open(ctx, text, signer);
	}
	PG_FINALLY();
	{
		explicit_bzero((void *) text.data, text.len);
	}
	PG_END_TRY();
	return ok;
}

/* NULL when the key is held, else what is wrong with it, in the caller's memory. */
static const char *
open_key(cs_held *h, const char **hint)
{
	MemoryContext old = CurrentMemoryContext;
	const char *why = NULL;
	cs_span text = { NULL, 0 };
	bool ok = false;
	cs_ctx ctx;

	let_go(h);
	if (!h->memory)
		h->memory = AllocSetContextCreate(file_memory, "coserv signing key", ALLOCSET_SMALL_SIZES);
	MemoryContextSwitchTo(h->memory);
	cs_pg_ctx_stored(&ctx);
	if (cs_key_is_uri(h->line.key))
		ok = cs_signer_open_uri(&ctx, h->line.key, &h->signer);
	else if ((text = cs_read_secret_file(h->line.key, &h->state, &why)).data)
		ok = open_text(&ctx, text, &h->signer);
	ok = ok && describe(&ctx, h);
	MemoryContextSwitchTo(old);
	if (ok)
		return NULL;
	if (why)
		why = pstrdup(why);
	else
	{
		why = psprintf("cannot be used: %s", ctx.error.message);
		*hint = ctx.error.hint[0] ? pstrdup(ctx.error.hint) : NULL;
	}
	let_go(h);
	return why;
}

/* The same, when it is not held as it is now. What a URI names is opened once. */
static const char *
refresh_key(cs_held *h, const char **hint)
{
	cs_file_state now;

	if (h->signer && (cs_key_is_uri(h->line.key) || (cs_file_state_now(h->line.key, &now) && cs_file_state_same(&now, &h->state))))
		return NULL;
	return open_key(h, hint);
}

/* Is it the key of a line that withdraws it, wherever that one has it from? The withdrawn one's file may be gone. */
static bool
is_withdrawn(const cs_held *h, const bool *bound)
{
	const char *unused;

	for (int i = 0; i < held_count; i++)
		if (bound[i] && held[i].line.state == CS_KEY_WITHDRAWN && !cs_key_is_uri(held[i].line.key) &&
			refresh_key(&held[i], &unused) == NULL && strcmp(held[i].thumbprint, h->thumbprint) == 0)
			return true;
	return false;
}

static void
note_fault(cs_signing_keys *keys, const cs_held *h, const char *what, const char *hint)
{
	if (keys->broken && h->line.state != CS_KEY_SIGNING)
		return; /* one is enough; that of the key that should sign says most */
	keys->broken = true;
	keys->sqlstate = ERRCODE_CONFIG_FILE_ERROR;
	keys->why = psprintf("the key of line %d of coserv.signing_keys_file %s", h->line.number, what);
	keys->hint = hint;
}

static void
take_key(cs_signing_keys *keys, cs_held *h, const bool *bound)
{
	const char *hint = NULL;
	const char *what = refresh_key(h, &hint);

	if (!what && is_withdrawn(h, bound))
		what = "is withdrawn by another line";
	if (what)
	{
		note_fault(keys, h, what, hint);
		return;
	}
	keys->listed[keys->count++] = &h->key;
	if (h->line.state == CS_KEY_SIGNING)
		keys->signing = &h->key;
}

/* What a line calls the store: its name; of a federation NAME#DIGEST, for another list of members is another signer. */
static char *
name_in_file(Oid store, const char *name)
{
	if (!cs_is_federation(store))
		return pstrdup(name);
	return psprintf("%s#%s", name, cs_federation_digest(cs_federation_read(store, GetCurrentTimestamp())));
}

/* A line for the federation with other members. */
static bool
is_of_other_members(const char *line, const char *name)
{
	const char *digest = strrchr(name, '#');

	return digest != NULL && strncmp(line, name, (size_t) (digest - name) + 1) == 0 && strcmp(line, name) != 0;
}

/* Which lines are those of this store, under its name and of its owner? */
static bool *
bound_lines(Oid store, bool *is_listed, bool *is_bound, bool *is_other)
{
	HeapTuple tuple = SearchSysCache1(NAMESPACEOID, ObjectIdGetDatum(store));
	bool *bound = palloc0(Max(held_count, 1) * sizeof(bool));
	char *database = get_database_name(MyDatabaseId);
	char *owner, *name;

	*is_listed = *is_bound = *is_other = false;
	if (!HeapTupleIsValid(tuple))
		return bound;
	name = name_in_file(store, NameStr(((Form_pg_namespace) GETSTRUCT(tuple))->nspname));
	owner = GetUserNameFromId(((Form_pg_namespace) GETSTRUCT(tuple))->nspowner, true);
	ReleaseSysCache(tuple);
	for (int i = 0; i < held_count; i++)
		if (strcmp(held[i].line.database, database) == 0 && strcmp(held[i].line.store, name) == 0)
		{
			*is_listed = true;
			bound[i] = owner && strcmp(held[i].line.owner, owner) == 0;
			*is_bound |= bound[i];
		}
		else if (strcmp(held[i].line.database, database) == 0)
			*is_other |= is_of_other_members(held[i].line.store, name);
	return bound;
}

static void
take_keys(Oid store, cs_signing_keys *keys)
{
	bool is_listed, is_bound, is_other;
	bool *bound = bound_lines(store, &is_listed, &is_bound, &is_other);

	keys->hint = "A superuser binds keys to databases, stores and their owners in the file of coserv.signing_keys_file.";
	if (is_bound)
		keys->why = "no key of this store is in the state signing";
	else if (is_listed)
		keys->why = "the key is bound to a store of this name that belongs to another role";
	else if (is_other)
		keys->why = "the key is bound to another list of members of this federation (coserv.federation_digest)";
	else
		keys->why = "no key is bound to this store";
	keys->listed = palloc(Max(held_count, 1) * sizeof(cs_signing_key *));
	for (int i = 0; i < held_count; i++)
		if (bound[i] && held[i].line.state != CS_KEY_WITHDRAWN)
			take_key(keys, &held[i], bound);
}

void
cs_signing_keys_of(Oid store, cs_signing_keys *keys)
{
	const char *path = cs_setting_signing_keys_file;
	const char *what;

	memset(keys, 0, sizeof(*keys));
	keys->sqlstate = ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE;
	if (path == NULL || path[0] == '\0')
	{
		forget_file();
		keys->why = "there is no key to sign results with";
		keys->hint = "A superuser names the file that binds keys to stores in the setting coserv.signing_keys_file.";
		return;
	}
	what = refresh_file(path);
	if (what == NULL)
		take_keys(store, keys);
	else
	{
		keys->broken = true;
		keys->sqlstate = ERRCODE_CONFIG_FILE_ERROR;
		keys->why = psprintf("the file of coserv.signing_keys_file %s", what);
	}
}

void
cs_warn_of_keys(const cs_signing_keys *keys)
{
	if (keys->broken)
		ereport(WARNING, (errcode(keys->sqlstate), errmsg("%s", keys->why), keys->hint ? errhint("%s", keys->hint) : 0));
}

void
cs_sign_answer(cs_ctx *ctx, cs_span answer, const cs_signing_key *key, cs_buf *out)
{
	static const uint8_t no_headers[] = { 0xa0 };
	cs_buf header;

	/* the media type stands under 3 (content type), whatever the draft's CDDL says (doc/conformance.md, decision 1) */
	cs_buf_init(&header, ctx);
	cs_put_map(&header, 2);
	cs_put_int(&header, 3);
	cs_put_cstr(&header, CS_COSERV_CBOR);
	cs_put_int(&header, 4);
	cs_put_bytes(&header, key->kid.data, key->kid.len);
	cs_pg_require(cs_buf_ok(&header), ctx, NULL);
	cs_buf_init(out, ctx);
	if (!cs_signer_sign1(ctx, key->signer, cs_buf_span(&header), (cs_span) { no_headers, sizeof(no_headers) }, answer, false, out))
	{
		forget_file(); /* a token may have gone and come back: the next use opens it anew */
		cs_pg_report(&ctx->error, "signing key");
	}
	cs_pg_require(cs_buf_ok(out), ctx, NULL);
}

/* execute_signed(store regnamespace, query coserv) -> bytea */
Datum
coserv_execute_signed(PG_FUNCTION_ARGS)
{
	cs_ctx ctx;
	cs_answer answer;
	cs_signing_keys keys;
	cs_buf out;

	cs_pg_ctx(&ctx);
	if (!cs_answer_query(&ctx, PG_GETARG_OID(0), CS_PG_GETARG_SPAN(1), CS_QUERY_TYPED, NULL, &answer))
		cs_pg_report(&ctx.error, "CoSERV query");
	cs_signing_keys_of(PG_GETARG_OID(0), &keys);
	if (keys.signing == NULL)
		ereport(ERROR, (errcode(keys.sqlstate), errmsg("%s", keys.why), keys.hint ? errhint("%s", keys.hint) : 0));
	cs_sign_answer(&ctx, cs_buf_span(&answer.result), keys.signing, &out);
	return cs_pg_make_bytea(&out);
}

/* result_verification_keys(store regnamespace) -> setof (kid text, state text, key crypto_key): those of discovery */
Datum
coserv_result_verification_keys(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *set = (ReturnSetInfo *) fcinfo->resultinfo;
	cs_signing_keys keys;
	cs_ctx ctx;

	InitMaterializedSRF(fcinfo, 0);
	if (!cs_is_federation(PG_GETARG_OID(0)))
		cs_store_require(PG_GETARG_OID(0));
	cs_pg_ctx(&ctx);
	cs_signing_keys_of(PG_GETARG_OID(0), &keys);
	cs_warn_of_keys(&keys);
	for (int i = 0; i < keys.count; i++)
	{
		const cs_signing_key *key = keys.listed[i];
		Datum values[3];
		bool nulls[3] = { false };
		cs_buf tagged;

		cs_buf_init(&tagged, &ctx);
		cs_put_tag(&tagged, CS_TAG_COSE_KEY);
		cs_put_raw(&tagged, key->cose_key.data, key->cose_key.len);
		values[0] = PointerGetDatum(cstring_to_text_with_len((const char *) key->kid.data, (int) key->kid.len));
		values[1] = CStringGetTextDatum(cs_key_state_name(key->line->state));
		values[2] = cs_pg_make_bytea(&tagged);
		tuplestore_putvalues(set->setResult, set->setDesc, values, nulls);
	}
	return (Datum) 0;
}
