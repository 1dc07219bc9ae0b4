/*
 * dice.c - DICE Evidence in the certificates of a device's chain: TcbInfo, MultiTcbInfo, Ueid and a CMW (TCG DICE Attestation
 * Architecture). What they become: draft-ietf-rats-evidence-trans, "Transforming DICE Certificate Extension Evidence"; where that is
 * reversed, doc/conformance.md.
 */
#include <stdio.h>
#include <string.h>

#include "job.h"

#define OID_TCB_INFO "2.23.133.5.4.1"
#define OID_UEID "2.23.133.5.4.4"
#define OID_MULTI_TCB_INFO "2.23.133.5.4.5"
#define OID_MULTI_TCB_INFO_COMP "2.23.133.5.4.8"
#define OID_CMW "2.23.133.5.4.9"
#define OID_PE_CMW "1.3.6.1.5.5.7.1.35" /* draft-ietf-rats-msg-wrap section "X.509 CMW Extension" */
#define OID_OPEN_DICE "1.3.6.1.4.1.11129.2.1.24"

/* DiceTcbInfo's members, IMPLICIT tags 0 to 11. */
enum
{
	VENDOR = 0x80,
	MODEL = 0x81,
	VERSION = 0x82,
	SVN = 0x83,
	LAYER = 0x84,
	INDEX = 0x85,
	FWIDS = 0xa6,
	FLAGS = 0x87,
	VENDOR_INFO = 0x88,
	TYPE = 0x89,
	FLAGS_MASK = 0x8a,
	INTEGRITY_REGISTERS = 0xab,
	MEMBERS = 12
};

typedef struct tcb_info
{
	cs_span members[MEMBERS]; /* contents, by tag; data NULL when absent */
} tcb_info;

static bool
invalid(cs_job *job, const char *what)
{
	return cs_fail(job->ctx, CS_INVALID, "DiceTcbInfo: %s", what);
}

static cs_span
get(const tcb_info *info, uint8_t tag)
{
	return info->members[tag & 0x1f];
}

/* ---- reading ---- */

/* The content of a SEQUENCE: members in order, each once. */
static bool
open_tcb_info(cs_job *job, cs_span content, tcb_info *out)
{
	static const uint8_t tags[MEMBERS] = { VENDOR, MODEL, VERSION, SVN, LAYER, INDEX, FWIDS, FLAGS, VENDOR_INFO, TYPE, FLAGS_MASK,
		INTEGRITY_REGISTERS };
	int last = -1;
	cs_tlv tlv;

	memset(out, 0, sizeof(*out));
	while (content.len > 0)
	{
		int number;

		if (!cs_der_next(&content, &tlv))
			return cs_fail(job->ctx, CS_MALFORMED, "DiceTcbInfo is not DER");
		number = tlv.tag & 0x1f;
		if (last < 0 && tlv.tag == 0x02)
			return cs_fail(job->ctx, CS_UNSUPPORTED, "the extension holds a CompositeDeviceID of RIoT, which is older than DiceTcbInfo");
		if (number >= MEMBERS || tlv.tag != tags[number] || number <= last)
			return invalid(job, "a member is unknown, twice, or out of order");
		out->members[number] = tlv.content;
		if (!out->members[number].data)
			out->members[number].data = content.data;
		last = number;
	}
	return last >= 0 || invalid(job, "it is empty");
}

/* A nonnegative INTEGER. */
static bool
number_of(cs_job *job, cs_span content, uint64_t *out)
{
	cs_span digits = content;

	*out = 0;
	if (content.len == 0 || content.data[0] > 0x7f)
		return invalid(job, "a number is negative or has no digits");
	if (content.len > 1 && content.data[0] == 0)
		digits = (cs_span) { content.data + 1, content.len - 1 };
	if (digits.len > 8)
		return invalid(job, "a number has more than 64 bits");
	for (size_t i = 0; i < digits.len; i++)
		*out = *out << 8 | digits.data[i];
	return true;
}

