//! Skips tests that cannot run here.

/// Reports that a test is skipped because it cannot run here, and why.
///
/// # Panics
/// If the variable `CI` is set: CI must be able to run every test.
pub fn skip(reason: &str) {
    #[expect(clippy::disallowed_methods, reason = "this is a setting of the tests, not of Roster")]
    let is_ci = std::env::var_os("CI").is_some();
    assert!(!is_ci, "CI cannot run this test: {reason}");
    eprintln!("!! SKIPPED: {reason}");
}
