#!/bin/bash
# Both ways between the core and pycose, for every algorithm that signs, and results against coserv.cddl; prints TAP.
#   run.sh TOOL      COSERV_CORPUS: the corpus (default: ../shared/corpus beside the checkout)
set -euo pipefail

tool=$(realpath "$1")
cd "$(dirname "$0")"
corpus=${COSERV_CORPUS:-../../../shared/corpus}
python=$(../lib/venv.sh interop)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
run=0 failed=0

# check WANTED WHAT COMMAND...: WANTED is 0, or 1 for a command that must fail.
check()
{
	local wanted=$1 what=$2 status=0
	shift 2

	run=$((run + 1))
	"$@" >"$work/log" 2>&1 || status=$?
	if [ "$status" = "$wanted" ]; then
		echo "ok $run - $what"
	else
		echo "not ok $run - $what"
		sed 's/^/# /' "$work/log"
		failed=$((failed + 1))
	fi
}

# Turns over one bit of the last byte, which is the signature's.
tamper()
{
	"$python" -c 'import sys; d = bytearray(open(sys.argv[1], "rb").read()); d[-1] ^= 1; open(sys.argv[2], "wb").write(d)' "$1" "$2"
}

new_key()
{
	case $1 in
		ES256) openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 ;;
		ES384) openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 ;;
		ES512) openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521 ;;
		EdDSA) openssl genpkey -algorithm ED25519 ;;
		PS256) openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 ;;
	esac >"$work/$1.key" 2>/dev/null
	openssl pkey -in "$work/$1.key" -pubout -out "$work/$1.pem"
}

make_documents()
{
	"$python" - "$work" <<'PYTHON'
import sys
import cbor2

def write(name, value):
    with open(f'{sys.argv[1]}/{name}.cbor', 'wb') as out:
        out.write(cbor2.dumps(value, canonical=True))

profile = 'tag:example.com,2025:cc-platform#1.0.0'
for name, artifact in (('ev', 0), ('ta', 1), ('rv', 2)):
    for depth in range(3):
        write(f'{name}-{depth}', {0: profile, 1: {0: artifact, 1: {0: [[{1: 'ACME'}]]}, 2: depth}})
write('rims', {0: profile, 1: {3: [[2, 'a'], [0, b'\x31\xfb\x5a\xbf\x02\x3e\x49\x92\xaa\x4e\x95\xf9\xc1\x50\x3b\xfa']]}})
comid = {1: {0: 'tag'}, 4: {0: [[{0: {1: 'ACME'}}, [{1: {11: 'x'}}]]]}}
write('corim', cbor2.CBORTag(501, {0: 'corim', 1: [cbor2.CBORTag(506, cbor2.dumps(comid, canonical=True))]}))
PYTHON
}

check_results()
{
	local query

	for query in ev-0 ev-1 ev-2 ta-0 ta-1 ta-2 rv-0 rv-1 rv-2 rims; do
		check 0 "$query: query follows the CDDL" "$python" validate_cddl.py "$work/$query.cbor"
		check 0 "$query: answer" "$tool" answer "$work/$query.cbor" - "$work/$query.result"
		check 0 "$query: answer follows the CDDL" "$python" validate_cddl.py "$work/$query.result"
	done
}

check_algorithm()
{
	local alg=$1 form meta

	new_key "$alg"
	check 0 "$alg: sign a result" "$tool" answer "$work/rv-2.cbor" "$work/$alg.key" "$work/$alg.cose"
	check 0 "$alg: pycose verifies it with PEM" "$python" verify_signed.py --key "$work/$alg.pem" "$work/$alg.cose"
	for form in cose jwk; do
		check 0 "$alg: public key as $form" "$tool" public $form "$work/$alg.key" "$work/$alg.$form.pub"
		check 0 "$alg: pycose verifies it with $form" "$python" verify_signed.py --key "$work/$alg.$form.pub" "$work/$alg.cose"
	done
	tamper "$work/$alg.cose" "$work/$alg.bad"
	check 1 "$alg: pycose refuses another signature" "$python" verify_signed.py --key "$work/$alg.pem" "$work/$alg.bad"
	for meta in corim-meta cwt both; do
		check 0 "$alg: pycose signs a CoRIM with $meta" "$python" sign_corim.py --key "$work/$alg.key" --meta $meta --kid k \
			"$work/corim.cbor" "$work/$alg.corim"
		check 0 "$alg: coserv verifies it" "$tool" verify "$work/$alg.pem" "$work/$alg.corim"
	done
	tamper "$work/$alg.corim" "$work/$alg.bad"
	check 1 "$alg: coserv refuses another signature" "$tool" verify "$work/$alg.pem" "$work/$alg.bad"
}

check_corpus()
{
	local file

	if [ ! -d "$corpus" ]; then
		run=$((run + 1))
		echo "ok $run - the corpus follows the CDDL # SKIP no corpus in $corpus"
		return
	fi
	for file in "$corpus"/coserv-query/ietf-* "$corpus"/coserv-query/veraison-* "$corpus"/coserv-result/ietf-*examples-rv-*; do
		check 0 "$(basename "$file") follows the CDDL" "$python" validate_cddl.py "$file"
	done
	for file in "$corpus"/coserv-*/hist__* "$corpus"/coserv-*/rats-endorsements-distribution-*; do
		check 1 "$(basename "$file"), of an older draft, does not" "$python" validate_cddl.py "$file"
	done
}

make_documents
check_results
for alg in ES256 ES384 ES512 EdDSA PS256; do
	check_algorithm $alg
done
check 1 "a key of another signer" "$python" verify_signed.py --key "$work/ES384.pem" "$work/ES256.cose"
check_corpus
echo "1..$run"
exit $((failed > 0))
