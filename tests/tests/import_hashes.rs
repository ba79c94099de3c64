//! People whose hashes other systems made log in with the password they have, over HTTP, and then have a hash of Roster's.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use roster_tests::Server;
use serde_json::{Value, json};
use std::path::Path;

/// `foreign-hashes.json`: people, their passwords, and the packages that made their hashes.
fn fixture() -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/foreign-hashes.json");
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

/// A server with these records, and the report.
fn server_with(records: &[&Value], options: &[&str]) -> (Server, Value) {
    let mut server = Server::start();
    assert!(server.stop().success());
    let path = server.folder().join("import.json");
    std::fs::write(&path, json!(records).to_string()).unwrap();
    let mut command = server.setup().command(server.folder());
    let out = command.arg("import").arg(path).args(["--report", "json"]).args(options).output().unwrap();
    let no_report = || panic!("no report: {}", String::from_utf8_lossy(&out.stderr));
    let report = serde_json::from_slice(&out.stdout).unwrap_or_else(|_| no_report());
    server.restart();
    (server, report)
}

/// Where the Firebase parameters of the fixture are.
fn firebase_config(folder: &Path) -> String {
    let path = folder.join("firebase.txt");
    std::fs::write(&path, fixture()["firebase_hash_config"].as_str().unwrap()).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn everybody_logs_in_with_their_old_password_and_has_a_new_hash_then() {
    let fixture = fixture();
    let people = fixture["people"].as_array().unwrap();
    let records: Vec<&Value> = people.iter().map(|person| &person["record"]).collect();
    let folder = tempfile::tempdir().unwrap();
    let firebase = firebase_config(folder.path());
    let options = ["--allow-weak-hashes", "--firebase-hash-config", &firebase];
    let (mut server, report) = server_with(&records, &options);
    for (person, record) in people.iter().zip(report["records"].as_array().unwrap()) {
        assert_eq!(record["status"], "active", "{}: {record}", person["made_by"]);
        let (name, password) = (&person["record"]["username"], person["password"].as_str().unwrap());
        let response = server.try_log_in(name.as_str().unwrap(), password);
        assert_eq!(response.status(), 200, "{}: {}", person["made_by"], response.summary());
    }
    assert!(server.stop().success());
    let stored = server.stored_users();
    for name in records.iter().map(|record| &record["username"]) {
        let user = stored.iter().find(|user| user["username"] == *name).unwrap();
        let hash = user["credential"]["password"].as_str().unwrap();
        // The second form is for passwords of more than 72 bytes.
        let is_ours = hash.starts_with("$2b$04$") || hash.starts_with("$bcrypt-sha256$v=2,t=2b,r=4$");
        assert!(is_ours, "not replaced: {user}");
    }
}

#[test]
fn a_weak_hash_is_imported_only_if_the_operator_accepts_it() {
    let fixture = fixture();
    let weak: Vec<&Value> =
        fixture["people"].as_array().unwrap().iter().filter(|one| one["weak"] == true).collect();
    let records: Vec<&Value> = weak.iter().map(|person| &person["record"]).collect();
    let (server, report) = server_with(&records, &[]);
    for (person, record) in weak.iter().zip(report["records"].as_array().unwrap()) {
        assert_eq!(record["status"], "pending", "{record}");
        assert!(record["reported"].to_string().contains("--allow-weak-hashes"), "{record}");
        let hash = person["record"]["password_hash"].as_str().unwrap();
        assert!(!report.to_string().contains(hash), "the report repeats a hash");
    }
    let (name, password) = (&weak[0]["record"]["username"], weak[0]["password"].as_str().unwrap());
    server.try_log_in(name.as_str().unwrap(), password).must_be_problem(401, "credentials_invalid");
}

#[test]
fn a_hash_that_takes_too_long_is_refused_with_its_time() {
    // 16 times as long as a hash at cost 12, below which the limit does not go.
    let hash = "$2b$16$YTUT1WQ5.lwoeqOy1CKLNOm8LAc4GlFSWm4knJrRctIRo2R4hTYKC";
    let record = json!({"username": "slow", "password_hash": hash});
    let (_, report) = server_with(&[&record], &[]);
    let reported = report["records"][0]["reported"].to_string();
    assert_eq!(report["records"][0]["status"], "pending", "{report}");
    assert!(reported.contains("bcrypt that takes") && reported.contains("at most"), "{reported}");
}

#[test]
fn a_wrong_password_is_wrong_whatever_the_hash() {
    let fixture = fixture();
    let people = fixture["people"].as_array().unwrap();
    let records: Vec<&Value> = people.iter().map(|person| &person["record"]).take(5).collect();
    let (server, _) = server_with(&records, &[]);
    for record in records {
        server
            .try_log_in(record["username"].as_str().unwrap(), "not-the-right-one")
            .must_be_problem(401, "credentials_invalid");
    }
}
