//! Lists of users, with the search index of FTS5.

use std::sync::Arc;

use roster_domain::{Page, User, UserQuery};
use roster_storage_sql::{
    ColumnKind, Dialect, Effort, FEW, Needle, NextUsers, Search, Statement, UserList, UserRow, Value,
};
use rusqlite::Connection;

use crate::failure::Failure;
use crate::found_rows::FoundRows;
use crate::read_limit::ReadLimit;
use crate::reader::Reader;
use crate::rows::{all, number};

/// How many sequences of a long needle are looked up. The rest is tested in the rows that have these.
const MOST_SEQUENCES: usize = 8;

/// How a list is read: at first with little effort, and if that does not find the page, with more.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempt {
    pub(crate) effort: Effort,
    pub(crate) search: SearchTest,
    /// How many steps of SQLite's machine a walk along an index may take, a few of them for each row.
    pub(crate) steps: Option<u32>,
}

/// How a walk along an index finds those who have a part of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SearchTest {
    /// It tests the text of every row.
    Text,
    /// The search index finds all rows first, and the walk reads only those.
    FoundRows,
}

/// The attempts of a list without a part of a name. A walk is fast where matches are spread evenly. Where they are at its
/// far end, it passes everyone, and sorting takes less time, unless there are very many: to sort one user takes as long as
/// to pass several.
const ATTEMPTS: [Attempt; 3] = [
    Attempt { effort: Effort::all(FEW), search: SearchTest::Text, steps: Some(150_000) },
    Attempt { effort: Effort::all(25 * FEW), search: SearchTest::Text, steps: Some(2_000_000) },
    Attempt { effort: Effort::all(200 * FEW), search: SearchTest::Text, steps: None },
];

/// The attempts of a list with a part of a name. A rare part is counted and sorted, a common one is found by looking at
/// few users. Otherwise the search index finds all rows that have it, and the walk passes the others without reading them,
/// which makes it several times as fast.
const SEARCHES: [Attempt; 3] = [
    Attempt { effort: Effort::all(FEW), search: SearchTest::Text, steps: Some(20_000) },
    Attempt { effort: Effort::all(3 * FEW), search: SearchTest::FoundRows, steps: Some(1_500_000) },
    Attempt { effort: Effort::all(25 * FEW), search: SearchTest::FoundRows, steps: None },
];

/// The page for the query.
pub(crate) fn page(reader: &Reader, query: &UserQuery) -> Result<Page<Arc<User>>, Failure> {
    let attempts = if query.filter.text.is_some() { &SEARCHES } else { &ATTEMPTS };
    page_within(reader, query, attempts)
}

/// The page for the query, with the first attempt whose walks end soon enough.
pub(crate) fn page_within(
    reader: &Reader,
    query: &UserQuery,
    attempts: &[Attempt],
) -> Result<Page<Arc<User>>, Failure> {
    let limit = reader.limit();
    let mut outcome = Err(rusqlite::Error::QueryReturnedNoRows.into());
    let search = Search::new(query.filter.text.as_deref());
    let mut found = None;
    for attempt in attempts {
        if let Search::Part(needle) = &search
            && attempt.search == SearchTest::FoundRows
            && found.is_none()
        {
            found = Some(FoundRows::read(reader, &matching(needle))?);
        }
        outcome = page_with(reader, query, *attempt, found.as_ref(), &limit);
        if !outcome.as_ref().is_err_and(Failure::is_interruption) {
            break;
        }
    }
    outcome
}

fn page_with(
    connection: &Connection,
    query: &UserQuery,
    attempt: Attempt,
    found: Option<&FoundRows>,
    limit: &ReadLimit,
) -> Result<Page<Arc<User>>, Failure> {
    let mut list = UserList::new(query, SqliteDialect { found }, attempt.effort);
    loop {
        match list.next_step() {
            NextUsers::Count(statement) => {
                let count = number(connection, statement.sql(), statement.values())?;
                list.counted(count.unwrap_or(0).cast_unsigned());
            }
            NextUsers::Read(statement) => list.read(users(connection, &statement)?),
            NextUsers::Walk(statement) => {
                limit.set_steps(attempt.steps);
                let walked = users(connection, &statement);
                limit.set_steps(None);
                list.read(walked?);
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
#[derive(Clone, Copy)]
pub(crate) struct SqliteDialect<'f> {
    /// Those whom the search index has found, if it was asked.
    pub(crate) found: Option<&'f FoundRows>,
}

impl Dialect for SqliteDialect<'_> {
    const WALKED: &'static str = "u";

    fn walk(&self, statement: &mut Statement, needle: &Needle) {
        statement.push(" FROM users u WHERE ");
        if let Some(found) = self.found {
            found.push_test(statement);
            statement.push(" AND ");
        }
        self.contains(statement, "u.search", needle.as_str());
    }

    fn search(&self, statement: &mut Statement, needle: &Needle) {
        statement.push("u.n IN (");
        push_rows(statement, needle, "");
        statement.push(")");
    }

    fn count_search(&self, statement: &mut Statement, needle: &Needle, limit: usize) {
        let limit_value = Value::Number(i64::try_from(limit).unwrap_or(i64::MAX));
        if let Some(found) = self.found {
            let count = i64::try_from(found.count()).unwrap_or(i64::MAX);
            statement.push("SELECT min(").bind(Value::Number(count)).push(", ").bind(limit_value).push(")");
            return;
        }
        statement.push("SELECT count(*) FROM (");
        push_rows(statement, needle, "DISTINCT ");
        statement.push(" LIMIT ").bind(limit_value).push(")");
    }

    fn contains(&self, statement: &mut Statement, column: &str, text: &str) {
        statement.push("instr(").push(column).push(", ").bind(Value::text(text.to_owned())).push(") > 0");
    }

    fn equals(&self, statement: &mut Statement, column: &str, value: Value<'static>) {
        statement.push("+").push(column).push(" = ").bind(value);
    }

    fn unindexed(&self, column: &str, _: ColumnKind) -> String {
        format!("+{column}")
    }
}

/// The query for the numbers of the rows that have the sequences of the needle.
fn matching(needle: &Needle) -> Statement {
    let mut statement = Statement::default();
    push_rows(&mut statement, needle, "");
    statement
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
