#!/usr/bin/env python3
"""Verifies COSE_Sign1 files with pycose, as a client would: verify_signed.py --key PUB [--corim] FILE...

PUB is PEM, a JWK or a COSE_Key. For a signed CoSERV the payload is validated against coserv.cddl, too; --corim only verifies."""
import argparse
import pathlib
import sys

from pycose import headers
from pycose.messages import CoseMessage, Sign1Message

import cddl
import keys


def check(data, key, corim):
    """None, or what is wrong."""
    try:
        message = CoseMessage.decode(data)
    except Exception as error:      # pycose has many
        return f'not a COSE message: {error}'
    if not isinstance(message, Sign1Message):
        return 'not a COSE_Sign1'
    if headers.Algorithm not in message.phdr:
        return 'no algorithm in the protected header'
    wanted = 'application/rim+cbor' if corim else cddl.CONTENT_TYPE
    if message.phdr.get(headers.ContentType) != wanted:
        return f'content type {message.phdr.get(headers.ContentType)!r} instead of {wanted}'
    message.key = key
    try:
        if not message.verify_signature():
            return 'the signature does not verify'
    except Exception as error:
        return f'the signature cannot be verified: {error}'
    return None if corim else cddl.check_document(data)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--key', required=True)
    parser.add_argument('--corim', action='store_true')
    parser.add_argument('file', nargs='+')
    options = parser.parse_args()
    key = keys.public(pathlib.Path(options.key).read_bytes())
    failed = 0
    for name in options.file:
        wrong = check(pathlib.Path(name).read_bytes(), key, options.corim)
        print(f'{"not ok" if wrong else "ok"} - {name}' + (f': {wrong}' if wrong else ''))
        failed += wrong is not None
    sys.exit(1 if failed else 0)


if __name__ == '__main__':
    main()
