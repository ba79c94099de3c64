//! Reads one segment, line by line.

use std::io::{self, BufRead, BufReader, Read};

use super::line::{Kind, Line};
use super::segment::Header;
use crate::disk::Disk;

/// A segment that is being read. Its memory does not grow with the segment.
pub(crate) struct SegmentReader {
    lines: BufReader<Box<dyn Read + Send>>,
    /// The current line.
    buffer: Vec<u8>,
    /// The expected number of the next unit.
    expected: u64,
    /// The number of lines read so far, to report where damage is.
    line: u64,
    /// The total bytes of the complete lines read so far.
    len: u64,
}

/// The next item of a segment.
#[derive(Debug)]
pub(crate) enum Step<'a> {
    /// A complete unit, in order.
    Unit { number: u64, body: &'a [u8] },
    /// An unexpected line. `lost` if a later line says that it was durable.
    Broken { line: u64, lost: bool },
    /// The end of the file, or of its lines if only zeros follow.
    End,
}

impl SegmentReader {
    /// Opens a segment. The header is `None` if the first line is invalid.
    pub(crate) fn open(disk: &dyn Disk, name: &str) -> io::Result<(Self, Option<Header>)> {
        let lines = BufReader::with_capacity(1 << 16, disk.read(name, 0)?);
        let mut reader = Self { lines, buffer: Vec::new(), expected: 0, line: 0, len: 0 };
        reader.advance()?;
        let header = Header::decode(&reader.buffer);
        if let Some(header) = header {
            reader.expected = header.first;
            reader.len = reader.buffer.len() as u64;
        }
        Ok((reader, header))
    }

    /// The total bytes of the complete lines read so far.
    pub(crate) const fn len(&self) -> u64 {
        self.len
    }

    /// The number of the current line, from 1.
    pub(crate) const fn line(&self) -> u64 {
        self.line
    }

    /// Reads the next item. After [`Step::Broken`] or [`Step::End`] there are no more.
    pub(crate) fn step(&mut self) -> io::Result<Step<'_>> {
        if !self.advance()? {
            return Ok(Step::End);
        }
        if self.buffer.iter().all(|byte| *byte == 0) {
            return Ok(Step::End);
        }
        let expected = self.expected;
        let whole = |line: &Line<'_>| line.kind == Kind::Unit && line.number == expected;
        if !Line::decode(&self.buffer).is_some_and(|line| whole(&line)) {
            let line = self.line;
            return Ok(Step::Broken { line, lost: self.later_line_counts_on(expected)? });
        }
        self.expected += 1;
        self.len += self.buffer.len() as u64;
        // Decoded again, because the borrow checker does not see that the early return ended the first borrow.
        let body = Line::decode(&self.buffer).map_or(&[][..], |line| line.body);
        Ok(Step::Unit { number: expected, body })
    }

    /// Whether any complete line from here on was written when `number` was already durable.
    pub(crate) fn later_line_counts_on(&mut self, number: u64) -> io::Result<bool> {
        loop {
            if Line::decode(&self.buffer).is_some_and(|line| line.durable >= number) {
                return Ok(true);
            }
            if !self.advance()? {
                return Ok(false);
            }
        }
    }

    fn advance(&mut self) -> io::Result<bool> {
        self.buffer.clear();
        self.line += 1;
        Ok(self.lines.read_until(b'\n', &mut self.buffer)? > 0)
    }
}
