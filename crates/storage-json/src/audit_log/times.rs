//! The time bounds of an audit file, so that a search by time need not read all of it.
//!
//! Records are in the order of their commits. Their times nearly are too, but a clock may be set back by any amount.
//! The bounds record by how much, and a search allows for that amount. They are kept in a small file
//! beside the audit file. It is only a hint: if it is missing, damaged or belongs to another file, the whole file is
//! searched.

use std::io::{self, BufRead};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::disk::{Directory, Disk, View};

/// How much is read for the first line of a file, or for its bounds.
const HEAD: usize = 1 << 13;

/// The times in the first bytes of an audit file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Times {
    /// How many bytes, in complete lines.
    bytes: u64,
    /// What is known about the records in them; `None` if there are none.
    span: Option<Span>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Span {
    /// The number of the first record, which identifies the file.
    first_sequence: u64,
    earliest: Timestamp,
    latest: Timestamp,
    /// The largest amount by which a record's time is before that of an earlier record.
    disorder: SignedDuration,
}

/// The relevant part of a line.
#[derive(Deserialize)]
struct Line {
    sequence: u64,
    at: Timestamp,
}

impl Times {
    /// How many bytes of the file are covered.
    pub(crate) const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// By how much a record's time may be before that of an earlier record.
    pub(super) fn disorder(&self) -> SignedDuration {
        self.span.map_or(SignedDuration::ZERO, |span| span.disorder)
    }

    /// Whether the file may contain a record from the first time up to, but not including, the second.
    pub(super) fn may_hold(&self, from: Option<Timestamp>, to: Option<Timestamp>) -> bool {
        self.span.is_some_and(|span| {
            from.is_none_or(|from| span.latest >= from) && to.is_none_or(|to| span.earliest < to)
        })
    }

    /// Adds a record whose line has this many `bytes`.
    pub(crate) fn add(&mut self, sequence: u64, at: Timestamp, bytes: u64) {
        self.bytes += bytes;
        let zero = SignedDuration::ZERO;
        let span = self.span.get_or_insert(Span {
            first_sequence: sequence,
            earliest: at,
            latest: at,
            disorder: zero,
        });
        span.disorder = span.disorder.max(span.latest.duration_since(at));
        (span.earliest, span.latest) = (span.earliest.min(at), span.latest.max(at));
    }

    /// Adds complete lines. Lines that are not records have no time.
    ///
    /// # Errors
    /// I/O errors of the reader.
    fn read_on(&mut self, mut lines: impl BufRead) -> io::Result<()> {
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line)? > 0 && line.ends_with(b"\n") {
            let bytes = line.len() as u64;
            match serde_json::from_slice::<Line>(&line) {
                Ok(Line { sequence, at }) => self.add(sequence, at, bytes),
                Err(_) => self.bytes += bytes,
            }
            line.clear();
        }
        Ok(())
    }

    /// The times in the first `len` bytes of `file`, extending these times if they cover a part of it. `None` if
    /// these bytes do not end with a complete line.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn through(self, disk: &dyn Disk, file: &str, len: u64) -> io::Result<Option<Self>> {
        let mut times = if self.bytes <= len { self } else { Self::default() };
        if times.bytes < len {
            let rest = disk.read(file, times.bytes)?;
            times.read_on(io::BufReader::new(io::Read::take(rest, len - times.bytes)))?;
        }
        Ok((times.bytes == len).then_some(times))
    }

    /// Reads the bounds that are kept beside `file`, if they match its content.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn read(
        directory: &dyn Directory,
        file: &str,
        content: &dyn View,
    ) -> io::Result<Option<Self>> {
        let Some(kept) = directory.view(&name(file))? else { return Ok(None) };
        let Ok(times) = serde_json::from_slice::<Self>(&head(&*kept)?) else { return Ok(None) };
        let Some(span) = times.span else { return Ok(None) };
        let first = head(content)?;
        let first =
            first.split(|byte| *byte == b'\n').find_map(|line| serde_json::from_slice::<Line>(line).ok());
        let is_same = first.is_some_and(|first| first.sequence == span.first_sequence);
        Ok((is_same && times.bytes <= content.len()).then_some(times))
    }

    /// Keeps the bounds beside `file`. They are not synced, since bounds that a power cut left incomplete are
    /// ignored.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn keep(&self, disk: &dyn Disk, file: &str) -> io::Result<()> {
        let unfinished = format!("{}.new", name(file));
        let mut out = disk.create(&unfinished)?;
        serde_json::to_writer(&mut out, self)?;
        drop(out);
        disk.rename(&unfinished, &name(file))
    }
}

