/*
 * store.h - what the functions over a store share: its name, the plans that are kept for it, running as its owner.
 */
#ifndef CS_PG_STORE_H
#define CS_PG_STORE_H

#include "pg_support.h"

#include "executor/spi.h"

/* Statements over a store's tables; their text is in store_plan.c. */
typedef enum cs_statement
{
	CS_STMT_AUTHORITIES,
	CS_STMT_AUTHORITY_REVOKED,
	CS_STMT_AUTHORITY_BY_NAME,
	CS_STMT_AUTHORITY_BY_ID,
	CS_STMT_AUTHORITY_LAST,
	CS_STMT_AUTHORITY_REMOVED,
	CS_STMT_AUTHORITY_INSERT,
	CS_STMT_AUTHORITY_UPDATE,
	CS_STMT_AUTHORITY_DELETE,
	CS_STMT_LAST_POLICY,
	CS_STMT_TRUTH_INSERT,
	CS_STMT_TRUTH_ANY,
	CS_STMT_TRUTH_BODY,
	CS_STMT_TRUTH_ACCEPTED,
	CS_STMT_TRUTH_ERASE,
	CS_STMT_TRUTH_RESTORE,
	CS_STMT_FORGETTING,
	CS_STMT_TO_ERASE,
	CS_STMT_ERASE,
	CS_STMT_ERASE_MANIFEST,
	CS_STMT_FORGOTTEN,
	CS_STMT_FORGET,
	CS_STMT_LAST_MOMENT,
	CS_STMT_SET_ASIDE,
	CS_STMT_NOT_ASIDE,
	CS_STMT_ASIDE,
	CS_STMT_SAY_REVOCATION, /* what arrives, a kind each */
	CS_STMT_SAY_POLICY,
	CS_STMT_SAY_PROFILE,
	CS_STMT_SAY_CRL,
	CS_STMT_SAY_TAKEN_BACK,
	CS_STMT_SAY_DOCUMENT,
	CS_STMT_MANIFEST_ANY,
	CS_STMT_MANIFEST_TRUTH,
	CS_STMT_MANIFEST_NAMES,
	CS_STMT_SIGNER_KNOWN,
	CS_STMT_MANIFEST_IS,
	CS_STMT_MANIFEST_INSERT,
	CS_STMT_MANIFEST_INSERT_PAYLOAD,
	CS_STMT_MANIFEST_DOCUMENTS,
	CS_STMT_MANIFEST_DOCUMENT_ANY,
	CS_STMT_IS_DOCUMENT_OF,
	CS_STMT_COSIGNED,
	CS_STMT_MANIFEST_DOCUMENT_ADD,
	CS_STMT_MANIFEST_DOCUMENT_IS,
	CS_STMT_MANIFEST_SCOPE,
	CS_STMT_MANIFESTS_OF,
	CS_STMT_SAID_BY,
	CS_STMT_AUTHORITY_RIGHTS,
	CS_STMT_SIGNERS,
	CS_STMT_SIGNED_BY,
	CS_STMT_SIGNED,
	CS_STMT_SIGNED_TWICE,
	CS_STMT_DOCUMENTS_OF,
	CS_STMT_MANIFEST_OWNER,
	CS_STMT_MANIFEST_SIGNER,
	CS_STMT_MANIFEST_DOCUMENT_DROP,
	CS_STMT_TAG_OWNER,
	CS_STMT_TAGS_MOVED,
	CS_STMT_TAGS_REVOKED_NO_MORE,
	CS_STMT_MANIFEST_LAPSED,
	CS_STMT_KNOWN_AUTHORITY,
	CS_STMT_KNOWN_REVOCATION,
	CS_STMT_GENERATIONS,
	CS_STMT_KNOWN_POLICY,
	CS_STMT_KNOWN_PROFILE,
	CS_STMT_KNOWN_CRL,
	CS_STMT_KNOWN_TAKEN_BACK,
	CS_STMT_TAKE_BACK_AUTHORITY,
	CS_STMT_TAKE_BACK_REMOVED,
	CS_STMT_TAKE_BACK_POLICY,
	CS_STMT_TAKE_BACK_PROFILE,
	CS_STMT_TAKE_BACK_ASIDE,
	CS_STMT_TAKE_BACK_SAID,
	CS_STMT_IS_TAKEN_BACK,
	CS_STMT_TAKE_BACK,
	CS_STMT_AHEAD,
	CS_STMT_POLICY_MOMENT,
	CS_STMT_PROFILE_MOMENT,
	CS_STMT_UNSETTLED,
	CS_STMT_TAKE_UNSETTLED,
	CS_STMT_EVERYTHING,
	CS_STMT_NOTIFY,
	CS_STMT_RIVALS,
	CS_STMT_STALE,
	CS_STMT_REVOKED_SUBJECTS,
	CS_STMT_REVOKED_ENVIRONMENT,
	CS_STMT_AUTHORITY_LIFE,
	CS_STMT_MANIFEST_LIFE,
	CS_STMT_TAG_GROUP,
	CS_STMT_TAG_REPLACED,
	CS_STMT_TAG_LIFE,
	CS_STMT_TAG_HIDDEN,
	CS_STMT_TAGS_DORMANT,
	CS_STMT_COTLS,
	CS_STMT_COTL_LIFE,
	CS_STMT_LISTED,
	CS_STMT_LIVE,
	CS_STMT_OLDER_TAGS,
	CS_STMT_TWIN_TAGS,
	CS_STMT_TAGS_SAID_AGAIN,
	CS_STMT_REFUSES_OLDER,
	CS_STMT_DERIVE_CERTIFICATES,
	CS_STMT_DERIVE_CRL_ENTRIES,
	CS_STMT_REVOKED_CERTIFICATE,
	CS_STMT_REVOKE_BY_CRL,
	CS_STMT_REVOKED_BY_CRL,
	CS_STMT_REVOKE_MANIFEST,
	CS_STMT_SELECT,		/* triples by their own environment, now */
	CS_STMT_SELECT_ANY, /* triples by any environment they name, now */
	CS_STMT_SELECT_PAST,
	CS_STMT_SELECT_ANY_PAST,
	CS_STMT_RIM_CORIM,
	CS_STMT_RIM_TAG,
	CS_STMT_RELATIONS,
	CS_STMT_RELATIONS_PAST,
	CS_STMT_TRIPLES, /* for views and reverse look-up of a federation: all, of an environment, or speaking of something */
	CS_STMT_TRIPLES_OF,
	CS_STMT_TRIPLES_DIGEST,
	CS_STMT_TRIPLES_KEY,
	CS_STMT_TRIPLES_VALUES,
	CS_STMT_FILES_DIGEST,
	CS_STMT_CHANGES, /* for a federation */
	CS_STMT_MEASURED_FILES,
	CS_STMT_CONVEYED,
	CS_STMT_REVOKED_DEVICE_CERTIFICATE,
	CS_STMT_ANCHORS,
	CS_STMT_PROFILE_SERVED,
	CS_STMT_PROFILES,
	CS_STMT_PROFILE_MEMBERS,
	CS_STMT_AUDIT,
	CS_STMT_SEAL_LAST,
	CS_STMT_SEAL_MARK,
	CS_STMT_SEAL_ROWS,
	CS_STMT_SEAL_INSERT,
	CS_STMT_SEALS,
	CS_STMT_SEAL_ORPHANS,
	CS_STMT_EPOCHS,
	CS_STMT_TAG_ANY,
	CS_STMT_UNDOABLE,
	CS_STMT_REVOKE,
	CS_STMT_UNREVOKE,
	CS_STMT_IMPACT,
	CS_STMT_IMPACT_ON_ATTESTERS, /* which kept Evidence a moment could touch, and how it is appraised then */
	CS_STMT_LOG_ANSWER,
	CS_STMT_LIMIT_SET,
	CS_STMT_LIMIT_LIFT,
	CS_STMT_LIMIT_ANY,
	CS_STMT_READER_FORGET,
	CS_STMT_READER_MANIFESTS,
	CS_STMT_READER_REVOCATIONS,
	CS_STMT_READER_REVOCATION,
	CS_STMT_READER_ALL,
	CS_STMT_READER_ALL_REVOCATIONS,
	CS_STATEMENTS
} cs_statement;

