/*
 * audit_leaf.c - rows and seals of an audit as bytes (audit_leaf.h).
 */
#include "audit_leaf.h"

static void
put_text(cs_buf *out, cs_span text)
{
	if (text.data == NULL)
		cs_put_null(out);
	else
		cs_put_text(out, (const char *) text.data, text.len);
}

static void
put_bytes(cs_buf *out, cs_span bytes)
{
	if (bytes.data == NULL)
		cs_put_null(out);
	else
		cs_put_bytes(out, bytes.data, bytes.len);
}

void
cs_put_audit_row(cs_buf *out, const cs_audit_row *row)
{
	cs_put_array(out, 8);
	cs_put_int(out, row->id);
	cs_put_int(out, row->at);
	put_text(out, row->who);
	put_text(out, row->session);
	put_text(out, row->action);
	put_text(out, row->object);
	put_bytes(out, row->digest);
	put_text(out, row->detail);
}

void
cs_put_audit_seal(cs_buf *out, const cs_audit_seal *seal)
{
	cs_put_array(out, seal->has_epochs ? 8 : 5);
	cs_put_int(out, seal->number);
	put_bytes(out, seal->previous);
	cs_put_int(out, seal->rows);
	cs_put_int(out, seal->at);
	put_text(out, seal->by);
	if (!seal->has_epochs)
		return;
	cs_put_int(out, seal->known_until);
	cs_put_int(out, seal->epochs);
	put_bytes(out, seal->epoch_root);
}

void
cs_put_audit_epoch(cs_buf *out, const cs_audit_epoch *epoch)
{
	cs_put_array(out, 5);
	put_text(out, epoch->of_table);
	put_bytes(out, epoch->id);
	if (epoch->has_ordinal)
		cs_put_int(out, epoch->ordinal);
	else
		cs_put_null(out);
	cs_put_int(out, epoch->known_at);
	put_text(out, epoch->says);
}
