/*
 * convert.c - convert: a vendor's document that is no CBOR becomes a CoRIM for an operator to sign, once its own signature has been
 * verified. The CoRIM names the original by its digest (dependent-rims) and the vendor's key (an entity's reg-id), by the URIs of RFC 6920.
 */
#include "convert.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cbor/json.h"
#include "codepoints/digest_alg.h"
#include "cose/certs.h"
#include "model/rules.h"

enum
{
	ENTITY_CREATOR = 1, /* $comid-role-type-choice */
	SHA_256 = 1
};

int
cli_malformed(cs_cli *cli, const char *what, const char *found)
{
	cs_fail(&cli->ctx, CS_INVALID, "%s", what);
	if (found != NULL)
		cs_fail_found(&cli->ctx, "%s", found);
	return cli_refuse(cli, cli->files[0], NULL);
}

void
cli_left_out(cs_cli *cli, cli_rim *rim, const char *fmt, ...)
{
	va_list args;

	rim->left_out++;
	if (cli->quiet)
		return;
	va_start(args, fmt);
	fputs("coserv: left out: ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
	va_end(args);
}

void
cli_rim_put(cli_rim *rim, cs_span environment, cs_span mkey, cs_span digests)
{
	cs_buf *out = &rim->triples;

	cs_put_array(out, 2);
	cs_put_raw(out, environment.data, environment.len);
	cs_put_array(out, 1);
	cs_put_map(out, mkey.len > 0 ? 2 : 1);
	if (mkey.len > 0)
	{
		cs_put_uint(out, 0);
		cs_put_raw(out, mkey.data, mkey.len);
	}
	cs_put_uint(out, 1); /* mval */
	cs_put_map(out, 1);
	cs_put_uint(out, 2); /* digests */
	cs_put_raw(out, digests.data, digests.len);
	rim->triple_count++;
}

int
cli_rim_environment(cs_cli *cli, const char *vendor, const char *model, cs_span *environment)
{
	cs_buf out;

	if (cli->environment != NULL)
	{
		if (!cli_document(cli, (cs_span) { (const uint8_t *) cli->environment, strlen(cli->environment) }, environment) ||
			!cs_validate(&cli->ctx, &cs_rule_environment_map, environment->data, environment->len, true))
			return cli_refuse(cli, "--environment", "environment");
		return CLI_OK;
	}
	if (vendor == NULL || model == NULL)
		return cli_usage("the document does not say what it is about: --environment '{0: {1: \"vendor\", 2: \"model\"}}' does");
	cs_buf_init(&out, &cli->ctx);
	cs_put_map(&out, 1);
	cs_put_uint(&out, 0); /* class */
	cs_put_map(&out, 2);
	cs_put_uint(&out, 1);
	cs_put_cstr(&out, vendor);
	cs_put_uint(&out, 2);
	cs_put_cstr(&out, model);
	*environment = cs_buf_span(&out);
	return cs_buf_ok(&out) ? CLI_OK : cli_refuse(cli, cli->files[0], NULL);
}

static const cs_digest_alg *
algorithm(const char *name, size_t size)
{
	const cs_digest_alg *alg;

	for (size_t i = 0; (alg = cs_digest_alg_at(i)) != NULL; i++)
	{
		if (name[0] == '\0' && alg->size == size && alg->named_information != 0)
			return alg;
		for (size_t k = 0; k < 3 && alg->names[k] != NULL; k++)
			if (strcasecmp(alg->names[k], name) == 0)
				return alg->size == size && alg->named_information != 0 ? alg : NULL;
	}
	return NULL;
}

bool
cli_put_digest(cs_cli *cli, const char *name, const char *hex, cs_buf *out)
{
	const cs_digest_alg *alg;
	cs_span digest;
	bool is_sha1;

	if (!cli_hex(cli, hex, &digest))
		return false;
	alg = algorithm(name, digest.len);
	is_sha1 = digest.len == 20 && (name[0] == '\0' || strcasecmp(name, "sha1") == 0 || strcasecmp(name, "sha-1") == 0);
	if (alg == NULL && !is_sha1)
		return false;
	cs_put_array(out, 2);
	if (is_sha1)
		cs_put_cstr(out, "sha-1"); /* no number, in no registry that CoRIM names */
	else
		cs_put_int(out, alg->named_information);
	cs_put_bytes(out, digest.data, digest.len);
	return true;
}

/* "ni:///sha-256;..." (RFC 6920 section 3) of bytes, and their digest. */
static bool
name_of(cs_cli *cli, cs_span bytes, char uri[64], uint8_t digest[32])
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	char *at = uri + sprintf(uri, "ni:///sha-256;");

	if (!cs_sha256(&cli->ctx, bytes, digest))
		return false;
	for (size_t bit = 0; bit < 256; bit += 6)
	{
		uint32_t pair = (uint32_t) digest[bit / 8] << 8 | (bit / 8 + 1 < 32 ? digest[bit / 8 + 1] : 0);

		*at++ = alphabet[pair >> (10 - bit % 8) & 63];
	}
	*at = '\0';
	return true;
}

