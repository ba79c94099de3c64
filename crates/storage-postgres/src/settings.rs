//! Settings of the store.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use roster_storage::CommitObserver;
use tokio::runtime::Handle;

use crate::connection::{DatabaseUrl, Pooler};

/// What a store is opened with.
#[derive(Clone)]
pub struct PostgresStoreSettings {
    /// Where the database is.
    pub url: DatabaseUrl,
    /// Read replicas of the database, which may answer lists.
    pub read_urls: Vec<DatabaseUrl>,
    /// The time of opening, for the record of migrations.
    pub now: Timestamp,
    /// What is between Roster and the database.
    pub pooler: Pooler,
    /// The largest number of connections. More callers wait for one.
    pub pool_size: usize,
    /// What may take how long.
    pub timeouts: Timeouts,
    /// The runtime that drives connections and commits, and has to outlive the store; `None` is the runtime in which the
    /// store is opened. Requests may come from any runtime.
    pub runtime: Option<Handle>,
    /// Observes commits, if needed.
    pub observer: Option<Arc<dyn CommitObserver>>,
}

/// Bounds on waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// A connection to one host, with TLS and authentication: each host of the URL has this much time. Also the wait for
    /// a connection of the pool.
    pub connect: Duration,
    /// A statement. The server ends it then; if the server does not answer, the connection is given up a second later.
    pub statement: Duration,
    /// The wait of a statement for a lock.
    pub lock: Duration,
    /// The time in which a commit is tried again, or its unknown outcome is looked up.
    pub request: Duration,
}

impl PostgresStoreSettings {
    /// The pool size if nothing is set.
    pub const POOL_SIZE: usize = 16;

    /// The usual settings.
    #[must_use]
    pub fn new(url: DatabaseUrl, now: Timestamp) -> Self {
        Self {
            url,
            read_urls: Vec::new(),
            now,
            pooler: Pooler::None,
            pool_size: Self::POOL_SIZE,
            timeouts: Timeouts::default(),
            runtime: None,
            observer: None,
        }
    }
}

impl PostgresStoreSettings {
    /// The runtime of the settings, or the current one.
    pub(crate) fn runtime(&self) -> Handle {
        self.runtime.clone().unwrap_or_else(Handle::current)
    }
}

impl Default for Timeouts {
    /// 5 s to connect, 10 s a statement, 5 s for a lock, 30 s a request.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            statement: Duration::from_secs(10),
            lock: Duration::from_secs(5),
            request: Duration::from_secs(30),
        }
    }
}
