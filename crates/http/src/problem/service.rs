//! What the errors of use cases are to a client.

use super::{Code, Fault, Problem};
use roster_domain::{Field, StatusKind};
use roster_service::{Error, FieldFault};
use std::time::Duration;

/// How soon a store that fails is asked again.
const STORE_RETRY: Duration = Duration::from_secs(5);

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Denied(denied) => Self::new(Code::PermissionDenied).with_detail(denied.to_string()),
            Error::RegistrationClosed => Code::RegistrationClosed.into(),
            Error::BadCredentials => Code::CredentialsInvalid.into(),
            Error::InvalidToken => Code::InvalidToken.into(),
            Error::NotActive(StatusKind::Disabled) => Code::AccountDisabled.into(),
            Error::NotActive(StatusKind::Pending | StatusKind::Active) => Code::AccountPending.into(),
            Error::CurrentPasswordWrong => Code::CurrentPasswordWrong.into(),
            Error::UserNotFound => Code::UserNotFound.into(),
            Error::Taken(field) => Self::new(taken(field)),
            Error::LastAdministrator => Code::LastAdministrator.into(),
            Error::PreconditionFailed => Code::PreconditionFailed.into(),
            Error::Invalid(faults) => {
                Self::new(Code::ValidationFailed).with_faults(faults.into_iter().map(Fault::from).collect())
            }
            Error::Busy { retry_after } => Self::new(Code::Busy).with_retry_after(seconds(retry_after)),
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
        | Field::Password
        | Field::Description
        | Field::Permissions => Code::Internal,
    }
}

/// Whole seconds, rounded up: a client that comes back in time must not come too early.
fn seconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis().div_ceil(1000)).unwrap_or(u32::MAX).max(1)
}

impl From<FieldFault> for Fault {
    fn from(fault: FieldFault) -> Self {
        Self::new(fault.pointer, fault.code, fault.message)
    }
}
