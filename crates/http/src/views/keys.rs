//! The public keys for access tokens.

use paperclip::actix::Apiv2Schema;
use serde::{Deserialize, Serialize};

/// Public keys, as a JWK Set (RFC 7517).
#[derive(Deserialize, Serialize, Apiv2Schema)]
#[openapi(
    rename = "KeySet",
    example = r#"{ "keys": [{
        "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", "alg": "EdDSA", "use": "sig"
    }] }"#
)]
pub(crate) struct KeySetView {
    /// The keys that verify access tokens.
    keys: Vec<KeyView>,
}

/// A public key (RFC 7517, RFC 7518, RFC 8037). It has no other members, so that no private one can leak.
#[derive(Deserialize, Serialize, Apiv2Schema)]
#[openapi(rename = "Key")]
struct KeyView {
    /// `OKP`, `EC` or `RSA`.
    kty: String,
    /// The curve: `Ed25519` or `P-256`.
    #[serde(skip_serializing_if = "Option::is_none")]
    crv: Option<String>,
    /// The point, or its x coordinate.
    #[serde(skip_serializing_if = "Option::is_none")]
    x: Option<String>,
    /// The y coordinate of the point.
    #[serde(skip_serializing_if = "Option::is_none")]
    y: Option<String>,
    /// The modulus of an RSA key.
    #[serde(skip_serializing_if = "Option::is_none")]
    n: Option<String>,
    /// The exponent of an RSA key.
    #[serde(skip_serializing_if = "Option::is_none")]
    e: Option<String>,
    /// The id of the key in token headers.
    kid: String,
    /// `EdDSA`, `ES256` or `RS256`: the only algorithm that it verifies.
    alg: String,
    /// Always `sig`.
    #[serde(rename = "use")]
    usage: String,
}
