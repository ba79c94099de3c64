//! Service accounts and API keys, from making one to its end.

use jiff::{SignedDuration, Timestamp};
use roster_tests::{Answer, Person, Server, until};
use serde_json::{Value, json};

pub(crate) fn create(server: &Server, by: &Person, name: &str, permissions: &[&str]) -> Answer {
    let body = json!({ "name": name, "permissions": permissions });
    server.post("/service-accounts").by(by).json(body).send()
}

/// The path of a new service account.
pub(crate) fn account(server: &Server, by: &Person, name: &str, permissions: &[&str]) -> String {
    create(server, by, name, permissions).must_be(201).header("location").unwrap().to_owned()
}

/// A new key in clear, and its path.
pub(crate) fn key(server: &Server, by: &Person, account: &str) -> (String, String) {
    let answer = server.post(&format!("{account}/keys")).by(by).json(json!({ "name": "a key" })).send();
    let answer = answer.must_be(201);
    (answer.text_of("key"), answer.header("location").unwrap().to_owned())
}

#[test]
fn a_key_is_a_bearer_that_may_what_its_account_may() {
    let server = Server::start();
    let admin = server.admin();
    let path = account(&server, &admin, "backup", &["users:read"]);
    let answer = server.post(&format!("{path}/keys")).by(&admin).json(json!({ "name": "nightly" })).send();
    let answer = answer.must_be(201);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let (secret, shown) = (answer.text_of("key"), answer.json()["api_key"].clone());
    assert_eq!(shown["prefix"], secret[3..15]);
    assert_eq!(shown["permissions"], json!(["users:read"]));
    assert_eq!(shown["created_by"], json!({ "kind": "user", "id": admin.id, "api_key": null }));
    server.get("/users").bearer(&secret).send().must_be(200);
    server.delete(&admin.path()).bearer(&secret).send().refused(403, "permission_denied");
    server.get(&path).bearer(&secret).send().refused(403, "permission_denied");
}

#[test]
fn no_answer_but_the_first_holds_the_secret_or_its_digest() {
    let server = Server::start();
    let admin = server.admin();
    let path = account(&server, &admin, "backup", &["users:read"]);
    let (secret, key_path) = key(&server, &admin, &path);
    for path in [&path, &format!("{path}/keys"), &key_path, &"/service-accounts".to_owned()] {
        let answer = server.get(path).by(&admin).send().must_be(200);
        assert!(!answer.text().contains(&secret[16..]) && !answer.text().contains("sha256"), "{path}");
    }
}

#[test]
fn an_account_is_read_changed_and_deleted_under_conditions() {
    let server = Server::start();
    let admin = server.admin();
    let path = account(&server, &admin, "backup", &["users:read"]);
    let answer = server.get(&path).by(&admin).send().must_be(200);
    let etag = answer.etag();
    server.get(&path).by(&admin).if_none_match(&etag).send().must_be(304);
    let change =
        |tag: &str, body: Value| server.patch(&path).by(&admin).if_match(tag).merge_patch(body).send();
    let changed = change(&etag, json!({ "description": "Every night", "status": "disabled" })).must_be(200);
    assert_eq!(
        (changed.json()["version"].clone(), changed.json()["status"].clone()),
        (json!(2), json!("disabled"))
    );
    change(&etag, json!({ "name": "other" })).refused(412, "precondition_failed");
    let cleared = change("*", json!({ "description": null, "permissions": [] })).must_be(200);
    assert_eq!(cleared.json()["description"], Value::Null);
    server.delete(&path).by(&admin).if_match(&etag).send().refused(412, "precondition_failed");
    server.delete(&path).by(&admin).if_match(&cleared.etag()).send().must_be(204);
    server.get(&path).by(&admin).send().refused(404, "service_account_not_found");
    server.delete(&path).by(&admin).send().refused(404, "service_account_not_found");
}

