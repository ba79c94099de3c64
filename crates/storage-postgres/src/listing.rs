//! Lists: runs the statements that a list needs.

use std::sync::Arc;
use std::time::Duration;

use roster_domain::{AuditPage, AuditQuery, Page, User, UserQuery};
use roster_storage::StoreError;
use roster_storage_sql::{
    AuditList, AuditRow, ColumnError, Columns, FEW, NextAudit, NextUsers, RowError, Statement, UserList,
    UserRow,
};
use tokio_postgres::Row;

use crate::connection::DatabaseError;
use crate::database::{Database, Query};
use crate::rows::{RowColumns, read_all};
use crate::search::PostgresDialect;

/// Up to how many users are sorted, and how long a walk along an index may look for matches. A walk is fast where matches
/// are spread evenly. Where they are at its far end, it passes everyone, and sorting takes less time, unless there are
/// very many: to sort one user takes as long as to pass several.
const ATTEMPTS: [(usize, Option<Duration>); 3] =
    [(FEW, Some(Duration::from_millis(50))), (10 * FEW, Some(Duration::from_secs(1))), (200 * FEW, None)];

/// One page of users.
///
/// # Errors
/// [`StoreError`].
pub(crate) async fn users(database: &Database, query: &UserQuery) -> Result<Page<Arc<User>>, StoreError> {
    for (few, limit) in ATTEMPTS {
        match users_within(database, query, few, limit).await {
            Err(ListError::TooSlow) => {}
            Err(ListError::Store(error)) => return Err(error),
            Ok(page) => return Ok(page),
        }
    }
    Err(DatabaseError::NoAnswer(database.patience()).into())
}

/// A list that was not read.
enum ListError {
    /// A walk has exceeded its time.
    TooSlow,
    Store(StoreError),
}

async fn users_within(
    database: &Database,
    query: &UserQuery,
    few: usize,
    limit: Option<Duration>,
) -> Result<Page<Arc<User>>, ListError> {
    let mut list = UserList::new(query, PostgresDialect, few);
    loop {
        match list.next_step() {
            NextUsers::Count(statement) => {
                let counted = rows(database, &statement).await?;
                let count = counted.first().map_or(Ok(0), |row| RowColumns::new(row).number("count"));
                list.counted(count.map_err(unreadable)?.cast_unsigned());
            }
            NextUsers::Read(statement) => {
                let found = rows(database, &statement).await?;
                list.read(read_all(&found, UserRow::read).map_err(StoreError::from)?);
            }
            NextUsers::Walk(statement) => {
                let found = match limit {
                    Some(limit) => rows_within(database, &statement, limit).await?,
                    None => rows(database, &statement).await?,
                };
                list.read(read_all(&found, UserRow::read).map_err(StoreError::from)?);
            }
            NextUsers::Done(page) => return Ok(page),
        }
    }
}

async fn rows_within(
    database: &Database,
    statement: &Statement,
    limit: Duration,
) -> Result<Vec<Row>, ListError> {
    match database.rows(Query::Limited(statement, limit)).await {
        Err(error) if error.code() == Some(CANCELLED) => Err(ListError::TooSlow),
        outcome => Ok(outcome.map_err(StoreError::from)?),
    }
}

/// The server has ended a statement.
const CANCELLED: &str = "57014";

impl From<StoreError> for ListError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
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
