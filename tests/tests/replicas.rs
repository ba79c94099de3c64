//! Several servers at one PostgreSQL database: what one of them changes, the others know.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::time::{Duration, Instant};

use roster_test_postgres::{Cluster, Database, database};
use roster_tests::{Engine, Person, Server, Setup, wait_for};
use serde_json::json;

/// A server at the database. The age of what it keeps is no bound, so that only a notice can end it.
fn server(database: &Database) -> Server {
    setup(database).start()
}

fn setup(database: &Database) -> Setup {
    let setup = Setup::new().engine(Engine::Postgres).set("storage.cache_ttl", "1h");
    setup.set("storage.url", &database.url())
}

/// Whether the server accepts the access token.
fn accepts(server: &Server, person: &Person) -> bool {
    let response = server.get("/users/me").by(person).send();
    if response.status() == 200 {
        return true;
    }
    response.must_be(401);
    false
}

/// Fills what the server keeps about a person.
fn warm_up(server: &Server, person: &Person) {
    for _ in 0..3 {
        assert!(accepts(server, person));
    }
}

/// How long the server goes on to accept the access token.
fn time_until_refused(server: &Server, person: &Person) -> Duration {
    let began = Instant::now();
    let give_up = began + Duration::from_secs(30);
    while accepts(server, person) {
        assert!(Instant::now() < give_up, "the server never refuses the token");
    }
    began.elapsed()
}

/// The value of a metric without labels.
fn metric(server: &Server, name: &str) -> u64 {
    let page = server.get("/metrics").send().must_be(200).text().to_owned();
    let line = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap().parse().unwrap()
}

fn wait_until_listening(server: &Server) {
    wait_for("the server to listen", || (metric(server, "roster_cache_listener_up") == 1).then_some(()));
}

#[test]
fn a_user_who_was_disabled_at_one_server_is_refused_by_the_other_within_a_tenth_of_a_second() {
    let Some(database) = database() else { return };
    let (first, second) = (server(&database), server(&database));
    wait_until_listening(&first);
    wait_until_listening(&second);
    let admin = first.admin();
    let mut times: Vec<_> = (0..9)
        .map(|number| {
            let person = first.register(&format!("person{number}"));
            warm_up(&second, &person);
            first
                .patch(&person.path())
                .by(&admin)
                .merge_patch(json!({"status": "disabled"}))
                .send()
                .must_be(200);
            time_until_refused(&second, &person)
        })
        .collect();
    times.sort();
    // The usual time: on a busy machine, a few of them take longer.
    assert!(times[4] < Duration::from_millis(100), "{times:?}");
}

#[test]
fn what_ends_at_one_server_is_over_at_the_other() {
    let Some(database) = database() else { return };
    let (first, second) = (server(&database), server(&database));
    wait_until_listening(&first);
    wait_until_listening(&second);
    let admin = first.admin();
    let logged_out = first.register("ada");
    warm_up(&second, &logged_out);
    first.post("/auth/logout").by(&logged_out).send().must_be(204);
    time_until_refused(&second, &logged_out);
    let deleted = first.register("bob");
    warm_up(&second, &deleted);
    first.delete(&deleted.path()).by(&admin).send().must_be(204);
    time_until_refused(&second, &deleted);
}

/// No server is asked: the command opens the database itself, and ends right after its change.
#[test]
fn a_command_that_opens_the_database_is_heard_by_the_servers() {
    let Some(database) = database() else { return };
    let server = server(&database);
    wait_until_listening(&server);
    let person = server.register("ada");
    warm_up(&server, &person);
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("data")).unwrap();
    let mut command = setup(&database).command(folder.path());
    let output = command.args(["user", "disable", "ada"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    time_until_refused(&server, &person);
}

#[test]
fn a_read_replica_of_another_database_is_named_in_the_log_without_its_password() {
    let Some(cluster) = Cluster::builder().start() else { return };
    let standby = cluster.standby("standby");
    let _ = cluster.add_database("other");
    let read_url = standby.url("other").replace("postgres@", "postgres:s3cret@");
    let setup = Setup::new().engine(Engine::Postgres).set("storage.url", &cluster.url("postgres"));
    let server = setup.file(&format!("[storage]\nread_urls = [\"{read_url}\"]\n")).start();
    server.must_log("a read replica is not used");
    let log = server.stderr();
    let shown = standby.url("other");
    assert!(log.contains(&shown) && log.contains("it has no store") && !log.contains("s3cret"), "{log}");
}
