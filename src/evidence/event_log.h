/*
 * event_log.h - inside src/evidence: TCG event logs (TCG PC Client Platform Firmware Profile, section 10; CCEL of UEFI), replayed to
 * registers.
 */
#ifndef CS_EVENT_LOG_H
#define CS_EVENT_LOG_H

#include "job.h"

/* TPM_ALG_ID of hashes (TCG Algorithm Registry). */
enum
{
	CS_TPM_SHA1 = 0x0004,
	CS_TPM_SHA256 = 0x000b,
	CS_TPM_SHA384 = 0x000c,
	CS_TPM_SHA512 = 0x000d
};

/* The name as OpenSSL has it; NULL for one that is not replayed. */
extern const char *cs_tpm_hash(uint64_t alg, size_t *size);
/* As digests have it: sha-256, sha-384 and sha-512 by number, sha-1 by name. */
extern void cs_put_tpm_hash(cs_buf *buf, uint64_t alg);
extern bool cs_tpm_digest(cs_job *job, uint64_t alg, cs_span data, uint8_t out[64]);

#define CS_LOG_BANKS 8
#define CS_LOG_REGISTERS 24

typedef struct cs_event_bank
{
	uint64_t alg;
	size_t size;
	bool replayed; /* the hash is known */
	uint8_t value[CS_LOG_REGISTERS][64];
} cs_event_bank;

typedef struct cs_event_log
{
	cs_event_bank *banks;
	size_t bank_count;
	uint32_t extended; /* a bit for each register that an event extends */
	size_t event_count;
} cs_event_log;

/* CS_MALFORMED; CS_INVALID for registers beyond 23 and algorithms that the log does not announce; CS_LIMIT. */
extern bool cs_event_log_read(cs_job *job, cs_span bytes, cs_event_log *out);
/* False when no event extends it under that hash. */
extern bool cs_event_log_register(const cs_event_log *log, uint64_t alg, uint32_t index, cs_span *value);

extern bool cs_evidence_event_log(cs_job *job, cs_span bytes, const cs_attester *by);

#endif
