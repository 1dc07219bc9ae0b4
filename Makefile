# coserv: PGXS build. make, make install, make installcheck; PG_CONFIG=/path/to/pg_config chooses the server.
EXTENSION = coserv
EXTVERSION := $(shell sed -n 's/^  "version": "\(.*\)",/\1/p' META.json)
MODULE_big = coserv

ROOMS = cbor model cose match appraise query pg
OBJS = $(patsubst %.c,%.o,$(wildcard $(addprefix src/,$(addsuffix /*.c,$(ROOMS)))))

DATA_built = coserv--$(EXTVERSION).sql
DATA = $(wildcard sql/coserv--*--*.sql)
EXTRA_CLEAN = coserv--$(EXTVERSION).sql build

PG_CPPFLAGS = -Isrc -Ibuild -DCOSERV_VERSION='"$(EXTVERSION)"'
PG_CFLAGS = -std=c11 -Wall -Wextra -Wno-unused-parameter -Wno-missing-field-initializers -Wno-sign-compare
ifdef WERROR
PG_CFLAGS += -Werror
endif
SHLIB_LINK = -lcbor -lcrypto

REGRESS = $(sort $(patsubst test/sql/%.sql,%,$(wildcard test/sql/*.sql)))
REGRESS_OPTS = --inputdir=test

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

coserv--$(EXTVERSION).sql: $(sort $(wildcard sql/[0-9]*.sql))
	cat $^ > $@

# PGXS knows no dependencies on headers.
$(OBJS): $(wildcard src/*/*.h)

# The store's template is SQL that people can read; the backend carries it as a string.
src/pg/store.o src/pg/store.bc: build/store_template.h
build/store_template.h: $(sort $(wildcard sql/store/*.sql))
	mkdir -p build
	{ echo 'static const char store_template[] ='; cat $^ | sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/"/' -e 's/$$/\\n"/'; echo ';'; } > $@
