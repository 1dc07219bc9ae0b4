/*
 * profiles.h - inside src/model: the tables of the profiles, one file a vendor. profile.c lists them.
 */
#ifndef CS_MODEL_PROFILES_H
#define CS_MODEL_PROFILES_H

#include "profile.h"
#include "rules.h"

extern const cs_profile cs_profile_azure;
extern const cs_profile cs_profile_cca_platform;
extern const cs_profile cs_profile_cca_platform_first;
extern const cs_profile cs_profile_cca_realm;
extern const cs_profile cs_profile_cca_realm_first;
extern const cs_profile cs_profile_intel;
extern const cs_profile cs_profile_poe;
extern const cs_profile cs_profile_psa;
extern const cs_profile cs_profile_psa_first;
extern const cs_profile cs_profile_sfr;
extern const cs_profile cs_profile_snp;
extern const cs_profile cs_profile_tpm;

#define EXTENDS(r, f) { &(r), f, CS_LENGTH(f) }
#define EXTENSIONS(e) .extensions = (e), .extension_count = CS_LENGTH(e)
#define MKEYS(m) .mkeys = (m), .mkey_count = CS_LENGTH(m)
#define RECORDS(r) .records = (r), .record_count = CS_LENGTH(r)
#define MKEY(k, n) { .key = (k), .name = (n) }

#endif
