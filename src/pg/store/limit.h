/*
 * limit.h - readers that are limited (sql/store/70_limit.sql), where a store gets other tables.
 */
#ifndef CS_PG_LIMIT_H
#define CS_PG_LIMIT_H

#include "postgres.h"

/* Where there are limits: their policies and triggers anew. As the owner; SPI must be connected. */
extern void cs_limits_renew(Oid store);

#endif
