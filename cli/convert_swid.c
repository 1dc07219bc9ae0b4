/*
 * convert_swid.c - RIMs of the TCG (TCG Reference Integrity Manifest Information Model; ISO/IEC 19770-2 SWID tags in XML): NVIDIA's, whose
 * payload is measurements, and those of PC clients, whose payload names an event log. Their signature is an enveloped one (XML Signature
 * Syntax and Processing) over the whole document: nothing that is read lies outside of what was signed.
 */
#include "convert.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <openssl/x509.h>
#include <xmlsec/crypto.h>
#include <xmlsec/errors.h>
#include <xmlsec/keys.h>
#include <xmlsec/openssl/evp.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlsec.h>

#include "cose/certs.h"
#include "evidence/evidence.h"

#define SWID "http://standards.iso.org/iso/19770/-2/2015/schema.xsd"
#define DSIG "http://www.w3.org/2000/09/xmldsig#"
#define MAX_CERTIFICATES 16
/* SPDM numbers its measurement blocks from 1 (DMTF DSP0274 section 10.11), NVIDIA's RIMs theirs from 0. */
#define SPDM_BLOCK(index) ((index) + 1)
#define MAX_INDEX 239
#define MVAL_INTEGRITY_REGISTERS 14

static bool
is(const xmlNode *node, const char *space, const char *name)
{
	return node->type == XML_ELEMENT_NODE && xmlStrcmp(node->name, (const xmlChar *) name) == 0 && node->ns != NULL &&
		xmlStrcmp(node->ns->href, (const xmlChar *) space) == 0;
}

static xmlNode *
child(const xmlNode *parent, const char *space, const char *name)
{
	for (xmlNode *node = parent->children; node != NULL; node = node->next)
		if (is(node, space, name))
			return node;
	return NULL;
}

/* The first below node in the order of the document, node itself left out; the whole tree is walked without recursion. */
static xmlNode *
following(const xmlNode *top, xmlNode *node)
{
	if (node->children != NULL && node->type == XML_ELEMENT_NODE)
		return node->children;
	while (node != top && node->next == NULL)
		node = node->parent;
	return node == top ? NULL : node->next;
}

static const char *
kept(cs_cli *cli, xmlChar *text)
{
	const char *copy = text != NULL ? cs_strndup(&cli->ctx, text, strlen((const char *) text)) : NULL;

	xmlFree(text);
	return copy;
}

/* An attribute by its name, in whatever namespace: vendors agree on the names alone. NULL when absent. */
static const char *
attribute(cs_cli *cli, const xmlNode *node, const char *name)
{
	for (const xmlAttr *at = node->properties; at != NULL; at = at->next)
		if (xmlStrcasecmp(at->name, (const xmlChar *) name) == 0)
			return kept(cli, xmlNodeListGetString(node->doc, at->children, 1));
	return NULL;
}

static const char *
any_attribute(cs_cli *cli, const xmlNode *node, const char *const *names)
{
	const char *value = NULL;

	for (; value == NULL && *names != NULL; names++)
		value = attribute(cli, node, *names);
	return value;
}

/* ---- the signature ---- */

/* That of the document: one, beside what it signs. */
static xmlNode *
find_signature(xmlNode *root)
{
	xmlNode *found = NULL;

	for (xmlNode *node = root; node != NULL; node = following(root, node))
		if (is(node, DSIG, "Signature"))
		{
			if (found != NULL || node->parent != root)
				return NULL;
			found = node;
		}
	return found;
}

static int
signer_certificates(cs_cli *cli, xmlNode *signature, cs_span *certs, size_t *count)
{
	xmlNode *info = child(signature, DSIG, "KeyInfo");

	*count = 0;
	for (xmlNode *node = info; node != NULL; node = following(info, node))
		if (is(node, DSIG, "X509Certificate"))
		{
			const char *text = kept(cli, xmlNodeGetContent(node));

			if (*count == MAX_CERTIFICATES)
				return cli_malformed(cli, "more certificates than a signer has", NULL);
			if (text == NULL || !cs_base64_text(&cli->ctx, (cs_span) { (const uint8_t *) text, strlen(text) }, &certs[(*count)++]))
				return cli_refuse(cli, cli->files[0], "certificate");
		}
	return CLI_OK;
}

