/* vendors_amd_kds_fuzz.c - libFuzzer target: bytes as a document of the form amd-kds. */
#include "vendors_fuzz.h"

FUZZ_VENDOR("amd-kds")
