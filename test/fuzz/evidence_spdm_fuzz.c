/* evidence_spdm_fuzz.c - libFuzzer target: bytes as SPDM measurement blocks. */
#include "evidence_fuzz.h"

FUZZ_EVIDENCE("spdm")
