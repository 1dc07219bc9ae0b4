/* vendors_intel_tcb_info_fuzz.c - libFuzzer target: bytes as a TCB info of Intel. */
#include "vendors_fuzz.h"

FUZZ_VENDOR("intel-tcb-info")
