# A CPU policy for Trustee's Attestation Service that an absent reference value does not loosen (doc/consumers.md).
#
# query_reference_value(id) is null where there is no such value, and in Rego null is less than every number: "svn >= null" holds. A floor that
# was revoked must refuse, so each comparison asks first what it compares with.
package policy

import rego.v1

# AR4SI: 2 affirming, 33 and 36 contraindicated, 97 and 99 unrecognised or unverified.
default executables := 33

default hardware := 97

default configuration := 36

is_among(id, value) if {
	known := query_reference_value(id)
	is_array(known)
	value in known
}

is_from(id, value) if {
	floor := query_reference_value(id)
	is_number(floor)
	is_number(value)
	value >= floor
}

executables := 3 if is_among("snp_launch_measurement", input.snp.measurement)

hardware := 2 if {
	is_from("snp_bootloader", input.snp.reported_tcb_bootloader)
	is_from("snp_microcode", input.snp.reported_tcb_microcode)
	is_from("snp_snp_svn", input.snp.reported_tcb_snp)
	is_from("snp_tee_svn", input.snp.reported_tcb_tee)
}

configuration := 2 if input.snp.policy_debug_allowed == false

trust_claims := {
	"executables": executables,
	"hardware": hardware,
	"configuration": configuration,
}
