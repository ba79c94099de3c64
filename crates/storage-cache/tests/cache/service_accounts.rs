//! Service accounts, by id and by the prefix of a key.

use std::sync::Arc;

use roster_domain::{Action, ServiceAccount};
use roster_storage::contract::record;
use roster_storage::contract::service_accounts::{key, service_account};
use roster_storage::{Change, Store, UnitOfWork};

use crate::setup::Setup;

async fn put(setup: &Setup, account: &ServiceAccount) {
    let work = UnitOfWork::audited(record(Action::ServiceAccountUpdated, account.id));
    setup.store.commit(work.write(Change::PutServiceAccount(Arc::new(account.clone())))).await.unwrap();
}

async fn by_key(setup: &Setup, number: u32) -> Option<ServiceAccount> {
    let found = setup.store.service_account_by_key_prefix(&key(number).prefix).await.unwrap();
    found.map(|account| (*account).clone())
}

#[tokio::test]
async fn a_service_account_is_kept_from_its_second_read_by_key_on() {
    let setup = Setup::new();
    let account = service_account(1);
    put(&setup, &account).await;
    for _ in 0..4 {
        assert_eq!(by_key(&setup, 1).await.as_ref(), Some(&account));
    }
    let found = setup.store.service_account(account.id).await.unwrap();
    assert_eq!(found.as_deref(), Some(&account));
    let metrics = setup.metrics().service_accounts;
    assert_eq!((metrics.hits, metrics.misses), (3, 2));
}

#[tokio::test]
async fn a_revoked_key_finds_nothing_and_a_moved_one_its_new_owner() {
    let setup = Setup::new();
    let (first, second) = (service_account(1), service_account(2));
    put(&setup, &first).await;
    put(&setup, &second).await;
    for _ in 0..3 {
        assert_eq!(by_key(&setup, 1).await.as_ref(), Some(&first));
    }
    let without = ServiceAccount { keys: Vec::new(), ..first.clone() };
    put(&setup, &without).await;
    let found = setup.store.service_account(first.id).await.unwrap();
    assert_eq!(found.as_deref(), Some(&without), "the account is kept, without the key");
    assert_eq!(by_key(&setup, 1).await, None);
    let with_both = ServiceAccount { keys: vec![key(1), key(2)], ..second.clone() };
    put(&setup, &with_both).await;
    for _ in 0..3 {
        assert_eq!(by_key(&setup, 1).await.as_ref(), Some(&with_both));
        let found = setup.store.service_account(first.id).await.unwrap();
        assert_eq!(found.as_deref(), Some(&without));
    }
}

#[tokio::test]
async fn an_account_that_changes_while_it_is_read_is_not_kept() {
    let setup = Setup::new();
    let before = service_account(1);
    put(&setup, &before).await;
    by_key(&setup, 1).await;
    let prefix = key(1).prefix;
    let reading = setup.begin(|| setup.store.service_account_by_key_prefix(&prefix)).await;
    let after = ServiceAccount { version: before.version.next(), ..before.clone() };
    put(&setup, &after).await;
    assert_eq!(reading.await.unwrap().as_deref(), Some(&before), "it was read before the change");
    assert_eq!(by_key(&setup, 1).await, Some(after));
}

#[tokio::test]
async fn unknown_keys_take_no_room() {
    let setup = Setup::new();
    for number in 0..100 {
        assert_eq!(by_key(&setup, number).await, None);
    }
    assert_eq!(setup.metrics().service_accounts.entries, 0);
}