/* 2.16.840.1.101.3.4.2.n of FIPS 180 and 202 as the number of the named information registry; 0 for others. */
static uint64_t
hash_of(cs_span oid)
{
	static const uint8_t nist[] = { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02 };
	static const uint8_t numbers[] = { 0, 1, 7, 8, 0, 0, 0, 9, 10, 11, 12 };

	if (oid.len != sizeof(nist) + 1 || memcmp(oid.data, nist, sizeof(nist)) != 0 || oid.data[sizeof(nist)] >= sizeof(numbers))
		return 0;
	return numbers[oid.data[sizeof(nist)]];
}

/* SEQUENCE OF SEQUENCE { OID, OCTET STRING } as digests-type */
static bool
put_fwids(cs_job *job, cs_span list, cs_buf *out)
{
	uint64_t count = 0;
	cs_buf digests;
	cs_tlv fwid, alg, value;

	cs_buf_init(&digests, job->ctx);
	for (; list.len > 0; count++)
	{
		uint64_t number;

		if (!cs_der_next(&list, &fwid) || fwid.tag != 0x30 || !cs_der_next(&fwid.content, &alg) || alg.tag != 0x06 ||
			!cs_der_next(&fwid.content, &value) || value.tag != 0x04 || fwid.content.len > 0)
			return invalid(job, "a FWID is not an algorithm and a digest");
		number = hash_of(alg.content);
		if (number == 0)
			return cs_fail(job->ctx, CS_UNSUPPORTED, "hash algorithm of a FWID is none of SHA-2 and SHA-3");
		cs_put_array(&digests, 2);
		cs_put_uint(&digests, number);
		cs_put_bytes(&digests, value.content.data, value.content.len);
	}
	if (count == 0)
		return invalid(job, "a list of FWIDs is empty");
	cs_put_array(out, count);
	cs_put_raw(out, digests.data, digests.len);
	return cs_buf_ok(&digests) && cs_buf_ok(out);
}

/* SEQUENCE OF SEQUENCE { [0] registerName, [1] registerNum, [2] registerDigests }: by number, else by name. */
static bool
put_registers(cs_job *job, cs_span list, cs_mval *mval)
{
	uint64_t count = 0, number;
	cs_buf body;
	cs_tlv reg, member;

	cs_buf_init(&body, job->ctx);
	for (; list.len > 0; count++)
	{
		cs_span name = { NULL, 0 }, num = { NULL, 0 }, digests = { NULL, 0 };

		if (!cs_der_next(&list, &reg) || reg.tag != 0x30)
			return invalid(job, "an integrity register is no SEQUENCE");
		while (reg.content.len > 0)
		{
			if (!cs_der_next(&reg.content, &member))
				return invalid(job, "an integrity register is not DER");
			if (member.tag == 0x80)
				name = member.content;
			else if (member.tag == 0x81)
				num = member.content;
			else if (member.tag == 0xa2)
				digests = member.content;
			else
				return invalid(job, "an integrity register has a member that is not known");
		}
		if (num.data && !number_of(job, num, &number))
			return false;
		if (num.data)
			cs_put_uint(&body, number);
		else if (name.len > 0 && cs_utf8_valid(name.data, name.len))
			cs_put_text(&body, (const char *) name.data, name.len);
		else
			return invalid(job, "an integrity register has no name and no number");
		if (!put_fwids(job, digests, &body))
			return false;
	}
	if (count == 0)
		return invalid(job, "a list of integrity registers is empty");
	cs_mval_key(mval, CS_MVAL_INTEGRITY_REGISTERS);
	cs_put_map(&mval->body, count);
	cs_put_raw(&mval->body, body.data, body.len);
	return cs_buf_ok(&body);
}

/* BIT STRING: the first octet counts unused bits; bit 0 is the most significant of the second. What lies behind its end is zero. */
static bool
bit_of(cs_span bits, unsigned n)
{
	return bits.len > 1 + n / 8 && (bits.data[1 + n / 8] >> (7 - n % 8) & 1);
}

/*
 * Bit, codepoint of flags-map, and whether the flag says what the bit says. Seven bits are of what is not so; recovery and debug are of
 * what is so, which the draft has reversed (doc/conformance.md, decision 77).
 */
