//! Pages of users.
//!
//! - A filter by a unique name is read by that name.
//! - A filter that no index serves in the order of the list is counted first, up to [`FEW`]. If it holds for fewer
//!   users, these are read and sorted. Otherwise the list walks the index of the order and tests each row.
//! - Downwards, ties are still in the order of ids upwards, which no index has. So the list reads rows by the key
//!   alone, and the last group of equal keys again in the order of ids: no tie is sorted, however large it is.

use std::collections::VecDeque;
use std::sync::Arc;

use roster_domain::{Direction, Page, SortValue, User, UserQuery};

use super::dialect::Dialect;
use super::filter::{Filter, Source};
use super::order::{Order, is_pair, is_settled_by_first_key};
use crate::rows::UserRow;
use crate::search::Search;
use crate::statement::Statement;
use crate::value::Value;

/// Fewer users than this are read and sorted without an index.
pub const FEW: usize = 2_001;

/// A list of users on its way to a page.
///
/// ```text
/// let mut list = UserList::new(query, dialect, FEW);
/// loop {
///     match list.next_step() {
///         NextUsers::Count(statement) => list.counted(run(statement)),
///         NextUsers::Read(statement) => list.read(run(statement)),
///         NextUsers::Done(page) => return page,
///     }
/// }
/// ```
pub struct UserList<'q, D> {
    query: &'q UserQuery,
    dialect: D,
    filters: Vec<Filter>,
    few: usize,
    /// What is still to do.
    tasks: VecDeque<Task>,
    /// What the statement is for whose outcome comes next.
    current: Option<Task>,
    /// The users of the page so far, in order.
    found: Vec<Arc<User>>,
}

/// What a list needs next.
pub enum NextUsers {
    /// The number that this statement returns, for [`UserList::counted`].
    Count(Statement),
    /// The rows that this statement returns, with [`UserRow::COLUMNS`], for [`UserList::read`].
    Read(Statement),
    /// Nothing: this is the page.
    Done(Page<Arc<User>>),
}

/// One statement.
#[derive(Clone, Debug)]
enum Task {
    /// Reads the only user who can match.
    Named(&'static str, String),
    /// Counts those for whom the condition holds.
    Probe(Filter),
    /// Sorts those for whom the condition holds, who are few.
    SortFew(Filter),
    /// Reads those after the cursor who have its first value.
    WithinGroup,
    /// Reads those after all with the first value of the cursor, or everyone.
    Beyond,
    /// Reads those with this first value.
    Group(SortValue),
}

impl<'q, D: Dialect> UserList<'q, D> {
    /// A list that has read nothing yet. Fewer users than `few`, usually [`FEW`], are read and sorted.
    #[must_use]
    pub fn new(query: &'q UserQuery, dialect: D, few: usize) -> Self {
        let search = Search::new(query.filter.text.as_deref());
        let filters = Filter::all(query, &search);
        let tasks = if search == Search::Nobody {
            VecDeque::new()
        } else if let Some(named) = named(query) {
            VecDeque::from([named])
        } else {
            let served = Source::in_order(query, &filters);
            let probed = filters.iter().filter(|filter| served != Source::Filtered((*filter).clone()));
            probed.cloned().map(Task::Probe).chain(walk(query)).collect()
        };
        Self { query, dialect, filters, few, tasks, current: None, found: Vec::new() }
    }

    /// What is needed next.
    pub fn next_step(&mut self) -> NextUsers {
        if self.missing() == 0 {
            self.tasks.clear();
        }
        self.current = self.tasks.pop_front();
        let mut statement = Statement::default();
        match &self.current {
            None => return NextUsers::Done(self.page()),
            Some(Task::Probe(filter)) => {
                filter.push_count(&mut statement, &self.dialect, self.few);
                return NextUsers::Count(statement);
            }
            Some(Task::Named(column, value)) => push_named(&mut statement, column, value),
            Some(Task::SortFew(filter)) => self.push_few(&mut statement, filter),
            Some(Task::WithinGroup) => self.push_within_group(&mut statement),
            Some(Task::Beyond) => self.push_beyond(&mut statement),
            Some(Task::Group(value)) => self.push_group(&mut statement, value),
        }
        NextUsers::Read(statement)
    }

    /// The number that was asked for.
    pub fn counted(&mut self, count: u64) {
        if let Some(Task::Probe(filter)) = self.current.take()
            && count < self.few as u64
        {
            self.tasks = VecDeque::from([Task::SortFew(filter)]);
        }
    }

    /// The users that were asked for.
    pub fn read(&mut self, users: Vec<User>) {
        let users: Vec<_> = users.into_iter().map(Arc::new).collect();
        match self.current.take() {
            Some(Task::Named(..)) => {
                let query = self.query;
                self.found = users.into_iter().filter(|user| query.filter.matches(user)).collect();
                self.found.retain(|user| is_after(query, user));
            }
            Some(Task::Beyond) if self.is_read_downwards() => self.read_downwards(users),
            _ => self.found.extend(users),
        }
    }

