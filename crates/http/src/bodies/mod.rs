//! The bodies of requests.

mod logins;
mod machines;
mod users;

pub(crate) use logins::{CredentialsBody, LogOutBody, RefreshBody};
pub(crate) use machines::{NewApiKeyBody, NewServiceAccountBody, RotationBody, ServiceAccountDraftBody};
pub(crate) use users::{NewUserBody, PasswordChangeBody, UserDraftBody};
