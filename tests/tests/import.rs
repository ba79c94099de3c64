//! `roster import` with the fixtures: what is imported, who can log in, and what the report says.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use roster_tests::{Engine, Person, Server};
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

/// Fields of a user that expected.json lists.
const FIELDS: [&str; 9] = [
    "username",
    "email",
    "display_name",
    "status",
    "roles",
    "external_id",
    "attributes",
    "email_verified",
    "created_at",
];

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

fn table(file: &str, name: &str) -> Map<String, Value> {
    let text = std::fs::read_to_string(fixture(file)).unwrap();
    serde_json::from_str::<Value>(&text).unwrap()[name].as_object().unwrap().clone()
}

/// Imports a fixture while the server is stopped.
fn import(server: &Server, name: &str, more: &[&str]) -> Output {
    let mut command = server.setup().command(server.folder());
    command.arg("import").arg(fixture(name)).args(["--report", "json"]).args(more);
    command.stdin(Stdio::null()).output().unwrap()
}

/// A server with the users of a fixture, and the report.
fn imported(name: &str) -> (Server, Value) {
    let mut server = Server::start();
    assert!(server.stop().success());
    let out = import(&server, name, &[]);
    let stderr = String::from_utf8_lossy(&out.stderr).into_owned();
    let report: Value = serde_json::from_slice(&out.stdout).unwrap_or_else(|_| panic!("no report: {stderr}"));
    let code = if report["refused"] == 0 { 0 } else { 3 };
    assert_eq!(out.status.code(), Some(code), "{stderr}");
    server.restart();
    (server, report)
}

/// The imported user of a record.
fn user(server: &Server, admin: &Person, expected: &Value) -> Value {
    let query = match (expected["external_id"].as_str(), expected["username"].as_str()) {
        (Some(id), _) => format!("external_id={id}"),
        (None, name) => format!("username={}", encoded(name.unwrap())),
    };
    let mut page = server.get(&format!("/users?{query}")).by(admin).send().must_be(200).json();
    assert_eq!(page["data"].as_array().map(Vec::len), Some(1), "{expected}: {page}");
    page["data"][0].take()
}

fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |text, byte| format!("{text}%{byte:02x}"))
}

fn password_of<'a>(passwords: &'a Map<String, Value>, key: &str, expected: &Value) -> Option<&'a str> {
    let mut names = vec![key];
    names.extend(["username", "email"].iter().filter_map(|field| expected[*field].as_str()));
    names.extend(expected["login_as"].as_array().into_iter().flatten().filter_map(Value::as_str));
    names.into_iter().find_map(|name| passwords.get(name)?.as_str())
}

