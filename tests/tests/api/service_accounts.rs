//! The life cycle of service accounts and API keys.

use jiff::{SignedDuration, Timestamp};
use roster_tests::{Person, Response, Server, wait_for};
use serde_json::{Value, json};

pub(crate) fn post_account(server: &Server, by: &Person, name: &str, permissions: &[&str]) -> Response {
    let body = json!({ "name": name, "permissions": permissions });
    server.post("/service-accounts").by(by).json(body).send()
}

/// Creates a service account and returns its path.
pub(crate) fn create_account(server: &Server, by: &Person, name: &str, permissions: &[&str]) -> String {
    post_account(server, by, name, permissions).must_be(201).header("location").unwrap().to_owned()
}

/// Creates an API key and returns its secret and its path.
pub(crate) fn create_key(server: &Server, by: &Person, account: &str) -> (String, String) {
    let response = server.post(&format!("{account}/keys")).by(by).json(json!({ "name": "a key" })).send();
    let response = response.must_be(201);
    (response.string("key"), response.header("location").unwrap().to_owned())
}

#[test]
fn an_api_key_is_a_bearer_token_with_the_permissions_of_its_account() {
    let server = Server::start();
    let admin = server.admin();
    let path = create_account(&server, &admin, "backup", &["users:read"]);
    let response = server.post(&format!("{path}/keys")).by(&admin).json(json!({ "name": "nightly" })).send();
    let response = response.must_be(201);
    assert_eq!(response.header("cache-control"), Some("no-store"));
    let (secret, shown) = (response.string("key"), response.json()["api_key"].clone());
    assert_eq!(shown["prefix"], secret[3..15]);
    assert_eq!(shown["permissions"], json!(["users:read"]));
    assert_eq!(shown["created_by"], json!({ "kind": "user", "id": admin.id, "api_key": null }));
    server.get("/users").bearer(&secret).send().must_be(200);
    server.delete(&admin.path()).bearer(&secret).send().must_be_problem(403, "permission_denied");
    server.get(&path).bearer(&secret).send().must_be_problem(403, "permission_denied");
}

#[test]
fn only_the_creation_response_contains_the_secret() {
    let server = Server::start();
    let admin = server.admin();
    let path = create_account(&server, &admin, "backup", &["users:read"]);
    let (secret, key_path) = create_key(&server, &admin, &path);
    for path in [&path, &format!("{path}/keys"), &key_path, &"/service-accounts".to_owned()] {
        let response = server.get(path).by(&admin).send().must_be(200);
        assert!(!response.text().contains(&secret[16..]) && !response.text().contains("sha256"), "{path}");
    }
}

#[test]
fn service_accounts_support_conditional_reads_updates_and_deletes() {
    let server = Server::start();
    let admin = server.admin();
    let path = create_account(&server, &admin, "backup", &["users:read"]);
    let response = server.get(&path).by(&admin).send().must_be(200);
    let etag = response.etag();
    server.get(&path).by(&admin).if_none_match(&etag).send().must_be(304);
    let change =
        |tag: &str, body: Value| server.patch(&path).by(&admin).if_match(tag).merge_patch(body).send();
    let changed = change(&etag, json!({ "description": "Every night", "status": "disabled" })).must_be(200);
    assert_eq!(
        (changed.json()["version"].clone(), changed.json()["status"].clone()),
        (json!(2), json!("disabled"))
    );
    change(&etag, json!({ "name": "other" })).must_be_problem(412, "precondition_failed");
    let cleared = change("*", json!({ "description": null, "permissions": [] })).must_be(200);
    assert_eq!(cleared.json()["description"], Value::Null);
    server.delete(&path).by(&admin).if_match(&etag).send().must_be_problem(412, "precondition_failed");
    server.delete(&path).by(&admin).if_match(&cleared.etag()).send().must_be(204);
    server.get(&path).by(&admin).send().must_be_problem(404, "service_account_not_found");
    server.delete(&path).by(&admin).send().must_be_problem(404, "service_account_not_found");
}

