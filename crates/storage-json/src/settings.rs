//! What a store needs to be told.

use std::fmt;
use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

/// Where the store is, and what it may not find out by itself.
pub struct JsonStoreSettings {
    /// The users file, such as `data/users.json`. The other files are beside it; the folder is made if it
    /// is absent.
    pub users_file: PathBuf,
    /// The time of opening, for the audit record of an edit that is taken over.
    pub now: Timestamp,
    /// Random bytes, for the id of that record.
    pub random: [u8; 10],
    /// When audit.ndjson is rotated; `None` is never.
    pub rotation: Option<AuditRotation>,
    /// Reported of every commit, if anyone wants to know.
    pub observer: Option<Arc<dyn CommitObserver>>,
}

/// When audit.ndjson gets a fresh file, which is looked at with every snapshot, and what becomes of the old
/// ones: `audit-<number>.ndjson`, named by the last number in it. Each rotation is audited.
#[derive(Clone)]
pub struct AuditRotation {
    /// When it has so many bytes.
    pub max_bytes: Option<NonZeroU64>,
    /// When its first record is so old.
    pub max_age: Option<Duration>,
    /// How many old files are kept; `None` is all.
    pub keep: Option<NonZeroUsize>,
    /// Gives the time, and random bytes for the id of a record.
    pub stamp: Arc<dyn Fn() -> (Timestamp, [u8; 10]) + Send + Sync>,
}

/// Hears how long commits take.
pub trait CommitObserver: Send + Sync {
    /// A commit was answered, whatever its outcome, this long after it was asked for.
    fn committed(&self, latency: Duration);
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
