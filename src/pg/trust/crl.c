/*
 * crl.c - the triggers that keep certificates and CRLs of a store, and what a CRL does to documents (sql/store/12_crl.sql).
 *
 * A CRL only ever adds to what is known: a document whose certificate it revokes is refused from then on, and one that is there
 * gets a row in revocation. That row's id is made of what it says, so that every region, and every later CRL, says the same once.
 */
#include "crl.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "storage/lock.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "pg/store/settle.h"
#include "pg/base/store.h"
#include "verify.h"
#include "pg/base/times.h"

PG_FUNCTION_INFO_V1(coserv_crl_verify);
PG_FUNCTION_INFO_V1(coserv_crl_derive);
PG_FUNCTION_INFO_V1(coserv_crl_retry);
PG_FUNCTION_INFO_V1(coserv_manifest_certificates);

typedef struct cs_crl_row
{
	TriggerData *trigger;
	TupleDesc desc;
	Oid store;
	HeapTuple tuple; /* as it shall be */
	cs_as_owner self;
} cs_crl_row;

static cs_crl_row
row_of(FunctionCallInfo fcinfo, const char *name)
{
	cs_crl_row row;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_FOR_ROW(((TriggerData *) fcinfo->context)->tg_event))
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED), errmsg("%s is a row trigger of a coserv store", name)));
	row.trigger = (TriggerData *) fcinfo->context;
	row.desc = RelationGetDescr(row.trigger->tg_relation);
	row.store = RelationGetNamespace(row.trigger->tg_relation);
	row.tuple = TRIGGER_FIRED_BY_UPDATE(row.trigger->tg_event) ? row.trigger->tg_newtuple : row.trigger->tg_trigtuple;
	return row;
}

static Datum
column(const cs_crl_row *row, HeapTuple tuple, const char *name, bool *isnull)
{
	int number = SPI_fnumber(row->desc, name);

	if (number <= 0)
		ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_COLUMN),
				errmsg("table \"%s\" of a coserv store has no column \"%s\"", RelationGetRelationName(row->trigger->tg_relation), name)));
	return heap_getattr(tuple, number, row->desc, isnull);
}

static bool
is_set(const cs_crl_row *row, HeapTuple tuple, const char *name)
{
	bool isnull;

	(void) column(row, tuple, name, &isnull);
	return !isnull;
}

static void
begin_as_owner(cs_crl_row *row)
{
	cs_become_owner(RelationGetRelid(row->trigger->tg_relation), &row->self);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
}

static void
end_as_owner(cs_crl_row *row)
{
	SPI_finish();
	cs_become_self(&row->self);
}

static void
lock_crls(Oid store, LOCKMODE mode)
{
	LOCKTAG tag;

	cs_store_lock_tag(&tag, store, CS_LOCK_CRL);
	(void) LockAcquire(&tag, mode, false, false);
}

/* What committed before the lock was granted is seen, whatever the isolation level: else one of two would miss the other. */
static int
run(Oid store, cs_statement statement, Datum *args, const char *nulls)
{
	Snapshot snapshot = IsolationUsesXactSnapshot() ? GetLatestSnapshot() : InvalidSnapshot;
	int result = SPI_execute_snapshot(cs_store_plan(store, statement), args, nulls, snapshot, InvalidSnapshot, false, true, 0);

	if (result < 0)
		elog(ERROR, "could not run a statement over the CRLs of a store: %s", SPI_result_code_string(result));
	return result;
}

/* ---- documents ---- */

static bool
revoked(cs_ctx *ctx, const cs_certificate *cert, int64_t at, int reason)
{
	char *date = DatumGetCString(DirectFunctionCall1(timestamptz_out, TimestampTzGetDatum(cs_pg_timestamp(at))));
	int n = 0;
	char serial[65];

	serial[0] = '\0';
	for (size_t i = 0; i < cert->serial.len && i < 32; i++)
		n += snprintf(serial + n, sizeof(serial) - n, "%02x", cert->serial.data[i]);
	cs_fail(ctx, CS_BAD_SIGNATURE, "a certificate of the document is revoked");
	return cs_fail_found(ctx, "certificate %s of \"%s\", revoked %s: %s", serial, cert->issuer_text, date, cs_crl_reason_name(reason));
}

