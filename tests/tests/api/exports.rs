//! GET /users/export.

use crate::service_accounts::{create_account, create_key};
use roster_tests::{Engine, PASSWORD, Person, Server, Setup, raw, wait_for};
use rusqlite::Connection;
use serde_json::{Value, json};
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

const NDJSON: &str = "application/x-ndjson";
/// An export of one user with the hash.
const HASHES: &str = "/users/export?include=hashes&username=keeper";

/// Runs a command against the server.
fn run(server: &Server, arguments: &[&str]) {
    let output = server.setup().command(server.folder()).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// An administrator to whom the operator has given the permission to export hashes.
fn hash_exporter(server: &Server) -> Person {
    let _ = server.register_admin("keeper");
    run(server, &["user", "set-roles", "keeper", "admin", "users:export-hashes"]);
    server.log_in("keeper", PASSWORD)
}

/// The lines of an export.
fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn usernames(users: &[Value]) -> Vec<&str> {
    users.iter().map(|user| user["username"].as_str().unwrap()).collect()
}

#[test]
fn an_export_has_every_user_in_the_format_that_is_asked_for() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    let ndjson = server.get("/users/export").by(&admin).send().must_be(200);
    assert_eq!(ndjson.media_type(), Some(NDJSON));
    assert_eq!(ndjson.header("content-disposition"), Some("attachment; filename=\"users.ndjson\""));
    let users = lines(ndjson.text());
    assert_eq!(usernames(&users), ["site-admin", "ada"]);
    assert_eq!((&users[1]["id"], &users[1]["roster_export"]), (&json!(ada.id), &json!(2)));
    assert!(users.iter().all(|user| user.get("password_hash").is_none()));
    let array = server.get("/users/export?format=json").by(&admin).send().must_be(200);
    assert_eq!(array.json(), json!(users));
    let accepted = server.get("/users/export").by(&admin).header("Accept", "text/csv, */*;q=0.1").send();
    let accepted = accepted.must_be(200);
    assert_eq!(accepted.media_type(), Some("text/csv"));
    assert!(accepted.text().starts_with("id,username,email,"), "{}", accepted.text());
    let chosen =
        server.get("/users/export?format=csv").by(&admin).header("Accept", "application/json").send();
    assert_eq!(chosen.must_be(200).text(), accepted.text(), "the query decides");
    let refused = server.get("/users/export").by(&admin).header("Accept", "text/html").send();
    refused.must_be_problem(406, "not_acceptable");
}

#[test]
fn an_export_takes_the_filters_of_the_list() {
    let server = Server::start();
    let (admin, _) = (server.admin(), (server.register("ada"), server.register("grace")));
    for (query, expected) in
        [("username=Ada", &["ada"][..]), ("q=RAC", &["grace"]), ("role=admin&q=ada", &[])]
    {
        let users = server.get(&format!("/users/export?{query}")).by(&admin).send().must_be(200);
        assert_eq!(usernames(&lines(users.text())), expected, "{query}");
    }
    for (query, code) in [("sort=username", "unknown_parameter"), ("format=xml", "parameter_invalid")] {
        server.get(&format!("/users/export?{query}")).by(&admin).send().must_be_problem(400, code);
    }
}

#[test]
fn an_export_requires_its_permission_and_is_in_the_audit_log() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    server.get("/users/export").send().must_be_problem(401, "authentication_required");
    server.get("/users/export").by(&ada).send().must_be_problem(403, "permission_denied");
    let account = create_account(&server, &admin, "backup", &["users:export"]);
    let (key, _) = create_key(&server, &admin, &account);
    server.get("/users/export").bearer(&key).send().must_be(200);
    let records = server.get("/audit?action=users_exported").by(&admin).send().must_be(200).json();
    assert_eq!(records["data"].as_array().unwrap().len(), 1);
    assert_eq!(records["data"][0]["actor"]["kind"], "service_account");
}

#[test]
fn hashes_are_exported_only_to_a_user_who_was_given_the_permission() {
    let server = Server::start();
    let (admin, keeper) = (server.admin(), hash_exporter(&server));
    server.get(HASHES).by(&admin).send().must_be_problem(403, "permission_denied");
    let users = server.get(HASHES).by(&keeper).send().must_be(200);
    assert!(lines(users.text())[0]["password_hash"].as_str().unwrap().starts_with("$2b$"));
    let permissions = ["users:export", "users:export-hashes"];
    let account = create_account(&server, &keeper, "backup", &permissions);
    let (key, _) = create_key(&server, &keeper, &account);
    let refused = server.get(HASHES).bearer(&key).send().must_be_problem(403, "permission_denied");
    assert!(refused.string("detail").contains("never exported to a service account"));
    let count = |query: &str| {
        let records = server.get(&format!("/audit?action=user_hashes_exported&{query}")).by(&admin).send();
        records.must_be(200).json()["data"].as_array().unwrap().len()
    };
    assert_eq!(count("outcome=success"), 1);
    wait_for("the denials, which are written after the response", || {
        (count("outcome=denied") == 2).then_some(())
    });
}

