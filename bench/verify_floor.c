/*
 * verify_floor.c - what loading is measured against: nothing but verifying with OpenSSL.
 *
 *   verify_floor KEY.pem DOCUMENTS
 *
 * DOCUMENTS is the output of COPY ... (FORMAT binary) of one bytea column of COSE_Sign1 with ES256, an empty unprotected header
 * and the payload inside: the shape that bench/run makes. Verifies each and prints "count seconds".
 */
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <string.h>
#include <time.h>

typedef struct span
{
	const uint8_t *data;
	size_t len;
} span;

static noreturn void
die(const char *message)
{
	fprintf(stderr, "verify_floor: %s\n", message);
	exit(1);
}

static uint32_t
be32(const uint8_t *p)
{
	return (uint32_t) p[0] << 24 | (uint32_t) p[1] << 16 | (uint32_t) p[2] << 8 | p[3];
}

/* The byte string at *p, which moves behind it. */
static span
bytes_at(const uint8_t **p, const uint8_t *end)
{
	span s;
	size_t head, i;

	if (*p >= end || **p >> 5 != 2 || (**p & 31) > 26)
		die("a document is not of the shape that bench/run makes");
	s.len = **p & 31;
	head = s.len < 24 ? 0 : (size_t) 1 << (s.len - 24);
	(*p)++;
	if ((size_t) (end - *p) < head)
		die("a document is cut off");
	if (head > 0)
		for (s.len = 0, i = 0; i < head; i++)
			s.len = s.len << 8 | (*p)[i];
	*p += head;
	if ((size_t) (end - *p) < s.len)
		die("a document is cut off");
	s.data = *p;
	*p += s.len;
	return s;
}

/* Appends a byte string with the shortest head, as Sig_structure (RFC 9052 section 4.4) wants it. */
static size_t
put_bytes(uint8_t *out, span s)
{
	size_t head = s.len < 24 ? 0 : s.len < 256 ? 1 : s.len < 65536 ? 2 : 4, i;

	out[0] = (uint8_t) (0x40 | (head == 0 ? s.len : head == 1 ? 24 : head == 2 ? 25 : 26));
	for (i = 0; i < head; i++)
		out[1 + i] = (uint8_t) (s.len >> (8 * (head - 1 - i)));
	memcpy(out + 1 + head, s.data, s.len);
	return 1 + head + s.len;
}

static bool
verify(EVP_PKEY *key, span signature, const uint8_t *signed_bytes, size_t len)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	ECDSA_SIG *sig = ECDSA_SIG_new();
	unsigned char der[128], *end = der;
	bool ok;

	if (signature.len != 64)
		die("a signature is not ES256");
	ECDSA_SIG_set0(sig, BN_bin2bn(signature.data, 32, NULL), BN_bin2bn(signature.data + 32, 32, NULL));
	ok = i2d_ECDSA_SIG(sig, &end) > 0 && EVP_DigestVerifyInit(md, NULL, EVP_sha256(), NULL, key) == 1 &&
		EVP_DigestVerify(md, der, (size_t) (end - der), signed_bytes, len) == 1;
	ECDSA_SIG_free(sig);
	EVP_MD_CTX_free(md);
	return ok;
}

static void
verify_document(EVP_PKEY *key, span document)
{
	static const uint8_t context[] = { 0x84, 0x6a, 'S', 'i', 'g', 'n', 'a', 't', 'u', 'r', 'e', '1' };
	const uint8_t *p = document.data + 2, *end = document.data + document.len;
	span protected_header, payload, signature;
	uint8_t *buf = malloc(document.len + 64);
	size_t len = sizeof(context);

	if (document.len < 4 || document.data[0] != 0xd2 || document.data[1] != 0x84 || buf == NULL)
		die("a document is not of the shape that bench/run makes");
	protected_header = bytes_at(&p, end);
	if (p >= end || *p++ != 0xa0)
		die("an unprotected header is not empty");
	payload = bytes_at(&p, end);
	signature = bytes_at(&p, end);
	memcpy(buf, context, len);
	len += put_bytes(buf + len, protected_header);
	buf[len++] = 0x40;
	len += put_bytes(buf + len, payload);
	if (!verify(key, signature, buf, len))
		die("a document does not verify");
	free(buf);
}

static span
read_file(const char *name)
{
	FILE *f = fopen(name, "rb");
	span s = { NULL, 0 };
	uint8_t *data;
	long size;

	if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (size = ftell(f)) < 0)
		die("cannot read the documents");
	rewind(f);
	data = malloc((size_t) size + 1);
	if (data == NULL || fread(data, 1, (size_t) size, f) != (size_t) size)
		die("cannot read the documents");
	fclose(f);
	s.data = data;
	s.len = (size_t) size;
	return s;
}

int
main(int argc, char **argv)
{
	struct timespec begin, finish;
	FILE *pem = argc == 3 ? fopen(argv[1], "r") : NULL;
	EVP_PKEY *key = pem != NULL ? PEM_read_PUBKEY(pem, NULL, NULL, NULL) : NULL;
	span file;
	size_t at = 19, /* signature, flags and length of the extension of the binary format */
		count = 0;

	if (key == NULL)
		die("usage: verify_floor KEY.pem DOCUMENTS");
	fclose(pem);
	file = read_file(argv[2]);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	while (at + 6 <= file.len && !(file.data[at] == 0xff && file.data[at + 1] == 0xff))
	{
		span document = { file.data + at + 6, be32(file.data + at + 2) };

		if (document.len > file.len - at - 6)
			die("the file of documents is cut off");
		verify_document(key, document);
		at += 6 + document.len;
		count++;
	}
	clock_gettime(CLOCK_MONOTONIC, &finish);
	printf("%zu %.6f\n", count, (double) (finish.tv_sec - begin.tv_sec) + (double) (finish.tv_nsec - begin.tv_nsec) / 1e9);
	EVP_PKEY_free(key);
	return 0;
}
