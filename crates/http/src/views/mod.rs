//! What clients receive: the domain's types as JSON.

mod audit;
mod keys;
mod machines;
mod sessions;
mod users;
mod values;

pub(crate) use audit::AuditPageView;
pub(crate) use keys::KeySetView;
pub(crate) use machines::{
    ApiKeyListView, ApiKeyView, IssuedApiKeyView, ServiceAccountPageView, ServiceAccountView,
};
pub(crate) use sessions::{LoginView, RefreshTokenText, SessionList, TokenText};
pub(crate) use users::{UserPage, UserView};
