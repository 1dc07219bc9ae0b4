/* evidence_psa_fuzz.c - libFuzzer target: bytes as a PSA token. */
#include "evidence_fuzz.h"

FUZZ_EVIDENCE("psa")
