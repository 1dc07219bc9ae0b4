/*
 * signing.c - the protected header of a signed CoRIM, and its payload (signing.h).
 */
#include "signing.h"

#include <string.h>

#include "json/json.h"
#include "seems.h"

#define RIM_CONTENT "application/rim+cbor"

/* ---- what is signed ---- */

bool
cs_signing_read(cs_ctx *ctx, cs_span written, cs_span *document)
{
	cs_buf bytes;

	*document = written;
	if (!cs_looks_like_json(written))
		return true;
	cs_buf_init(&bytes, ctx);
	if (!cs_json_read(ctx, &cs_rule_corim_document, written, &bytes) || !cs_buf_ok(&bytes))
	{
		ctx->error.has_offset = false;
		return false;
	}
	*document = cs_buf_span(&bytes);
	return true;
}

bool
cs_signing_payload(cs_ctx *ctx, cs_span document, const cs_signing *signing, cs_span *payload)
{
	cs_verified opened;
	cs_buf buf;

	if (!cs_open_document(ctx, document, true, &opened))
		return false;
	if (opened.envelope.envelope != CS_ENV_UNSIGNED)
		return cs_fail(ctx, CS_INVALID, "it is signed already");
	cs_buf_init(&buf, ctx);
	cs_put_tag(&buf, CS_TAG_UNSIGNED_CORIM_MAP);
	cs_put_item(&buf, &opened.envelope.corim);
	if (!cs_buf_ok(&buf))
		return false;
	*payload = cs_buf_span(&buf);
	if ((signing->detached || signing->hash_envelope) && !cs_span_eq(*payload, document))
		return cs_fail(ctx, CS_INVALID, "what is signed apart from its signature has to be 501(corim-map)");
	return true;
}

/* ---- the header ---- */

/* Pairs are counted as they are put. */
typedef struct cs_header
{
	cs_buf pairs;
	uint64_t count;
} cs_header;

static cs_buf *
put_label(cs_header *header, int64_t label)
{
	header->count++;
	cs_put_int(&header->pairs, label);
	return &header->pairs;
}

static void
put_text(cs_buf *buf, cs_span text)
{
	cs_put_text(buf, (const char *) text.data, text.len);
}

/* iss, and exp and nbf where they are given (section 4.2.2) */
static void
put_cwt_claims(cs_header *header, const cs_signing *signing)
{
	const cs_validity *validity = &signing->validity;
	cs_buf *buf = put_label(header, CS_HEADER_CWT_CLAIMS);

	cs_put_map(buf, 1 + validity->has_not_before + validity->has_not_after);
	cs_put_int(buf, 1);
	put_text(buf, signing->signer_name);
	if (validity->has_not_after)
	{
		cs_put_int(buf, 4);
		cs_put_int(buf, validity->not_after);
	}
	if (validity->has_not_before)
	{
		cs_put_int(buf, 5);
		cs_put_int(buf, validity->not_before);
	}
}

static void
put_time(cs_buf *buf, int64_t key, int64_t seconds)
{
	cs_put_int(buf, key);
	cs_put_tag(buf, CS_TAG_EPOCH_TIME);
	cs_put_int(buf, seconds);
}

/* corim-meta-map: signer and signature-validity, whose not-after must be there (section 4.2.3) */
static bool
put_corim_meta(cs_ctx *ctx, cs_header *header, const cs_signing *signing)
{
	const cs_validity *validity = &signing->validity;
	bool has_uri = signing->signer_uri.data != NULL;
	cs_buf meta;

	if (!validity->has_not_after && validity->has_not_before)
		return cs_fail(ctx, CS_INVALID, "corim-meta with not_before needs not_after");
	cs_buf_init(&meta, ctx);
	cs_put_map(&meta, 1 + validity->has_not_after);
	cs_put_int(&meta, 0);
	cs_put_map(&meta, 1 + has_uri);
	cs_put_int(&meta, 0);
	put_text(&meta, signing->signer_name);
	if (has_uri)
	{
		cs_put_int(&meta, 1);
		cs_put_tag(&meta, CS_TAG_URI);
		put_text(&meta, signing->signer_uri);
	}
	if (validity->has_not_after)
	{
		cs_put_int(&meta, 1);
		cs_put_map(&meta, 1 + validity->has_not_before);
		if (validity->has_not_before)
			put_time(&meta, 0, validity->not_before);
		put_time(&meta, 1, validity->not_after);
	}
	if (!cs_buf_ok(&meta))
		return false;
	cs_put_bytes(put_label(header, CS_HEADER_CORIM_META), meta.data, meta.len);
	return true;
}

