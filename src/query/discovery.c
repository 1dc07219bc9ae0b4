/*
 * discovery.c - the documents of the HTTP binding besides results: discovery (draft-ietf-rats-coserv section 6.1.2), as CBOR
 * and as JSON, and concise problem details (RFC 9290).
 *
 * No member beyond the draft's own: a client in the field refuses unknown ones.
 */
#include "http.h"

#include <string.h>

#include "cbor/json.h"

#define API_NAME "CoSERVRequestResponse"
#define QUERY_VARIABLE "/{query}"

/* Text that may hold what somebody sent, cut anywhere: what is not UTF-8 becomes "?". */
static bool
put_safe_text(cs_ctx *ctx, cs_buf *out, const char *text)
{
	size_t len = strlen(text);
	char *safe;

	if (cs_utf8_valid((const uint8_t *) text, len))
	{
		cs_put_text(out, text, len);
		return true;
	}
	safe = cs_strndup(ctx, text, len);
	if (safe == NULL)
		return false;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char) safe[i] >= 0x80)
			safe[i] = '?';
	cs_put_text(out, safe, len);
	return true;
}

bool
cs_problem(cs_ctx *ctx, const char *title, const char *detail, cs_buf *out)
{
	cs_put_map(out, 2);
	cs_put_int(out, -1);
	if (!put_safe_text(ctx, out, title))
		return false;
	cs_put_int(out, -2);
	return put_safe_text(ctx, out, detail != NULL ? detail : title) && cs_buf_ok(out);
}

/* What the CDDL and the text ask of every discovery document. */
static bool
check(cs_ctx *ctx, const cs_discovery *d)
{
	const size_t suffix = sizeof(QUERY_VARIABLE) - 1;
	size_t len = strlen(d->endpoint);

	if (len < suffix || strcmp(d->endpoint + len - suffix, QUERY_VARIABLE) != 0)
		return cs_fail(ctx, CS_INVALID, "the endpoint \"%s\" does not end with \"%s\"", d->endpoint, QUERY_VARIABLE);
	if (strcspn(d->endpoint, "{}") != len - suffix + 1)
		return cs_fail(ctx, CS_INVALID, "the endpoint \"%s\" has another variable than {query}", d->endpoint);
	if (d->capability_count == 0)
		return cs_fail(ctx, CS_INVALID, "a discovery document needs a capability");
	for (size_t i = 0; i < d->capability_count; i++)
		if (!d->capabilities[i].source && !d->capabilities[i].collected && !d->capabilities[i].rims)
			return cs_fail(ctx, CS_INVALID, "the capability %s supports no artifacts", d->capabilities[i].media_type);
	return true;
}

/* The names of a capability's artifacts, in the order of the CDDL. */
static size_t
artifacts(const cs_capability *capability, const char *names[3])
{
	size_t count = 0;

	if (capability->source)
		names[count++] = "source";
	if (capability->collected)
		names[count++] = "collected";
	if (capability->rims)
		names[count++] = "rims";
	return count;
}

static void
put_capability_cbor(cs_buf *out, const cs_capability *capability)
{
	const char *names[3];
	size_t count = artifacts(capability, names);

	cs_put_map(out, 2);
	cs_put_int(out, 1);
	cs_put_cstr(out, capability->media_type);
	cs_put_int(out, 2);
	cs_put_array(out, count);
	for (size_t i = 0; i < count; i++)
		cs_put_cstr(out, names[i]);
}

bool
cs_discovery_cbor(cs_ctx *ctx, const cs_discovery *d, cs_buf *out)
{
	if (!check(ctx, d))
		return false;
	cs_put_map(out, d->key_count > 0 ? 4 : 3);
	cs_put_int(out, 1);
	cs_put_cstr(out, d->version);
	cs_put_int(out, 2);
	cs_put_array(out, d->capability_count);
	for (size_t i = 0; i < d->capability_count; i++)
		put_capability_cbor(out, &d->capabilities[i]);
	cs_put_int(out, 3);
	cs_put_map(out, 1);
	cs_put_cstr(out, API_NAME);
	cs_put_cstr(out, d->endpoint);
	if (d->key_count > 0)
	{
		cs_put_int(out, 4);
		cs_put_array(out, d->key_count); /* doc/conformance.md, decision 6: a bare array */
		cs_put_raw(out, d->keys.data, d->keys.len);
	}
	return cs_buf_ok(out);
}

static void
put_json_string(cs_buf *out, const char *text)
{
	cs_put_json_string(out, (cs_span) { (const uint8_t *) text, strlen(text) });
}

static void
put_capability_json(cs_buf *out, const cs_capability *capability)
{
	const char *names[3];
	size_t count = artifacts(capability, names);

	cs_put_str(out, "{\"media-type\":");
	put_json_string(out, capability->media_type);
	cs_put_str(out, ",\"artifact-support\":[");
	for (size_t i = 0; i < count; i++)
	{
		if (i > 0)
			cs_put_byte(out, ',');
		put_json_string(out, names[i]);
	}
	cs_put_str(out, "]}");
}

bool
cs_discovery_json(cs_ctx *ctx, const cs_discovery *d, cs_buf *out)
{
	if (!check(ctx, d))
		return false;
	cs_put_str(out, "{\"version\":");
	put_json_string(out, d->version);
	cs_put_str(out, ",\"capabilities\":[");
	for (size_t i = 0; i < d->capability_count; i++)
	{
		if (i > 0)
			cs_put_byte(out, ',');
		put_capability_json(out, &d->capabilities[i]);
	}
	cs_put_str(out, "],\"api-endpoints\":{\"" API_NAME "\":");
	put_json_string(out, d->endpoint);
	cs_put_byte(out, '}');
	if (d->key_count > 0)
	{
		cs_put_str(out, ",\"result-verification-key\":[");
		cs_put_raw(out, d->keys.data, d->keys.len);
		cs_put_byte(out, ']');
	}
	cs_put_byte(out, '}');
	return cs_buf_ok(out);
}
