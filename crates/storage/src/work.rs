//! Units of work: writes as data.

use jiff::Timestamp;
use roster_domain::{
    AliasKey, ApiKeyId, ApiKeyPrefix, AuditRecord, AuthEpoch, Credential, EmailKey, ExternalId,
    ServiceAccount, ServiceAccountId, ServiceAccountName, Session, SessionId, TokenDigest, User, UserId,
    UsernameKey, Version,
};
use std::sync::Arc;

/// One decision of a use case: the audit record, the guards that must hold at the commit, and the resulting states.
///
/// A change that a caller requested cannot be written without its audit record. The few changes that nobody requested
/// are [`Maintenance`].
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

/// A condition that must hold at the commit. Guards are checked in the order in which they were added, against the
/// state before the unit's own changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guard {
    /// No user has this id. An id from another system may be in use.
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
    /// The user exists and still has this credential.
    CredentialIs(UserId, Credential),
    /// The user exists and last logged in at this time. A login does not change the version and must not be undone.
    LastLoginIs(UserId, Option<Timestamp>),
    /// The user exists and still has this epoch.
    AuthEpoch(UserId, AuthEpoch),
    /// An active administrator other than this user exists.
    AnotherAdminRemains(UserId),
    /// No active administrator exists.
    NoActiveAdmin,
    /// The session exists, and its live refresh token has this digest. A refresh token is used once.
    RefreshTokenLive(SessionId, TokenDigest),
    /// The session exists: its user has not been logged out meanwhile.
    SessionExists(SessionId),
    /// The session is absent, or has expired by this time.
    SessionOver(SessionId, Timestamp),
    /// The user has exactly this many sessions. Their number is limited.
    SessionCount(UserId, usize),
    /// The service account exists and has this version.
    ServiceAccountVersion(ServiceAccountId, Version),
    /// No service account, or only this one, has the name.
    ServiceAccountNameFree(ServiceAccountName, ServiceAccountId),
    /// No service account, or only this one, has a key with the prefix.
    ApiKeyPrefixFree(ApiKeyPrefix, ServiceAccountId),
    /// The service account exists, is active and still has the key: access has not been revoked meanwhile. The
    /// expiry of the key is not checked.
    ApiKeyGood(ServiceAccountId, ApiKeyId),
    /// The service account exists, and one of its keys was last used at this time. A use does not change the
    /// version and must not be undone.
    LastKeyUseIs(ServiceAccountId, Option<Timestamp>),
}

/// Maintenance: changes that nobody requested and that need no audit record.
#[derive(Clone, Debug, PartialEq)]
pub enum Maintenance {
    /// A session was used. No effect if it has ended or was refreshed meanwhile.
    SessionSeen(Arc<Session>),
    /// These sessions have expired by this time. No effect if one of them was used meanwhile.
    SessionsExpired(Vec<SessionId>, Timestamp),
    /// A key of a service account was used. No effect if the account was changed or one of its keys was used
    /// meanwhile.
    ApiKeyUsed {
        /// When one of its keys was last used before.
        before: Option<Timestamp>,
        /// The account after the use.
        after: Arc<ServiceAccount>,
    },
}

/// A resulting state, not a delta.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Stores the user.
    PutUser(Arc<User>),
    /// Removes the user and everything about them, including sessions. No effect if the user is absent.
    RemoveUser(UserId),
    /// Stores the session. No effect if its user is absent.
    PutSession(Arc<Session>),
    /// Removes the session. No effect if it is absent.
    RemoveSession(SessionId),
    /// Removes all sessions of the user but the one to keep.
    RemoveSessionsOf {
        /// Whose sessions end.
        user: UserId,
        /// The session that stays.
        keep: Option<SessionId>,
    },
    /// Stores the service account with its keys.
    PutServiceAccount(Arc<ServiceAccount>),
    /// Removes the service account and its keys. No effect if it is absent.
    RemoveServiceAccount(ServiceAccountId),
}

/// Most units have no more guards.
const USUAL_GUARDS: usize = 8;

impl UnitOfWork {
    /// A unit with its audit record. Without changes, only the record is stored.
    #[must_use]
    pub fn audited(record: AuditRecord) -> Self {
        let guards = Vec::with_capacity(USUAL_GUARDS);
        Self { record: Some(Arc::new(record)), guards, changes: Vec::new() }
    }

    /// A maintenance task with its guards.
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

    /// Adds a guard.
    #[must_use]
    pub fn require(mut self, guard: Guard) -> Self {
        self.guards.push(guard);
        self
    }

    /// Adds the guards of a new user: the username, email address, external id and alias are free.
    #[must_use]
    pub fn require_names_free(self, user: &User) -> Self {
        self.require_new_names_free(None, user)
    }

    /// Adds the guards of a new user whose id was not generated here: the id and the names are free.
    #[must_use]
    pub fn require_new_user(self, user: &User) -> Self {
        self.require(Guard::UserAbsent(user.id)).require_names_free(user)
    }

    /// Adds the guards for changing the user `before` to `after`: the new names are free. Unchanged names need no guard,
    /// since the version is guarded.
    #[must_use]
    pub fn require_new_names_free(mut self, before: Option<&User>, after: &User) -> Self {
        let id = after.id;
        let username = new_name(before, after, |user| Some(&user.username));
        self.guards.extend(username.map(|name| Guard::UsernameFree(name.key().clone(), id)));
        let email = new_name(before, after, |user| user.email.as_ref());
        self.guards.extend(email.map(|email| Guard::EmailFree(email.key().clone(), id)));
        let external_id = new_name(before, after, |user| user.external_id.as_ref());
        self.guards.extend(external_id.map(|external_id| Guard::ExternalIdFree(external_id.clone(), id)));
        let alias = new_name(before, after, |user| user.login_alias.as_ref());
        self.guards.extend(alias.map(|alias| Guard::AliasFree(alias.key().clone(), id)));
        self
    }

    /// Adds several guards.
    #[must_use]
    pub fn require_all(mut self, guards: impl IntoIterator<Item = Guard>) -> Self {
        self.guards.extend(guards);
        self
    }

    /// Adds the guards of a service account that is new, renamed or has a new key: the name and the prefixes of the
    /// keys are free.
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
    pub fn write_all(mut self, changes: impl IntoIterator<Item = Change>) -> Self {
        self.changes.extend(changes);
        self
    }

    /// The audit record; `None` for maintenance.
    #[must_use]
    pub const fn record(&self) -> Option<&Arc<AuditRecord>> {
        self.record.as_ref()
    }

    /// The guards.
    #[must_use]
    pub fn guards(&self) -> &[Guard] {
        &self.guards
    }

    /// The resulting states.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }
}

/// The name that `after` has, if it differs from that of `before`.
fn new_name<'a, T: PartialEq>(
    before: Option<&User>,
    after: &'a User,
    name: fn(&User) -> Option<&T>,
) -> Option<&'a T> {
    name(after).filter(|new| before.and_then(name) != Some(*new))
}
