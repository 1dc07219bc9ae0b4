/*
 * http_sql.c - http() and discovery(): the HTTP binding (draft-ietf-rats-coserv, API Bindings), so that a gateway carries no
 * logic: a request in, status, headers and body out.
 */
#include "execute.h"

#include "access/htup_details.h"
#include "cose/cose.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "query/http.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"

#include "pg/base/settings.h"
#include "pg/base/store.h"
#include "pg/base/times.h"

PG_FUNCTION_INFO_V1(coserv_http);
PG_FUNCTION_INFO_V1(coserv_discovery);

#define PROBLEM_TYPE "application/concise-problem-details+cbor"
#define DISCOVERY_JSON "application/coserv-discovery+json"
#define DISCOVERY_CBOR "application/coserv-discovery+cbor"

typedef struct cs_request
{
	cs_ctx *ctx;
	Oid store;
	char *target;		 /* path and query string as they came */
	char *accept;		 /* "" when absent */
	char *if_none_match; /* NULL when absent */
	TimestampTz now;
} cs_request;

typedef struct cs_response
{
	int status;
	StringInfoData headers; /* JSON object without its last brace */
	cs_buf body;
} cs_response;

static void
add_header(cs_response *response, const char *name, const char *value)
{
	appendStringInfoString(&response->headers, response->headers.len > 1 ? ", " : "");
	escape_json(&response->headers, name);
	appendStringInfoString(&response->headers, ": ");
	escape_json(&response->headers, value);
}

/* Concise Problem Details (RFC 9290) */
static void
problem(const cs_request *request, cs_response *response, int status, const char *title, const char *detail)
{
	response->status = status;
	add_header(response, "Content-Type", PROBLEM_TYPE);
	cs_buf_init(&response->body, request->ctx);
	cs_pg_require(cs_problem(request->ctx, title, detail, &response->body), request->ctx, NULL);
}

/* The store's signing key may be absent: then only unsigned results are offered. */
static bool
signs(void)
{
	return cs_signing_key().len > 0;
}

/* type; profile="..." as clients compare it: one space, double quotes. A profile that no header can hold is left out. */
static char *
media_type(const char *type, cs_span profile)
{
	StringInfoData out;

	for (size_t i = 0; i < profile.len; i++)
		if (profile.data[i] < 0x20 || profile.data[i] > 0x7e)
			return pstrdup(type);
	initStringInfo(&out);
	appendStringInfo(&out, "%s; profile=\"", type);
	for (size_t i = 0; i < profile.len; i++)
	{
		if (profile.data[i] == '"' || profile.data[i] == '\\')
			appendStringInfoChar(&out, '\\');
		appendStringInfoChar(&out, (char) profile.data[i]);
	}
	appendStringInfoChar(&out, '"');
	return out.data;
}

typedef struct cs_capabilities
{
	cs_capability *items;
	size_t count;
} cs_capabilities;

static void
add_capability(cs_capabilities *list, char *type)
{
	list->items = list->items ? repalloc(list->items, (list->count + 1) * sizeof(cs_capability)) : palloc(sizeof(cs_capability));
	list->items[list->count++] =
		(cs_capability) { .media_type = type, .source = true, .collected = true, .rims = cs_setting_rims_in_discovery };
}

static cs_capabilities
capabilities(const cs_request *request)
{
	MemoryContext memory = CurrentMemoryContext;
	cs_capabilities list = { NULL, 0 };
	bool isnull;

	cs_spi_connect();
	cs_store_run(request->store, CS_STMT_PROFILES, NULL, NULL, true, 0);
	MemoryContextSwitchTo(memory);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		cs_span profile = cs_pg_utf8_text(SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &isnull));

		if (signs())
			add_capability(&list, media_type(CS_COSERV_COSE, profile));
		add_capability(&list, media_type(CS_COSERV_CBOR, profile));
	}
	SPI_finish();
	if (list.count == 0)
	{
		if (signs())
			add_capability(&list, pstrdup(CS_COSERV_COSE));
		add_capability(&list, pstrdup(CS_COSERV_CBOR));
	}
	return list;
}

