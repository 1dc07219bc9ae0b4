/*
 * expression.h - inside src/match: conditions that may be expressions, [operator, operand] in a tag, whose left operand is the Evidence
 * (draft-cds-rats-intel-corim-profile, "Expressions"). One file a kind of operand; each refuses operators that are not its own.
 *
 * An entry that is itself an expression is no value and satisfies nothing.
 */
#ifndef CS_EXPRESSION_H
#define CS_EXPRESSION_H

#include "values.h"

/* [operator, operand] inside an expression's tag. */
extern bool cs_expression_read(const cs_item *expression, int64_t *op, cs_item *operand);
/* Does "entry operator operand" hold, where order is that of entry and operand? False for what is no operator on numbers. */
extern bool cs_expression_holds(int64_t op, int order, bool *holds);

/* "Comparison Algorithm for Sets": what the condition makes of its set. */
typedef enum cs_set_relation
{
	CS_SET_EQUAL,	/* a bare set: the same members */
	CS_SET_WITHIN,	/* mem, by "Set Expressions": what the entry has is in the condition's set (doc/conformance.md, decision 38) */
	CS_SET_AROUND,	/* mem, by "Comparison Algorithm for Sets": the entry has all that is in the condition's set */
	CS_SET_DISJOINT /* nmem: nothing is in both */
} cs_set_relation;

/*
 * A condition that is a set, bare or in tag; mem is what mem means there. False, with why filled, where it is none or has another
 * operator.
 */
extern bool cs_set_condition(const cs_item *entry, const cs_item *condition, uint64_t tag, cs_set_relation mem, cs_item *set,
	cs_set_relation *relation, cs_mismatch *why);

#endif
