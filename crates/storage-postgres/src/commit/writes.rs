//! The statements that make the changes of a unit.

use std::borrow::Cow;
use std::sync::Arc;

use roster_domain::{ServiceAccount, User, UserId};
use roster_storage::{Change, Conflict, Guard};
use roster_storage_sql::{
    AccountRow, Claim, ClaimSpace, KeyRow, SessionRow, UserRow, Value, claims, search_text,
};

use super::command::Command;
use super::current_state::CurrentState;
use super::judgement::is_free;
use crate::parameter::Parameter;
use crate::search::grams;
use crate::sql::Sql;

/// Puts the statements together, change by change.
pub(super) struct Writes<'w> {
    /// Follows the changes.
    state: CurrentState,
    commands: Vec<Command<'w>>,
}

impl<'w> Writes<'w> {
    /// The statements of these changes.
    ///
    /// # Errors
    /// [`Conflict`], if a value that the current state names belongs to another.
    pub(super) fn of(changes: &'w [Change], state: CurrentState) -> Result<Vec<Command<'w>>, Conflict> {
        let mut writes = Self { state, commands: Vec::new() };
        changes.iter().try_for_each(|change| writes.add(change))?;
        Ok(writes.commands)
    }

    fn add(&mut self, change: &'w Change) -> Result<(), Conflict> {
        match change {
            Change::PutUser(user) => self.put_user(user)?,
            Change::RemoveUser(id) => {
                self.push(Sql::DeleteUser, vec![(*id.as_uuid()).into()]);
                self.forget(*id);
            }
            Change::PutSession(session) => self.push_values(Sql::PutSession, SessionRow::values(session)),
            Change::RemoveSession(id) => self.push(Sql::DeleteSession, vec![(*id.as_uuid()).into()]),
            Change::RemoveSessionsOf { user, keep } => {
                let keep = Value::OptionalId(keep.map(|id| *id.as_uuid()));
                self.push(Sql::DeleteSessionsOf, vec![(*user.as_uuid()).into(), keep.into()]);
            }
            Change::PutServiceAccount(account) => self.put_account(account)?,
            Change::RemoveServiceAccount(id) => {
                self.push(Sql::DeleteAccount, vec![(*id.as_uuid()).into()]);
                self.state.account_names.retain(|_, owner| owner != id);
                self.state.prefixes.retain(|_, owner| owner != id);
            }
        }
        Ok(())
    }

    fn put_user(&mut self, user: &'w Arc<User>) -> Result<(), Conflict> {
        let before = self.state.users.get(&user.id).cloned();
        let (old, new) = (before.as_deref().map(claims).unwrap_or_default(), claims(user));
        if let Some(taken) = new.iter().find(|claim| !self.may_claim(claim, user.id)) {
            return Err(Conflict(taken.guard.clone()));
        }
        self.push_names(Sql::DeleteLoginNames, user.id, missing_from(&new, &old));
        let sql = if before.is_some() { Sql::UpdateUser } else { Sql::InsertUser };
        self.push_values(sql, UserRow::values(user));
        self.push_names(Sql::InsertLoginNames, user.id, missing_from(&old, &new));
        self.put_roles(before.as_deref(), user);
        let text = search_text(user);
        if before.as_deref().map(search_text).as_ref() != Some(&text) {
            self.push(Sql::PutGrams, vec![(*user.id.as_uuid()).into(), Parameter::Grams(grams(&text))]);
        }
        self.forget(user.id);
        for claim in new {
            match claim.space {
                ClaimSpace::LoginName => self.state.login_names.insert(claim.value, user.id),
                ClaimSpace::ExternalId => self.state.external_ids.insert(claim.value, user.id),
            };
        }
        self.state.users.insert(user.id, Arc::clone(user));
        Ok(())
    }

    /// A user is no longer there, and their names are free.
    fn forget(&mut self, id: UserId) {
        self.state.users.remove(&id);
        self.state.login_names.retain(|_, owner| *owner != id);
        self.state.external_ids.retain(|_, owner| *owner != id);
    }

    fn may_claim(&self, claim: &Claim, user: UserId) -> bool {
        let owner = match claim.space {
            ClaimSpace::LoginName => self.state.login_names.get(&claim.value),
            ClaimSpace::ExternalId => self.state.external_ids.get(&claim.value),
        };
        is_free(owner, user)
    }

    fn push_names(&mut self, sql: Sql, user: UserId, names: Vec<Cow<'w, str>>) {
        if names.is_empty() {
            return;
        }
        let (id, names) = (Parameter::from(*user.as_uuid()), Parameter::Texts(names));
        let is_deletion = sql == Sql::DeleteLoginNames;
        self.push(sql, if is_deletion { vec![id, names] } else { vec![names, id] });
    }

    fn put_roles(&mut self, before: Option<&User>, after: &'w User) {
        let is_same =
            |before: &User| before.roles() == after.roles() && before.created_at == after.created_at;
        if before.is_some_and(is_same) {
            return;
        }
        let id = *after.id.as_uuid();
        if before.is_some() {
            self.push(Sql::DeleteRoles, vec![id.into()]);
        }
        let roles: Vec<_> = after.roles().iter().map(|role| Cow::Borrowed(role.as_str())).collect();
        if !roles.is_empty() {
            let created_at = Value::time(after.created_at).into();
            self.push(Sql::InsertRoles, vec![Parameter::Texts(roles), created_at, id.into()]);
        }
    }

    fn put_account(&mut self, account: &'w ServiceAccount) -> Result<(), Conflict> {
        if !is_free(self.state.account_names.get(account.name.as_str()), account.id) {
            return Err(Conflict(Guard::ServiceAccountNameFree(account.name.clone(), account.id)));
        }
        let prefixes = &self.state.prefixes;
        let taken = account.keys.iter().find(|key| !is_free(prefixes.get(key.prefix.as_str()), account.id));
        if let Some(key) = taken {
            return Err(Conflict(Guard::ApiKeyPrefixFree(key.prefix, account.id)));
        }
        self.push_values(Sql::PutAccount, AccountRow::values(account));
        let keys = account.keys.iter().map(|key| *key.id.as_uuid()).collect();
        self.push(Sql::DeleteOtherKeys, vec![(*account.id.as_uuid()).into(), Parameter::Ids(keys)]);
        for (position, key) in account.keys.iter().enumerate() {
            self.push_values(Sql::PutKey, KeyRow::values(account.id, position, key));
        }
        Ok(())
    }

    fn push(&mut self, sql: Sql, parameters: Vec<Parameter<'w>>) {
        self.commands.push(Command::new(sql, parameters));
    }

    fn push_values(&mut self, sql: Sql, values: Vec<Value<'w>>) {
        self.push(sql, values.into_iter().map(Parameter::Value).collect());
    }
}

/// The login names of `claims` that are not among `others`.
fn missing_from<'w>(others: &[Claim], claims: &[Claim]) -> Vec<Cow<'w, str>> {
    let is_missing = |claim: &&Claim| {
        claim.space == ClaimSpace::LoginName
            && !others.iter().any(|other| other.space == claim.space && other.value == claim.value)
    };
    claims.iter().filter(is_missing).map(|claim| Cow::Owned(claim.value.clone())).collect()
}
