//! `kill -9` at a random moment during writes: acknowledged writes are complete, rejected ones leave nothing.
//! `ROSTER_TEST_KILL_ROUNDS` sets the number of rounds (default 5).
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use roster_tests::{Client, PASSWORD, Person, Server, wait_for};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

const WRITERS: usize = 16;
/// The number of changes to each user after its creation.
const CHANGES: usize = 6;
/// A display name that only rejected requests contain.
const REJECTED: &str = "rejected";

/// What a writer knows about one user.
#[derive(Debug, Default)]
struct Entry {
    /// The id, once the creation is acknowledged.
    id: Option<String>,
    /// The last acknowledged display name, and the number of acknowledged changes.
    display_name: Option<String>,
    changes: u64,
    /// The display name of the change that got no response.
    unacknowledged: Option<String>,
}

/// Everything a writer did, by username.
type Ledger = BTreeMap<String, Entry>;

/// A client that writes until the server is killed or stops.
struct Writer<'a> {
    client: Client,
    admin: &'a Person,
    name: String,
    acknowledged: &'a AtomicUsize,
    ledger: Ledger,
}

impl Writer<'_> {
    fn run(mut self) -> Ledger {
        let mut number = 0;
        while self.create(&format!("{}-{number}", self.name)).is_some() {
            number += 1;
        }
        self.ledger
    }

    /// Creates and changes a user. `None` if the server was killed.
    fn create(&mut self, username: &str) -> Option<()> {
        let body = json!({ "username": username, "password": PASSWORD });
        let entry = self.ledger.entry(username.to_owned()).or_default();
        let response = self.client.post("/users").json(body).try_send().ok()?;
        if response.status() == 503 {
            // The queue is full and nothing was written. Any other 503 may hide a write.
            assert_eq!(response.code(), "busy", "{}", response.summary());
            self.ledger.remove(username);
            return Some(());
        }
        let id = response.must_be(201).string("id");
        entry.id = Some(id.clone());
        self.acknowledged.fetch_add(1, Ordering::Relaxed);
        for change in 0..CHANGES {
            self.change(username, &id, &format!("{username} {change}"))?;
        }
        self.try_rejected_writes(username, &id)
    }

    fn change(&mut self, username: &str, id: &str, display_name: &str) -> Option<()> {
        let entry = self.ledger.get_mut(username)?;
        entry.unacknowledged = Some(display_name.to_owned());
        let patch = json!({ "display_name": display_name });
        let request = self.client.patch(&format!("/users/{id}")).by(self.admin).json(patch);
        request.try_send().ok()?.must_be(200);
        entry.display_name = entry.unacknowledged.take();
        entry.changes += 1;
        self.acknowledged.fetch_add(1, Ordering::Relaxed);
        Some(())
    }

    /// Tries a creation and a change that the server must reject.
    fn try_rejected_writes(&mut self, username: &str, id: &str) -> Option<()> {
        let again = json!({ "username": username, "password": PASSWORD, "display_name": REJECTED });
        let response = self.client.post("/users").json(again).try_send().ok()?;
        assert!([409, 503].contains(&response.status()), "{}", response.summary());
        let patch = self.client.patch(&format!("/users/{id}")).by(self.admin).if_match("\"1\"");
        patch.json(json!({ "display_name": REJECTED })).try_send().ok()?.must_be(412);
        Some(())
    }
}

#[test]
fn a_kill_during_concurrent_writes_loses_no_acknowledged_write_and_keeps_no_rejected_one() {
    let mut server = Server::start();
    let admin = server.admin();
    let mut ledger = Ledger::new();
    for round in 0..rounds() {
        ledger.extend(while_writing(&mut server, &admin, round, Server::kill));
        // The kill may interrupt a snapshot: the file is then the old one, the new one, or missing.
        if server.data().join("users.json").exists() {
            let _ = server.stored_users();
        }
        server.restart();
        verify(&server, &admin, &mut ledger);
    }
    assert!(server.stop().success());
    let kept = server.stored_users().len();
    assert_eq!(kept, ledger.len() + 1, "users.json must have all users and the administrator");
}

