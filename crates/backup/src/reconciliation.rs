//! What a backup may not undo when it takes the place of a store.

use crate::current_store::{CurrentStore, Known};
use crate::reader::BackupItem;
use roster_domain::{ApiKey, AuthEpoch, ServiceAccount, ServiceAccountName, Status, User, UserId, Version};
use roster_storage::StoredItem;
use std::sync::Arc;

/// What to do about people who were erased after the backup was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EraseAgain {
    /// Restore them, and name them.
    No,
    /// Leave them out.
    Yes,
}

/// How a backup and the store that it replaces are related: found out by a first look at everything in it.
#[derive(Debug, Default)]
pub struct Survey {
    /// Users of the backup who are not in the store.
    absent: Vec<UserId>,
    /// Whether the store is a later state of the one that was backed up: they share a user, a service account, or
    /// somebody whom the store has erased.
    is_same_store: bool,
}

/// Brings each item of a backup into line with the store that it replaces:
///
/// - every session is over, and each epoch is greater than both stores had, so that no access token goes on;
/// - each version is greater than both, so that no older `If-Match` fits by chance;
/// - an API key that is gone from the store stays gone, one that was given an earlier end keeps it;
/// - who is disabled in the store stays disabled, people and service accounts;
/// - people who were erased are named, and left out on demand.
#[derive(Debug)]
pub struct Reconciliation {
    present: CurrentStore,
    is_same_store: bool,
    erase_again: EraseAgain,
    outcome: Reconciled,
}

/// What a reconciliation has come to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Reconciled {
    /// Sessions that are over: those of the backup, and those of the store.
    pub ended_sessions: u64,
    /// API keys of the backup that stay revoked.
    pub revoked_keys: u64,
    /// Users of the backup whom the store has erased, as its audit log says.
    pub erased: Vec<UserId>,
    /// How many more users of the backup are not in the store: it may be an older state, or the part of its audit log
    /// that says they were erased was moved away.
    pub unknown: u64,
    /// Users who stay disabled, as in the store, and are not disabled in the backup.
    pub disabled_users: Vec<UserId>,
    /// Service accounts that stay disabled, as in the store, and are not disabled in the backup.
    pub disabled_accounts: Vec<ServiceAccountName>,
    /// The number of the last audit record of either.
    pub last_audit: u64,
}

impl Survey {
    /// Looks at an item of the backup.
    pub fn see(&mut self, item: &BackupItem, present: &CurrentStore) {
        match item {
            BackupItem::Stored(StoredItem::User(user)) if present.users.contains_key(&user.id) => {
                self.is_same_store = true;
            }
            BackupItem::Stored(StoredItem::User(user)) => {
                self.is_same_store |= present.erased.contains(&user.id);
                self.absent.push(user.id);
            }
            BackupItem::Stored(StoredItem::ServiceAccount(account)) => {
                self.is_same_store |= present.accounts.contains_key(&account.id);
            }
            BackupItem::Stored(StoredItem::Session(_) | StoredItem::Audit(..)) | BackupItem::Keys(_) => {}
        }
    }
}

impl Reconciliation {
    /// With what the survey has found.
    #[must_use]
    pub fn new(present: CurrentStore, survey: Survey, erase_again: EraseAgain) -> Self {
        let Survey { absent, is_same_store } = survey;
        let absent = if is_same_store { absent } else { Vec::new() };
        let (erased, unknown): (Vec<_>, Vec<_>) =
            absent.into_iter().partition(|user| present.erased.contains(user));
        let outcome = Reconciled {
            ended_sessions: present.sessions,
            erased,
            unknown: unknown.len() as u64,
            last_audit: present.last_audit,
            ..Reconciled::default()
        };
        Self { present, is_same_store, erase_again, outcome }
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

    /// What it has come to, once every item was applied.
    #[must_use]
    pub fn outcome(self) -> Reconciled {
        self.outcome
    }

    fn user(&mut self, user: &User) -> Option<User> {
        let known = self.present.users.get(&user.id);
        let is_erased = known.is_none() && self.present.erased.contains(&user.id);
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
        let known = self.present.accounts.get(&account.id);
        let (version, auth_epoch) = above(account.version, account.auth_epoch, known);
        let (status, change) = status(&account.status, known);
        if change == Change::StaysDisabled {
            self.outcome.disabled_accounts.push(account.name.clone());
        }
        let keys: Vec<_> = account.keys.iter().filter_map(|key| self.key(key)).collect();
        self.outcome.revoked_keys += (account.keys.len() - keys.len()) as u64;
        ServiceAccount { version, auth_epoch, status, keys, ..account.clone() }
    }

    /// As the store knows it: it may have been rotated since, which gave it an end.
    fn key(&self, key: &ApiKey) -> Option<ApiKey> {
        match self.present.keys.get(&key.id) {
            Some(known) => Some(known.clone()),
            None if self.is_same_store => None,
            None => Some(key.clone()),
        }
    }
}

/// A version and an epoch that neither store has had.
fn above(version: Version, epoch: AuthEpoch, known: Option<&Known>) -> (Version, AuthEpoch) {
    let version = known.map_or(version, |known| version.max(known.version));
    let epoch = known.map_or(epoch, |known| epoch.max(known.epoch));
    (version.next(), epoch.next())
}

/// What the store that is replaced makes of a status in the backup.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    /// It is as in the backup.
    None,
    /// It is disabled in the store, and not in the backup.
    StaysDisabled,
}

/// The status as it is restored: the store's, if it is disabled there.
fn status(backed_up: &Status, known: Option<&Known>) -> (Status, Change) {
    match (backed_up, known.and_then(|known| known.disabled)) {
        (Status::Active | Status::Pending { .. }, Some(since)) => {
            (Status::Disabled { since }, Change::StaysDisabled)
        }
        _ => (*backed_up, Change::None),
    }
}
