//! The asynchronous runtime.

use anyhow::Context as _;
use tokio::runtime::{Builder, Runtime};

/// A runtime on this thread: hashing, storing and serving have threads of their own.
///
/// # Errors
/// If the system gives none.
pub(crate) fn runtime() -> anyhow::Result<Runtime> {
    Builder::new_current_thread().enable_all().build().context("cannot start the runtime")
}
