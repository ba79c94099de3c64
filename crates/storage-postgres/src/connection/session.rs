//! What is set on every connection.

use std::time::Duration;

use tokio::time::timeout;
use tokio_postgres::Client;

use super::connector::{Connector, RawConnection};
use super::error::DatabaseError;
use super::pooler::{Pooler, refuse};
use crate::settings::PostgresStoreSettings;

/// What is set on a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SessionSettings {
    /// The longest statement; `None` is unlimited.
    statement: Option<Duration>,
    /// The longest wait for a lock; `None` is unlimited.
    lock: Option<Duration>,
    /// How long an answer is awaited.
    answer_timeout: Duration,
    /// What is between.
    pooler: Pooler,
}

/// How much longer than a statement may take its answer is awaited.
const GRACE: Duration = Duration::from_secs(1);

/// Longer than an index of millions of rows takes.
const LONG: Duration = Duration::from_hours(1);

impl SessionSettings {
    /// For requests, which are short.
    pub(crate) const fn short(settings: &PostgresStoreSettings) -> Self {
        let timeouts = &settings.timeouts;
        Self {
            statement: Some(timeouts.statement),
            lock: Some(timeouts.lock),
            answer_timeout: timeouts.statement.saturating_add(GRACE),
            pooler: settings.pooler,
        }
    }

    /// For a transaction that may be open for long, with short statements.
    pub(crate) const fn open_ended(settings: &PostgresStoreSettings) -> Self {
        Self { statement: None, lock: None, ..Self::short(settings) }
    }

    /// For statements that may take long.
    pub(crate) const fn long(settings: &PostgresStoreSettings) -> Self {
        Self { answer_timeout: LONG, ..Self::open_ended(settings) }
    }

    /// How long an answer is awaited.
    pub(crate) const fn answer_timeout(&self) -> Duration {
        self.answer_timeout
    }

    /// Whether a connection is kept, with what is set and prepared on it. Otherwise each transaction
    /// [sets](Self::begin) what it needs.
    pub(crate) const fn keeps_connections(&self) -> bool {
        matches!(self.pooler, Pooler::None | Pooler::Session)
    }

    /// Opens a connection with these settings.
    pub(crate) async fn open(&self, connector: &Connector) -> Result<RawConnection, DatabaseError> {
        let connection = connector.connect().await?;
        if self.keeps_connections() {
            run(connection.client(), &self.statements("SET"), self.answer_timeout).await?;
        }
        if self.pooler == Pooler::None {
            let refusing = timeout(self.answer_timeout, refuse(connection.client())).await;
            refusing.map_err(|_| DatabaseError::NoAnswer(self.answer_timeout))??;
        }
        Ok(connection)
    }

    /// The statements that begin a transaction with these settings. `mode` is what follows `BEGIN`.
    pub(crate) fn begin(&self, mode: &str) -> String {
        if self.keeps_connections() {
            format!("BEGIN {mode}")
        } else {
            format!("BEGIN {mode}; {}", self.statements("SET LOCAL"))
        }
    }

    /// A commit is durable whatever the database is set to. Just-in-time compilation costs more than our queries.
    /// Every short statement has an index, which is used even by a plan that was made while its table was small.
    fn statements(&self, set: &str) -> String {
        let millis = |limit: Option<Duration>| limit.map_or(0, |limit| limit.as_millis().max(1));
        let idle = self.statement.map_or(0, |statement| (statement + GRACE).as_millis() * 2);
        let is_local = !self.keeps_connections();
        format!(
            "{set} statement_timeout = {}; {set} lock_timeout = {}; \
             {set} idle_in_transaction_session_timeout = {idle}; {set} jit = off; {set} enable_seqscan = {}; \
             SELECT set_config('synchronous_commit', 'on', {is_local}) \
             WHERE current_setting('synchronous_commit') = 'off'",
            millis(self.statement),
            millis(self.lock),
            if self.statement.is_some() { "off" } else { "on" },
        )
    }
}

/// Runs statements without parameters.
pub(crate) async fn run(
    client: &Client,
    statements: &str,
    answer_timeout: Duration,
) -> Result<(), DatabaseError> {
    let running = timeout(answer_timeout, client.batch_execute(statements)).await;
    Ok(running.map_err(|_| DatabaseError::NoAnswer(answer_timeout))??)
}
