/*
 * cose_memory_test.c - the promise of cose.h: no OpenSSL handle is open while the allocator runs. Here it jumps out at its first, second,
 * third... call, as palloc does; what stayed open is a leak, which the sanitizer reports when the program ends.
 */
#include <setjmp.h>

#include "cose_make.h"
#include "cose/device_key.h"

typedef struct jumper
{
	cs_ctx inner; /* an arena of its own */
	cs_arena arena;
	int left;  /* calls until it jumps */
	bool jump; /* or gives nothing */
	jmp_buf out;
} jumper;

static bool
give_up(jumper *j)
{
	if (j->left-- > 0)
		return false;
	if (j->jump)
		longjmp(j->out, 1);
	return true;
}

static void *
jumper_alloc(void *actx, size_t size)
{
	jumper *j = actx;

	return give_up(j) ? NULL : j->inner.alloc(j->inner.actx, size);
}

static void *
jumper_resize(void *actx, void *p, size_t old_size, size_t new_size)
{
	jumper *j = actx;

	return give_up(j) ? NULL : j->inner.resize(j->inner.actx, p, old_size, new_size);
}

static void
jumper_release(void *actx, void *p)
{
	(void) actx;
	(void) p;
}

static cs_span pem, chain_pem, chain[2];
static const cs_span none = { NULL, 0 };
static cs_signer *signer; /* is not the context's: whoever jumps out frees it */

/* Everything that the room does, one after the other. */
static bool
everything(cs_ctx *c)
{
	cs_buf signed1, choice, exported;
	cs_sign1 sign1;
	cs_item item;
	cs_key key;
	cs_device_key device;
	bool yes;

	cs_buf_init(&signed1, c);
	cs_buf_init(&choice, c);
	cs_buf_init(&exported, c);
	if (!cs_signer_open(c, pem, &signer) || !cs_signer_sign1(c, signer, none, none, pem, false, &signed1) ||
		!cs_public_jwk(c, signer, text_span("kid"), &exported) || !cs_key_import(c, exported.data, exported.len, &choice))
		return false;
	item = cs_item_at(choice.data, choice.len);
	if (!cs_key_read(c, &item, &key) || !cs_key_names(c, &item, chain, 2, &yes) || !yes)
		return false;
	item = cs_item_at(signed1.data, signed1.len);
	if (!cs_sign1_parse(c, &item, &sign1) || !cs_sign1_verify(c, &sign1, none, none, &key))
		return false;
	cs_buf_init(&choice, c);
	if (!cs_key_import(c, chain_pem.data, chain_pem.len, &choice) || !cs_key_from_cert(c, chain[1], &key) ||
		!cs_chain_verify(c, chain, 2, &key, MADE_FROM + 1))
		return false;
	item = cs_item_at(choice.data, choice.len);
	if (!cs_device_key_verified(c, &item, &item, CS_KEY_TYPE_ATTEST_KEY, MADE_FROM + 1, &device) || !device.verified)
		return false;
	return cs_signer_kid(c, signer, &exported) && cs_public_cose_key(c, signer, none, &exported);
}

typedef enum outcome
{
	DONE,
	GAVE_UP,
	BROKEN
} outcome;

/* With n calls of the allocator that succeed. */
static outcome
attempt(int n, bool jump)
{
	static jumper j;
	static cs_ctx c;
	volatile outcome result = GAVE_UP;

	cs_arena_init(&j.arena, &j.inner);
	j.left = n;
	j.jump = jump;
	c = j.inner;
	c.alloc = jumper_alloc;
	c.resize = jumper_resize;
	c.release = jumper_release;
	c.actx = &j;
	if (setjmp(j.out) == 0)
	{
		if (everything(&c))
			result = DONE;
		else if (jump || c.error.code != CS_NO_MEMORY)
			result = BROKEN;
	}
	cs_signer_free(signer);
	signer = NULL;
	cs_arena_free(&j.arena);
	return ERR_peek_error() == 0 ? result : BROKEN;
}

/* How many calls it took until everything went through; 0 when something else than memory stopped it. */
static int
run(bool jump)
{
	for (int n = 0; n < 1000; n++)
	{
		outcome result = attempt(n, jump);

		if (result != GAVE_UP)
			return result == DONE ? n : 0;
	}
	return 0;
}

int
main(void)
{
	EVP_PKEY *pkey = make_key("P-256"), *ca = make_key("P-256");
	int calls;

	cs_arena_init(&arena, &ctx);
	pem = private_pem(pkey, false);
	chain[0] = make_cert("leaf", pkey, "ca", ca, NULL, NULL, EVP_sha256());
	chain[1] = make_cert("ca", ca, "ca", ca, "CA:TRUE", NULL, EVP_sha256());
	chain_pem = join(cert_pem(chain[0]), cert_pem(chain[1]));
	calls = run(true);
	CHECK(calls > 20, "the allocator jumps out of each of its %d calls", calls);
	calls = run(false);
	CHECK(calls > 20, "memory is out at each of its %d calls", calls);
	EVP_PKEY_free(pkey);
	EVP_PKEY_free(ca);
	cs_arena_free(&arena);
	return tap_done();
}
