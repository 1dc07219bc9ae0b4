/*
 * device_key.c - does what a Verifier verified verify a key of an attest-key or identity triple? (device_key.h)
 */
#include <stdio.h>
#include <string.h>

#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include "certs.h"
#include "internal.h"
#include "key_identity.h"

/* What a $crypto-key-type-choice holds. */
typedef struct material
{
	cs_span *certs; /* of 555, 556 and 562 */
	size_t count;
	bool has_key; /* also true of certificates */
	cs_key key;
} material;

static bool
no_memory(const cs_ctx *ctx)
{
	return ctx->error.code == CS_NO_MEMORY;
}

static bool
not_verified(cs_device_key *out, const char *reason)
{
	out->verified = false;
	out->certs = NULL;
	out->count = 0;
	snprintf(out->reason, sizeof(out->reason), "%s", reason);
	return true;
}

static bool
path_fails(cs_ctx *ctx, cs_device_key *out)
{
	char reason[CS_TEXT_MAX];

	snprintf(reason, sizeof(reason), "certificate path: %.200s", ctx->error.found[0] ? ctx->error.found : ctx->error.message);
	return !no_memory(ctx) && not_verified(out, reason);
}

static bool
read_certs(cs_ctx *ctx, const cs_item *crypto_key, material *out)
{
	cs_item content = cs_tag_content(crypto_key);
	cs_span bytes;

	if (!cs_string(ctx, &content, &bytes))
		return false;
	if (crypto_key->arg != 562)
		return cs_pem_blocks(ctx, bytes, "CERTIFICATE", &out->certs, &out->count);
	if ((out->certs = cs_alloc(ctx, 1, sizeof(cs_span))) == NULL)
		return false;
	out->certs[0] = bytes;
	out->count = 1;
	return true;
}

/* What cannot be read holds nothing. False only for lack of memory. */
static bool
read_material(cs_ctx *ctx, const cs_item *crypto_key, material *out)
{
	memset(out, 0, sizeof(*out));
	out->has_key = cs_key_read(ctx, crypto_key, &out->key);
	if (!out->has_key || out->key.cert.len == 0 || read_certs(ctx, crypto_key, out))
		return out->has_key || !no_memory(ctx);
	return !no_memory(ctx);
}

static bool
same_identity(cs_ctx *ctx, const cs_item *a, const cs_item *b, bool *same)
{
	cs_buf left, right;

	cs_buf_init(&left, ctx);
	cs_buf_init(&right, ctx);
	*same = cs_key_identity(ctx, a, &left) && cs_key_identity(ctx, b, &right) && cs_span_eq(cs_buf_span(&left), cs_buf_span(&right));
	return *same || !no_memory(ctx);
}

/* cs_key_names, where what cannot be read names nothing. */
static bool
names(cs_ctx *ctx, const cs_item *crypto_key, const cs_span *certs, size_t count, bool *yes)
{
	return cs_key_names(ctx, crypto_key, certs, count, yes) || (*yes = false) || !no_memory(ctx);
}

/* --- extended key usage (DICE Attestation Architecture; TCG Credential Profiles) --- */

static const struct
{
	const char *oid;
	unsigned purposes; /* a bit for each cs_key_purpose that it allows */
} tcg_purposes[] = {
	{ "2.23.133.5.4.100.6", 1u << CS_KEY_TYPE_IDENTITY_KEY }, /* tcg-dice-kp-identityInit */
	{ "2.23.133.5.4.100.7", 1u << CS_KEY_TYPE_IDENTITY_KEY }, /* identityLoc */
	{ "2.23.133.5.4.100.8", 1u << CS_KEY_TYPE_ATTEST_KEY },	  /* attestInit */
	{ "2.23.133.5.4.100.9", 1u << CS_KEY_TYPE_ATTEST_KEY },	  /* attestLoc */
	{ "2.23.133.5.4.100.10", 0 },							  /* assertInit */
	{ "2.23.133.5.4.100.11", 0 },							  /* assertLoc */
	{ "2.23.133.5.4.100.12", 0 },							  /* eca */
	{ "2.23.133.8.1", 1u << CS_KEY_TYPE_IDENTITY_KEY },		  /* tcg-kp-EKCertificate */
	{ "2.23.133.8.3", 1u << CS_KEY_TYPE_ATTEST_KEY }		  /* tcg-kp-AIKCertificate */
};

/* What one purpose says: limited, and whether it allows. Region. */
static void
read_purpose(const ASN1_OBJECT *object, cs_key_purpose purpose, bool *limited, bool *allowed)
{
	char oid[64];

	if (OBJ_obj2nid(object) == NID_anyExtendedKeyUsage)
		*allowed = true;
	if (OBJ_obj2txt(oid, sizeof(oid), object, 1) <= 0)
		return;
	for (size_t i = 0; i < sizeof(tcg_purposes) / sizeof(tcg_purposes[0]); i++)
		if (strcmp(oid, tcg_purposes[i].oid) == 0)
		{
			*limited = true;
			*allowed |= (tcg_purposes[i].purposes >> purpose & 1) != 0;
		}
}

