//! A file, cut into records. Nothing of a record is understood here.

use super::cutter::Cutter;
use super::place::Place;
use super::refusal::Refusal;
use super::strict::Strict;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use thiserror::Error;

/// Why no record of a file can be read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum UnreadableFile {
    /// Nothing but white space.
    #[error("the file is empty")]
    Empty,
    /// UTF-16 (or UTF-32), by its byte order mark or its zero bytes.
    #[error("the file is UTF-16; convert it to UTF-8 first (iconv -f UTF-16 -t UTF-8)")]
    Utf16,
    /// Some other encoding. Line and column (in bytes) count from one.
    #[error("the file is not UTF-8: line {line} column {column}")]
    Encoding {
        /// On which line.
        line: usize,
        /// At which byte of the line.
        column: usize,
    },
    /// Neither one JSON document nor one JSON object a line.
    #[error("the file is not JSON: {reason}, line {line} column {column}")]
    Json {
        /// What is wrong.
        reason: String,
        /// On which line.
        line: usize,
        /// At which byte of the line.
        column: usize,
    },
    /// JSON that can hold no users.
    #[error("the file holds no users: they are expected in an object or an array")]
    NoUsers,
}

/// One record, not yet parsed.
pub(super) struct RawRecord<'a> {
    pub(super) place: Place,
    pub(super) body: Result<Snippet<'a>, Refusal>,
}

/// A part of the file.
#[derive(Clone, Copy)]
pub(super) struct Snippet<'a> {
    pub(super) text: &'a str,
    pub(super) line: usize,
    pub(super) column: usize,
}

impl RawRecord<'_> {
    /// The fields of the record.
    pub(super) fn fields(&self) -> Result<Map<String, Value>, Refusal> {
        let snippet = self.body.clone()?;
        match serde_json::from_str(snippet.text) {
            Ok(Strict(Value::Object(fields))) => Ok(fields),
            Ok(_) => Err(Refusal::NotARecord),
            Err(error) => Err(snippet.broken(&error)),
        }
    }
}

impl Snippet<'_> {
    pub(super) fn broken(&self, error: &serde_json::Error) -> Refusal {
        let (reason, line, column) = told(error);
        let column = if line <= 1 { self.column + column.saturating_sub(1) } else { column };
        Refusal::Broken { reason, line: self.line + line.saturating_sub(1), column }
    }
}

/// Cuts a file into records: a map by username, email or id; an array; either under `users`, also within
/// `data`; one object a line (NDJSON); or a single record. One pass finds the bounds and checks the syntax
/// without recursion; a record is parsed when its turn comes, so the memory beyond the file is small.
pub(super) fn records(bytes: &[u8]) -> Result<Vec<RawRecord<'_>>, UnreadableFile> {
    let text = decode(bytes)?;
    match serde_json::from_str::<&RawValue>(text) {
        Ok(document) => Cutter::new(text).document(document.get()),
        Err(_) if is_lines(text) => Ok(Cutter::new(text).lines()),
        Err(error) => {
            let (reason, line, column) = told(&error);
            Err(UnreadableFile::Json { reason, line, column })
        }
    }
}

fn decode(bytes: &[u8]) -> Result<&str, UnreadableFile> {
    if let [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, _, ..] | [_, 0, ..] = bytes {
        return Err(UnreadableFile::Utf16);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = str::from_utf8(bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        let mut lines = before.split(|byte| *byte == b'\n');
        let last = lines.next_back().map_or(0, <[u8]>::len);
        UnreadableFile::Encoding { line: lines.count() + 1, column: last + 1 }
    })?;
    if text.trim().is_empty() { Err(UnreadableFile::Empty) } else { Ok(text) }
}

/// Whether a text that is no JSON document is one object a line: its first line is a whole one, or at least
/// half of them are.
fn is_lines(text: &str) -> bool {
    let whole = |line: &str| line.starts_with('{') && serde_json::from_str::<&RawValue>(line).is_ok();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty()).peekable();
    if lines.peek().is_some_and(|line| whole(line)) {
        return true;
    }
    let (all, good) = lines.fold((0, 0), |(all, good), line| (all + 1, good + usize::from(whole(line))));
    good > 0 && good * 2 >= all
}

