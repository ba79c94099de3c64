//! The error of a database that does not do its part in a restore.

use roster_storage::RestoreError;

use crate::connection::DatabaseError;

/// The previous store is unchanged.
pub(super) fn unavailable(error: DatabaseError) -> RestoreError {
    RestoreError::Unavailable(Box::new(error))
}
