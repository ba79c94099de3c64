//! Finds the records in a file, one after the other.

use super::cursor::{Cursor, Found, Keep};
use super::location::RecordLocation;
use super::refusal::Refusal;
use super::shape::Shape;
use super::short_tokens::MAX_TOKEN_BYTES;
use super::source::{Input, RawRecord, ReadError};
use super::unreadable::UnreadableFile;
use std::io::{self, BufRead};

/// The most bytes of a record that are held. A person is a few hundred; pictures may make it a few million.
pub(super) const MAX_RECORD_BYTES: usize = 16 * 1024 * 1024;

/// Splits a file into its records, of which it holds one at a time. The syntax was checked before.
pub(super) struct RecordSplitter<'a> {
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
    /// Nothing is left.
    End,
}

impl<'a> RecordSplitter<'a> {
    /// Goes to the first record.
    ///
    /// # Errors
    /// If the file cannot be read, or is not what it was.
    pub(super) fn new(input: Input<'a>, shape: &Shape) -> Result<Self, ReadError> {
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
    /// If the file cannot be read, or is not what it was.
    pub(super) fn next_record(&mut self) -> Result<Option<RawRecord>, ReadError> {
        match self.container {
            Container::Array => self.next_item(),
            Container::Map => self.next_entry(),
            Container::Lines => self.next_line(),
            Container::Single => {
                self.container = Container::End;
                self.cursor.skip_space()?;
                let record = self.cursor.value(Keep::Yes)?;
                Ok(Some(RawRecord {
                    location: RecordLocation::Line { line: record.line },
                    body: record.body(),
                }))
            }
            Container::End => Ok(None),
        }
    }

    fn next_item(&mut self) -> Result<Option<RawRecord>, ReadError> {
        if !self.cursor.is_next(b']')? {
            return Ok(None);
        }
        self.position += 1;
        let record = self.cursor.value(Keep::Yes)?;
        let location = RecordLocation::Position { position: self.position, line: record.line };
        Ok(Some(RawRecord { location, body: record.body() }))
    }

    fn next_entry(&mut self) -> Result<Option<RawRecord>, ReadError> {
        if !self.cursor.is_next(b'}')? {
            return Ok(None);
        }
        let name = self.cursor.value(Keep::Yes)?;
        let line = name.line;
        self.cursor.expect(b':')?;
        self.cursor.skip_space()?;
        let value = self.cursor.value(Keep::Yes)?;
        if name.bytes.len() > MAX_TOKEN_BYTES {
            return Ok(Some(RawRecord {
                location: RecordLocation::Line { line },
                body: Err(Refusal::LongKey),
            }));
        }
        let (key, body) = match name.body() {
            Err(refusal) => (String::new(), Err(refusal)),
            Ok(name) => match serde_json::from_str::<String>(&name.text) {
                Ok(key) => (key, value.body()),
                Err(error) => {
                    let refusal = name.broken(&error);
                    (name.text, Err(refusal))
                }
            },
        };
        Ok(Some(RawRecord { location: RecordLocation::Key { key, line }, body }))
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
            let found = Found { bytes: trimmed.as_bytes().to_vec(), line, column };
            return Ok(Some(RawRecord { location: RecordLocation::Line { line }, body: found.body() }));
        }
    }
}

/// Reads the next line, of which it keeps a byte more than a record may have; `false` at the end.
///
/// # Errors
/// If the input cannot be read.
pub(super) fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    let mut any = false;
    loop {
        let chunk = input.fill_buf()?;
        if chunk.is_empty() {
            return Ok(any);
        }
        any = true;
        let end = chunk.iter().position(|byte| *byte == b'\n');
        let part = &chunk[..end.unwrap_or(chunk.len())];
        let room = (MAX_RECORD_BYTES + 1).saturating_sub(line.len());
        line.extend_from_slice(&part[..part.len().min(room)]);
        let used = end.map_or(chunk.len(), |end| end + 1);
        input.consume(used);
        if end.is_some() {
            return Ok(true);
        }
    }
}

fn text(bytes: Vec<u8>) -> Result<String, ReadError> {
    // The last character of a line that is too long may be cut.
    let long = bytes.len() > MAX_RECORD_BYTES;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text),
        Err(error) if long => Ok(String::from_utf8_lossy(error.as_bytes()).into_owned()),
        Err(_) => Err(UnreadableFile::Changed.into()),
    }
}
