//! Snapshots, and stores restored from them.

use super::reads::{add, update};
use super::service_accounts::{creation as service_account_creation, service_account};
use super::sessions::{login, session};
use super::{Bench, People, record};
use crate::{Change, Guard, RestoreError, Store, StoredItem, UnitOfWork};
use futures_util::future::join_all;
use roster_domain::{Action, Attributes, AuditId, AuditPosition, AuditRecord, User};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const WRITERS: u32 = 16;
const ACCOUNTS: u32 = 8;
const BALANCE: i64 = 1_000;

/// All items of a snapshot taken now.
pub async fn everything(store: &Arc<dyn Store>) -> Vec<StoredItem> {
    let mut snapshot = store.snapshot().await.expect("readable");
    let mut items = Vec::new();
    loop {
        let piece = snapshot.next().await.expect("readable");
        if piece.is_empty() {
            return items;
        }
        items.extend(piece);
    }
}

/// A store with users, a service account, sessions and a history.
pub(super) async fn filled(bench: &impl Bench) -> Arc<dyn Store> {
    let store = bench.fresh().await;
    for number in 0..600 {
        add(&store, People.nth(number)).await;
    }
    for number in 0..3_u8 {
        store
            .commit(service_account_creation(&Arc::new(service_account(number.into()))))
            .await
            .expect("a new account");
        store.commit(login(&session(&People.nth(number.into()), number))).await.expect("a new session");
    }
    store
}

fn kind(item: &StoredItem) -> u8 {
    match item {
        StoredItem::User(_) => 0,
        StoredItem::ServiceAccount(_) => 1,
        StoredItem::Session(_) => 2,
        StoredItem::Audit(..) => 3,
    }
}

fn count(items: &[StoredItem], of: u8) -> usize {
    items.iter().filter(|item| kind(item) == of).count()
}

/// The id of anything but an audit record.
fn id(item: &StoredItem) -> Option<String> {
    match item {
        StoredItem::User(user) => Some(user.id.to_string()),
        StoredItem::ServiceAccount(account) => Some(account.id.to_string()),
        StoredItem::Session(session) => Some(session.id.to_string()),
        StoredItem::Audit(..) => None,
    }
}

/// Users, service accounts and sessions by their ids, and the log from the oldest record on.
pub async fn a_snapshot_has_everything_once_and_in_order(bench: &impl Bench) {
    let store = filled(bench).await;
    let items = everything(&store).await;
    assert_eq!([0, 1, 2, 3].map(|of| count(&items, of)), [600, 3, 3, 606]);
    assert!(items.is_sorted_by_key(|item| (kind(item), id(item))));
    let numbers: Vec<AuditPosition> = items
        .iter()
        .filter_map(|item| if let StoredItem::Audit(number, _) = item { Some(*number) } else { None })
        .collect();
    assert!(numbers.is_sorted_by(|one, other| one < other));
}

/// A snapshot contains neither later records nor later states.
pub async fn a_snapshot_does_not_show_later_commits(bench: &impl Bench) {
    let store = bench.fresh().await;
    let user = add(&store, People.nth(1)).await;
    let mut snapshot = store.snapshot().await.expect("readable");
    store.commit(update(&user, (*user).clone().touched(user.created_at))).await.expect("fresh");
    add(&store, People.nth(2)).await;
    let mut items = Vec::new();
    loop {
        let piece = snapshot.next().await.expect("readable");
        if piece.is_empty() {
            break;
        }
        items.extend(piece);
    }
    assert_eq!(items.first(), Some(&StoredItem::User(user)));
    assert_eq!((count(&items, 0), count(&items, 3)), (1, 1));
}

fn balance(user: &User) -> i64 {
    let attributes = serde_json::to_value(&user.attributes).expect("JSON");
    attributes.get("balance").and_then(Value::as_i64).expect("a balance")
}

fn with_balance(user: &User, balance: i64) -> User {
    let attributes = Attributes::from_value(json!({ "balance": balance })).expect("small");
    user.clone().with(|user| user.attributes = attributes).touched(user.created_at)
}

/// Moves an amount from one user to another in one unit, unless either was changed meanwhile.
async fn transfer(store: &Arc<dyn Store>, from: u32, to: u32, amount: i64) {
    let read =
        async |number: u32| store.user(People.nth(number).id).await.expect("readable").expect("still there");
    let (giver, taker) = (read(from).await, read(to).await);
    let work = UnitOfWork::audited(record(Action::UserUpdated, giver.id))
        .require(Guard::UserVersion(giver.id, giver.version))
        .require(Guard::UserVersion(taker.id, taker.version))
        .write(Change::PutUser(Arc::new(with_balance(&giver, balance(&giver) - amount))))
        .write(Change::PutUser(Arc::new(with_balance(&taker, balance(&taker) + amount))));
    // A conflict means that another writer was faster.
    let _ = store.commit(work).await;
}

