//! What is set on every connection.

use std::time::Duration;

use tokio::time::timeout;
use tokio_postgres::Client;

use super::connector::{Connector, RawConnection};
use super::error::DatabaseError;
use crate::settings::Timeouts;

/// What is set on a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SessionSettings {
    /// The longest statement; `None` is unlimited.
    statement: Option<Duration>,
    /// The longest wait for a lock; `None` is unlimited.
    lock: Option<Duration>,
    /// How long an answer is awaited.
    patience: Duration,
}

/// How much longer than a statement may take its answer is awaited.
const GRACE: Duration = Duration::from_secs(1);

/// Longer than an index of millions of rows takes.
const LONG: Duration = Duration::from_hours(1);

impl SessionSettings {
    /// For requests, which are short.
    pub(crate) fn short(timeouts: &Timeouts) -> Self {
        let (statement, lock) = (Some(timeouts.statement), Some(timeouts.lock));
        Self { statement, lock, patience: timeouts.statement + GRACE }
    }

    /// For a transaction that may be open for long, with short statements.
    pub(crate) fn open_ended(timeouts: &Timeouts) -> Self {
        Self { statement: None, lock: None, ..Self::short(timeouts) }
    }

    /// For statements that may take long.
    pub(crate) fn long(timeouts: &Timeouts) -> Self {
        Self { patience: LONG, ..Self::open_ended(timeouts) }
    }

    /// How long an answer is awaited.
    pub(crate) const fn patience(&self) -> Duration {
        self.patience
    }

    /// Opens a connection with these settings.
    pub(crate) async fn open(&self, connector: &Connector) -> Result<RawConnection, DatabaseError> {
        let connection = connector.connect().await?;
        run(connection.client(), &self.statements(), self.patience).await?;
        Ok(connection)
    }

    /// A commit is durable whatever the database is set to. Just-in-time compilation costs more than our queries.
    /// Every short statement has an index, which is used even by a plan that was made while its table was small.
    fn statements(&self) -> String {
        let millis = |limit: Option<Duration>| limit.map_or(0, |limit| limit.as_millis().max(1));
        let idle = self.statement.map_or(0, |statement| (statement + GRACE).as_millis() * 2);
        format!(
            "SET statement_timeout = {}; SET lock_timeout = {}; SET idle_in_transaction_session_timeout = {idle}; \
             SET jit = off; SET enable_seqscan = {}; SELECT set_config('synchronous_commit', 'on', false) \
             WHERE current_setting('synchronous_commit') = 'off'",
            millis(self.statement),
            millis(self.lock),
            if self.statement.is_some() { "off" } else { "on" },
        )
    }
}

/// Runs statements without parameters.
pub(crate) async fn run(client: &Client, statements: &str, patience: Duration) -> Result<(), DatabaseError> {
    let running = timeout(patience, client.batch_execute(statements)).await;
    Ok(running.map_err(|_| DatabaseError::NoAnswer(patience))??)
}
