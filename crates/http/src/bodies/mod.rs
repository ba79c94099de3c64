//! The bodies of requests.

pub(crate) mod logins;
pub(crate) mod machines;
pub(crate) mod users;
