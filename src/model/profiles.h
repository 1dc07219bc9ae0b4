/*
 * profiles.h - inside src/model: the tables of names, one file a vendor. profile_names.c lists them.
 */
#ifndef CS_MODEL_PROFILES_H
#define CS_MODEL_PROFILES_H

#include "profile_names.h"
#include "rules.h"

extern const cs_profile_names cs_profile_names_cca_platform;
extern const cs_profile_names cs_profile_names_cca_realm;
extern const cs_profile_names cs_profile_names_snp;
extern const cs_profile_names cs_profile_names_sfr;
extern const cs_profile_names cs_profile_names_tpm;

#define EXTENDS(r, f) { &(r), f, CS_LENGTH(f) }
#define EXTENSIONS(e) .extensions = (e), .extension_count = CS_LENGTH(e)
#define MKEYS(m) .mkeys = (m), .mkey_count = CS_LENGTH(m)
#define MKEY(k, n) { .key = (k), .name = (n) }

#endif