static bool
put_flags(cs_job *job, const tcb_info *info, cs_mval *mval)
{
	static const struct
	{
		int codepoint;
		bool positive;
	} flags[] = { { 0, false }, { 1, false }, { 2, true }, { 3, true }, { 4, false }, { 5, false }, { 6, false }, { 7, false },
		{ 8, false } };
	cs_span bits = get(info, FLAGS), mask = get(info, FLAGS_MASK);
	uint64_t count = 0;

	if (!bits.data)
		return !mask.data || invalid(job, "there is a flagsMask and no flags");
	if (bits.len == 0 || bits.data[0] > 7 || (mask.data && (mask.len == 0 || mask.data[0] > 7)))
		return invalid(job, "flags are no BIT STRING");
	for (unsigned i = 0; i < 9; i++)
		count += !mask.data || bit_of(mask, i);
	if (count == 0)
		return true;
	cs_mval_key(mval, CS_MVAL_FLAGS);
	cs_put_map(&mval->body, count);
	for (unsigned i = 0; i < 9; i++)
		if (!mask.data || bit_of(mask, i))
		{
			cs_put_int(&mval->body, flags[i].codepoint);
			cs_put_bool(&mval->body, bit_of(bits, i) == flags[i].positive);
		}
	return true;
}

/* ---- an ECT ---- */

/* An OID of the arcs that vendors have theirs in (2.16.840, 1.3.6.1.4.1), as the content of a DER OBJECT IDENTIFIER. */
static bool
is_oid(cs_span bytes)
{
	static const uint8_t country[] = { 0x60, 0x86, 0x48 }, enterprise[] = { 0x2b, 0x06, 0x01, 0x04, 0x01 };
	bool starts = true;

	if (!(bytes.len > 3 && memcmp(bytes.data, country, 3) == 0) && !(bytes.len > 5 && memcmp(bytes.data, enterprise, 5) == 0))
		return false;
	for (size_t i = 0; i < bytes.len; i++)
	{
		if (starts && bytes.data[i] == 0x80)
			return false;
		starts = (bytes.data[i] & 0x80) == 0;
	}
	return starts;
}

static bool
text_of(cs_job *job, cs_span content, cs_span *out)
{
	*out = content;
	return !content.data || cs_utf8_valid(content.data, content.len) || invalid(job, "a text is not UTF-8");
}

static bool
environment_of(cs_job *job, const tcb_info *info, cs_span ueid, cs_span *out)
{
	cs_environment_parts parts = CS_NO_ENVIRONMENT;
	cs_span type = get(info, TYPE), layer = get(info, LAYER), index = get(info, INDEX);
	uint64_t number;

	if (!text_of(job, get(info, VENDOR), &parts.vendor) || !text_of(job, get(info, MODEL), &parts.model))
		return false;
	if (layer.data)
	{
		if (!number_of(job, layer, &number))
			return false;
		parts.layer = number > INT64_MAX ? INT64_MAX : (int64_t) number;
	}
	if (index.data)
	{
		if (!number_of(job, index, &number))
			return false;
		parts.index = number > INT64_MAX ? INT64_MAX : (int64_t) number;
	}
	if (type.data && !cs_tagged_bytes(job, is_oid(type) ? CS_TAG_OID : CS_TAG_BYTES, type, &parts.class_id))
		return false;
	return (!ueid.data || cs_tagged_bytes(job, CS_TAG_UEID, ueid, &parts.instance)) && cs_put_environment(job, &parts, out);
}

