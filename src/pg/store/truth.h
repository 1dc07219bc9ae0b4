/*
 * truth.h - rows of a store's table truth: what was said, as it travels between regions (sql/store/05_truth.sql).
 *
 * A body is a CBOR array: the version of its form, 1, and behind it the columns of cs_truth_columns(), each null, a byte string as the
 * type's binary form has it (text: a text string, whatever encoding the database has), or an array of those. So nothing of it is converted
 * on its way, and nothing can fail before the triggers run.
 */
#ifndef CS_PG_TRUTH_H
#define CS_PG_TRUTH_H

#include "pg/base/store.h"

#include "access/tupdesc.h"
#include "datatype/timestamp.h"
#include "utils/uuid.h"

typedef enum cs_truth_kind
{
	CS_TRUTH_DOCUMENT = 1,
	CS_TRUTH_AUTHORITY,
	CS_TRUTH_REVOCATION,
	CS_TRUTH_POLICY,
	CS_TRUTH_PROFILE,
	CS_TRUTH_CRL,
	CS_TRUTH_TAKEN_BACK,
	CS_TRUTH_KINDS
} cs_truth_kind;

/* One row of truth. */
typedef struct cs_truth
{
	cs_truth_kind kind;
	bool has_moment;
	TimestampTz moment;
	pg_uuid_t id;
	Datum body;	   /* bytea */
	int signature; /* of a document that is made into a statement: which of its signatures is meant, from 1 on; 0: any */
} cs_truth;

/* The table of a store that this kind of truth is made into, and its kind again; NULL and 0 where there is none. */
extern const char *cs_truth_table(cs_truth_kind kind);
extern cs_truth_kind cs_truth_kind_of(const char *table);
/* Names of the columns of that table that travel; NULL behind the last. */
extern const char *const *cs_truth_columns(cs_truth_kind kind);

#define CS_TRUTH_MAX_COLUMNS 18

/* UUIDv8 (RFC 9562 section 5.8) from the first 16 bytes of a SHA-256. */
extern void cs_uuid_of(const uint8_t digest[32], pg_uuid_t *id);
extern void cs_uuid_of_bytes(cs_span bytes, pg_uuid_t *id);

/* Sets id, from the others. */
extern void cs_truth_identify(cs_truth *truth);

/* The body that says these values; types as the columns have them. Raises. */
extern Datum cs_truth_body(int count, const Datum *values, const bool *nulls, const Oid *types);
/* The other way round: *count values, at most max, in the current memory context; raises 22P03 for what is no such body, and what the
 * types' input says. */
extern void cs_truth_read(Datum body, int max, const Oid *types, int *count, Datum *values, bool *nulls);

/* A document: what it holds (payload.data NULL: all of it), and of an unsigned one in whose name it came (else NULL). */
extern Datum cs_truth_document(cs_span document, cs_span payload, const pg_uuid_t *authority);
/* Spans into body, which is detoasted; *authority as above. Raises as cs_truth_read. */
extern bool cs_truth_find_document(Datum body, cs_span *document, cs_span *payload); /* the same for bytes that may be any: false */
extern void cs_truth_read_document(Datum body, cs_span *document, cs_span *payload, pg_uuid_t **authority);

/*
 * The next moment of the store's hybrid logical clock: not before the clock, and behind everything that was seen, but for what lies further
 * ahead than coserv.max_clock_ahead. Holds the store's order until the transaction ends: who draws next waits. SPI must be connected, as
 * the owner of the store's tables.
 */
extern TimestampTz cs_truth_draw(Oid store);

/* Write it, as the owner of the table; answers false where it is there already. SPI must be connected. */
extern bool cs_truth_write(Oid store, const cs_truth *truth);

/*
 * Runs a statement over table truth that erases bodies: $1 is id. The one way in which a row of truth changes. As the owner of the table;
 * SPI must be connected.
 */
extern bool cs_truth_erase(Oid store, cs_statement statement, Datum id);

/*
 * Have the bytes of a document again that another statement's forgetting took, as somebody brings them: of a COSE_Sign whose other signer
 * nobody knew then. Answers whether they were gone. As above.
 */
extern bool cs_truth_restore(Oid store, const cs_truth *truth);

/* While one of these is at work: the table's triggers let its row pass. */
extern bool cs_truth_is_writing(void);

/* Is this row of truth here? Of what committed until now, whatever the isolation level. SPI must be connected. */
extern bool cs_truth_is_here(Oid store, const pg_uuid_t *id);

/*
 * While a row of truth that arrived is made into a row of its table: the table's triggers take it from here, and neither say it again nor
 * draw a moment. Taking it ends it.
 */
extern void cs_truth_begin_arrival(Oid store, const cs_truth *truth);
extern void cs_truth_end_arrival(void);
extern bool cs_truth_peek_arrival(Oid store, cs_truth_kind kind);
extern bool cs_truth_take_arrival(Oid store, cs_truth_kind kind, cs_truth *truth);

/*
 * While a region infers a store's revocations from a CRL: they are in no row of truth, and have their ids from what they say. What triggers
 * of users revoke meanwhile has no id yet.
 */
extern void cs_truth_begin_inference(Oid store);
extern void cs_truth_end_inference(void);
extern bool cs_truth_is_inferring(Oid store);

#endif
