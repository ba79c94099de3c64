//! The asynchronous runtime.

use anyhow::Context as _;
use tokio::runtime::{Builder, Runtime};

/// Creates a single-threaded runtime. Hashing, storage and HTTP use their own threads.
///
/// # Errors
/// If the system cannot create it.
pub(crate) fn runtime() -> anyhow::Result<Runtime> {
    Builder::new_current_thread().enable_all().build().context("cannot start the runtime")
}
