//! How the errors of use cases become problems.

use super::error::{FieldViolation, Problem};
use crate::code::Code;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use roster_domain::{StatusKind, UniqueField};
use roster_service::{Error, ExportError, FieldError, TooMany};
use std::time::Duration;

/// The number of attempts that a limit allows.
pub(crate) const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
/// The number of attempts that are left.
pub(crate) const RATE_LIMIT_REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
/// The number of seconds until the next attempt is allowed.
pub(crate) const RATE_LIMIT_RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// When a client may retry after the store failed.
const STORE_RETRY: Duration = Duration::from_secs(5);

const EXCEPT_NOT_THEIRS: &str =
    "the calling session does not belong to this user; omit except to end all sessions";

const ALREADY_EXISTS: &str = "It already exists. If-None-Match allows the change only if it does not exist (*) or \
    has none of the listed versions. Omit If-None-Match; to guard a change, send the ETag in If-Match.";

const HASHES_FOR_USERS_ONLY: &str = "Password hashes are never exported to a service account. Log in as a user who has \
    users:export-hashes, and send that access token.";

const IMPORT_FOR_USERS_ONLY: &str = "A service account cannot start an import. Log in as a user who has users:import, and \
    send that access token.";

const PARTY_NOT_FOUND: &str = "no user has this username, email address or former login; deleted users can be found \
    by id only";

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let problem = Self::new(code(&error));
        match error {
            Error::Denied(denied) => problem.with_detail(denied.to_string()),
            Error::HashesForUsersOnly => problem.with_detail(HASHES_FOR_USERS_ONLY),
            Error::ImportForUsersOnly => problem.with_detail(IMPORT_FOR_USERS_ONLY),
            Error::LoginTooOld { max_age } => login_too_old(problem, max_age),
            Error::NoSessionToKeep => problem.with_violations(vec![FieldViolation::new(
                "except",
                "except_not_theirs",
                EXCEPT_NOT_THEIRS,
            )]),
            Error::PartyNotFound { parameter } => {
                let message = match parameter {
                    "actor" => format!(
                        "{PARTY_NOT_FOUND}; the actors without an id are anonymous, operator and system"
                    ),
                    _ => PARTY_NOT_FOUND.to_owned(),
                };
                problem.with_violations(vec![FieldViolation::new(parameter, "user_unknown", message)])
            }
            Error::TooManyApiKeys(cause) => problem.with_detail(cause.to_string()),
            Error::ExistsAlready => problem.with_detail(ALREADY_EXISTS),
            Error::Invalid(fields) => {
                problem.with_violations(fields.into_iter().map(FieldViolation::from).collect())
            }
            Error::Busy { retry_after } => problem.with_retry_after(seconds(retry_after)),
            Error::TooMany(limit) => too_many(problem, &limit),
            Error::Store(ref cause) if !cause.is_transient() => problem.with_cause(error),
            Error::Store(_) | Error::Unavailable(_) | Error::OutcomeUnknown(_) => {
                problem.with_retry_after(seconds(STORE_RETRY)).with_cause(error)
            }
            Error::Unexpected(_) | Error::Keys(_) => problem.with_cause(error),
            _ => problem,
        }
    }
}

impl From<ExportError> for Problem {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Roster(error) => error.into(),
            ExportError::Write(cause) => Self::new(Code::Internal).with_cause(cause),
        }
    }
}

