//! All users and their sessions, in memory. A clone is cheap and shares everything that is not changed afterwards,
//! so readers keep their own state while the next one is drafted.

mod audit_tail;
mod changed;
mod index;
mod list;
mod names;
mod service_accounts;
mod sessions;
mod work;

use std::collections::HashMap;
use std::ops::Bound::{Excluded, Unbounded};
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread;

use imbl::{OrdMap, OrdSet};
use roster_domain::{
    AliasKey, EmailKey, ExternalId, ImportedHash, ImportedHashCounts, Login, ServiceAccount, Session,
    SessionId, User, UserId, UsernameKey,
};
use roster_storage::{UserKeys, UserSession};

use service_accounts::ServiceAccounts;
pub(crate) use sessions::Sessions;

pub(crate) use audit_tail::AuditTail;
use changed::Changed;
pub(crate) use index::Index;
pub(crate) use names::KnownNames;
use names::{NameKind, Names};

/// All users and their indexes.
#[derive(Debug, Clone, Default)]
pub(crate) struct State {
    /// The users. Ids are UUIDv7, so this is nearly the order of creation.
    users: OrdMap<UserId, Arc<User>>,
    /// For logins, and to keep names unique.
    names: Names,
    /// For lists: an index of an earlier state.
    index: Arc<Index>,
    /// The users who changed since.
    changed: Changed,
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
    /// The state with these users only, who are sorted by id. `None` if two of them have the same id, or names that
    /// belong to another.
    pub(crate) fn of(users: &[Arc<User>]) -> Option<Self> {
        if !users.is_sorted_by(|one, next| one.id < next.id) {
            return None;
        }
        let mut state =
            Self { users: users.iter().map(|user| (user.id, Arc::clone(user))).collect(), ..Self::default() };
        state.admins = users.iter().filter(|user| user.is_active_admin()).map(|user| user.id).collect();
        for hash in users.iter().filter_map(|user| imported_hash(user)) {
            state.imported_hashes.add(hash);
        }
        let users: Vec<_> = users.iter().collect();
        let (names, index) = thread::scope(|scope| {
            let names = scope.spawn(|| KnownNames::of(&users, 0));
            let index = Index::of(&users);
            (names.join().unwrap_or_else(|panic| resume_unwind(panic)), index)
        });
        (state.names, state.index) = (Names::of(names.ok()?), Arc::new(index));
        let has_clash = state.has_aliases() && users.iter().any(|user| state.shadow(user).is_some());
        (!has_clash).then_some(state)
    }

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
        let by_email = login.email().and_then(|key| self.email_owner(key));
        let by_username = || login.username().and_then(|key| self.username_owner(key));
        let by_alias = || self.alias_owner(login.alias());
        by_email.or_else(by_username).or_else(by_alias).and_then(|id| self.user(id))
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

    fn owner(&self, kind: NameKind, name: &str) -> Option<UserId> {
        self.names.owner(kind, name, |id| self.user(id))
    }

    /// The user with this username.
    fn username_owner(&self, key: &UsernameKey) -> Option<UserId> {
        self.owner(NameKind::Username, key.as_str())
    }

    /// The user with this email address.
    fn email_owner(&self, key: &EmailKey) -> Option<UserId> {
        self.owner(NameKind::Email, key.as_str())
    }

    /// The user with this external id.
    fn external_id_owner(&self, id: &ExternalId) -> Option<UserId> {
        self.owner(NameKind::ExternalId, id.as_str())
    }

    /// The user with this alias.
    fn alias_owner(&self, key: &AliasKey) -> Option<UserId> {
        self.owner(NameKind::Alias, key.as_str())
    }

    /// Whether any user may have an alias.
    fn has_aliases(&self) -> bool {
        !self.names.has_none(NameKind::Alias)
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

    /// The number of names given since the tables of names were made, and of users in them.
    pub(crate) fn names_age(&self) -> (usize, usize) {
        self.names.age()
    }

    /// Tables of the names in this state. `None` if two users share a name, which cannot be.
    pub(crate) fn next_names(&self) -> Option<KnownNames> {
        let users: Vec<_> = self.iter().collect();
        KnownNames::of(&users, self.names.count()).ok()
    }

    /// Uses tables that were made of this state or an earlier one.
    pub(crate) fn use_names(&mut self, names: &Arc<KnownNames>) {
        self.names.use_known(names);
    }

    /// How many users changed since the index was built, and how many it has.
    pub(crate) fn index_age(&self) -> (usize, usize) {
        (self.changed.len(), self.index.len())
    }

    /// An index of this state. It takes a fraction of a microsecond for each user whom the present index knows.
    pub(crate) fn next_index(&self) -> Index {
        let users: Vec<_> = self.iter().collect();
        self.index.updated(&users, self.changed.ids(), self.changed.count())
    }

    /// Uses an index that was made of this state or an earlier one.
    pub(crate) fn use_index(&mut self, index: &Arc<Index>) {
        self.changed.remove_indexed(index);
        self.index = Arc::clone(index);
    }

    fn reindex(&mut self, id: UserId, old: Option<&User>, new: Option<&User>) {
        self.names.change(id, old, new);
        let admin = |user: &User| user.is_active_admin().then_some(id);
        move_entry(&mut self.admins, old.and_then(admin), new.and_then(admin));
        self.changed.note(&self.index, id, old, new);
        if let Some(hash) = old.and_then(imported_hash) {
            self.imported_hashes.remove(hash);
        }
        if let Some(hash) = new.and_then(imported_hash) {
            self.imported_hashes.add(hash);
        }
    }
}

fn imported_hash(user: &User) -> Option<ImportedHash> {
    user.credential.password_hash()?.imported()
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
