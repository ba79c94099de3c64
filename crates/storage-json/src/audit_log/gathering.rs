//! Gathers one page.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use roster_domain::{AuditFilter, AuditPage, AuditPosition, AuditQuery, AuditRecord, Page};
use serde::Deserialize;

/// By how much a record's time may lie before that of an earlier one: it is taken before the commit, by a clock
/// that may be set back.
const SLACK: SignedDuration = SignedDuration::from_hours(1);

/// Whether to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum More {
    /// Offer the next record.
    Wanted,
    /// The page is as it will be.
    Enough,
}

/// A page in the making, to which records are offered newest first.
pub(super) struct Gathering<'a> {
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
struct Place {
    sequence: u64,
    at: Timestamp,
}

/// The number of a line. Its record is read apart, because that is faster than both at once.
#[derive(Deserialize)]
struct Numbered {
    sequence: u64,
}

impl<'a> Gathering<'a> {
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

    /// Whether neither this line nor any after it can be on the page. A line that cannot be read is not past.
    pub(super) fn is_past(&self, line: &[u8]) -> bool {
        let Ok(place) = serde_json::from_slice::<Place>(line) else { return false };
        place.sequence >= self.below
            || self.filter.to.is_some_and(|to| place.at.saturating_sub(SLACK).is_ok_and(|at| at >= to))
    }

    /// Whether records with numbers up to `through` may be of interest.
    pub(super) const fn reaches(&self, through: u64) -> bool {
        self.below > through.saturating_add(1)
    }

    /// Takes the line's record, if it is one of those that were asked for.
    ///
    /// # Errors
    /// If the line is no record.
    pub(super) fn offer_line(&mut self, line: &[u8]) -> serde_json::Result<More> {
        if self.look == 0 && self.has_moved {
            self.next = Some(self.below);
            return Ok(More::Enough);
        }
        self.look = self.look.saturating_sub(line.len() as u64);
        let number = serde_json::from_slice::<Numbered>(line)?.sequence;
        if number >= self.below {
            return Ok(More::Wanted);
        }
        Ok(self.offer(number, &Arc::new(serde_json::from_slice(line)?)))
    }

    /// Takes the record, if it is one of those that were asked for.
    pub(super) fn offer(&mut self, number: u64, record: &Arc<AuditRecord>) -> More {
        if number >= self.below {
            return More::Wanted;
        }
        (self.below, self.has_moved) = (number, true);
        if self.filter.from.is_some_and(|from| record.at.saturating_add(SLACK).is_ok_and(|at| at < from)) {
            return More::Enough;
        }
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
