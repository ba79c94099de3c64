//! Splits compound names, such as `accountlocked`, into their words.

use crate::locks::account_words::{ACCOUNT_WORDS, ACTIVE_WORDS};
use crate::locks::foreign_words::{FOREIGN_ACTIVE_WORDS, FOREIGN_LOCK_WORDS};
use crate::locks::words::{
    COUNT_WORDS, EMBEDDED_LOCK_WORDS, LOCK_WORDS, MEASURE_WORDS, NEGATION_WORDS, NEUTRAL_WORDS,
    OTHER_ACCOUNT_WORDS, PAST_WORDS, UNLOCK_WORDS, UNTIL_WORDS,
};

/// The words of a name. Compounds without a separator are split too: `nsaccountlock`, `islocked`.
pub(crate) fn split_compounds(words: Vec<String>) -> Vec<String> {
    /// Longer words are not split: nobody types such a name.
    const MAX_LEN: usize = 48;
    let split_word = |word: String| {
        if word.len() > MAX_LEN || is_known(&word) {
            return vec![word];
        }
        if let Some(parts) = split(&word) {
            return parts;
        }
        let lock = EMBEDDED_LOCK_WORDS.iter().find(|lock| word.starts_with(**lock) || word.ends_with(**lock));
        match lock {
            Some(lock) => vec![(*lock).to_owned(), word],
            None => vec![word],
        }
    };
    words.into_iter().flat_map(split_word).collect()
}

fn known_words() -> impl Iterator<Item = &'static str> {
    let lists = [
        LOCK_WORDS,
        FOREIGN_LOCK_WORDS,
        UNLOCK_WORDS,
        ACTIVE_WORDS,
        FOREIGN_ACTIVE_WORDS,
        NEUTRAL_WORDS,
        UNTIL_WORDS,
        NEGATION_WORDS,
        ACCOUNT_WORDS,
    ];
    lists.into_iter().flatten().copied()
}

fn is_known(word: &str) -> bool {
    let lists = [COUNT_WORDS, MEASURE_WORDS, PAST_WORDS, OTHER_ACCOUNT_WORDS];
    known_words().any(|known| known == word) || lists.iter().any(|list| list.contains(&word))
}

/// A text split into known words, if it consists of them. Where several words fit, the longest one is tried first.
fn split(text: &str) -> Option<Vec<String>> {
    // The position after which the text cannot be split, by byte: each is tried once.
    let mut dead_ends = vec![false; text.len() + 1];
    let mut parts = Vec::new();
    split_from(text, 0, &mut dead_ends, &mut parts).then(|| parts.into_iter().map(str::to_owned).collect())
}

fn split_from(text: &str, begin: usize, dead_ends: &mut [bool], parts: &mut Vec<&'static str>) -> bool {
    let rest = &text[begin..];
    if rest.is_empty() {
        return true;
    }
    if dead_ends[begin] {
        return false;
    }
    let mut prefixes: Vec<_> = known_words().filter(|word| rest.starts_with(word)).collect();
    prefixes.sort_by_key(|word| std::cmp::Reverse(word.len()));
    prefixes.dedup();
    for prefix in prefixes {
        parts.push(prefix);
        if split_from(text, begin + prefix.len(), dead_ends, parts) {
            return true;
        }
        parts.pop();
    }
    dead_ends[begin] = true;
    false
}
