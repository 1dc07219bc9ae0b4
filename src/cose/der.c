/*
 * der.c - the little DER that is written here (ITU-T X.690): keys for OpenSSL to read, and ECDSA signatures. It is made in
 * fixed memory, back to front, so that no allocation is needed and secrets lie in one place that can be wiped.
 */
#include <string.h>

#include "internal.h"

void
cs_der_init(cs_der *der)
{
	der->at = CS_DER_BYTES;
	der->full = false;
}

void
cs_der_raw(cs_der *der, const void *data, size_t len)
{
	if (der->full || len > der->at)
	{
		der->full = true;
		return;
	}
	der->at -= len;
	if (len > 0)
		memcpy(der->data + der->at, data, len);
}

void
cs_der_uint(cs_der *der, const uint8_t *data, size_t len)
{
	size_t mark = der->at;

	while (len > 1 && data[0] == 0)
	{
		data++;
		len--;
	}
	cs_der_raw(der, data, len);
	if (len == 0 || data[0] >= 0x80)
		cs_der_raw(der, "", 1);
	cs_der_wrap(der, 0x02, mark);
}

void
cs_der_wrap(cs_der *der, uint8_t tag, size_t mark)
{
	size_t len = mark - der->at;
	uint8_t head[4];

	if (len < 0x80)
	{
		head[0] = tag;
		head[1] = (uint8_t) len;
		cs_der_raw(der, head, 2);
	}
	else if (len < 0x100)
	{
		head[0] = tag;
		head[1] = 0x81;
		head[2] = (uint8_t) len;
		cs_der_raw(der, head, 3);
	}
	else
	{
		head[0] = tag;
		head[1] = 0x82;
		head[2] = (uint8_t) (len >> 8);
		head[3] = (uint8_t) len;
		cs_der_raw(der, head, 4);
	}
}
