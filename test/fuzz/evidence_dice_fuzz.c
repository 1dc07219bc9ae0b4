/* evidence_dice_fuzz.c - libFuzzer target: bytes as certificates with DICE Evidence. */
#include "evidence_fuzz.h"

FUZZ_EVIDENCE("dice")
