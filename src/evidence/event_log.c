/*
 * event_log.c - event logs read and replayed: each event extends its register by its digest, and only a log whose replay is what a
 * quote says is true.
 */
#include "event_log.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>

enum
{
	EV_NO_ACTION = 3,
	SHA1_SIZE = 20
};

static const struct
{
	uint64_t alg;
	const char *name;
	size_t size;
	uint64_t number; /* named information; 0: by name */
} hashes[] = {
	{ CS_TPM_SHA1, "SHA1", SHA1_SIZE, 0 },
	{ CS_TPM_SHA256, "SHA256", 32, 1 },
	{ CS_TPM_SHA384, "SHA384", 48, 7 },
	{ CS_TPM_SHA512, "SHA512", 64, 8 },
};

const char *
cs_tpm_hash(uint64_t alg, size_t *size)
{
	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++)
		if (hashes[i].alg == alg)
		{
			*size = hashes[i].size;
			return hashes[i].name;
		}
	return NULL;
}

void
cs_put_tpm_hash(cs_buf *buf, uint64_t alg)
{
	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++)
		if (hashes[i].alg == alg && hashes[i].number != 0)
		{
			cs_put_uint(buf, hashes[i].number);
			return;
		}
	cs_put_cstr(buf, "sha-1");
}

/* EVP_Q_digest leaves no handle open. */
bool
cs_tpm_digest(cs_job *job, uint64_t alg, cs_span data, uint8_t out[64])
{
	size_t size, len;
	const char *name = cs_tpm_hash(alg, &size);
	bool ok;

	ERR_clear_error();
	ok = name && EVP_Q_digest(NULL, name, NULL, data.data, data.len, out, &len) == 1;
	ERR_clear_error();
	return ok || cs_fail(job->ctx, CS_UNSUPPORTED, "hash algorithm 0x%04llx of a TPM is not known", (unsigned long long) alg);
}

static bool
malformed(cs_job *job, const char *what)
{
	return cs_fail(job->ctx, CS_MALFORMED, "event log: %s", what);
}

static cs_event_bank *
bank_of(const cs_event_log *log, uint64_t alg)
{
	for (size_t i = 0; i < log->bank_count; i++)
		if (log->banks[i].alg == alg)
			return &log->banks[i];
	return NULL;
}

static bool
add_bank(cs_job *job, cs_event_log *log, uint64_t alg, size_t size)
{
	size_t known;

	if (log->bank_count == CS_LOG_BANKS || bank_of(log, alg) || size == 0 || size > 64)
		return malformed(job, "its algorithms are too many, one twice, or of a size that no hash has");
	log->banks[log->bank_count] = (cs_event_bank) { .alg = alg, .size = size };
	log->banks[log->bank_count].replayed = cs_tpm_hash(alg, &known) != NULL && known == size;
	log->bank_count++;
	return true;
}

static bool
extend(cs_job *job, cs_event_bank *bank, uint32_t index, cs_span digest)
{
	uint8_t both[128];

	if (!bank->replayed)
		return true;
	memcpy(both, bank->value[index], bank->size);
	memcpy(both + bank->size, digest.data, bank->size);
	return cs_tpm_digest(job, bank->alg, (cs_span) { both, 2 * bank->size }, bank->value[index]);
}

/* "StartupLocality" NUL, and the locality from which the TPM was started: the last byte of PCR 0 at the start. */
static void
note_locality(cs_event_log *log, cs_span event)
{
	static const char signature[16] = "StartupLocality";

	if (event.len != 17 || memcmp(event.data, signature, 16) != 0 || (log->extended & 1))
		return;
	for (size_t i = 0; i < log->bank_count; i++)
		log->banks[i].value[0][log->banks[i].size - 1] = event.data[16];
}

/* What an event says of its register; digests were read before. */
static bool
close_event(cs_job *job, cs_event_log *log, uint64_t index, uint64_t type, cs_span event, const cs_span *digests)
{
	log->event_count++;
	if (type == EV_NO_ACTION)
	{
		note_locality(log, event);
		return true;
	}
	if (index >= CS_LOG_REGISTERS)
		return cs_fail(job->ctx, CS_INVALID, "event log extends a register beyond 23");
	log->extended |= 1u << index;
	for (size_t i = 0; i < log->bank_count; i++)
	{
		if (digests[i].len == 0)
			return malformed(job, "an event lacks a digest of one of its algorithms");
		if (!extend(job, &log->banks[i], (uint32_t) index, digests[i]))
			return false;
	}
	return true;
}

/* TCG_PCR_EVENT, with a SHA-1 digest: all events of old logs, and the first one of those that announce their algorithms. */
static bool
old_event(cs_job *job, cs_bytes *in, cs_event_log *log, cs_span *first)
{
	uint64_t index = cs_bytes_le(in, 4), type = cs_bytes_le(in, 4);
	cs_span digest = cs_bytes_take(in, SHA1_SIZE), event = cs_bytes_take(in, (size_t) cs_bytes_le(in, 4));

	if (in->failed)
		return malformed(job, "it ends inside an event");
	if (first)
	{
		*first = event;
		if (event.len >= 16 && type == EV_NO_ACTION && memcmp(event.data, "Spec ID Event03", 16) == 0)
			return true;
		if (!add_bank(job, log, CS_TPM_SHA1, SHA1_SIZE))
			return false;
		first->len = 0;
	}
	return close_event(job, log, index, type, event, &digest);
}

