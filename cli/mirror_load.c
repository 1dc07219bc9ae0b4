/*
 * mirror_load.c - what was fetched, into the store: by try_load, which verifies it as it verifies all else and puts a refusal on record.
 */
#include "mirror.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cose/certs.h"
#include "convert.h"

#define PEM_CHAIN "application/pem-certificate-chain"

static PGresult *
ask_store(mirror *run, const char *before, const char *behind, int count, const cs_span *given)
{
	const char *values[4];
	int lengths[4], formats[4];
	char *statement = cli_statement(run->cli, run->connection, before, behind);

	for (int i = 0; i < count; i++)
	{
		values[i] = given[i].len > 0 ? (const char *) given[i].data : NULL;
		lengths[i] = (int) given[i].len;
		formats[i] = 1;
	}
	return statement != NULL ? PQexecParams(run->connection, statement, count, NULL, values, lengths, formats, 0) : NULL;
}

static mirror_outcome
failed(mirror *run, const PGresult *result)
{
	const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);

	mirror_fail(run, "%s%s%s",
		PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) != NULL ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY)
																	: PQerrorMessage(run->connection),
		detail != NULL ? ": " : "", detail != NULL ? detail : "");
	return PQstatus(run->connection) == CONNECTION_OK ? MIRROR_FAILED : MIRROR_STOPPED;
}

static void
note_end(mirror *run, const PGresult *result)
{
	int64_t end;

	if (PQresultStatus(result) != PGRES_TUPLES_OK || PQntuples(result) != 1 || PQgetisnull(result, 0, 0))
		return;
	end = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
	if (end < run->not_after)
		run->not_after = end;
}

static mirror_outcome
load_document(mirror *run, cs_span document, cs_span chain)
{
	const cs_span given[] = { document, chain };
	PGresult *result = ask_store(
		run, "SELECT id, refused, detail FROM ", ".try_load(document => CAST($1 AS bytea), chain => CAST($2 AS bytea))", 2, given);
	mirror_outcome outcome = MIRROR_NEW;

	if (PQresultStatus(result) != PGRES_TUPLES_OK)
		outcome = failed(run, result);
	else if (!PQgetisnull(result, 0, 1))
	{
		mirror_fail(
			run, "the store refuses it: %s%s%s", PQgetvalue(result, 0, 1), PQgetisnull(result, 0, 2) ? "" : ": ", PQgetvalue(result, 0, 2));
		outcome = MIRROR_FAILED;
	}
	else
	{
		cs_span id = { (const uint8_t *) PQgetvalue(result, 0, 0), (size_t) PQgetlength(result, 0, 0) };
		PGresult *end = ask_store(run, "SELECT CAST(extract(epoch FROM not_after) AS bigint) FROM ",
			".manifest WHERE id = CAST(CAST($1 AS text) AS uuid)", 1, &id);

		note_end(run, end);
		PQclear(end);
	}
	PQclear(result);
	return outcome;
}

/* The certificates of a chain as an array of bytea is written. */
static bool
array_of(cs_cli *cli, cs_span pem, cs_span *array)
{
	cs_span *certs;
	size_t count;
	cs_buf out;

	*array = (cs_span) { NULL, 0 };
	if (pem.len == 0)
		return true;
	if (!cs_certs_split(&cli->ctx, pem, &certs, &count))
		return false;
	cs_buf_init(&out, &cli->ctx);
	for (size_t i = 0; i < count; i++)
	{
		cs_put_str(&out, i == 0 ? "{\"\\\\x" : ",\"\\\\x");
		for (size_t k = 0; k < certs[i].len; k++)
			cs_put_fmt(&out, "%02x", certs[i].data[k]);
		cs_put_byte(&out, '"');
	}
	cs_put_byte(&out, '}');
	*array = cs_buf_span(&out);
	return cs_buf_ok(&out);
}

/* In DER, beside the authority of the source, which its issuer's certificates lead to. */
static mirror_outcome
load_crl(mirror *run, const mirror_request *request, cs_span crl, cs_span chain)
{
	const char *authority = request->source->authority, *state;
	cs_span given[3] = { { (const uint8_t *) authority, authority != NULL ? strlen(authority) : 0 }, crl };
	mirror_outcome outcome = MIRROR_NEW;
	PGresult *result;

	if (authority == NULL || !array_of(run->cli, chain, &given[2]))
	{
		mirror_fail(
			run, authority == NULL ? "the source names no authority beside whom a CRL stands" : "its issuer's certificates cannot be read");
		return MIRROR_FAILED;
	}
	result = ask_store(run, "INSERT INTO ",
		".crl (authority, der, chain) VALUES (CAST($1 AS text), CAST($2 AS bytea), CAST(CAST($3 AS text) AS bytea[])) "
		"RETURNING CAST(extract(epoch FROM next_update) AS bigint)",
		3, given);
	state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	if (state != NULL && strcmp(state, "23505") == 0)
		outcome = MIRROR_SAME; /* unique_violation: the store has it */
	else if (PQresultStatus(result) != PGRES_TUPLES_OK)
		outcome = failed(run, result);
	else
		note_end(run, result);
	PQclear(result);
	return outcome;
}

