#!/usr/bin/env python3
"""Makes the Evidence of test/data/evidence: tokens of devices that do not exist, signed with Ed25519, so that the same keys give the same
bytes. It needs openssl. Each file is one item in hexadecimal."""
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


def sign1(key, payload):
    protected = cbor({1: -8})
    message = cbor(["Signature1", protected, b"", payload])
    with tempfile.NamedTemporaryFile() as f:
        f.write(message)
        f.flush()
        signature = subprocess.run(["openssl", "pkeyutl", "-sign", "-inkey", os.path.join(here, key + ".key"), "-rawin", "-in", f.name],
                                   check=True, capture_output=True).stdout
    return Tag(18, [protected, {}, payload, signature])


def public(key):
    der = subprocess.run(["openssl", "pkey", "-in", os.path.join(here, key + ".key"), "-pubout", "-outform", "DER"], check=True,
                         capture_output=True).stdout
    return der[-32:]


def write(name, item):
    os.makedirs(os.path.join(here, "evidence"), exist_ok=True)
    with open(os.path.join(here, "evidence", name + ".hex"), "w") as f:
        f.write(cbor(item).hex() + "\n")


implementation = b"acme-implementation-id-000000001"
instance = b"\x01" + hashlib.sha256(b"device 1").digest()
signer = hashlib.sha256(b"acme signs firmware").digest()


def component(name, version, digest=None):
    return {1: name, 2: digest or hashlib.sha256((name + version).encode()).digest(), 4: version, 5: signer}


psa = {265: "tag:psacertified.org,2023:psa#tfm", 2394: 1, 2395: 0x3000, 2396: implementation, 256: instance, 10: b"\x07" * 32,
       2399: [component("BL", "2.1.0"), component("PRoT", "1.3.5")]}
write("psa", sign1("acme", cbor(psa)))
write("psa-changed", sign1("acme", cbor({**psa, 2399: [component("BL", "2.1.0", b"\0" * 32), component("PRoT", "1.3.5")]})))
write("psa-stranger", sign1("stranger", cbor(psa)))
write("psa-mac", Tag(17, [cbor({1: 5}), {}, cbor(psa), b"\0" * 32]))

rak = cbor({1: 1, -1: 6, -2: public("certifier")})
platform = {265: "tag:arm.com,2023:cca_platform#1.0.0", 10: hashlib.sha256(rak).digest(), 2396: implementation, 256: instance, 2401: b"\xcf" * 4,
            2395: 0x3003, 2402: "sha-256", 2399: [component("RSE_BL1", "1.0"), component("RMM", "0.4")]}
rim = hashlib.sha256(b"realm").digest()
realm = {265: "tag:arm.com,2023:realm#1.0.0", 10: b"\x08" * 64, 44235: b"\0" * 64, 44238: rim, 44239: [hashlib.sha256(bytes([i])).digest() for i in range(4)],
         44236: "sha-256", 44237: rak, 44240: "sha-256"}
write("cca", Tag(399, {44234: cbor(sign1("acme", cbor(platform))), 44241: cbor(sign1("certifier", cbor(realm)))}))
write("cca-unbound", Tag(399, {44234: cbor(sign1("acme", cbor({**platform, 10: b"\0" * 32}))), 44241: cbor(sign1("certifier", cbor(realm)))}))

evidence = Tag(571, {0: {0: [[{0: {1: "ACME", 2: "Gateway 100"}}, [{0: 1, 1: {1: Tag(552, 7)}}]]]}})
write("concise", sign1("acme", cbor(evidence)))
write("cmw", {"__cmwc_t": "tag:acme.example,2026:device", 1: [10571, cbor(sign1("acme", cbor(evidence))), 4],
              2: ["application/psa-attestation-token", cbor(sign1("acme", cbor(psa)))], 3: ["application/rim+xml", b"<x/>", 1]})
