//! Reads one segment, line by line.

use std::io::{self, BufRead, BufReader, Read};

use super::line::{Kind, Line};
use super::segment::Header;
use crate::disk::Disk;

/// A segment being read, in memory that does not grow with it.
pub(crate) struct SegmentReader {
    lines: BufReader<Box<dyn Read + Send>>,
    /// The line just read.
    buffer: Vec<u8>,
    /// The number that the next unit must have.
    expected: u64,
    /// Lines read so far, to say where damage is.
    line: u64,
    /// Bytes of the whole lines read so far.
    len: u64,
}

/// What comes next in a segment.
#[derive(Debug)]
pub(crate) enum Step<'a> {
    /// A whole unit, in order.
    Unit { number: u64, body: &'a [u8] },
    /// A line that is not the one expected. `lost` if a later line says that it was durable.
    Broken { line: u64, lost: bool },
    /// The end: of the file, or of its lines, if there are only zeros after them.
    End,
}

impl SegmentReader {
    /// Opens a segment. The header is `None` if the first line is none.
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

    /// Bytes of the whole lines read so far.
    pub(crate) const fn len(&self) -> u64 {
        self.len
    }

    /// The number of the line read last, from 1.
    pub(crate) const fn line(&self) -> u64 {
        self.line
    }

    /// Reads on. After [`Step::Broken`] or [`Step::End`] there is nothing more to read.
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
        // Decoded again, because the borrow checker cannot see that the early return ended the first loan.
        let body = Line::decode(&self.buffer).map_or(&[][..], |line| line.body);
        Ok(Step::Unit { number: expected, body })
    }

    /// Whether any whole line from here on was written when `number` was durable already.
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
