/*
 * profiles_other.c - the names of profiles that no draft describes: PCRs of a TPM as Veraison's schemes have them (a measurement key
 * is the number of the PCR), and Azure's, as its tools have it.
 */
#include "profiles.h"

static const cs_field pcrs[] = {
	MKEY(0, "PCR0"),
	MKEY(1, "PCR1"),
	MKEY(2, "PCR2"),
	MKEY(3, "PCR3"),
	MKEY(4, "PCR4"),
	MKEY(5, "PCR5"),
	MKEY(6, "PCR6"),
	MKEY(7, "PCR7"),
	MKEY(8, "PCR8"),
	MKEY(9, "PCR9"),
	MKEY(10, "PCR10"),
	MKEY(11, "PCR11"),
	MKEY(12, "PCR12"),
	MKEY(13, "PCR13"),
	MKEY(14, "PCR14"),
	MKEY(15, "PCR15"),
	MKEY(16, "PCR16"),
	MKEY(17, "PCR17"),
	MKEY(18, "PCR18"),
	MKEY(19, "PCR19"),
	MKEY(20, "PCR20"),
	MKEY(21, "PCR21"),
	MKEY(22, "PCR22"),
	MKEY(23, "PCR23"),
};
static const char *const tpm_ids[] = { "tag:github.com/parallaxsecond,2023-03-03:tpm", "http://enacttrust.com/veraison/1.0.0",
	"https://enacttrust.com/veraison/1.0.0", NULL };
const cs_profile cs_profile_tpm = {
	.name = "tpm", .title = "TPM PCRs (Parsec, EnactTrust)", .ids = tpm_ids, .source = "files of veraison/services", MKEYS(pcrs)
};

static TEXT(tcbstatus, "tcbstatus", "Azure/corim, profile azure");
static const cs_field azure_mval[] = {
	VALUE(-700, "tcbstatus", tcbstatus, EQUAL),
};
static const cs_profile_extension azure_extensions[] = {
	EXTENDS(cs_rule_measurement_values_map, azure_mval),
};
static const char *const azure_ids[] = { "tag:microsoft.com,2026:azure-profile#1.*", NULL };
const cs_profile cs_profile_azure = {
	.name = "azure", .title = "Azure", .ids = azure_ids, .source = "Azure/corim", EXTENSIONS(azure_extensions)
};
