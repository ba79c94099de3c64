//! Records that are rows of a database.

use serde::Deserialize;

use crate::file::snippet::RawRecord;
use crate::report::location::RecordLocation;

/// The member that names the row. `roster-import-sources` writes it first.
pub(crate) const ROW: &str = "roster_row";

const START: &str = "{\"roster_row\":\"";

#[derive(Deserialize)]
struct Row {
    roster_row: String,
}

/// Whether a file begins with a row. Then it has a row on each line, whatever the columns are called.
pub(crate) fn begins(head: &str) -> bool {
    head.starts_with(START)
}

/// Where a record is: the row, if it names one.
pub(crate) fn location_of(record: &RawRecord) -> RecordLocation {
    let text = record.body.as_ref().ok().map(|snippet| snippet.text.as_str());
    let row = text.filter(|text| begins(text)).and_then(|text| serde_json::from_str(text).ok());
    match (&record.location, row) {
        (RecordLocation::Line { line }, Some(Row { roster_row: row })) => {
            RecordLocation::Row { row, line: *line }
        }
        (location, _) => location.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::snippet::Snippet;

    #[test]
    fn a_record_with_the_name_of_its_row_is_that_row() {
        let located = |text: &str| {
            let snippet = Snippet { text: text.to_owned(), line: 3, column: 1 };
            location_of(&RawRecord::new(RecordLocation::Line { line: 3 }, Ok(snippet))).to_string()
        };
        assert_eq!(located(r#"{"roster_row":"17","email":"a@b.c"}"#), "row 17");
        assert_eq!(located(r#"{"email":"a@b.c","roster_row":"17"}"#), "line 3");
    }
}