static void
put_uri(cs_buf *out, const char *uri)
{
	cs_put_tag(out, 32);
	cs_put_cstr(out, uri);
}

/* The vendor: what it is called, and by its key's name in reg-id, who it is. */
static bool
put_entity(cs_cli *cli, const cli_rim *rim, const cli_signature_of *signature, cs_buf *out)
{
	const char *name = rim->creator != NULL ? rim->creator : signature->name;
	uint8_t digest[32];
	char uri[64] = "";

	if (signature->spki.len > 0 && !name_of(cli, signature->spki, uri, digest))
		return false;
	cs_put_array(out, 1);
	cs_put_map(out, uri[0] != '\0' ? 3 : 2);
	cs_put_uint(out, 0); /* entity-name */
	cs_put_cstr(out, name != NULL ? name : uri[0] != '\0' ? uri : "unknown");
	if (uri[0] != '\0')
	{
		cs_put_uint(out, 1); /* reg-id */
		put_uri(out, uri);
	}
	cs_put_uint(out, 2); /* role */
	cs_put_array(out, 1);
	cs_put_uint(out, ENTITY_CREATOR);
	return true;
}

static void
put_validity(const cli_rim *rim, cs_buf *out)
{
	if (!rim->has_not_after)
		return;
	cs_put_uint(out, 4); /* rim-validity */
	cs_put_map(out, rim->has_not_before ? 2 : 1);
	if (rim->has_not_before)
	{
		cs_put_uint(out, 0);
		cs_put_tag(out, 1);
		cs_put_int(out, rim->not_before);
	}
	cs_put_uint(out, 1);
	cs_put_tag(out, 1);
	cs_put_int(out, rim->not_after);
}

static bool
put_corim(cs_cli *cli, const cli_rim *rim, cs_span original, const cli_signature_of *signature, cs_buf *out)
{
	uint8_t digest[32];
	char uri[64];
	cs_buf comid, tag;
	const char *id;

	if (!name_of(cli, original, uri, digest))
		return false;
	id = rim->id != NULL ? rim->id : uri;
	cs_buf_init(&comid, &cli->ctx);
	cs_put_map(&comid, 3);
	cs_put_uint(&comid, 1); /* tag-identity */
	cs_put_map(&comid, 2);
	cs_put_uint(&comid, 0);
	cs_put_cstr(&comid, id);
	cs_put_uint(&comid, 1);
	cs_put_uint(&comid, rim->version);
	cs_put_uint(&comid, 2); /* entities */
	if (!put_entity(cli, rim, signature, &comid))
		return false;
	cs_put_uint(&comid, 4); /* triples */
	cs_put_map(&comid, 1);
	cs_put_uint(&comid, 0); /* reference-triples */
	cs_put_array(&comid, rim->triple_count);
	cs_put_raw(&comid, rim->triples.data, rim->triples.len);
	cs_buf_init(&tag, &cli->ctx);
	cs_put_tag(&tag, 506);
	cs_put_bytes(&tag, comid.data, comid.len);
	cs_put_tag(out, 501);
	cs_put_map(out, rim->has_not_after ? 4 : 3);
	cs_put_uint(out, 0); /* id */
	cs_put_cstr(out, id);
	cs_put_uint(out, 1); /* tags */
	cs_put_array(out, 1);
	cs_put_raw(out, tag.data, tag.len);
	cs_put_uint(out, 2); /* dependent-rims */
	cs_put_array(out, 1);
	cs_put_map(out, 2);
	cs_put_uint(out, 0);
	put_uri(out, uri);
	cs_put_uint(out, 1);
	cs_put_array(out, 2);
	cs_put_uint(out, SHA_256);
	cs_put_bytes(out, digest, sizeof(digest));
	put_validity(rim, out);
	return cs_buf_ok(&comid) && cs_buf_ok(&tag) && cs_buf_ok(out);
}

