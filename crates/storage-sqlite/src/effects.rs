//! What changes have to do beyond their rows.

use roster_domain::{ImportedHash, User};
use roster_storage_sql::search_text;
use rusqlite::Connection;

use crate::failure::Failure;
use crate::search_index::SearchChanges;
use crate::tally::Tally;

/// What changes have to do beyond their rows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Effects {
    pub(crate) tally: Tally,
    pub(crate) search: SearchChanges,
}

impl Effects {
    /// Adds a user whose row `n` was inserted.
    pub(crate) fn add_user(&mut self, connection: &Connection, n: i64, user: &User) -> Result<(), Failure> {
        self.tally.add_user();
        self.tally.add_hash(imported_hash(user));
        self.search.insert(connection, n, search_text(user))
    }
}

/// How the imported hash of a user is counted, if they have one.
pub(crate) fn imported_hash(user: &User) -> Option<ImportedHash> {
    user.credential.password_hash()?.imported()
}
