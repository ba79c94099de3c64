//! Service accounts and their keys.

use super::guards::{RIVALS, conflict, race};
use super::{Bench, record};
use crate::{Change, Guard, Store, UnitOfWork};
use jiff::{SignedDuration, Timestamp};
use roster_domain::{
    Action, Actor, ApiKey, ApiKeyDigest, ApiKeyId, ApiKeyName, ApiKeyPrefix, AuthEpoch, Description,
    KeyCreator, OldKey, Permission, Permissions, ServiceAccount, ServiceAccountId, ServiceAccountName,
    Status, UserId, Version,
};
use std::sync::Arc;

fn at(number: u32) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(1_700_000_000 + i64::from(number))
}

fn random(number: u32) -> [u8; 10] {
    let mut bytes = [1; 10];
    bytes[6..].copy_from_slice(&number.to_be_bytes());
    bytes
}

/// The key with this number. Keys differ in every unique value.
#[must_use]
pub fn key(number: u32) -> ApiKey {
    ApiKey {
        id: ApiKeyId::new(at(number), random(number)),
        prefix: ApiKeyPrefix::new(&format!("{number:012}")).expect("twelve digits"),
        name: ApiKeyName::new("a key").expect("a plain name"),
        digest: ApiKeyDigest::from([7; 32]),
        permissions: [Permission::UsersRead].into_iter().collect(),
        created_at: at(number),
        created_by: KeyCreator::User(UserId::new(at(0), random(0))),
        expires_at: None,
        last_used_at: None,
        replaced_by: None,
    }
}

/// The service account with this number, with one key.
#[must_use]
pub fn service_account(number: u32) -> ServiceAccount {
    ServiceAccount {
        id: ServiceAccountId::new(at(number), random(number)),
        name: ServiceAccountName::new(format!("account{number:03}")).expect("a plain name"),
        description: None,
        permissions: Permissions::all().into(),
        status: Status::Active,
        created_at: at(number),
        updated_at: at(number),
        created_by: Actor::Operator,
        version: Version::FIRST,
        auth_epoch: AuthEpoch::FIRST,
        keys: vec![key(number)],
    }
}

/// The unit that creates `account`.
#[must_use]
pub fn creation(account: &Arc<ServiceAccount>) -> UnitOfWork {
    UnitOfWork::audited(record(Action::ServiceAccountCreated, account.id))
        .require_account_free(account)
        .write(Change::PutServiceAccount(account.clone()))
}

fn update(before: &ServiceAccount, after: ServiceAccount) -> UnitOfWork {
    UnitOfWork::audited(record(Action::ServiceAccountUpdated, before.id))
        .require(Guard::ServiceAccountVersion(before.id, before.version))
        .require(Guard::LastKeyUseIs(before.id, before.last_used_at()))
        .require_account_free(&after)
        .write(Change::PutServiceAccount(Arc::new(after)))
}

fn removal(account: &ServiceAccount) -> UnitOfWork {
    UnitOfWork::audited(record(Action::ServiceAccountDeleted, account.id))
        .write(Change::RemoveServiceAccount(account.id))
}

async fn add(store: &Arc<dyn Store>, account: ServiceAccount) -> Arc<ServiceAccount> {
    let account = Arc::new(account);
    store.commit(creation(&account)).await.expect("all is free");
    account
}

async fn by_prefix(store: &Arc<dyn Store>, number: u32) -> Option<ServiceAccountId> {
    let found = store.service_account_by_key_prefix(&key(number).prefix).await.expect("readable");
    found.map(|account| account.id)
}