bool
cs_require_unrevoked(cs_ctx *ctx, Oid store, const char *authority, const cs_span *certs, size_t count, int64_t now)
{
	if (count > 0)
		lock_crls(store, ShareLock);
	for (size_t i = 0; i < count; i++)
	{
		cs_certificate cert;
		Datum args[4];
		bool isnull;

		/* what cannot be read leads nowhere: it may stand behind a signer whose bare key is trusted */
		if (!cs_certificate_read(ctx, certs[i], &cert))
			continue;
		args[0] = CStringGetTextDatum(authority);
		args[1] = cs_pg_make(cert.issuer);
		args[2] = cs_pg_make(cert.serial);
		args[3] = TimestampTzGetDatum(cs_pg_timestamp(now));
		run(store, CS_STMT_REVOKED_CERTIFICATE, args, NULL);
		if (SPI_processed > 0)
			return revoked(ctx, &cert,
				cs_pg_unix_time(DatumGetTimestampTz(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull))),
				DatumGetInt16(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &isnull)));
	}
	return true;
}

/* Does the document bring certificates along? */
static bool
has_certificates(cs_span document)
{
	cs_verified v;
	cs_item value;
	cs_ctx ctx;

	cs_pg_ctx(&ctx);
	if (!cs_open_signatures(&ctx, document, &v))
		return false;
	for (size_t i = 0; i < v.signature_count; i++)
		if (cs_sign1_header(&v.signatures[i], CS_HEADER_X5BAG, &value) || cs_sign1_header(&v.signatures[i], CS_HEADER_X5CHAIN, &value))
			return true;
	return false;
}

static void
derive_certificates(const cs_crl_row *row, Datum id)
{
	bool isnull;
	Datum args[3] = { id };
	char nulls[4] = "   ";

	args[1] = column(row, row->tuple, "document", &isnull);
	args[2] = column(row, row->tuple, "payload", &isnull);
	if (isnull)
		nulls[2] = 'n';
	lock_crls(row->store, ShareLock);
	run(row->store, CS_STMT_DERIVE_CERTIFICATES, args, nulls);
	run(row->store, CS_STMT_REVOKE_MANIFEST, &id, NULL);
}

/* AFTER INSERT OR UPDATE OR DELETE ON manifest FOR EACH ROW */
Datum
coserv_manifest_certificates(PG_FUNCTION_ARGS)
{
	cs_crl_row row = row_of(fcinfo, "coserv.manifest_certificates");
	TriggerData *trigger = row.trigger;
	bool is_delete = TRIGGER_FIRED_BY_DELETE(trigger->tg_event);
	bool had = !TRIGGER_FIRED_BY_INSERT(trigger->tg_event) && !is_set(&row, trigger->tg_trigtuple, "refused");
	bool has = !is_delete && !is_set(&row, row.tuple, "refused");
	bool isnull;

	if (had == has || !has_certificates(cs_pg_span(column(&row, row.tuple, "document", &isnull))))
		return PointerGetDatum(NULL);
	begin_as_owner(&row);
	if (has)
		derive_certificates(&row, column(&row, row.tuple, "id", &isnull));
	else
	{
		Datum id = column(&row, trigger->tg_trigtuple, "id", &isnull);

		run(row.store, CS_STMT_UNDERIVE_CERTIFICATES, &id, NULL);
	}
	end_as_owner(&row);
	return PointerGetDatum(NULL);
}

/* ---- CRLs ---- */

/* The same CRL may stand beside several authorities. */
static Datum
crl_id(cs_ctx *ctx, cs_span authority, cs_span der)
{
	uint8_t digests[64], joint[32];

	if (!cs_sha256(ctx, authority, digests) || !cs_sha256(ctx, der, digests + 32) ||
		!cs_sha256(ctx, (cs_span) { digests, sizeof(digests) }, joint))
		cs_pg_report(&ctx->error, NULL);
	return cs_pg_make_uuid(joint);
}

