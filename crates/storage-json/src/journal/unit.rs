//! A unit of work in the journal: its audit record and its changes, without the guards, which were already checked.

use std::sync::Arc;

use roster_domain::{AuditRecord, ServiceAccount, ServiceAccountId, Session, SessionId, User, UserId};
use roster_storage::{Change, UnitOfWork};
use serde::{Deserialize, Serialize};

/// The body of a unit's line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StoredUnit {
    /// The audit record; none for maintenance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) audit: Option<Arc<AuditRecord>>,
    /// The resulting states, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) changes: Vec<StoredChange>,
}

/// A resulting state.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StoredChange {
    /// Stores the user.
    PutUser(Arc<User>),
    /// Removes the user and their sessions.
    RemoveUser(UserId),
    /// Stores the session.
    PutSession(Arc<Session>),
    /// Removes the session.
    RemoveSession(SessionId),
    /// Removes all sessions of the user but the one to keep.
    RemoveSessionsOf {
        user: UserId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        keep: Option<SessionId>,
    },
    /// Stores the service account.
    PutServiceAccount(Arc<ServiceAccount>),
    /// Removes the service account.
    RemoveServiceAccount(ServiceAccountId),
}

/// Enough bytes for most units.
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
