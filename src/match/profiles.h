/*
 * profiles.h - inside src/match: the tables of the profiles, one file a vendor. profile.c lists them.
 */
#ifndef CS_PROFILES_H
#define CS_PROFILES_H

#include "profile.h"

#define CS_LENGTH_OF(array) (sizeof(array) / sizeof((array)[0]))

extern const cs_profile cs_profile_psa;
extern const cs_profile cs_profile_intel;
extern const cs_profile cs_profile_poe;
extern const cs_profile cs_profile_azure;

#endif
