/*
 * rules_cotl.c - Concise Tag List, the content of tag 508 (draft-ietf-rats-corim section 6).
 */
#include "rules.h"

#define S "draft-ietf-rats-corim section 6.1"

static LIST(tags_list, "tags-list", S, 1, cs_rule_tag_identity_map);

static const cs_field concise_tl_tag_fields[] = {
	FIELD(0, "tag-identity", cs_rule_tag_identity_map),
	FIELD(1, "tags-list", tags_list),
	FIELD(2, "tl-validity", cs_rule_validity_map),
};
STRUCT(cs_rule_concise_tl_tag, "concise-tl-tag", S, concise_tl_tag_fields);

const cs_rule *const cs_rules_cotl[] = { &cs_rule_concise_tl_tag, NULL };
