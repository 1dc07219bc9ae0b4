/*
 * convert_dsse.c - statements in JSON under a DSSE signature (secure-systems-lab/dsse, protocol 1.0.2): keylime's runtime policies and the
 * subjects of in-toto statements (in-toto attestation framework 1.0), as SLSA provenance has them; Sigstore's bundles around one.
 */
#include "convert.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "cbor/json.h"
#include "cose/certs.h"

#define KEYLIME "application/vnd.keylime+json"
#define IN_TOTO "application/vnd.in-toto+json"

static const char *
text(cs_cli *cli, const cs_json *json, const char *name)
{
	const cs_json *member = json != NULL ? cs_json_get(json, name) : NULL;

	return member != NULL && member->kind == CS_JSON_STRING && memchr(member->text.data, 0, member->text.len) == NULL
		? cs_strndup(&cli->ctx, member->text.data, member->text.len)
		: NULL;
}

static const cs_json *
member(const cs_json *json, const char *name, cs_json_kind kind)
{
	const cs_json *found = json != NULL ? cs_json_get(json, name) : NULL;

	return found != NULL && found->kind == kind ? found : NULL;
}

/* ---- the signature ---- */

/* By the key's type, as those who write DSSE do: ECDSA over the hash of the curve's size, Ed25519, RSA-PSS over SHA-256. */
static bool
signed_by(const cs_key *key, cs_span message, cs_span signature)
{
	const unsigned char *der = key->spki.data;
	EVP_PKEY *public = d2i_PUBKEY(NULL, &der, (long) key->spki.len);
	EVP_MD_CTX *digest = EVP_MD_CTX_new();
	EVP_PKEY_CTX *how = NULL;
	int type = public != NULL ? EVP_PKEY_get_base_id(public) : 0;
	const EVP_MD *hash = type == EVP_PKEY_ED25519 ? NULL : EVP_sha256();
	bool ok = public != NULL && digest != NULL;

	if (ok && type == EVP_PKEY_EC && EVP_PKEY_get_bits(public) > 256)
		hash = EVP_PKEY_get_bits(public) > 384 ? EVP_sha512() : EVP_sha384();
	ok = ok && EVP_DigestVerifyInit(digest, &how, hash, NULL, public) == 1;
	if (ok && type == EVP_PKEY_RSA)
		ok = EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING) == 1;
	ok = ok && EVP_DigestVerify(digest, signature.data, signature.len, message.data, message.len) == 1;
	EVP_MD_CTX_free(digest);
	EVP_PKEY_free(public);
	return ok;
}

/* A certificate beside the signature (DSSE's "cert"), or that of the bundle. */
static int
signer_certificates(cs_cli *cli, const cs_json *bundle, const cs_json *signature, cs_span **certs, size_t *count)
{
	const cs_json *material = member(bundle, "verificationMaterial", CS_JSON_OBJECT);
	const cs_json *certificate = member(material, "certificate", CS_JSON_OBJECT);
	const cs_json *raw = member(certificate, "rawBytes", CS_JSON_STRING), *pem = member(signature, "cert", CS_JSON_STRING);
	cs_span bytes;

	*count = 0;
	if (pem != NULL)
		bytes = pem->text;
	else if (raw == NULL)
		return CLI_OK;
	else if (!cs_base64_text(&cli->ctx, raw->text, &bytes))
		return cli_refuse(cli, cli->files[0], "certificate");
	return cs_certs_split(&cli->ctx, bytes, certs, count) ? CLI_OK : cli_refuse(cli, cli->files[0], "certificate");
}

/* What is signed (DSSE, "Pre-Authentication Encoding"). */
static bool
pae(cs_cli *cli, cs_span type, cs_span payload, cs_span *message)
{
	cs_buf out;

	cs_buf_init(&out, &cli->ctx);
	cs_put_fmt(&out, "DSSEv1 %zu ", type.len);
	cs_put_raw(&out, type.data, type.len);
	cs_put_fmt(&out, " %zu ", payload.len);
	cs_put_raw(&out, payload.data, payload.len);
	*message = cs_buf_span(&out);
	return cs_buf_ok(&out);
}

