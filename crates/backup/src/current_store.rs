//! What a restore has to know about the store that it replaces.

use jiff::Timestamp;
use roster_domain::{
    Action, ApiKey, ApiKeyId, AuditPosition, AuthEpoch, Outcome, ServiceAccount, ServiceAccountId, Status,
    Target, User, UserId, Version,
};
use roster_storage::{Snapshot, StoreError, StoredItem};
use std::collections::{HashMap, HashSet};

/// What a restore must not undo of the store that it replaces.
#[derive(Debug, Default)]
pub struct CurrentStore {
    pub(crate) users: HashMap<UserId, Known>,
    pub(crate) accounts: HashMap<ServiceAccountId, Known>,
    pub(crate) keys: HashMap<ApiKeyId, ApiKey>,
    /// The users that the audit log says were deleted.
    pub(crate) erased: HashSet<UserId>,
    pub(crate) sessions: u64,
    /// The number of its last audit record.
    pub(crate) last_audit: u64,
}

/// What is known about a user or a service account.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    pub(crate) version: Version,
    pub(crate) epoch: AuthEpoch,
    /// Since when it is disabled, if so.
    pub(crate) disabled: Option<Timestamp>,
}

impl CurrentStore {
    /// Reads the whole store. It keeps a few dozen bytes per user.
    ///
    /// # Errors
    /// [`StoreError`], if it cannot be read.
    pub async fn of(mut snapshot: Box<dyn Snapshot>) -> Result<Self, StoreError> {
        let mut current = Self::default();
        loop {
            let items = snapshot.next().await?;
            if items.is_empty() {
                return Ok(current);
            }
            for item in &items {
                current.add(item);
            }
        }
    }

    fn add(&mut self, item: &StoredItem) {
        match item {
            StoredItem::User(user) => {
                self.users.insert(user.id, Known::of_user(user));
            }
            StoredItem::ServiceAccount(account) => {
                self.accounts.insert(account.id, Known::of_account(account));
                self.keys.extend(account.keys.iter().map(|key| (key.id, key.clone())));
            }
            StoredItem::Session(_) => self.sessions += 1,
            StoredItem::Audit(position, record) => {
                self.last_audit = AuditPosition::get(*position);
                if record.action == Action::UserDeleted
                    && record.outcome == Outcome::Success
                    && let Some(Target::User(id)) = record.target
                {
                    self.erased.insert(id);
                }
            }
        }
    }
}

impl Known {
    fn of_user(user: &User) -> Self {
        Self { version: user.version, epoch: user.auth_epoch, disabled: since(&user.status) }
    }

    fn of_account(account: &ServiceAccount) -> Self {
        Self { version: account.version, epoch: account.auth_epoch, disabled: since(&account.status) }
    }
}

fn since(status: &Status) -> Option<Timestamp> {
    match status {
        Status::Disabled { since } => Some(*since),
        Status::Active | Status::Pending { .. } => None,
    }
}
