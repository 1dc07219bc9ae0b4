/*
 * inspect.c - the findings about a document, and what concerns it as a whole: what it is, its signature, its validity, its tags.
 */
#include "document/seems.h"
#include "cbor/bignum.h"
#include "cbor/sort.h"
#include "inspect_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CORIM "draft-ietf-rats-corim section "

const char *
cs_severity_name(cs_severity severity)
{
	static const char *const names[] = { "error", "legacy", "warning", "note" };

	return names[severity];
}

/* ---- findings ---- */

static uint64_t
hash_text(const char *text)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (; *text != '\0'; text++)
		hash = (hash ^ (unsigned char) *text) * UINT64_C(1099511628211);
	return hash;
}

static const char *
keep(cs_inspector *in, const char *text)
{
	char *copy;

	if (text == NULL || text[0] == '\0')
		return NULL;
	copy = cs_strndup(in->ctx, text, strlen(text));
	if (copy == NULL)
		in->no_memory = true;
	return copy;
}

/* The slot of a finding that says the same, or the one that is free for it. */
static uint16_t *
slot_of(cs_inspector *in, cs_severity severity, uint64_t hash, const char *message)
{
	size_t slot = (size_t) hash & (CS_FINDING_SLOTS - 1);

	for (; in->slots[slot] != 0; slot = (slot + 1) & (CS_FINDING_SLOTS - 1))
	{
		const cs_finding *finding = &in->out->findings[in->slots[slot] - 1];

		if (finding->hash == hash && finding->severity == severity && strcmp(finding->message, message) == 0)
			break;
	}
	return &in->slots[slot];
}

static cs_finding *
new_finding(cs_inspector *in)
{
	cs_inspection *out = in->out;

	if (out->count == in->capacity)
	{
		size_t more = in->capacity ? in->capacity * 2 : 16;
		cs_finding *larger = cs_resize(in->ctx, out->findings, in->capacity, more, sizeof(*larger));

		if (larger == NULL)
		{
			in->no_memory = true;
			return NULL;
		}
		out->findings = larger;
		in->capacity = more;
	}
	memset(&out->findings[out->count], 0, sizeof(cs_finding));
	return &out->findings[out->count++];
}

static bool
put_finding(cs_inspector *in, cs_severity severity, const cs_place *place, uint64_t hash, const char *message)
{
	cs_finding *finding = new_finding(in);
	const uint8_t *start = in->document.data;

	if (finding == NULL)
		return false;
	finding->severity = severity;
	finding->hash = hash;
	finding->times = 1;
	finding->message = keep(in, message);
	finding->path = keep(in, place->path);
	finding->rule = keep(in, place->rule);
	finding->found = keep(in, place->found);
	finding->section = place->section;
	finding->has_offset = place->p != NULL && place->p >= start && place->p < start + in->document.len;
	if (finding->has_offset)
		finding->offset = (size_t) (place->p - start);
	if (severity == CS_SEVERITY_ERROR && ++in->errors >= CS_MAX_FINDINGS)
		in->full = true;
	return !in->full && !in->no_memory;
}

bool
cs_inspect_add(cs_inspector *in, cs_severity severity, const cs_place *place, const char *fmt, ...)
{
	char message[CS_TEXT_MAX];
	uint16_t *slot;
	uint64_t hash;
	va_list args;

	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	hash = hash_text(message);
	if (severity == CS_SEVERITY_ERROR && !in->is_query)
		return put_finding(in, severity, place, hash, message);
	slot = slot_of(in, severity, hash, message);
	if (*slot != 0)
	{
		in->out->findings[*slot - 1].times++;
		return true;
	}
	if (in->out->count - in->errors >= CS_MAX_NOTES)
	{
		in->dropped = true;
		return true;
	}
	*slot = (uint16_t) (in->out->count + 1);
	return put_finding(in, severity, place, hash, message);
}

