//! Words of stored records, which a newer version may have written.

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;
use thiserror::Error;

/// A closed list of words, as far as this version knows it.
pub trait Vocabulary: Copy + Eq + FromStr {
    /// The word.
    fn word(self) -> &'static str;
}

/// A word of a stored record: one that this version knows, or one that a newer version wrote. The latter is kept and
/// shown as it is, and has no effect.
///
/// ```
/// use roster_domain::{Action, Word};
///
/// let newer: Word<Action> = "group_created".parse()?;
/// assert_eq!((newer.as_str(), newer.known()), ("group_created", None));
/// assert_eq!("logged_in".parse(), Ok(Word::Known(Action::LoggedIn)));
/// # Ok::<(), roster_domain::WordError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Word<T> {
    /// A word that this version knows.
    Known(T),
    /// A word that this version does not know.
    Unknown(UnknownWord),
}

/// A word that this version does not know.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnknownWord(Box<str>);

/// Why a text is not a word.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("a word has 1 to {} characters: a-z, 0-9 and . _ : -", UnknownWord::MAX_LEN)]
pub struct WordError;

impl UnknownWord {
    /// The maximum number of characters.
    pub const MAX_LEN: usize = 64;
    /// The rule for all words as a regular expression.
    pub const PATTERN: &'static str = r"^[a-z0-9._:-]{1,64}$";

    /// The word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn new(text: &str) -> Result<Self, WordError> {
        let is_of_word =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._:-".contains(&byte);
        let is_word = (1..=Self::MAX_LEN).contains(&text.len()) && text.bytes().all(is_of_word);
        if is_word { Ok(Self(text.into())) } else { Err(WordError) }
    }
}

impl<T: Vocabulary> Word<T> {
    /// The word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Known(known) => known.word(),
            Self::Unknown(unknown) => unknown.as_str(),
        }
    }

    /// The word, if this version knows it.
    #[must_use]
    pub const fn known(&self) -> Option<T> {
        match self {
            Self::Known(known) => Some(*known),
            Self::Unknown(_) => None,
        }
    }
}

impl<T> From<T> for Word<T> {
    fn from(known: T) -> Self {
        Self::Known(known)
    }
}

impl<T: PartialEq> PartialEq<T> for Word<T> {
    fn eq(&self, other: &T) -> bool {
        matches!(self, Self::Known(known) if known == other)
    }
}

impl<T: Vocabulary> FromStr for Word<T> {
    type Err = WordError;

    fn from_str(text: &str) -> Result<Self, WordError> {
        match T::from_str(text) {
            Ok(known) => Ok(Self::Known(known)),
            Err(_) => Ok(Self::Unknown(UnknownWord::new(text)?)),
        }
    }
}

impl<T: Vocabulary> TryFrom<String> for Word<T> {
    type Error = WordError;

    fn try_from(text: String) -> Result<Self, WordError> {
        text.parse()
    }
}

impl<T: Vocabulary> fmt::Display for Word<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl<T: Vocabulary> Serialize for Word<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de, T: Vocabulary> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(WordVisitor(PhantomData))
    }
}

/// Parses a word without allocating, unless it is unknown.
struct WordVisitor<T>(PhantomData<T>);

impl<T: Vocabulary> Visitor<'_> for WordVisitor<T> {
    type Value = Word<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&WordError, f)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Word<T>, E> {
        text.parse().map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Action, Field};

    #[test]
    fn a_word_of_a_newer_version_is_kept_as_it_is() {
        for text in ["group_created", "a", "scim:2.0-x", &"w".repeat(UnknownWord::MAX_LEN)] {
            let word: Word<Action> = serde_json::from_value(text.into()).unwrap();
            assert_eq!((word.as_str(), word.known()), (text, None));
            assert_eq!(serde_json::to_value(&word).unwrap(), text);
        }
    }

    #[test]
    fn a_known_word_is_never_unknown() {
        let word: Word<Field> = "roles".parse().unwrap();
        assert_eq!(word, Field::Roles);
        assert_eq!(word, Word::from(Field::Roles));
    }

    #[test]
    fn what_is_not_a_word_is_damage() {
        for text in ["", "Two", "two words", "esc\u{1b}[2J", "nul\0", "é", &"w".repeat(65)] {
            assert_eq!(text.parse::<Word<Action>>(), Err(WordError), "{text:?}");
            let read = serde_json::from_value::<Word<Action>>(text.into());
            assert!(read.unwrap_err().to_string().contains("1 to 64"), "{text:?}");
        }
    }

    #[test]
    fn a_word_takes_no_more_memory_than_a_text() {
        assert_eq!(size_of::<Word<Action>>(), size_of::<Box<str>>());
    }
}
