//! The file of an import, read from front to back as often as it takes.

use super::encoding;
use super::location::RecordLocation;
use super::refusal::Refusal;
use super::shape::{self, Shape};
use super::splitter::RecordSplitter;
use super::strict::Strict;
use super::unread_lists::{self, UnreadList};
use super::unreadable::{UnreadableFile, describe};
use serde_json::{Map, Value};
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use thiserror::Error;

/// What an import reads: a file, or a spool of what came through a pipe. It is read several times.
pub trait ImportSource: Read + Seek + Send + 'static {}

impl<T: Read + Seek + Send + 'static> ImportSource for T {}

/// Why reading ended early.
#[derive(Debug, Error)]
pub(super) enum ReadError {
    /// The file holds nothing that can be read.
    #[error(transparent)]
    Unreadable(#[from] UnreadableFile),
    /// The system gave no bytes.
    #[error("the file cannot be read")]
    Io(#[from] io::Error),
}

/// A file whose encoding and syntax were checked, and how it holds its records.
pub(super) struct RecordFile {
    source: Box<dyn ImportSource>,
    shape: Shape,
}

/// How many bytes are read at once.
const CHUNK: usize = 64 * 1024;

impl RecordFile {
    /// Checks the encoding and the syntax of the whole file, in constant memory.
    ///
    /// # Errors
    /// Why no record can be read.
    pub(super) fn open(mut source: Box<dyn ImportSource>) -> Result<Self, ReadError> {
        encoding::check(rewound(&mut source)?)?;
        let shape = match shape::of_document(from_start(&mut source)?) {
            Ok(shape) => shape,
            Err(error) if error.is_io() => return Err(io::Error::from(error).into()),
            Err(error) => {
                if !shape::is_lines(from_start(&mut source)?)? {
                    // Long texts were cut when the shape was looked for: only the whole file tells the place.
                    let place = |error: &serde_json::Error| (error.line(), error.column());
                    let whole = shape::fault(from_start(&mut source)?);
                    let error = whole.filter(|whole| place(whole) != place(&error)).unwrap_or(error);
                    return Err(UnreadableFile::of_syntax(&error, &head(&mut source)?).into());
                }
                Some(Shape::Lines)
            }
        };
        let shape = shape.ok_or(UnreadableFile::NoUsers)?;
        Ok(Self { source, shape })
    }

    /// The lists of objects beside the one that holds the records.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub(super) fn unread_lists(&mut self) -> Result<Vec<UnreadList>, ReadError> {
        match &self.shape {
            Shape::Array(path) | Shape::Map(path) if !path.is_empty() => {
                unread_lists::beside(path, from_start(&mut self.source)?)
            }
            _ => Ok(Vec::new()),
        }
    }

    /// The records from the first one on.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub(super) fn records(&mut self) -> Result<RecordSplitter<'_>, ReadError> {
        let source = from_start(&mut self.source)?;
        RecordSplitter::new(source, &self.shape)
    }
}

/// A record that is not parsed yet.
pub(super) struct RawRecord {
    pub(super) location: RecordLocation,
    pub(super) body: Result<Snippet, Refusal>,
}

/// A part of the file, with the line and the byte of the line where it begins.
#[derive(Clone)]
pub(super) struct Snippet {
    pub(super) text: String,
    pub(super) line: usize,
    pub(super) column: usize,
}

impl Snippet {
    /// The fields of a record.
    ///
    /// # Errors
    /// If it is no JSON object.
    pub(super) fn fields(&self) -> Result<Map<String, Value>, Refusal> {
        match serde_json::from_str(&self.text) {
            Ok(Strict(Value::Object(fields))) => Ok(fields),
            Ok(_) => Err(Refusal::NotARecord),
            Err(error) => Err(self.broken(&error)),
        }
    }

    /// The account of a syntax error, with its place in the file.
    pub(super) fn broken(&self, error: &serde_json::Error) -> Refusal {
        let (reason, line, column) = describe(error);
        let column = if line <= 1 { self.column + column.saturating_sub(1) } else { column };
        Refusal::Broken { reason, line: self.line + line.saturating_sub(1), column }
    }
}

/// The source as the passes read it: buffered, and behind a byte order mark.
pub(super) type Input<'a> = BufReader<&'a mut dyn ImportSource>;

fn rewound(source: &mut Box<dyn ImportSource>) -> io::Result<Input<'_>> {
    source.seek(SeekFrom::Start(0))?;
    Ok(BufReader::with_capacity(CHUNK, &mut **source))
}

fn from_start(source: &mut Box<dyn ImportSource>) -> io::Result<Input<'_>> {
    let mut input = rewound(source)?;
    encoding::skip_mark(&mut input)?;
    Ok(input)
}

