//! A backup under writers is a state that was, and `kill -9` during a backup or a restore loses nothing.
//! `ROSTER_TEST_KILL_ROUNDS` says how often (5).
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use roster_tests::{Client, PASSWORD, Person, Server, Setup, until};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::hash::{BuildHasher as _, RandomState};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

const WRITERS: usize = 16;
/// How many changes each user sees after being created.
const CHANGES: u64 = 3;

fn rounds() -> usize {
    #[expect(clippy::disallowed_methods, reason = "set by whoever runs the tests")]
    let rounds = std::env::var("ROSTER_TEST_KILL_ROUNDS");
    rounds.map_or(5, |rounds| rounds.parse().unwrap())
}

/// Runs `roster` with these arguments on this data, and gives back what it says on stdout.
fn run(setup: &Setup, folder: &Path, arguments: &[&str]) -> String {
    let output = setup.command(folder).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn spawn(setup: &Setup, folder: &Path, arguments: &[&str]) -> Child {
    let mut command = setup.command(folder);
    command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Makes users one after another and changes each a few times, until `is_over`.
fn write(client: &Client, admin: &Person, name: &str, acknowledged: &AtomicUsize, enough: usize) {
    for number in 0.. {
        let body = json!({ "username": format!("{name}-{number:04}"), "password": PASSWORD });
        let id = client.post("/users").json(body).send_patiently().must_be(201).text_of("id");
        for change in 0..CHANGES {
            let patch = json!({ "display_name": format!("change {change}") });
            client.patch(&format!("/users/{id}")).by(admin).json(patch).send().must_be(200);
        }
        if acknowledged.fetch_add(1, Ordering::Relaxed) >= enough {
            return;
        }
    }
}

#[test]
fn a_backup_under_sixteen_writers_restores_to_a_state_that_was() {
    let server = Server::start();
    let admin = server.admin();
    let acknowledged = AtomicUsize::new(0);
    let names: Vec<_> = (1..=3).map(|number| format!("{number}.backup")).collect();
    thread::scope(|scope| {
        for number in 0..WRITERS {
            let (client, admin, acknowledged) = (server.client(), &admin, &acknowledged);
            scope.spawn(move || write(&client, admin, &format!("w{number:02}"), acknowledged, 400));
        }
        for (name, reached) in names.iter().zip([20, 120, 250]) {
            until("some writes", || (acknowledged.load(Ordering::Relaxed) >= reached).then_some(()));
            run(server.setup(), server.folder(), &["backup", name]);
        }
    });
    for name in &names {
        let place = tempfile::tempdir().unwrap();
        let setup = server.setup().clone().data(&place.path().join("data"));
        run(&setup, place.path(), &["restore", server.folder().join(name).to_str().unwrap()]);
        let restored = setup.start();
        assert_is_a_state_that_was(&restored);
        restored.get("/users/me").by(&admin).send().must_be(200);
    }
}

/// Each writer has made a user only after the one before was made and changed. Each creation and change is in the
/// audit log, and nothing else is.
fn assert_is_a_state_that_was(server: &Server) {
    let mut writers: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    let mut history: BTreeMap<String, u64> = BTreeMap::new();
    for user in everything(server, "/users?limit=1000&sort=username&role=user") {
        let writer = user["username"].as_str().unwrap().split('-').next().unwrap();
        let version = user["version"].as_u64().unwrap();
        writers.entry(writer.to_owned()).or_default().push(version);
        history.insert(user["id"].as_str().unwrap().to_owned(), version);
    }
    for (writer, versions) in &writers {
        let (_, before) = versions.split_last().unwrap();
        assert!(before.iter().all(|version| *version == CHANGES + 1), "{writer}: {versions:?}");
    }
    let mut logged: BTreeMap<String, u64> = BTreeMap::new();
    for record in everything(server, "/audit?limit=1000") {
        if let ("user_created" | "user_updated", Some(id)) =
            (record["action"].as_str().unwrap(), record["target"]["id"].as_str())
        {
            *logged.entry(id.to_owned()).or_default() += 1;
        }
    }
    logged.retain(|id, _| history.contains_key(id));
    assert_eq!(history, logged, "each version has its record, and each record its version");
}

/// All items of a list.
fn everything(server: &Server, first: &str) -> Vec<Value> {
    let admin = server.admin();
    let (mut items, mut path) = (Vec::new(), first.to_owned());
    loop {
        let page = server.get(&path).by(&admin).send().must_be(200).json();
        items.extend(page["data"].as_array().unwrap().clone());
        let Some(cursor) = page["next_cursor"].as_str() else { return items };
        path = format!("{first}&cursor={cursor}");
    }
}

/// A server with so many people that a backup takes a moment.
fn crowded() -> Server {
    let mut server = Setup::new().without("JWT_SECRET").start();
    assert!(server.stop().success());
    let people: Vec<_> = (0..4_000).map(|number| json!({ "username": format!("person{number}") })).collect();
    fs::write(server.folder().join("people.json"), json!(people).to_string()).unwrap();
    run(server.setup(), server.folder(), &["import", "people.json"]);
    server.restart();
    server
}

/// A moment within so long, another one each time.
fn moment(round: usize, within: Duration) -> Duration {
    let micros = u64::try_from(within.as_micros()).unwrap();
    Duration::from_micros(RandomState::new().hash_one(round) % micros)
}

#[test]
fn a_kill_during_a_backup_leaves_a_whole_backup_or_none() {
    let server = crowded();
    let whole = |name: &str| run(server.setup(), server.folder(), &["restore", "--check", name]);
    for round in 0..rounds() {
        let name = format!("{round}.backup");
        let mut backup = spawn(server.setup(), server.folder(), &["backup", &name]);
        // The moment is what is tried here; nothing waits for it.
        thread::sleep(moment(round, Duration::from_millis(400)));
        let _ = backup.kill();
        let _ = backup.wait();
        if server.folder().join(&name).exists() {
            assert!(whole(&name).contains("4001 users"));
        }
    }
    run(server.setup(), server.folder(), &["backup", "last.backup"]);
    assert!(whole("last.backup").contains("4001 users"));
    run(server.setup(), server.folder(), &["doctor"]);
}

#[test]
fn a_kill_during_a_restore_leaves_the_old_store_or_the_new_one() {
    let mut server = crowded();
    run(server.setup(), server.folder(), &["backup", "old.backup"]);
    let mut seen = [0, 0];
    for round in 0..rounds() {
        let later = server.register(&format!("later{round}"));
        assert!(server.stop().success());
        let arguments = ["restore", "old.backup", "--replace"];
        let mut restore = spawn(server.setup(), server.folder(), &arguments);
        wait_for_the_moment(&server.data(), &mut restore, round);
        let _ = restore.kill();
        let _ = restore.wait();
        server.restart();
        for left in ["restore.new", "restore.json"] {
            assert!(!server.data().join(left).exists(), "{left} after round {round}");
        }
        let is_old = server.get("/users/me").by(&later).send().status() == 200;
        seen[usize::from(is_old)] += 1;
        let expected = if is_old { 200 } else { 401 };
        assert_eq!(server.try_log_in(&later.username, PASSWORD).status(), expected);
        assert_eq!(server.try_refresh(&later.refresh_token).status(), expected);
        let people = everything(&server, "/users?limit=1000&status=pending");
        assert_eq!(people.len(), 4_000);
        assert!(server.stop().success());
        run(server.setup(), server.folder(), &["doctor"]);
        server.restart();
    }
    println!("{} ended with the new store, {} with the old one", seen[0], seen[1]);
}

/// In turn: at any moment, when the new store is being made, and when it is put in its place.
fn wait_for_the_moment(data: &Path, restore: &mut Child, round: usize) {
    let appears = |name: &str, restore: &mut Child| {
        while !data.join(name).exists() && restore.try_wait().unwrap().is_none() {
            thread::yield_now();
        }
    };
    match round % 3 {
        0 => appears("restore.json", restore),
        1 => {
            appears("restore.new", restore);
            thread::sleep(moment(round, Duration::from_millis(300)));
        }
        _ => thread::sleep(moment(round, Duration::from_secs(1))),
    }
}
