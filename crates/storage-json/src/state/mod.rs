//! All users and their sessions, in memory. A clone is cheap and shares everything that is not changed afterwards,
//! so readers keep their own state while the next one is drafted.

mod audit_tail;
mod list;
mod service_accounts;
mod sessions;
mod work;

use std::collections::HashMap;
use std::ops::Bound::{Excluded, Unbounded};
use std::sync::Arc;

use imbl::{OrdMap, OrdSet};
use jiff::Timestamp;

use roster_domain::{
    AliasKey, EmailKey, ExternalId, ImportedHash, ImportedHashCounts, Login, ServiceAccount, Session,
    SessionId, User, UserId, UsernameKey,
};
use roster_storage::{UserKeys, UserSession};

use service_accounts::ServiceAccounts;
pub(crate) use sessions::Sessions;

pub(crate) use audit_tail::AuditTail;

/// A canonical key, shared with its user. It is cheap to clone, because changing an index copies the neighbouring keys.
type Key = Arc<str>;

/// All users and their indexes.
#[derive(Debug, Clone, Default)]
pub(crate) struct State {
    /// The users. Ids are UUIDv7, so this is nearly the order of creation.
    users: OrdMap<UserId, Arc<User>>,
    /// For logins, and for lists by username.
    usernames: OrdMap<Key, UserId>,
    /// For logins, and for lists by email.
    emails: OrdMap<Key, UserId>,
    /// The users without an email address.
    without_email: OrdSet<UserId>,
    /// Finds users by their id in another system.
    external_ids: OrdMap<Key, UserId>,
    /// For logins with the spelling of another system.
    aliases: OrdMap<Key, UserId>,
    /// For lists by creation time.
    created: OrdSet<(Timestamp, UserId)>,
    /// The active administrators.
    admins: OrdSet<UserId>,
    /// How many users have a hash that should be replaced soon.
    imported_hashes: ImportedHashCounts,
    /// The sessions.
    sessions: Sessions,
    /// The service accounts and their keys.
    service_accounts: ServiceAccounts,
    /// The end of the audit log that is not in a file yet.
    pub(crate) audit: AuditTail,
}

impl State {
    /// The user with this id.
    pub(crate) fn user(&self, id: UserId) -> Option<&Arc<User>> {
        self.users.get(&id)
    }

    /// The session with this id and its user.
    pub(crate) fn user_session(&self, id: SessionId, user: UserId) -> Option<UserSession> {
        let session = self.sessions.get(id).filter(|session| session.user == user)?;
        Some((session.clone(), self.user(user)?.clone()))
    }

    /// The user with this login: by email or username, otherwise by an alias.
    pub(crate) fn user_by_login(&self, login: &Login) -> Option<&Arc<User>> {
        let by_email = login.email().and_then(|key| self.emails.get(key.as_str()));
        let by_username = || login.username().and_then(|key| self.usernames.get(key.as_str()));
        let by_alias = || self.aliases.get(login.alias().as_str());
        by_email.or_else(by_username).or_else(by_alias).and_then(|id| self.user(*id))
    }

    /// The user with this id in another system.
    pub(crate) fn user_by_external_id(&self, id: &ExternalId) -> Option<&Arc<User>> {
        self.external_id_owner(id).and_then(|id| self.user(id))
    }

    /// The users who have one of these keys, each once.
    pub(crate) fn users_by_keys(&self, keys: &UserKeys) -> Vec<Arc<User>> {
        let by_id = keys.ids.iter().filter_map(|id| self.user(*id));
        let by_login = keys.logins.iter().filter_map(|login| self.user_by_login(login));
        let by_external_id = keys.external_ids.iter().filter_map(|id| self.user_by_external_id(id));
        let found = by_id.chain(by_login).chain(by_external_id);
        found.map(|user| (user.id, user)).collect::<HashMap<_, _>>().into_values().cloned().collect()
    }

    /// The user with this username.
    fn username_owner(&self, key: &UsernameKey) -> Option<UserId> {
        self.usernames.get(key.as_str()).copied()
    }

    /// The user with this email address.
    fn email_owner(&self, key: &EmailKey) -> Option<UserId> {
        self.emails.get(key.as_str()).copied()
    }

    /// The user with this external id.
    fn external_id_owner(&self, id: &ExternalId) -> Option<UserId> {
        self.external_ids.get(id.as_str()).copied()
    }

    /// The user with this alias.
    fn alias_owner(&self, key: &AliasKey) -> Option<UserId> {
        self.aliases.get(key.as_str()).copied()
    }

