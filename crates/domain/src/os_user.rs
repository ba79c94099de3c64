//! Who ran a command, as the operating system knows them.

use crate::CodedError;
use roster_identity::text_value;
use std::sync::Arc;
use thiserror::Error;

/// An account of the operating system, such as `root`, or `uid:1001` where the account has no name.
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
    /// The most bytes that a name has: what Linux allows (`LOGIN_NAME_MAX`).
    pub const MAX_BYTES: usize = 256;

    /// Takes a name as the system gives it.
    ///
    /// # Errors
    /// [`OsUserError`].
    pub fn new(name: impl AsRef<str>) -> Result<Self, OsUserError> {
        let name = name.as_ref();
        let fits = (1..=Self::MAX_BYTES).contains(&name.len()) && !name.chars().any(char::is_control);
        if fits { Ok(Self(name.into())) } else { Err(OsUserError) }
    }

    /// The account without a usable name that has this number.
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
    fn a_name_of_another_system_is_taken_as_it_is() {
        for name in ["root", "anna", "DOMAIN\\anna", "svc-roster@corp.example"] {
            assert_eq!(OsUser::new(name).map(String::from).as_deref(), Ok(name));
        }
        assert_eq!(OsUser::nameless(1001).as_str(), "uid:1001");
    }

    #[test]
    fn a_name_that_could_steer_a_terminal_is_refused() {
        for name in ["", "a\u{1b}[2J", "a\nb", &"x".repeat(257)] {
            assert_eq!(OsUser::new(name), Err(OsUserError), "{name:?}");
        }
    }
}