#[test]
fn an_administrator_cannot_give_the_permission_to_export_hashes() {
    let server = Server::start();
    let admin = server.admin();
    let roles = json!({ "roles": ["admin", "users:export-hashes"] });
    let raised = server.patch("/users/me").by(&admin).merge_patch(roles).send();
    raised.must_be_problem(403, "permission_denied");
    let account = json!({ "name": "backup", "permissions": ["users:export-hashes"] });
    server
        .post("/service-accounts")
        .by(&admin)
        .json(account)
        .send()
        .must_be_problem(403, "permission_denied");
}

#[test]
fn an_export_with_hashes_requires_a_recent_login() {
    let server = Setup::new().set("auth.step_up_age", "1s").start();
    let keeper = hash_exporter(&server);
    wait_for("the login to be old", || {
        let response = server.get("/users/export?include=hashes").by(&keeper).send();
        (response.status() == 401).then(|| response.must_be_problem(401, "login_too_old"))
    });
    server.get("/users/export").by(&keeper).send().must_be(200);
}

#[test]
fn a_client_sees_that_an_export_is_incomplete_if_the_store_fails_in_the_middle() {
    let server = Setup::new().engine(Engine::Sqlite).start();
    let stream = begun_export(&server, &server.admin());
    let database = Connection::open(server.data().join("roster.db")).unwrap();
    database.execute_batch("ALTER TABLE users RENAME TO moved").unwrap();
    must_end_early(&server, stream);
}

/// Imports more people than the buffers of a connection hold, and begins to receive an export of them.
fn begun_export(server: &Server, by: &Person) -> TcpStream {
    let note = "x".repeat(8_000);
    let people: Vec<_> = (0..3_000)
        .map(|number| format!("{}\n", json!({ "username": format!("user{number}"), "note": note })))
        .collect();
    let file = server.folder().join("people.ndjson");
    fs::write(&file, people.concat()).unwrap();
    run(server, &["import", file.to_str().unwrap()]);
    let mut stream = raw::connect(server.address());
    stream.write_all(request("GET", "HTTP/1.1", by).as_bytes()).unwrap();
    let mut received = vec![0; 1_000];
    stream.read_exact(&mut received).unwrap();
    assert!(received.starts_with(b"HTTP/1.1 200 OK\r\n"), "{}", String::from_utf8_lossy(&received));
    stream
}

fn request(method: &str, version: &str, by: &Person) -> String {
    let token = &by.token;
    format!("{method} /users/export {version}\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n")
}

/// Receives the rest, which must not look complete.
fn must_end_early(server: &Server, mut stream: TcpStream) {
    let mut received = Vec::new();
    // The connection may be reset.
    let _ = stream.read_to_end(&mut received);
    assert!(received.len() < 3_000 * 8_000, "the export is incomplete");
    assert!(!received.ends_with(b"0\r\n\r\n"), "and has no end");
    server.must_log("an export ended early");
}

#[test]
fn an_export_ends_early_if_its_caller_is_demoted_disabled_or_logged_out() {
    for end in ["demoted", "disabled", "logged out"] {
        let server = Server::start();
        let (admin, reader) = (server.admin(), server.register_admin("reader"));
        let stream = begun_export(&server, &reader);
        let patch = |change: Value| {
            server.patch(&reader.path()).by(&admin).merge_patch(change).send().must_be(200);
        };
        match end {
            "demoted" => patch(json!({ "roles": ["user"] })),
            "disabled" => patch(json!({ "status": "disabled" })),
            _ => drop(server.post("/auth/logout").by(&reader).send().must_be(204)),
        }
        must_end_early(&server, stream);
    }
}

#[test]
fn an_export_ends_early_if_its_api_key_is_revoked() {
    let server = Server::start();
    let admin = server.admin();
    let account = create_account(&server, &admin, "backup", &["users:export"]);
    let (token, key) = create_key(&server, &admin, &account);
    let stream = begun_export(&server, &Person { token, ..admin.clone() });
    server.delete(&key).by(&admin).send().must_be(204);
    must_end_early(&server, stream);
}

#[test]
fn a_head_request_exports_nothing() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    let head = server.request("HEAD", "/users/export").by(&admin).header("Accept", "text/csv").send();
    let head = head.must_be(200);
    assert_eq!(head.header("content-disposition"), Some("attachment; filename=\"users.csv\""));
    assert_eq!((head.media_type(), head.bytes()), (Some("text/csv"), &b""[..]));
    assert_eq!(server.request("HEAD", "/users/export").by(&ada).send().status(), 403);
    let records = server.get("/audit?action=users_exported&outcome=success").by(&admin).send();
    assert_eq!(records.must_be(200).json()["data"], json!([]));
}

#[test]
fn a_client_without_chunks_is_told_that_it_needs_http_1_1() {
    let server = Server::start();
    let admin = server.admin();
    let refused = raw::send(server.address(), request("GET", "HTTP/1.0", &admin).as_bytes());
    let text = refused.text.to_ascii_lowercase();
    assert!(text.lines().next().unwrap().contains(" 426 "), "{text}");
    assert!(text.contains("\r\nupgrade: http/1.1\r\n") && text.contains("http_version_too_old"), "{text}");
    assert!(!text.contains("transfer-encoding"), "{text}");
    let records = server.get("/audit?action=users_exported").by(&admin).send().must_be(200).json();
    assert_eq!(records["data"], json!([]), "nothing was exported");
}
