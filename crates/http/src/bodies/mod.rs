//! The bodies of requests.

pub(crate) mod import_parts;
pub(crate) mod imports;
pub(crate) mod logins;
pub(crate) mod service_accounts;
pub(crate) mod users;
