/* evidence_sgx_fuzz.c - libFuzzer target: bytes as an SGX quote. */
#include "evidence_fuzz.h"

FUZZ_EVIDENCE("sgx")
