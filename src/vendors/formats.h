/*
 * formats.h - inside src/vendors: the forms, a file each, and the pieces that their CoRIMs are put together from.
 */
#ifndef CS_VENDOR_FORMATS_H
#define CS_VENDOR_FORMATS_H

#include "cbor/json.h"
#include "vendors.h"

extern const cs_vendor_format cs_vendor_intel_tcb_info;			/* intel_tcb_info.c */
extern const cs_vendor_format cs_vendor_intel_enclave_identity; /* intel_identity.c */

extern const cs_vendor_format cs_vendor_amd_kds;	   /* amd_kds.c */
extern const cs_vendor_format cs_vendor_google_launch; /* google_launch.c */
extern const cs_vendor_format cs_vendor_microsoft_uvm; /* microsoft_uvm.c */

/* ---- members.c: JSON of a vendor, read member by member, each error with the path of its place ---- */

/* Where a value stands, for errors: a name in another, or an element of it. */
typedef struct cs_where cs_where;
struct cs_where
{
	const cs_where *in; /* NULL: the document */
	const char *name;
	size_t index; /* of an element of in, where name is NULL */
};

#define CS_IN(where, member) (&(const cs_where) { .in = (where), .name = (member) })
#define CS_AT(where, i) (&(const cs_where) { .in = (where), .index = (i) })

/* Fails at the place. */
extern bool cs_member_fail(cs_ctx *ctx, const cs_where *where, cs_code code, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* A member that has to be there, of that kind. where is of the object; NULL with ctx->error. */
extern const cs_json *cs_member(cs_ctx *ctx, const cs_where *where, const cs_json *object, const char *name, cs_json_kind kind);
/* The same for one that may be missing: *out is NULL then. */
extern bool
cs_member_if_any(cs_ctx *ctx, const cs_where *where, const cs_json *object, const char *name, cs_json_kind kind, const cs_json **out);
/* A whole number from 0 to max, in digits alone. */
extern bool cs_member_uint(cs_ctx *ctx, const cs_where *where, const cs_json *object, const char *name, uint64_t max, uint64_t *out);
/* So many bytes in hexadecimal digits of either case. The bytes are the context's. */
extern bool cs_member_hex(cs_ctx *ctx, const cs_where *where, const cs_json *object, const char *name, size_t len, cs_span *out);
/* An RFC 3339 time in seconds since 1970. */
extern bool cs_member_time(cs_ctx *ctx, const cs_where *where, const cs_json *object, const char *name, int64_t *out);

/* ---- corim.c: the CoRIM that a document becomes ---- */

/* What stands around the triples. */
typedef struct cs_derived
{
	const char *tag_id; /* of the CoRIM and of its one tag */
	uint64_t tag_version;
	const char *profile_uri; /* the profile, or NULL and then: */
	const char *profile_oid; /* DER contents of an OID */
	size_t profile_oid_len;
	bool has_validity;
	int64_t not_before;
	int64_t not_after;
	const char *const *replaces; /* ids of tags that it stands in for */
	size_t replaces_count;
	/* the triples-map but for its head: pairs of a kind and its list */
	uint64_t kinds;
	cs_span triples;
	/* or, instead of a CoMID, a concise-ta-store-map's pairs behind its identity, three of them */
	cs_span store;
} cs_derived;

/* A CoRIM with one CoMID, or one list of one trust anchor store. */
extern bool cs_derived_corim(cs_ctx *ctx, const cs_derived *derived, cs_span *corim);
/* {0: {1: vendor, 2: model}} */
extern void cs_put_class(cs_buf *buf, const char *vendor, const char *model);

#endif
