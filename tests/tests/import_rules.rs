//! `roster import` gives nobody access by mistake. The inputs look like exports of common systems; the tests run
//! the real binary and log in over HTTP.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use roster_tests::{Person, Server};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Output;

/// A record of a case and the imported user.
struct Imported {
    name: String,
    record: Value,
    report: Value,
    expect: Value,
    user: Value,
    stored: Value,
}

fn rules() -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/import-rules.json");
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

/// Imports a file while the server is stopped.
fn import(server: &Server, file: &str, options: &[&str]) -> Output {
    let path = server.folder().join("import.json");
    std::fs::write(&path, file).unwrap();
    let mut command = server.setup().command(server.folder());
    command.arg("import").arg(path).args(["--report", "json"]).args(options).output().unwrap()
}

fn report(out: &Output) -> Value {
    let no_report = || panic!("no report: {}", String::from_utf8_lossy(&out.stderr));
    serde_json::from_slice(&out.stdout).unwrap_or_else(|_| no_report())
}

/// A server with these records, and the report.
fn server_with(records: &Value, options: &[&str]) -> (Server, Value) {
    let mut server = Server::start();
    assert!(server.stop().success());
    let report = report(&import(&server, &records.to_string(), options));
    server.restart();
    (server, report)
}

#[test]
fn every_input_is_imported_as_expected() {
    let rules = rules();
    let mut server = Server::start();
    assert!(server.stop().success());
    let cases = rules["cases"].as_array().unwrap();
    let reports: Vec<Value> = cases.iter().map(|case| import_case(&server, case)).collect();
    server.restart();
    let admin = server.admin();
    let known = rules["known_password"].as_str().unwrap();
    let stored = server.stored_users();
    for (case, report) in cases.iter().zip(&reports) {
        for imported in imported(&server, &admin, &stored, case, report) {
            imported.check_account();
            imported.check_attributes();
            imported.check_logins(&server, known);
        }
    }
}

