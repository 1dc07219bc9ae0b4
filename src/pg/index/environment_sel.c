/*
 * environment_sel.c - what the planner is told of @>, <@ and @@ over environments: whoever asks finds few rows among any number, but for
 * what statistics know to be common. Without that, one row in a hundred would be expected, and joins planned for it.
 */
#include "pg/base/pg_support.h"

#include "access/htup_details.h"
#include "catalog/pg_statistic.h"
#include "utils/lsyscache.h"
#include "utils/selfuncs.h"

PG_FUNCTION_INFO_V1(cs_environment_sel);
PG_FUNCTION_INFO_V1(cs_environment_join_sel);

#define EXPECTED_ROWS 4
#define UNKNOWN_SELECTIVITY 0.0001

static double
few_of(double tuples)
{
	double selectivity = tuples > 0 ? EXPECTED_ROWS / tuples : UNKNOWN_SELECTIVITY;

	CLAMP_PROBABILITY(selectivity);
	return selectivity;
}

/*
 * The share of the rows in the statistics that satisfy the condition; they are looked at with the operator's own function, as the server's
 * estimators do, and only where the caller may see them (which these two see to).
 */
static double
share(VariableStatData *variable, Oid operator, Oid collation, Datum constant, bool on_left)
{
	double common, of_common, of_others, nulls = 0;
	int size;
	FmgrInfo function;

	if (!HeapTupleIsValid(variable->statsTuple))
		return 0;
	nulls = ((Form_pg_statistic) GETSTRUCT(variable->statsTuple))->stanullfrac;
	fmgr_info(get_opcode(operator), &function);
	of_common = mcv_selectivity(variable, &function, collation, constant, on_left, &common);
	of_others = histogram_selectivity(variable, &function, collation, constant, on_left, 10, 1, &size);
	return of_common + (of_others > 0 ? of_others * (1 - nulls - common) : 0);
}

/* Restriction selectivity. */
Datum
cs_environment_sel(PG_FUNCTION_ARGS)
{
	PlannerInfo *root = (PlannerInfo *) PG_GETARG_POINTER(0);
	Oid operator= PG_GETARG_OID(1);
	List *args = (List *) PG_GETARG_POINTER(2);
	VariableStatData variable;
	Node *other;
	bool on_left;
	double selectivity;

	if (!get_restriction_variable(root, args, PG_GETARG_INT32(3), &variable, &other, &on_left))
		PG_RETURN_FLOAT8(UNKNOWN_SELECTIVITY);
	selectivity = few_of(variable.rel != NULL ? variable.rel->tuples : 0);
	if (IsA(other, Const) && ((Const *) other)->constisnull)
		selectivity = 0; /* the operators are strict */
	else if (IsA(other, Const))
		selectivity = Max(selectivity, share(&variable, operator, PG_GET_COLLATION(), ((Const *) other)->constvalue, on_left));
	ReleaseVariableStats(variable);
	CLAMP_PROBABILITY(selectivity);
	PG_RETURN_FLOAT8(selectivity);
}

/* Join selectivity: each row of the smaller side finds few in the larger one. */
Datum
cs_environment_join_sel(PG_FUNCTION_ARGS)
{
	PlannerInfo *root = (PlannerInfo *) PG_GETARG_POINTER(0);
	List *args = (List *) PG_GETARG_POINTER(2);
	SpecialJoinInfo *join = (SpecialJoinInfo *) PG_GETARG_POINTER(4);
	VariableStatData left, right;
	bool reversed;
	double tuples = 0;

	get_join_variables(root, args, join, &left, &right, &reversed);
	if (left.rel != NULL)
		tuples = left.rel->tuples;
	if (right.rel != NULL)
		tuples = Max(tuples, right.rel->tuples);
	ReleaseVariableStats(left);
	ReleaseVariableStats(right);
	PG_RETURN_FLOAT8(few_of(tuples));
}
