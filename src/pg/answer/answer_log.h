/*
 * answer_log.h - what was answered, on record (coserv.log_answers; doc/operations.md).
 */
#ifndef CS_PG_ANSWER_LOG_H
#define CS_PG_ANSWER_LOG_H

#include "execute.h"

/*
 * A row of the store's table answer, where this transaction may write one: query, SHA-256 of the unsigned result, role and time. False
 * where it may not (a standby, a read-only transaction) or the row was refused (a WARNING says why): then the caller tells somebody else.
 * An answer is never lost for it. digest: 32 bytes.
 */
extern bool cs_log_answer(Oid store, cs_span query, const uint8_t *digest, bool is_signed);

#endif
