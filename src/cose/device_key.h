/*
 * device_key.h - the keys of attest-key and identity triples (draft-ietf-rats-corim sections 5.1.9, 5.1.10 and "Processing keys
 * Relations"): is a listed key verified, given one that a Verifier says it has verified?
 */
#ifndef CS_DEVICE_KEY_H
#define CS_DEVICE_KEY_H

#include "cose.h"

typedef int64_t cs_key_purpose; /* key-type of a Key ECT: CS_KEY_TYPE_ATTEST_KEY, CS_KEY_TYPE_IDENTITY_KEY */

typedef struct cs_device_key
{
	bool verified;
	char reason[CS_TEXT_MAX]; /* why not */
	cs_span *certs;			  /* when verified: certificates, whose revocation the caller looks up */
	size_t count;
} cs_device_key;

/*
 * listed and stated are $crypto-key-type-choice. stated is what the Verifier saw used: a key, a certificate or a chain of them (556) whose
 * first key signed the Evidence or answered a challenge, or a thumbprint or identifier of one. It verifies listed
 * - when both are one key or certificate, in any encoding, or one is the other's thumbprint; identifiers (560) by their bytes alone;
 * - when stated holds certificates that lead to listed, a certificate, a key or a thumbprint of either (561: of the whole path).
 * Certificates are validated as cs_chain_path does at time at: those of stated up to listed, those of listed up to its last. Critical
 * extensions of DICE pass: the Verifier, who makes Evidence of them, has processed them. The key that was used must be allowed to sign, and
 * its extended key usage, where it names a purpose of the TCG (DICE, TPM), must name this one. False only for lack of memory.
 */
extern bool
cs_device_key_verified(cs_ctx *ctx, const cs_item *listed, const cs_item *stated, cs_key_purpose purpose, int64_t at, cs_device_key *out);

#endif
