//! Finds out which rows do not fit together: what occurs twice, clashes or lacks its user. It reads whole tables, so it
//! only runs after an index or a constraint could not be made.

use roster_domain::{ApiKeyPrefix, ServiceAccountName};
use roster_storage::{Guard, RestoreError};
use roster_storage_sql::{ClaimSpace, UserRow, claims};
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::unavailable::unavailable;
use crate::rows::RowColumns;
use crate::sql::qualified;
use crate::transaction::Transaction;

/// Runs every check.
///
/// # Errors
/// [`RestoreError`] for the first fault that is found.
pub(super) async fn run(transaction: &Transaction) -> Result<(), RestoreError> {
    for (table, noun) in [
        ("users", "user"),
        ("service_accounts", "service account"),
        ("sessions", "session"),
        ("audit", "audit record"),
    ] {
        let twice = format!("SELECT id FROM {table} GROUP BY id HAVING count(*) > 1 LIMIT 1");
        if let Some(id) = id(transaction, &twice).await? {
            return Err(RestoreError::Order(format!("{noun} {id} occurs twice")));
        }
    }
    names(transaction).await?;
    account_names(transaction).await?;
    let stray =
        "SELECT s.id FROM sessions s LEFT JOIN users u ON u.id = s.user_id WHERE u.id IS NULL LIMIT 1";
    match id(transaction, stray).await? {
        Some(id) => Err(RestoreError::Order(format!("session {id} has no user"))),
        None => Ok(()),
    }
}

/// Values that two users have.
async fn names(transaction: &Transaction) -> Result<(), RestoreError> {
    for (space, statement) in [
        (ClaimSpace::LoginName, twice("name", "user_id", "login_names")),
        (ClaimSpace::ExternalId, twice("external_id", "id", "users")),
    ] {
        let Some((value, id)) = clash(transaction, &statement).await? else { continue };
        let select = format!("SELECT {} FROM users u WHERE u.id = $1", qualified("u", &UserRow::COLUMNS));
        let rows = transaction.rows(&select, &[(&id, Type::UUID)]).await.map_err(unavailable)?;
        let user = rows.first().map(|row| UserRow::read(&mut RowColumns::new(row))).transpose();
        let user = user.map_err(|error| RestoreError::Unavailable(Box::new(error)))?;
        let claims = user.as_ref().map(claims).unwrap_or_default();
        let taken = claims.into_iter().find(|claim| claim.space == space && claim.value == value);
        if let Some(claim) = taken {
            return Err(RestoreError::Clash { item: format!("user {id}"), taken: claim.guard });
        }
    }
    Ok(())
}

/// Values that two service accounts have.
async fn account_names(transaction: &Transaction) -> Result<(), RestoreError> {
    if let Some((name, id)) = clash(transaction, &twice("name", "id", "service_accounts")).await?
        && let Ok(name) = ServiceAccountName::new(name)
    {
        let taken = Guard::ServiceAccountNameFree(name, id.into());
        return Err(RestoreError::Clash { item: format!("service account {id}"), taken });
    }
    if let Some((prefix, id)) = clash(transaction, &twice("prefix", "account_id", "api_keys")).await?
        && let Ok(prefix) = ApiKeyPrefix::new(&prefix)
    {
        let taken = Guard::ApiKeyPrefixFree(prefix, id.into());
        return Err(RestoreError::Clash { item: format!("service account {id}"), taken });
    }
    Ok(())
}

/// Finds a value that occurs twice, and the second row that has it, in the order in which they were added.
fn twice(value: &str, owner: &str, table: &str) -> String {
    format!(
        "SELECT {value}, (array_agg({owner} ORDER BY ctid))[2] FROM {table} WHERE {value} IS NOT NULL \
         GROUP BY {value} HAVING count(*) > 1 LIMIT 1"
    )
}

async fn clash(transaction: &Transaction, statement: &str) -> Result<Option<(String, Uuid)>, RestoreError> {
    let rows = transaction.rows(statement, &[]).await.map_err(unavailable)?;
    let read = |row: &tokio_postgres::Row| Ok((row.try_get(0)?, row.try_get(1)?));
    rows.first().map(read).transpose().map_err(|error: tokio_postgres::Error| unavailable(error.into()))
}

async fn id(transaction: &Transaction, statement: &str) -> Result<Option<Uuid>, RestoreError> {
    let rows = transaction.rows(statement, &[]).await.map_err(unavailable)?;
    let read = rows.first().map(|row| row.try_get(0)).transpose();
    read.map_err(|error| unavailable(error.into()))
}
