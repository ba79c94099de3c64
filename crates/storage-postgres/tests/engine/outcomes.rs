//! Commits whose answer is lost are looked up, and never made twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use roster_domain::{Action, User};
use roster_storage::contract::record;
use roster_storage::{
    Change, CommitError, Conflict, CountChange, CountKey, Guard, Restore, SharedCounts, Store, StoredItem,
    UnitOfWork,
};
use roster_storage_postgres::{PostgresRestore, PostgresStore, PostgresStoreSettings, Timeouts};
use roster_test_postgres::Cluster;
use tokio_postgres::Client;

use crate::proxy::{Loss, Proxy};
use crate::setup::{add, client, open, person, settings, value};

/// A store behind a proxy, and a way past both.
struct Bench {
    store: PostgresStore,
    proxy: Proxy,
    direct: Client,
    _cluster: Cluster,
}

impl Bench {
    async fn new() -> Option<Self> {
        let cluster = Cluster::builder().start()?;
        let url = cluster.url("postgres");
        let proxy = Proxy::before(cluster.port()).await;
        let store = open(&proxy.url(&url, cluster.port())).await;
        Some(Self { store, proxy, direct: client(&url).await, _cluster: cluster })
    }

    async fn records(&self) -> i64 {
        value(&self.direct, "SELECT count(*) FROM audit").await
    }
}

/// Ends every connection but this one.
async fn end_connections(direct: &Client) {
    let kill = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity \
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    direct.batch_execute(kill).await.unwrap();
}

/// The next version of a user, if nobody else changed them.
fn update(before: &User) -> (Arc<User>, UnitOfWork) {
    let after = Arc::new(before.clone().touched(before.updated_at));
    let work = UnitOfWork::audited(record(Action::UserUpdated, before.id));
    let work = work.require(Guard::UserVersion(before.id, before.version));
    (after.clone(), work.write(Change::PutUser(after)))
}

/// Makes the first commit fail with this code.
fn fail_once(code: &str) -> String {
    format!(
        "CREATE SEQUENCE commits; \
         CREATE FUNCTION fail_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         IF nextval('commits') = 1 THEN RAISE SQLSTATE '{code}'; END IF; RETURN NULL; END $$; \
         CREATE CONSTRAINT TRIGGER fail_once AFTER INSERT ON audit DEFERRABLE INITIALLY DEFERRED \
         FOR EACH ROW EXECUTE FUNCTION fail_once()"
    )
}

