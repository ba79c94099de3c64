//! A journal file: its name and its first line.

use super::line::{Kind, Line};

const PREFIX: &str = "journal-";
const SUFFIX: &str = ".ndjson";
const DIGITS: usize = 20;

/// The version that is written. Every version from 1 on can be read; 2 came with version 2 of users.json.
pub(crate) const VERSION: u64 = 2;

/// The bytes around the version in the first line of a segment.
const BEFORE_VERSION: &str = "{\"format\":\"roster-journal\",\"version\":";
const AFTER_VERSION: &str = "}";

/// The name of the segment whose first unit has this number. Names sort like their numbers.
pub(crate) fn name(first: u64) -> String {
    format!("{PREFIX}{first:0DIGITS$}{SUFFIX}")
}

/// The first number in the name of a segment, or `None` if it is not a segment's name.
pub(crate) fn first_number(name: &str) -> Option<u64> {
    let digits = name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?;
    (digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| digits.parse().ok())
        .flatten()
}

/// The first line of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    /// The format version, which may be unknown to this Roster.
    pub(crate) version: u64,
    /// The number of its first unit.
    pub(crate) first: u64,
    /// The last valid number before it. Units of earlier segments with higher numbers were never acknowledged, since
    /// their sync failed, and are discarded.
    pub(crate) follows: u64,
}

impl Header {
    /// The header of a new segment.
    pub(crate) const fn new(first: u64, follows: u64) -> Self {
        Self { version: VERSION, first, follows }
    }

    /// The header as the first line of the segment.
    pub(crate) fn encode(self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let body = format!("{BEFORE_VERSION}{}{AFTER_VERSION}", self.version).into_bytes();
        Line { kind: Kind::Segment, number: self.first, durable: self.follows, body: &body }
            .encode(&mut bytes);
        bytes
    }

    /// Parses the first line of a segment. `None` if it is invalid.
    pub(crate) fn decode(line: &[u8]) -> Option<Self> {
        let line = Line::decode(line)?;
        let body = (line.kind == Kind::Segment).then(|| std::str::from_utf8(line.body).ok())??;
        let version = body.strip_prefix(BEFORE_VERSION)?.strip_suffix(AFTER_VERSION)?.parse().ok()?;
        Some(Self { version, first: line.number, follows: line.durable })
    }
}

/// A segment that is no longer written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SealedSegment {
    pub(crate) name: String,
    pub(crate) first: u64,
    /// The last valid number in it; less than `first` if there is none.
    pub(crate) last: u64,
    /// The valid bytes.
    pub(crate) len: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sort_like_their_numbers() {
        assert!(name(9) < name(10));
        assert_eq!(first_number(&name(u64::MAX)), Some(u64::MAX));
        for other in
            ["journal-1.ndjson", "users.json", "journal-.ndjson", "journal-+0000000000000000001.ndjson"]
        {
            assert_eq!(first_number(other), None, "{other}");
        }
    }

    #[test]
    fn a_header_reads_back() {
        let header = Header::new(12, 9);
        assert_eq!(Header::decode(&header.encode()), Some(header));
        assert_eq!(Header::decode(b"{}\n"), None);
    }
}