/// The code of each error.
const fn code(error: &Error) -> Code {
    match error {
        Error::Denied(_) | Error::HashesForUsersOnly | Error::ImportForUsersOnly => Code::PermissionDenied,
        Error::JobNotFound => Code::JobNotFound,
        Error::JobFinished => Code::JobFinished,
        Error::TooManyJobs => Code::TooManyJobs,
        Error::RegistrationClosed => Code::RegistrationClosed,
        Error::BadCredentials => Code::CredentialsInvalid,
        Error::InvalidToken => Code::InvalidToken,
        Error::BadClient => Code::ClientInvalid,
        Error::ScopeExceeded => Code::ScopeInvalid,
        Error::NotRevocable => Code::TokenTypeUnsupported,
        Error::InvalidRefreshToken { .. } => Code::RefreshTokenInvalid,
        Error::LoginTooOld { .. } => Code::LoginTooOld,
        Error::NoSessionToKeep | Error::PartyNotFound { .. } => Code::ParameterInvalid,
        Error::SessionNotFound => Code::SessionNotFound,
        Error::NotActive(StatusKind::Disabled) => Code::AccountDisabled,
        Error::NotActive(StatusKind::Pending | StatusKind::Active) => Code::AccountPending,
        Error::PasswordChangeRequired => Code::PasswordChangeRequired,
        Error::CurrentPasswordWrong => Code::CurrentPasswordWrong,
        Error::UserNotFound => Code::UserNotFound,
        Error::ServiceAccountNotFound => Code::ServiceAccountNotFound,
        Error::ApiKeyNotFound => Code::ApiKeyNotFound,
        Error::ApiKeyReplaced => Code::ApiKeyReplaced,
        Error::ApiKeyEnded => Code::ApiKeyEnded,
        Error::TooManyApiKeys(_) => Code::TooManyApiKeys,
        Error::Taken(field) => taken(*field),
        Error::LastAdministrator => Code::LastAdministrator,
        Error::PreconditionMissing => Code::PreconditionRequired,
        Error::PreconditionFailed | Error::ExistsAlready => Code::PreconditionFailed,
        Error::Invalid(_) => Code::ValidationFailed,
        Error::Busy { .. } => Code::Busy,
        Error::TooMany(_) => Code::TooManyRequests,
        Error::Contended => Code::ChangedMeanwhile,
        Error::Store(cause) if !cause.is_transient() => Code::Internal,
        Error::Store(_) | Error::Unavailable(_) => Code::Unavailable,
        Error::OutcomeUnknown(_) => Code::OutcomeUnknown,
        Error::Unexpected(_) | Error::Keys(_) => Code::Internal,
    }
}

/// The code for a taken value.
const fn taken(field: UniqueField) -> Code {
    match field {
        UniqueField::Username => Code::UsernameTaken,
        UniqueField::Email => Code::EmailTaken,
        UniqueField::ExternalId => Code::ExternalIdTaken,
        UniqueField::Name => Code::NameTaken,
    }
}

/// Adds the challenge of RFC 9470, section 3.
fn login_too_old(problem: Problem, max_age: Duration) -> Problem {
    let seconds = max_age.as_secs();
    let challenge = format!("Bearer error=\"insufficient_user_authentication\", max_age={seconds}");
    let problem =
        problem.with_detail(format!("Log in again: this operation needs a login at most {seconds} s old."));
    match HeaderValue::from_str(&challenge) {
        Ok(challenge) => problem.with_header(header::WWW_AUTHENTICATE, challenge),
        Err(_) => problem,
    }
}

/// Adds what a client needs to retry in time (draft-ietf-httpapi-ratelimit-headers-03), but not which limit it was.
fn too_many(problem: Problem, TooMany { limit, retry_after }: &TooMany) -> Problem {
    let wait = seconds(*retry_after);
    problem
        .with_detail(format!("Try again in {wait} s."))
        .with_retry_after(wait)
        .with_header(RATE_LIMIT, HeaderValue::from(*limit))
        .with_header(RATE_LIMIT_REMAINING, HeaderValue::from(0))
        .with_header(RATE_LIMIT_RESET, HeaderValue::from(wait))
}

/// Whole seconds, rounded up, so that a client that waits this long is not too early.
fn seconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis().div_ceil(1000)).unwrap_or(u32::MAX).max(1)
}

impl From<FieldError> for FieldViolation {
    fn from(error: FieldError) -> Self {
        Self::new(error.pointer, error.code, error.message)
    }
}
