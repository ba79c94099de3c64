//! Who makes tokens.

use super::claims::Claims;
use super::profile::{ProfileClaim, ProfileClaims};
use super::signing_key::SigningKey;
use super::subject::Subject;
use super::token_type::TokenType;
use arc_swap::ArcSwap;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use roster_domain::{ApiKey, AuthEpoch, Permissions, RoleSet, ServiceAccount, Session, User};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use zeroize::Zeroizing;

/// Makes access tokens with one key, which can be replaced while it works.
#[derive(Debug)]
pub struct TokenIssuer {
    key: ArcSwap<SigningKey>,
    settings: IssuerSettings,
}

/// What a [`TokenIssuer`] writes into its tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct IssuerSettings {
    /// `iss`: who issues them, such as the server's address.
    pub issuer: String,
    /// `aud`: whom they are for. `None` leaves it out.
    pub audience: Option<String>,
    /// `typ`: what they call themselves.
    pub token_type: TokenType,
    /// What they say of people besides.
    pub profile: Vec<ProfileClaim>,
    /// How long they are valid, in whole seconds.
    pub ttl: Duration,
}

/// An access token. Whoever has it is taken for the user: it is not shown by `Debug`, and wiped when dropped.
pub struct AccessToken {
    text: Zeroizing<String>,
    expires_in: Duration,
}

/// A token could not be made: the time is out of range, or the key cannot sign.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SigningFailed {
    /// The token would end after the last moment there is.
    #[error("the end of the token is out of range")]
    Time(#[from] jiff::Error),
    /// The key cannot sign.
    #[error("the key cannot sign")]
    Key(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl IssuerSettings {
    /// How long tokens are valid unless a setting says otherwise.
    pub const DEFAULT_TTL: Duration = Duration::from_mins(15);

    /// Tokens of the usual type that say nothing of people but what they have to.
    #[must_use]
    pub fn new(issuer: impl Into<String>, audience: Option<&str>, ttl: Duration) -> Self {
        Self {
            issuer: issuer.into(),
            audience: audience.map(str::to_owned),
            token_type: TokenType::AccessToken,
            profile: Vec::new(),
            ttl,
        }
    }
}

impl TokenIssuer {
    /// The `client_id` of tokens that people get by logging in at Roster itself.
    pub const CLIENT_ID: &'static str = "roster";

    /// Makes tokens with `key`.
    #[must_use]
    pub fn new(key: SigningKey, settings: IssuerSettings) -> Self {
        Self { key: ArcSwap::from_pointee(key), settings }
    }

    /// What it writes into its tokens.
    #[must_use]
    pub const fn settings(&self) -> &IssuerSettings {
        &self.settings
    }

    /// The key, whose other half verifies the tokens.
    #[must_use]
    pub fn key(&self) -> Arc<SigningKey> {
        self.key.load_full()
    }

    /// Signs with another key from the next token on. Its verifiers have to know the key before.
    pub fn replace_key(&self, key: SigningKey) {
        self.key.store(Arc::new(key));
    }

    /// Makes a token that stands for `user` as they are, in `session`, from `now` on for the time to live, but
    /// not beyond the session's end. `random` becomes its `jti`.
    ///
    /// # Errors
    /// [`SigningFailed`]: neither happens with a clock that goes right and a key that was read.
    pub fn issue(
        &self,
        user: &User,
        session: &Session,
        now: Timestamp,
        random: [u8; 16],
    ) -> Result<AccessToken, SigningFailed> {
        let claims = Claims {
            client_id: Self::CLIENT_ID.to_owned(),
            sid: Some(session.id),
            auth_time: Some(session.authenticated_at),
            amr: session.methods.iter().map(|method| method.as_str().to_owned()).collect(),
            roles: user.roles().clone(),
            profile: ProfileClaims::of(user, &self.settings.profile),
            ..self.claims(user.id.into(), user.auth_epoch, user.permissions(), now, random)
        };
        self.sign(claims, Some(session.ends_at))
    }

    /// Makes a token that stands for a machine in its own name, as long as its `key` is good, and grants
    /// `permissions` (RFC 9068, section 2.2: its subject is the client). `random` becomes its `jti`.
    ///
    /// # Errors
    /// As [`Self::issue`].
    pub fn issue_to_machine(
        &self,
        account: &ServiceAccount,
        key: &ApiKey,
        permissions: Permissions,
        now: Timestamp,
        random: [u8; 16],
    ) -> Result<AccessToken, SigningFailed> {
        let subject = Subject::ServiceAccount { id: account.id, key: key.id };
        self.sign(self.claims(subject, account.auth_epoch, permissions, now, random), key.expires_at)
    }

    /// What is true of every token. When it ends is for [`Self::sign`] to say.
    fn claims(
        &self,
        sub: Subject,
        epoch: AuthEpoch,
        permissions: Permissions,
        now: Timestamp,
        random: [u8; 16],
    ) -> Claims {
        Claims {
            iss: self.settings.issuer.clone(),
            sub,
            aud: self.settings.audience.iter().cloned().collect(),
            exp: now,
            nbf: Some(now),
            iat: now,
            jti: URL_SAFE_NO_PAD.encode(random),
            client_id: sub.to_string(),
            epoch,
            sid: None,
            auth_time: None,
            amr: Vec::new(),
            roles: RoleSet::default(),
            scope: permissions.into(),
            profile: ProfileClaims::default(),
        }
    }

    /// Signs claims that are good for the time to live, but not beyond `end`.
    fn sign(&self, claims: Claims, end: Option<Timestamp>) -> Result<AccessToken, SigningFailed> {
        let left = end.map(|end| Duration::try_from(end.duration_since(claims.iat)).unwrap_or_default());
        let ttl = left.map_or(self.settings.ttl, |left| left.min(self.settings.ttl));
        let expires_in = Duration::from_secs(ttl.as_secs());
        let claims = Claims { exp: claims.iat.checked_add(expires_in)?, ..claims };
        let text = sign(claims, self.settings.token_type, &self.key.load())?;
        Ok(AccessToken { text, expires_in })
    }
}

/// The token that says these claims.
pub(crate) fn sign(
    claims: Claims,
    typ: TokenType,
    key: &SigningKey,
) -> Result<Zeroizing<String>, SigningFailed> {
    let claims = serde_json::to_vec(&claims.into_wire()).map_err(|error| SigningFailed::Key(error.into()))?;
    key.sign(typ, &claims).map_err(|error| SigningFailed::Key(error.into()))
}

impl AccessToken {
    /// The token, for its owner alone.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// How long it is valid from its issue on, in whole seconds.
    #[must_use]
    pub const fn expires_in(&self) -> Duration {
        self.expires_in
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken(…)")
    }
}

#[cfg(test)]
mod tests;
