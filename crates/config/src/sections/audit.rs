//! `[audit]`

use std::num::{NonZeroU64, NonZeroUsize};
use std::time::Duration;

use crate::fields::SettingsReader;
use crate::rules;

/// A hundred years.
const OLDEST: Duration = Duration::from_hours(24 * 365 * 100);

/// The files of the audit log.
#[derive(Debug)]
pub struct Audit {
    /// The size in bytes at which the log is rotated; `None` is never.
    pub rotate_bytes: Option<NonZeroU64>,
    /// The age of the first record at which the log is rotated; `None` is never.
    pub rotate_age: Option<Duration>,
    /// The number of old files to keep; `None` is all.
    pub keep: Option<NonZeroUsize>,
}

impl Audit {
    pub(crate) fn read(fields: &mut SettingsReader) -> Self {
        let age = fields.one("audit.rotate_age", rules::duration(Duration::ZERO..=OLDEST));
        Self {
            rotate_bytes: NonZeroU64::new(fields.one("audit.rotate_bytes", rules::integer(0..=1 << 40))),
            rotate_age: (!age.is_zero()).then_some(age),
            keep: NonZeroUsize::new(fields.one("audit.keep", rules::integer(0..=100_000))),
        }
    }
}
