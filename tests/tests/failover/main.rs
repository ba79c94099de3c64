//! Roster goes on when its database fails over to a standby, or does not answer for a while.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use roster_test_postgres::Cluster;
use roster_tests::{Client, Engine, PASSWORD, Person, Server, Setup, wait_for};
use serde_json::json;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const WRITERS: usize = 4;
/// How many writes the writers make before and after the failover.
const ENOUGH: usize = 60;
/// How long `/health/ready` may respond with 200 after the database stopped, as docs/high-availability.md says.
const READY_BOUND: Duration = Duration::from_secs(3);
/// What a loaded machine may take on top.
const SLACK: Duration = Duration::from_secs(3);

/// A server on these databases. The engine of the test run is not used.
fn server_on(databases: &[&Cluster]) -> Server {
    let hosts: Vec<_> = databases.iter().map(|database| format!("127.0.0.1:{}", database.port())).collect();
    let url = format!("postgres://postgres@{}/postgres?target_session_attrs=read-write", hosts.join(","));
    Setup::new().engine(Engine::Json).set("storage.url", &url).start()
}

/// What a person's display name may be, and how often it was changed.
struct Ledger {
    person: Person,
    /// The last acknowledged name, and the number of acknowledged changes.
    shown: String,
    changes: u64,
    /// The names of later changes whose response does not say whether they were made.
    unknown: Vec<String>,
    /// How many changes of that kind there were.
    unknown_changes: u64,
    /// People who were acknowledged.
    registered: Vec<String>,
}

impl Ledger {
    fn of(person: Person) -> Self {
        let (shown, unknown, registered) = (String::new(), Vec::new(), Vec::new());
        Self { person, shown, changes: 0, unknown, unknown_changes: 0, registered }
    }

    /// Changes the display name and registers somebody. Returns how many of the two were acknowledged.
    fn write(&mut self, client: &Client, number: usize) -> usize {
        let name = format!("{} {number}", self.person.username);
        let patch = client.patch("/users/me").by(&self.person).json(json!({ "display_name": name })).send();
        match (patch.status(), patch.status() == 503 && patch.code() == "outcome_unknown") {
            (200, _) => {
                (self.shown, self.unknown) = (name, Vec::new());
                self.changes += 1;
            }
            (503, true) => {
                self.unknown.push(name);
                self.unknown_changes += 1;
            }
            (503, false) => {}
            _ => unreachable!("{}", patch.summary()),
        }
        let username = format!("{}-{number}", self.person.username);
        let body = json!({ "username": username, "password": PASSWORD });
        let registration = client.post("/users").json(body).send();
        if registration.status() == 201 {
            self.registered.push(username);
        }
        usize::from(patch.status() == 200) + usize::from(registration.status() == 201)
    }

    /// Checks that the server has everything that was acknowledged, and once.
    fn check(&self, server: &Server, admin: &Person) {
        let me = server.get("/users/me").by(&self.person).send().must_be(200).json();
        let shown = me["display_name"].as_str().unwrap();
        assert!(shown == self.shown || self.unknown.iter().any(|name| name == shown), "{me}");
        let changes = me["version"].as_u64().unwrap() - 1;
        let possible = self.changes..=self.changes + self.unknown_changes;
        assert!(possible.contains(&changes), "{changes} changes were made, not {possible:?}");
        for name in &self.registered {
            let page = server.get(&format!("/users?username={name}")).by(admin).send().must_be(200).json();
            assert_eq!(page["data"].as_array().unwrap().len(), 1, "{name} was acknowledged");
        }
    }
}

/// Writes until told to stop, and counts what is acknowledged.
fn write(mut ledger: Ledger, client: &Client, acknowledged: &AtomicUsize, is_over: &AtomicBool) -> Ledger {
    for number in 0.. {
        if is_over.load(Ordering::Relaxed) {
            break;
        }
        acknowledged.fetch_add(ledger.write(client, number), Ordering::Relaxed);
    }
    ledger
}

/// Ends the writers when it is dropped, also by a failing test, which would wait for them forever.
struct End<'a>(&'a AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn is_ready(server: &Server) -> bool {
    server.get("/health/ready").send().status() == 200
}

#[test]
fn every_acknowledged_write_survives_a_killed_primary_and_the_server_goes_on_with_the_promoted_standby() {
    let builder = Cluster::builder().setting("synchronous_standby_names", "standby");
    let Some(primary) = builder.start() else { return };
    let standby = primary.standby("standby");
    let mut server = server_on(&[&primary, &standby]);
    let admin = server.admin();
    let (acknowledged, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let count = || acknowledged.load(Ordering::Relaxed);
    let ledgers: Vec<_> = thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|number| {
                let (client, ledger) = (server.client(), Ledger::of(server.register(&format!("w{number}"))));
                let (acknowledged, is_over) = (&acknowledged, &is_over);
                scope.spawn(move || write(ledger, &client, acknowledged, is_over))
            })
            .collect();
        let end = End(&is_over);
        wait_for("enough writes", || (count() >= ENOUGH).then_some(()));
        primary.kill();
        let killed = Instant::now();
        wait_for("the server not to be ready", || (!is_ready(&server)).then_some(()));
        assert!(killed.elapsed() < READY_BOUND + SLACK, "{:?}", killed.elapsed());
        standby.promote();
        let before = count();
        wait_for("the server to be ready", || is_ready(&server).then_some(()));
        wait_for("enough writes", || (count() >= before + ENOUGH).then_some(()));
        drop(end);
        writers.into_iter().map(|writer| writer.join().unwrap()).collect()
    });
    assert!(server.is_running());
    for ledger in ledgers {
        ledger.check(&server, &admin);
    }
}

#[test]
fn a_server_whose_database_does_not_answer_is_not_ready_within_three_seconds_and_ready_again_after_it_answers()
 {
    let Some(database) = Cluster::builder().start() else { return };
    let server = server_on(&[&database]);
    let paused = database.pause();
    let began = Instant::now();
    wait_for("the server not to be ready", || (!is_ready(&server)).then_some(()));
    assert!(began.elapsed() < READY_BOUND + SLACK, "{:?}", began.elapsed());
    drop(paused);
    wait_for("the server to be ready", || is_ready(&server).then_some(()));
}
