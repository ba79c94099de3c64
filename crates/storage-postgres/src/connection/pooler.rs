//! Poolers, which lend the connections of the database to their clients.

use tokio_postgres::Client;

use super::cancel_key;
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
