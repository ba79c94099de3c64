//! What requests say: raw values, each with the domain's rule.

mod logins;
mod machines;
mod oauth;
mod users;

pub(crate) use logins::{CredentialsBody, LogOutBody, RefreshBody};
pub(crate) use machines::{NewApiKeyBody, NewServiceAccountBody, RotationBody, ServiceAccountDraftBody};
pub(crate) use oauth::{TokenForm, TokenParameter};
pub(crate) use users::{NewUserBody, PasswordChangeBody, UserDraftBody};