static bool
authority_key(cs_ctx *ctx, Oid store, const char *authority, cs_item *key)
{
	Datum name = CStringGetTextDatum(authority);
	bool isnull;
	cs_span bytes;

	run(store, CS_STMT_AUTHORITY_KEY, &name, NULL);
	if (SPI_processed == 0)
		return cs_fail(ctx, CS_UNTRUSTED, "authority \"%s\" does not exist", authority);
	bytes = cs_pg_span(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	*key = cs_item_at(bytes.data, bytes.len);
	return true;
}

static size_t
chain_of(const cs_crl_row *row, cs_span **certs)
{
	bool isnull;
	Datum array = column(row, row->tuple, "chain", &isnull);
	Datum *elements;
	bool *nulls;
	int count;

	*certs = NULL;
	if (isnull)
		return 0;
	deconstruct_array(DatumGetArrayTypeP(array), BYTEAOID, -1, false, TYPALIGN_INT, &elements, &nulls, &count);
	*certs = palloc(sizeof(cs_span) * Max(count, 1));
	for (int i = 0; i < count; i++)
		(*certs)[i] = nulls[i] ? (cs_span) { NULL, 0 } : cs_pg_span(elements[i]);
	return (size_t) count;
}

/* The certificates of the CRL's issuer lead to the authority. */
static bool
issuer_leads_to(cs_ctx *ctx, const cs_item *crypto_key, const cs_span *certs, size_t count, int64_t at)
{
	cs_key anchor;
	cs_path path;

	if (cs_key_read(ctx, crypto_key, &anchor))
		return cs_issuer_path(ctx, certs, count, &anchor, at, &path);
	for (size_t i = 0; i < count; i++)
	{
		bool yes;

		if (cs_key_names(ctx, crypto_key, certs + i, count - i, &yes) && yes)
			return cs_key_from_cert(ctx, certs[i], &anchor) && cs_issuer_path(ctx, certs, count, &anchor, at, &path);
	}
	return cs_fail(ctx, CS_BAD_SIGNATURE, "no certificate of the chain has the authority's thumbprint");
}

static bool
verify_crl(cs_ctx *ctx, const cs_crl_row *row, const char *authority, cs_span der, bool lenient, cs_crl *crl)
{
	int64_t now = cs_pg_unix_time(GetCurrentTransactionStartTimestamp());
	cs_item crypto_key;
	cs_span *certs;
	size_t count = chain_of(row, &certs);
	cs_key issuer;

	if (!cs_crl_read(ctx, der, crl) || !authority_key(ctx, row->store, authority, &crypto_key))
		return false;
	if (count > 0 &&
		(!issuer_leads_to(ctx, &crypto_key, certs, count, lenient ? CS_ANY_TIME : now) || !cs_key_from_cert(ctx, certs[0], &issuer)))
		return false;
	if (count == 0 && !cs_key_read(ctx, &crypto_key, &issuer))
		return cs_fail_hint(ctx, "The authority is a thumbprint: put the certificates of the CRL's issuer into the column chain.");
	if (!cs_crl_verify(ctx, der, &issuer))
		return count > 0
			? false
			: cs_fail_hint(ctx, "If the authority is not the issuer itself, put the issuer's certificates into the column chain.");
	if (!lenient && crl->this_update > now)
		return cs_fail(ctx, CS_EXPIRED, "the CRL does not hold yet");
	return true;
}

typedef enum cs_crl_column
{
	CRL_ID,
	CRL_ISSUER,
	CRL_THIS_UPDATE,
	CRL_NEXT_UPDATE,
	CRL_REFUSED,
	CRL_KNOWN_AT,
	CRL_ADDED_BY,
	CRL_COLUMNS
} cs_crl_column;

static Datum
verified_row(cs_crl_row *row, cs_ctx *ctx, Datum id, const char *authority, cs_span der, bool lenient)
{
	static const char *const names[CRL_COLUMNS] = { "id", "issuer", "this_update", "next_update", "refused", "known_at", "added_by" };
	bool is_update = TRIGGER_FIRED_BY_UPDATE(row->trigger->tg_event);
	Datum values[CRL_COLUMNS] = { id };
	bool nulls[CRL_COLUMNS] = { false, true, true, true, true, false, false };
	int numbers[CRL_COLUMNS];
	cs_crl crl;

	for (int i = 0; i < CRL_COLUMNS; i++)
		numbers[i] = SPI_fnumber(row->desc, names[i]);
	if (verify_crl(ctx, row, authority, der, lenient, &crl))
	{
		values[CRL_ISSUER] = cs_pg_make_text((cs_span) { (const uint8_t *) crl.issuer_text, strlen(crl.issuer_text) });
		values[CRL_THIS_UPDATE] = TimestampTzGetDatum(cs_pg_timestamp(crl.this_update));
		values[CRL_NEXT_UPDATE] = TimestampTzGetDatum(cs_pg_timestamp(crl.next_update));
		nulls[CRL_ISSUER] = nulls[CRL_THIS_UPDATE] = false;
		nulls[CRL_NEXT_UPDATE] = !crl.has_next_update;
	}
	else if (lenient)
	{
		values[CRL_REFUSED] = CStringGetTextDatum(ctx->error.message);
		nulls[CRL_REFUSED] = false;
	}
	else
		cs_pg_report(&ctx->error, "CRL");
	values[CRL_KNOWN_AT] = is_update ? column(row, row->trigger->tg_trigtuple, "known_at", &nulls[CRL_KNOWN_AT])
									 : TimestampTzGetDatum(GetCurrentTransactionStartTimestamp());
	values[CRL_ADDED_BY] = is_update ? column(row, row->trigger->tg_trigtuple, "added_by", &nulls[CRL_ADDED_BY])
									 : CStringGetTextDatum(GetUserNameFromId(row->self.user, false));
	return PointerGetDatum(heap_modify_tuple_by_cols(row->tuple, row->desc, CRL_COLUMNS, numbers, values, nulls));
}

static Datum
refuse(const char *what)
{
	ereport(cs_is_replicating() ? WARNING : ERROR,
		(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE), errmsg("rows of crl are never %s", what),
			errhint("What a CRL revoked is taken back by a row of revocation that undoes it.")));
	return PointerGetDatum(NULL);
}

