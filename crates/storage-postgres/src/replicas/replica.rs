//! One read replica.

use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::timeout;

use super::position::{LogPosition, replayed};
use crate::connection::DatabaseUrl;
use crate::database::Database;

/// A read replica.
pub(super) struct Replica {
    url: DatabaseUrl,
    database: Database,
    /// What it has replayed; `None` if it does not answer or is no replica.
    replayed: Mutex<Option<LogPosition>>,
}

/// How long a replica may take to say how far it is.
const ANSWER: Duration = Duration::from_secs(1);

impl Replica {
    pub(super) fn new(url: DatabaseUrl, database: Database) -> Self {
        Self { url, database, replayed: Mutex::new(None) }
    }

    /// The connections to it.
    pub(super) const fn database(&self) -> &Database {
        &self.database
    }

    /// Whether it shows everything up to this position.
    pub(super) fn has(&self, position: LogPosition) -> bool {
        self.replayed.lock().is_some_and(|replayed| replayed >= position)
    }

    /// It has failed; it is not used until it answers again.
    pub(super) fn has_failed(&self) {
        self.note(None, "it does not answer a list");
    }

    /// Asks it how far it is.
    pub(super) async fn look(&self) {
        match timeout(ANSWER, replayed(&self.database)).await {
            Ok(Ok(Some(position))) => self.note(Some(position), ""),
            Ok(Ok(None)) => self.note(None, "it is not a replica"),
            Ok(Err(error)) => self.note(None, &error.to_string()),
            Err(_) => self.note(None, "it does not answer"),
        }
    }

    fn note(&self, position: Option<LogPosition>, reason: &str) {
        let before = std::mem::replace(&mut *self.replayed.lock(), position);
        if position.is_none() && before.is_some() {
            tracing::warn!(url = %self.url, reason, "a read replica is not used; lists are read elsewhere");
        } else if position.is_some() && before.is_none() {
            tracing::info!(url = %self.url, "lists are read from a read replica");
        }
    }
}
