//! Service accounts in the journal and in users.json.

use std::sync::Arc;

use roster_domain::{
    Action, Actor, ApiKey, ApiKeyDigest, ApiKeyId, ApiKeyName, ApiKeyPrefix, AuthEpoch, KeyCreator,
    Permission, Permissions, ServiceAccount, ServiceAccountId, ServiceAccountName, Status, Version,
};
use roster_storage::{Change, Guard, UnitOfWork};

use super::{USERS, at, commit, creation as user_creation, opened, person, random, record, snapshot};
use crate::disk::simulated::SimulatedDisk;
use crate::error::OpenError;
use crate::projection::parse;

pub(super) fn service_account(number: u64) -> ServiceAccount {
    ServiceAccount {
        id: ServiceAccountId::new(at(number), random(number)),
        name: ServiceAccountName::new(format!("account{number}")).unwrap(),
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

fn key(number: u64) -> ApiKey {
    ApiKey {
        id: ApiKeyId::new(at(number), random(number)),
        prefix: ApiKeyPrefix::new(&format!("{number:012}")).unwrap(),
        name: ApiKeyName::new("a key").unwrap(),
        digest: ApiKeyDigest::from([7; 32]),
        permissions: [Permission::UsersRead].into_iter().collect(),
        created_at: at(number),
        created_by: KeyCreator::User(person(1).id),
        expires_at: Some(at(number + 1)),
        last_used_at: None,
        replaced_by: None,
    }
}

pub(super) fn creation(account: &ServiceAccount, number: u64) -> UnitOfWork {
    UnitOfWork::audited(record(Action::ServiceAccountCreated, account.id, number))
        .require_account_free(account)
        .write(Change::PutServiceAccount(Arc::new(account.clone())))
}

/// Its other keys have expired by then and make room.
pub(super) fn another_key(account: &ServiceAccount, number: u64) -> UnitOfWork {
    let after = account.clone().with_key(key(number), at(number)).unwrap();
    UnitOfWork::audited(record(Action::ApiKeyCreated, account.id, number))
        .require(Guard::ServiceAccountVersion(account.id, account.version))
        .require_account_free(&after)
        .write(Change::PutServiceAccount(Arc::new(after)))
}

pub(super) fn removal(account: &ServiceAccount, number: u64) -> UnitOfWork {
    UnitOfWork::audited(record(Action::ServiceAccountDeleted, account.id, number))
        .require(Guard::ServiceAccountVersion(account.id, account.version))
        .write(Change::RemoveServiceAccount(account.id))
}

#[test]
fn service_accounts_are_in_the_file_only_if_there_are_any() {
    let disk = SimulatedDisk::new(1);
    let mut store = opened(&disk).unwrap();
    commit(&mut store, [user_creation(&person(1), 1)]);
    snapshot(&mut store);
    let file = String::from_utf8(disk.content(USERS).unwrap()).unwrap();
    assert!(!file.contains("service_accounts"), "an older version reads it");
    commit(&mut store, [creation(&service_account(2), 2)]);
    snapshot(&mut store);
    let parsed = parse(&disk.content(USERS).unwrap()).unwrap();
    assert!(parsed.is_genuine);
    assert_eq!(parsed.service_accounts, [Arc::new(service_account(2))]);
    let file = String::from_utf8(disk.content(USERS).unwrap()).unwrap();
    assert!(!parse(file.replace("account2", "account3").as_bytes()).unwrap().is_genuine);
    drop(store);
    let found = opened(&disk).unwrap();
    assert_eq!(
        found.published.load().service_accounts().account(service_account(2).id),
        Some(&Arc::new(service_account(2)))
    );
}

#[test]
fn two_accounts_with_the_same_unique_value_are_rejected_at_start() {
    let disk = SimulatedDisk::new(1);
    let mut store = opened(&disk).unwrap();
    commit(&mut store, [creation(&service_account(1), 1), creation(&service_account(2), 2)]);
    snapshot(&mut store);
    drop(store);
    let file = String::from_utf8(disk.content(USERS).unwrap()).unwrap();
    for (own, others) in [("account2", "account1"), ("000000000002", "000000000001")] {
        disk.overwrite(USERS, file.replace(own, others).as_bytes());
        let error = opened(&disk).err();
        assert!(matches!(error, Some(OpenError::BadUsers { .. })), "{own}: {error:?}");
    }
}
