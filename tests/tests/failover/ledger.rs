//! Writers that keep a record of what the server has acknowledged.

use roster_tests::{Client, PASSWORD, Person, Server, wait_for};
use serde_json::json;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

const WRITERS: usize = 4;
/// How many writes the writers make before and after a fault.
const ENOUGH: usize = 60;

/// What a person's display name may be, and how often it was changed.
pub(crate) struct Ledger {
    person: Person,
    /// The last acknowledged name, and the number of acknowledged changes.
    shown: String,
    changes: u64,
    /// The names of later changes whose response does not say whether they were made.
    unknown: Vec<String>,
    /// How many changes of that kind there were.
    pub(crate) unknown_changes: u64,
    /// How many registrations of that kind there were.
    pub(crate) unknown_registrations: u64,
    /// People who were acknowledged.
    registered: Vec<String>,
}

impl Ledger {
    fn of(person: Person) -> Self {
        let (shown, unknown, registered) = (String::new(), Vec::new(), Vec::new());
        Self { person, shown, changes: 0, unknown, unknown_changes: 0, unknown_registrations: 0, registered }
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
        assert!(patch.status() == 200 || patch.header("retry-after").is_some(), "{}", patch.summary());
        let username = format!("{}-{number}", self.person.username);
        let body = json!({ "username": username, "password": PASSWORD });
        let registration = client.post("/users").json(body).send();
        if registration.status() == 201 {
            self.registered.push(username);
        } else {
            self.unknown_registrations += u64::from(registration.code() == "outcome_unknown");
        }
        usize::from(patch.status() == 200) + usize::from(registration.status() == 201)
    }

    /// Checks that the server has everything that was acknowledged, and once.
    pub(crate) fn check(&self, server: &Server, admin: &Person) {
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

/// What the writers have done so far.
pub(crate) struct Progress<'a> {
    acknowledged: &'a AtomicUsize,
}

impl Progress<'_> {
    /// Waits until the server has acknowledged more writes.
    pub(crate) fn wait(&self) {
        let before = self.acknowledged.load(Ordering::Relaxed);
        let is_enough = || self.acknowledged.load(Ordering::Relaxed) >= before + ENOUGH;
        wait_for("enough writes", || is_enough().then_some(()));
    }
}

/// Writes while `faults` runs, which begins after enough writes. Then the server must have everything that it has
/// acknowledged. Returns what the writers know.
pub(crate) fn write_during(server: &mut Server, faults: impl FnOnce(&Server, &Progress<'_>)) -> Vec<Ledger> {
    let admin = server.admin();
    let (acknowledged, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let ledgers: Vec<_> = thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|number| {
                let (client, ledger) = (server.client(), Ledger::of(server.register(&format!("w{number}"))));
                let (acknowledged, is_over) = (&acknowledged, &is_over);
                scope.spawn(move || write(ledger, &client, acknowledged, is_over))
            })
            .collect();
        let end = End(&is_over);
        let progress = Progress { acknowledged: &acknowledged };
        progress.wait();
        faults(server, &progress);
        drop(end);
        writers.into_iter().map(|writer| writer.join().unwrap()).collect()
    });
    assert!(server.is_running());
    for ledger in &ledgers {
        ledger.check(server, &admin);
    }
    ledgers
}
