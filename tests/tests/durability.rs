//! `kill -9` at any moment, under writers: what was acknowledged is whole, what was refused is not there.
//! `ROSTER_TEST_KILL_ROUNDS` says how often (5).
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use roster_tests::{Client, PASSWORD, Person, Server, until};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

const WRITERS: usize = 16;
/// How many changes each user sees after being created.
const CHANGES: usize = 6;
/// What only refused requests say.
const REFUSED: &str = "refused";

/// What a writer knows of one user.
#[derive(Debug, Default)]
struct Entry {
    /// The id, once the creation was acknowledged.
    id: Option<String>,
    /// The last acknowledged display name, and how many changes were acknowledged.
    shown: Option<String>,
    changes: u64,
    /// The display name of the change that was never answered.
    unanswered: Option<String>,
}

/// Everything that one writer did, by username.
type Ledger = BTreeMap<String, Entry>;

/// One writer, until the server goes away under it.
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

    /// A user, from creation through some changes. None if the server is gone.
    fn create(&mut self, username: &str) -> Option<()> {
        let body = json!({ "username": username, "password": PASSWORD });
        let entry = self.ledger.entry(username.to_owned()).or_default();
        let answer = self.client.post("/users").json(body).try_send().ok()?;
        if answer.status() == 503 {
            // Refused for now; but an outcome that nobody knows is no refusal.
            assert_eq!(answer.code(), "busy", "{}", answer.summary());
            self.ledger.remove(username);
            return Some(());
        }
        let id = answer.must_be(201).text_of("id");
        entry.id = Some(id.clone());
        self.acknowledged.fetch_add(1, Ordering::Relaxed);
        for change in 0..CHANGES {
            self.change(username, &id, &format!("{username} {change}"))?;
        }
        self.be_refused(username, &id)
    }

    fn change(&mut self, username: &str, id: &str, shown: &str) -> Option<()> {
        let entry = self.ledger.get_mut(username)?;
        entry.unanswered = Some(shown.to_owned());
        let patch = json!({ "display_name": shown });
        let request = self.client.patch(&format!("/users/{id}")).by(self.admin).json(patch);
        request.try_send().ok()?.must_be(200);
        entry.shown = entry.unanswered.take();
        entry.changes += 1;
        self.acknowledged.fetch_add(1, Ordering::Relaxed);
        Some(())
    }

    /// A creation and a change that the store must not keep.
    fn be_refused(&mut self, username: &str, id: &str) -> Option<()> {
        let again = json!({ "username": username, "password": PASSWORD, "display_name": REFUSED });
        let answer = self.client.post("/users").json(again).try_send().ok()?;
        assert!([409, 503].contains(&answer.status()), "{}", answer.summary());
        let patch = self.client.patch(&format!("/users/{id}")).by(self.admin).if_match("\"1\"");
        patch.json(json!({ "display_name": REFUSED })).try_send().ok()?.must_be(412);
        Some(())
    }
}

#[test]
fn a_kill_under_sixteen_writers_loses_nothing_acknowledged_and_shows_nothing_refused() {
    let mut server = Server::start();
    let admin = server.admin();
    let mut ledger = Ledger::new();
    for round in 0..rounds() {
        ledger.extend(killed_while_writing(&mut server, &admin, round));
        // A snapshot may have been under way: the file is the old one, the new one, or not there yet.
        if server.data().join("users.json").exists() {
            let _ = server.users_file();
        }
        server.restart();
        verify(&server, &admin, &mut ledger);
    }
    assert!(server.stop().success());
    let kept = server.users_file().len();
    assert_eq!(kept, ledger.len() + 1, "users.json has everybody and the administrator");
}

/// The writers' ledgers; the server is killed once a random number of writes was acknowledged.
fn killed_while_writing(server: &mut Server, admin: &Person, round: usize) -> Ledger {
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
        until("enough writes", || (acknowledged.load(Ordering::Relaxed) >= enough).then_some(()));
        server.kill();
        writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
    })
}

/// Holds the ledger against what the server shows, and settles in it what had no answer.
fn verify(server: &Server, admin: &Person, ledger: &mut Ledger) {
    let shown = everybody(server, admin);
    assert!(!shown.values().any(|user| user["display_name"] == REFUSED));
    for username in shown.keys() {
        assert!(ledger.contains_key(username), "{username} was never asked for");
    }
    ledger.retain(|username, entry| {
        let found = shown.get(username);
        assert!(found.is_some() || entry.id.is_none(), "{username} is lost: {entry:?}");
        found.inspect(|user| settle(entry, user)).is_some()
    });
}

fn settle(entry: &mut Entry, user: &Value) {
    let id = user["id"].as_str().map(str::to_owned);
    assert!(entry.id.is_none() || entry.id == id, "{entry:?} {user}");
    let shown = user["display_name"].as_str().map(str::to_owned);
    if entry.unanswered.is_some() && shown == entry.unanswered {
        entry.shown = entry.unanswered.take();
        entry.changes += 1;
    }
    assert_eq!(shown, entry.shown, "{entry:?} {user}");
    assert_eq!(user["version"], entry.changes + 1, "{entry:?} {user}");
    assert_eq!((&user["status"], &user["roles"]), (&json!("active"), &json!(["user"])));
    (entry.id, entry.unanswered) = (id, None);
}

/// All users but the administrator, by username.
fn everybody(server: &Server, admin: &Person) -> BTreeMap<String, Value> {
    let mut users = BTreeMap::new();
    let mut path = "/users?limit=1000&role=user".to_owned();
    loop {
        let mut page = server.get(&path).by(admin).send().must_be(200).json();
        for user in page["data"].as_array_mut().unwrap() {
            let twin = users.insert(user["username"].as_str().unwrap().to_owned(), user.take());
            assert!(twin.is_none(), "{twin:?} is there twice");
        }
        let Some(cursor) = page["next_cursor"].as_str() else { return users };
        path = format!("/users?limit=1000&role=user&cursor={cursor}");
    }
}

#[expect(clippy::disallowed_methods, reason = "how long to test is for whoever runs the tests")]
fn rounds() -> usize {
    std::env::var("ROSTER_TEST_KILL_ROUNDS").map_or(5, |rounds| rounds.parse().unwrap())
}

#[test]
fn a_kill_between_two_answers_of_one_client_keeps_the_first() {
    let mut server = Server::start();
    for round in 0..3 {
        let ada = server.register(&format!("ada-{round}"));
        server.kill();
        server.restart();
        server.get("/users/me").by(&ada).send().must_be(200);
    }
}
