//! New users who are committed together: the rows of each table are inserted by one statement.

use std::borrow::Cow;
use std::sync::Arc;

use roster_domain::{AuditRecord, User};
use roster_storage::{Change, Conflict, Guard, UnitOfWork};
use roster_storage_sql::{AuditRow, Claim, ClaimSpace, UserRow, Value, claims, search_text};
use uuid::Uuid;

use super::command::Command;
use super::current_state::CurrentState;
use super::judgement::is_free;
use crate::parameter::Parameter;
use crate::search::grams;
use crate::sql::{Sql, column_type};

/// A unit that does nothing but create a user.
#[derive(Clone, Copy)]
pub(super) struct NewUser<'w> {
    pub(super) guards: &'w [Guard],
    pub(super) user: &'w Arc<User>,
    record: &'w AuditRecord,
}

impl<'w> NewUser<'w> {
    /// `None` if the unit does something else.
    pub(super) fn of(unit: &'w UnitOfWork) -> Option<Self> {
        let (record, [Change::PutUser(user)]) = (unit.record()?, unit.changes()) else { return None };
        let guards = unit.guards();
        // An import over HTTP also guards the access of whoever started it.
        let is_about_names = guards.iter().all(|guard| {
            matches!(
                guard,
                Guard::AuthEpoch(..)
                    | Guard::UserAbsent(_)
                    | Guard::UsernameFree(..)
                    | Guard::EmailFree(..)
                    | Guard::ExternalIdFree(..)
                    | Guard::AliasFree(..)
            )
        });
        let is_new = is_about_names && guards.contains(&Guard::UserAbsent(user.id));
        is_new.then_some(Self { guards, user, record })
    }
}

/// The rows of new users.
#[derive(Default)]
pub(super) struct NewUserRows<'w> {
    /// Follows the rows.
    state: CurrentState,
    users: Vec<Vec<Value<'w>>>,
    records: Vec<Vec<Value<'w>>>,
    names: (Vec<Cow<'w, str>>, Vec<Uuid>),
    roles: (Vec<Cow<'w, str>>, Vec<i64>, Vec<Uuid>),
    grams: Grams,
}

/// The grams of all users in a row, and where those of each begin and end, counted from 1.
#[derive(Default)]
struct Grams {
    all: Vec<i32>,
    users: Vec<Uuid>,
    first: Vec<i32>,
    last: Vec<i32>,
}

/// The statements that insert new users. The audit records come last, so that they have the order of the users.
#[derive(Default)]
pub(super) struct NewUserCommands<'w> {
    pub(super) users: Vec<Command<'w>>,
    pub(super) records: Option<Command<'w>>,
}

impl<'w> NewUserRows<'w> {
    /// No rows yet; guards are checked against this state.
    pub(super) fn new(state: CurrentState) -> Self {
        Self { state, ..Self::default() }
    }

    /// Adds the rows of a user.
    ///
    /// # Errors
    /// [`Conflict`], if a guard does not hold or a name belongs to another; nothing was added.
    pub(super) fn add(&mut self, new: NewUser<'w>) -> Result<(), Conflict> {
        let NewUser { guards, user, record } = new;
        self.state.check(guards)?;
        let claims = claims(user);
        if let Some(taken) = claims.iter().find(|claim| !self.is_free(claim, user)) {
            return Err(Conflict(taken.guard.clone()));
        }
        self.add_claims(user, claims);
        self.users.push(UserRow::values(user));
        self.records.push(AuditRow::values(record));
        let (id, text) = (*user.id.as_uuid(), search_text(user));
        for role in user.roles().iter() {
            self.roles.0.push(Cow::Borrowed(role.as_str()));
            self.roles.1.push(user.created_at.as_microsecond());
            self.roles.2.push(id);
        }
        self.grams.add(id, &grams(&text));
        self.state.users.insert(user.id, Arc::clone(user));
        Ok(())
    }

    fn is_free(&self, claim: &Claim, user: &User) -> bool {
        let owner = match claim.space {
            ClaimSpace::LoginName => self.state.login_names.get(&claim.value),
            ClaimSpace::ExternalId => self.state.external_ids.get(&claim.value),
        };
        is_free(owner, user.id)
    }

    fn add_claims(&mut self, user: &User, claims: Vec<Claim>) {
        for Claim { space, value, .. } in claims {
            match space {
                ClaimSpace::LoginName => {
                    self.names.0.push(Cow::Owned(value.clone()));
                    self.names.1.push(*user.id.as_uuid());
                    self.state.login_names.insert(value, user.id)
                }
                ClaimSpace::ExternalId => self.state.external_ids.insert(value, user.id),
            };
        }
    }

    /// The statements that insert the rows.
    pub(super) fn commands(self) -> NewUserCommands<'w> {
        if self.users.is_empty() {
            return NewUserCommands::default();
        }
        let Self { users, records, names, roles, grams, .. } = self;
        let users = vec![
            Command::new(Sql::InsertUsers, transposed(&[&UserRow::COLUMNS, &UserRow::DERIVED], users)),
            Command::new(Sql::InsertNames, vec![Parameter::Texts(names.0), Parameter::Ids(names.1)]),
            Command::new(
                Sql::InsertRolesOfUsers,
                vec![Parameter::Texts(roles.0), Parameter::Numbers(roles.1), Parameter::Ids(roles.2)],
            ),
            grams.command(),
        ];
        let records = Command::new(Sql::InsertAuditRecords, transposed(&[&AuditRow::COLUMNS], records));
        NewUserCommands { users, records: Some(records) }
    }
}

impl Grams {
    fn add(&mut self, user: Uuid, grams: &[i32]) {
        let len = |grams: &[i32]| i32::try_from(grams.len()).unwrap_or(i32::MAX);
        self.users.push(user);
        self.first.push(len(&self.all).saturating_add(1));
        self.all.extend_from_slice(grams);
        self.last.push(len(&self.all));
    }

    fn command<'w>(self) -> Command<'w> {
        let [all, first, last] = [self.all, self.first, self.last].map(Parameter::Grams);
        Command::new(Sql::InsertGrams, vec![all, Parameter::Ids(self.users), first, last])
    }
}

/// A parameter for each column.
fn transposed<'w>(columns: &[&[&str]], rows: Vec<Vec<Value<'w>>>) -> Vec<Parameter<'w>> {
    let types = columns.concat().into_iter().map(column_type);
    let mut parameters: Vec<_> = types.map(|kind| (kind, Vec::with_capacity(rows.len()))).collect();
    for row in rows {
        for ((_, column), value) in parameters.iter_mut().zip(row) {
            column.push(value.into());
        }
    }
    parameters.into_iter().map(|(kind, values)| Parameter::Column(kind, values)).collect()
}
