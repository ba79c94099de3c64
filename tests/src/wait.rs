//! Waiting for what happens in another process.

use std::thread;
use std::time::{Duration, Instant};

/// How long anything may take before a test gives up: far more than it does on a busy machine.
pub const DEADLINE: Duration = Duration::from_mins(1);

/// Asks again and again until there is an answer.
///
/// # Panics
/// After [`DEADLINE`], naming `what` did not happen.
pub fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(start.elapsed() < DEADLINE, "in vain: waited for {what}");
        thread::sleep(Duration::from_millis(10));
    }
}
