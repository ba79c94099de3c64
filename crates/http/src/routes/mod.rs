//! The endpoints, a file per kind of resource: handlers, and what the document says about them.

pub(crate) mod audit;
pub(crate) mod auth;
pub(crate) mod docs;
pub(crate) mod exports;
pub(crate) mod health;
pub(crate) mod jobs;
pub(crate) mod keys;
pub(crate) mod meta;
pub(crate) mod service_accounts;
pub(crate) mod sessions;
pub(crate) mod users;
