/*
 * verified_keys.c - the keys that the caller of appraise() has verified, and what they verify of a store's triples.
 */
#include "verified_keys.h"

#include <string.h>

#include "miscadmin.h"
#include "utils/array.h"
#include "utils/timestamp.h"

#include "pg/base/store.h"
#include "pg/base/times.h"

void
cs_verified_keys_read(cs_ctx *ctx, Datum array, cs_verified_keys *out)
{
	ArrayType *keys = DatumGetArrayTypeP(array);
	Datum *elements;
	bool *nulls;
	int count;

	deconstruct_array(keys, ARR_ELEMTYPE(keys), -1, false, TYPALIGN_INT, &elements, &nulls, &count);
	out->count = (size_t) count;
	out->keys = cs_alloc(ctx, out->count + 1, sizeof(cs_item));
	cs_pg_require(out->keys != NULL, ctx, NULL);
	for (int i = 0; i < count; i++)
	{
		if (nulls[i])
			ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("a key in an array of keys must not be null")));
		out->keys[i] = cs_pg_item(elements[i]);
	}
}

bool
cs_certificate_is_revoked(Oid store, const pg_uuid_t *manifest, cs_span issuer, cs_span serial, TimestampTz as_of)
{
	Datum args[4] = { UUIDPGetDatum(manifest), cs_pg_make(issuer), cs_pg_make(serial), TimestampTzGetDatum(as_of) };
	bool is_revoked = cs_store_run(store, CS_STMT_REVOKED_DEVICE_CERTIFICATE, args, NULL, true, 0) > 0;

	SPI_freetuptable(SPI_tuptable);
	return is_revoked;
}

/* Draft-ietf-rats-corim, "Processing keys Relations": the revocation status of each certificate in the path. */
static void
check_revocation(cs_ctx *ctx, const pg_uuid_t *manifest, cs_is_revoked is_revoked, void *data, cs_device_key *key)
{
	for (size_t i = 0; i < key->count && key->verified; i++)
	{
		cs_certificate cert;

		if (!cs_certificate_read(ctx, key->certs[i], &cert) || !is_revoked(manifest, cert.issuer, cert.serial, data))
			continue;
		key->verified = false;
		snprintf(key->reason, sizeof(key->reason), "certificate path: %.200s is revoked", cert.subject_text);
	}
}

bool
cs_verified_keys_verify(cs_ctx *ctx, const cs_verified_keys *keys, const pg_uuid_t *manifest, const cs_item *listed, cs_key_purpose purpose,
	TimestampTz as_of, cs_is_revoked is_revoked, void *data, cs_device_key *out)
{
	memset(out, 0, sizeof(*out));
	strlcpy(out->reason, "the caller names no verified keys", sizeof(out->reason));
	for (size_t i = 0; i < keys->count; i++)
	{
		cs_device_key with;

		CHECK_FOR_INTERRUPTS();
		if (!cs_device_key_verified(ctx, listed, &keys->keys[i], purpose, cs_pg_unix_time(as_of), &with))
			return false;
		check_revocation(ctx, manifest, is_revoked, data, &with);
		/* what a path lacks says more than that another key is another */
		if (i == 0 || with.verified || strncmp(with.reason, "no verified key", 15) != 0)
			*out = with;
		if (with.verified)
			return true;
	}
	return true;
}
