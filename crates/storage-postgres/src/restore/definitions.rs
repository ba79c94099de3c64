//! The indexes and constraints of the store's tables, which the new tables get after their rows.

use roster_storage::RestoreError;

use super::checks;
use super::tables::{TABLES, name};
use super::unavailable::unavailable;
use crate::connection::DatabaseError;
use crate::transaction::Transaction;

/// A value that occurs twice, and a row that lacks the one that it refers to.
const FAULTS: [&str; 2] = ["23505", "23503"];

/// Gives the new tables the indexes and constraints of the old ones.
///
/// # Errors
/// [`RestoreError`]; if the rows do not fit together, it says which.
pub(crate) async fn complete(
    transaction: &Transaction,
    schema: &str,
    staging: &str,
) -> Result<(), RestoreError> {
    // For the indexes, one after the other.
    transaction.run("SET LOCAL maintenance_work_mem = '256MB'").await.map_err(unavailable)?;
    let definitions = definitions(transaction, schema, staging).await.map_err(unavailable)?;
    transaction.run("SAVEPOINT rows").await.map_err(unavailable)?;
    match carry_out(transaction, &definitions).await {
        Err(error) if error.code().is_some_and(|code| FAULTS.contains(&code)) => {
            transaction.run("ROLLBACK TO rows").await.map_err(unavailable)?;
            checks::run(transaction).await?;
            Err(unavailable(error))
        }
        outcome => outcome.map_err(unavailable),
    }
}

async fn carry_out(transaction: &Transaction, definitions: &[String]) -> Result<(), DatabaseError> {
    for definition in definitions {
        transaction.run(definition).await?;
    }
    Ok(())
}

/// Statements that make the indexes and constraints of the tables. What a foreign key refers to comes before it.
async fn definitions(
    transaction: &Transaction,
    schema: &str,
    staging: &str,
) -> Result<Vec<String>, DatabaseError> {
    let tables = TABLES.map(|table| format!("'{schema}.{table}'::regclass")).join(", ");
    // The definitions name what is in the search path without its schema.
    name(transaction, schema).await?;
    let rows = transaction.rows(&STATEMENTS.replace("TABLES", &tables), &[]).await?;
    name(transaction, staging).await?;
    Ok(rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?)
}

const STATEMENTS: &str = "
    SELECT definition FROM (
        SELECT format('ALTER TABLE %I ADD CONSTRAINT %I %s', t.relname, c.conname, pg_get_constraintdef(c.oid, true)),
            CASE c.contype WHEN 'f' THEN 3 ELSE 1 END, c.conname
        FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
        WHERE c.conrelid IN (TABLES) AND c.contype IN ('p', 'u', 'c', 'x', 'f')
        UNION ALL
        SELECT pg_get_indexdef(i.indexrelid, 0, true), 2, n.relname
        FROM pg_index i JOIN pg_class n ON n.oid = i.indexrelid
        WHERE i.indrelid IN (TABLES) AND NOT EXISTS (
            SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u', 'x')
        )
    ) AS found (definition, rank, name)
    ORDER BY rank, name";
