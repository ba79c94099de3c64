//! Where a record is in its file.

use serde::{Serialize, Serializer};
use std::fmt;

/// Where a record is, so that the operator can find it. Lines and positions count from one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordLocation {
    /// In a map.
    Key {
        /// Its key.
        key: String,
        /// The line on which it begins.
        line: usize,
    },
    /// In an array.
    Position {
        /// Its position in the array.
        position: usize,
        /// The line on which it begins.
        line: usize,
    },
    /// On a line of its own.
    Line {
        /// The line on which it begins.
        line: usize,
    },
    /// A row of a database.
    Row {
        /// Its key, or `#` and its number.
        row: String,
        /// The line on which the record of the row begins.
        line: usize,
    },
    /// In one of several files.
    InFile {
        /// The name of the file.
        file: String,
        /// Where it is in the file.
        location: Box<RecordLocation>,
    },
}

impl RecordLocation {
    /// The line on which it begins.
    #[must_use]
    pub fn line(&self) -> usize {
        match self {
            Self::Key { line, .. }
            | Self::Position { line, .. }
            | Self::Row { line, .. }
            | Self::Line { line } => *line,
            Self::InFile { location, .. } => location.line(),
        }
    }

    fn file(&self) -> Option<&str> {
        match self {
            Self::InFile { file, .. } => Some(file),
            Self::Key { .. } | Self::Position { .. } | Self::Row { .. } | Self::Line { .. } => None,
        }
    }

    fn position(&self) -> Option<usize> {
        match self {
            Self::Position { position, .. } => Some(*position),
            Self::InFile { location, .. } => location.position(),
            Self::Key { .. } | Self::Row { .. } | Self::Line { .. } => None,
        }
    }

    fn row(&self) -> Option<&str> {
        match self {
            Self::Row { row, .. } => Some(row),
            Self::InFile { location, .. } => location.row(),
            Self::Key { .. } | Self::Position { .. } | Self::Line { .. } => None,
        }
    }

    /// The same location in one of several files; unchanged without the name of a file.
    pub(crate) fn in_file(self, file: Option<&str>) -> Self {
        match file {
            Some(file) => Self::InFile { file: file.to_owned(), location: Box::new(self) },
            None => self,
        }
    }

    /// Its key, if it is in a map.
    pub(crate) fn key(&self) -> Option<&str> {
        match self {
            Self::Key { key, .. } => Some(key),
            Self::Position { .. } | Self::Row { .. } | Self::Line { .. } => None,
            Self::InFile { location, .. } => location.key(),
        }
    }
}

impl Serialize for RecordLocation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Flat<'a> {
            #[serde(skip_serializing_if = "Option::is_none")]
            file: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            key: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            position: Option<usize>,
            #[serde(skip_serializing_if = "Option::is_none")]
            row: Option<&'a str>,
            line: usize,
        }
        let flat = Flat {
            file: self.file(),
            key: self.key(),
            position: self.position(),
            row: self.row(),
            line: self.line(),
        };
        flat.serialize(serializer)
    }
}

impl fmt::Display for RecordLocation {
    /// Names the record in a sentence. The line is named only if there is nothing else.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key { key, .. } => write!(f, "record {}", Escaped(key)),
            Self::Position { position, .. } => write!(f, "record #{position}"),
            Self::Row { row, .. } => write!(f, "row {}", Escaped(row)),
            Self::Line { line } => write!(f, "line {line}"),
            Self::InFile { file, location } => write!(f, "{location} of {}", Escaped(file)),
        }
    }
}

/// Text from the file, made safe for a terminal: control characters are escaped, and a long text is cut.
pub(crate) struct Escaped<'a>(pub(crate) &'a str);

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

/// Control characters, and characters that change the text direction.
pub(crate) fn is_invisible(char: char) -> bool {
    char.is_control() || matches!(char, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_of_a_key_are_escaped() {
        let location = RecordLocation::Key { key: format!("\u{1b}[2J{}", "x".repeat(100)), line: 1 };
        assert!(location.to_string().starts_with("record \\u{1b}[2Jxxx"));
        assert!(location.to_string().ends_with("x…"));
    }
}
