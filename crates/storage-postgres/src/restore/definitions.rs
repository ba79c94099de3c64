//! The indexes and constraints of the store's tables, which the new tables get after their rows.

use crate::connection::DatabaseError;
use crate::transaction::Transaction;

/// Statements that make the indexes and constraints of a schema's tables, without the name of the schema. What a foreign
/// key refers to comes before it.
pub(super) async fn definitions(
    transaction: &Transaction,
    schema: &str,
    tables: &[&str],
) -> Result<Vec<String>, DatabaseError> {
    let names: Vec<_> = tables.iter().map(|table| format!("'{schema}.{table}'::regclass")).collect();
    let statement = STATEMENTS.replace("TABLES", &names.join(", "));
    // The definitions name what is in the search path without its schema.
    transaction.run(&format!("SET LOCAL search_path = {schema}")).await?;
    let rows = transaction.rows(&statement, &[]).await?;
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
