//! A unit of work as the journal keeps it: what was done and what resulted. Guards are not kept, they were
//! checked.

use std::sync::Arc;

use roster_domain::{AuditRecord, ServiceAccount, ServiceAccountId, Session, SessionId, User, UserId};
use roster_storage::{Change, UnitOfWork};
use serde::{Deserialize, Serialize};

/// The body of a unit's line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StoredUnit {
    /// What was done; nothing, if it was housekeeping.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) audit: Option<Arc<AuditRecord>>,
    /// What resulted, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) changes: Vec<StoredChange>,
}

/// A resulting state.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StoredChange {
    /// The user is now this.
    PutUser(Arc<User>),
    /// The user is gone, with their sessions.
    RemoveUser(UserId),
    /// The session is now this.
    PutSession(Arc<Session>),
    /// The session is over.
    RemoveSession(SessionId),
    /// The user has no session but the one to keep.
    RemoveSessionsOf {
        user: UserId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        keep: Option<SessionId>,
    },
    /// The service account is now this.
    PutServiceAccount(Arc<ServiceAccount>),
    /// The service account is gone.
    RemoveServiceAccount(ServiceAccountId),
}

/// Bytes that hold most units.
const USUAL: usize = 1 << 10;

impl StoredUnit {
    /// The unit as JSON.
    pub(crate) fn encode(work: &UnitOfWork) -> serde_json::Result<Vec<u8>> {
        let changes = work.changes().iter().map(StoredChange::from).collect();
        let mut json = Vec::with_capacity(USUAL);
        serde_json::to_writer(&mut json, &Self { audit: work.record().cloned(), changes })?;
        Ok(json)
    }
}

impl From<&Change> for StoredChange {
    fn from(change: &Change) -> Self {
        match change {
            Change::PutUser(user) => Self::PutUser(Arc::clone(user)),
            Change::RemoveUser(id) => Self::RemoveUser(*id),
            Change::PutSession(session) => Self::PutSession(Arc::clone(session)),
            Change::RemoveSession(id) => Self::RemoveSession(*id),
            Change::RemoveSessionsOf { user, keep } => Self::RemoveSessionsOf { user: *user, keep: *keep },
            Change::PutServiceAccount(account) => Self::PutServiceAccount(Arc::clone(account)),
            Change::RemoveServiceAccount(id) => Self::RemoveServiceAccount(*id),
        }
    }
}

impl From<StoredChange> for Change {
    fn from(stored: StoredChange) -> Self {
        match stored {
            StoredChange::PutUser(user) => Self::PutUser(user),
            StoredChange::RemoveUser(id) => Self::RemoveUser(id),
            StoredChange::PutSession(session) => Self::PutSession(session),
            StoredChange::RemoveSession(id) => Self::RemoveSession(id),
            StoredChange::RemoveSessionsOf { user, keep } => Self::RemoveSessionsOf { user, keep },
            StoredChange::PutServiceAccount(account) => Self::PutServiceAccount(account),
            StoredChange::RemoveServiceAccount(id) => Self::RemoveServiceAccount(id),
        }
    }
}
