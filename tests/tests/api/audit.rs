//! The stored audit log: it identifies actors and targets by id and contains no personal data.

use roster_tests::{ADMIN, PASSWORD, Person, Server, Setup};
use serde_json::{Value, json};

/// The newest record with this action and target.
fn record<'a>(log: &'a [Value], action: &str, target: &str) -> &'a Value {
    let found = log.iter().rev().find(|record| record["action"] == action && record["target"] == target);
    found.unwrap_or_else(|| panic!("no {action} of {target} in {log:#?}"))
}

fn stop_and_read_log(mut server: Server) -> (Vec<Value>, String) {
    assert!(server.stop().success());
    let log = server.audit_log();
    let text = Value::from(log.clone()).to_string();
    (log, text)
}

#[test]
fn every_change_is_audited_with_actor_action_and_target() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    server.patch("/users/me").by(&ada).json(json!({ "display_name": "Ada" })).send().must_be(200);
    server
        .patch(&ada.path())
        .by(&admin)
        .json(json!({ "roles": ["x"], "attributes": { "a": 1 } }))
        .send()
        .must_be(200);
    let set = json!({ "password": "seven green lamps" });
    server.put(&format!("{}/password", ada.path())).by(&admin).json(set).send().must_be(204);
    server.delete(&ada.path()).by(&admin).send().must_be(204);
    let (log, _) = stop_and_read_log(server);
    let by_admin = json!({ "user": admin.id });
    let created = record(&log, "user_created", &ada.id);
    assert_eq!((&created["actor"], &created["outcome"]), (&json!("anonymous"), &json!("success")));
    assert_eq!(record(&log, "logged_in", &ada.id)["outcome"], "success");
    let updated = record(&log, "user_updated", &ada.id);
    assert_eq!((&updated["actor"], &updated["changed"]), (&by_admin, &json!(["roles", "attributes"])));
    let own = log.iter().find(|record| record["action"] == "user_updated").unwrap();
    assert_eq!((&own["actor"], &own["changed"]), (&json!({ "user": ada.id }), &json!(["display_name"])));
    assert_eq!(record(&log, "password_changed", &ada.id)["actor"], by_admin);
    assert_eq!(record(&log, "user_deleted", &ada.id)["actor"], by_admin);
    let numbers: Vec<_> = log.iter().map(|record| record["sequence"].as_u64().unwrap()).collect();
    assert!(numbers.is_sorted(), "{numbers:?}");
}

#[test]
fn failed_logins_are_audited_with_a_reason() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    server.try_log_in("ada", "not this one").must_be(401);
    server.try_log_in("nobody-at-all", PASSWORD).must_be(401);
    server.patch(&ada.path()).by(&admin).json(json!({ "status": "disabled" })).send().must_be(200);
    server.try_log_in("ada", PASSWORD).must_be(403);
    let (log, text) = stop_and_read_log(server);
    let outcomes: Vec<_> = log
        .iter()
        .filter(|record| record["action"] == "logged_in" && record["outcome"] != "success")
        .map(|record| (record["outcome"].as_str().unwrap(), record["target"].as_str()))
        .collect();
    let ada = Some(ada.id.as_str());
    assert_eq!(outcomes, [("bad_credentials", ada), ("bad_credentials", None), ("not_active", ada)]);
    assert!(!text.contains("nobody-at-all"), "a mistyped username may be a password");
}

#[test]
fn a_wrong_current_password_is_audited_as_a_failed_password_change() {
    let server = Server::start();
    let ada = server.register("ada");
    let change = json!({ "current_password": "not this one", "password": "seven green lamps" });
    server
        .put("/users/me/password")
        .by(&ada)
        .json(change)
        .send()
        .must_be_problem(403, "current_password_wrong");
    let (log, text) = stop_and_read_log(server);
    let rejected = record(&log, "password_changed", &ada.id);
    assert_eq!(
        (&rejected["actor"], &rejected["outcome"]),
        (&json!({ "user": ada.id }), &json!("bad_credentials"))
    );
    assert_eq!((&rejected["ip"], &rejected["changed"]), (&json!("127.0.0.1"), &Value::Null));
    assert!(!text.contains("not this one") && !text.contains("seven green"));
}

#[test]
fn audit_records_hold_ids_and_field_names_but_no_values() {
    let server = Server::start();
    let ada = server.register("ada-lovelace");
    let patch = json!({ "display_name": "Augusta King", "email": "countess@ockham.example" });
    server.patch("/users/me").by(&ada).json(patch).send().must_be(200);
    let change = json!({ "current_password": PASSWORD, "password": "seven green lamps" });
    server.put("/users/me/password").by(&ada).json(change).send().must_be(200);
    let (_, text) = stop_and_read_log(server);
    let signature = ada.token.rsplit('.').next().unwrap();
    for value in [
        "ada-lovelace",
        "example.org",
        "ockham",
        "Augusta",
        PASSWORD,
        "seven green",
        "$2b$",
        ADMIN,
        signature,
    ] {
        assert!(!text.contains(value), "{value} is in {text}");
    }
    assert!(text.contains(&ada.id));
}

#[test]
fn rejected_changes_are_not_audited_as_changes() {
    let server = Server::start();
    let admin = server.admin();
    let ada = server.register("ada");
    server.patch("/users/me").by(&ada).json(json!({ "roles": ["admin"] })).send().must_be(403);
    server.patch("/users/me").by(&ada).json(json!({ "username": ADMIN })).send().must_be(409);
    server.delete("/users/me").by(&ada).if_match("\"9\"").send().must_be(412);
    server.delete("/users/me").by(&admin).send().must_be(409);
    let (log, _) = stop_and_read_log(server);
    let done = log.iter().filter(|record| record["outcome"] == "success");
    let changes: Vec<_> = done.filter_map(|record| record["action"].as_str()).collect();
    assert!(!changes.contains(&"user_updated") && !changes.contains(&"user_deleted"), "{changes:?}");
}

/// Logs in to a server with these settings, sending these headers, and returns the audit record.
fn login_record(setup: Setup, headers: &[(&str, &str)]) -> Value {
    let server = setup.start();
    let Person { id, .. } = server.register("ada");
    let mut request = server.post("/auth/login").json(json!({ "login": "ada", "password": PASSWORD }));
    for (name, value) in headers {
        request = request.header(name, value);
    }
    request.send().must_be(200);
    let (log, _) = stop_and_read_log(server);
    record(&log, "logged_in", &id).clone()
}

#[test]
fn an_audit_record_has_the_request_id_and_the_peer_address() {
    let record =
        login_record(Setup::new(), &[("X-Request-Id", "audit-1"), ("X-Forwarded-For", "203.0.113.9")]);
    assert_eq!(record["request_id"], "audit-1");
    assert_eq!(record["ip"], "127.0.0.1", "no proxy is trusted");
}

#[test]
fn a_trusted_proxy_reports_the_client_and_the_last_untrusted_address_counts() {
    let setup = Setup::new().set("server.trusted_proxies", "127.0.0.0/8,10.0.0.0/8");
    let forwarded = [("X-Forwarded-For", "198.51.100.1, 203.0.113.9, 10.1.2.3")];
    assert_eq!(login_record(setup.clone(), &forwarded)["ip"], "203.0.113.9");
    assert_eq!(login_record(setup, &[])["ip"], "127.0.0.1");
}