/* TCG_EfiSpecIDEvent: the algorithms and the sizes of their digests. */
static bool
read_algorithms(cs_job *job, cs_span event, cs_event_log *log)
{
	cs_bytes in = cs_bytes_of(event);
	uint64_t count;

	(void) cs_bytes_take(&in, 16 + 4 + 4);
	count = cs_bytes_le(&in, 4);
	if (in.failed || count == 0 || count > CS_LOG_BANKS)
		return malformed(job, "it announces no algorithms, or too many");
	for (uint64_t i = 0; i < count; i++)
	{
		uint64_t alg = cs_bytes_le(&in, 2), size = cs_bytes_le(&in, 2);

		if (in.failed || !add_bank(job, log, alg, (size_t) size))
			return in.failed ? malformed(job, "it ends inside its algorithms") : false;
	}
	return true;
}

/* TCG_PCR_EVENT2: a digest for each algorithm. */
static bool
new_event(cs_job *job, cs_bytes *in, cs_event_log *log)
{
	cs_span digests[CS_LOG_BANKS] = { { NULL, 0 } }, event;
	uint64_t index = cs_bytes_le(in, 4), type = cs_bytes_le(in, 4), count = cs_bytes_le(in, 4);

	if (!in->failed && count > CS_LOG_BANKS)
		return malformed(job, "an event has too many digests");
	for (uint64_t i = 0; i < count && !in->failed; i++)
	{
		uint64_t alg = cs_bytes_le(in, 2);
		cs_event_bank *bank = bank_of(log, alg);

		if (!in->failed && !bank)
			return cs_fail(job->ctx, CS_INVALID, "an event has a digest of an algorithm that the log does not announce");
		if (bank)
			digests[bank - log->banks] = cs_bytes_take(in, bank->size);
	}
	event = cs_bytes_take(in, (size_t) cs_bytes_le(in, 4));
	if (in->failed)
		return malformed(job, "it ends inside an event");
	return close_event(job, log, index, type, event, digests);
}

/* The log's own buffer is longer than the log: what follows is 0xff or zeros. */
static bool
at_end(const cs_bytes *in)
{
	return in->left == 0 || cs_all_zero((cs_span) { in->p, in->left }) || (in->left >= 4 && cs_le((cs_span) { in->p, 4 }) == 0xffffffff);
}

bool
cs_event_log_read(cs_job *job, cs_span bytes, cs_event_log *out)
{
	cs_bytes in = cs_bytes_of(bytes);
	cs_span first;
	uint64_t ticks = 0;

	memset(out, 0, sizeof(*out));
	out->banks = cs_alloc(job->ctx, CS_LOG_BANKS, sizeof(*out->banks));
	if (!out->banks || !old_event(job, &in, out, &first))
		return false;
	if (first.len > 0 && !read_algorithms(job, first, out))
		return false;
	/* at the first zeros everything behind is compared with zero, and that is the end: no quadratic work */
	while (in.left > 0 && !(in.p[0] == 0 && in.left > 4 && in.p[4] == 0 && at_end(&in)) && !(in.p[0] == 0xff && at_end(&in)))
	{
		cs_tick(job->ctx, &ticks);
		if (first.len > 0 ? !new_event(job, &in, out) : !old_event(job, &in, out, NULL))
			return false;
	}
	return true;
}

bool
cs_event_log_register(const cs_event_log *log, uint64_t alg, uint32_t index, cs_span *value)
{
	const cs_event_bank *bank = bank_of(log, alg);

	if (!bank || !bank->replayed || index >= CS_LOG_REGISTERS || !(log->extended >> index & 1))
		return false;
	*value = (cs_span) { bank->value[index], bank->size };
	return true;
}

/* ---- the log alone, which nobody signed: registers as integrity-registers (14) ---- */

static void
put_register(cs_mval *mval, const cs_event_log *log, uint32_t index)
{
	uint64_t count = 0;

	for (size_t i = 0; i < log->bank_count; i++)
		count += log->banks[i].replayed;
	cs_put_uint(&mval->body, index);
	cs_put_array(&mval->body, count);
	for (size_t i = 0; i < log->bank_count; i++)
	{
		if (!log->banks[i].replayed)
			continue;
		cs_put_array(&mval->body, 2);
		cs_put_tpm_hash(&mval->body, log->banks[i].alg);
		cs_put_bytes(&mval->body, log->banks[i].value[index], log->banks[i].size);
	}
}

bool
cs_evidence_event_log(cs_job *job, cs_span bytes, const cs_attester *by)
{
	cs_evidence_ect *ect;
	cs_event_log log;
	cs_attester signer;
	cs_mval mval;
	bool any = false;

	(void) by;
	if (!cs_event_log_read(job, bytes, &log) ||
		!cs_attester_none(job, "an event log is not signed: it counts beside a quote whose registers it replays to", &signer))
		return false;
	for (size_t i = 0; i < log.bank_count; i++)
		any |= log.banks[i].replayed;
	if (!any || log.extended == 0)
		return cs_fail(job->ctx, CS_UNSUPPORTED, "event log extends no register under a hash that is known");
	if (job->given->environment.len == 0)
		return cs_fail(job->ctx, CS_INVALID, "event log does not say what it is of: name its environment");
	ect = cs_ect_add(job, job->given->environment, (cs_span) { NULL, 0 }, &signer);
	if (!ect)
		return false;
	cs_mval_start(job, &mval);
	cs_mval_key(&mval, CS_MVAL_INTEGRITY_REGISTERS);
	cs_put_map(&mval.body, (uint64_t) __builtin_popcount(log.extended));
	for (uint32_t i = 0; i < CS_LOG_REGISTERS; i++)
		if (log.extended >> i & 1)
			put_register(&mval, &log, i);
	return cs_ect_element(job, ect, (cs_span) { NULL, 0 }, &mval);
}
