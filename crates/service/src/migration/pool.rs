//! The bound on open questions.

use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many questions may be open. Each holds a blocking thread for [`Migration::timeout`](super::Migration::timeout) at
/// most, out of the runtime's 512.
const MAX_OPEN: usize = 32;

/// The questions that are open.
pub(crate) struct Questions {
    free: Arc<Semaphore>,
}

impl Default for Questions {
    fn default() -> Self {
        Self { free: Arc::new(Semaphore::new(MAX_OPEN)) }
    }
}

impl Questions {
    /// Opens a question, until the permit is dropped. `None` if too many are open.
    pub(super) fn open(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.free).try_acquire_owned().ok()
    }
}