    /// Whether any user has an alias.
    fn has_aliases(&self) -> bool {
        !self.aliases.is_empty()
    }

    /// Whether there is an active administrator.
    pub(crate) fn has_active_admin(&self) -> bool {
        !self.admins.is_empty()
    }

    /// All users, by id.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<User>> {
        self.users.values()
    }

    /// The users with greater ids, by id.
    pub(crate) fn users_after(&self, id: Option<UserId>) -> impl Iterator<Item = &Arc<User>> {
        self.users.range((id.map_or(Unbounded, Excluded), Unbounded)).map(|(_, user)| user)
    }

    /// The service accounts.
    pub(crate) const fn service_accounts(&self) -> &ServiceAccounts {
        &self.service_accounts
    }

    /// The number of users.
    pub(crate) fn len(&self) -> usize {
        self.users.len()
    }

    /// How many users have a hash that should be replaced soon.
    pub(crate) const fn imported_hashes(&self) -> ImportedHashCounts {
        self.imported_hashes
    }

    /// The sessions.
    pub(crate) const fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// Adds or replaces the session. A session without a user is dropped.
    pub(crate) fn put_session(&mut self, session: &Arc<Session>) {
        if self.users.contains_key(&session.user) {
            self.sessions.put(session);
        }
    }

    /// Ends all sessions and returns their number.
    pub(crate) fn end_sessions(&mut self) -> usize {
        std::mem::take(&mut self.sessions).len()
    }

    /// Adds or replaces the user. Only the indexes whose keys changed are touched.
    pub(crate) fn put(&mut self, user: &Arc<User>) {
        let id = user.id;
        let old = self.users.insert(id, Arc::clone(user));
        self.reindex(id, old.as_deref(), Some(user));
    }

    /// Removes the user, if they exist.
    pub(crate) fn remove(&mut self, id: UserId) {
        let old = self.users.remove(&id);
        self.reindex(id, old.as_deref(), None);
    }

    /// Adds or replaces the service account.
    pub(crate) fn put_service_account(&mut self, account: &Arc<ServiceAccount>) {
        self.service_accounts.put(account);
    }

    fn reindex(&mut self, id: UserId, old: Option<&User>, new: Option<&User>) {
        move_key(&mut self.usernames, id, old.map(username), new.map(username));
        move_key(&mut self.emails, id, old.and_then(email), new.and_then(email));
        move_key(&mut self.external_ids, id, old.and_then(external_id), new.and_then(external_id));
        move_key(&mut self.aliases, id, old.and_then(alias), new.and_then(alias));
        let no_email = |user: &User| user.email.is_none().then_some(id);
        move_entry(&mut self.without_email, old.and_then(no_email), new.and_then(no_email));
        let admin = |user: &User| user.is_active_admin().then_some(id);
        move_entry(&mut self.admins, old.and_then(admin), new.and_then(admin));
        let created = |user: &User| (user.created_at, id);
        move_entry(&mut self.created, old.map(created), new.map(created));
        if let Some(hash) = old.and_then(imported_hash) {
            self.imported_hashes.remove(hash);
        }
        if let Some(hash) = new.and_then(imported_hash) {
            self.imported_hashes.add(hash);
        }
    }
}

fn username(user: &User) -> &Key {
    user.username.key().as_shared()
}

fn email(user: &User) -> Option<&Key> {
    user.email.as_ref().map(|email| email.key().as_shared())
}

fn external_id(user: &User) -> Option<&Key> {
    user.external_id.as_ref().map(ExternalId::as_shared)
}

fn alias(user: &User) -> Option<&Key> {
    user.login_alias.as_ref().map(|alias| alias.key().as_shared())
}

fn imported_hash(user: &User) -> Option<ImportedHash> {
    user.credential.password_hash()?.imported()
}

/// Updates a user's entry in an index if the key changed.
fn move_key(index: &mut OrdMap<Key, UserId>, id: UserId, old: Option<&Key>, new: Option<&Key>) {
    if old == new {
        return;
    }
    if let Some(old) = old {
        index.remove(old);
    }
    if let Some(new) = new {
        index.insert(Arc::clone(new), id);
    }
}

/// Updates a user's entry in a set if it changed.
fn move_entry<T: Ord + Clone>(set: &mut OrdSet<T>, old: Option<T>, new: Option<T>) {
    if old == new {
        return;
    }
    if let Some(old) = old {
        set.remove(&old);
    }
    if let Some(new) = new {
        set.insert(new);
    }
}
