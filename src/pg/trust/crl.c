/*
 * crl.c - the triggers that keep certificates and CRLs of a store, and what a CRL does to documents (sql/store/12_crl.sql).
 *
 * A CRL only ever adds to what is known: a document whose certificate it revokes is refused from then on, and one that is there
 * gets a row in revocation, at the commit (settle.c). That row's id is made of what it says, so that every region, and every later CRL,
 * says the same once.
 */
#include "crl.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
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
#include "pg/base/trigger.h"
#include "pg/base/times.h"
#include "verify.h"

PG_FUNCTION_INFO_V1(coserv_crl_verify);
PG_FUNCTION_INFO_V1(coserv_crl_derive);

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

	row.trigger = cs_row_trigger(fcinfo, name);
	row.desc = RelationGetDescr(row.trigger->tg_relation);
	row.store = RelationGetNamespace(row.trigger->tg_relation);
	row.tuple = cs_trigger_row(row.trigger);
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

static void
begin_as_owner(cs_crl_row *row)
{
	cs_become_owner(RelationGetRelid(row->trigger->tg_relation), &row->self);
	cs_spi_connect();
}

static void
end_as_owner(cs_crl_row *row)
{
	SPI_finish();
	cs_become_self(&row->self);
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
cs_require_unrevoked(cs_ctx *ctx, Oid store, const pg_uuid_t *authority, const cs_span *certs, size_t count, int64_t now)
{
	for (size_t i = 0; i < count; i++)
	{
		cs_certificate cert;
		Datum args[4];
		bool isnull;

		/* what cannot be read leads nowhere: it may stand behind a signer whose bare key is trusted */
		if (!cs_certificate_read(ctx, certs[i], &cert))
			continue;
		args[0] = UUIDPGetDatum(authority);
		args[1] = cs_pg_make(cert.issuer);
		args[2] = cs_pg_make(cert.serial);
		args[3] = TimestampTzGetDatum(cs_pg_timestamp(now));
		cs_run_latest(store, CS_STMT_REVOKED_CERTIFICATE, args, NULL);
		if (SPI_processed > 0)
			return revoked(ctx, &cert,
				cs_pg_unix_time(DatumGetTimestampTz(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull))),
				DatumGetInt16(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &isnull)));
	}
	return true;
}

/* Does the document bring certificates along? */
static bool
has_certificates(cs_span document, cs_span payload)
{
	cs_verified v;
	cs_item value;
	cs_ctx ctx;

	cs_pg_ctx(&ctx);
	if (!cs_open_signatures(&ctx, document, payload, &v))
		return false;
	if (v.sign1.kind == CS_COSE_NONE)
		return v.sign1.cert_count > 0;
	for (size_t i = 0; i < v.signature_count; i++)
		if (cs_sign1_header(&v.signatures[i], CS_HEADER_X5BAG, &value) || cs_sign1_header(&v.signatures[i], CS_HEADER_X5CHAIN, &value))
			return true;
	return false;
}

void
cs_derive_certificates(Oid store, const pg_uuid_t *manifest, const pg_uuid_t *truth, cs_span document, cs_span payload)
{
	Datum args[4] = { UUIDPGetDatum(manifest), 0, 0, UUIDPGetDatum(truth) };
	const char nulls[5] = { ' ', ' ', payload.data != NULL ? ' ' : 'n', ' ', '\0' };

	if (!has_certificates(document, payload))
		return;
	args[1] = cs_pg_make(document);
	if (payload.data != NULL)
		args[2] = cs_pg_make(payload);
	cs_run_latest(store, CS_STMT_DERIVE_CERTIFICATES, args, nulls);
}

/* ---- CRLs ---- */

/* What stands in truth: the same CRL may stand beside several authorities. */
static void
identify(const cs_crl_row *row, cs_truth *truth)
{
	const char *const *columns = cs_truth_columns(CS_TRUTH_CRL);
	Datum values[CS_TRUTH_MAX_COLUMNS];
	bool nulls[CS_TRUTH_MAX_COLUMNS];
	Oid types[CS_TRUTH_MAX_COLUMNS];
	int count = 0;

	for (; columns[count] != NULL; count++)
	{
		values[count] = column(row, row->tuple, columns[count], &nulls[count]);
		types[count] = SPI_gettypeid(row->desc, SPI_fnumber(row->desc, columns[count]));
	}
	*truth = (cs_truth) { .kind = CS_TRUTH_CRL, .body = cs_truth_body(count, values, nulls, types) };
	cs_truth_identify(truth);
}

static void
set_column(cs_crl_row *row, const char *name, Datum value)
{
	int number = SPI_fnumber(row->desc, name);
	bool isnull = false;

	row->tuple = heap_modify_tuple_by_cols(row->tuple, row->desc, 1, &number, &value, &isnull);
}

