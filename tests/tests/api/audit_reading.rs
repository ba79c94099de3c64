//! GET /audit.

use roster_tests::{Person, Server, Setup, until};
use serde_json::{Value, json};

/// The records of a page, as `action outcome`.
fn message(page: &Value) -> Vec<String> {
    let word = |record: &Value, name: &str| record[name].as_str().unwrap().to_owned();
    let records = page["data"].as_array().unwrap().iter();
    records.map(|record| format!("{} {}", word(record, "action"), word(record, "outcome"))).collect()
}

fn user(id: &str) -> Value {
    json!({ "kind": "user", "id": id, "api_key": null })
}

fn asked(server: &Server, admin: &Person, query: &str) -> Value {
    server.get(&format!("/audit?{query}")).by(admin).send().must_be(200).json()
}

#[test]
fn an_auditor_sees_who_did_what_to_whom_newest_first() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    let request = server.patch(&ada.path()).by(&admin).header("X-Request-Id", "ticket-7");
    request.json(json!({ "display_name": "Ada" })).send().must_be(200);
    let page = asked(&server, &admin, "");
    assert_eq!(message(&page)[..3], ["user_updated success", "logged_in success", "user_created success"]);
    let newest = &page["data"][0];
    assert_eq!(newest["actor"], user(&admin.id));
    assert_eq!((&newest["target"], &newest["changed"]), (&user(&ada.id), &json!(["display_name"])));
    assert_eq!((&newest["ip"], &newest["request_id"]), (&json!("127.0.0.1"), &json!("ticket-7")));
    assert_eq!(page["data"][1]["actor"], user(&ada.id), "whoever showed the password");
    assert_eq!(page["data"][2]["actor"], json!({ "kind": "anonymous", "id": null, "api_key": null }));
    let first = page["data"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&first["ip"], &first["request_id"], &first["changed"]),
        (&json!(null), &json!(null), &json!([]))
    );
}

#[test]
fn it_takes_the_permission() {
    let server = Server::start();
    let ada = server.register("ada");
    server.get("/audit").send().refused(401, "authentication_required");
    server.get("/audit").by(&ada).send().refused(403, "permission_denied");
    server.get("/audit?nonsense=1").by(&ada).send().refused(403, "permission_denied");
}

#[test]
fn a_filter_picks_what_it_says() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    server.try_log_in("ada", "not this one").must_be(401);
    server.patch("/users/me").by(&ada).json(json!({ "display_name": "A" })).send().must_be(200);
    let at = asked(&server, &admin, "action=user_updated")["data"][0]["at"].as_str().unwrap().to_owned();
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
        assert_eq!(message(&asked(&server, &admin, query)), expected, "{query}");
    }
}

#[test]
fn a_session_and_a_key_for_access_tokens_are_targets_too() {
    let server = Setup::new().without("JWT_SECRET").start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    server.post("/auth/logout").by(&ada).send().must_be(204);
    let session = asked(&server, &admin, "action=session_revoked")["data"][0]["session"].clone();
    let query = format!("target={}", session.as_str().unwrap());
    assert_eq!(message(&asked(&server, &admin, &query)), ["session_revoked success", "logged_in success"]);
    let kid = until("the key in the log", || {
        let page = asked(&server, &admin, "action=key_generated");
        page["data"][0]["signing_key"].as_str().map(str::to_owned)
    });
    let query = format!("target={kid}&action=key_generated");
    assert_eq!(message(&asked(&server, &admin, &query)), ["key_generated success"]);
}

