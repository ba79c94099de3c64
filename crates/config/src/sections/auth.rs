//! `[auth]`

use std::path::PathBuf;
use std::time::Duration;

use crate::fields::SettingsReader;
use crate::rules;
use crate::{Secret, SettingError};

/// The longest issuer or audience, in bytes.
const NAME_LIMIT: usize = 255;

/// The default of `auth.issuer`.
const DEFAULT_ISSUER: &str = "roster";

const TOKEN_TYPES: [(&str, TokenType); 2] = [("at+jwt", TokenType::AccessToken), ("JWT", TokenType::Jwt)];

const TOKEN_CLAIMS: [(&str, TokenClaim); 6] = [
    ("username", TokenClaim::Username),
    ("email", TokenClaim::Email),
    ("email_verified", TokenClaim::EmailVerified),
    ("external_id", TokenClaim::ExternalId),
    ("display_name", TokenClaim::DisplayName),
    ("role", TokenClaim::Role),
];

const KEY_ALGORITHMS: [(&str, GeneratedKeyAlgorithm); 3] = [
    ("EdDSA", GeneratedKeyAlgorithm::EdDsa),
    ("ES256", GeneratedKeyAlgorithm::Es256),
    ("RS256", GeneratedKeyAlgorithm::Rs256),
];

/// Access tokens.
#[derive(Debug)]
pub struct Auth {
    /// Signs and verifies with HS256; without it and without `key_files` a key pair is generated. At least 32 bytes.
    pub jwt_secret: Option<Secret>,
    /// Key files, PEM or JWK; the first one signs if there is no secret.
    pub key_files: Vec<PathBuf>,
    /// The algorithm of generated keys.
    pub algorithm: GeneratedKeyAlgorithm,
    /// `iss` of the tokens.
    pub issuer: String,
    /// `aud` of the tokens; `None` leaves it out.
    pub audience: Option<String>,
    /// `typ` of the tokens.
    pub token_type: TokenType,
    /// Additional claims in users' tokens.
    pub token_claims: Vec<TokenClaim>,
    /// The time from `iat` to `exp`.
    pub access_token_ttl: Duration,
    /// The allowed clock skew.
    pub leeway: Duration,
    /// How long a used refresh token still gives the live one.
    pub refresh_grace: Duration,
    /// The maximum age of a login for a sensitive change; zero is no limit.
    pub step_up_age: Duration,
}

/// The type of access tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TokenType {
    /// `at+jwt` (RFC 9068).
    #[default]
    AccessToken,
    /// `JWT`, the generic type.
    Jwt,
}

/// An additional claim in a user's token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenClaim {
    /// `username`
    Username,
    /// `email`
    Email,
    /// `email_verified`
    EmailVerified,
    /// `external_id`
    ExternalId,
    /// `display_name`
    DisplayName,
    /// `role`: one of the roles.
    Role,
}

/// The algorithm of generated keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GeneratedKeyAlgorithm {
    /// Ed25519.
    #[default]
    EdDsa,
    /// ECDSA on P-256.
    Es256,
    /// RSA.
    Rs256,
}

impl Auth {
    pub(crate) fn read(fields: &mut SettingsReader) -> Self {
        let ttl = rules::duration(Duration::from_secs(30)..=Duration::from_hours(24));
        let leeway = rules::duration(Duration::ZERO..=Duration::from_mins(5));
        let read = Self {
            jwt_secret: fields.optional("auth.jwt_secret", rules::signing_secret),
            key_files: fields.list("auth.key_files", rules::key_file),
            algorithm: fields.one("auth.algorithm", rules::one_of(KEY_ALGORITHMS)),
            issuer: fields.one("auth.issuer", rules::line(NAME_LIMIT)),
            audience: fields.optional("auth.audience", rules::line(NAME_LIMIT)),
            token_type: fields.one("auth.token_type", rules::one_of(TOKEN_TYPES)),
            token_claims: fields.list("auth.token_claims", rules::one_of(TOKEN_CLAIMS)),
            access_token_ttl: fields.one("auth.access_token_ttl", ttl),
            leeway: fields.one("auth.leeway", leeway),
            refresh_grace: fields
                .one("auth.refresh_grace", rules::duration(Duration::ZERO..=Duration::from_mins(1))),
            step_up_age: fields
                .one("auth.step_up_age", rules::duration(Duration::ZERO..=Duration::from_hours(24))),
        };
        if read.jwt_secret.is_some() && read.has_indistinguishable_tokens() {
            fields.reject(SettingError::IndistinguishableTokens);
        }
        read
    }

    /// Whether only the key distinguishes Roster's tokens from those of other programs. With a shared secret not even
    /// that does, so shared secrets are then rejected.
    #[must_use]
    pub fn has_indistinguishable_tokens(&self) -> bool {
        self.audience.is_none()
            && self.token_type == TokenType::Jwt
            && self.issuer.trim().eq_ignore_ascii_case(DEFAULT_ISSUER)
    }
}
