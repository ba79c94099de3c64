//! Errors of setting up logging.

use tracing_subscriber::util::TryInitError;

/// Why logging could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum LogsError {
    /// The filter is invalid.
    #[error(
        "`{filter}` is not a log filter: use a level (error, warn, info, debug, trace, off) \
         or levels by target, such as info,roster::access=warn"
    )]
    Filter {
        /// The invalid text.
        filter: String,
    },
    /// The process has set up logging before.
    #[error("logging is set up already")]
    Twice(#[from] TryInitError),
    /// The writing thread could not be started.
    #[error("cannot start the thread that writes the log")]
    Thread(#[source] std::io::Error),
}
