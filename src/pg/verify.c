/*
 * verify.c - open a document, find the authority that vouches for it (draft-ietf-rats-corim sections 4.2 and 4.3).
 */
#include "verify.h"

#include <time.h>

#include "access/htup_details.h"
#include "miscadmin.h"
#include "scope.h"
#include "store.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

static const cs_span nothing = {NULL, 0};

int64_t
cs_pg_unix_time(TimestampTz t)
{
	int64		epoch = ((int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE)) * SECS_PER_DAY;
	int64		seconds = t / USECS_PER_SEC;

	if (t < 0 && t % USECS_PER_SEC != 0)
		seconds--;
	return seconds + epoch;
}

TimestampTz
cs_pg_timestamp(int64_t seconds)
{
	int64		epoch = ((int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE)) * SECS_PER_DAY;

	if (seconds <= MIN_TIMESTAMP / USECS_PER_SEC + epoch)
		return DT_NOBEGIN;
	if (seconds >= END_TIMESTAMP / USECS_PER_SEC + epoch)
		return DT_NOEND;
	return (seconds - epoch) * USECS_PER_SEC;
}

static void
narrow(cs_validity *validity, const cs_validity *by)
{
	if (by->has_not_before && (!validity->has_not_before || by->not_before > validity->not_before))
	{
		validity->has_not_before = true;
		validity->not_before = by->not_before;
	}
	if (by->has_not_after && (!validity->has_not_after || by->not_after < validity->not_after))
	{
		validity->has_not_after = true;
		validity->not_after = by->not_after;
	}
}

static void
note_legacy(cs_verified *v, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count && v->legacy_count < lengthof(v->legacy); i++)
	{
		bool		known = false;

		for (size_t j = 0; j < v->legacy_count; j++)
			known |= strcmp(v->legacy[j], names[i]) == 0;
		if (!known)
			v->legacy[v->legacy_count++] = names[i];
	}
}

/* The headers of a COSE_Sign1 and where its payload is. */
static bool
open_signed(cs_ctx *ctx, bool accept_legacy, cs_verified *out)
{
	const cs_sign1 *sign1 = &out->sign1;
	cs_walk		walk = {.ctx = ctx, .accept_legacy = accept_legacy};
	cs_item		unused;

	if (out->envelope.envelope == CS_ENV_SIGN)
	{
		cs_fail(ctx, CS_UNSUPPORTED, "COSE_Sign is not supported");
		return cs_fail_hint(ctx, "Sign with COSE_Sign1 (tag 18).");
	}
	if (!cs_sign1_parse(ctx, &out->envelope.cose, &out->sign1))
		return false;
	if (!sign1->has_protected || !sign1->has_alg)
		return cs_fail(ctx, CS_INVALID, "the protected header names no algorithm");
	if (sign1->detached)
		return cs_fail(ctx, CS_UNSUPPORTED, "a CoRIM with a detached payload is not supported");
	if (cs_map_get(&sign1->protected_map, 258, &unused))
		return cs_fail(ctx, CS_UNSUPPORTED, "a CoRIM in a hash envelope is not supported");
	if (!cs_walk_rule(&walk, &cs_rule_protected_corim_header_map, &sign1->protected_map))
		return false;
	return cs_signer_meta_read(ctx, &sign1->protected_map, &out->signer);
}

bool
cs_open_document(cs_ctx *ctx, cs_span document, bool accept_legacy, cs_verified *out)
{
	cs_span		payload;

	memset(out, 0, sizeof(*out));
	if (!cs_check(ctx, document.data, document.len) ||
		!cs_document_open(ctx, document.data, document.len, accept_legacy, &out->envelope))
		return false;
	if (out->envelope.envelope == CS_ENV_UNSIGNED)
		payload = cs_item_span(&out->envelope.payload);
	else if (open_signed(ctx, accept_legacy, out))
		payload = out->sign1.payload;
	else
		return false;

	if ((out->envelope.envelope != CS_ENV_UNSIGNED && !cs_check(ctx, payload.data, payload.len)) ||
		!cs_corim_open(ctx, payload.data, payload.len, accept_legacy, &out->corim))
	{
		/* offsets inside the payload become offsets inside the document, unless the payload came in chunks */
		if (ctx->error.has_offset && payload.data >= document.data && payload.data < document.data + document.len)
			ctx->error.offset += (size_t) (payload.data - document.data);
		return false;
	}
	note_legacy(out, out->envelope.legacy, out->envelope.legacy_count);
	note_legacy(out, out->corim.legacy, out->corim.legacy_count);
	out->validity = out->corim.validity;
	if (out->envelope.envelope != CS_ENV_UNSIGNED)
		narrow(&out->validity, &out->signer.validity);
	return true;
}