#[tokio::test]
async fn a_commit_whose_outcome_the_server_does_not_know_is_looked_up() {
    for code in ["40003", "08007"] {
        let Some(database) = roster_test_postgres::database() else { return };
        let store = open(&database.url()).await;
        client(&database.url()).await.batch_execute(&fail_once(code)).await.unwrap();
        let user = add(&store, 1).await;
        assert_eq!(store.user(user.id).await.unwrap(), Some(user), "{code}");
    }
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost_is_made_once() {
    let Some(bench) = Bench::new().await else { return };
    let user = add(&bench.store, 1).await;
    let (after, work) = update(&user);
    for (number, loss) in [(2, Loss::Answer), (3, Loss::Silence)] {
        let (user, work) = person(number);
        bench.proxy.lose(loss);
        bench.store.commit(work).await.unwrap();
        assert_eq!(bench.store.user(user.id).await.unwrap(), Some(user), "{loss:?}");
    }
    bench.proxy.lose(Loss::Answer);
    bench.store.commit(work).await.expect("its own first attempt is not a conflict");
    assert_eq!(bench.store.user(user.id).await.unwrap(), Some(after));
    assert_eq!(bench.records().await, 4);
}

#[tokio::test]
async fn a_commit_that_did_not_reach_the_server_is_sent_again() {
    let Some(bench) = Bench::new().await else { return };
    bench.proxy.lose(Loss::Request);
    let user = add(&bench.store, 1).await;
    assert_eq!(bench.store.user(user.id).await.unwrap(), Some(user));
    assert_eq!(bench.records().await, 1);
}

#[tokio::test]
async fn a_commit_that_is_sent_again_checks_its_guards_again() {
    let Some(bench) = Bench::new().await else { return };
    let user = add(&bench.store, 1).await;
    let (_, work) = update(&user);
    bench.proxy.lose(Loss::Outage);
    // Another unit is faster while the first attempt is lost and the second one has no connection.
    let change = async {
        bench.proxy.is_out().await;
        let sql = format!("UPDATE users SET version = 7 WHERE id = '{}'", user.id);
        bench.direct.batch_execute(&sql).await.unwrap();
        bench.proxy.recover();
    };
    let (outcome, ()) = tokio::join!(bench.store.commit(work), change);
    let Err(CommitError::Conflict(Conflict(guard))) = outcome else { panic!("{outcome:?}") };
    assert_eq!(guard, Guard::UserVersion(user.id, user.version));
    assert_eq!(bench.records().await, 1, "a conflict leaves no record");
}

#[tokio::test]
async fn a_commit_whose_connection_breaks_while_it_is_made_is_sent_again() {
    let Some(bench) = Bench::new().await else { return };
    end_connections(&bench.direct).await;
    bench.proxy.break_connections(1);
    let user = add(&bench.store, 1).await;
    assert_eq!(bench.store.user(user.id).await.unwrap(), Some(user));
}

#[tokio::test]
async fn counts_are_tried_again_after_pauses() {
    let Some(bench) = Bench::new().await else { return };
    end_connections(&bench.direct).await;
    let before = bench.proxy.connections();
    bench.proxy.break_connections(usize::MAX);
    let key = CountKey { table: 1, digest: 1 };
    let change: CountChange<'_> = &mut |_| {};
    assert!(bench.store.shared_counts().change(&[key], change).await.is_err());
    let attempts = bench.proxy.connections() - before;
    assert!((2..30).contains(&attempts), "{attempts} attempts");
}

#[tokio::test]
async fn a_second_unit_with_the_same_audit_record_is_rejected() {
    let Some(database) = roster_test_postgres::database() else { return };
    let store = open(&database.url()).await;
    let (user, work) = person(1);
    let copy = work.record().unwrap().as_ref().clone();
    store.commit(work).await.unwrap();
    let other = UnitOfWork::audited(copy).write(Change::RemoveUser(user.id));
    assert!(matches!(store.commit(other).await, Err(CommitError::Unavailable(_))));
    assert_eq!(store.user(user.id).await.unwrap(), Some(user));
}

#[tokio::test]
async fn a_restore_whose_answer_is_lost_is_reported_truthfully() {
    let Some(cluster) = Cluster::builder().start() else { return };
    let url = cluster.url("postgres");
    let proxy = Proxy::before(cluster.port()).await;
    for (number, loss) in [(1, Loss::Answer), (2, Loss::Request)] {
        let settings = settings(&proxy.url(&url, cluster.port()));
        let mut restore = PostgresRestore::begin(&settings).await.unwrap();
        let user = person(number).0;
        restore.add(vec![StoredItem::User(user.clone())]).await.unwrap();
        proxy.lose(loss);
        let outcome = Box::new(restore).finish().await;
        let is_there = open(&url).await.user(user.id).await.unwrap().is_some();
        assert_eq!(outcome.is_ok(), is_there, "{loss:?}: {outcome:?}");
        assert_eq!(is_there, loss == Loss::Answer);
    }
}

/// A server that waits for a standby which is not there.
async fn without_its_standby(commands: &str) -> Option<(PostgresStore, Client, Cluster)> {
    let cluster = Cluster::builder().start()?;
    let direct = client(&cluster.url("postgres")).await;
    direct.batch_execute(commands).await.unwrap();
    let store = open(&cluster.url("postgres")).await;
    direct.batch_execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'").await.unwrap();
    direct.batch_execute("SELECT pg_reload_conf()").await.unwrap();
    while value::<String>(&direct, "SHOW synchronous_standby_names").await.is_empty() {
        tokio::task::yield_now().await;
    }
    Some((store, direct, cluster))
}

#[tokio::test]
async fn a_commit_is_not_acknowledged_before_the_standby_has_it() {
    let off = "ALTER DATABASE postgres SET synchronous_commit = off";
    for commands in ["", off] {
        let Some((store, direct, _cluster)) = without_its_standby(commands).await else { return };
        let (user, work) = person(1);
        let outcome = store.commit(work).await;
        assert!(matches!(outcome, Err(CommitError::OutcomeUnknown(_))), "{commands}: {outcome:?}");
        direct.batch_execute("ALTER SYSTEM RESET synchronous_standby_names").await.unwrap();
        direct.batch_execute("SELECT pg_reload_conf()").await.unwrap();
        while store.user(user.id).await.unwrap().is_none() {
            tokio::task::yield_now().await;
        }
    }
}

/// Everybody's connection is ended again and again, in whatever state it is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_commit_is_lost_or_made_twice_while_backends_are_terminated() {
    let Some(database) = roster_test_postgres::database() else { return };
    let settings = PostgresStoreSettings { timeouts: Timeouts::default(), ..settings(&database.url()) };
    let store = Arc::new(PostgresStore::open(settings).await.unwrap());
    let direct = client(&database.url()).await;
    let mut users = Vec::new();
    for number in 0..4 {
        users.push(add(&store, number).await);
    }
    let (is_over, acknowledged) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicI64::new(0)));
    let start = |user| tokio::spawn(write(store.clone(), user, is_over.clone(), acknowledged.clone()));
    let writers: Vec<_> = users.into_iter().map(start).collect();
    let kill = "SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity \
        WHERE datname = current_database() AND application_name = 'roster' ORDER BY random() LIMIT 1) AS one";
    let mut killed = 0;
    // A loaded machine takes longer. A connection that is always ended before it can answer finds nothing out.
    for round in 0..4000 {
        tokio::time::sleep(Duration::from_millis(20 + round * 7 % 40)).await;
        killed += value::<i64>(&direct, kill).await;
        if round >= 200 && killed > 50 && acknowledged.load(Ordering::Relaxed) > 50 {
            break;
        }
    }
    is_over.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.await.unwrap();
    }
    let acknowledged = acknowledged.load(Ordering::Relaxed);
    let versions: i64 = value(&direct, "SELECT sum(version - 1)::bigint FROM users").await;
    let records: i64 = value(&direct, "SELECT count(*) FROM audit WHERE action = 'user_updated'").await;
    assert_eq!((versions, records), (acknowledged, acknowledged));
    assert!(acknowledged > 50 && killed > 50, "{acknowledged} commits, {killed} terminated backends");
}

