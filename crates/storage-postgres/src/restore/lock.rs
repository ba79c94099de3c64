//! Locks the tables of the store that a restore replaces.

use super::tables::TABLES;
use crate::connection::DatabaseError;
use crate::transaction::Transaction;

/// How long a lock is waited for at a time. It is shorter than the default `deadlock_timeout`, so that the transaction of
/// the restore is never chosen to end a deadlock.
const WAIT: &str = "500ms";
/// How often it is tried.
const ATTEMPTS: usize = 120;
/// Cancels the statements that wait for this transaction. Their transactions may hold what it waits for.
const CANCEL_WAITING: &str =
    "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))";
/// The SQLSTATE of a lock that is not available, and of a deadlock.
const NOT_AVAILABLE: [&str; 2] = ["55P03", "40P01"];

/// Waits for running commits and holds off later ones, so that nothing is written to a store whose content has been read
/// to be replaced. Reads go on.
pub(crate) async fn stop_writes(transaction: &Transaction, schema: &str) -> Result<(), DatabaseError> {
    lock(transaction, schema, "EXCLUSIVE").await
}

/// Holds off reads, too.
pub(super) async fn stop_reads(transaction: &Transaction, schema: &str) -> Result<(), DatabaseError> {
    lock(transaction, schema, "ACCESS EXCLUSIVE").await
}

async fn lock(transaction: &Transaction, schema: &str, mode: &str) -> Result<(), DatabaseError> {
    let tables = TABLES.into_iter().chain(["key_ring", "signing_keys"]);
    let tables: Vec<_> = tables.map(|table| format!("{schema}.{table}")).collect();
    let lock = format!("LOCK TABLE {} IN {mode} MODE", tables.join(", "));
    let mut attempts = 0;
    loop {
        attempts += 1;
        transaction.run(&format!("SAVEPOINT unlocked; SET LOCAL lock_timeout = '{WAIT}'")).await?;
        let error = match transaction.run(&lock).await {
            Ok(()) => return transaction.run("SET LOCAL lock_timeout = 0").await,
            Err(error) => error,
        };
        let has_waited = error.code().is_some_and(|code| NOT_AVAILABLE.contains(&code));
        if !has_waited || attempts == ATTEMPTS {
            return Err(error);
        }
        transaction.run("ROLLBACK TO SAVEPOINT unlocked").await?;
        transaction.run(CANCEL_WAITING).await?;
    }
}
