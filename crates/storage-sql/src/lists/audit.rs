//! Pages of the audit log.
//!
//! The log is read backwards by number. An actor or a target is found by indexes, one for each column that can name
//! it. Other conditions are tests, and a page tests at most [`WINDOW`] records of each index, or of the log, so its
//! work is bounded; what remains is left to the next page.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::Arc;

use jiff::SignedDuration;
use roster_domain::{
    ActorFilter, AuditFilter, AuditPage, AuditPosition, AuditQuery, AuditRecord, TargetFilter,
};

use crate::rows::AuditRow;
use crate::statement::Statement;
use crate::time::micros;
use crate::value::Value;

/// The maximum number of records that a page tests.
const WINDOW: u32 = 20_000;

/// How wrong a clock that wrote the log may have been.
const CLOCK_ERROR: SignedDuration = SignedDuration::from_hours(1);

/// A page of the audit log on its way.
///
/// ```text
/// let mut list = AuditList::new(query);
/// loop {
///     match list.next_step() {
///         NextAudit::Pair(statement) => list.pair(run(statement)),
///         NextAudit::Read(statement) => list.read(run(statement)),
///         NextAudit::Done(page) => return page,
///     }
/// }
/// ```
pub struct AuditList<'q> {
    query: &'q AuditQuery,
    tasks: VecDeque<Task>,
    current: Option<Task>,
    /// Only records with smaller numbers.
    before: i64,
    /// Only records with this number or a greater one.
    floor: i64,
    found: Vec<(AuditPosition, AuditRecord)>,
    /// Records with smaller numbers than this were not tested, in one branch at least.
    untested_below: Option<i64>,
}

/// What a page needs next.
pub enum NextAudit {
    /// The two numbers in the first row that this statement returns, if there is a row, for [`AuditList::pair`].
    Pair(Statement),
    /// The rows that this statement returns, with [`AuditRow::POSITION`] and [`AuditRow::COLUMNS`], for
    /// [`AuditList::read`].
    Read(Statement),
    /// Nothing: this is the page.
    Done(AuditPage),
}

/// One statement.
#[derive(Clone, Debug)]
enum Task {
    /// Finds the last record.
    Top,
    /// Finds the record where the window of an index ends.
    Floor(Branch),
    /// Reads the matching records of the window.
    Rows(Branch),
    /// Finds the record below the window.
    Below,
}

