/*
 * verify.c - find the authority that vouches for a document (draft-ietf-rats-corim sections 4.2 and 4.3).
 */
#include "verify.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "crl.h"
#include "miscadmin.h"
#include "owner.h"
#include "scope.h"
#include "codepoints/codepoints.h"
#include "cose/key_identity.h"
#include "document/vouch.h"
#include "model/profile.h"
#include "pg/base/probe.h"
#include "pg/base/settings.h"
#include "pg/base/store.h"
#include "pg/base/times.h"
#include "pg/store/settle.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

static const cs_span nothing = { NULL, 0 };

/* What is asked of one authority, and what is known of the document. */
typedef struct cs_search
{
	cs_verified *document;
	Oid store;
	int64_t now;
	cs_signature *signers;
	size_t signer_count;
	cs_span *names; /* of the certificates that come with the signatures: cs_key_identities */
	size_t name_count;
	cs_span *issuers; /* and the DER Names of who issued them */
	size_t issuer_count;
	bool gave_up;				/* authorities were left that could have been tried */
	const cs_signature *signer; /* whose signature the authority at hand vouches for */
	const cs_signature *only;	/* the only one that is asked about; NULL: any */
	uint8_t key_digest[32];		/* SHA-256 of the public key that verified that one */
	cs_vouching how;			/* it is asked, and by which certificates it does */
	cs_signer_meta of_body;		/* what the document says of its signer, without any one signature's header */
	const char *pointed_to;		/* an authority that a kid or certificate of the document points to, and whose key does not verify it */
	bool named;					/* the caller or the document itself names an authority that failed */
	char who[NAMEDATALEN];
	cs_error failure;	  /* why that authority's key or certificate did not fit */
	cs_error refusal;	  /* of an authority whose key fits, and that may not say this; CS_OK: none */
	cs_error unsupported; /* what no key could help with: an algorithm that is not known for that key; CS_OK: nothing */
} cs_search;

/* Of several signatures those that cannot be checked are passed over: the others may hold. */
static bool
begin_search(cs_ctx *ctx, cs_search *search)
{
	const cs_verified *document = search->document;

	search->signers = cs_alloc(ctx, document->signature_count, sizeof(cs_signature));
	if (search->signers == NULL)
		return false;
	for (size_t i = 0; i < document->signature_count; i++)
		if ((document->signature == 0 || document->signature == i + 1) &&
			cs_signature_open(ctx, &document->signatures[i], &search->how, &search->signers[search->signer_count]))
			search->signer_count++;
	return search->signer_count > 0;
}

/* The key was tried, and it is not the one that made the signature, or not over these bytes: no more is known. */
static bool
is_plain_mismatch(const cs_error *failure)
{
	return failure->code == CS_BAD_SIGNATURE && failure->found[0] == '\0' && strstr(failure->path, ".signature") != NULL;
}

/*
 * The authority whose document this seems to be, for a hint: a kid or certificate points to it, or documents of its own that are here name
 * the same signer. NULL when there is none.
 */
static const char *
known_issuer(const cs_search *search)
{
	cs_span name = search->document->signer.signer_name;
	Datum args[1];

	if (search->pointed_to != NULL)
		return search->pointed_to;
	if (name.len == 0 || name.len > 128 || memchr(name.data, 0, name.len) != NULL)
		return NULL;
	args[0] = cs_pg_make_text(name);
	cs_run_latest(search->store, CS_STMT_SIGNER_KNOWN, args, " ");
	return SPI_processed > 0 ? SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1) : NULL;
}

