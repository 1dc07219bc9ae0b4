/*
 * intel.h - inside src/vendors: what Intel's TCB infos and enclave identities have in common (Intel SGX and TDX Provisioning Certification
 * Service API, version 4), and how draft-cds-rats-intel-corim-profile writes it.
 */
#ifndef CS_VENDOR_INTEL_H
#define CS_VENDOR_INTEL_H

#include "formats.h"

#define CS_INTEL_VENDOR "Intel Corporation"

/* IANA Named Information Hash Algorithm Registry */
enum
{
	CS_ALG_SHA256 = 1,
	CS_ALG_SHA384 = 7
};

enum
{
	CS_INTEL_SVNS = 16,
	CS_INTEL_TCBDATE = -72, /* draft-cds-rats-intel-corim-profile, measurement-values-map extensions */
	CS_INTEL_ISVSVN = -73,
	CS_INTEL_MODEL = -71,
	CS_INTEL_PCEID = -80,
	CS_INTEL_MISCSELECT = -81,
	CS_INTEL_ATTRIBUTES = -82,
	CS_INTEL_MRSIGNER = -84,
	CS_INTEL_ISVPRODID = -85,
	CS_INTEL_TCB_EVAL_NUM = -86,
	CS_INTEL_TCB_STATUS = -88,
	CS_INTEL_ADVISORY_IDS = -89,
	CS_INTEL_TCB_COMP_SVN = -125
};

/* What every one of these documents says of itself. */
typedef struct cs_intel
{
	/* set by the form */
	const cs_where *where; /* of body */
	const char *kind;	   /* what it is one of, for errors */
	uint64_t versions[2];  /* the oldest and the newest that are read */

	uint64_t version;
	const cs_json *body;
	int64_t issue_date;
	int64_t next_update;
	uint64_t evaluation; /* tcbEvaluationDataNumber */
	const char *family;	 /* set by the form: the tag's id but for the generation */
	cs_buf triples;
	uint64_t kinds;
} cs_intel;

/* Is it JSON with a member of that name? A hint, as cs_vendor_format.is may give. */
extern bool cs_intel_is(cs_span document, const char *quoted);
/*
 * The member of that name and the signature over its bytes, as they stand; the members of every such body. CS_UNSUPPORTED for another
 * version, and for what Intel signs and a store has no use for.
 */
extern bool cs_intel_open(cs_ctx *ctx, cs_span document, const char *name, cs_intel *in, cs_vendor_document *out);
/* The CoRIM of what was put into in->triples. */
extern bool cs_intel_finish(cs_ctx *ctx, const cs_intel *in, cs_vendor_document *out);
extern bool cs_intel_may_sign(
	cs_ctx *ctx, const cs_vendor_document *document, const cs_span *certs, size_t count, const char *const *purposes, bool *yes);

/* 60010([operator, value]) */
extern void cs_intel_put_numeric(cs_buf *buf, uint64_t operator, uint64_t value);
/* 563([value, mask]) */
extern void cs_intel_put_masked(cs_buf *buf, cs_span value, cs_span mask);
/*
 * The addition of a TCB level: [{0: mkey, 1: {11: name, -72, -86, -88, -89}}]; mkey and name NULL: none. where and level are of the
 * level.
 */
extern bool cs_intel_put_addition(
	cs_ctx *ctx, const cs_intel *in, const cs_where *where, const cs_json *level, const char *mkey, cs_span name, cs_buf *out);

#endif