static int
check_signature(
	cs_cli *cli, const cs_json *bundle, const cs_json *signature, cs_span message, cli_candidates *candidates, cli_signature_of *out)
{
	const cs_json *value = member(signature, "sig", CS_JSON_STRING);
	cs_span *certs, bytes;
	size_t count;
	int status;

	if (value == NULL || !cs_base64_text(&cli->ctx, value->text, &bytes))
		return cli_malformed(cli, "a signature of the envelope is none", NULL);
	status = signer_certificates(cli, bundle, signature, &certs, &count);
	if (status == CLI_OK)
		status = cli_candidates_of(cli, certs, count, candidates);
	for (size_t i = candidates->count; status == CLI_OK && i > 0; i--)
		if (signed_by(&candidates->keys[i - 1], message, bytes))
		{
			*out = (cli_signature_of) { candidates->keys[i - 1].spki, candidates->names[i - 1] };
			break;
		}
	return status;
}

/* One of the envelope's signatures must hold. */
static int
verify(cs_cli *cli, const cs_json *bundle, const cs_json *envelope, cs_span payload, cli_signature_of *out)
{
	const cs_json *type = member(envelope, "payloadType", CS_JSON_STRING), *signatures = member(envelope, "signatures", CS_JSON_ARRAY);
	cli_candidates candidates = { .count = 0 };
	cs_span message;

	if (type == NULL || signatures == NULL || signatures->count == 0)
		return cli_malformed(cli, "a DSSE envelope has a payloadType and signatures", NULL);
	if (!pae(cli, type->text, payload, &message))
		return cli_refuse(cli, cli->files[0], NULL);
	for (const cs_json *signature = signatures->first; signature != NULL && out->spki.len == 0; signature = signature->next)
	{
		int status = check_signature(cli, bundle, signature, message, &candidates, out);

		if (status != CLI_OK)
			return status;
	}
	return out->spki.len > 0 ? CLI_OK : cli_no_candidate(cli, &candidates, "DSSE signature");
}

/* ---- keylime: runtime policies (docs of keylime, "Runtime policies") ---- */

/* "sha256:<hex>", or hexadecimal digits whose length says which. */
static bool
put_prefixed(cs_cli *cli, const char *written, cs_buf *out)
{
	const char *colon = strchr(written, ':');
	char name[32] = "";

	if (colon != NULL && (size_t) (colon - written) < sizeof(name))
		memcpy(name, written, (size_t) (colon - written));
	return cli_put_digest(cli, name, colon != NULL ? colon + 1 : written, out);
}

static int
put_path(cs_cli *cli, cli_rim *rim, cs_span environment, const cs_json *path)
{
	cs_buf mkey;

	if (path->kind != CS_JSON_ARRAY)
		return cli_malformed(cli, "digests of a path are not an array", NULL);
	cs_buf_init(&mkey, &cli->ctx);
	cs_put_text(&mkey, (const char *) path->name.data, path->name.len);
	for (const cs_json *one = path->first; one != NULL; one = one->next)
	{
		const char *written = one->kind == CS_JSON_STRING ? cs_strndup(&cli->ctx, one->text.data, one->text.len) : NULL;
		cs_buf digests;

		cs_buf_init(&digests, &cli->ctx);
		cs_put_array(&digests, 1);
		if (written != NULL && put_prefixed(cli, written, &digests))
			cli_rim_put(rim, environment, cs_buf_span(&mkey), cs_buf_span(&digests));
		else
			cli_left_out(cli, rim, "%.*s: %s is no digest that CoRIM has a number for", (int) path->name.len,
				(const char *) path->name.data, written != NULL ? written : "what stands there");
	}
	return CLI_OK;
}

