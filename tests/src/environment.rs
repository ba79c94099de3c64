//! The settings of the tests themselves.

use std::ffi::OsString;

/// The value of a variable.
#[expect(clippy::disallowed_methods, reason = "this is a setting of the tests, not of Roster")]
pub(crate) fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}
