//! Why a use case did not do what was asked.

use crate::TooMany;
use roster_auth::password::{PasswordError, PoolFull};
use roster_domain::policy::Denied;
use roster_domain::{CodedError, Field, NotRotated, StatusKind, TooManyKeys};
use roster_storage::{CommitError, Conflict, Guard, StoreError};
use std::time::Duration;
use thiserror::Error;

/// Why a use case did not do what was asked. Unless said otherwise, nothing was changed.
#[derive(Debug, Error)]
pub enum Error {
    /// The caller is known (or knowingly anonymous), and may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// People cannot register themselves here.
    #[error("registration is closed")]
    RegistrationClosed,
    /// No such login, or not its password. Which of the two is not said.
    #[error("the login or the password is wrong")]
    BadCredentials,
    /// The access token is damaged, expired, foreign, or superseded.
    #[error("the access token is not valid")]
    InvalidToken,
    /// The refresh token is damaged, foreign, expired, or was used before.
    #[error("the refresh token is not valid")]
    InvalidRefreshToken {
        /// Whether it was used before, which ended its session. For the counters: the caller is not told.
        reused: bool,
    },
    /// No such service account, or none of its keys. Which of the two is not said.
    #[error("the client is not known by these credentials")]
    BadClient,
    /// A machine asked for a token that grants more than its key.
    #[error("the scope is more than the client's key grants")]
    ScopeExceeded,
    /// The token is one that its holder does not end: the key behind it is revoked instead.
    #[error("such a token ends with its API key; revoke that")]
    NotRevocable,
    /// What was asked needs a login younger than the caller's (RFC 9470).
    #[error("this needs a login not older than {} s; log in again", .max_age.as_secs())]
    LoginTooOld {
        /// How old it may be.
        max_age: Duration,
    },
    /// The user has no such session.
    #[error("there is no such session")]
    SessionNotFound,
    /// All sessions but the caller's own were to end, which is none of this user's: all of them would.
    #[error("the session that asks is none of this user's")]
    NoSessionToKeep,
    /// The password was right; the account may not log in.
    #[error("the account is {0}")]
    NotActive(StatusKind),
    /// The password is a temporary one, which has to be replaced before anything else.
    #[error("the password has to be changed first")]
    PasswordChangeRequired,
    /// The password that should confirm a change is not the present one.
    #[error("the current password is wrong")]
    CurrentPasswordWrong,
    /// There is no such user.
    #[error("there is no such user")]
    UserNotFound,
    /// A question about the audit log names somebody who is not here, as its actor or target.
    #[error("nobody here is called so")]
    PartyNotFound {
        /// Which of the two: `actor` or `target`.
        parameter: &'static str,
    },
    /// There is no such service account.
    #[error("there is no such service account")]
    ServiceAccountNotFound,
    /// The service account has no such key.
    #[error("the service account has no such API key")]
    ApiKeyNotFound,
    /// Another key has taken the place of this one already.
    #[error("the API key has been rotated already")]
    ApiKeyReplaced,
    /// The key's time is over, so that there is nothing to rotate.
    #[error("the API key has ended; make another")]
    ApiKeyEnded,
    /// There is no room for another key.
    #[error(transparent)]
    TooManyApiKeys(#[from] TooManyKeys),
    /// Somebody else has that username, email address, external id or name.
    #[error("this {0} is taken")]
    Taken(Field),
    /// Roster would be left without anybody who can administer it.
    #[error("this is the last active administrator")]
    LastAdministrator,
    /// What `If-Match` named is not the present state.
    #[error("the user has changed since")]
    PreconditionFailed,
    /// What `If-None-Match` asked not to find is there.
    #[error("it exists, in a version that was not to be there")]
    ExistsAlready,
    /// Nothing was said of the state that is to be changed, where that is needed.
    #[error("a change has to say of which state")]
    PreconditionMissing,
    /// Some fields are not acceptable.
    #[error("{} not acceptable", list(.0))]
    Invalid(Vec<FieldError>),
    /// Too many passwords are waiting to be hashed.
    #[error("too many passwords are waiting to be hashed")]
    Busy {
        /// When to try again.
        retry_after: Duration,
    },
    /// A limit was reached; nothing was looked at.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// Others changed the same user again and again meanwhile.
    #[error("the user is being changed by too many others")]
    Contended,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store cannot write now; nothing was changed.
    #[error("the store cannot write now")]
    Unavailable(#[source] CommitError),
    /// Whether it was done cannot be known.
    #[error("whether it was done is unknown")]
    OutcomeUnknown(#[source] CommitError),
    /// A guard failed that this use case did not expect: a fault of Roster.
    #[error("an unexpected guard failed")]
    Unexpected(#[source] Conflict),
    /// A key could not sign, or a hash could not be made: a fault of the set-up.
    #[error("the keys are unusable")]
    Keys(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// One field that is not acceptable, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// Where, as a JSON pointer (RFC 6901) such as `/email`.
    pub pointer: String,
    /// A stable code.
    pub code: &'static str,
    /// A sentence.
    pub message: String,
}

impl FieldError {
    /// The fault of a field at the top of the document.
    #[must_use]
    pub fn new(field: &str, fault: &impl CodedError) -> Self {
        Self { pointer: format!("/{field}"), code: fault.code(), message: fault.to_string() }
    }

    /// The fault of a field that is missing, and what it is needed for.
    pub(crate) fn missing(field: &str, purpose: &str) -> Self {
        Self {
            pointer: format!("/{field}"),
            code: "field_missing",
            message: format!("{field} must be there {purpose}"),
        }
    }

    /// The fault of a field that has no meaning in this request, and what it is for.
    pub(crate) fn needless(field: &str, purpose: &str) -> Self {
        Self {
            pointer: format!("/{field}"),
            code: "field_needless",
            message: format!("{field} is {purpose}; leave it out here"),
        }
    }

    /// The fault of a field that nobody may change.
    pub(crate) fn read_only(field: &str) -> Self {
        Self {
            pointer: format!("/{field}"),
            code: "field_read_only",
            message: format!("{field} cannot be changed; leave it out or send its present value"),
        }
    }
}

impl From<PasswordError> for Error {
    fn from(fault: PasswordError) -> Self {
        Self::Invalid(vec![FieldError::new("password", &fault)])
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
            NotRotated::TooMany(fault) => fault.into(),
        }
    }
}

impl From<CommitError> for Error {
    /// What a failed commit means to the caller, for the guards that mean the same everywhere.
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Conflict(conflict) => match conflict.0 {
                Guard::UsernameFree(..) | Guard::AliasFree(..) => Self::Taken(Field::Username),
                Guard::EmailFree(..) => Self::Taken(Field::Email),
                // An import alone asks for it, about an id of another system.
                Guard::ExternalIdFree(..) | Guard::UserAbsent(_) => Self::Taken(Field::ExternalId),
                Guard::AnotherAdminRemains(_) => Self::LastAdministrator,
                Guard::ServiceAccountNameFree(..) => Self::Taken(Field::Name),
                Guard::UserVersion(..) | Guard::ServiceAccountVersion(..) => Self::PreconditionFailed,
                // The caller's own, where the use case has no other: they are not who they were.
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
            CommitError::OutcomeUnknown(_) => Self::OutcomeUnknown(error),
        }
    }
}

fn list(faults: &[FieldError]) -> String {
    faults.iter().map(|fault| fault.pointer.as_str()).collect::<Vec<_>>().join(", ")
}
