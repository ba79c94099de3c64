//! NUL, which PostgreSQL stores in no text: it never reaches a store, and never looks like an outage.

use roster_tests::{PASSWORD, Server};
use serde_json::json;

#[test]
fn no_query_with_nul_is_an_error_of_the_server() {
    let server = Server::start();
    let admin = server.admin();
    for query in [
        "/users?q=%00",
        "/users?q=site%00admin",
        "/users?username=a%00b",
        "/users?email=a%00b%40example.org",
        "/users?external_id=a%00b",
        "/users?role=a%00b",
        "/users?sort=%00",
        "/users?cursor=%00",
        "/audit?actor=a%00b",
        "/audit?target=a%00b",
        "/audit?action=%00",
        "/audit?ip=%00",
        "/service-accounts?cursor=%00",
        "/users/%00",
    ] {
        let response = server.get(query).by(&admin).send();
        assert!([200, 400, 404].contains(&response.status()), "{}", response.summary());
    }
}

#[test]
fn a_login_with_nul_finds_nobody() {
    let server = Server::start();
    let _ = server.register_only("ada");
    for login in ["\0", "ada\0", "a\0da", "ada\0@example.org"] {
        server.try_log_in(login, PASSWORD).must_be_problem(401, "credentials_invalid");
    }
}

#[test]
fn no_name_has_nul_and_attributes_keep_it() {
    let server = Server::start();
    let admin = server.admin();
    let wrong = |path: &str, body| {
        server.post(path).by(&admin).json(body).send().must_be_problem(400, "validation_failed");
    };
    for field in ["username", "email", "display_name", "external_id"] {
        let mut person = json!({ "username": "ada", "password": PASSWORD });
        person[field] = "a\0b@example.org".into();
        wrong("/users", person);
    }
    wrong("/service-accounts", json!({ "name": "a\0b", "permissions": [] }));
    wrong("/service-accounts", json!({ "name": "a", "description": "a\0b", "permissions": [] }));
    let attributes = json!({ "key\0": ["value\0", { "deep": "\0" }] });
    let person = json!({ "username": "ada", "password": PASSWORD, "attributes": attributes });
    let created = server.post("/users").by(&admin).json(person).send().must_be(201).json();
    let path = format!("/users/{}", created["id"].as_str().unwrap());
    assert_eq!(server.get(&path).by(&admin).send().must_be(200).json()["attributes"], attributes);
    let change = json!({ "display_name": "Ada" });
    let changed = server.patch(&path).by(&admin).json(change).send().must_be(200).json();
    assert_eq!(changed["attributes"], attributes);
}
