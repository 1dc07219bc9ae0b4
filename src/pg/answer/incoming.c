/*
 * incoming.c - rows of members at other servers, checked (incoming.h).
 */
#include "incoming.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "port/pg_bswap.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "match/match.h"
#include "model/corim.h"
#include "model/rules.h"
#include "pg/base/settings.h"
#include "pg/types/type_io.h"
#include "served.h"
#include "triples.h"

static const char malformed[] = "it sent a malformed row";
static const char unasked[] = "it answers with something that it was not asked for";
static const char not_placed[] = "it answers in the name of an authority that is not placed there";

static bool
is_there(const PGresult *row, int column)
{
	return !PQgetisnull(row, 0, column);
}

static bool
has_length(const PGresult *row, int column, int length)
{
	return is_there(row, column) && PQgetlength(row, 0, column) == length;
}

static cs_span
bytes_of(const PGresult *row, int column)
{
	return (cs_span) { (const uint8_t *) PQgetvalue(row, 0, column), (size_t) PQgetlength(row, 0, column) };
}

static TimestampTz
moment_of(const PGresult *row, int column)
{
	uint64 raw;

	memcpy(&raw, PQgetvalue(row, 0, column), sizeof(raw));
	return (TimestampTz) pg_ntoh64(raw);
}

static int32
int32_of(const PGresult *row, int column)
{
	uint32 raw;

	memcpy(&raw, PQgetvalue(row, 0, column), sizeof(raw));
	return (int32) pg_ntoh32(raw);
}

static bool
is_text(const PGresult *row, int column)
{
	return is_there(row, column) && memchr(PQgetvalue(row, 0, column), 0, (size_t) PQgetlength(row, 0, column)) == NULL &&
		pg_verifymbstr(PQgetvalue(row, 0, column), PQgetlength(row, 0, column), true);
}

static bool
is_flag(const PGresult *row, int column)
{
	return has_length(row, column, 1);
}

/* The same bytes that our own type would store. */
static bool
is_of_type(cs_ctx *ctx, const PGresult *row, int column, const cs_pg_type *type)
{
	cs_span stored, bytes;

	if (!is_there(row, column))
		return false;
	bytes = bytes_of(row, column);
	return cs_pg_type_accept(ctx, type, bytes, &stored) && cs_span_eq(stored, bytes);
}

static const cs_rule *
rule_of_kind(int16 kind)
{
	static const cs_rule *const rules[] = { [0] = &cs_rule_reference_triple_record,
		[1] = &cs_rule_endorsed_triple_record,
		[2] = &cs_rule_identity_triple_record,
		[3] = &cs_rule_attest_key_triple_record,
		[4] = &cs_rule_trust_dependency_triple_record,
		[5] = &cs_rule_domain_membership_triple_record,
		[6] = &cs_rule_coswid_triple_record,
		[8] = &cs_rule_conditional_endorsement_series_triple_record,
		[10] = &cs_rule_conditional_endorsement_triple_record };

	return kind < 0 || kind >= (int) lengthof(rules) ? NULL : rules[kind];
}

static bool
is_triple(cs_ctx *ctx, cs_span bytes, int16 kind)
{
	const cs_rule *rule = rule_of_kind(kind);

	return rule != NULL && cs_check(ctx, bytes.data, bytes.len) && cs_validate(ctx, rule, bytes.data, bytes.len, true);
}

/* null where a triple has no current form */
static bool
is_current(cs_ctx *ctx, cs_span bytes, int16 kind)
{
	cs_item item;

	if (!cs_check(ctx, bytes.data, bytes.len))
		return false;
	item = cs_item_at(bytes.data, bytes.len);
	return cs_is_null(&item) || is_triple(ctx, bytes, kind);
}

static int16
kind_of(const PGresult *row)
{
	uint16 raw;

	memcpy(&raw, PQgetvalue(row, 0, SEL_KIND), sizeof(raw));
	return (int16) pg_ntoh16(raw);
}

#define MOST_MEDIA_TYPE 255

/* type/subtype, in letters that a media type may have (RFC 6838 section 4.2) */
static bool
is_media_type(cs_span text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$&-^_.+";
	const char *name = (const char *) text.data;
	size_t type = strspn(name, letters);

	return text.len <= MOST_MEDIA_TYPE && type > 0 && name[type] == '/' && type + 1 < text.len &&
		type + 1 + strspn(name + type + 1, letters) == text.len;
}

