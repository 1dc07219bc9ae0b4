"""Keys for pycose, as a person has them at hand: PEM, JWK, COSE_Key."""
import base64
import json

from pycose.keys import CoseKey, EC2Key, OKPKey, RSAKey

CURVES = {'P-256': 'P_256', 'P-384': 'P_384', 'P-521': 'P_521', 'Ed25519': 'ED25519'}


def _bytes(jwk, name):
    text = jwk[name]
    return base64.urlsafe_b64decode(text + '=' * (-len(text) % 4))


def _from_jwk(jwk):
    if jwk['kty'] == 'EC':
        return EC2Key(crv=CURVES[jwk['crv']], x=_bytes(jwk, 'x'), y=_bytes(jwk, 'y'))
    if jwk['kty'] == 'OKP':
        return OKPKey(crv=CURVES[jwk['crv']], x=_bytes(jwk, 'x'))
    return RSAKey(_bytes(jwk, 'n'), _bytes(jwk, 'e'))


def public(data):
    if data.startswith(b'-----BEGIN'):
        return CoseKey.from_pem_public_key(data.decode())
    if data.lstrip().startswith(b'{'):
        return _from_jwk(json.loads(data))
    return CoseKey.decode(data)


def private(data):
    return CoseKey.from_pem_private_key(data.decode())
