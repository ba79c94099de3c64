//! Skips tests that cannot run here.

/// Reports that a test is skipped because it cannot run here, and why.
///
/// # Panics
/// If the variable `CI` is set: CI must be able to run every test.
pub fn skip(reason: &str) {
    let is_ci = crate::environment::variable("CI").is_some();
    assert!(!is_ci, "CI cannot run this test: {reason}");
    eprintln!("!! SKIPPED: {reason}");
}
