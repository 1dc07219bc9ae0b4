/*
 * cert_cache.c - the certificates that were read last, as OpenSSL has them. A document's are looked at a dozen times on its way, most
 * documents come with the same ones, and OpenSSL 3 takes longer to read one than to verify a signature with its key.
 *
 * The cache belongs to the process, as that of keys does (key_cache.c). It holds no certificate that could not be read; nobody changes one.
 */
#include <string.h>

#include "internal.h"

#define SLOTS 16
#define SLOT_BYTES 4096 /* a longer one is read each time */

typedef struct cs_slot
{
	X509 *cert;	   /* NULL: free */
	uint64_t used; /* when last */
	size_t len;
	uint8_t der[SLOT_BYTES];
} cs_slot;

static cs_slot slots[SLOTS];
static uint64_t uses = 0;

static cs_slot *
find(cs_span der)
{
	for (int i = 0; i < SLOTS; i++)
		if (slots[i].cert && slots[i].len == der.len && memcmp(slots[i].der, der.data, der.len) == 0)
			return &slots[i];
	return NULL;
}

/* Into the slot that was not used for the longest time. */
static void
keep(cs_span der, X509 *cert)
{
	cs_slot *slot = &slots[0];

	if (der.len > SLOT_BYTES || X509_up_ref(cert) != 1)
		return;
	for (int i = 1; i < SLOTS; i++)
		if (slots[i].used < slot->used)
			slot = &slots[i];
	X509_free(slot->cert);
	slot->cert = cert;
	slot->used = ++uses;
	slot->len = der.len;
	memcpy(slot->der, der.data, der.len);
}

X509 *
cs_x509_load(cs_span der)
{
	const uint8_t *p = der.data;
	cs_slot *slot = find(der);
	X509 *cert;

	if (slot && X509_up_ref(slot->cert) == 1)
	{
		slot->used = ++uses;
		return slot->cert;
	}
	cert = der.len > INT32_MAX ? NULL : d2i_X509(NULL, &p, (long) der.len);
	if (cert && p == der.data + der.len)
	{
		keep(der, cert);
		return cert;
	}
	X509_free(cert);
	return NULL;
}
