/*
 * document_rule.c - which rule an unknown document should be read by: what its author will have meant it to be, so that what is wrong
 * with it can be told.
 */
#include "model/corim.h"
#include "inspect.h"
#include "model/rules.h"

#include <string.h>

/* Content formats as tags (RFC 9277). */
#define FIRST_CMW_TAG UINT64_C(1668546817)
#define LAST_CMW_TAG UINT64_C(1668612095)

static bool
mentions(const cs_item *text, const char *word)
{
	size_t len = strlen(word);

	if (!cs_is(text, CS_TSTR) || text->indefinite)
		return false;
	for (uint64_t i = 0; i + len <= text->arg; i++)
		if (memcmp(text->content + i, word, len) == 0)
			return true;
	return false;
}

/* A COSE_Sign1 says what it holds by its content type, under 3, or 2 as CoSERV's CDDL has it (doc/conformance.md, decision 1). */
static bool
holds_coserv(cs_ctx *ctx, const cs_item *cose)
{
	cs_item bytes, header, type;
	cs_span span;

	if (!cs_is(cose, CS_ARRAY) || !cs_array_get(cose, 0, &bytes) || !cs_is(&bytes, CS_BSTR) || !cs_string(ctx, &bytes, &span) ||
		span.len == 0 || !cs_check(ctx, span.data, span.len))
		return false;
	header = cs_item_at(span.data, span.len);
	return (cs_map_get(&header, CS_HEADER_CONTENT_TYPE, &type) && mentions(&type, "coserv")) ||
		(cs_map_get(&header, CS_HEADER_CRIT, &type) && mentions(&type, "coserv"));
}

static const cs_rule *
rule_of_tag(cs_ctx *ctx, const cs_item *item)
{
	cs_item content = cs_tag_content(item);

	switch (item->arg)
	{
		case CS_TAG_COSE_SIGN1:
			return holds_coserv(ctx, &content) ? &cs_rule_signed_coserv : &cs_rule_corim_document;
		case CS_TAG_COSE_SIGN:
		case CS_TAG_CORIM_500:
		case CS_TAG_UNSIGNED_CORIM_MAP:
		case CS_TAG_SIGNED_CORIM_502:
			return &cs_rule_corim_document;
		case CS_TAG_CONCISE_SWID_TAG:
		case CS_TAG_CONCISE_MID_TAG:
		case CS_TAG_CONCISE_TA_STORES:
		case CS_TAG_CONCISE_TL_TAG:
			return cs_rule_by_name("concise-tag-type-choice");
		case CS_TAG_SWID:
			return &cs_rule_tagged_coswid;
		default:
			return item->arg >= FIRST_CMW_TAG && item->arg <= LAST_CMW_TAG ? &cs_rule_cbor_cmw : NULL;
	}
}

/* By what stands under the keys 0, 1, 2 and 4, which differs from one sort of document to the next. */
static const cs_rule *
rule_of_map(const cs_item *map)
{
	cs_item zero, one, two, four;
	bool has_zero = cs_map_get(map, 0, &zero);
	bool has_one = cs_map_get(map, 1, &one);
	bool has_two = cs_map_get(map, 2, &two);
	bool named = has_zero && (cs_is(&zero, CS_TSTR) || cs_is(&zero, CS_BSTR));

	if (has_one && cs_is(&one, CS_ARRAY))
		return has_zero && cs_is(&zero, CS_MAP) ? &cs_rule_concise_tl_tag : &cs_rule_corim_document;
	if (has_one && cs_is(&one, CS_MAP))
	{
		if (cs_map_get(map, 4, &four) || !named)
			return cs_map_get(map, 6, &two) ? &cs_rule_concise_ta_store_map : &cs_rule_concise_mid_tag;
		return &cs_rule_coserv;
	}
	if (has_one && cs_is(&one, CS_TSTR))
		return named ? &cs_rule_concise_swid_tag : &cs_rule_discovery;
	if (has_two && cs_is(&two, CS_ARRAY) && cs_map_get(map, 6, &four))
		return &cs_rule_concise_ta_store_map;
	return NULL;
}

/* A record [type, bytes, ...] or a collection that says so. */
static bool
is_cmw(const cs_item *item)
{
	cs_item type, value;

	if (cs_is(item, CS_MAP))
		return cs_map_get_text(item, "__cmwc_t", &value);
	return cs_is(item, CS_ARRAY) && cs_array_get(item, 0, &type) && (cs_is(&type, CS_TSTR) || cs_is(&type, CS_UINT)) &&
		cs_array_get(item, 1, &value) && cs_is(&value, CS_BSTR) && cs_count(item) <= 4;
}

const cs_rule *
cs_document_rule(cs_ctx *ctx, const cs_item *item)
{
	const cs_rule *rule = cs_is(item, CS_MAP) ? rule_of_map(item) : NULL;

	if (cs_is(item, CS_TAG))
		return rule_of_tag(ctx, item);
	if (rule != NULL)
		return rule;
	if (is_cmw(item))
		return &cs_rule_cbor_cmw;
	if ((cs_is(item, CS_MAP) || cs_is(item, CS_ARRAY)) && cs_count(item) > 0)
		rule = cs_rule_may_be(&cs_rule_evidence, item)		   ? &cs_rule_evidence
			: cs_rule_may_be(&cs_rule_concise_ta_stores, item) ? &cs_rule_concise_ta_stores
															   : NULL;
	return rule;
}
