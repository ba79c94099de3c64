//! `[auth]`

use std::path::PathBuf;
use std::time::Duration;

use crate::Secret;
use crate::fields::Fields;
use crate::rules;

/// The longest issuer or audience, in bytes.
const NAME_LIMIT: usize = 255;

const MADE_KEYS: [(&str, MadeKeys); 3] =
    [("EdDSA", MadeKeys::EdDsa), ("ES256", MadeKeys::Es256), ("RS256", MadeKeys::Rs256)];

/// Access tokens.
#[derive(Debug)]
pub struct Auth {
    /// Signs and verifies with HS256; without it and without `key_files` a key pair is made. At least 32 bytes.
    pub jwt_secret: Option<Secret>,
    /// Files with keys, PEM or JWK; the first signs, if there is no secret.
    pub key_files: Vec<PathBuf>,
    /// What the keys that are made are for.
    pub algorithm: MadeKeys,
    /// `iss` of the tokens.
    pub issuer: String,
    /// `aud` of the tokens.
    pub audience: String,
    /// From `iat` to `exp`.
    pub access_token_ttl: Duration,
    /// How far clocks may disagree.
    pub leeway: Duration,
    /// How long a refresh token that was used still leads to the one that followed.
    pub refresh_grace: Duration,
    /// How old a login may be for a sensitive change; zero asks for none.
    pub step_up_age: Duration,
}

/// The algorithm of keys that are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MadeKeys {
    /// Ed25519.
    #[default]
    EdDsa,
    /// ECDSA on P-256.
    Es256,
    /// RSA.
    Rs256,
}

impl Auth {
    pub(crate) fn read(fields: &mut Fields) -> Self {
        let ttl = rules::duration(Duration::from_secs(30)..=Duration::from_hours(24));
        let leeway = rules::duration(Duration::ZERO..=Duration::from_mins(5));
        Self {
            jwt_secret: fields.optional("auth.jwt_secret", rules::signing_secret),
            key_files: fields.list("auth.key_files", rules::path),
            algorithm: fields.one("auth.algorithm", rules::one_of(MADE_KEYS)),
            issuer: fields.one("auth.issuer", rules::line(NAME_LIMIT)),
            audience: fields.one("auth.audience", rules::line(NAME_LIMIT)),
            access_token_ttl: fields.one("auth.access_token_ttl", ttl),
            leeway: fields.one("auth.leeway", leeway),
            refresh_grace: fields
                .one("auth.refresh_grace", rules::duration(Duration::ZERO..=Duration::from_mins(1))),
            step_up_age: fields
                .one("auth.step_up_age", rules::duration(Duration::ZERO..=Duration::from_hours(24))),
        }
    }
}