static bool
nobody(cs_ctx *ctx, const cs_search *search)
{
	cs_span name = search->document->signer.signer_name;
	const char *known;

	if (search->named && strcmp(search->failure.path, "x5chain") == 0)
	{
		cs_fail(ctx, CS_BAD_SIGNATURE, "the document's certificates do not lead to authority \"%s\"", search->who);
		cs_fail_found(ctx, "%s", search->failure.found);
		return search->failure.hint[0] != '\0' && cs_fail_hint(ctx, "%s", search->failure.hint);
	}
	if (search->named && !is_plain_mismatch(&search->failure))
	{
		ctx->error = search->failure;
		return false;
	}
	if (search->named)
	{
		cs_fail(ctx, CS_BAD_SIGNATURE, "the signature does not verify with the key of authority \"%s\"", search->who);
		return cs_fail_hint(ctx, "The document was altered, or signed with another key.");
	}
	if (search->unsupported.code != CS_OK)
	{
		ctx->error = search->unsupported;
		return false;
	}
	known = known_issuer(search);
	cs_fail(ctx, CS_UNTRUSTED, "no authority of this store vouches for the document");
	cs_fail_found(ctx, "signer \"%.*s\"", (int) Min(name.len, 128), (const char *) name.data);
	if (known != NULL)
		return cs_fail_hint(ctx,
			"The document may have been altered: its signer seems to be authority \"%s\", whose key does not verify it. Insert another key "
			"into"
			" the store's table authority only if you know that it is the signer's.",
			known);
	return cs_fail_hint(ctx, "Insert the signer's key into the store's table authority, if you trust it.");
}

/* Columns of CS_STMT_AUTHORITIES. */
enum
{
	AUTH_NAME,
	AUTH_KEY,
	AUTH_VALID_FROM,
	AUTH_VALID_UNTIL,
	AUTH_ENVIRONMENTS,
	AUTH_PROFILES,
	AUTH_KINDS,
	AUTH_TAG_IDS,
	AUTH_ACCEPTS_UNSIGNED,
	AUTH_ACCEPTS_LEGACY,
	AUTH_ACCEPTS_COSE_SIGN,
	AUTH_CHECK_ISSUER,
	AUTH_KEY_PURPOSES,
	AUTH_STRICT_PROFILE,
	AUTH_CHAINS_JUDGED_AT,
	AUTH_ID,
	AUTH_SCOPE,
	AUTH_TRUTH,
	AUTH_COLUMNS
};

typedef struct cs_authority
{
	char *name;
	Datum values[AUTH_COLUMNS];
	bool nulls[AUTH_COLUMNS];
} cs_authority;

/* Of few anything was ever revoked; that it was is no secret, and what was is read with the caller's rights. */
static bool
is_revoked(const cs_search *search, const cs_authority *a)
{
	Datum id = a->values[AUTH_ID];

	if (!cs_probe_once(search->store, CS_PROBE_REVOKED_AUTHORITY, &id))
		return false;
	cs_run_latest(search->store, CS_STMT_AUTHORITY_REVOKED, &id, NULL);
	return SPI_processed > 0;
}

/* Does the authority speak now? Of history its validity and its revocation say when it answers. */
static bool
speaks_now(cs_ctx *ctx, const cs_search *search, const cs_authority *a)
{
	TimestampTz now = cs_pg_timestamp(search->now);

	if (search->document->as_history)
		return true;
	if (is_revoked(search, a))
		return cs_fail(ctx, CS_UNTRUSTED, "authority \"%s\" is revoked", a->name);
	if ((!a->nulls[AUTH_VALID_FROM] && DatumGetTimestampTz(a->values[AUTH_VALID_FROM]) > now) ||
		(!a->nulls[AUTH_VALID_UNTIL] && DatumGetTimestampTz(a->values[AUTH_VALID_UNTIL]) <= now))
		return cs_fail(ctx, CS_EXPIRED, "authority \"%s\" is not valid now", a->name);
	return true;
}

static bool
accepts_form(cs_ctx *ctx, const cs_search *search, const cs_authority *a)
{
	const cs_verified *document = search->document;

	if (document->envelope.envelope == CS_ENV_SIGN && !DatumGetBool(a->values[AUTH_ACCEPTS_COSE_SIGN]))
	{
		cs_fail(ctx, CS_LEGACY_REFUSED, "authority \"%s\" does not accept COSE_Sign", a->name);
		return cs_fail_hint(ctx, "Set accepts_cose_sign of that authority, or sign with COSE_Sign1 (tag 18).");
	}
	if (document->legacy_count > 0 && !DatumGetBool(a->values[AUTH_ACCEPTS_LEGACY]))
	{
		cs_fail(ctx, CS_LEGACY_REFUSED, "authority \"%s\" does not accept legacy forms", a->name);
		return cs_fail_found(ctx, "%s", document->legacy[0]);
	}
	if (DatumGetBool(a->values[AUTH_STRICT_PROFILE]) && !cs_corim_keeps_profile(ctx, &document->corim))
		return cs_fail_hint(
			ctx, "Clear strict_profile of that authority, or have the document made as its profile demands (doc/profiles.md).");
	return true;
}

