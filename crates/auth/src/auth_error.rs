//! Why a request is rejected, and what the client learns.

use crate::token::TokenRejected;
use serde::Serialize;
use std::time::Duration;
use thiserror::Error;

/// What a request lacks before its token is looked at, or after the token was accepted.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AuthRequirement {
    /// The request has no bearer token.
    #[error("no access token was sent")]
    TokenMissing,
    /// The caller lacks the permission with this name.
    #[error("this needs the permission {0}; ask an administrator for a role that grants it")]
    PermissionMissing(&'static str),
    /// The application has no authenticator: a mistake in its set-up.
    #[error(
        "the application has no authenticator of the type that its handlers name; with actix-web, add \
         `.app_data(Data::new(authenticator))` to the `App`"
    )]
    AuthenticatorMissing,
}

/// Why a [`TokenAuthenticator`](crate::TokenAuthenticator) rejects a request.
///
/// [`Display`](std::fmt::Display) is for the log. [`Self::status`], [`Self::challenge`] and [`Self::problem`] are for
/// the client; the features `actix` and `tower` turn them into responses.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthError {
    /// The request lacks something.
    #[error(transparent)]
    AuthRequirement(#[from] AuthRequirement),
    /// The token is rejected.
    #[error(transparent)]
    Rejected(#[from] TokenRejected),
    /// The token is valid, but its issuer says that it is no longer active.
    #[error("the token was revoked")]
    Revoked,
    /// The token cannot be checked at the moment.
    #[error("the token cannot be checked now")]
    Unavailable {
        /// When to try again.
        retry_after: Duration,
    },
}

/// A problem detail (RFC 9457), to be sent as `application/problem+json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Problem {
    /// Identifies the kind of problem, like the problems of Roster's own server.
    pub r#type: String,
    /// A summary for people, the same for every occurrence.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What was wrong this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// A stable code for programs.
    pub code: &'static str,
}

impl Problem {
    /// The media type.
    pub const MEDIA_TYPE: &'static str = "application/problem+json";
}

impl AuthError {
    /// The HTTP status: 401, 403, 503, or 500 for a mistake in the application's set-up.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.row().0
    }

    /// The value of `WWW-Authenticate` (RFC 6750, section 3), present for every 401 and 403.
    #[must_use]
    pub fn challenge(&self) -> Option<String> {
        match self {
            Self::AuthRequirement(AuthRequirement::TokenMissing) => Some("Bearer".to_owned()),
            Self::AuthRequirement(AuthRequirement::PermissionMissing(name)) => {
                Some(format!("Bearer error=\"insufficient_scope\", scope=\"{name}\""))
            }
            Self::Rejected(_) | Self::Revoked => Some("Bearer error=\"invalid_token\"".to_owned()),
            Self::AuthRequirement(AuthRequirement::AuthenticatorMissing) | Self::Unavailable { .. } => None,
        }
    }

    /// The value of `Retry-After` in whole seconds, if trying again makes sense.
    #[must_use]
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Unavailable { retry_after } => {
                Some(u64::try_from(retry_after.as_millis().div_ceil(1000)).unwrap_or(u64::MAX).max(1))
            }
            Self::AuthRequirement(_) | Self::Rejected(_) | Self::Revoked => None,
        }
    }

    /// The body. It never says why a token is rejected.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let (status, code, title) = self.row();
        let detail = match self {
            Self::AuthRequirement(unmet @ AuthRequirement::PermissionMissing(_)) => Some(unmet.to_string()),
            Self::AuthRequirement(AuthRequirement::TokenMissing) => Some(
                "Send an access token as `Authorization: Bearer TOKEN`; no other scheme is taken.".to_owned(),
            ),
            Self::AuthRequirement(AuthRequirement::AuthenticatorMissing) => {
                Some("This service has no authenticator; its log says how to add one.".to_owned())
            }
            Self::Rejected(_) | Self::Revoked | Self::Unavailable { .. } => None,
        };
        Problem { r#type: format!("urn:problem-type:roster:{code}"), title, status, detail, code }
    }

    const fn row(&self) -> (u16, &'static str, &'static str) {
        match self {
            Self::AuthRequirement(AuthRequirement::TokenMissing) => {
                (401, "authentication_required", "Log in first")
            }
            Self::Rejected(_) | Self::Revoked => (401, "invalid_token", "The token is not valid"),
            Self::AuthRequirement(AuthRequirement::PermissionMissing(_)) => {
                (403, "permission_denied", "You may not do this")
            }
            Self::AuthRequirement(AuthRequirement::AuthenticatorMissing) => {
                (500, "internal_error", "Something went wrong on our side")
            }
            Self::Unavailable { .. } => (503, "unavailable", "The server cannot do this right now"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_401_and_403_carries_a_challenge() {
        for (error, status, challenge) in [
            (AuthRequirement::TokenMissing.into(), 401, Some("Bearer")),
            (TokenRejected::Expired.into(), 401, Some("Bearer error=\"invalid_token\"")),
            (AuthError::Revoked, 401, Some("Bearer error=\"invalid_token\"")),
            (
                AuthRequirement::PermissionMissing("orders:read").into(),
                403,
                Some("Bearer error=\"insufficient_scope\", scope=\"orders:read\""),
            ),
            (AuthRequirement::AuthenticatorMissing.into(), 500, None),
            (AuthError::Unavailable { retry_after: Duration::from_millis(1_001) }, 503, None),
        ] {
            assert_eq!((error.status(), error.challenge().as_deref()), (status, challenge), "{error}");
            assert_eq!(error.retry_after(), (status == 503).then_some(2));
        }
    }

    #[test]
    fn the_body_does_not_say_what_is_wrong_with_a_token() {
        let message = |error: AuthError| serde_json::to_string(&error.problem()).unwrap();
        assert_eq!(message(TokenRejected::Expired.into()), message(TokenRejected::Signature.into()));
        assert_eq!(message(TokenRejected::Expired.into()), message(AuthError::Revoked));
        assert_eq!(
            message(AuthRequirement::PermissionMissing("orders:read").into()),
            r#"{"type":"urn:problem-type:roster:permission_denied","title":"You may not do this","status":403,"detail":"this needs the permission orders:read; ask an administrator for a role that grants it","code":"permission_denied"}"#
        );
    }
}
