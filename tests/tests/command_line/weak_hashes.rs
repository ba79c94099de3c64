//! Fast digests that an import brought are counted in `/metrics` until their owners have logged in.

use roster_tests::{Server, wait_for};
use serde_json::{Value, json};
use std::path::Path;

const GAUGE: &str = "roster_users_with_weak_hash";

/// The people in `foreign-hashes.json` with a fast digest.
fn weak_people() -> Vec<Value> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/foreign-hashes.json");
    let fixture: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    fixture["people"].as_array().unwrap().iter().filter(|one| one["weak"] == true).cloned().collect()
}

fn count(server: &Server) -> u64 {
    let text = server.get("/metrics").send().must_be(200).text().to_owned();
    let line = text.lines().find_map(|line| line.strip_prefix(GAUGE)?.strip_prefix(' '));
    line.unwrap().parse().unwrap()
}

/// Waits for the count. A server on PostgreSQL asks the database every ten seconds.
fn must_count(server: &Server, expected: usize) {
    wait_for(&format!("{GAUGE} {expected}"), || (count(server) == expected as u64).then_some(()));
}

#[test]
fn weak_hashes_are_counted_until_their_owners_have_logged_in() {
    let mut server = Server::start();
    assert_eq!(count(&server), 0);
    let people = weak_people();
    let mut records: Vec<&Value> = people.iter().map(|person| &person["record"]).collect();
    let strong = json!({"username": "strong", "password": "{SHA512-CRYPT}$6$HZSjEivzgRlkQPA1$5KPEf6vBGOh7J5fbtmaXXBT37r9qQBARgbHQRdO7RDNbm327RCXiIFobsIHzpT3uixY5sLZf2uJHwDsuIH4pP."});
    records.push(&strong);
    let path = server.folder().join("people.json");
    std::fs::write(&path, json!(records).to_string()).unwrap();
    let mut import = server.setup().command(server.folder());
    let output = import.arg("import").arg(&path).arg("--allow-weak-hashes").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    must_count(&server, people.len());
    server.restart();
    must_count(&server, people.len());
    for person in &people {
        let name = person["record"]["username"].as_str().unwrap();
        server.try_log_in(name, person["password"].as_str().unwrap()).must_be(200);
    }
    must_count(&server, 0);
    server.restart();
    must_count(&server, 0);
}

#[test]
fn a_deleted_user_is_not_counted() {
    let server = Server::start();
    let path = server.folder().join("people.json");
    std::fs::write(&path, json!([weak_people()[0]["record"]]).to_string()).unwrap();
    let run = |arguments: &[&str]| {
        let output = server.setup().command(server.folder()).args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    run(&["import", path.to_str().unwrap(), "--allow-weak-hashes"]);
    must_count(&server, 1);
    run(&["user", "delete", weak_people()[0]["record"]["username"].as_str().unwrap(), "--yes"]);
    must_count(&server, 0);
}