/* What is asked of one authority, and what is known of the document's certificates. */
typedef struct cs_search
{
	cs_verified *document;
	int64_t		now;
	cs_span    *certs;
	size_t		cert_count;
	cs_key		leaf;
	bool		named;			/* the document itself names an authority that failed */
	char		who[NAMEDATALEN];
	cs_error	refusal;		/* of an authority whose key fits, and that may not say this; CS_OK: none */
} cs_search;

/* A certificate's validity bounds a document's only where trust goes through the certificate. */
static bool
narrow_by_chain(cs_ctx *ctx, const cs_search *search)
{
	for (size_t i = 0; i < search->cert_count; i++)
	{
		cs_key		key;
		cs_validity of_cert = {.has_not_before = true, .has_not_after = true};

		if (!cs_key_from_cert(ctx, search->certs[i], &key))
			return false;
		of_cert.not_before = key.not_before;
		of_cert.not_after = key.not_after;
		narrow(&search->document->validity, &of_cert);
	}
	return true;
}

/* A key that is pinned as a certificate holds only as long as the certificate does. */
static bool
key_holds(cs_ctx *ctx, cs_search *search, const cs_key *key)
{
	cs_validity of_cert = {.has_not_before = true,.has_not_after = true,.not_before = key->not_before,.not_after = key->not_after};

	if (!key->has_not_after)
		return true;
	if (search->now < key->not_before || search->now > key->not_after)
		return cs_fail(ctx, CS_BAD_SIGNATURE, "the authority's certificate does not hold now");
	narrow(&search->document->validity, &of_cert);
	return true;
}

/* A thumbprint names a certificate of the document's own chain; that certificate is the anchor then. */
static bool
thumbprint_leads_to(cs_ctx *ctx, cs_search *search, const cs_item *crypto_key)
{
	for (size_t n = 1; n <= search->cert_count; n++)
	{
		cs_key		anchor;
		bool		yes;

		if (cs_key_names(ctx, crypto_key, search->certs + n - 1, search->cert_count - n + 1, &yes) && yes)
			return cs_key_from_cert(ctx, search->certs[n - 1], &anchor) &&
				cs_chain_verify(ctx, search->certs, n, &anchor, search->now) &&
				narrow_by_chain(ctx, search);
	}
	return false;
}

static bool
leads_to(cs_ctx *ctx, cs_search *search, const cs_item *crypto_key)
{
	cs_key		key;

	if (!cs_key_read(ctx, crypto_key, &key))
		return search->cert_count > 0 && thumbprint_leads_to(ctx, search, crypto_key);
	/* a bare key that is trusted is trusted, whatever certificate the document brings along for it */
	if (search->cert_count == 0 || (key.cert.len == 0 && cs_span_eq(key.spki, search->leaf.spki)))
		return cs_sign1_verify(ctx, &search->document->sign1, nothing, nothing, &key) && key_holds(ctx, search, &key);
	/* the leaf's signature over the document was verified before: what is left is whose leaf it is */
	return cs_chain_verify(ctx, search->certs, search->cert_count, &key, search->now) && narrow_by_chain(ctx, search);
}

static bool
begin_search(cs_ctx *ctx, cs_search *search)
{
	const cs_sign1 *sign1 = &search->document->sign1;

	if (!cs_sign1_x5chain(ctx, sign1, &search->certs, &search->cert_count))
		return false;
	if (search->cert_count == 0)
		return true;
	return cs_key_from_cert(ctx, search->certs[0], &search->leaf) &&
		cs_sign1_verify(ctx, sign1, nothing, nothing, &search->leaf);
}

