/*
 * vouch.c - a key and a signature (vouch.h).
 */
#include "vouch.h"

static const cs_span nothing = { NULL, 0 };

static void
set_path(cs_vouching *how, cs_span certificate, int64_t not_before, int64_t not_after)
{
	how->certificate = certificate;
	if (how->judged)
		return;
	how->path = (cs_validity) { .has_not_before = true, .has_not_after = true, .not_before = not_before, .not_after = not_after };
}

/* Certificates bound a document's validity only where trust goes through them. */
static bool
goes_through(cs_ctx *ctx, const cs_signature *signature, const cs_key *anchor, cs_vouching *how)
{
	cs_path path;

	if (how->vendor && how->vendor->format->certified
			? !cs_issuer_path(ctx, signature->certs, signature->cert_count, anchor, how->at, &path)
			: !cs_chain_path(ctx, signature->certs, signature->cert_count, anchor, how->at, &path))
		return false;
	if (how->vendor && !cs_vendor_require_signer(ctx, how->vendor, signature->certs, signature->cert_count, how->purposes))
		return false;
	set_path(how, signature->certs[0], path.not_before, path.not_after);
	how->length = path.length;
	return true;
}

/* A key that is pinned as a certificate holds only as long as the certificate does. */
static bool
key_holds(cs_ctx *ctx, const cs_signature *signature, const cs_key *key, cs_vouching *how)
{
	if (key->cert.len == 0)
		return true;
	if (!cs_sign1_x5t_is(ctx, signature->sign1, key->cert))
		return false;
	if (how->at != CS_ANY_TIME && (how->at < key->not_before || how->at > key->not_after))
		return cs_fail(ctx, CS_EXPIRED, "the authority's certificate does not hold now");
	if (!(how->vendor && how->vendor->format->certified) && !cs_cert_may_sign(ctx, key->cert, key->purposes))
		return false;
	if (how->vendor && !cs_vendor_require_signer(ctx, how->vendor, &key->cert, 1, how->purposes))
		return false;
	set_path(how, key->cert, key->not_before, key->not_after);
	return true;
}

/* A thumbprint names a certificate of the document's own; that certificate is the anchor then. */
static bool
thumbprint_leads_to(cs_ctx *ctx, const cs_signature *signature, const cs_item *crypto_key, cs_vouching *how)
{
	for (size_t i = 0; i < signature->cert_count; i++)
	{
		cs_key anchor;
		bool yes;

		if (!cs_key_names(ctx, crypto_key, signature->certs + i, signature->cert_count - i, &yes) || !yes)
			continue;
		if (!cs_key_from_cert(ctx, signature->certs[i], &anchor))
			return false;
		anchor.purposes = how->purposes;
		return goes_through(ctx, signature, &anchor, how);
	}
	return cs_fail(ctx, CS_BAD_SIGNATURE, "no certificate of the document has the authority's thumbprint");
}

bool
cs_vouches(cs_ctx *ctx, const cs_signature *signature, const cs_item *crypto_key, cs_vouching *how)
{
	cs_key key;

	how->certificate = nothing;
	how->path = (cs_validity) { 0 };
	how->length = 0;
	how->spki = signature->leaf.spki;
	if (!cs_key_read(ctx, crypto_key, &key))
		return thumbprint_leads_to(ctx, signature, crypto_key, how);
	key.accept_rs = how->accept_rs;
	key.purposes = how->purposes;
	how->spki = signature->cert_count > 0 ? signature->leaf.spki : key.spki;
	/* a bare key that is trusted is trusted, whatever certificate the document brings along for it */
	if (signature->cert_count == 0 || (key.cert.len == 0 && cs_span_eq(key.spki, signature->leaf.spki)))
		return cs_sign1_verify(ctx, signature->sign1, how->detached, nothing, &key) && key_holds(ctx, signature, &key, how);
	/* the leaf's signature over the document was verified before: what is left is whose leaf it is */
	return goes_through(ctx, signature, &key, how);
}

bool
cs_signature_open(cs_ctx *ctx, const cs_sign1 *sign1, const cs_vouching *how, cs_signature *out)
{
	*out = (cs_signature) { .sign1 = sign1 };
	if (!cs_sign1_certs(ctx, sign1, how->detached, how->accept_rs, &out->certs, &out->cert_count))
		return false;
	return out->cert_count == 0 || cs_key_from_cert(ctx, out->certs[0], &out->leaf);
}