/* The signer's name against his certificate, where the authority asks for it. */
static bool
issuer_agrees(cs_ctx *ctx, const cs_search *search, const cs_authority *a)
{
	cs_span name = search->document->signer.signer_name;
	bool yes = false;

	if (search->document->envelope.envelope == CS_ENV_UNSIGNED || !DatumGetBool(a->values[AUTH_CHECK_ISSUER]))
		return true;
	if (search->how.certificate.len > 0 && !cs_certificate_has_name(ctx, search->how.certificate, name, &yes))
		return false;
	if (yes)
		return true;
	cs_fail(ctx, CS_BAD_SIGNATURE,
		search->how.certificate.len > 0 ? "the signer's certificate does not name the signer"
										: "the signer has no certificate that names him");
	cs_fail_found(ctx, "signer \"%.*s\"", (int) Min(name.len, 128), (const char *) name.data);
	return cs_fail_hint(ctx, "Authority \"%s\" has check_issuer: subject or subjectAltName must hold iss.", a->name);
}

/* An authority whose key fits: may it say this, in this form, now? */
static bool
may_speak(cs_ctx *ctx, const cs_search *search, const cs_authority *a)
{
	const cs_verified *document = search->document;
	const cs_signature *signer = search->signer;
	cs_scope scope = {
		.authority = a->name,
		.environments = a->nulls[AUTH_ENVIRONMENTS] ? (Datum) 0 : a->values[AUTH_ENVIRONMENTS],
		.profiles = a->nulls[AUTH_PROFILES] ? (Datum) 0 : a->values[AUTH_PROFILES],
		.kinds = a->nulls[AUTH_KINDS] ? (Datum) 0 : a->values[AUTH_KINDS],
		.tag_ids = a->nulls[AUTH_TAG_IDS] ? (Datum) 0 : a->values[AUTH_TAG_IDS],
	};

	if (!speaks_now(ctx, search, a) || !accepts_form(ctx, search, a) || !issuer_agrees(ctx, search, a))
		return false;
	if (signer != NULL && !document->as_history &&
		!cs_require_unrevoked(ctx, search->store, DatumGetUUIDP(a->values[AUTH_ID]), signer->certs, signer->cert_count, search->now))
		return false;
	return cs_require_scope(ctx, &document->corim, &scope);
}

/* Where a COSE_Sign's own header says nothing of the signer, that of the signature that counts does. */
static bool
complete_signer(cs_ctx *ctx, cs_search *search)
{
	cs_verified *document = search->document;
	const cs_sign1 *sign1 = search->signer->sign1;

	if (sign1->kind != CS_COSE_SIGNATURE || document->signer.has_meta || document->signer.has_claims || !sign1->has_protected)
		return true;
	return cs_signer_meta_read(ctx, &sign1->protected_map, &document->signer);
}

static void
add_digest(cs_ctx *ctx, cs_buf *to, cs_span bytes)
{
	uint8_t digest[32];

	cs_pg_require(cs_sha256(ctx, bytes, digest), ctx, NULL);
	cs_put_raw(to, digest, sizeof(digest));
}

/* What was signed: the Sig_structure, in which a detached payload and a header that is empty either way stand in one form. */
static void
add_signed(cs_ctx *ctx, const cs_search *search, cs_buf *to)
{
	const cs_verified *document = search->document;
	const cs_sign1 *sign1 = search->signer->sign1;
	cs_span message;

	cs_pg_require(cs_sign1_signed(ctx, sign1, document->detached, &message), ctx, NULL);
	add_digest(ctx, to, message);
	add_digest(ctx, to, search->how.spki);
	if (cs_is_collection(document))
		add_digest(ctx, to, document->member);
}

/* Of several signatures each is a statement. */
static bool
is_meant(cs_ctx *ctx, const cs_search *search)
{
	const cs_verified *document = search->document;
	pg_uuid_t id;
	cs_buf parts;

	if (document->must_be == NULL || document->signature_count < 2)
		return true;
	cs_buf_init(&parts, ctx);
	add_signed(ctx, search, &parts);
	cs_pg_require(cs_buf_ok(&parts), ctx, NULL);
	cs_uuid_of_bytes(cs_buf_span(&parts), &id);
	return memcmp(id.data, document->must_be, UUID_LEN) == 0 ||
		cs_fail(ctx, CS_BAD_SIGNATURE, "the authority vouches for another of the document's signatures");
}