/* Document, media type and chain, in columns one behind the other. Vendors' documents are what they are; a CoRIM is CBOR. */
static bool
is_conveyance(cs_ctx *ctx, const PGresult *row, int first)
{
	cs_span document = bytes_of(row, first);

	if (!is_there(row, first) || !is_there(row, first + 1) || !is_media_type(bytes_of(row, first + 1)))
		return false;
	return strncmp(PQgetvalue(row, 0, first + 1), "application/rim+c", 17) != 0 || cs_check(ctx, document.data, document.len);
}

static cs_span
keep_bytes(const cs_incoming *in, cs_span bytes)
{
	return (cs_span) { memcpy(MemoryContextAllocHuge(in->gathering->memory, bytes.len + 1), bytes.data, bytes.len), bytes.len };
}

static cs_conveyance
make_conveyance(const cs_incoming *in, const PGresult *row, int first)
{
	cs_conveyance conveyed = { .media_type = MemoryContextStrdup(in->gathering->memory, PQgetvalue(row, 0, first + 1)) };

	conveyed.document = keep_bytes(in, bytes_of(row, first));
	if (is_there(row, first + 2))
		conveyed.chain = keep_bytes(in, bytes_of(row, first + 2));
	return conveyed;
}

/* Each column is of its type, and what is CBOR is what it should be. */
static bool
is_well_formed(cs_ctx *ctx, const PGresult *row)
{
	static const int moments[] = { SEL_NOT_BEFORE, SEL_NOT_AFTER };
	int16 kind;

	if (!has_length(row, SEL_MANIFEST, UUID_LEN) || !has_length(row, SEL_ORDINAL, 4) || !has_length(row, SEL_KIND, 2) ||
		!has_length(row, SEL_TRUTH, UUID_LEN) || !has_length(row, SEL_AUTHORITY_ID, UUID_LEN) || !is_flag(row, SEL_IS_SIGNED) ||
		!is_text(row, SEL_AUTHORITY) || (is_there(row, SEL_PROFILE) && !is_text(row, SEL_PROFILE)) || !is_there(row, SEL_CONTENT))
		return false;
	for (size_t i = 0; i < lengthof(moments); i++)
		if (is_there(row, moments[i]) && !has_length(row, moments[i], 8))
			return false;
	kind = kind_of(row);
	return is_triple(ctx, bytes_of(row, SEL_CONTENT), kind) &&
		(!is_there(row, SEL_CURRENT) || is_current(ctx, bytes_of(row, SEL_CURRENT), kind)) &&
		(!is_there(row, SEL_ENVIRONMENT) || is_of_type(ctx, row, SEL_ENVIRONMENT, &cs_pg_environment)) &&
		is_of_type(ctx, row, SEL_SHOWN, &cs_pg_crypto_key) && (!is_there(row, ROW_DOCUMENT) || is_conveyance(ctx, row, ROW_DOCUMENT));
}

typedef struct cs_looked_for
{
	const cs_query *query;
	cs_item environment; /* where query is NULL */
	bool found;
} cs_looked_for;

static bool
look_at_environment(cs_ctx *ctx, const cs_item *environment, void *data)
{
	cs_looked_for *looked_for = data;
	cs_buf canonical;
	cs_item item;

	cs_buf_init(&canonical, ctx);
	if (!cs_env_canonical(ctx, environment, &canonical) || !cs_buf_ok(&canonical))
		return false;
	item = cs_item_at(canonical.data, canonical.len);
	looked_for->found |=
		looked_for->query != NULL ? cs_query_selects(looked_for->query, &item) : cs_env_satisfies(&looked_for->environment, &item);
	return true;
}

/* Which of the environments that were asked for is it of? */
static bool
take_number(const PGresult *row, const cs_incoming *in, cs_looked_for *looked_for)
{
	cs_span environment;

	if (in->environments == NULL)
		return !is_there(row, ROW_NUMBER);
	if (!has_length(row, ROW_NUMBER, 4) || int32_of(row, ROW_NUMBER) < 0 || (size_t) int32_of(row, ROW_NUMBER) >= in->environment_count)
		return false;
	environment = in->environments[int32_of(row, ROW_NUMBER)];
	looked_for->environment = cs_item_at(environment.data, environment.len);
	return true;
}

/* What a triple must speak of is looked at where its measurements and keys are (sql/federation/45_reverse.sql). */
static bool
is_sought(const cs_sought *sought, int16 kind, cs_span environment)
{
	cs_item has = cs_item_at(environment.data, environment.len), asked;

	if (!cs_sought_has_kind(sought, kind))
		return false;
	if (sought->by != CS_BY_ENVIRONMENT || sought->asked == 0)
		return true;
	asked = cs_pg_item(sought->asked);
	return cs_env_satisfies(&has, &asked);
}

