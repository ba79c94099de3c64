//! A backup that replaces a store does not undo revocations.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod kit;

use std::sync::Arc;

use jiff::Timestamp;
use kit::{Pieces, backup, items, read};
use roster_backup::{BackupItem, CurrentStore, EraseAgain, Reconciled, Reconciliation, Survey};
use roster_domain::{
    AccountStatus, Action, ApiKeyId, AuditPosition, AuthEpoch, OldKey, ServiceAccount, Status, StatusKind,
    User, UserId, Version,
};
use roster_storage::StoredItem;
use roster_storage::contract::{People, record, service_accounts};

/// Restores a backup of [`items`] over a store with the items `current`.
async fn replaced(current: Vec<StoredItem>, erase_again: EraseAgain) -> (Vec<StoredItem>, Reconciled) {
    let (bytes, _) = backup(items(), None).await;
    let current = CurrentStore::of(Pieces::of(current)).await.unwrap();
    let mut survey = Survey::default();
    let (stored, _) = read(&bytes);
    for item in &stored {
        survey.see(&BackupItem::Stored(item.clone()), &current);
    }
    let mut reconciliation = Reconciliation::new(current, survey, erase_again);
    let restored = stored.into_iter().filter_map(|item| reconciliation.apply(item)).collect();
    (restored, reconciliation.outcome())
}

fn users(items: &[StoredItem]) -> impl Iterator<Item = &Arc<User>> {
    items.iter().filter_map(|item| if let StoredItem::User(user) = item { Some(user) } else { None })
}

fn user(items: &[StoredItem], id: UserId) -> &User {
    users(items).find(|user| user.id == id).unwrap()
}

fn account(items: &[StoredItem], number: u32) -> &ServiceAccount {
    let accounts = items.iter().filter_map(|item| match item {
        StoredItem::ServiceAccount(account) => Some(account),
        StoredItem::User(_) | StoredItem::Session(_) | StoredItem::Audit(..) => None,
    });
    accounts.into_iter().find(|account| account.id == service_accounts::service_account(number).id).unwrap()
}

#[tokio::test]
async fn every_epoch_and_version_is_higher_than_in_both_stores() {
    let later = People.nth(1).with(|user| {
        user.auth_epoch = AuthEpoch::from(40);
        user.version = Version::from(50);
    });
    let (restored, _) = replaced(vec![StoredItem::User(Arc::new(later.clone()))], EraseAgain::No).await;
    assert_eq!(
        (user(&restored, later.id).auth_epoch.get(), user(&restored, later.id).version.get()),
        (41, 51)
    );
    assert_eq!(user(&restored, People.nth(2).id).auth_epoch, AuthEpoch::FIRST.next());
}

#[tokio::test]
async fn every_session_is_ended() {
    let (restored, outcome) = replaced(items(), EraseAgain::No).await;
    assert!(!restored.iter().any(|item| matches!(item, StoredItem::Session(_))));
    assert_eq!(outcome.ended_sessions, 4);
}

#[tokio::test]
async fn a_revoked_key_stays_revoked_and_a_rotated_one_keeps_its_expiry() {
    let now = Timestamp::UNIX_EPOCH;
    let without = service_accounts::service_account(0).without_key(service_accounts::key(0).id, now).unwrap();
    let end = service_accounts::key(1).created_at;
    let new = roster_domain::ApiKey { id: ApiKeyId::new(now, [9; 10]), ..service_accounts::key(9) };
    let rotated = service_accounts::service_account(1)
        .rotated(service_accounts::key(1).id, new, OldKey::EndsAt(end), now)
        .unwrap();
    let current = [without, rotated].map(|account| StoredItem::ServiceAccount(Arc::new(account)));
    let (restored, outcome) = replaced(current.to_vec(), EraseAgain::No).await;
    assert!(account(&restored, 0).keys.is_empty());
    assert_eq!(account(&restored, 1).keys[0].expires_at, Some(end));
    assert_eq!(account(&restored, 1).keys.len(), 1, "the new key is not in the backup");
    assert_eq!(outcome.revoked_keys, 1);
}

#[tokio::test]
async fn a_deleted_user_is_reported_and_left_out_on_request() {
    let erased = People.nth(3).id;
    let mut current = without(erased);
    let deleted = Arc::new(record(Action::UserDeleted, erased));
    current.push(StoredItem::Audit(AuditPosition::from(70), deleted));
    let (restored, outcome) = replaced(current.clone(), EraseAgain::No).await;
    assert_eq!((&*outcome.erased, outcome.unknown), (&[erased][..], 0));
    assert_eq!(users(&restored).count(), 20);
    let (restored, outcome) = replaced(current, EraseAgain::Yes).await;
    assert_eq!(outcome.erased, [erased]);
    assert_eq!(users(&restored).count(), 19);
}

#[tokio::test]
async fn a_user_missing_from_an_older_state_was_not_deleted() {
    let (restored, outcome) = replaced(without(People.nth(3).id), EraseAgain::Yes).await;
    assert_eq!((outcome.erased.len(), outcome.unknown), (0, 1));
    assert_eq!(users(&restored).count(), 20);
}

/// The items of the backup without one user.
fn without(id: UserId) -> Vec<StoredItem> {
    let is_other = |item: &StoredItem| !matches!(item, StoredItem::User(user) if user.id == id);
    items().into_iter().filter(is_other).collect()
}

#[tokio::test]
async fn a_store_without_users_is_recognised_by_its_deletions() {
    let deleted = record(Action::UserDeleted, People.nth(3).id);
    let current = vec![StoredItem::Audit(AuditPosition::from(70), Arc::new(deleted))];
    let (_, outcome) = replaced(current, EraseAgain::No).await;
    assert_eq!((outcome.erased.len(), outcome.unknown, outcome.last_audit), (1, 19, 70));
}

#[tokio::test]
async fn an_unrelated_store_has_deleted_and_revoked_nothing() {
    let unknown_user = StoredItem::User(Arc::new(People.nth(1_000)));
    let (restored, outcome) = replaced(vec![unknown_user], EraseAgain::Yes).await;
    assert_eq!(users(&restored).count(), 20);
    assert_eq!((outcome.erased.len(), outcome.revoked_keys, outcome.last_audit), (0, 0, 9));
    assert_eq!(account(&restored, 0).keys.len(), 1);
}

#[tokio::test]
async fn a_disabled_user_stays_disabled_and_is_reported() {
    let since = Timestamp::UNIX_EPOCH;
    let disabled = People.nth(4).with_status(StatusKind::Disabled, since);
    let (restored, outcome) =
        replaced(vec![StoredItem::User(Arc::new(disabled.clone()))], EraseAgain::No).await;
    assert_eq!(user(&restored, disabled.id).status, Status::Disabled { since });
    assert_eq!(outcome.disabled_users, [disabled.id]);
    assert!(user(&restored, People.nth(5).id).is_active());
}

#[tokio::test]
async fn a_disabled_service_account_stays_disabled_and_is_reported() {
    let since = Timestamp::UNIX_EPOCH;
    let disabled = service_accounts::service_account(0).with_status(AccountStatus::Disabled, since);
    let current = StoredItem::ServiceAccount(Arc::new(disabled.clone()));
    let (restored, outcome) = replaced(vec![current], EraseAgain::No).await;
    assert_eq!(account(&restored, 0).status, Status::Disabled { since });
    assert_eq!(outcome.disabled_accounts, [disabled.name]);
    assert!(account(&restored, 1).is_active());
}
