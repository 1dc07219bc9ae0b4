/*
 * audit.h - what was done to a store's truth tables, on record (tables audit and audit_seal; doc/audit.md).
 */
#ifndef CS_PG_AUDIT_H
#define CS_PG_AUDIT_H

#include "pg/base/pg_support.h"

/*
 * One row of audit, written as the table's owner, so that who acts needs no right to it. who: the role that acts. object, digest (0:
 * none) and detail (a JSON object) may be NULL. SPI must be connected.
 */
extern void cs_audit_write(Oid store, Oid who, const char *action, const char *object, Datum digest, const char *detail);

/* Between the two, the guard of audit and audit_seal lets this backend seal. The second is for errors too. */
extern void cs_audit_begin_sealing(void);
extern void cs_audit_end_sealing(void);

#endif
