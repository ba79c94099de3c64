//! Lists: runs the statements that a list needs.

use std::sync::Arc;
use std::time::Duration;

use roster_domain::{AuditPage, AuditQuery, Page, SortKey, User, UserQuery};
use roster_storage::StoreError;
use roster_storage_sql::{
    AuditList, AuditRow, ColumnError, Columns, Effort, FEW, NextAudit, NextUsers, RowError, Search,
    Statement, UserList, UserRow,
};
use tokio_postgres::Row;

use crate::connection::DatabaseError;
use crate::database::{Database, Query};
use crate::rows::{RowColumns, read_all};
use crate::search::{PostgresDialect, explain};

/// How a list is read: at first with little effort, and if that does not find the page, with more.
#[derive(Clone, Copy)]
struct Attempt {
    effort: Effort,
    /// How long a walk along an index may look for matches.
    limit: Option<Duration>,
}

/// The attempts of a list without a part of a name. A walk is fast where matches are spread evenly. Where they are at its
/// far end, it passes everyone, and sorting takes less time, unless there are very many: to sort one user takes as long as
/// to pass several.
const ATTEMPTS: [Attempt; 3] = [
    Attempt { effort: Effort::all(FEW), limit: Some(Duration::from_millis(50)) },
    Attempt { effort: Effort::all(10 * FEW), limit: Some(Duration::from_secs(1)) },
    Attempt { effort: Effort::all(200 * FEW), limit: None },
];

/// How long the first walk of a search may take if many seem to have the part of a name. To count them would take as long
/// as to find all of them, but a walk meets some of them at once.
const WALK: Duration = Duration::from_millis(15);
/// The same in the order by username, whose index has the searched text.
const WALK_BY_USERNAME: Duration = Duration::from_millis(40);
/// The same if fewer seem to have it. They may be many more: the estimate takes the sequences of a part for independent of
/// each other.
const SHORT_WALK: Duration = Duration::from_millis(8);
/// Sequences in the search index have up to this many characters. For a part that is no longer, the estimate is good.
const SEQUENCE: usize = 2;

/// One page of users.
///
/// # Errors
/// [`StoreError`].
pub(crate) async fn users(database: &Database, query: &UserQuery) -> Result<Page<Arc<User>>, StoreError> {
    for attempt in attempts(database, query).await? {
        match users_within(database, query, attempt).await {
            Err(ListError::TooSlow) => {}
            Err(ListError::Store(error)) => return Err(error),
            Ok(page) => return Ok(page),
        }
    }
    Err(DatabaseError::NoAnswer(database.answer_timeout()).into())
}

async fn attempts(database: &Database, query: &UserQuery) -> Result<Vec<Attempt>, StoreError> {
    let Search::Part(needle) = Search::new(query.filter.text.as_deref()) else {
        return Ok(ATTEMPTS.to_vec());
    };
    let is_sequence = needle.len() <= SEQUENCE;
    let few_found = if is_sequence { 10 * FEW } else { 4 * FEW };
    let plan = rows(database, &explain(&needle)).await?;
    let expected = plan.first().and_then(estimate).unwrap_or_default();
    let walk = match (expected >= few_found, is_by_username(query)) {
        (true, true) => Some(WALK_BY_USERNAME),
        (true, false) => Some(WALK),
        (false, false) if expected >= FEW || !is_sequence => Some(SHORT_WALK),
        (false, _) => None,
    };
    let walk = walk.map(|limit| Attempt { effort: Effort { few: FEW, few_found: 0 }, limit: Some(limit) });
    let count = Attempt { effort: Effort { few: FEW, few_found }, limit: Some(Duration::from_millis(200)) };
    let last = Attempt { effort: Effort::all(200 * FEW), limit: None };
    Ok(walk.into_iter().chain([count, last]).collect())
}

fn is_by_username(query: &UserQuery) -> bool {
    query.sort.keys().first().is_some_and(|(key, _)| *key == SortKey::Username)
}

/// The number of rows that the planner expects, from the first line of a plan.
fn estimate(line: &Row) -> Option<usize> {
    let line: String = line.try_get(0).ok()?;
    let (_, rest) = line.split_once(" rows=")?;
    rest.split(' ').next()?.parse().ok()
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
    attempt: Attempt,
) -> Result<Page<Arc<User>>, ListError> {
    let mut list = UserList::new(query, PostgresDialect, attempt.effort);
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
                let found = match attempt.limit {
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
