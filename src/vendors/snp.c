/*
 * snp.c - environments and measurements of AMD SEV-SNP (snp.h).
 */
#include "snp.h"

enum
{
	MKEY_MEASUREMENT = 641,
	HASH_SHA384 = 7 /* IANA Named Information Hash Algorithm Registry */
};

void
cs_snp_put_class_id(cs_buf *out, int class)
{
	const uint8_t oid[] = { 0x2b, 0x06, 0x01, 0x04, 0x01, 0x9c, 0x78, 0x03, (uint8_t) (class + 1) };

	cs_put_map(out, 1);
	cs_put_uint(out, CS_CLASS_CLASS_ID);
	cs_put_tag(out, CS_TAG_OID);
	cs_put_bytes(out, oid, sizeof(oid));
}

void
cs_snp_put_environment(cs_buf *out, int class)
{
	cs_put_map(out, 1);
	cs_put_uint(out, CS_ENVIRONMENT_CLASS);
	cs_snp_put_class_id(out, class);
}

void
cs_snp_put_measurement(cs_buf *out, int class, cs_span measurement)
{
	cs_put_array(out, 2);
	cs_snp_put_environment(out, class);
	cs_put_array(out, 1);
	cs_put_map(out, 2);
	cs_put_uint(out, CS_MEASUREMENT_MKEY);
	cs_put_uint(out, MKEY_MEASUREMENT);
	cs_put_uint(out, CS_MEASUREMENT_MVAL);
	cs_put_map(out, 1);
	cs_put_uint(out, CS_MVAL_DIGESTS);
	cs_put_array(out, 1);
	cs_put_array(out, 2);
	cs_put_uint(out, HASH_SHA384);
	cs_put_bytes(out, measurement.data, measurement.len);
}
