//! Issues tokens.

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

/// Issues access tokens with one key, which can be replaced at run time.
#[derive(Debug)]
pub struct TokenIssuer {
    key: ArcSwap<SigningKey>,
    settings: IssuerSettings,
}

/// What a [`TokenIssuer`] writes into its tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct IssuerSettings {
    /// `iss`: the issuer, such as the server's address.
    pub issuer: String,
    /// `aud`: the audience. `None` leaves it out.
    pub audience: Option<String>,
    /// `typ`: the type in the header.
    pub token_type: TokenType,
    /// Further claims about the user.
    pub profile: Vec<ProfileClaim>,
    /// The lifetime, in whole seconds.
    pub ttl: Duration,
}

/// An access token. Its bearer is taken for the user, so `Debug` hides it and it is wiped when dropped.
pub struct AccessToken {
    text: Zeroizing<String>,
    expires_in: Duration,
}

/// The token could not be issued: a time is out of range, or the key cannot sign.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SigningFailed {
    /// The token would end after the last representable time.
    #[error("the end of the token is out of range")]
    Time(#[from] jiff::Error),
    /// The key cannot sign.
    #[error("the key cannot sign")]
    Key(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl IssuerSettings {
    /// The default lifetime.
    pub const DEFAULT_TTL: Duration = Duration::from_mins(15);

    /// Tokens of the default type with no further claims about the user.
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
    /// The `client_id` of tokens that users get by logging in to Roster itself.
    pub const CLIENT_ID: &'static str = "roster";

    /// Issues tokens signed with `key`.
    #[must_use]
    pub fn new(key: SigningKey, settings: IssuerSettings) -> Self {
        Self { key: ArcSwap::from_pointee(key), settings }
    }

    /// What the issuer writes into its tokens.
    #[must_use]
    pub const fn settings(&self) -> &IssuerSettings {
        &self.settings
    }

    /// The key that signs. Its public half verifies the tokens.
    #[must_use]
    pub fn key(&self) -> Arc<SigningKey> {
        self.key.load_full()
    }

    /// Signs with another key from the next token on. Verifiers must know that key already.
    pub fn replace_key(&self, key: SigningKey) {
        self.key.store(Arc::new(key));
    }

    /// Issues a token for `user` in `session`. It is valid from `now` for the configured lifetime, but never beyond
    /// the session's end. `random` becomes its `jti`.
    ///
    /// # Errors
    /// [`SigningFailed`]. It does not happen with a sane clock and a key that was loaded.
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

    /// Issues a token for a service account in its own name. It grants `permissions` and never outlives `key` (RFC
    /// 9068, section 2.2: the subject is the client). `random` becomes its `jti`.
    ///
    /// # Errors
    /// As [`Self::issue`].
    pub fn issue_to_service_account(
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

    /// The claims that every token has. [`Self::sign`] sets the end.
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

    /// Signs claims that are valid for the configured lifetime, but not beyond `end`.
    fn sign(&self, claims: Claims, end: Option<Timestamp>) -> Result<AccessToken, SigningFailed> {
        let left = end.map(|end| Duration::try_from(end.duration_since(claims.iat)).unwrap_or_default());
        let ttl = left.map_or(self.settings.ttl, |left| left.min(self.settings.ttl));
        let expires_in = Duration::from_secs(ttl.as_secs());
        let claims = Claims { exp: claims.iat.checked_add(expires_in)?, ..claims };
        let text = sign(claims, self.settings.token_type, &self.key.load())?;
        Ok(AccessToken { text, expires_in })
    }
}

/// Signs the claims.
pub(crate) fn sign(
    claims: Claims,
    typ: TokenType,
    key: &SigningKey,
) -> Result<Zeroizing<String>, SigningFailed> {
    let claims = serde_json::to_vec(&claims.into_wire()).map_err(|error| SigningFailed::Key(error.into()))?;
    key.sign(typ, &claims).map_err(|error| SigningFailed::Key(error.into()))
}

impl AccessToken {
    /// The token, to be given to its owner only.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The lifetime from its issue, in whole seconds.
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
