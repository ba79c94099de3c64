//! What the errors of use cases are to a client.

use super::{Code, FieldViolation, Problem};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use roster_domain::{Field, StatusKind};
use roster_service::{Error, FieldError, TooMany};
use std::time::Duration;

/// How many attempts a limit allows.
pub(crate) const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
/// How many of them are left.
pub(crate) const RATE_LIMIT_REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
/// In how many seconds there is one again.
pub(crate) const RATE_LIMIT_RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// How soon a store that fails is asked again.
const STORE_RETRY: Duration = Duration::from_secs(5);

const EXCEPT_NOT_THEIRS: &str = "the session that asks is none of this user's, so there is none to keep; leave except \
    out to end all of them";

const EXISTS_ALREADY: &str = "It exists, and If-None-Match lets the change through only if it does not (*), or not in \
    one of these versions. Leave If-None-Match out; to guard a change, send the ETag in If-Match.";

const PARTY_NOT_FOUND: &str = "nobody here has this username, email address or old login; somebody who was erased is found by \
    their id, and of actors there are anonymous, operator and system besides";

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Denied(denied) => Self::new(Code::PermissionDenied).with_detail(denied.to_string()),
            Error::RegistrationClosed => Code::RegistrationClosed.into(),
            Error::BadCredentials => Code::CredentialsInvalid.into(),
            Error::InvalidToken => Code::InvalidToken.into(),
            Error::BadClient => Code::ClientInvalid.into(),
            Error::ScopeExceeded => Code::ScopeInvalid.into(),
            Error::NotRevocable => Code::TokenTypeUnsupported.into(),
            Error::InvalidRefreshToken { .. } => Code::RefreshTokenInvalid.into(),
            Error::LoginTooOld { max_age } => {
                let challenge = step_up(max_age);
                let detail =
                    format!("Log in again: this needs a login not older than {} s.", max_age.as_secs());
                let problem = Self::new(Code::LoginTooOld).with_detail(detail);
                match HeaderValue::from_str(&challenge) {
                    Ok(challenge) => problem.with_header(header::WWW_AUTHENTICATE, challenge),
                    Err(_) => problem,
                }
            }
            Error::NoSessionToKeep => {
                let fault = FieldViolation::new("except", "except_not_theirs", EXCEPT_NOT_THEIRS);
                Self::new(Code::ParameterInvalid).with_faults(vec![fault])
            }
            Error::SessionNotFound => Code::SessionNotFound.into(),
            Error::NotActive(StatusKind::Disabled) => Code::AccountDisabled.into(),
            Error::NotActive(StatusKind::Pending | StatusKind::Active) => Code::AccountPending.into(),
            Error::PasswordChangeRequired => Code::PasswordChangeRequired.into(),
            Error::CurrentPasswordWrong => Code::CurrentPasswordWrong.into(),
            Error::UserNotFound => Code::UserNotFound.into(),
            Error::PartyNotFound { parameter } => {
                let fault = FieldViolation::new(parameter, "user_unknown", PARTY_NOT_FOUND);
                Self::new(Code::ParameterInvalid).with_faults(vec![fault])
            }
            Error::ServiceAccountNotFound => Code::ServiceAccountNotFound.into(),
            Error::ApiKeyNotFound => Code::ApiKeyNotFound.into(),
            Error::ApiKeyReplaced => Code::ApiKeyReplaced.into(),
            Error::ApiKeyEnded => Code::ApiKeyEnded.into(),
            Error::TooManyApiKeys(fault) => Self::new(Code::TooManyApiKeys).with_detail(fault.to_string()),
            Error::Taken(field) => Self::new(taken(field)),
            Error::LastAdministrator => Code::LastAdministrator.into(),
            Error::PreconditionMissing => Code::PreconditionRequired.into(),
            Error::PreconditionFailed => Code::PreconditionFailed.into(),
            Error::ExistsAlready => Self::new(Code::PreconditionFailed).with_detail(EXISTS_ALREADY),
            Error::Invalid(faults) => Self::new(Code::ValidationFailed)
                .with_faults(faults.into_iter().map(FieldViolation::from).collect()),
            Error::Busy { retry_after } => Self::new(Code::Busy).with_retry_after(seconds(retry_after)),
            Error::TooMany(limit) => too_many(limit),
            Error::Contended => Code::ChangedMeanwhile.into(),
            Error::Store(ref cause) if !cause.is_transient() => Self::new(Code::Internal).with_cause(error),
            Error::Store(_) | Error::Unavailable(_) => {
                Self::new(Code::Unavailable).with_retry_after(seconds(STORE_RETRY)).with_cause(error)
            }
            Error::OutcomeUnknown(_) => {
                Self::new(Code::OutcomeUnknown).with_retry_after(seconds(STORE_RETRY)).with_cause(error)
            }
            Error::Unexpected(_) | Error::Keys(_) => Self::new(Code::Internal).with_cause(error),
        }
    }
}

/// What a client has to know to come back in time (draft-ietf-httpapi-ratelimit-headers-03). Which limit it was
/// is not said.
fn too_many(TooMany { limit, retry_after }: TooMany) -> Problem {
    let wait = seconds(retry_after);
    Problem::new(Code::TooManyRequests)
        .with_detail(format!("Try again in {wait} s."))
        .with_retry_after(wait)
        .with_header(RATE_LIMIT, HeaderValue::from(limit))
        .with_header(RATE_LIMIT_REMAINING, HeaderValue::from(0))
        .with_header(RATE_LIMIT_RESET, HeaderValue::from(wait))
}

/// The challenge of RFC 9470, section 3.
fn step_up(max_age: Duration) -> String {
    format!("Bearer error=\"insufficient_user_authentication\", max_age={}", max_age.as_secs())
}

/// Only four fields are unique.
const fn taken(field: Field) -> Code {
    match field {
        Field::Username => Code::UsernameTaken,
        Field::Email => Code::EmailTaken,
        Field::ExternalId => Code::ExternalIdTaken,
        Field::Name => Code::NameTaken,
        Field::EmailVerified
        | Field::DisplayName
        | Field::Status
        | Field::Roles
        | Field::Attributes
        | Field::MustChangePassword
        | Field::Password
        | Field::Description
        | Field::Permissions => Code::Internal,
    }
}

/// Whole seconds, rounded up: a client that comes back in time must not come too early.
fn seconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis().div_ceil(1000)).unwrap_or(u32::MAX).max(1)
}

impl From<FieldError> for FieldViolation {
    fn from(fault: FieldError) -> Self {
        Self::new(fault.pointer, fault.code, fault.message)
    }
}
