/*
 * model_corpus_reasons.h - where the verdict on a file of the corpus is not that of its COVERAGE.tsv, a lint's, and who is right. For
 * model_corpus_test.c and for doc/corpus.md (inspect_corpus_table_test.c).
 */
#ifndef MODEL_CORPUS_REASONS_H
#define MODEL_CORPUS_REASONS_H

#include <stddef.h>
#include <string.h>

/* Called compatible by the lint, and not: the CDDL decides. A name stands for every file whose name contains it. */
static const struct corpus_wrong
{
	const char *file;
	const char *message;
	const char *why;
} corpus_wrong[] = {
	{ "intel-corim-profile__cddl-examples-irim-1test", "duplicate map key", "-89 twice in one measurement-values-map" },
	{ "intel-corim-profile__cddl-examples-irim-cbt1", "duplicate map key", "-89 twice in one measurement-values-map" },
	{ "intel-corim-profile__cddl-examples-irim-isve-ref-end~d55a241", "duplicate map key", "a key twice in one measurement-values-map" },
	{ "intel-corim-profile__cddl-examples-irim-isve-ref-end~757c28a", "duplicate map key", "a key twice in one measurement-values-map" },
	{ "comid-5~fab60ff", "bytes should be a byte string", "560(digest), where tagged-bytes is 560(bytes)" },
	{ "comid-7~d3e6fe9", "none of an integer, null", "the upper bound of a range is Infinity, a float; positive-inf is null" },
	{ "comid-measured-component~f087a8b", "bool should be true or false", "a measured-component under 16, which became a bool" },
	{ "corim-bom~67313a3", "concise-tl-tag has no member 3", "keys of concise-tl-tag counted from 1" },
};

/*
 * What the lint reports of files that are current (says is part of its word), and what it passes over in files that are read as legacy
 * (says is the form's name) or refused (says is part of the message). why begins with who is right.
 */
static const struct corpus_lint
{
	const char *says;
	const char *why;
} corpus_lint[] = {
	{ "raw-value-mask(5)-deprecated", "both: deprecated, and in today's CDDL" },
	{ "label 2 used instead", "both: the CDDL of CoSERV has label 2, everybody else 3 (decision 1)" },
	{ "digest-len", "coserv: no CDDL says how long a digest is; examples have short ones" },
	{ "unassigned-key", "coserv: the triples-map is open: kept, and shown as unknown" },
	{ "instance:tag-56", "coserv: $instance-id-type-choice is open: kept, and shown as unknown" },
	{ "untagged-uri", "coserv: uri is #6.32(tstr); the lint does not look at it" },
	{ "model-without-vendor", "coserv: a model needs a vendor (section 5.1.4.2); the lint does not look at it" },
	{ "repeated-digest-algorithm", "coserv: each algorithm once (section 7.7)" },
	{ "der-oid", "coserv: tag 111 holds the content octets (RFC 9090), and here a whole OID" },
};

static inline const struct corpus_wrong *
corpus_wrong_find(const char *file)
{
	for (size_t i = 0; i < sizeof(corpus_wrong) / sizeof(corpus_wrong[0]); i++)
		if (strstr(file, corpus_wrong[i].file))
			return &corpus_wrong[i];
	return NULL;
}

#endif
