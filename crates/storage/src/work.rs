//! Writes as data.

use jiff::Timestamp;
use roster_domain::{
    AliasKey, ApiKeyId, ApiKeyPrefix, AuditRecord, AuthEpoch, CredentialDigest, EmailKey, ExternalId,
    ServiceAccount, ServiceAccountId, ServiceAccountName, Session, SessionId, TokenDigest, User, UserId,
    UsernameKey, Version,
};
use std::sync::Arc;

/// One decision of a use case: what was done, what must still hold when it is committed, and the resulting
/// states.
///
/// There is no way to write a change that is somebody's action without its audit record; what is nobody's is
/// an [`Maintenance`], and there are few of these.
///
/// ```
/// # use roster_domain::*; use roster_storage::*; use std::sync::Arc;
/// # fn f(record: AuditRecord, user: Arc<User>) -> UnitOfWork {
/// UnitOfWork::audited(record)
///     .require(Guard::UserVersion(user.id, user.version))
///     .write(Change::PutUser(user))
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct UnitOfWork {
    record: Option<Arc<AuditRecord>>,
    guards: Vec<Guard>,
    changes: Vec<Change>,
}

/// What must still hold at the moment of the commit. Guards are checked in the order they were required,
/// against the state before the unit's own changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guard {
    /// No user has this id: one that comes from elsewhere may be in use.
    UserAbsent(UserId),
    /// The user exists and has this version.
    UserVersion(UserId, Version),
    /// Nobody, or only this user, has the username or logs in with it as an old spelling.
    UsernameFree(UsernameKey, UserId),
    /// Nobody, or only this user, has the email address or logs in with it as an old spelling.
    EmailFree(EmailKey, UserId),
    /// Nobody, or only this user, has the external id.
    ExternalIdFree(ExternalId, UserId),
    /// Nobody, or only this user, logs in with this old spelling, by whatever name.
    AliasFree(AliasKey, UserId),
    /// The user exists and still has the credential with this digest.
    CredentialIs(UserId, CredentialDigest),
    /// The user exists and last logged in then: a login leaves the version alone, and must not be undone.
    LastLoginIs(UserId, Option<Timestamp>),
    /// The user exists and still has this epoch.
    AuthEpoch(UserId, AuthEpoch),
    /// An active administrator other than this user exists.
    AnotherAdminRemains(UserId),
    /// No active administrator exists.
    NoActiveAdmin,
    /// The session exists, and its live refresh token has this digest: a refresh token is used once.
    RefreshTokenLive(SessionId, TokenDigest),
    /// The session exists: whoever acts in it has not been logged out meanwhile.
    SessionExists(SessionId),
    /// The session is absent, or has expired by then.
    SessionOver(SessionId, Timestamp),
    /// The user has exactly so many sessions: their number has a limit.
    SessionCount(UserId, usize),
    /// The service account exists and has this version.
    ServiceAccountVersion(ServiceAccountId, Version),
    /// No service account, or only this one, has the name.
    ServiceAccountNameFree(ServiceAccountName, ServiceAccountId),
    /// No service account, or only this one, has a key with the prefix.
    ApiKeyPrefixFree(ApiKeyPrefix, ServiceAccountId),
    /// The service account exists, is active and still has the key: whoever acts with it has not been turned away
    /// meanwhile. Its expiry is not looked at.
    ApiKeyGood(ServiceAccountId, ApiKeyId),
    /// The service account exists, and one of its keys was last used then: a use leaves the version alone, and
    /// must not be undone.
    LastKeyUseIs(ServiceAccountId, Option<Timestamp>),
}

/// Housekeeping: changes that nobody asked for, and that need no record.
#[derive(Clone, Debug, PartialEq)]
pub enum Maintenance {
    /// A session was used. Nothing happens if it is over, or has been refreshed meanwhile.
    SessionSeen(Arc<Session>),
    /// These sessions have expired by then. Nothing happens if one of them was used meanwhile.
    SessionsExpired(Vec<SessionId>, Timestamp),
    /// A key of a service account was used. Nothing happens if the account was changed, or one of its keys used,
    /// meanwhile.
    ApiKeyUsed {
        /// When one of its keys had last been used before.
        before: Option<Timestamp>,
        /// The account after the use.
        after: Arc<ServiceAccount>,
    },
}

/// A resulting state, not a delta.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// The user is now this.
    PutUser(Arc<User>),
    /// The user and all that is known about them is gone, sessions included. Naming an absent user is no error.
    RemoveUser(UserId),
    /// The session is now this. Nothing happens if its user is absent.
    PutSession(Arc<Session>),
    /// The session is over. Naming an absent one is no error.
    RemoveSession(SessionId),
    /// The user has no session but the one to keep, if it is theirs.
    RemoveSessionsOf {
        /// Whose sessions end.
        user: UserId,
        /// The one that goes on.
        keep: Option<SessionId>,
    },
    /// The service account, with its keys, is now this.
    PutServiceAccount(Arc<ServiceAccount>),
    /// The service account and its keys are gone. Naming an absent one is no error.
    RemoveServiceAccount(ServiceAccountId),
}

