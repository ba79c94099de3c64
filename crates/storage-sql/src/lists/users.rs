//! Pages of users.
//!
//! - A filter by a unique name is read by that name.
//! - A status other than `active` has an index for every order, and a role or a status has one for the order by creation.
//! - A filter that no index serves in the order of the list is counted first, up to the limit of the [`Effort`]. If it
//!   holds for fewer users, these are read and sorted. Otherwise the list walks the index of the order and tests each row.
//! - Downwards, ties are still in the order of ids upwards, which no index has. So the list reads rows by the key
//!   alone, and the last group of equal keys again in the order of ids: no tie is sorted, however large it is.
//! - An order by several keys is read by the first one in the same way. The last group of equal keys is a list of its
//!   own, by the other keys: [a tie](super::filter::Filter::Tie) of few users is sorted, and for a larger one the list
//!   walks the index of the next key and tests each row.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;

use roster_domain::{Page, Position, SortValue, User, UserQuery};

use super::dialect::Dialect;
use super::filter::{Filter, Source};
use super::order::{is_pair, is_settled_by_first_key};
use super::statements::{Statements, named};
use crate::search::Search;
use crate::statement::Statement;

/// Fewer users than this are usually read and sorted without an index.
pub const FEW: usize = 2_001;

/// When a list reads and sorts those for whom a condition holds, instead of a walk along the index of its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// If fewer users than this have the role, the status or the equal values.
    pub few: usize,
    /// If fewer users than this have the part of a name. They are not counted if this is 0: to find them may take as
    /// long as to find the page.
    pub few_found: usize,
}

impl Effort {
    /// The same limit for every condition.
    #[must_use]
    pub const fn all(few: usize) -> Self {
        Self { few, few_found: few }
    }

    const fn limit(self, filter: &Filter) -> usize {
        if let Filter::Search(_) = filter { self.few_found } else { self.few }
    }
}

/// A list of users on its way to a page.
///
/// ```text
/// let mut list = UserList::new(query, dialect, Effort::all(FEW));
/// loop {
///     match list.next_step() {
///         NextUsers::Count(statement) => list.counted(run(statement)),
///         NextUsers::Read(statement) | NextUsers::Walk(statement) => list.read(run(statement)),
///         NextUsers::Done(page) => return page,
///     }
/// }
/// ```
pub struct UserList<'q, D> {
    query: Cow<'q, UserQuery>,
    dialect: D,
    filters: Vec<Filter>,
    effort: Effort,
    /// How many users to find: those of the page, and one that tells whether there is a next page.
    wanted: usize,
    /// What is still to do.
    tasks: VecDeque<Task>,
    /// What the statement is for whose outcome comes next.
    current: Option<Task>,
    /// The users of the page so far, in order.
    found: Vec<Arc<User>>,
    /// The users with equal values under the first key, while they are read.
    ties: Option<Box<Self>>,
}

/// What a list needs next.
pub enum NextUsers {
    /// The number that this statement returns, for [`UserList::counted`].
    Count(Statement),
    /// The rows that this statement returns, with [`UserRow::COLUMNS`](crate::UserRow::COLUMNS), for [`UserList::read`].
    Read(Statement),
    /// The same, but the statement may pass many rows before it finds enough. After a while it is better to give up,
    /// and to begin a new list that sorts more users.
    Walk(Statement),
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
    /// Reads those after the cursor who have its only value.
    WithinGroup,
    /// Reads those after all with the first value of the cursor, or everyone.
    Beyond,
    /// Reads those with this only value.
    Group(SortValue),
    /// Reads those with this first value by the other keys, from a position on.
    Ties(SortValue, Option<Position>),
}

impl<'q, D: Dialect + Copy> UserList<'q, D> {
    /// A list that has read nothing yet.
    #[must_use]
    pub fn new(query: &'q UserQuery, dialect: D, effort: Effort) -> Self {
        let search = Search::new(query.filter.text.as_deref());
        let filters = Filter::all(query, &search);
        let tasks = if search == Search::Nobody {
            VecDeque::new()
        } else if let Some(named) = only_match(query) {
            VecDeque::from([named])
        } else {
            let served = Source::in_order(query, &filters);
            let is_probed =
                |filter: &&Filter| effort.limit(filter) > 0 && served != Source::Filtered((*filter).clone());
            let probed = filters.iter().filter(is_probed);
            probed.cloned().map(Task::Probe).chain(walk(query)).collect()
        };
        let wanted = query.limit.get() + 1;
        Self::of(Cow::Borrowed(query), dialect, filters, effort, wanted, tasks)
    }

    const fn of(
        query: Cow<'q, UserQuery>,
        dialect: D,
        filters: Vec<Filter>,
        effort: Effort,
        wanted: usize,
        tasks: VecDeque<Task>,
    ) -> Self {
        Self { query, dialect, filters, effort, wanted, tasks, current: None, found: Vec::new(), ties: None }
    }

    /// What is needed next.
    pub fn next_step(&mut self) -> NextUsers {
        self.step().unwrap_or_else(|| NextUsers::Done(self.page()))
    }

