/* vendors_intel_identity_fuzz.c - libFuzzer target: bytes as an enclave identity of Intel. */
#include "vendors_fuzz.h"

FUZZ_VENDOR("intel-enclave-identity")
