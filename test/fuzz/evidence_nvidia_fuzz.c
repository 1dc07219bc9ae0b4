/* evidence_nvidia_fuzz.c - libFuzzer target: bytes as an NVIDIA report. */
#include "evidence_fuzz.h"

FUZZ_EVIDENCE("nvidia")