/* Its key; and both its name and its id in the row, whichever is given. */
static bool
find_authority(cs_ctx *ctx, cs_crl_row *row, cs_item *key)
{
	bool name_null, id_null, isnull;
	Datum name = column(row, row->tuple, "authority", &name_null);
	Datum id = column(row, row->tuple, "authority_id", &id_null);
	cs_span bytes;

	if (id_null)
	{
		cs_run_latest(row->store, CS_STMT_AUTHORITY_BY_NAME, &name, NULL);
		if (SPI_processed == 0)
			return cs_fail(ctx, CS_UNTRUSTED, "authority \"%s\" does not exist", TextDatumGetCString(name));
		if (SPI_processed > 1)
			return cs_fail(ctx, CS_UNTRUSTED, "there are several authorities with the name \"%s\"", TextDatumGetCString(name));
		id = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull);
		set_column(row, "authority_id", id);
	}
	cs_run_latest(row->store, CS_STMT_AUTHORITY_BY_ID, &id, NULL);
	if (SPI_processed == 0)
		return cs_fail(ctx, CS_UNTRUSTED, "the authority beside which the CRL stands is not known here");
	bytes = cs_pg_span(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	set_column(row, "authority", SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &isnull));
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
verify_crl(cs_ctx *ctx, cs_crl_row *row, cs_span der, bool lenient, cs_crl *crl)
{
	int64_t now = cs_pg_unix_time(GetCurrentTransactionStartTimestamp());
	cs_item crypto_key;
	cs_span *certs;
	size_t count = chain_of(row, &certs);
	cs_key issuer;

	if (!cs_crl_read(ctx, der, crl) || !find_authority(ctx, row, &crypto_key))
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

static Datum
refuse(const char *what)
{
	ereport(cs_is_replicating() ? WARNING : ERROR,
		(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE), errmsg("rows of crl are never %s", what),
			errhint("What a CRL revoked is taken back by a row of revocation that undoes it.")));
	return PointerGetDatum(NULL);
}

/* The columns that verifying it computes. */
static void
describe(cs_crl_row *row, const cs_crl *crl)
{
	static const char *const names[] = { "id", "issuer", "this_update", "next_update", "known_at", "added_by" };
	Datum values[lengthof(names)];
	bool nulls[lengthof(names)] = { false };
	int numbers[lengthof(names)];
	cs_truth truth;

	identify(row, &truth);
	for (size_t i = 0; i < lengthof(names); i++)
		numbers[i] = SPI_fnumber(row->desc, names[i]);
	values[0] = UUIDPGetDatum(&truth.id);
	values[1] = cs_pg_make_text((cs_span) { (const uint8_t *) crl->issuer_text, strlen(crl->issuer_text) });
	values[2] = TimestampTzGetDatum(cs_pg_timestamp(crl->this_update));
	values[3] = TimestampTzGetDatum(cs_pg_timestamp(crl->next_update));
	nulls[3] = !crl->has_next_update;
	values[4] = TimestampTzGetDatum(GetCurrentTransactionStartTimestamp());
	values[5] = CStringGetTextDatum(GetUserNameFromId(row->self.user, false));
	row->tuple = heap_modify_tuple_by_cols(row->tuple, row->desc, lengthof(names), numbers, values, nulls);
}

/* BEFORE INSERT OR UPDATE OR DELETE ON crl FOR EACH ROW */
Datum
coserv_crl_verify(PG_FUNCTION_ARGS)
{
	cs_crl_row row = row_of(fcinfo, "coserv.crl_verify");
	bool name_null, id_null, der_null;
	MemoryContext caller = CurrentMemoryContext;
	Datum der, result;
	cs_truth arrival;
	bool arrives;
	cs_crl crl;
	cs_ctx ctx;

	if (TRIGGER_FIRED_BY_DELETE(row.trigger->tg_event))
		return refuse("deleted");
	if (TRIGGER_FIRED_BY_UPDATE(row.trigger->tg_event))
		return cs_is_marking(row.store) ? PointerGetDatum(row.tuple) : refuse("changed");
	arrives = cs_truth_take_arrival(row.store, CS_TRUTH_CRL, &arrival);
	if (!arrives && cs_is_replicating())
		return refuse("replicated: publish the table truth alone; they are never changed");
	(void) column(&row, row.tuple, "authority", &name_null);
	(void) column(&row, row.tuple, "authority_id", &id_null);
	der = column(&row, row.tuple, "der", &der_null);
	if ((name_null && id_null) || der_null)
		ereport(ERROR, (errcode(ERRCODE_NOT_NULL_VIOLATION), errmsg("a CRL needs an authority and its DER bytes")));
	begin_as_owner(&row);
	cs_pg_ctx(&ctx);
	cs_pg_require(verify_crl(&ctx, &row, cs_pg_span(der), arrives, &crl), &ctx, "CRL");
	describe(&row, &crl);
	MemoryContextSwitchTo(caller);
	result = PointerGetDatum(heap_copytuple(row.tuple));
	end_as_owner(&row);
	return result;
}

/* AFTER INSERT ON crl FOR EACH ROW: what it revokes is found at the commit */
Datum
coserv_crl_derive(PG_FUNCTION_ARGS)
{
	cs_crl_row row = row_of(fcinfo, "coserv.crl_derive");
	bool isnull;
	Datum args[3];

	args[0] = column(&row, row.tuple, "id", &isnull);
	args[1] = column(&row, row.tuple, "authority_id", &isnull);
	args[2] = column(&row, row.tuple, "der", &isnull);
	begin_as_owner(&row);
	cs_run_latest(row.store, CS_STMT_DERIVE_CRL_ENTRIES, args, NULL);
	end_as_owner(&row);
	return PointerGetDatum(NULL);
}
