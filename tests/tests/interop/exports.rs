//! What `roster export --to` writes, read by the systems that it is for.

use crate::clients::run;
use roster_tests::{PASSWORD, Server};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// People, their passwords, and hashes that other packages made.
const FOREIGN_HASHES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/foreign-hashes.json");

/// A server with two people of its own and everyone with a foreign hash, and the passwords by username.
fn server() -> (Server, Value) {
    let server = Server::start();
    let _ = server.register_only("ada");
    let clerk = json!({"username": "cleo", "password": PASSWORD, "email": "cleo@example.com", "roles": ["user", "clerk"],
        "display_name": "Cleo Clerk"});
    server.post("/users").by(&server.admin()).json(clerk).send().must_be(201);
    let fixture: Value = serde_json::from_slice(&std::fs::read(FOREIGN_HASHES).unwrap()).unwrap();
    let people = fixture["people"].as_array().unwrap();
    let mut passwords = json!({"ada": PASSWORD, "cleo": PASSWORD});
    for person in people {
        passwords[person["record"]["username"].as_str().unwrap()] = person["password"].clone();
    }
    let mut records: Vec<_> = people.iter().map(|person| person["record"].clone()).collect();
    records.push(json!({"username": "locked", "password": records[0]["password"], "locked": true}));
    let file = server.folder().join("people.json");
    std::fs::write(&file, json!(records).to_string()).unwrap();
    roster(&server, &["import", file.to_str().unwrap(), "--allow-weak-hashes"]);
    (server, passwords)
}

/// Runs a command beside the server and returns its stderr.
fn roster(server: &Server, arguments: &[&str]) -> String {
    let out = server.setup().command(server.folder()).args(arguments).output().unwrap();
    let stderr = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(matches!(out.status.code(), Some(0 | 3)), "{stderr}");
    stderr
}

/// Exports everyone with their hashes, and returns the file and the summary.
fn exported(server: &Server, system: &str) -> (PathBuf, String) {
    let file = server.folder().join(format!("{system}.json"));
    let arguments = ["export", "--to", system, "--with-hashes", "--output", file.to_str().unwrap()];
    let summary = roster(server, &arguments);
    (file, summary)
}

/// How many users have a hash.
fn hashes(server: &Server) -> usize {
    let out = server.setup().command(server.folder()).args(["export", "--with-hashes"]).output().unwrap();
    String::from_utf8(out.stdout).unwrap().matches("\"password_hash\":").count()
}

/// How many hashes the export lacks.
fn hashes_left_out(notes: &str) -> usize {
    let rest = notes.split("left out: the password hash of ").nth(1).unwrap();
    rest.split(' ').next().unwrap().parse().unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn django_loads_an_export_and_people_log_in_with_their_passwords() {
    let (server, passwords) = server();
    let (file, summary) = exported(&server, "django");
    let kept = hashes(&server) - hashes_left_out(&summary);
    let variables =
        [("FILE", text(&file)), ("PASSWORDS", &passwords.to_string()), ("KEPT", &kept.to_string())];
    run("django_loads.py", &server, &variables);
}
