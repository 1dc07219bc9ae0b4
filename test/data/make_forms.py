#!/usr/bin/env python3
"""Makes the signed documents of test/data/forms that coserv.sign does not make: COSE_Sign, bags of certificates, collections, RS256,
and headers that must be refused. Run it after make_certs.sh; it needs openssl, and signs with Ed25519 and PKCS#1 v1.5 alone, so that the
same keys give the same bytes. Each file is one document in hexadecimal."""
import hashlib
import os
import subprocess
import tempfile

here = os.path.dirname(os.path.abspath(__file__))


class Tag:
    def __init__(self, number, content):
        self.number, self.content = number, content


def head(major, n):
    for size, info in ((0, n), (1, 24), (2, 25), (4, 26), (8, 27)):
        if n < 24 and size == 0 or size and n < 1 << 8 * size:
            return bytes([major << 5 | (info if size else n)]) + (n.to_bytes(size, "big") if size else b"")


def cbor(x):
    if x is None:
        return b"\xf6"
    if isinstance(x, int):
        return head(0, x) if x >= 0 else head(1, -1 - x)
    if isinstance(x, bytes):
        return head(2, len(x)) + x
    if isinstance(x, str):
        return head(3, len(x.encode())) + x.encode()
    if isinstance(x, list):
        return head(4, len(x)) + b"".join(map(cbor, x))
    if isinstance(x, dict):
        return head(5, len(x)) + b"".join(sorted(cbor(k) + cbor(v) for k, v in x.items()))
    return head(6, x.number) + cbor(x.content)


def raw_signature(key, message):
    with tempfile.NamedTemporaryFile() as f:
        f.write(message)
        f.flush()
        name = os.path.join(here, key + ".key")
        rsa = ["-digest", "sha256"] if "rsa" in key else []
        return subprocess.run(["openssl", "pkeyutl", "-sign", "-inkey", name, "-rawin", "-in", f.name] + rsa,
                              check=True, capture_output=True).stdout


def cert(name):
    return subprocess.run(["openssl", "x509", "-in", os.path.join(here, "pki", name + ".crt"), "-outform", "DER"],
                          check=True, capture_output=True).stdout


def sign1(key, header, payload, unprotected=None, detached=False):
    protected = cbor(header)
    signature = raw_signature(key, cbor(["Signature1", protected, b"", payload]))
    return Tag(18, [protected, unprotected or {}, None if detached else payload, signature])


def sign(signers, payload, body=b"", detached=False, signed_body=None, unprotected=None):
    signed_body = body if signed_body is None else signed_body
    signatures = []
    for key, header in signers:
        protected = cbor(header) if header else b""
        signatures.append([protected, {}, raw_signature(key, cbor(["Signature", signed_body, protected, b"", payload]))])
    return Tag(98, [body, unprotected or {}, None if detached else payload, signatures])


def corim(name):
    comid = {1: {0: name + " tag"}, 4: {0: [[{0: {1: "ACME"}}, [{1: {11: name}}]]]}}
    return cbor(Tag(501, {0: name, 1: [Tag(506, cbor(comid))]}))


def write(name, document):
    with open(os.path.join(here, "forms", name + ".hex"), "w") as f:
        f.write(cbor(document).hex() + "\n")


RIM = "application/rim+cbor"
CMW = 'application/cmw+cbor; cmwc_t="tag:rfc-editor.org,2026:corim"'
EDDSA, ES256, RS256, SHA256 = -8, -7, -257, -16
acme = {1: EDDSA, 3: RIM, 15: {1: "acme"}}
payload = corim("form")

os.makedirs(os.path.join(here, "forms"), exist_ok=True)
with open(os.path.join(here, "forms", "payload.hex"), "w") as f:
    f.write(payload.hex() + "\n")

# COSE_Sign: Microsoft's outer header is empty; h'A0' is signed as h''
write("sign", sign([("stranger", {1: EDDSA}), ("acme", {1: EDDSA})], payload))
write("sign-a0", sign([("acme", {1: EDDSA, 15: {1: "acme", 4: 4000000000}})], payload, body=b"\xa0", signed_body=b""))
write("sign-detached", sign([("acme", {1: EDDSA})], payload, detached=True))
write("sign-unknown", sign([("stranger", {1: -46}), ("acme", {1: EDDSA})], payload))
write("sign-without-alg", sign([("acme", {})], payload))
write("sign-strangers", sign([("stranger", {1: EDDSA}), ("certifier", {1: EDDSA})], payload))
# two authorities, and the same in another document
both = [("acme", {1: EDDSA, 15: {1: "acme"}}), ("certifier", {1: EDDSA, 15: {1: "certifier"}})]
write("sign-both", sign(both, corim("both")))
write("sign-both-again", sign(both, corim("both"), unprotected={-65537: 1}))

# certificates
write("bag", sign1("pki/leaf", dict(acme), payload, {32: [cert("other"), cert("root"), cert("middle"), cert("leaf")]}))
write("bag-x5t", sign1("pki/leaf", dict(acme) | {34: [SHA256, hashlib.sha256(cert("leaf")).digest()]}, payload,
                       {32: [cert("middle"), cert("leaf")]}))
write("bag-other-x5t", sign1("pki/leaf", dict(acme) | {34: [SHA256, hashlib.sha256(cert("other")).digest()]}, payload,
                             {32: [cert("middle"), cert("leaf")]}))
write("x5t", sign1("pki/leaf", dict(acme) | {34: [SHA256, hashlib.sha256(cert("leaf")).digest()]}, payload))
write("other-x5t", sign1("pki/leaf", dict(acme) | {34: [SHA256, hashlib.sha256(cert("other")).digest()]}, payload))

# a collection of two, and one whose signer is not named
members = {"__cmwc_t": "tag:rfc-editor.org,2026:corim", "one": [RIM, corim("one")], "two": [RIM, corim("two")]}
write("collection", sign1("acme", {1: EDDSA, 3: CMW, 15: {1: "acme"}}, cbor(members)))
write("collection-nobody", sign1("acme", {1: EDDSA, 3: CMW}, cbor(members)))

# headers
write("detached-digest", sign1("acme", {1: EDDSA, 258: SHA256, 259: RIM, 15: {1: "acme"}}, hashlib.sha256(payload).digest(), detached=True))
write("weak-digest", sign1("acme", {1: EDDSA, 258: -15, 259: RIM, 15: {1: "acme"}}, hashlib.sha256(payload).digest()[:8]))
write("crit", sign1("acme", dict(acme) | {2: [99], 99: 1}, payload))
write("envelope-location", sign1("acme", {1: EDDSA, 258: SHA256, 259: RIM, 15: {1: "acme"}}, hashlib.sha256(payload).digest(), {260: "https://x"}))
write("crit-known", sign1("acme", dict(acme) | {2: [15]}, payload))
write("differ", sign1("acme", dict(acme) | {8: cbor({0: {0: "certifier"}})}, payload))
write("differ-time", sign1("acme", dict(acme) | {8: cbor({0: {0: "acme"}, 1: {1: Tag(1, 4000000000)}})}, payload))
write("nobody", sign1("acme", {1: EDDSA, 3: RIM}, payload))
write("alg-swapped", sign1("acme", dict(acme) | {1: ES256}, payload))
write("alg-unprotected", sign1("acme", {3: RIM, 15: {1: "acme"}}, payload, {1: EDDSA}))
write("rs256", sign1("pki/rsa", {1: RS256, 3: RIM, 15: {1: "rsa"}}, payload))
