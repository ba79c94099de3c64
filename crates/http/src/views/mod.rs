//! What is shown, and how: the wire's side of the domain's types.

mod audit;
mod keys;
mod machines;
mod oauth;
mod sessions;
mod users;
mod values;

pub(crate) use audit::AuditPageView;
pub(crate) use keys::KeySetView;
pub(crate) use machines::{
    ApiKeyListView, ApiKeyView, IssuedApiKeyView, ServiceAccountPageView, ServiceAccountView,
};
pub(crate) use oauth::{IntrospectionView, ServerView, TokenView};
pub(crate) use sessions::{LoginView, SessionList};
pub(crate) use users::{UserPage, UserView};