/// Looks the account up by its id and by the prefix of each key.
pub async fn a_committed_service_account_is_found_by_id_and_key_prefix(bench: &impl Bench) {
    let store = bench.fresh().await;
    let absent = service_account(1);
    assert_eq!(store.service_account(absent.id).await.expect("readable"), None);
    assert_eq!(by_prefix(&store, 1).await, None);
    let account = add(&store, absent).await;
    let after = (*account).clone().with_key(key(2), at(2)).expect("there is room");
    store.commit(update(&account, after.clone())).await.expect("fresh");
    assert_eq!(store.service_account(account.id).await.expect("readable").as_deref(), Some(&after));
    for number in [1, 2] {
        assert_eq!(by_prefix(&store, number).await, Some(account.id));
    }
    let revoked = after.clone().without_key(key(1).id, at(3)).expect("it has the key");
    store.commit(update(&after, revoked)).await.expect("fresh");
    assert_eq!(by_prefix(&store, 1).await, None, "an index follows the row");
    assert_eq!(by_prefix(&store, 2).await, Some(account.id));
}

/// Removing an absent account succeeds too, and a removal frees every name.
pub async fn a_removed_service_account_is_gone_and_its_name_and_prefixes_are_free(bench: &impl Bench) {
    let store = bench.fresh().await;
    store.commit(removal(&service_account(1))).await.expect("the result holds already");
    let account = add(&store, service_account(1)).await;
    store.commit(removal(&account)).await.expect("no guard");
    assert_eq!(store.service_account(account.id).await.expect("readable"), None);
    assert_eq!(by_prefix(&store, 1).await, None);
    add(&store, ServiceAccount { id: service_account(2).id, ..service_account(1) }).await;
}

/// The order in which they were created does not matter.
pub async fn service_accounts_are_listed_by_name_and_paged_without_a_gap(bench: &impl Bench) {
    let store = bench.fresh().await;
    assert!(store.service_accounts(None, 10).await.expect("readable").is_empty());
    for number in [3, 1, 5, 2, 4] {
        add(&store, service_account(number)).await;
    }
    let mut names = Vec::new();
    let mut after = None;
    loop {
        let page = store.service_accounts(after.as_ref(), 2).await.expect("readable");
        let ended = page.len() < 2;
        names.extend(page.iter().map(|account| account.name.clone()));
        after = names.last().cloned();
        if ended {
            break;
        }
    }
    let expected: Vec<_> = (1..=5).map(|number| service_account(number).name).collect();
    assert_eq!(names, expected);
}

/// A change is stale because of its version, or because it would undo a recorded use of a key.
pub async fn a_stale_service_account_is_a_conflict_and_changes_nothing(bench: &impl Bench) {
    let store = bench.fresh().await;
    let first = add(&store, service_account(1)).await;
    let used = (*first).clone().used(key(1).id, at(9));
    store.commit(update(&first, used.clone())).await.expect("fresh");
    let late = ServiceAccount { description: Description::new("late").ok(), ..(*first).clone() };
    let guard = conflict(store.commit(update(&first, late.clone())).await);
    assert_eq!(guard, Guard::LastKeyUseIs(first.id, None));
    let second = used.clone().touched(at(10));
    store.commit(update(&used, second.clone())).await.expect("fresh");
    let guard = conflict(store.commit(update(&used, late)).await);
    assert_eq!(guard, Guard::ServiceAccountVersion(first.id, first.version));
    assert_eq!(store.service_account(first.id).await.expect("readable").as_deref(), Some(&second));
    let nobody = service_account(9);
    let guard = conflict(store.commit(update(&nobody, nobody.clone())).await);
    assert_eq!(guard, Guard::ServiceAccountVersion(nobody.id, nobody.version));
}

/// A name is free if no other account has it.
pub async fn a_taken_account_name_or_key_prefix_is_a_conflict_that_names_itself(bench: &impl Bench) {
    let store = bench.fresh().await;
    let taken = add(&store, service_account(1)).await;
    let other = service_account(2);
    let namesake = ServiceAccount { name: taken.name.clone(), ..other.clone() };
    let guard = conflict(store.commit(creation(&Arc::new(namesake))).await);
    assert_eq!(guard, Guard::ServiceAccountNameFree(taken.name.clone(), other.id));
    let same_key = ServiceAccount { keys: vec![key(1)], ..other.clone() };
    let guard = conflict(store.commit(creation(&Arc::new(same_key))).await);
    assert_eq!(guard, Guard::ApiKeyPrefixFree(key(1).prefix, other.id));
    assert_eq!(store.service_account(other.id).await.expect("readable"), None);
    store.commit(update(&taken, (*taken).clone().touched(at(2)))).await.expect("its own");
}

