//! `[admin]`

use crate::Secret;
use crate::fields::SettingsReader;
use crate::rules;

/// The longest name, address or password passed on, in bytes; the domain has stricter rules.
const LIMIT: usize = 1024;

/// The first administrator, for a store without an active one.
#[derive(Debug)]
pub struct Admin {
    /// The username, if not `roster-admin`.
    pub username: Option<String>,
    /// The email address, if any.
    pub email: Option<String>,
    /// The password, unless one is to be generated.
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
