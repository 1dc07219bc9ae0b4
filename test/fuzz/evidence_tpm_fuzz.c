/* evidence_tpm_fuzz.c - libFuzzer target: bytes as a TPM quote. */
#include "evidence_fuzz.h"

FUZZ_EVIDENCE("tpm-quote")
