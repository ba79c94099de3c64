//! Of all processes that use the database, the one that does the periodic work: it holds an advisory lock.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::task::AbortHandle;
use tokio::time::sleep;

use crate::connection::{DatabaseError, Pooler, SessionSettings};
use crate::error::OpenError;
use crate::migrations::connector;
use crate::settings::PostgresStoreSettings;
use crate::transaction::Transaction;

/// Whether this process does the periodic work.
#[derive(Debug, Default)]
pub(crate) struct Sweeper {
    has_lock: Arc<AtomicBool>,
    /// The task that competes for the lock; `None` until the first call. A command never does, so it takes the work from no
    /// server.
    candidate: Mutex<Option<AbortHandle>>,
}

/// How often a process tries to get the lock, or makes sure that it still has it.
const INTERVAL: Duration = Duration::from_secs(1);

/// The lock belongs to the connection, so it is free as soon as the server notices that the process or its machine is gone.
/// The number only has to differ from those of other programs.
const TAKE: &str = "SELECT pg_try_advisory_lock(7239417101366)";
const KEEP: &str = "SELECT true";

/// With these, the server notices within about 15 s that a machine is gone.
const KEEPALIVES: &str =
    "SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 2";

impl Sweeper {
    /// Whether this process has the lock. The first call begins to compete for it. Behind a pooler in transaction mode no
    /// connection can keep a lock, so every process does the work, and what one has done the others find done.
    pub(crate) fn is_this_process(&self, settings: &PostgresStoreSettings) -> bool {
        if settings.pooler == Pooler::Transaction {
            return true;
        }
        self.candidate.lock().get_or_insert_with(|| {
            let candidate = compete(settings.clone(), Arc::clone(&self.has_lock));
            settings.runtime().spawn(candidate).abort_handle()
        });
        self.has_lock.load(Ordering::Relaxed)
    }

    /// Leaves the work to others.
    pub(crate) fn resign(&self) {
        if let Some(candidate) = self.candidate.lock().take() {
            // Its connection is closed with it.
            candidate.abort();
        }
        self.has_lock.store(false, Ordering::Relaxed);
    }
}

impl Drop for Sweeper {
    fn drop(&mut self) {
        self.resign();
    }
}

/// Competes for the lock until aborted.
async fn compete(settings: PostgresStoreSettings, has_lock: Arc<AtomicBool>) {
    loop {
        let lost = hold(&settings, &has_lock).await;
        has_lock.store(false, Ordering::Relaxed);
        if let Err(error) = lost {
            tracing::debug!(%error, "cannot compete for the periodic work");
        }
        sleep(INTERVAL).await;
    }
}

/// Gets the lock on a connection of its own, and keeps it until the connection breaks.
async fn hold(settings: &PostgresStoreSettings, has_lock: &AtomicBool) -> Result<(), OpenError> {
    let session = SessionSettings::short(settings);
    let connection = session.open(&connector(settings).await?).await?;
    let connection = Transaction::new(connection, session);
    connection.run(KEEPALIVES).await?;
    loop {
        let statement = if has_lock.load(Ordering::Relaxed) { KEEP } else { TAKE };
        has_lock.store(ask(&connection, statement).await?, Ordering::Relaxed);
        sleep(INTERVAL).await;
    }
}

async fn ask(connection: &Transaction, statement: &str) -> Result<bool, DatabaseError> {
    connection.value(statement).await
}
