//! Splits a file into its records.

use crate::file::cursor::{Cursor, Keep, ValueBytes};
use crate::file::error::{ReadError, UnreadableFile};
use crate::file::lines::read_line;
use crate::file::shape::Shape;
use crate::file::snippet::RawRecord;
use crate::file::source::Input;
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
    pub(crate) fn new(input: Input<'a>, shape: &Shape) -> Result<Self, ReadError> {
        let mut cursor = Cursor::new(input);
        let container = match shape {
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
        };
        Ok(Self { cursor, container, position: 0 })
    }

    /// The next record; `None` after the last one.
    ///
    /// # Errors
    /// If the file cannot be read, or has changed.
    pub(crate) fn next_record(&mut self) -> Result<Option<RawRecord>, ReadError> {
        match self.container {
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
        let mut bytes = Vec::new();
        loop {
            bytes.clear();
            let line = self.cursor.line;
            if !read_line(&mut self.cursor.input, &mut bytes)? {
                return Ok(None);
            }
            self.cursor.line += 1;
            let whole = text(bytes.clone())?;
            let trimmed = whole.trim();
            if trimmed.is_empty() {
                continue;
            }
            let column = 1 + whole.len() - whole.trim_start().len();
            let found = ValueBytes { bytes: trimmed.as_bytes().to_vec(), line, column };
            return Ok(Some(RawRecord::new(RecordLocation::Line { line }, found.into_snippet())));
        }
    }
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
