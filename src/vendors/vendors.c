/*
 * vendors.c - the forms of vendors, and what is the same in all of them (vendors.h).
 */
#include "vendors.h"

#include <string.h>

#include "cose/certs.h"
#include "formats.h"

static const cs_vendor_format *const formats[] = { &cs_vendor_intel_tcb_info, &cs_vendor_intel_enclave_identity, &cs_vendor_amd_kds,
	&cs_vendor_google_launch, &cs_vendor_microsoft_uvm };

const cs_vendor_format *
cs_vendor_format_at(size_t index)
{
	return index < sizeof(formats) / sizeof(formats[0]) ? formats[index] : NULL;
}

const cs_vendor_format *
cs_vendor_format_of(cs_span document)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (formats[i]->is(document))
			return formats[i];
	return NULL;
}

static bool
add_chain(cs_ctx *ctx, cs_span chain, cs_vendor_document *out)
{
	if (out->signature.cert_count > 0 || out->signature.kind != CS_COSE_NONE)
		return cs_fail(ctx, CS_INVALID, "certificates were given for a document that holds its own");
	if (cs_certs_split(ctx, chain, &out->signature.certs, &out->signature.cert_count) && out->signature.cert_count > 0)
		return true;
	if (ctx->error.code != CS_OK)
		return false;
	cs_fail(ctx, CS_INVALID, "chain holds no certificate");
	return cs_fail_hint(ctx, "It is PEM, or DER, the signer's certificate first.");
}

bool
cs_vendor_open(cs_ctx *ctx, const cs_vendor_format *format, cs_span document, cs_span chain, cs_vendor_document *out)
{
	memset(out, 0, sizeof(*out));
	out->signature = (cs_sign1) { .kind = CS_COSE_NONE, .has_alg = true, .origin = document.data };
	return format->open(ctx, document, out) && (out->format = format) && (chain.data == NULL || add_chain(ctx, chain, out));
}

bool
cs_vendor_require_signer(cs_ctx *ctx, const cs_vendor_document *document, const cs_span *certs, size_t count, const char *const *purposes)
{
	cs_certificate certificate;
	bool yes;

	if (!document->format->may_sign(ctx, document, certs, count, purposes, &yes) ||
		(!yes && !cs_certificate_read(ctx, certs[0], &certificate)))
		return false;
	if (yes)
		return true;
	cs_fail(ctx, CS_BAD_SIGNATURE, "the signer is not the one who signs documents of this form: %s", document->format->signer);
	return cs_fail_found(ctx, "%.120s", certificate.subject_text);
}
