/*
 * comparisons.c - what a row of the model names: each comparison by its rule, and by what of a value it compares. The files beside this one
 * have the rules, one kind of value each; a comparison that is new is a row here and a cs_comparison.
 */
#include <string.h>

#include "values.h"

static const cs_comparing comparisons[] = {
	[CS_COMPARE_EQUAL] = { "equal", cs_equal_satisfies, NULL },
	[CS_COMPARE_VERSION] = { "version", cs_version_satisfies, NULL },
	[CS_COMPARE_SVN] = { "svn", cs_svn_satisfies, NULL },
	[CS_COMPARE_DIGESTS] = { "digests", cs_digests_satisfy, cs_digests_narrow },
	[CS_COMPARE_FLAGS] = { "flags", cs_flags_satisfy, cs_flags_narrow },
	[CS_COMPARE_MASK] = { "mask", cs_mask_satisfies, NULL },
	[CS_COMPARE_KEYS] = { "cryptokeys", cs_cryptokeys_satisfy, cs_cryptokeys_narrow },
	[CS_COMPARE_REGISTERS] = { "integrity-registers", cs_integrity_registers_satisfy, cs_registers_narrow },
	[CS_COMPARE_INT_RANGE] = { "int-range", cs_int_range_satisfies, NULL },
	[CS_COMPARE_MATCHER] = { "matcher", cs_matcher_satisfies, NULL },
	[CS_COMPARE_MINIMUM] = { "minimum", cs_minimum_satisfies, NULL },
	[CS_COMPARE_SET] = { "set", cs_set_satisfies, NULL },
	[CS_COMPARE_EXPRESSION] = { "expression", cs_expression_satisfies, NULL },
	[CS_COMPARE_EXPRESSION_SVNS] = { "sixteen expressions", cs_expression_svns_satisfy, NULL },
	[CS_COMPARE_DIGEST_SET] = { "digest-set", cs_digest_set_satisfies, cs_digest_set_narrow },
	[CS_COMPARE_DIGEST_SUPERSET] = { "digest-superset", cs_digest_superset_satisfies, cs_digest_superset_narrow },
	[CS_COMPARE_TEXT_SET] = { "text-set", cs_text_set_satisfies, NULL },
	[CS_COMPARE_TEXT_SUPERSET] = { "text-superset", cs_text_superset_satisfies, cs_text_superset_narrow },
	[CS_COMPARE_INSTANT] = { "instant", cs_instant_satisfies, NULL },
	[CS_COMPARE_PADDED_MASK] = { "padded-mask", cs_padded_mask_satisfies, NULL },
};
_Static_assert(sizeof comparisons / sizeof comparisons[0] == CS_COMPARISONS, "each comparison has a row");

const cs_comparing *
cs_comparing_of(cs_comparison comparison)
{
	return comparison == CS_COMPARE_NOT ? NULL : &comparisons[comparison];
}

const char *
cs_comparison_name(cs_comparison comparison)
{
	return comparisons[comparison].name;
}

cs_comparison
cs_comparison_named(const char *name)
{
	for (int i = CS_COMPARE_NOT + 1; i < CS_COMPARISONS; i++)
		if (strcmp(comparisons[i].name, name) == 0)
			return (cs_comparison) i;
	return CS_COMPARE_NOT;
}
