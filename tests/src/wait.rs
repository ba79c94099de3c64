//! Waits for events in another process.

use std::thread;
use std::time::{Duration, Instant};

/// How long a test waits before it fails. Much longer than anything takes on a busy machine.
pub const DEADLINE: Duration = Duration::from_mins(1);

/// Polls until `poll` returns a value.
///
/// # Panics
/// After [`DEADLINE`]. The message says that `what` did not happen.
pub fn wait_for<T>(what: &str, mut poll: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(value) = poll() {
            return value;
        }
        assert!(start.elapsed() < DEADLINE, "timed out waiting for {what}");
        thread::sleep(Duration::from_millis(10));
    }
}