static bool
put_values(cs_job *job, const tcb_info *info, cs_mval *mval)
{
	cs_span version = get(info, VERSION), svn = get(info, SVN), fwids = get(info, FWIDS), vendor_info = get(info, VENDOR_INFO);
	uint64_t number;

	if (!text_of(job, version, &version))
		return false;
	if (version.data)
	{
		cs_mval_key(mval, CS_MVAL_VERSION);
		cs_put_map(&mval->body, 1);
		cs_put_uint(&mval->body, 0);
		cs_put_text(&mval->body, (const char *) version.data, version.len);
	}
	if (svn.data)
	{
		if (!number_of(job, svn, &number))
			return false;
		cs_mval_svn(mval, number);
	}
	if (fwids.data)
	{
		cs_mval_key(mval, CS_MVAL_DIGESTS);
		if (!put_fwids(job, fwids, &mval->body))
			return false;
	}
	if (vendor_info.data)
		cs_mval_bytes(mval, CS_MVAL_RAW_VALUE, CS_TAG_BYTES, vendor_info);
	return put_flags(job, info, mval) && (!get(info, INTEGRITY_REGISTERS).data || put_registers(job, get(info, INTEGRITY_REGISTERS), mval));
}

typedef struct certificate
{
	const cs_span *path; /* itself, then its issuers */
	size_t count;
	cs_span ueid;
	bool asked; /* signers are known */
	cs_signers signers;
} certificate;

/* Who says what the certificate says, of that environment: its path is judged once. */
static bool
speaker(cs_job *job, certificate *cert, cs_span environment, cs_attester *out)
{
	if (!cert->asked && !cs_signers_of_certs(job, cert->path, cert->count, &cert->signers))
		return false;
	cert->asked = true;
	return cs_signers_choose(job, &cert->signers, environment, out);
}

static bool
add_tcb_info(cs_job *job, certificate *cert, cs_span content)
{
	cs_evidence_ect *ect;
	cs_span environment;
	cs_attester signer;
	tcb_info info;
	cs_mval mval;

	cs_mval_start(job, &mval);
	if (!open_tcb_info(job, content, &info) || !put_values(job, &info, &mval) || !environment_of(job, &info, cert->ueid, &environment) ||
		!speaker(job, cert, environment, &signer))
		return false;
	ect = cs_ect_add(job, environment, (cs_span) { NULL, 0 }, &signer);
	return ect && cs_ect_element(job, ect, (cs_span) { NULL, 0 }, &mval);
}

/* ---- extensions ---- */

static bool
open_sequence(cs_job *job, cs_span value, const char *what, cs_span *content)
{
	cs_tlv tlv;

	if (!cs_der_next(&value, &tlv) || tlv.tag != 0x30 || value.len > 0)
		return cs_fail(job->ctx, CS_MALFORMED, "%s is no DER SEQUENCE", what);
	*content = tlv.content;
	return true;
}

static bool
read_ueid(cs_job *job, cs_span cert, cs_span *out)
{
	cs_span value, content;
	cs_tlv tlv;

	*out = (cs_span) { NULL, 0 };
	if (!cs_certificate_extension(job->ctx, cert, OID_UEID, &value))
		return false;
	if (!value.data)
		return true;
	if (!open_sequence(job, value, "tcg-dice-Ueid", &content) || !cs_der_next(&content, &tlv) || tlv.tag != 0x04)
		return cs_fail(job->ctx, CS_MALFORMED, "tcg-dice-Ueid holds no OCTET STRING");
	*out = tlv.content;
	return true;
}

static bool
read_multi(cs_job *job, certificate *cert, cs_span value)
{
	cs_span content;
	cs_tlv tlv;

	if (!open_sequence(job, value, "DiceMultiTcbInfo", &content))
		return false;
	while (content.len > 0)
	{
		if (!cs_der_next(&content, &tlv) || tlv.tag != 0x30)
			return cs_fail(job->ctx, CS_MALFORMED, "DiceMultiTcbInfo is no list of DiceTcbInfo");
		if (!add_tcb_info(job, cert, tlv.content))
			return false;
	}
	return true;
}