/* Is the environment of the row the triple's subject, and some environment of the triple one that was asked for? */
static bool
is_as_asked(cs_ctx *ctx, const PGresult *row, const cs_incoming *in)
{
	cs_span content = bytes_of(row, SEL_CONTENT);
	cs_triple triple = { .kind = kind_of(row), .record = cs_item_at(content.data, content.len) };
	cs_looked_for looked_for = { .query = in->query };
	cs_buf canonical;

	if (!take_number(row, in, &looked_for) || !is_there(row, SEL_ENVIRONMENT) ||
		!cs_triple_subject(triple.kind, &triple.record, &triple.environment))
		return false;
	cs_buf_init(&canonical, ctx);
	if (!cs_env_canonical(ctx, &triple.environment, &canonical) || !cs_buf_ok(&canonical) ||
		!cs_span_eq(cs_buf_span(&canonical), bytes_of(row, SEL_ENVIRONMENT)))
		return false;
	if (in->sought != NULL)
		return is_sought(in->sought, triple.kind, bytes_of(row, SEL_ENVIRONMENT));
	return look_at_environment(ctx, &triple.environment, &looked_for) &&
		(looked_for.found || cs_triple_environments(ctx, &triple, look_at_environment, &looked_for)) && looked_for.found;
}

static Datum
make_uuid(const PGresult *row, int column)
{
	return PointerGetDatum(memcpy(palloc(UUID_LEN), PQgetvalue(row, 0, column), UUID_LEN));
}

static void
make_row(const PGresult *row, cs_selected *out)
{
	static const int blobs[] = { SEL_ENVIRONMENT, SEL_CONTENT, SEL_SHOWN, SEL_CURRENT, SEL_PROFILE, SEL_AUTHORITY };
	static const int uuids[] = { SEL_MANIFEST, SEL_TRUTH, SEL_AUTHORITY_ID };
	static const int moments[] = { SEL_NOT_BEFORE, SEL_NOT_AFTER };

	memset(out, 0, sizeof(*out));
	for (int i = 0; i < SEL_COLUMNS; i++)
		out->nulls[i] = !is_there(row, i);
	for (size_t i = 0; i < lengthof(blobs); i++)
		if (!out->nulls[blobs[i]])
			out->values[blobs[i]] = cs_pg_make(bytes_of(row, blobs[i])); /* text, too: it was checked */
	for (size_t i = 0; i < lengthof(uuids); i++)
		out->values[uuids[i]] = make_uuid(row, uuids[i]);
	for (size_t i = 0; i < lengthof(moments); i++)
		if (!out->nulls[moments[i]])
			out->values[moments[i]] = TimestampTzGetDatum(moment_of(row, moments[i]));
	out->values[SEL_ORDINAL] = Int32GetDatum(int32_of(row, SEL_ORDINAL));
	out->values[SEL_KIND] = Int16GetDatum(kind_of(row));
	out->values[SEL_IS_SIGNED] = BoolGetDatum(*PQgetvalue(row, 0, SEL_IS_SIGNED) != 0);
}

/* The first row tells the moment: it must be the one that was asked for, and not of a clock that is ahead. */
static const char *
take_moment(const PGresult *row, int column, cs_incoming *in)
{
	TimestampTz moment;

	if (!has_length(row, column, 8))
		return malformed;
	moment = moment_of(row, column);
	if (in->reply->has_moment && moment != in->reply->moment)
		return "it answered as of another moment than it was asked about";
	if (!in->reply->has_moment && moment > GetCurrentTimestamp() + (TimestampTz) cs_setting_max_clock_ahead * USECS_PER_SEC)
		return psprintf("its clock is ahead by more than %d s (coserv.max_clock_ahead)", cs_setting_max_clock_ahead);
	in->reply->has_moment = true;
	in->reply->moment = moment;
	in->has_moment = true;
	return NULL;
}

/* A document comes with the first row of its manifest, whether that is believed or not. False: it did not come. */
static bool
take_document(cs_incoming *in, const PGresult *row)
{
	const char *manifest = PQgetvalue(row, 0, SEL_MANIFEST);

	if (in->query == NULL || in->query->result_type == CS_COLLECTED)
		return true;
	if (!is_there(row, ROW_DOCUMENT))
		return in->has_document && memcmp(manifest, &in->manifest, UUID_LEN) == 0;
	in->has_document = true;
	memcpy(&in->manifest, manifest, UUID_LEN);
	in->conveyed = make_conveyance(in, row, ROW_DOCUMENT);
	return true;
}

