//! The accounts that the benchmark logs in with.

/// Everybody's password.
pub(crate) const PASSWORD: &str = "Correct-Horse-9!";
/// Who may change the others.
pub(crate) const ADMIN: &str = "bench-admin";
/// Somebody who reads their own profile and logs in.
pub(crate) const READER: &str = "person0";
