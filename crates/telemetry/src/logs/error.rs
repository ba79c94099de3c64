//! Why logging could not be set up.

use tracing_subscriber::util::TryInitError;

/// Why logging could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum LogsError {
    /// The filter is not one.
    #[error(
        "`{filter}` is no log filter: write a level (error, warn, info, debug, trace, off) \
         or levels by target, such as info,roster::access=warn"
    )]
    Filter {
        /// What was given.
        filter: String,
    },
    /// The process logs already.
    #[error("logging is set up already")]
    Twice(#[from] TryInitError),
    /// The thread that writes could not be started.
    #[error("cannot start the thread that writes the log")]
    Thread(#[source] std::io::Error),
}
