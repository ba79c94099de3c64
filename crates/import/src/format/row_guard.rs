//! Follows the bytes of a table, so that no row is held in memory beyond a limit, no quoted value stays open, and the line
//! of each row is known.

use crate::format::problem::FormatProblem;
use crate::limits::MAX_RECORD_BYTES;
use std::collections::VecDeque;
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
    quote_line: usize,
    after_return: bool,
    /// The first lines of the rows that were passed on, apart from blank ones.
    row_lines: VecDeque<usize>,
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
        Self {
            input,
            delimiter,
            state: State::Between,
            len: 0,
            line: 1,
            quote_line: 1,
            after_return: false,
            row_lines: VecDeque::new(),
        }
    }

    /// The line on which the next row begins. The reader of the rows calls it once for each of them, because the positions
    /// of `csv` are a line behind after `\r\n`.
    pub(crate) fn next_row_line(&mut self) -> usize {
        self.row_lines.pop_front().unwrap_or(self.line)
    }

    fn follow(&mut self, byte: u8) {
        let is_break = matches!(byte, b'\r' | b'\n');
        let is_end = is_break && self.state != State::Quoted;
        if self.len == 0 && !is_end {
            self.row_lines.push_back(self.line);
        }
        self.len = if is_end { 0 } else { self.len + 1 };
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
        self.line += usize::from(is_break && !(byte == b'\n' && self.after_return));
        self.after_return = byte == b'\r';
    }
}

fn guard_error(line: usize, problem: FormatProblem) -> io::Error {
    io::Error::other(GuardError { line, problem })
}

impl<R: Read> Read for RowGuard<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        if read == 0 && self.state == State::Quoted && !buffer.is_empty() {
            return Err(guard_error(self.quote_line, FormatProblem::OpenQuote));
        }
        for byte in &buffer[..read] {
            self.follow(*byte);
            if self.len > MAX_RECORD_BYTES {
                let line = self.row_lines.back().copied().unwrap_or(self.line);
                return Err(guard_error(line, FormatProblem::TooLong));
            }
        }
        Ok(read)
    }
}
