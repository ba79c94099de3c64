//! Environment variables.

use std::env;

/// The value of a variable, unless it is empty.
#[expect(clippy::disallowed_methods, reason = "tests have no settings of their own")]
pub(crate) fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}
