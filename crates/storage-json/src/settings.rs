//! What a store needs to be told.

use std::fmt;
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
    /// Told of every commit, if anyone wants to know.
    pub observer: Option<Arc<dyn CommitObserver>>,
}

/// Hears how long commits take.
pub trait CommitObserver: Send + Sync {
    /// A commit was answered, whatever its outcome, this long after it was asked for.
    fn committed(&self, latency: Duration);
}

impl fmt::Debug for JsonStoreSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonStoreSettings").field("users_file", &self.users_file).finish_non_exhaustive()
    }
}
