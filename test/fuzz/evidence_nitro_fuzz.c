/* evidence_nitro_fuzz.c - libFuzzer target: bytes as a Nitro attestation document. */
#include "evidence_fuzz.h"

FUZZ_EVIDENCE("aws-nitro")