fn import_case(server: &Server, case: &Value) -> Value {
    let options: Vec<&str> =
        case["options"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let file = case["file"].as_str().map_or_else(|| case["file"].to_string(), str::to_owned);
    let report = report(&import(server, &file, &options));
    for count in ["imported", "refused"] {
        let expected = case["expect"].get(count).unwrap_or(&report[count]);
        assert_eq!(&report[count], expected, "{case}: {report}");
    }
    assert_eq!(report["refused"], 0, "{case}: {report}");
    report
}

fn imported(
    server: &Server,
    admin: &Person,
    stored: &[Value],
    case: &Value,
    report: &Value,
) -> Vec<Imported> {
    let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let records = case["file"].as_str().map_or_else(|| case["file"].clone(), read);
    let records = records.as_array().unwrap().iter().zip(report["records"].as_array().unwrap());
    let user = |report: &Value| {
        let name = report["username"].as_str().unwrap();
        let page = server.get(&format!("/users?username={name}")).by(admin).send().must_be(200).json();
        page["data"][0].clone()
    };
    let imported = records.map(|(record, report)| {
        let user = user(report);
        Imported {
            name: format!("{}: {}", case["rule"], case["case"]),
            record: record.clone(),
            report: report.clone(),
            expect: case["expect"].clone(),
            stored: stored.iter().find(|stored| stored["id"] == user["id"]).unwrap().clone(),
            user,
        }
    });
    imported.collect()
}

impl Imported {
    fn check_account(&self) {
        let Self { name, expect, user, report, .. } = self;
        for field in ["id", "username", "email", "email_verified", "external_id", "roles"] {
            if let Some(expected) = expect.get(field) {
                assert_eq!(&user[field], expected, "{name}: {field}");
            }
        }
        let one_of = |expected: &Value, found: &Value| {
            expected == found || expected.as_array().is_some_and(|list| list.contains(found))
        };
        if let Some(expected) = expect.get("status") {
            assert!(one_of(expected, &user["status"]), "{name}: {user}");
        }
        if let Some(expected) = expect.get("external_ids") {
            assert!(one_of(expected, &user["external_id"]), "{name}: {user}");
        }
        if let Some(expected) = expect["username_of"].get(user["email"].as_str().unwrap_or_default()) {
            assert_eq!(&user["username"], expected, "{name}");
        }
        if expect["noted"] == true {
            assert!(!report["reported"].as_array().unwrap().is_empty(), "{name}: {report}");
        }
        for year in expect["never_disabled_since"].as_array().into_iter().flatten() {
            assert!(
                !self.stored["status"].to_string().contains(year.as_str().unwrap()),
                "{name}: {}",
                self.stored
            );
        }
        if expect.get("created_at").is_some() {
            assert_ne!(user["created_at"].as_str().unwrap().split('-').next(), Some("1970"), "{name}");
            assert!(report["reported"].to_string().contains("created_at not understood"), "{name}: {report}");
        }
    }

    fn check_attributes(&self) {
        let Self { name, expect, user, .. } = self;
        if let Some(lacking) = expect["attributes_lack"].as_str() {
            assert!(user["attributes"].get(lacking).is_none(), "{name}: {user}");
            assert!(self.report["reported"].to_string().contains(lacking), "{name}: {}", self.report);
        }
        for (attribute, value) in expect["attributes"].as_object().into_iter().flatten() {
            assert_eq!(&user["attributes"][attribute], value, "{name}");
        }
        if let Some(id) = expect.get("old_id") {
            assert_eq!(&user["attributes"]["imported_id"], id, "{name}");
        }
    }

    /// The text in the file is not a password. An active user logs in with the password of the known hash; the login
    /// of any other user is rejected with the status code of their account.
    fn check_logins(&self, server: &Server, known: &str) {
        let Self { name, record, user, .. } = self;
        let username = user["username"].as_str().unwrap();
        if self.expect.get("logs_in_with_the_text") == Some(&json!(false)) {
            let text = record["password"].as_str().unwrap();
            let response = server.try_log_in(username, text);
            assert_eq!(response.status(), 401, "{name}: {}", response.summary());
        }
        if self.stored["credential"].to_string().contains("$2b$10$") {
            let expected = if user["status"] == "active" { 200 } else { 403 };
            let response = server.try_log_in(username, known);
            assert_eq!(response.status(), expected, "{name}: {}", response.summary());
        } else {
            // The cost is that of the server: a text that was taken as a password.
            let hash = self.stored["credential"]["password"].as_str().filter(|hash| !hash.contains("$04$"));
            assert!(hash.is_some() || user["status"] != "active", "{name}: active without a password");
            assert!(self.expect["logs_in"] != true, "{name}: the hash should have been imported");
        }
    }
}

#[test]
fn a_mask_in_the_password_column_is_not_a_password() {
    for options in [&[][..], &["--plain-text-passwords"]] {
        let (server, report) = server_with(&json!([{"username": "kim", "password": "**********"}]), options);
        assert_eq!(report["records"][0]["status"], "pending", "{report}");
        server.try_log_in("kim", "**********").must_be_problem(401, "credentials_invalid");
    }
}

#[test]
fn a_user_who_is_banned_until_later_cannot_log_in() {
    let known = rules()["known_password"].as_str().unwrap().to_owned();
    let hash = "$2b$10$G5oJ1MAGuE8swdJSxbyF3ezOGgsA9nclT9D9sc62eTRNPUp1yYYfu";
    let records = json!([
        {"username": "lee", "password_hash": hash, "banned_until": "2099-01-01T00:00:00Z"},
        {"username": "ray", "password_hash": hash, "banned_until": "2020-01-01T00:00:00Z"},
    ]);
    let (server, report) = server_with(&records, &[]);
    assert_eq!(report["records"][0]["status"], "disabled", "{report}");
    assert!(report["records"][0]["reported"][0].as_str().unwrap().starts_with("banned_until"), "{report}");
    assert_eq!(server.try_log_in("lee", &known).status(), 403);
    assert_eq!(server.try_log_in("ray", &known).status(), 200);
}

#[test]
fn a_hash_in_python_bytes_notation_is_imported_as_a_hash() {
    let known = rules()["known_password"].as_str().unwrap().to_owned();
    let text = "b'$2b$10$G5oJ1MAGuE8swdJSxbyF3ezOGgsA9nclT9D9sc62eTRNPUp1yYYfu'";
    for options in [&[][..], &["--plain-text-passwords"]] {
        let (server, _) = server_with(&json!([{"username": "bo", "password": text}]), options);
        server.try_log_in("bo", text).must_be_problem(401, "credentials_invalid");
        assert_eq!(server.try_log_in("bo", &known).status(), 200);
    }
}

#[test]
fn a_text_is_a_password_with_the_option_unless_many_records_share_it() {
    let mut records: Vec<Value> =
        (0..4).map(|n| json!({"username": format!("u{n}"), "password": "changeme now"})).collect();
    records.push(json!({"username": "own", "password": "nobody else's words"}));
    let (server, report) = server_with(&records.into(), &["--plain-text-passwords"]);
    assert_eq!(server.try_log_in("own", "nobody else's words").status(), 200, "{report}");
    server.try_log_in("u0", "changeme now").must_be_problem(401, "credentials_invalid");
    assert!(report["records"][0]["reported"].to_string().contains("more than three records"), "{report}");
}

#[test]
fn a_role_mapping_that_matches_no_record_is_reported() {
    let mut server = Server::start();
    assert!(server.stop().success());
    let file = json!([{"username": "max", "is_superuser": false}]).to_string();
    let options = ["--map-role", "is_superuser=admin", "--map-role", "is_supervisor=admin", "--dry-run"];
    let report = report(&import(&server, &file, &options));
    assert_eq!(report["unmatched_role_mappings"], json!(["is_supervisor=admin"]));
}

#[test]
fn a_list_next_to_the_users_is_reported_and_not_imported() {
    let file = json!({"users": [{"username": "max"}], "members": [{"username": "kit"}], "tags": ["a"]});
    let (server, report) = server_with(&file, &[]);
    assert_eq!(report["unread_lists"], json!([{"name": "members", "entries": 1}]));
    server.try_log_in("kit", "anything").must_be_problem(401, "credentials_invalid");
    assert_eq!(report["total"], 1);
}

#[test]
fn a_kept_id_never_replaces_another_user() {
    let id = "8281cec3-58f5-4d0e-9a51-5a1f3b0c7d11";
    let records = json!([
        {"id": id, "username": "kit"},
        {"id": id, "username": "kat", "external_id": "crm-1"},
        {"id": id, "username": "kot"},
    ]);
    let (mut server, first) = server_with(&records, &["--keep-ids"]);
    let outcomes: Vec<_> =
        first["records"].as_array().unwrap().iter().map(|record| &record["outcome"]).collect();
    assert_eq!(outcomes, ["imported", "imported", "imported"], "{first}");
    let admin = server.admin();
    let kit = server.get(&format!("/users/{id}")).by(&admin).send().must_be(200).json();
    assert_eq!(kit["username"], "kit");
    let page = server.get("/users?external_id=crm-1").by(&admin).send().must_be(200).json();
    assert_eq!(page["data"][0]["attributes"]["imported_id"], id);
    let page = server.get(&format!("/users?external_id={id}")).by(&admin).send().must_be(200).json();
    assert_eq!(page["data"][0]["username"], "kot", "the second identifier is kept as the external id");
    assert!(server.stop().success());
    let again = report(&import(&server, &records.to_string(), &["--keep-ids"]));
    assert_eq!(again["unchanged"], 3, "{again}");
}
