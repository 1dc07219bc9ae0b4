/*
 * inspect_signed.c - what an inspection sees of signatures: every fault of COSE headers, by the parser that load() has; what is notable of
 * them; and whether load() would take the document, which is the last word where nothing else was told.
 */
#include "inspect_parts.h"

#include <string.h>

#define CORIM "draft-ietf-rats-corim section "
#define COSE_HEADERS "RFC 9052 section 3"

/* No algorithm for COSE signs in less. */
#define SHORTEST_SIGNATURE 64

/* ---- faults ---- */

/* The tables have told of it in their words where they know of it. */
static bool
has_error_at(const cs_inspector *in, const cs_error *error)
{
	for (size_t i = 0; i < in->out->count; i++)
	{
		const cs_finding *finding = &in->out->findings[i];

		if (finding->severity == CS_SEVERITY_ERROR && finding->has_offset == error->has_offset &&
			(error->has_offset ? finding->offset == error->offset : strcmp(finding->message, error->message) == 0))
			return true;
	}
	return false;
}

static bool
tell(cs_inspector *in, const char *section)
{
	if (in->ctx->error.code == CS_NO_MEMORY)
		return !(in->no_memory = true);
	return has_error_at(in, &in->ctx->error) || cs_inspect_add_error(in, section);
}

static void
tell_fault(cs_ctx *ctx, void *data)
{
	(void) ctx;
	(void) tell(data, COSE_HEADERS);
}

/* ---- what is notable ---- */

static cs_place
place_of(const char *path, const cs_item *item, const char *section)
{
	return (cs_place) { path, item->p, path, section, NULL };
}

static bool
has_any(const cs_sign1 *sign1)
{
	static const int64_t labels[] = { CS_HEADER_KID, CS_HEADER_X5BAG, CS_HEADER_X5CHAIN, CS_HEADER_X5T };
	cs_item value;

	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
		if (cs_sign1_header(sign1, labels[i], &value))
			return true;
	return false;
}

static const char *
name_of(const cs_sign1 *sign1)
{
	return sign1->kind == CS_COSE_SIGN1 ? "COSE_Sign1" : "COSE_Signature";
}

static bool
note_algorithm(cs_inspector *in, const cs_sign1 *sign1)
{
	const cs_algorithm *algorithm = sign1->has_alg ? cs_algorithm_by_id(sign1->alg) : NULL;
	cs_place place = place_of(name_of(sign1), &sign1->protected_item, "RFC 8812 section 2");

	if (algorithm && algorithm->scheme == CS_PKCS1)
		return cs_inspect_add(in, CS_SEVERITY_LEGACY, &place, "%s is refused while coserv.accept_rs is off", algorithm->name);
	place.section = "RFC 9052 section 3.1";
	return sign1->has_alg || sign1->kind != CS_COSE_SIGNATURE ||
		cs_inspect_add(in, CS_SEVERITY_LEGACY, &place, "legacy form \"signature-without-alg\"");
}

/* Who signed it, and whether that can be a signature. */
static bool
note_signature(cs_inspector *in, const cs_sign1 *sign1)
{
	cs_place place = place_of(name_of(sign1), &sign1->protected_item, CORIM "4.2");

	if (!has_any(sign1) &&
		!cs_inspect_add(in, CS_SEVERITY_NOTE, &place, "neither kid (4) nor a certificate (32 to 34) says whose key verifies the signature"))
		return false;
	if (!note_algorithm(in, sign1))
		return false;
	if (sign1->signature.data == NULL || sign1->signature.len >= SHORTEST_SIGNATURE)
		return true;
	place.p = sign1->signature.data;
	return cs_inspect_add(in, CS_SEVERITY_WARNING, &place, "a signature of %zu byte%s cannot verify", sign1->signature.len,
		sign1->signature.len == 1 ? "" : "s");
}

