/*
 * inspect_vendor.c - a document in a vendor's form (src/vendors): what load() would say of it, and what it becomes.
 */
#include "inspect_parts.h"

static bool
note_what_it_is(cs_inspector *in, const cs_verified *document)
{
	const cs_vendor_format *format = document->vendor->format;
	cs_place nowhere = { 0 };
	cs_buf id;

	cs_buf_init(&id, in->ctx);
	if (!cs_id_text(in->ctx, &document->corim.id, &id) || !cs_buf_ok(&id))
		return cs_inspect_add_error(in, NULL);
	return cs_inspect_add(in, CS_SEVERITY_NOTE, &nowhere, "this is %s, a vendor's form (doc/vendors.md), which is stored as CoRIM %.*s",
			   format->name, (int) id.len, (const char *) id.data) &&
		(document->sign1.cert_count > 0 || document->sign1.kind != CS_COSE_NONE ||
			cs_inspect_add(in, CS_SEVERITY_NOTE, &nowhere,
				"no certificates are in it: those that come beside it belong into load(document, chain => ...)"));
}

bool
cs_inspect_vendor(cs_inspector *in)
{
	cs_verified document;

	if (!cs_open_document(in->ctx, in->document, true, &document))
		return cs_inspect_add_error(in, "doc/vendors.md");
	return note_what_it_is(in, &document) && (cs_require_valid(in->ctx, &document, in->now) || cs_inspect_add_error(in, "doc/vendors.md"));
}
