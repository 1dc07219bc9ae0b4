/*
 * sign_floor.c - what a signed answer is measured against: nothing but EVP_DigestSign with a key that is held.
 *
 *   sign_floor KEY.pem TIMES
 *
 * Prints microseconds of CPU time a signature (ES256), over 400 bytes.
 */
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int
main(int argc, char **argv)
{
	unsigned char message[400] = { 0 }, signature[128];
	long times = argc == 3 ? atol(argv[2]) : 0;
	FILE *file = argc == 3 ? fopen(argv[1], "r") : NULL;
	EVP_PKEY *key = file ? PEM_read_PrivateKey(file, NULL, NULL, NULL) : NULL;
	clock_t begin = 0;

	if (key == NULL || times <= 0)
		return 1;
	for (long i = -100; i < times; i++) /* the first hundred fill caches */
	{
		EVP_MD_CTX *mctx = EVP_MD_CTX_new();
		size_t len = sizeof(signature);

		if (i == 0)
			begin = clock();
		message[0]++;
		if (EVP_DigestSignInit(mctx, NULL, EVP_sha256(), NULL, key) != 1 ||
			EVP_DigestSign(mctx, signature, &len, message, sizeof(message)) != 1)
			return 1;
		EVP_MD_CTX_free(mctx);
	}
	printf("%.2f\n", (double) (clock() - begin) / CLOCKS_PER_SEC * 1e6 / (double) times);
	EVP_PKEY_free(key);
	return 0;
}
