//! Moves through a JSON document whose syntax has been checked.

use crate::file::error::{ReadError, UnreadableFile};
use crate::file::path::Step;
use crate::file::scan::Scan;
use crate::file::snippet::Snippet;
use crate::file::source::Input;
use crate::limits::MAX_RECORD_BYTES;
use crate::report::refusal::Refusal;
use std::io::{self, BufRead};

/// Whether to keep the text of a value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    Yes,
    No,
}

/// A value. Its bytes are cut one byte after the size limit of a record.
pub(crate) struct ValueBytes {
    pub(crate) bytes: Vec<u8>,
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl ValueBytes {
    /// The text of the value, unless it is too large for a record.
    pub(crate) fn into_snippet(self) -> Result<Snippet, Refusal> {
        if self.bytes.len() > MAX_RECORD_BYTES {
            return Err(Refusal::TooLarge);
        }
        let text = String::from_utf8(self.bytes).map_err(|_| Refusal::NotARecord)?;
        Ok(Snippet { text, line: self.line, column: self.column })
    }
}

/// A position in the file, with its line and column.
pub(crate) struct Cursor<'a> {
    pub(crate) input: Input<'a>,
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl<'a> Cursor<'a> {
    /// A cursor at the start of a document.
    pub(crate) const fn new(input: Input<'a>) -> Self {
        Self { input, line: 1, column: 1 }
    }

    /// The next byte.
    pub(crate) fn peek(&mut self) -> io::Result<Option<u8>> {
        Ok(self.input.fill_buf()?.first().copied())
    }

    fn bump(&mut self, byte: u8) {
        self.input.consume(1);
        if byte == b'\n' {
            self.line += 1;
            self.column = 1;
        } else {
            self.column += 1;
        }
    }

    /// Skips white space.
    pub(crate) fn skip_space(&mut self) -> io::Result<()> {
        while let Some(byte @ (b' ' | b'\t' | b'\r' | b'\n')) = self.peek()? {
            self.bump(byte);
        }
        Ok(())
    }

    /// Skips white space and takes this byte.
    pub(crate) fn expect(&mut self, wanted: u8) -> Result<(), ReadError> {
        self.skip_space()?;
        if self.peek()? != Some(wanted) {
            return Err(UnreadableFile::Changed.into());
        }
        self.bump(wanted);
        Ok(())
    }

    /// Moves to the next value of an array or an object; returns `false` at its end.
    pub(crate) fn advance(&mut self, end: u8) -> Result<bool, ReadError> {
        self.skip_space()?;
        if self.peek()? == Some(b',') {
            self.bump(b',');
            self.skip_space()?;
        }
        match self.peek()? {
            Some(byte) if byte == end => Ok(false),
            Some(_) => Ok(true),
            None => Err(UnreadableFile::Changed.into()),
        }
    }

    /// Moves to the value at this path.
    pub(crate) fn enter(&mut self, path: &[Step]) -> Result<(), ReadError> {
        for step in path {
            match step {
                Step::Member(name) => self.enter_member(name)?,
                Step::Item(position) => self.enter_item(*position)?,
            }
        }
        Ok(())
    }

    fn enter_member(&mut self, wanted: &str) -> Result<(), ReadError> {
        self.expect(b'{')?;
        loop {
            if !self.advance(b'}')? {
                return Err(UnreadableFile::Changed.into());
            }
            let name = self.value(Keep::Yes)?;
            self.expect(b':')?;
            self.skip_space()?;
            if name.bytes == wanted.as_bytes() {
                return Ok(());
            }
            self.value(Keep::No)?;
        }
    }

    fn enter_item(&mut self, position: usize) -> Result<(), ReadError> {
        self.expect(b'[')?;
        for _ in 0..position {
            self.advance(b']')?;
            self.value(Keep::No)?;
        }
        if self.advance(b']')? { Ok(()) } else { Err(UnreadableFile::Changed.into()) }
    }

    /// Takes the value that begins here.
    pub(crate) fn value(&mut self, keep: Keep) -> Result<ValueBytes, ReadError> {
        let mut found = ValueBytes { bytes: Vec::new(), line: self.line, column: self.column };
        let mut scan = Scan::default();
        while !scan.is_done() {
            let chunk = self.input.fill_buf()?;
            if chunk.is_empty() {
                if scan.may_end() {
                    break;
                }
                return Err(UnreadableFile::Changed.into());
            }
            let taken = chunk.iter().take_while(|byte| scan.takes(**byte)).count();
            let part = &chunk[..taken];
            if keep == Keep::Yes {
                let room = (MAX_RECORD_BYTES + 1).saturating_sub(found.bytes.len());
                found.bytes.extend_from_slice(&part[..part.len().min(room)]);
            }
            for byte in part {
                (self.line, self.column) =
                    if *byte == b'\n' { (self.line + 1, 1) } else { (self.line, self.column + 1) };
            }
            self.input.consume(taken);
        }
        if keep == Keep::Yes && found.bytes.is_empty() {
            return Err(UnreadableFile::Changed.into());
        }
        Ok(found)
    }
}
