//! Opening the store.

use std::error::Error as StdError;
use std::sync::Arc;

use roster_storage::Announce;
use roster_storage_cache::{CachedStore, ReadCache};
use roster_storage_postgres::{OpenError as PostgresOpenError, PostgresStore, PostgresStoreSettings};

use super::super::open_error::OpenError;
use super::runtime::{connections, wait};

/// Opens the store. Blocks.
///
/// # Errors
/// [`OpenError`].
pub(super) fn open(settings: PostgresStoreSettings) -> Result<PostgresStore, OpenError> {
    Ok(wait(PostgresStore::open(settings)).map_err(unusable)??)
}

/// Opens the store with a cache in front of it, which hears of the changes by other servers. Blocks.
///
/// # Errors
/// [`OpenError`].
pub(super) fn open_cached(
    settings: PostgresStoreSettings,
    cache: Arc<ReadCache>,
) -> Result<CachedStore<PostgresStore>, OpenError> {
    let runtime = connections().map_err(unusable)?;
    let opening = async move {
        let store = Arc::new(PostgresStore::open(settings).await?);
        store.share_changes(cache.clone()).await?;
        let others: Arc<dyn Announce> = store.clone();
        Ok::<_, PostgresOpenError>(CachedStore::new(store, cache, Some(others), runtime))
    };
    Ok(wait(opening).map_err(unusable)??)
}

/// The error of a store that cannot be used.
pub(super) fn unusable(error: impl StdError + Send + Sync + 'static) -> OpenError {
    OpenError::Unusable(Box::new(error))
}

/// Whether the database has a part of a store.
pub(super) fn is_incomplete(error: &OpenError) -> bool {
    let OpenError::Unusable(error) = error else { return false };
    matches!(error.downcast_ref(), Some(PostgresOpenError::Incomplete { .. }))
}

impl From<PostgresOpenError> for OpenError {
    fn from(error: PostgresOpenError) -> Self {
        Self::Unusable(Box::new(error))
    }
}
