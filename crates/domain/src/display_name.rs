//! Display names.

use crate::CodedError;
use roster_identity::text_value;
use std::sync::Arc;
use thiserror::Error;

/// A name to display: any text on one line, kept as given. It is never interpreted as markup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisplayName(Arc<str>);

/// Why a text is not a display name.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum DisplayNameError {
    /// Nothing but white space.
    #[error("a display name must not be empty; leave it out or send null")]
    Empty,
    /// More than [`DisplayName::MAX_LEN`] code points.
    #[error("a display name has at most {} characters", DisplayName::MAX_LEN)]
    TooLong,
    /// A line break or another control character.
    #[error("a display name must not contain control characters")]
    Control,
}

impl DisplayName {
    /// The maximum number of code points.
    pub const MAX_LEN: usize = 200;
    /// The minimum number of code points.
    pub const MIN_LEN: usize = 1;

    /// Checks a display name, which is kept as given.
    ///
    /// # Errors
    /// The first rule of [`DisplayNameError`] that the text violates.
    pub fn new(text: impl Into<String>) -> Result<Self, DisplayNameError> {
        let text = text.into();
        if text.chars().any(char::is_control) {
            return Err(DisplayNameError::Control);
        }
        if text.trim().is_empty() {
            return Err(DisplayNameError::Empty);
        }
        if text.chars().count() > Self::MAX_LEN {
            return Err(DisplayNameError::TooLong);
        }
        Ok(Self(text.into()))
    }
}

text_value!(DisplayName, 0, DisplayNameError);

impl CodedError for DisplayNameError {
    fn code(&self) -> &'static str {
        match self {
            Self::Empty => "display_name_empty",
            Self::TooLong => "display_name_too_long",
            Self::Control => "display_name_invalid",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_and_any_script_are_kept_as_given() {
        for text in ["<b>Zoe</b>", "佐藤 健二", "Seán O'Brien", "👩‍💻"] {
            assert_eq!(DisplayName::new(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn blank_long_and_multi_line_names_are_rejected() {
        assert_eq!(DisplayName::new("  "), Err(DisplayNameError::Empty));
        assert_eq!(DisplayName::new("x".repeat(201)), Err(DisplayNameError::TooLong));
        assert_eq!(DisplayName::new("a\nb"), Err(DisplayNameError::Control));
    }
}
