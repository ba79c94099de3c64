//! Where a copy is built.

use crate::connection::DatabaseError;
use crate::restore::is_empty;
use crate::transaction::Transaction;

/// The schema of a copy to the store in the current schema, ready to be put into a statement.
pub(super) const STAGING: &str = "SELECT quote_ident(left('roster_copy_to_' || current_schema(), 63))";

/// The schema of a copy that was begun, if there is one.
pub(crate) async fn begun(transaction: &Transaction) -> Result<Option<String>, DatabaseError> {
    let Some(staging) = transaction.value::<Option<String>>(STAGING).await? else { return Ok(None) };
    let is_there = format!("SELECT to_regclass('{staging}.copy_position') IS NOT NULL");
    Ok(transaction.value::<bool>(&is_there).await?.then_some(staging))
}

/// The schema of a part of a store, if there is one and no store.
pub(crate) async fn incomplete(transaction: &Transaction) -> Result<Option<String>, DatabaseError> {
    let Some(staging) = begun(transaction).await? else { return Ok(None) };
    let schema: String = transaction.value("SELECT quote_ident(current_schema())").await?;
    Ok(is_empty(transaction, &schema).await?.then_some(staging))
}
