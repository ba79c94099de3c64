//! The file of an import, as records that can be read several times.

use crate::file::compression::expanded;
use crate::file::encoding;
use crate::file::error::ReadError;
use crate::file::layout::Layout;
use crate::file::records::Records;
use crate::file::rewind::rewound;
use crate::file::source::ImportSource;
use crate::format::file_format::FileFormat;
use crate::report::unread_list::UnreadList;

/// A file whose encoding and syntax were checked, and how it holds its records.
pub(crate) struct RecordFile {
    source: Box<dyn ImportSource>,
    layout: Layout,
}

impl RecordFile {
    /// Checks the encoding and the syntax of the whole file, in constant memory. Without a format, the content tells it.
    ///
    /// # Errors
    /// [`ReadError`] if the file cannot be read as a whole.
    pub(crate) fn open(source: Box<dyn ImportSource>, format: Option<FileFormat>) -> Result<Self, ReadError> {
        let mut source = expanded(source)?;
        encoding::check(rewound(&mut source)?)?;
        let layout = Layout::of(&mut source, format)?;
        Ok(Self { source, layout })
    }

    /// The format of the file.
    pub(crate) const fn format(&self) -> FileFormat {
        self.layout.format()
    }

    /// The lists of objects next to the one that holds the records.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub(crate) fn unread_lists(&mut self) -> Result<Vec<UnreadList>, ReadError> {
        self.layout.unread_lists(&mut self.source)
    }

    /// The records, from the first one on.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub(crate) fn records(&mut self) -> Result<Records<'_>, ReadError> {
        Records::new(&mut self.source, &self.layout)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn open(bytes: &[u8]) -> Result<RecordFile, ReadError> {
        RecordFile::open(Box::new(Cursor::new(bytes.to_vec())), None)
    }

    fn split(text: &str) -> Vec<(String, Result<usize, String>)> {
        let mut file = open(text.as_bytes()).unwrap();
        let mut records = file.records().unwrap();
        let mut records_read = Vec::new();
        while let Some(record) = records.next_record().unwrap() {
            let fields = record.body.and_then(|snippet| snippet.fields());
            let fields = fields.map(|map| map.len()).map_err(|refusal| refusal.to_string());
            records_read.push((record.location.to_string(), fields));
        }
        records_read
    }

    fn open_error(bytes: &[u8]) -> String {
        open(bytes).err().unwrap().to_string()
    }

    #[test]
    fn records_are_found_in_every_shape() {
        let key = vec![("record a".to_owned(), Ok(1))];
        for text in [
            r#"{"a":{"email":1}}"#,
            r#"{"version":3,"users":{"a":{"email":1}}}"#,
            r#"{"data":{"total":[1,{}],"users":{"a":{"email":1}}},"total":1}"#,
            r#"{"users":{"users":{"a":{"email":1}}}}"#,
            "\u{feff} {\"users\":{\"a\":{\"email\":1}}}\r\n",
        ] {
            assert_eq!(split(text), key, "{text}");
        }
        let position = vec![("record #1".to_owned(), Ok(1))];
        for text in
            [r#"[{"email":1}]"#, r#"{"users":[{"email":1}]}"#, r#"{"data":[{"email":1}],"has_more":false}"#]
        {
            assert_eq!(split(text), position, "{text}");
        }
        assert_eq!(split("{\n\"username\":\"a\"}"), [("line 1".to_owned(), Ok(1))]);
        assert_eq!(split("{}"), []);
        assert_eq!(split("[ ]"), []);
        assert_eq!(split("[1 , \"]\\\"\" ,{}]").len(), 3);
    }

    #[test]
    fn rows_of_a_database_are_records_whatever_their_columns_are_called() {
        for text in [
            r#"{"roster_row":"7","kind":"x"}"#,
            r#"{"roster_row":"7","users":[{"email":1}]}"#,
            r#"{"roster_row":"7","model":"x","fields":{}}"#,
        ] {
            assert_eq!(split(text).len(), 1, "{text}");
            assert!(open(text.as_bytes()).unwrap().unread_lists().unwrap().is_empty(), "{text}");
        }
    }

    #[test]
    fn lists_next_to_the_records_are_found() {
        let text = r#"{"users":[{}],"admins":[{},{}],"data":[{}],"roles":["a"],"banned":["a","b"],"clients":{"a":{}},"users":[{}],"x":{"a":1}}"#;
        let describe_lists = |text: &str| -> Vec<String> {
            let unread = open(text.as_bytes()).unwrap().unread_lists().unwrap();
            unread.iter().map(ToString::to_string).collect()
        };
        assert_eq!(
            describe_lists(text),
            [
                "admins (2 entries)",
                "data (1 entry)",
                "banned (2 entries)",
                "clients (1 entry)",
                "users (1 entry)"
            ]
        );
        assert_eq!(
            describe_lists(r#"{"data":{"users":[{}],"staff":[{}]},"teams":[{}]}"#),
            ["data.staff (1 entry)", "teams (1 entry)"]
        );
        assert!(describe_lists(r#"{"ann":{"email":"a@b.c"},"bob":{}}"#).is_empty());
        assert!(describe_lists(r#"[{"groups":[{}]}]"#).is_empty());
    }

    #[test]
    fn a_user_may_be_called_users() {
        let text = r#"{"users":{"username":"users"},"data":{"username":"data"}}"#;
        assert_eq!(split(text), [("record users".to_owned(), Ok(1)), ("record data".to_owned(), Ok(1))]);
    }

    #[test]
    fn a_broken_line_is_refused_alone() {
        let text = "{\"email\":1}\n\n{\"email\":\nnull\n{\"email\":2}";
        let broken = "invalid JSON: EOF while parsing a value, line 3 column 9".to_owned();
        assert_eq!(
            split(text),
            [
                ("line 1".to_owned(), Ok(1)),
                ("line 3".to_owned(), Err(broken)),
                ("line 4".to_owned(), Err("its value is not an object".to_owned())),
                ("line 5".to_owned(), Ok(1)),
            ]
        );
        assert_eq!(split("garbage\n{\"a\":1}\n{\"a\":2}").len(), 3);
    }

    #[test]
    fn a_record_that_cannot_be_read_is_refused_alone() {
        let deep = "[".repeat(10_000) + &"]".repeat(10_000);
        let text = format!(
            "{{\"a\":{{\"x\":\"\\ud800\"}},\n \"b\":{{\"x\":{deep}}},\"c\":{{\"x\":1,\"x\":2}},\"d\":{{\"x\":1e999}},\n\"\\udfff\":{{}},\"e\":{{}}}}"
        );
        let errors: Vec<_> =
            split(&text).into_iter().map(|(_, fields)| fields.err().unwrap_or_default()).collect();
        assert!(
            errors[0].starts_with("invalid JSON: ") && errors[0].ends_with("line 1 column 18"),
            "{}",
            errors[0]
        );
        assert!(errors[1].contains("recursion limit exceeded, line 2"), "{}", errors[1]);
        assert!(errors[2].contains("duplicate field x, line 2"), "{}", errors[2]);
        assert!(errors[3].contains("number out of range, line 2"), "{}", errors[3]);
        assert!(errors[4].starts_with("invalid JSON: "), "{}", errors[4]);
        assert_eq!(errors[5], "");
    }

    #[test]
    fn a_record_that_is_too_large_is_refused_alone() {
        let large = "x".repeat(crate::limits::MAX_RECORD_BYTES);
        for text in [
            format!("[{{\"a\":\"{large}\"}},{{\"a\":1}}]"),
            format!("{{\"a\":1}}\n{{\"a\":\"{large}\"}}\n{{\"a\":2}}\n"),
        ] {
            let records = split(&text);
            let refused: Vec<_> = records.iter().filter_map(|(_, fields)| fields.clone().err()).collect();
            assert_eq!(refused, ["more than 16 MiB"]);
            assert_eq!(records.last().unwrap().1, Ok(1));
        }
    }

    #[test]
    fn a_key_that_is_too_long_refuses_its_record_alone() {
        let long = "k".repeat(100_000);
        let records = split(&format!("{{\"{long}\":{{}},\"{long}\":{{}},\"a\":{{}}}}"));
        let refused = Err("the key has more than 64 KiB: give the record a shorter one".to_owned());
        assert_eq!(
            records.iter().map(|(_, fields)| fields.clone()).collect::<Vec<_>>(),
            [refused.clone(), refused, Ok(0)]
        );
        assert!(records[0].0.len() < 100, "{}", records[0].0);
    }

    #[test]
    fn a_syntax_error_after_a_long_text_is_located() {
        let text = format!("[\"{}\",}}", "x".repeat(100_000));
        assert!(
            open_error(text.as_bytes()).ends_with("line 1 column 100005"),
            "{}",
            open_error(text.as_bytes())
        );
    }

    #[test]
    fn an_unreadable_file_is_refused_with_reason_and_position() {
        assert_eq!(open_error(b" \n"), "the file is empty");
        assert_eq!(open_error(b"3"), "the file holds no users: they are expected in an object or an array");
        assert_eq!(open_error(b"{\n\"a\": {},\n}"), "the file is not JSON: trailing comma, line 3 column 1");
    }

    #[test]
    fn bytes_after_the_document_are_checked() {
        let error = open_error(b"{\"a\":1}\n{\"a\":2}\n\xe9");
        assert!(error.starts_with("the file is not UTF-8: line 3 column 1"), "{error}");
    }
}