static bool
some_signer_leads_to(cs_ctx *ctx, cs_search *search, const cs_item *key)
{
	search->document->signer = search->of_body;
	for (size_t i = 0; i < search->signer_count; i++)
	{
		search->signer = &search->signers[i];
		if ((search->only == NULL || search->only == search->signer) && cs_vouches(ctx, search->signer, key, &search->how) &&
			is_meant(ctx, search))
			return complete_signer(ctx, search);
	}
	return false;
}

/* As cs_key.purposes has them. */
static const char *const *
purposes_of(const cs_authority *a)
{
	Datum *values;
	int count;
	const char **purposes;

	deconstruct_array(DatumGetArrayTypeP(a->values[AUTH_KEY_PURPOSES]), TEXTOID, -1, false, TYPALIGN_INT, &values, NULL, &count);
	purposes = palloc(((size_t) count + 1) * sizeof(*purposes));
	for (int i = 0; i < count; i++)
		purposes[i] = TextDatumGetCString(values[i]);
	purposes[count] = NULL;
	return purposes;
}

static bool
vouches(cs_ctx *ctx, cs_search *search, const cs_authority *a)
{
	const cs_verified *document = search->document;
	cs_item key = cs_pg_item(a->values[AUTH_KEY]);

	if (document->envelope.envelope != CS_ENV_UNSIGNED)
	{
		search->how.purposes = purposes_of(a);
		search->how.judged = !a->nulls[AUTH_CHAINS_JUDGED_AT];
		search->how.at = search->how.judged ? cs_pg_unix_time(DatumGetTimestampTz(a->values[AUTH_CHAINS_JUDGED_AT]))
			: document->as_history			? CS_ANY_TIME
											: search->now;
		return some_signer_leads_to(ctx, search, &key);
	}
	if (DatumGetBool(a->values[AUTH_ACCEPTS_UNSIGNED]))
		return true;
	cs_fail(ctx, CS_UNTRUSTED, "authority \"%s\" does not accept unsigned documents", a->name);
	search->refusal = ctx->error;
	snprintf(search->refusal.hint, sizeof(search->refusal.hint),
		"Set accepts_unsigned of that authority, if its documents reach you over a channel that you trust.");
	return false;
}

/* Another unprotected header, another form of the signature, a longer head: the same statement. */
static void
identify(cs_ctx *ctx, const cs_search *search, const cs_authority *a)
{
	cs_verified *document = search->document;
	cs_buf parts;

	cs_buf_init(&parts, ctx);
	if (document->envelope.envelope != CS_ENV_UNSIGNED)
		add_signed(ctx, search, &parts);
	else
	{
		add_digest(ctx, &parts, cs_item_span(&document->envelope.payload));
		cs_put_raw(&parts, DatumGetUUIDP(a->values[AUTH_ID])->data, UUID_LEN);
	}
	cs_pg_require(cs_buf_ok(&parts), ctx, NULL);
	cs_uuid_of_bytes(cs_buf_span(&parts), (pg_uuid_t *) document->statement);
}

/* What leads from a signature to an authority. */
static void
identify_signer(cs_ctx *ctx, cs_search *search)
{
	const cs_vendor_document *vendor = search->document->vendor;
	const cs_signature *signer = search->signer;
	cs_item x5t;
	cs_buf parts;
	pg_uuid_t id;

	cs_buf_init(&parts, ctx);
	cs_pg_require(cs_sha256(ctx, search->how.spki, search->key_digest), ctx, NULL);
	cs_put_raw(&parts, search->key_digest, sizeof(search->key_digest));
	for (size_t i = 0; i < signer->cert_count; i++)
		add_digest(ctx, &parts, signer->certs[i]);
	cs_put_int(&parts, signer->sign1->has_alg ? signer->sign1->alg : 0);
	if (vendor != NULL)
		cs_put_raw(&parts, (const uint8_t *) vendor->format->name, strlen(vendor->format->name));
	else if (cs_sign1_header(signer->sign1, CS_HEADER_X5T, &x5t))
		add_digest(ctx, &parts, cs_item_span(&x5t));
	cs_pg_require(cs_buf_ok(&parts), ctx, NULL);
	cs_uuid_of_bytes(cs_buf_span(&parts), &id);
	memcpy(search->document->signer_id, id.data, UUID_LEN);
}

