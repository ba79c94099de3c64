//! Reads the lines of a file from its end.

use std::io;
use std::ops::Range;

use memchr::{memchr, memmem, memrchr};

use crate::disk::View;

/// How much is read at once.
const BLOCK: u64 = 1 << 16;
/// How much is read to find one line.
const PROBE: u64 = 1 << 13;
/// No line of Roster is longer; such a line is skipped in pieces.
const LONGEST: usize = 1 << 20;

/// Lines that were passed over.
pub(super) struct Passed {
    /// The first of them.
    pub(super) earliest: Vec<u8>,
    pub(super) bytes: usize,
}

/// The complete lines of a part of a file, last one first.
pub(super) struct Backward<'a> {
    view: &'a dyn View,
    /// Where the part starts in the file.
    floor: u64,
    /// Where `buffer` starts in the file.
    start: u64,
    /// Bytes that were read but not returned yet.
    buffer: Vec<u8>,
}

impl<'a> Backward<'a> {
    /// Starts before the first line for which `is_past` is true. Since lines are in order, it is true for all later
    /// lines.
    pub(super) fn of(
        view: &'a dyn View,
        part: Range<u64>,
        is_past: impl Fn(&[u8]) -> bool,
    ) -> io::Result<Self> {
        let floor = part.start;
        let start = end_of_interest(view, part, is_past)?;
        let mut lines = Self { view, floor, start, buffer: Vec::new() };
        // A line without a line break is still being written.
        lines.load()?;
        let whole = lines.buffer.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        lines.buffer.truncate(whole);
        Ok(lines)
    }

    /// The line before the last returned one, with its line break.
    pub(super) fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            let body = self.buffer.len().saturating_sub(1);
            let line_break = memrchr(b'\n', &self.buffer[..body]);
            if let Some(at) = line_break {
                return Ok(Some(self.buffer.split_off(at + 1)));
            }
            if self.start == self.floor || self.buffer.len() > LONGEST {
                let line = std::mem::take(&mut self.buffer);
                return Ok((!line.is_empty()).then_some(line));
            }
            self.load()?;
        }
    }

    /// Passes over the next lines up to one that contains `text`, as far as they are read already; `None` if there are
    /// none to pass over. The text of a block is searched at once, which takes far less time than going through its lines.
    pub(super) fn pass_over_without(&mut self, text: &[u8]) -> Option<Passed> {
        let is_there = memmem::find(&self.buffer, text).is_some();
        let last = if is_there { memmem::rfind(&self.buffer, text) } else { None };
        // Without the text, only the first line is kept, whose beginning may be in the previous block.
        let end = memchr(b'\n', self.buffer.get(last.unwrap_or(0)..)?)? + last.unwrap_or(0) + 1;
        let passed = self.buffer.split_off(end);
        let first = memchr(b'\n', &passed)? + 1;
        Some(Passed { earliest: passed.get(..first)?.to_vec(), bytes: passed.len() })
    }

    /// Reads the previous block.
    fn load(&mut self) -> io::Result<()> {
        let end = self.start;
        self.start = end.saturating_sub(BLOCK).max(self.floor);
        let mut block = read(self.view, self.start, end)?;
        block.append(&mut self.buffer);
        self.buffer = block;
        Ok(())
    }
}

/// Where the first past line starts, or a little later. A binary search, so a page deep in a large file costs as
/// much as one near its end.
fn end_of_interest(view: &dyn View, part: Range<u64>, is_past: impl Fn(&[u8]) -> bool) -> io::Result<u64> {
    let Range { start: mut low, end: mut high } = part;
    while high - low > BLOCK {
        let middle = low + (high - low) / 2;
        let block = read(view, middle, (middle + PROBE).min(high))?;
        // If `middle` is inside a line, that line is skipped.
        let Some(first) = block.iter().position(|byte| *byte == b'\n').map(|at| at + 1) else { break };
        let Some(len) = block[first..].iter().position(|byte| *byte == b'\n').map(|at| at + 1) else { break };
        let at = middle + first as u64;
        if is_past(&block[first..first + len]) {
            high = at;
        } else {
            low = at;
        }
    }
    Ok(high)
}

fn read(view: &dyn View, from: u64, to: u64) -> io::Result<Vec<u8>> {
    let mut block = vec![0; usize::try_from(to - from).unwrap_or(0)];
    let len = view.read_at(from, &mut block)?;
    block.truncate(len);
    Ok(block)
}
