//! Words that a newer version wrote: kept and shown as they are.

use super::service_accounts::{creation, service_account};
use super::snapshots::everything;
use super::{Bench, People, record};
use crate::{Store, UnitOfWork};
use roster_domain::{
    Action, AuditFilter, AuditQuery, AuditRecord, GrantedPermissions, Outcome, Permission, ServiceAccount,
};
use serde_json::json;
use std::sync::Arc;

/// A record whose action, outcome and changed fields this version knows only in part.
fn newer_record() -> AuditRecord {
    AuditRecord {
        action: "group_created".parse().expect("a word"),
        outcome: "approval_required".parse().expect("a word"),
        changed: vec!["members".parse().expect("a word"), "roles".parse().expect("a word")],
        ..record(Action::UserUpdated, People.nth(1).id)
    }
}

/// A service account with a permission that this version does not know, which its key has too.
fn newer_account() -> ServiceAccount {
    let names = json!(["users:read", "groups:manage"]);
    let permissions: GrantedPermissions = serde_json::from_value(names).expect("words");
    let account = service_account(1);
    let keys = account.keys.iter().cloned();
    let keys = keys.map(|key| roster_domain::ApiKey { permissions: permissions.clone(), ..key }).collect();
    ServiceAccount { permissions, keys, ..account }
}

async fn log(store: &Arc<dyn Store>, filter: AuditFilter) -> Vec<AuditRecord> {
    let page = store.audit_records(&AuditQuery { filter, ..AuditQuery::default() }).await.expect("readable");
    page.items.iter().map(|record| (**record).clone()).collect()
}

/// The record is in the log as it was written, before and after a kill.
pub async fn a_record_with_unknown_words_is_read_as_it_was_written(bench: &impl Bench) {
    let store = bench.fresh().await;
    let (newer, known) = (newer_record(), record(Action::LoggedIn, People.nth(1).id));
    for record in [&newer, &known] {
        store.commit(UnitOfWork::audited(record.clone())).await.expect("no guard");
    }
    assert_eq!(log(&store, AuditFilter::default()).await, [known.clone(), newer.clone()]);
    let store = bench.reopened(store).await;
    assert_eq!(log(&store, AuditFilter::default()).await, [known, newer]);
}

/// A filter asks for a word that this version knows, so a record with another one does not match.
pub async fn an_unknown_word_matches_no_filter(bench: &impl Bench) {
    let store = bench.fresh().await;
    store.commit(UnitOfWork::audited(newer_record())).await.expect("no guard");
    for action in Action::ALL {
        assert_eq!(log(&store, AuditFilter { action: Some(action), ..AuditFilter::default() }).await, []);
    }
    for outcome in Outcome::ALL {
        assert_eq!(log(&store, AuditFilter { outcome: Some(outcome), ..AuditFilter::default() }).await, []);
    }
}

/// It grants what this version knows. A use of the key keeps the other.
pub async fn an_unknown_permission_grants_nothing_and_stays(bench: &impl Bench) {
    let store = bench.fresh().await;
    let account = Arc::new(newer_account());
    store.commit(creation(&account)).await.expect("a new account");
    let store = bench.reopened(store).await;
    let read = async || store.service_account(account.id).await.expect("readable").expect("it exists");
    let found = read().await;
    assert_eq!(found, account);
    assert_eq!(found.permissions.known(), [Permission::UsersRead].into_iter().collect());
    let used = Arc::new((*found).clone().used(found.keys[0].id, found.created_at));
    let work = UnitOfWork::audited(record(Action::ServiceAccountUpdated, found.id));
    store.commit(work.write(crate::Change::PutServiceAccount(used.clone()))).await.expect("no guard");
    assert_eq!(read().await, used);
    assert_eq!(used.keys[0].permissions.names(), ["users:read", "groups:manage"]);
}

/// So backups, restores and copies carry them.
pub async fn a_restored_store_has_the_unknown_words(bench: &impl Bench) {
    let store = bench.fresh().await;
    store.commit(UnitOfWork::audited(newer_record())).await.expect("no guard");
    store.commit(creation(&Arc::new(newer_account()))).await.expect("a new account");
    let items = everything(&store).await;
    let restored = bench.restored(vec![items.clone()]).await.expect("nothing clashes");
    assert_eq!(everything(&restored).await, items);
}
