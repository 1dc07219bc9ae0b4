#!/bin/bash
# Makes the certificates, keys and CRLs of test/data/pki, which are committed: run it again only to change them, and regenerate
# the expected outputs then. Ed25519, whose signatures are deterministic; keys and names are worth nothing elsewhere.
#
#   root -> middle -> leaf, agreement (may not sign), old (expired 2021), revoked (by crl)      leaf -> under-leaf (leaf is no CA)
#   other-root -> other
set -euo pipefail

cd "$(dirname "$0")"
rm -rf pki
mkdir pki
cd pki
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat > "$work/openssl.cnf" <<'EOF'
[ca]
default_ca = test
[test]
database = $ENV::DATABASE
serial = $ENV::WORK/serial
new_certs_dir = $ENV::WORK
default_md = default
policy = any
unique_subject = no
copy_extensions = none
[any]
commonName = supplied
organizationName = optional
[req]
distinguished_name = dn
[dn]
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[middle]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[leaf]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
subjectAltName = URI:https://acme.example/signing,DNS:acme.example
authorityKeyIdentifier = keyid
[agreement]
basicConstraints = critical,CA:FALSE
keyUsage = critical,keyAgreement
EOF
export WORK=$work DATABASE=$work/index.txt
: > "$DATABASE"

# make NAME SUBJECT SECTION ISSUER SERIAL [FROM TO]
make()
{
	local name=$1 subject=$2 section=$3 issuer=$4 serial=$5 from=${6:-20200101000000Z} to=${7:-20991231000000Z}
	local as=(-cert "$issuer.crt" -keyfile "$issuer.key")

	[ "$issuer" != "$name" ] || as=(-selfsign -keyfile "$name.key")
	: > "$DATABASE"
	openssl genpkey -algorithm ED25519 -out "$name.key"
	openssl req -new -key "$name.key" -subj "$subject" -config "$work/openssl.cnf" -out "$work/$name.csr"
	echo "$serial" > "$work/serial"
	openssl ca -batch -notext -config "$work/openssl.cnf" -in "$work/$name.csr" -out "$name.crt" "${as[@]}" \
		-extensions "$section" -startdate "$from" -enddate "$to" 2>"$work/log" || { cat "$work/log"; exit 1; }
}

# crl NAME ISSUER [REVOKED_AT[,REASON] SERIAL]...: thisUpdate in 2024
crl()
{
	local name=$1 issuer=$2

	shift 2
	: > "$work/$name.txt"
	while [ $# -gt 0 ]; do
		printf 'R\t20991231000000Z\t%s\t%s\tunknown\t/CN=x\n' "$1" "$2" >> "$work/$name.txt"
		shift 2
	done
	DATABASE=$work/$name.txt openssl ca -gencrl -config "$work/openssl.cnf" -cert "$issuer.crt" -keyfile "$issuer.key" \
		-crl_lastupdate 20240201000000Z -crl_nextupdate 20991231000000Z -out "$name.crl" 2>"$work/log" || { cat "$work/log"; exit 1; }
}

make root "/CN=coserv test root" root root 01
make middle "/CN=coserv test middle" middle root 0A
make leaf "/CN=acme/O=ACME Inc." leaf middle 0B01
make agreement "/CN=acme" agreement middle 0B02
make old "/CN=acme" leaf middle 0B03 20200101000000Z 20210101000000Z
make revoked "/CN=acme" leaf middle 0B04
make under-leaf "/CN=acme" leaf leaf 0C01
make other-root "/CN=coserv test root" root other-root 02
make other "/CN=acme" leaf other-root 0B01

crl middle middle 240101000000Z,keyCompromise 0B04
crl later middle 240101000000Z,keyCompromise 0B04 240115000000Z,superseded 0B01
crl other-root other-root 240101000000Z 0B01
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.key 2>/dev/null
openssl pkey -in rsa.key -pubout -out rsa.pub
rm -f root.key middle.key other-root.key
chmod 644 ./*.key
