//! Lists: runs the statements that a list needs.

use std::sync::Arc;

use roster_domain::{AuditPage, AuditQuery, Page, User, UserQuery};
use roster_storage::StoreError;
use roster_storage_sql::{
    AuditList, AuditRow, ColumnError, Columns, NextAudit, NextUsers, RowError, Statement, UserList, UserRow,
};
use tokio_postgres::Row;

use crate::database::{Database, Query};
use crate::rows::{RowColumns, read_all};
use crate::search::PostgresDialect;

/// One page of users.
///
/// # Errors
/// [`StoreError`].
pub(crate) async fn users(database: &Database, query: &UserQuery) -> Result<Page<Arc<User>>, StoreError> {
    let mut list = UserList::new(query, PostgresDialect);
    loop {
        match list.next_step() {
            NextUsers::Count(statement) => {
                let counted = rows(database, &statement).await?;
                let count = counted.first().map_or(Ok(0), |row| RowColumns::new(row).number("count"));
                list.counted(count.map_err(unreadable)?.cast_unsigned());
            }
            NextUsers::Read(statement) => {
                list.read(read_all(&rows(database, &statement).await?, UserRow::read)?);
            }
            NextUsers::Done(page) => return Ok(page),
        }
    }
}

/// One page of the audit log.
///
/// # Errors
/// [`StoreError`].
pub(crate) async fn audit_records(database: &Database, query: &AuditQuery) -> Result<AuditPage, StoreError> {
    let mut list = AuditList::new(query);
    loop {
        match list.next_step() {
            NextAudit::Pair(statement) => {
                let found = rows(database, &statement).await?;
                list.pair(found.first().map(pair).transpose().map_err(unreadable)?);
            }
            NextAudit::Read(statement) => {
                list.read(read_all(&rows(database, &statement).await?, AuditRow::read)?);
            }
            NextAudit::Done(page) => return Ok(page),
        }
    }
}

async fn rows(database: &Database, statement: &Statement) -> Result<Vec<Row>, StoreError> {
    Ok(database.rows(Query::Composed(statement)).await?)
}

fn pair(row: &Row) -> Result<(i64, i64), ColumnError> {
    let mut columns = RowColumns::new(row);
    Ok((columns.number("first")?, columns.number("second")?))
}

fn unreadable(error: ColumnError) -> StoreError {
    RowError::new("of a list", "?", error).into()
}