/* SEQUENCE { OCTET STRING } of the TCG, or of the IETF a CHOICE of UTF8String (JSON) and OCTET STRING (CBOR). */
static bool
read_cmw(cs_job *job, certificate *cert, cs_span value)
{
	cs_attester signer;
	cs_span inner;
	cs_tlv tlv;

	if (!cs_der_next(&value, &tlv) || value.len > 0)
		return cs_fail(job->ctx, CS_MALFORMED, "CMW in a certificate is not DER");
	inner = tlv.content;
	if (tlv.tag == 0x30 && (!cs_der_next(&inner, &tlv) || tlv.tag != 0x04))
		return cs_fail(job->ctx, CS_MALFORMED, "CMW in a certificate holds no OCTET STRING");
	if (tlv.tag != 0x04 && tlv.tag != 0x0c)
		return cs_fail(job->ctx, CS_MALFORMED, "CMW in a certificate is neither OCTET STRING nor UTF8String");
	/* a wrapper is of no one environment: keys that are bound to one do not count for it */
	if (!speaker(job, cert, (cs_span) { NULL, 0 }, &signer))
		return false;
	if (tlv.content.len > 2 && tlv.content.data[0] == 0xd9 && tlv.content.data[1] == 0x02 && tlv.content.data[2] == 0x3b)
		return cs_evidence_concise(job, tlv.content, &signer); /* 571 as it is */
	return cs_evidence_cmw(job, tlv.content, &signer);
}

static bool
read_certificate(cs_job *job, certificate *cert, bool *other)
{
	static const char *const left_out[] = { OID_MULTI_TCB_INFO_COMP, OID_OPEN_DICE };
	static const char *const wrappers[] = { OID_CMW, OID_PE_CMW };
	cs_span value, content;

	if (!read_ueid(job, cert->path[0], &cert->ueid) || !cs_certificate_extension(job->ctx, cert->path[0], OID_TCB_INFO, &value))
		return false;
	if (value.data && (!open_sequence(job, value, "DiceTcbInfo", &content) || !add_tcb_info(job, cert, content)))
		return false;
	if (!cs_certificate_extension(job->ctx, cert->path[0], OID_MULTI_TCB_INFO, &value) || (value.data && !read_multi(job, cert, value)))
		return false;
	for (size_t i = 0; i < 2; i++)
		if (!cs_certificate_extension(job->ctx, cert->path[0], wrappers[i], &value) || (value.data && !read_cmw(job, cert, value)))
			return false;
	for (size_t i = 0; i < 2; i++)
	{
		if (!cs_certificate_extension(job->ctx, cert->path[0], left_out[i], &value))
			return false;
		*other |= value.data != NULL;
	}
	return true;
}

/* The certificate that the longest path starts from: that of the device's last layer. */
static bool
find_path(cs_job *job, const cs_span *certs, size_t count, cs_span *path, size_t *len)
{
	cs_span *trial = cs_alloc(job->ctx, count + 1, sizeof(cs_span));
	size_t found;

	*len = 0;
	if (!trial)
		return false;
	for (size_t i = 0; i < count; i++)
	{
		if (job->ctx->interrupt != NULL)
			job->ctx->interrupt(job->ctx->actx);
		if (!cs_certs_path(job->ctx, certs, count, i, trial, &found))
			return false;
		if (found <= *len)
			continue;
		memcpy(path, trial, found * sizeof(cs_span));
		*len = found;
	}
	return *len > 0 || cs_fail(job->ctx, CS_INVALID, "there is no certificate");
}

/* Layers in the order in which they were measured: from the root's side to the leaf. */
bool
cs_evidence_dice(cs_job *job, cs_span bytes, const cs_attester *by)
{
	size_t count, len, before = job->out->count;
	cs_span *certs, *path;
	bool other = false;

	(void) by; /* a chain says itself who signed it */
	if (!cs_job_certs(job, bytes, &certs, &count))
		return false;
	path = cs_alloc(job->ctx, count + 1, sizeof(cs_span));
	if (!path || !find_path(job, certs, count, path, &len))
		return false;
	for (size_t i = len; i > 0; i--)
	{
		certificate cert = { .path = path + i - 1, .count = len - i + 1 };

		if (!read_certificate(job, &cert, &other))
			return false;
	}
	if (job->out->count > before)
		return true;
	return cs_fail(job->ctx, CS_UNSUPPORTED,
		other ? "certificates hold only extensions that are not read: DiceMultiTcbInfoComp, Open DICE"
			  : "no certificate holds DICE Evidence");
}
