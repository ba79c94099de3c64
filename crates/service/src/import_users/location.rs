//! Where a record stands in its file.

use serde::Serialize;
use std::fmt;

/// Where a record stands, so that its owner finds it again. Lines and positions count from one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum RecordLocation {
    /// In a map.
    Key {
        /// Its key.
        key: String,
        /// The line it begins on.
        line: usize,
    },
    /// In an array.
    Position {
        /// Which one it is.
        position: usize,
        /// The line it begins on.
        line: usize,
    },
    /// On its own.
    Line {
        /// The line it begins on.
        line: usize,
    },
}

impl RecordLocation {
    /// The line it begins on.
    #[must_use]
    pub const fn line(&self) -> usize {
        match self {
            Self::Key { line, .. } | Self::Position { line, .. } | Self::Line { line } => *line,
        }
    }

    /// Its key, in a map.
    pub(super) fn key(&self) -> Option<&str> {
        match self {
            Self::Key { key, .. } => Some(key),
            Self::Position { .. } | Self::Line { .. } => None,
        }
    }
}

impl fmt::Display for RecordLocation {
    /// The name of the record in a sentence, without the line where another name does.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key { key, .. } => write!(f, "record {}", Escaped(key)),
            Self::Position { position, .. } => write!(f, "record #{position}"),
            Self::Line { line } => write!(f, "line {line}"),
        }
    }
}

/// Text of a file in a sentence for a terminal: cut to a bearable length, control characters escaped.
pub(super) struct Escaped<'a>(pub(super) &'a str);

impl Escaped<'_> {
    const MAX_LEN: usize = 80;
}

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (count, char) in self.0.chars().enumerate() {
            if count == Self::MAX_LEN {
                return f.write_str("…");
            }
            if is_invisible(char) { write!(f, "{}", char.escape_unicode())? } else { write!(f, "{char}")? }
        }
        Ok(())
    }
}

/// Control characters, and those that turn the direction of the text around them.
fn is_invisible(char: char) -> bool {
    char.is_control() || matches!(char, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_cannot_steer_the_terminal() {
        let location = RecordLocation::Key { key: format!("\u{1b}[2J{}", "x".repeat(100)), line: 1 };
        assert!(location.to_string().starts_with("record \\u{1b}[2Jxxx"));
        assert!(location.to_string().ends_with("x…"));
    }
}