static void
write_discovery(const cs_request *request, bool json, cs_buf *out)
{
	cs_capabilities list = capabilities(request);
	cs_discovery discovery = {
		.version = COSERV_VERSION, .capabilities = list.items, .capability_count = list.count, .endpoint = cs_setting_endpoint
	};
	cs_buf cose_key, jwk;

	if (signs())
	{
		cs_buf_init(&cose_key, request->ctx);
		cs_buf_init(&jwk, request->ctx);
		cs_pg_require(cs_public_cose_key(request->ctx, cs_signing_key(), &cose_key) && cs_public_jwk(request->ctx, cs_signing_key(), &jwk),
			request->ctx, "signing key");
		discovery.cose_key = cs_buf_span(&cose_key);
		discovery.jwk = cs_buf_span(&jwk);
	}
	cs_buf_init(out, request->ctx);
	cs_pg_require(
		json ? cs_discovery_json(request->ctx, &discovery, out) : cs_discovery_cbor(request->ctx, &discovery, out), request->ctx, NULL);
}

static void
answer_discovery(const cs_request *request, cs_response *response)
{
	static const cs_offer offers[] = { { DISCOVERY_JSON, NULL }, { DISCOVERY_CBOR, NULL } };
	int chosen = cs_accept_negotiate(request->accept, strlen(request->accept), offers, lengthof(offers));

	if (chosen == -2)
		problem(request, response, 400, "Malformed Accept header", "The Accept header field does not follow RFC 9110");
	else if (chosen < 0)
		problem(request, response, 406, "Not acceptable", "Discovery documents are " DISCOVERY_JSON " or " DISCOVERY_CBOR);
	else
	{
		response->status = 200;
		add_header(response, "Content-Type", offers[chosen].type);
		add_header(response, "Vary", "Accept");
		write_discovery(request, chosen == 0, &response->body);
	}
}

static bool
profile_served(const cs_request *request, const cs_query *query)
{
	Datum profile = cs_pg_make_text(query->profile);
	bool served;

	cs_spi_connect();
	cs_store_run(request->store, CS_STMT_PROFILE_SERVED, &profile, NULL, true, 1);
	served = SPI_processed > 0;
	SPI_finish();
	return served;
}

static char *
error_text(const cs_error *error)
{
	char *detail = cs_pg_detail(error);

	return detail ? psprintf("%s. %s", error->message, detail) : pstrdup(error->message);
}

/* Of the unsigned result; weak where the body is signed, since an ECDSA signature differs each time (decision 20). */
static char *
entity_tag(cs_ctx *ctx, cs_span result, bool weak)
{
	uint8_t digest[32];
	StringInfoData out;

	cs_pg_require(cs_sha256(ctx, result, digest), ctx, NULL);
	initStringInfo(&out);
	appendStringInfoString(&out, weak ? "W/\"" : "\"");
	for (int i = 0; i < 16; i++)
		appendStringInfo(&out, "%02x", digest[i]);
	appendStringInfoChar(&out, '"');
	return out.data;
}

static void
answer_success(const cs_request *request, cs_response *response, const cs_answer *answer, bool is_signed)
{
	/* the second that has begun does not count: no cache may keep the answer beyond its expiry */
	int64_t age = answer->expiry - cs_pg_unix_time(GetCurrentTimestamp()) - 1;
	char *etag = entity_tag(request->ctx, cs_buf_span(&answer->result), is_signed);

	add_header(response, "Content-Type", media_type(is_signed ? CS_COSERV_COSE : CS_COSERV_CBOR, answer->query.profile));
	add_header(response, "Cache-Control", psprintf("max-age=%lld", (long long) Max(age, 0)));
	add_header(response, "ETag", etag);
	add_header(response, "Vary", "Accept");
	cs_buf_init(&response->body, request->ctx);
	response->status =
		request->if_none_match != NULL && cs_etag_matches(request->if_none_match, strlen(request->if_none_match), etag) ? 304 : 200;
	if (response->status == 304)
		return;
	if (is_signed)
		cs_sign_answer(request->ctx, cs_buf_span(&answer->result), cs_signing_key(), &response->body);
	else
		response->body = answer->result;
}

