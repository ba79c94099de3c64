//! Opening the store.

use std::error::Error as StdError;

use roster_storage_postgres::{OpenError as PostgresOpenError, PostgresStore, PostgresStoreSettings};

use super::super::open_error::OpenError;
use super::runtime::wait;

/// Opens the store. Blocks.
///
/// # Errors
/// [`OpenError`].
pub(super) fn open(settings: PostgresStoreSettings) -> Result<PostgresStore, OpenError> {
    Ok(wait(PostgresStore::open(settings)).map_err(unusable)??)
}

/// The error of a store that cannot be used.
pub(super) fn unusable(error: impl StdError + Send + Sync + 'static) -> OpenError {
    OpenError::Unusable(Box::new(error))
}

impl From<PostgresOpenError> for OpenError {
    fn from(error: PostgresOpenError) -> Self {
        Self::Unusable(Box::new(error))
    }
}
