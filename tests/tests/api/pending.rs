//! Pending users: the reasons, and what activates them.

use roster_tests::{PASSWORD, Person, Server, Setup};
use serde_json::{Value, json};

/// A server with an imported user who is pending for these reasons, an administrator, and the user's path.
fn with_pending(reasons: &Value) -> (Server, Person, String) {
    let mut server = Server::start();
    assert!(server.stop().success());
    let line = json!({
        "roster_export": 2, "username": "eve", "status": "pending", "pending_reasons": reasons,
    });
    let file = server.folder().join("people.ndjson");
    std::fs::write(&file, line.to_string()).unwrap();
    let setup = Setup::new().data(&server.data());
    let ran = setup.command(server.folder()).arg("import").arg(&file).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    server.restart();
    let admin = server.admin();
    let list = server.get("/users?username=eve").by(&admin).send().must_be(200).json();
    let path = format!("/users/{}", list["data"][0]["id"].as_str().unwrap());
    (server, admin, path)
}

#[test]
fn pending_reasons_are_visible_with_users_read() {
    let (server, admin, path) = with_pending(&json!(["no_password", "locked_before"]));
    let reasons = json!(["no_password", "locked_before"]);
    assert_eq!(server.get(&path).by(&admin).send().must_be(200).json()["pending_reasons"], reasons);
    let list = server.get("/users?status=pending").by(&admin).send().must_be(200).json();
    assert_eq!(list["data"][0]["pending_reasons"], reasons);
    let made = json!({ "username": "ada", "password": PASSWORD, "status": "pending" });
    let made = server.post("/users").by(&admin).json(made).send().must_be(201).json();
    assert_eq!(made["pending_reasons"], json!(["unknown"]));
    assert_eq!(server.get("/users/me").by(&admin).send().must_be(200).json()["pending_reasons"], Value::Null);
}

#[test]
fn pending_reasons_are_hidden_without_users_read() {
    let (server, admin, path) = with_pending(&json!(["no_password"]));
    let account = json!({ "name": "helpdesk", "permissions": ["users:update"] });
    let id = server.post("/service-accounts").by(&admin).json(account).send().must_be(201).string("id");
    let keys = format!("/service-accounts/{id}/keys");
    let key = server.post(&keys).by(&admin).json(json!({ "name": "k" })).send().must_be(201).string("key");
    let change = |body: Value| server.patch(&path).bearer(&key).json(body).send();
    let shown = change(json!({ "display_name": "Eve" })).must_be(200).json();
    assert_eq!((&shown["status"], &shown["pending_reasons"]), (&json!("pending"), &Value::Null));
    change(json!({ "pending_reasons": null, "display_name": "E" })).must_be(200);
    change(json!({ "pending_reasons": ["no_password"] })).must_be_problem(400, "validation_failed");
}

#[test]
fn pending_reasons_are_read_only_and_accepted_unchanged() {
    let (server, admin, path) = with_pending(&json!(["no_password"]));
    let mut whole = server.get(&path).by(&admin).send().must_be(200).json();
    whole["display_name"] = json!("Eve");
    server.put(&path).by(&admin).json(whole.clone()).send().must_be(200);
    for reasons in [json!(["unknown"]), json!([]), json!(["bored"]), Value::Null] {
        let body = json!({ "pending_reasons": reasons });
        let response =
            server.patch(&path).by(&admin).json(body).send().must_be_problem(400, "validation_failed");
        assert_eq!(response.errors()[0].0, "/pending_reasons");
    }
}

#[test]
fn a_password_set_by_an_administrator_activates_a_user_who_only_lacked_one() {
    let (server, admin, path) = with_pending(&json!(["no_password"]));
    let password = format!("{path}/password");
    server.put(&password).by(&admin).json(json!({ "password": PASSWORD })).send().must_be(204);
    let after = server.get(&path).by(&admin).send().must_be(200).json();
    assert_eq!((&after["status"], &after["pending_reasons"]), (&json!("active"), &Value::Null));
    let _ = server.log_in("eve", PASSWORD);
    let log = server.get("/audit?target=eve&action=password_changed").by(&admin).send().must_be(200).json();
    assert_eq!(log["data"][0]["changed"], json!(["password", "status"]));
}

#[test]
fn a_password_does_not_activate_a_user_who_is_pending_for_another_reason() {
    for reasons in [json!(["no_password", "locked_before"]), json!(["unknown"])] {
        let (server, admin, path) = with_pending(&reasons);
        let password = format!("{path}/password");
        server.put(&password).by(&admin).json(json!({ "password": PASSWORD })).send().must_be(204);
        server.try_log_in("eve", PASSWORD).must_be_problem(403, "account_pending");
        let after = server.get(&path).by(&admin).send().must_be(200).json();
        assert!(!after["pending_reasons"].as_array().unwrap().contains(&json!("no_password")));
    }
}