/* The document is this authority's from now on. When the authority speaks is no matter of the document's (authority_life). */
static void
accept(cs_ctx *ctx, cs_search *search, const cs_authority *a)
{
	cs_verified *document = search->document;

	cs_narrow(&document->validity, &search->how.path);
	cs_narrow(&document->validity, &document->signer.validity);
	document->authority = cs_strndup(ctx, a->name, strlen(a->name));
	memcpy(document->authority_id, DatumGetUUIDP(a->values[AUTH_ID])->data, UUID_LEN);
	memcpy(document->authority_scope, DatumGetUUIDP(a->values[AUTH_SCOPE])->data, UUID_LEN);
	identify(ctx, search, a);
}

/* True: it may say the document. */
static bool
try_row(cs_ctx *ctx, cs_search *search, const cs_authority *a, bool only)
{
	cs_verified *document = search->document;
	cs_span signer = document->signer.signer_name;

	ctx->error.found[0] = '\0';
	if (vouches(ctx, search, a))
	{
		if (may_speak(ctx, search, a))
			return true;
		search->refusal = ctx->error;
		return false;
	}
	if (ctx->error.code == CS_UNSUPPORTED && document->envelope.envelope != CS_ENV_UNSIGNED)
		search->unsupported = ctx->error;
	if (only || (signer.len == strlen(a->name) && memcmp(signer.data, a->name, signer.len) == 0))
	{
		search->named = true;
		search->failure = ctx->error;
		strlcpy(search->who, a->name, sizeof(search->who));
	}
	return false;
}

/* Has the authority's key the kid (RFC 9052 section 3.1) that a signature names? Also, as many write it, the SHA-256 of the key. */
static bool
has_kid(cs_ctx *ctx, const cs_search *search, const cs_item *key, cs_span identity)
{
	cs_item content, kid;
	cs_span bytes = nothing;
	uint8_t digest[32];

	if (cs_is_tag(key, CS_TAG_COSE_KEY))
	{
		content = cs_tag_content(key);
		if (cs_map_get(&content, 2, &kid) && cs_is(&kid, CS_BSTR) && !cs_string(ctx, &kid, &bytes))
			return false;
	}
	for (size_t i = 0; i < search->signer_count; i++)
	{
		cs_span named = search->signers[i].sign1->kid;

		if (named.len > 0 && cs_span_eq(named, bytes))
			return true;
		if (named.len == sizeof(digest) && identity.len > 1 && cs_sha256(ctx, (cs_span) { identity.data + 1, identity.len - 1 }, digest) &&
			cs_span_eq(named, (cs_span) { digest, sizeof(digest) }))
			return true;
	}
	return false;
}

/* Is it the key, the certificate or a thumbprint of one of the document's certificates, or a certificate whose subject issued one? */
static bool
is_of_certificates(const cs_search *search, cs_span identity)
{
	for (size_t i = 0; i < search->name_count; i++)
		if (cs_span_eq(search->names[i], identity))
			return true;
	for (size_t i = 0; i < search->issuer_count; i++)
		if (memmem(identity.data, identity.len, search->issuers[i].data, search->issuers[i].len) != NULL)
			return true;
	return false;
}

/* Does the document name this authority, in any of the ways that it can? A hint alone: what counts is whose key verifies. */
static bool
is_named(cs_ctx *ctx, const cs_search *search, const cs_authority *a)
{
	cs_span signer = search->document->signer.signer_name;
	cs_item key = cs_pg_item(a->values[AUTH_KEY]);
	cs_buf identity;

	if (signer.len == strlen(a->name) && memcmp(signer.data, a->name, signer.len) == 0)
		return true;
	cs_buf_init(&identity, ctx);
	if (!cs_key_identity(ctx, &key, &identity))
		return false;
	return has_kid(ctx, search, &key, cs_buf_span(&identity)) || is_of_certificates(search, cs_buf_span(&identity));
}

