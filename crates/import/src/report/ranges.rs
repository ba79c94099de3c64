//! A compact list of many records.

use crate::report::location::{Escaped, RecordLocation};
use std::fmt;

/// How many keys or ranges are listed; records beyond them are only counted.
const MAX_ENTRIES: usize = 50;

/// A list of records: `lines 1, 3-36`, `rows 17, 42` or `records ada, bob`. Its size is bounded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordRanges {
    entries: Vec<Entry>,
    count: usize,
}

/// One record by its key, or a range of neighbours.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Entry {
    Key(String),
    Row(String),
    Positions { first: usize, last: usize },
    Lines { first: usize, last: usize },
    InFile { file: String, entry: Box<Entry> },
}

impl RecordRanges {
    /// Adds a record. Records are added in the order of the file.
    pub fn add(&mut self, location: &RecordLocation) {
        self.count += 1;
        let is_full = self.entries.len() == MAX_ENTRIES;
        // Once a record was only counted, the last listed range must not grow.
        let written: usize = self.entries.iter().map(Entry::count).sum();
        let continues = written + 1 == self.count
            && self.entries.last_mut().is_some_and(|last| last.extend_with(location));
        if !continues && !is_full {
            self.entries.push(Entry::begin(location));
        }
    }

    /// Whether the list is empty.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    fn noun(&self) -> &'static str {
        match (self.entries.first().map(Entry::inner), self.count) {
            (Some(Entry::Lines { .. }), 1) => "line",
            (Some(Entry::Lines { .. }), _) => "lines",
            (Some(Entry::Row(_)), 1) => "row",
            (Some(Entry::Row(_)), _) => "rows",
            (_, 1) => "record",
            (_, _) => "records",
        }
    }
}

impl Entry {
    fn begin(location: &RecordLocation) -> Self {
        match location {
            RecordLocation::Key { key, .. } => Self::Key(key.clone()),
            RecordLocation::Row { row, .. } => Self::Row(row.clone()),
            RecordLocation::Position { position, .. } => {
                Self::Positions { first: *position, last: *position }
            }
            RecordLocation::Line { line } => Self::Lines { first: *line, last: *line },
            RecordLocation::InFile { file, location } => {
                Self::InFile { file: file.clone(), entry: Box::new(Self::begin(location)) }
            }
        }
    }

    /// Adds the record if it directly follows this range; returns whether it does.
    fn extend_with(&mut self, location: &RecordLocation) -> bool {
        let (last, next) = match (self, location) {
            (Self::Positions { last, .. }, RecordLocation::Position { position, .. }) => (last, *position),
            (Self::Lines { last, .. }, RecordLocation::Line { line }) => (last, *line),
            (Self::InFile { file, entry }, RecordLocation::InFile { file: other, location }) => {
                return file == other && entry.extend_with(location);
            }
            _ => return false,
        };
        let is_next = next == *last + 1;
        if is_next {
            *last = next;
        }
        is_next
    }

    /// The entry without the name of its file.
    fn inner(&self) -> &Self {
        match self {
            Self::InFile { entry, .. } => entry.inner(),
            entry => entry,
        }
    }

    fn count(&self) -> usize {
        match self {
            Self::InFile { entry, .. } => entry.count(),
            Self::Key(_) | Self::Row(_) => 1,
            Self::Positions { first, last } | Self::Lines { first, last } => *last - *first + 1,
        }
    }
}

impl fmt::Display for RecordRanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.noun())?;
        let mut left = self.count;
        for (index, entry) in self.entries.iter().enumerate() {
            write!(f, "{}{entry}", if index == 0 { " " } else { ", " })?;
            left -= entry.count();
        }
        if left > 0 { write!(f, " and {left} more: --report json names each") } else { Ok(()) }
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(name) | Self::Row(name) => write!(f, "{}", Escaped(name)),
            Self::Positions { first, last } if first == last => write!(f, "#{first}"),
            Self::Positions { first, last } => write!(f, "#{first}-#{last}"),
            Self::InFile { file, entry } => write!(f, "{entry} of {}", Escaped(file)),
            Self::Lines { first, last } if first == last => write!(f, "{first}"),
            Self::Lines { first, last } => write!(f, "{first}-{last}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn describe(locations: impl IntoIterator<Item = RecordLocation>) -> String {
        let mut ranges = RecordRanges::default();
        locations.into_iter().for_each(|location| ranges.add(&location));
        ranges.to_string()
    }

    fn keys(count: usize) -> impl Iterator<Item = RecordLocation> {
        (1..=count).map(|line| RecordLocation::Key { key: format!("u{line}"), line })
    }

    #[test]
    fn neighbours_become_ranges() {
        let line = |line| RecordLocation::Line { line };
        assert_eq!(describe([1, 3, 4, 5, 9, 10].map(line)), "lines 1, 3-5, 9-10");
        assert_eq!(describe([7].map(line)), "line 7");
        let of = |file, location: RecordLocation| location.in_file(Some(file));
        let several = [of("a", line(1)), of("a", line(2)), of("b", line(3))];
        assert_eq!(describe(several), "lines 1-2 of a, 3 of b");
        let position = |position| RecordLocation::Position { position, line: 1 };
        assert_eq!(describe([1, 2, 5].map(position)), "records #1-#2, #5");
        assert_eq!(describe([5].map(position)), "record #5");
        assert_eq!(describe((1..=100_000).map(position)), "records #1-#100000");
    }

    #[test]
    fn rows_are_listed_by_their_keys() {
        let row = |row: &str, line| RecordLocation::Row { row: row.to_owned(), line };
        assert_eq!(describe([row("17", 1)]), "row 17");
        assert_eq!(describe([row("17", 1), row("#2", 2)]), "rows 17, #2");
    }

    #[test]
    fn keys_are_listed_up_to_a_limit_and_then_counted() {
        assert_eq!(describe(keys(2)), "records u1, u2");
        assert!(describe(keys(50)).ends_with("u49, u50"));
        assert!(describe(keys(100_000)).ends_with("u49, u50 and 99950 more: --report json names each"));
    }

    #[test]
    fn records_beyond_the_listed_ranges_are_counted() {
        let every_third_is_missing =
            (1..=300).filter(|line| line % 3 != 0).map(|line| RecordLocation::Line { line });
        assert!(describe(every_third_is_missing).ends_with("148-149 and 100 more: --report json names each"));
    }
}