bool
cs_inspect_add_error(cs_inspector *in, const char *section)
{
	const cs_error *error = &in->ctx->error;
	cs_place place = { error->path, NULL, error->rule, section, error->found };
	char message[CS_TEXT_MAX];

	if (error->code == CS_NO_MEMORY)
		return !(in->no_memory = true);
	if (error->has_offset && error->offset < in->document.len)
		place.p = in->document.data + error->offset;
	snprintf(message, sizeof(message), "%s", error->message);
	if (!put_finding(in, CS_SEVERITY_ERROR, &place, 0, message))
		return false;
	/* An end that came too early lies just behind the last byte. */
	if (error->has_offset && place.p == NULL)
	{
		in->out->findings[in->out->count - 1].has_offset = true;
		in->out->findings[in->out->count - 1].offset = error->offset;
	}
	return true;
}

bool
cs_inspect_has_error(const cs_inspector *in, const char *message)
{
	for (size_t i = 0; i < in->out->count; i++)
		if (in->out->findings[i].severity == CS_SEVERITY_ERROR && strcmp(in->out->findings[i].message, message) == 0)
			return true;
	return false;
}

/* ---- validity ---- */

bool
cs_inspect_add_time(cs_inspector *in, cs_severity severity, const cs_place *place, const char *what, int64_t at)
{
	char text[32];

	if (at >= 0 && at <= INT64_C(253402300799))
	{
		cs_buf buf;

		cs_buf_init(&buf, in->ctx);
		cs_put_date_time(&buf, at);
		if (!cs_buf_ok(&buf))
			return !(in->no_memory = true);
		snprintf(text, sizeof(text), "%.*s", (int) buf.len, (const char *) buf.data);
	}
	else
		snprintf(text, sizeof(text), "%lld seconds since 1970", (long long) at);
	return cs_inspect_add(in, severity, place, "%s %s", what, text);
}

/* The document's own validity: over is refused; not yet is loaded, and answers from then on. */
static bool
check_rim_validity(cs_inspector *in, const cs_item *corim)
{
	cs_validity validity;
	cs_item map;
	cs_place place = { "corim-map.rim-validity", NULL, "validity-map", CORIM "7.3", NULL };

	if (!cs_map_get(corim, CS_CORIM_RIM_VALIDITY, &map) || !cs_is(&map, CS_MAP) || !cs_validity_read(in->ctx, &map, &validity))
		return true;
	place.p = map.p;
	if (validity.has_not_after && validity.not_after <= in->now)
		return cs_inspect_add_time(in, CS_SEVERITY_ERROR, &place, "the document expired on", validity.not_after);
	if (validity.has_not_before && validity.not_before > in->now)
		return cs_inspect_add_time(in, CS_SEVERITY_NOTE, &place, "the document does not hold before", validity.not_before);
	return true;
}

static bool
check_result_expiry(cs_inspector *in, const cs_item *coserv)
{
	cs_item results, expiry;
	cs_place place = { "coserv.results.expiry", NULL, "results", "draft-ietf-rats-coserv section 4.4", NULL };
	int64_t at;

	if (!cs_map_get(coserv, CS_COSERV_RESULTS, &results) || !cs_map_get(&results, CS_RESULTS_EXPIRY, &expiry) ||
		!cs_time_read(in->ctx, &expiry, false, &at))
		return true;
	place.p = expiry.p;
	return at > in->now || cs_inspect_add_time(in, CS_SEVERITY_WARNING, &place, "the result expired on", at);
}

/* ---- tags inside ---- */

static int
compare_tags(const void *a, const void *b)
{
	const cs_seen_tag *left = a;
	const cs_seen_tag *right = b;
	size_t common = left->id.len < right->id.len ? left->id.len : right->id.len;
	int order = (left->rule > right->rule) - (left->rule < right->rule);

	if (order == 0)
		order = memcmp(left->id.data, right->id.data, common);
	if (order == 0)
		order = (left->id.len > right->id.len) - (left->id.len < right->id.len);
	if (order == 0)
		order = cs_integer_compare(&left->version, &right->version);
	return order != 0 ? order : (left->offset > right->offset) - (left->offset < right->offset);
}