/* What may stand in a signature: the whole document but the signature itself, canonical, under hashes that still hold. */
static bool
limit(xmlSecDSigCtxPtr dsig)
{
	const xmlSecTransformId both[] = { xmlSecTransformInclC14NId, xmlSecTransformInclC14N11Id, xmlSecTransformExclC14NId };
	const xmlSecTransformId references[] = { xmlSecTransformEnvelopedId, xmlSecTransformSha256Id, xmlSecTransformSha384Id,
		xmlSecTransformSha512Id };
	const xmlSecTransformId signatures[] = { xmlSecTransformEcdsaSha256Id, xmlSecTransformEcdsaSha384Id, xmlSecTransformEcdsaSha512Id,
		xmlSecTransformRsaSha256Id, xmlSecTransformRsaSha384Id, xmlSecTransformRsaSha512Id };
	bool ok = true;

	dsig->enabledReferenceUris = xmlSecTransformUriTypeEmpty;
	for (size_t i = 0; i < sizeof(both) / sizeof(both[0]); i++)
		ok = ok && xmlSecDSigCtxEnableReferenceTransform(dsig, both[i]) == 0 && xmlSecDSigCtxEnableSignatureTransform(dsig, both[i]) == 0;
	for (size_t i = 0; i < sizeof(references) / sizeof(references[0]); i++)
		ok = ok && xmlSecDSigCtxEnableReferenceTransform(dsig, references[i]) == 0;
	for (size_t i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++)
		ok = ok && xmlSecDSigCtxEnableSignatureTransform(dsig, signatures[i]) == 0;
	return ok;
}

/* One Reference, and it is "", the whole document: xmlsec takes any number, and each might be another part. */
static bool
signs_the_whole(const xmlNode *signature)
{
	const xmlNode *info = child(signature, DSIG, "SignedInfo");
	size_t references = 0, enveloped = 0;

	for (xmlNode *node = info != NULL ? info->children : NULL; node != NULL; node = node->next)
		if (is(node, DSIG, "Reference"))
		{
			xmlChar *uri = xmlGetNoNsProp(node, (const xmlChar *) "URI");

			references++;
			enveloped += uri != NULL && uri[0] == '\0';
			xmlFree(uri);
		}
	return references == 1 && enveloped == 1;
}

static bool
signed_by(xmlNode *signature, const cs_key *key)
{
	const unsigned char *der = key->spki.data;
	EVP_PKEY *public = d2i_PUBKEY(NULL, &der, (long) key->spki.len);
	xmlSecDSigCtxPtr dsig = xmlSecDSigCtxCreate(NULL);
	xmlSecKeyDataPtr data = public != NULL ? xmlSecOpenSSLEvpKeyAdopt(public) : NULL;
	xmlSecKeyPtr wrapped = xmlSecKeyCreate();
	bool ok = dsig != NULL && data != NULL && wrapped != NULL && limit(dsig);

	if (data == NULL)
		EVP_PKEY_free(public);
	if (ok && xmlSecKeySetValue(wrapped, data) == 0)
	{
		dsig->signKey = wrapped;
		ok = xmlSecDSigCtxVerify(dsig, signature) == 0 && dsig->status == xmlSecDSigStatusSucceeded;
	}
	else
	{
		ok = false;
		if (wrapped != NULL)
			xmlSecKeyDestroy(wrapped);
	}
	if (dsig != NULL)
		xmlSecDSigCtxDestroy(dsig);
	return ok;
}

static int
verify(cs_cli *cli, xmlNode *root, cli_signature_of *signer)
{
	xmlNode *signature = find_signature(root);
	cs_span certs[MAX_CERTIFICATES];
	cli_candidates candidates;
	size_t count;
	int status;

	if (signature == NULL || !signs_the_whole(signature))
		return cli_malformed(cli, "it is not one document with one signature over the whole of it",
			signature == NULL ? "none in the outermost element, or several" : "a reference to a part, or several");
	status = signer_certificates(cli, signature, certs, &count);
	if (status == CLI_OK)
		status = cli_candidates_of(cli, certs, count, &candidates);
	for (size_t i = candidates.count; status == CLI_OK && i > 0; i--)
		if (signed_by(signature, &candidates.keys[i - 1]))
		{
			*signer = (cli_signature_of) { candidates.keys[i - 1].spki, candidates.names[i - 1] };
			return CLI_OK;
		}
	return status == CLI_OK ? cli_no_candidate(cli, &candidates, "XML signature") : status;
}

/* ---- NVIDIA: Resource type="Measurement" ---- */

