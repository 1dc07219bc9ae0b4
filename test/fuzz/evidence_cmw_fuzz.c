/* evidence_cmw_fuzz.c - libFuzzer target: bytes as a Conceptual Message Wrapper. */
#include "evidence_fuzz.h"

FUZZ_EVIDENCE("cmw")
