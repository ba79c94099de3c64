//! Lists of users, with the search index of FTS5.

use std::sync::Arc;

use roster_domain::{Page, User, UserQuery};
use roster_storage_sql::{ColumnKind, Dialect, FEW, Needle, NextUsers, Statement, UserList, UserRow, Value};
use rusqlite::{Connection, TransactionBehavior};

use crate::failure::Failure;
use crate::read_limit::ReadLimit;
use crate::reader::Reader;
use crate::rows::{all, number};

/// How many sequences of a long needle are looked up. The rest is tested in the rows that have these.
const MOST_SEQUENCES: usize = 8;

/// Up to how many users are sorted, and how many steps of SQLite's machine a walk along an index may take, a few of
/// them for each row. A walk is fast where matches are spread evenly. Where they are at its far end, it passes everyone,
/// and sorting takes less time, unless there are very many: to sort one user takes as long as to pass several.
pub(crate) const ATTEMPTS: [(usize, Option<u32>); 3] =
    [(FEW, Some(150_000)), (25 * FEW, Some(2_000_000)), (200 * FEW, None)];

/// The page for the query.
pub(crate) fn page(reader: &mut Reader, query: &UserQuery) -> Result<Page<Arc<User>>, Failure> {
    page_within(reader, query, &ATTEMPTS)
}

/// The page for the query, with the first attempt whose walks end soon enough.
pub(crate) fn page_within(
    reader: &mut Reader,
    query: &UserQuery,
    attempts: &[(usize, Option<u32>)],
) -> Result<Page<Arc<User>>, Failure> {
    let limit = reader.limit();
    let transaction = reader.transaction_with_behavior(TransactionBehavior::Deferred)?;
    let mut outcome = Err(rusqlite::Error::QueryReturnedNoRows.into());
    for (few, steps) in attempts {
        outcome = page_with(&transaction, query, *few, *steps, &limit);
        if !outcome.as_ref().is_err_and(Failure::is_interruption) {
            break;
        }
    }
    outcome
}

fn page_with(
    connection: &Connection,
    query: &UserQuery,
    few: usize,
    steps: Option<u32>,
    limit: &ReadLimit,
) -> Result<Page<Arc<User>>, Failure> {
    let mut list = UserList::new(query, SqliteDialect, few);
    loop {
        match list.next_step() {
            NextUsers::Count(statement) => {
                let count = number(connection, statement.sql(), statement.values())?;
                list.counted(count.unwrap_or(0).cast_unsigned());
            }
            NextUsers::Read(statement) => list.read(users(connection, &statement)?),
            NextUsers::Walk(statement) => {
                limit.set_steps(steps);
                let found = users(connection, &statement);
                limit.set_steps(None);
                list.read(found?);
            }
            NextUsers::Done(page) => return Ok(page),
        }
    }
}

fn users(connection: &Connection, statement: &Statement) -> Result<Vec<User>, Failure> {
    all(connection, statement.sql(), statement.values(), |row| UserRow::read(row))
}

/// The index holds sequences of three characters. One or two characters are the start of some of these, because the
/// searched text ends with two line ends; three or more are looked up by all sequences in them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SqliteDialect;

impl Dialect for SqliteDialect {
    fn search(&self, statement: &mut Statement, needle: &Needle) {
        statement.push("u.n IN (");
        push_rows(statement, needle, "");
        statement.push(")");
    }

    fn count_search(&self, statement: &mut Statement, needle: &Needle, limit: usize) {
        statement.push("SELECT count(*) FROM (");
        push_rows(statement, needle, "DISTINCT ");
        let limit = Value::Number(i64::try_from(limit).unwrap_or(i64::MAX));
        statement.push(" LIMIT ").bind(limit).push(")");
    }

    fn contains(&self, statement: &mut Statement, column: &str, text: &str) {
        statement.push("instr(").push(column).push(", ").bind(Value::text(text.to_owned())).push(") > 0");
    }

    fn unindexed(&self, column: &str, _: ColumnKind) -> String {
        format!("+{column}")
    }
}

/// Adds a query for the numbers of the rows that have the sequences of the needle.
fn push_rows(statement: &mut Statement, needle: &Needle, distinct: &str) {
    if needle.len() >= 3 {
        statement.push("SELECT rowid FROM user_search WHERE user_search MATCH ");
        statement.bind(Value::text(expression(needle)));
        return;
    }
    statement.push("SELECT ").push(distinct).push("doc FROM user_terms WHERE term >= ");
    statement.bind(Value::text(needle.as_str().to_owned()));
    if let Some(end) = needle.successor() {
        statement.push(" AND term < ").bind(Value::text(end));
    }
}

/// The expression that finds the rows with the sequences of the needle, in the language of FTS5.
fn expression(needle: &Needle) -> String {
    let grams: Vec<_> = needle.grams(3).collect();
    let step = grams.len().div_ceil(MOST_SEQUENCES).max(1);
    let quoted = grams.iter().step_by(step).map(|gram| format!("\"{}\"", gram.replace('"', "\"\"")));
    quoted.collect::<Vec<_>>().join(" AND ")
}