/// The names with which the user logs in.
fn login_names(expected: &Value) -> Vec<String> {
    let named = expected["login_as"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let own = ["username", "email"].iter().filter_map(|field| expected[*field].as_str());
    named.chain(own).map(str::to_owned).collect()
}

fn is_imported_as_expected(name: &str) {
    let (mut server, report) = imported(name);
    let (expected, passwords) = (table("expected.json", name), table("passwords.json", name));
    assert_eq!(report["total"], expected.len(), "the report must count every record: {report}");
    let admin = server.admin();
    let mut replaced = Vec::new();
    for (key, expected) in &expected {
        if expected["outcome"] == "refused" {
            continue;
        }
        let user = user(&server, &admin, expected);
        for field in FIELDS.iter().filter(|field| expected.get(**field).is_some()) {
            assert_eq!(
                without_trailing_zeros(&user[*field]),
                without_trailing_zeros(&expected[*field]),
                "{key}: {field}"
            );
        }
        if log_in(&server, key, expected, password_of(&passwords, key, expected)) {
            replaced.push(user["id"].clone());
        }
    }
    assert!(server.stop().success());
    for user in server.stored_users().iter().filter(|user| replaced.contains(&user["id"])) {
        assert!(user.to_string().contains("$2b$04$"), "after a login, bcrypt at the configured cost: {user}");
    }
}

/// Tries every name with the right password; returns whether a login succeeded.
fn log_in(server: &Server, key: &str, expected: &Value, password: Option<&str>) -> bool {
    let (Some(status), Some(password)) = (expected["login"].as_u64(), password) else { return false };
    for login in login_names(expected) {
        let response = server.try_log_in(&login, password);
        assert_eq!(u64::from(response.status()), status, "{key} as {login}: {}", response.summary());
        server.try_log_in(&login, &format!("{password}x")).must_be_problem(401, "credentials_invalid");
    }
    // A password longer than bcrypt reads is hashed with bcrypt-sha256, at the same cost but in another format.
    status == 200 && password.len() <= 72
}

/// A time without trailing zeros, because expected.json has whole seconds.
fn without_trailing_zeros(value: &Value) -> Value {
    match value.as_str() {
        Some(text) if text.len() == 27 && text.ends_with('Z') => {
            let seconds = text.trim_end_matches('Z').trim_end_matches('0').trim_end_matches('.');
            format!("{seconds}Z").into()
        }
        Some(text) if text.len() == 20 && text.ends_with('Z') => text.to_owned().into(),
        _ => value.clone(),
    }
}

#[test]
fn a_map_of_users_is_imported_as_expected() {
    is_imported_as_expected("users.json");
}

#[test]
fn an_array_of_users_is_imported_as_expected() {
    is_imported_as_expected("users-array.json");
}

#[test]
fn messy_records_are_imported_as_expected() {
    is_imported_as_expected("users-messy.json");
}

#[test]
fn the_report_gives_a_reason_for_every_rejected_record() {
    let (_, report) = imported("users-messy.json");
    let expected = table("expected.json", "users-messy.json");
    let rejected = expected.values().filter(|record| record["outcome"] == "refused").count();
    assert_eq!(report["refused"], rejected);
    assert_eq!(report["imported"], expected.len() - rejected);
    for record in report["records"].as_array().unwrap().iter().filter(|one| one["outcome"] == "refused") {
        assert!(!record["reason"].is_null() && !record["line"].is_null(), "{record}");
    }
    assert!(!report.to_string().contains("$2b$") && !report.to_string().contains("argon2id$"), "{report}");
}

#[test]
fn a_second_import_leaves_existing_users_unchanged() {
    let (mut server, first) = imported("users.json");
    let admin = server.admin();
    let patch = serde_json::json!({ "display_name": "Changed since" });
    let maria = user(&server, &admin, &serde_json::json!({ "external_id": "maria" }));
    let account = format!("/users/{}", maria["id"].as_str().unwrap());
    server.patch(&account).by(&admin).json(patch).send().must_be(200);
    assert!(server.stop().success());
    let out = import(&server, "users.json", &[]);
    let again: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!((&again["imported"], &again["unchanged"]), (&0.into(), &first["imported"]));
    server.restart();
    let maria = server.get(&account).by(&server.admin()).send().must_be(200).json();
    assert_eq!(maria["display_name"], "Changed since");
}

#[test]
fn a_dry_run_gives_the_same_report_and_writes_nothing() {
    let mut server = Server::start();
    assert!(server.stop().success());
    let kept = || match Engine::of_this_test().file() {
        Some(file) => std::fs::read(server.data().join(file)).unwrap(),
        None => serde_json::to_vec(&server.stored_users()).unwrap(),
    };
    let before = kept();
    let dry: Value =
        serde_json::from_slice(&import(&server, "users-messy.json", &["--dry-run"]).stdout).unwrap();
    assert_eq!(dry["dry_run"], true);
    assert!(kept() == before);
    let wet: Value = serde_json::from_slice(&import(&server, "users-messy.json", &[]).stdout).unwrap();
    for field in ["total", "imported", "unchanged", "refused"] {
        assert_eq!(dry[field], wet[field], "{field}");
    }
}

#[test]
fn a_users_file_of_another_system_is_not_opened_as_a_store() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("data/users.json");
    std::fs::create_dir(file.parent().unwrap()).unwrap();
    std::fs::copy(fixture("users.json"), &file).unwrap();
    let setup = roster_tests::Setup::new().engine(Engine::Json);
    let out = setup.command(folder.path()).output().unwrap();
    let stderr = String::from_utf8_lossy(&out.stderr);
    assert!(!out.status.success() && stderr.contains("roster import"), "{stderr}");
    assert_eq!(std::fs::read(&file).unwrap(), std::fs::read(fixture("users.json")).unwrap());
}

#[test]
fn an_old_name_with_nul_gets_a_username_without_it_and_a_note() {
    let mut server = Server::start();
    assert!(server.stop().success());
    let file = server.folder().join("old.json");
    std::fs::write(&file, r#"[{"username": "ad\u0000a", "email": "ada@example.org"}]"#).unwrap();
    let out = import(&server, file.to_str().unwrap(), &[]);
    let report = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(out.status.success() && report.contains("must not contain NUL"), "{out:?}");
    server.restart();
    let found = server.get("/users?username=ad.a").by(&server.admin()).send().must_be(200).json();
    assert_eq!(found["data"][0]["email"], "ada@example.org");
}
