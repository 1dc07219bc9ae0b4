/*
 * template.h - the SQL of a store (sql/store, which the Makefile turns into build/store_template.h), and the steps that bring the tables of
 * an older store to it (sql/steps).
 *
 * A store's form is the number of its tables' state: the steps that were taken, and 1. Its function form() answers it.
 */
#ifndef CS_PG_TEMPLATE_H
#define CS_PG_TEMPLATE_H

#include "pg/base/pg_support.h"

extern const char *cs_store_template(void);
/* What brings a store from this form to the next: statements over its tables alone. */
extern const char *cs_store_step(int form);

/* Quietly, under a search_path that nobody else can write to; SPI must be connected. Raises. */
extern void cs_store_run_sql(const char *sql);

/* A store's name; errors: invalid_name. In the current memory context. */
extern char *cs_store_checked_name(Datum name);

#endif
