//! A database that is slow costs a request no more than its limit of time.

use roster_test_postgres::{Cluster, Session};
use roster_tests::{Client, Person, Response};
use serde_json::json;
use std::thread;
use std::time::{Duration, Instant};

use crate::setup::setup_on;

/// The limit that a test sets.
const LIMIT: &str = "500ms";
/// The limit, the second that an answer may take on top, and what a loaded machine may take. It is less than the default
/// limits.
const BOUND: Duration = Duration::from_secs(4);

/// A request that reads the database.
fn list(client: &Client, admin: &Person) -> Response {
    let began = Instant::now();
    let response = client.get("/users?limit=1").by(admin).send();
    assert!(began.elapsed() < BOUND, "{:?}", began.elapsed());
    response
}

fn must_be_unavailable(response: Response) {
    let response = response.must_be_problem(503, "unavailable");
    assert!(response.header("retry-after").is_some(), "{}", response.summary());
}

const LOCK: &str = "BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE";

#[test]
fn a_slow_statement_is_answered_with_503_after_the_statement_timeout() {
    let Some(database) = Cluster::builder().start() else { return };
    let setup = setup_on(&[&database]).set("storage.lock_timeout", "1m").set("storage.cache_ttl", "1h");
    let server = setup.set("storage.statement_timeout", LIMIT).start();
    let admin = server.admin();
    let session = Session::open(&database.url("postgres"));
    session.run(LOCK);
    must_be_unavailable(list(&server, &admin));
    session.run("ROLLBACK");
    list(&server, &admin).must_be(200);
}

#[test]
fn a_request_that_finds_no_free_connection_is_answered_with_503_after_the_connect_timeout() {
    let Some(database) = Cluster::builder().start() else { return };
    let setup = setup_on(&[&database]).set("storage.pool_size", "1").set("storage.lock_timeout", "1m");
    let setup = setup.set("storage.statement_timeout", "1m").set("storage.cache_ttl", "1h");
    let server = setup.set("storage.connect_timeout", LIMIT).start();
    let admin = server.admin();
    let session = Session::open(&database.url("postgres"));
    session.run(LOCK);
    let client = server.client();
    thread::scope(|scope| {
        let patch = json!({ "display_name": "patient" });
        let waiting = scope.spawn(|| client.patch("/users/me").by(&admin).json(patch).send());
        let blocked = "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
        roster_tests::wait_for("the only connection to wait", || {
            (session.value(blocked) == "t").then_some(())
        });
        must_be_unavailable(list(&server, &admin));
        session.run("ROLLBACK");
        waiting.join().unwrap().must_be(200);
    });
    list(&server, &admin).must_be(200);
}

#[test]
fn a_paused_database_costs_each_request_one_timeout_and_holds_up_no_worker() {
    let Some(database) = Cluster::builder().start() else { return };
    let setup = setup_on(&[&database]).set("storage.statement_timeout", LIMIT);
    let server = setup.set("storage.connect_timeout", LIMIT).set("storage.cache_ttl", "1h").start();
    let admin = server.admin();
    let paused = database.pause();
    thread::scope(|scope| {
        // More than there are workers.
        let lists: Vec<_> = (0..8).map(|_| scope.spawn(|| list(&server.client(), &admin))).collect();
        let began = Instant::now();
        server.get("/health/live").send().must_be(200);
        assert!(began.elapsed() < BOUND, "{:?}", began.elapsed());
        for list in lists {
            must_be_unavailable(list.join().unwrap());
        }
    });
    drop(paused);
    roster_tests::wait_for("a list", || (list(&server, &admin).status() == 200).then_some(()));
}
