//! Keys as PEM (RFC 7468).

use super::jwk::{Jwk, Material};
use super::key_fault::KeyFault;
use super::public_key::PublicKey;
use jsonwebtoken::DecodingKey;

/// Reads the first public key of a PEM text.
pub(super) fn public_key(text: &str) -> Result<PublicKey, KeyFault> {
    match label(text)? {
        "PUBLIC KEY" | "RSA PUBLIC KEY" => {}
        "CERTIFICATE" => return Err(KeyFault::Certificate),
        "PRIVATE KEY" | "RSA PRIVATE KEY" | "EC PRIVATE KEY" | "ENCRYPTED PRIVATE KEY" => {
            return Err(KeyFault::Private);
        }
        _ => return Err(KeyFault::NoKey),
    }
    let pem = text.as_bytes();
    let key = DecodingKey::from_ed_pem(pem)
        .or_else(|_| DecodingKey::from_ec_pem(pem))
        .or_else(|_| DecodingKey::from_rsa_pem(pem))
        .map_err(|_| KeyFault::NoKey)?;
    // The library knows a curve by the length of a point alone; that the point is on it is checked with the rest.
    let jwk = jsonwebtoken::jwk::Jwk::from_decoding_key(&key, None).map_err(|_| match key.family() {
        jsonwebtoken::AlgorithmFamily::Ec => KeyFault::Curve,
        _ => KeyFault::NoKey,
    })?;
    match Jwk::of_library(&jwk)?.material("verify")? {
        Material::Public(key) => Ok(key),
        Material::Secret(_) => Err(KeyFault::NoKey),
    }
}

/// What the first block says it is; the parameters of a curve, which `openssl ecparam` writes before a key, are
/// none.
pub(super) fn label(text: &str) -> Result<&str, KeyFault> {
    text.lines()
        .filter_map(|line| line.trim_end().strip_prefix("-----BEGIN ")?.strip_suffix("-----"))
        .find(|label| *label != "EC PARAMETERS")
        .ok_or(KeyFault::NoKey)
}
