/* evidence_event_log_fuzz.c - libFuzzer target: bytes as an event log. */
#include "evidence_fuzz.h"

FUZZ_EVIDENCE("tcg-event-log")
