/*
 * inspect_parts.h - inside src/inspect only: what the parts of an inspection share. inspect.c keeps the findings and looks at the
 * document as a whole, inspect_signed.c at signatures, inspect_walk.c at each item by its rule, inspect_encoding.c at how items are
 * encoded.
 */
#ifndef CS_INSPECT_PARTS_H
#define CS_INSPECT_PARTS_H

#include "document/document.h"
#include "inspect.h"
#include "model/profile.h"
#include "model/schema_walk.h"

#define CS_ENCODING_SECTION "RFC 8949 section 4.2.1"

/* A CoMID, CoSWID or CoTL inside. */
typedef struct cs_seen_tag
{
	const cs_rule *rule;
	cs_span id;		 /* deterministic encoding */
	cs_item version; /* an integer; 0 where it has none */
	size_t offset;
	const char *path;
} cs_seen_tag;

#define CS_FINDING_SLOTS 4096 /* a power of two, well above CS_MAX_FINDINGS + CS_MAX_NOTES */

typedef struct cs_inspector
{
	cs_ctx *ctx;
	cs_inspection *out;
	cs_span document;
	int64_t now;
	const cs_profile *profile;
	const char *member; /* of the profile, while its value is looked at */
	bool is_query;		/* a CoSERV query, which must be deterministic */
	size_t capacity;
	uint16_t slots[CS_FINDING_SLOTS]; /* by hash, probed linearly: position of a finding + 1 */
	size_t errors;
	bool full;	  /* CS_MAX_FINDINGS reached: stop */
	bool dropped; /* CS_MAX_NOTES reached */
	bool no_memory;
	cs_seen_tag *tags;
	size_t tag_count;
	size_t tag_capacity;
	uint64_t ticks;
} cs_inspector;

/* Where a finding is, and by what. All may be NULL; p is where it stands, when that is inside the document. */
typedef struct cs_place
{
	const char *path;
	const uint8_t *p;
	const char *rule;
	const char *section;
	const char *found;
} cs_place;

/* Errors are told each; anything else once a message and severity. False when the inspection must end. */
extern bool
cs_inspect_add(cs_inspector *in, cs_severity severity, const cs_place *place, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* The error of the context as it is; severity as its code says. */
extern bool cs_inspect_add_error(cs_inspector *in, const char *section);
/* Is an error of that message among the findings? */
extern bool cs_inspect_has_error(const cs_inspector *in, const char *message);

/* The same of a moment: what, and behind it the date. */
extern bool cs_inspect_add_time(cs_inspector *in, cs_severity severity, const cs_place *place, const char *what, int64_t at);

/* inspect_signed.c: headers as load() reads them: document is what cs_open_envelope made of it, opened its answer. False as below. */
extern bool cs_inspect_envelope(cs_inspector *in, const cs_verified *document, bool opened);
/* Of a signed CoSERV result: false when the inspection must end. */
extern bool cs_inspect_sign1(cs_inspector *in, const cs_item *item);
/* A signed collection of CoRIMs, each of its members; false as above. */
extern bool cs_inspect_collection(cs_inspector *in, const cs_verified *document);
/* inspect_vendor.c: a document in a vendor's form; false as above. */
extern bool cs_inspect_vendor(cs_inspector *in);
/* Does load() take what is inside, now? Told where nothing else says that it does not; false as above. */
extern bool cs_inspect_verdict(cs_inspector *in, cs_verified *document, bool opened);

/* Walk the whole document by its rule. */
extern bool cs_inspect_walk(cs_inspector *in, const cs_rule *rule, const cs_item *item);

/* A triple in a form that collected artifacts have to leave out. */
extern bool cs_inspect_current(cs_inspector *in, const cs_walk *walk, const cs_rule *rule, const cs_item *item);

/* How one item is encoded: its head, and of a map the order of its keys; of_all: and of everything below it. */
extern bool cs_inspect_encoding(cs_inspector *in, const cs_walk *walk, const cs_rule *rule, const cs_item *item, bool of_all);

#endif
