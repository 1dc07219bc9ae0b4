/* evidence_snp_fuzz.c - libFuzzer target: bytes as an SEV-SNP report. */
#include "evidence_fuzz.h"

FUZZ_EVIDENCE("sev-snp")
