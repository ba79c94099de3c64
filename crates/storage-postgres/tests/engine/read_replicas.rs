//! Lists are read from read replicas, unless those lack something.

use std::sync::Arc;
use std::time::Duration;

use roster_domain::{AuditQuery, Limit, Sort, UserFilter, UserQuery};
use roster_storage::{Announce, Entity, Invalidate, Store};
use roster_storage_postgres::{DatabaseUrl, PostgresStore, PostgresStoreSettings};
use roster_test_postgres::{Cluster, StopMode};
use tokio::time::{sleep, timeout};

use crate::setup::{add, client, settings};

/// How long anything may take on a loaded machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A store whose lists may be read from this server.
async fn open(primary: &Cluster, replica: &Cluster) -> PostgresStore {
    open_at(primary, &replica.url("postgres")).await
}

async fn open_at(primary: &Cluster, read_url: &str) -> PostgresStore {
    let read_urls = vec![DatabaseUrl::of_replica(read_url).unwrap()];
    let settings = PostgresStoreSettings { read_urls, ..settings(&primary.url("postgres")) };
    PostgresStore::open(settings).await.unwrap()
}

pub(crate) async fn listed(store: &PostgresStore) -> usize {
    let (filter, limit) = (UserFilter::default(), Limit::new(100).unwrap());
    let query = UserQuery { filter, sort: Sort::parse("username").unwrap(), limit, after: None };
    store.users(&query).await.unwrap().items.len()
}

async fn recorded(store: &PostgresStore) -> usize {
    store.audit_records(&AuditQuery::default()).await.unwrap().items.len()
}

/// Reads lists until a replica has answered one.
pub(crate) async fn until_a_replica_answers(store: &PostgresStore) {
    let before = store.metrics().replica_lists;
    let answered = async {
        while store.metrics().replica_lists == before {
            listed(store).await;
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, answered).await.unwrap();
}

/// Stops or goes on with what the replica shows of the primary's changes.
async fn replay(replica: &Cluster, function: &str) {
    let direct = client(&replica.url("postgres")).await;
    direct.batch_execute(&format!("SELECT pg_wal_replay_{function}()")).await.unwrap();
}

#[tokio::test]
async fn lists_are_read_from_a_replica_that_has_everything() {
    let Some(primary) = Cluster::builder().start() else { return };
    let replica = primary.standby("replica");
    let store = open(&primary, &replica).await;
    add(&store, 1).await;
    until_a_replica_answers(&store).await;
    assert_eq!((listed(&store).await, recorded(&store).await), (1, 1));
}

#[tokio::test]
async fn a_caller_finds_their_own_write_in_a_list_although_the_replica_is_behind() {
    let Some(primary) = Cluster::builder().start() else { return };
    let replica = primary.standby("replica");
    let store = open(&primary, &replica).await;
    add(&store, 1).await;
    until_a_replica_answers(&store).await;
    replay(&replica, "pause").await;
    for number in 2..6 {
        add(&store, number).await;
        let expected = usize::try_from(number).unwrap();
        assert_eq!((listed(&store).await, recorded(&store).await), (expected, expected));
    }
    replay(&replica, "resume").await;
    until_a_replica_answers(&store).await;
    assert_eq!(listed(&store).await, 5);
}

/// A cache that keeps nothing.
struct Nothing;

impl Invalidate for Nothing {
    fn invalidate(&self, _: Entity) {}

    fn invalidate_all(&self) {}
}

async fn share(store: &PostgresStore) {
    store.share_changes(Arc::new(Nothing)).await.unwrap();
    let listening = async {
        while store.hears_changes() != Some(true) {
            sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(PATIENCE, listening).await.unwrap();
}

#[tokio::test]
async fn what_another_server_has_written_is_in_a_list_once_it_was_heard_of() {
    let Some(primary) = Cluster::builder().start() else { return };
    let replica = primary.standby("replica");
    let (store, other) = (open(&primary, &replica).await, open(&primary, &replica).await);
    share(&store).await;
    share(&other).await;
    add(&store, 1).await;
    until_a_replica_answers(&store).await;
    replay(&replica, "pause").await;
    let user = add(&other, 2).await;
    other.announce(&[Entity::User(user.id)]);
    let heard = async {
        while listed(&store).await < 2 {
            sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(PATIENCE, heard).await.unwrap();
}

#[tokio::test]
async fn without_a_replica_lists_are_read_from_the_primary() {
    let Some(primary) = Cluster::builder().start() else { return };
    let replica = primary.standby("replica");
    let store = open(&primary, &replica).await;
    add(&store, 1).await;
    until_a_replica_answers(&store).await;
    replica.stop(StopMode::Immediate);
    assert_eq!((listed(&store).await, recorded(&store).await), (1, 1));
    replica.start();
    until_a_replica_answers(&store).await;
}

/// Reads lists for a while, which are all the primary's.
async fn only_the_primary_answers(store: &PostgresStore) {
    for _ in 0..100 {
        assert_eq!(listed(store).await, 1);
        sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(store.metrics().replica_lists, 0);
}

/// A server that a failover has made the primary, or an old one that came back.
#[tokio::test]
async fn a_server_that_is_no_replica_is_not_read_from() {
    let Some(primary) = Cluster::builder().start() else { return };
    let Some(other) = Cluster::builder().start() else { return };
    PostgresStore::open(settings(&other.url("postgres"))).await.unwrap();
    let store = open(&primary, &other).await;
    add(&store, 1).await;
    only_the_primary_answers(&store).await;
}

#[tokio::test]
async fn a_replica_of_another_store_is_not_read_from() {
    let Some(primary) = Cluster::builder().start() else { return };
    let replica = primary.standby("replica");
    PostgresStore::open(settings(&primary.add_database("other"))).await.unwrap();
    add(&PostgresStore::open(settings(&primary.url("postgres"))).await.unwrap(), 1).await;
    // It has the same secret, and people who are no longer up to date.
    let direct = client(&primary.url("other")).await;
    direct.batch_execute("CREATE DATABASE copy TEMPLATE postgres").await.unwrap();
    for database in ["other", "copy"] {
        let store = open_at(&primary, &replica.url(database)).await;
        only_the_primary_answers(&store).await;
    }
}

/// A copy of a store has its secret, too.
#[tokio::test]
async fn a_replica_of_another_server_is_not_read_from() {
    let (Some(primary), Some(other)) = (Cluster::builder().start(), Cluster::builder().start()) else {
        return;
    };
    let replica = other.standby("replica");
    add(&PostgresStore::open(settings(&primary.url("postgres"))).await.unwrap(), 1).await;
    PostgresStore::open(settings(&other.url("postgres"))).await.unwrap();
    // Its log is longer.
    let longer = "SELECT pg_logical_emit_message(false, '', ''), pg_switch_wal()";
    for (server, sql) in [(&primary, ""), (&other, longer), (&other, longer)] {
        let direct = client(&server.url("postgres")).await;
        let same = "UPDATE shared_secret SET secret = '00000000-0000-4000-8000-000000000000'";
        direct.batch_execute(&format!("{same}; {sql}")).await.unwrap();
    }
    let store = open(&primary, &replica).await;
    only_the_primary_answers(&store).await;
}
