//! Databases of PostgreSQL. Everything is read in one transaction that cannot write. The server writes the values as JSON.

use std::error::Error as _;
use std::time::Duration;

use futures_util::TryStreamExt as _;
use roster_storage_postgres::{DatabaseUrl, ForeignDatabase};
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::types::Type;
use tokio_postgres::{Row, Statement};
use zeroize::Zeroizing;

use crate::catalog::{Catalog, Column, Table};
use crate::cell::Cell;
use crate::database::{Database, Query, TakeRow};
use crate::dialect::Dialect;
use crate::error::SourceError;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Times are given with their zone. Nothing ends a long statement but its end. Where a policy would hide rows, the server
/// responds with an error.
const BEGIN: &str = "
SET default_transaction_read_only = on;
SET row_security = off;
SET statement_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
SET bytea_output = 'hex';
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
";

/// The columns of the tables, whether the role may read them, and whether they are the key.
const CATALOG: &str = "
SELECT n.nspname::text, c.relname::text, n.nspname = ANY (current_schemas(false)) AS in_search_path,
       a.attname::text, a.atttypid = 'bytea'::regtype AS is_binary,
       COALESCE(i.indnkeyatts = 1 AND i.indkey[0] = a.attnum, false) AS is_key,
       has_column_privilege(c.oid, a.attnum, 'SELECT') AS can_read
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_catalog.pg_index i ON i.indrelid = c.oid AND i.indisprimary
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'
  AND has_schema_privilege(n.oid, 'USAGE')
ORDER BY n.nspname, c.relname, a.attnum";

/// A connection with its transaction. The runtime belongs to the thread that reads.
pub(crate) struct Postgres {
    // Dropped before the runtime that drives it.
    database: ForeignDatabase,
    runtime: Runtime,
}

impl Postgres {
    pub(crate) fn open(url: &DatabaseUrl, password: Option<Zeroizing<String>>) -> Result<Self, SourceError> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime =
            runtime.map_err(|error| SourceError::Database(format!("cannot start a runtime: {error}")))?;
        let database = runtime.block_on(async {
            let connected = ForeignDatabase::connect(url.clone(), password, CONNECT_TIMEOUT).await;
            let database = connected.map_err(|error| SourceError::Database(error.to_string()))?;
            database.client().batch_execute(BEGIN).await.map_err(fault)?;
            Ok::<_, SourceError>(database)
        })?;
        Ok(Self { database, runtime })
    }

    async fn tables(&self) -> Result<Catalog, SourceError> {
        let rows = self.database.client().query(CATALOG, &[]).await.map_err(fault)?;
        let mut tables: Vec<Table> = Vec::new();
        for row in rows {
            let (schema, name): (String, String) = (row.get(0), row.get(1));
            let column = Column { name: row.get(3), is_binary: row.get(4) };
            let is_new = tables.last().is_none_or(|last| !last.is_named(&schema, &name));
            if is_new {
                tables.push(Table::new(Some(schema), name, row.get(2)));
            }
            let Some(table) = tables.last_mut() else { continue };
            if row.get(6) {
                let key = row.get::<_, bool>(5).then(|| column.name.clone());
                table.key = table.key.take().or(key);
                table.columns.push(column);
            } else {
                table.hidden.push(column.name);
            }
        }
        Ok(Catalog::new(tables))
    }

    async fn stream(&self, query: &Query<'_>, take: TakeRow<'_>) -> Result<(), SourceError> {
        let client = self.database.client();
        let statement: Statement = client.prepare(query.statement).await.map_err(fault)?;
        let parameters: [&str; 0] = [];
        let rows = client.query_raw(&statement, parameters).await.map_err(fault)?;
        let mut rows = std::pin::pin!(rows);
        let mut cells = Vec::with_capacity(query.names.len());
        let mut number: u64 = 0;
        while let Some(row) = rows.try_next().await.map_err(fault)? {
            number += 1;
            cells.clear();
            for (at, name) in query.names.iter().enumerate() {
                cells.push(
                    cell(&row, at).map_err(|_| SourceError::Encoding {
                        row: number.to_string(),
                        column: name.clone(),
                    })?,
                );
            }
            take(&cells)?;
        }
        Ok(())
    }
}

impl Database for Postgres {
    fn dialect(&self) -> &dyn Dialect {
        &PostgresDialect
    }

    fn catalog(&mut self) -> Result<Catalog, SourceError> {
        self.runtime.block_on(self.tables())
    }

    fn read(&mut self, query: &Query<'_>, take: TakeRow<'_>) -> Result<(), SourceError> {
        self.runtime.block_on(self.stream(query, take))
    }
}

fn cell(row: &Row, at: usize) -> Result<Cell, tokio_postgres::Error> {
    Ok(if row.columns()[at].type_() == &Type::BYTEA {
        row.try_get::<_, Option<Vec<u8>>>(at)?.map_or(Cell::Null, Cell::Bytes)
    } else {
        row.try_get::<_, Option<String>>(at)?.map_or(Cell::Null, Cell::Json)
    })
}

/// What the server says, with its code; else the innermost cause.
#[expect(clippy::needless_pass_by_value, reason = "it is passed to map_err")]
fn fault(error: tokio_postgres::Error) -> SourceError {
    let text = match error.as_db_error() {
        Some(error) => format!("{} ({})", error.message(), error.code().code()),
        None => error.source().map_or_else(|| error.to_string(), ToString::to_string),
    };
    SourceError::Database(format!("PostgreSQL: {text}"))
}

struct PostgresDialect;

impl Dialect for PostgresDialect {
    fn quoted(&self, name: &str) -> String {
        format!("\"{}\"", name.replace('"', "\"\""))
    }

    fn text(&self, text: &str) -> String {
        format!("'{}'", text.replace('\'', "''"))
    }

    fn value(&self, expression: &str, column: &Column) -> String {
        if column.is_binary { expression.to_owned() } else { format!("to_json({expression})::text") }
    }

    fn only_value(&self, expression: &str, column: &Column) -> String {
        self.value(&format!("(array_agg({expression}))[1]"), column)
    }

    fn list(&self, expression: &str) -> String {
        format!("json_agg({expression})::text")
    }

    fn object(&self, members: &str) -> String {
        format!("json_build_object({members})")
    }

    fn as_text(&self, expression: &str) -> String {
        format!("{expression}::text")
    }
}