/// A fault of the parser without its own account of the place.
fn told(error: &serde_json::Error) -> (String, usize, usize) {
    let (line, column) = (error.line(), error.column());
    let text = error.to_string();
    let reason = text.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&text);
    (reason.to_owned(), line, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<(String, Result<usize, String>)> {
        let records = records(text.as_bytes()).unwrap();
        let told = |fields: Result<Map<String, Value>, Refusal>| {
            fields.map(|map| map.len()).map_err(|refusal| refusal.to_string())
        };
        records.iter().map(|record| (record.place.to_string(), told(record.fields()))).collect()
    }

    fn fault(bytes: &[u8]) -> String {
        records(bytes).err().unwrap().to_string()
    }

    #[test]
    fn every_shape_gives_its_records() {
        let key = vec![("record a".to_owned(), Ok(1))];
        for text in [
            r#"{"a":{"email":1}}"#,
            r#"{"version":3,"users":{"a":{"email":1}}}"#,
            r#"{"data":{"users":{"a":{"email":1}}},"total":1}"#,
            "\u{feff} {\"users\":{\"a\":{\"email\":1}}}\r\n",
        ] {
            assert_eq!(cut(text), key, "{text}");
        }
        let position = vec![("record #1".to_owned(), Ok(1))];
        for text in
            [r#"[{"email":1}]"#, r#"{"users":[{"email":1}]}"#, r#"{"data":[{"email":1}],"has_more":false}"#]
        {
            assert_eq!(cut(text), position, "{text}");
        }
        assert_eq!(cut("{\n\"username\":\"a\"}"), [("line 1".to_owned(), Ok(1))]);
        assert_eq!(cut("{}"), []);
    }

    #[test]
    fn somebody_may_be_called_users() {
        let text = r#"{"users":{"username":"users"},"data":{"username":"data"}}"#;
        assert_eq!(cut(text), [("record users".to_owned(), Ok(1)), ("record data".to_owned(), Ok(1))]);
    }

    #[test]
    fn one_object_a_line_is_told_by_line_and_a_broken_line_harms_no_other() {
        let text = "{\"email\":1}\n\n{\"email\":\nnull\n{\"email\":2}";
        let broken = "broken: EOF while parsing a value, line 3 column 9".to_owned();
        assert_eq!(
            cut(text),
            [
                ("line 1".to_owned(), Ok(1)),
                ("line 3".to_owned(), Err(broken)),
                ("line 4".to_owned(), Err("not a record".to_owned())),
                ("line 5".to_owned(), Ok(1)),
            ]
        );
        assert_eq!(cut("garbage\n{\"a\":1}\n{\"a\":2}").len(), 3);
    }

    #[test]
    fn a_record_that_cannot_be_read_is_refused_alone() {
        let deep = "[".repeat(10_000) + &"]".repeat(10_000);
        let text = format!(
            "{{\"a\":{{\"x\":\"\\ud800\"}},\n \"b\":{{\"x\":{deep}}},\"c\":{{\"x\":1,\"x\":2}},\"d\":{{\"x\":1e999}},\n\"a\":{{}},\"\\udfff\":{{}},\"e\":{{}}}}"
        );
        let told: Vec<_> =
            cut(&text).into_iter().map(|(_, fields)| fields.err().unwrap_or_default()).collect();
        assert!(told[0].starts_with("broken: ") && told[0].ends_with("line 1 column 18"), "{}", told[0]);
        assert!(told[1].contains("recursion limit exceeded, line 2"), "{}", told[1]);
        assert!(told[2].contains("the field x is there twice, line 2"), "{}", told[2]);
        assert!(told[3].contains("number out of range, line 2"), "{}", told[3]);
        assert_eq!(told[4], "the key is there twice, first on line 1");
        assert!(told[5].starts_with("broken: "), "{}", told[5]);
        assert_eq!(told[6], "");
    }

    #[test]
    fn a_file_that_cannot_be_read_says_why_and_where() {
        assert_eq!(fault(b" \n"), "the file is empty");
        assert_eq!(fault(b"3"), "the file holds no users: they are expected in an object or an array");
        assert!(fault(b"\xff\xfe{\0").starts_with("the file is UTF-16"));
        assert!(fault(b"{\0}\0").starts_with("the file is UTF-16"));
        assert_eq!(fault(b"{\n\"a\": \"\xe9\"}"), "the file is not UTF-8: line 2 column 7");
        assert_eq!(fault(b"{\n\"a\": {},\n}"), "the file is not JSON: key must be a string, line 3 column 1");
    }
}
