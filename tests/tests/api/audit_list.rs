//! GET /audit.

use roster_tests::{Person, Server, Setup, wait_for};
use serde_json::{Value, json};

/// The records of a page as `action outcome`.
fn summaries(page: &Value) -> Vec<String> {
    let word = |record: &Value, name: &str| record[name].as_str().unwrap().to_owned();
    let records = page["data"].as_array().unwrap().iter();
    records.map(|record| format!("{} {}", word(record, "action"), word(record, "outcome"))).collect()
}

fn user(id: &str) -> Value {
    json!({ "kind": "user", "id": id, "api_key": null })
}

fn list_records(server: &Server, admin: &Person, query: &str) -> Value {
    server.get(&format!("/audit?{query}")).by(admin).send().must_be(200).json()
}

#[test]
fn an_auditor_lists_records_newest_first() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    let request = server.patch(&ada.path()).by(&admin).header("X-Request-Id", "ticket-7");
    request.json(json!({ "display_name": "Ada" })).send().must_be(200);
    let page = list_records(&server, &admin, "");
    assert_eq!(summaries(&page)[..3], ["user_updated success", "logged_in success", "user_created success"]);
    let newest = &page["data"][0];
    assert_eq!(newest["actor"], user(&admin.id));
    assert_eq!((&newest["target"], &newest["changed"]), (&user(&ada.id), &json!(["display_name"])));
    assert_eq!((&newest["ip"], &newest["request_id"]), (&json!("127.0.0.1"), &json!("ticket-7")));
    assert_eq!(page["data"][1]["actor"], user(&ada.id), "the user who logged in");
    assert_eq!(page["data"][2]["actor"], json!({ "kind": "anonymous", "id": null, "api_key": null }));
    let first = page["data"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&first["ip"], &first["request_id"], &first["changed"]),
        (&json!(null), &json!(null), &json!([]))
    );
}

#[test]
fn reading_the_audit_log_requires_audit_read() {
    let server = Server::start();
    let ada = server.register("ada");
    server.get("/audit").send().must_be_problem(401, "authentication_required");
    server.get("/audit").by(&ada).send().must_be_problem(403, "permission_denied");
    server.get("/audit?nonsense=1").by(&ada).send().must_be_problem(403, "permission_denied");
}

#[test]
fn each_filter_returns_only_matching_records() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    server.try_log_in("ada", "not this one").must_be(401);
    wait_for("the failed login, which is written after the response", || {
        let page = list_records(&server, &admin, "outcome=bad_credentials");
        page["data"].as_array().is_some_and(|records| !records.is_empty()).then_some(())
    });
    server.patch("/users/me").by(&ada).json(json!({ "display_name": "A" })).send().must_be(200);
    let at =
        list_records(&server, &admin, "action=user_updated")["data"][0]["at"].as_str().unwrap().to_owned();
    let by_ada = format!("actor={}", ada.id);
    for (query, expected) in [
        (by_ada.as_str(), &["user_updated success", "logged_in success"][..]),
        ("outcome=bad_credentials", &["logged_in bad_credentials"]),
        (&format!("target={}&action=user_created", ada.id), &["user_created success"]),
        ("actor=anonymous&action=user_created", &["user_created success"]),
        (&format!("from={at}"), &["user_updated success"]),
        (&format!("to={at}&outcome=bad_credentials"), &["logged_in bad_credentials"]),
        (&format!("to={at}&action=user_updated"), &[]),
        ("ip=%3A%3Affff%3A127.0.0.1&action=user_updated", &["user_updated success"]),
        ("ip=192.0.2.1", &[]),
        ("actor=operator", &[]),
        ("from=2100-01-01T00:00:00Z", &[]),
        ("from=2100-01-01", &[]),
        ("from=2020-01-01&to=2100-01-01&action=user_updated", &["user_updated success"]),
    ] {
        assert_eq!(summaries(&list_records(&server, &admin, query)), expected, "{query}");
    }
}

#[test]
fn sessions_and_signing_keys_can_be_filtered_as_targets() {
    let server = Setup::new().without("JWT_SECRET").start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    server.post("/auth/logout").by(&ada).send().must_be(204);
    let session = list_records(&server, &admin, "action=session_revoked")["data"][0]["session"].clone();
    let query = format!("target={}", session.as_str().unwrap());
    assert_eq!(
        summaries(&list_records(&server, &admin, &query)),
        ["session_revoked success", "logged_in success"]
    );
    let kid = wait_for("the key in the audit log", || {
        let page = list_records(&server, &admin, "action=key_generated");
        page["data"][0]["signing_key"].as_str().map(str::to_owned)
    });
    let query = format!("target={kid}&action=key_generated");
    assert_eq!(summaries(&list_records(&server, &admin, &query)), ["key_generated success"]);
}

