/*
 * inspect.h - everything that is wrong or notable about a document, whatever it is, without loading it.
 */
#ifndef CS_INSPECT_H
#define CS_INSPECT_H

#include "model/schema.h"

typedef enum cs_severity
{
	CS_SEVERITY_ERROR,	 /* load() or execute() refuses the document for it */
	CS_SEVERITY_LEGACY,	 /* a legacy form (doc/legacy.md): refused while coserv.accept_legacy is off */
	CS_SEVERITY_WARNING, /* read, but counts for less than its author may think */
	CS_SEVERITY_NOTE
} cs_severity;

extern const char *cs_severity_name(cs_severity severity);

/* Texts are the context's; NULL where there is nothing to say. What is no error and repeats is told once, at its first
 * place, with a count. */
typedef struct cs_finding
{
	cs_severity severity;
	const char *path;
	bool has_offset;
	size_t offset;	  /* from the start of the document */
	const char *rule; /* the CDDL rule's name */
	const char *message;
	const char *found;
	const char *section;
	uint64_t times;
	uint64_t hash; /* the inspection's own */
} cs_finding;

/* The message, with how often and that this is the first place where it repeats. NULL: no memory. */
extern const char *cs_finding_message(cs_ctx *ctx, const cs_finding *finding);

#define CS_MAX_FINDINGS 1000 /* errors; a document that has more is not read on */
#define CS_MAX_NOTES 200	 /* of the others */

typedef struct cs_inspection
{
	const cs_rule *rule;  /* what the document was read as; NULL when it is nothing that is known */
	cs_finding *findings; /* in the order of offsets */
	size_t count;
} cs_inspection;

/* now: seconds since 1970, for validity. False only when memory is out; everything else is a finding. */
extern bool cs_inspect(cs_ctx *ctx, const uint8_t *data, size_t len, int64_t now, cs_inspection *out);

/*
 * What sort of document an item (checked) is, told by tags, content types and the members that set it apart: the rule to read it by, of a
 * CoRIM, CoSERV, discovery document, CoMID, CoSWID, CoTL or CoTS alone, Evidence or CMW; NULL for anything else.
 */
extern const cs_rule *cs_document_rule(cs_ctx *ctx, const cs_item *item);

#endif
