/*
 * coserv.c - the module: its magic block and its settings.
 */
#include "pg_support.h"

#include <limits.h>

#include "utils/guc.h"

#include "settings.h"

#if PG_VERSION_NUM >= 180000
PG_MODULE_MAGIC_EXT(.name = "coserv", .version = COSERV_VERSION);
#else
PG_MODULE_MAGIC;
#endif

int cs_setting_max_depth = CS_DEFAULT_MAX_DEPTH;
int cs_setting_max_items = (int) CS_DEFAULT_MAX_ITEMS;
int cs_setting_max_document_size = (int) CS_DEFAULT_MAX_SIZE;
bool cs_setting_accept_legacy = true;
bool cs_setting_accept_rs = false;
int cs_setting_result_ttl = 3600;
bool cs_setting_lax_queries = false;
bool cs_setting_rims_in_discovery = false;
bool cs_setting_tas_in_results = false;
bool cs_setting_direct_lookups = true;
char *cs_setting_signing_keys_file = NULL;
int cs_setting_discovery_ttl = 300;
bool cs_setting_log_answers = false;
int cs_setting_max_ects = 100000;
int cs_setting_max_rounds = 1000;
int cs_setting_max_authorities_tried = 100;
char *cs_setting_endpoint = NULL;
int cs_setting_max_clock_ahead = 300;
int cs_setting_member_timeout = 5000;

extern PGDLLEXPORT void _PG_init(void);

/* Discovery announces the endpoint as a template (draft-ietf-rats-coserv section 6.1): clients replace {query}. */
static bool
check_endpoint(char **newval, void **extra, GucSource source)
{
	static const char tail[] = "/{query}";
	size_t len = strlen(*newval);
	size_t tail_len = sizeof(tail) - 1;

	if ((*newval)[0] == '/' && len >= tail_len && strcmp(*newval + len - tail_len, tail) == 0 &&
		strcspn(*newval, "{}") == len - tail_len + 1)
		return true;
	GUC_check_errdetail("The endpoint is a path that begins with \"/\", ends with \"%s\" and has no other variable.", tail);
	return false;
}

/* Bounds on what one statement may cost: a DBA raises them, or grants SET ON PARAMETER. */
static void
define_limits(void)
{
	DefineCustomIntVariable("coserv.max_depth", "Deepest nesting of CBOR arrays, maps, tags and embedded CBOR that is accepted.", NULL,
		&cs_setting_max_depth, CS_DEFAULT_MAX_DEPTH, 8, CS_HARD_MAX_DEPTH, PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("coserv.max_items", "Largest number of CBOR data items in one document.", NULL, &cs_setting_max_items,
		(int) CS_DEFAULT_MAX_ITEMS, 1000, CS_HARD_MAX_ITEMS, PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("coserv.max_document_size", "Largest document that is accepted or made.", NULL, &cs_setting_max_document_size,
		(int) CS_DEFAULT_MAX_SIZE, 1024, CS_HARD_MAX_SIZE, PGC_SUSET, GUC_UNIT_BYTE, NULL, NULL, NULL);
	DefineCustomIntVariable("coserv.max_ects", "Largest number of entries in the Appraisal Claims Set of one appraisal.", NULL,
		&cs_setting_max_ects, 100000, 100, 100000000, PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("coserv.max_clock_ahead",
		"How far ahead of the clock here the moment of a row of truth may lie that another region sends.",
		"What lies further ahead is set aside.", &cs_setting_max_clock_ahead, 300, 1, 86400, PGC_SUSET, GUC_UNIT_S, NULL, NULL, NULL);
	DefineCustomIntVariable("coserv.member_timeout", "How long a member of a federation at another server has for an answer.",
		"0: as long as the statement.", &cs_setting_member_timeout, 5000, 0, INT_MAX, PGC_USERSET, GUC_UNIT_MS, NULL, NULL, NULL);
	DefineCustomIntVariable("coserv.max_rounds", "Largest number of rounds in which one appraisal may add endorsements.", NULL,
		&cs_setting_max_rounds, 1000, 1, 1000000, PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("coserv.max_authorities_tried",
		"Largest number of authorities whose keys are tried on a document that names none of them.",
		"A document names one by kid, by its certificates, or by its signer's name; whoever loads it, by the argument authority.",
		&cs_setting_max_authorities_tried, 100, 0, 1000000, PGC_SUSET, 0, NULL, NULL, NULL);
}

/* What is accepted and what is answered. */
static void
define_behaviour(void)
{
	/* Not for any session: whoever loads must not let in what an administrator keeps out. */
	DefineCustomBoolVariable("coserv.accept_legacy", "Accepts forms that earlier drafts had (doc/legacy.md).", NULL,
		&cs_setting_accept_legacy, true, PGC_SUSET, 0, NULL, NULL, NULL);
	/* Not for any session: it widens what counts as signed. */
	DefineCustomBoolVariable("coserv.accept_rs", "Accepts documents signed with RS256, RS384 or RS512 (RSASSA-PKCS1-v1_5).",
		"Nothing is ever signed with them.", &cs_setting_accept_rs, false, PGC_SUSET, 0, NULL, NULL, NULL);
	/* Not for any session: a signed result would outlive what the operator vouches for. */
	DefineCustomIntVariable("coserv.result_ttl", "How long a CoSERV result may be used at most.", NULL, &cs_setting_result_ttl, 3600, 2,
		INT_MAX, PGC_SUSET, GUC_UNIT_S, NULL, NULL, NULL);
	DefineCustomBoolVariable("coserv.lax_queries", "Answers queries whose CBOR is not deterministically encoded.", NULL,
		&cs_setting_lax_queries, false, PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomBoolVariable("coserv.rims_in_discovery", "Lists the capability \"rims\" in the discovery document.",
		"Some clients refuse documents with it.", &cs_setting_rims_in_discovery, false, PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomBoolVariable("coserv.tas_in_results",
		"Answers queries for trust anchors with the trust anchor stores (CoTS) that apply, too.", "Some clients refuse results with them.",
		&cs_setting_tas_in_results, false, PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomBoolVariable("coserv.direct_lookups", "Answers read indexes directly where a plan would find the same rows.",
		"Off: answers use plans, which take longer.", &cs_setting_direct_lookups, true, PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomStringVariable("coserv.endpoint", "Path template of the CoSERV endpoint in the discovery document.", NULL,
		&cs_setting_endpoint, "/coserv/{query}", PGC_USERSET, 0, check_endpoint, NULL, NULL);
	/* Not for any session: who binds keys to stores decides what is signed. */
	DefineCustomStringVariable("coserv.signing_keys_file", "File that says which keys sign the results of which stores.",
		"A line a key: database, store, owner, state, key, kid.", &cs_setting_signing_keys_file, "", PGC_SUSET, GUC_SUPERUSER_ONLY, NULL,
		NULL, NULL);
	DefineCustomBoolVariable("coserv.log_answers", "Puts each answer to a query over HTTP on record, in the store's table \"answer\".",
		"Where the transaction may not write, the gateway's access log has the digest.", &cs_setting_log_answers, false, PGC_SUSET, 0, NULL,
		NULL, NULL);
	/* Not for any session: a rotation waits as long. */
	DefineCustomIntVariable("coserv.discovery_ttl", "How long a discovery document may be used without asking again.", NULL,
		&cs_setting_discovery_ttl, 300, 1, INT_MAX, PGC_SUSET, GUC_UNIT_S, NULL, NULL, NULL);
}

void
_PG_init(void)
{
	define_limits();
	define_behaviour();
	MarkGUCPrefixReserved("coserv");
}
