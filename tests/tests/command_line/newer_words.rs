//! Words that a newer Roster wrote: in the audit log and in permissions.

use crate::sandbox::Sandbox;
use roster_test_postgres::Database;
use roster_tests::{ADMIN, ADMIN_PASSWORD, Engine, Server, Setup};
use serde_json::{Value, json};
use std::fs;

/// A word of this version and one of a newer version with the same length, so that the places in the log stay valid.
const WORDS: [(&str, &str, &str); 4] = [
    ("audit.ndjson", r#""service_account_created""#, r#""service_account_adopted""#),
    ("audit.ndjson", r#""user_updated","#, r#""user_greeted","#),
    ("audit.ndjson", r#"["status"]"#, r#"["badges"]"#),
    ("users.json", r#""users:read""#, r#""crew:greet""#),
];

/// A stopped store of the embedded engine with these words. Its newest records are those of a service account and of an
/// update.
fn stopped() -> Sandbox {
    let sandbox = Sandbox::with(Setup::new().engine(Engine::Json).without("JWT_SECRET"));
    sandbox.create("ada", &[]);
    let permissions = ["--permission", "users:read", "--permission", "audit:read"];
    sandbox.run(&[&["service-account", "create", "backup"][..], &permissions].concat()).must_exit(0);
    sandbox.run(&["user", "disable", "ada"]).must_exit(0);
    for (file, known, newer) in WORDS {
        let path = format!("data/{file}");
        let text = sandbox.read(&path);
        assert!(known.len() == newer.len() && text.contains(known), "{known} is not in: {text}");
        // In place, since the files belong to each other.
        fs::write(sandbox.file(&path), text.replace(known, newer)).unwrap();
    }
    sandbox
}

/// Starts a server on the store at `url`.
fn serve(sandbox: &Sandbox, url: &str) -> Server {
    sandbox.setup.clone().data(&sandbox.file("data")).set("storage.url", url).start()
}

/// The store of the sandbox, and its copies on the other engines that run here.
fn stores(sandbox: &Sandbox, database: Option<&Database>) -> Vec<String> {
    let folder = |name: &str| sandbox.file("data").join(name).display().to_string();
    let source = format!("json:{}", folder("users.json"));
    let copies = [Some(format!("sqlite:{}", folder("roster.db"))), database.map(Database::url)];
    let copies: Vec<_> = copies.into_iter().flatten().collect();
    for copy in &copies {
        let output = sandbox.run(&["copy", "--from", &source, "--to", copy]).must_exit(0).stdout;
        assert!(output.contains("is equal"), "{output}");
    }
    [vec![source], copies].concat()
}

/// What is shown of the account: it holds both permissions, and only the known one counts.
fn assert_account(server: &Server) {
    let admin = server.log_in(ADMIN, ADMIN_PASSWORD);
    let accounts = server.get("/service-accounts").by(&admin).send().must_be(200).json();
    let account = &accounts["data"][0];
    assert_eq!(account["permissions"], json!(["audit:read", "crew:greet"]));
    let path = format!("/service-accounts/{}", account["id"].as_str().unwrap());
    let key = server.post(&format!("{path}/keys")).by(&admin).json(json!({ "name": "nightly" })).send();
    let key = key.must_be(201).string("key");
    server.get("/audit").bearer(&key).send().must_be(200);
    server.get("/users").bearer(&key).send().must_be_problem(403, "permission_denied");
    let only_known = json!({ "permissions": ["metrics:read"] });
    let changed = server.patch(&path).by(&admin).json(only_known).send().must_be(200).json();
    assert_eq!(changed["permissions"], json!(["metrics:read"]), "a new list replaces the old one");
}

#[test]
fn words_of_a_newer_roster_are_kept_and_shown_by_every_engine() {
    let database = roster_test_postgres::database();
    let sandbox = stopped();
    for url in stores(&sandbox, database.as_ref()) {
        let server = serve(&sandbox, &url);
        let admin = server.log_in(ADMIN, ADMIN_PASSWORD);
        let log = server.get("/audit?actor=operator").by(&admin).send().must_be(200).json();
        let words = |record: &Value| (record["action"].clone(), record["changed"].clone());
        let records: Vec<_> = log["data"].as_array().unwrap().iter().map(words).collect();
        let expected =
            [(json!("user_greeted"), json!(["badges"])), (json!("service_account_adopted"), json!([]))];
        assert!(expected.iter().all(|newer| records.contains(newer)), "{url}: {log}");
        let known = server.get("/audit?action=user_updated").by(&admin).send().must_be(200).json();
        assert_eq!(known["data"], json!([]), "a filter asks for a word that this version knows");
        assert_account(&server);
    }
}

#[test]
fn commands_show_words_of_a_newer_roster_and_a_backup_keeps_them() {
    let sandbox = stopped();
    let table = sandbox.run(&["audit", "--format", "table"]).must_exit(0).stdout;
    assert!(table.contains("user_greeted") && table.contains("badges"), "{table}");
    let account = sandbox.run(&["service-account", "show", "backup"]).must_exit(0).stdout;
    assert!(account.contains("audit:read,crew:greet"), "{account}");
    sandbox.run(&["backup", "kept.backup"]).must_exit(0);
    sandbox.run(&["restore", "kept.backup", "--replace"]).must_exit(0);
    let log = sandbox.run(&["audit"]).must_exit(0).stdout;
    assert!(log.contains(r#""action":"user_greeted""#) && log.contains(r#"["badges"]"#), "{log}");
    let account = sandbox.run(&["service-account", "show", "backup"]).must_exit(0).stdout;
    assert!(account.contains("audit:read,crew:greet"), "{account}");
}