/* The memory of what is only looked at goes at the end; what is kept is the gathering's. */
const char *
cs_take_row(const PGresult *row, void *data)
{
	cs_incoming *in = data;
	MemoryContext old, scratch;
	const char *wrong = NULL;
	cs_selected selected;
	cs_ctx ctx;

	if (PQnfields(row) != ROW_COLUMNS)
		return malformed;
	if (!in->has_moment)
		return take_moment(row, ROW_MOMENT, in);
	scratch = cs_pg_scratch_begin(&old);
	cs_pg_ctx_stored(&ctx);
	if (!is_well_formed(&ctx, row) || !take_document(in, row))
		wrong = malformed;
	else if (!is_as_asked(&ctx, row, in))
		wrong = unasked;
	else
	{
		cs_selected *kept;

		make_row(row, &selected);
		if (!cs_row_is_believed(in->reply->member, &selected))
		{
			/* only what is placed at it was asked for; what else it may not say is as with any other member */
			if (!cs_member_has(in->reply->member, DatumGetUUIDP(selected.values[SEL_AUTHORITY_ID])))
				wrong = not_placed;
		}
		else
		{
			kept = cs_gathering_add(in->gathering, &selected);
			kept->member = in->reply->member;
			kept->conveyed = in->conveyed;
		}
	}
	cs_pg_scratch_end(scratch, old);
	return wrong;
}

typedef enum cs_wire
{
	WIRE_UUID,
	WIRE_INT,
	WIRE_TEXT,
	WIRE_BYTES,
	WIRE_MOMENT,
	WIRE_ENVIRONMENT,
	WIRE_KEY
} cs_wire;

/* How a column of a file is sent, and whether it must be there: in any, in one by its path, in one by its digest. */
static const struct
{
	cs_wire wire;
	bool always, by_path, by_digest;
} file_columns[FILE_COLUMNS] = {
	[FILE_MANIFEST] = { WIRE_UUID, true },
	[FILE_ORDINAL] = { WIRE_INT, true },
	[FILE_ENVIRONMENT] = { WIRE_ENVIRONMENT, true },
	[FILE_PATH] = { WIRE_TEXT, .by_path = true },
	[FILE_DIGEST_ALG] = { WIRE_TEXT },
	[FILE_DIGEST] = { WIRE_BYTES, true },
	[FILE_SHOWN_AS] = { WIRE_KEY, .by_path = true },
	[FILE_PROFILE] = { WIRE_TEXT },
	[FILE_AUTHORITY_ID] = { WIRE_UUID, true },
	[FILE_SOURCE] = { WIRE_TEXT, .by_digest = true },
	[FILE_VERSION] = { WIRE_TEXT },
	[FILE_POSITION] = { WIRE_INT, .by_digest = true },
	[FILE_AUTHORITY] = { WIRE_TEXT, .by_digest = true },
	[FILE_NOT_BEFORE] = { WIRE_MOMENT },
	[FILE_NOT_AFTER] = { WIRE_MOMENT },
};

/* False where the column is not of its type. */
static bool
take_column(cs_ctx *ctx, const PGresult *row, int column, cs_wire wire, Datum *value)
{
	bool ok = true;

	switch (wire)
	{
		case WIRE_UUID:
			if ((ok = has_length(row, column, UUID_LEN)))
				*value = make_uuid(row, column);
			break;
		case WIRE_INT:
			if ((ok = has_length(row, column, 4)))
				*value = Int32GetDatum(int32_of(row, column));
			break;
		case WIRE_MOMENT:
			if ((ok = has_length(row, column, 8)))
				*value = TimestampTzGetDatum(moment_of(row, column));
			break;
		default:
			if (wire == WIRE_TEXT)
				ok = is_text(row, column);
			else if (wire != WIRE_BYTES)
				ok = is_of_type(ctx, row, column, wire == WIRE_KEY ? &cs_pg_crypto_key : &cs_pg_environment);
			if (ok)
				*value = cs_pg_make(bytes_of(row, column)); /* text, too: it was checked */
	}
	return ok;
}

static bool
take_file_columns(cs_ctx *ctx, const PGresult *row, bool by_path, cs_file *file)
{
	for (int i = 0; i < FILE_COLUMNS; i++)
	{
		file->nulls[i] = !is_there(row, FILE_ROW_FIRST + i);
		if (file->nulls[i])
		{
			if (file_columns[i].always || (by_path ? file_columns[i].by_path : file_columns[i].by_digest))
				return false;
		}
		else if (!take_column(ctx, row, FILE_ROW_FIRST + i, file_columns[i].wire, &file->values[i]))
			return false;
	}
	return true;
}

