//! The names of a person: ids, username, email address and original spelling.

pub(crate) mod addresses;
pub(crate) mod ids;
pub(crate) mod record_names;
pub(crate) mod username;