static void
tell(cs_cli *cli, const cli_rim *rim, const cli_signature_of *signature)
{
	const char *by = signature->spki.len == 0 ? "nobody" : signature->name != NULL ? signature->name : "a bare key";

	if (!cli->quiet)
		fprintf(stderr, "coserv: %s: %s, signed by %s: %zu reference values, %zu left out\n", cli->files[0], rim->format, by,
			rim->triple_count, rim->left_out);
}

/* The RIM service of NVIDIA wraps what it has: {"id": ..., "rim": base64}. */
static bool
unwrap(cs_cli *cli, cs_span *document, const char **id)
{
	cs_json *json, *rim, *name;

	*id = NULL;
	if (document->len == 0 || document->data[0] != '{' || !cs_json_parse(&cli->ctx, *document, &json))
		return true;
	rim = cs_json_get(json, "rim");
	name = cs_json_get(json, "id");
	if (rim == NULL || name == NULL || rim->kind != CS_JSON_STRING || name->kind != CS_JSON_STRING)
		return true;
	*id = cs_strndup(&cli->ctx, name->text.data, name->text.len);
	return *id != NULL && cs_base64_text(&cli->ctx, rim->text, document);
}

static bool
looks_like_xml(cs_span document)
{
	for (size_t i = 0; i < document.len && i < 64; i++)
		if (document.data[i] == '<')
			return true;
		else if (document.data[i] > ' ' && document.data[i] < 0x80)
			return false;
	return false;
}

int
cli_convert_bytes(cs_cli *cli, cs_span document, cs_buf *out)
{
	cli_rim rim = { .format = NULL };
	cli_signature_of signature = { .name = NULL };
	const char *id;
	int status;

	if (!unwrap(cli, &document, &id))
		return cli_refuse(cli, cli->files[0], "RIM service's answer");
	cs_buf_init(&rim.triples, &cli->ctx);
	status =
		looks_like_xml(document) ? cli_convert_swid(cli, document, &rim, &signature) : cli_convert_dsse(cli, document, &rim, &signature);
	if (status != CLI_OK)
		return status;
	if (id != NULL)
		rim.id = id;
	if (rim.triple_count == 0)
		return cli_malformed(cli, "nothing in it has a form in a CoRIM", NULL);
	if (!put_corim(cli, &rim, document, &signature, out) ||
		!cs_validate(&cli->ctx, &cs_rule_tagged_unsigned_corim_map, out->data, out->len, true))
		return cli_refuse(cli, cli->files[0], "CoRIM");
	tell(cli, &rim, &signature);
	return CLI_OK;
}

int
cli_convert(cs_cli *cli)
{
	cs_span document;
	cs_buf out;
	int status;

	if (!cli_read_file(cli, cli->files[0], &document))
		return CLI_TROUBLE;
	cs_buf_init(&out, &cli->ctx);
	status = cli_convert_bytes(cli, document, &out);
	return status == CLI_OK ? cli_write(cli, cs_buf_span(&out)) : status;
}
