//! Adjusts a backup to the store that it replaces, so that it does not undo revocations.

use crate::current_store::{CurrentStore, Known};
use crate::reader::BackupItem;
use roster_domain::{ApiKey, AuthEpoch, ServiceAccount, ServiceAccountName, Status, User, UserId, Version};
use roster_storage::StoredItem;
use std::sync::Arc;

/// What to do about users that were deleted after the backup was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EraseAgain {
    /// Restore them and report them.
    No,
    /// Leave them out.
    Yes,
}

/// How a backup is related to the store that it replaces, found by a first pass over its items.
#[derive(Debug, Default)]
pub struct Survey {
    /// Users of the backup that are not in the store.
    absent: Vec<UserId>,
    /// Whether the store is a later state of the one that was backed up: they share a user or a service account, or the
    /// store has deleted a user of the backup.
    is_same_store: bool,
}

/// Adjusts each item of a backup to the store that it replaces:
///
/// - every session is ended, and each epoch is higher than in both stores, so that no access token stays valid;
/// - each version is higher than in both, so that no older `If-Match` matches by chance;
/// - an API key that was revoked in the store stays revoked, and one that got an earlier expiry keeps it;
/// - users and service accounts that are disabled in the store stay disabled;
/// - users that were deleted are reported, and left out if requested.
#[derive(Debug)]
pub struct Reconciliation {
    current: CurrentStore,
    is_same_store: bool,
    erase_again: EraseAgain,
    outcome: Reconciled,
}

/// The result of a reconciliation.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Reconciled {
    /// Ended sessions of the backup and of the store.
    pub ended_sessions: u64,
    /// API keys of the backup that stay revoked.
    pub revoked_keys: u64,
    /// Users of the backup that the store has deleted, according to its audit log.
    pub erased: Vec<UserId>,
    /// The number of other users of the backup that are not in the store. The store may be an older state, or the part
    /// of its audit log with their deletion was moved away.
    pub unknown: u64,
    /// Users that stay disabled as in the store, but are not disabled in the backup.
    pub disabled_users: Vec<UserId>,
    /// Service accounts that stay disabled as in the store, but are not disabled in the backup.
    pub disabled_accounts: Vec<ServiceAccountName>,
    /// The last audit record number of both.
    pub last_audit: u64,
}

impl Survey {
    /// Takes an item of the backup into account.
    pub fn see(&mut self, item: &BackupItem, current: &CurrentStore) {
        match item {
            BackupItem::Stored(StoredItem::User(user)) if current.users.contains_key(&user.id) => {
                self.is_same_store = true;
            }
            BackupItem::Stored(StoredItem::User(user)) => {
                self.is_same_store |= current.erased.contains(&user.id);
                self.absent.push(user.id);
            }
            BackupItem::Stored(StoredItem::ServiceAccount(account)) => {
                self.is_same_store |= current.accounts.contains_key(&account.id);
            }
            BackupItem::Stored(StoredItem::Session(_) | StoredItem::Audit(..)) | BackupItem::Keys(_) => {}
        }
    }
}

impl Reconciliation {
    /// A reconciliation based on a survey.
    #[must_use]
    pub fn new(current: CurrentStore, survey: Survey, erase_again: EraseAgain) -> Self {
        let Survey { absent, is_same_store } = survey;
        let absent = if is_same_store { absent } else { Vec::new() };
        let (erased, unknown): (Vec<_>, Vec<_>) =
            absent.into_iter().partition(|user| current.erased.contains(user));
        let outcome = Reconciled {
            ended_sessions: current.sessions,
            erased,
            unknown: unknown.len() as u64,
            last_audit: current.last_audit,
            ..Reconciled::default()
        };
        Self { current, is_same_store, erase_again, outcome }
    }

    /// The item as it is restored; `None` if it is left out.
    pub fn apply(&mut self, item: StoredItem) -> Option<StoredItem> {
        match item {
            StoredItem::User(user) => self.user(&user).map(|user| StoredItem::User(Arc::new(user))),
            StoredItem::ServiceAccount(account) => {
                Some(StoredItem::ServiceAccount(Arc::new(self.account(&account))))
            }
            StoredItem::Session(_) => {
                self.outcome.ended_sessions += 1;
                None
            }
            StoredItem::Audit(position, record) => {
                self.outcome.last_audit = self.outcome.last_audit.max(position.get());
                Some(StoredItem::Audit(position, record))
            }
        }
    }

    /// The result, after every item was applied.
    #[must_use]
    pub fn outcome(self) -> Reconciled {
        self.outcome
    }

    fn user(&mut self, user: &User) -> Option<User> {
        let known = self.current.users.get(&user.id);
        let is_erased = known.is_none() && self.current.erased.contains(&user.id);
        if is_erased && self.erase_again == EraseAgain::Yes {
            return None;
        }
        let (version, auth_epoch) = above(user.version, user.auth_epoch, known);
        let (status, change) = status(&user.status, known);
        if change == Change::StaysDisabled {
            self.outcome.disabled_users.push(user.id);
        }
        let mut user = user.clone();
        (user.version, user.auth_epoch, user.status) = (version, auth_epoch, status);
        Some(user)
    }

    fn account(&mut self, account: &ServiceAccount) -> ServiceAccount {
        let known = self.current.accounts.get(&account.id);
        let (version, auth_epoch) = above(account.version, account.auth_epoch, known);
        let (status, change) = status(&account.status, known);
        if change == Change::StaysDisabled {
            self.outcome.disabled_accounts.push(account.name.clone());
        }
        let keys: Vec<_> = account.keys.iter().filter_map(|key| self.key(key)).collect();
        self.outcome.revoked_keys += (account.keys.len() - keys.len()) as u64;
        ServiceAccount { version, auth_epoch, status, keys, ..account.clone() }
    }

    /// The key as in the store. It may have been rotated since, which gave it an expiry.
    fn key(&self, key: &ApiKey) -> Option<ApiKey> {
        match self.current.keys.get(&key.id) {
            Some(known) => Some(known.clone()),
            None if self.is_same_store => None,
            None => Some(key.clone()),
        }
    }
}

/// A version and an epoch that are higher than in both stores.
fn above(version: Version, epoch: AuthEpoch, known: Option<&Known>) -> (Version, AuthEpoch) {
    let version = known.map_or(version, |known| version.max(known.version));
    let epoch = known.map_or(epoch, |known| epoch.max(known.epoch));
    (version.next(), epoch.next())
}

/// How the replaced store affects a status of the backup.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    /// It is as in the backup.
    None,
    /// It is disabled in the store but not in the backup.
    StaysDisabled,
}

/// The status to restore: that of the store if it is disabled there.
fn status(backed_up: &Status, known: Option<&Known>) -> (Status, Change) {
    match (backed_up, known.and_then(|known| known.disabled)) {
        (Status::Active | Status::Pending { .. }, Some(since)) => {
            (Status::Disabled { since }, Change::StaysDisabled)
        }
        _ => (*backed_up, Change::None),
    }
}
