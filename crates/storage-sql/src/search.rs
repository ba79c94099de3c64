//! Searching for a part of a name. SQL never folds case: Rust writes the searched text and the needle in lower case.

use roster_domain::User;

/// What ends a field of the searched text. No field contains it, because it is a control character.
const END: char = '\n';

/// The text in which `q` is searched: the username, email address and display name in lower case, each on a line. It
/// ends with two line ends, so that the last character of each field also starts a sequence of three.
#[must_use]
pub fn search_text(user: &User) -> String {
    let email = user.email.as_ref().map(roster_domain::EmailAddress::as_str);
    let display_name = user.display_name.as_ref().map(roster_domain::DisplayName::as_str);
    let mut text = String::new();
    for field in [Some(user.username.as_str()), email, display_name].into_iter().flatten() {
        text.push_str(&field.to_lowercase());
        text.push(END);
    }
    text.push(END);
    text
}

/// The part that a search is for, in lower case, with one character at least.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needle(String);

/// What the text of a query means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Search {
    /// Everyone matches: no text, or an empty one.
    Everyone,
    /// Nobody matches: no field can contain a control character.
    Nobody,
    /// Those who match are found by this part.
    Part(Needle),
}

impl Search {
    /// The search for the text of a query.
    #[must_use]
    pub fn new(text: Option<&str>) -> Self {
        match text.map(str::to_lowercase) {
            None => Self::Everyone,
            Some(text) if text.is_empty() => Self::Everyone,
            Some(text) if text.chars().any(char::is_control) => Self::Nobody,
            Some(text) => Self::Part(Needle(text)),
        }
    }
}

impl Needle {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number of characters.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.chars().count()
    }

    /// Whether it has no characters, which is never the case.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All sequences of this many characters, in order. Each occurs in every text that contains the needle.
    pub fn grams(&self, len: usize) -> impl Iterator<Item = &str> {
        let starts = || self.0.char_indices().map(|(at, _)| at);
        let ends = starts().skip(len).chain([self.0.len()]);
        starts().zip(ends).map(|(start, end)| &self.0[start..end])
    }

    /// The first text after all that start with the needle; `None` if there is none.
    #[must_use]
    pub fn successor(&self) -> Option<String> {
        let mut text = self.0.clone();
        while let Some(last) = text.pop() {
            // The range skips the surrogates, which are no characters.
            if let Some(next) = (last..=char::MAX).nth(1) {
                text.push(next);
                return Some(text);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use roster_domain::{DisplayName, fixtures};

    fn needle(text: &str) -> Needle {
        match Search::new(Some(text)) {
            Search::Part(needle) => needle,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_searched_text_has_each_field_in_lower_case_on_a_line() {
        let user = fixtures::user(1).with(|user| user.display_name = DisplayName::new("ΑΝΝΑΣ İ").ok());
        assert_eq!(search_text(&user), "person1\nperson1@example.com\nαννας i\u{307}\n\n");
        assert_eq!(search_text(&user.with(|user| user.email = None)), "person1\nαννας i\u{307}\n\n");
    }

    #[test]
    fn no_text_finds_everyone_and_a_control_character_nobody() {
        assert_eq!(Search::new(None), Search::Everyone);
        assert_eq!(Search::new(Some("")), Search::Everyone);
        for text in ["\0", "a\nb", "a\0"] {
            assert_eq!(Search::new(Some(text)), Search::Nobody);
        }
    }

    #[test]
    fn a_needle_is_cut_into_sequences_of_characters() {
        let grams = |text: &str, len| needle(text).grams(len).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(grams("Ada李x", 3), ["ada", "da李", "a李x"]);
        assert_eq!(grams("ab", 1), ["a", "b"]);
        assert_eq!(grams("ab", 2), ["ab"]);
    }

    #[test]
    fn the_successor_follows_all_texts_with_the_prefix() {
        for (text, next) in [("zz", "z{"), ("a\u{d7ff}", "a\u{e000}"), ("b\u{10ffff}", "c")] {
            assert_eq!(needle(text).successor().as_deref(), Some(next));
        }
        assert_eq!(needle("\u{10ffff}").successor(), None);
    }
}
