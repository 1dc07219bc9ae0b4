/*
 * x509_fuzz.c - libFuzzer target of the cose room: bytes as a CRL and as a certificate. What is read comes in bounds and the same twice,
 * and nothing is signed by the fixed key.
 */
#include <stdlib.h>
#include <string.h>

#include "cose/cose.h"

static const char key_text[] = "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"Ze2loSV3wrroKUN_4zhwGhCqo3Xhu1td4QjeQ5wIVR0\","
							   "\"y\":\"HlLtdXARY_f55A3fnzQbPcm6hgr34Mp8p-nuzQCE0Zw\"}";

static void
require(bool condition)
{
	if (!condition)
		abort();
}

static void
fixed_key(cs_ctx *ctx, cs_key *out)
{
	cs_buf buf;
	cs_item item;

	cs_buf_init(&buf, ctx);
	require(cs_key_import(ctx, (const uint8_t *) key_text, sizeof(key_text) - 1, &buf));
	item = cs_item_at(buf.data, buf.len);
	require(cs_key_read(ctx, &item, out));
}

static void
fuzz_crl(cs_ctx *ctx, cs_span der, const cs_key *fixed)
{
	cs_crl crl, again;

	require(cs_crl_read(ctx, der, &crl));
	require(crl.issuer_text != NULL && strlen(crl.issuer_text) <= 1024 && crl.count <= der.len);
	require(cs_crl_read(ctx, der, &again) && again.count == crl.count && cs_span_eq(crl.issuer, again.issuer));
	for (size_t i = 0; i < crl.count; i++)
	{
		require(crl.entries[i].serial.len <= der.len && cs_span_eq(crl.entries[i].serial, again.entries[i].serial));
		(void) cs_crl_reason_name(crl.entries[i].reason);
	}
	require(!cs_crl_verify(ctx, der, fixed));
}

static void
fuzz_certificate(cs_ctx *ctx, cs_span der, const cs_key *fixed)
{
	static const uint8_t acme[] = "acme";
	cs_span name = { acme, sizeof(acme) - 1 };
	cs_certificate certificate;
	cs_path path;
	cs_key key;
	bool yes;

	require(cs_certificate_read(ctx, der, &certificate));
	require(certificate.serial.len <= der.len && strlen(certificate.issuer_text) <= 1024 && strlen(certificate.subject_text) <= 1024);
	(void) cs_certificate_has_name(ctx, der, name, &yes);
	require(!cs_chain_path(ctx, &der, 1, fixed, CS_ANY_TIME, &path));
	require(!cs_issuer_path(ctx, &der, 1, fixed, CS_ANY_TIME, &path));
	if (!cs_key_from_cert(ctx, der, &key))
		return;
	/* its own anchor: the path is itself, and holds as long */
	if (cs_issuer_path(ctx, &der, 1, &key, CS_ANY_TIME, &path))
		require(path.not_before == key.not_before && path.not_after == key.not_after);
	(void) cs_crl_verify(ctx, der, &key);
}

extern int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cs_span der = { data, size };
	cs_arena arena;
	cs_ctx ctx;
	cs_crl crl;
	cs_certificate certificate;
	cs_key fixed;

	cs_arena_init(&arena, &ctx);
	/* most inputs are neither: they cost no key and no path */
	if (cs_crl_read(&ctx, der, &crl))
	{
		fixed_key(&ctx, &fixed);
		fuzz_crl(&ctx, der, &fixed);
	}
	else if (cs_certificate_read(&ctx, der, &certificate))
	{
		fixed_key(&ctx, &fixed);
		fuzz_certificate(&ctx, der, &fixed);
	}
	cs_arena_free(&arena);
	return 0;
}
