//! What clients receive: the domain's types as JSON.

pub(crate) mod audit;
pub(crate) mod jobs;
pub(crate) mod keys;
pub(crate) mod service_accounts;
pub(crate) mod sessions;
pub(crate) mod users;
mod values;
mod words;
