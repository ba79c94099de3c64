//! A read of SQLite that takes long costs a request no more than its limit of time, and holds up no other thread.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use roster_tests::{Client, Engine, Person, Response, Setup};
use rusqlite::Connection;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// The limit that the test sets.
const LIMIT: &str = "500ms";
/// The limit, and what a loaded machine may take. It is less than the default limit.
const BOUND: Duration = Duration::from_secs(4);

/// Puts a view in front of the users, of which each read takes hours.
const SLOW: &str = "ALTER TABLE users RENAME TO kept; CREATE VIEW users AS SELECT * FROM kept WHERE \
    (WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1000000000000) \
    SELECT count(*) FROM numbers) > 0";
const FAST: &str = "DROP VIEW users; ALTER TABLE kept RENAME TO users";

/// Changes the database as another program.
fn change(data: &Path, sql: &str) {
    Connection::open(data.join("roster.db")).unwrap().execute_batch(sql).unwrap();
}

fn list(client: &Client, admin: &Person) -> Response {
    let began = Instant::now();
    let response = client.get("/users?limit=1").by(admin).send();
    assert!(began.elapsed() < BOUND, "{:?}", began.elapsed());
    response
}

#[test]
fn a_slow_read_of_sqlite_is_answered_with_503_after_the_statement_timeout() {
    let setup = Setup::new().engine(Engine::Sqlite).set("storage.statement_timeout", LIMIT);
    let server = setup.set("storage.cache_ttl", "1h").start();
    let admin = server.admin();
    list(&server, &admin).must_be(200);
    change(&server.data(), SLOW);
    thread::scope(|scope| {
        // More than there are threads that read lists, so some wait for one.
        let lists: Vec<_> = (0..32).map(|_| scope.spawn(|| list(&server.client(), &admin))).collect();
        server.get("/users/me").by(&admin).send().must_be(200);
        server.get("/health/live").send().must_be(200);
        for list in lists {
            let response = list.join().unwrap().must_be_problem(503, "unavailable");
            assert!(response.header("retry-after").is_some(), "{}", response.summary());
        }
    });
    change(&server.data(), FAST);
    list(&server, &admin).must_be(200);
    let _ = server.register("ada");
}
