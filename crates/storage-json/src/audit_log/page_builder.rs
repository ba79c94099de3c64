//! Gathers one page.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use roster_domain::{AuditFilter, AuditPage, AuditPosition, AuditQuery, AuditRecord, Page};
use serde::Deserialize;

use super::times::Times;

/// Whether to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum More {
    /// Offer the next record.
    Wanted,
    /// No earlier record of this part of the file is of interest.
    NotHere,
    /// The page is as it will be.
    Enough,
}

/// What is known of the order of the times in a part of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// Nothing: every record has to be looked at.
    Unknown,
    /// A record's time lies at most so much before that of an earlier record.
    Within(SignedDuration),
}

/// A page in the making, to which records are offered newest first.
pub(super) struct PageBuilder<'a> {
    filter: &'a AuditFilter,
    limit: usize,
    /// Only records with smaller numbers are of interest.
    below: u64,
    /// Whether any record was looked at, so that the next page would not begin where this one did.
    has_moved: bool,
    /// How many bytes of lines may still be looked at.
    look: u64,
    items: Vec<Arc<AuditRecord>>,
    /// The number of the last item.
    last: u64,
    /// Where the next page starts.
    next: Option<u64>,
}

/// What tells a line's place.
#[derive(Deserialize)]
struct LinePosition {
    sequence: u64,
    at: Timestamp,
}

/// The number of a line. Its record is read apart, because that is faster than both at once.
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
            limit,
            below,
            has_moved: false,
            look,
            items: Vec::new(),
            last: 0,
            next: None,
        }
    }

    /// From here on only records with numbers up to `through` are of interest.
    pub(super) fn at_most(&mut self, through: u64) {
        self.below = self.below.min(through.saturating_add(1));
    }

    /// Whether the query is about a span of time.
    pub(super) const fn is_about_a_time(&self) -> bool {
        self.filter.from.is_some() || self.filter.to.is_some()
    }

    /// Whether a file with these times may hold a record of the query.
    pub(super) fn may_be_among(&self, times: &Times) -> bool {
        times.may_hold(self.filter.from, self.filter.to)
    }

    /// Whether neither this line nor any after it can be on the page. A line that cannot be read is not past.
    pub(super) fn is_past(&self, line: &[u8], order: Order) -> bool {
        let Ok(place) = serde_json::from_slice::<LinePosition>(line) else { return false };
        place.sequence >= self.below || self.is_after(place.at, order)
    }

    /// Whether this time and those of all later records are past the query's span.
    fn is_after(&self, at: Timestamp, order: Order) -> bool {
        match (self.filter.to, order) {
            (Some(to), Order::Within(disorder)) => at.saturating_sub(disorder).is_ok_and(|at| at >= to),
            _ => false,
        }
    }

    /// Whether this time and those of all earlier records are before the query's span.
    fn is_before(&self, at: Timestamp, order: Order) -> bool {
        match (self.filter.from, order) {
            (Some(from), Order::Within(disorder)) => at.saturating_add(disorder).is_ok_and(|at| at < from),
            _ => false,
        }
    }

    /// Whether records with numbers up to `through` may be of interest.
    pub(super) const fn reaches(&self, through: u64) -> bool {
        self.below > through.saturating_add(1)
    }

    /// Takes the line's record, if it is one of those that were asked for.
    ///
    /// # Errors
    /// If the line is no record.
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

    /// Takes the record, if it is one of those that were asked for.
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
