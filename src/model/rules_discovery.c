/*
 * rules_discovery.c - the discovery document of a CoSERV service, in CBOR (draft-ietf-rats-coserv section 6.1.2).
 */
#include "rules.h"

#include <string.h>

#define S "draft-ietf-rats-coserv section 6.1.2"

/* ---- version: Semantic Versioning 2.0.0, whose ABNF the draft makes a MUST ---- */

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool
is_identifier(uint8_t c)
{
	return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-';
}

/* Identifiers with dots between them, from *at on; a number among them has no leading zero unless zeros says it may. */
static bool
identifiers(cs_span text, size_t *at, bool zeros)
{
	do
	{
		size_t start = *at;
		bool number = true;

		for (; *at < text.len && is_identifier(text.data[*at]); (*at)++)
			number = number && is_digit(text.data[*at]);
		if (*at == start || (number && !zeros && text.data[start] == '0' && *at - start > 1))
			return false;
	} while (*at < text.len && text.data[*at] == '.' && ++*at <= text.len);
	return true;
}

static bool
is_semver(cs_span text)
{
	size_t at = 0;

	for (int part = 0; part < 3; part++)
	{
		size_t start;

		if (part > 0 && (at == text.len || text.data[at++] != '.'))
			return false;
		for (start = at; at < text.len && is_digit(text.data[at]);)
			at++;
		if (at == start || (text.data[start] == '0' && at - start > 1))
			return false;
	}
	if (at < text.len && text.data[at] == '-' && (at++, !identifiers(text, &at, false)))
		return false;
	if (at < text.len && text.data[at] == '+' && (at++, !identifiers(text, &at, true)))
		return false;
	return at == text.len;
}

static bool
check_semver(cs_ctx *ctx, const cs_item *item)
{
	cs_span text;

	if (!cs_string(ctx, item, &text))
		return false;
	return is_semver(text) || cs_fail(ctx, CS_INVALID, "version is not a semantic version (semver 2.0.0)");
}

static TEXT(version, "version", S, .check = check_semver);

/* ---- capabilities ---- */

static const char *const artifact_supports[] = { "source", "collected", "rims" };

static bool
check_artifact_support(cs_ctx *ctx, const cs_item *item)
{
	for (size_t i = 0; i < CS_LENGTH(artifact_supports); i++)
		if (cs_text_is(item, artifact_supports[i]))
			return true;
	return cs_fail(ctx, CS_INVALID, "artifact support is \"source\", \"collected\" or \"rims\"");
}

/* The CDDL fixes an order; the text calls it a set, and services in the field use the other order. */
static bool
check_no_repetition(cs_ctx *ctx, const cs_item *item)
{
	unsigned seen = 0;
	cs_iter it = cs_iterate(item);
	cs_item child;

	while (cs_next(&it, &child))
		for (size_t i = 0; i < CS_LENGTH(artifact_supports); i++)
			if (cs_text_is(&child, artifact_supports[i]))
			{
				if (seen & (1U << i))
					return cs_fail(ctx, CS_INVALID, "\"%s\" is there twice", artifact_supports[i]);
				seen |= 1U << i;
			}
	return true;
}

static TEXT(artifact_support_text, "artifact-support", S, .check = check_artifact_support);
static LIST(artifact_support, "artifact-support", S, 1, artifact_support_text, .check = check_no_repetition);

static const cs_field capability_fields[] = {
	FIELD(1, "media-type", cs_rule_media_type),
	FIELD(2, "artifact-support", artifact_support),
};
static STRUCT(capability, "capability", S, capability_fields);
static LIST(capabilities, "capabilities", S, 1, capability);

/* ---- api-endpoints ---- */

static bool
check_endpoints(cs_ctx *ctx, const cs_item *item)
{
	static const char end[] = "/{query}";
	const size_t end_len = sizeof(end) - 1;
	cs_item path;
	cs_span text;

	if (!cs_map_get_text(item, "CoSERVRequestResponse", &path))
		return true;
	if (!cs_string(ctx, &path, &text))
		return false;
	if (text.len < end_len || memcmp(text.data + text.len - end_len, end, end_len) != 0)
		return cs_fail(ctx, CS_INVALID, "the path of CoSERVRequestResponse must end in /{query}");
	if (memchr(text.data, '{', text.len - end_len) || memchr(text.data, '}', text.len - end_len))
		return cs_fail(ctx, CS_INVALID, "the path of CoSERVRequestResponse has a variable beside {query}");
	return true;
}

static TABLE(api_endpoints, "api-endpoints", S, 1, cs_rule_text, cs_rule_text, .check = check_endpoints);

/* A COSE_KeySet is an array of keys, nothing around it (doc/conformance.md, decision 6). */
static LIST(cose_key_set, "COSE_KeySet", "RFC 9052 section 7", 1, cs_rule_cose_key);

static const cs_field discovery_fields[] = {
	FIELD(1, "version", version),
	FIELD(2, "capabilities", capabilities),
	FIELD(3, "api-endpoints", api_endpoints),
	OPT(4, "result-verification-key", cose_key_set),
};
STRUCT(cs_rule_discovery, "coserv-well-known-info", S, discovery_fields);

const cs_rule *const cs_rules_discovery[] = { &cs_rule_discovery, &capability, &cose_key_set, NULL };