/// Many accounts are created with the same name.
pub async fn one_of_several_racing_creations_of_an_account_name_wins(bench: &impl Bench) {
    let store = bench.fresh().await;
    let name = service_account(0).name;
    let rivals = (1..=RIVALS)
        .map(|number| creation(&Arc::new(ServiceAccount { name: name.clone(), ..service_account(number) })));
    let outcomes = race(&store, rivals).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    for outcome in outcomes.into_iter().filter(Result::is_err) {
        assert!(matches!(conflict(outcome), Guard::ServiceAccountNameFree(..)));
    }
}

/// Of many new keys for one old key, one replaces it.
pub async fn one_of_several_racing_rotations_of_a_key_wins(bench: &impl Bench) {
    let store = bench.fresh().await;
    let account = add(&store, service_account(0)).await;
    let rotate = |number: u32| {
        let rotated = (*account).clone().rotated(key(0).id, key(number), OldKey::EndsNow, at(1));
        update(&account, rotated.expect("the key is there"))
    };
    let outcomes = race(&store, (1..=RIVALS).map(rotate)).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    let after = store.service_account(account.id).await.expect("readable").expect("it is there");
    assert_eq!(after.keys.len(), 1);
    assert_eq!(by_prefix(&store, 0).await, None);
}

/// Tests the guard that a service account still has access.
pub async fn a_key_is_good_while_its_account_has_it_and_is_active(bench: &impl Bench) {
    let store = bench.fresh().await;
    let account = add(&store, service_account(1)).await;
    let (good, gone) = (Guard::ApiKeyGood(account.id, key(1).id), Guard::ApiKeyGood(account.id, key(2).id));
    let acting =
        |guard: &Guard| UnitOfWork::audited(record(Action::UserUpdated, account.id)).require(guard.clone());
    store.commit(acting(&good)).await.expect("it is good");
    assert_eq!(conflict(store.commit(acting(&gone)).await), gone);
    let disabled = ServiceAccount { status: Status::Disabled { since: at(2) }, ..(*account).clone() };
    store.commit(update(&account, disabled)).await.expect("fresh");
    assert_eq!(conflict(store.commit(acting(&good)).await), good);
}

/// Tests every field, and every kind of change.
pub async fn service_accounts_survive_a_kill(bench: &impl Bench) {
    let store = bench.fresh().await;
    let full_key = ApiKey {
        expires_at: Some(at(99)),
        last_used_at: Some(at(50)),
        replaced_by: Some(key(7).id),
        created_by: KeyCreator::Operator,
        ..key(1)
    };
    let full = ServiceAccount {
        description: Description::new("deploys \"blue\" 夜間").ok(),
        status: Status::Disabled { since: at(3) },
        created_by: Actor::ServiceAccount { id: service_account(4).id, key: key(4).id },
        keys: vec![full_key, key(7)],
        ..service_account(1)
    };
    let full = add(&store, full).await;
    let removed = add(&store, service_account(2)).await;
    store.commit(removal(&removed)).await.expect("no guard");
    let store = bench.reopened(store).await;
    assert_eq!(store.service_account(full.id).await.expect("readable"), Some(full.clone()));
    assert_eq!(by_prefix(&store, 7).await, Some(full.id));
    assert_eq!(store.service_account(removed.id).await.expect("readable"), None);
    assert_eq!(store.service_accounts(None, 10).await.expect("readable"), [full]);
}