#[test]
fn a_key_is_rotated_at_once_or_side_by_side_and_revoked() {
    let server = Server::start();
    let admin = server.admin();
    let path = account(&server, &admin, "backup", &["users:read"]);
    let (first, first_path) = key(&server, &admin, &path);
    let works = |key: &str| server.get("/users").bearer(key).send().status() == 200;
    let rotated = server.post(&format!("{first_path}/rotate")).by(&admin).send().must_be(201);
    let (second, second_path) = (rotated.text_of("key"), rotated.header("location").unwrap().to_owned());
    assert!(!works(&first) && works(&second));
    server.get(&first_path).by(&admin).send().refused(404, "api_key_not_found");
    let rotate = |body: Value| server.post(&format!("{second_path}/rotate")).by(&admin).json(body).send();
    let untyped = server.post(&format!("{second_path}/rotate")).by(&admin).untyped("{}").send();
    untyped.refused(415, "media_type_unsupported");
    rotate(json!({ "overlap": "soon" })).refused(400, "validation_failed");
    rotate(json!({ "overlap": "-5m" })).refused(400, "validation_failed");
    rotate(json!({ "overlap": "31d" })).refused(400, "validation_failed");
    let third = rotate(json!({ "overlap": "5m" })).must_be(201);
    assert!(works(&second) && works(&third.text_of("key")));
    let kept = server.get(&second_path).by(&admin).send().must_be(200).json();
    assert_eq!(kept["replaced_by"], third.json()["api_key"]["id"]);
    rotate(json!({})).refused(409, "api_key_replaced");
    server.delete(&second_path).by(&admin).send().must_be(204);
    assert!(!works(&second));
    server.delete(&second_path).by(&admin).send().refused(404, "api_key_not_found");
}

#[test]
fn a_key_that_has_ended_is_not_rotated_and_the_answer_says_what_to_do() {
    let server = Server::start();
    let admin = server.admin();
    let account = create(&server, &admin, "backup", &["users:read"]).must_be(201);
    let keys = format!("{}/keys", account.header("location").unwrap());
    let soon = account.text_of("created_at").parse::<Timestamp>().unwrap() + SignedDuration::from_secs(2);
    let made = server.post(&keys).by(&admin).json(json!({ "name": "a key", "expires_at": soon })).send();
    let made = made.must_be(201);
    let (secret, path) = (made.text_of("key"), made.header("location").unwrap().to_owned());
    let ended = || server.get("/users").bearer(&secret).send().status() == 401;
    until("the key to end", || ended().then_some(()));
    let refused = server.post(&format!("{path}/rotate")).by(&admin).send().refused(409, "api_key_ended");
    assert!(refused.text_of("detail").contains("Create another"), "{}", refused.summary());
}

#[test]
fn accounts_and_keys_outlive_a_kill() {
    let mut server = Server::start();
    let admin = server.admin();
    let path = account(&server, &admin, "backup", &["users:read"]);
    let (secret, _) = key(&server, &admin, &path);
    server.kill();
    server.restart();
    server.get("/users").bearer(&secret).send().must_be(200);
    server.restart();
    server.get("/users").bearer(&secret).send().must_be(200);
}

#[test]
fn accounts_are_listed_by_name_page_by_page() {
    let server = Server::start();
    let admin = server.admin();
    for name in ["c", "a", "b"] {
        account(&server, &admin, name, &[]);
    }
    let page = server.get("/service-accounts?limit=2").by(&admin).send().must_be(200);
    let names = |answer: &Answer| {
        let data = answer.json()["data"].as_array().unwrap().clone();
        data.iter().map(|account| account["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&page), ["a", "b"]);
    let next = page.header("link").unwrap().trim_start_matches('<').split('>').next().unwrap().to_owned();
    let last = server.get(&next).by(&admin).send().must_be(200);
    assert_eq!((names(&last), last.json()["has_more"].clone()), (vec!["c".to_owned()], json!(false)));
    server.get("/service-accounts?cursor=x").by(&admin).send().refused(400, "cursor_invalid");
    server.get("/service-accounts?name=a").by(&admin).send().refused(400, "unknown_parameter");
}

#[test]
fn what_machines_do_and_what_is_done_to_them_is_audited_by_name() {
    let server = Server::start();
    let admin = server.admin();
    let path = account(&server, &admin, "editor", &["users:read", "users:update", "audit:read"]);
    let (secret, key_path) = key(&server, &admin, &path);
    let id = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    let ada = server.register("ada");
    let body = json!({ "display_name": "Ada" });
    server.patch(&ada.path()).bearer(&secret).merge_patch(body).send().must_be(200);
    server.delete(&key_path).by(&admin).send().must_be(204);
    let read = |query: String| {
        server.get(&format!("/audit?{query}")).by(&admin).send().must_be(200).json()["data"].clone()
    };
    let done = read(format!("actor={}", id(&path)));
    assert_eq!(done[0]["action"], "user_updated");
    let actor = json!({ "kind": "service_account", "id": id(&path), "api_key": id(&key_path) });
    assert_eq!(done[0]["actor"], actor);
    let suffered = read(format!("target={}", id(&key_path)));
    let actions: Vec<_> =
        suffered.as_array().unwrap().iter().map(|record| record["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["api_key_revoked", "api_key_created"]);
}