static bool
nobody(cs_ctx *ctx, const cs_search *search, const char *only)
{
	cs_span		name = search->document->signer.signer_name;

	if (only != NULL || search->named)
	{
		cs_fail(ctx, CS_BAD_SIGNATURE, "the signature does not verify with the key of authority \"%s\"",
				only ? only : search->who);
		return cs_fail_hint(ctx, "The document was altered, or signed with another key.");
	}
	cs_fail(ctx, CS_UNTRUSTED, "no authority of this store vouches for the document");
	cs_fail_found(ctx, "signer \"%.*s\"", (int) Min(name.len, 128), (const char *) name.data);
	return cs_fail_hint(ctx, "Insert the signer's key into the store's table authority, if you trust it.");
}

/* Columns of CS_STMT_AUTHORITIES. */
enum
{
	AUTH_NAME, AUTH_KEY, AUTH_SHOWN_AS, AUTH_VALID_FROM, AUTH_VALID_UNTIL, AUTH_ENVIRONMENTS, AUTH_PROFILES, AUTH_KINDS, AUTH_TAG_IDS,
	AUTH_ACCEPTS_UNSIGNED, AUTH_ACCEPTS_LEGACY, AUTH_ACCEPTS_COSE_SIGN, AUTH_REVOKED, AUTH_COLUMNS
};

typedef struct cs_authority
{
	char	   *name;
	Datum		values[AUTH_COLUMNS];
	bool		nulls[AUTH_COLUMNS];
} cs_authority;

/* An authority whose key fits: may it say this, in this form, now? */
static bool
may_speak(cs_ctx *ctx, const cs_search *search, const cs_authority *a)
{
	const cs_verified *document = search->document;
	TimestampTz now = cs_pg_timestamp(search->now);
	cs_scope	scope = {
		.authority = a->name,
		.environments = a->nulls[AUTH_ENVIRONMENTS] ? (Datum) 0 : a->values[AUTH_ENVIRONMENTS],
		.profiles = a->nulls[AUTH_PROFILES] ? (Datum) 0 : a->values[AUTH_PROFILES],
		.kinds = a->nulls[AUTH_KINDS] ? (Datum) 0 : a->values[AUTH_KINDS],
		.tag_ids = a->nulls[AUTH_TAG_IDS] ? (Datum) 0 : a->values[AUTH_TAG_IDS],
	};

	if (DatumGetBool(a->values[AUTH_REVOKED]))
		return cs_fail(ctx, CS_UNTRUSTED, "authority \"%s\" is revoked", a->name);
	if ((!a->nulls[AUTH_VALID_FROM] && DatumGetTimestampTz(a->values[AUTH_VALID_FROM]) > now) ||
		(!a->nulls[AUTH_VALID_UNTIL] && DatumGetTimestampTz(a->values[AUTH_VALID_UNTIL]) <= now))
		return cs_fail(ctx, CS_EXPIRED, "authority \"%s\" is not valid now", a->name);
	if (document->legacy_count > 0 && !DatumGetBool(a->values[AUTH_ACCEPTS_LEGACY]))
	{
		cs_fail(ctx, CS_LEGACY_REFUSED, "authority \"%s\" does not accept legacy forms", a->name);
		return cs_fail_found(ctx, "%s", document->legacy[0]);
	}
	return cs_require_scope(ctx, &document->corim, &scope);
}

static bool
vouches(cs_ctx *ctx, cs_search *search, const cs_authority *a)
{
	const cs_verified *document = search->document;
	cs_item		key = cs_pg_item(a->values[AUTH_KEY]);

	if (document->envelope.envelope != CS_ENV_UNSIGNED)
		return leads_to(ctx, search, &key);
	if (DatumGetBool(a->values[AUTH_ACCEPTS_UNSIGNED]))
		return true;
	cs_fail(ctx, CS_UNTRUSTED, "authority \"%s\" does not accept unsigned documents", a->name);
	search->refusal = ctx->error;
	snprintf(search->refusal.hint, sizeof(search->refusal.hint),
			 "Set accepts_unsigned of that authority, if its documents reach you over a channel that you trust.");
	return false;
}

