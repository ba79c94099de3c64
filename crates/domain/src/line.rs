//! Short notes: any text on one line, kept as given and never interpreted.

use crate::CodedError;
use roster_identity::text_value;
use thiserror::Error;

/// Why a text is not a single line of the allowed length.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum LineError {
    /// Nothing but white space.
    #[error("this must not be blank")]
    Blank,
    /// Too many code points.
    #[error("this has at most {max} characters")]
    TooLong {
        /// The maximum.
        max: usize,
    },
    /// A line break or another control character.
    #[error("this must be one line, without control characters")]
    Control,
}

impl CodedError for LineError {
    fn code(&self) -> &'static str {
        match self {
            Self::Blank => "text_blank",
            Self::TooLong { .. } => "text_too_long",
            Self::Control => "text_invalid",
        }
    }
}

fn check(text: String, max: usize) -> Result<Box<str>, LineError> {
    if text.chars().any(char::is_control) {
        return Err(LineError::Control);
    }
    if text.trim().is_empty() {
        return Err(LineError::Blank);
    }
    if text.chars().count() > max {
        return Err(LineError::TooLong { max });
    }
    Ok(text.into())
}

macro_rules! line {
    ($(#[$doc:meta])* $name:ident, $max:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(Box<str>);

        impl $name {
            /// The minimum number of code points.
            pub const MIN_LEN: usize = 1;
            /// The maximum number of code points.
            pub const MAX_LEN: usize = $max;

            /// Checks a line, which is kept as given.
            ///
            /// # Errors
            /// The first rule of [`LineError`] that the text violates.
            pub fn new(text: impl Into<String>) -> Result<Self, LineError> {
                check(text.into(), Self::MAX_LEN).map(Self)
            }
        }

        text_value!($name, 0, LineError);
    };
}

line! {
    /// The purpose of a service account, in a sentence.
    Description, 500
}

line! {
    /// The name of an API key, such as `deploy, blue cluster`. Need not be unique.
    ApiKeyName, 100
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_any_script_is_kept_as_given() {
        for text in ["nightly <b>backup</b>", "夜間バックアップ", " padded "] {
            assert_eq!(ApiKeyName::new(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn blank_long_and_multi_line_texts_are_rejected() {
        assert_eq!(ApiKeyName::new(" "), Err(LineError::Blank));
        assert_eq!(ApiKeyName::new("x".repeat(101)), Err(LineError::TooLong { max: 100 }));
        assert_eq!(Description::new("a\nb"), Err(LineError::Control));
        assert!(Description::new("é".repeat(500)).is_ok());
    }
}
