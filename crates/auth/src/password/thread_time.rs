//! The clock of a thread.

use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// The processor time that this thread has used.
pub(super) fn thread_time() -> Duration {
    clock_gettime(ClockId::ThreadCPUTime).try_into().unwrap_or_default()
}