/* Whether its path was asked for shows where that is compared with the Evidence. */
static bool
is_file_as_asked(const cs_incoming *in, const cs_file *file)
{
	cs_item asked, environment;

	if (!in->by_path)
		return cs_span_eq(in->asked, cs_pg_span(file->values[FILE_DIGEST]));
	asked = cs_item_at(in->asked.data, in->asked.len);
	environment = cs_pg_item(file->values[FILE_ENVIRONMENT]);
	return cs_env_satisfies(&asked, &environment);
}

const char *
cs_take_file(const PGresult *row, void *data)
{
	cs_incoming *in = data;
	cs_file file = { .member = in->reply->member };
	cs_ctx ctx;

	if (PQnfields(row) != FILE_ROW_COLUMNS)
		return malformed;
	if (!in->has_moment)
		return take_moment(row, FILE_ROW_MOMENT, in);
	cs_pg_ctx_stored(&ctx);
	if (!take_file_columns(&ctx, row, in->by_path, &file))
		return malformed;
	if (!is_file_as_asked(in, &file))
		return unasked;
	if (!cs_member_has(in->reply->member, DatumGetUUIDP(file.values[FILE_AUTHORITY_ID])))
		return not_placed;
	if (cs_file_is_believed(in->reply->member, &file))
		in->each_file(&file, in->file_data);
	return NULL;
}

static bool
is_number(const PGresult *row, int column)
{
	const char *text = PQgetvalue(row, 0, column);
	size_t len = strlen(text);

	return len > 0 && len <= 1000 && text[0] != '-' ? strspn(text, "0123456789") == len
													: len > 1 && strspn(text + 1, "0123456789") == len - 1;
}

const char *
cs_take_rim(const PGresult *row, void *data)
{
	cs_incoming *in = data;
	cs_rim rim = { .found = true };
	int32 number;
	cs_ctx ctx;

	if (PQnfields(row) != RIM_ROW_COLUMNS)
		return malformed;
	if (!in->has_moment)
		return take_moment(row, RIM_ROW_MOMENT, in);
	cs_pg_ctx_stored(&ctx);
	if (!has_length(row, RIM_ROW_NUMBER, 4) || !is_conveyance(&ctx, row, RIM_ROW_DOCUMENT) ||
		!has_length(row, RIM_ROW_MANIFEST, UUID_LEN) || (is_there(row, RIM_ROW_NOT_AFTER) && !has_length(row, RIM_ROW_NOT_AFTER, 8)) ||
		(is_there(row, RIM_ROW_NOT_BEFORE) && !has_length(row, RIM_ROW_NOT_BEFORE, 8)) ||
		(is_there(row, RIM_ROW_TAG_VERSION) && !is_number(row, RIM_ROW_TAG_VERSION)))
		return malformed;
	number = int32_of(row, RIM_ROW_NUMBER);
	if (number < 0 || (size_t) number >= in->rim_count)
		return malformed;
	rim.conveyed = make_conveyance(in, row, RIM_ROW_DOCUMENT);
	rim.has_not_after = is_there(row, RIM_ROW_NOT_AFTER);
	rim.not_after = rim.has_not_after ? moment_of(row, RIM_ROW_NOT_AFTER) : 0;
	memcpy(rim.manifest.data, PQgetvalue(row, 0, RIM_ROW_MANIFEST), UUID_LEN);
	rim.has_not_before = is_there(row, RIM_ROW_NOT_BEFORE);
	rim.not_before = rim.has_not_before ? moment_of(row, RIM_ROW_NOT_BEFORE) : 0;
	if (is_there(row, RIM_ROW_TAG_VERSION))
		rim.tag_version = DirectFunctionCall3(
			numeric_in, CStringGetDatum(PQgetvalue(row, 0, RIM_ROW_TAG_VERSION)), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
	cs_rim_join(&in->rims[number], &rim);
	return NULL;
}

const char *
cs_take_profile(const PGresult *row, void *data)
{
	cs_incoming *in = data;

	if (PQnfields(row) != 1 || !is_text(row, 0))
		return malformed;
	in->profiles = cs_add_profile(in->profiles, cs_pg_utf8(PQgetvalue(row, 0, 0), (size_t) PQgetlength(row, 0, 0)));
	return NULL;
}
