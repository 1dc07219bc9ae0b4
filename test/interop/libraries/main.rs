//! What corim-rs makes of documents; prints "NAME VERDICT" a line, the verdict being "good" or what it says.
//!   interop read PUBLIC-KEY FILE...      signed documents: read, and their signatures verified
//!   interop sign PRIVATE-KEY FILE...     unsigned ones: read, and signed anew into FILE.signed
use corim_rs::core::{CoseAlgorithm, CoseEllipticCurve, CoseKey, CoseKeyBuilder, CoseKty};
use corim_rs::corim::{
    CorimMetaMapBuilder, CoseKeyOwner, CoseSigner, CoseVerifier, SignedCorimBuilder, TaggedSignedCorim, TaggedUnsignedCorim,
};
use corim_rs::error::CorimError;
use p256::ecdsa::signature::{Signer, Verifier};
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
use p256::pkcs8::{DecodePrivateKey, DecodePublicKey};
use std::{env, error::Error, fs, path::Path};

struct Private(SigningKey);
struct Public(VerifyingKey);

fn cose_key() -> CoseKey {
    CoseKeyBuilder::new().kty(CoseKty::Ec2).crv(CoseEllipticCurve::P256).alg(CoseAlgorithm::ES256).build().unwrap()
}

impl CoseKeyOwner for Private {
    fn to_cose_key(&self) -> CoseKey {
        cose_key()
    }
}

impl CoseSigner for Private {
    fn sign(&self, _alg: CoseAlgorithm, data: &[u8]) -> Result<Vec<u8>, CorimError> {
        let signature: Signature = self.0.sign(data);
        Ok(signature.to_vec())
    }
}

impl CoseKeyOwner for Public {
    fn to_cose_key(&self) -> CoseKey {
        cose_key()
    }
}

impl CoseVerifier for Public {
    fn verify_signature(&self, _alg: CoseAlgorithm, sig: &[u8], data: &[u8]) -> Result<(), CorimError> {
        let signature = Signature::from_slice(sig).map_err(CorimError::custom)?;
        self.0.verify(data, &signature).map_err(CorimError::custom)
    }
}

fn read(key: &str, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
    let signed = TaggedSignedCorim::from_cbor(bytes)?;
    signed.as_ref().verify_signature(Public(VerifyingKey::from_public_key_pem(key)?))?;
    Ok(())
}

fn sign(key: &str, file: &str, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
    let unsigned = TaggedUnsignedCorim::from_cbor(bytes)?;
    let signed = SignedCorimBuilder::default()
        .alg(CoseAlgorithm::ES256)
        .kid(vec![1])
        .meta(CorimMetaMapBuilder::new().signer_name("ACME".into()).build()?)
        .corim_map(unsigned.unwrap())
        .build_and_sign(Private(SigningKey::from_pkcs8_pem(key)?))?;
    fs::write(format!("{file}.signed"), TaggedSignedCorim::new(signed).to_cbor()?)?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = env::args().collect();
    let key = fs::read_to_string(&args[2])?;
    for file in &args[3..] {
        let bytes = fs::read(file)?;
        let done = if args[1] == "read" { read(&key, &bytes) } else { sign(&key, file, &bytes) };
        let verdict = done.map_or_else(|e| e.to_string().replace('\n', " "), |_| "good".to_string());
        println!("{} {verdict}", Path::new(file).file_stem().unwrap().to_string_lossy());
    }
    Ok(())
}
