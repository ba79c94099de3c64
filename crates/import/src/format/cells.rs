//! What the cell of a table means.

use crate::format::formula::unprotect_formulas;
use serde_json::Value;

/// The value of a cell; `None` if it is empty, or says that there is no value. Objects and lists that a database wrote
/// as JSON are read.
pub(crate) fn cell_value(cell: &str) -> Option<Value> {
    let trimmed = cell.trim();
    if matches!(trimmed, "" | "\\N" | "NULL") {
        return None;
    }
    let is_json = trimmed.starts_with(['{', '[']) && trimmed.ends_with(['}', ']']);
    let json = is_json.then(|| serde_json::from_str::<Value>(trimmed).ok()).flatten();
    Some(json.unwrap_or_else(|| cell.into()))
}

/// The value of a cell in an export of Roster. Lists are separated by spaces there, and apostrophes protect what a spreadsheet
/// would run as a formula.
pub(crate) fn exported_value(name: &str, cell: &str) -> Option<Value> {
    let cell = &*unprotect_formulas(cell);
    if matches!(name, "roles" | "pending_reasons") {
        let items: Vec<&str> = cell.split_whitespace().collect();
        return (name == "roles" || !items.is_empty()).then(|| items.into());
    }
    if name == "attributes" { cell_value(cell) } else { (!cell.is_empty()).then(|| cell.into()) }
}

/// A cell of a table that is separated by tabs. `mysql --batch` and PostgreSQL's COPY write line breaks, tabs and
/// backslashes as escapes.
pub(crate) fn unescaped(cell: &str) -> String {
    let mut text = String::with_capacity(cell.len());
    let mut chars = cell.chars().peekable();
    while let Some(char) = chars.next() {
        let escaped = (char == '\\').then(|| chars.peek().copied().and_then(escaped_char)).flatten();
        if escaped.is_some() {
            chars.next();
        }
        text.push(escaped.unwrap_or(char));
    }
    text
}

const fn escaped_char(char: char) -> Option<char> {
    match char {
        'n' => Some('\n'),
        't' => Some('\t'),
        'r' => Some('\r'),
        '\\' => Some('\\'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_cell_is_text_json_or_nothing() {
        for (cell, expected) in [
            ("", None),
            (" ", None),
            ("\\N", None),
            ("NULL", None),
            ("Null", Some(json!("Null"))),
            ("0042", Some(json!("0042"))),
            ("t", Some(json!("t"))),
            (" ann ", Some(json!(" ann "))),
            ("[\"admin\"]", Some(json!(["admin"]))),
            ("{\"a\": {\"locked\": true}}", Some(json!({"a": {"locked": true}}))),
            ("{admin,user}", Some(json!("{admin,user}"))),
        ] {
            assert_eq!(cell_value(cell), expected, "{cell}");
        }
    }

    #[test]
    fn a_cell_of_an_export_is_what_was_exported() {
        for (name, cell, expected) in [
            ("roles", "admin user", Some(json!(["admin", "user"]))),
            ("roles", "", Some(json!([]))),
            ("pending_reasons", "", None),
            ("display_name", "'=1+1", Some(json!("=1+1"))),
            ("display_name", "'s Gravenhage", Some(json!("'s Gravenhage"))),
            ("display_name", "NULL", Some(json!("NULL"))),
            ("attributes", "{\"a\":1}", Some(json!({"a": 1}))),
        ] {
            assert_eq!(exported_value(name, cell), expected, "{name}: {cell}");
        }
    }

    #[test]
    fn escapes_of_a_database_are_resolved() {
        assert_eq!(unescaped("a\\tb\\nc\\\\n\\x\\"), "a\tb\nc\\n\\x\\");
    }
}