    /// The next statement, if there is one.
    fn step(&mut self) -> Option<NextUsers> {
        loop {
            if let Some(ties) = &mut self.ties {
                if let Some(step) = ties.step() {
                    return Some(step);
                }
                self.found.append(&mut ties.found);
                self.ties = None;
            }
            if self.missing() == 0 {
                return None;
            }
            let task = self.tasks.pop_front()?;
            if let Task::Ties(value, after) = task {
                self.ties = self.ties_of(value, after).map(Box::new);
            } else {
                let statement = self.statement(&task);
                let step = match &task {
                    Task::Probe(_) => NextUsers::Count(statement),
                    Task::WithinGroup | Task::Beyond | Task::Group(_) if !self.filters.is_empty() => {
                        NextUsers::Walk(statement)
                    }
                    _ => NextUsers::Read(statement),
                };
                self.current = Some(task);
                return Some(step);
            }
        }
    }

    fn statement(&self, task: &Task) -> Statement {
        let statements = Statements { query: &self.query, filters: &self.filters, dialect: &self.dialect };
        let limit = self.missing();
        match task {
            Task::Probe(filter) => statements.probe(filter, self.effort.limit(filter)),
            Task::Named(column, value) => named(column, value),
            Task::SortFew(filter) => statements.few(filter, limit),
            Task::WithinGroup => statements.within_group(limit),
            Task::Beyond => statements.beyond(limit),
            Task::Group(value) => statements.group(value, limit),
            // A list of its own.
            Task::Ties(..) => Statement::default(),
        }
    }

    /// The list of those who have this first value.
    fn ties_of(&self, value: SortValue, after: Option<Position>) -> Option<Self> {
        let (key, _) = *self.query.sort.keys().first()?;
        let tie = Filter::Tie(key, value);
        let query = UserQuery {
            sort: self.query.sort.rest()?,
            after,
            filter: self.query.filter.clone(),
            limit: self.query.limit,
        };
        let filters = self.filters.iter().cloned().chain([tie.clone()]).collect();
        let tasks = [Task::Probe(tie)].into_iter().chain(walk(&query)).collect();
        Some(Self::of(Cow::Owned(query), self.dialect, filters, self.effort, self.missing(), tasks))
    }

    /// The number that was asked for.
    pub fn counted(&mut self, count: u64) {
        if let Some(ties) = &mut self.ties {
            ties.counted(count);
        } else if let Some(Task::Probe(filter)) = self.current.take()
            && count < self.effort.limit(&filter) as u64
        {
            self.tasks = VecDeque::from([Task::SortFew(filter)]);
        }
    }

    /// The users that were asked for.
    pub fn read(&mut self, users: Vec<User>) {
        if let Some(ties) = &mut self.ties {
            ties.read(users);
            return;
        }
        let mut users: Vec<_> = users.into_iter().map(Arc::new).collect();
        match self.current.take() {
            Some(Task::Named(..)) => {
                users.retain(|user| self.query.filter.matches(user) && is_after(&self.query, user));
                self.found = users;
            }
            Some(Task::Beyond) if !is_pair(&self.query) => self.read_by_first_key(users),
            _ => self.found.extend(users),
        }
    }

    /// The first users of a walk by the first key, whose ties are not in order yet. One more than needed was asked for.
    fn read_by_first_key(&mut self, mut users: Vec<Arc<User>>) {
        let sort = &self.query.sort;
        let Some((key, _)) = sort.keys().first() else { return };
        let is_complete = users.len() <= self.missing();
        let last = users.last().map(|user| key.value(user));
        let cut = last.filter(|_| !is_complete);
        if let Some(value) = &cut {
            users.retain(|user| key.value(user) != *value);
        }
        let mut placed: Vec<_> = users.into_iter().map(|user| (sort.position(&user), user)).collect();
        placed.sort_by(|(one, _), (other, _)| sort.compare(one, other));
        self.found.extend(placed.into_iter().map(|(_, user)| user));
        self.tasks.extend(cut.map(|value| {
            if is_settled_by_first_key(&self.query) { Task::Group(value) } else { Task::Ties(value, None) }
        }));
    }

    /// How many users to find yet.
    fn missing(&self) -> usize {
        self.wanted.saturating_sub(self.found.len())
    }

    fn page(&mut self) -> Page<Arc<User>> {
        let mut items = std::mem::take(&mut self.found);
        let has_more = items.len() > self.query.limit.get();
        items.truncate(self.query.limit.get());
        let next = items.last().filter(|_| has_more).map(|last| self.query.sort.position(last));
        Page { items, next }
    }
}

/// The look-up of the only user who can match, if the filter names one.
fn only_match(query: &UserQuery) -> Option<Task> {
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
    let Some(after) = query.after.as_ref().filter(|_| !is_pair(query)) else { return vec![Task::Beyond] };
    let within = match after.values.split_first() {
        Some((first, rest)) if !is_settled_by_first_key(query) => {
            Task::Ties(first.clone(), Some(Position { values: rest.to_vec(), id: after.id }))
        }
        _ => Task::WithinGroup,
    };
    vec![within, Task::Beyond]
}

fn is_after(query: &UserQuery, user: &User) -> bool {
    let after = query.after.as_ref();
    after.is_none_or(|after| query.sort.compare(&query.sort.position(user), after).is_gt())
}
