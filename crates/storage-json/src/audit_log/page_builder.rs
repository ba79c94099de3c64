//! Builds one page.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use roster_domain::{AuditFilter, AuditPage, AuditPosition, AuditQuery, AuditRecord, Page};
use serde::Deserialize;

use super::backward::Passed;
use super::times::Times;

/// Whether to continue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum More {
    /// Offer the next record.
    Wanted,
    /// No earlier record of this part of the file matches.
    NotHere,
    /// The page is complete.
    Enough,
}

/// What is known about the order of the times in a part of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// Nothing: every record has to be read.
    Unknown,
    /// A record's time is at most this much before that of an earlier record.
    Within(SignedDuration),
}

/// A page that is being built. Records are offered newest first.
pub(super) struct PageBuilder<'a> {
    filter: &'a AuditFilter,
    /// A text that every matching line contains.
    needed_text: Option<Box<[u8]>>,
    limit: usize,
    /// Only records with lower numbers are accepted.
    below: u64,
    /// Whether a record was read, so that the next page starts later than this one.
    has_moved: bool,
    /// How many more bytes of lines may be read.
    look: u64,
    items: Vec<Arc<AuditRecord>>,
    /// The number of the last item.
    last: u64,
    /// Where the next page starts.
    next: Option<u64>,
}

/// The number and the time of a line.
#[derive(Deserialize)]
struct LinePosition {
    sequence: u64,
    at: Timestamp,
}

/// The number of a line. Parsing the record separately is faster than parsing both at once.
#[derive(Deserialize)]
struct Numbered {
    sequence: u64,
}

impl<'a> PageBuilder<'a> {
    pub(super) fn new(query: &'a AuditQuery, look: u64) -> Self {
        let below = query.before.map_or(u64::MAX, AuditPosition::get);
        let limit = query.limit.get();
        Self {
            filter: &query.filter,
            needed_text: query.filter.action.map(|action| format!("\"{action}\"").into_bytes().into()),
            limit,
            below,
            has_moved: false,
            look,
            items: Vec::new(),
            last: 0,
            next: None,
        }
    }

    /// From now on only records with numbers up to `through` are accepted.
    pub(super) fn at_most(&mut self, through: u64) {
        self.below = self.below.min(through.saturating_add(1));
    }

    /// Whether the query has a time range.
    pub(super) const fn is_about_a_time(&self) -> bool {
        self.filter.from.is_some() || self.filter.to.is_some()
    }

    /// Whether a file with these times may contain a matching record.
    pub(super) fn may_be_among(&self, times: &Times) -> bool {
        times.may_hold(self.filter.from, self.filter.to)
    }

    /// Whether neither this line nor any later one can be on the page. An invalid line is not past.
    pub(super) fn is_past(&self, line: &[u8], order: Order) -> bool {
        let Ok(place) = serde_json::from_slice::<LinePosition>(line) else { return false };
        place.sequence >= self.below || self.is_after(place.at, order)
    }

    /// Whether this time and those of all later records are after the time range.
    fn is_after(&self, at: Timestamp, order: Order) -> bool {
        match (self.filter.to, order) {
            (Some(to), Order::Within(disorder)) => at.saturating_sub(disorder).is_ok_and(|at| at >= to),
            _ => false,
        }
    }

    /// Whether this time and those of all earlier records are before the time range.
    fn is_before(&self, at: Timestamp, order: Order) -> bool {
        match (self.filter.from, order) {
            (Some(from), Order::Within(disorder)) => at.saturating_add(disorder).is_ok_and(|at| at < from),
            _ => false,
        }
    }

    /// Whether records with numbers up to `through` may match.
    pub(super) const fn reaches(&self, through: u64) -> bool {
        self.below > through.saturating_add(1)
    }

    /// A text that every matching line contains, if one is known: the name of the action, which needs no escapes.
    pub(super) fn needed_text(&self) -> Option<&[u8]> {
        self.needed_text.as_deref()
    }

    /// Leaves out lines without the [needed text](Self::needed_text).
    pub(super) fn pass_over(&mut self, passed: &Passed, order: Order) -> More {
        // It also counts if it is the last that may be read: the next line ends the page.
        self.look = self.look.saturating_sub(passed.bytes as u64);
        let Ok(place) = serde_json::from_slice::<LinePosition>(&passed.earliest) else { return More::Wanted };
        if place.sequence < self.below {
            (self.below, self.has_moved) = (place.sequence, true);
        }
        if self.is_before(place.at, order) { More::NotHere } else { More::Wanted }
    }

    /// Accepts the record of a line if it matches.
    ///
    /// # Errors
    /// If the line is not a record.
    pub(super) fn offer_line(&mut self, line: &[u8], order: Order) -> serde_json::Result<More> {
        if self.look == 0 && self.has_moved {
            self.next = Some(self.below);
            return Ok(More::Enough);
        }
        self.look = self.look.saturating_sub(line.len() as u64);
        let number = serde_json::from_slice::<Numbered>(line)?.sequence;
        if number >= self.below {
            return Ok(More::Wanted);
        }
        let record = Arc::new(serde_json::from_slice::<AuditRecord>(line)?);
        let more = self.offer(number, &record);
        let is_first = more == More::Wanted && self.is_before(record.at, order);
        Ok(if is_first { More::NotHere } else { more })
    }

    /// Accepts the record if it matches.
    pub(super) fn offer(&mut self, number: u64, record: &Arc<AuditRecord>) -> More {
        if number >= self.below {
            return More::Wanted;
        }
        (self.below, self.has_moved) = (number, true);
        if !self.filter.matches(record) {
            return More::Wanted;
        }
        if self.items.len() == self.limit {
            self.next = Some(self.last);
            return More::Enough;
        }
        self.items.push(Arc::clone(record));
        self.last = number;
        More::Wanted
    }

    pub(super) fn page(self) -> AuditPage {
        Page { items: self.items, next: self.next.map(AuditPosition::from) }
    }
}
