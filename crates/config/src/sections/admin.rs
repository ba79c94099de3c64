//! `[admin]`

use crate::Secret;
use crate::fields::SettingsReader;
use crate::rules;

/// The longest name, address or password passed on, in bytes; the domain has stricter rules of its own.
const LIMIT: usize = 1024;

/// The first administrator, for a store that has no active one.
#[derive(Debug)]
pub struct Admin {
    /// How they are called, if not `roster-admin`.
    pub username: Option<String>,
    /// Their address, if they have one.
    pub email: Option<String>,
    /// Their password, if none is to be made up.
    pub password: Option<Secret>,
}

impl Admin {
    pub(crate) fn read(fields: &mut SettingsReader) -> Self {
        Self {
            username: fields.optional("admin.username", rules::line(LIMIT)),
            email: fields.optional("admin.email", rules::line(LIMIT)),
            password: fields.optional("admin.password", rules::secret(LIMIT)),
        }
    }
}
