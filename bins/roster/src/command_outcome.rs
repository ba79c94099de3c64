//! How a command ended, as the exit code says it.

/// How a command ended that did not fail. A failure is an error and exit code 1; clap ends with 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CommandOutcome {
    /// As asked.
    Done,
    /// Some of what was asked was refused, as the report says.
    Refused,
}
