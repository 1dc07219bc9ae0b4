/* evidence_cca_fuzz.c - libFuzzer target: bytes as a CCA token. */
#include "evidence_fuzz.h"

FUZZ_EVIDENCE("cca")