#[test]
fn cursors_and_links_stay_valid_while_records_are_added() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    for name in ["A", "B", "C", "D", "E"] {
        server.patch("/users/me").by(&ada).json(json!({ "display_name": name })).send().must_be(200);
    }
    let all = list_records(&server, &admin, "limit=1000");
    let all: Vec<_> = all["data"].as_array().unwrap().iter().map(|record| record["id"].clone()).collect();
    let (mut path, mut seen) = ("/audit?limit=2".to_owned(), Vec::new());
    loop {
        let response = server.get(&path).by(&admin).send().must_be(200);
        let page = response.json();
        seen.extend(page["data"].as_array().unwrap().iter().map(|record| record["id"].clone()));
        server.patch("/users/me").by(&ada).json(json!({ "display_name": "later" })).send().must_be(200);
        assert_eq!(page["has_more"], response.header("Link").is_some());
        let Some(link) = response.header("Link") else { break };
        assert!(link.contains(page["next_cursor"].as_str().unwrap()), "{link}");
        path = link.split_once('>').unwrap().0.trim_start_matches('<').to_owned();
    }
    assert_eq!(seen, all);
}

#[test]
fn an_audit_cursor_is_only_valid_with_its_filter() {
    let server = Server::start();
    let admin = server.admin();
    let _ = server.register("ada");
    let cursor =
        list_records(&server, &admin, "limit=1&outcome=success")["next_cursor"].as_str().unwrap().to_owned();
    server.get(&format!("/audit?limit=3&outcome=success&cursor={cursor}")).by(&admin).send().must_be(200);
    let users = server.get("/users?limit=1").by(&admin).send().must_be(200).json();
    let users = users["next_cursor"].as_str().unwrap().to_owned();
    for query in [
        format!("cursor={cursor}"),
        format!("outcome=success&actor=system&cursor={cursor}"),
        format!("outcome=success&cursor=x{cursor}"),
        format!("cursor={users}"),
        "cursor=".to_owned(),
    ] {
        server.get(&format!("/audit?{query}")).by(&admin).send().must_be_problem(400, "cursor_invalid");
    }
    server.get(&format!("/users?cursor={cursor}")).by(&admin).send().must_be_problem(400, "cursor_invalid");
}

#[test]
fn all_invalid_parameters_are_reported_together_with_the_known_ones() {
    let server = Server::start();
    let admin = server.admin();
    let bad = "actor=&target=&action=x&outcome=y&from=yesterday&to=2026-13-01T00:00:00Z&ip=10.0.0.0%2F8&include=x&limit=0&user=1";
    let response =
        server.get(&format!("/audit?{bad}")).by(&admin).send().must_be_problem(400, "unknown_parameter");
    let errors = response.errors();
    for error in [
        ("actor", "actor_invalid"),
        ("target", "id_invalid"),
        ("action", "action_invalid"),
        ("outcome", "outcome_invalid"),
        ("from", "time_invalid"),
        ("to", "time_invalid"),
        ("ip", "ip_invalid"),
        ("include", "include_invalid"),
        ("limit", "limit_invalid"),
        ("user", "unknown_parameter"),
    ] {
        assert!(errors.contains(&(error.0.to_owned(), error.1.to_owned())), "{error:?} in {errors:?}");
    }
    assert!(response.text().contains(
        "known parameters are actor, target, action, outcome, from, to, ip, include, limit, cursor"
    ));
}

#[test]
fn a_plus_sign_decoded_as_a_space_is_reported() {
    let server = Server::start();
    let admin = server.admin();
    let list_from = |from: &str| server.get(&format!("/audit?from={from}")).by(&admin).send();
    let response = list_from("2026-11-01T00:00:00+01:00").must_be_problem(400, "parameter_invalid");
    assert!(
        response.json()["errors"][0]["message"].as_str().unwrap().contains("%2B"),
        "{}",
        response.summary()
    );
    list_from("2026-11-01T00:00:00%2B01:00").must_be(200);
    let response = list_from("2026-11-31").must_be_problem(400, "parameter_invalid");
    assert!(
        response.json()["errors"][0]["message"].as_str().unwrap().contains("RFC 3339"),
        "{}",
        response.summary()
    );
}

#[test]
fn audit_records_survive_a_snapshot_a_kill_and_a_restart() {
    let mut server = Server::start();
    let admin = server.admin();
    let _ = server.register("ada");
    let before = summaries(&list_records(&server, &admin, ""));
    server.kill();
    server.restart();
    let after = summaries(&list_records(&server, &admin, ""));
    assert_eq!(after, before, "read from the journal");
    assert!(server.stop().success());
    server.restart();
    assert_eq!(summaries(&list_records(&server, &admin, "")), before, "read from the file");
}

#[test]
fn only_audit_records_remain_of_a_deleted_user() {
    let server = Setup::new().start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    server.delete(&ada.path()).by(&admin).send().must_be(204);
    let page = server.get(&format!("/audit?target={}", ada.id)).by(&admin).send().must_be(200);
    assert_eq!(
        summaries(&page.json()),
        ["user_deleted success", "logged_in success", "user_created success"]
    );
    assert!(!page.text().contains("ada@"), "{}", page.text());
}
