/* evidence_concise_fuzz.c - libFuzzer target: bytes as Concise Evidence and the tokens around it. */
#include "evidence_fuzz.h"

FUZZ_EVIDENCE("concise-evidence")
