//! Names of service accounts.

use crate::CodedError;
use roster_identity::text_value;
use thiserror::Error;

/// The name of a service account: made for scripts, with one spelling.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceAccountName(Box<str>);

/// Why a text is not a service account's name.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum ServiceAccountNameError {
    /// The text is empty.
    #[error("a service account's name must not be empty")]
    Empty,
    /// More than [`ServiceAccountName::MAX_LEN`] characters.
    #[error("a service account's name has at most {} characters", ServiceAccountName::MAX_LEN)]
    TooLong,
    /// A character outside [`ServiceAccountName::PATTERN`].
    #[error("a service account's name consists of a-z, 0-9 and . _ - and starts with a letter or a digit")]
    Character,
}

impl ServiceAccountName {
    /// The minimum number of characters.
    pub const MIN_LEN: usize = 1;
    /// The maximum number of characters.
    pub const MAX_LEN: usize = 64;
    /// The rule as a regular expression.
    pub const PATTERN: &'static str = r"^[a-z0-9][a-z0-9._-]*$";

    /// Checks a name.
    ///
    /// # Errors
    /// The first rule of [`ServiceAccountNameError`] that the text violates.
    pub fn new(text: impl Into<String>) -> Result<Self, ServiceAccountNameError> {
        let text = text.into();
        let first = text.bytes().next().ok_or(ServiceAccountNameError::Empty)?;
        if text.len() > Self::MAX_LEN {
            return Err(ServiceAccountNameError::TooLong);
        }
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        if !plain(first) || !text.bytes().all(|byte| plain(byte) || b"._-".contains(&byte)) {
            return Err(ServiceAccountNameError::Character);
        }
        Ok(Self(text.into()))
    }
}

text_value!(ServiceAccountName, 0, ServiceAccountNameError);

impl CodedError for ServiceAccountNameError {
    fn code(&self) -> &'static str {
        match self {
            Self::Empty => "name_empty",
            Self::TooLong => "name_too_long",
            Self::Character => "name_invalid",
        }
    }
}
