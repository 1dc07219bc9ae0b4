/* evidence_tdx_fuzz.c - libFuzzer target: bytes as a TDX quote. */
#include "evidence_fuzz.h"

FUZZ_EVIDENCE("tdx")