static bool
put_signer(cs_ctx *ctx, cs_header *header, const cs_signing *signing)
{
	/* Known readers want one or the other, so both are written where corim-meta can say it: its validity has an end (section 4.2.3). */
	bool has_no_end = signing->validity.has_not_before && !signing->validity.has_not_after;
	const char *metadata = signing->metadata != NULL ? signing->metadata : has_no_end ? "cwt-claims" : "both";
	bool both = strcmp(metadata, "both") == 0;
	bool meta = both || strcmp(metadata, "corim-meta") == 0;
	bool claims = both || strcmp(metadata, "cwt-claims") == 0;

	if (!meta && !claims)
	{
		cs_fail(ctx, CS_INVALID, "unknown metadata \"%s\"", metadata);
		return cs_fail_hint(ctx, "It is cwt-claims, corim-meta or both.");
	}
	if (!meta && signing->signer_uri.data != NULL)
	{
		cs_fail(ctx, CS_INVALID, "signer_uri has no place in CWT claims");
		return cs_fail_hint(ctx, "Choose metadata corim-meta or both.");
	}
	if (meta && !put_corim_meta(ctx, header, signing))
		return false;
	if (claims)
		put_cwt_claims(header, signing);
	return true;
}

static void
put_x5chain(cs_header *header, const cs_signing *signing)
{
	cs_buf *buf = put_label(header, CS_HEADER_X5CHAIN);

	if (signing->x5chain_count > 1)
		cs_put_array(buf, signing->x5chain_count);
	for (size_t i = 0; i < signing->x5chain_count; i++)
		cs_put_bytes(buf, signing->x5chain[i].data, signing->x5chain[i].len);
}

/* payload_hash_alg and payload_preimage_content_type (RFC 9995 section 2) instead of content-type; the payload is the digest. */
static bool
put_hash_envelope(cs_ctx *ctx, cs_header *header, cs_span *payload)
{
	uint8_t *digest = cs_alloc(ctx, 32, 1);

	cs_put_int(put_label(header, CS_HEADER_PAYLOAD_HASH_ALG), -16);
	cs_put_cstr(put_label(header, CS_HEADER_PREIMAGE_CONTENT_TYPE), RIM_CONTENT);
	if (digest == NULL || !cs_sha256(ctx, *payload, digest))
		return false;
	*payload = (cs_span) { digest, 32 };
	return true;
}

bool
cs_signing_header(cs_ctx *ctx, const cs_signing *signing, cs_span *payload, cs_buf *out)
{
	cs_header header = { .count = 0 };

	if (signing->signer_name.data == NULL)
		return cs_fail(ctx, CS_INVALID, "a signed CoRIM needs a signer name");
	cs_buf_init(&header.pairs, ctx);
	if (!signing->hash_envelope)
		cs_put_cstr(put_label(&header, CS_HEADER_CONTENT_TYPE), RIM_CONTENT);
	else if (!put_hash_envelope(ctx, &header, payload))
		return false;
	if (signing->has_kid)
		cs_put_bytes(put_label(&header, CS_HEADER_KID), signing->kid.data, signing->kid.len);
	if (!put_signer(ctx, &header, signing))
		return false;
	if (signing->x5chain_count > 0)
		put_x5chain(&header, signing);
	if (!cs_buf_ok(&header.pairs))
		return false;
	cs_put_map(out, header.count);
	cs_put_raw(out, header.pairs.data, header.pairs.len);
	return cs_buf_ok(out);
}
