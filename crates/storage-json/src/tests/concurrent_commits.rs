//! Many concurrent commits on a disk that is sometimes full: the results match the content of the store.

use std::collections::BTreeSet;
use std::sync::Arc;

use roster_domain::{User, UserId, Username};
use roster_storage::{CommitError, Store};
use tokio::runtime::{Builder, Runtime};

use super::{creation, opened, person};
use crate::disk::simulated::{Chance, SimulatedDisk};
use crate::store::JsonStore;

const SEEDS: u64 = 20;
const CALLERS: u64 = 8;
const UNITS: u64 = 40;

/// The user that a caller wanted to add, and the result it got.
type Reported = (User, Result<(), CommitError>);

#[test]
fn results_on_a_failing_disk_match_the_content() {
    for seed in 0..SEEDS {
        println!("seed {seed}");
        let (disk, runtime) = (SimulatedDisk::new(seed), runtime());
        let store = open(&disk);
        let message = runtime.block_on(concurrent_commits(&disk, &store, seed));
        disk.set_full(false);
        runtime.block_on(check(&store, &message));
        store.close().unwrap();
        drop(store);
        runtime.block_on(check(&open(&disk), &message));
    }
}

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(3).build().unwrap()
}

fn open(disk: &SimulatedDisk) -> Arc<JsonStore> {
    Arc::new(JsonStore::start(opened(disk).unwrap(), Arc::new(disk.clone()), None).unwrap())
}

async fn concurrent_commits(disk: &SimulatedDisk, store: &Arc<JsonStore>, seed: u64) -> Vec<Reported> {
    let callers: Vec<_> = (0..CALLERS)
        .map(|caller| tokio::spawn(calls(disk.clone(), Arc::clone(store), caller, seed)))
        .collect();
    let mut message = Vec::new();
    for caller in callers {
        message.extend(caller.await.unwrap());
    }
    message
}

/// Every caller adds its own users under names that all callers want.
async fn calls(disk: SimulatedDisk, store: Arc<JsonStore>, caller: u64, seed: u64) -> Vec<Reported> {
    let mut chance = Chance::new(seed * CALLERS + caller);
    let mut message = Vec::new();
    for unit in 0..UNITS {
        if chance.one_in(4) {
            disk.set_full(chance.one_in(2));
        }
        let number = 1 + caller * UNITS + unit;
        let user = person(number).with(|user| user.username = Username::new(format!("name{unit}")).unwrap());
        let outcome = store.commit(creation(&user, number)).await;
        message.push((user, outcome));
    }
    message
}

async fn check(store: &JsonStore, message: &[Reported]) {
    let mut names = BTreeSet::new();
    for (user, outcome) in message {
        assert_eq!(is_there(store, user.id).await, outcome.is_ok(), "{outcome:?}");
        let is_first = outcome.is_err() || names.insert(user.username.key().as_str());
        assert!(is_first, "two have the name {}", user.username.as_str());
    }
}

async fn is_there(store: &JsonStore, id: UserId) -> bool {
    store.user(id).await.unwrap().is_some()
}