/* XML is converted here, on this machine, and signed by the operator's key: the store takes it in his name. */
static mirror_outcome
load_rim(mirror *run, const mirror_request *request, cs_span document)
{
	const mirror_source *source = request->source;
	cs_cli how = *run->cli;
	char *name = (char *) (uintptr_t) request->url;
	mirror_outcome outcome = MIRROR_FAILED;
	cs_buf corim, made;

	if (source->root == NULL || source->key == NULL || source->signer == NULL)
	{
		mirror_fail(run, "the source lacks one of root, key and signer, by which a RIM in XML is verified and signed anew");
		return MIRROR_FAILED;
	}
	how.files = &name;
	how.file_count = 1;
	how.keys[0] = source->root;
	how.key_count = 1;
	how.at = source->judged_at;
	how.quiet = true;
	cs_arena_init(&how.arena, &how.ctx);
	cs_buf_init(&corim, &how.ctx);
	cs_buf_init(&made, &how.ctx);
	if (cli_convert_bytes(&how, document, &corim) != CLI_OK)
		mirror_fail(run, "it does not become a CoRIM");
	else if (!cli_sign_corim(&how, source->key, source->signer, cs_buf_span(&corim), &made))
		mirror_fail(run, "its CoRIM cannot be signed: %s", how.ctx.error.message);
	else
		outcome = load_document(run, cs_buf_span(&made), (cs_span) { NULL, 0 });
	cs_arena_free(&how.arena);
	return outcome;
}

static bool
is_record_of(const cs_item *record, const char *type)
{
	cs_item media;

	return cs_array_get(record, 0, &media) && cs_is(&media, CS_TSTR) && cs_text_is(&media, type);
}

/* All certificates that stand beside documents, since no record says whose they are. */
static cs_span
chains_of(cs_cli *cli, const cs_item *records)
{
	cs_item record, value;
	cs_iter each = cs_iterate(records);
	cs_buf out;
	cs_span bytes;

	cs_buf_init(&out, &cli->ctx);
	while (cs_next(&each, &record))
		if (is_record_of(&record, PEM_CHAIN) && cs_array_get(&record, 1, &value) && cs_string(&cli->ctx, &value, &bytes))
			cs_put_raw(&out, bytes.data, bytes.len);
	return cs_buf_span(&out);
}

/* A document of a vendor's own form wants the chain beside it, a CoRIM has its own. */
static bool
is_corim(const cs_item *record)
{
	return is_record_of(record, "application/rim+cose") || is_record_of(record, "application/rim+cbor");
}

/* The results of another server are not believed: its source artifacts are documents, loaded as if its suppliers had sent them. */
static mirror_outcome
load_coserv(mirror *run, cs_span answer)
{
	cs_cli *cli = run->cli;
	mirror_outcome worst = MIRROR_NEW;
	cs_item result, results, records, record, value;
	cs_span document, chain;
	cs_iter each;

	if (!cs_check(&cli->ctx, answer.data, answer.len) ||
		(result = cs_item_at(answer.data, answer.len), !cs_map_get(&result, CS_COSERV_RESULTS, &results)))
	{
		mirror_fail(run, "the answer is no result of CoSERV");
		return MIRROR_FAILED;
	}
	if (!cs_map_get(&results, CS_RESULTS_SOURCE_ARTIFACTS, &records))
		return MIRROR_SAME;
	chain = chains_of(cli, &records);
	each = cs_iterate(&records);
	while (worst != MIRROR_STOPPED && cs_next(&each, &record))
	{
		mirror_outcome outcome;

		if (is_record_of(&record, PEM_CHAIN) || !cs_array_get(&record, 1, &value) || !cs_string(&cli->ctx, &value, &document))
			continue;
		outcome = load_document(run, document, is_corim(&record) ? (cs_span) { NULL, 0 } : chain);
		worst = outcome > worst ? outcome : worst;
	}
	return worst;
}

mirror_outcome
mirror_load(mirror *run, const mirror_request *request, const mirror_answer *answer)
{
	cs_span body = cs_buf_span(&answer->body);
	cs_span chain = { (const uint8_t *) answer->chain, answer->chain != NULL ? strlen(answer->chain) : 0 };

	run->not_after = INT64_MAX;
	if (body.len == 0 || body.len > INT32_MAX)
	{
		mirror_fail(run, "the answer is empty, or too large");
		return MIRROR_FAILED;
	}
	switch (request->form)
	{
		case MIRROR_CRL:
			return load_crl(run, request, body, chain);
		case MIRROR_RIM:
			return load_rim(run, request, body);
		case MIRROR_COSERV:
			return load_coserv(run, body);
		case MIRROR_DOCUMENT:
			break;
	}
	return load_document(run, body, chain);
}
