//! Counts the lines that a parser has read, and stops it at a part that is too large.

use crate::limits::MAX_RECORD_BYTES;
use std::io::{self, BufRead, Read};

/// A source of which a parser reads one part after the other.
pub(crate) struct BoundedLines<R> {
    inner: R,
    line: usize,
    /// How many bytes the part may still have.
    left: usize,
}

impl<R: BufRead> BoundedLines<R> {
    pub(crate) const fn new(inner: R) -> Self {
        Self { inner, line: 1, left: MAX_RECORD_BYTES }
    }

    /// Begins the next part, and returns the line on which it begins.
    pub(crate) const fn begin_event(&mut self) -> usize {
        self.left = MAX_RECORD_BYTES;
        self.line
    }
}

impl<R: BufRead> Read for BoundedLines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let len = available.len().min(buffer.len());
        buffer[..len].copy_from_slice(&available[..len]);
        self.consume(len);
        Ok(len)
    }
}

impl<R: BufRead> BufRead for BoundedLines<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left == 0 {
            let message = format!("a text or a tag of more than {} MiB", MAX_RECORD_BYTES >> 20);
            return Err(io::Error::other(message));
        }
        let available = self.inner.fill_buf()?;
        Ok(&available[..available.len().min(self.left)])
    }

    fn consume(&mut self, amount: usize) {
        // The buffer is still filled, so this reads nothing.
        let consumed = self.inner.fill_buf().unwrap_or_default();
        self.line += consumed.iter().take(amount).filter(|byte| **byte == b'\n').count();
        self.left = self.left.saturating_sub(amount);
        self.inner.consume(amount);
    }
}
