//! The tables of a store.

use crate::connection::DatabaseError;
use crate::transaction::Transaction;

/// Every table that holds items. What refers to another table comes after it.
pub(crate) const TABLES: [&str; 8] = [
    "users",
    "login_names",
    "user_roles",
    "search_grams",
    "service_accounts",
    "api_keys",
    "sessions",
    "audit",
];

/// One restore at a time, or one step of a copy.
pub(crate) const ONE_AT_A_TIME: &str = "SELECT pg_advisory_xact_lock(7239417101365)";

/// The schema in which the new tables are made.
pub(super) const STAGING: &str = "roster_restore";

/// Makes the tables of a new store in another schema, without indexes and constraints. They are those that statements name
/// until the transaction ends.
pub(crate) async fn make(
    transaction: &Transaction,
    schema: &str,
    staging: &str,
) -> Result<(), DatabaseError> {
    transaction.run(&format!("CREATE SCHEMA {staging}")).await?;
    for table in TABLES {
        let like = "INCLUDING DEFAULTS INCLUDING IDENTITY INCLUDING STORAGE";
        let statement = format!("CREATE TABLE {staging}.{table} (LIKE {schema}.{table} {like})");
        transaction.run(&statement).await?;
    }
    name(transaction, staging).await
}

/// Lets statements name the tables in this schema until the transaction ends.
pub(crate) async fn name(transaction: &Transaction, staging: &str) -> Result<(), DatabaseError> {
    transaction.run(&format!("SET LOCAL search_path = {staging}")).await
}

/// Whether the store in this schema has no items.
pub(crate) async fn is_empty(transaction: &Transaction, schema: &str) -> Result<bool, DatabaseError> {
    let any = ["users", "service_accounts", "sessions", "audit"]
        .map(|table| format!("EXISTS (SELECT FROM {schema}.{table})"));
    transaction.value(&format!("SELECT NOT ({})", any.join(" OR "))).await
}