/// Every transfer is in both accounts and in the log, or in none of them.
fn assert_consistent(items: &[StoredItem]) {
    let (mut total, mut changes, mut records) = (0, 0, 0);
    for item in items {
        match item {
            StoredItem::User(user) => {
                total += balance(user);
                changes += user.version.get() - 1;
            }
            StoredItem::Audit(_, record) => records += u64::from(record.action == Action::UserUpdated),
            StoredItem::ServiceAccount(_) | StoredItem::Session(_) => {}
        }
    }
    assert_eq!(total, i64::from(ACCOUNTS) * BALANCE, "half a transfer");
    assert_eq!(changes, 2 * records, "a transfer without its record, or a record without its transfer");
}

/// Sixteen writers transfer amounts. Whenever a snapshot is taken, nothing is lost or counted twice.
pub async fn a_snapshot_taken_under_sixteen_writers_is_consistent(bench: &impl Bench) {
    let store = bench.fresh().await;
    for number in 0..ACCOUNTS {
        let attributes = Attributes::from_value(json!({ "balance": BALANCE })).expect("small");
        add(&store, People.nth(number).with(|user| user.attributes = attributes)).await;
    }
    let is_over = Arc::new(AtomicBool::new(false));
    let writers = (0..WRITERS).map(|writer| {
        let (store, is_over) = (store.clone(), is_over.clone());
        tokio::spawn(async move {
            for round in 0.. {
                if is_over.load(Ordering::Relaxed) {
                    break;
                }
                let from = (writer + round) % ACCOUNTS;
                let to = (from + 1 + round % (ACCOUNTS - 1)) % ACCOUNTS;
                transfer(&store, from, to, i64::from(writer) + 1).await;
            }
        })
    });
    let writers: Vec<_> = writers.collect();
    let mut last = Vec::new();
    for _ in 0..20 {
        last = everything(&store).await;
        assert_consistent(&last);
    }
    is_over.store(true, Ordering::Relaxed);
    for writer in join_all(writers).await {
        writer.expect("no panic");
    }
    drop(store);
    let restored = bench.restored(vec![last.clone()]).await.expect("a consistent snapshot can be restored");
    assert_eq!(everything(&restored).await, last);
}

/// It has the same items in the same order, with the same numbers, and works like any other store.
pub async fn a_restored_store_is_equal_and_accepts_commits(bench: &impl Bench) {
    let items = everything(&filled(bench).await).await;
    let pieces = items.chunks(100).map(<[_]>::to_vec).collect();
    let store = bench.restored(pieces).await.expect("nothing clashes");
    assert_eq!(everything(&store).await, items);
    add(&store, People.nth(1_000)).await;
    let store = bench.reopened(store).await;
    let after = everything(&store).await;
    assert_eq!((count(&after, 0), count(&after, 2), count(&after, 3)), (601, 3, 607));
}

/// Two users with the same name, a user twice, a session without a user, records out of order.
pub async fn invalid_items_are_not_restored(bench: &impl Bench) {
    let user = |number: u32| StoredItem::User(Arc::new(People.nth(number)));
    let namesake = People.nth(2).with(|user| user.username = People.nth(1).username);
    let stray = session(&People.nth(9), 1);
    let logged = |number: u64| {
        let logged = AuditRecord {
            id: AuditId::from(*People.nth(1).id.as_uuid()),
            ..record(Action::LoggedIn, People.nth(1).id)
        };
        StoredItem::Audit(AuditPosition::from(number), Arc::new(logged))
    };
    let clash = bench.restored(vec![vec![user(1), StoredItem::User(Arc::new(namesake))]]).await;
    assert!(matches!(clash, Err(RestoreError::Clash { taken: Guard::UsernameFree(..), .. })));
    for items in [
        vec![user(1), user(1)],
        vec![user(1), StoredItem::Session(Arc::new(stray))],
        vec![logged(2), logged(1)],
        vec![logged(2), logged(2)],
    ] {
        let rejected = bench.restored(vec![items]).await;
        assert!(matches!(rejected, Err(RestoreError::Order(_))));
    }
}