static int
put_measurement(cs_cli *cli, cli_rim *rim, cs_span environment, const xmlNode *resource, bool seen[MAX_INDEX + 1])
{
	const char *index_text = attribute(cli, resource, "index");
	const char *active = attribute(cli, resource, "active");
	const char *alternatives = attribute(cli, resource, "alternatives");
	char *end = NULL;
	unsigned long index = index_text != NULL ? strtoul(index_text, &end, 10) : 0;
	unsigned long count = alternatives != NULL ? strtoul(alternatives, NULL, 10) : 1;
	cs_buf mkey;

	if (index_text == NULL || end == index_text || *end != '\0' || index > MAX_INDEX || seen[index])
		return cli_malformed(cli, "a measurement without an index of its own", index_text);
	seen[index] = true;
	if (active != NULL && strcasecmp(active, "true") != 0)
	{
		cli_left_out(cli, rim, "index %lu: not active", index);
		return CLI_OK;
	}
	cs_buf_init(&mkey, &cli->ctx);
	cs_put_uint(&mkey, SPDM_BLOCK(index));
	if (count == 0 || count > 1000)
		return cli_malformed(cli, "a measurement without alternatives, or with more than 1000", alternatives);
	for (unsigned long i = 0; i < count; i++)
	{
		char name[32];
		const char *hash;
		cs_buf digests;

		snprintf(name, sizeof(name), "Hash%lu", i);
		hash = attribute(cli, resource, name);
		cs_buf_init(&digests, &cli->ctx);
		cs_put_array(&digests, 1);
		if (hash == NULL || !cli_put_digest(cli, "", hash, &digests))
			return cli_malformed(cli, "a measurement lacks one of its hashes", name);
		cli_rim_put(rim, environment, cs_buf_span(&mkey), cs_buf_span(&digests));
	}
	return CLI_OK;
}

static int
put_measurements(cs_cli *cli, cli_rim *rim, cs_span environment, xmlNode *payload)
{
	bool seen[MAX_INDEX + 1] = { false };
	int status = CLI_OK;

	for (xmlNode *node = payload->children; status == CLI_OK && node != NULL; node = node->next)
		if (is(node, SWID, "Resource"))
		{
			const char *type = attribute(cli, node, "type");

			if (type != NULL && strcmp(type, "Measurement") == 0)
				status = put_measurement(cli, rim, environment, node, seen);
			else
				cli_left_out(cli, rim, "a Resource of type %s", type != NULL ? type : "none");
		}
	return status;
}

/* ---- PC clients: the event log that the payload names by its digest ---- */

/* Is the log that was handed in one of the files of the payload? */
static bool
names_log(cs_cli *cli, xmlNode *payload, const uint8_t digest[32])
{
	for (xmlNode *node = payload; node != NULL; node = following(payload, node))
		if (is(node, SWID, "File"))
		{
			const char *hash = attribute(cli, node, "hash");
			cs_span bytes;

			if (hash != NULL && cli_hex(cli, hash, &bytes) && cs_span_eq(bytes, (cs_span) { digest, 32 }))
				return true;
		}
	return false;
}

/* PCRs that the firmware alone decides (TCG PC Client Platform Firmware Profile, section 2.3.4): what the others hold is of one machine. */
static bool
is_of_firmware(uint64_t pcr)
{
	return pcr == 0 || pcr == 2 || pcr == 3;
}

/* Registers of the ECT that a log makes, each as tpm-quote has it: mkey PCR, digests of its banks. */
static int
put_registers(cs_cli *cli, cli_rim *rim, cs_span environment, const cs_evidence_ect *ect)
{
	for (size_t i = 0; i < ect->element_count; i++)
	{
		cs_item mval = cs_item_at(ect->elements[i].mval.data, ect->elements[i].mval.len);
		cs_item registers, key, value;
		cs_iter each;
		uint64_t pcr;

		if (!cs_map_get(&mval, MVAL_INTEGRITY_REGISTERS, &registers))
			continue;
		each = cs_iterate(&registers);
		while (cs_next_pair(&each, &key, &value))
			if (cs_uint64(&key, &pcr) && is_of_firmware(pcr))
				cli_rim_put(rim, environment, cs_item_span(&key), cs_item_span(&value));
			else
				cli_left_out(cli, rim, "PCR %llu: it is of one machine", (unsigned long long) pcr);
	}
	return CLI_OK;
}

