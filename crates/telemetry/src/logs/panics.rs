//! Panics in the log.

use std::panic;

use tracing::error;

/// Logs every panic as one error event with its message and location, instead of several plain lines on stderr.
pub fn log_panics() {
    panic::set_hook(Box::new(|report| {
        let message = report.payload_as_str().unwrap_or("(no message)");
        let place = report.location().map(ToString::to_string).unwrap_or_default();
        let thread = std::thread::current();
        error!(target: "roster::panic", place, thread = thread.name(), "panicked: {message}");
    }));
}
