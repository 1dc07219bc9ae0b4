/*
 * spdm.c - SPDM measurements (DMTF DSP0274): the signed transcript of NVIDIA's GPUs and switches, and the measurement blocks of any
 * device, which alone nobody signed. Digests by draft-ietf-rats-evidence-trans, "Transforming SPDM Measurement Block Digest", its bit 7
 * the right way round; the rest is coserv's.
 */
#include <stdio.h>
#include <string.h>

#include "job.h"

enum
{
	SPDM_1_1 = 0x11,
	GET_MEASUREMENTS = 0xe0,
	MEASUREMENTS = 0x60,
	REQUEST = 37, /* header 4, nonce 32, slot 1 */
	NONCE = 32,
	SIGNATURE = 96, /* ECDSA P-384 */
	SPEC_DMTF = 1,
	RAW = 0x80 /* bit 7 of a value's type */
};

static bool
malformed(cs_job *job, const char *what)
{
	return cs_fail(job->ctx, CS_MALFORMED, "SPDM measurements: %s", what);
}

/* The algorithm of a digest by its size, which the transcript of the negotiation would say. */
static uint64_t
digest_alg(size_t size)
{
	return size == 32 ? 1 : size == 48 ? 7 : size == 64 ? 8 : 0;
}

/* Type and size before the value (DSP0274, "DMTF measurement specification format"). */
static bool
add_block(cs_job *job, cs_evidence_ect *ect, uint64_t index, cs_span measurement)
{
	cs_bytes in = cs_bytes_of(measurement);
	uint64_t type = cs_bytes_le(&in, 1), alg;
	cs_span value = cs_bytes_take(&in, (size_t) cs_bytes_le(&in, 2));
	cs_mval mval;

	if (in.failed || in.left > 0)
		return malformed(job, "a block's size is another than its value's");
	alg = digest_alg(value.len);
	cs_mval_start(job, &mval);
	if (type & RAW)
		cs_mval_bytes(&mval, CS_MVAL_RAW_VALUE, CS_TAG_BYTES, value);
	else if (alg != 0)
		cs_mval_digest(&mval, alg, value);
	else
		return cs_fail(job->ctx, CS_UNSUPPORTED, "a measurement is a digest of %zu bytes", value.len);
	return cs_ect_element_uint(job, ect, index, &mval);
}

static bool
add_blocks(cs_job *job, cs_evidence_ect *ect, cs_bytes *in, uint64_t count)
{
	for (uint64_t i = 0; count == 0 ? in->left > 0 : i < count; i++)
	{
		uint64_t index = cs_bytes_le(in, 1), spec = cs_bytes_le(in, 1);
		cs_span measurement = cs_bytes_take(in, (size_t) cs_bytes_le(in, 2));

		if (in->failed)
			return malformed(job, "they end inside a block");
		if (spec != SPEC_DMTF)
			return cs_fail(job->ctx, CS_UNSUPPORTED, "a measurement block is not of the DMTF's specification");
		if (!add_block(job, ect, index, measurement))
			return false;
	}
	return in->left == 0 || malformed(job, "bytes follow the last block");
}

bool
cs_evidence_spdm(cs_job *job, cs_span bytes, const cs_attester *by)
{
	cs_bytes in = cs_bytes_of(bytes);
	cs_evidence_ect *ect;
	cs_attester nobody;

	(void) by;
	if (bytes.len == 0)
		return malformed(job, "there are none");
	if (bytes.len > 1 && bytes.data[1] == GET_MEASUREMENTS)
		return cs_fail(job->ctx, CS_UNSUPPORTED,
			"signed transcripts of SPDM are read as \"nvidia\" alone: others are signed over more than they hold");
	if (!cs_attester_none(job, "measurement blocks are not signed", &nobody))
		return false;
	if (job->given->environment.len == 0)
		return cs_fail(job->ctx, CS_INVALID, "measurement blocks do not say what they are of: name the environment");
	ect = cs_ect_add(job, job->given->environment, (cs_span) { NULL, 0 }, &nobody);
	return ect && add_blocks(job, ect, &in, 0);
}

/* ---- NVIDIA: GET_MEASUREMENTS and MEASUREMENTS of SPDM 1.1, one behind the other, as bytes or as hexadecimal digits ---- */

