/*
 * tool.c - the core's side of test/interop/run.sh: answers a query with example triples and signs it, verifies what another
 * implementation signed, writes public keys.
 *
 *   tool answer QUERY PRIVATE OUT     PRIVATE "-": unsigned
 *   tool verify PUBLIC FILE           a signed CoRIM
 *   tool public cose|jwk PRIVATE OUT
 */
#include "cose/cose.h"
#include "model/corim.h"
#include "query/result.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOW INT64_C(1800000000)

static cs_arena arena;
static cs_ctx ctx;

static void
fail(const char *what)
{
	fprintf(stderr, "%s: %s %s %s\n", what, ctx.error.path, ctx.error.message, ctx.error.found);
	exit(1);
}

static cs_span
read_file(const char *name)
{
	FILE *file = fopen(name, "rb");
	cs_buf buf;
	char chunk[4096];
	size_t n;

	if (file == NULL)
	{
		perror(name);
		exit(1);
	}
	cs_buf_init(&buf, &ctx);
	while ((n = fread(chunk, 1, sizeof(chunk), file)) > 0)
		cs_put_raw(&buf, chunk, n);
	fclose(file);
	return cs_buf_span(&buf);
}

static void
write_file(const char *name, const cs_buf *buf)
{
	FILE *file = fopen(name, "wb");

	if (file == NULL || fwrite(buf->data, 1, buf->len, file) != buf->len || fclose(file) != 0)
	{
		perror(name);
		exit(1);
	}
}

static cs_span
edn(const char *text)
{
	cs_buf buf;

	cs_buf_init(&buf, &ctx);
	if (!cs_edn_parse(&ctx, text, strlen(text), &buf))
		fail(text);
	return cs_buf_span(&buf);
}

/* A few triples of every kind that the artifact type consists of; the first with its keys out of order, as in the field. */
static bool
add_examples(cs_result *result, const cs_query *query)
{
	cs_span authority = edn("[560(h'abcdef'), 557([1, h'0011'])]");

	if (query->by_rim)
	{
		for (size_t i = 0; i < query->rim_count; i++)
			if (!cs_result_add_rim(result, &query->rims[i], "application/rim+cose", edn("501({0: \"x\"})")))
				return false;
		return true;
	}
	if (!cs_result_add_source(result, "application/rim+cose", edn("501({0: \"x\"})")))
		return false;
	switch (query->artifact)
	{
		case CS_REFERENCE_VALUES:
			return cs_result_add_quad(result, 0, authority, edn("[{0: {2: \"M\", 1: \"ACME\"}}, [{1: {2: [[1, h'aa']]}}]]")) &&
				cs_result_add_quad(
					result, 0, authority, edn("[{1: 550(h'02deadbeefdead')}, [{0: 1, 1: {1: 553(2), 15: 564([null, 4])}}]]"));
		case CS_ENDORSED_VALUES:
			return cs_result_add_quad(result, 1, authority, edn("[{0: {1: \"ACME\"}}, [{1: {3: {0: true}}}]]")) &&
				cs_result_add_quad(
					result, 10, authority, edn("[[[{0: {1: \"ACME\"}}, [{1: {1: 1}}]]], [[{0: {1: \"ACME\"}}, [{1: {11: \"x\"}}]]]]"));
		case CS_TRUST_ANCHORS:
			return cs_result_add_quad(
				result, 3, authority, edn("[{0: {1: \"ACME\"}}, [558({1: 2, -1: 1, -2: h'00', -3: h'01'})], {0: 1}]"));
	}
	return false;
}

static void
answer(const char *query_file, const char *private_file, const char *out_file)
{
	cs_span bytes = read_file(query_file);
	cs_span payload;
	cs_query query;
	cs_result *result;
	cs_buf buf;
	cs_buf signed_buf;
	cs_signer *signer;
	int64_t expiry;

	if (!cs_query_read(&ctx, bytes.data, bytes.len, CS_QUERY_LAX | CS_QUERY_LEGACY, &query))
		fail(query_file);
	cs_buf_init(&buf, &ctx);
	result = cs_result_new(&ctx, &query);
	if (result == NULL || !add_examples(result, &query) || !cs_result_finish(result, NOW, 3600, &buf, &expiry))
		fail("result");
	if (strcmp(private_file, "-") == 0)
	{
		write_file(out_file, &buf);
		return;
	}
	payload = cs_buf_span(&buf);
	cs_buf_init(&signed_buf, &ctx);
	if (!cs_signer_open(&ctx, read_file(private_file), &signer) ||
		!cs_signer_sign1(&ctx, signer, edn("{3: \"application/coserv+cbor\"}"), edn("{}"), payload, false, &signed_buf))
		fail(private_file);
	cs_signer_free(signer);
	write_file(out_file, &signed_buf);
}

static void
verify(const char *public_file, const char *file)
{
	cs_span key_bytes = read_file(public_file);
	cs_span bytes = read_file(file);
	cs_item item;
	cs_document document;
	cs_sign1 sign1;
	cs_signer_meta meta;
	cs_corim corim;
	cs_key key;
	cs_buf buf;

	cs_buf_init(&buf, &ctx);
	if (!cs_key_import(&ctx, key_bytes.data, key_bytes.len, &buf))
		fail(public_file);
	item = cs_item_at(buf.data, buf.len);
	if (!cs_key_read(&ctx, &item, &key))
		fail(public_file);
	if (!cs_check(&ctx, bytes.data, bytes.len) || !cs_document_open(&ctx, bytes.data, bytes.len, false, &document) ||
		!cs_sign1_parse(&ctx, &document.cose, &sign1) ||
		!cs_sign1_verify(&ctx, &sign1, (cs_span) { NULL, 0 }, (cs_span) { NULL, 0 }, &key) ||
		!cs_signer_meta_read(&ctx, &sign1.protected_map, &meta) || !cs_check(&ctx, sign1.payload.data, sign1.payload.len) ||
		!cs_corim_open(&ctx, sign1.payload.data, sign1.payload.len, false, &corim))
		fail(file);
	printf("%s by %.*s\n", cs_alg_name(sign1.alg), (int) meta.signer_name.len, (const char *) meta.signer_name.data);
}

static void
public_key(const char *form, const char *private_file, const char *out_file)
{
	cs_span kid = { (const uint8_t *) "kid", 3 };
	cs_signer *signer;
	cs_buf buf;

	cs_buf_init(&buf, &ctx);
	if (!cs_signer_open(&ctx, read_file(private_file), &signer) ||
		!(strcmp(form, "jwk") == 0 ? cs_public_jwk : cs_public_cose_key)(&ctx, signer, kid, &buf))
		fail(private_file);
	cs_signer_free(signer);
	write_file(out_file, &buf);
}

int
main(int argc, char **argv)
{
	cs_arena_init(&arena, &ctx);
	if (argc == 5 && strcmp(argv[1], "answer") == 0)
		answer(argv[2], argv[3], argv[4]);
	else if (argc == 4 && strcmp(argv[1], "verify") == 0)
		verify(argv[2], argv[3]);
	else if (argc == 5 && strcmp(argv[1], "public") == 0)
		public_key(argv[2], argv[3], argv[4]);
	else
		fail("usage: tool answer QUERY PRIVATE OUT | verify PUBLIC FILE | public cose|jwk PRIVATE OUT");
	cs_arena_free(&arena);
	return 0;
}
