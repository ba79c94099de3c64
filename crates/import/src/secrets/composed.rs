//! Hashes that other systems spread over several fields, in one text.

use crate::fields::values::as_text;
use serde::Deserialize;
use serde_json::{Map, Value};

/// The base64 alphabet and its 64 digits.
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// The bytes of a digest that are kept: one block of SHA-256.
const BLOCK_BYTES: usize = 32;

/// Payload's `hash` and `salt`: PBKDF2 with SHA-256 over the text of the salt. Without a version, a hash has 25,000
/// iterations and 512 bytes, of which the first block suffices.
pub(crate) fn payload(hash: &str, salt: &str) -> Option<String> {
    const LEGACY_DIGITS: usize = 1024;
    let (iterations, digits) = match hash.strip_prefix("pbkdf2-sha256-v1:") {
        Some(digits) if digits.len() == 2 * BLOCK_BYTES => (600_000, digits),
        None if hash.len() == LEGACY_DIGITS => (25_000, hash),
        _ => return None,
    };
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let pairs = digits.as_bytes().chunks(2).take(BLOCK_BYTES);
    let digest: Option<Vec<u8>> =
        pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect();
    let (salt, digest) = (base64(salt.as_bytes()), base64(&digest?));
    Some(format!("$pbkdf2-sha256$i={iterations}${salt}${digest}"))
}

/// Keycloak's `credentials`: the password among them. `None` if there is none, or one of an unknown algorithm.
pub(crate) fn keycloak(credentials: &Value) -> Option<String> {
    let password = credentials.as_array()?.iter().find(|credential| is_password(credential))?;
    let secret: SecretData = nested(&password["secretData"])?;
    let data: CredentialData = nested(&password["credentialData"])?;
    let (salt, value) = (secret.salt.trim_end_matches('='), secret.value.trim_end_matches('='));
    let iterations = data.hash_iterations;
    let parameter = |name: &str| {
        let value = data.additional_parameters.get(name)?;
        as_text(value.as_array().and_then(|values| values.first()).unwrap_or(value))
    };
    match data.algorithm.as_str() {
        "argon2" => {
            let kind = parameter("type")?;
            let version = if parameter("version")? == "1.3" { 19 } else { 16 };
            let (memory, lanes) = (parameter("memory")?, parameter("parallelism")?);
            Some(format!("$argon2{kind}$v={version}$m={memory},t={iterations},p={lanes}${salt}${value}"))
        }
        "pbkdf2" | "pbkdf2-sha256" | "pbkdf2-sha512" => {
            Some(format!("${}$i={iterations}${salt}${value}", data.algorithm))
        }
        _ => None,
    }
}

/// Whether the credentials have others beside a password, such as a second factor.
pub(crate) fn has_other_credentials(credentials: &Value) -> bool {
    credentials.as_array().is_some_and(|list| !list.iter().all(is_password))
}

/// Meteor's `services.password.bcrypt`, which is bcrypt over the same digest as Django's.
pub(crate) fn meteor(services: &Value) -> Option<String> {
    services["password"]["bcrypt"].as_str().map(|hash| format!("bcrypt_sha256${hash}"))
}

#[derive(Deserialize)]
struct SecretData {
    value: String,
    salt: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CredentialData {
    hash_iterations: u32,
    algorithm: String,
    #[serde(default)]
    additional_parameters: Map<String, Value>,
}

fn is_password(credential: &Value) -> bool {
    credential["type"] == "password"
}

/// An object, or the text of one.
fn nested<T: for<'de> Deserialize<'de>>(value: &Value) -> Option<T> {
    match value {
        Value::String(text) => serde_json::from_str(text).ok(),
        other => T::deserialize(other).ok(),
    }
}

/// Base64 without padding.
fn base64(bytes: &[u8]) -> String {
    let digits = bytes.chunks(3).flat_map(|group| {
        let value = group.iter().fold(0_usize, |value, byte| (value << 8) | usize::from(*byte));
        let value = value << (8 * (3 - group.len()));
        (0..=group.len()).map(move |index| char::from(BASE64[(value >> (18 - 6 * index)) & 63]))
    });
    digits.collect()
}