static int
put_log(cs_cli *cli, cli_rim *rim, cs_span environment, xmlNode *payload)
{
	cs_evidence_given given = { .unverified = true, .environment = environment, .at = cli_now() };
	cs_evidence evidence;
	uint8_t digest[32];
	int status = CLI_OK;

	if (cli->event_log == NULL)
		return cli_usage("what this RIM refers to is in a file beside it, the support RIM: --event-log FILE");
	if (!cli_read_file(cli, cli->event_log, &given.evidence))
		return CLI_TROUBLE;
	if (!cs_sha256(&cli->ctx, given.evidence, digest))
		return cli_refuse(cli, cli->event_log, NULL);
	if (!names_log(cli, payload, digest))
		return cli_malformed(cli, "the RIM names no file with the SHA-256 digest of --event-log", cli->event_log);
	if (!cs_evidence_read(&cli->ctx, "tcg-event-log", &given, &evidence))
		return cli_refuse(cli, cli->event_log, "event log");
	for (size_t i = 0; status == CLI_OK && i < evidence.count; i++)
		status = put_registers(cli, rim, environment, evidence.ects[i]);
	return status;
}

/* ---- both ---- */

static int
read_rim(cs_cli *cli, xmlNode *root, cli_rim *rim)
{
	static const char *const vendors[] = { "platformManufacturerStr", "firmwareManufacturer", NULL };
	static const char *const models[] = { "platformModel", "product", NULL };
	xmlNode *payload = child(root, SWID, "Payload"), *meta = child(root, SWID, "Meta"), *entity = child(root, SWID, "Entity");
	const char *version = attribute(cli, root, "tagVersion");
	const char *vendor = meta != NULL ? any_attribute(cli, meta, vendors) : NULL;
	cs_span environment;
	int status;

	rim->format = "TCG RIM";
	rim->id = attribute(cli, root, "tagId");
	rim->version = version != NULL ? strtoull(version, NULL, 10) : 0;
	rim->creator = entity != NULL ? attribute(cli, entity, "name") : NULL;
	if (rim->id == NULL || payload == NULL)
		return cli_malformed(cli, "a SWID tag of a RIM has a tagId and a Payload", NULL);
	/* The Evidence of NVIDIA's devices names the vendor so (doc/evidence.md, "nvidia"). */
	if (vendor != NULL && strcmp(vendor, "NVIDIA Corporation") == 0)
		vendor = "NVIDIA";
	status = cli_rim_environment(cli, vendor, meta != NULL ? any_attribute(cli, meta, models) : NULL, &environment);
	if (status != CLI_OK)
		return status;
	return child(payload, SWID, "Resource") != NULL ? put_measurements(cli, rim, environment, payload)
													: put_log(cli, rim, environment, payload);
}

static int
convert(cs_cli *cli, xmlDoc *doc, cli_rim *rim, cli_signature_of *signature)
{
	xmlNode *root = xmlDocGetRootElement(doc);
	int status;

	if (doc->intSubset != NULL)
		return cli_malformed(cli, "a RIM has no document type of its own", NULL);
	if (root == NULL || !is(root, SWID, "SoftwareIdentity"))
		return cli_malformed(cli, "it is no SWID tag", root != NULL ? (const char *) root->name : NULL);
	status = verify(cli, root, signature);
	return status == CLI_OK ? read_rim(cli, root, rim) : status;
}

static void
silent(void *context, const char *format, ...)
{
	(void) context;
	(void) format;
}

int
cli_convert_swid(cs_cli *cli, cs_span document, cli_rim *rim, cli_signature_of *signature)
{
	xmlDoc *doc;
	int status;

	if (document.len > cli->ctx.limits.max_size)
		return cli_malformed(cli, "it is larger than a document may be", NULL);
	xmlInitParser();
	xmlSetGenericErrorFunc(NULL, silent);
	if (xmlSecInit() != 0 || xmlSecOpenSSLInit() != 0)
		return cli_trouble("libxmlsec1 does not start");
	xmlSecErrorsDefaultCallbackEnableOutput(0);
	/* no network, no external entity, none expanded; the limits of libxml2 hold */
	doc = xmlReadMemory(
		(const char *) document.data, (int) document.len, NULL, NULL, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	status = doc != NULL ? convert(cli, doc, rim, signature) : cli_malformed(cli, "it is no well-formed XML", NULL);
	xmlFreeDoc(doc);
	xmlSecOpenSSLShutdown();
	xmlSecShutdown();
	xmlCleanupParser();
	return status;
}
