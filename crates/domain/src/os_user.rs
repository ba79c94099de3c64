//! Accounts of the operating system.

use crate::CodedError;
use roster_identity::text_value;
use std::sync::Arc;
use thiserror::Error;

/// An account of the operating system, such as `root`, or `uid:1001` if the account has no name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OsUser(Arc<str>);

/// Why a text cannot name an account of the operating system.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error(
    "the name of an operating-system account has 1 to {} bytes and no control characters",
    OsUser::MAX_BYTES
)]
pub struct OsUserError;

impl OsUser {
    /// The maximum length in bytes, as on Linux (`LOGIN_NAME_MAX`).
    pub const MAX_BYTES: usize = 256;

    /// Checks a name, as the system gives it.
    ///
    /// # Errors
    /// [`OsUserError`].
    pub fn new(name: impl AsRef<str>) -> Result<Self, OsUserError> {
        let name = name.as_ref();
        let fits = (1..=Self::MAX_BYTES).contains(&name.len()) && !name.chars().any(char::is_control);
        if fits { Ok(Self(name.into())) } else { Err(OsUserError) }
    }

    /// The account with this number, if it has no usable name.
    #[must_use]
    pub fn nameless(uid: u32) -> Self {
        Self(format!("uid:{uid}").into())
    }
}

text_value!(OsUser, 0, OsUserError);

impl CodedError for OsUserError {
    fn code(&self) -> &'static str {
        "os_user_invalid"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_other_systems_are_kept_as_they_are() {
        for name in ["root", "anna", "DOMAIN\\anna", "svc-roster@corp.example"] {
            assert_eq!(OsUser::new(name).map(String::from).as_deref(), Ok(name));
        }
        assert_eq!(OsUser::nameless(1001).as_str(), "uid:1001");
    }

    #[test]
    fn a_name_that_could_control_a_terminal_is_rejected() {
        for name in ["", "a\u{1b}[2J", "a\nb", &"x".repeat(257)] {
            assert_eq!(OsUser::new(name), Err(OsUserError), "{name:?}");
        }
    }
}