/* Of tags with one id, the highest version counts (doc/conformance.md, decision 18); of the same version, nobody says which. */
static bool
check_tags(cs_inspector *in)
{
	if (!cs_sort(in->ctx, in->tags, in->tag_count, sizeof(*in->tags), compare_tags))
		return false;
	for (size_t i = 1; i < in->tag_count; i++)
	{
		const cs_seen_tag *before = &in->tags[i - 1];
		const cs_seen_tag *tag = &in->tags[i];
		cs_item id = cs_item_at(tag->id.data, tag->id.len);
		char found[80];
		cs_place place = { tag->path, in->document.data + tag->offset, tag->rule->name, CORIM "5.1.1", found };
		bool same = cs_integer_compare(&before->version, &tag->version) == 0;

		if (before->rule != tag->rule || !cs_span_eq(before->id, tag->id))
			continue;
		cs_describe(&id, found, sizeof(found));
		if (!cs_inspect_add(in, same ? CS_SEVERITY_WARNING : CS_SEVERITY_NOTE, &place,
				same ? "another tag of this document has the same id and version"
					 : "another tag of this document has the same id and a lower version, which does not count"))
			return false;
	}
	return true;
}

/* ---- the document as a whole ---- */

static bool
is_document(const cs_rule *rule)
{
	return rule == &cs_rule_coserv || rule == &cs_rule_signed_coserv || rule == &cs_rule_discovery || rule == &cs_rule_evidence ||
		rule == &cs_rule_cbor_cmw;
}

static bool
check_profile(cs_inspector *in, const cs_item *item)
{
	cs_item profile;
	cs_buf text;
	char found[CS_TEXT_MAX];
	cs_place place = { NULL, NULL, "profile-type-choice", CORIM "4.1.4", found };

	if (!cs_document_profile(in->ctx, item, &profile))
		return true;
	cs_buf_init(&text, in->ctx);
	if (!cs_profile_text(in->ctx, &profile, &text) || !cs_buf_ok(&text))
		return in->ctx->error.code != CS_NO_MEMORY || !(in->no_memory = true);
	in->profile = cs_profile_find((const char *) text.data, text.len);
	if (in->profile != NULL)
		return true;
	snprintf(found, sizeof(found), "%.*s", text.len < 200 ? (int) cs_utf8_prefix(text.data, text.len) : 200, (const char *) text.data);
	place.p = profile.p;
	return cs_inspect_add(in, CS_SEVERITY_NOTE, &place, "the profile is not built in: what it adds has no names here");
}

/* The map behind the envelope, where it is one that can be read. */
static bool
map_inside(cs_inspector *in, const cs_item *item, cs_item *map)
{
	cs_span span;

	*map = *item;
	while (cs_is(map, CS_TAG))
	{
		cs_item cose = cs_tag_content(map), payload;
		bool is_cose = cs_is_tag(map, CS_TAG_COSE_SIGN1) || cs_is_tag(map, CS_TAG_COSE_SIGN);

		*map = cose;
		if (!is_cose)
			continue;
		if (!cs_is(&cose, CS_ARRAY) || !cs_array_get(&cose, 2, &payload) || !cs_is(&payload, CS_BSTR) ||
			!cs_string(in->ctx, &payload, &span) || span.len == 0 || !cs_check(in->ctx, span.data, span.len))
			return false;
		*map = cs_item_at(span.data, span.len);
	}
	return cs_is(map, CS_MAP);
}

/* As load() takes it: the whole by the tables, headers by its parser, and what neither told by load's own opening. */
static bool
inspect_corim(cs_inspector *in, const cs_item *item)
{
	cs_verified document;
	cs_item map;
	bool opened = cs_open_envelope(in->ctx, in->document, true, &(cs_cose_reader) { 0 }, &document);
	bool go_on;

	if (cs_is_collection(&document))
		go_on = cs_inspect_collection(in, &document);
	else
		go_on = check_profile(in, item) && cs_inspect_walk(in, &cs_rule_corim_document, item) && !in->full &&
			(!map_inside(in, item, &map) || check_rim_validity(in, &map));
	return go_on && cs_inspect_envelope(in, &document, opened) && cs_inspect_verdict(in, &document, opened) && check_tags(in);
}

