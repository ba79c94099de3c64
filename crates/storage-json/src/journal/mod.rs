//! The journal: the only commit point. A unit of work counts once its line is synced.

mod line;
mod reader;
mod replay;
mod segment;
mod settle;
mod unit;
mod writer;

pub(crate) use replay::{ApplyError, Damage, ReplayError, Replayed, replay};
pub(crate) use segment::VERSION;
pub(crate) use settle::settle;
pub(crate) use unit::StoredUnit;
pub(crate) use writer::{AppendError, Group, Journal, Sealed};

/// Whether a file with this name is a part of the journal.
pub(crate) fn is_segment(name: &str) -> bool {
    segment::first_number(name).is_some()
}
