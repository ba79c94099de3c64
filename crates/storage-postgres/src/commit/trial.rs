//! A write that changes nothing.

use super::command::{Command, trip};
use crate::connection::DatabaseError;
use crate::database::Database;
use crate::sql::Sql;

/// Stores audit records, as almost every commit does, and rolls back.
///
/// # Errors
/// [`DatabaseError`], if the database does not accept it.
pub(crate) async fn try_write(database: &Database) -> Result<(), DatabaseError> {
    let connection = database.connection().await?;
    let commands = [Sql::Begin, Sql::TrialWrite, Sql::Rollback].map(Command::bare);
    let outcome = trip(database, &connection, &commands).await;
    match &outcome {
        Ok(_) => connection.end(),
        // The transaction may still be open. The connection stays marked as busy, so that it is rolled back.
        Err(error) if error.code().is_some() => {}
        Err(error) => database.discard(connection, error),
    }
    outcome.map(drop)
}