static int
convert_keylime(cs_cli *cli, const cs_json *policy, cli_rim *rim)
{
	static const char *const others[] = { "keyrings", "ima-buf" };
	const cs_json *digests = member(policy, "digests", CS_JSON_OBJECT), *excludes = member(policy, "excludes", CS_JSON_ARRAY);
	const cs_json *keys = member(policy, "verification-keys", CS_JSON_STRING);
	cs_span environment;
	int status = cli_rim_environment(cli, NULL, NULL, &environment);

	rim->format = "keylime runtime policy";
	if (status == CLI_OK && digests == NULL)
		return cli_malformed(cli, "a runtime policy has digests", NULL);
	for (const cs_json *path = digests != NULL ? digests->first : NULL; status == CLI_OK && path != NULL; path = path->next)
		status = put_path(cli, rim, environment, path);
	for (const cs_json *one = excludes != NULL ? excludes->first : NULL; one != NULL; one = one->next)
		cli_left_out(cli, rim, "exclude %.*s: a CoRIM has no regular expressions", (int) one->text.len, (const char *) one->text.data);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
	{
		const cs_json *other = member(policy, others[i], CS_JSON_OBJECT);

		for (const cs_json *one = other != NULL ? other->first : NULL; one != NULL; one = one->next)
			cli_left_out(cli, rim, "%s %.*s: it is no file", others[i], (int) one->name.len, (const char *) one->name.data);
	}
	if (keys != NULL && keys->text.len > 0)
		cli_left_out(cli, rim, "verification-keys: they verify files, and are no value of one");
	return status;
}

/* ---- in-toto: subjects ---- */

static int
put_subject(cs_cli *cli, cli_rim *rim, const char *builder, const cs_json *subject)
{
	const cs_json *set = member(subject, "digest", CS_JSON_OBJECT);
	const char *name = text(cli, subject, "name");
	cs_span environment;
	cs_buf digests, list;
	uint64_t count = 0;
	int status = cli_rim_environment(cli, builder, name, &environment);

	if (status != CLI_OK)
		return status;
	cs_buf_init(&digests, &cli->ctx);
	for (const cs_json *one = set != NULL ? set->first : NULL; one != NULL; one = one->next)
	{
		const char *algorithm = cs_strndup(&cli->ctx, one->name.data, one->name.len);
		const char *hex = one->kind == CS_JSON_STRING ? cs_strndup(&cli->ctx, one->text.data, one->text.len) : NULL;

		if (algorithm != NULL && algorithm[0] != '\0' && hex != NULL && cli_put_digest(cli, algorithm, hex, &digests))
			count++;
		else
			cli_left_out(
				cli, rim, "%s: digest %.*s", name != NULL ? name : "a subject", (int) one->name.len, (const char *) one->name.data);
	}
	if (count == 0)
		return CLI_OK;
	cs_buf_init(&list, &cli->ctx);
	cs_put_array(&list, count);
	cs_put_raw(&list, digests.data, digests.len);
	cli_rim_put(rim, environment, (cs_span) { NULL, 0 }, cs_buf_span(&list));
	return CLI_OK;
}

/* SLSA provenance 1.0: runDetails.builder.id; before, builder.id. */
static const char *
builder_of(cs_cli *cli, const cs_json *predicate)
{
	const cs_json *details = member(predicate, "runDetails", CS_JSON_OBJECT);

	return text(cli, member(details != NULL ? details : predicate, "builder", CS_JSON_OBJECT), "id");
}

static int
convert_in_toto(cs_cli *cli, const cs_json *statement, cli_rim *rim)
{
	const cs_json *subjects = member(statement, "subject", CS_JSON_ARRAY), *predicate = member(statement, "predicate", CS_JSON_OBJECT);
	const cs_json *validity = member(predicate, "validity", CS_JSON_OBJECT);
	const char *type = text(cli, statement, "_type"), *builder = builder_of(cli, predicate);
	const char *before = text(cli, validity, "notBefore"), *after = text(cli, validity, "notAfter");
	int status = CLI_OK;

	rim->format = "in-toto statement";
	rim->creator = builder;
	if (type == NULL || strncmp(type, "https://in-toto.io/Statement/", 29) != 0 || subjects == NULL)
		return cli_malformed(cli, "it is no in-toto statement", type);
	rim->has_not_before = before != NULL;
	rim->has_not_after = after != NULL;
	if ((before != NULL && cli_time(cli, "not-before", before, &rim->not_before) != CLI_OK) ||
		(after != NULL && cli_time(cli, "not-after", after, &rim->not_after) != CLI_OK))
		return cli_malformed(cli, "the validity of the statement is no time", NULL);
	for (const cs_json *subject = subjects->first; status == CLI_OK && subject != NULL; subject = subject->next)
		status = put_subject(cli, rim, builder, subject);
	return status;
}