    /// The first users of a walk downwards, whose ties are not in order yet. One more than needed was asked for.
    fn read_downwards(&mut self, mut users: Vec<Arc<User>>) {
        let Some((key, _)) = self.query.sort.keys().first() else { return };
        let is_complete = users.len() <= self.missing();
        let last = users.last().map(|user| key.value(user));
        let cut = last.filter(|_| !is_complete);
        if let Some(value) = &cut {
            users.retain(|user| key.value(user) != *value);
        }
        users.sort_by(|one, other| key.value(other).cmp(&key.value(one)).then(one.id.cmp(&other.id)));
        self.found.extend(users);
        self.tasks.extend(cut.map(Task::Group));
    }

    /// How many users the page lacks, and one that tells whether there is a next page.
    fn missing(&self) -> usize {
        (self.query.limit.get() + 1).saturating_sub(self.found.len())
    }

    fn page(&mut self) -> Page<Arc<User>> {
        let mut items = std::mem::take(&mut self.found);
        let has_more = items.len() > self.query.limit.get();
        items.truncate(self.query.limit.get());
        let next = items.last().filter(|_| has_more).map(|last| self.query.sort.position(last));
        Page { items, next }
    }

    /// Whether the order is that of a single key downwards, whose ties need a second look.
    fn is_read_downwards(&self) -> bool {
        is_settled_by_first_key(self.query)
            && self
                .query
                .sort
                .keys()
                .first()
                .is_some_and(|(_, direction)| *direction == Direction::Descending)
    }

    fn push_few(&self, statement: &mut Statement, filter: &Filter) {
        push_select(statement);
        Source::Filtered(filter.clone()).push(statement, &self.filters, &self.dialect);
        let order = Order::unindexed(&self.query.sort, &self.dialect);
        if let Some(after) = &self.query.after {
            statement.push(" AND ");
            order.push_after(statement, &after.values, after.id);
        }
        order.push(statement);
        push_limit(statement, self.missing());
    }

    fn push_within_group(&self, statement: &mut Statement) {
        let order = self.push_walk(statement);
        if let (Some(after), Some(first)) = (&self.query.after, order.terms.first()) {
            let (value, rest) = after.values.split_first().unwrap_or((&SortValue::Absent, &[]));
            statement.push(" AND ");
            first.push_equal(statement, value);
            statement.push(" AND ");
            let order = order.rest();
            order.push_after(statement, rest, after.id);
            order.push(statement);
        }
        push_limit(statement, self.missing());
    }

    fn push_beyond(&self, statement: &mut Statement) {
        let order = self.push_walk(statement);
        let first = order.terms.first();
        if let (Some(after), Some(first)) = (&self.query.after, first) {
            statement.push(" AND ");
            match after.values.first() {
                Some(_) if is_pair(self.query) => order.push_after_pair(statement, after),
                Some(value) => first.push_beyond(statement, value),
                None => order.push_after(statement, &[], after.id),
            }
        }
        if let (None, Some(first)) = (&self.query.after, first)
            && order.terms.len() > 1
        {
            statement.push(" AND ");
            first.push_any(statement);
        }
        match first {
            Some(first) if self.is_read_downwards() => {
                statement.push(" ORDER BY ").push(&first.expression).push(" DESC");
                push_limit(statement, self.missing() + 1);
            }
            _ => {
                order.push(statement);
                push_limit(statement, self.missing());
            }
        }
    }

    fn push_group(&self, statement: &mut Statement, value: &SortValue) {
        let order = self.push_walk(statement);
        if let Some(first) = order.terms.first() {
            statement.push(" AND ");
            first.push_equal(statement, value);
        }
        order.rest().push(statement);
        push_limit(statement, self.missing());
    }

    /// Adds the start of a statement that walks the index of the order, and returns that order.
    fn push_walk(&self, statement: &mut Statement) -> Order {
        let source = Source::in_order(self.query, &self.filters);
        push_select(statement);
        source.push(statement, &self.filters, &self.dialect);
        let mut order = source.order(self.query);
        if is_settled_by_first_key(self.query) {
            order.terms.truncate(1);
        }
        order
    }
}

fn push_named(statement: &mut Statement, column: &str, value: &str) {
    push_select(statement);
    statement.push(" FROM users u WHERE u.").push(column).push(" = ").bind(Value::text(value.to_owned()));
}

fn push_limit(statement: &mut Statement, limit: usize) {
    statement.push(" LIMIT ").bind(Value::Number(i64::try_from(limit).unwrap_or(i64::MAX)));
}

fn push_select(statement: &mut Statement) {
    statement.push("SELECT ").columns("u", &UserRow::COLUMNS);
}

/// The look-up of the only user who can match, if the filter names one.
fn named(query: &UserQuery) -> Option<Task> {
    let filter = &query.filter;
    if let Some(username) = &filter.username {
        Some(Task::Named("username_key", username.key().as_str().to_owned()))
    } else if let Some(email) = &filter.email {
        Some(Task::Named("email_key", email.key().as_str().to_owned()))
    } else {
        let external_id = filter.external_id.as_ref()?;
        Some(Task::Named("external_id", external_id.as_str().to_owned()))
    }
}

/// The steps of a walk along the index of the order.
fn walk(query: &UserQuery) -> Vec<Task> {
    if query.after.is_some() && !is_pair(query) {
        vec![Task::WithinGroup, Task::Beyond]
    } else {
        vec![Task::Beyond]
    }
}

fn is_after(query: &UserQuery, user: &User) -> bool {
    let after = query.after.as_ref();
    after.is_none_or(|after| query.sort.compare(&query.sort.position(user), after).is_gt())
}