/*
 * The kept plan of a statement for a store; SPI must be connected. Plans live as long as the backend and are made anew when
 * the store's schema is renamed. Errors: invalid_schema_name when the schema is no store.
 */
extern SPIPlanPtr cs_store_plan(Oid store, cs_statement statement);

/*
 * Runs it, as SPI_execute_plan; raises whatever goes wrong. nulls NULL: none of args is. most 0: all rows. Answers how many rows there are
 * in SPI_tuptable, or were written.
 */
extern uint64 cs_store_run(Oid store, cs_statement statement, Datum *args, const char *nulls, bool read_only, long most);

/* The same, all rows: what committed until now is seen whatever the isolation level, and what the transaction did itself. */
extern uint64 cs_run_latest(Oid store, cs_statement statement, Datum *args, const char *nulls);

/*
 * The form of a store's tables (src/pg/store/template.h), as its function form() says, which is not run, as it is its owner's; 0: it
 * does not say. The second: what this version works with. The third raises where it is another (0A000, 55000).
 */
extern int cs_store_form(Oid store);
extern int cs_store_current_form(void);
extern void cs_store_require_form(Oid store);

/* SPI_connect, or an error. SPI_finish() ends it, or an error. */
extern void cs_spi_connect(void);

/* Quoted schema name, in the current memory context. Errors: undefined_schema. */
extern char *cs_store_name(Oid store);
/* Errors: invalid_schema_name when the schema is no store. */
extern void cs_store_require(Oid store);
/* Errors: insufficient_privilege when the caller has not the rights of the schema's owner. */
extern void cs_store_require_owner(Oid schema);
/* text with @store@ and @store_literal@ replaced. */
extern char *cs_store_expand(const char *text, const char *schema_name);

/* OID of a type of this extension, by name. */
extern Oid cs_type_oid(const char *name);
/* The same for a type of the server ("uuid") or, with a dot, of the extension ("coserv.cbor"): those that statements and look-ups name. */
extern Oid cs_parameter_type(const char *name);

/*
 * Around statements of store_plan.c. Their plans are kept: one that was made while a table was empty would go on reading all of it when it
 * is not any more, so none reads sequentially where there is an index. Nor are they compiled just in time: they take less
 * time than the compiler would. An error restores the settings by itself.
 */
extern int cs_begin_statements(void);
extern void cs_end_statements(int guc_nest);

/* The same, as the owner of a table, as referential integrity triggers do; an error restores the caller by itself. */
typedef struct cs_as_owner
{
	Oid user;
	int sec_context;
	int guc_nest;
} cs_as_owner;

extern void cs_become_owner(Oid table, cs_as_owner *saved);
extern void cs_become_self(const cs_as_owner *saved);

#endif
