//! The newest audit records, which no file has yet.

use std::cmp::Ordering;
use std::convert::identity;
use std::sync::Arc;

use imbl::Vector;
use roster_domain::AuditRecord;

/// The records that were committed and not yet filed. A clone costs nothing, like that of the whole state.
#[derive(Debug, Clone, Default)]
pub(crate) struct AuditTail {
    /// Every record numbered up to here is in a file.
    filed: u64,
    /// Those after it, with their numbers, oldest first.
    records: Vector<(u64, Arc<AuditRecord>)>,
}

impl AuditTail {
    /// Nothing but what is in files.
    pub(crate) fn all_filed() -> Self {
        Self { filed: u64::MAX, records: Vector::new() }
    }

    /// The last number whose record is in a file, if it has one.
    pub(crate) const fn filed(&self) -> u64 {
        self.filed
    }

    /// Adds a record; its number is greater than all before.
    pub(crate) fn push(&mut self, number: u64, record: Arc<AuditRecord>) {
        self.records.push_back((number, record));
    }

    /// Every record numbered up to `through` is in a file now. Gives back those that were kept until then.
    pub(crate) fn file(&mut self, through: u64) -> Vector<(u64, Arc<AuditRecord>)> {
        self.filed = self.filed.max(through);
        let is_filed =
            |(number, _): &(u64, _)| if *number <= through { Ordering::Less } else { Ordering::Greater };
        let count = self.records.binary_search_by(is_filed).unwrap_or_else(identity);
        let others = self.records.split_off(count);
        std::mem::replace(&mut self.records, others)
    }

    /// The record at this place, counted from the oldest, with its number.
    pub(crate) fn nth(&self, at: usize) -> Option<(u64, &Arc<AuditRecord>)> {
        self.records.get(at).map(|(number, record)| (*number, record))
    }

    /// How many records there are.
    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    /// The records, newest first.
    pub(crate) fn newest_first(&self) -> impl Iterator<Item = (u64, &Arc<AuditRecord>)> {
        self.records.iter().rev().map(|(number, record)| (*number, record))
    }
}
