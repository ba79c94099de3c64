//! Poolers, which lend the connections of the database to their clients.

use std::time::Duration;

use tokio::time::timeout;
use tokio_postgres::Client;

use super::cancel_key;
use super::connector::Connector;
use super::error::DatabaseError;

/// What is between Roster and the database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pooler {
    /// Nothing that lends connections. A connection through a pooler is refused.
    #[default]
    None,
    /// A pooler in session mode: a client keeps its connection until it leaves.
    Session,
    /// A pooler in transaction mode: a client may have another connection for each transaction, so nothing is kept on a
    /// connection: no prepared statement, no setting and no `LISTEN`.
    Transaction,
}

/// Refuses a connection through a pooler. A pooler gives its clients keys of its own for the cancelling of statements, so
/// the process in the key is not the one that runs the statements.
///
/// # Errors
/// [`DatabaseError::Pooler`].
pub(super) async fn refuse(client: &Client) -> Result<(), DatabaseError> {
    let rows = client.query_typed("SELECT pg_backend_pid()", &[]).await?;
    let running: i32 = rows.first().ok_or(DatabaseError::NoRow)?.try_get(0)?;
    match cancel_key::process(client).await {
        // No process: the server gives no key.
        Some(process) if process != 0 && process != running => Err(DatabaseError::Pooler),
        _ => Ok(()),
    }
}

/// How long a second connection may take to show what was set on the first one. A pooler in session mode that has no other
/// connection to lend never answers.
const COMPARISON: Duration = Duration::from_secs(1);

const MARK: &str = "SELECT set_config('roster.session', clock_timestamp()::text || random()::text, false)";
const MARK_OF_OTHERS: &str = "SELECT current_setting('roster.session', true)";

/// Refuses a pooler in transaction mode, in which a client finds what another one has set. One that lends many connections
/// at once may pass: its errors [say](DatabaseError) what to do.
///
/// # Errors
/// [`DatabaseError::TransactionMode`]; other [`DatabaseError`]s, if the database does not answer.
pub(crate) async fn refuse_transaction_mode(connector: &Connector) -> Result<(), DatabaseError> {
    let one = connector.connect().await?;
    let compared = timeout(COMPARISON, async {
        let mark = text(one.client(), MARK).await?;
        let other = connector.connect().await?;
        Ok::<_, DatabaseError>(text(other.client(), MARK_OF_OTHERS).await? == mark)
    });
    match compared.await {
        Ok(Ok(true)) => Err(DatabaseError::TransactionMode),
        // If something else is wrong, the store finds out.
        _ => Ok(()),
    }
}

async fn text(client: &Client, sql: &str) -> Result<Option<String>, DatabaseError> {
    let rows = client.query_typed(sql, &[]).await?;
    Ok(rows.first().ok_or(DatabaseError::NoRow)?.try_get(0)?)
}