static bool
inspect_coserv(cs_inspector *in, const cs_rule *rule, const cs_item *item)
{
	cs_item map;

	return check_profile(in, item) && cs_inspect_walk(in, rule, item) && !in->full &&
		(!map_inside(in, item, &map) || check_result_expiry(in, &map)) && (rule != &cs_rule_signed_coserv || cs_inspect_sign1(in, item)) &&
		check_tags(in);
}

/* load() gives it as a hint. */
static bool
tell_what_it_seems(cs_inspector *in)
{
	cs_place nowhere = { 0 };
	char hint[CS_TEXT_MAX];

	return !cs_seems(in->document, hint) || cs_inspect_add(in, CS_SEVERITY_NOTE, &nowhere, "%s", hint);
}

static bool
inspect_item(cs_inspector *in, const cs_item *item)
{
	const cs_rule *rule = cs_document_rule(in->ctx, item);
	cs_place place = { NULL, item->p, rule ? rule->name : NULL, rule ? rule->section : NULL, NULL };
	cs_item results;
	char found[80];

	in->out->rule = rule;
	if (rule == NULL)
	{
		cs_describe(item, found, sizeof(found));
		place.found = found;
		return cs_inspect_add(in, CS_SEVERITY_ERROR, &place, "this is CBOR, and no document that is known here") &&
			tell_what_it_seems(in) && cs_inspect_encoding(in, NULL, NULL, item, true);
	}
	in->is_query = rule == &cs_rule_coserv && !cs_map_get(item, CS_COSERV_RESULTS, &results);
	if (rule == &cs_rule_corim_document)
		return inspect_corim(in, item);
	if (!is_document(rule) &&
		!cs_inspect_add(in, CS_SEVERITY_ERROR, &place, "a %s alone is no document that can be loaded: it belongs into a CoRIM", rule->name))
		return false;
	if (is_document(rule) &&
		!cs_inspect_add(in, CS_SEVERITY_NOTE, &place, "this is a document of another kind, which load() does not take"))
		return false;
	if (rule == &cs_rule_coserv || rule == &cs_rule_signed_coserv)
		return inspect_coserv(in, rule, item);
	return check_profile(in, item) && cs_inspect_walk(in, rule, item);
}

static int
compare_findings(const void *a, const void *b)
{
	const cs_finding *left = a;
	const cs_finding *right = b;

	if (left->has_offset != right->has_offset)
		return left->has_offset ? 1 : -1;
	if (left->offset != right->offset)
		return left->offset < right->offset ? -1 : 1;
	if (left->severity != right->severity)
		return (int) left->severity - (int) right->severity;
	return strcmp(left->message, right->message);
}

bool
cs_inspect(cs_ctx *ctx, const uint8_t *data, size_t len, int64_t now, cs_inspection *out)
{
	cs_inspector in = { .ctx = ctx, .out = out, .document = { data, len }, .now = now };
	cs_place nowhere = { 0 };

	memset(out, 0, sizeof(*out));
	if (cs_vendor_format_of(in.document) != NULL)
		(void) cs_inspect_vendor(&in);
	else if (!cs_check(ctx, data, len))
		return (cs_inspect_add_error(&in, "RFC 8949 section 3") && tell_what_it_seems(&in)) || !in.no_memory;
	else
	{
		cs_item item = cs_item_at(data, len);

		(void) inspect_item(&in, &item);
	}
	if (in.no_memory)
		return false;
	if (out->count > 1)
		qsort(out->findings, out->count, sizeof(*out->findings), compare_findings);
	if ((in.full || in.dropped) &&
		!put_finding(&in, CS_SEVERITY_NOTE, &nowhere, 0,
			in.full ? "there are more errors than these: the document was not read on" : "there is more to note than this") &&
		in.no_memory)
		return false;
	return true;
}

const char *
cs_finding_message(cs_ctx *ctx, const cs_finding *finding)
{
	cs_buf text;

	if (finding->times == 1)
		return finding->message;
	cs_buf_init(&text, ctx);
	cs_put_str(&text, finding->message);
	cs_put_fmt(&text, " (%llu times, here first)", (unsigned long long) finding->times);
	cs_put_byte(&text, 0);
	return cs_buf_ok(&text) ? (const char *) text.data : NULL;
}
