//! Several hosts: the first one that answers and accepts writes is used.

use std::time::{Duration, Instant};

use roster_storage::Store;
use roster_storage::contract::People;
use roster_storage_postgres::{PostgresStore, PostgresStoreSettings, Timeouts};
use roster_test_postgres::Cluster;

use crate::setup::{add, client, open, person, settings, value};

#[tokio::test]
async fn a_host_that_refuses_is_passed_over() {
    let Some(cluster) = Cluster::builder().start() else { return };
    let url = format!("postgres://postgres@127.0.0.1:1,127.0.0.1:{}/postgres", cluster.port());
    let store = open(&url).await;
    let user = add(&store, 1).await;
    assert_eq!(store.user(user.id).await.unwrap(), Some(user));
}

#[tokio::test]
async fn a_host_that_does_not_answer_costs_its_time_once() {
    let (Some(paused), Some(cluster)) = (Cluster::builder().start(), Cluster::builder().start()) else {
        return;
    };
    let url =
        format!("postgres://postgres@127.0.0.1:{},127.0.0.1:{}/postgres", paused.port(), cluster.port());
    let _paused = paused.pause();
    let settings = settings(&url);
    let connect = Duration::from_secs(2);
    let settings = PostgresStoreSettings { timeouts: Timeouts { connect, ..settings.timeouts }, ..settings };
    let began = Instant::now();
    let store = PostgresStore::open(settings).await.unwrap();
    // The migration and the pool have connections of their own, each with the first host's time.
    assert!(began.elapsed() < connect * 4, "{:?}", began.elapsed());
    let began = Instant::now();
    let users = (1..5).map(|number| add(&store, number));
    futures_util::future::join_all(users).await;
    assert!(began.elapsed() < connect, "the host that answered is asked first");
}

/// As after a failover, except that the hosts do not share their rows.
#[tokio::test]
async fn a_server_that_stops_answering_is_given_up_with_all_its_connections() {
    let (Some(first), Some(second)) = (Cluster::builder().start(), Cluster::builder().start()) else {
        return;
    };
    drop(open(&second.url("postgres")).await);
    let url = format!("postgres://postgres@127.0.0.1:{},127.0.0.1:{}/postgres", first.port(), second.port());
    let store = open(&url).await;
    let everyone = futures_util::future::join_all((1..5).map(|number| add(&store, number))).await;
    assert!(store.metrics().idle_connections > 1, "{:?}", store.metrics());
    let _paused = first.pause();
    assert!(store.ready().await.is_err());
    assert_eq!(store.user(everyone[0].id).await.unwrap(), None, "the other host answers");
}

/// As after a switchover, except that the hosts do not share their rows.
#[tokio::test]
async fn a_host_that_has_become_read_only_is_left_for_another() {
    let (Some(first), Some(second)) = (Cluster::builder().start(), Cluster::builder().start()) else {
        return;
    };
    let second_store = open(&second.url("postgres")).await;
    let url = format!("postgres://postgres@127.0.0.1:{},127.0.0.1:{}/postgres", first.port(), second.port());
    let store = open(&url).await;
    add(&store, 1).await;
    let direct = client(&first.url("postgres")).await;
    for statement in ["ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()"] {
        direct.batch_execute(statement).await.unwrap();
    }
    let setting = "SHOW default_transaction_read_only";
    while value::<String>(&direct, setting).await != "on" {
        tokio::task::yield_now().await;
    }
    // The server tells its sessions one after the other.
    let wanted = People.nth(2).id;
    for _ in 0..1_000 {
        if second_store.user(wanted).await.unwrap().is_none() {
            let _ = store.commit(person(2).1).await;
        }
    }
    assert!(second_store.user(wanted).await.unwrap().is_some());
    assert_eq!(store.metrics().failures, 0);
}

#[tokio::test]
async fn a_password_is_checked_and_never_shown() {
    let access = "host all anna 127.0.0.1/32 scram-sha-256";
    let Some(cluster) = Cluster::builder().access(access).start() else { return };
    let role = "CREATE ROLE anna LOGIN SUPERUSER PASSWORD 's3cret @/?'";
    client(&cluster.url("postgres")).await.batch_execute(role).await.unwrap();
    let url = |password: &str| format!("postgres://anna:{password}@127.0.0.1:{}/postgres", cluster.port());
    add(&open(&url("s3cret%20%40%2F%3F")).await, 1).await;
    let error = PostgresStore::open(settings(&url("guessed"))).await.unwrap_err();
    let reason = std::error::Error::source(&error).unwrap().to_string();
    assert!(reason.contains("password authentication failed"), "{reason}");
    assert!(!format!("{error:?} {reason}").contains("guessed"), "{error:?}");
}

#[tokio::test]
async fn every_host_is_named_with_its_reason() {
    let url = "postgres://anna:s3cret@127.0.0.1:1,[::1]:2/people";
    let error = PostgresStore::open(settings(url)).await.unwrap_err();
    let reason = std::error::Error::source(&error).unwrap().to_string();
    assert!(reason.contains("127.0.0.1:1: ") && reason.contains("[::1]:2: "), "{reason}");
    assert!(!format!("{error:?} {reason}").contains("s3cret"), "{error:?}");
}
