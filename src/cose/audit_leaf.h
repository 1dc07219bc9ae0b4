/*
 * audit_leaf.h - the leaves of the Merkle trees that seal an audit (doc/audit.md), in core deterministic CBOR: of each row it covers,
 * and of the seal itself behind them; in a tree of their own, of each epoch. A row has eight members, a seal has five, or also eight of
 * which the second is bytes or null and so no time, so that neither is ever the other.
 */
#ifndef CS_AUDIT_LEAF_H
#define CS_AUDIT_LEAF_H

#include "merkle.h"

/* data NULL is NULL; texts are UTF-8; times are microseconds since 1970. */
typedef struct cs_audit_row
{
	int64_t id;
	int64_t at;
	cs_span who, session, action, object;
	cs_span digest;
	cs_span detail;
} cs_audit_row;

typedef struct cs_audit_seal
{
	int64_t number;
	cs_span previous; /* root; NULL for the first */
	int64_t rows;
	int64_t at;
	cs_span by;
	bool has_epochs;
	int64_t known_until;
	int64_t epochs;
	cs_span epoch_root;
} cs_audit_seal;

/* Since when something is known, and what is foreseen from then on: a row of a store's view epoch. */
typedef struct cs_audit_epoch
{
	cs_span of_table;
	cs_span id; /* 16 bytes */
	bool has_ordinal;
	int64_t ordinal;
	int64_t known_at;
	cs_span says;
} cs_audit_epoch;

/* Appended; errors of the buffer. */
extern void cs_put_audit_row(cs_buf *out, const cs_audit_row *row);
extern void cs_put_audit_seal(cs_buf *out, const cs_audit_seal *seal);
extern void cs_put_audit_epoch(cs_buf *out, const cs_audit_epoch *epoch);

#endif
