//! Records that are rows of a database.

use std::borrow::Cow;

use crate::file::snippet::{RawRecord, Snippet};
use crate::report::location::RecordLocation;

/// How a row begins: with the member that names it, which `roster-import-sources` writes first.
const START: &str = "{\"roster_row\":\"";

/// The text of the row without the member that names it, which is not one of its columns: a table may have a column of the
/// same name.
pub(crate) fn without_name(snippet: &Snippet) -> Cow<'_, Snippet> {
    let Some((_, rest)) = name_and_rest(&snippet.text) else { return Cow::Borrowed(snippet) };
    let text = format!("{{{}", rest.strip_prefix(',').unwrap_or(rest));
    let column = snippet.column + snippet.text.len() - text.len();
    Cow::Owned(Snippet { text, column, ..*snippet })
}

fn name_and_rest(text: &str) -> Option<(String, &str)> {
    let value = begins(text).then(|| &text[START.len() - 1..])?;
    let mut values = serde_json::Deserializer::from_str(value).into_iter::<String>();
    let name = values.next()?.ok()?;
    Some((name, &value[values.byte_offset()..]))
}

/// Whether a file begins with a row. Then it has a row on each line, whatever the columns are called.
pub(crate) fn begins(head: &str) -> bool {
    head.starts_with(START)
}

/// Where a record is: the row, if it names one.
pub(crate) fn location_of(record: &RawRecord) -> RecordLocation {
    let text = record.body.as_ref().ok().map(|snippet| snippet.text.as_str());
    match (&record.location, text.and_then(name_and_rest)) {
        (RecordLocation::Line { line }, Some((row, _))) => RecordLocation::Row { row, line: *line },
        (location, _) => location.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_with_the_name_of_its_row_is_that_row() {
        let located = |text: &str| {
            let snippet = Snippet { text: text.to_owned(), line: 3, column: 1 };
            location_of(&RawRecord::new(RecordLocation::Line { line: 3 }, Ok(snippet))).to_string()
        };
        assert_eq!(located(r#"{"roster_row":"17","email":"a@b.c"}"#), "row 17");
        assert_eq!(located(r#"{"email":"a@b.c","roster_row":"17"}"#), "line 3");
    }

    #[test]
    fn a_column_may_be_called_like_the_member_that_names_the_row() {
        let text = r#"{"roster_row":"a\"7","roster_row":"x","email":"a@b.c"}"#;
        let snippet = Snippet { text: text.to_owned(), line: 3, column: 1 };
        let fields = without_name(&snippet).fields().unwrap();
        assert_eq!((fields.len(), &fields["roster_row"]), (2, &"x".into()));
        assert_eq!(name_and_rest(text).unwrap().0, "a\"7");
    }
}