/* ---- all of them ---- */

static int
convert_payload(cs_cli *cli, const char *type, const cs_json *payload, cli_rim *rim)
{
	if (strcmp(type, KEYLIME) == 0)
		return convert_keylime(cli, payload, rim);
	if (strcmp(type, IN_TOTO) == 0)
		return convert_in_toto(cli, payload, rim);
	return cli_malformed(cli, "a payload of this type has no form in a CoRIM", type);
}

/* A signature in a file of its own, over the bytes of the statement. */
static int
verify_apart(cs_cli *cli, cs_span document, cli_signature_of *out)
{
	cli_candidates candidates;
	cs_span signature;
	int status;

	if (!cli_read_file(cli, cli->signature, &signature))
		return CLI_TROUBLE;
	status = cli_candidates_of(cli, NULL, 0, &candidates);
	for (size_t i = 0; status == CLI_OK && i < candidates.count; i++)
		if (signed_by(&candidates.keys[i], document, signature))
		{
			*out = (cli_signature_of) { candidates.keys[i].spki, candidates.names[i] };
			return CLI_OK;
		}
	return status == CLI_OK ? cli_no_candidate(cli, &candidates, cli->signature) : status;
}

/* A policy or a statement that stands in no envelope. */
static int
convert_bare(cs_cli *cli, cs_span document, const cs_json *json, cli_rim *rim, cli_signature_of *signature)
{
	bool is_policy = cs_json_get(json, "digests") != NULL, is_statement = cs_json_get(json, "_type") != NULL;
	int status = CLI_OK;

	if (!is_policy && !is_statement)
		return cli_malformed(cli, "it is no document that convert reads", "neither XML nor a DSSE envelope, a policy or a statement");
	if (cli->signature != NULL)
		status = verify_apart(cli, document, signature);
	else if (!cli->unverified)
		return cli_tell_error(cli, cli->files[0], cs_code_name(CS_BAD_SIGNATURE), "nobody has signed it", NULL,
			"--signature names the file of a signature that stands apart; --unverified goes without one, and who signs the CoRIM vouches "
			"alone");
	return status == CLI_OK ? convert_payload(cli, is_policy ? KEYLIME : IN_TOTO, json, rim) : status;
}

int
cli_convert_dsse(cs_cli *cli, cs_span document, cli_rim *rim, cli_signature_of *signature)
{
	const cs_json *payload, *envelope;
	cs_json *json, *body;
	cs_span bytes;
	int status;

	if (!cs_json_parse(&cli->ctx, document, &json))
		return cli_refuse(cli, cli->files[0], "document");
	envelope = member(json, "dsseEnvelope", CS_JSON_OBJECT);
	if (envelope == NULL)
		envelope = json;
	payload = member(envelope, "payload", CS_JSON_STRING);
	if (payload == NULL)
		return convert_bare(cli, document, json, rim, signature);
	if (!cs_base64_text(&cli->ctx, payload->text, &bytes))
		return cli_refuse(cli, cli->files[0], "payload");
	status = verify(cli, json, envelope, bytes, signature);
	if (status != CLI_OK)
		return status;
	if (!cs_json_parse(&cli->ctx, bytes, &body))
		return cli_refuse(cli, cli->files[0], "payload");
	return convert_payload(cli, text(cli, envelope, "payloadType"), body, rim);
}
