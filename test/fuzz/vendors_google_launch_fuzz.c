/* vendors_google_launch_fuzz.c - libFuzzer target: bytes as a document of the form google-launch. */
#include "vendors_fuzz.h"

FUZZ_VENDOR("google-launch")
