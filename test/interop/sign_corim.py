#!/usr/bin/env python3
"""Signs a CoRIM with pycose, so that coserv verifies a signature that it did not make: sign_corim.py --key PRIV.pem IN OUT

IN is 501(corim-map), OUT gets 18([...]) with the headers of draft-ietf-rats-corim section 4.2.1."""
import argparse
import pathlib
import time

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pycose import algorithms, headers
from pycose.keys import EC2Key, OKPKey
from pycose.keys.curves import P256, P384
from pycose.messages import Sign1Message

import keys

CORIM_META, CWT_CLAIMS, X5CHAIN = 8, 15, 33


def algorithm(key):
    if isinstance(key, EC2Key):
        return {P256: algorithms.Es256, P384: algorithms.Es384}.get(key.crv, algorithms.Es512)
    return algorithms.EdDSA if isinstance(key, OKPKey) else algorithms.Ps256


def protected_header(options, key):
    header = {headers.Algorithm: algorithm(key), headers.ContentType: 'application/rim+cbor'}
    not_after = int(time.time()) + options.days * 86400
    if options.meta in ('corim-meta', 'both'):
        header[CORIM_META] = cbor2.dumps({0: {0: options.name}, 1: {1: cbor2.CBORTag(1, not_after)}}, canonical=True)
    if options.meta in ('cwt', 'both'):
        header[CWT_CLAIMS] = {1: options.name, 4: not_after}
    if options.x5chain:
        chain = [c.public_bytes(Encoding.DER) for c in
                 x509.load_pem_x509_certificates(pathlib.Path(options.x5chain).read_bytes())]
        header[X5CHAIN] = chain[0] if len(chain) == 1 else chain
    return header


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--key', required=True, help='PEM, PKCS#8')
    parser.add_argument('--name', default='ACME', help='signer-name and iss')
    parser.add_argument('--meta', choices=('corim-meta', 'cwt', 'both'), default='corim-meta')
    parser.add_argument('--days', type=int, default=365, help='validity of the signature; negative: expired')
    parser.add_argument('--kid', help='key identifier, unprotected')
    parser.add_argument('--x5chain', help='PEM certificates, leaf first')
    parser.add_argument('input')
    parser.add_argument('output')
    options = parser.parse_args()
    key = keys.private(pathlib.Path(options.key).read_bytes())
    message = Sign1Message(phdr=protected_header(options, key),
                           uhdr={headers.KID: options.kid.encode()} if options.kid else {},
                           payload=pathlib.Path(options.input).read_bytes())
    message.key = key
    pathlib.Path(options.output).write_bytes(message.encode())


if __name__ == '__main__':
    main()
