/*
 * current.h - a triple as the drafts of today have it. What goes out in collected artifacts is made from a RIM, not signed by it, so its
 * reader need not know the forms of older drafts (doc/legacy.md, "Answered as").
 */
#ifndef CS_CURRENT_H
#define CS_CURRENT_H

#include "corim.h"
#include "profile.h"

/*
 * Writes the record of a triple (checked, and valid by cs_rule_triple(kind) with legacy forms) in current forms and deterministic
 * encoding. profile is the document's (NULL: none that is built in): Arm's drafts say how tags 600 to 602 are written now, and have names
 * of digest algorithms as text where CoRIM has numbers.
 *
 * What no draft of today can say has no current form: then *none names the legacy form that stands in the way, and out is empty. Else
 * *none is NULL, and what was written is valid with legacy forms off. A kind that no table knows is written deterministically, no more.
 * False only for memory and limits (ctx->error).
 */
extern bool cs_current_triple(cs_ctx *ctx, int64_t kind, const cs_item *record, const cs_profile *profile, cs_buf *out, const char **none);

/*
 * Does each triple of a document say what it says in current forms? Then its current form is its record in deterministic encoding, which
 * takes no walk through the rules to find out. False where one triple does not, or may not.
 */
extern bool cs_is_current(const cs_corim *corim, const cs_profile *profile);

#endif