/* What the certificates that come with the signatures say of who they are and who issued them. */
static bool
collect_names(cs_ctx *ctx, cs_search *search)
{
	size_t certs = 0;

	for (size_t i = 0; i < search->signer_count; i++)
		certs += search->signers[i].cert_count;
	search->names = cs_alloc(ctx, certs, CS_KEY_IDENTITIES * sizeof(cs_span));
	search->issuers = cs_alloc(ctx, certs, sizeof(cs_span));
	if (search->names == NULL || search->issuers == NULL)
		return false;
	for (size_t i = 0; i < search->signer_count; i++)
		for (size_t k = 0; k < search->signers[i].cert_count; k++)
		{
			cs_certificate certificate;
			cs_buf buf;
			cs_item item;
			size_t count;

			CHECK_FOR_INTERRUPTS();
			cs_buf_init(&buf, ctx);
			cs_put_tag(&buf, CS_TAG_PKIX_ASN1DER_CERT);
			cs_put_bytes(&buf, search->signers[i].certs[k].data, search->signers[i].certs[k].len);
			if (!cs_buf_ok(&buf) || !cs_certificate_read(ctx, search->signers[i].certs[k], &certificate))
				return false;
			item = cs_item_at(buf.data, buf.len);
			if (!cs_key_identities(ctx, &item, search->names + search->name_count, &count))
				return false;
			search->name_count += count;
			search->issuers[search->issuer_count++] = certificate.issuer;
		}
	return true;
}

static bool
too_many(cs_ctx *ctx)
{
	cs_fail(ctx, CS_LIMIT, "the document names no authority, and more than %d would have to be tried", cs_setting_max_authorities_tried);
	return cs_fail_hint(
		ctx, "Name the authority: load(document, authority => 'name'). A superuser can raise the limit: coserv.max_authorities_tried.");
}

static void
read_authority(SPITupleTable *rows, uint64 row, cs_authority *a)
{
	heap_deform_tuple(rows->vals[row], rows->tupdesc, a->values, a->nulls);
	a->name = TextDatumGetCString(a->values[AUTH_NAME]);
}

/* Those that the document names first, then the others, as many as may be tried; all by id. */
static bool
try_rows(cs_ctx *ctx, cs_search *search, SPITupleTable *rows, uint64 count, bool only, cs_authority *found)
{
	bool *named = palloc0(count);
	int tried = 0;

	for (int pass = 0; pass < 2; pass++)
		for (uint64 i = 0; i < count; i++)
		{
			CHECK_FOR_INTERRUPTS();
			if (pass == 1 && named[i])
				continue;
			read_authority(rows, i, found);
			if (pass == 0 && !(named[i] = only || is_named(ctx, search, found)))
				continue;
			if (pass == 1 && tried++ >= cs_setting_max_authorities_tried)
			{
				search->gave_up = true;
				return false;
			}
			if (try_row(ctx, search, found, only))
				return true;
			if (pass == 0 && search->pointed_to == NULL)
				search->pointed_to = found->name;
		}
	return false;
}

/* --- whose it is, of several (owner.h) --- */

/* An authority that the signer leads to, by which certificates. */
typedef struct cs_leading
{
	cs_candidate candidate; /* first: what they are ordered by */
	cs_vouching how;
	uint64 row;
} cs_leading;

/* A certificate or a thumbprint is found by the certificates of the document: in them, or by who issued one (RFC 5280 section 4.1.2.6). */
static bool
is_found_by_name(const cs_item *key)
{
	switch (cs_is(key, CS_TAG) ? key->arg : 0)
	{
		case CS_TAG_PKIX_BASE64_CERT:
		case CS_TAG_PKIX_BASE64_CERT_PATH:
		case CS_TAG_PKIX_ASN1DER_CERT:
		case CS_TAG_KEY_THUMBPRINT:
		case CS_TAG_CERT_THUMBPRINT:
			return true;
		default:
			return false;
	}
}

/* Does the signer lead to it? Asked of most authorities, and no of nearly all. */
static bool
leads_to(cs_ctx *ctx, cs_search *search, const uint8_t signer[UUID_LEN], const cs_authority *a)
{
	const pg_uuid_t *id = DatumGetUUIDP(a->values[AUTH_ID]), *scope = DatumGetUUIDP(a->values[AUTH_SCOPE]);
	cs_item key = cs_pg_item(a->values[AUTH_KEY]);
	cs_buf identity;
	bool leads;

	if (search->only->cert_count == 0)
		return cs_authority_has_key(id, &key, search->key_digest) && vouches(ctx, search, a);
	if (is_found_by_name(&key))
	{
		cs_buf_init(&identity, ctx);
		return cs_key_identity(ctx, &key, &identity) && is_of_certificates(search, cs_buf_span(&identity)) && vouches(ctx, search, a);
	}
	/* a key may be that of any certificate, or of who issued one */
	if (cs_lead_is_remembered(signer, id, scope, &leads))
		return leads && vouches(ctx, search, a);
	leads = vouches(ctx, search, a);
	cs_remember_lead(signer, id, scope, leads);
	return leads;
}

