//! The exit codes of successful and partly refused commands.

/// The outcome of a command that did not fail. A failure is an error with exit code 1; clap exits with 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CommandOutcome {
    /// The command succeeded: exit code 0.
    Done,
    /// An import refused some records, doctor found a fault, or migrations are pending: exit code 3.
    Refused,
}