typedef struct report
{
	cs_span nonce; /* of the request */
	uint64_t count;
	cs_span record;
	cs_span opaque;
	cs_span message; /* request and response, which are signed */
	cs_span signature;
} report;

static int
hex_digit(uint8_t c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool
unhex(cs_job *job, cs_span *bytes)
{
	uint8_t *out;
	size_t len = bytes->len;

	if (len == 0 || hex_digit(bytes->data[0]) < 0)
		return true;
	while (len > 0 && (bytes->data[len - 1] == '\n' || bytes->data[len - 1] == '\r'))
		len--;
	out = cs_alloc(job->ctx, len / 2 + 1, 1);
	if (!out)
		return false;
	if (len % 2 != 0)
		return malformed(job, "they are neither a transcript nor its hexadecimal digits");
	for (size_t i = 0; i < len; i += 2)
	{
		int high = hex_digit(bytes->data[i]), low = hex_digit(bytes->data[i + 1]);

		if (high < 0 || low < 0)
			return malformed(job, "they are neither a transcript nor its hexadecimal digits");
		out[i / 2] = (uint8_t) (high << 4 | low);
	}
	*bytes = (cs_span) { out, len / 2 };
	return true;
}

static bool
open_report(cs_job *job, cs_span bytes, report *r)
{
	cs_bytes in = cs_bytes_of(bytes);
	cs_span head = cs_bytes_take(&in, 4);

	memset(r, 0, sizeof(*r));
	if (head.len != 4 || head.data[1] != GET_MEASUREMENTS)
		return malformed(job, "they do not begin with the request");
	if (head.data[0] != SPDM_1_1)
		return cs_fail(job->ctx, CS_UNSUPPORTED, "version %d.%d of SPDM is not read: it is signed over more than the transcript holds",
			head.data[0] >> 4, head.data[0] & 15);
	r->nonce = cs_bytes_take(&in, NONCE);
	(void) cs_bytes_take(&in, 1);
	head = cs_bytes_take(&in, 4);
	if (head.len != 4 || head.data[0] != SPDM_1_1 || head.data[1] != MEASUREMENTS)
		return malformed(job, "no response follows the request");
	r->count = cs_bytes_le(&in, 1);
	r->record = cs_bytes_take(&in, (size_t) cs_bytes_le(&in, 3));
	(void) cs_bytes_take(&in, NONCE); /* the responder's own */
	r->opaque = cs_bytes_take(&in, (size_t) cs_bytes_le(&in, 2));
	if (in.failed || in.left != SIGNATURE)
		return malformed(job, "they do not end with a signature of 96 bytes");
	r->message = (cs_span) { bytes.data, bytes.len - SIGNATURE };
	r->signature = cs_bytes_take(&in, SIGNATURE);
	return true;
}

enum
{
	FIELD_DRIVER = 3,
	FIELD_VBIOS = 6,
	FIELD_CHIP_SKU = 15,
	FIELD_PROJECT = 17,
	FIELD_PROJECT_SKU = 18
};

static bool
add_version(cs_job *job, cs_evidence_ect *ect, const char *mkey, cs_span text)
{
	cs_mval mval;

	while (text.len > 0 && text.data[text.len - 1] == 0)
		text.len--;
	if (text.len == 0 || !cs_utf8_valid(text.data, text.len))
		return malformed(job, "a version is no text");
	cs_mval_start(job, &mval);
	cs_mval_key(&mval, CS_MVAL_VERSION);
	cs_put_map(&mval.body, 1);
	cs_put_uint(&mval.body, 0);
	cs_put_text(&mval.body, (const char *) text.data, text.len);
	return cs_ect_element_text(job, ect, mkey, &mval);
}

/* GPUs write the VBIOS's version as two numbers of 32 bits, 0x96009f00 and 1 of 96.00.9F.00.01; switches write the text. */
static bool
add_vbios(cs_job *job, cs_evidence_ect *ect, cs_span value)
{
	char text[24];

	if (value.len != 8)
		return add_version(job, ect, "vbios", value);
	snprintf(text, sizeof(text), "%02X.%02X.%02X.%02X.%02X", value.data[3], value.data[2], value.data[1], value.data[0], value.data[4]);
	return add_version(job, ect, "vbios", (cs_span) { (const uint8_t *) text, strlen(text) });
}

/* What the VBIOS's RIM is called by. */
static const char *
name_of_field(uint64_t type)
{
	return type == FIELD_CHIP_SKU ? "chip_sku" : type == FIELD_PROJECT ? "project" : type == FIELD_PROJECT_SKU ? "project_sku" : NULL;
}

/* Type and size, 16 bits each, and a value, again and again. */
static bool
add_opaque(cs_job *job, cs_evidence_ect *ect, cs_span opaque)
{
	cs_bytes in = cs_bytes_of(opaque);

	while (in.left > 0)
	{
		uint64_t type = cs_bytes_le(&in, 2);
		cs_span value = cs_bytes_take(&in, (size_t) cs_bytes_le(&in, 2));

		if (in.failed)
			return malformed(job, "their opaque data end inside a field");
		if (type == FIELD_DRIVER && !cs_all_zero(value) && !add_version(job, ect, "driver", value))
			return false;
		if (type == FIELD_VBIOS && !cs_all_zero(value) && !add_vbios(job, ect, value))
			return false;
		if (name_of_field(type) && !cs_all_zero(value) && !add_version(job, ect, name_of_field(type), value))
			return false;
	}
	return true;
}

/* The product as NVIDIA's RIMs name it: the first word of the CN, as in "GH100 A01 GSP FMC LF", without "_", as in "LS_10 ...". */
static bool
product_of(cs_job *job, cs_span cert, cs_span *out)
{
	cs_span name;
	cs_buf product;

	if (!cs_certificate_common_name(job->ctx, cert, &name))
		return false;
	cs_buf_init(&product, job->ctx);
	for (size_t i = 0; i < name.len && name.data[i] != ' '; i++)
		if (name.data[i] != '_')
			cs_put_byte(&product, name.data[i]);
	*out = cs_buf_span(&product);
	return cs_buf_ok(&product);
}

/* class NVIDIA, and as model the product that the first certificate which is no issuer of another is of. */
static bool
environment_of(cs_job *job, const cs_span *certs, size_t count, cs_span *out)
{
	static const char vendor[] = "NVIDIA";
	cs_environment_parts parts = CS_NO_ENVIRONMENT;
	cs_span model = { NULL, 0 };

	parts.vendor = (cs_span) { (const uint8_t *) vendor, sizeof(vendor) - 1 };
	if (count > 0 && !product_of(job, certs[0], &model))
		return false;
	if (model.len > 0)
		parts.model = model;
	return cs_put_environment(job, &parts, out);
}

bool
cs_evidence_nvidia(cs_job *job, cs_span bytes, const cs_attester *by)
{
	cs_statement statement = { .alg = CS_ALG_ES384 };
	cs_span environment, *certs;
	cs_evidence_ect *ect;
	cs_attester signer;
	bool same = false;
	cs_bytes record;
	report r;

	(void) by; /* a report says itself who signed it */
	if (!unhex(job, &bytes) || !open_report(job, bytes, &r) || !cs_job_certs(job, (cs_span) { NULL, 0 }, &certs, &statement.cert_count) ||
		!environment_of(job, certs, statement.cert_count, &environment))
		return false;
	statement.message = r.message;
	statement.signature = r.signature;
	statement.certs = certs;
	if (!cs_attester_find(job, environment, &statement, &signer))
		return false;
	if (signer.verified && statement.cert_count > 0 && !cs_attester_has_cert(job, &signer, certs[0], &same))
		return false;
	if (signer.verified && statement.cert_count > 0 && !same &&
		!cs_attester_doubt(job, &signer, CS_BAD_SIGNATURE, "the first certificate is not the one whose key signed"))
		return false;
	if (!cs_attester_nonce(job, &signer, r.nonce, false))
		return false;
	ect = cs_ect_add(job, environment, (cs_span) { NULL, 0 }, &signer);
	record = cs_bytes_of(r.record);
	if (r.count == 0 && r.record.len > 0)
		return malformed(job, "their number of blocks is zero");
	return ect && (r.count == 0 || add_blocks(job, ect, &record, r.count)) && add_opaque(job, ect, r.opaque);
}