/// Updates a user until it is over, and counts the updates that were acknowledged.
async fn write(
    store: Arc<PostgresStore>,
    mut user: Arc<User>,
    is_over: Arc<AtomicBool>,
    acknowledged: Arc<AtomicI64>,
) {
    while !is_over.load(Ordering::Relaxed) {
        let (after, work) = update(&user);
        match store.commit(work).await {
            Ok(()) => {
                acknowledged.fetch_add(1, Ordering::Relaxed);
                user = after;
            }
            Err(CommitError::Unavailable(_)) => {}
            Err(error) => panic!("nobody else writes, and the database is there: {error:?}"),
        }
    }
}

#[tokio::test]
async fn an_outcome_stays_unknown_if_the_database_is_gone() {
    let Some(bench) = Bench::new().await else { return };
    let (user, work) = person(1);
    let Bench { store, proxy, _cluster: cluster, .. } = bench;
    let store = Arc::new(store);
    proxy.lose(Loss::Silence);
    let commit = tokio::spawn({
        let store = store.clone();
        async move { store.commit(work).await }
    });
    // The record is there, so only the answer is missing.
    let direct = client(&cluster.url("postgres")).await;
    while value::<i64>(&direct, "SELECT count(*) FROM audit").await == 0 {
        tokio::task::yield_now().await;
    }
    let paused = cluster.pause();
    let outcome = commit.await.unwrap();
    assert!(matches!(outcome, Err(CommitError::OutcomeUnknown(_))), "{outcome:?}");
    drop(paused);
    assert_eq!(store.user(user.id).await.unwrap(), Some(user));
}