#[test]
fn a_key_is_rotated_immediately_or_with_an_overlap_and_revoked() {
    let server = Server::start();
    let admin = server.admin();
    let path = create_account(&server, &admin, "backup", &["users:read"]);
    let (first, first_path) = create_key(&server, &admin, &path);
    let works = |key: &str| server.get("/users").bearer(key).send().status() == 200;
    let rotated = server.post(&format!("{first_path}/rotate")).by(&admin).send().must_be(201);
    let (second, second_path) = (rotated.string("key"), rotated.header("location").unwrap().to_owned());
    assert!(!works(&first) && works(&second));
    server.get(&first_path).by(&admin).send().must_be_problem(404, "api_key_not_found");
    let rotate = |body: Value| server.post(&format!("{second_path}/rotate")).by(&admin).json(body).send();
    let untyped = server.post(&format!("{second_path}/rotate")).by(&admin).body_without_type("{}").send();
    untyped.must_be_problem(415, "media_type_unsupported");
    rotate(json!({ "overlap": "soon" })).must_be_problem(400, "validation_failed");
    rotate(json!({ "overlap": "-5m" })).must_be_problem(400, "validation_failed");
    rotate(json!({ "overlap": "31d" })).must_be_problem(400, "validation_failed");
    let third = rotate(json!({ "overlap": "5m" })).must_be(201);
    assert!(works(&second) && works(&third.string("key")));
    let kept = server.get(&second_path).by(&admin).send().must_be(200).json();
    assert_eq!(kept["replaced_by"], third.json()["api_key"]["id"]);
    rotate(json!({})).must_be_problem(409, "api_key_replaced");
    server.delete(&second_path).by(&admin).send().must_be(204);
    assert!(!works(&second));
    server.delete(&second_path).by(&admin).send().must_be_problem(404, "api_key_not_found");
}

#[test]
fn an_expired_or_revoked_key_cannot_be_rotated_and_the_detail_says_what_to_do() {
    let server = Server::start();
    let admin = server.admin();
    let account = post_account(&server, &admin, "backup", &["users:read"]).must_be(201);
    let keys = format!("{}/keys", account.header("location").unwrap());
    let soon = account.string("created_at").parse::<Timestamp>().unwrap() + SignedDuration::from_secs(2);
    let created = server.post(&keys).by(&admin).json(json!({ "name": "a key", "expires_at": soon })).send();
    let created = created.must_be(201);
    let (secret, path) = (created.string("key"), created.header("location").unwrap().to_owned());
    let ended = || server.get("/users").bearer(&secret).send().status() == 401;
    wait_for("the key to expire", || ended().then_some(()));
    let response =
        server.post(&format!("{path}/rotate")).by(&admin).send().must_be_problem(409, "api_key_ended");
    assert!(response.string("detail").contains("Create another"), "{}", response.summary());
}

#[test]
fn accounts_and_keys_survive_a_kill() {
    let mut server = Server::start();
    let admin = server.admin();
    let path = create_account(&server, &admin, "backup", &["users:read"]);
    let (secret, _) = create_key(&server, &admin, &path);
    server.kill();
    server.restart();
    server.get("/users").bearer(&secret).send().must_be(200);
    server.restart();
    server.get("/users").bearer(&secret).send().must_be(200);
}

#[test]
fn accounts_are_listed_by_name_in_pages() {
    let server = Server::start();
    let admin = server.admin();
    for name in ["c", "a", "b"] {
        create_account(&server, &admin, name, &[]);
    }
    let page = server.get("/service-accounts?limit=2").by(&admin).send().must_be(200);
    let names = |response: &Response| {
        let data = response.json()["data"].as_array().unwrap().clone();
        data.iter().map(|account| account["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&page), ["a", "b"]);
    let next = page.header("link").unwrap().trim_start_matches('<').split('>').next().unwrap().to_owned();
    let last = server.get(&next).by(&admin).send().must_be(200);
    assert_eq!((names(&last), last.json()["has_more"].clone()), (vec!["c".to_owned()], json!(false)));
    server.get("/service-accounts?cursor=x").by(&admin).send().must_be_problem(400, "cursor_invalid");
    server.get("/service-accounts?name=a").by(&admin).send().must_be_problem(400, "unknown_parameter");
}

#[test]
fn actions_by_and_on_service_accounts_are_audited_by_name() {
    let server = Server::start();
    let admin = server.admin();
    let path = create_account(&server, &admin, "editor", &["users:read", "users:update", "audit:read"]);
    let (secret, key_path) = create_key(&server, &admin, &path);
    let id = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    let ada = server.register("ada");
    let body = json!({ "display_name": "Ada" });
    server.patch(&ada.path()).bearer(&secret).merge_patch(body).send().must_be(200);
    server.delete(&key_path).by(&admin).send().must_be(204);
    let read = |query: String| {
        server.get(&format!("/audit?{query}")).by(&admin).send().must_be(200).json()["data"].clone()
    };
    let actor_records = read(format!("actor={}", id(&path)));
    assert_eq!(actor_records[0]["action"], "user_updated");
    let actor = json!({ "kind": "service_account", "id": id(&path), "api_key": id(&key_path) });
    assert_eq!(actor_records[0]["actor"], actor);
    let target_records = read(format!("target={}", id(&key_path)));
    let actions: Vec<_> =
        target_records.as_array().unwrap().iter().map(|record| record["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["api_key_revoked", "api_key_created"]);
}
