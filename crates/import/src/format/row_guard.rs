//! Follows the bytes of a table, so that no row is held in memory beyond a limit, and no quoted value stays open.

use crate::format::problem::FormatProblem;
use crate::limits::MAX_RECORD_BYTES;
use std::io::{self, Read};
use thiserror::Error;

/// Passes the bytes of a table on, and fails at a row that is too long or at a quoted value that nothing closes.
pub(crate) struct RowGuard<R> {
    input: R,
    delimiter: u8,
    state: State,
    /// The bytes of the row so far.
    len: usize,
    line: usize,
    /// The line on which the row began.
    row_line: usize,
    quote_line: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Between,
    Plain,
    Quoted,
    /// After a quotation mark in a quoted value, which ends it or is doubled.
    Quote,
}

/// What the guard found, inside the error of the read.
#[derive(Debug, Error)]
#[error("line {line}: {problem}")]
pub(crate) struct GuardError {
    pub(crate) line: usize,
    pub(crate) problem: FormatProblem,
}

impl<R: Read> RowGuard<R> {
    pub(crate) const fn new(input: R, delimiter: u8) -> Self {
        Self { input, delimiter, state: State::Between, len: 0, line: 1, row_line: 1, quote_line: 1 }
    }

    fn follow(&mut self, byte: u8) {
        self.len += 1;
        let is_end = byte == b'\n' && self.state != State::Quoted;
        self.state = match (self.state, byte) {
            (State::Between, b'"') => {
                self.quote_line = self.line;
                State::Quoted
            }
            (State::Quoted, b'"') => State::Quote,
            (State::Quoted, _) | (State::Quote, b'"') => State::Quoted,
            (_, byte) if is_end || byte == self.delimiter => State::Between,
            _ => State::Plain,
        };
        self.line += usize::from(byte == b'\n');
        if is_end {
            self.len = 0;
            self.row_line = self.line;
        }
    }

    fn error(line: usize, problem: FormatProblem) -> io::Error {
        io::Error::other(GuardError { line, problem })
    }
}

impl<R: Read> Read for RowGuard<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        if read == 0 && self.state == State::Quoted && !buffer.is_empty() {
            return Err(Self::error(self.quote_line, FormatProblem::OpenQuote));
        }
        for byte in &buffer[..read] {
            self.follow(*byte);
            if self.len > MAX_RECORD_BYTES {
                return Err(Self::error(self.row_line, FormatProblem::TooLong));
            }
        }
        Ok(read)
    }
}
