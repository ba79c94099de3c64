//! Reads of the audit log, and its next number.

use std::sync::Arc;

use roster_domain::{AuditPage, AuditPosition, AuditQuery, AuditRecord};
use roster_storage_sql::{AuditList, AuditRow, Columns, NextAudit, RowError, Value, statements};
use rusqlite::Connection;

use crate::failure::Failure;
use crate::rows::{all, execute, first};

statements! {
    INSERT = "INSERT INTO audit {audit:insert}";
    LAST = "SELECT coalesce(max(a.seq), 0) FROM audit a";
    AFTER = "SELECT {audit} FROM audit a WHERE a.seq > $1 ORDER BY a.seq LIMIT $2";
}

/// The page for the query.
pub(crate) fn page(connection: &Connection, query: &AuditQuery) -> Result<AuditPage, Failure> {
    let mut list = AuditList::new(query);
    loop {
        match list.next_step() {
            NextAudit::Pair(statement) => {
                let pair = first(connection, statement.sql(), statement.values(), |row| {
                    let pair = row.number("seq").and_then(|one| Ok((one, row.number("at")?)));
                    pair.map_err(|error| RowError::new(AuditRow::TABLE, "?", error))
                })?;
                list.pair(pair);
            }
            NextAudit::Read(statement) => {
                list.read(all(connection, statement.sql(), statement.values(), |row| AuditRow::read(row))?);
            }
            NextAudit::Done(page) => return Ok(page),
        }
    }
}

/// At most `limit` records with greater numbers, in their order.
pub(crate) fn records_after(
    connection: &Connection,
    position: i64,
    limit: usize,
) -> Result<Vec<(AuditPosition, Arc<AuditRecord>)>, Failure> {
    let limit = Value::Number(i64::try_from(limit).unwrap_or(i64::MAX));
    let records =
        all(connection, AFTER.text(), &[Value::Number(position), limit], |row| AuditRow::read(row))?;
    Ok(records.into_iter().map(|(position, record)| (position, Arc::new(record))).collect())
}

/// The last number; 0 if there are no records.
pub(crate) fn last_number(connection: &Connection) -> rusqlite::Result<i64> {
    connection.prepare_cached(LAST.text())?.query_row([], |row| row.get(0))
}

/// Adds a record under this number.
pub(crate) fn insert(connection: &Connection, seq: i64, record: &AuditRecord) -> Result<(), Failure> {
    let mut values = vec![Value::Number(seq)];
    values.extend(AuditRow::values(record));
    execute(connection, INSERT.text(), &values).map(drop)
}
