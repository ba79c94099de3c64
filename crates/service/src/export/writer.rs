//! What every format of an export implements.

use super::left_out::LeftOut;
use roster_domain::User;
use std::io;
use std::sync::Arc;

/// Writes users in one format. What the methods return, in the order of the calls, is the export.
pub(super) trait UserWriter: Send {
    /// The bytes before the first user.
    ///
    /// # Errors
    /// None in practice.
    fn begin(&mut self) -> io::Result<Vec<u8>> {
        Ok(Vec::new())
    }

    /// The bytes of the next users.
    ///
    /// # Errors
    /// None in practice: every user can be serialized.
    fn users(&mut self, users: &[Arc<User>]) -> io::Result<Vec<u8>>;

    /// The bytes after the last user.
    ///
    /// # Errors
    /// None in practice.
    fn end(&mut self) -> io::Result<Vec<u8>> {
        Ok(Vec::new())
    }

    /// The values that the users had and the format has no place for.
    fn left_out(&self) -> Vec<LeftOut> {
        Vec::new()
    }
}
