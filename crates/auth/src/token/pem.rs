//! Keys as PEM (RFC 7468).

use super::jwk::{Jwk, Material};
use super::key_error::KeyError;
use super::public_key::PublicKey;
use jsonwebtoken::DecodingKey;
#[cfg(feature = "issue")]
use {base64::Engine as _, base64::engine::general_purpose::STANDARD, zeroize::Zeroizing};

/// Reads the first public key of a PEM text.
pub(super) fn public_key(text: &str) -> Result<PublicKey, KeyError> {
    match label(text)? {
        "PUBLIC KEY" | "RSA PUBLIC KEY" => {}
        "CERTIFICATE" => return Err(KeyError::Certificate),
        "PRIVATE KEY" | "RSA PRIVATE KEY" | "EC PRIVATE KEY" | "ENCRYPTED PRIVATE KEY" => {
            return Err(KeyError::Private);
        }
        _ => return Err(KeyError::NoKey),
    }
    let pem = text.as_bytes();
    let key = DecodingKey::from_ed_pem(pem)
        .or_else(|_| DecodingKey::from_ec_pem(pem))
        .or_else(|_| DecodingKey::from_rsa_pem(pem))
        .map_err(|_| KeyError::NoKey)?;
    // The library recognises a curve by the length of the point alone; `Jwk::material` checks that the point is on
    // it.
    let jwk = jsonwebtoken::jwk::Jwk::from_decoding_key(&key, None).map_err(|_| match key.family() {
        jsonwebtoken::AlgorithmFamily::Ec => KeyError::Curve,
        _ => KeyError::NoKey,
    })?;
    match Jwk::of_library(&jwk)?.material("verify")? {
        Material::Public(key) => Ok(key),
        Material::Secret(_) => Err(KeyError::NoKey),
    }
}

/// The label of the first block. `openssl ecparam` writes the parameters of a curve before the key; they do not
/// count.
fn label(text: &str) -> Result<&str, KeyError> {
    text.lines()
        .filter_map(|line| line.trim_end().strip_prefix("-----BEGIN ")?.strip_suffix("-----"))
        .find(|label| *label != "EC PARAMETERS")
        .ok_or(KeyError::NoKey)
}

/// A private key in one of its encodings.
#[cfg(feature = "issue")]
pub(super) enum PrivateDer {
    /// RFC 5958, of any algorithm.
    Pkcs8(Zeroizing<Vec<u8>>),
    /// RFC 5915.
    Sec1(Zeroizing<Vec<u8>>),
    /// RFC 8017.
    Pkcs1(Zeroizing<Vec<u8>>),
}

/// Reads the first private key of a PEM text.
#[cfg(feature = "issue")]
pub(super) fn private_key(text: &str) -> Result<PrivateDer, KeyError> {
    let label = label(text)?;
    match label {
        "PRIVATE KEY" => body(text, label).map(PrivateDer::Pkcs8),
        "EC PRIVATE KEY" => body(text, label).map(PrivateDer::Sec1),
        "RSA PRIVATE KEY" => body(text, label).map(PrivateDer::Pkcs1),
        "ENCRYPTED PRIVATE KEY" => Err(KeyError::Encrypted),
        "PUBLIC KEY" | "RSA PUBLIC KEY" => Err(KeyError::Public),
        "CERTIFICATE" => Err(KeyError::Certificate),
        _ => Err(KeyError::NoKey),
    }
}

/// Writes a private key (PKCS #8) as PEM.
#[cfg(feature = "issue")]
pub(super) fn encode_private(pkcs8: &[u8]) -> Zeroizing<String> {
    const LINE: usize = 64;
    let base64 = Zeroizing::new(STANDARD.encode(pkcs8));
    // The capacity is the maximum length, so that growing leaves no copy behind.
    let mut pem = Zeroizing::new(String::with_capacity(base64.len() + base64.len() / LINE + 64));
    pem.push_str("-----BEGIN PRIVATE KEY-----\n");
    let mut rest = base64.as_str();
    while !rest.is_empty() {
        let (line, more) = rest.split_at(rest.len().min(LINE));
        pem.push_str(line);
        pem.push('\n');
        rest = more;
    }
    pem.push_str("-----END PRIVATE KEY-----\n");
    pem
}

/// The text between the lines that begin and end the block with this label.
#[cfg(feature = "issue")]
fn body(text: &str, label: &str) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
    let (_, rest) = text.split_once(&begin).ok_or(KeyError::NoKey)?;
    let (body, _) = rest.split_once(&end).ok_or(KeyError::NoKey)?;
    if body.contains("ENCRYPTED") {
        return Err(KeyError::Encrypted);
    }
    let base64 = Zeroizing::new(body.split_ascii_whitespace().collect::<String>());
    STANDARD.decode(base64.as_bytes()).map(Zeroizing::new).map_err(|_| KeyError::NoKey)
}
