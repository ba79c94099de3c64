//! Read replicas after a failover: positions in the logs of two primaries cannot be compared.

use roster_storage_postgres::{DatabaseUrl, PostgresStore, PostgresStoreSettings};
use roster_test_postgres::{Cluster, StopMode};
use tokio::time::{sleep, timeout};

use crate::read_replicas::{PATIENCE, listed, until_a_replica_answers};
use crate::setup::{add, client, settings, value};

/// A primary, the standby that takes its place, and a replica that answers lists.
struct Servers {
    primary: Cluster,
    successor: Cluster,
    replica: Cluster,
}

impl Servers {
    fn start() -> Option<Self> {
        let primary = Cluster::builder().start()?;
        let (successor, replica) = (primary.standby("successor"), primary.standby("replica"));
        Some(Self { primary, successor, replica })
    }

    async fn open(&self) -> PostgresStore {
        let hosts = [&self.primary, &self.successor].map(|server| format!("127.0.0.1:{}", server.port()));
        let url = format!("postgres://postgres@{}/postgres", hosts.join(","));
        let read_urls = vec![DatabaseUrl::of_replica(&self.replica.url("postgres")).unwrap()];
        PostgresStore::open(PostgresStoreSettings { read_urls, ..settings(&url) }).await.unwrap()
    }

    /// Lets the replica alone replay more of the primary's log, and then ends the primary.
    async fn end_primary(&self) {
        self.successor.stop(StopMode::Fast);
        let primary = client(&self.primary.url("postgres")).await;
        let longer = "SELECT pg_logical_emit_message(false, '', ''), pg_switch_wal()";
        for _ in 0..3 {
            primary.batch_execute(longer).await.unwrap();
        }
        let end: String = value(&primary, "SELECT pg_current_wal_flush_lsn()::text").await;
        let replica = client(&self.replica.url("postgres")).await;
        let has_replayed = format!("SELECT pg_last_wal_replay_lsn() >= '{end}'::pg_lsn");
        let replaying = async {
            while !value::<bool>(&replica, &has_replayed).await {
                sleep(std::time::Duration::from_millis(10)).await;
            }
        };
        timeout(PATIENCE, replaying).await.unwrap();
        self.primary.kill();
        self.successor.start();
        self.successor.promote();
    }
}

/// Its position is ahead of the new primary's, in a log that has ended.
#[tokio::test]
async fn a_replica_that_follows_a_lost_primary_is_not_read_from() {
    let Some(servers) = Servers::start() else { return };
    let store = servers.open().await;
    add(&store, 1).await;
    until_a_replica_answers(&store).await;
    servers.end_primary().await;
    add(&store, 2).await;
    let before = store.metrics().replica_lists;
    for _ in 0..100 {
        assert_eq!(listed(&store).await, 2, "the caller's own write is in the list");
        sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(store.metrics().replica_lists, before);
}

#[tokio::test]
async fn a_replica_that_follows_the_new_primary_is_read_from() {
    let Some(servers) = Servers::start() else { return };
    let store = servers.open().await;
    add(&store, 1).await;
    servers.primary.stop(StopMode::Fast);
    servers.successor.promote();
    let follow = format!(
        "ALTER SYSTEM SET primary_conninfo = 'host=127.0.0.1 port={} user=postgres'",
        servers.successor.port()
    );
    let replica = client(&servers.replica.url("postgres")).await;
    for statement in [follow.as_str(), "SELECT pg_reload_conf()"] {
        replica.batch_execute(statement).await.unwrap();
    }
    add(&store, 2).await;
    until_a_replica_answers(&store).await;
    assert_eq!(listed(&store).await, 2);
}
