//! What a line of a file of accounts is.

use serde_json::{Map, Value};

/// What a line is.
pub(crate) enum AccountLine {
    Account(Map<String, Value>),
    /// An account that nobody logs in to, of this kind.
    NotAPerson(&'static str),
}

/// Whether a line of such a file is blank or a comment.
pub(crate) fn is_blank_or_comment(line: &str) -> bool {
    line.trim().is_empty() || line.starts_with('#')
}
