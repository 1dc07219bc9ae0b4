/*
 * version_scheme.h - version schemes, a row each: CoSWID Version Scheme Values (RFC 9393 section 6.2.3) and what CoRIM's CDDL adds
 * (draft-ietf-rats-corim section 5.1.4.5.3).
 */
#ifndef CS_VERSION_SCHEME_H
#define CS_VERSION_SCHEME_H

#include "cbor/item.h"

typedef struct cs_version_scheme
{
	int64_t number;
	const char *name;		/* of the CDDL: what annotations and JSON have */
	const char *registered; /* IANA's; the same but for 2 */
} cs_version_scheme;

/* By number or by either name, as it stands; NULL for any other. */
extern const cs_version_scheme *cs_version_scheme_of(const cs_item *scheme);
/* All of them, in order; NULL behind the last. */
extern const cs_version_scheme *cs_version_scheme_at(size_t index);

#endif
