//! Locks that have ended.

use crate::fields::field::Field;
use crate::fields::times::{ParsedTime, as_time, parse_time};
use crate::fields::values::as_flag;
use crate::locks::known_names::lock_meaning;
use crate::locks::meaning::LockMeaning;
use crate::locks::recognition::lock_stem;
use jiff::Timestamp;

/// The locks of a record that have ended. The start of such a lock does not lock the account: `suspended_at` next to a
/// `suspended_till` in the past.
pub(crate) struct PastLocks(Vec<(String, Timestamp)>);

impl PastLocks {
    /// The ends in the past among these fields.
    pub(crate) fn of(fields: &[Field], now: Timestamp) -> Self {
        let end = |field: &Field| {
            let is_end = matches!(lock_meaning(field), Some((LockMeaning::LockedUntil, _)));
            match parse_time(&field.value) {
                Some(ParsedTime::At(time)) if is_end && time <= now => Some((lock_stem(&field.name)?, time)),
                _ => None,
            }
        };
        Self(fields.iter().filter_map(end).collect())
    }

    /// Whether this field is the start of a lock that has ended.
    pub(crate) fn include(&self, field: &Field) -> bool {
        let Some(began) = as_time(&field.value).filter(|_| as_flag(&field.value).is_none()) else {
            return false;
        };
        let stem = lock_stem(&field.name);
        self.0.iter().any(|(other, end)| stem.as_ref() == Some(other) && began <= *end)
    }
}
