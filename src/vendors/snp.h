/*
 * snp.h - inside src/vendors: environments and measurements of AMD SEV-SNP as draft-deeglaze-amd-sev-snp-corim-profile has them, and the
 * Evidence room with it.
 */
#ifndef CS_VENDOR_SNP_H
#define CS_VENDOR_SNP_H

#include "formats.h"

#define CS_SNP_PROFILE "tag:amd.com,2025:snp-corim-profile"

/* Class-ids: 1.3.6.1.4.1.3704.3.1 (by chip, VCEK) and .3.2 (by CSP, VLEK). */
enum
{
	CS_SNP_BY_CHIP,
	CS_SNP_BY_CSP,
	CS_SNP_CLASSES
};

/* {0: 111(class-id)} */
extern void cs_snp_put_class_id(cs_buf *out, int class);
/* {0: {0: 111(class-id)}} */
extern void cs_snp_put_environment(cs_buf *out, int class);
/* [environment, [{0: 641, 1: {2: [[7, measurement]]}}]] */
extern void cs_snp_put_measurement(cs_buf *out, int class, cs_span measurement);

#endif