static void
answer_query(const cs_request *request, cs_response *response, cs_span encoded)
{
	cs_offer offers[2];
	size_t offered = 0;
	int chosen;
	char *profile;
	cs_buf query;
	cs_answer answer;

	cs_buf_init(&query, request->ctx);
	if (!cs_base64url_decode(request->ctx, (const char *) encoded.data, encoded.len, &query) ||
		!cs_answer_query(request->ctx, request->store, cs_buf_span(&query), request->now, &answer))
	{
		problem(request, response, 400, "Query validation failed", error_text(&request->ctx->error));
		return;
	}
	profile = cs_strndup(request->ctx, answer.query.profile.data, answer.query.profile.len);
	if (signs())
		offers[offered++] = (cs_offer) { CS_COSERV_COSE, profile };
	offers[offered++] = (cs_offer) { CS_COSERV_CBOR, profile };
	chosen = cs_accept_negotiate(request->accept, strlen(request->accept), offers, offered);
	if (chosen == -2)
		problem(request, response, 400, "Malformed Accept header", "The Accept header field does not follow RFC 9110");
	else if (chosen < 0)
		problem(request, response, 406, "Unsupported media type or profile",
			psprintf("This query is answered as %s", media_type(offers[0].type, answer.query.profile)));
	else if (answer.count == 0 && !profile_served(request, &answer.query))
		problem(request, response, 406, "Unsupported profile", psprintf("Profile %s not supported", profile));
	else
		answer_success(request, response, &answer, strcmp(offers[chosen].type, CS_COSERV_COSE) == 0);
}

static void
respond(const cs_request *request, cs_response *response, const char *method)
{
	cs_span encoded;
	cs_route route = cs_http_route(request->target, strlen(request->target), cs_setting_endpoint, &encoded);

	if (route == CS_ROUTE_NONE)
		problem(request, response, 404, "Not found", "Begin at " CS_WELL_KNOWN_PATH);
	else if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
	{
		add_header(response, "Allow", "GET, HEAD");
		problem(request, response, 405, "Method not allowed", "Queries are executed with GET");
	}
	else if (route == CS_ROUTE_DISCOVERY)
		answer_discovery(request, response);
	else
		answer_query(request, response, encoded);
}

static char *
request_header(Jsonb *headers, const char *name)
{
	JsonbValue *value;

	if (headers == NULL || !JB_ROOT_IS_OBJECT(headers))
		return NULL;
	value = getKeyJsonValueFromContainer(&headers->root, name, (int) strlen(name), NULL);
	if (value == NULL || value->type != jbvString)
		return NULL;
	return pnstrdup(value->val.string.val, value->val.string.len);
}

static void
start_request(cs_request *request, cs_ctx *ctx, Oid store)
{
	cs_pg_ctx(ctx);
	memset(request, 0, sizeof(*request));
	request->ctx = ctx;
	request->store = store;
	request->now = GetCurrentTransactionStartTimestamp();
}

/* http(store regnamespace, method text, path text, request_headers jsonb) -> (status integer, headers jsonb, body bytea) */
Datum
coserv_http(PG_FUNCTION_ARGS)
{
	char *method = text_to_cstring(PG_GETARG_TEXT_PP(1));
	Jsonb *headers = PG_GETARG_JSONB_P(3);
	TupleDesc desc;
	Datum values[3];
	bool nulls[3] = { false };
	cs_request request;
	cs_response response = { 0 };
	cs_ctx ctx;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	start_request(&request, &ctx, PG_GETARG_OID(0));
	request.target = text_to_cstring(PG_GETARG_TEXT_PP(2));
	request.accept = request_header(headers, "accept");
	if (request.accept == NULL)
		request.accept = pstrdup("");
	request.if_none_match = request_header(headers, "if-none-match");

	initStringInfo(&response.headers);
	appendStringInfoChar(&response.headers, '{');
	respond(&request, &response, method);
	appendStringInfoChar(&response.headers, '}');
	values[0] = Int32GetDatum(response.status);
	values[1] = DirectFunctionCall1(jsonb_in, CStringGetDatum(response.headers.data));
	values[2] = cs_pg_make_bytea(&response.body);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}

/* discovery(store regnamespace, format text) -> bytea */
Datum
coserv_discovery(PG_FUNCTION_ARGS)
{
	char *format = text_to_cstring(PG_GETARG_TEXT_PP(1));
	bool json = strcmp(format, "json") == 0;
	cs_request request;
	cs_ctx ctx;
	cs_buf out;

	if (!json && strcmp(format, "cbor") != 0)
		ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("unknown format \"%s\" of a discovery document", format),
				errhint("It is json or cbor.")));
	start_request(&request, &ctx, PG_GETARG_OID(0));
	write_discovery(&request, json, &out);
	return cs_pg_make_bytea(&out);
}
