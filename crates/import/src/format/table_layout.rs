//! How a table is laid out: what separates its cells, and what its columns are called.

use crate::format::header;
use crate::format::problem::FormatProblem;

/// How a table is laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TableLayout {
    pub(crate) delimiter: u8,
    pub(crate) columns: Vec<String>,
    /// The lines before the first record.
    pub(crate) skipped_rows: usize,
    /// Whether an export of Roster wrote the table.
    pub(crate) is_export: bool,
}

/// What may separate cells. In doubt, earlier ones win.
const DELIMITERS: [u8; 4] = *b",;\t|";

/// A first line by which Excel is told the delimiter.
const EXCEL_MARK: &str = "sep=";

/// The delimiter of a table with this first line. `None` if it is no table.
pub(crate) fn delimiter_of(first: &str) -> Option<u8> {
    let first = first.trim_end_matches(['\r', '\n']);
    if let Some([delimiter]) = first.strip_prefix(EXCEL_MARK).map(str::as_bytes) {
        return Some(*delimiter);
    }
    if looks_like_statement(first) {
        return None;
    }
    let count = |delimiter: u8| split(first, delimiter).len();
    let best = DELIMITERS.into_iter().rev().max_by_key(|delimiter| count(*delimiter))?;
    if count(best) > 1 {
        return Some(best);
    }
    // A table of one column is recognised by its name.
    let name = crate::naming::normalized(first.trim().trim_matches('"'));
    ["email", "username", "login", "mail", "emailaddress"].contains(&&*name).then_some(b',')
}

/// Whether a line begins a file of SQL, YAML or a markup language, which may have commas too.
fn looks_like_statement(first: &str) -> bool {
    const STARTS: [&str; 12] =
        ["--", "/*", "#", "<", "- ", "INSERT ", "CREATE ", "SET ", "COPY ", "PRAGMA ", "BEGIN", "SELECT "];
    let upper = first.trim_start().to_ascii_uppercase();
    STARTS.iter().any(|start| upper.starts_with(start))
}

/// The cells of the first row of a table.
pub(crate) fn first_row(head: &str, delimiter: u8) -> Option<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new();
    let mut reader =
        reader.has_headers(false).flexible(true).delimiter(delimiter).from_reader(head.as_bytes());
    let row = reader.records().next()?.ok()?;
    Some(row.iter().map(str::to_owned).collect())
}

fn split(line: &str, delimiter: u8) -> Vec<String> {
    first_row(line, delimiter).unwrap_or_default()
}

impl TableLayout {
    /// The layout of a table with a header. `head` is its start.
    ///
    /// # Errors
    /// If the header is missing or ambiguous, with its line.
    pub(crate) fn with_header(head: &str, delimiter: u8) -> Result<Self, (usize, FormatProblem)> {
        let mark = head.lines().next().filter(|line| line.starts_with(EXCEL_MARK));
        let (rest, skipped) = mark.map_or((head, 0), |mark| (&head[mark.len()..], 1));
        let blank = rest.len() - rest.trim_start_matches(['\r', '\n']).len();
        let line = 1 + head[..mark.map_or(0, str::len) + blank].matches('\n').count();
        let row = first_row(rest, delimiter).unwrap_or_default();
        let columns = header::columns(row).map_err(|problem| (line, problem))?;
        let is_export = columns.iter().any(|name| name == "roster_export");
        Ok(Self { delimiter, columns, skipped_rows: skipped + 1, is_export })
    }

    /// The layout of Firebase's table.
    pub(crate) fn firebase() -> Self {
        let columns = header::firebase_columns();
        Self { delimiter: b',', columns, skipped_rows: 0, is_export: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_the_one_that_makes_most_cells() {
        for (line, expected) in [
            ("a,b;c,d", Some(b',')),
            ("\"a,b,c\";d", Some(b';')),
            ("a\tb,c\td", Some(b'\t')),
            ("a|b", Some(b'|')),
            ("sep=;", Some(b';')),
            ("username", Some(b',')),
            ("garbage", None),
        ] {
            assert_eq!(delimiter_of(line), expected, "{line}");
        }
    }

    #[test]
    fn blank_lines_and_the_mark_of_excel_precede_the_header() {
        let layout = TableLayout::with_header("sep=;\r\nid;name\r\n1;ann\r\n", b';').unwrap();
        assert_eq!((layout.columns, layout.skipped_rows), (vec!["id".to_owned(), "name".to_owned()], 2));
        let (line, problem) = TableLayout::with_header("\n\n1;ann@example.com\n", b';').unwrap_err();
        assert_eq!((line, problem), (3, FormatProblem::NoHeader("1".to_owned())));
    }
}
