//! The settings of a store.

use std::fmt;
use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use roster_storage::CommitObserver;

/// The location of the store, and what it must not determine itself.
pub struct JsonStoreSettings {
    /// The users file, such as `data/users.json`. The other files are in the same folder, which is created if it is
    /// missing.
    pub users_file: PathBuf,
    /// The time of opening, for the audit record of an adopted edit.
    pub now: Timestamp,
    /// Random bytes, for the id of that record.
    pub random: [u8; 10],
    /// When audit.ndjson is rotated; `None` is never.
    pub rotation: Option<AuditRotation>,
    /// Observes commits, if needed.
    pub observer: Option<Arc<dyn CommitObserver>>,
}

/// When audit.ndjson is rotated, which is checked with every snapshot, and how many old files are kept. They are
/// named `audit-<number>.ndjson` after the last number in them. Each rotation is audited.
#[derive(Clone)]
pub struct AuditRotation {
    /// The size in bytes at which it is rotated.
    pub max_bytes: Option<NonZeroU64>,
    /// The age of the first record at which it is rotated.
    pub max_age: Option<Duration>,
    /// How many old files are kept; `None` is all.
    pub keep: Option<NonZeroUsize>,
    /// Returns the time, and random bytes for the id of a record.
    pub stamp: Arc<dyn Fn() -> (Timestamp, [u8; 10]) + Send + Sync>,
}

impl fmt::Debug for AuditRotation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { max_bytes, max_age, keep, stamp: _ } = self;
        let mut shown = f.debug_struct("AuditRotation");
        shown
            .field("max_bytes", max_bytes)
            .field("max_age", max_age)
            .field("keep", keep)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for JsonStoreSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonStoreSettings").field("users_file", &self.users_file).finish_non_exhaustive()
    }
}