/* A certificate that names no purpose of the TCG is not limited by them. */
static bool
serves(cs_span cert, cs_key_purpose purpose)
{
	bool limited = false, allowed = false;
	EXTENDED_KEY_USAGE *usages = NULL;
	cs_reason unused;
	X509 *x509;

	cs_ossl_enter();
	x509 = cs_x509_load(cert);
	if (x509)
		usages = X509_get_ext_d2i(x509, NID_ext_key_usage, NULL, NULL);
	for (int i = 0; usages && i < sk_ASN1_OBJECT_num(usages); i++)
		read_purpose(sk_ASN1_OBJECT_value(usages, i), purpose, &limited, &allowed);
	EXTENDED_KEY_USAGE_free(usages);
	X509_free(x509);
	cs_ossl_leave(&unused);
	return allowed || !limited;
}

/* --- paths --- */

/* Where the path of stated has to lead: to what listed holds, else to the certificate that it names. */
static bool
find_anchor(cs_ctx *ctx, const cs_item *listed, const material *held, const material *stated, cs_key *anchor, bool *found)
{
	*found = held->has_key;
	if (held->has_key)
	{
		*anchor = held->key;
		return true;
	}
	for (size_t i = 0; i < stated->count; i++)
	{
		if (!names(ctx, listed, stated->certs + i, stated->count - i, found))
			return false;
		/* the thumbprint of a path names all of it */
		if (*found)
			return cs_key_from_cert(ctx, stated->certs[cs_is_tag(listed, CS_TAG_CERT_PATH_THUMBPRINT) ? stated->count - 1 : i], anchor) ||
				(*found = false) || !no_memory(ctx);
	}
	return true;
}

static bool
add_certs(cs_ctx *ctx, cs_device_key *out, const material *from)
{
	cs_span *certs = cs_alloc(ctx, out->count + from->count + 1, sizeof(cs_span));

	if (certs == NULL)
		return false;
	if (out->count > 0)
		memcpy(certs, out->certs, out->count * sizeof(cs_span));
	if (from->count > 0)
		memcpy(certs + out->count, from->certs, from->count * sizeof(cs_span));
	out->certs = certs;
	out->count += from->count;
	return true;
}

static const char *
wrong_purpose(cs_key_purpose purpose)
{
	return purpose == CS_KEY_TYPE_ATTEST_KEY ? "extended key usage does not allow attestation"
											 : "extended key usage does not allow identification";
}

/* listed holds certificates: theirs is a path that must hold too. used: their first key is the one that was used. */
static bool
check_listed(cs_ctx *ctx, const material *held, bool used, cs_key_purpose purpose, int64_t at, cs_device_key *out)
{
	cs_key last;

	if (held->count == 0)
		return true;
	if (!cs_key_from_cert(ctx, held->certs[held->count - 1], &last) || !cs_device_path(ctx, held->certs, held->count, &last, at, used))
		return path_fails(ctx, out);
	if (used && !serves(held->certs[0], purpose))
		return not_verified(out, wrong_purpose(purpose));
	return add_certs(ctx, out, held);
}

static bool
by_certificates(cs_ctx *ctx, const cs_item *listed, const material *held, const material *stated, cs_key_purpose purpose, int64_t at,
	cs_device_key *out)
{
	cs_key anchor;

	if (!find_anchor(ctx, listed, held, stated, &anchor, &out->verified))
		return false;
	if (!out->verified)
		return true;
	ctx->error.found[0] = '\0';
	if (!cs_device_path(ctx, stated->certs, stated->count, &anchor, at, purpose != CS_NO_PURPOSE))
		return path_fails(ctx, out);
	if (purpose != CS_NO_PURPOSE && !serves(stated->certs[0], purpose))
		return not_verified(out, wrong_purpose(purpose));
	return add_certs(ctx, out, stated) && check_listed(ctx, held, false, purpose, at, out);
}

/* stated is a bare key, a thumbprint or an identifier */
static bool
by_name(cs_ctx *ctx, const cs_item *listed, const material *held, const cs_item *stated_item, const material *stated,
	cs_key_purpose purpose, int64_t at, cs_device_key *out)
{
	bool ok = same_identity(ctx, listed, stated_item, &out->verified);

	if (ok && !out->verified && stated->has_key)
		ok = names(ctx, listed, &stated->key.spki, 1, &out->verified);
	else if (ok && !out->verified && held->has_key)
		ok = held->count > 0 ? names(ctx, stated_item, held->certs, held->count, &out->verified)
							 : names(ctx, stated_item, &held->key.spki, 1, &out->verified);
	return ok && (!out->verified || check_listed(ctx, held, true, purpose, at, out));
}

bool
cs_device_key_verified(cs_ctx *ctx, const cs_item *listed, const cs_item *stated, cs_key_purpose purpose, int64_t at, cs_device_key *out)
{
	material held, given;

	memset(out, 0, sizeof(*out));
	snprintf(out->reason, sizeof(out->reason), "no verified key is this one");
	ctx->error.code = CS_OK;
	if (!read_material(ctx, listed, &held) || !read_material(ctx, stated, &given))
		return false;
	if (given.count > 0)
		return by_certificates(ctx, listed, &held, &given, purpose, at, out);
	return by_name(ctx, listed, &held, stated, &given, purpose, at, out);
}

bool
cs_device_certs_verified(
	cs_ctx *ctx, const cs_item *listed, const cs_span *certs, size_t count, cs_key_purpose purpose, int64_t at, cs_device_key *out)
{
	material held, given = { .certs = (cs_span *) certs, .count = count };

	memset(out, 0, sizeof(*out));
	snprintf(out->reason, sizeof(out->reason), "no certificate leads to this key");
	ctx->error.code = CS_OK;
	return read_material(ctx, listed, &held) && by_certificates(ctx, listed, &held, &given, purpose, at, out);
}
