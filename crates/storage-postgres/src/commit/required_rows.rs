//! The rows that a unit has to lock and read.

use std::borrow::Cow;
use std::collections::BTreeSet;

use roster_storage::{Change, Guard, UnitOfWork};
use roster_storage_sql::{ClaimSpace, claims};
use uuid::Uuid;

use super::command::Command;
use crate::parameter::Parameter;
use crate::sql::Sql;

/// Which unique values are checked before they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// Those that a guard is about. The database rejects the others, without saying whose they are.
    Guarded,
    /// Also all that are written.
    Everything,
}

/// The rows that a unit has to lock and read. Sets are sorted: rows are locked in the same order by everyone.
#[derive(Default)]
pub(super) struct RequiredRows {
    admins: bool,
    /// Users who are changed, and users whose sessions are counted.
    users: BTreeSet<Uuid>,
    /// Users who must stay as they are.
    shared_users: BTreeSet<Uuid>,
    sessions: BTreeSet<Uuid>,
    shared_sessions: BTreeSet<Uuid>,
    counted: BTreeSet<Uuid>,
    accounts: BTreeSet<Uuid>,
    shared_accounts: BTreeSet<Uuid>,
    login_names: BTreeSet<String>,
    external_ids: BTreeSet<String>,
    account_names: BTreeSet<String>,
    prefixes: BTreeSet<String>,
}

impl RequiredRows {
    /// What these units lock and read.
    pub(super) fn of(units: &[UnitOfWork], scope: Scope) -> Self {
        let mut required = Self::default();
        for guard in units.iter().flat_map(UnitOfWork::guards) {
            required.add_guard(guard);
        }
        for change in units.iter().flat_map(UnitOfWork::changes) {
            required.add_change(change, scope);
        }
        required.shared_users.retain(|id| !required.users.contains(id));
        required.shared_sessions.retain(|id| !required.sessions.contains(id));
        required.shared_accounts.retain(|id| !required.accounts.contains(id));
        required
    }

    fn add_guard(&mut self, guard: &Guard) {
        match guard {
            Guard::UserAbsent(id) => {
                self.users.insert(*id.as_uuid());
            }
            Guard::UserVersion(id, _)
            | Guard::CredentialIs(id, _)
            | Guard::LastLoginIs(id, _)
            | Guard::AuthEpoch(id, _) => {
                self.shared_users.insert(*id.as_uuid());
            }
            Guard::UsernameFree(key, _) => self.login_name(key.as_str()),
            Guard::EmailFree(key, _) => self.login_name(key.as_str()),
            Guard::AliasFree(key, _) => self.login_name(key.as_str()),
            Guard::ExternalIdFree(id, _) => {
                self.external_ids.insert(id.as_str().to_owned());
            }
            Guard::AnotherAdminRemains(_) | Guard::NoActiveAdmin => self.admins = true,
            Guard::RefreshTokenLive(id, _) | Guard::SessionOver(id, _) => {
                self.sessions.insert(*id.as_uuid());
            }
            Guard::SessionExists(id) => {
                self.shared_sessions.insert(*id.as_uuid());
            }
            Guard::SessionCount(user, _) => {
                // The lock keeps other units from beginning a session that counts.
                self.users.insert(*user.as_uuid());
                self.counted.insert(*user.as_uuid());
            }
            Guard::ServiceAccountVersion(id, _) | Guard::LastKeyUseIs(id, _) | Guard::ApiKeyGood(id, _) => {
                self.shared_accounts.insert(*id.as_uuid());
            }
            Guard::ServiceAccountNameFree(name, _) => {
                self.account_names.insert(name.as_str().to_owned());
            }
            Guard::ApiKeyPrefixFree(prefix, _) => {
                self.prefixes.insert(prefix.as_str().to_owned());
            }
        }
    }

    fn login_name(&mut self, name: &str) {
        // PostgreSQL does not store NUL, so no user has such a name.
        if !name.contains('\0') {
            self.login_names.insert(name.to_owned());
        }
    }

    fn add_change(&mut self, change: &Change, scope: Scope) {
        match change {
            Change::PutUser(user) => {
                self.users.insert(*user.id.as_uuid());
                let claims = if scope == Scope::Everything { claims(user) } else { Vec::new() };
                for claim in claims {
                    match claim.space {
                        ClaimSpace::LoginName => self.login_name(&claim.value),
                        ClaimSpace::ExternalId => {
                            self.external_ids.insert(claim.value);
                        }
                    }
                }
            }
            Change::RemoveUser(id) => {
                self.users.insert(*id.as_uuid());
            }
            Change::PutServiceAccount(account) => {
                self.accounts.insert(*account.id.as_uuid());
                if scope == Scope::Everything {
                    self.account_names.insert(account.name.as_str().to_owned());
                    self.prefixes.extend(account.keys.iter().map(|key| key.prefix.as_str().to_owned()));
                }
            }
            Change::RemoveServiceAccount(id) => {
                self.accounts.insert(*id.as_uuid());
            }
            Change::PutSession(_) | Change::RemoveSession(_) | Change::RemoveSessionsOf { .. } => {}
        }
    }

    /// The statements: first all locks, then what is read under them.
    pub(super) fn commands(&self) -> Vec<Command<'_>> {
        let mut commands = Vec::new();
        if self.admins {
            commands.push(Command::bare(Sql::LockAdminGate));
        }
        push_ids(&mut commands, Sql::LockUsers, &self.users);
        push_ids(&mut commands, Sql::ShareUsers, &self.shared_users);
        push_ids(&mut commands, Sql::LockSessions, &self.sessions);
        push_ids(&mut commands, Sql::ShareSessions, &self.shared_sessions);
        push_ids(&mut commands, Sql::LockAccounts, &self.accounts);
        push_ids(&mut commands, Sql::ShareAccounts, &self.shared_accounts);
        if self.admins {
            commands.push(Command::bare(Sql::TwoActiveAdmins));
        }
        push_ids(&mut commands, Sql::CountSessions, &self.counted);
        push_ids(&mut commands, Sql::KeysOfAccounts, &(&self.accounts | &self.shared_accounts));
        push_texts(&mut commands, Sql::LoginNameOwners, &self.login_names);
        push_texts(&mut commands, Sql::ExternalIdOwners, &self.external_ids);
        push_texts(&mut commands, Sql::AccountNameOwners, &self.account_names);
        push_texts(&mut commands, Sql::KeyPrefixOwners, &self.prefixes);
        commands
    }
}

fn push_ids(commands: &mut Vec<Command<'_>>, sql: Sql, ids: &BTreeSet<Uuid>) {
    if !ids.is_empty() {
        commands.push(Command::new(sql, vec![Parameter::Ids(ids.iter().copied().collect())]));
    }
}

fn push_texts<'a>(commands: &mut Vec<Command<'a>>, sql: Sql, texts: &'a BTreeSet<String>) {
    if !texts.is_empty() {
        let texts = texts.iter().map(|text| Cow::Borrowed(text.as_str())).collect();
        commands.push(Command::new(sql, vec![Parameter::Texts(texts)]));
    }
}
