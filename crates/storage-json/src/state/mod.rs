//! All users and their sessions, in memory. A clone costs nothing and shares all but what is changed afterwards, so
//! that a reader keeps a state of its own while the writer drafts the next one.

mod audit_tail;
mod list;
mod machines;
mod sessions;
mod work;

use std::ops::Bound::{Excluded, Unbounded};
use std::sync::Arc;

use imbl::{OrdMap, OrdSet};
use jiff::Timestamp;

use roster_domain::{
    AliasKey, EmailKey, ExternalId, Login, ServiceAccount, Session, User, UserId, UsernameKey,
};

use machines::Machines;
pub(crate) use sessions::Sessions;

pub(crate) use audit_tail::AuditTail;

/// A canonical key. Cheap to clone, because a changed index copies the keys next to the changed one.
type Key = Arc<str>;

/// All users and the indexes that find them.
#[derive(Debug, Clone, Default)]
pub(crate) struct State {
    /// The users; ids are UUIDv7, so this is nearly the order in which they were made.
    users: OrdMap<UserId, Arc<User>>,
    /// Finds a login, and sorts a list by username.
    usernames: OrdMap<Key, UserId>,
    /// Finds a login, and sorts a list by email.
    emails: OrdMap<Key, UserId>,
    /// Those whom `emails` lacks.
    without_email: OrdSet<UserId>,
    /// Recognises a person whom another system knows.
    external_ids: OrdMap<Key, UserId>,
    /// Finds the login of someone whose username had another spelling outside.
    aliases: OrdMap<Key, UserId>,
    /// Sorts a list by creation time.
    created: OrdSet<(Timestamp, UserId)>,
    /// The active administrators.
    admins: OrdSet<UserId>,
    /// Their logins that go on.
    sessions: Sessions,
    /// The service accounts and their keys.
    machines: Machines,
    /// The end of the audit log, as far as it is in no file yet.
    pub(crate) audit: AuditTail,
}

impl State {
    /// The user with this id.
    pub(crate) fn user(&self, id: UserId) -> Option<&Arc<User>> {
        self.users.get(&id)
    }

    /// The user who logs in so: by email or username, or else by an alias.
    pub(crate) fn user_by_login(&self, login: &Login) -> Option<&Arc<User>> {
        let by_email = login.email().and_then(|key| self.emails.get(key.as_str()));
        let by_username = || login.username().and_then(|key| self.usernames.get(key.as_str()));
        let by_alias = || self.aliases.get(login.alias().as_str());
        by_email.or_else(by_username).or_else(by_alias).and_then(|id| self.user(*id))
    }

    /// The user whom another system calls this.
    pub(crate) fn user_by_external_id(&self, id: &ExternalId) -> Option<&Arc<User>> {
        self.external_id_owner(id).and_then(|id| self.user(id))
    }

    /// Who has this username.
    fn username_owner(&self, key: &UsernameKey) -> Option<UserId> {
        self.usernames.get(key.as_str()).copied()
    }

    /// Who has this email address.
    fn email_owner(&self, key: &EmailKey) -> Option<UserId> {
        self.emails.get(key.as_str()).copied()
    }

    /// Who has this external id.
    fn external_id_owner(&self, id: &ExternalId) -> Option<UserId> {
        self.external_ids.get(id.as_str()).copied()
    }

    /// Who has this old spelling.
    fn alias_owner(&self, key: &AliasKey) -> Option<UserId> {
        self.aliases.get(key.as_str()).copied()
    }

    /// Whether anybody still logs in with an old spelling.
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

    /// The users whose ids are greater, by id.
    pub(crate) fn users_after(&self, id: Option<UserId>) -> impl Iterator<Item = &Arc<User>> {
        self.users.range((id.map_or(Unbounded, Excluded), Unbounded)).map(|(_, user)| user)
    }

    /// The service accounts.
    pub(crate) const fn machines(&self) -> &Machines {
        &self.machines
    }

    /// How many users there are.
    pub(crate) fn len(&self) -> usize {
        self.users.len()
    }

    /// The sessions.
    pub(crate) const fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// Adds the session, or puts the new state in place of the old. One without a user is let go.
    pub(crate) fn put_session(&mut self, session: &Arc<Session>) {
        if self.users.contains_key(&session.user) {
            self.sessions.put(session);
        }
    }

    /// Ends every session and says how many there were.
    pub(crate) fn end_sessions(&mut self) -> usize {
        std::mem::take(&mut self.sessions).len()
    }

    /// Adds the user, or puts the new state in place of the old. Only the indexes whose key changed are
    /// touched.
    pub(crate) fn put(&mut self, user: &Arc<User>) {
        let id = user.id;
        let old = self.users.insert(id, Arc::clone(user));
        self.reindex(id, old.as_deref(), Some(user));
    }

    /// Removes the user, if there is one.
    pub(crate) fn remove(&mut self, id: UserId) {
        let old = self.users.remove(&id);
        self.reindex(id, old.as_deref(), None);
    }

    /// Adds the service account, or puts the new state in place of the old.
    pub(crate) fn put_machine(&mut self, account: &Arc<ServiceAccount>) {
        self.machines.put(account);
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
    }
}

fn username(user: &User) -> &str {
    user.username.key().as_str()
}

fn email(user: &User) -> Option<&str> {
    user.email.as_ref().map(|email| email.key().as_str())
}

fn external_id(user: &User) -> Option<&str> {
    user.external_id.as_ref().map(ExternalId::as_str)
}

fn alias(user: &User) -> Option<&str> {
    user.login_alias.as_ref().map(|alias| alias.key().as_str())
}

/// Moves a user's entry in an index, if the key changed.
fn move_key(index: &mut OrdMap<Key, UserId>, id: UserId, old: Option<&str>, new: Option<&str>) {
    if old == new {
        return;
    }
    if let Some(old) = old {
        index.remove(old);
    }
    if let Some(new) = new {
        index.insert(new.into(), id);
    }
}

/// Moves a user's entry in a set, if it changed.
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
