//! A backup during writes is consistent, and `kill -9` during a backup or a restore loses nothing.
//! `ROSTER_TEST_KILL_ROUNDS` sets the number of rounds (default 5).
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use roster_tests::{Client, PASSWORD, Person, Server, Setup, wait_for};
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
/// The number of changes to each user after its creation.
const CHANGES: u64 = 3;

fn rounds() -> usize {
    #[expect(clippy::disallowed_methods, reason = "this is a setting of the tests, not of Roster")]
    let rounds = std::env::var("ROSTER_TEST_KILL_ROUNDS");
    rounds.map_or(5, |rounds| rounds.parse().unwrap())
}

/// Runs `roster` with these settings and arguments, and returns stdout.
fn run(setup: &Setup, folder: &Path, arguments: &[&str]) -> String {
    let output = setup.command(folder).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn spawn(setup: &Setup, folder: &Path, arguments: &[&str]) -> Child {
    let mut command = setup.command(folder);
    command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Creates users one after another and changes each a few times, until the writers have created `enough` users.
fn write(client: &Client, admin: &Person, name: &str, acknowledged: &AtomicUsize, enough: usize) {
    for number in 0.. {
        let body = json!({ "username": format!("{name}-{number:04}"), "password": PASSWORD });
        let id = client.post("/users").json(body).send_with_retries().must_be(201).string("id");
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
fn a_backup_during_concurrent_writes_restores_a_consistent_state() {
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
            wait_for("some users to be created", || {
                (acknowledged.load(Ordering::Relaxed) >= reached).then_some(())
            });
            run(server.setup(), server.folder(), &["backup", name]);
        }
    });
    for name in &names {
        let folder = tempfile::tempdir().unwrap();
        let setup = server.setup().clone().data(&folder.path().join("data"));
        run(&setup, folder.path(), &["restore", server.folder().join(name).to_str().unwrap()]);
        let restored = setup.start();
        assert_is_consistent(&restored);
        restored.get("/users/me").by(&admin).send().must_be(200);
    }
}

/// Checks that each writer finished one user before it created the next, and that the audit log has a record of
/// every creation and change, and no other.
fn assert_is_consistent(server: &Server) {
    let mut writers: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    let mut history: BTreeMap<String, u64> = BTreeMap::new();
    for user in list_all(server, "/users?limit=1000&sort=username&role=user") {
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
    for record in list_all(server, "/audit?limit=1000") {
        if let ("user_created" | "user_updated", Some(id)) =
            (record["action"].as_str().unwrap(), record["target"]["id"].as_str())
        {
            *logged.entry(id.to_owned()).or_default() += 1;
        }
    }
    logged.retain(|id, _| history.contains_key(id));
    assert_eq!(history, logged, "the audit log must have one record for each version");
}

/// All items of a paginated list.
fn list_all(server: &Server, first: &str) -> Vec<Value> {
    let admin = server.admin();
    let (mut items, mut path) = (Vec::new(), first.to_owned());
    loop {
        let page = server.get(&path).by(&admin).send().must_be(200).json();
        items.extend(page["data"].as_array().unwrap().clone());
        let Some(cursor) = page["next_cursor"].as_str() else { return items };
        path = format!("{first}&cursor={cursor}");
    }
}

/// A server with enough users that a backup takes some time.
fn server_with_many_users() -> Server {
    let mut server = Setup::new().without("JWT_SECRET").start();
    assert!(server.stop().success());
    let people: Vec<_> = (0..4_000).map(|number| json!({ "username": format!("person{number}") })).collect();
    fs::write(server.folder().join("people.json"), json!(people).to_string()).unwrap();
    run(server.setup(), server.folder(), &["import", "people.json"]);
    server.restart();
    server
}

/// A random duration, at most `within`.
fn random_duration(round: usize, within: Duration) -> Duration {
    let micros = u64::try_from(within.as_micros()).unwrap();
    Duration::from_micros(RandomState::new().hash_one(round) % micros)
}

#[test]
fn a_kill_during_a_backup_leaves_a_complete_backup_or_none() {
    let server = server_with_many_users();
    let whole = |name: &str| run(server.setup(), server.folder(), &["restore", "--check", name]);
    for round in 0..rounds() {
        let name = format!("{round}.backup");
        let mut backup = spawn(server.setup(), server.folder(), &["backup", &name]);
        // Kill the backup at a random moment.
        thread::sleep(random_duration(round, Duration::from_millis(400)));
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
    let mut server = server_with_many_users();
    run(server.setup(), server.folder(), &["backup", "old.backup"]);
    let mut seen = [0, 0];
    for round in 0..rounds() {
        let later = server.register(&format!("later{round}"));
        assert!(server.stop().success());
        let arguments = ["restore", "old.backup", "--replace"];
        let mut restore = spawn(server.setup(), server.folder(), &arguments);
        wait_for_kill_moment(&server.data(), &mut restore, round);
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
        let people = list_all(&server, "/users?limit=1000&status=pending");
        assert_eq!(people.len(), 4_000);
        assert!(server.stop().success());
        run(server.setup(), server.folder(), &["doctor"]);
        server.restart();
    }
    println!("{} ended with the new store, {} with the old one", seen[0], seen[1]);
}

/// Waits until the round's moment: while the new store is put in place, while it is built, or a random one.
fn wait_for_kill_moment(data: &Path, restore: &mut Child, round: usize) {
    let appears = |name: &str, restore: &mut Child| {
        while !data.join(name).exists() && restore.try_wait().unwrap().is_none() {
            thread::yield_now();
        }
    };
    match round % 3 {
        0 => appears("restore.json", restore),
        1 => {
            appears("restore.new", restore);
            thread::sleep(random_duration(round, Duration::from_millis(300)));
        }
        _ => thread::sleep(random_duration(round, Duration::from_secs(1))),
    }
}