/// The name of the bounds of `file`.
pub(crate) fn name(file: &str) -> String {
    format!("{}.times.json", file.strip_suffix(".ndjson").unwrap_or(file))
}

fn head(view: &dyn View) -> io::Result<Vec<u8>> {
    let mut head = vec![0; HEAD];
    let len = view.read_at(0, &mut head)?;
    head.truncate(len);
    Ok(head)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::simulated::SimulatedDisk;

    const FILE: &str = "audit.ndjson";

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn times(seconds: &[i64]) -> Times {
        let mut times = Times::default();
        for (sequence, second) in (1..).zip(seconds) {
            times.add(sequence, at(*second), 10);
        }
        times
    }

    #[test]
    fn the_disorder_is_the_largest_step_back_of_the_clock() {
        assert_eq!(times(&[1, 2, 3]).disorder(), SignedDuration::ZERO);
        assert_eq!(times(&[100, 40, 90, 50]).disorder(), SignedDuration::from_secs(60));
    }

    #[test]
    fn a_file_may_contain_times_between_its_bounds() {
        let times = times(&[100, 40]);
        let may_hold = |from, to| times.may_hold(Some(at(from)), Some(at(to)));
        assert!(may_hold(0, 41) && may_hold(100, 101) && may_hold(60, 70));
        assert!(!may_hold(0, 40) && !may_hold(101, 200));
    }

    fn written(lines: &[u8]) -> SimulatedDisk {
        let disk = SimulatedDisk::new(1);
        disk.overwrite(FILE, lines);
        disk
    }

    fn read_back(disk: &SimulatedDisk) -> Option<Times> {
        Times::read(disk, FILE, &*disk.view(FILE).unwrap().unwrap()).unwrap()
    }

    #[test]
    fn kept_times_are_used_for_the_same_file_only() {
        let one = b"{\"sequence\":7,\"at\":\"2026-01-01T00:00:00Z\"}\n";
        let disk = written(one);
        let times = Times::default().through(&disk, FILE, one.len() as u64).unwrap().unwrap();
        times.keep(&disk, FILE).unwrap();
        assert_eq!(read_back(&disk), Some(times));
        disk.overwrite(FILE, b"{\"sequence\":8,\"at\":\"2026-01-01T00:00:00Z\"}\nmore\n");
        assert_eq!(read_back(&disk), None, "another first record");
        disk.overwrite(FILE, &one[..one.len() - 2]);
        assert_eq!(read_back(&disk), None, "shorter than what is known of it");
        disk.overwrite(&name(FILE), b"{\"bytes\":");
        disk.overwrite(FILE, one);
        assert_eq!(read_back(&disk), None, "cut short");
    }

    #[test]
    fn invalid_lines_count_as_bytes_and_an_incomplete_line_gives_no_times() {
        let lines = b"# not a record\n{\"sequence\":7,\"at\":\"2026-01-01T00:00:00Z\"}\n{\"sequ";
        let disk = written(lines);
        let through = |len: usize| Times::default().through(&disk, FILE, len as u64).unwrap();
        let whole = through(lines.len() - 6).unwrap();
        assert_eq!(whole.span.unwrap().first_sequence, 7);
        assert_eq!(through(lines.len()), None);
    }
}
