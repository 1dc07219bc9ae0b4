/*
 * appraise.h - the Appraisal Claims Set: match and augment (draft-ietf-rats-corim, "ACS Augmentation"; doc/conformance.md, decisions
 * 14, 22 to 24).
 *
 * The caller fetches triples: whenever the ACS holds environments that were not asked about, fetch() is called for all of these at once
 * and adds the relations whose condition's environment is contained in one of them; for domain memberships (5) and trust dependencies
 * (4), those that name any environment contained in one. Everything is deterministic: relations are tried in the order of their sort
 * keys, whatever order they came in, and each pass sees the ACS as the pass before left it.
 *
 * Environments are compared and shown as cs_env_canonical has them. Kinds that add nothing to an ACS (unknown ones) are ignored. Of a
 * CoSWID link (6) the caller gives a relation for each file of its tags that Evidence names: with a reference triple as record (decision
 * 94).
 */
#ifndef CS_APPRAISE_H
#define CS_APPRAISE_H

#include "match/match.h"

typedef struct cs_acs cs_acs;

/* One triple that may apply. All spans must live as long as the ACS; record is the triple as it came. */
typedef struct cs_relation
{
	int64_t kind; /* key in the triples-map; 0 and 6 are Reference Values */
	cs_span record;
	cs_span authority; /* array of $crypto-key-type-choice: who signed */
	cs_span profile;   /* profile-type-choice as it came; empty when none */
	cs_span order;	   /* sort key: manifest id and ordinal, compared as bytes; also what makes it unique */
	void *source;	   /* the caller's: row identity, given back with each ECT */
} cs_relation;

/* One Environment-Claims Tuple of the ACS. */
typedef struct cs_ect
{
	int cmtype;					 /* 0 reference-values, 1 endorsements, 2 evidence; -1 for the others */
	cs_span environment;		 /* deterministic */
	cs_span authority;			 /* array; empty when none */
	cs_span profile;			 /* empty when none */
	cs_span encoded;			 /* the whole ECT as the drafts print it (text keys), deterministic encoding */
	const cs_relation *relation; /* what added it; NULL for Evidence */
	size_t round;				 /* 0 Evidence, 1 rv, 2.. endorsement rounds */
} cs_ect;

/* An element of the ACS: what conditions are compared with. */
typedef struct cs_element
{
	cs_span id;		   /* canonical mkey; empty when absent */
	cs_span claims;	   /* measurement-values-map, deterministic */
	cs_span authority; /* array of $crypto-key-type-choice, of the ECT that it is of; empty when none */
} cs_element;

/* One condition that was tried, for explain. */
typedef struct cs_trial
{
	const cs_relation *relation;
	size_t condition; /* index of the condition in its relation (of the series item for 8) */
	bool matched;
	size_t ect;		  /* index of the ACS entry that matched or came nearest; SIZE_MAX when none */
	size_t differing; /* when not matched: how many attributes, authorities and values lack or differ; SIZE_MAX: it was not compared */
	cs_mismatch why;  /* when not matched */
} cs_trial;

/* What the appraisal left out and why; static text: "key verification is not available", "cycle of domain memberships", ... */
typedef struct cs_note
{
	const cs_relation *relation;
	const char *reason;
} cs_note;

typedef struct cs_appraisal
{
	/* Called for the environments new to the ACS, each once: add relations with cs_acs_add_relation. Spans live as long as the ACS. */
	bool (*fetch)(cs_acs *acs, const cs_span *environments, size_t count, void *data);
	/*
	 * NULL, or called behind fetch() for each environment whose elements have grown, with those that are new: what fetch() left out, since
	 * its condition asks for more than an environment, may match from here on. It must add each relation that one of these elements is
	 * needed for; one that matches nothing does no harm.
	 */
	bool (*fetch_conditional)(cs_acs *acs, cs_span environment, const cs_element *elements, size_t count, void *data);
	/* NULL, or called for each condition tried. */
	bool (*trial)(cs_acs *acs, const cs_trial *trial, void *data);
	/* NULL, or asked for a profile by its canonical text; NULL: cs_profile_find. What it gives lives as long as the ACS. */
	const cs_profile *(*profile)(cs_acs *acs, const char *text, size_t len, void *data);
	void *data;
	uint64_t max_ects;	 /* bound on the ACS; CS_LIMIT beyond */
	uint64_t max_rounds; /* bound on cs_ect.round; CS_LIMIT beyond */
	/*
	 * Verify one $crypto-key-type-choice, the index-th of an attest-key (key_type 0) or identity (1) triple whose condition matched:
	 * path, revocation, key usage. NULL: such triples are not processed, and each that would have been is noted.
	 */
	bool (*verify_key)(
		cs_acs *acs, const cs_relation *relation, size_t index, cs_span crypto_key, int key_type, bool *verified, void *data);
	/* array of $crypto-key-type-choice: who verifies keys (doc/conformance.md, decision 29); empty: only the signer is named */
	cs_span verifier;
} cs_appraisal;

/* evidence: checked bytes of an ECT, an array of ECTs, an ae-item or an array of those; validated here (CS_INVALID). Each needs
 * environment, element-list and authority; cmtype, when there, is 2. */
extern cs_acs *cs_acs_new(cs_ctx *ctx, const uint8_t *evidence, size_t len);
extern bool cs_acs_add_relation(cs_acs *acs, const cs_relation *relation); /* one already there (same order) is ignored */
extern bool cs_appraise(cs_acs *acs, const cs_appraisal *how);			   /* once for an ACS */
extern size_t cs_acs_count(const cs_acs *acs);
extern const cs_ect *cs_acs_get(const cs_acs *acs, size_t index);
extern size_t cs_acs_note_count(const cs_acs *acs);
extern const cs_note *cs_acs_note(const cs_acs *acs, size_t index);

/* What Reference Values say of an element of the Evidence. */
typedef enum cs_standing
{
	CS_UNSPOKEN,	 /* none names its environment and element-id */
	CS_CONTRADICTED, /* some do, and none is as it is */
	CS_CORROBORATED	 /* one is, with all that its triple says */
} cs_standing;

typedef struct cs_verdict
{
	const cs_ect *ect;	/* Evidence */
	cs_span element_id; /* empty when absent */
	cs_span claims;
	cs_standing standing;
	const cs_relation *relation; /* which corroborates it, or of those that speak of it the one that differs least; NULL when none does */
	size_t speakers;			 /* measurements of Reference Values that name its environment and element-id */
	cs_mismatch why;			 /* when contradicted: where the nearest differs; path within the element-claims */
} cs_verdict;

/* After cs_appraise, for each element of the Evidence, in its order. */
extern bool cs_acs_verdicts(cs_acs *acs, bool (*each)(cs_acs *acs, const cs_verdict *verdict, void *data), void *data);

/* After cs_appraise, for each environment of the Evidence that no Reference Value names, once, in its order. */
extern bool cs_acs_unspoken(cs_acs *acs, bool (*each)(cs_acs *acs, cs_span environment, void *data), void *data);

#endif
