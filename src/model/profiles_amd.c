/*
 * profiles_amd.c - the names of AMD SEV-SNP's profile (draft-deeglaze-amd-sev-snp-corim-profile): no members of its own, but a
 * number as measurement key for each field of the attestation report.
 */
#include "profiles.h"

static const cs_field mkeys[] = {
	MKEY(0, "VERSION"),
	MKEY(1, "GUEST_SVN"),
	MKEY(2, "POLICY"),
	MKEY(3, "FAMILY_ID"),
	MKEY(4, "IMAGE_ID"),
	MKEY(5, "VMPL"),
	MKEY(6, "CURRENT_TCB"),
	MKEY(7, "PLATFORM_INFO"),
	MKEY(640, "REPORT_DATA"),
	MKEY(641, "MEASUREMENT"),
	MKEY(642, "HOST_DATA"),
	MKEY(643, "ID_KEY_DIGEST"),
	MKEY(644, "AUTHOR_KEY_DIGEST"),
	MKEY(645, "REPORT_ID"),
	MKEY(646, "REPORT_ID_MA"),
	MKEY(647, "REPORTED_TCB"),
	MKEY(648, "CPUID_FAM_ID"),
	MKEY(649, "CPUID_MOD_ID"),
	MKEY(650, "CPUID_STEP"),
	MKEY(3328, "CHIP_ID"),
	MKEY(3329, "COMMITTED_TCB"),
	MKEY(3330, "CurrentVersion"),
	MKEY(3936, "CommittedVersion"),
	MKEY(3968, "LAUNCH_TCB"),
};
static const char *const ids[] = { "tag:amd.com,2024:snp-corim-profile", "tag:amd.com,2025:snp-corim-profile", NULL };

const cs_profile cs_profile_snp = {
	.name = "sev-snp", .title = "AMD SEV-SNP", .ids = ids, .source = "draft-deeglaze-amd-sev-snp-corim-profile", MKEYS(mkeys)
};
