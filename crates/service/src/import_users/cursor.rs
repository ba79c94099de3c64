//! Walks over the text of a JSON document whose syntax is known to be right.

use super::refusal::Refusal;
use super::scan::Scan;
use super::shape::Wrapper;
use super::source::{Input, ReadError, Snippet};
use super::splitter::MAX_RECORD_BYTES;
use super::unreadable::UnreadableFile;
use std::io::{self, BufRead};

/// Whether the text of a value is wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    Yes,
    No,
}

/// A value that was found, with a byte more than a record may have at most.
pub(super) struct Found {
    pub(super) bytes: Vec<u8>,
    pub(super) line: usize,
    pub(super) column: usize,
}

impl Found {
    /// Its text, unless it is too large for a record.
    pub(super) fn body(self) -> Result<Snippet, Refusal> {
        if self.bytes.len() > MAX_RECORD_BYTES {
            return Err(Refusal::TooLarge);
        }
        let text = String::from_utf8(self.bytes).map_err(|_| Refusal::NotARecord)?;
        Ok(Snippet { text, line: self.line, column: self.column })
    }
}

/// Walks over the file from front to back and counts its lines.
pub(super) struct Cursor<'a> {
    pub(super) input: Input<'a>,
    pub(super) line: usize,
    pub(super) column: usize,
}

impl<'a> Cursor<'a> {
    /// At the beginning of a document.
    pub(super) const fn new(input: Input<'a>) -> Self {
        Self { input, line: 1, column: 1 }
    }

    /// The next byte.
    pub(super) fn peek(&mut self) -> io::Result<Option<u8>> {
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
    pub(super) fn skip_space(&mut self) -> io::Result<()> {
        while let Some(byte @ (b' ' | b'\t' | b'\r' | b'\n')) = self.peek()? {
            self.bump(byte);
        }
        Ok(())
    }

    /// Takes this byte, after white space.
    pub(super) fn expect(&mut self, wanted: u8) -> Result<(), ReadError> {
        self.skip_space()?;
        if self.peek()? != Some(wanted) {
            return Err(UnreadableFile::Changed.into());
        }
        self.bump(wanted);
        Ok(())
    }

    /// Goes on to the next value of an array or an object; `false` at its end.
    pub(super) fn is_next(&mut self, end: u8) -> Result<bool, ReadError> {
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

    /// Goes to the value under these names.
    pub(super) fn enter(&mut self, path: &[Wrapper]) -> Result<(), ReadError> {
        for wrapper in path {
            self.expect(b'{')?;
            loop {
                if !self.is_next(b'}')? {
                    return Err(UnreadableFile::Changed.into());
                }
                let name = self.value(Keep::Yes)?;
                self.expect(b':')?;
                self.skip_space()?;
                if name.bytes == wrapper.quoted().as_bytes() {
                    break;
                }
                self.value(Keep::No)?;
            }
        }
        Ok(())
    }

    /// Reads the value that begins here.
    pub(super) fn value(&mut self, keep: Keep) -> Result<Found, ReadError> {
        let mut found = Found { bytes: Vec::new(), line: self.line, column: self.column };
        let mut scan = Scan::default();
        while !scan.is_over() {
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