/* An UPDATE that is none of settling: only one that tries again what was set aside. */
static bool
may_update(const cs_crl_row *row, bool *quiet)
{
	static const char *const fixed[] = { "authority", "der" };
	bool anull, bnull;

	*quiet = cs_is_replicating(); /* the publisher's commit-time UPDATE: this region has its own */
	if (!is_set(row, row->trigger->tg_trigtuple, "refused"))
		return false;
	for (size_t i = 0; i < lengthof(fixed); i++)
	{
		cs_span a = cs_pg_span(column(row, row->trigger->tg_trigtuple, fixed[i], &anull));
		cs_span b = cs_pg_span(column(row, row->trigger->tg_newtuple, fixed[i], &bnull));

		if (!cs_span_eq(a, b))
			return false;
	}
	return true;
}

static bool
is_here(cs_crl_row *row, Datum id)
{
	run(row->store, CS_STMT_CRL_ANY, &id, NULL);
	return SPI_processed > 0;
}

/* BEFORE INSERT OR UPDATE OR DELETE ON crl FOR EACH ROW */
Datum
coserv_crl_verify(PG_FUNCTION_ARGS)
{
	cs_crl_row row = row_of(fcinfo, "coserv.crl_verify");
	bool is_update = TRIGGER_FIRED_BY_UPDATE(row.trigger->tg_event);
	bool quiet, isnull[2];
	MemoryContext caller = CurrentMemoryContext;
	Datum authority, der, id, result = PointerGetDatum(NULL);
	cs_ctx ctx;

	if (TRIGGER_FIRED_BY_DELETE(row.trigger->tg_event))
		return refuse("deleted");
	if (cs_is_settling())
		return PointerGetDatum(row.tuple);
	if (is_update && !may_update(&row, &quiet))
		return quiet ? PointerGetDatum(NULL) : refuse("changed");
	authority = column(&row, row.tuple, "authority", &isnull[0]);
	der = column(&row, row.tuple, "der", &isnull[1]);
	if (isnull[0] || isnull[1])
		ereport(ERROR, (errcode(ERRCODE_NOT_NULL_VIOLATION), errmsg("a CRL needs an authority and its DER bytes")));
	begin_as_owner(&row);
	cs_pg_ctx(&ctx);
	id = crl_id(&ctx, cs_pg_span(authority), cs_pg_span(der));
	if (is_update || !cs_is_replicating() || !is_here(&row, id))
	{
		result = verified_row(&row, &ctx, id, TextDatumGetCString(authority), cs_pg_span(der), is_update || cs_is_replicating());
		MemoryContextSwitchTo(caller);
		result = PointerGetDatum(heap_copytuple((HeapTuple) DatumGetPointer(result)));
	}
	end_as_owner(&row);
	return result;
}

/* AFTER INSERT OR UPDATE ON crl FOR EACH ROW */
Datum
coserv_crl_derive(PG_FUNCTION_ARGS)
{
	cs_crl_row row = row_of(fcinfo, "coserv.crl_derive");
	bool is_update = TRIGGER_FIRED_BY_UPDATE(row.trigger->tg_event);
	bool isnull;
	Datum args[3];

	if (is_set(&row, row.tuple, "refused") || (is_update && !is_set(&row, row.trigger->tg_trigtuple, "refused")))
		return PointerGetDatum(NULL);
	args[0] = column(&row, row.tuple, "id", &isnull);
	args[1] = column(&row, row.tuple, "authority", &isnull);
	args[2] = column(&row, row.tuple, "der", &isnull);
	begin_as_owner(&row);
	lock_crls(row.store, ExclusiveLock);
	run(row.store, CS_STMT_DERIVE_CRL_ENTRIES, args, NULL);
	run(row.store, CS_STMT_REVOKE_BY_CRL, args, NULL);
	end_as_owner(&row);
	return PointerGetDatum(NULL);
}

/* AFTER INSERT ON authority FOR EACH ROW: CRLs that came before it are tried again */
Datum
coserv_crl_retry(PG_FUNCTION_ARGS)
{
	cs_crl_row row = row_of(fcinfo, "coserv.crl_retry");
	bool isnull;
	Datum name = column(&row, row.tuple, "name", &isnull);

	begin_as_owner(&row);
	run(row.store, CS_STMT_RETRY_CRLS, &name, NULL);
	end_as_owner(&row);
	return PointerGetDatum(NULL);
}