#[test]
fn a_stop_during_concurrent_writes_loses_no_acknowledged_write_and_keeps_no_rejected_one() {
    let mut server = Server::start();
    let admin = server.admin();
    let mut ledger = Ledger::new();
    for round in 0..2 {
        ledger.extend(while_writing(&mut server, &admin, round, |server| {
            server.ask_to_stop();
            assert_eq!(server.wait_until_stopped().code(), Some(0), "{}", server.stderr());
        }));
        server.restart();
        must_have_answered(&server, &admin, &ledger);
        verify(&server, &admin, &mut ledger);
    }
}

/// Ends the server after a random number of acknowledged writes, and returns what the writers did.
fn while_writing(server: &mut Server, admin: &Person, round: usize, end: impl FnOnce(&mut Server)) -> Ledger {
    let acknowledged = AtomicUsize::new(0);
    let enough = 50 + usize::try_from(RandomState::new().hash_one(round) % 600).unwrap();
    thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|number| {
                let (client, acknowledged) = (server.client(), &acknowledged);
                let name = format!("w{round}-{number}");
                let writer = Writer { client, admin, name, acknowledged, ledger: Ledger::new() };
                scope.spawn(move || writer.run())
            })
            .collect();
        wait_for("enough writes", || (acknowledged.load(Ordering::Relaxed) >= enough).then_some(()));
        end(server);
        writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
    })
}

/// Compares the ledger with the server, and records in it which writes without a response took effect.
fn verify(server: &Server, admin: &Person, ledger: &mut Ledger) {
    let display_name = all_users(server, admin);
    assert!(!display_name.values().any(|user| user["display_name"] == REJECTED));
    for username in display_name.keys() {
        assert!(ledger.contains_key(username), "{username} was never created");
    }
    ledger.retain(|username, entry| {
        let found = display_name.get(username);
        assert!(found.is_some() || entry.id.is_none(), "{username} is lost: {entry:?}");
        found.inspect(|user| resolve_unacknowledged(entry, user)).is_some()
    });
}

/// Checks that no write took effect without a response: a stop waits for the requests that run.
fn must_have_answered(server: &Server, admin: &Person, ledger: &Ledger) {
    for (username, user) in all_users(server, admin) {
        let Some(entry) = ledger.get(&username) else { continue };
        assert!(entry.id.is_some(), "the creation of {username} got no response: {user}");
        let is_unanswered = entry.unacknowledged.is_some()
            && user["display_name"].as_str() == entry.unacknowledged.as_deref();
        assert!(!is_unanswered, "a change got no response: {entry:?} {user}");
    }
}

fn resolve_unacknowledged(entry: &mut Entry, user: &Value) {
    let id = user["id"].as_str().map(str::to_owned);
    assert!(entry.id.is_none() || entry.id == id, "{entry:?} {user}");
    let display_name = user["display_name"].as_str().map(str::to_owned);
    if entry.unacknowledged.is_some() && display_name == entry.unacknowledged {
        entry.display_name = entry.unacknowledged.take();
        entry.changes += 1;
    }
    assert_eq!(display_name, entry.display_name, "{entry:?} {user}");
    assert_eq!(user["version"], entry.changes + 1, "{entry:?} {user}");
    assert_eq!((&user["status"], &user["roles"]), (&json!("active"), &json!(["user"])));
    (entry.id, entry.unacknowledged) = (id, None);
}

/// All users except the administrator, by username.
fn all_users(server: &Server, admin: &Person) -> BTreeMap<String, Value> {
    let mut users = BTreeMap::new();
    let mut path = "/users?limit=1000&role=user".to_owned();
    loop {
        let mut page = server.get(&path).by(admin).send().must_be(200).json();
        for user in page["data"].as_array_mut().unwrap() {
            let twin = users.insert(user["username"].as_str().unwrap().to_owned(), user.take());
            assert!(twin.is_none(), "{twin:?} appears twice");
        }
        let Some(cursor) = page["next_cursor"].as_str() else { return users };
        path = format!("/users?limit=1000&role=user&cursor={cursor}");
    }
}

#[expect(clippy::disallowed_methods, reason = "this is a setting of the tests, not of Roster")]
fn rounds() -> usize {
    std::env::var("ROSTER_TEST_KILL_ROUNDS").map_or(5, |rounds| rounds.parse().unwrap())
}

#[test]
fn an_acknowledged_write_survives_an_immediate_kill() {
    let mut server = Server::start();
    for round in 0..3 {
        let ada = server.register(&format!("ada-{round}"));
        server.kill();
        server.restart();
        server.get("/users/me").by(&ada).send().must_be(200);
    }
}