impl UnitOfWork {
    /// Begins with the record of what was done. Without changes, the record alone is kept.
    #[must_use]
    pub fn audited(record: AuditRecord) -> Self {
        Self { record: Some(Arc::new(record)), guards: Vec::new(), changes: Vec::new() }
    }

    /// Housekeeping, complete with its guards.
    #[must_use]
    pub fn maintenance(task: Maintenance) -> Self {
        let bare = Self { record: None, guards: Vec::new(), changes: Vec::new() };
        match task {
            Maintenance::SessionSeen(session) => bare
                .require(Guard::RefreshTokenLive(session.id, session.refresh.current))
                .write(Change::PutSession(session)),
            Maintenance::SessionsExpired(ids, now) => ids.into_iter().fold(bare, |work, id| {
                work.require(Guard::SessionOver(id, now)).write(Change::RemoveSession(id))
            }),
            Maintenance::ApiKeyUsed { before, after } => bare
                .require(Guard::ServiceAccountVersion(after.id, after.version))
                .require(Guard::LastKeyUseIs(after.id, before))
                .write(Change::PutServiceAccount(after)),
        }
    }

    /// Adds something that must still hold.
    #[must_use]
    pub fn require(mut self, guard: Guard) -> Self {
        self.guards.push(guard);
        self
    }

    /// Adds everything that must hold for `user` to be stored as a new user: its username, email address,
    /// external id and alias are free.
    #[must_use]
    pub fn require_names_free(self, user: &User) -> Self {
        self.require_new_names_free(None, user)
    }

    /// Adds everything that must hold for `user` to be stored as a new user whose id was not made here: the id and the
    /// names are free.
    #[must_use]
    pub fn require_new_user(self, user: &User) -> Self {
        self.require(Guard::UserAbsent(user.id)).require_names_free(user)
    }

    /// Adds everything that must hold for the user `before` to be stored as `after`: the names that `before`
    /// has not are free. Those that stay are the user's own as long as their version is guarded.
    #[must_use]
    pub fn require_new_names_free(mut self, before: Option<&User>, after: &User) -> Self {
        let id = after.id;
        let username = news(before, after, |user| Some(&user.username));
        self.guards.extend(username.map(|name| Guard::UsernameFree(name.key().clone(), id)));
        let email = news(before, after, |user| user.email.as_ref());
        self.guards.extend(email.map(|email| Guard::EmailFree(email.key().clone(), id)));
        let external_id = news(before, after, |user| user.external_id.as_ref());
        self.guards.extend(external_id.map(|external_id| Guard::ExternalIdFree(external_id.clone(), id)));
        let alias = news(before, after, |user| user.login_alias.as_ref());
        self.guards.extend(alias.map(|alias| Guard::AliasFree(alias.key().clone(), id)));
        self
    }

    /// Adds several things that must still hold.
    #[must_use]
    pub fn require_all(self, guards: impl IntoIterator<Item = Guard>) -> Self {
        guards.into_iter().fold(self, Self::require)
    }

    /// Adds everything that must hold for `account` to be stored as a new service account, under another name
    /// or with another key: its name and the prefixes of its keys are free.
    #[must_use]
    pub fn require_account_free(mut self, account: &ServiceAccount) -> Self {
        self.guards.push(Guard::ServiceAccountNameFree(account.name.clone(), account.id));
        let prefixes = account.keys.iter().map(|key| Guard::ApiKeyPrefixFree(key.prefix, account.id));
        self.guards.extend(prefixes);
        self
    }

    /// Adds a resulting state.
    #[must_use]
    pub fn write(mut self, change: Change) -> Self {
        self.changes.push(change);
        self
    }

    /// Adds several resulting states.
    #[must_use]
    pub fn write_all(self, changes: impl IntoIterator<Item = Change>) -> Self {
        changes.into_iter().fold(self, Self::write)
    }

    /// What was done; nothing, if it is housekeeping.
    #[must_use]
    pub const fn record(&self) -> Option<&Arc<AuditRecord>> {
        self.record.as_ref()
    }

    /// What must still hold.
    #[must_use]
    pub fn guards(&self) -> &[Guard] {
        &self.guards
    }

    /// What results.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }
}

/// What a user is called afterwards and was not before.
fn news<'a, T: PartialEq>(
    before: Option<&User>,
    after: &'a User,
    name: fn(&User) -> Option<&T>,
) -> Option<&'a T> {
    name(after).filter(|new| before.and_then(name) != Some(*new))
}
