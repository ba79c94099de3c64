//! Splits a file into its records.

use crate::file::columns::ColumnReader;
use crate::file::cursor::{Cursor, Keep, ValueBytes};
use crate::file::error::{ReadError, UnreadableFile};
use crate::file::lines::read_line;
use crate::file::path::{DATA, Step, WRAPPERS};
use crate::file::rewind::from_start;
use crate::file::shape::Shape;
use crate::file::snippet::RawRecord;
use crate::file::source::{ImportSource, Input};
use crate::limits::{MAX_RECORD_BYTES, MAX_TOKEN_BYTES};
use crate::report::location::RecordLocation;
use crate::report::refusal::Refusal;

/// Splits a file into its records and holds one of them at a time. The syntax has been checked.
pub(crate) struct RecordSplitter<'a> {
    cursor: Cursor<'a>,
    container: Container,
    position: usize,
}

/// What holds the records.
enum Container {
    Array,
    Map,
    Lines,
    /// Documents in a row.
    Documents,
    /// An array of rows below these columns.
    Rows(Vec<String>),
    /// A table by columns.
    Columns(ColumnReader),
    /// The document is a single record.
    Single,
    /// There are no more records.
    End,
}

impl<'a> RecordSplitter<'a> {
    /// Moves to the first record.
    ///
    /// # Errors
    /// If the file cannot be read, or has changed.
    pub(crate) fn new(source: &'a mut Box<dyn ImportSource>, shape: &Shape) -> Result<Self, ReadError> {
        let container = match shape {
            Shape::Columns => Container::Columns(ColumnReader::new(from_start(source)?)?),
            Shape::Split => Container::Rows(column_names(from_start(source)?)?),
            _ => Container::End,
        };
        let mut cursor = Cursor::new(from_start(source)?);
        let container = match shape {
            Shape::Columns => container,
            Shape::Split => {
                cursor.enter(&[Step::Member(WRAPPERS[DATA])])?;
                cursor.expect(b'[')?;
                container
            }
            Shape::Array(path) => {
                cursor.enter(path)?;
                cursor.expect(b'[')?;
                Container::Array
            }
            Shape::Map(path) => {
                cursor.enter(path)?;
                cursor.expect(b'{')?;
                Container::Map
            }
            Shape::Record => Container::Single,
            Shape::Lines => Container::Lines,
            Shape::Documents => Container::Documents,
        };
        Ok(Self { cursor, container, position: 0 })
    }

    /// The next record; `None` after the last one.
    ///
    /// # Errors
    /// If the file cannot be read, or has changed.
    pub(crate) fn next_record(&mut self) -> Result<Option<RawRecord>, ReadError> {
        match &mut self.container {
            Container::Columns(columns) => Ok(columns.next_record()),
            Container::Rows(_) => self.next_row(),
            Container::Documents => self.next_document(),
            Container::Array => self.next_item(),
            Container::Map => self.next_entry(),
            Container::Lines => self.next_line(),
            Container::Single => self.only_record().map(Some),
            Container::End => Ok(None),
        }
    }

    fn only_record(&mut self) -> Result<RawRecord, ReadError> {
        self.container = Container::End;
        self.cursor.skip_space()?;
        let record = self.cursor.value(Keep::Yes)?;
        let location = RecordLocation::Line { line: record.line };
        Ok(RawRecord::new(location, record.into_snippet()))
    }

    fn next_document(&mut self) -> Result<Option<RawRecord>, ReadError> {
        self.cursor.skip_space()?;
        if self.cursor.peek()?.is_none() {
            return Ok(None);
        }
        let record = self.cursor.value(Keep::Yes)?;
        let location = RecordLocation::Line { line: record.line };
        Ok(Some(RawRecord::new(location, record.into_snippet())))
    }

    fn next_row(&mut self) -> Result<Option<RawRecord>, ReadError> {
        let Some(mut record) = self.next_item()? else { return Ok(None) };
        if let Container::Rows(columns) = &self.container {
            record.body = record.body.and_then(|row| row.with_names(columns));
        }
        Ok(Some(record))
    }

    fn next_item(&mut self) -> Result<Option<RawRecord>, ReadError> {
        if !self.cursor.advance(b']')? {
            return Ok(None);
        }
        self.position += 1;
        let record = self.cursor.value(Keep::Yes)?;
        let location = RecordLocation::Position { position: self.position, line: record.line };
        Ok(Some(RawRecord::new(location, record.into_snippet())))
    }

    fn next_entry(&mut self) -> Result<Option<RawRecord>, ReadError> {
        if !self.cursor.advance(b'}')? {
            return Ok(None);
        }
        let name = self.cursor.value(Keep::Yes)?;
        let line = name.line;
        self.cursor.expect(b':')?;
        self.cursor.skip_space()?;
        let value = self.cursor.value(Keep::Yes)?;
        if name.bytes.len() > MAX_TOKEN_BYTES {
            return Ok(Some(RawRecord::new(RecordLocation::Line { line }, Err(Refusal::KeyTooLong))));
        }
        let (key, body) = match name.into_snippet() {
            Err(refusal) => (String::new(), Err(refusal)),
            Ok(name) => match serde_json::from_str::<String>(&name.text) {
                Ok(key) => (key, value.into_snippet()),
                Err(error) => {
                    let refusal = name.refusal(&error);
                    (name.text, Err(refusal))
                }
            },
        };
        Ok(Some(RawRecord::new(RecordLocation::Key { key, line }, body)))
    }

    fn next_line(&mut self) -> Result<Option<RawRecord>, ReadError> {
        loop {
            let mut bytes = Vec::new();
            let line = self.cursor.line;
            if !read_line(&mut self.cursor.input, &mut bytes)? {
                return Ok(None);
            }
            self.cursor.line += 1;
            let mut whole = text(bytes)?;
            whole.truncate(whole.trim_end().len());
            if whole.is_empty() {
                continue;
            }
            let space = whole.len() - whole.trim_start().len();
            whole.drain(..space);
            let found = ValueBytes { bytes: whole.into_bytes(), line, column: 1 + space };
            return Ok(Some(RawRecord::new(RecordLocation::Line { line }, found.into_snippet())));
        }
    }
}

/// The names under `columns`.
fn column_names(input: Input<'_>) -> Result<Vec<String>, ReadError> {
    let mut cursor = Cursor::new(input);
    cursor.enter(&[Step::Member("\"columns\"")])?;
    let names = cursor.value(Keep::Yes)?.bytes;
    Ok(serde_json::from_slice(&names).map_err(|_| UnreadableFile::Columns)?)
}

fn text(bytes: Vec<u8>) -> Result<String, ReadError> {
    // A line that is too long may have been cut inside a character.
    let long = bytes.len() > MAX_RECORD_BYTES;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text),
        Err(error) if long => Ok(String::from_utf8_lossy(error.as_bytes()).into_owned()),
        Err(_) => Err(UnreadableFile::Changed.into()),
    }
}
