//! Rules for new passwords.

use super::Password;
use super::common::is_common;
use roster_domain::CodedError;
use thiserror::Error;
use zeroize::Zeroizing;

/// The requirements for a new password (NIST SP 800-63B, section 3.1.1.2): long enough, not a common one, and not the
/// user's own name. No rules about digits or punctuation. The policy never applies at login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordPolicy {
    /// The minimum number of code points.
    pub min_length: usize,
}

/// Why a password was rejected.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum PasswordError {
    /// Fewer code points than the policy requires.
    #[error("a password has at least {min_length} characters")]
    TooShort {
        /// The required number.
        min_length: usize,
    },
    /// More than [`Password::MAX_BYTES`] bytes.
    #[error("a password has at most {} bytes", Password::MAX_BYTES)]
    TooLong,
    /// It is one of the most common passwords.
    #[error("this password is among the first that attackers try")]
    Common,
    /// It is the user's name or address, or little more.
    #[error("a password must not be made of your own name or address")]
    ContainsOwnName,
}

impl PasswordPolicy {
    /// The default minimum number of code points.
    pub const DEFAULT_MIN_LENGTH: usize = 8;

    /// Checks a new password. `own` are the user's username, email address and other names.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn check(&self, password: &Password, own: &[&str]) -> Result<(), PasswordError> {
        if password.is_oversized() {
            return Err(PasswordError::TooLong);
        }
        if password.code_points() < self.min_length {
            return Err(PasswordError::TooShort { min_length: self.min_length });
        }
        if is_common(password.text()) {
            return Err(PasswordError::Common);
        }
        let lower = Zeroizing::new(password.text().to_lowercase());
        if own.iter().flat_map(|name| names_in(name)).any(|name| is_mostly(&lower, name)) {
            return Err(PasswordError::ContainsOwnName);
        }
        Ok(())
    }
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self { min_length: Self::DEFAULT_MIN_LENGTH }
    }
}

impl CodedError for PasswordError {
    fn code(&self) -> &'static str {
        match self {
            Self::TooShort { .. } => "password_too_short",
            Self::TooLong => "password_too_long",
            Self::Common => "password_common",
            Self::ContainsOwnName => "password_contains_own_name",
        }
    }
}

/// The whole name and, for an address, the part before the `@`.
fn names_in(own: &str) -> impl Iterator<Item = &str> {
    std::iter::once(own).chain(own.rsplit_once('@').map(|(local, _)| local))
}

/// Whether a name of four or more letters makes up more than half of a password.
fn is_mostly(password: &str, name: &str) -> bool {
    let name = name.to_lowercase();
    let letters = name.chars().count();
    password == name || (letters >= 4 && password.contains(&name) && 2 * letters > password.chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(password: &str, own: &[&str]) -> Result<(), PasswordError> {
        PasswordPolicy::default().check(&Password::new(password.into()), own)
    }

    #[test]
    fn length_is_counted_in_code_points_and_limited_in_bytes() {
        assert_eq!(check("seven77", &[]), Err(PasswordError::TooShort { min_length: 8 }));
        assert_eq!(check("さくら-ふじさん", &[]), Ok(()));
        assert_eq!(check(&"é".repeat(512), &[]), Ok(()));
        assert_eq!(check(&"é".repeat(513), &[]), Err(PasswordError::TooLong));
        assert_eq!(
            PasswordPolicy { min_length: 12 }.check(&Password::new("eleven-char".into()), &[]),
            Err(PasswordError::TooShort { min_length: 12 })
        );
    }

    #[test]
    fn common_passwords_are_rejected_and_composition_is_free() {
        assert_eq!(check("Password1", &[]), Err(PasswordError::Common));
        assert_eq!(check("all lower case and spaces", &[]), Ok(()));
    }

    #[test]
    fn a_password_made_mostly_of_ones_own_name_is_rejected() {
        let own = ["Wilhelmina", "wil.van.oranje@example.com"];
        for password in
            ["wilhelmina", "WILHELMINA", "Wilhelmina-24", "wil.van.oranje1", "wil.van.oranje@example.com"]
        {
            assert_eq!(check(password, &own), Err(PasswordError::ContainsOwnName), "{password}");
        }
        assert_eq!(check("Wilhelmina keeps the bees", &own), Ok(()));
        assert_eq!(check("bob-builds-it", &["bob"]), Ok(()));
        assert_eq!(check("anything goes", &[""]), Ok(()));
    }

    #[test]
    fn codes_are_stable() {
        assert_eq!(PasswordError::TooShort { min_length: 8 }.code(), "password_too_short");
        assert_eq!(PasswordError::ContainsOwnName.code(), "password_contains_own_name");
    }
}
