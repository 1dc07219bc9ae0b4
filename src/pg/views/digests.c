/*
 * digests.c - every digest of a value, as rows: of digests (2), and of integrity registers (14), register by register.
 */
#include "codepoints/digest_alg.h"
#include "match/values.h"
#include "values.h"

#include "pg/types/item_text.h"

PG_FUNCTION_INFO_V1(coserv_digests);

/* Columns of coserv.digests. */
enum
{
	D_REGISTER,
	D_POSITION,
	D_ALG,
	D_DIGEST
};

static void
put_digests(cs_value_rows *rows, const cs_item *list, const cs_item *reg)
{
	cs_digest_iter it;
	cs_digest digest;
	int position = 0;

	if (!cs_digest_iterate(list, &it))
		return;
	while (cs_digest_next(&it, &digest))
	{
		cs_row_begin(rows);
		if (reg != NULL)
			cs_row_set(rows, D_REGISTER, cs_pg_item_text(reg));
		cs_row_set(rows, D_POSITION, Int32GetDatum(position++));
		cs_row_digest_alg(rows, D_ALG, &digest.alg);
		cs_row_set(rows, D_DIGEST, cs_pg_make(digest.value));
		cs_row_end(rows);
	}
}

/* digests(value cbor) -> setof (register text, position integer, digest_alg text, digest bytea) */
Datum
coserv_digests(PG_FUNCTION_ARGS)
{
	cs_item value = cs_pg_item(PG_GETARG_DATUM(0)), reg, list;
	cs_value_rows rows;
	cs_iter it;

	cs_rows_begin(fcinfo, &rows);
	if (!cs_is(&value, CS_MAP))
		put_digests(&rows, &value, NULL);
	else
		for (it = cs_iterate(&value); cs_next_pair(&it, &reg, &list);)
			put_digests(&rows, &list, &reg);
	PG_RETURN_NULL();
}
