//! The commit of a restore, whose outcome the server tells even if its answer was lost.

use std::time::{Duration, Instant};

use roster_storage::RestoreError;
use thiserror::Error;
use tokio::time::sleep;

use super::unavailable::unavailable;
use crate::connection::{DatabaseError, SessionSettings};
use crate::migrations::connector;
use crate::settings::PostgresStoreSettings;
use crate::transaction::Transaction;

/// The database could not be asked for the outcome.
#[derive(Debug, Error)]
#[error("it is unknown whether the restored store is in effect, since the database does not answer")]
struct Unknown(#[source] DatabaseError);

/// The pause between two questions.
const PAUSE: Duration = Duration::from_millis(250);

/// Commits the transaction.
///
/// # Errors
/// [`RestoreError::Unavailable`].
pub(crate) async fn commit(
    transaction: &Transaction,
    settings: &PostgresStoreSettings,
) -> Result<(), RestoreError> {
    let id: String = transaction.value("SELECT pg_current_xact_id()::text").await.map_err(unavailable)?;
    let Err(error) = transaction.run("COMMIT").await else { return Ok(()) };
    if error.code().is_some() && !error.is_lost_connection() {
        return Err(unavailable(error));
    }
    let deadline = Instant::now() + settings.timeouts.request;
    while Instant::now() < deadline {
        match status(settings, &id).await.as_deref() {
            Some("committed") => return Ok(()),
            Some("aborted") => return Err(unavailable(error)),
            _ => sleep(PAUSE).await,
        }
    }
    Err(RestoreError::Unavailable(Box::new(Unknown(error))))
}

/// The outcome of a transaction; `None` if the database does not answer.
async fn status(settings: &PostgresStoreSettings, id: &str) -> Option<String> {
    let connector = connector(settings).await.ok()?;
    let session = SessionSettings::short(settings);
    let connection = session.open(&connector).await.ok()?;
    let asking = Transaction::new(connection, session);
    asking.value(&format!("SELECT pg_xact_status('{id}')")).await.ok()
}