static void
add_leading(cs_leading *leading, int *count, const cs_search *search, uint64 row, const cs_authority *a)
{
	const cs_validity *path = &search->how.path;
	cs_leading *new = &leading[(*count)++];

	*new = (cs_leading) { .how = search->how, .row = row };
	new->candidate.authority = *DatumGetUUIDP(a->values[AUTH_ID]);
	new->candidate.begin = path->has_not_before ? cs_pg_timestamp(path->not_before) : DT_NOBEGIN;
	new->candidate.end = path->has_not_after ? cs_pg_timestamp(path->not_after) : DT_NOEND;
	new->candidate.length = search->how.length;
}

/*
 * All that search->signer leads to, whenever certificates hold, in their order; known is one of them (NULL: none is known). What they are
 * called and may say are rows.
 */
static int
find_leading(cs_ctx *ctx, cs_search *search, SPITupleTable *rows, uint64 count, const cs_authority *known, cs_leading **out)
{
	cs_verified *document = search->document;
	const cs_vouching how = search->how;
	const cs_signer_meta signer = document->signer;
	const bool as_history = document->as_history;
	cs_candidate *candidates;
	int found = 0;

	*out = palloc_extended(sizeof(cs_leading) * (Size) Max(count, 1), MCXT_ALLOC_HUGE);
	search->only = search->signer;
	document->as_history = true;
	for (uint64 i = 0; i < count; i++)
	{
		cs_authority a;
		bool is_known;

		CHECK_FOR_INTERRUPTS();
		read_authority(rows, i, &a);
		cs_authorities_add(&document->authorities_known, DatumGetUUIDP(a.values[AUTH_ID]), DatumGetUUIDP(a.values[AUTH_TRUTH]));
		is_known = known != NULL && memcmp(DatumGetUUIDP(a.values[AUTH_ID]), DatumGetUUIDP(known->values[AUTH_ID]), UUID_LEN) == 0;
		search->how = how;
		if (is_known || leads_to(ctx, search, document->signer_id, &a))
			add_leading(*out, &found, search, i, &a);
	}
	search->how = how;
	search->signer = search->only;
	document->signer = signer;
	document->as_history = as_history;
	if (found < 2)
		return found;
	candidates = palloc(sizeof(cs_candidate) * (Size) found);
	for (int i = 0; i < found; i++)
		candidates[i] = (*out)[i].candidate;
	cs_candidates_rights(search->store, candidates, found);
	for (int i = 0; i < found; i++)
		(*out)[i].candidate = candidates[i];
	qsort(*out, (size_t) found, sizeof(cs_leading), cs_compare_candidates);
	return found;
}

/* The first of them that may say it, in place of the one that was found first. Who cannot say it now refuses it to who loads it. */
static bool
take_owner(cs_ctx *ctx, cs_search *search, SPITupleTable *rows, uint64 count, cs_authority *owner)
{
	cs_verified *document = search->document;
	const bool as_history = document->as_history;
	cs_leading *leading;
	bool found = false;
	int n;

	identify_signer(ctx, search);
	n = find_leading(ctx, search, rows, count, owner, &leading);
	document->has_rivals = n > 1;
	document->as_history = true;
	for (int i = 0; n > 1 && !found && i < n; i++)
	{
		read_authority(rows, leading[i].row, owner);
		search->how = leading[i].how;
		found = may_speak(ctx, search, owner);
	}
	document->as_history = as_history;
	return n < 2 || as_history || may_speak(ctx, search, owner);
}

static SPITupleTable *
all_authorities(Oid store, uint64 *count)
{
	Datum args[2] = { 0 };

	cs_run_latest(store, CS_STMT_AUTHORITIES, args, "nn");
	*count = SPI_processed;
	return SPI_tuptable;
}