static bool
note_payload(cs_inspector *in, const cs_verified *document)
{
	const cs_sign1 *sign1 = &document->sign1;
	cs_place place = place_of(sign1->kind == CS_COSE_SIGN ? "COSE_Sign" : "COSE_Sign1", &document->envelope.cose, CORIM "4.2");
	cs_item payload;

	if (cs_is_collection(document))
		return cs_inspect_add(in, CS_SEVERITY_NOTE, &place, "the document is a collection of CoRIMs: load_collection() loads them");
	if (!cs_wants_payload(document) || !cs_array_get(&document->envelope.cose, 2, &payload))
		return true;
	place.p = payload.p;
	if (sign1->detached && !cs_inspect_add(in, CS_SEVERITY_NOTE, &place, "the payload is detached: what it says was not looked at"))
		return false;
	return sign1->detached ||
		cs_inspect_add(in, CS_SEVERITY_NOTE, &place, "the payload is a digest of the document: what that says was not looked at");
}

static bool
check_signature_validity(cs_inspector *in, const cs_verified *document)
{
	const cs_validity *validity = &document->signer.validity;
	cs_place place = place_of("COSE_Sign1", &document->sign1.protected_item, CORIM "4.2.1");

	if (validity->has_not_after && validity->not_after <= in->now)
		return cs_inspect_add_time(in, CS_SEVERITY_ERROR, &place, "the signature expired on", validity->not_after);
	if (validity->has_not_before && validity->not_before > in->now)
		return cs_inspect_add_time(in, CS_SEVERITY_ERROR, &place, "the signature is not valid before", validity->not_before);
	return true;
}

/* ---- envelopes ---- */

static bool
note_signatures(cs_inspector *in, const cs_verified *document)
{
	if (document->envelope.envelope == CS_ENV_SIGN1)
		return note_signature(in, &document->sign1);
	for (size_t i = 0; i < document->signature_count; i++)
		if (!note_signature(in, &document->signatures[i]))
			return false;
	return true;
}

bool
cs_inspect_envelope(cs_inspector *in, const cs_verified *document, bool opened)
{
	cs_cose_reader how = { .fault = tell_fault, .data = in };
	cs_verified again;

	/* past the first fault, where there is one: then more can be noted too */
	if (!opened && !cs_open_envelope(in->ctx, in->document, true, &how, &again) && !tell(in, CORIM "4.2"))
		return false;
	if (!opened)
		document = &again;
	/* of a structure that could not be read there is nothing to note */
	if (document->envelope.envelope == CS_ENV_UNSIGNED || document->sign1.protected_item.p == NULL || document->sign1.unprotected.p == NULL)
		return !in->full && !in->no_memory;
	return note_signatures(in, document) && note_payload(in, document) && check_signature_validity(in, document);
}

bool
cs_inspect_sign1(cs_inspector *in, const cs_item *item)
{
	cs_cose_reader how = { .origin = in->document.data, .fault = tell_fault, .data = in };
	cs_sign1 sign1;

	(void) (cs_sign1_read(in->ctx, item, &how, &sign1) && note_signature(in, &sign1));
	return !in->full && !in->no_memory;
}

bool
cs_inspect_collection(cs_inspector *in, const cs_verified *document)
{
	cs_span payload = document->sign1.payload;
	cs_item members;

	if (document->sign1.detached || !cs_check(in->ctx, payload.data, payload.len))
		return true;
	members = cs_item_at(payload.data, payload.len);
	return cs_inspect_walk(in, cs_rule_by_name("corim-cbor-collection"), &members) && !in->full;
}

/* ---- the last word ---- */

/* Of a document that holds its content. */
static bool
loads(cs_inspector *in, cs_verified *document)
{
	cs_item members;

	if (cs_is_collection(document))
		return cs_collection_open(in->ctx, document, &members) && cs_require_valid(in->ctx, document, in->now);
	if (cs_wants_payload(document))
		return true;
	return cs_open_document(in->ctx, in->document, true, document) && cs_require_valid(in->ctx, document, in->now);
}

bool
cs_inspect_verdict(cs_inspector *in, cs_verified *document, bool opened)
{
	if (!opened || in->errors > 0 || loads(in, document))
		return !in->full && !in->no_memory;
	return tell(in, NULL);
}
