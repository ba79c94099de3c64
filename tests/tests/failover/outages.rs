//! The database is killed, stopped or paused, or ends connections.

use roster_test_postgres::{Cluster, Session, StopMode};
use roster_tests::{PASSWORD, wait_for};
use serde_json::json;
use std::time::{Duration, Instant};

use crate::ledger::write_during;
use crate::setup::{is_ready, setup_on};

/// How long `/health/ready` may respond with 200 after the database stopped, as docs/high-availability.md says.
const READY_BOUND: Duration = Duration::from_secs(3);
/// What a loaded machine may take on top.
const SLACK: Duration = Duration::from_secs(3);

#[test]
fn every_acknowledged_write_survives_a_killed_primary_and_the_server_goes_on_with_the_promoted_standby() {
    let builder = Cluster::builder().setting("synchronous_standby_names", "standby");
    let Some(primary) = builder.start() else { return };
    let standby = primary.standby("standby");
    write_during(&mut setup_on(&[&primary, &standby]).start(), |server, progress| {
        primary.kill();
        let killed = Instant::now();
        wait_for("the server not to be ready", || (!is_ready(server)).then_some(()));
        assert!(killed.elapsed() < READY_BOUND + SLACK, "{:?}", killed.elapsed());
        standby.promote();
        wait_for("the server to be ready", || is_ready(server).then_some(()));
        progress.wait();
    });
}

#[test]
fn a_database_that_stops_and_starts_under_load_costs_503_and_no_acknowledged_write_and_no_restart() {
    let Some(database) = Cluster::builder().start() else { return };
    write_during(&mut setup_on(&[&database]).start(), |server, progress| {
        for mode in [StopMode::Fast, StopMode::Immediate] {
            database.stop(mode);
            wait_for("the server not to be ready", || (!is_ready(server)).then_some(()));
            let body = json!({ "username": "late", "password": PASSWORD });
            let rejected = server.post("/users").json(body).send().must_be_problem(503, "unavailable");
            assert!(rejected.header("retry-after").is_some(), "{mode:?}");
            server.get("/health/live").send().must_be(200);
            database.start();
            wait_for("the server to be ready", || is_ready(server).then_some(()));
            progress.wait();
        }
    });
}

/// The database waits for a standby that is not there, so the connections are ended after the commit and before its answer.
#[test]
fn a_commit_whose_connection_is_ended_is_made_once_and_acknowledged() {
    let Some(database) = Cluster::builder().start() else { return };
    let session = Session::open(&database.url("postgres"));
    let set_standby = |name: &str| {
        session.run(&format!("ALTER SYSTEM SET synchronous_standby_names = '{name}'"));
        session.run("SELECT pg_reload_conf()");
    };
    let ledgers = write_during(&mut setup_on(&[&database]).start(), |_, progress| {
        for _ in 0..5 {
            set_standby("nobody");
            let waiting = "SELECT count(*) > 2 FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
            wait_for("commits to wait", || (session.value(waiting) == "t").then_some(()));
            let end =
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
            assert_ne!(session.value(end), "0");
            set_standby("");
            progress.wait();
        }
    });
    let unknown: u64 =
        ledgers.iter().map(|ledger| ledger.unknown_changes + ledger.unknown_registrations).sum();
    assert_eq!(unknown, 0, "the database answers, so every outcome is known");
}

#[test]
fn a_server_whose_database_does_not_answer_is_not_ready_within_three_seconds_and_ready_again_after_it_answers()
 {
    let Some(database) = Cluster::builder().start() else { return };
    let server = setup_on(&[&database]).start();
    let paused = database.pause();
    let began = Instant::now();
    wait_for("the server not to be ready", || (!is_ready(&server)).then_some(()));
    assert!(began.elapsed() < READY_BOUND + SLACK, "{:?}", began.elapsed());
    drop(paused);
    wait_for("the server to be ready", || is_ready(&server).then_some(()));
}
