//! Short texts that people write for each other: any text of one line, kept as given, never interpreted.

use crate::CodedError;
use roster_identity::text_value;
use thiserror::Error;

/// Why a text is no single line of the length that is asked for.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum LineError {
    /// Nothing but white space was given.
    #[error("this must not be blank")]
    Blank,
    /// More code points than fit.
    #[error("this has at most {max} characters")]
    TooLong {
        /// The most that fit.
        max: usize,
    },
    /// A line break or another control character.
    #[error("this is one line, without control characters")]
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
            /// The fewest code points it has.
            pub const MIN_LEN: usize = 1;
            /// The most code points it has.
            pub const MAX_LEN: usize = $max;

            /// Takes a line as given.
            ///
            /// # Errors
            /// The first rule of [`LineError`] that the text breaks.
            pub fn new(text: impl Into<String>) -> Result<Self, LineError> {
                check(text.into(), Self::MAX_LEN).map(Self)
            }
        }

        text_value!($name, 0, LineError);
    };
}

line! {
    /// What a service account is for, in a sentence.
    Description, 500
}

line! {
    /// What an API key is called, such as `deploy, blue cluster`. Need not be unique.
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
    fn blank_long_and_multi_line_texts_are_refused() {
        assert_eq!(ApiKeyName::new(" "), Err(LineError::Blank));
        assert_eq!(ApiKeyName::new("x".repeat(101)), Err(LineError::TooLong { max: 100 }));
        assert_eq!(Description::new("a\nb"), Err(LineError::Control));
        assert!(Description::new("é".repeat(500)).is_ok());
    }
}
