//! The read replicas of a database.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::task::AbortHandle;
use tokio::time::sleep;

use super::position::RequiredPosition;
use super::replica::Replica;
use crate::connection::{Connector, DatabaseUrl, SessionSettings, pool};
use crate::database::Database;
use crate::error::OpenError;
use crate::settings::PostgresStoreSettings;

/// The read replicas of a database, and a task that asks them how far they are.
pub(crate) struct ReadReplicas {
    replicas: Arc<[Replica]>,
    /// Which one is tried first; they take turns.
    next: AtomicUsize,
    /// `None` without replicas.
    required: Option<Arc<RequiredPosition>>,
    task: Option<AbortHandle>,
}

/// How often the replicas are asked for their positions. After a change, lists are read from the primary for about this
/// long.
const INTERVAL: Duration = Duration::from_millis(250);

impl ReadReplicas {
    /// The replicas of the settings. None of them has to answer. One that turns out to be a replica of another store than
    /// that of `primary` is never used.
    ///
    /// # Errors
    /// [`OpenError`].
    pub(crate) async fn open(
        settings: &PostgresStoreSettings,
        primary: &Database,
    ) -> Result<Self, OpenError> {
        let next = AtomicUsize::new(0);
        if settings.read_urls.is_empty() {
            return Ok(Self { replicas: Arc::default(), next, required: None, task: None });
        }
        let mut replicas = Vec::new();
        for url in &settings.read_urls {
            replicas.push(open(url.clone(), settings).await?);
        }
        let replicas: Arc<[Replica]> = replicas.into();
        let required = Arc::new(RequiredPosition::new(primary).await?);
        let task = settings.runtime().spawn(watch(replicas.clone(), required.clone(), primary.clone()));
        Ok(Self { replicas, next, required: Some(required), task: Some(task.abort_handle()) })
    }

    /// A replica that shows everything that is known to be committed at the primary, if there is one.
    pub(crate) async fn choose(&self, primary: &Database) -> Option<ChosenReplica<'_>> {
        let required = self.required.as_ref()?.get(primary).await.ok()?;
        let first = self.next.fetch_add(1, Ordering::Relaxed);
        let count = self.replicas.len();
        let in_turn = (0..count).map(|step| &self.replicas[first.wrapping_add(step) % count]);
        let chosen = in_turn.into_iter().find(|replica| replica.has(&required))?;
        Some(ChosenReplica(chosen))
    }

    /// Closes the connections.
    pub(crate) fn close(&self) {
        for replica in &*self.replicas {
            replica.database().close();
        }
    }
}

/// The replica that a list is read from.
pub(crate) struct ChosenReplica<'r>(&'r Replica);

impl ChosenReplica<'_> {
    /// Its connections.
    pub(crate) const fn database(&self) -> &Database {
        self.0.database()
    }

    /// What it has read, or `None` if it failed, so that the list is read from the primary.
    pub(crate) fn checked<T, E>(&self, outcome: Result<T, E>) -> Option<T> {
        let found = outcome.ok();
        if found.is_none() {
            self.0.has_failed();
        }
        found
    }
}

impl Drop for ReadReplicas {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

async fn open(url: DatabaseUrl, settings: &PostgresStoreSettings) -> Result<Replica, OpenError> {
    let connector = {
        let (url, timeout, runtime) = (url.clone(), settings.timeouts.connect, settings.runtime());
        let reading = tokio::task::spawn_blocking(move || Connector::new(url, timeout, runtime));
        reading.await.map_err(|error| OpenError::Database(Box::new(error)))??
    };
    let session = SessionSettings::short(settings);
    let pool = pool(connector, session, settings.pool_size);
    let pool = pool.map_err(|error| OpenError::Database(Box::new(error)))?;
    let database = Database::new(pool, session.answer_timeout(), settings.timeouts, settings.runtime());
    Ok(Replica::new(url, database))
}

async fn watch(replicas: Arc<[Replica]>, required: Arc<RequiredPosition>, primary: Database) {
    loop {
        if let Ok(last) = required.last(&primary).await {
            join_all(replicas.iter().map(|replica| replica.look(&required, &last))).await;
        }
        sleep(INTERVAL).await;
    }
}
