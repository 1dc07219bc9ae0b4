#!/bin/bash
# Makes the certificates and keys of test/data/purposes, which are committed: run it again only to change them, and regenerate the expected
# outputs of certificates.sql then. All hold until 2099, and are worth nothing elsewhere.
#
#   root -> tls (serverAuth), code (codeSigning), any (anyExtendedKeyUsage), plain (no extended key usage)
#   root -> policy (requireExplicitPolicy) -> bound (the policy), unbound (no policy)
#   root -> explicit (a CA whose key has explicit parameters) -> under
#   p384.key, p256.pub: on two curves
#   tls.pub, explicit.pub, e1.pub (RSA, exponent 1), e3.pub (RSA, exponent 3)
set -euo pipefail

cd "$(dirname "$0")"
rm -rf purposes
mkdir purposes
cd purposes
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat > "$work/openssl.cnf" <<'EOT'
[ca]
default_ca = test
[test]
database = $ENV::WORK/index.txt
serial = $ENV::WORK/serial
new_certs_dir = $ENV::WORK
default_md = default
policy = names
unique_subject = no
copy_extensions = none
[names]
commonName = supplied
[req]
distinguished_name = dn
[dn]
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
[policy]
basicConstraints = critical,CA:TRUE
certificatePolicies = 1.3.6.1.4.1.99999.2
policyConstraints = critical,requireExplicitPolicy:0
[tls]
extendedKeyUsage = serverAuth
[code]
extendedKeyUsage = critical,codeSigning
[any]
extendedKeyUsage = serverAuth,anyExtendedKeyUsage
[plain]
keyUsage = critical,digitalSignature
[bound]
certificatePolicies = 1.3.6.1.4.1.99999.2
EOT
export WORK=$work

# make NAME SECTION ISSUER SERIAL: with the key NAME.key, a fresh Ed25519 one where there is none
make()
{
	local name=$1 section=$2 issuer=$3 serial=$4
	local as=(-cert "$issuer.crt" -keyfile "$issuer.key")

	[ "$issuer" != "$name" ] || as=(-selfsign -keyfile "$name.key")
	: > "$work/index.txt"
	echo "$serial" > "$work/serial"
	[ -f "$name.key" ] || openssl genpkey -algorithm ED25519 -out "$name.key"
	openssl req -new -key "$name.key" -subj "/CN=acme" -config "$work/openssl.cnf" -out "$work/$name.csr"
	openssl ca -batch -notext -config "$work/openssl.cnf" -in "$work/$name.csr" -subj "/CN=$name" -out "$name.crt" "${as[@]}" \
		-extensions "$section" -startdate 20200101000000Z -enddate 20991231000000Z 2>"$work/log" || { cat "$work/log"; exit 1; }
}

make root root root 01
make tls tls root 02
make code code root 03
make any any root 04
make plain plain root 05
make policy policy root 06
make bound bound policy 07
make unbound plain policy 08
openssl ecparam -name prime256v1 -param_enc explicit -genkey -noout -out explicit.key
make explicit root root 09
make under plain explicit 0A
openssl pkey -in tls.key -pubout -out tls.pub
openssl pkey -in explicit.key -pubout -out explicit.pub

openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out p384.key
openssl ecparam -name prime256v1 -genkey -noout -out "$work/p256.key"
openssl pkey -in "$work/p256.key" -pubout -out p256.pub

# public halves whose exponent is chosen: n of a true key
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$work/rsa.key" 2>/dev/null
n=$(openssl rsa -in "$work/rsa.key" -noout -modulus)
for e in 1 3; do
	cat > "$work/e.cnf" <<EOT
asn1 = SEQUENCE:spki
[spki]
algorithm = SEQUENCE:algorithm
key = BITWRAP,SEQUENCE:numbers
[algorithm]
oid = OID:rsaEncryption
parameters = NULL
[numbers]
n = INTEGER:0x${n#Modulus=}
e = INTEGER:$e
EOT
	openssl asn1parse -genconf "$work/e.cnf" -noout -out "$work/e.der"
	openssl pkey -pubin -inform DER -in "$work/e.der" -pubout -out "e$e.pub"
done
rm -f root.key policy.key explicit.key
chmod 644 ./*.key
