/*
 * template.c - the SQL of a store and its steps, as the build wrote them (template.h).
 */
#include "template.h"

#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/guc.h"

#include "store_template.h"

const char *
cs_store_template(void)
{
	return store_template;
}

const char *
cs_store_step(int form)
{
	Assert(form > 0 && form < (int) lengthof(store_steps));
	return store_steps[form - 1];
}

void
cs_store_run_sql(const char *sql)
{
	int nest = NewGUCNestLevel();
	int result;

	(void) set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	result = SPI_execute(sql, false, 0);
	if (result < 0)
		elog(ERROR, "could not run a store's statements: %s", SPI_result_code_string(result));
	AtEOXact_GUC(true, nest);
}

char *
cs_store_checked_name(Datum arg)
{
	char *name = text_to_cstring(DatumGetTextPP(arg));

	if (name[0] == '\0' || strlen(name) >= NAMEDATALEN)
		ereport(ERROR, (errcode(ERRCODE_INVALID_NAME), errmsg("a store's name has 1 to %d bytes", NAMEDATALEN - 1)));
	return name;
}
