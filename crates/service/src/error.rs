//! Why a use case failed.

use crate::TooMany;
use roster_auth::password::{PasswordError, PoolFull};
use roster_domain::policy::Denied;
use roster_domain::{CodedError, NotRotated, StatusKind, TooManyKeys, UniqueField};
use roster_storage::{CommitError, Conflict, Guard, StoreError};
use std::time::Duration;
use thiserror::Error;

/// Why a use case failed. Nothing was changed, unless the variant says otherwise.
#[derive(Debug, Error)]
pub enum Error {
    /// The caller does not have the permission.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Password hashes are exported only to users, not to service accounts.
    #[error(
        "password hashes are exported only to users who have logged in recently, never to service accounts"
    )]
    HashesForUsersOnly,
    /// Imports are started only by users, not by service accounts.
    #[error(
        "an import over HTTP is started by a user who has logged in recently, never by a service account"
    )]
    ImportForUsersOnly,
    /// The caller has no job with this id.
    #[error("the job does not exist")]
    JobNotFound,
    /// The job has ended, so it cannot be cancelled.
    #[error("the job has ended already")]
    JobFinished,
    /// Too many jobs wait.
    #[error("too many jobs have not ended yet; try again later")]
    TooManyJobs,
    /// Only callers with `users:create` can create users.
    #[error("registration is closed")]
    RegistrationClosed,
    /// The login does not exist or the password is wrong. The response does not reveal which.
    #[error("the login or the password is wrong")]
    BadCredentials,
    /// The access token is malformed, expired, revoked, or from another issuer.
    #[error("the access token is not valid")]
    InvalidToken,
    /// The refresh token is malformed, unknown or expired, or was used before.
    #[error("the refresh token is not valid")]
    InvalidRefreshToken {
        /// Whether it was used before, which has ended its session. This is for metrics; the response does not reveal
        /// it.
        reused: bool,
    },
    /// The service account does not exist or the API key is wrong. The response does not reveal which.
    #[error("the client credentials are wrong")]
    BadClient,
    /// A service account requested a token that grants more than its API key.
    #[error("the scope exceeds what the client's API key grants")]
    ScopeExceeded,
    /// The token is an API key or was issued for one. It ends when the API key is revoked.
    #[error("this token ends with its API key; revoke the API key instead")]
    NotRevocable,
    /// The operation requires a more recent login (RFC 9470).
    #[error("this requires a login within the last {} s; log in again", .max_age.as_secs())]
    LoginTooOld {
        /// The maximum age of the login.
        max_age: Duration,
    },
    /// The user has no session with this id.
    #[error("the session does not exist")]
    SessionNotFound,
    /// The request ends all sessions except the calling one, but that session does not belong to this user.
    #[error("the calling session does not belong to this user")]
    NoSessionToKeep,
    /// The password is correct, but the account is not active.
    #[error("the account is {0}")]
    NotActive(StatusKind),
    /// The user has a temporary password and must replace it before anything else.
    #[error("the temporary password must be changed first")]
    PasswordChangeRequired,
    /// The password that confirms a change is wrong.
    #[error("the current password is wrong")]
    CurrentPasswordWrong,
    /// The user does not exist.
    #[error("the user does not exist")]
    UserNotFound,
    /// A query of the audit log names an actor or a target that does not exist.
    #[error("the {parameter} does not exist")]
    PartyNotFound {
        /// The parameter that names it: `actor` or `target`.
        parameter: &'static str,
    },
    /// The service account does not exist.
    #[error("the service account does not exist")]
    ServiceAccountNotFound,
    /// The service account has no API key with this id.
    #[error("the API key does not exist")]
    ApiKeyNotFound,
    /// The API key has already been replaced.
    #[error("the API key has already been rotated")]
    ApiKeyReplaced,
    /// The API key has expired, so it cannot be rotated.
    #[error("the API key has expired; create another one")]
    ApiKeyEnded,
    /// The service account has the maximum number of API keys.
    #[error(transparent)]
    TooManyApiKeys(#[from] TooManyKeys),
    /// Another account has this username, email address, external id or name.
    #[error("this {0} is taken")]
    Taken(UniqueField),
    /// The change would leave no active administrator.
    #[error("this is the last active administrator")]
    LastAdministrator,
    /// The current version is not one of those in `If-Match`.
    #[error("the version has changed")]
    PreconditionFailed,
    /// The current version is one of those in `If-None-Match`.
    #[error("it exists in a version that If-None-Match excludes")]
    ExistsAlready,
    /// The request has no `If-Match`, which is required here.
    #[error("the request does not say which version it changes")]
    PreconditionMissing,
    /// Some fields are invalid.
    #[error("invalid fields: {}", list(.0))]
    Invalid(Vec<FieldError>),
    /// The queue of passwords to hash is full.
    #[error("too many passwords are waiting to be hashed")]
    Busy {
        /// When to try again.
        retry_after: Duration,
    },
    /// A rate limit was reached. The request was not processed.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// Concurrent changes overtook every attempt.
    #[error("too many concurrent changes; try again")]
    Contended,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store cannot write now.
    #[error("the store cannot write now")]
    Unavailable(#[source] CommitError),
    /// The commit may or may not have happened.
    #[error("it is unknown whether the change was written")]
    OutcomeUnknown(#[source] CommitError),
    /// A guard failed that this use case does not handle: a bug in Roster.
    #[error("an unexpected guard failed")]
    Unexpected(#[source] Conflict),
    /// A token could not be signed or sealed: a configuration error.
    #[error("the keys are unusable")]
    Keys(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A field that is invalid, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The field as a JSON pointer (RFC 6901), such as `/email`.
    pub pointer: String,
    /// A stable error code.
    pub code: &'static str,
    /// The reason, for people.
    pub message: String,
}

impl FieldError {
    /// The error of a field at the top level of the document.
    #[must_use]
    pub fn new(field: &str, error: &impl CodedError) -> Self {
        Self { pointer: format!("/{field}"), code: error.code(), message: error.to_string() }
    }

    /// The error of a missing field. `purpose` says when it is required.
    pub(crate) fn missing(field: &str, purpose: &str) -> Self {
        Self {
            pointer: format!("/{field}"),
            code: "field_missing",
            message: format!("{field} is required {purpose}"),
        }
    }

    /// The error of a field that has no effect in this request. `purpose` says what it is for.
    pub(crate) fn needless(field: &str, purpose: &str) -> Self {
        Self {
            pointer: format!("/{field}"),
            code: "field_needless",
            message: format!("{field} is {purpose}; omit it here"),
        }
    }

    /// The error of a field that cannot be changed.
    pub(crate) fn read_only(field: &str) -> Self {
        Self {
            pointer: format!("/{field}"),
            code: "field_read_only",
            message: format!("{field} cannot be changed; omit it or send its current value"),
        }
    }
}

impl From<PasswordError> for Error {
    fn from(error: PasswordError) -> Self {
        Self::Invalid(vec![FieldError::new("password", &error)])
    }
}

impl From<PoolFull> for Error {
    fn from(full: PoolFull) -> Self {
        Self::Busy { retry_after: full.retry_after }
    }
}

impl From<NotRotated> for Error {
    fn from(reason: NotRotated) -> Self {
        match reason {
            NotRotated::Absent => Self::ApiKeyNotFound,
            NotRotated::Ended => Self::ApiKeyEnded,
            NotRotated::ReplacedAlready => Self::ApiKeyReplaced,
            NotRotated::TooMany(error) => error.into(),
        }
    }
}

impl From<CommitError> for Error {
    /// The error for the caller. A use case for which a guard has another meaning handles it before.
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Conflict(conflict) => match conflict.0 {
                Guard::UsernameFree(..) | Guard::AliasFree(..) => Self::Taken(UniqueField::Username),
                Guard::EmailFree(..) => Self::Taken(UniqueField::Email),
                // Only imports use these guards, for ids of the other system.
                Guard::ExternalIdFree(..) | Guard::UserAbsent(_) => Self::Taken(UniqueField::ExternalId),
                Guard::AnotherAdminRemains(_) => Self::LastAdministrator,
                Guard::ServiceAccountNameFree(..) => Self::Taken(UniqueField::Name),
                Guard::UserVersion(..) | Guard::ServiceAccountVersion(..) => Self::PreconditionFailed,
                // These guards are about the caller, whose access has changed since the request was authenticated.
                Guard::AuthEpoch(..) | Guard::SessionExists(_) | Guard::ApiKeyGood(..) => Self::InvalidToken,
                Guard::CredentialIs(..)
                | Guard::LastLoginIs(..)
                | Guard::NoActiveAdmin
                | Guard::RefreshTokenLive(..)
                | Guard::SessionOver(..)
                | Guard::SessionCount(..)
                | Guard::ApiKeyPrefixFree(..)
                | Guard::LastKeyUseIs(..) => Self::Unexpected(conflict),
            },
            CommitError::Unavailable(_) => Self::Unavailable(error),
            CommitError::Damaged(cause) => StoreError::Damaged(cause).into(),
            CommitError::OutcomeUnknown(_) => Self::OutcomeUnknown(error),
        }
    }
}

fn list(errors: &[FieldError]) -> String {
    errors.iter().map(|error| error.pointer.as_str()).collect::<Vec<_>>().join(", ")
}
