# coserv: PGXS build. make, make install, make installcheck; PG_CONFIG=/path/to/pg_config chooses the server.
EXTENSION = coserv
EXTVERSION := $(shell sed -n 's/^  "version": "\(.*\)",/\1/p' META.json)
MODULE_big = coserv

include src/rooms.mk
OBJS = $(patsubst %.c,%.o,$(wildcard $(addprefix src/,$(addsuffix /*.c,$(CORE_ROOMS) $(PG_ROOMS)))))

DATA_built = coserv--$(EXTVERSION).sql
DATA = $(wildcard sql/coserv--*--*.sql)
EXTRA_CLEAN = coserv--$(EXTVERSION).sql build $(OBJS:.o=.d)

# -MMD: each object depends on the headers that it includes, of which PGXS knows nothing.
PG_CPPFLAGS = -Isrc -Ibuild -I$(libpq_srcdir) -MMD -MP -DCOSERV_VERSION='"$(EXTVERSION)"'
PG_CFLAGS = -std=c11 -Wall -Wextra -Wno-unused-parameter -Wno-missing-field-initializers -Wno-sign-compare
ifdef WERROR
PG_CFLAGS += -Werror
endif
# -Bsymbolic: our names are ours, whatever else a server has loaded under them, and nobody looks for them when the library is loaded.
SHLIB_LINK = -Wl,-Bsymbolic -lcbor -lcrypto $(libpq)

REGRESS = $(sort $(patsubst test/sql/%.sql,%,$(wildcard test/sql/*.sql)))
REGRESS_OPTS = --inputdir=test

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

-include $(OBJS:.o=.d)

# What SQL shares with C stands once: sql/expand.awk puts it in.
EXPAND = awk -f sql/expand.awk src/codepoints/codepoints.h sql/measurement_columns.def
EXPANDED = sql/expand.awk src/codepoints/codepoints.h sql/measurement_columns.def

coserv--$(EXTVERSION).sql: $(sort $(wildcard sql/[0-9]*.sql)) $(EXPANDED)
	$(EXPAND) $(filter %.sql,$^) > $@

# The store's template is SQL that people can read, and so are the steps that bring the tables of an older store to it, in their order,
# which only ever grow in number; the backend carries them as strings. The form of a store is the number of its steps, and 1.
STEPS = $(sort $(wildcard sql/steps/*.sql))
AS_STRING = sed -e 's/@form@/$(words 1 $(STEPS))/g' -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/"/' -e 's/$$/\\n"/'
src/pg/store/template.o src/pg/store/template.bc: build/store_template.h
src/pg/base/store_form.o src/pg/base/store_form.bc: build/store_form.h
build/store_form.h: $(STEPS) Makefile
	mkdir -p build
	echo '#define CS_STORE_FORM $(words 1 $(STEPS))' > $@
build/store_template.h: sql/fragments.sql $(sort $(wildcard sql/store/*.sql)) $(STEPS) $(EXPANDED) Makefile
	mkdir -p build
	{ echo 'static const char store_template[] ='; $(EXPAND) sql/fragments.sql $(filter sql/store/%,$^) | $(AS_STRING); echo ';'; \
		echo 'static const char *const store_steps[] = {'; \
		for step in $(STEPS); do $(AS_STRING) $$step; echo ','; done; echo 'NULL };'; } > $@

# The template of federations, which have one form so far.
src/pg/federation/federation_sql.o src/pg/federation/federation_sql.bc: build/federation_template.h
build/federation_template.h: sql/fragments.sql $(sort $(wildcard sql/federation/*.sql)) $(EXPANDED) Makefile
	mkdir -p build
	{ echo 'static const char federation_template[] ='; $(EXPAND) $(filter %.sql,$^) | $(AS_STRING); echo ';'; } > $@

# make dist: what is committed, as build/coserv-VERSION.tar.gz (the .orig of debian/) and, for PGXN, .zip.
DIST = build/coserv-$(EXTVERSION)
dist:
	mkdir -p build
	git archive --prefix=coserv-$(EXTVERSION)/ -o $(DIST).tar.gz HEAD ':!debian'
	git archive --prefix=coserv-$(EXTVERSION)/ -o $(DIST).zip HEAD ':!debian'
.PHONY: dist

# For who works on coserv: make dev; make regress [TEST="store views"]; make unit [TEST=cose_key_test]; make tap [TEST=t/020_gateway.pl];
# make house draws the rooms; make coverage says how much of each room the unit tests run; make compile_commands.json is for editors.
dev:
	test/dev start
regress:
	test/dev regress $(TEST)
tap:
	test/dev tap $(or $(TEST),t/*.pl)
unit:
	$(MAKE) -C test/unit check TEST=$(TEST)
coverage:
	$(MAKE) -C test/unit coverage
house:
	test/arrows --picture | dot -Tsvg -o doc/house.svg
compile_commands.json:
	{ $(MAKE) -Bn; $(MAKE) -Bn -C gateway; $(MAKE) -Bn -C test/unit; } | test/lib/compile_commands.py > $@
.PHONY: dev regress tap unit coverage house compile_commands.json
