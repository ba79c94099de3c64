//! Work with files, away from the threads of requests.

use std::io;

use roster_storage::StoreError;

/// Runs `work` on a thread that may block.
///
/// # Errors
/// [`StoreError::Damaged`] for a file that is not what it should be, [`StoreError::Unavailable`] otherwise.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, StoreError> {
    let done = tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(io::Error::other(error)));
    done.map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData => StoreError::Damaged(Box::new(error)),
        _ => unavailable(error),
    })
}

/// The error of a file that cannot be written or read now.
pub(super) fn unavailable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
    StoreError::Unavailable(error.into())
}
