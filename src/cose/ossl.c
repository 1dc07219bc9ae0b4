/*
 * ossl.c - OpenSSL's error queue. The backend's TLS shares it: what is left in it would surface there.
 */
#include <stdio.h>

#include <openssl/err.h>

#include "internal.h"

void
cs_ossl_enter(void)
{
	ERR_clear_error();
}

void
cs_ossl_leave(cs_reason *reason)
{
	unsigned long last = ERR_peek_last_error();
	const char *text = last ? ERR_reason_error_string(last) : NULL;

	reason->text[0] = '\0';
	reason->hint = NULL;
	if (text)
		snprintf(reason->text, sizeof(reason->text), "%s", text);
	if (last)
		ERR_clear_error();
}

bool
cs_cose_fail(cs_ctx *ctx, cs_code code, const char *path, const cs_reason *reason, const char *fmt, ...)
{
	char message[CS_TEXT_MAX];
	va_list args;

	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	cs_fail(ctx, code, "%s", message);
	if (path)
		snprintf(ctx->error.path, sizeof(ctx->error.path), "%s", path);
	if (reason && reason->text[0])
		cs_fail_found(ctx, "OpenSSL: %s", reason->text);
	return false;
}
