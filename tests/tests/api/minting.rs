//! Tokens that were not issued by the server.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use roster_tests::SECRET;
use serde_json::{Value, json};

/// The claims of a token.
pub(crate) fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// The same token with one claim replaced, or removed if `value` is null, signed with the server's secret.
pub(crate) fn with_claim(token: &str, name: &str, value: Value) -> String {
    let mut claims = claims(token);
    if value.is_null() {
        claims.as_object_mut().unwrap().remove(name);
    } else {
        claims[name] = value;
    }
    signed(&header(), &claims, SECRET)
}

/// The header that the server uses.
pub(crate) fn header() -> Header {
    Header { typ: Some("at+jwt".to_owned()), ..Header::new(Algorithm::HS256) }
}

/// A token with this header and these claims.
pub(crate) fn signed(header: &Header, claims: &Value, secret: &str) -> String {
    encode(header, claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
}

/// A token whose header and claims are arbitrary text, signed with HS256.
pub(crate) fn forged(header: &str, claims: &str, secret: &[u8]) -> String {
    let text = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let key = EncodingKey::from_secret(secret);
    let signature = jsonwebtoken::crypto::sign(text.as_bytes(), &key, Algorithm::HS256).unwrap();
    format!("{text}.{signature}")
}

/// A token with this header and no signature (RFC 7515, appendix A.5).
pub(crate) fn unsigned(claims: &Value, algorithm: &str) -> String {
    let header = json!({ "typ": "at+jwt", "alg": algorithm });
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.", part(&header), part(claims))
}
