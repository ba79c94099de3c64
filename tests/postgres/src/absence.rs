//! What a test does without PostgreSQL.

use std::io::Write;
use std::thread;

use crate::environment::variable;

const REASON: &str = "PostgreSQL is not installed (no initdb in PATH or /usr/lib/postgresql/*/bin), \
    and ROSTER_TEST_POSTGRES_URL is not set";

/// Reports on stderr, past libtest's capture, that a test is skipped.
///
/// # Panics
/// If `CI` is set.
pub(crate) fn skip() {
    skip_without(REASON);
}

/// The same for another reason.
pub(crate) fn skip_without(reason: &str) {
    assert!(variable("CI").is_none(), "{reason}");
    let thread = thread::current();
    let test = thread.name().unwrap_or("a test");
    let _ = writeln!(std::io::stderr(), "\n!! SKIPPED {test}: {reason}");
}
