/*
 * http_sql.c - http() and discovery(): the HTTP binding (draft-ietf-rats-coserv, API Bindings), so that a gateway carries no
 * logic: a request in, status, headers and body out.
 */
#include "answer_log.h"
#include "execute.h"
#include "gather.h"
#include "served.h"

#include "access/htup_details.h"
#include "cose/cose.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "query/http.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"

#include "cbor/text.h"
#include "pg/base/settings.h"
#include "pg/base/store.h"
#include "pg/base/times.h"
#include "signing_keys.h"

PG_FUNCTION_INFO_V1(coserv_http);
PG_FUNCTION_INFO_V1(coserv_discovery);

#define PROBLEM_CBOR "application/concise-problem-details+cbor"
#define PROBLEM_JSON "application/problem+json"
#define PROBLEM_TEXT "text/plain; charset=utf-8"
#define SIGNING_RETRY_AFTER "10" /* seconds: somebody has to mend a file */
#define DISCOVERY_JSON "application/coserv-discovery+json"
#define DISCOVERY_CBOR "application/coserv-discovery+cbor"

typedef struct cs_request
{
	cs_ctx *ctx;
	Oid store;
	char *target;		 /* path and query string, normalized */
	char *accept;		 /* "" when absent */
	char *if_none_match; /* NULL when absent */
	char *prefix;		 /* of the path, that a gateway took away; "" when absent */
	cs_span query;		 /* CBOR */
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

/* In UTF-8, whatever the database is in. */
static void
put_text(cs_buf *out, const char *text)
{
	const char *utf8 = pg_server_to_any(text, (int) strlen(text), PG_UTF8);

	cs_put_raw(out, (const uint8_t *) utf8, strlen(utf8));
}

static void
put_problem_json(cs_buf *out, int status, const char *title, const char *detail)
{
	StringInfoData json;

	initStringInfo(&json);
	appendStringInfoString(&json, "{\"title\":");
	escape_json(&json, title);
	appendStringInfo(&json, ",\"status\":%d,\"detail\":", status);
	escape_json(&json, detail);
	appendStringInfoChar(&json, '}');
	put_text(out, json.data);
}

/*
 * Problem details (draft-ietf-rats-coserv section 6.1.1): concise ones (RFC 9290) for who accepts a form of CBOR or says nothing, else JSON
 * (RFC 9457) for who accepts JSON, else words for a person.
 */
static void
problem(const cs_request *request, cs_response *response, int status, const char *title, const char *detail)
{
	const char *accept = request->accept;
	cs_buf *body = &response->body;

	response->status = status;
	cs_buf_init(body, request->ctx);
	if (accept[0] == '\0' || strcasestr(accept, "+cbor") || strcasestr(accept, "+cose"))
	{
		add_header(response, "Content-Type", PROBLEM_CBOR);
		cs_pg_require(cs_problem(request->ctx, title, detail, body), request->ctx, NULL);
	}
	else if (strcasestr(accept, "json"))
	{
		add_header(response, "Content-Type", PROBLEM_JSON);
		put_problem_json(body, status, title, detail);
	}
	else
	{
		add_header(response, "Content-Type", PROBLEM_TEXT);
		put_text(body, psprintf("%s\n%s\n", title, detail));
	}
	add_header(response, "Cache-Control", "no-store");
	cs_pg_require(cs_buf_ok(body), request->ctx, NULL);
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

/* Profiles of the documents of a store or federation; one that is empty where no document has one. */
static List *
profiles_of(Oid store)
{
	List *profiles = cs_is_federation(store) ? cs_gather_profiles(cs_gathering_begin(store, NULL, false)) : cs_profiles_of_store(store);

	return profiles ? profiles : list_make1(palloc0(sizeof(cs_span)));
}

static cs_capabilities
capabilities(List *profiles, bool is_signed)
{
	cs_capabilities list = { NULL, 0 };
	ListCell *cell;

	foreach (cell, profiles)
	{
		cs_span profile = *(cs_span *) lfirst(cell);

		if (is_signed)
			add_capability(&list, media_type(CS_COSERV_COSE, profile));
		add_capability(&list, media_type(CS_COSERV_CBOR, profile));
	}
	return list;
}

/* A list of keys, separated as the format has it. */
static cs_span
join_keys(cs_ctx *ctx, const cs_signing_keys *keys, bool json)
{
	cs_buf out;

	cs_buf_init(&out, ctx);
	for (int i = 0; i < keys->count; i++)
	{
		cs_span key = json ? keys->listed[i]->jwk : keys->listed[i]->cose_key;

		if (json && i > 0)
			cs_put_byte(&out, ',');
		cs_put_raw(&out, key.data, key.len);
	}
	cs_pg_require(cs_buf_ok(&out), ctx, NULL);
	return cs_buf_span(&out);
}

/* Answers whether the document is as it should be: not where a key that should be in it cannot be used. */
static bool
write_discovery(const cs_request *request, bool json, cs_buf *out)
{
	List *profiles = profiles_of(request->store);
	cs_discovery discovery = { .version = COSERV_VERSION, .endpoint = psprintf("%s%s", request->prefix, cs_setting_endpoint) };
	cs_signing_keys keys;
	cs_capabilities list;

	cs_signing_keys_of(request->store, &keys);
	cs_warn_of_keys(&keys);
	list = capabilities(profiles, keys.signing != NULL);
	discovery.capabilities = list.items;
	discovery.capability_count = list.count;
	discovery.key_count = (size_t) keys.count;
	discovery.keys = join_keys(request->ctx, &keys, json);
	cs_buf_init(out, request->ctx);
	cs_pg_require(
		json ? cs_discovery_json(request->ctx, &discovery, out) : cs_discovery_cbor(request->ctx, &discovery, out), request->ctx, NULL);
	return !keys.broken;
}

/* of: what the answer is made of; kid: of the key that signs it, so that no tag outlives its key. Weak where the body differs each time
 * that it is signed (doc/conformance.md, decision 20). */
static char *
entity_tag(cs_ctx *ctx, cs_span of, cs_span kid, bool weak)
{
	uint8_t digest[32];
	cs_buf both, out;

	cs_buf_init(&both, ctx);
	cs_put_bytes(&both, of.data, of.len);
	cs_put_bytes(&both, kid.data, kid.len);
	cs_pg_require(cs_buf_ok(&both) && cs_sha256(ctx, cs_buf_span(&both), digest), ctx, NULL);
	cs_buf_init(&out, ctx);
	cs_put_str(&out, weak ? "W/\"" : "\"");
	cs_put_hex(&out, digest, 16);
	cs_put_raw(&out, "\"", sizeof("\""));
	cs_pg_require(cs_buf_ok(&out), ctx, NULL);
	return (char *) out.data;
}

/* 304 for who has it already, 200 for everybody else; with the validator either way. */
static void
validate(const cs_request *request, cs_response *response, const char *etag)
{
	add_header(response, "ETag", etag);
	response->status =
		request->if_none_match != NULL && cs_etag_matches(request->if_none_match, strlen(request->if_none_match), etag) ? 304 : 200;
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
		bool whole = write_discovery(request, chosen == 0, &response->body);
		char *etag = entity_tag(request->ctx, cs_buf_span(&response->body), (cs_span) { NULL, 0 }, false);

		add_header(response, "Content-Type", offers[chosen].type);
		add_header(response, "Cache-Control", whole ? psprintf("max-age=%d", cs_setting_discovery_ttl) : "no-store");
		add_header(response, "Vary", "Accept");
		validate(request, response, etag);
		if (response->status == 304)
			cs_buf_init(&response->body, request->ctx);
	}
}

static bool
profile_served(const cs_request *request, const cs_query *query)
{
	Datum profile = cs_pg_make_text(query->profile);
	bool served;

	if (cs_is_federation(request->store))
		return cs_has_profile(cs_gather_profiles(cs_gathering_begin(request->store, NULL, false)), query->profile);
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

/*
 * Seconds (RFC 9111 section 5.2.2.1): an eighth of result_ttl, a quarter of the time for which an answer keeps its expiry, so that who asks
 * again mostly gets 304. The second that has begun does not count: no cache may keep the answer beyond its expiry.
 */
static int64_t
freshness(const cs_answer *answer)
{
	int64_t left = answer->expiry - cs_pg_unix_time(GetCurrentTimestamp()) - 1;
	int64_t most = Max(cs_setting_result_ttl / 8, 1);

	return Max(Min(left, most), 0);
}

/* What no table can be told, whoever sent the request tells its own log. */
static void
log_answer(const cs_request *request, cs_response *response, const cs_answer *answer, bool is_signed)
{
	uint8_t digest[32];
	StringInfoData hex;

	if (!cs_setting_log_answers)
		return;
	cs_pg_require(cs_sha256(request->ctx, cs_buf_span(&answer->result), digest), request->ctx, NULL);
	if (cs_log_answer(request->store, request->query, digest, is_signed))
		return;
	initStringInfo(&hex);
	for (size_t i = 0; i < sizeof(digest); i++)
		appendStringInfo(&hex, "%02x", digest[i]);
	add_header(response, "X-Coserv-Answer", hex.data);
}

/* key: NULL for an unsigned answer. */
static void
answer_success(const cs_request *request, cs_response *response, const cs_answer *answer, const cs_signing_key *key)
{
	cs_span kid = key ? key->kid : (cs_span) { NULL, 0 };

	log_answer(request, response, answer, key != NULL);
	add_header(response, "Content-Type", media_type(key ? CS_COSERV_COSE : CS_COSERV_CBOR, answer->query.profile));
	add_header(response, "Cache-Control", psprintf("max-age=%lld", (long long) freshness(answer)));
	add_header(response, "Vary", "Accept");
	validate(request, response, entity_tag(request->ctx, cs_buf_span(&answer->result), kid, key != NULL));
	cs_buf_init(&response->body, request->ctx);
	if (response->status == 304)
		return;
	if (key)
		cs_sign_answer(request->ctx, cs_buf_span(&answer->result), key, &response->body);
	else
		response->body = answer->result;
}

static void
answer_query(cs_request *request, cs_response *response, cs_span encoded)
{
	cs_offer offers[2] = { { .type = CS_COSERV_COSE }, { .type = CS_COSERV_CBOR } };
	size_t first; /* of the offers that hold */
	int chosen;
	bool served;
	char *profile;
	cs_buf query;
	cs_answer answer;
	cs_signing_keys keys;

	cs_buf_init(&query, request->ctx);
	if (!cs_base64url_decode(request->ctx, (const char *) encoded.data, encoded.len, &query) ||
		!cs_answer_query(request->ctx, request->store, cs_buf_span(&query), 0, NULL, &answer))
	{
		problem(request, response, 400, "Query validation failed", error_text(&request->ctx->error));
		return;
	}
	request->query = cs_buf_span(&query);
	profile = cs_strndup(request->ctx, answer.query.profile.data, answer.query.profile.len);
	offers[0].profile = offers[1].profile = profile;
	served = answer.count > 0 || profile_served(request, &answer.query);
	cs_signing_keys_of(request->store, &keys);
	cs_warn_of_keys(&keys);
	first = keys.signing ? 0 : 1;
	chosen = cs_accept_negotiate(request->accept, strlen(request->accept), offers + first, lengthof(offers) - first);
	if (chosen == -2)
		problem(request, response, 400, "Malformed Accept header", "The Accept header field does not follow RFC 9110");
	else if (chosen < 0 && keys.broken && cs_accept_negotiate(request->accept, strlen(request->accept), offers, 1) == 0)
	{
		add_header(response, "Retry-After", SIGNING_RETRY_AFTER);
		problem(request, response, 503, "Signing unavailable", "Results cannot be signed at the moment; unsigned ones are " CS_COSERV_CBOR);
	}
	else if (chosen < 0)
		problem(request, response, 406, "Unsupported media type or profile",
			psprintf("This query is answered as %s", media_type(offers[first].type, answer.query.profile)));
	else if (!served)
		problem(request, response, 406, "Unsupported profile", psprintf("Profile %s not supported", profile));
	else
		answer_success(request, response, &answer, first + (size_t) chosen == 0 ? keys.signing : NULL);
}

/* For who looks what this is. */
static void
answer_about(const cs_request *request, cs_response *response)
{
	response->status = 200;
	add_header(response, "Content-Type", PROBLEM_TEXT);
	add_header(response, "Cache-Control", psprintf("max-age=%d", cs_setting_discovery_ttl));
	cs_buf_init(&response->body, request->ctx);
	put_text(&response->body,
		psprintf("coserv " COSERV_VERSION ": reference values and endorsements for remote attestation, by CoSERV.\n"
				 "What it answers, and where: %s" CS_WELL_KNOWN_PATH "\n",
			request->prefix));
}

static void
respond(cs_request *request, cs_response *response, const char *method)
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
	else if (route == CS_ROUTE_ABOUT)
		answer_about(request, response);
	else if (route == CS_ROUTE_DISCOVERY)
		answer_discovery(request, response);
	else
		answer_query(request, response, encoded);
}

static void
join(StringInfo out, const JsonbValue *value)
{
	if (value->type != jbvString)
		return;
	if (out->data == NULL)
		initStringInfo(out);
	else
		appendStringInfoString(out, ", ");
	appendBinaryStringInfo(out, value->val.string.val, value->val.string.len);
}

static bool
is_name(const JsonbValue *key, const char *name)
{
	return (size_t) key->val.string.len == strlen(name) && pg_strncasecmp(key->val.string.val, name, strlen(name)) == 0;
}

/*
 * By its name in any case: servers hand headers on as a text, as a list of texts, or under the name as it came. What comes more than
 * once is joined (RFC 9110 section 5.3). name in lower case. NULL: there is none.
 */
static char *
request_header(Jsonb *headers, const char *name)
{
	StringInfoData out = { .data = NULL };
	JsonbIterator *it;
	JsonbIteratorToken token;
	JsonbValue value;
	int depth = 0;
	bool wanted = false;

	if (headers == NULL || !JB_ROOT_IS_OBJECT(headers))
		return NULL;
	it = JsonbIteratorInit(&headers->root);
	while ((token = JsonbIteratorNext(&it, &value, false)) != WJB_DONE)
	{
		if (token == WJB_BEGIN_OBJECT || token == WJB_BEGIN_ARRAY)
			depth++;
		else if (token == WJB_END_OBJECT || token == WJB_END_ARRAY)
			depth--;
		else if (token == WJB_KEY && depth == 1)
			wanted = is_name(&value, name);
		else if (wanted && (token == WJB_VALUE || token == WJB_ELEM) && depth <= 2)
			join(&out, &value);
	}
	return out.data;
}

/* A path as a gateway may have taken it away; everything else counts for none. */
static char *
request_prefix(Jsonb *headers)
{
	char *prefix = request_header(headers, "x-forwarded-prefix");

	if (prefix == NULL || prefix[0] != '/' || prefix[1] == '/')
		return pstrdup("");
	for (const char *p = prefix; *p != '\0'; p++)
		if (*p <= 0x20 || *p >= 0x7f || strchr("\"<>\\^`{|}?#", *p) != NULL)
			return pstrdup("");
	return prefix;
}

static void
start_request(cs_request *request, cs_ctx *ctx, Oid store)
{
	cs_pg_ctx(ctx);
	memset(request, 0, sizeof(*request));
	request->ctx = ctx;
	request->store = store;
	request->accept = pstrdup("");
	request->prefix = pstrdup("");
}

/* http(store regnamespace, method text, path text, request_headers jsonb) -> (status integer, headers jsonb, body bytea) */
Datum
coserv_http(PG_FUNCTION_ARGS)
{
	Jsonb *headers = PG_ARGISNULL(3) ? NULL : PG_GETARG_JSONB_P(3);
	char *accept = request_header(headers, "accept");
	TupleDesc desc;
	Datum values[3];
	bool nulls[3] = { false };
	cs_request request;
	cs_response response = { 0 };
	cs_ctx ctx;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("a request has a store, a method and a path")));
	start_request(&request, &ctx, PG_GETARG_OID(0));
	request.target = text_to_cstring(PG_GETARG_TEXT_PP(2));
	cs_http_normalize(request.target);
	if (accept != NULL)
		request.accept = accept;
	request.prefix = request_prefix(headers);
	request.if_none_match = request_header(headers, "if-none-match");

	initStringInfo(&response.headers);
	appendStringInfoChar(&response.headers, '{');
	respond(&request, &response, text_to_cstring(PG_GETARG_TEXT_PP(1)));
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
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("unknown format \"%s\" of a discovery document", cs_pg_shown(PG_GETARG_DATUM(1))), errhint("It is json or cbor.")));
	start_request(&request, &ctx, PG_GETARG_OID(0));
	(void) write_discovery(&request, json, &out);
	return cs_pg_make_bytea(&out);
}
