//! The newest audit records, which are not in a file yet.

use std::cmp::Ordering;
use std::convert::identity;
use std::sync::Arc;

use imbl::Vector;
use roster_domain::AuditRecord;

/// The committed records that are not in a file yet. Like the whole state, it is cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct AuditTail {
    /// Every record numbered up to here is in a file.
    written: u64,
    /// The records after it, with their numbers, oldest first.
    records: Vector<(u64, Arc<AuditRecord>)>,
}

impl AuditTail {
    /// Only what is in files.
    pub(crate) fn all_written() -> Self {
        Self { written: u64::MAX, records: Vector::new() }
    }

    /// The last number whose record is in a file.
    pub(crate) const fn written(&self) -> u64 {
        self.written
    }

    /// Adds a record, whose number is greater than all others.
    pub(crate) fn push(&mut self, number: u64, record: Arc<AuditRecord>) {
        self.records.push_back((number, record));
    }

    /// Removes and returns the records numbered up to `through`, which are in a file now.
    pub(crate) fn remove_written(&mut self, through: u64) -> Vector<(u64, Arc<AuditRecord>)> {
        self.written = self.written.max(through);
        let is_written =
            |(number, _): &(u64, _)| if *number <= through { Ordering::Less } else { Ordering::Greater };
        let count = self.records.binary_search_by(is_written).unwrap_or_else(identity);
        let others = self.records.split_off(count);
        std::mem::replace(&mut self.records, others)
    }

    /// The records numbered above `number`, oldest first.
    pub(crate) fn after(&self, number: u64) -> impl Iterator<Item = (u64, &Arc<AuditRecord>)> {
        let records = self.records.iter().map(|(number, record)| (*number, record));
        records.skip_while(move |(candidate, _)| *candidate <= number)
    }

    /// The record at this index, counted from the oldest, with its number.
    pub(crate) fn nth(&self, at: usize) -> Option<(u64, &Arc<AuditRecord>)> {
        self.records.get(at).map(|(number, record)| (*number, record))
    }

    /// The number of records.
    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    /// The records, newest first.
    pub(crate) fn newest_first(&self) -> impl Iterator<Item = (u64, &Arc<AuditRecord>)> {
        self.records.iter().rev().map(|(number, record)| (*number, record))
    }
}
