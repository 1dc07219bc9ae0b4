/*
 * audit_leaf.h - the leaves of the Merkle tree that seals an audit (doc/audit.md): of each row it covers, and of the seal itself behind
 * them, in core deterministic CBOR. A row has eight members and a seal has five, so that neither is ever the other.
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
} cs_audit_seal;

/* Appended; errors of the buffer. */
extern void cs_put_audit_row(cs_buf *out, const cs_audit_row *row);
extern void cs_put_audit_seal(cs_buf *out, const cs_audit_seal *seal);

#endif