/// The beginning of the file, by which its format is guessed.
fn head(source: &mut Box<dyn ImportSource>) -> io::Result<String> {
    let mut bytes = Vec::new();
    from_start(source)?.take(4096).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn open(bytes: &[u8]) -> Result<RecordFile, ReadError> {
        RecordFile::open(Box::new(Cursor::new(bytes.to_vec())))
    }

    fn split(text: &str) -> Vec<(String, Result<usize, String>)> {
        let mut file = open(text.as_bytes()).unwrap();
        let mut records = file.records().unwrap();
        let mut message = Vec::new();
        while let Some(record) = records.next_record().unwrap() {
            let fields = record.body.and_then(|snippet| snippet.fields());
            let fields = fields.map(|map| map.len()).map_err(|refusal| refusal.to_string());
            message.push((record.location.to_string(), fields));
        }
        message
    }

    fn fault(bytes: &[u8]) -> String {
        open(bytes).err().unwrap().to_string()
    }

    #[test]
    fn every_shape_gives_its_records() {
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
    fn lists_beside_the_records_are_told() {
        let text = r#"{"users":[{}],"admins":[{},{}],"data":[{}],"roles":["a"],"clients":{"a":{}},"users":[{}],"x":{"a":1}}"#;
        let describe_lists = |text: &str| -> Vec<String> {
            let unread = open(text.as_bytes()).unwrap().unread_lists().unwrap();
            unread.iter().map(ToString::to_string).collect()
        };
        assert_eq!(
            describe_lists(text),
            ["admins (2 objects)", "data (1 object)", "clients (1 object)", "users (1 object)"]
        );
        assert_eq!(
            describe_lists(r#"{"data":{"users":[{}],"staff":[{}]},"teams":[{}]}"#),
            ["data.staff (1 object)", "teams (1 object)"]
        );
        assert!(describe_lists(r#"{"ann":{"email":"a@b.c"},"bob":{}}"#).is_empty());
        assert!(describe_lists(r#"[{"groups":[{}]}]"#).is_empty());
    }

    #[test]
    fn somebody_may_be_called_users() {
        let text = r#"{"users":{"username":"users"},"data":{"username":"data"}}"#;
        assert_eq!(split(text), [("record users".to_owned(), Ok(1)), ("record data".to_owned(), Ok(1))]);
    }

    #[test]
    fn one_object_a_line_is_told_by_line_and_a_broken_line_harms_no_other() {
        let text = "{\"email\":1}\n\n{\"email\":\nnull\n{\"email\":2}";
        let broken = "broken: EOF while parsing a value, line 3 column 9".to_owned();
        assert_eq!(
            split(text),
            [
                ("line 1".to_owned(), Ok(1)),
                ("line 3".to_owned(), Err(broken)),
                ("line 4".to_owned(), Err("not a record".to_owned())),
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
        let message: Vec<_> =
            split(&text).into_iter().map(|(_, fields)| fields.err().unwrap_or_default()).collect();
        assert!(
            message[0].starts_with("broken: ") && message[0].ends_with("line 1 column 18"),
            "{}",
            message[0]
        );
        assert!(message[1].contains("recursion limit exceeded, line 2"), "{}", message[1]);
        assert!(message[2].contains("the field x is there twice, line 2"), "{}", message[2]);
        assert!(message[3].contains("number out of range, line 2"), "{}", message[3]);
        assert!(message[4].starts_with("broken: "), "{}", message[4]);
        assert_eq!(message[5], "");
    }

    #[test]
    fn a_record_that_is_too_large_is_refused_alone() {
        let large = "x".repeat(super::super::splitter::MAX_RECORD_BYTES);
        for text in [
            format!("[{{\"a\":\"{large}\"}},{{\"a\":1}}]"),
            format!("{{\"a\":1}}\n{{\"a\":\"{large}\"}}\n{{\"a\":2}}\n"),
        ] {
            let message = split(&text);
            let refused: Vec<_> = message.iter().filter_map(|(_, fields)| fields.clone().err()).collect();
            assert_eq!(refused, ["more than 16 MiB"]);
            assert_eq!(message.last().unwrap().1, Ok(1));
        }
    }

    #[test]
    fn a_key_that_is_too_long_refuses_its_record_alone() {
        let long = "k".repeat(100_000);
        let message = split(&format!("{{\"{long}\":{{}},\"{long}\":{{}},\"a\":{{}}}}"));
        let refused = Err("the key has more than 64 KiB: give the record a shorter one".to_owned());
        assert_eq!(
            message.iter().map(|(_, message)| message.clone()).collect::<Vec<_>>(),
            [refused.clone(), refused, Ok(0)]
        );
        assert!(message[0].0.len() < 100, "{}", message[0].0);
    }

    #[test]
    fn the_place_of_a_fault_is_told_behind_a_long_text_too() {
        let text = format!("[\"{}\",}}", "x".repeat(100_000));
        assert!(fault(text.as_bytes()).ends_with("line 1 column 100005"), "{}", fault(text.as_bytes()));
    }

    #[test]
    fn a_file_that_cannot_be_read_says_why_and_where() {
        assert_eq!(fault(b" \n"), "the file is empty");
        assert_eq!(fault(b"3"), "the file holds no users: they are expected in an object or an array");
        assert_eq!(fault(b"{\n\"a\": {},\n}"), "the file is not JSON: trailing comma, line 3 column 1");
        assert!(fault(b"id,name\n1,ann\n").contains("looks like a table"));
    }

    #[test]
    fn bytes_after_the_document_are_looked_at_too() {
        assert_eq!(fault(b"{\"a\":1}\n{\"a\":2}\n\xe9"), "the file is not UTF-8: line 3 column 1");
    }
}