#[test]
fn pages_lead_on_by_cursor_and_by_link_whatever_is_added() {
    let server = Server::start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    for name in ["A", "B", "C", "D", "E"] {
        server.patch("/users/me").by(&ada).json(json!({ "display_name": name })).send().must_be(200);
    }
    let all = asked(&server, &admin, "limit=1000");
    let all: Vec<_> = all["data"].as_array().unwrap().iter().map(|record| record["id"].clone()).collect();
    let (mut path, mut seen) = ("/audit?limit=2".to_owned(), Vec::new());
    loop {
        let answer = server.get(&path).by(&admin).send().must_be(200);
        let page = answer.json();
        seen.extend(page["data"].as_array().unwrap().iter().map(|record| record["id"].clone()));
        server.patch("/users/me").by(&ada).json(json!({ "display_name": "later" })).send().must_be(200);
        assert_eq!(page["has_more"], answer.header("Link").is_some());
        let Some(link) = answer.header("Link") else { break };
        assert!(link.contains(page["next_cursor"].as_str().unwrap()), "{link}");
        path = link.split_once('>').unwrap().0.trim_start_matches('<').to_owned();
    }
    assert_eq!(seen, all);
}

#[test]
fn a_cursor_goes_with_its_filter_only() {
    let server = Server::start();
    let admin = server.admin();
    let _ = server.register("ada");
    let cursor =
        asked(&server, &admin, "limit=1&outcome=success")["next_cursor"].as_str().unwrap().to_owned();
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
        server.get(&format!("/audit?{query}")).by(&admin).send().refused(400, "cursor_invalid");
    }
    server.get(&format!("/users?cursor={cursor}")).by(&admin).send().refused(400, "cursor_invalid");
}

#[test]
fn every_bad_parameter_is_told_at_once_and_the_known_ones_too() {
    let server = Server::start();
    let admin = server.admin();
    let bad = "actor=&target=&action=x&outcome=y&from=yesterday&to=2026-13-01T00:00:00Z&ip=10.0.0.0%2F8&include=x&limit=0&user=1";
    let answer = server.get(&format!("/audit?{bad}")).by(&admin).send().refused(400, "unknown_parameter");
    let faults = answer.faults();
    for fault in [
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
        assert!(faults.contains(&(fault.0.to_owned(), fault.1.to_owned())), "{fault:?} in {faults:?}");
    }
    assert!(answer.text().contains(
        "known parameters are actor, target, action, outcome, from, to, ip, include, limit, cursor"
    ));
}

#[test]
fn a_plus_that_the_query_made_a_space_is_told() {
    let server = Server::start();
    let admin = server.admin();
    let ask = |from: &str| server.get(&format!("/audit?from={from}")).by(&admin).send();
    let answer = ask("2026-11-01T00:00:00+01:00").refused(400, "parameter_invalid");
    assert!(answer.json()["errors"][0]["message"].as_str().unwrap().contains("%2B"), "{}", answer.summary());
    ask("2026-11-01T00:00:00%2B01:00").must_be(200);
    let answer = ask("2026-11-31").refused(400, "parameter_invalid");
    assert!(
        answer.json()["errors"][0]["message"].as_str().unwrap().contains("RFC 3339"),
        "{}",
        answer.summary()
    );
}

#[test]
fn what_was_done_is_there_after_a_snapshot_a_kill_and_a_restart() {
    let mut server = Server::start();
    let admin = server.admin();
    let _ = server.register("ada");
    let before = message(&asked(&server, &admin, ""));
    server.kill();
    server.restart();
    let after = message(&asked(&server, &admin, ""));
    assert_eq!(after, before, "from the journal");
    assert!(server.stop().success());
    server.restart();
    assert_eq!(message(&asked(&server, &admin, "")), before, "from the file");
}

#[test]
fn a_person_who_is_gone_leaves_records_and_nothing_else() {
    let server = Setup::new().start();
    let (admin, ada) = (server.admin(), server.register("ada"));
    server.delete(&ada.path()).by(&admin).send().must_be(204);
    let page = server.get(&format!("/audit?target={}", ada.id)).by(&admin).send().must_be(200);
    assert_eq!(message(&page.json()), ["user_deleted success", "logged_in success", "user_created success"]);
    assert!(!page.text().contains("ada@"), "{}", page.text());
}
