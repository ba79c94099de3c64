//! The error of a restore into a database that fails.

use roster_storage::RestoreError;

use crate::connection::DatabaseError;

/// The previous store is unchanged.
pub(super) fn unavailable(error: DatabaseError) -> RestoreError {
    RestoreError::Unavailable(Box::new(error))
}
