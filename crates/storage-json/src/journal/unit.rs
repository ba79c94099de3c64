//! A unit of work as the journal keeps it: what was done and what resulted. Guards are not kept, they were
//! checked.

use std::sync::Arc;

use roster_domain::{AuditRecord, User, UserId};
use roster_storage::{Change, UnitOfWork};
use serde::{Deserialize, Serialize};

/// The body of a unit's line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StoredUnit {
    /// What was done.
    pub(crate) audit: AuditRecord,
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
    /// The user is gone.
    RemoveUser(UserId),
}

impl StoredUnit {
    /// The unit as JSON.
    pub(crate) fn encode(work: &UnitOfWork) -> serde_json::Result<Vec<u8>> {
        let changes = work.changes().iter().map(StoredChange::from).collect();
        serde_json::to_vec(&Self { audit: work.record().clone(), changes })
    }
}

impl From<&Change> for StoredChange {
    fn from(change: &Change) -> Self {
        match change {
            Change::PutUser(user) => Self::PutUser(Arc::clone(user)),
            Change::RemoveUser(id) => Self::RemoveUser(*id),
        }
    }
}

impl From<StoredChange> for Change {
    fn from(stored: StoredChange) -> Self {
        match stored {
            StoredChange::PutUser(user) => Self::PutUser(user),
            StoredChange::RemoveUser(id) => Self::RemoveUser(id),
        }
    }
}