/* The document is this authority's from now on, and answers no longer than the authority speaks. */
static void
accept(cs_ctx *ctx, cs_search *search, const cs_authority *a)
{
	cs_verified *document = search->document;
	cs_span		shown = cs_pg_span(a->values[AUTH_SHOWN_AS]);
	cs_validity of_authority = {.has_not_before = !a->nulls[AUTH_VALID_FROM],.has_not_after = !a->nulls[AUTH_VALID_UNTIL]};

	if (of_authority.has_not_before)
		of_authority.not_before = cs_pg_unix_time(DatumGetTimestampTz(a->values[AUTH_VALID_FROM]));
	if (of_authority.has_not_after)
		of_authority.not_after = cs_pg_unix_time(DatumGetTimestampTz(a->values[AUTH_VALID_UNTIL]));
	narrow(&document->validity, &of_authority);
	document->authority = cs_strndup(ctx, a->name, strlen(a->name));
	document->shown_as = (cs_span) {cs_memdup(ctx, shown.data, shown.len), shown.len};
}

static bool
try_row(cs_ctx *ctx, cs_search *search, HeapTuple row, TupleDesc desc)
{
	cs_verified *document = search->document;
	cs_span		signer = document->signer.signer_name;
	cs_authority a;

	heap_deform_tuple(row, desc, a.values, a.nulls);
	a.name = TextDatumGetCString(a.values[AUTH_NAME]);
	if (vouches(ctx, search, &a))
	{
		if (may_speak(ctx, search, &a))
		{
			accept(ctx, search, &a);
			return true;
		}
		search->refusal = ctx->error;
	}
	else if (signer.len == strlen(a.name) && memcmp(signer.data, a.name, signer.len) == 0)
	{
		search->named = true;
		strlcpy(search->who, a.name, sizeof(search->who));
	}
	return false;
}

static bool
try_authorities(cs_ctx *ctx, cs_search *search, Oid store, const char *only)
{
	Datum		args[1] = {only ? CStringGetTextDatum(only) : (Datum) 0};

	if (SPI_execute_plan(cs_store_plan(store, CS_STMT_AUTHORITIES), args, only ? " " : "n", false, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read authorities");
	if (only != NULL && SPI_processed == 0)
	{
		cs_fail(ctx, CS_UNTRUSTED, "authority \"%s\" does not exist", only);
		return cs_fail_hint(ctx, "Insert it into the store's table authority.");
	}
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (try_row(ctx, search, SPI_tuptable->vals[i], SPI_tuptable->tupdesc))
			return true;
	}
	if (search->refusal.code == CS_OK)
		return nobody(ctx, search, only);
	ctx->error = search->refusal;
	return false;
}

bool
cs_find_authority(cs_ctx *ctx, Oid store, const char *only, int64_t now, cs_verified *document)
{
	cs_search	search = {.document = document,.now = now};
	bool		ok;

	if (document->envelope.envelope == CS_ENV_UNSIGNED)
	{
		if (only == NULL)
		{
			cs_fail(ctx, CS_UNTRUSTED, "the document is not signed");
			return cs_fail_hint(ctx, "Name the authority in whose name it is loaded: load(document, authority => 'name').");
		}
	}
	else if (cs_alg_name(document->sign1.alg) == NULL)
		return cs_fail(ctx, CS_UNSUPPORTED, "signature algorithm %lld is not supported", (long long) document->sign1.alg);
	else if (!begin_search(ctx, &search))
		return false;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	ok = try_authorities(ctx, &search, store, only);
	SPI_finish();
	return ok;
}

static bool
expired(cs_ctx *ctx, const char *what, int64_t at)
{
	char		text[32];
	time_t		t = (time_t) at;
	struct tm	tm;

	if (gmtime_r(&t, &tm) == NULL || strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		snprintf(text, sizeof(text), "%lld", (long long) at);
	return cs_fail(ctx, CS_EXPIRED, "the document %s %s", what, text);
}

bool
cs_require_valid(cs_ctx *ctx, const cs_verified *document, int64_t now)
{
	const cs_validity *v = &document->validity;
	const cs_validity *signature = &document->signer.validity;

	if (v->has_not_after && v->not_after <= now)
		return expired(ctx, "expired on", v->not_after);
	/* a RIM may be loaded before it begins to hold; a signature that does not hold yet verifies nothing */
	if (signature->has_not_before && signature->not_before > now)
		return expired(ctx, "has a signature that is not valid before", signature->not_before);
	return true;
}