static bool
try_authorities(cs_ctx *ctx, cs_search *search, const char *only, const pg_uuid_t *only_id)
{
	Datum args[2] = { only ? CStringGetTextDatum(only) : (Datum) 0, only_id ? UUIDPGetDatum(only_id) : (Datum) 0 };
	const char nulls[3] = { only ? ' ' : 'n', only_id ? ' ' : 'n', '\0' };
	SPITupleTable *rows;
	cs_authority found;
	uint64 count;

	if (!collect_names(ctx, search))
		return false;
	cs_run_latest(search->store, CS_STMT_AUTHORITIES, args, nulls);
	rows = SPI_tuptable;
	count = SPI_processed;
	if (only_id != NULL && count == 0)
		return cs_fail(ctx, CS_UNTRUSTED, "the authority in whose name the document came is not known here");
	if (only != NULL && count == 0)
	{
		cs_fail(ctx, CS_UNTRUSTED, "authority \"%s\" does not exist", only);
		return cs_fail_hint(ctx, "Insert it into the store's table authority.");
	}
	if (!try_rows(ctx, search, rows, count, only != NULL || only_id != NULL, &found))
	{
		if (search->refusal.code == CS_OK)
			return search->gave_up && !search->named ? too_many(ctx) : nobody(ctx, search);
		ctx->error = search->refusal;
		return false;
	}
	if (search->document->envelope.envelope != CS_ENV_UNSIGNED && only_id != NULL)
		identify_signer(ctx, search);
	else if (search->document->envelope.envelope != CS_ENV_UNSIGNED)
	{
		if (only != NULL)
			rows = all_authorities(search->store, &count);
		if (!take_owner(ctx, search, rows, count, &found))
			return false;
	}
	accept(ctx, search, &found);
	return true;
}

static bool
open_search(cs_ctx *ctx, Oid store, int64_t now, cs_verified *document, cs_search *search)
{
	*search = (cs_search) { .document = document, .store = store, .now = now, .of_body = document->signer };
	search->how = (cs_vouching) { .accept_rs = cs_setting_accept_rs, .detached = document->detached, .vendor = document->vendor };
	return document->envelope.envelope == CS_ENV_UNSIGNED || begin_search(ctx, search);
}

bool
cs_find_authority(cs_ctx *ctx, Oid store, const char *only, const pg_uuid_t *only_id, int64_t now, cs_verified *document)
{
	cs_search search;
	bool ok;

	if (!open_search(ctx, store, now, document, &search))
		return false;
	if (document->envelope.envelope == CS_ENV_UNSIGNED && only == NULL && only_id == NULL)
	{
		cs_fail(ctx, CS_UNTRUSTED, "the document is not signed");
		return cs_fail_hint(ctx, "Name the authority in whose name it is loaded: load(document, authority => 'name').");
	}
	cs_spi_connect();
	ok = try_authorities(ctx, &search, only, only_id);
	SPI_finish();
	return ok;
}

/* Which of the signatures made the statement, by whichever authority's key. */
static bool
find_signer(cs_ctx *ctx, cs_search *search, SPITupleTable *rows, uint64 count)
{
	for (uint64 i = 0; i < count; i++)
	{
		cs_authority a;

		CHECK_FOR_INTERRUPTS();
		read_authority(rows, i, &a);
		if (vouches(ctx, search, &a))
			return true;
	}
	return false;
}

int
cs_find_candidates(cs_ctx *ctx, Oid store, cs_verified *document, cs_candidate **out)
{
	MemoryContext caller = CurrentMemoryContext;
	cs_search search;
	cs_leading *leading;
	SPITupleTable *rows;
	uint64 count;
	int n = 0;

	*out = NULL;
	if (document->envelope.envelope == CS_ENV_UNSIGNED || !open_search(ctx, store, 0, document, &search) || !collect_names(ctx, &search))
		return 0;
	document->as_history = true;
	cs_spi_connect();
	rows = all_authorities(store, &count);
	if (find_signer(ctx, &search, rows, count))
	{
		identify_signer(ctx, &search);
		n = find_leading(ctx, &search, rows, count, NULL, &leading);
		*out = MemoryContextAlloc(caller, sizeof(cs_candidate) * (Size) n);
		for (int i = 0; i < n; i++)
			(*out)[i] = leading[i].candidate;
	}
	SPI_finish();
	return n;
}
