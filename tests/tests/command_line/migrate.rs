//! `roster migrate`

use crate::sandbox::Sandbox;
use roster_tests::{Engine, Setup};
use rusqlite::Connection;
use serde_json::{Value, json};
use std::path::Path;

/// Runs a test about databases on the engine of this run, and on SQLite if that has none.
fn with_database() -> Sandbox {
    let engine = match Engine::of_this_test() {
        Engine::Json => Engine::Sqlite,
        engine => engine,
    };
    Sandbox::with(Setup::new().engine(engine))
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn an_empty_database_lacks_every_migration_until_they_are_made() {
    let sandbox = with_database();
    let before = sandbox.run(&["migrate", "status", "--json"]).must_exit(3).stdout;
    let before = parsed(&before);
    assert_eq!((&before["version"], &before["applied"]), (&json!(0), &json!([])));
    let pending = before["pending"].as_array().unwrap().clone();
    assert_eq!(pending.last().unwrap()["version"], before["known"]);
    let plan = sandbox.run(&["migrate", "plan"]).must_exit(0).stdout;
    assert!(
        plan.starts_with("-- To read")
            && plan.contains("-- Migration 1: ")
            && plan.contains("CREATE TABLE users"),
        "{plan}"
    );
    assert_eq!(
        sandbox.run(&["migrate", "status"]).must_exit(3).stdout.matches("pending").count(),
        pending.len()
    );
    let made = parsed(&sandbox.run(&["migrate", "up", "--json"]).must_exit(0).stdout);
    assert_eq!(made, json!(pending));
    let after = parsed(&sandbox.run(&["migrate", "status", "--json"]).must_exit(0).stdout);
    assert_eq!((&after["version"], &after["pending"]), (&before["known"], &json!([])));
    assert!(after["applied"][0]["made_at"].as_str().unwrap().ends_with('Z'), "{after}");
    assert!(sandbox.run(&["migrate", "plan"]).must_exit(0).stdout.contains("No migration is pending"));
    let again = sandbox.run(&["migrate", "up"]).must_exit(0).stdout;
    assert!(again.contains("nothing was changed"), "{again}");
}

#[test]
fn a_migrated_database_serves_and_can_be_looked_at_while_it_does() {
    let sandbox = with_database();
    let data = sandbox.file("data");
    let made = sandbox.run(&["migrate", "up"]).must_exit(0).stdout;
    assert!(made.contains("made migration 1: ") && made.contains("is up to date"), "{made}");
    let server = sandbox.setup.clone().data(&data).start();
    let _ = server.register("ada");
    for command in ["status", "plan", "up"] {
        sandbox.run(&["migrate", command]).must_exit(0);
    }
    assert!(sandbox.run(&["user", "list"]).must_exit(0).stdout.contains("ada"));
}

/// Takes back what only makes indexes, as if the server had been started by an older Roster.
fn without_indexes(database: &Path) {
    let database = Connection::open(database).unwrap();
    let indexes: Vec<String> = database
        .prepare("SELECT name FROM sqlite_schema WHERE name LIKE 'inactive_users_by_%' OR name LIKE 'users_by_%_hash'")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert!(!indexes.is_empty());
    for index in indexes {
        database.execute_batch(&format!("DROP INDEX {index}")).unwrap();
    }
    database
        .execute("DELETE FROM migrations WHERE version = (SELECT max(version) FROM migrations)", [])
        .unwrap();
}

#[test]
fn a_running_server_leaves_its_database_to_the_migrations_and_goes_on_with_it() {
    let setup = Setup::new().engine(Engine::Sqlite);
    let sandbox = Sandbox::with(setup);
    let data = sandbox.file("data");
    let server = sandbox.setup.clone().data(&data).start();
    let ada = server.register("ada");
    without_indexes(&data.join("roster.db"));
    let made = sandbox.run(&["migrate", "up"]).must_exit(0);
    assert!(made.stderr.contains("the server leaves its store to this command"), "{made:?}");
    assert!(made.stdout.contains("made migration"), "{made:?}");
    server.get("/users/me").by(&ada).send().must_be(200);
    sandbox.run(&["migrate", "status"]).must_exit(0);
}

#[test]
fn the_embedded_engine_has_no_migrations() {
    let sandbox = Sandbox::with(Setup::new().engine(Engine::Json));
    for command in ["status", "up"] {
        let output = sandbox.run(&["migrate", command]).must_exit(0).stdout;
        assert!(output.contains("has no migrations") && output.contains("users.json"), "{output}");
    }
    assert!(sandbox.run(&["migrate", "plan"]).must_exit(0).stderr.contains("has no migrations"));
    let status = parsed(&sandbox.run(&["migrate", "status", "--json"]).must_exit(0).stdout);
    assert_eq!((&status["version"], &status["usable"]), (&Value::Null, &json!(true)));
    assert!(!sandbox.file("data").exists(), "it creates nothing");
}

#[test]
fn a_database_that_cannot_be_reached_or_is_another_programs_is_an_error() {
    let absent = "postgres://roster@127.0.0.1:1/roster?connect_timeout=1";
    let sandbox = Sandbox::with(Setup::new().engine(Engine::Json).set("storage.url", absent));
    for command in ["status", "up", "plan"] {
        sandbox.run(&["migrate", command]).must_fail_with(&["127.0.0.1"]);
    }
    let sandbox = Sandbox::with(Setup::new().engine(Engine::Json).set("storage.url", "sqlite:other.db"));
    sandbox.write("other.db", "not a database, and more than an empty file");
    for command in ["status", "up", "plan"] {
        sandbox.run(&["migrate", command]).must_fail_with(&["other.db", "was not made by Roster"]);
    }
}
