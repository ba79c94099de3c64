//! Hashes that other systems spread over several fields, in one text.

use crate::fields::values::as_text;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::Deserialize;
use serde_json::{Map, Value};

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
    let mut digest = hex::decode(digits).ok()?;
    digest.truncate(BLOCK_BYTES);
    let (salt, digest) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(digest));
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

#[cfg(test)]
mod tests {
    use super::*;
    use roster_auth::password::{Password, StoredHash};
    use serde_json::json;

    fn verifies(hash: Option<String>, password: &str) -> bool {
        StoredHash::parse(&hash.unwrap()).unwrap().verify(&Password::new(password.into()))
    }

    /// Made by payload 3.90.2 (generatePasswordSaltHash).
    #[test]
    fn a_hash_of_payload_verifies_with_its_salt() {
        let hash = "pbkdf2-sha256-v1:4ddd63875f4f296113455402f870c5edb0d8a4e119cfb6510815900bf102aef5";
        let salt = "f1920fc05467a7f4d6900d00a411b45d63dab9e10610f8f35bbbb247379e514b";
        assert!(verifies(payload(hash, salt), "py-correct-horse"));
        assert!(!verifies(payload(hash, &salt[1..]), "py-correct-horse"));
        for damaged in [&hash[..80], &hash[16..], "pbkdf2-sha256-v2:4ddd", "", &"0g".repeat(512)] {
            assert_eq!(payload(damaged, salt), None, "{damaged}");
        }
    }

    /// Exported by Keycloak 26 for the password `iceberg`.
    #[test]
    fn a_credential_of_keycloak_verifies() {
        let secret = r#"{"value":"BuViHNDGmCq80fvpty/QoggTI8NSt0CuNDGgeoa5f5A=","salt":"RJ0aLMQ2qKbZuROs7qQhcA==","additionalParameters":{}}"#;
        let data = r#"{"hashIterations":5,"algorithm":"argon2","additionalParameters":{"hashLength":["32"],"memory":["7168"],"type":["id"],"version":["1.3"],"parallelism":["1"]}}"#;
        let password = json!({"type": "password", "secretData": secret, "credentialData": data});
        let credentials = json!([{"type": "otp"}, password]);
        assert!(verifies(keycloak(&credentials), "iceberg"));
        assert!(!verifies(keycloak(&credentials), "icebergs"));
        assert!(has_other_credentials(&credentials));
        for damaged in [
            json!([]),
            json!([{"type": "otp", "secretData": secret, "credentialData": data}]),
            json!([{"type": "password", "secretData": "{}", "credentialData": data}]),
            json!([{"type": "password", "secretData": secret, "credentialData": "{\"hashIterations\":1,\"algorithm\":\"x\"}"}]),
            json!("x"),
        ] {
            assert_eq!(keycloak(&damaged), None, "{damaged}");
        }
    }

    /// Made by npm bcrypt 6.0.0 over the SHA-256 in hexadecimal digits, as Meteor 3 does.
    #[test]
    fn a_hash_of_meteor_verifies() {
        let hash = "$2b$05$.acMrELhduJBEemlaO//5eVduZL6V.0/RMPZvvXqAHqvgKDS1zYBG";
        assert!(verifies(meteor(&json!({"password": {"bcrypt": hash}})), "me-correct-horse"));
        assert_eq!(meteor(&json!({"password": {"srp": hash}})), None);
    }
}
