//! How the names of fields are compared, whatever their case and separators.

use std::collections::HashMap;

/// How many names are kept. A file with more has data in its names.
const MAX_KNOWN: usize = 256;

/// The longest names that are kept, in bytes.
const LONGEST_KNOWN: usize = 64;

/// What is known about the names of fields so far: the records of a file have the same few names.
pub(crate) struct KnownNames<T>(HashMap<String, T>);

impl<T> Default for KnownNames<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T: Copy> KnownNames<T> {
    /// What is known about a name, or what `classify` finds.
    pub(crate) fn get_or_classify(&mut self, name: &str, classify: impl FnOnce(&str) -> T) -> T {
        if let Some(known) = self.0.get(name) {
            return *known;
        }
        let found = classify(name);
        if self.0.len() < MAX_KNOWN && name.len() <= LONGEST_KNOWN {
            self.0.insert(name.to_owned(), found);
        }
        found
    }
}

/// A name in lower case without separators: `password_hash` and `passwordHash` are the same.
pub(crate) fn normalized(name: &str) -> String {
    let mut normalized = String::with_capacity(name.len());
    for char in name.chars().filter(|char| !matches!(char, '_' | '-' | ' ')) {
        push_lowercase(&mut normalized, char);
    }
    normalized
}

/// The words of a name in snake, kebab or camel case, in lower case.
pub(crate) fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_lower = false;
    for char in name.chars() {
        let begins = !char.is_alphanumeric() || (char.is_uppercase() && after_lower);
        if begins && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| char.is_alphanumeric()) {
            push_lowercase(word, char);
        }
        after_lower = !char.is_uppercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Most names are ASCII, for which this is several times as fast as the rules of Unicode.
fn push_lowercase(text: &mut String, char: char) {
    if char.is_ascii() {
        text.push(char.to_ascii_lowercase());
    } else {
        text.extend(char.to_lowercase());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_classified_once_and_the_memory_for_names_is_bounded() {
        let (mut known, mut classified) = (KnownNames::default(), 0);
        let mut classify = |known: &mut KnownNames<usize>, name: &str| {
            known.get_or_classify(name, |name| {
                classified += 1;
                name.len()
            })
        };
        assert_eq!([0, 1].map(|_| classify(&mut known, "email")), [5, 5]);
        let long = "x".repeat(LONGEST_KNOWN + 1);
        assert_eq!([0, 1].map(|_| classify(&mut known, &long)), [long.len(); 2]);
        for name in (0..2 * MAX_KNOWN).map(|number| number.to_string()) {
            assert_eq!(classify(&mut known, &name), name.len());
        }
        assert_eq!(classified, 1 + 2 + 2 * MAX_KNOWN);
        assert_eq!(known.0.len(), MAX_KNOWN);
    }
}
