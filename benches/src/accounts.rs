//! The accounts that the benchmark logs in with.

/// The password of every account.
pub(crate) const PASSWORD: &str = "Correct-Horse-9!";
/// The administrator, who can change all users.
pub(crate) const ADMIN: &str = "bench-admin";
/// A user who reads their own profile and logs in.
pub(crate) const READER: &str = "person0";
