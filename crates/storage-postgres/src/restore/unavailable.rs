//! The error of a restore into a database that fails.

use roster_storage::RestoreError;

use crate::connection::DatabaseError;

/// The previous store is unchanged.
pub(crate) fn unavailable(error: DatabaseError) -> RestoreError {
    RestoreError::Unavailable(Box::new(error))
}
