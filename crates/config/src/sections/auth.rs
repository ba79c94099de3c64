//! `[auth]`

use std::time::Duration;

use crate::Secret;
use crate::fields::Fields;
use crate::rules;

/// The longest issuer or audience, in bytes.
const NAME_LIMIT: usize = 255;

/// Access tokens.
#[derive(Debug)]
pub struct Auth {
    /// Signs and verifies with HS256; without it a key pair is made. At least 32 bytes.
    pub jwt_secret: Option<Secret>,
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

impl Auth {
    pub(crate) fn read(fields: &mut Fields) -> Self {
        let ttl = rules::duration(Duration::from_secs(30)..=Duration::from_hours(24));
        let leeway = rules::duration(Duration::ZERO..=Duration::from_mins(5));
        Self {
            jwt_secret: fields.optional("auth.jwt_secret", rules::signing_secret),
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
