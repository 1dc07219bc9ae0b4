/* vendors_microsoft_uvm_fuzz.c - libFuzzer target: bytes as a document of the form microsoft-uvm. */
#include "vendors_fuzz.h"

FUZZ_VENDOR("microsoft-uvm")