/// The records with this value in this column, or all of them.
type Branch = Option<(&'static str, BranchValue)>;

#[derive(Clone, Debug)]
enum BranchValue {
    Id(uuid::Uuid),
    Text(String),
}

impl<'q> AuditList<'q> {
    /// A page that has read nothing yet.
    #[must_use]
    pub fn new(query: &'q AuditQuery) -> Self {
        let before = query.before.map(|before| i64::try_from(before.get()).unwrap_or(i64::MAX));
        let branches = branches(&query.filter);
        let tasks = if branches.is_empty() {
            let top = before.is_none().then_some(Task::Top);
            top.into_iter().chain([Task::Rows(None), Task::Below]).collect()
        } else {
            let has_tests = has_tests(&query.filter);
            let steps = |branch: Branch| {
                let floor = has_tests.then(|| Task::Floor(branch.clone()));
                floor.into_iter().chain([Task::Rows(branch)])
            };
            branches.into_iter().map(Some).flat_map(steps).collect()
        };
        let before = before.unwrap_or(i64::MAX);
        let floor = if query.before.is_some() { before - i64::from(WINDOW) } else { i64::MIN };
        Self { query, tasks, current: None, before, floor, found: Vec::new(), untested_below: None }
    }

    /// What is needed next.
    pub fn next_step(&mut self) -> NextAudit {
        self.current = self.tasks.pop_front();
        let mut statement = Statement::default();
        match &self.current {
            None => return NextAudit::Done(self.page()),
            Some(Task::Top) => {
                statement.push("SELECT a.seq, a.at FROM audit a ORDER BY a.seq DESC LIMIT 1");
            }
            Some(Task::Floor(branch)) => self.push_floor(&mut statement, branch),
            Some(Task::Below) => {
                statement.push("SELECT a.seq, a.at FROM audit a WHERE a.seq < ");
                statement.bind(Value::Number(self.floor)).push(" ORDER BY a.seq DESC LIMIT 1");
            }
            Some(Task::Rows(branch)) => {
                self.push_rows(&mut statement, branch);
                return NextAudit::Read(statement);
            }
        }
        NextAudit::Pair(statement)
    }

    /// The two numbers that were asked for.
    pub fn pair(&mut self, pair: Option<(i64, i64)>) {
        match (self.current.take(), pair) {
            (Some(Task::Top), Some((last, _))) => {
                self.before = last.saturating_add(1);
                self.floor = self.before.saturating_sub(i64::from(WINDOW));
            }
            (Some(Task::Top), None) => self.tasks.clear(),
            (Some(Task::Floor(_)), Some((count, floor))) => {
                let is_all = count < i64::from(WINDOW);
                self.floor = if is_all { i64::MIN } else { floor };
            }
            (Some(Task::Below), Some((seq, at))) => {
                let from = self.query.filter.from.and_then(|from| from.checked_sub(CLOCK_ERROR).ok());
                if from.is_none_or(|from| at >= micros(from)) {
                    self.leave_below(seq.saturating_add(1));
                }
            }
            _ => {}
        }
    }

    /// The records that were asked for.
    pub fn read(&mut self, records: Vec<(AuditPosition, AuditRecord)>) {
        let Some(Task::Rows(branch)) = self.current.take() else { return };
        if records.len() > self.query.limit.get() {
            let last = records.last().map_or(0, |(seq, _)| seq.get());
            self.leave_below(i64::try_from(last).unwrap_or(i64::MAX));
            if branch.is_none() {
                self.tasks.clear();
            }
        } else if branch.is_some() && self.floor != i64::MIN {
            self.leave_below(self.floor);
        }
        self.found.extend(records);
    }

    fn leave_below(&mut self, seq: i64) {
        self.untested_below = self.untested_below.max(Some(seq));
    }

    fn page(&mut self) -> AuditPage {
        let mut found = std::mem::take(&mut self.found);
        let floor = self.untested_below.and_then(|seq| u64::try_from(seq).ok());
        found.retain(|(seq, _)| floor.is_none_or(|floor| seq.get() >= floor));
        found.sort_by(|(one, _), (other, _)| other.cmp(one));
        found.dedup_by(|(one, _), (other, _)| one == other);
        let limit = self.query.limit.get();
        let next = if found.len() > limit {
            found.truncate(limit);
            found.last().map(|(seq, _)| *seq)
        } else {
            floor.map(AuditPosition::from)
        };
        AuditPage { items: found.into_iter().map(|(_, record)| Arc::new(record)).collect(), next }
    }

    fn push_floor(&self, statement: &mut Statement, branch: &Branch) {
        statement
            .push("SELECT count(*), coalesce(min(w.seq), 0) FROM (SELECT a.seq FROM audit a WHERE a.seq < ");
        statement.bind(Value::Number(self.before));
        push_branch(statement, branch);
        statement.push(" ORDER BY a.seq DESC LIMIT ").bind(Value::Number(WINDOW.into())).push(") AS w");
    }

    fn push_rows(&self, statement: &mut Statement, branch: &Branch) {
        let filter = &self.query.filter;
        statement
            .push("SELECT a.seq, ")
            .columns("a", &AuditRow::COLUMNS)
            .push(" FROM audit a WHERE a.seq < ");
        statement.bind(Value::Number(self.before)).push(" AND a.seq >= ").bind(Value::Number(self.floor));
        push_branch(statement, branch);
        if filter.target.is_some() || branch.is_none() {
            push_actor(statement, filter.actor);
        }
        push_tests(statement, filter);
        let limit = i64::try_from(self.query.limit.get() + 1).unwrap_or(i64::MAX);
        statement.push(" ORDER BY a.seq DESC LIMIT ").bind(Value::Number(limit));
    }
}

/// The columns that can name the target or else the actor of a query.
fn branches(filter: &AuditFilter) -> Vec<(&'static str, BranchValue)> {
    let ids = |columns: &[&'static str], id: uuid::Uuid| {
        columns.iter().map(|column| (*column, BranchValue::Id(id))).collect()
    };
    match (&filter.target, filter.actor) {
        (Some(TargetFilter::Id(id)), _) => ids(&["target_id", "target_key", "session_id"], *id),
        (Some(TargetFilter::SigningKey(key)), _) => {
            vec![("signing_key", BranchValue::Text(key.as_str().to_owned()))]
        }
        (None, Some(ActorFilter::Id(id))) => ids(&["actor_id", "actor_key"], id),
        (None, None | Some(ActorFilter::Anonymous | ActorFilter::Operator | ActorFilter::System)) => {
            Vec::new()
        }
    }
}

/// Whether a branch has to test its records.
fn has_tests(filter: &AuditFilter) -> bool {
    let named = match (&filter.target, filter.actor) {
        (None, Some(ActorFilter::Id(_))) => AuditFilter { actor: None, ..filter.clone() },
        _ => AuditFilter { target: None, ..filter.clone() },
    };
    named != AuditFilter::default()
}

fn push_branch(statement: &mut Statement, branch: &Branch) {
    let Some((column, value)) = branch else { return };
    statement.push(" AND a.").push(column).push(" = ").bind(match value {
        BranchValue::Id(id) => Value::Id(*id),
        BranchValue::Text(text) => Value::text(text.clone()),
    });
}

/// Adds the test of the actor.
fn push_actor(statement: &mut Statement, actor: Option<ActorFilter>) {
    match actor {
        None => {}
        Some(ActorFilter::Id(id)) => {
            statement.push(" AND (a.actor_id = ").bind(Value::Id(id));
            statement.push(" OR a.actor_key = ").bind(Value::Id(id)).push(")");
        }
        Some(kind @ (ActorFilter::Anonymous | ActorFilter::Operator | ActorFilter::System)) => {
            statement.push(" AND a.actor = ").bind(Value::text(kind.to_string()));
        }
    }
}

/// Adds the tests of everything but actor and target.
fn push_tests(statement: &mut Statement, filter: &AuditFilter) {
    if let Some(action) = filter.action {
        statement.push(" AND a.action = ").bind(Value::text(action.as_str()));
    }
    if let Some(outcome) = filter.outcome {
        statement.push(" AND a.outcome = ").bind(Value::text(outcome.as_str()));
    }
    if let Some(from) = filter.from {
        statement.push(" AND a.at >= ").bind(Value::time(from));
    }
    if let Some(to) = filter.to {
        statement.push(" AND a.at < ").bind(Value::time(to));
    }
    if let Some(ip) = filter.ip {
        let canonical = ip.to_canonical();
        let mapped = match canonical {
            IpAddr::V4(ip) => IpAddr::V6(ip.to_ipv6_mapped()),
            ip @ IpAddr::V6(_) => ip,
        };
        statement.push(" AND a.ip IN (").bind(Value::text(canonical.to_string()));
        statement.push(", ").bind(Value::text(mapped.to_string())).push(")");
    }
}
