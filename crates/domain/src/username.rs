//! Usernames.

use crate::CodedError;
use crate::lookup_key::lookup_key;
use precis_profiles::UsernameCaseMapped;
use precis_profiles::precis_core::profile::PrecisFastInvocation;
use roster_identity::text_value;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use thiserror::Error;

/// A username of the profile `UsernameCaseMapped` (RFC 8265, section 3.3): kept as typed, compared mapped.
///
/// It contains no `@`, so that a login name is either a username or an email address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Username {
    typed: Arc<str>,
    key: UsernameKey,
}

lookup_key! {
    /// The key by which usernames are compared: width- and case-mapped, in NFC.
    UsernameKey
}

/// Why a text is not a username.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum UsernameError {
    /// The text is empty.
    #[error("a username must not be empty")]
    Empty,
    /// More than [`Username::MAX_LEN`] code points.
    #[error("a username has at most {} characters", Username::MAX_LEN)]
    TooLong,
    /// An `@`, which would make it look like an email address.
    #[error("a username must not contain \"@\"")]
    AtSign,
    /// A space, a control character, punctuation outside ASCII, or mixed directions (RFC 8265).
    #[error("a username may contain letters, digits and ASCII punctuation, but no spaces (RFC 8265)")]
    Character,
}

impl Username {
    /// The maximum number of code points.
    pub const MAX_LEN: usize = 64;
    /// The minimum number of code points.
    pub const MIN_LEN: usize = 1;
    /// The part of the rule that a schema can express: no white space, no `@`.
    pub const PATTERN: &'static str = r"^[^\s@]+$";

    /// Checks a username, which is kept as typed.
    ///
    /// # Errors
    /// The first rule of [`UsernameError`] that the text violates.
    pub fn new(text: impl Into<String>) -> Result<Self, UsernameError> {
        let text = text.into();
        if text.is_empty() {
            return Err(UsernameError::Empty);
        }
        if text.chars().count() > Self::MAX_LEN {
            return Err(UsernameError::TooLong);
        }
        let mapped = mapped(&text)?;
        // The mapped form is checked too, because U+FF20 maps to "@".
        if mapped.contains('@') || text.contains('@') {
            return Err(UsernameError::AtSign);
        }
        if mapped.chars().count() > Self::MAX_LEN {
            return Err(UsernameError::TooLong);
        }
        let typed = Arc::<str>::from(text.as_str());
        let key = if *mapped == *typed { Arc::clone(&typed) } else { mapped.into() };
        Ok(Self { typed, key: UsernameKey(key) })
    }

    /// The key by which it is compared.
    #[must_use]
    pub const fn key(&self) -> &UsernameKey {
        &self.key
    }
}

/// The text as the profile maps it.
fn mapped(text: &str) -> Result<Cow<'_, str>, UsernameError> {
    // The profile allows these and only changes their case, which takes a fraction of the time here.
    if text.bytes().all(|byte| byte.is_ascii_graphic()) {
        let has_capitals = text.bytes().any(|byte| byte.is_ascii_uppercase());
        return Ok(if has_capitals { text.to_ascii_lowercase().into() } else { text.into() });
    }
    UsernameCaseMapped::enforce(text).map_err(|_| UsernameError::Character)
}

text_value!(Username, typed, UsernameError);

impl CodedError for UsernameError {
    fn code(&self) -> &'static str {
        match self {
            Self::Empty => "username_empty",
            Self::TooLong => "username_too_long",
            Self::AtSign | Self::Character => "username_invalid",
        }
    }
}

impl fmt::Display for UsernameKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_username_is_kept_as_typed_and_compared_mapped() {
        let name = Username::new("Ｚoë").unwrap();
        assert_eq!(name.as_str(), "Ｚoë");
        assert_eq!(name.key(), Username::new("zoë").unwrap().key());
    }

    #[test]
    fn ascii_is_mapped_as_the_profile_does() {
        for byte in 0..=0x7f_u8 {
            for text in [format!("a{}Z", char::from(byte)), char::from(byte).to_string()] {
                let by_profile = UsernameCaseMapped::enforce(text.as_str());
                assert_eq!(mapped(&text).ok(), by_profile.ok(), "{text:?}");
            }
        }
    }

    #[test]
    fn composed_and_decomposed_spellings_are_one_name() {
        assert_eq!(Username::new("tom\u{e1}s").unwrap().key(), Username::new("toma\u{301}s").unwrap().key());
    }

    #[test]
    fn names_that_look_like_an_address_are_rejected() {
        assert_eq!(Username::new("a@b"), Err(UsernameError::AtSign));
        assert_eq!(Username::new("a\u{ff20}b"), Err(UsernameError::AtSign));
    }

    #[test]
    fn spaces_controls_and_emoji_are_rejected() {
        for text in ["a b", "a\0b", "a\tb", "😀", "\u{202e}abc", " "] {
            assert_eq!(Username::new(text), Err(UsernameError::Character), "{text:?}");
        }
    }

    #[test]
    fn length_is_counted_in_code_points() {
        assert!(Username::new("李".repeat(64)).is_ok());
        assert_eq!(Username::new("李".repeat(65)), Err(UsernameError::TooLong));
        assert_eq!(Username::new(""), Err(UsernameError::Empty));
    }

    #[test]
    fn a_stored_username_is_checked_by_the_same_rules() {
        assert!(serde_json::from_str::<Username>("\"a b\"").is_err());
        assert_eq!(serde_json::to_string(&Username::new("Zoe").unwrap()).unwrap(), "\"Zoe\"");
    }
}
